"""What a chapter is made of, prose aside: the part that both editions must share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypandoc

ROOT = Path(__file__).resolve().parents[2]
CAPTIONS = re.compile(r"^#\| (fig-cap|fig-alt|tbl-cap):.*\n", re.MULTILINE)
LANGUAGE = re.compile(r'chapters/(es|en)/|index(\.en)?\.qmd|language="(es|en)"')
CITATION = "citation"
FOREIGN = re.compile(r"\[([^]]*)\]\{lang=(\w+)\}")  # [zero padding]{lang=en}


@dataclass(frozen=True)
class Item:
    """One piece of structure, and the heading under which it stands."""

    kind: str
    value: str
    section: str

    def __str__(self) -> str:
        return f"{self.kind} {self.value!r} under {self.section!r}"


def pairs() -> list[tuple[Path, Path]]:
    """Every Spanish page with the path its English twin must have."""
    spanish = sorted((ROOT / "chapters/es").glob("*.qmd"))
    twins = [(page, ROOT / "chapters/en" / page.name) for page in spanish]
    return [(ROOT / "index.qmd", ROOT / "index.en.qmd"), *twins]


def syntax_tree(source: str) -> list[Any]:
    """Pandoc's blocks of a page; a cell becomes a code block of class `cell`."""
    source = re.sub(r"\A---\n.*?\n---\n", "", source, flags=re.DOTALL)
    source = source.replace("```{python}", "``` {.cell}")
    return json.loads(pypandoc.convert_text(source, "json", "markdown"))["blocks"]


def same_in_both(text: str) -> str:
    """Take the language out of an address or a call, and captions out of a cell."""
    return CAPTIONS.sub("", LANGUAGE.sub("", text))


def outline(source: str) -> list[Item]:
    """List headings, labels, cells, equations, callouts, links, citations, tables, in order."""
    items: list[Item] = []
    section = "(start)"
    for kind, value in _walk(syntax_tree(source)):
        if kind.startswith("heading"):
            section = value or section
        items.append(Item(kind, same_in_both(value), section))
    return items


def _walk(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for child in node:
            yield from _walk(child)
        return
    if not isinstance(node, dict):
        return
    kind, content = node.get("t"), node.get("c")
    match kind:
        case "Header":
            level, (identifier, classes, _), _inlines = content
            # Titles of callouts are headings without a label of their own in either language;
            # Pandoc makes an identifier from their words, which is prose.
            own = identifier if identifier.startswith("sec-") else ""
            yield f"heading {level}", " ".join([own, *classes]).strip()
        case "CodeBlock":
            (identifier, classes, _), code = content
            yield ("cell" if "cell" in classes else "code"), f"{identifier}\n{code}"
        case "Div":
            (identifier, classes, attributes), _blocks = content
            yield "block", f"{identifier} {classes} {attributes}"
        case "Span":
            (identifier, classes, _), _inlines = content
            if identifier:
                yield "label", f"{identifier} {classes}"
        case "Math":
            style, formula = content
            if style["t"] == "DisplayMath":
                yield "equation", re.sub(r"\\text\{[^}]*\}", r"\\text{}", formula)
        case "Cite":
            for citation in content[0]:
                yield CITATION, citation["citationId"]
            return  # its inlines are the text of the citation again
        case "Link":
            yield "link", content[2][0]
        case "Image":
            yield "image", content[2][0]
        case "Table":
            (identifier, *_), _caption, columns, _head, bodies, _foot = content
            rows = sum(len(body[3]) for body in bodies)
            yield "table", f"{identifier} {len(columns)} columns, {rows} rows"
    if content is not None:
        yield from _walk(content)


def differences(spanish: str, english: str) -> list[str]:
    """Say in words what one edition has that the other has not."""
    here, there = outline(spanish), outline(english)
    found: list[str] = []
    # Citations and links may change places inside a paragraph: languages order clauses differently.
    movable = (CITATION, "link")
    for kind in movable:
        mine = sorted(item.value for item in here if item.kind == kind)
        theirs = sorted(item.value for item in there if item.kind == kind)
        found += [f"only in Spanish: {kind} {v!r}" for v in _extra(mine, theirs)]
        found += [f"only in English: {kind} {v!r}" for v in _extra(theirs, mine)]
    fixed_here = [item for item in here if item.kind not in movable]
    fixed_there = [item for item in there if item.kind not in movable]
    for a, b in zip(fixed_here, fixed_there, strict=False):
        if (a.kind, a.value) != (b.kind, b.value):
            found.append(f"the Spanish page has {a}, the English page has {b}")
            break
    else:
        if len(fixed_here) != len(fixed_there):
            longer, more = max(
                ("Spanish", fixed_here), ("English", fixed_there), key=lambda pair: len(pair[1])
            )
            first = more[min(len(fixed_here), len(fixed_there))]
            found.append(f"only the {longer} page goes on with {first}")
    return found


def _extra(some: list[str], others: list[str]) -> list[str]:
    left = list(others)
    extra: list[str] = []
    for value in some:
        if value in left:
            left.remove(value)
        else:
            extra.append(value)
    return extra


def prose(source: str) -> str:
    """Return the words of the page's own language: no code, formulas, addresses or labels."""
    captions = " ".join(re.findall(r'^#\| (?:fig-cap|fig-alt|tbl-cap): "(.*)"', source, re.M))
    source = re.sub(r"\A---\n.*?\n---\n", "", source, flags=re.DOTALL)
    source = re.sub(r"```.*?```", "", source, flags=re.DOTALL) + captions
    source = re.sub(r"\$\$.*?\$\$", "", source, flags=re.DOTALL)
    source = FOREIGN.sub(" ", source)
    source = re.sub(r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)|<https?[^>]*>", " ", source)
    return re.sub(r"@[\w-]+|\{[^}]*\}", " ", source)

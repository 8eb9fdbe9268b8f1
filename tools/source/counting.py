"""Counting what is numbered in one chapter, and listing what it says of the others.

Numbers are the chapter's own: `2.1` in it is `1` here, until `numbering` knows which one it is.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import panflute as pf

from tools.source import pandoc
from tools.source.chapters import Chapter
from tools.source.places import line_of

KINDS = ("fig", "tbl", "eq", "exr", "sec")
LABEL = re.compile(rf"(?i:({'|'.join(KINDS)}))-.+")
EQUATION = re.compile(r"^\{#(eq-[\w-]+)\}")


@dataclass
class Draft:
    """A chapter as it is before it knows the others."""

    files: dict[str, bytes]
    tree: str = ""
    title: list[Any] = field(default_factory=list)
    plain_title: str = ""
    identifier: str = ""
    numbered: bool = True
    labels: list[tuple[str, str, str]] = field(default_factory=list)  # label, kind, number
    anchors: set[str] = field(default_factory=set)
    # What the chapter refers to, and where.
    references: dict[str, int] = field(default_factory=dict)
    links: dict[str, int] = field(default_factory=dict)
    cited: dict[str, int] = field(default_factory=dict)
    citations: list[Any] = field(default_factory=list)
    has_bibliography: bool = False


def count(chapter: Chapter, tree: pf.Doc, files: dict[str, bytes]) -> Draft:
    """Count what is numbered in a chapter, list what it refers to, and take its title off."""
    draft = Draft(files)
    counter = Counter(chapter, draft)
    first = tree.content[0] if tree.content else None
    if isinstance(first, pf.Header) and first.level == 1:
        draft.title = pandoc.to_json(first.content)
        draft.plain_title = pandoc.plain(first)
        draft.identifier = first.identifier
        draft.numbered = "unnumbered" not in first.classes
        if first.identifier.startswith("sec-"):
            draft.labels.append((first.identifier, "sec", ""))
        counter.first = first
        first.walk(counter.change)
        tree.content.pop(0)
    else:
        chapter.problem("a chapter begins with its one level-1 heading", r"\S")
    tree.walk(counter.change)
    draft.tree = pandoc.dump(tree)
    return draft


class Counter:
    """Gives headings, figures, tables, equations and exercises their numbers in one chapter."""

    def __init__(self, chapter: Chapter, draft: Draft) -> None:
        self.chapter, self.draft = chapter, draft
        self.first: pf.Element | None = None  # the chapter's own heading
        self.counts = dict.fromkeys(KINDS, 0)
        self.sections = [0] * 7

    def change(self, element: pf.Element, _: pf.Doc) -> None:
        """Count one element, and note what it refers to."""
        if identifier := getattr(element, "identifier", ""):
            self.anchor(element, identifier)
        match element:
            case pf.Header() if element.level > 1:
                self.heading(element)
            case pf.Header() if self.draft.title and element is not self.first:
                self.problem(element, "a chapter has one level-1 heading, and this is the second")
            case pf.Figure() | pf.Table() if element.identifier:
                self.caption(element)
            case pf.Div() if "exercise" in element.classes:
                element.attributes["number"] = self.next(element.identifier, "exr")
            case pf.Div() if element.identifier == "refs":
                self.draft.has_bibliography = True
            case pf.Para() | pf.Plain():
                self.equations(element)
            case pf.Cite():
                self.citation(element)
            case pf.Link():
                place = line_of(self.chapter, element, re.escape(element.url))
                self.draft.links.setdefault(element.url, place)

    def problem(self, element: pf.Element, message: str, *wanted: str) -> None:
        """Note a problem with an element."""
        self.chapter.problem(message, line=line_of(self.chapter, element, *wanted))

    def anchor(self, element: pf.Element, name: str) -> None:
        """Enter the name of a place; a second one of the same name is a problem."""
        if name in self.draft.anchors:
            wanted = rf"(#|label:\s*){re.escape(name)}(?!-?\w)"
            line = line_of(self.chapter, element, wanted, last=True)
            self.chapter.problem(f"this label is here twice: {name}", line=line)
        self.draft.anchors.add(name)

    def next(self, label: str, kind: str) -> str:
        """Return the next number of a kind in this chapter and enter its label."""
        self.counts[kind] += 1
        self.draft.labels.append((label, kind, str(self.counts[kind])))
        return str(self.counts[kind])

    def heading(self, header: pf.Header) -> None:
        """Give a number to a heading below the chapter's."""
        number = ""
        if self.draft.numbered and "unnumbered" not in header.classes:
            self.sections[header.level] += 1
            self.sections[header.level + 1 :] = [0] * (6 - header.level)
            number = ".".join(map(str, self.sections[2 : header.level + 1]))
            header.attributes["number"] = number
        if header.identifier.startswith("sec-"):
            self.draft.labels.append((header.identifier, "sec", number))

    def caption(self, element: pf.Figure | pf.Table) -> None:
        """Give a labeled figure or table its number."""
        kind = "fig" if isinstance(element, pf.Figure) else "tbl"
        label = element.identifier
        if not label.startswith(f"{kind}-"):
            self.problem(element, f"the label should begin with {kind}-: {label}", f"#{label}")
        elif not element.caption.content:
            self.problem(element, f"{label} has no caption", label)
        else:
            element.attributes["number"] = self.next(label, kind)

    def equations(self, block: pf.Para | pf.Plain) -> None:
        """Wrap labeled display equations in spans that carry their labels and numbers."""
        made: list[pf.Inline] = []
        for item in block.content:
            label = EQUATION.match(item.text) if isinstance(item, pf.Str) else None
            if label is None:
                made.append(item)
                continue
            while made and isinstance(made[-1], pf.Space | pf.SoftBreak):
                made.pop()
            if not made or not isinstance(made[-1], pf.Math) or made[-1].format != "DisplayMath":
                message = f"an equation's label follows its `$$`: {item.text}"
                self.problem(item, message, re.escape(item.text))
                continue
            number = {"number": self.next(label[1], "eq")}
            self.anchor(item, label[1])
            math = made.pop()
            made.append(pf.Span(math, identifier=label[1], classes=["equation"], attributes=number))
            if rest := item.text[label.end() :]:
                made.append(pf.Str(rest))
        block.content = made

    def citation(self, cite: pf.Cite) -> None:
        """Tell cross-references from citations, which Pandoc writes alike."""
        crossed = [c.id for c in cite.citations if LABEL.fullmatch(c.id)]
        for citation in cite.citations:
            where = line_of(self.chapter, cite, rf"@\{{?{re.escape(citation.id)}(?!-?\w)")
            known = self.draft.references if crossed else self.draft.cited
            known.setdefault(citation.id, where)
            if crossed and (citation.prefix or citation.suffix or "Sup" in citation.mode):
                message = f"a cross-reference takes no words: @{citation.id}"
                self.chapter.problem(message, line=where)
        if not crossed:
            self.draft.citations.append(cite.to_json())
        elif len(crossed) != len(cite.citations):
            message = f"@{crossed[0]} stands right before a citation: put a word in"
            self.problem(cite, message, f"@{re.escape(crossed[0])}")

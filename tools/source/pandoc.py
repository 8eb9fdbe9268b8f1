"""Pandoc as a function, and the few pieces of its JSON syntax tree that the renderer makes."""

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pypandoc

from tools.problems import BookError

Node = dict[str, Any]
Attr = list[Any]

PROGRAM = pypandoc.get_pandoc_path()


class PandocError(BookError):
    """Pandoc stopped; the message is what it said."""


def run(text: str, *args: str) -> tuple[str, list[str]]:
    """Give `text` to Pandoc; return what it wrote and its warnings."""
    done = subprocess.run([PROGRAM, *args], input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PandocError(done.stderr.strip())
    warnings = [part.strip() for part in done.stderr.split("[WARNING]") if part.strip()]
    return done.stdout, warnings


def document(blocks: list[Node], meta: dict[str, str] | None = None) -> str:
    """Return a whole Pandoc document as JSON."""
    values = {key: {"t": "MetaString", "c": value} for key, value in (meta or {}).items()}
    return json.dumps({"pandoc-api-version": api_version(), "meta": values, "blocks": blocks})


def api_version() -> list[int]:
    """Return the version of the syntax tree that this Pandoc speaks."""
    if not _API_VERSION:
        _API_VERSION.extend(
            json.loads(run("", "-f", "markdown", "-t", "json")[0])["pandoc-api-version"]
        )
    return _API_VERSION


_API_VERSION: list[int] = []


def walk(node: Any, change: Callable[[Node], Node | list[Node] | None]) -> Any:
    """Rebuild a tree from its leaves up; `change` returns None to keep, or what takes the place."""
    if isinstance(node, list):
        result: list[Any] = []
        for item in node:
            new = walk(item, change)
            if isinstance(item, dict) and "t" in item and isinstance(new, list):
                result.extend(new)
            else:
                result.append(new)
        return result
    if not isinstance(node, dict):
        return node
    rebuilt = {key: walk(value, change) if key != "t" else value for key, value in node.items()}
    if "t" not in rebuilt:
        return rebuilt
    changed = change(rebuilt)
    return rebuilt if changed is None else changed


def nodes(node: Any) -> Iterator[Node]:
    """Yield every element of a tree in reading order."""
    if isinstance(node, list):
        for item in node:
            yield from nodes(item)
    elif isinstance(node, dict):
        if "t" in node:
            yield node
        for value in node.values():
            yield from nodes(value)


def plain(node: Any) -> str:
    """Return the text of a tree without its markup."""
    parts: list[str] = []
    for item in nodes(node):
        match item["t"]:
            case "Str":
                parts.append(item["c"])
            case "Code" | "Math":
                parts.append(item["c"][1])
            case "CodeBlock":
                parts.append(f" {item['c'][1]} ")
            case "Space" | "SoftBreak" | "LineBreak":
                parts.append(" ")
            case "Para" | "Plain" | "Header":
                parts.append(" ")
            case _:
                pass
    return " ".join("".join(parts).split())


def attr(identifier: str = "", classes: list[str] | None = None, **pairs: str) -> Attr:
    """Return an attribute triple: identifier, classes, key-value pairs."""
    return [
        identifier,
        classes or [],
        [[key.replace("_", "-"), value] for key, value in pairs.items()],
    ]


def text(words: str) -> list[Node]:
    """Return a text as inlines; no-break spaces stay inside their word."""
    inlines: list[Node] = []
    for index, word in enumerate(words.split(" ")):
        if index:
            inlines.append({"t": "Space"})
        if word:
            inlines.append({"t": "Str", "c": word})
    return inlines


def plain_block(inlines: list[Node]) -> Node:
    """Return a block of text without a paragraph's space around it."""
    return {"t": "Plain", "c": inlines}


def para(inlines: list[Node]) -> Node:
    """Return a paragraph."""
    return {"t": "Para", "c": inlines}


def div(attributes: Attr, blocks: list[Node]) -> Node:
    """Return a division."""
    return {"t": "Div", "c": [attributes, blocks]}


def span(attributes: Attr, inlines: list[Node]) -> Node:
    """Return a span."""
    return {"t": "Span", "c": [attributes, inlines]}


def strong(inlines: list[Node]) -> Node:
    """Return strong text."""
    return {"t": "Strong", "c": inlines}


def raw(fmt: str, code: str) -> Node:
    """Return a block in the output's own language."""
    return {"t": "RawBlock", "c": [fmt, code]}


def raw_inline(fmt: str, code: str) -> Node:
    """Return inline text in the output's own language."""
    return {"t": "RawInline", "c": [fmt, code]}


def link(inlines: list[Node], target: str, classes: list[str] | None = None) -> Node:
    """Return a link."""
    return {"t": "Link", "c": [attr("", classes), inlines, [target, ""]]}


def image(source: str, alt: str, **pairs: str) -> Node:
    """Return an image with its text alternative."""
    return {"t": "Image", "c": [attr("", None, **pairs), text(alt), [source, ""]]}


def code_block(code: str, classes: list[str]) -> Node:
    """Return a listing."""
    return {"t": "CodeBlock", "c": [attr("", classes), code]}


def attributes(node: Node) -> tuple[str, list[str], dict[str, str]]:
    """Return identifier, classes and pairs of an element that carries them."""
    match node["t"]:
        case "Header":
            triple = node["c"][1]
        case "Div" | "Span" | "Link" | "Image" | "CodeBlock" | "Code" | "Figure" | "Table":
            triple = node["c"][0]
        case _:
            return "", [], {}
    return triple[0], triple[1], dict(triple[2])

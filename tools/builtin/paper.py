"""The PDF: all chapters of an edition as one Typst document, with Typst's own embedded fonts."""

import json
import re
import shutil
import tempfile
from pathlib import Path

import typst

from tools.languages import WORDS
from tools.problems import BookError
from tools.source import pandoc
from tools.source.config import Edition, clock
from tools.source.document import Document, complain, drawn_size
from tools.source.pandoc import Node

TEMPLATE = Path(__file__).parent / "paper.typ"
WRITER = ("-f", "json", "-t", "typst-citations", "--wrap=none")
TEXT_WIDTH = "16cm"
GLOBAL = re.compile(r"(sec|fig|tbl|eq|exr|ref)-")


def write(edition: Edition, documents: list[Document], target: Path, filters: list[str]) -> None:
    """Write an edition's PDF."""
    with tempfile.TemporaryDirectory(prefix="book-pdf-") as folder:
        work = Path(folder)
        shutil.copy(TEMPLATE, work)
        parts = [opening(edition)]
        part = None
        for document in documents:
            if document.chapter.page.part not in (None, part):
                parts.append(f"#part({quoted(document.chapter.page.part)})\n")
            part = document.chapter.page.part
            parts.append(chapter(edition, document, documents, filters))
            for name, content in document.files.items():
                path = work / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        (work / "main.typ").write_text("\n".join(parts), encoding="utf-8")
        try:
            _, warnings = typst.compile_with_warnings(
                work / "main.typ",
                output=target / edition.pdf,
                root=work,
                ignore_system_fonts=True,
                timestamp=clock(edition.root),
            )
        except typst.TypstError as error:
            raise BookError(
                f"{edition.pdf}:1: Typst: {error.message}\n{error.diagnostic}"
            ) from error
        for warning in warnings:
            raise BookError(f"{edition.pdf}:1: Typst: {warning.message}\n{warning.diagnostic}")


def quoted(text: str | None) -> str:
    """Return a Typst string."""
    return json.dumps(text or "", ensure_ascii=False)


def opening(edition: Edition) -> str:
    """Return the lines that set up the document."""
    words = WORDS[edition.lang]
    authors = "".join(f"{quoted(author)}, " for author in edition.authors)
    return (
        '#import "paper.typ": *\n'
        f"#show: book.with(title: {quoted(edition.title)}, subtitle: {quoted(edition.subtitle)}, "
        f"authors: ({authors}), lang: {quoted(edition.lang)}, "
        f"contents: {quoted(words['contents'])}, license: {quoted(words['license'])})\n"
    )


def chapter(
    edition: Edition, document: Document, documents: list[Document], filters: list[str]
) -> str:
    """Return one chapter as Typst."""
    shape = Shape(document, documents)
    classes = [] if document.number else ["unnumbered"]
    heading = {"t": "Header", "c": [1, [document.identifier, classes, []], document.title]}
    blocks = json.loads(json.dumps([heading, *document.blocks]))
    meta = {"lang": edition.lang, "app-format": "typst"}
    made, warnings = pandoc.run(
        pandoc.document(pandoc.walk(blocks, shape.change), meta), *WRITER, *filters
    )
    for warning in warnings:
        complain(document, warning)
    return made


class Shape:
    """Gives one chapter's blocks the form that the template expects."""

    def __init__(self, document: Document, documents: list[Document]) -> None:
        self.document = document
        self.pages = {d.source: d for d in documents}

    def change(self, node: Node) -> Node | list[Node] | None:
        """Shape one element."""
        match node["t"]:
            case "Header":
                level, (identifier, classes, pairs), inlines = node["c"]
                numbered = level == 1 or "number" in dict(pairs)
                classes = classes if numbered else [*{*classes, "unnumbered"}]
                name = self.label(self.document, identifier)
                return {"t": "Header", "c": [level, [name, classes, []], inlines]}
            case "Div":
                return self.division(node)
            case "Span":
                return self.span(node)
            case "Link":
                target = node["c"][2][0]
                if target.startswith("book:"):
                    source, _, fragment = target.removeprefix("book:").partition("#")
                    document = self.pages[source]
                    name = self.label(document, fragment or document.identifier)
                    node["c"][2][0] = f"#{name}"
            case "Image":
                return self.image(node)
            case _:
                pass
        return None

    def label(self, document: Document, identifier: str) -> str:
        """Return a label that is unique in the whole book."""
        if not identifier or GLOBAL.match(identifier):
            return identifier
        return f"{document.chapter.page.stem}--{identifier}"

    def span(self, node: Node) -> Node | list[Node] | None:
        """Shape a numbered equation; keep names to link to."""
        identifier, classes, pairs = pandoc.attributes(node)
        if "equation" in classes:
            start = f'#[#set math.equation(numbering: _ => "({pairs["number"]})")\n'
            return [
                pandoc.raw_inline("typst", start),
                *node["c"][1],
                pandoc.raw_inline("typst", f" <{identifier}>]"),
            ]
        node["c"][0][0] = self.label(self.document, identifier)
        return None

    def image(self, node: Node) -> Node:
        """Show an image at its own size, or as wide as the text."""
        (_, _, pairs), alt, (target, _) = node["c"]
        name = target.removeprefix("book:")
        content = self.document.files.get(name, b"")
        size = dict(pairs).get("width", "")
        if re.fullmatch(r"[\d.]+(pt|cm|mm|in)", size) is None:
            drawn = drawn_size(content)
            size = f"{drawn[0] * 0.75:g}pt" if drawn else TEXT_WIDTH
        return pandoc.raw_inline(
            "typst", f'#picture("/{name}", {size}, {quoted(pandoc.plain(alt))})'
        )

    def division(self, node: Node) -> Node | list[Node] | None:
        """Shape callouts, exercises and outputs; drop what only pages show."""
        identifier, classes, pairs = pandoc.attributes(node)
        blocks = node["c"][1]
        if "lang" in pairs:
            start = f"#[#set text(lang: {quoted(pairs['lang'])})"
            return [pandoc.raw("typst", start), *blocks, pandoc.raw("typst", "]")]
        if "only-html" in classes:
            return []
        if {"only-pdf", "cell", "cell-output", "picture"} & set(classes):
            return blocks
        if "callout" in classes or "exercise" in classes:
            title = blocks[0]["c"][1]
            name = (
                "exercise("
                if "exercise" in classes
                else f'callout("{classes[1].removeprefix("callout-")}", '
            )
            label = f" <{self.label(self.document, identifier)}>" if identifier else ""
            return [
                pandoc.raw("typst", f"#{name}["),
                *title,
                pandoc.raw("typst", "], ["),
                *blocks[1:],
                pandoc.raw("typst", f"]){label}"),
            ]
        node["c"][0][0] = self.label(self.document, identifier)
        return None

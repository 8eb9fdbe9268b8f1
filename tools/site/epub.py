"""An EPUB 3 of each edition: from the chapters that both renderers prepare, by Pandoc alone."""

import re
import tempfile
from pathlib import Path

import panflute as pf

from tools.builtin.paper import label
from tools.problems import Problems
from tools.source import pandoc
from tools.source.config import Edition
from tools.source.document import FILE
from tools.source.kept import Kept
from tools.source.numbering import PAGE, PLACE
from tools.source.prepare import FILTERS, Prepared

HERE = Path(__file__).parent
COVER = "docs/cover/book-{lang}.png"
WITHOUT_D = re.compile(rb"<path (?![^>]*\bd=)")  # Matplotlib's outline of a space is none at all
APP = {"name", "state", "height"}  # what an application is told by
WRITER = ("-t", "epub3", "--mathml", "--split-level=1", "--toc", "--toc-depth=2", *FILTERS)


def name(edition: Edition) -> str:
    """Return the name of an edition's EPUB: that of its PDF."""
    return f"{edition.pdf.removesuffix('.pdf')}.epub"


def write(
    edition: Edition, chapters: list[Prepared], target: Path, kept: Kept, problems: Problems
) -> None:
    """Write an edition's EPUB into its folder of the site."""
    made_from = [chapter.made_from for chapter in chapters]
    content = kept.make(lambda: content_of(edition, chapters), "epub", made_from, problems=problems)
    (target / edition.folder / name(edition)).write_bytes(content)


def content_of(edition: Edition, chapters: list[Prepared]) -> bytes:
    """Let Pandoc put the chapters together."""
    blocks: list[pf.Block] = []
    with tempfile.TemporaryDirectory() as folder:
        for chapter in chapters:
            for file, content in chapter.draft.files.items():
                path = Path(folder, file)
                path.parent.mkdir(parents=True, exist_ok=True)
                drawn = path.suffix == ".svg"
                path.write_bytes(WITHOUT_D.sub(b'<path d="" ', content) if drawn else content)
            tree = chapter.tree()
            title = tree.content.pop(0)
            if number := chapter.view.number:
                title.content = [pf.Str(str(number)), pf.Space(), *title.content]
            identifier = chapter.draft.identifier
            tree.content.insert(0, pf.Header(*title.content, level=1, identifier=identifier))
            tree.walk(Shape(chapter, folder).change)
            blocks += tree.content
        whole = pf.Doc(
            *blocks,
            metadata={
                "title": edition.title,
                "subtitle": edition.subtitle,
                "author": pf.MetaList(*(pf.MetaString(name) for name in edition.authors)),
                "lang": edition.lang,
                "rights": edition.words["license"],
                "app-format": "epub",
                "site-root": "",
                # Not drawn anew at each build: an edition stays the same book to a reader's shelf.
                "identifier": f"cnnlayers-{edition.lang}",
            },
        )
        cover = edition.root / COVER.format(lang=edition.lang)
        options = [f"--epub-cover-image={cover}"] if cover.is_file() else []
        out = Path(folder, "book.epub")
        _, warnings = pandoc.write(
            whole, *WRITER, *options, f"--css={HERE / 'epub.css'}", "-o", str(out),
            root=edition.root,
        )  # fmt: skip
        for warning in warnings:
            chapters[0].complain([warning])
        return out.read_bytes()


class Shape:
    """Gives a chapter's blocks the form that a reading device shows."""

    def __init__(self, prepared: Prepared, folder: str) -> None:
        self.folder, self.page = folder, prepared.page.output

    def change(self, element: pf.Element, _: pf.Doc) -> pf.Element | list[pf.Element] | None:
        """Shape one element."""
        match element:
            case pf.Header():
                if number := element.attributes.pop("number", None):
                    element.content = [pf.Str(number), pf.Space(), *element.content]
            case pf.Div() if "only-html" in element.classes:
                return []
            case pf.Div() if {"callout", "exercise"} & set(element.classes):
                title = element.content[0]
                title.classes = ["title"]
                element.attributes = {}
            case pf.Div() if "lang" not in element.attributes:
                element.attributes = {k: v for k, v in element.attributes.items() if k in APP}
            case pf.Span() if "equation" in element.classes:
                number = element.attributes.pop("number")
                element.content.append(pf.Str(f" ({number})"))
            case pf.Link() if element.url.startswith((PAGE, PLACE)):
                output, _, fragment = element.url.partition(":")[2].partition("#")
                element.url = f"#{label(output, fragment)}"
            case pf.Image():
                element.url = str(Path(self.folder, element.url.removeprefix(FILE)))
                element.attributes = {}
            case pf.Figure() if element.identifier:
                # Pandoc finds the chapter of what a link leads to, but not that of a figure.
                name, element.identifier = element.identifier, ""
                return pf.Div(element, identifier=name)
            case pf.RawBlock() | pf.RawInline() if element.format == "html":
                return []
        if getattr(element, "identifier", ""):
            element.identifier = label(self.page, element.identifier)
        return None

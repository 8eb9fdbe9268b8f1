"""The PDF: all chapters of an edition as one Typst document, with Typst's own embedded fonts."""

import copy
import json
import math
import re
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath

import panflute as pf
import typst

from tools.problems import BookError, Problems
from tools.source import pandoc
from tools.source.config import Edition, fixed
from tools.source.document import FILE
from tools.source.kept import Kept, digest
from tools.source.numbering import PAGE, PLACE
from tools.source.packing import packed
from tools.source.prepare import FILTERS, Prepared

TEMPLATES = Path(__file__).parent / "paper.typ", Path(__file__).parents[1] / "exercises.typ"
WRITER = ("-t", "typst-citations", *FILTERS)
TEXT_WIDTH = "16cm"
STANDARD = "ua-1"  # PDF/UA: Typst refuses a picture or a formula that a screen reader cannot say
MOST_LINES = 20  # of a cell that stays on one page with what it prints
GLOBAL = re.compile(r"(sec|fig|tbl|eq|exr|ref)-")


def text(prepared: Prepared) -> str:
    """Return a chapter as Typst."""
    tree = prepared.tree()
    title = tree.content.pop(0)
    classes = [] if prepared.view.number else ["unnumbered"]
    identifier = prepared.draft.identifier
    tree.content.insert(
        0, pf.Header(*title.content, level=1, identifier=identifier, classes=classes)
    )
    tree.walk(Shape(prepared).change)
    tree.metadata = pf.MetaMap(**{"lang": prepared.edition.lang, "app-format": "typst"})
    written, warnings = pandoc.write(tree, *WRITER, root=prepared.edition.root)
    prepared.complain(warnings)
    return written


def write(
    edition: Edition,
    chapters: list[Prepared],
    target: Path,
    kept: Kept,
    problems: Problems,
    say: Callable[[str], None],
) -> None:
    """Write an edition's PDF."""
    parts = [opening(edition)]
    part = None
    for prepared in chapters:
        make_text = partial(text, prepared)
        written = kept.make(make_text, "paper", prepared.made_from, problems=problems)
        if prepared.page.part not in (None, part):
            parts.append(f"#part({quoted(prepared.page.part)})\n")
        part = prepared.page.part
        parts.append(written)
    if any("#exercise-solution(" in written for written in parts):
        parts.append(f"#heading(numbering: none)[{edition.words['solutions']}] <sec-solutions>\n")
        parts.append("#exercise-solutions()\n")
    main = "\n".join(parts)
    files = {name: c for prepared in chapters for name, c in prepared.draft.files.items()}
    problems.stop()
    moment = int(fixed(edition.root)["SOURCE_DATE_EPOCH"])
    names = {name: digest(content) for name, content in files.items()}

    def make() -> bytes:
        return compiled(edition.pdf, main, files, moment)

    (target / edition.pdf).write_bytes(kept.make(make, main, names, moment, problems=problems))
    say(f"  {edition.lang}: {edition.pdf}")


def compiled(name: str, main: str, files: dict[str, bytes], moment: int) -> bytes:
    """Return the PDF that Typst makes of a text and its figures."""
    with tempfile.TemporaryDirectory(prefix="book-pdf-") as folder:
        work = Path(folder)
        for template in TEMPLATES:
            shutil.copy(template, work)
        for path, content in {**files, "main.typ": main.encode()}.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_bytes(content)
        try:
            made, warnings = typst.compile_with_warnings(
                work / "main.typ",
                root=work,
                ignore_system_fonts=True,
                timestamp=moment,
                pdf_standards=STANDARD,
            )
        except typst.TypstError as error:
            raise BookError(f"{name}:1: Typst: {error.message}\n{error.diagnostic}") from error
    for warning in warnings:
        raise BookError(f"{name}:1: Typst: {warning.message}\n{warning.diagnostic}")
    return packed(made)


def quoted(words: str | None) -> str:
    """Return a Typst string."""
    return json.dumps(words or "", ensure_ascii=False)


def opening(edition: Edition) -> str:
    """Return the lines that set up the document."""
    words = edition.words
    authors = "".join(f"{quoted(author)}, " for author in edition.authors)
    subtitle = edition.subtitle
    return (
        '#import "paper.typ": *\n#import "exercises.typ": *\n'
        f"#show: book.with(title: {quoted(edition.title)}, subtitle: {quoted(subtitle)}, "
        f"authors: ({authors}), lang: {quoted(edition.lang)}, "
        f"contents: {quoted(words['toc-title-document'])}, license: {quoted(words['license'])})\n"
    )


class Shape:
    """Gives one chapter's blocks the form that the template expects."""

    def __init__(self, prepared: Prepared) -> None:
        self.page, self.words = prepared.page.output, prepared.edition.words
        self.exercises: dict[str, list[pf.Inline]] = {}  # what each is called

    def change(self, element: pf.Element, _: pf.Doc) -> pf.Element | list[pf.Element] | None:
        """Shape one element."""
        match element:
            case pf.Header():
                numbered = element.attributes.pop("number", None) or element.level == 1
                if not numbered and "unnumbered" not in element.classes:
                    element.classes.append("unnumbered")
            case pf.Div():
                return self.division(element)
            case pf.Span() if "equation" in element.classes:
                number = element.attributes["number"]
                start = f'#[#set math.equation(numbering: _ => "({number})")\n'
                end = f" <{element.identifier}>]"
                return [
                    pf.RawInline(start, "typst"),
                    *element.content,
                    pf.RawInline(end, "typst"),
                ]
            case pf.Figure() if floats(element):
                start = pf.RawBlock("#[#set figure(placement: auto)", "typst")
                return [start, element, pf.RawBlock("]", "typst")]
            case pf.Math():
                start = f"#[#set math.equation(alt: {quoted(element.text)});"
                return [pf.RawInline(start, "typst"), element, pf.RawInline("]", "typst")]
            case pf.Link() if element.url.startswith((PAGE, PLACE)):
                output, _, fragment = element.url.partition(":")[2].partition("#")
                element.url = f"#{label(output, fragment)}"
            case pf.Image():
                width = element.attributes.get("width")
                size = f"{float(width):g}pt" if width else TEXT_WIDTH
                path, alt = element.url.removeprefix(FILE), quoted(pandoc.plain(element))
                return pf.RawInline(f'#picture("/{path}", {size}, {alt})', "typst")
        if isinstance(element, pf.Header | pf.Span):
            element.identifier = label(self.page, element.identifier)
        return None

    def division(self, div: pf.Div) -> pf.Element | list[pf.Element] | None:
        """Shape callouts, exercises and outputs; drop what only pages show."""
        blocks = list(div.content)
        name = label(self.page, div.identifier)
        if "lang" in div.attributes:
            start = f"#[#set text(lang: {quoted(div.attributes['lang'])})"
            return [pf.RawBlock(start, "typst"), *blocks, pf.RawBlock("]", "typst")]
        if "only-html" in div.classes:
            return []
        if "cell" in div.classes and lines(div) <= MOST_LINES:
            start = pf.RawBlock("#block(breakable: false)[", "typst")
            return [start, *blocks, pf.RawBlock("]", "typst")]
        if {"only-pdf", "cell", "cell-output"} & set(div.classes):
            return blocks
        if {"callout", "exercise"} & set(div.classes):
            title, *rest = blocks
            start = "#exercise(["
            if of := div.attributes.get("solution"):
                forth, back = (self.words[f"{way}-page"] for way in ("solution", "exercise"))
                start = f"#exercise-solution(<{of}>, {quoted(forth)}, {quoted(back)}, ["
                title = pf.Div(pf.Plain(*self.exercises[of]))
            elif "callout" in div.classes:
                start = f'#callout("{div.classes[1].removeprefix("callout-")}", ['
            if "exercise" in div.classes:
                self.exercises[div.identifier] = copy.deepcopy(list(title.content[0].content))
            end = f"]) <{name}>" if name else "])"
            return [
                pf.RawBlock(start, "typst"),
                *title.content,
                pf.RawBlock("], [", "typst"),
                *rest,
                pf.RawBlock(end, "typst"),
            ]
        div.identifier = name
        return None


def floats(figure: pf.Figure) -> bool:
    """Tell whether the text may go on where a figure goes to the next page: not within a box."""
    around = figure.parent
    while isinstance(around, pf.Div) and not {"callout", "exercise"} & set(around.classes):
        around = around.parent
    return isinstance(around, pf.Doc)


def lines(cell: pf.Div) -> float:
    """Count the lines of a cell's code and outputs; a picture has more than any page."""
    found: list[float] = [0]

    def count(element: pf.Element, _: pf.Doc) -> None:
        match element:
            case pf.CodeBlock():
                found.append(element.text.count("\n") + 3)
            case pf.RawInline() | pf.Image() | pf.Table() | pf.RawBlock():
                found.append(math.inf)

    cell.walk(count)
    return sum(found)


def label(page: str, identifier: str) -> str:
    """Return a label that is unique in the whole book."""
    if not identifier or GLOBAL.match(identifier):
        return identifier
    return f"{PurePosixPath(page).stem}--{identifier}"

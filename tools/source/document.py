"""From a chapter and its outputs to Pandoc's syntax tree, or to a problem with file and line.

The tree that leaves here still serves every format: what only one of them shows is wrapped in a
division `only-html` or `only-pdf`, and callouts and exercises are divisions whose first block is a
division `title`. Files that come along have addresses `book-file:…`.
"""

import base64
import re

import panflute as pf

from tools.source import pandoc
from tools.source.cells import Output, Outputs
from tools.source.chapters import Cell, Chapter
from tools.source.config import Edition
from tools.source.kept import digest

CALLOUTS = [f"callout-{kind}" for kind in ("tip", "note", "important", "warning", "caution")]
FILE = "book-file:"
# Parts of Pandoc's Markdown that no chapter uses and that not every format would show alike.
UNKNOWN = {
    pf.Image: ("a picture in the text instead of a cell", r"!\["),
    pf.Note: ("a footnote", r"\[\^|\^\["),
    pf.BlockQuote: ("a block quote", r"^\s*>"),
    pf.LineBlock: ("a line block", r"^\|"),
    pf.DefinitionList: ("a definition list", r"^[:~] {3}"),
}


def build(edition: Edition, chapter: Chapter, outputs: Outputs) -> tuple[pf.Doc, dict[str, bytes]]:
    """Return a chapter's tree, and the files that its page brings along."""
    # An author cannot write this name by chance.
    mark = f"cell-{digest(chapter.text)[:12]}"
    parts: list[str] = []
    count = 0
    for piece in chapter.pieces:
        if isinstance(piece, Cell):
            piece = placeholder(piece, mark, count, outputs.cells[count])
            count += 1
        parts.append(piece)
    tree, warnings = pandoc.read("\n".join(parts))
    for warning in warnings:
        quoted = re.search(r"'([^']+)'", warning)
        chapter.problem(warning, *([rf"\[\^?{re.escape(quoted[1])}\]:"] if quoted else []))
    fill = Filler(edition, chapter, outputs, mark)
    tree.walk(fill.change)
    return tree, fill.files


def placeholder(cell: Cell, mark: str, index: int, outputs: list[Output]) -> str:
    """Return Markdown that marks a cell's place and holds what of it is Markdown itself."""
    lines = ["", "", f"::: {{.{mark} number={index}}}"]
    if cell.options["output"] == "asis" and cell.shows_output:
        text = "".join(output["text"] for output in outputs if "text" in output)
        lines += [f"::: {{.{mark}-listing}}", text.rstrip("\n"), "", ":::"]
    if cell.options["fig-cap"]:
        lines += [f"::: {{.{mark}-caption}}", cell.options["fig-cap"], "", ":::"]
    return "\n".join([*lines, ":::", "", ""])


class Filler:
    """Fills in the cells and turns the dialect's divisions into what the formats know."""

    def __init__(self, edition: Edition, chapter: Chapter, outputs: Outputs, mark: str) -> None:
        self.words, self.chapter, self.outputs, self.mark = edition.words, chapter, outputs, mark
        self.files: dict[str, bytes] = {}

    def change(self, element: pf.Element, _: pf.Doc) -> pf.Element | list[pf.Element] | None:
        """Handle one element; its children have been handled."""
        match element:
            case pf.Div():
                return self.division(element)
            case pf.Table():
                # Pandoc gives a long table widths by its dashes; where those are all alike, nobody
                # chose them, and columns fit their words instead.
                if len({width for _, width in element.colspec}) == 1:
                    element.colspec = [(side, "ColWidthDefault") for side, _ in element.colspec]
            case pf.Code() if re.match(r"\{\w+\}", element.text):
                self.chapter.problem(
                    f"code inside a line is not executed: `{element.text}`",
                    re.escape(element.text),
                )
            case pf.RawBlock() | pf.RawInline():
                if element.format == "html" and element.text.startswith("<!--"):
                    return []
                first = element.text.strip().partition("\n")[0]
                marked = rf"\{{={re.escape(element.format)}\}}"
                message = f"raw {element.format} in the text: {first}"
                self.chapter.problem(message, marked, re.escape(first))
            case _ if type(element) in UNKNOWN:
                name, pattern = UNKNOWN[type(element)]
                if isinstance(element, pf.Image):
                    pattern = rf"\]\({re.escape(element.url)}"
                self.chapter.problem(f"no page can show {name}", pattern)
        return None

    def division(self, div: pf.Div) -> pf.Element | list[pf.Element] | None:
        """Handle a fenced division by its class or label."""
        names = set(div.classes)
        if self.mark in names:
            return self.cell(int(div.attributes["number"]), list(div.content))
        if names & {f"{self.mark}-listing", f"{self.mark}-caption", "app"}:
            return None
        if not names and div.identifier == "refs":
            return None
        if not names and not div.identifier and div.attributes.keys() == {"lang"}:
            return None
        if kind := next((name for name in CALLOUTS if names == {name}), None):
            if unknown := div.attributes.keys() - {"collapse"}:
                self.chapter.problem(f"unknown callout option: {min(unknown)}", min(unknown))
            title, rest = split_title(div)
            title = title or pandoc.inlines(self.words[f"{kind}-title"])
            div.classes = ["callout", kind]
            div.content = [titled(title), *rest]
            return None
        if div.identifier.startswith("exr-") and not names:
            title, rest = split_title(div)
            div.classes = ["exercise"]
            div.content = [titled(title), *rest]
            return None
        what = [f".{name}" for name in div.classes]
        what += [f"#{div.identifier}"] if div.identifier else []
        wanted = re.escape(what[0][1:]) if what else r"\{"
        self.chapter.problem(
            f"unknown kind of division: {' '.join(what)}", rf"^\s*:::.*{wanted}", r"^\s*:::"
        )
        return None

    def cell(self, index: int, parts: list[pf.Div]) -> pf.Element | list[pf.Element]:
        """Put a cell's code and outputs in its place."""
        cell = self.chapter.cells[index]
        inside = {part.classes[0].removeprefix(f"{self.mark}-"): part.content for part in parts}
        shown: list[pf.Block] = []
        if cell.shows_code and cell.code:
            shown.append(pf.CodeBlock(cell.code, classes=["python", "cell-code"]))
        if cell.shows_output:
            pictures: list[list[pf.Block]] = []
            for output in self.outputs.cells[index]:
                self.output(cell, index, output, shown, pictures)
            shown += inside.get("listing", [])
            if cell.label.startswith("fig-"):
                if len(pictures) != 1:
                    message = f"{cell.label} draws {len(pictures)} figures instead of one"
                    self.chapter.problem_at(cell, message)
                caption = [
                    pf.Plain(*block.content) if isinstance(block, pf.Para) else block
                    for block in inside.get("caption", [])
                ]
                shown.append(
                    pf.Figure(
                        *(block for picture in pictures[:1] for block in picture),
                        caption=pf.Caption(*caption),
                        identifier=cell.label,
                    )
                )
            else:
                shown += [block for picture in pictures for block in picture]
        if not shown:
            return []
        return pf.Div(*shown, classes=["cell"], attributes={"number": str(index)})

    def output(
        self,
        cell: Cell,
        index: int,
        output: Output,
        shown: list[pf.Block],
        pictures: list[list[pf.Block]],
    ) -> None:
        """Add one output to what the cell shows."""
        if "text" in output:
            if cell.options["output"] != "asis":
                shown.append(text_output(output["text"]))
            return
        data = output["data"]
        picture = self.picture(cell, index, data, len(pictures))
        if picture and "text/html" in data:
            pictures.append(
                [
                    pf.Div(pf.RawBlock(data["text/html"], "html"), classes=["only-html"]),
                    pf.Div(pf.Plain(picture), classes=["only-pdf"]),
                ]
            )
        elif picture:
            pictures.append([pf.Plain(picture)])
        elif "text/plain" in data and "text/markdown" not in data:
            shown.append(text_output(data["text/plain"]))
        else:
            kinds = ", ".join(data)
            self.chapter.problem_at(cell, f"an output of a kind pages cannot show: {kinds}")

    def picture(self, cell: Cell, index: int, data: dict[str, str], before: int) -> pf.Image | None:
        """Keep a figure as a file of the page; return the image that shows it."""
        name = cell.label or f"cell-{index + 1}"
        name += f"-{before + 1}" if before else ""
        size: dict[str, str] = {}
        if "image/svg+xml" in data:
            name += ".svg"
            svg = clean_svg(data["image/svg+xml"])
            size = drawn_size(svg)
            content = svg.encode()
        elif "image/png" in data:
            name += ".png"
            content = base64.b64decode(data["image/png"])
        else:
            return None
        if not cell.options["fig-alt"]:
            self.chapter.problem_at(cell, "a figure without fig-alt")
        file = f"{self.chapter.page.stem}_files/{name}"
        self.files[file] = content
        alt = " ".join(cell.options["fig-alt"].split())
        return pf.Image(*pandoc.inlines(alt), url=FILE + file, attributes=size)


def titled(title: list[pf.Inline]) -> pf.Div:
    """Return the division that holds the title of a callout or an exercise."""
    return pf.Div(pf.Plain(*title), classes=["title"])


def split_title(div: pf.Div) -> tuple[list[pf.Inline], list[pf.Block]]:
    """Split a division's leading heading from the rest."""
    blocks = list(div.content)
    if blocks and isinstance(blocks[0], pf.Header):
        return list(blocks[0].content), blocks[1:]
    return [], blocks


def text_output(text: str) -> pf.Div:
    """Return printed text as an output block."""
    return pf.Div(pf.CodeBlock(text.rstrip("\n"), classes=["output"]), classes=["cell-output"])


def clean_svg(svg: str) -> str:
    """Drop matplotlib's prologue and metadata: dates and addresses of no use to a reader."""
    svg = re.sub(r"^.*?(?=<svg)", "", svg, count=1, flags=re.DOTALL)
    return re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)


def drawn_size(svg: str) -> dict[str, str]:
    """Return the width and height that a figure was drawn with, in points."""
    found = {
        side: re.search(rf'<svg[^>]*?\s{side}="([\d.]+)pt"', svg[:2000])
        for side in ("width", "height")
    }
    return {side: size[1] for side, size in found.items() if size}


def complain(chapter: Chapter, warning: str) -> None:
    """Note what Pandoc said while it wrote a chapter; a formula is found by its first line."""
    formula = re.search(r"TeX math\s*(.*?)\s*, rendering as TeX", warning, flags=re.DOTALL)
    if formula:
        first = formula[1].splitlines()[0]
        chapter.problem(f"not a formula that pages can show: {first}", re.escape(first))
    else:
        chapter.problem(f"Pandoc: {' '.join(warning.split())}")

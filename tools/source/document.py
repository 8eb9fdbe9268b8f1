"""From a chapter and its outputs to Pandoc's syntax tree, or to a problem with file and line.

The tree that leaves here still serves every format: what only one of them shows is wrapped in a
division `only-html` or `only-pdf`, and callouts and exercises are divisions whose first block is a
division `title`.
"""

import base64
import json
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tools.languages import WORDS
from tools.source import pandoc
from tools.source.cells import Output, Outputs
from tools.source.chapters import Cell, Chapter
from tools.source.pandoc import Node

CALLOUTS = ("tip", "note", "important", "warning", "caution")
CALLOUT_OPTIONS = {"collapse", "title", "icon", "appearance"}
VISIBILITY = ("content-visible", "content-hidden")
READER = "markdown+autolink_bare_uris"
# The classes that these modules put on divisions themselves, besides Pandoc's `refs`.
OWN = {
    "cell",
    "cell-output",
    "cell-listing",
    "cell-caption",
    "only-html",
    "only-pdf",
    "title",
    "app",
}


@dataclass
class Document:
    """A chapter as blocks, the files it brings along, and what its notebook needs."""

    chapter: Chapter
    blocks: list[Node]
    files: dict[str, bytes] = field(default_factory=dict)
    number: int | None = None
    title: list[Node] = field(default_factory=list)
    identifier: str = ""

    @property
    def source(self) -> str:
        """The chapter's source path."""
        return self.chapter.page.source


def build(root: Path, lang: str, chapter: Chapter, outputs: Outputs) -> Document:
    """Return a chapter's document."""
    parts: list[str] = []
    count = 0
    for piece in chapter.pieces:
        if isinstance(piece, Cell):
            parts.append(placeholder(piece, count, outputs[count]))
            count += 1
        else:
            parts.append(piece)
    made, warnings = pandoc.run("\n".join(parts), "-f", READER, "-t", "json")
    for warning in warnings:
        quoted = re.search(r"'([^']+)'", warning)
        chapter.problem(warning, *([rf"\[\^?{re.escape(quoted[1])}\]:"] if quoted else []))
    document = Document(chapter, json.loads(made)["blocks"])
    fill = Filler(root, lang, document, outputs)
    document.blocks = pandoc.walk(document.blocks, fill.change)
    check_raw(document)
    return document


def placeholder(cell: Cell, index: int, outputs: list[Output]) -> str:
    """Return Markdown that marks a cell's place and holds what of it is Markdown itself."""
    lines = ["", "", f"::: {{.cell number={index}}}"]
    if cell.options.get("output") == "asis" and cell.shows("output"):
        text = "".join(output["text"] for output in outputs if output["kind"] == "stream")
        lines += ["::: {.cell-listing}", text.rstrip("\n"), "", ":::"]
    caption = cell.options.get("fig-cap") or cell.options.get("tbl-cap")
    if caption:
        lines += ["::: {.cell-caption}", caption, "", ":::"]
    return "\n".join([*lines, ":::", "", ""])


class Filler:
    """Fills in the cells and turns the dialect's divisions into what the formats know."""

    def __init__(self, root: Path, lang: str, document: Document, outputs: Outputs) -> None:
        self.root, self.lang, self.document, self.outputs = root, lang, document, outputs
        self.chapter = document.chapter

    def change(self, node: Node) -> Node | list[Node] | None:
        """Handle one element; its children have been handled."""
        match node["t"]:
            case "Div":
                return self.division(node)
            case "Figure":
                return self.figure(node)
            case "Table":
                # Pandoc gives a long table widths by its dashes; where those are all alike, nobody
                # chose them, and columns fit their words instead.
                widths = [width.get("c") for _, width in node["c"][2]]
                if len(set(widths)) == 1:
                    automatic = {"t": "ColWidthDefault"}
                    node["c"][2] = [[alignment, automatic] for alignment, _ in node["c"][2]]
            case "Code" if re.match(r"\{\w+\}", node["c"][1]):
                self.chapter.problem(
                    f"code inside a line is not executed: `{node['c'][1]}`", re.escape(node["c"][1])
                )
            case _:
                pass
        return None

    def division(self, node: Node) -> Node | list[Node] | None:
        """Handle a fenced division by its class or label."""
        identifier, classes, pairs = pandoc.attributes(node)
        blocks = node["c"][1]
        names = set(classes)
        if "cell" in names:
            return self.cell(int(pairs["number"]), blocks)
        if names & OWN or identifier == "refs":
            return None
        if not names and not identifier and pairs.keys() <= {"lang"}:
            return node if pairs else blocks
        kind = next((name for name in classes if name.startswith("callout-")), None)
        if kind and kind.removeprefix("callout-") in CALLOUTS:
            unknown = pairs.keys() - CALLOUT_OPTIONS
            if unknown:
                self.chapter.problem(f"unknown callout option: {min(unknown)}", min(unknown))
            title, rest = split_title(blocks)
            if not title:
                word = WORDS[self.lang][kind]
                title = pandoc.text(pairs.get("title", word))
            heading = pandoc.div(pandoc.attr("", ["title"]), [pandoc.plain_block(title)])
            folded = {"collapse": pairs["collapse"]} if "collapse" in pairs else {}
            return pandoc.div(
                [identifier, ["callout", kind], [[k, v] for k, v in folded.items()]],
                [heading, *rest],
            )
        if names & set(VISIBILITY):
            return self.visibility(classes, pairs, blocks)
        if identifier.startswith("exr-") and not names:
            title, rest = split_title(blocks)
            heading = pandoc.div(pandoc.attr("", ["title"]), [pandoc.plain_block(title)])
            return pandoc.div([identifier, ["exercise"], []], [heading, *rest])
        what = " ".join(
            [*(f".{name}" for name in classes), *([f"#{identifier}"] if identifier else [])]
        )
        wanted = classes[0] if classes else identifier
        self.chapter.problem(
            f"unknown kind of division: {what}", rf"^\s*:::.*{re.escape(wanted)}", r"^\s*:::"
        )
        return None

    def visibility(
        self, classes: list[str], pairs: dict[str, str], blocks: list[Node]
    ) -> Node | list[Node]:
        """Mark blocks that only one of the formats shows."""
        shown = "content-visible" in classes
        where: set[str] = {"html", "pdf"}
        for key, value in pairs.items():
            formats = {"html": {"html"}, "pdf": {"pdf"}, "typst": {"pdf"}}.get(value)
            if key == "when-profile":
                matches = value == self.lang
                if matches is not shown:
                    return []
                continue
            if key not in ("when-format", "unless-format") or formats is None:
                self.chapter.problem(
                    f'unknown condition: {key}="{value}"', re.escape(f'{key}="{value}"')
                )
                continue
            if (key == "when-format") is shown:
                where &= formats
            else:
                where -= formats
        if where == {"html", "pdf"}:
            return blocks
        return [pandoc.div(pandoc.attr("", [f"only-{name}"]), blocks) for name in sorted(where)]

    def figure(self, node: Node) -> Node:
        """Handle a Markdown image that stands alone: its file goes along with the page."""
        (identifier, classes, pairs), caption, blocks = node["c"]
        for inner in pandoc.nodes(blocks):
            if inner["t"] == "Image":
                own = dict(inner["c"][0][2])
                alt = own.pop("fig-alt", "") or pandoc.plain(inner["c"][1])
                inner["c"][0] = [
                    inner["c"][0][0],
                    inner["c"][0][1],
                    [[k, v] for k, v in own.items()],
                ]
                inner["c"][1] = pandoc.text(alt)
        return {"t": "Figure", "c": [[identifier, classes, pairs], caption, blocks]}

    def cell(self, index: int, blocks: list[Node]) -> Node | list[Node]:
        """Put a cell's code and outputs in its place."""
        cell, outputs = self.chapter.cells[index], self.outputs[index]
        inside: dict[str, list[Node]] = {}
        for block in blocks:
            _, classes, _ = pandoc.attributes(block)
            inside[classes[0]] = block["c"][1]
        shown: list[Node] = []
        if cell.shows("echo") and cell.code:
            shown.append(pandoc.code_block(cell.code, ["python", "cell-code"]))
        if cell.shows("output"):
            pictures: list[Node] = []
            for output in outputs:
                self.output(cell, index, output, shown, pictures)
            shown += inside.get("cell-listing", [])
            if cell.label.startswith("fig-"):
                if len(pictures) != 1:
                    self.problem(cell, f"{cell.label} draws {len(pictures)} figures instead of one")
                caption = [None, inside.get("cell-caption", [])]
                caption[1] = [
                    pandoc.plain_block(b["c"]) if b["t"] == "Para" else b for b in caption[1]
                ]
                figure = {"t": "Figure", "c": [pandoc.attr(cell.label), caption, pictures[:1]]}
                shown.append(figure)
            elif cell.label.startswith("tbl-"):
                self.label_table(cell, shown, inside.get("cell-caption", []))
            else:
                shown += pictures
        if not shown:
            return []
        return pandoc.div(["", ["cell"], [["number", str(index)]]], shown)

    def label_table(self, cell: Cell, shown: list[Node], caption: list[Node]) -> None:
        """Give a cell's one table its label and caption."""
        tables = [block for block in shown if block["t"] == "Table"]
        if len(tables) != 1:
            self.problem(cell, f"{cell.label} prints {len(tables)} tables instead of one")
            return
        tables[0]["c"][0] = pandoc.attr(cell.label)
        tables[0]["c"][1] = [None, caption]

    def output(
        self, cell: Cell, index: int, output: Output, shown: list[Node], pictures: list[Node]
    ) -> None:
        """Add one output to what the cell shows."""
        if output["kind"] == "stream":
            if cell.options.get("output") != "asis":
                shown.append(text_output(output["text"]))
            return
        data = output["data"]
        picture = self.picture(cell, index, data, len(pictures))
        if picture and "text/html" in data:
            page = pandoc.div(
                pandoc.attr("", ["only-html"]), [pandoc.raw("html", data["text/html"])]
            )
            pictures.append(
                pandoc.div(
                    pandoc.attr("", ["picture"]),
                    [
                        page,
                        pandoc.div(pandoc.attr("", ["only-pdf"]), [pandoc.plain_block([picture])]),
                    ],
                )
            )
        elif picture:
            pictures.append(pandoc.plain_block([picture]))
        elif "text/markdown" in data:
            made, _ = pandoc.run(data["text/markdown"], "-f", READER, "-t", "json")
            shown += json.loads(made)["blocks"]
        elif "text/plain" in data:
            shown.append(text_output(data["text/plain"]))
        else:
            self.problem(cell, f"an output of a kind pages cannot show: {', '.join(data)}")

    def picture(self, cell: Cell, index: int, data: dict[str, str], before: int) -> Node | None:
        """Keep a figure as a file of the page; return the image that shows it."""
        name = cell.label or f"cell-{index + 1}"
        name += f"-{before + 1}" if before else ""
        if "image/svg+xml" in data:
            path, content = f"{name}.svg", clean_svg(data["image/svg+xml"]).encode()
        elif "image/png" in data:
            path, content = f"{name}.png", base64.b64decode(data["image/png"])
        else:
            return None
        if not cell.options.get("fig-alt"):
            self.problem(cell, "a figure without fig-alt")
        file = f"{self.chapter.page.figures}/{path}"
        self.document.files[file] = content
        return pandoc.image(f"book:{file}", " ".join(cell.options.get("fig-alt", "").split()))

    def problem(self, cell: Cell, message: str) -> None:
        """Note a problem at a cell."""
        self.chapter.problems.add(self.document.source, cell.line, message)


def complain(document: Document, warning: str) -> None:
    """Note what Pandoc said while it wrote a chapter; a formula is found by its first line."""
    formula = re.search(r"TeX math\s*(.*?)\s*, rendering as TeX", warning, flags=re.DOTALL)
    if formula:
        first = formula[1].splitlines()[0]
        document.chapter.problem(f"not a formula that pages can show: {first}", re.escape(first))
    else:
        document.chapter.problem(f"Pandoc: {' '.join(warning.split())}")


def split_title(blocks: list[Node]) -> tuple[list[Node], list[Node]]:
    """Split a division's leading heading from the rest."""
    if blocks and blocks[0]["t"] == "Header":
        return blocks[0]["c"][2], blocks[1:]
    return [], blocks


def text_output(text: str) -> Node:
    """Return printed text as an output block."""
    return pandoc.div(
        pandoc.attr("", ["cell-output"]), [pandoc.code_block(text.rstrip("\n"), ["output"])]
    )


def clean_svg(svg: str) -> str:
    """Drop matplotlib's prologue and metadata: dates and addresses of no use to a reader."""
    svg = re.sub(r"^.*?(?=<svg)", "", svg, count=1, flags=re.DOTALL)
    return re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)


def drawn_size(content: bytes) -> tuple[float, float] | None:
    """Return the width and height that a figure was drawn with, in pixels of CSS."""
    head = content[:2000].decode("utf-8", errors="replace")
    size: list[float] = []
    for side in ("width", "height"):
        drawn = re.search(rf'<svg[^>]*?\s{side}="([\d.]+)(pt|px|mm|cm|in)?"', head)
        if not drawn:
            return None
        unit = {"pt": 4 / 3, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96}.get(drawn[2] or "px", 1)
        size.append(float(drawn[1]) * unit)
    return size[0], size[1]


def check_raw(document: Document) -> None:
    """Refuse raw HTML and the like in prose; comments are dropped."""

    def change(node: Node) -> Node | list[Node] | None:
        if node["t"] in ("RawBlock", "RawInline"):
            fmt, code = node["c"]
            if fmt == "html" and code.startswith("<!--"):
                return []
            if not from_output(document, code):
                first = code.strip().splitlines()[0] if code.strip() else code
                document.chapter.problem(f"raw {fmt} in the text: {first}", re.escape(first))
        return None

    document.blocks = pandoc.walk(document.blocks, change)


def from_output(document: Document, code: str) -> bool:
    """Tell whether raw code comes from a cell, and so not from the chapter's own text."""
    first = code.strip().splitlines()[0] if code.strip() else ""
    return not any(first in line for line in document.chapter.prose)


def local_images(root: Path, document: Document) -> None:
    """Find the files of images written in Markdown and take them along."""
    page = document.chapter.page
    for node in pandoc.nodes(document.blocks):
        if node["t"] != "Image":
            continue
        target = node["c"][2][0]
        if target.startswith("book:"):
            continue
        pattern = rf"\]\({re.escape(target)}"
        if re.match(r"[a-z]+:", target):
            document.chapter.problem(f"an image from another host: {target}", pattern)
            continue
        base = root if target.startswith("/") else (root / page.source).parent
        path = (base / target.lstrip("/")).resolve()
        if not path.is_file() or not path.is_relative_to(root.resolve()):
            document.chapter.problem(f"image not found: {target}", pattern)
            continue
        if not pandoc.plain(node["c"][1]):
            document.chapter.problem(f"an image without alt text: {target}", pattern)
        file = f"{page.figures}/{PurePosixPath(target).name}"
        document.files[file] = path.read_bytes()
        node["c"][2][0] = f"book:{file}"

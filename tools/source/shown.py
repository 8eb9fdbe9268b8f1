"""What cells showed, as Markdown: the chapter that both renderers read, with no code left to run.

Its form is that in which Quarto's own runs leave a chapter.
"""

import base64
import re
from dataclasses import dataclass

from tools.source.cells import Output, Outputs
from tools.source.chapters import Cell, Chapter, faults


@dataclass
class Picture:
    """A figure that a cell drew: its file, its text alternative, and what moves in its place."""

    content: bytes
    alt: str
    html: str | None
    cell: Cell


class Shown:
    """A chapter with its outputs in it.

    Classes begin with `mark`, addresses of pictures with `folder`; what moves is in the text where
    that is for `pages`.
    """

    def __init__(
        self,
        chapter: Chapter,
        outputs: Outputs,
        folder: str,
        mark: str = "cell",
        pages: bool = False,
    ) -> None:
        self.chapter, self.folder, self.mark, self.pages = chapter, folder, mark, pages
        self.pictures: dict[str, Picture] = {}
        self.lines: list[int] = []  # for each line of the text, the one it has in the chapter
        parts: list[str] = []
        shown = iter(enumerate(outputs.cells))
        for piece in chapter.pieces:
            parts.append(self.cell(piece, *next(shown)) if isinstance(piece, Cell) else piece.text)
            count = parts[-1].count("\n") + 1
            step = 0 if isinstance(piece, Cell) else 1
            self.lines += [piece.line + n * step for n in range(count)]
        self.text = "\n".join(parts)

    def cell(self, cell: Cell, index: int, outputs: list[Output]) -> str:
        """Return what a page shows of a cell."""
        shown: list[str] = []
        self.before = len(self.pictures)
        if cell.shows_code and cell.code:
            shown.append(fenced(cell.code, " {.python .cell-code}"))
        if cell.shows_output:
            shown += [self.output(cell, index, output) for output in outputs]
            drawn = len(self.pictures) - self.before
            if cell.label.startswith("fig-") and drawn != 1:
                message = f"{cell.label} draws {drawn} figures instead of one"
                self.chapter.problem(message, line=cell.line)
        inside = "\n\n".join(shown)
        return division(f".{self.mark} number={index}", inside) if inside else ""

    def output(self, cell: Cell, index: int, output: Output) -> str:
        """Return what a page shows of one output."""
        data = output.get("data", {})
        if "text" in output:
            if cell.options["output"] != "asis":
                return self.printed(output["text"], "stdout")
            for _, message in faults(output["text"].split("\n")):
                self.chapter.problem(f"in what the cell prints: {message}", line=cell.line)
            return output["text"]
        if data.keys() & {"image/svg+xml", "image/png"}:
            return self.picture(cell, index, data)
        if "text/plain" in data and "text/markdown" not in data:
            return self.printed(data["text/plain"], "display")
        kinds = ", ".join(data)
        message = f"an output of a kind pages cannot show: {kinds}"
        self.chapter.problem(message, line=cell.line)
        return ""

    def printed(self, text: str, kind: str) -> str:
        """Return text that a cell printed."""
        return division(f".{self.mark}-output .{self.mark}-output-{kind}", fenced(text))

    def picture(self, cell: Cell, index: int, data: dict[str, str]) -> str:
        """Return what shows a picture that a cell drew, and keep its file."""
        if not cell.options["fig-alt"]:
            self.chapter.problem("a figure without fig-alt", line=cell.line)
        if "image/svg+xml" in data:
            ending, content = "svg", data["image/svg+xml"].encode()
        else:
            ending, content = "png", base64.b64decode(data["image/png"])
        name = f"{self.folder}/{cell.label or f'cell-{index + 1}'}"
        again = len(self.pictures) - self.before
        address = f"{name}-{again + 1}.{ending}" if again else f"{name}.{ending}"
        alt = " ".join(cell.options["fig-alt"].split())
        self.pictures[address] = Picture(content, alt, data.get("text/html"), cell)
        label = f"#{cell.label} " if cell.label.startswith("fig-") else ""
        caption = " ".join(cell.options["fig-cap"].split())
        if self.pages and "text/html" in data:
            classes = f"{label}.{self.mark}-output .{self.mark}-output-display"
            return division(classes, f"{fenced(data['text/html'], '{=html}')}\n\n{caption}")
        quoted = re.sub(r"(['\\])", r"\\\1", alt)
        # A drawing says itself how large it is.
        size = "width={:.0f} height={:.0f} ".format(*png_size(content)) if ending == "png" else ""
        return f"![{caption}]({address}){{{label}{size}fig-alt='{quoted}'}}"


def png_size(png: bytes) -> tuple[float, float]:
    """Return how wide and high a PNG is to be shown, in pixels of CSS, by its resolution."""
    named = re.search(rb"pHYs(....)....\x01", png[:1000], re.DOTALL)  # pixels in a meter
    scale = 96 / 0.0254 / int.from_bytes(named[1], "big") if named else 1
    return int.from_bytes(png[16:20], "big") * scale, int.from_bytes(png[20:24], "big") * scale


def fenced(text: str, attributes: str = "") -> str:
    """Return a code block; its fence is longer than any in it."""
    found = re.findall(r"^`{3,}", text, flags=re.MULTILINE)
    fence = "`" * max([3, *(len(ticks) + 1 for ticks in found)])
    return f"{fence}{attributes}\n{text.rstrip()}\n{fence}"


def division(attributes: str, inside: str) -> str:
    """Return a fenced division."""
    return f"\n::: {{{attributes}}}\n{inside.rstrip()}\n\n:::\n"

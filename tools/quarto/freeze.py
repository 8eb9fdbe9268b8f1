"""Giving Quarto what the cells showed, so that it runs none of them again.

Quarto keeps a chapter's results in `.quarto/_freeze`, one file for each format, with a digest of
the chapter's text; `quarto render --use-freezer` takes them from there if the digest is right, and
runs the cells itself if it is not, or if a new Quarto keeps its results otherwise. Its digest knows
nothing of the package or of the figures' code: what is written here was made from them just now,
and `thaw` removes what was made from others.
"""

import hashlib
import json
import re
import shutil
from pathlib import Path

from tools.source.cells import Output, surroundings
from tools.source.chapters import Cell
from tools.source.document import clean_svg
from tools.source.prepare import Prepared

FOLDER = ".quarto/_freeze"
STAMP = "made-from"
FORMATS = {"html": "figure-html", "typ": "figure-typst"}


def freeze(root: Path, chapters: list[Prepared]) -> None:
    """Leave the chapters' results where Quarto looks for them."""
    thaw(root)
    for prepared in chapters:
        if prepared.chapter.cells:
            source = Path(prepared.page.source)
            folder = root / FOLDER / source.with_suffix("")
            shutil.rmtree(folder, ignore_errors=True)
            (folder / "execute-results").mkdir(parents=True)
            for ending, figures in FORMATS.items():
                files = f"{source.stem}_files"
                result = {
                    "engine": "jupyter",
                    "markdown": markdown(prepared, folder / figures, f"{files}/{figures}"),
                    # Cleared away after the format is made: all of it after pages, as Quarto does.
                    "supporting": [files if ending == "html" else f"{files}/{figures}"],
                    "filters": [],
                }
                text = prepared.chapter.text.replace("\r\n", "\n").encode()
                frozen = {"hash": hashlib.md5(text).hexdigest(), "result": result}
                path = folder / "execute-results" / f"{ending}.json"
                path.write_text(json.dumps(frozen, indent=2), encoding="utf-8")


def thaw(root: Path) -> None:
    """Remove kept results if the package, or anything else they were made from, has changed."""
    stamp = root / FOLDER / STAMP
    now = surroundings(root)
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != now:
        shutil.rmtree(root / FOLDER, ignore_errors=True)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(now, encoding="utf-8")


def markdown(prepared: Prepared, folder: Path, address: str) -> str:
    """Return a chapter as Quarto's own runs leave it: a division for each cell, and no code to run.

    Figures are written into `folder`, which `address` names from the page.
    """
    parts: list[str] = []
    count = 0
    for piece in prepared.chapter.pieces:
        if isinstance(piece, Cell):
            shown: list[str] = []
            if piece.shows_code and piece.code:
                shown.append(fenced(piece.code, " {.python .cell-code}"))
            if piece.shows_output:
                for output in prepared.outputs.cells[count]:
                    shown.append(show(piece, count, output, folder, address))
            count += 1
            text = "\n\n".join(shown)
            asis = piece.options["output"] == "asis" and not piece.shows_code
            piece = text if asis or not text else f"::: {{.cell}}\n{text}\n:::"
        parts.append(f"\n{piece}\n")
    return "".join(parts).lstrip("\n")


def show(cell: Cell, index: int, output: Output, folder: Path, address: str) -> str:
    """Return what a page shows of one output."""
    if "text" in output:
        if cell.options["output"] == "asis":
            return output["text"]
        return division(".cell-output .cell-output-stdout", fenced(output["text"]))
    data = output["data"]
    caption = cell.options["fig-cap"]
    if "text/html" in data and folder.name == FORMATS["html"]:
        html = fenced(data["text/html"], "{=html}")
        label = f"#{cell.label} " if cell.label else ""
        return division(f"{label}.cell-output .cell-output-display", f"{html}\n\n{caption}")
    if "image/svg+xml" in data:
        name = f"{cell.label or f'cell-{index + 1}'}.svg"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(clean_svg(data["image/svg+xml"]), encoding="utf-8")
        alt = re.sub(r"(['\\])", r"\\\1", " ".join(cell.options["fig-alt"].split()))
        label = f"#{cell.label} " if cell.label else ""
        picture = f"![{caption}]({address}/{name}){{{label}fig-alt='{alt}'}}"
        return division(".cell-output .cell-output-display", picture)
    return division(".cell-output .cell-output-display", fenced(data["text/plain"]))


def fenced(text: str, attributes: str = "") -> str:
    """Return a code block; its fence is longer than any in it."""
    ticks = max([2, *(len(found) for found in re.findall(r"^`{3,}", text, flags=re.MULTILINE))])
    fence = "`" * (ticks + 1)
    return f"{fence}{attributes}\n{text.rstrip()}\n{fence}"


def division(attributes: str, inside: str) -> str:
    """Return a fenced division."""
    return f"::: {{{attributes}}}\n{inside}\n:::"

"""Giving Quarto what the cells showed, so that it runs none of them again.

Quarto keeps a chapter's results in `.quarto/_freeze`, one file for each format, with a digest of
the chapter's text; `quarto render --use-freezer` takes them from there if the digest is right, and
runs the cells itself if it is not, or if a new Quarto keeps its results otherwise. Its digest knows
nothing of the package or of the figures' code: what is written here was made from them just now,
and `thaw` removes what was made from others.
"""

import hashlib
import json
import shutil
from pathlib import Path

from tools.source.cells import surroundings
from tools.source.prepare import Prepared
from tools.source.shown import Shown

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
            for ending, figures in FORMATS.items():
                freeze_format(prepared, folder, ending, f"{source.stem}_files/{figures}")


def freeze_format(prepared: Prepared, folder: Path, ending: str, figures: str) -> None:
    """Write a chapter's results for one format into `folder`."""
    chapter, pages = prepared.chapter, ending == "html"
    shown = Shown(chapter, prepared.outputs, figures, pages=pages)
    text = chapter.text.replace("\r\n", "\n").encode()
    result = {
        "engine": "jupyter",
        "markdown": shown.text.lstrip("\n"),
        # Cleared away once the format is made; after pages, which come first, that is all of it.
        "supporting": [figures.partition("/")[0] if pages else figures],
        "filters": [],
    }
    frozen = json.dumps({"hash": hashlib.md5(text).hexdigest(), "result": result}, indent=2)
    files = {f"execute-results/{ending}.json": frozen.encode()}
    files |= {name.partition("/")[2]: found.content for name, found in shown.pictures.items()}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def thaw(root: Path) -> None:
    """Remove kept results if the package, or anything else they were made from, has changed."""
    stamp = root / FOLDER / STAMP
    now = surroundings(root)
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != now:
        shutil.rmtree(root / FOLDER, ignore_errors=True)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(now, encoding="utf-8")

"""Figures as PNG, the one type of image that JupyterLab and VS Code both show in a notebook.

JupyterLab shows no SVG that is attached to prose, nor any in the output of a notebook that comes
from elsewhere.
"""

import base64
import tempfile
from pathlib import Path
from typing import Any

import typst

from tools.source.document import drawn_size

PIXELS_PER_INCH = 144
SVG = "image/svg+xml"
PNG = "image/png"


def png(content: bytes) -> bytes:
    """Return a picture as PNG, on white, so that it can be read on a dark page."""
    if content.startswith(b"\x89PNG"):
        return content
    width = drawn_size(content).get("width")
    size = f"width: {width}pt" if width else ""
    page = (
        f'#set page(width: auto, height: auto, margin: 0pt, fill: white)\n#image("it.svg", {size})'
    )
    with tempfile.TemporaryDirectory(prefix="book-png-") as folder:
        Path(folder, "it.svg").write_bytes(content)
        main = Path(folder, "main.typ")
        main.write_text(page, encoding="utf-8")
        return typst.compile(main, root=folder, format="png", ppi=PIXELS_PER_INCH)


def encoded(content: bytes) -> str:
    """Return bytes as a notebook carries them."""
    return base64.b64encode(content).decode()


def shown(output: dict[str, Any]) -> dict[str, Any]:
    """Return an output of a cell with its picture as PNG."""
    data = dict(output.get("data", {}))
    if SVG not in data:
        return output
    data.pop(SVG)
    data[PNG] = encoded(png(output["data"][SVG].encode()))
    return {**output, "data": data}

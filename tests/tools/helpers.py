"""What the tests of the renderers do with a small book."""

import os
from pathlib import Path

from bs4 import BeautifulSoup
from nbclient import NotebookClient

from tools import build

# Code of a cell that draws a picture of pixels, two of which make one of the page.
PIXELS = """
import base64, io
from IPython.display import display
from PIL import Image
out = io.BytesIO()
Image.new("L", (100, 60)).save(out, "PNG", dpi=(192, 192))
display({"image/png": base64.b64encode(out.getvalue()).decode()}, raw=True)
"""


def put(path: Path, text: str) -> None:
    """Write a file, and the folders on the way to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def edit(path: Path, old: str, new: str) -> int:
    """Replace text in a file; return the number of the line that changed first."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def render(root: Path, *editions: str) -> Path:
    """Render a book with the built-in renderer; return the folder it is in."""
    build.build(root, "builtin", list(editions) or None, root / "_book")
    return root / "_book"


def everything(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def page(root: Path, lang: str, name: str) -> BeautifulSoup:
    """Return a page of an edition, parsed; `one` is one of its chapters."""
    path = f"{name}.html" if name == "index" else f"chapters/{lang}/{name}.html"
    text = (root / "_book" / lang / path).read_text(encoding="utf-8")
    soup = BeautifulSoup(text, "html.parser")
    for source in soup.find_all("annotation"):
        source.decompose()
    return soup


def squeeze(text: str) -> str:
    """Return a text with every space an ordinary one."""
    return " ".join(text.split())


def run_as_a_reader(notebook, folder: Path):
    """Run a notebook in an empty folder, where of this project only the package is to be had."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=300,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )
    return client.execute(env={**environment, "MPLBACKEND": "agg"})

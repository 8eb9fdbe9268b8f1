"""Both editions, rendered once by each renderer this machine has, and served to a browser."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Site:
    """A rendered book: where it lies, and where it is served."""

    renderer: str
    root: Path
    address: str


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


# What the book is made from.
SOURCES = ("apps", "benchmarks", "book", "chapters", "docs", "src", "tests", "tools")


def copy(folder: Path) -> Path:
    """Copy the book's sources, so that stand-ins take no place beside what is really exported."""
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    for name in SOURCES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (ROOT / ".cache/cells", folder / ".cache"):
        path.mkdir(parents=True, exist_ok=True)
    # The cells print the same.
    (folder / ".cache/cells").symlink_to(ROOT / ".cache/cells")
    return folder


def quarto() -> str | None:
    return shutil.which("quarto", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.fixture(scope="session")
def rendered(once: Callable[[str, Callable[[Path], None]], Path]) -> Callable[[str], Path]:
    """Give the book as one of the renderers makes it, made when first asked for."""

    def render(renderer: str) -> Path:
        if renderer == "quarto" and not quarto():
            pytest.skip("Quarto is not on this machine: `make clean book` fetches it where it can")

        def build(folder: Path) -> None:
            command = [sys.executable, Path(__file__).with_name("with_stand_ins.py")]
            made = subprocess.run(
                [*command, "--renderer", renderer],
                cwd=copy(folder),
                env={**os.environ, "PYTHONPATH": str(folder)},
                capture_output=True,
                text=True,
            )
            assert made.returncode == 0, made.stdout + made.stderr

        return once(f"book-by-{renderer}", build) / "_book"

    return render


@pytest.fixture(scope="session", params=["builtin", "quarto"])
def site(request: pytest.FixtureRequest, rendered: Callable[[str], Path]) -> Iterator[Site]:
    root = rendered(request.param)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(request.param, root, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()

"""How `make test` runs tests in several processes: what goes together, and what goes first.

A file is one piece of work, so that its fixtures are made once. What several files share, such as
the rendered book, is made by the first process that asks for it (the fixture `once`).
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from xdist.scheduler import LoadFileScheduling

# The longest work first, so that no process is left with it at the end. The book is rendered at
# once, and read only when another process would not have to wait for it.
FIRST = ("tests/site/test_rendering.py", "tests/apps", "tests/tools", "tests/site", "tests/book")
# Slow is what opens a browser, and what reads the whole book.
SLOW_FIXTURES = {"browser", "context", "page"}
SLOW_FOLDER = "tests/site/"


class Pieces(LoadFileScheduling):
    """A file to a process; what looks at the book as Quarto renders it is a piece of its own."""

    def _split_scope(self, nodeid: str) -> str:
        return super()._split_scope(nodeid) + ("[quarto]" if "[quarto" in nodeid else "")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Pieces:
    config.option.loadscopereorder = False  # the order is that of FIRST
    return Pieces(config, log)


def place(nodeid: str) -> int:
    """Give the place of a test's file in FIRST; those that it does not name come last."""
    return next((n for n, start in enumerate(FIRST) if nodeid.startswith(start)), len(FIRST))


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark what is slow before pytest chooses by marks, and sort what it has put in order."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if item.nodeid.startswith(SLOW_FOLDER) or SLOW_FIXTURES.intersection(fixtures):
            item.add_marker("slow")
    yield
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: place(item.nodeid))


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Return a function that gives a folder filled by a function, once for all processes."""
    ours = tmp_path_factory.getbasetemp()
    shared = ours.parent if "PYTEST_XDIST_WORKER" in os.environ else ours

    def folder(name: str, fill: Callable[[Path], None]) -> Path:
        path = shared / name
        with FileLock(shared / f"{name}.lock"):
            if not path.exists():
                # Filled under another name: one that could not be filled is not there.
                filling = tmp_path_factory.mktemp(name) / name
                filling.mkdir()
                fill(filling)
                filling.rename(path)
        return path

    return folder

"""Putting a new book in the place of an earlier one: one build at a time, all of a book or none.

The new one is made in a folder beside the earlier one, which is moved away only when the new one is
whole. Whatever a build that was killed has left there, the next one puts right.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.problems import BookError

try:
    import fcntl
except ImportError:  # Windows, where two builds at once get into each other's way
    fcntl = None

LOCK = ".cache/lock"


@contextmanager
def alone(root: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other build of this book runs, and let none begin before this one ends."""
    (root / LOCK).parent.mkdir(exist_ok=True)
    # The system takes a lock back from a process that is gone, however it ended.
    with (root / LOCK).open("a") as lock:
        if fcntl:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another build of this book is running: this one waits for it.")
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def replacing(output: Path, root: Path) -> Iterator[Path]:
    """Give a new folder; put it in the place of `output` if all went well."""
    work = output.with_name(f".{output.name}-being-made")
    refuse(output, root)
    put_right(output, work)
    try:
        (work / "new").mkdir(parents=True)
        yield work / "new"
        if output.exists():
            output.rename(work / "earlier")
        (work / "new").rename(output)
    finally:
        put_right(output, work)


def refuse(output: Path, root: Path) -> None:
    """Raise BookError if a folder is none that a book may take the place of."""
    if output.is_mount():
        raise BookError(f"{output} is a disk of its own, whose place no folder can take")
    if root.is_relative_to(output):
        raise BookError(f"{output} holds what the book is made from, which no book may replace")
    if not output.exists():
        return
    if not output.is_dir():
        raise BookError(f"{output} is a file, not the folder of an earlier book")
    names = {path.name for path in output.iterdir()}
    if output != root / "_book" and names and "index.html" not in names:
        raise BookError(f"{output} holds other things than an earlier book, which would be lost")


def put_right(output: Path, work: Path) -> None:
    """Put an earlier book back where nothing has taken its place; clear away the rest of a build.

    Whenever and however a build was ended, the next one begins with this.
    """
    if (work / "earlier").exists():
        # Away in one step, too: half of a book must never be taken for one.
        (work / "earlier").rename(work / "old" if output.exists() else output)
    shutil.rmtree(work, ignore_errors=True)

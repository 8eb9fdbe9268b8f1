"""A new book takes the place of an earlier one, or the earlier one stays, whatever happens."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.helpers import everything, put
from tools import replacing as module
from tools.problems import BookError
from tools.replacing import alone, replacing

ROOT = Path(module.__file__).parents[1]
# Replaces the book in the folder it is given, and is gone before the n-th step on the disk.
REPLACE = """
import os, pathlib, shutil, sys
from tools.replacing import replacing
root, left = pathlib.Path(sys.argv[1]), int(sys.argv[2])
def counted(step):
    def counting(*args, **options):
        global left
        left -= 1
        os._exit(9) if left < 0 else None
        return step(*args, **options)
    return counting
for name in ("mkdir", "rename", "write_text"):
    setattr(pathlib.Path, name, counted(getattr(pathlib.Path, name)))
# In Python 3.11 it takes its own way to the disk.
os.unlink, os.rmdir = counted(os.unlink), counted(os.rmdir)
with replacing(root / "_book", root) as fresh:
    (fresh / "index.html").write_text("new")
    (fresh / "more.html").write_text("new")
"""
SECOND = """
import functools, pathlib, sys
from tools.replacing import alone
with alone(pathlib.Path(sys.argv[1]), functools.partial(print, flush=True)):
    print("in")
"""
OLD = {"index.html": b"old", "more.html": b"old"}
NEW = {"index.html": b"new", "more.html": b"new"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of a project with an earlier book."""
    for name in OLD:
        put(tmp_path / "_book" / name, "old")
    return tmp_path


def replace(root: Path) -> None:
    with replacing(root / "_book", root) as fresh:
        for name in NEW:
            put(fresh / name, "new")


def test_the_new_book_is_all_there_is(root):
    replace(root)
    assert everything(root) == {f"_book/{name}": content for name, content in NEW.items()}


@pytest.mark.slow
def test_killed_at_any_step_a_whole_book_is_there_or_comes_back(root):
    for step in range(40):
        command = [sys.executable, "-c", REPLACE, str(root), str(step)]
        code = subprocess.run(command, cwd=ROOT).returncode
        there = everything(root / "_book")
        assert there in (OLD, NEW, {}), step
        with pytest.raises(BookError), replacing(root / "_book", root):
            # The next build begins, and comes to nothing: what was before it is back.
            raise BookError("a mistake")
        found = everything(root / "_book")
        assert found == (there or OLD), step
        assert [path.name for path in root.iterdir()] == ["_book"]
        if code == 0:
            break
        for name in OLD:
            put(root / "_book" / name, "old")
    assert code == 0 and step > 5 and there == NEW


def test_a_folder_that_cannot_be_moved_is_put_back(root, monkeypatch):
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(OSError, match="No space"):
        replace(root)
    assert everything(root) == {f"_book/{name}": content for name, content in OLD.items()}


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (".", "what the book is made from"),
        ("..", "what the book is made from"),
        ("chapters", "other things than an earlier book"),
        ("file", "a file"),
        ("file/below", "Not a directory"),
    ],
)
def test_what_is_no_earlier_book_is_not_replaced(root, output, message):
    put(root / "chapters/one.qmd", "# One")
    put(root / "file", "")
    before = everything(root.parent)
    folder = (root / output).resolve()
    with pytest.raises((BookError, OSError), match=message), replacing(folder, root) as fresh:
        put(fresh / "index.html", "new")
    assert everything(root.parent) == before


def test_a_disk_of_its_own_is_not_replaced(root, monkeypatch):
    monkeypatch.setattr(Path, "is_mount", lambda path: path.name == "_book")
    with pytest.raises(BookError, match="_book is a disk of its own"):
        replace(root)
    assert everything(root / "_book") == OLD


@pytest.mark.parametrize("output", ["elsewhere/new", "empty"])
def test_a_new_folder_may_be_anywhere(root, output):
    (root / "empty").mkdir()
    with replacing(root / output, root) as fresh:
        put(fresh / "index.html", "new")
    assert everything(root / output) == {"index.html": b"new"}


def test_a_second_build_waits_for_the_first(root):
    second = (
        "import pathlib, tools.replacing as r\nwith r.alone(pathlib.Path({!r}), {}): print('in')"
    )
    command = [sys.executable, "-c", second.format(str(root), "lambda s: print(s, flush=True)")]
    with alone(root, print):
        waiting = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert waiting.stdout is not None
        assert "this one waits for it" in waiting.stdout.readline()
        assert waiting.poll() is None
    assert waiting.communicate()[0] == "in\n"

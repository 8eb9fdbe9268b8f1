"""A build that is stopped or killed: it ends at once, and the earlier book is as it was."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.helpers import edit, everything, render

pytestmark = pytest.mark.slow  # it starts a process for each test

TOOLS = Path(__file__).resolve().parents[2]
CHAPTER = "chapters/es/one.qmd"
# Says who it is, then waits for what never comes.
WAIT = "import os\nwith open({!r}, 'w') as gate: gate.write(str(os.getpid()))\nopen({!r}).read()"


@pytest.fixture
def running(book: Path, tmp_path: Path):
    """Return a function that starts a build; it gives the process and its kernel's number.

    A cell waits in it.
    """
    gate, never = tmp_path / "gate", tmp_path / "never"
    os.mkfifo(gate)
    os.mkfifo(never)
    reading = os.open(gate, os.O_RDONLY | os.O_NONBLOCK)
    writing = os.open(gate, os.O_WRONLY)
    os.set_blocking(reading, True)
    edit(book / CHAPTER, "print(base + 1)", WAIT.format(str(gate), str(never)))

    def start() -> tuple[subprocess.Popen[str], int]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.build", "--renderer", "builtin", "--edition", "es"],
            cwd=book,
            env={**os.environ, "PYTHONPATH": f"{book}:{TOOLS}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[writing],  # should it end too soon, there is an end to the reading
            text=True,
        )
        os.close(writing)
        number = os.read(reading, 100)
        os.close(reading)
        assert number, process.communicate()[0]
        return process, int(number)

    return start


Start = Callable[[], tuple[subprocess.Popen[str], int]]


def left(book: Path) -> list[str]:
    """List what a build leaves beside the book if it cannot help it."""
    return [path.name for path in book.iterdir() if path.name.startswith("._book")]


def runs(number: int) -> bool:
    """Tell whether a process is there."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopped_it_says_so_and_takes_its_kernel_along(book, running: Start, number):
    before = everything(book / "_book")
    process, kernel = running()
    process.send_signal(number)
    said, _ = process.communicate()
    assert process.returncode == 130
    assert said.splitlines()[-1] == "Stopped: an earlier book is as it was."
    assert "Traceback" not in said and "Error" not in said
    assert everything(book / "_book") == before
    assert not left(book) and not runs(kernel)


def test_killed_it_leaves_the_earlier_book_and_the_next_build_clears_away(book, running: Start):
    before = everything(book / "_book")
    process, kernel = running()
    process.kill()
    process.communicate()
    os.kill(kernel, signal.SIGKILL)
    assert everything(book / "_book") == before
    assert left(book) == ["._book-being-made"]
    text = (book / CHAPTER).read_text("utf-8")
    begin = text.index("import os\nwith open")
    end = text.index("\n```", begin)
    (book / CHAPTER).write_text(text[:begin] + "print(base + 1)" + text[end:], "utf-8")
    render(book, "es")
    assert everything(book / "_book") == before
    assert not left(book)

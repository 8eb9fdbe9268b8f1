"""What runs in a kernel before a chapter's cells; `MOST_PRINTED` and `MOST_SHOWN` are given.

Figures are vector graphics, whatever the reader's own configuration says; salt makes their inner
names repeat. What a cell prints or shows beyond the limits is dropped where it arises, before it
fills the memory of two processes, and the cell is interrupted: Python then says at which line.
"""

# ruff: noqa: F821
import signal
import sys
import threading
from collections.abc import Callable

import matplotlib
from IPython import get_ipython
from jupyter_client.session import Session

MOST_PRINTED: int
MOST_SHOWN: int

shell = get_ipython()
shell.run_line_magic("matplotlib", "inline")
shell.run_line_magic("config", "InlineBackend.figure_formats = ['svg']")
matplotlib.rcParams["svg.hashsalt"] = "book"

EACH = 500  # what an output takes besides what it shows

room: dict[str, int] = {}
streams = sys.stdout, sys.stderr
serialize = Session.serialize


def take(kind: str, size: int) -> int:
    """Take some of a cell's room; return how much there was, less than 0 once it is used up."""
    before = room[kind]
    room[kind] = max(before - size, -1)
    return before


class Printing:
    """A stream's `write` that ends where the room does."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write = write

    def __call__(self, text: str) -> int:
        """Write what has room, and one character of the rest as a sign that there was more."""
        text.encode()  # here the cell hears of what cannot be sent
        left = take("printed", len(text))
        if left >= 0:
            self.write(text[: left + 1])
        if 0 <= left < len(text):
            # To this thread it comes even while it waits for another process.
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        return len(text)


def start(*_: object) -> None:
    """Give a cell its room. IPython has a `write` of its own while a cell runs: go before that."""
    room.update(printed=MOST_PRINTED, shown=MOST_SHOWN)
    for stream in streams:
        inner = stream.write.write if isinstance(stream.write, Printing) else stream.write
        stream.write = Printing(inner)


def end(*_: object) -> None:
    """Put back the streams that a cell has replaced, without which the next one would wait."""
    sys.stdout, sys.stderr = streams


def limited(session: Session, message: dict, *rest: object) -> list[bytes]:
    """Turn a message into bytes; what it would show is dropped where there is no room for it."""
    content = message["content"]
    if shown := content.get("data"):
        size = EACH + sum(len(part) for part in shown.values() if isinstance(part, str | bytes))
        if size > take("shown", size):
            content["data"] = {"text/plain": ""}
            sys.stdout.write("…" * (MOST_PRINTED + 1))  # too much of this is too much
    if "traceback" in content:
        content["traceback"] = [frame[-MOST_PRINTED:] for frame in content["traceback"]]
        content["evalue"] = content["evalue"][:200]
    return serialize(session, message, *rest)


shell.events.register("pre_run_cell", start)
shell.events.register("post_run_cell", end)
shell.ask_exit = sys.exit  # otherwise the kernel ends some cells later
Session.serialize = limited
room.update(printed=MOST_PRINTED, shown=MOST_SHOWN)

"""Run what learners hand in, so that nothing they write can break the one who checks it.

A call ends by itself or is ended: by a trace function when its time is up, since the browser's
Python has neither threads nor signals; by a lower recursion limit; by a limit on memory where the
system knows one. What it prints is kept from the screen, what it reads is empty.
"""

import copy
import io
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import numpy as np

SECONDS = 2.0
DEPTH = 400
SPARE_MEMORY = 8 * 2**30
PRINTED = 200

PACKAGE = str(Path(__file__).parent.parent)
LIBRARIES = (PACKAGE, str(Path(io.__file__).parent), "<frozen")
Ending = Literal["returned", "raised", "time", "memory", "recursion", "exit"]


@dataclass(frozen=True)
class Raised:
    """An exception, and the learner's own line it came from."""

    kind: str
    message: str
    line: int | None
    code: str


@dataclass(frozen=True)
class Run:
    """What one call did.

    Attributes
    ----------
    ending
        How it ended.
    value
        What it returned.
    raised
        The exception, where there was one.
    printed
        The beginning of what it printed.
    arguments
        Its arguments as the call left them.
    """

    ending: Ending
    value: object
    raised: Raised | None
    printed: str
    arguments: tuple[object, ...]


def run(
    function: Callable[..., object],
    arguments: Sequence[object] = (),
    seconds: float = SECONDS,
    printed: int = PRINTED,
) -> Run:
    """Call a function with copies of the arguments, whatever it does with them."""
    arguments = tuple(copy.deepcopy(argument) for argument in arguments)
    screen = _Screen(printed)
    ending: Ending = "returned"
    value: object = None
    raised: Raised | None = None
    with _quiet(screen), _little_memory(), _shallow(), _Alarm(seconds) as alarm:
        try:
            value = function(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            alarm.off()
            ending = _ending(error)
            raised = _describe(error)
    return Run(ending, value, raised, screen.getvalue(), arguments)


def _ending(error: BaseException) -> Ending:
    match error:
        case _TimeUp():
            return "time"
        case MemoryError():
            return "memory"
        case RecursionError():
            return "recursion"
        case SystemExit():
            return "exit"
        case _:
            return "raised"


def _describe(error: BaseException) -> Raised:
    """Find the line: the innermost one that is neither ours nor a library's."""
    line, code = None, ""
    for frame in traceback.extract_tb(error.__traceback__):
        if not frame.filename.startswith(LIBRARIES) and "site-packages" not in frame.filename:
            line, code = frame.lineno, (frame.line or "").strip()
    message = str(error).strip().splitlines()
    return Raised(type(error).__name__, message[0][:300] if message else "", line, code)


class _TimeUp(BaseException):
    """Ends a call. Not an `Exception`, so that `except Exception` lets it pass."""

    def __init__(self, alarm: "_Alarm") -> None:
        self.alarm = alarm

    def __del__(self) -> None:
        # Python stops tracing when a trace function raises. If a bare `except:` swallowed this,
        # start again: sooner or later it is raised outside the `try`.
        self.alarm.restart()


class _Alarm:
    """Raises in the code that runs inside `with`, once its time is up."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.on = True
        self.before = sys.gettrace()

    def __enter__(self) -> "_Alarm":
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        self.off()

    def off(self) -> None:
        """Leave tracing as it was."""
        if self.on:
            self.on = False
            sys.settrace(self.before)

    def restart(self) -> None:
        """Trace again whatever runs outside this file."""
        if self.on:
            frame: FrameType | None = sys._getframe(2)  # pyright: ignore[reportPrivateUsage]
            while frame is not None and frame.f_code.co_filename != __file__:
                if not frame.f_code.co_filename.startswith(PACKAGE):
                    frame.f_trace = self._trace
                frame = frame.f_back
            sys.settrace(self._trace)

    def _trace(self, frame: FrameType, event: str, argument: object) -> Any:
        if not self.on or frame.f_code.co_filename.startswith(PACKAGE):
            return None
        # Python 3.11 reports no line for each turn of `while True: pass`.
        frame.f_trace_opcodes = True
        if time.monotonic() > self.end:
            raise _TimeUp(self)
        return self._trace


class _Screen(io.StringIO):
    """Keeps the beginning of what is printed."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def write(self, text: str) -> int:
        if self.tell() < self.most:
            super().write(text[: self.most - self.tell()])
        return len(text)


@contextmanager
def _quiet(screen: _Screen) -> Generator[None]:
    keyboard, sys.stdin = sys.stdin, io.StringIO()
    try:
        with (
            redirect_stdout(screen),
            redirect_stderr(screen),
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.stdin = keyboard


@contextmanager
def _shallow() -> Generator[None]:
    """End a recursion early: a deep one can take the browser's page with it."""
    limit = sys.getrecursionlimit()
    depth, frame = 0, sys._getframe()  # pyright: ignore[reportPrivateUsage]
    while frame := frame.f_back:
        depth += 1
    sys.setrecursionlimit(min(limit, depth + DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@contextmanager
def _little_memory() -> Generator[None]:
    """Let what asks for too much fail at once, where the system would promise it and then kill."""
    try:
        resource = import_module("resource")
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):  # not Linux
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = pages * resource.getpagesize() + SPARE_MEMORY
    if soft != resource.RLIM_INFINITY:
        limit = min(limit, soft)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

"""How a build stops: every problem that was found, each with its file and line."""

import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

FAILURE = ".cache/failure.txt"


class BookError(Exception):
    """The book cannot be built; the message says why, one problem a line."""


class Problems:
    """Collects problems, so that one run names all of a kind instead of the first."""

    def __init__(self) -> None:
        self.found: list[tuple[str, int, str]] = []

    def add(self, file: Path | str, line: int, message: str) -> None:
        """Note a problem at `file:line`."""
        self.found.append((str(file), line, message))

    def stop(self) -> None:
        """Raise BookError if anything was noted."""
        if self.found:
            rows = (f"{file}:{line}: {message}" for file, line, message in sorted(set(self.found)))
            raise BookError("\n".join(rows))


def explained(work: Callable[[], None], root: Path, ending: str = "") -> int:
    """Do some work; return the exit code, having said what is wrong if it is not 0."""
    try:
        work()
    except BookError as error:
        said = str(error)
    except OSError as error:
        said = ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
    except Exception as error:
        said = f"The tools failed, through no fault of the book: {type(error).__name__}: {error}"
        try:
            (root / FAILURE).write_text(traceback.format_exc(), encoding="utf-8")
            said += f"\nWhere they did is in {FAILURE}: please report it."
        except OSError:
            pass
    else:
        return 0
    print(f"\n{said}\n{ending}".rstrip(), file=sys.stderr)
    return 1


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Do jobs side by side; return what they return once all are done, unless interrupted."""
    pool = ThreadPoolExecutor()
    try:
        futures = [pool.submit(job) for job in jobs]
        wait(futures)
        return [future.result() for future in futures]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)

"""How a build stops: every problem that was found, each with its file and line."""

from pathlib import Path


class BookError(Exception):
    """The book cannot be built; the message says why, one problem a line."""


class Problems:
    """Collects problems, so that one run names all of a kind instead of the first."""

    def __init__(self) -> None:
        self.found: set[tuple[str, int, str]] = set()

    def add(self, file: Path | str, line: int, message: str) -> None:
        """Note a problem at `file:line`."""
        self.found.add((str(file), line, message))

    def stop(self) -> None:
        """Raise BookError if anything was noted."""
        if self.found:
            rows = (f"{file}:{line}: {message}" for file, line, message in sorted(self.found))
            raise BookError("\n".join(rows))

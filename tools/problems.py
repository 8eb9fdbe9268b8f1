"""How a build stops: every problem that was found, each with its file and line."""

from pathlib import Path


class BookError(Exception):
    """The book cannot be built; the message says why, one problem a line."""


class Problems:
    """Collects problems, so that one run names all of a kind instead of the first."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, file: Path | str, line: int, message: str) -> None:
        """Note a problem at `file:line`."""
        entry = f"{file}:{line}: {message}"
        if entry not in self.found:
            self.found.append(entry)

    def stop(self) -> None:
        """Raise BookError if anything was noted."""
        if self.found:
            raise BookError("\n".join(sorted(self.found, key=place)))


def place(problem: str) -> tuple[str, int]:
    """Return where a problem is, to put problems in the order of the book's files."""
    file, line, _ = problem.split(":", 2)
    return file, int(line)

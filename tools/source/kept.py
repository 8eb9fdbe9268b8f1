"""What was made is kept, by all that it was made from, and made again only when that changes."""

import contextlib
import hashlib
import json
import os
import pickle
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from tools.problems import Problems

Made = TypeVar("Made")
SECONDS_KEPT = 3600


def digest(*parts: Any) -> str:
    """Return a short name for values; they are text, bytes, or what JSON can say."""
    total = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True).encode()
        total.update(str(len(data)).encode() + b":" + data)
    return total.hexdigest()[:32]


def digest_of_files(root: Path, files: Iterable[Path]) -> str:
    """Return a short name for files: their paths below `root`, and what they say."""
    there = sorted(path for path in files if path.is_file() and "__pycache__" not in path.parts)
    return digest(*(part for p in there for part in (str(p.relative_to(root)), p.read_bytes())))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, whatever ends this process meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        try:
            file.write(content)
            file.close()
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


class Kept:
    """A folder of results. `base` is what all of them depend on.

    Each file begins with a digest of the rest: disks and people damage files.
    """

    def __init__(self, folder: Path, base: str) -> None:
        self.folder, self.base = folder, base
        self.used: set[str] = set()

    def key(self, *made_from: Any) -> str:
        """Return the name under which what is made from these values is kept."""
        return digest(self.base, *made_from)

    def get(self, key: str) -> Any:
        """Return what is kept; None if nothing is, or if the file was cut short or changed."""
        self.used.add(key)
        try:
            content = (self.folder / key).read_bytes()
        except OSError:
            return None
        whole = hashlib.sha256(content[32:]).digest() == content[:32]
        return pickle.loads(content[32:]) if whole else None

    def put(self, key: str, made: Made) -> Made:
        """Keep a result, whole or not at all; return it."""
        content = pickle.dumps(made)
        write_whole(self.folder / key, hashlib.sha256(content).digest() + content)
        return made

    def make(self, make: Callable[[], Made], *made_from: Any, problems: Problems) -> Made:
        """Return what `make` makes, kept or new; what it has problems with is not kept."""
        key = self.key(*made_from)
        made = self.get(key)
        if made is None:
            before = len(problems.found)
            made = make()
            if len(problems.found) == before:
                self.put(key, made)
        return made

    def sweep(self) -> None:
        """Remove what was not asked for this time and is old."""
        for path in self.folder.glob("*"):
            with contextlib.suppress(OSError):  # what cannot be swept away harms no book
                if path.name not in self.used and time.time() - path.stat().st_mtime > SECONDS_KEPT:
                    path.unlink()

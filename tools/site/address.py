"""Where the book and its sources are to be found, if anyone knows.

`site-url` and `repo-url` in `_quarto.yml`, which the environment variables SITE_URL and REPO_URL
override: a workflow sets them to the addresses of the repository that it runs in.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tools.problems import BookError
from tools.source import config

BRANCH = "main"
NOTEBOOKS = "notebooks"  # the branch that the published notebooks are pushed to


@dataclass(frozen=True)
class Addresses:
    """The site's and the repository's address, without a slash at the end; None if unknown."""

    site: str | None
    repository: str | None

    @property
    def on_github(self) -> str | None:
        """Return `owner/name` of a repository that is on GitHub."""
        parts = urlsplit(self.repository or "")
        return parts.path.strip("/") if parts.netloc == "github.com" else None

    def missing(self) -> list[str]:
        """Say what is left out because an address is not known."""
        found: list[str] = []
        if not self.site:
            found.append("site map, canonical addresses and cards (SITE_URL)")
        if not self.repository:
            found.append("links to the sources and to Colab (REPO_URL)")
        return found


def addresses(root: Path) -> Addresses:
    """Find both addresses."""
    book = config.shared(root).get("book") or {}
    known: list[str | None] = []
    for key, variable in (("site-url", "SITE_URL"), ("repo-url", "REPO_URL")):
        address = os.environ.get(variable) or book.get(key)
        name = variable if os.environ.get(variable) else f"{config.MAIN}: {key}"
        if address and urlsplit(str(address)).scheme not in ("http", "https"):
            raise BookError(f"{name}: {address!r} is no address, it must begin with https://")
        known.append(str(address).rstrip("/") if address else None)
    return Addresses(*known)


@dataclass(frozen=True)
class History:
    """What git knows of the sources: the commit, and the day on which each file last changed."""

    commit: str | None
    changed: dict[str, str]


def history(root: Path) -> History:
    """Ask git once; without it, nothing is known."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-c", "core.quotepath=off", *arguments],
            cwd=root, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    try:
        if Path(git("rev-parse", "--show-toplevel").strip()).resolve() != root.resolve():
            return History(None, {})
        commit = git("rev-parse", "--short", "HEAD").strip()
        listing = git("log", "--format=%x00%cs", "--name-only", "--", "*.qmd")
    except (OSError, subprocess.CalledProcessError):
        return History(None, {})
    changed: dict[str, str] = {}
    for entry in listing.split("\0")[1:]:
        day, *files = entry.split("\n")
        for file in filter(None, files):
            changed.setdefault(file, day)  # the newest comes first
    return History(commit, changed)

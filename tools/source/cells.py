"""Running the cells: one kernel per chapter, each chapter once for both editions and all formats.

Outputs stay in Jupyter's own form. They are kept by what they depend on: the chapter's code, the
package, what draws the figures, the applications whose sources are shown, and the versions of NumPy
and matplotlib. A changed sentence runs nothing.
"""

import importlib.metadata
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.problems import BookError
from tools.source.chapters import Chapter
from tools.source.config import fixed
from tools.source.kept import Kept, digest, digest_of_files

Output = dict[str, Any]

FOLDER = ".cache/cells"
# Of the tests, what other libraries answered: chapters compare with it.
DEPENDS_ON = (
    *("src/cnnlayers/**/*", "book/**/*", "benchmarks/**/*", "apps/**/*"),
    "tests/**/*.json",
)
HERE = Path(__file__).parent
RUNNERS = [HERE / name for name in ("cells.py", "running.py", "kernel.py", "drawing.py")]
PACKAGES = ("numpy", "matplotlib", "matplotlib-inline", "ipykernel", "ipython", "griffe")


@dataclass(frozen=True)
class Outputs:
    """What each cell of a chapter showed, and the name that stands for all of it."""

    key: str = ""
    cells: list[list[Output]] = field(default_factory=list)


def environment(root: Path) -> dict[str, str]:
    """Return the environment of a build: a fixed clock and fixed hashing."""
    own = {
        "PYTHONWARNINGS": "default",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    return {**os.environ, **fixed(root), **own}


def surroundings(root: Path) -> str:
    """Return a digest of all that cells depend on besides their own code."""
    return digest(
        digest_of_files(HERE, RUNNERS),
        list(sys.version_info[:3]),
        fixed(root),
        [importlib.metadata.version(name) for name in PACKAGES],
        digest_of_files(root, (path for some in DEPENDS_ON for path in root.glob(some))),
    )


def run_all(root: Path, chapters: list[Chapter], say: Callable[[str], None]) -> dict[str, Outputs]:
    """Return the outputs of every chapter by its source's path, running only what must run."""
    kept = Kept(root / FOLDER, surroundings(root))
    sharing: dict[str, list[Chapter]] = {}
    for chapter in chapters:
        sharing.setdefault(kept.key([cell.code for cell in chapter.cells]), []).append(chapter)
    found = {key: kept.get(key) if same[0].cells else [] for key, same in sharing.items()}
    if missing := [key for key, outputs in found.items() if outputs is None]:
        # Imported here: where nothing runs, this would take most of the build's time.
        import asyncio

        from tools.source import running

        gate = asyncio.Semaphore(2)

        async def fill(key: str) -> None:
            async with gate:
                started = time.monotonic()
                same = sharing[key]
                found[key] = kept.put(key, await running.run(root, same[0], environment(root), say))
                names = ", ".join(chapter.page.source for chapter in same)
                say(f"  ran {names} ({time.monotonic() - started:.0f} s)")

        async def fill_all() -> None:
            async with asyncio.TaskGroup() as group:
                for key in missing:
                    group.create_task(fill(key))

        try:
            running.in_a_loop(fill_all())
        except BaseExceptionGroup as group:
            if not (stopped := group.subgroup(BookError)):
                raise group.exceptions[0] from None
            raise BookError("\n".join(sorted(map(str, stopped.exceptions)))) from None
    kept.sweep()
    return {
        chapter.page.source: Outputs(key, found[key])
        for key, same in sharing.items()
        for chapter in same
    }

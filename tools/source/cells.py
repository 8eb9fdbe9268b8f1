"""Running the cells: one kernel per chapter, each chapter once for both editions and all formats.

Outputs stay in Jupyter's own form. They are kept by what they depend on: the chapter's code, the
package, what draws the figures, the applications whose sources are shown, and the versions of NumPy
and matplotlib. A changed sentence runs nothing.
"""

import importlib.metadata
import os
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.problems import BookError
from tools.source.chapters import Chapter
from tools.source.config import fixed
from tools.source.kept import Kept, digest, digest_of_files

Output = dict[str, Any]

FOLDER = ".cache/cells"
DEPENDS_ON = ("src/cnnlayers/**/*", "book/**/*", "benchmarks/**/*", "apps/**/*")
PACKAGES = ("numpy", "matplotlib", "matplotlib-inline", "ipykernel", "ipython", "griffe")
# Vector figures, whatever the reader's own configuration says; salt makes their inner names repeat.
SET_UP = """\
%matplotlib inline
%config InlineBackend.figure_formats = ['svg']
import matplotlib
matplotlib.rcParams['svg.hashsalt'] = 'book'
del matplotlib
"""
ANSI = re.compile(r"\x1b\[[0-9;]*m")


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
        Path(__file__).read_bytes(),
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
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = {
            pool.submit(run, root, sharing[key][0]): key
            for key, outputs in found.items()
            if outputs is None
        }
        for done in as_completed(running):
            key = running[done]
            try:
                found[key] = kept.put(key, done.result())
            except BookError:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
            say("  ran " + ", ".join(chapter.page.source for chapter in sharing[key]))
    kept.sweep()
    return {
        chapter.page.source: Outputs(key, found[key])
        for key, same in sharing.items()
        for chapter in same
    }


def run(root: Path, chapter: Chapter) -> list[list[Output]]:
    """Run one chapter's cells in a fresh kernel; return what each one showed."""
    # Imported here: where nothing runs, they would take most of the build's time.
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    cells = [nbformat.v4.new_code_cell(SET_UP)]
    cells += [nbformat.v4.new_code_cell(cell.code) for cell in chapter.cells]
    notebook = nbformat.v4.new_notebook(cells=cells)
    started = [0]
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        timeout=600,
        on_cell_start=lambda cell_index, **_: started.append(cell_index),
        resources={"metadata": {"path": str(root)}},
    )
    try:
        client.execute(env=environment(root))
    except CellExecutionError as error:
        raise BookError(failure(chapter, notebook, error)) from error
    except (DeadKernelError, TimeoutError) as error:
        # The first cell is the set-up, which no chapter has.
        line = chapter.cells[max(started[-1] - 1, 0)].line
        message = f"{chapter.page.source}:{line}: the cell did not finish: {error}"
        raise BookError(message) from error
    results: list[list[Output]] = []
    for cell, ran in zip(chapter.cells, notebook.cells[1:], strict=True):
        outputs = joined([tidy(output) for output in ran.outputs])
        complaint = "".join(o["text"] for o in outputs if o.get("name") == "stderr")
        if complaint:
            raise BookError(
                f"{chapter.page.source}:{cell.code_line}: a cell wrote to standard error: "
                + " ".join(complaint.split())
            )
        results.append(outputs)
    return results


def failure(chapter: Chapter, notebook: Any, error: Exception) -> str:
    """Return `file:line: error` for a cell that raised."""
    for cell, ran in zip(chapter.cells, notebook.cells[1:], strict=True):
        for output in ran.outputs:
            if output.output_type == "error":
                trace = ANSI.sub("", "\n".join(output.traceback))
                inside = re.search(r"Cell In\[\d+\], line (\d+)", trace)
                number = int(inside[1]) - 1 if inside else 0
                # A bare assert says nothing: its line does.
                said = output.evalue or ran.source.splitlines()[number].strip()
                where = f"{chapter.page.source}:{cell.code_line + number}"
                return f"{where}: {output.ename}: {said}"
    return f"{chapter.page.source}:1: {error}"


def tidy(output: Any) -> Output:
    """Keep of an output what is shown: no count of executions, which differs between copies."""
    if output.output_type == "stream":
        return {"output_type": "stream", "name": output.name, "text": output.text}
    return {"output_type": "display_data", "data": dict(output.data), "metadata": {}}


def joined(outputs: list[Output]) -> list[Output]:
    """Join the pieces that printed text arrives in: where it breaks is chance.

    nbclient's `coalesce_streams` would also pull text from behind a figure to before it.
    """
    result: list[Output] = []
    for output in outputs:
        before = result[-1] if result else {}
        if "text" in output and output["name"] == before.get("name"):
            before["text"] += output["text"]
        else:
            result.append(output)
    return result

"""Running the cells: one kernel per chapter, each chapter once for both editions and both formats.

Results are kept under `.cache/`, by what they depend on: the chapter's code, the package, what
draws the figures, and the versions of NumPy and matplotlib. A changed sentence runs nothing.
"""

import hashlib
import importlib.metadata
import json
import os
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from tools.problems import BookError
from tools.source.chapters import Chapter
from tools.source.config import fixed

Output = dict[str, Any]
Outputs = list[list[Output]]

CACHE = ".cache/cells"
# Rises when results are kept in another form.
FORM = 3
DEPENDS_ON = ("src/cnnlayers", "book", "benchmarks")
# Vector figures, whatever the reader's own configuration says; salt makes their inner names repeat.
SET_UP = """\
%matplotlib inline
%config InlineBackend.figure_formats = ['svg']
import matplotlib
matplotlib.rcParams['svg.hashsalt'] = 'book'
del matplotlib
"""
ANSI = re.compile(r"\x1b\[[0-9;]*m")


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
    digest = hashlib.sha256(
        f"{FORM} {sys.version_info[:3]}{SET_UP}{sorted(fixed(root).items())}".encode()
    )
    for name in ("numpy", "matplotlib", "ipykernel"):
        digest.update(f"{name} {importlib.metadata.version(name)}".encode())
    for folder in DEPENDS_ON:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
                digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    # Chapters also show the applications' sources.
    for path in sorted((root / "apps").rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def key_of(chapter: Chapter, around: str) -> str:
    """Return the name under which a chapter's results are kept."""
    code = json.dumps([cell.code for cell in chapter.cells])
    return hashlib.sha256((around + code).encode()).hexdigest()[:32]


def run_all(root: Path, chapters: list[Chapter], say: Callable[[str], None]) -> dict[str, Outputs]:
    """Return the outputs of every chapter by its source's path, running only what must run."""
    around = surroundings(root)
    cache = root / CACHE
    cache.mkdir(parents=True, exist_ok=True)
    wanted: dict[str, list[Chapter]] = {}
    for chapter in chapters:
        if chapter.cells:
            wanted.setdefault(key_of(chapter, around), []).append(chapter)
    results = {chapter.page.source: [] for chapter in chapters}
    missing = [key for key in wanted if not (cache / f"{key}.json").is_file()]
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = {pool.submit(run, root, wanted[key][0]): key for key in missing}
        for done in as_completed(running):
            key = running[done]
            try:
                outputs = done.result()
            except BookError:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
            partial = cache / f"{key}.partial"
            partial.write_text(json.dumps(outputs), encoding="utf-8")
            partial.replace(cache / f"{key}.json")
            say("  ran " + ", ".join(chapter.page.source for chapter in wanted[key]))
    for key, same in wanted.items():
        outputs = json.loads((cache / f"{key}.json").read_text(encoding="utf-8"))
        for chapter in same:
            results[chapter.page.source] = outputs
    return results


def run(root: Path, chapter: Chapter) -> Outputs:
    """Run one chapter's cells in a fresh kernel; return what each one showed."""
    cells = [nbformat.v4.new_code_cell(SET_UP)]
    cells += [nbformat.v4.new_code_cell(cell.code) for cell in chapter.cells]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        timeout=600,
        resources={"metadata": {"path": str(root)}},
    )
    try:
        client.execute(env=environment(root))
    except CellExecutionError as error:
        raise BookError(failure(chapter, notebook, error)) from error
    except (DeadKernelError, TimeoutError) as error:
        at = failing_cell(chapter, notebook)
        raise BookError(f"{chapter.page.source}:{at}: the cell did not finish: {error}") from error
    results: Outputs = []
    for cell, ran in zip(chapter.cells, notebook.cells[1:], strict=True):
        outputs = joined([tidy(output) for output in ran.outputs])
        complaint = [o["text"] for o in outputs if o["kind"] == "stream" and o["name"] == "stderr"]
        if complaint:
            message = " ".join("".join(complaint).split())
            raise BookError(
                f"{chapter.page.source}:{cell.code_line}: a cell wrote to standard error: {message}"
            )
        results.append(outputs)
    return results


def failing_cell(chapter: Chapter, notebook: Any) -> int:
    """Return the line of the first cell that has not finished."""
    for cell, ran in zip(chapter.cells, notebook.cells[1:], strict=True):
        if ran.execution_count is None:
            return cell.line
    return 1


def failure(chapter: Chapter, notebook: Any, error: CellExecutionError) -> str:
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


def joined(outputs: list[Output]) -> list[Output]:
    """Join the pieces that printed text arrives in: where it breaks is chance.

    nbclient's `coalesce_streams` would also pull text from behind a figure to before it.
    """
    result: list[Output] = []
    for output in outputs:
        before = result[-1] if result else {"kind": None}
        if output["kind"] == before["kind"] == "stream" and output["name"] == before["name"]:
            before["text"] += output["text"]
        else:
            result.append(output)
    return result


def tidy(output: Any) -> Output:
    """Keep of a Jupyter output what pages are made of."""
    if output.output_type == "stream":
        return {"kind": "stream", "name": output.name, "text": output.text}
    data = {
        mime: "".join(value) if isinstance(value, list) else value
        for mime, value in output.data.items()
    }
    return {"kind": "data", "data": data}

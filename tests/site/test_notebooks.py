"""Every notebook that readers download, run as they would run it."""

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import nbformat

from tests.tools.helpers import run_as_a_reader


def code(notebook) -> list[str]:
    """Return the cells that have no words of a language: not those of exercises, nor comments."""
    sources = [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and "exercise" not in cell.metadata.get("tags", [])
    ]
    return [re.sub(r"^# .*\n", "", source) for source in sources]


def printed(cell) -> str:
    """What a cell printed, and what it showed as text where it drew nothing."""
    found = ""
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "text" in output:
            found += output.text
        elif data.keys() == {"text/plain"}:
            found += data["text/plain"]
    return found


def test_every_notebook_runs_without_the_books_own_code_and_prints_what_it_shows(
    rendered, tmp_path
):
    made = rendered("builtin")
    paths = sorted((made / "es").rglob("*.ipynb"))
    assert len(paths) >= 9

    def run(path) -> list[str]:
        shown = nbformat.read(path, as_version=4)
        folder = tmp_path / path.stem
        folder.mkdir()
        ran = run_as_a_reader(nbformat.read(path, as_version=4), folder)
        return [
            f"{path.stem}: {before.source[:60]!r}: {printed(after)!r}, not {printed(before)!r}"
            for before, after in zip(shown.cells, ran.cells, strict=True)
            if before.cell_type == "code" and before.outputs and printed(before) != printed(after)
        ]

    with ThreadPoolExecutor(max_workers=2) as pool:
        assert [line for lines in pool.map(run, paths) for line in lines] == []


def solved(notebook):
    """Put the book's own function into every cell that asks for one, and demand that it passes."""
    count = 0
    cells = [cell for cell in notebook.cells if "exercise" in cell.metadata.get("tags", [])]
    for stub, check in pairwise(cells):
        call = re.search(r'check\("([\w-]+)", (\w+), language=', check.source)
        if call and f"def {call[2]}(" in stub.source:
            name = repr(call[1])
            own = (
                f"from cnnlayers.exercises import _EXERCISES\n\n_own = _EXERCISES[{name}].function"
            )
            stub.source = f"{own}\n{call[2]} = _own"
            check.source = check.source.replace('check("', 'assert check("') + ".passed"
            count += 1
    return count


def test_exercises_solved_in_the_notebook_pass(rendered, tmp_path):
    made = rendered("builtin")
    counts = []
    for path in sorted((made / "en").rglob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        counts.append(solved(notebook))
        if counts[-1]:
            run_as_a_reader(notebook, tmp_path)
    assert sum(counts) >= 8


def test_both_editions_have_the_same_cells_in_their_notebooks(rendered):
    made = rendered("builtin")
    for path in sorted((made / "es").rglob("*.ipynb")):
        name = path.relative_to(made / "es").as_posix().replace("chapters/es", "chapters/en")
        twin = nbformat.read(made / "en" / name, as_version=4)
        spanish = [text.replace('"es"', '"en"') for text in code(nbformat.read(path, as_version=4))]
        assert spanish == code(twin), name

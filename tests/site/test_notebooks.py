"""Every notebook that readers download, run as they would run it."""

from concurrent.futures import ThreadPoolExecutor

import nbformat

from tests.tools.helpers import run_as_a_reader


def code(notebook) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


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


def test_both_editions_have_the_same_cells_in_their_notebooks(rendered):
    made = rendered("builtin")
    for path in sorted((made / "es").rglob("*.ipynb")):
        name = path.relative_to(made / "es").as_posix().replace("chapters/es", "chapters/en")
        twin = nbformat.read(made / "en" / name, as_version=4)
        assert code(nbformat.read(path, as_version=4)) == code(twin), name

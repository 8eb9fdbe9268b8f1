"""The notebooks that readers download: what is in them, and that they run without the book."""

import base64
import json
import shutil
import zipfile

import nbformat
import pytest

from tests.tools.helpers import edit, put, render, run_as_a_reader, squeeze
from tools import exercises
from tools.notebooks import wheel


def read(root, name, lang="es"):
    path = root / f"_book/{lang}/chapters/{lang}/{name}.ipynb"
    return nbformat.read(path, as_version=4)


def code(notebook) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook) -> str:
    return "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


def printed(notebook, hidden: str = "") -> list[str]:
    """Return what the cells of a notebook printed, apart from what the page does not show."""
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return [o.text for o in outputs if "text" in o and o.text != hidden]


def test_a_notebook_has_the_cells_that_do_without_the_book_and_what_they_need(rendered):
    assert code(read(rendered, "one"))[1:] == [
        'import numpy as np\n\nbase = 3\nprint("[never shown]")',  # hidden, and needed
        "print(base + 1)",
        "np.random.seed(1)",  # hidden, and what follows depends on it
        "print(np.random.rand(2))",
        "assert 1 + 1 == 2",
    ]
    assert code(read(rendered, "two"))[1:] == [
        "import matplotlib.pyplot as plt\n\nplt.plot([1, 0])\nplt.show()"
    ]


def test_what_the_other_cells_showed_is_in_the_text(rendered):
    text = squeeze(prose(read(rendered, "one")))
    assert "[0 2 4]" in text and "print(np.arange(base) \\* words.FACTOR)" not in text
    assert "Figura 1.1: Una recta, como en la [ecuación 1.1](one.html#eq-sum)." in text
    assert "**From a cell**, as it is" in text
    assert "from book import" not in text


def test_headings_numbers_and_references_are_those_of_the_page(rendered):
    text = squeeze(prose(read(rendered, "one")))
    for shown in ("# 1 Uno", "## 1.1 Dentro", "#### 1.1.1.1 Más hondo", "## Aside", "\\tag{1.2}"):
        assert shown in text
    assert "See [figura 1.1](one.html#fig-line), [figura 1.2](one.html#fig-moving)" in text
    assert "read Knuth ([1984](references.html#ref-knuth1984))" in text
    assert "**Ejercicio 1.1 (Suma)**" in text and "## Soluciones" in text


def test_links_lead_to_the_site_once_there_is_one(book, monkeypatch):
    monkeypatch.setenv("SITE_URL", "https://example.org/book/")
    render(book, "es")
    notebook = read(book, "one")
    assert "(https://example.org/book/es/chapters/es/two.html)" in prose(notebook)
    assert f'"https://example.org/book/es/chapters/es/{wheel.build().name}"' in code(notebook)[0]


def test_formulas_are_written_as_jupyterlab_and_vs_code_read_them(rendered):
    text = prose(read(rendered, "one"))
    assert "$$a = \\sum_i x_i \\tag{1.1}$$" in text and "$x^2$" in text and "$`" not in text


def test_callouts_are_quotations(rendered):
    text = prose(read(rendered, "two"))
    assert "> **Cuidado**\n>\n> Cuerpo." in text


def test_pictures_of_cells_left_out_come_along(rendered):
    notebook = read(rendered, "one")
    attached = {k: v for c in notebook.cells for k, v in c.get("attachments", {}).items()}
    assert attached.keys() == {"fig-line.png", "fig-moving.png"}
    for picture in attached.values():
        assert base64.b64decode(picture["image/png"]).startswith(b"\x89PNG")


def test_what_cells_drew_is_png_too(rendered):
    notebook = read(rendered, "two")
    (drawn,) = [o.data for c in notebook.cells for o in c.get("outputs", []) if "data" in o]
    assert "image/png" in drawn and "image/svg+xml" not in drawn


def tagged(notebook, tag: str) -> list:
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def test_an_exercise_is_a_cell_to_complete_and_one_that_checks_it(rendered):
    cells = tagged(read(rendered, "three"), "exercise")
    assert cells[0].source.startswith("import numpy as np\n\n\ndef zero_pad(X, pad):")
    assert cells[1].source.endswith('\n\ncheck("zero_pad", zero_pad, language="es")')
    assert cells[4].source.endswith(
        'check("pool-by-hand", maximum=..., average=..., language="es")'
    )


def test_solutions_stand_folded_at_the_end(rendered):
    notebook = read(rendered, "three", "en")
    (solution,) = tagged(notebook, "solution")
    assert solution is notebook.cells[-1] and solution.source.startswith("def crop(X_pad, pad):")
    assert solution.metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}
    assert "hide-cell" in solution.metadata.tags
    heading, text = notebook.cells[-3:-1]
    assert heading.source == "## Solutions"
    assert text.source == "### Exercise 3.2 (Undo)\n\nA slice will do."


def test_hints_are_folded_one_in_the_other(book):
    record = book / exercises.RECORD
    known = json.loads(record.read_text(encoding="utf-8"))
    known["exercises"]["zero_pad"]["es"]["hints"] = ["Look.", "Use `np.pad`."]
    put(record, json.dumps(known))
    render(book, "es")
    hints, *_ = tagged(read(book, "three"), "hint")
    vague, plain = hints.source.split("<summary>")[1:]
    assert vague.startswith("Pista 1</summary>\n\nLook.\n\n<details>")
    assert plain == "Pista 2</summary>\n\nUse `np.pad`.\n\n</details>\n\n</details>"


def test_what_an_exercise_changes_does_not_break_what_follows(book, tmp_path):
    """The stubs of exercises are run as they are, and solutions after everything else."""
    chapter = book / "chapters/es/three.qmd"
    text = chapter.read_text(encoding="utf-8")
    before = (
        "```{python}\nimport numpy as np\nfrom cnnlayers.loops import zero_pad\n\nkept = 1\n```\n\n"
    )
    after = "\n```{python}\nprint(zero_pad(np.ones((1, 1, 1, 1)), kept).shape)\nkept = 2\n```\n"
    text = text.replace("::: {#exr-zero_pad}", f"{before}::: {{#exr-zero_pad}}")
    end = "pad : n_W - pad, :]\n"
    put(chapter, text.replace(end, f"{end}\n\nassert kept == 1\n") + after)
    render(book, "es")
    notebook = read(book, "three")
    *_, again, follows, first, solution = code(notebook)
    assert again.endswith("\nfrom cnnlayers.loops import zero_pad") and "print" in follows
    assert "kept = 1" in first and "assert kept == 1" in solution
    assert "(1, 3, 3, 1)\n" in printed(run_as_a_reader(notebook, tmp_path))


def test_the_package_stands_beside_the_notebooks_that_install_it(rendered):
    (package,) = (rendered / "_book/en/chapters/en").glob("*.whl")
    names = zipfile.ZipFile(package).namelist()
    assert "cnnlayers/exercises/bank/zero_pad.toml" in names and "cnnlayers/loops.py" in names
    assert f'wheel = Path("{package.name}")' in code(read(rendered, "one", "en"))[0]


def test_where_the_package_is_missing_the_first_cell_installs_the_one_beside_it(
    rendered, tmp_path, monkeypatch
):
    """With a stand-in for pip, which says what it is asked for."""
    cell = code(read(rendered, "one"))[0]
    (package,) = (rendered / "_book/es/chapters/es").glob("*.whl")
    shutil.copy(package, tmp_path)
    asked = 'get_ipython().register_magic_function(lambda line: print(line), magic_name="pip")'
    missing = 'import sys\nsys.modules["cnnlayers.exercises"] = None'
    cells = [nbformat.v4.new_code_cell(text) for text in (f"{asked}\n{missing}", cell)]
    ran = run_as_a_reader(nbformat.v4.new_notebook(cells=cells), tmp_path)
    assert printed(ran) == [f"install --quiet {package.name} matplotlib\n"]
    assert printed(run_as_a_reader(nbformat.v4.new_notebook(cells=cells[1:]), tmp_path)) == []


def test_what_a_hidden_cell_printed_stays_hidden(rendered):
    outputs = [cell.outputs for cell in read(rendered, "one").cells if cell.cell_type == "code"]
    assert outputs[1] == [] and outputs[2][0].text == "4\n"


@pytest.mark.slow
def test_a_name_made_again_without_the_book_counts_as_there(book):
    chapter = book / "chapters/es/one.qmd"
    cells = "x = words.FACTOR", "print(x, 1)", "x = 2", "print(x, 2)"
    edit(chapter, "print(base + 1)", "\n```\n\n```{python}\n".join(cells))
    render(book, "es")
    assert code(read(book, "one"))[2:4] == ["x = 2", "print(x, 2)"]


def test_every_cell_has_a_name_of_its_own(rendered):
    cells = read(rendered, "one").cells
    assert len({cell.id for cell in cells}) == len(cells)


@pytest.mark.parametrize("name", ["one", "two"])
@pytest.mark.slow
def test_a_reader_without_the_books_own_code_can_run_it(rendered, tmp_path, name):
    notebook = read(rendered, name)
    shown = printed(notebook)
    assert printed(run_as_a_reader(notebook, tmp_path), hidden="[never shown]\n") == shown


def test_it_would_be_noticed_if_a_notebook_needed_the_book(tmp_path):
    cells = [nbformat.v4.new_code_cell("import book")]
    with pytest.raises(Exception, match="No module named 'book'"):
        run_as_a_reader(nbformat.v4.new_notebook(cells=cells), tmp_path)

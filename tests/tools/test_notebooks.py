"""The notebooks that readers download: what is in them, and that they run without the book."""

import nbformat
import pytest

from tests.tools.helpers import edit, render, run_as_a_reader, squeeze


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
    assert code(read(rendered, "one")) == [
        'import numpy as np\n\nbase = 3\nprint("[never shown]")',  # hidden, and needed
        "print(base + 1)",
        "np.random.seed(1)",  # hidden, and what follows depends on it
        "print(np.random.rand(2))",
        "assert 1 + 1 == 2",
    ]
    assert code(read(rendered, "two")) == [
        "import matplotlib.pyplot as plt\n\nplt.plot([1, 0])\nplt.show()"
    ]


def test_what_the_other_cells_showed_is_in_the_text(rendered):
    text = squeeze(prose(read(rendered, "one")))
    assert "[0 2 4]" in text and "print(np.arange(base) \\* words.FACTOR)" not in text
    assert "Figura 1.1: Una recta, como en la ecuación 1.1." in text
    assert "**From a cell**, as it is" in text
    assert "from book import" not in text


def test_headings_numbers_and_references_are_those_of_the_page(rendered):
    text = squeeze(prose(read(rendered, "one")))
    for shown in ("# 1 Uno", "## 1.1 Dentro", "#### 1.1.1.1 Más hondo", "## Aside", "\\tag{1.2}"):
        assert shown in text
    assert "See figura 1.1, figura 1.2, ecuación 1.1" in text and "read Knuth (1984)" in text
    assert "**Ejercicio 1.1 (Suma)**" in text and "**Solución**" in text


def test_pictures_of_cells_left_out_come_along(rendered):
    notebook = read(rendered, "one")
    attached = {name for c in notebook.cells for name in c.get("attachments", {})}
    assert attached == {"fig-line.svg"}


def test_what_a_hidden_cell_printed_stays_hidden(rendered):
    outputs = [cell.outputs for cell in read(rendered, "one").cells if cell.cell_type == "code"]
    assert outputs[0] == [] and outputs[1][0].text == "4\n"


@pytest.mark.slow
def test_a_name_made_again_without_the_book_counts_as_there(book):
    chapter = book / "chapters/es/one.qmd"
    cells = "x = words.FACTOR", "print(x, 1)", "x = 2", "print(x, 2)"
    edit(chapter, "print(base + 1)", "\n```\n\n```{python}\n".join(cells))
    render(book, "es")
    assert code(read(book, "one"))[1:3] == ["x = 2", "print(x, 2)"]


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

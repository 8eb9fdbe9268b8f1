"""What Quarto is given instead of cells to run."""

import hashlib
import json
import re

import pytest

from tests.tools.helpers import PIXELS, edit
from tools.problems import Problems
from tools.quarto import freeze
from tools.source import config, shown
from tools.source.prepare import keeper, prepare


@pytest.fixture
def frozen(book):
    """Return the folder in which the Spanish edition's results are frozen."""
    edition = config.editions(book)[0]
    prepared = prepare(book, [edition], keeper(book), Problems(), print)
    freeze.freeze(book, prepared["es"])
    return book / ".quarto/_freeze/chapters/es"


def result(frozen, name: str, ending: str) -> dict:
    return json.loads((frozen / name / f"execute-results/{ending}.json").read_text("utf-8"))


def test_results_are_frozen_for_exactly_the_text_that_is_there(book, frozen):
    text = (book / "chapters/es/one.qmd").read_bytes()
    assert result(frozen, "one", "html")["hash"] == hashlib.md5(text).hexdigest()
    assert {path.name for path in frozen.iterdir()} == {"one", "two", "three"}  # those with cells


@pytest.mark.parametrize("ending", ["html", "typ"])
def test_cells_have_become_what_they_showed(frozen, ending):
    text = result(frozen, "one", ending)["result"]["markdown"]
    assert "```{python}" not in text and "#|" not in text
    assert "[never shown]" not in text and "words.moving()" not in text
    cell = text[text.index("print(base + 1)") :]
    assert re.search(
        r"\n::: \{\.cell number=\d+\}\n``` \{\.python \.cell-code\}\n$", text[: -len(cell)]
    )
    output = "::: {.cell-output .cell-output-stdout}\n```\n4\n```\n\n:::"
    assert cell.startswith(f"print(base + 1)\n```\n\n\n{output}")
    assert "\n**From a cell**, as it is: $x^2$.\n" in text


@pytest.mark.parametrize(("ending", "folder"), [("html", "figure-html"), ("typ", "figure-typst")])
def test_figures_are_files_beside_it(frozen, ending, folder):
    text = result(frozen, "one", ending)["result"]["markdown"]
    start = "![Una recta, como en la @eq-sum.]"
    assert f"{start}(one_files/{folder}/fig-line.svg){{#fig-line fig-alt='A line" in text
    assert (frozen / "one" / folder / "fig-line.svg").read_bytes().startswith(b"<svg")


def test_a_picture_of_pixels_comes_with_its_size(book, request):
    edit(book / "chapters/es/one.qmd", "plt.plot([0, 1])\nplt.show()", PIXELS)
    text = result(request.getfixturevalue("frozen"), "one", "html")["result"]["markdown"]
    assert "fig-line.png){#fig-line width=50 height=30 fig-alt='A line" in text


def test_what_moves_is_for_pages_alone(frozen):
    page, paper = (result(frozen, "one", end)["result"]["markdown"] for end in ("html", "typ"))
    assert "{=html}\n<div class='moving'>" in page
    assert "moving.svg" in paper and "<div" not in paper


def test_a_fence_is_longer_than_those_inside():
    assert shown.fenced("````\nx\n````").startswith("`````\n")


def test_what_was_made_from_other_sources_is_thrown_away(book, frozen):
    freeze.thaw(book)
    assert frozen.is_dir()
    edit(book / "book/words.py", "FACTOR = 2", "FACTOR = 3")
    freeze.thaw(book)
    assert not frozen.exists()
    frozen.mkdir(parents=True)  # what Quarto runs and keeps by itself
    freeze.thaw(book)
    assert frozen.is_dir()

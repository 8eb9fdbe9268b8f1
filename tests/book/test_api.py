"""The API page: every public name, in Markdown that becomes HTML and Typst."""

import contextlib
import io
import re

import pypandoc
import pytest

import cnnlayers
from book import api_page
from book.api import NAMES, markdown


@pytest.fixture(scope="module")
def page():
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        api_page()
    return out.getvalue()


def test_it_has_every_public_name_once(page):
    assert sorted(NAMES) == sorted(cnnlayers.__all__)
    assert re.findall(r"^## `(\w+)`", page, flags=re.MULTILINE) == NAMES


def test_it_says_shapes_errors_and_sources(page):
    for words in ("(m, n\\_H, n\\_W, n\\_C)", "**Parameters**", "`ValueError`", "arXiv:1603.07285"):
        assert words in page


def test_nothing_of_the_docstrings_own_markup_is_left(page):
    prose = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    assert not re.search(r"``|\]_|^\.\. |:math:|\{\{<", prose, flags=re.MULTILINE)


@pytest.mark.parametrize("form", ["html", "typst"])
def test_it_converts(page, form):
    made = pypandoc.convert_text(page, form, format="markdown", extra_args=["--fail-if-warnings"])
    assert "conv_forward" in made
    assert "n_H, n_W" in made.replace("\\_", "_")


def test_escapes_what_markdown_would_read():
    assert markdown("``a_b`` is 2*3*4 in [1]_") == "`a_b` is 2\\*3\\*4 in \\[1\\]"

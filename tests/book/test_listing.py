"""Listings: the source as it stands, without its docstring."""

import ast
import contextlib
import inspect
import io

import pytest

from book import show_file, show_source
from book.listing import ROOT, without_docstring
from cnnlayers import loops

FUNCTIONS = [
    "zero_pad",
    "conv_single_step",
    "conv_forward",
    "pool_forward",
    "conv_backward",
    "create_mask_from_window",
    "distribute_value",
    "pool_backward",
]


def printed(function, *arguments, **options):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        function(*arguments, **options)
    return out.getvalue()


def code(block):
    assert block.startswith("```python\n") and block.endswith("\n```\n")
    return block.removeprefix("```python\n").removesuffix("\n```\n")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_listing_is_the_source_without_its_docstring(name):
    function = getattr(loops, name)
    listing = code(printed(show_source, function))
    source = inspect.getsource(function)
    assert all(line in source.splitlines() for line in listing.splitlines())
    shown, whole = ast.parse(listing).body[0], ast.parse(source).body[0]
    assert ast.get_docstring(whole) and not ast.get_docstring(shown)
    assert [ast.dump(n) for n in shown.body] == [ast.dump(n) for n in whole.body[1:]]
    compile(listing, name, "exec")


def test_the_docstring_can_stay():
    source = inspect.getsource(show_file).rstrip("\n")
    assert code(printed(show_source, show_file, docstring=True)) == source


def test_comments_stay_and_a_function_of_nothing_but_a_docstring_still_compiles():
    assert "# why" in without_docstring('def f():\n    """Say."""\n\n    # why\n    return 1')
    compile(without_docstring('def f():\n    """Say."""'), "f", "exec")


def test_a_whole_file_is_shown_as_it_is():
    path = "apps/sine/app.py"
    assert code(printed(show_file, path)) == (ROOT / path).read_text(encoding="utf-8").rstrip()


def test_a_line_too_long_for_the_page_stops_the_build(tmp_path):
    wide = tmp_path / "wide.py"
    wide.write_text("x = 1\n" + "y" * 100)
    with pytest.raises(ValueError, match="columns"):
        show_file(wide)

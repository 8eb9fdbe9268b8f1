"""The record of PyTorch's and TensorFlow's answers: of the lines that the book shows."""

import contextlib
import io
import json

import numpy as np
import pytest

from book import libraries
from book.libraries import LINES, RECORD, arrays, record, recorded, show_recorded, show_setup

ENTRIES = [(library, name) for library, (_, lines) in LINES.items() for name in lines]


def shown(function, *arguments):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        function(*arguments)
    return out.getvalue()


def test_the_record_is_of_the_lines_in_the_script():
    read = json.loads(RECORD.read_text(encoding="utf-8"))
    for library, (_, lines) in LINES.items():
        assert read[library]["version"]
        assert {n: entry["code"] for n, entry in read[library]["answers"].items()} == lines


@pytest.mark.parametrize(("library", "name"), ENTRIES)
def test_a_line_is_shown_with_its_version_and_its_answer(library, name):
    text = shown(show_recorded, library, name)
    assert text.startswith(f"```python\n# {library} {libraries.version_of(library)}\n")
    assert LINES[library][1][name].strip() in text
    answer = recorded(library, name)
    if isinstance(answer, np.ndarray):
        written = text.rpartition("```text\n")[2].replace("[", " ").replace("]", " ").split()
        numbers = [float(word) for word in written if word != "```"]
        np.testing.assert_allclose(numbers, answer.ravel(), atol=1e-8)
    else:
        assert answer in text


def test_lines_fit_the_pages():
    for library, name in ENTRIES:
        assert max(map(len, shown(show_recorded, library, name).splitlines())) <= 88, name
    for library in LINES:
        assert max(map(len, shown(show_setup, library).splitlines())) <= 88


def test_only_the_answers_that_are_errors_are_errors():
    errors = {entry for entry in ENTRIES if str(recorded(*entry)).endswith("Error")}
    assert errors == {("torch", "same stride"), ("torch", "mixed"), ("tensorflow", "mixed")}


@pytest.mark.parametrize("library", LINES)
def test_the_library_still_says_so_where_it_is_installed(library):
    pytest.importorskip(library, reason=f"{library} is not installed; its record is used")
    now = record(library)["answers"]
    for name in LINES[library][1]:
        if "array" in now[name]:
            np.testing.assert_allclose(now[name]["array"], recorded(library, name), rtol=1e-12)


def test_the_arrays_are_the_books_own_and_whole_numbers():
    assert all(np.array_equal(array, np.round(array)) for array in arrays().values())

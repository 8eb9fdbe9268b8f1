"""When cells run, and what is said when they cannot."""

import pytest

from tests.tools.helpers import edit, page, put, render
from tools.problems import BookError
from tools.source import cells, running

CHAPTER = "chapters/es/one.qmd"


def ran(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines that say what ran since this was last asked."""
    lines = capsys.readouterr().out.splitlines()
    return [line.partition(" (")[0] for line in lines if line.startswith("  ran ")]


@pytest.mark.slow
def test_one_run_serves_both_editions_and_a_changed_sentence_runs_nothing(new_book, capsys):
    render(new_book)
    assert sorted(ran(capsys)) == [
        "  ran chapters/es/one.qmd, chapters/en/one.qmd",
        "  ran chapters/es/three.qmd, chapters/en/three.qmd",
        "  ran chapters/es/two.qmd, chapters/en/two.qmd",
    ]
    edit(new_book / CHAPTER, "Una recta", "Otra recta")
    edit(new_book / CHAPTER, "Add 1 and 1.", "Add one and one.")
    render(new_book)
    assert ran(capsys) == []
    assert "Otra recta" in page(new_book, "es", "one").get_text()


@pytest.mark.slow
def test_changed_code_runs_its_chapter_alone(book, capsys):
    edit(book / CHAPTER, "print(base + 1)", "print(base + 2)")
    render(book, "es")
    assert ran(capsys) == ["  ran chapters/es/one.qmd"]
    assert "\n5\n" in page(book, "es", "one").main.get_text()


@pytest.mark.parametrize(
    "name",
    [
        *("book/words.py", "src/cnnlayers/__init__.py", "apps/tiny/app.py"),
        *("benchmarks/new.json", "tests/book/new.json"),
    ],
)
def test_cells_depend_on_what_they_import_show_and_read(book, name):
    before = cells.surroundings(book)
    put(book / "README.md", "No cell reads this.")
    put(book / "book/__pycache__/words.pyc", "Nor this.")
    assert cells.surroundings(book) == before
    path = book / name
    put(path, (path.read_text("utf-8") if path.exists() else "") + "\n# changed\n")
    assert cells.surroundings(book) != before


@pytest.mark.slow
def test_a_number_from_a_changed_module_is_new_on_the_page(book, capsys):
    edit(book / "book/words.py", "FACTOR = 2", "FACTOR = 5")
    render(book, "es")
    assert ran(capsys)
    assert "[ 0  5 10]" in page(book, "es", "one").get_text()


@pytest.mark.parametrize(
    ("code", "offset", "message"),
    [
        ("x = 1\n1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("x = 1\nassert x == 2", 1, "AssertionError: assert x == 2"),
        ("def f():\n    return 1 / 0\n\n\nf()", 4, "ZeroDivisionError"),
        ("import warnings\nwarnings.warn('odd')", 1, "wrote to standard error: .*odd"),
        ("print(", 0, "SyntaxError"),
        ("%time 1", 0, "SyntaxError: invalid syntax"),
        ("exit()", 0, "SystemExit"),
        ("print('\\ud800')", 0, "UnicodeEncodeError"),
        ("import os\nos._exit(1)", 0, "the cell did not finish: its kernel died"),
    ],
)
@pytest.mark.slow
def test_a_cell_that_fails_is_named_with_its_line(book, code, offset, message):
    line = edit(book / CHAPTER, "print(np.arange(base) * words.FACTOR)", code)
    with pytest.raises(BookError, match=rf"^{CHAPTER}:{line + offset}: .*{message}"):
        render(book, "es")


@pytest.mark.slow
def test_a_cell_that_replaces_a_stream_does_not_stop_the_next_one(book):
    edit(book / CHAPTER, "print(np.arange(base) * words.FACTOR)", "import sys\nsys.stdout = None")
    render(book, "es")
    assert "\n4\n" in page(book, "es", "one").main.get_text()


PRINTS = "for _ in range(10**6):\n    print('x' * 1000)"


@pytest.mark.parametrize(
    ("code", "offset"),
    [
        (PRINTS, 1),
        (f"import sys\nsys.stdout = sys.stderr\n{PRINTS}", 3),
        ("x = 1\nprint('x' * 10**8)", 1),
        ("'x' * 10**8", 0),
        ("raise ValueError('x' * 10**8)", 0),
        ("display({'text/html': 'x' * 10**7, 'text/plain': ''}, raw=True)", 0),
        ("while True: display({'text/plain': 'x'}, raw=True)", 0),
        ("def f():\n    print('x' * 10**6)\n\n\ntry:\n    f()\nexcept BaseException:\n    pass", 0),
    ],
)
@pytest.mark.slow
def test_a_cell_that_shows_too_much_is_stopped(book, code, offset):
    line = edit(book / CHAPTER, "print(np.arange(base) * words.FACTOR)", code)
    with pytest.raises(BookError) as stopped:
        render(book, "es")
    said = str(stopped.value)
    assert said.startswith(f"{CHAPTER}:{line + offset}: ") and len(said) < 1000
    assert "ValueError: xxx" in said or "the cell prints more than 200,000 characters" in said


@pytest.mark.parametrize(
    ("code", "offset"),
    [
        ("while True: pass", 0),
        ("import time\ntime.sleep(1000)", 1),
        ("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass", 0),
    ],
)
@pytest.mark.slow
def test_a_cell_without_end_is_said_to_run_and_then_stopped(
    book, monkeypatch, capsys, code, offset
):
    monkeypatch.setattr(running, "SECONDS_OF_SILENCE", 1)
    monkeypatch.setattr(running, "SECONDS_A_CELL", 2)
    line = edit(book / CHAPTER, "print(np.arange(base) * words.FACTOR)", code)
    with pytest.raises(BookError, match=rf"^{CHAPTER}:{line + offset}: .*not finish within 2 s$"):
        render(book, "es")
    said = capsys.readouterr()
    assert f"  {CHAPTER}:{line - 1} has been running for 1 s" in said.out.splitlines()
    assert not said.err


def test_printed_text_is_one_output_however_it_arrives():
    pieces = [{"output_type": "stream", "name": "stdout", "text": text} for text in ("a\n", "b\n")]
    figure = {"output_type": "display_data", "data": {"text/plain": "x"}}
    whole = {**pieces[0], "text": "a\nb\n"}
    assert running.joined([*map(dict, pieces), figure, dict(pieces[0])]) == [
        whole,
        figure,
        pieces[0],
    ]

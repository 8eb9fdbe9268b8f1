"""The way to Quarto, with a stand-in for its program that writes pages or complains."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.helpers import edit, everything
from tools import build
from tools.problems import BookError
from tools.quarto import render as quarto_render

PROGRAM = """\
#!{python}
import json, os, pathlib, sys
import pypdf
if "--version" in sys.argv:
    print("1.10.18")
    sys.exit()
name = sys.argv[sys.argv.index("--profile") + 1]
folder = pathlib.Path(sys.argv[sys.argv.index("--output-dir") + 1])
folder.mkdir(parents=True, exist_ok=True)
log = pathlib.Path(sys.argv[sys.argv.index("--log") + 1])
alone = dict(es="solo", en="only")[name]
stems = ["one", "two", "three", alone, "references"]
pages = [f"chapters/{{name}}/{{stem}}.html" for stem in stems]
paper = pypdf.PdfWriter()
paper.add_blank_page(72, 72)
paper.write(folder / f"small-{{name}}.pdf")
for made in ["index.html", *pages]:
    path = folder / made
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('made by quarto <a aria-label="Toggle callout">')
(folder / "seen.json").write_text(json.dumps([sys.argv, dict(os.environ)]))
print("[1/4] index.qmd", file=sys.stderr)
{more}
"""


@pytest.fixture
def quarto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that puts a stand-in for Quarto on the path."""

    def install(more: str = "") -> None:
        program = tmp_path / "bin" / "quarto"
        program.parent.mkdir()
        program.write_text(PROGRAM.format(python=sys.executable, more=more), encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=":")

    return install


def test_where_quarto_is_it_renders(book, quarto, capsys):
    quarto()
    build.build(book, "auto", None, book / "_book")
    page = book / "_book/es/chapters/es/one.html"
    assert page.read_text(encoding="utf-8").startswith("made by quarto")
    assert (book / "_book/index.html").is_file()
    said = capsys.readouterr().out
    assert "[1/4] index.qmd" in said
    assert said.count("applications: ") == said.count("Running the cells") == 1
    assert not [path for path in book.iterdir() if path.name.startswith(".quarto-render")]


def test_quarto_renders_again_only_what_has_changed(book, quarto, capsys):
    quarto()

    def rendered() -> list[str]:
        capsys.readouterr()
        build.build(book, "auto", None, book / "_book")
        said = capsys.readouterr().out.splitlines()
        return [line.split()[-1] for line in said if line.startswith("Quarto renders")]

    assert rendered() == ["es", "en"]
    before = everything(book / "_book")
    assert rendered() == []
    assert everything(book / "_book") == before
    edit(book / "chapters/en/one.qmd", "Add 1 and 1.", "Add one and one.")
    assert "en" in rendered()
    edit(book / "_quarto.yml", "number-sections: true", "number-sections: true\nx: 1")
    assert rendered() == ["es", "en"]


def test_what_quarto_has_no_place_for_is_added(book, quarto):
    quarto()
    build.build(book, "auto", None, book / "_book")
    for lang, word in (("es", "Mostrar u ocultar el recuadro"), ("en", "Toggle callout")):
        folder = book / f"_book/{lang}/chapters/{lang}"
        assert (folder / "one.ipynb").is_file() and not (folder / "references.ipynb").exists()
        assert f'aria-label="{word}"' in (folder / "one.html").read_text(encoding="utf-8")


def test_quarto_is_told_to_run_no_cell_and_no_script_of_ours(book, quarto):
    quarto()
    build.build(book, "auto", ["es"], book / "_book")
    arguments, environment = json.loads((book / "_book/es/seen.json").read_text("utf-8"))
    assert "--use-freezer" in arguments
    assert environment[quarto_render.OURS] and environment["QUARTO_PYTHON"] == sys.executable


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            "print('[WARNING] Citeproc: citation x not found', file=sys.stderr)",
            "citation x not found",
        ),
        ("print('WARN: Unable to resolve crossref @fig-x')", "Unable to resolve crossref @fig-x"),
        (
            "log.write_text(json.dumps(dict(level=30, msg='Unable to resolve link')))",
            "Unable to resolve link",
        ),
        ("print('ERROR: no'); sys.exit(1)", "Quarto stopped with exit code 1"),
        ("(folder / 'index.html').unlink()", "Quarto did not make index.html"),
    ],
)
def test_what_quarto_only_warns_of_stops_the_build(book, quarto, more, message):
    quarto(more)
    before = (book / "_book/es/index.html").read_bytes()
    with pytest.raises(BookError, match=message):
        build.build(book, "quarto", None, book / "_book")
    assert (book / "_book/es/index.html").read_bytes() == before


@pytest.mark.parametrize(
    "record",
    [
        {"level": 20, "msg": "Could not care less"},  # progress
        {"level": 30, "msg": "A new version is there"},  # a warning that breaks no page
    ],
)
def test_what_breaks_no_page_does_not_stop_it(book, quarto, record):
    quarto(f"log.write_text(json.dumps({record!r}) + '\\n')")
    build.build(book, "quarto", ["es"], book / "_book")


def test_a_mistake_is_named_before_quarto_starts(book, quarto):
    quarto("sys.exit('should not be asked')")
    line = edit(book / "chapters/en/two.qmd", "Always in English.", "@fig-gone")
    message = rf"chapters/en/two\.qmd:{line}: unresolved reference: @fig-gone"
    with pytest.raises(BookError, match=message):
        build.build(book, "quarto", None, book / "_book")


def test_without_quarto_one_line_says_so(book, monkeypatch, capsys):
    monkeypatch.setattr("tools.quarto.render.find", lambda: None)
    build.build(book, "auto", ["es"], book / "_book")
    said = [line for line in capsys.readouterr().out.splitlines() if "Quarto" in line]
    assert len(said) == 1
    with pytest.raises(BookError, match="Quarto was asked for"):
        build.build(book, "quarto", ["es"], book / "_book")


def test_a_program_that_does_not_answer_is_no_quarto(book, quarto, tmp_path):
    quarto()
    (tmp_path / "bin/quarto").write_text("#!/bin/sh\nexit 1\n")
    assert quarto_render.find() is None


@pytest.mark.parametrize("script", ["before.py", "after.py"])
def test_the_scripts_that_quarto_runs_leave_the_work_to_a_build_of_ours(script, tmp_path):
    ran = subprocess.run(
        [sys.executable, Path(quarto_render.__file__).with_name(script)],
        cwd=tmp_path,
        env={**os.environ, quarto_render.OURS: "1"},
        capture_output=True,
        text=True,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_what_a_killed_build_left_is_swept(book, quarto):
    quarto()
    left = book / f"{quarto_render.WORK}x"
    left.mkdir()
    build.build(book, "auto", ["es"], book / "_book")
    assert not left.exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, BrokenPipeError])
def test_stopped_it_takes_quarto_along(book, quarto, monkeypatch, error):
    gate = book.parent / "gate"
    os.mkfifo(gate)
    quarto(f"print('[2/4]', flush=True); open({str(gate)!r}).read()")
    writing: list[int] = []

    def stopped(message: str) -> None:
        if "[2/4]" in message:
            writing.append(os.open(gate, os.O_WRONLY))  # opened once it waits there
            raise error

    monkeypatch.setattr(build, "say", stopped)
    before = everything(book / "_book")
    with pytest.raises(error):
        build.build(book, "auto", ["es"], book / "_book")
    with pytest.raises(BrokenPipeError):
        os.write(writing[0], b"nobody reads this")
    os.close(writing[0])
    assert everything(book / "_book") == before
    assert not [path.name for path in book.iterdir() if path.name.startswith((".quarto-r", "._"))]

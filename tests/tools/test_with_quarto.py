"""The way to Quarto, with a stand-in for its program that writes pages or complains."""

import sys
from pathlib import Path

import pytest

from tools import build
from tools.problems import BookError

PROGRAM = """\
#!{python}
import pathlib, sys
if "--version" in sys.argv:
    print("1.10.18")
    sys.exit()
name = sys.argv[sys.argv.index("--profile") + 1]
folder = pathlib.Path(sys.argv[sys.argv.index("--output-dir") + 1])
pages = [f"chapters/{{name}}/{{page}}.html" for page in ("first", "second", "references")]
for made in ["index.html", f"small-{{name}}.pdf", *pages]:
    path = folder / made
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("made by quarto")
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


def test_where_quarto_is_it_renders(book: Path, quarto, capsys: pytest.CaptureFixture[str]) -> None:
    quarto()
    build.build(book, "auto", None, book / "_book")
    page = book / "_book" / "es" / "chapters" / "es" / "first.html"
    assert page.read_text(encoding="utf-8") == "made by quarto"
    assert (book / "_book" / "index.html").is_file()
    assert "[1/4] index.qmd" in capsys.readouterr().out
    assert not [path for path in book.iterdir() if path.name.startswith(".quarto-render")]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            "print('[WARNING] Citeproc: citation x not found', file=sys.stderr)",
            "citation x not found",
        ),
        ("print('WARN: Unable to resolve crossref @fig-x')", "Unable to resolve crossref @fig-x"),
        ("print('ERROR: no'); sys.exit(1)", "Quarto stopped with exit code 1"),
        ("(folder / 'index.html').unlink()", "Quarto did not make index.html"),
    ],
)
def test_what_quarto_only_warns_of_stops_the_build(
    book: Path, quarto, more: str, message: str
) -> None:
    quarto(more)
    before = (book / "_book" / "es" / "index.html").read_bytes()
    with pytest.raises(BookError, match=message):
        build.build(book, "quarto", None, book / "_book")
    assert (book / "_book" / "es" / "index.html").read_bytes() == before


def test_a_mistake_is_named_before_quarto_starts(book: Path, quarto) -> None:
    quarto()
    chapter = book / "chapters" / "en" / "second.qmd"
    chapter.write_text(chapter.read_text(encoding="utf-8") + "\n@fig-gone\n", encoding="utf-8")
    with pytest.raises(
        BookError, match=r"chapters/en/second\.qmd:9: unresolved reference: @fig-gone"
    ):
        build.build(book, "quarto", None, book / "_book")


def test_without_quarto_one_line_says_so(
    book: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.quarto.render.find", lambda: None)
    build.build(book, "auto", ["es"], book / "_book")
    said = [line for line in capsys.readouterr().out.splitlines() if "Quarto" in line]
    assert len(said) == 1
    with pytest.raises(BookError, match="Quarto was asked for"):
        build.build(book, "quarto", ["es"], book / "_book")

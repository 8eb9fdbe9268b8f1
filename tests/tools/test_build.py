"""A build as whoever writes the book meets it: the same bytes, made where they changed."""

import errno
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.tools.conftest import write
from tests.tools.helpers import edit, everything, page, put, render
from tools import apps, build
from tools.builtin import paper
from tools.problems import FAILURE, BookError
from tools.site import whole
from tools.source import pandoc

TOOLS = Path(build.__file__).parents[1]
# A build that does not ask the network.
HERE = """
from pathlib import Path
from tools import apps, build
apps._assets_missing = lambda: "tests do not ask the network"
build.build(Path.cwd(), "builtin", None, Path("_book"))
"""
ONE, TWO = "chapters/es/one.qmd", "chapters/es/two.qmd"


@pytest.mark.slow
def test_the_same_sources_give_the_same_bytes(rendered, new_book):
    first, second = everything(rendered / "_book"), everything(render(new_book))
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


# Each changes what some pages are made from, and most of these pages are not of the changed file.
CHANGES = {
    "prose": (ONE, "Add 1 and 1.", "Add one and one."),
    "a title": (TWO, "# Dos", "# Dos y dos"),
    "a number": (ONE, "$$\nb = a + 1\n$$", "$$\nb = a + 1\n$$ {#eq-new}"),
    "a chapter's number": ("chapters/es/three.qmd", "{#sec-three}", "{#sec-three .unnumbered}"),
    "a picture": (ONE, "plt.plot([0, 1])", "plt.plot([0, 1], '--')"),
    "a caption": (ONE, "Una recta", "La recta"),
    "a citation": ("chapters/es/three.qmd", "also @knuth1984", "also @ng2017"),
    "the bibliography": ("references.bib", "Deep Learning", "Deeper Learning"),
    "a word": ("_quarto-es.yml", "Apunte", "Nota al margen"),
    "the book's title": ("_quarto-es.yml", "Libro pequeño", "Libro menudo"),
    "the order": ("_quarto-es.yml", "        - chapters/es/one.qmd\n", ""),
    "an application": ("apps/tiny/app.py", "small", "tiny"),
}


def changed(book, name: str) -> None:
    """Make one of the changes."""
    path, old, new = CHANGES[name]
    if name == "a chapter's number":
        edit(book / path, "@sec-one, @eq-third and @Sec-two, also", "@eq-third, also")
    if name == "the order":
        edit(book / "_quarto-es.yml", "es/two.qmd\n", "es/two.qmd\n        - chapters/es/one.qmd\n")
    edit(book / path, old, new)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.slow
def test_a_change_gives_what_a_build_from_nothing_gives(book, change):
    changed(book, change)
    before = everything(book / "_book")
    after = everything(render(book, "es"))
    assert after != before
    shutil.rmtree(book / ".cache/made")
    assert everything(render(book, "es")) == after


@pytest.mark.slow
def test_an_export_that_has_become_possible_shows_on_its_page(book, monkeypatch):
    def start():
        return page(book, "es", "two").select_one("a.app-start")["href"]

    def export(*arguments, **_):
        put(Path(arguments[2]) / "tiny/index.html", "the application")

    assert start() == "../../../apps/tiny/online.html?lang=es&a=1"
    monkeypatch.setattr(apps, "_assets_missing", lambda: None)
    monkeypatch.setattr(apps, "_shinylive", export)
    (book / apps.RECORD).unlink()
    render(book)
    assert start() == "../../../apps/tiny/index.html?lang=es&a=1"
    assert (book / "_book/apps/tiny/index.html").read_text() == "the application"


@pytest.fixture
def made(monkeypatch) -> list[str]:
    """List what is really made, by Pandoc's and Typst's runs: nothing else can tell."""
    runs: list[str] = []
    lock = threading.Lock()
    real, compiled = pandoc.run, paper.compiled

    def run(text, *args, **options):
        with lock:
            runs.append(args[args.index("-t") + 1].split("-")[0])
        return real(text, *args, **options)

    def compile_(name, *args):
        runs.append(name)
        return compiled(name, *args)

    monkeypatch.setattr(pandoc, "run", run)
    monkeypatch.setattr(paper, "compiled", compile_)
    return runs


def test_nothing_is_made_where_nothing_changed(book, made):
    render(book)
    assert made == []


def test_a_changed_sentence_makes_its_chapter_and_its_pdf(book, made):
    edit(book / ONE, "Add 1 and 1.", "Add one and one.")
    render(book)
    # To Markdown's tree, its formulas as a check, then what each format shows.
    assert sorted(made) == ["gfm", "html5", "html5", "json", "small-es.pdf", "typst"]


def test_a_word_on_all_pages_makes_no_chapter_anew(book, made):
    edit(book / "_quarto-es.yml", "Para probar", "Para ensayar")
    render(book)
    assert made == ["small-es.pdf"]
    assert "Para ensayar" in page(book, "es", "index").get_text()


def test_one_edition_alone_leaves_the_other_as_it_was(book):
    english = everything(book / "_book/en")
    edit(book / ONE, "Add 1 and 1.", "Suma 1 y 1.")
    edit(book / "chapters/en/one.qmd", "Add 1 and 1.", "Add one and one.")
    made = render(book, "es")
    assert everything(made / "en") == english
    assert "Suma 1 y 1." in page(book, "es", "one").get_text()
    assert "en/index.html" in (made / "index.html").read_text(encoding="utf-8")


def test_an_edition_that_is_not_there_is_refused(book):
    with pytest.raises(BookError, match=r"no such edition: fr \(there are: es, en\)"):
        render(book, "fr")


def test_pages_of_a_chapter_that_is_gone_are_gone(book):
    edit(book / "_quarto-es.yml", "    - chapters/es/solo.qmd\n", "")
    assert not (render(book) / "es/chapters/es/solo.html").exists()


def test_the_earlier_book_is_put_back_if_the_new_one_cannot_take_its_place(book, monkeypatch):
    before = everything(book / "_book")
    edit(book / ONE, "Add 1 and 1.", "Add one and one.")
    real = type(book).rename

    def rename(self, target):
        if self.name == "new":
            raise OSError("the disk is full")
        return real(self, target)

    monkeypatch.setattr(type(book), "rename", rename)
    with pytest.raises(OSError, match="full"):
        render(book)
    assert everything(book / "_book") == before


def test_the_command_says_where_the_book_is_or_what_is_wrong(book, monkeypatch, capsys):
    monkeypatch.chdir(book)
    assert build.main(["--renderer", "builtin", "--edition", "es"]) == 0
    assert "_book/es/small-es.pdf" in capsys.readouterr().out
    put(book / ONE, "No title.\n")
    assert build.main(["--renderer", "builtin"]) == 1
    said = capsys.readouterr().err
    assert "chapters/es/one.qmd:1: " in said and "an earlier one is untouched" in said


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "x.html"), "x.html: No space left on d"),
        (OSError(errno.EROFS, "Read-only file system"), "Read-only file system"),
        (PermissionError(errno.EACCES, "Permission denied", "x.html"), "x.html: Permission denied"),
        (KeyError("x"), "The tools failed, through no fault of the book: KeyError: 'x'"),
    ],
)
def test_what_the_machine_or_the_tools_do_wrong_ends_in_a_sentence(
    book, monkeypatch, capsys, error, said
):
    def fails(*_: object) -> None:
        raise error

    before = everything(book / "_book")
    monkeypatch.chdir(book)
    monkeypatch.setattr(whole, "complete", fails)
    assert build.main(["--renderer", "builtin", "--edition", "es"]) == 1
    printed = capsys.readouterr().err
    assert printed.strip().splitlines()[0].startswith(said)
    assert printed.endswith("The book was not built; an earlier one is untouched.\n")
    assert "Traceback" not in printed
    assert ("Traceback" in "".join(map(str, reported(book)))) == isinstance(error, KeyError)
    assert everything(book / "_book") == before
    assert not [path for path in book.iterdir() if path.name.startswith("._book")]


def reported(book: Path) -> list[str]:
    """Return what a build wrote down of a failure of the tools."""
    path = book / FAILURE
    return path.read_text("utf-8").splitlines() if path.exists() else []


def test_what_is_damaged_in_the_cache_is_made_again(book):
    before = everything(book / "_book")
    for number, path in enumerate(sorted((book / ".cache").rglob("*"))):
        if path.is_file():
            content = path.read_bytes()
            middle = len(content) // 2
            changed = content[:middle] + b"\xff" + content[middle + 1 :]
            path.write_bytes([b"", content[:middle], changed][number % 3])
    assert everything(render(book)) == before


@pytest.mark.slow
def test_neither_hashes_nor_clock_nor_locale_nor_folder_change_a_byte(rendered, tmp_path):
    root = tmp_path / "otro sitio, más allá"
    write(root)
    surroundings = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{root}:{TOOLS}",
        "PYTHONHASHSEED": "7",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "HOME": "/nonexistent",
        "COLUMNS": "40",
    }
    command = [sys.executable, "-c", HERE]
    subprocess.run(command, cwd=root, env=surroundings, check=True, umask=0o077)
    first, second = everything(rendered / "_book"), everything(root / "_book")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []

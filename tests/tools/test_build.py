"""The built-in renderer as whoever builds the book meets it."""

import json
import re
from pathlib import Path

import nbformat
import pypdf
import pytest
from bs4 import BeautifulSoup

from tools import build
from tools.problems import BookError
from tools.source import cells

CHAPTER = "chapters/es/first.qmd"


def render(root: Path, *editions: str) -> Path:
    """Render a book; return the folder it is in."""
    build.build(root, "builtin", list(editions) or None, root / "_book")
    return root / "_book"


def everything(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def edit(path: Path, old: str, new: str) -> int:
    """Replace text in a file; return the number of the line that changed first."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def page(folder: Path, name: str) -> BeautifulSoup:
    """Return a page, parsed."""
    return BeautifulSoup((folder / name).read_text(encoding="utf-8"), "html.parser")


def squeeze(text: str) -> str:
    """Return a text with every space an ordinary one."""
    return " ".join(text.split())


@pytest.fixture
def made(rendered: Path) -> Path:
    """Return the folder that holds both editions of the small book."""
    return rendered / "_book"


def test_both_editions_stand_where_they_should(made: Path) -> None:
    for lang in ("es", "en"):
        for name in ("index", "chapters/{}/first", "chapters/{}/second", "chapters/{}/references"):
            assert (made / lang / f"{name.format(lang)}.html").is_file()
        assert (made / lang / f"small-{lang}.pdf").is_file()
    links = [a["href"] for a in page(made, "index.html")("a")]
    assert {"es/index.html", "en/index.html"} <= set(links)


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        ("es", "Figura 1.1, Ecuación 1.1, Tabla 1.1, Ejercicio 1.1, Sección 1.1 and Capítulo 2"),
        ("en", "Figure 1.1, Equation 1.1, Table 1.1, Exercise 1.1, Section 1.1 and Chapter 2"),
    ],
)
def test_numbers_and_their_words(made: Path, lang: str, texts: str) -> None:
    first = page(made / lang, f"chapters/{lang}/first.html")
    assert f"See {texts};" in squeeze(first.main.get_text())
    assert re.match(r"Figur[ae] 1\.1: ", squeeze(first.find(id="fig-line").figcaption.get_text()))
    assert "(1.1)" in first.find(id="eq-sum").get_text()
    assert squeeze(first.find(id="exr-add").strong.get_text()).endswith(
        "1.1 (Su" + ("ma)" if lang == "es" else "m)")
    )
    assert squeeze(first.h1.get_text()).startswith("1 ")
    assert squeeze(first.find(id="sec-inner").h2.get_text()).startswith("1.1 ")
    target = first.find("a", string=re.compile("Cap|Chapter"))
    assert target["href"] == "second.html"
    second = page(made / lang, f"chapters/{lang}/second.html")
    assert second.find("a", class_="crossref")["href"] == "first.html#fig-line"


def test_the_pdf_says_the_same_numbers(made: Path) -> None:
    reader = pypdf.PdfReader(made / "es" / "small-es.pdf")
    text = squeeze(" ".join(sheet.extract_text() for sheet in reader.pages))
    assert "Figura 1.1, Ecuación 1.1, Tabla 1.1, Ejercicio 1.1, Sección 1.1" in text
    assert "Figura 1.1: Una recta." in text
    assert "Only on paper." in text
    assert "Only on a page." not in text
    assert reader.metadata.title == "Book es"
    assert reader.pages[0].mediabox.width == pytest.approx(595.28, abs=0.1)


def test_what_a_page_shows(made: Path) -> None:
    first = page(made / "es", "chapters/es/first.html")
    text = first.main.get_text()
    assert "[0 2 4]" in text
    assert "from book import words" not in text
    assert "Only on a page." in text
    assert "Only on paper." not in text
    assert first.find("img")["alt"] == "A line that rises."
    assert first.find("math")
    assert first.find("details", class_="callout-tip").summary.get_text(strip=True) == "Solución"
    second = page(made / "es", "chapters/es/second.html")
    assert second.find(class_="callout-title").get_text(strip=True) == "Nota"
    assert first.find("a", hreflang="en")["href"] == "../../../en/chapters/en/first.html"
    assert first.html["lang"] == "es"
    assert "Knuth" in page(made / "es", "chapters/es/references.html").main.get_text()


def test_no_address_leads_nowhere_or_elsewhere(made: Path) -> None:
    for path in made.rglob("*.html"):
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for element in soup(["a", "link", "img", "script"]):
            address = element.get("href") or element.get("src")
            if not address or address == "data:,":
                continue
            assert not address.startswith(("http", "//")), f"{path}: {address}"
            name, _, fragment = address.partition("#")
            target = (path.parent / name) if name else path
            assert target.is_file(), f"{path}: {address}"
            if fragment:
                assert f'id="{fragment}"' in target.read_text(encoding="utf-8"), (
                    f"{path}: {address}"
                )


def test_the_same_input_gives_the_same_bytes(made: Path, new_book: Path) -> None:
    first = everything(made)
    second = everything(render(new_book))
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_only_what_changed_runs_again(new_book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = new_book
    render(book)
    said = capsys.readouterr().out
    # The editions share their cells: one run serves both.
    assert said.count("  ran ") == 1
    assert f"{CHAPTER}, chapters/en/first.qmd" in said
    edit(book / CHAPTER, "Una recta.", "Otra recta.")
    edit(book / CHAPTER, "Add 1 and 1.", "Add one and one.")
    folder = render(book)
    assert "  ran " not in capsys.readouterr().out
    assert "Otra recta." in (folder / "es" / "chapters/es/first.html").read_text(encoding="utf-8")
    edit(book / "book/words.py", "2", "5")
    folder = render(book)
    assert "  ran " in capsys.readouterr().out
    assert "[ 0  5 10]" in (folder / "es" / "chapters/es/first.html").read_text(encoding="utf-8")
    edit(book / "src/cnnlayers/__init__.py", "", "x = 1\n")
    render(book)
    assert "  ran " in capsys.readouterr().out


# What is written wrong (in place of what), the line it should be found on, counted from the change,
# and what the message should say.
MISTAKES = {
    "raising cell": ("print(np.arange(3) * words.FACTOR)", "x = 1\n1 / 0", 1, "ZeroDivisionError"),
    "failing assert": (
        "print(np.arange(3) * words.FACTOR)",
        "x = 1\nassert x == 2",
        1,
        "AssertionError: assert x == 2",
    ),
    "warning": (
        "print(np.arange(3)",
        "import warnings; warnings.warn('odd')\nprint(np.arange(3)",
        None,
        "odd",
    ),
    "unresolved reference": ("@eq-sum", "@eq-gone", 0, "unresolved reference: @eq-gone"),
    "missing citation": ("@knuth1984", "@nobody2000", 0, "@nobody2000"),
    "missing image": ("Add 1 and 1.", "![X](gone.png)", 0, "image not found: gone.png"),
    "dead link": ("Add 1 and 1.", "[x](gone.qmd)", 0, "dead link: gone.qmd"),
    "dead anchor": ("Add 1 and 1.", "[x](second.qmd#sec-gone)", 0, "no #sec-gone"),
    "bad option": ("#| echo: false", "#| eco: false", 0, "unknown cell option: eco"),
    "bad value": ("#| echo: false", "#| echo: maybe", 0, "bad value for echo"),
    "broken options": ('"A line that rises."', '"A "line" that rises."', 0, "cell options"),
    "unknown division": ("{.callout-tip collapse", "{.callout-tipp collapse", 0, ".callout-tipp"),
    "unknown shortcode": ("Add 1 and 1.", "{{< video x >}}", 0, "{{< video x >}}"),
    "other language": ("```{python}\nimport", "```{r}\nimport", 0, "unknown kind of cell"),
    "inline code": ("Add 1 and 1.", "Add `{python} 1 + 1`.", 0, "not executed"),
    "raw HTML": ("Add 1 and 1.", "<b>Add</b> 1.", 0, "raw html"),
    "reference before citation": (
        "@sec-second;",
        "@sec-second [@knuth1984];",
        0,
        "put a word in",
    ),
    "no alt text": ('#| fig-alt: "A line that rises."\n', "", None, "without fig-alt"),
    "unclosed block": ("Only on paper.", "```python\nx", 0, "never closed"),
    "bad formula": ("\\sum_i x_i", "\\frac{x}", 0, "formula"),
    "forgotten footnote": ("It is 2.[^why]", "It is 2.", None, "why"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_names_its_line_and_spares_the_earlier_book(book: Path, mistake: str) -> None:
    old, new, offset, message = MISTAKES[mistake]
    before = everything(book / "_book")
    line = edit(book / CHAPTER, old, new)
    with pytest.raises(BookError) as stopped:
        render(book, "es")
    said = str(stopped.value)
    assert message in said
    place = re.search(rf"{re.escape(CHAPTER)}:(\d+): ", said)
    assert place, said
    if offset is not None:
        assert int(place[1]) == line + offset, said
    assert everything(book / "_book") == before
    assert sorted(path.name for path in book.iterdir() if path.name.startswith("._book")) == []


def test_a_label_may_not_be_given_twice(book: Path) -> None:
    second = book / "chapters/es/second.qmd"
    second.write_text(
        second.read_text(encoding="utf-8") + "\n## Otra {#sec-inner}\n", encoding="utf-8"
    )
    with pytest.raises(BookError, match=r"chapters/es/second\.qmd:9: duplicate label: sec-inner"):
        render(book, "es")


def test_a_missing_chapter_is_named_where_it_is_listed(book: Path) -> None:
    (book / "chapters/es/second.qmd").unlink()
    with pytest.raises(
        BookError, match=r"_quarto-es\.yml:14: chapter not found: chapters/es/second\.qmd"
    ):
        render(book, "es")


def test_one_edition_alone_leaves_the_other_as_it_was(book: Path) -> None:
    made = book / "_book"
    english = everything(made / "en")
    edit(book / CHAPTER, "Add 1 and 1.", "Suma 1 y 1.")
    render(book, "es")
    assert everything(made / "en") == english
    assert "Suma 1 y 1." in (made / "es" / "chapters/es/first.html").read_text(encoding="utf-8")


def test_search_knows_every_section(made: Path) -> None:
    script = (made / "es" / "assets" / "search-index.js").read_text(encoding="utf-8")
    entries = json.loads(script.removeprefix("window.searchIndex = ").rstrip().rstrip(";"))
    assert any(
        e["section"] == "1.1 Dentro" and e["url"].endswith("first.html#sec-inner") for e in entries
    )


def test_notebooks_run_without_the_books_own_code(made: Path) -> None:
    notebook = nbformat.read(made / "es" / "chapters/es/first.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    # Both cells before the check need `book`, or are scaffolding: their output is in the text.
    assert code == ["assert 1 + 1 == 2"]
    assert "# 1 Primero" in prose
    assert "[0 2 4]" in prose
    assert "Figura 1.1: Una recta." in squeeze(prose)
    assert "See Figura 1.1" in squeeze(prose)
    assert "\\tag{1.1}" in prose
    pictures = [cell for cell in notebook.cells if cell.get("attachments")]
    assert [*pictures[0].attachments] == ["fig-line.svg"]
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_printed_text_is_one_output_however_it_arrives() -> None:
    pieces = [{"kind": "stream", "name": "stdout", "text": text} for text in ("a\n", "b\n")]
    figure = {"kind": "data", "data": {"text/plain": "x"}}
    whole = {"kind": "stream", "name": "stdout", "text": "a\nb\n"}
    assert cells.joined([*map(dict, pieces), figure, dict(pieces[0])]) == [
        whole,
        figure,
        pieces[0],
    ]

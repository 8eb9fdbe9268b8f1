"""Quarto and the built-in renderer make the same book from the same sources.

Compared is what a reader sees and links to: pages, headings with their numbers, figures and tables
with their captions, equations, exercises, and the words of every cross-reference.
"""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from pypdf import PdfReader

from tools.source import config

ROOT = Path(__file__).resolve().parents[2]
LABEL = re.compile(r"(fig|tbl|eq|exr|sec)-[a-z0-9-]+")


@pytest.fixture(scope="module", params=["es", "en"])
def editions(request, rendered) -> tuple[Path, Path]:
    """An edition as Quarto makes it and as the built-in renderer does."""
    return rendered("quarto") / request.param, rendered("builtin") / request.param


def pages(edition: Path) -> list[str]:
    return sorted(str(page.relative_to(edition)) for page in edition.rglob("*.html"))


def text(element: Tag | None) -> str:
    return " ".join(element.get_text().split()) if element else ""


def content(page: Path) -> Tag:
    """The page's own content: without navigation, and without the formulas' sources."""
    main = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").main
    assert main is not None, page
    for element in main.select(
        "nav, script, annotation, .anchor, .screen-reader-only, [style*='display: none']"
    ):
        element.decompose()
    return main


def headings(main: Tag) -> list[tuple[str, str, str]]:
    """Level, label and text; the label stands on the heading or on the section around it."""
    found = []
    lang = main.find_parent("html")["lang"]
    title = next(e.title for e in config.editions(ROOT) if e.lang == lang)
    for heading in main.find_all(re.compile(r"h[1-6]")):
        own = heading.get("id") or ""
        around = heading.parent.get("id") or ""
        label = next((name for name in (own, around) if LABEL.fullmatch(str(name))), "")
        if text(heading) != title:  # the first page shows the book's title, as a heading or not
            found.append((heading.name, "" if heading.name == "h1" else label, text(heading)))
    return found


def labeled(main: Tag, kind: str) -> list[tuple[str, str]]:
    """The labels of one kind in order, each with its caption, number or title."""
    found = []
    for element in main.find_all(id=re.compile(rf"^{kind}-[a-z0-9-]+$")):
        if "-caption-" in element["id"]:
            continue
        if kind == "eq":
            number = re.findall(r"\((\d+\.\d+)\)", text(element))
            found.append((element["id"], number[-1] if number else ""))
        elif kind == "exr":
            found.append((element["id"], text(element.select_one(".theorem-title"))))
        else:
            found.append((element["id"], text(element.find(["figcaption", "caption"]))))
    return found


def references(main: Tag) -> list[tuple[str, str]]:
    """Where links inside the book lead and what they say."""
    found = []
    for link in main.find_all("a", href=True):
        path, _, fragment = link["href"].partition("#")
        if "://" not in path and (LABEL.fullmatch(fragment) or path.endswith(".html")):
            chapter = fragment.removeprefix("sec-") == Path(path).stem
            place = fragment if LABEL.fullmatch(fragment) and not chapter else Path(path).stem
            found.append((place, text(link)))
    return found


def formulas(main: Tag) -> int:
    return len(main.find_all("math"))


def pictures(main: Tag) -> list[str]:
    return [str(image.get("alt")) for image in main.find_all("img")]


def cells(main: Tag) -> list[str]:
    """Listings and what cells printed, in order."""
    return [block.get_text().strip() for block in main.find_all("pre")]


def compare(editions: tuple[Path, Path], what) -> dict[str, tuple[object, ...]]:
    """The pages on which the two differ, each with what only one of them has."""
    different = {}
    for name in pages(editions[1]):
        quarto, builtin = (what(content(edition / name)) for edition in editions)
        if quarto != builtin:
            if isinstance(quarto, list):
                quarto, builtin = (
                    [item for item in quarto if item not in builtin] or quarto,
                    [item for item in builtin if item not in quarto] or builtin,
                )
            different[name] = ("Quarto", quarto, "built-in", builtin)
    return different


def test_the_same_pages(editions):
    quarto, builtin = map(pages, editions)
    assert quarto == builtin


def test_the_same_notebooks_and_pdf(editions):
    quarto, builtin = (
        sorted(str(p.relative_to(e)) for s in ("*.ipynb", "*.pdf") for p in e.rglob(s))
        for e in editions
    )
    assert quarto == builtin


def test_the_same_headings_and_numbers(editions):
    assert not compare(editions, headings)


@pytest.mark.parametrize("kind", ["fig", "tbl", "eq", "exr"])
def test_the_same_labels_with_their_numbers_and_captions(editions, kind):
    assert not compare(editions, lambda main: labeled(main, kind))


def test_the_same_pictures(editions):
    assert not compare(editions, pictures)


def test_the_same_formulas(editions):
    assert not compare(editions, formulas)


def test_the_same_words_in_cross_references(editions):
    assert not compare(editions, references)


def test_the_same_code_and_outputs(editions):
    assert not compare(editions, cells)


def test_the_same_outline_in_the_pdf(editions):
    def outline(edition: Path) -> list[str]:
        reader = PdfReader(next(edition.glob("*.pdf")))

        def titles(items) -> list[str]:
            return [
                title
                for item in items
                for title in (titles(item) if isinstance(item, list) else [item.title])
            ]

        return [re.sub(r"^(\d+)\.? ", r"\1 ", title) for title in titles(reader.outline)]

    quarto, builtin = map(outline, editions)
    assert quarto == builtin

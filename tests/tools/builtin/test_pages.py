"""The site of the small book: its pages, their frame, and what search knows."""

import json

import pytest
from bs4 import BeautifulSoup

from tests.tools.helpers import edit, page, render, squeeze


def test_the_site_has_a_page_for_each_chapter_and_its_files(rendered):
    made = rendered / "_book"
    for lang, alone in (("es", "solo"), ("en", "only")):
        names = ["index", *(f"chapters/{lang}/{n}" for n in ("one", "two", "three", alone))]
        pages = {str(p.relative_to(made / lang)) for p in (made / lang).rglob("*.html")}
        assert pages == {f"{name}.html" for name in [*names, f"chapters/{lang}/references"]}
        assert (made / lang / f"small-{lang}.pdf").is_file()
        figures = {p.name for p in (made / lang).rglob("fig-*.svg")}
        assert figures == {"fig-line.svg", "fig-moving.svg", "fig-second.svg"}


def test_the_front_door_leads_to_both_editions(rendered):
    soup = BeautifulSoup((rendered / "_book/index.html").read_text("utf-8"), "html.parser")
    links = [a["href"] for a in soup("a")]
    assert links == ["es/index.html", "es/small-es.pdf", "en/index.html", "en/small-en.pdf"]


def test_the_sidebar_has_the_chapters_under_their_parts(rendered):
    sidebar = page(rendered, "es", "two").find(id="sidebar")
    rows = [squeeze(e.get_text()) for e in sidebar.select("p.part, li")]
    assert rows == [
        *("Prefacio", "Primera parte", "1 Uno", "2 Dos", "Segunda parte", "3 Tres"),
        *("Solo aquí", "Referencias"),
    ]
    links = [a["href"] for a in sidebar("a")]
    assert links == [
        *("../../index.html", "one.html", "two.html", "three.html", "solo.html"),
        "references.html",
    ]
    assert [squeeze(a.get_text()) for a in sidebar("a", {"aria-current": "page"})] == ["2 Dos"]


def test_previous_and_next_lead_through_the_book(rendered):
    seen = []
    for name in ("index", "one", "two", "three", "solo", "references"):
        nav = page(rendered, "es", name).select_one("nav.page-navigation")
        seen.append([a["href"] for a in nav("a")])
    assert seen == [
        ["chapters/es/one.html"],
        ["../../index.html", "two.html"],
        ["one.html", "three.html"],
        ["two.html", "solo.html"],
        ["three.html", "references.html"],
        ["solo.html"],
    ]


def test_the_contents_have_numbered_headings_to_the_configured_depth(book):
    def contents():
        return [squeeze(li.get_text()) for li in page(book, "es", "one").select("#TOC li")]

    assert contents() == [
        *("1.1 Dentro", "1.1.1 Hondo", "1.1.2 Otro", "Aside", "1.2 Después", "1.2.1 Último"),
        "1.3 Resumen",
    ]
    edit(book / "_quarto.yml", "toc-depth: 3", "toc-depth: 2")
    render(book, "es")
    assert contents() == ["1.1 Dentro", "Aside", "1.2 Después", "1.3 Resumen"]


@pytest.mark.parametrize(
    ("lang", "name", "there"),
    [
        ("es", "one", "../../../en/chapters/en/one.html"),
        ("en", "one", "../../../es/chapters/es/one.html"),
        ("es", "index", "../en/index.html"),
        # The other edition has no such page.
        ("es", "solo", "../../../en/index.html"),
        ("en", "only", "../../../es/index.html"),
    ],
)
def test_the_other_language_is_one_link_away(rendered, lang, name, there):
    soup = page(rendered, lang, name)
    other = {"es": "en", "en": "es"}[lang]
    assert soup.body.find("a", hreflang=other)["href"] == there
    assert soup.head.find("link", hreflang=other)["href"] == there
    assert soup.html["lang"] == lang


def test_the_interface_speaks_the_pages_language(rendered):
    spanish, english = (page(rendered, lang, "one") for lang in ("es", "en"))
    assert spanish.find(id="theme-toggle")["title"] == "Cambiar entre tema claro y oscuro"
    assert spanish.find(id="menu-button")["aria-label"] == "Mostrar u ocultar el menú"
    assert "Cuaderno de Jupyter" in spanish.aside.get_text()
    assert english.find(id="theme-toggle")["title"] == "Toggle dark mode"
    assert english.find(id="toc-title").get_text() == "On this page"


def test_pages_with_cells_lead_to_their_notebook(rendered):
    def notebooks(name):
        soup = page(rendered, "es", name)
        return [a["href"] for a in soup("a") if a["href"].endswith(".ipynb")]

    assert (notebooks("one"), notebooks("references")) == (["one.ipynb"], [])


def test_no_address_leads_nowhere_or_elsewhere(rendered):
    for path in (rendered / "_book").rglob("*.html"):
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for element in soup(["a", "link", "img", "script"]):
            address = element.get("href") or element.get("src")
            if not address or address == "data:," or element.get("rel") == ["external"]:
                continue
            assert not address.startswith(("http", "//", "book-")), f"{path}: {address}"
            name, _, fragment = address.partition("#")
            target = (path.parent / name) if name else path
            assert target.is_file(), f"{path}: {address}"
            if fragment:
                found = f'id="{fragment}"' in target.read_text(encoding="utf-8")
                assert found, f"{path}: {address}"


def search(rendered) -> list[dict[str, str]]:
    script = (rendered / "_book/es/assets/search-index.js").read_text(encoding="utf-8")
    return json.loads(script.removeprefix("window.searchIndex = ").rstrip().rstrip(";"))


def test_search_knows_every_section_by_its_number_and_place(rendered):
    found = {(entry["section"], entry["url"], entry["title"]) for entry in search(rendered)}
    assert ("1.1.2 Otro", "chapters/es/one.html#otro", "1 Uno") in found
    assert ("", "chapters/es/two.html", "2 Dos") in found
    assert ("Sin número", "chapters/es/solo.html#sin-número", "Solo aquí") in found
    assert len(found) == len(search(rendered)) == 17


def test_search_knows_what_pages_show_and_nothing_else(rendered):
    entry = next(e for e in search(rendered) if e["section"] == "1.2.1 Último")
    for shown in ("Figura 1.1: Una recta", "print(base + 1)", "Tamaños", "Solución It is 2."):
        assert shown in entry["text"]
    everything = json.dumps(search(rendered))
    assert "Still on paper" not in everything  # the picture that pages do not show
    assert "never shown" not in everything and "from book import" not in everything

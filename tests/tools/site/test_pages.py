"""What a page says of itself: to machines in its head, to readers at its end."""

import json
import subprocess
import xml.etree.ElementTree as ET
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from tests.tools.helpers import edit, page, put, render
from tools.problems import BookError
from tools.site.address import addresses

SITE, REPOSITORY = "https://someone.github.io/book", "https://github.com/someone/book"


@pytest.fixture
def known(book, monkeypatch):
    """The small book, where the environment says where it is published and where it comes from."""
    monkeypatch.setenv("SITE_URL", f"{SITE}/")
    monkeypatch.setenv("REPO_URL", REPOSITORY)
    render(book)
    return book


def of(soup: BeautifulSoup, selector: str, attribute: str) -> str:
    return soup.select_one(selector)[attribute]


def test_a_page_tells_its_address_and_those_in_other_languages(known):
    soup = page(known, "es", "one")
    assert of(soup, "link[rel=canonical]", "href") == f"{SITE}/es/chapters/es/one.html"
    languages = {
        link["hreflang"]: link["href"] for link in soup.select("head link[rel=alternate][hreflang]")
    }
    assert languages == {
        "es": f"{SITE}/es/chapters/es/one.html",
        "en": f"{SITE}/en/chapters/en/one.html",
        "x-default": f"{SITE}/es/chapters/es/one.html",
    }
    assert languages == {
        link["hreflang"]: link["href"]
        for link in page(known, "en", "one").select("head link[rel=alternate][hreflang]")
    }
    alone = page(known, "es", "solo").select("head link[rel=alternate][hreflang]")
    assert {link["hreflang"] for link in alone} == {"es", "x-default"}
    assert of(page(known, "es", "index"), "link[rel=canonical]", "href") == f"{SITE}/es/"


def test_a_page_has_a_card_and_says_what_it_is(known):
    soup = page(known, "es", "two")
    assert of(soup, 'meta[property="og:title"]', "content").endswith("Dos")
    assert of(soup, 'meta[property="og:url"]', "content") == f"{SITE}/es/chapters/es/two.html"
    assert of(soup, 'meta[property="og:image"]', "content") == f"{SITE}/site/card-es.png"
    text = of(soup, "meta[name=description]", "content")
    assert text == of(soup, 'meta[property="og:description"]', "content")
    assert 0 < len(text) <= 160
    data = json.loads(soup.select_one('script[type="application/ld+json"]').string)
    assert data["@type"] == "Chapter" and data["isPartOf"]["name"] == "Libro pequeño"
    home = json.loads(page(known, "es", "index").select_one("script[type*=ld]").string)
    assert home["@type"] == "Book" and home["inLanguage"] == "es"


def test_a_page_leads_to_its_source_and_its_notebook(known):
    soup = page(known, "es", "one").select_one(".about-page")
    links = {link.get_text(): link["href"] for link in soup.select("a")}
    assert links["Editar esta página"] == f"{REPOSITORY}/edit/main/chapters/es/one.qmd"
    assert links["Avisar de un error"].startswith(f"{REPOSITORY}/issues/new?title=")
    colab = "https://colab.research.google.com/github/someone/book/blob/notebooks/"
    assert links["Colab"] == f"{colab}es/chapters/es/one.ipynb"
    assert "labpath=es%2Fchapters%2Fes%2Fone.ipynb" in links["Binder"]
    assert "@incollection{cnnlayers-es-one," in soup.select_one("pre").get_text()
    without_cells = page(known, "es", "references").select(".about-page a")
    assert [link.get_text() for link in without_cells] == [
        "Editar esta página",
        "Avisar de un error",
    ]


def test_what_git_knows_is_said(known):
    def git(*arguments):
        identity = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        subprocess.run(["git", *identity, *arguments], cwd=known, check=True, capture_output=True)

    git("init", "--quiet")
    git("add", "chapters")
    git("commit", "--quiet", "-m", "all", "--date", "2020-02-03T00:00:00Z")
    render(known)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=known, capture_output=True, text=True
    ).stdout.strip()
    facts = page(known, "es", "one").select_one(".facts")
    assert commit in facts.get_text() and facts.select_one("time")
    assert page(known, "es", "index").select_one(".facts time") is None  # not in git


def test_what_is_not_known_is_left_out_and_said(book, capsys):
    render(book)
    said = capsys.readouterr().out
    assert "SITE_URL" in said and "REPO_URL" in said
    soup = page(book, "es", "one")
    assert not soup.select("link[rel=canonical], meta[property], .about-page a")
    assert not (book / "_book/sitemap.xml").exists() and not (book / "_book/404.html").exists()
    languages = [link["hreflang"] for link in soup.select("head link[rel=alternate]")]
    assert sorted(languages) == ["en", "es"]  # the renderer's own, which are relative


def test_the_configuration_knows_the_addresses_too(book, monkeypatch):
    edit(book / "_quarto.yml", "  type: book\n", f"  type: book\nbook:\n  site-url: {SITE}\n")
    assert addresses(book).site == SITE and addresses(book).on_github is None
    monkeypatch.setenv("SITE_URL", "https://elsewhere.org")
    assert addresses(book).site == "https://elsewhere.org"


@pytest.mark.parametrize("wrong", ["someone.github.io", "ftp://a.b"])
def test_an_address_that_is_none_is_named(book, monkeypatch, wrong):
    monkeypatch.setenv("SITE_URL", wrong)
    with pytest.raises(BookError, match=f"SITE_URL: '{wrong}'"):
        render(book)


def test_the_map_names_every_page_in_every_language(known):
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    tree = ET.parse(known / "_book/sitemap.xml")
    places = [place.text for place in tree.findall("s:url/s:loc", space)]
    assert f"{SITE}/es/" in places and f"{SITE}/en/chapters/en/only.html" in places
    for place in places:
        path = urlsplit(place).path.removeprefix("/book/")
        assert (known / "_book" / (path + "index.html" if path.endswith("/") else path)).is_file()
    pages = [path for lang in ("es", "en") for path in (known / "_book" / lang).rglob("*.html")]
    assert len(places) == len(pages)
    assert f"Sitemap: {SITE}/sitemap.xml" in (known / "_book/robots.txt").read_text()


def test_the_page_for_a_wrong_address_loads_from_anywhere(known):
    soup = BeautifulSoup((known / "_book/404.html").read_text("utf-8"), "html.parser")
    loaded = [tag.get("src") or tag["href"] for tag in soup.select("script[src], link[href]")]
    assert loaded == ["/book/site/site.css", "/book/site/lost.js"]
    assert {section["lang"] for section in soup.select("section")} == {"es", "en"}
    paths = {entry["path"] for entry in json.loads(soup.select_one("#pages").string)}
    assert "en/chapters/en/two.html" in paths


def test_pages_are_compared_by_what_they_say(known):
    before = json.loads((known / "_book/pages.json").read_text())
    edit(known / "chapters/es/one.qmd", "Add 1 and 1.", "Add one and one.")
    put(known / "docs/cover/card-es.png", "a picture")
    render(known)
    after = json.loads((known / "_book/pages.json").read_text())
    assert {name for name in after if after[name] != before[name]} == {"es/chapters/es/one.html"}
    assert (known / "_book/site/card-es.png").read_text() == "a picture"

"""Citations, written once for all chapters of an edition."""

import pytest

from tests.tools.helpers import edit, page, put, render, squeeze
from tools.problems import BookError


def test_citations_lead_to_the_one_bibliography(rendered):
    main = page(rendered, "en", "one").main
    assert "read Knuth (1984) and (Ng 2017)" in squeeze(main.get_text())
    assert main.select_one(".citation a")["href"] == "references.html#ref-knuth1984"
    listed = page(rendered, "en", "references").main.select(".csl-entry")
    assert [entry["id"] for entry in listed] == ["ref-knuth1984", "ref-ng2017"]  # what is cited


def test_two_works_of_a_year_are_told_apart_in_every_chapter(book):
    same = "@book{knuth1984b, author = {Knuth, Donald E.}, title = {Another}, year = {1984}}\n"
    bibliography = book / "references.bib"
    put(bibliography, bibliography.read_text("utf-8") + same)
    render(book, "es")
    assert "Knuth (1984)" in page(book, "es", "one").get_text()
    edit(book / "chapters/es/three.qmd", "also @knuth1984", "also @knuth1984b")
    render(book, "es")
    assert "Knuth (1984b)" in page(book, "es", "one").get_text()
    assert "Knuth (1984a)" in page(book, "es", "three").get_text()


def test_a_changed_bibliography_is_seen(book):
    edit(book / "references.bib", "Literate Programming", "Illiterate Programming")
    render(book, "es")
    assert "Illiterate" in page(book, "es", "references").get_text()


def test_there_must_be_a_place_for_the_bibliography(book):
    edit(book / "chapters/es/references.qmd", "::: {#refs}\n:::\n", "")
    with pytest.raises(BookError, match=r"references\.qmd:1: no chapter has a division"):
        render(book, "es")

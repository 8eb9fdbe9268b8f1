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


BIBLIOGRAPHY = "references.bib"
BROKEN = {
    "twice": ("@book{one,\n title={A}\n}\n@book{one,\n title={B}\n}\n", 3, "@one is also at"),
    "not closed": ("@book{one,\n title={A}\n", 0, "this entry is not closed"),
    "not closed before another": ("@book{one,\n title={A}\n@book{two,\n title={B}}\n", 0, "closed"),
    "no key": ("@book{\n title={A}}\n", 1, ""),
    "script": ("@book{one,\n url={javascript:x()}}\n", 1, "not an address in the web: javascript:"),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_broken_bibliography_is_named_with_its_line(new_book, mistake):
    text, row, message = BROKEN[mistake]
    before = (new_book / BIBLIOGRAPHY).read_text("utf-8")
    first = before.count("\n") + 1
    put(new_book / BIBLIOGRAPHY, before + text)
    for _ in range(2):  # what is wrong once is wrong again
        with pytest.raises(BookError) as stopped:
            render(new_book)
        rows = str(stopped.value).splitlines()
        assert len(rows) == 1, rows
        assert rows[0].startswith(f"{BIBLIOGRAPHY}:{first + row}: ") and message in rows[0]

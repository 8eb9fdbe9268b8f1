"""The book while it is being written: served, made anew on a save, reloaded where it was."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.tools.helpers import edit
from tools import preview

ROOT = Path(__file__).parents[2]


@pytest.fixture
def previewed(book):
    """Start the command in a small book; return the address it says, and the book."""
    (book / "tools").symlink_to(ROOT / "tools")
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.preview", "--renderer", "builtin"],
        cwd=book,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        for line in process.stdout:
            if line.startswith("http://127.0.0.1:"):
                yield line.split()[0], book
                break
        else:
            pytest.fail("the preview said no address")
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def test_a_saved_chapter_shows_on_the_open_page_at_its_place(previewed, page: Page):
    address, book = previewed
    page.set_viewport_size({"width": 900, "height": 300})
    page.goto(f"{address}es/chapters/es/one.html")
    sentence = page.get_by_text("Add 1 and 1.")
    sentence.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    assert place > 0
    edit(book / "chapters/es/one.qmd", "Add 1 and 1.", "Add one and one.")
    expect(page.get_by_text("Add one and one.")).to_be_visible(timeout=60_000)
    page.wait_for_function("place => Math.abs(scrollY - place) < 5", arg=place)


def test_a_mistake_leaves_the_page_and_its_mending_shows(previewed, page: Page):
    address, book = previewed
    page.goto(f"{address}es/chapters/es/three.html")
    chapter = book / "chapters/es/three.qmd"
    edit(chapter, "See @sec-one", "See @sec-gone")
    edit(chapter, "See @sec-gone", "Look at @sec-one")
    expect(page.get_by_text("Look at capítulo 1")).to_be_visible(timeout=60_000)


def test_it_follows_all_that_a_book_is_made_from(new_book):
    names = {path.name for path in preview.watched(new_book)}
    assert names == {
        *("chapters", "src", "book", "apps", "references.bib", "index.qmd", "index.en.qmd"),
        *("_quarto.yml", "_quarto-es.yml", "_quarto-en.yml"),
    }


def test_with_quarto_it_hands_over(new_book, tmp_path, monkeypatch):
    program = tmp_path / "quarto"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.chdir(new_book)
    assert preview.main(["--port", "4321"]) == 0
    assert (tmp_path / "asked").read_text() == "preview --port 4321\n"

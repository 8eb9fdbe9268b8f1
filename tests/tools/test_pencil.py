"""The grids of a page, filled in as a reader would."""

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def opened(rendered, page: Page) -> Page:
    """Open the page with an exercise from the disk, where no address works but a file's."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((rendered / "_book/en/chapters/en/three.html").as_uri())
    yield page
    assert errors == []


def fill(page: Page, name: str, *rows: str) -> None:
    for r, row in enumerate(rows):
        for c, number in enumerate(row.split()):
            page.get_by_label(f"{name}, row {r}, column {c}").fill(number)


def test_right_numbers_are_right_however_they_are_written(opened):
    fill(opened, "maximum", "6 8.0", "5 +8")
    fill(opened, "average", "2,33 3.44", "2.11 3")
    opened.get_by_role("button", name="Check").click()
    expect(opened.locator(".pencil-said[role=status]")).to_have_text("All of it is right.")
    assert opened.locator("[data-mark=ok]").count() == 8


def test_each_cell_is_judged(opened):
    fill(opened, "maximum", "6 8", "5 7")
    opened.get_by_label("maximum, row 1, column 1").press("Enter")
    expect(opened.locator(".pencil-said[role=status]")).to_contain_text("3 of 8 are right.")
    wrong = opened.get_by_label("maximum, row 1, column 1: wrong")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(opened.get_by_label("average, row 0, column 0: missing")).to_be_visible()
    wrong.fill("8")  # no longer judged
    expect(opened.get_by_label("maximum, row 1, column 1", exact=True)).to_be_visible()


def test_a_known_slip_is_named(opened, rendered):
    """The window's average where its maximum is asked for."""
    fill(opened, "maximum", "2.33 3.44", "2.11 3")
    opened.get_by_role("button", name="Check").click()
    said = opened.locator(".pencil-said[role=status]")
    expect(said).to_contain_text("0 of 8 are right.")
    expect(said).to_contain_text("maximum: ")
    expect(said).to_contain_text("average")


def test_the_keyboard_goes_through_a_grid(opened):
    first = opened.get_by_label("maximum, row 0, column 0")
    first.focus()
    first.press("ArrowDown")
    expect(opened.get_by_label("maximum, row 1, column 0")).to_be_focused()
    opened.keyboard.press("Tab")
    expect(opened.get_by_label("maximum, row 1, column 1")).to_be_focused()
    opened.keyboard.press("ArrowUp")
    expect(opened.get_by_label("maximum, row 0, column 1")).to_be_focused()

"""The explorer in a frame of a page of the book, with Shinylive's page between them."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from shiny.run import ShinyAppProc

ROOT = Path(__file__).parents[2]
HEAD = (ROOT / "apps" / "frame.html").read_text("utf-8")
SCRIPT = (ROOT / "tools" / "web" / "apps.js").read_text("utf-8")
# What Shinylive 0.10 says about itself.
SHINYLIVE = """<style>
  * { margin: 0 } html, body { height: 100% }
  .shinylive-container { height: 100%; background-color: #e6e6e6; border-radius: 7px }
  .shinylive-container > div { border-radius: 5px; background-color: white }
  .shinylive-viewer { height: 100% } .app-frame { border-radius: 5px; border: 0 }
  .shinylive-viewer iframe { background-color: white; width: 100%; height: 100%; display: block }
  .shinylive-viewer .loading-wrapper { background-color: white }
</style>"""
EXPORT = f"""<!doctype html><html lang="en"><head><title>export</title>{SHINYLIVE}{HEAD}</head>
<body><div id="root" style="height: 100vh"><div class="shinylive-container viewer">
<div class="shinylive-viewer"><iframe class="app-frame" src="/"></iframe>
<div class="loading-wrapper"></div></div></div></div></body></html>"""
APP = """<div class="app"><p class="app-actions"><a class="app-start" data-frame="An explorer"
href="/apps/explorer/?lang=en&{state}">Start</a></p><p class="app-failed" hidden></p></div>"""


@pytest.fixture
def book(page: Page, explorer_app: ShinyAppProc):
    """A page with two applications and the script between them, as a renderer writes it."""
    first, second = APP.format(state="op=max&f=2"), APP.format(state="view=sizes")
    body = f"""<!doctype html><html lang="en"><head><title>book</title>
    <style>body {{ background: white }} [data-theme="dark"] body {{ background: #111 }}
    iframe.app-frame {{ width: 100%; height: 40rem; border: 0 }}</style></head><body>
    <main><button id="other">other</button>{first}<script>{SCRIPT}</script>{second}</main>
    </body></html>"""

    def answer(html: str):
        return lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page.route("**/book.html", answer(body))
    page.route("**/apps/explorer/**", answer(EXPORT))
    page.set_viewport_size({"width": 1000, "height": 800})
    page.goto(f"{explorer_app.url}book.html")
    return page


def inside(book: Page, n: int = 0):
    return (
        book.locator("main iframe.app-frame").nth(n).content_frame.frame_locator("iframe.app-frame")
    )


def test_both_applications_of_a_page_start_in_it_each_in_its_state(book: Page):
    book.locator(".app-start").nth(1).click()
    expect(inside(book).locator("#app")).to_have_attribute("data-view", "sizes")
    book.locator(".app-start").nth(0).click()
    expect(inside(book).locator("#sentence")).to_contain_text("the largest of the 4 numbers")
    assert book.url.endswith("book.html")


def test_a_frame_is_widened_to_the_window_and_back(book: Page):
    book.locator(".app-start").nth(0).click()
    frame, button = book.locator("iframe.app-frame"), inside(book).locator("#widen")
    before = frame.bounding_box()
    expect(button).to_have_text("Widen")
    whole = {"x": 0, "y": 0, "width": 1000, "height": 800}
    button.click()
    expect(button).to_have_text("Back")
    assert frame.bounding_box() == whole
    assert book.evaluate("document.getElementById('other').inert")
    button.click()
    expect(button).to_have_text("Widen")
    assert frame.bounding_box() == before
    assert not book.evaluate("document.getElementById('other').inert")
    # Escape narrows it too, from within the frame and from the page.
    button.click()
    expect(button).to_have_text("Back")
    inside(book).locator("#next").press("Escape")
    expect(button).to_have_text("Widen")
    assert frame.bounding_box() == before
    button.click()
    expect(button).to_have_text("Back")
    book.evaluate("dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'}))")
    expect(button).to_have_text("Widen")


def test_an_application_that_is_in_no_page_is_not_widened(page: Page, explorer_app: ShinyAppProc):
    page.goto(explorer_app.url)
    expect(page.locator("#theme")).to_be_visible()
    expect(page.locator("#widen")).to_be_hidden()


@pytest.mark.parametrize(
    "theme, ground", [("dark", "rgb(18, 21, 28)"), ("light", "rgb(244, 245, 248)")]
)
def test_no_block_and_no_corner_is_of_another_color(book: Page, theme: str, ground: str):
    book.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    book.locator(".app-start").nth(0).click()
    export = book.locator("iframe.app-frame").content_frame
    for part in ("body", ".shinylive-container", ".shinylive-viewer", ".app-frame",
                 ".loading-wrapper"):  # fmt: skip
        expect(export.locator(part)).to_have_css("background-color", ground)
        expect(export.locator(part)).to_have_css("border-radius", "0px")
    expect(inside(book).locator("html")).to_have_attribute("data-bs-theme", theme)
    expect(inside(book).locator("body")).to_have_css("background-color", ground)


def test_the_theme_follows_the_page(book: Page):
    book.locator(".app-start").nth(0).click()
    export, html = book.locator("iframe.app-frame").content_frame, inside(book).locator("html")
    expect(html).to_have_attribute("data-bs-theme", "light")
    for theme in ("dark", "light"):
        book.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        expect(html).to_have_attribute("data-bs-theme", theme)
        expect(export.locator("html")).to_have_attribute("data-theme", theme)

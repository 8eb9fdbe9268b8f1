"""The sliding filter: steps, pauses, speaks the page's language, keeps still when asked to."""

import re
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from book import example, figures
from cnnlayers import conv_forward

CLOSED = "<!doctype html><html lang={lang}><meta charset=utf-8><body>{body}</body></html>"
Z = conv_forward(example.X, example.W, example.b, example.hparameters)[0][0, :, :, 0].ravel()


@pytest.fixture(scope="module")
def html():
    return figures.sliding_filter()._repr_html_()


def open_in(page: Page, html: str, lang: str = "en", still: bool = True, copies: int = 1) -> list:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.emulate_media(reduced_motion="reduce" if still else "no-preference")
    page.set_content(CLOSED.format(lang=lang, body=html * copies))
    return errors


def test_it_is_small_and_brings_everything_along(html):
    assert len(html.encode()) < 60_000
    outside = re.sub(r'xmlns="[^"]*"', "", html)
    assert not re.search(r"\b(src|href)=|https?://|@import|\burl\(", outside)
    assert not re.search(r"\bid=", html)  # two on a page would clash
    assert "\n\n" not in html  # a blank line would end a block of HTML in Markdown


def test_its_style_and_script_can_be_moved_to_files(html):
    """A page that allows none inside it takes out these two elements and has the rest left."""
    assert len(re.findall(r"<style>", html)) == len(re.findall(r"<script>", html)) == 1
    rest = re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.DOTALL)
    assert not re.search(r"<[^>]*\s(style|on\w+)=", rest)
    assert "currentScript" not in html


def test_it_may_stand_in_a_book_of_xml(html):
    ElementTree.fromstring(f"<div>{html}</div>")


def test_it_shows_the_filter_the_stride_the_padding_and_the_step(page, html):
    open_in(page, html)
    for setting in ("stride = 1", "pad = 0"):
        expect(page.locator(".setting", has_text=setting)).to_be_visible()
    W = [float(w.replace("−", "-")) for w in page.locator(".weight text").all_text_contents()]
    assert W == example.W.ravel().tolist()
    expect(page.locator(".count")).to_have_text("1 / 9")
    page.get_by_role("button", name="Previous step").click()
    expect(page.locator(".count")).to_have_text("9 / 9")


def test_the_buttons_step_through_the_numbers_of_the_package(page, html):
    errors = open_in(page, html)
    for value in [*Z, Z[0]]:
        expect(page.locator("output")).to_have_text(re.compile(rf"= {value:g}$".replace("-", "−")))
        page.get_by_role("button", name="Next step").click()
    page.get_by_role("button", name="Previous step").click()
    expect(page.locator(".sum")).to_have_text("sum(s) = 1 + 0 − 6 + 0 + 0 − 3 + 0 + 0 − 3 = −11")
    expect(page.locator("output")).to_have_text("Z[0, 0] = sum(s) + b = −11 + 1 = −10")
    assert not errors


def test_the_window_the_products_and_the_results_follow(page, html):
    open_in(page, html)
    for _ in range(4):
        page.get_by_role("button", name="Next step").click()
    products = page.locator(".product text").all_text_contents()
    window = example.X[0, 1:4, 1:4, 0] * example.W[:, :, 0, 0]
    assert [float(text.replace("−", "-")) for text in products] == window.ravel().tolist()
    expect(page.locator(".result:not(.later)")).to_have_count(5)
    expect(page.locator(".result.now text")).to_have_text("−3")
    taken = page.locator(".taken text").all_text_contents()
    assert [float(text) for text in taken] == example.X[0, 1:4, 1:4, 0].ravel().tolist()
    grid = page.locator(".cell rect").nth(6).bounding_box()
    frame = page.locator(".window").bounding_box()
    assert abs(frame["x"] - grid["x"]) < 4 and abs(frame["y"] - grid["y"]) < 4


@pytest.mark.parametrize(
    "lang, names", [("es-ES", ("Reproducir", "Pausar")), ("en", ("Play", "Pause"))]
)
def test_it_plays_and_pauses_by_keyboard_in_the_page_s_language(page, html, lang, names):
    open_in(page, html, lang)
    play, pause = names
    page.get_by_role("button", name=play).focus()
    outline = page.get_by_role("button", name=play).evaluate(
        "b => getComputedStyle(b).outlineStyle"
    )
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name=pause)).to_be_focused()
    expect(page.locator("output")).to_have_attribute("aria-live", "off")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=play)).to_be_focused()
    expect(page.locator("output")).to_have_attribute("aria-live", "polite")
    assert outline != "none"


def test_it_starts_by_itself_unless_the_reader_wants_no_motion(page, html):
    open_in(page, html, still=False)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    open_in(page, html, still=True)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    moving = page.locator(".window").evaluate("g => getComputedStyle(g).transitionDuration")
    assert moving == "0s"


def test_playing_it_makes_the_sum_one_product_at_a_time(page, html):
    page.clock.install()
    open_in(page, html, still=False)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    shown = []
    for _ in range(12):
        text, last = page.locator(".sum").text_content(), page.locator("output").text_content()
        shown.append((text, last))
        terms = re.findall(r"\d+", text.split(" = ", 1)[1].split(" = ")[0])
        expect(page.locator(".product:not(.later)")).to_have_count(len(terms))
        expect(page.locator(".result.now.later")).to_have_count(0 if last.strip() else 1)
        page.clock.run_for(950)
    sums = [text for text, _ in shown]
    assert "sum(s) = " in sums and any(text.startswith("sum(s) = 1 + 0 − 6") for text in sums)
    assert sums.index("sum(s) = ") < next(k for k, text in enumerate(sums) if "= −11" in text)
    finished = [text for _, text in shown if text.strip()]
    assert finished and finished[0] == "Z[0, 0] = sum(s) + b = −11 + 1 = −10"
    # The number of Z stands there only once its sum is made.
    for text, last in shown:
        assert bool(last.strip()) <= ("= " in text.removeprefix("sum(s) = "))


def test_two_on_a_page_do_not_disturb_each_other(page, html):
    errors = open_in(page, html, copies=2)
    page.get_by_role("button", name="Next step").nth(1).click()
    first, second = page.locator("output").all_text_contents()
    assert first.startswith("Z[0, 0]") and second.startswith("Z[0, 1]")
    assert not errors


def test_without_a_script_the_finished_result_is_there(browser, html):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(CLOSED.format(lang="en", body=html))
    expect(page.locator(".controls")).to_be_hidden()
    shown = page.locator(".result text").all_text_contents()
    assert [float(text.replace("−", "-")) for text in shown] == Z.tolist()
    expect(page.locator("output")).to_have_text("Z[2, 2] = sum(s) + b = 2 + 1 = 3")
    context.close()

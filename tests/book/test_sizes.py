"""The sizes in the page: integer arithmetic of its script, against the package's."""

import re

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from playwright.sync_api import Page, expect

from book import figures
from book.figures.sizes import SLIDERS
from cnnlayers import conv_forward, loops
from tests.book.test_animation import CLOSED, open_in

TRY_ALL = """() => {
  const root = document.querySelector(".output-sizes");
  const inputs = [...root.querySelectorAll("input")];
  const range = ({ min, max }) => Array.from({ length: max - min + 1 }, (_, k) => +min + k);
  const all = inputs.map(range)
    .reduce((some, more) => some.flatMap(a => more.map(b => [...a, b])), [[]]);
  return all.map(values => {
    values.forEach((value, k) => { inputs[k].value = value; });
    inputs[0].dispatchEvent(new Event("input", { bubbles: true }));
    return [values, root.querySelector(".formula").textContent.split(" = ").pop(),
            root.querySelectorAll(".bar").length, root.querySelectorAll(".unread").length,
            root.querySelectorAll(".pad").length];
  });
}"""


@pytest.fixture(scope="module")
def html():
    return figures.output_sizes()._repr_html_()


def test_every_size_is_the_packages(page: Page, html):
    errors = open_in(page, html)
    found = page.evaluate(TRY_ALL)
    assert len(found) == np.prod([high - low + 1 for low, high, _ in SLIDERS.values()])
    for (n, f, pad, stride), size, bars, unread, border in found:
        hparameters = {"stride": stride, "pad": pad}
        A, W, b = np.zeros((1, f, n, 1)), np.zeros((f, f, 1, 1)), np.zeros((1, 1, 1, 1))
        try:
            n_W = conv_forward(A, W, b, hparameters)[0].shape[2]
        except ValueError:  # the window is larger than the padded input
            n_W = 0
        assert (size, bars) == (str(n_W or "—"), n_W), (n, f, pad, stride)
        assert border == 2 * pad
        read = {k * stride + j for k in range(n_W) for j in range(f)}
        assert unread == n + 2 * pad - len(read)
    assert not errors


def test_the_sliders_reach_what_the_chapter_works_out(page: Page, html):
    """5 × 7, f 3, pad 1, stride 2: it starts with the width; the height is a slider away."""
    open_in(page, html)
    formula = page.locator(".formula")
    expect(formula).to_have_text("n_W = ⌊(7 − 3 + 2·1) / 2⌋ + 1 = 4")
    expect(page.locator(".left")).to_have_text("every cell is read")
    slider = page.get_by_role("slider", name="n_W_prev", exact=True)
    slider.focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    expect(formula).to_have_text("n_W = ⌊(5 − 3 + 2·1) / 2⌋ + 1 = 3")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".left")).to_have_text("1 cell that no one reads")


@pytest.mark.parametrize(
    "lang, none", [("es", "no cabe ninguna ventana"), ("en", "no window fits")]
)
def test_it_speaks_the_language_of_the_page(page: Page, html, lang, none):
    open_in(page, html, lang)
    page.get_by_role("slider", name="pad", exact=True).fill("0")
    page.get_by_role("slider", name="n_W_prev", exact=True).fill("2")
    expect(page.locator(".left")).to_have_text(none)


def test_it_is_small_and_brings_everything_along(html):
    assert len(html.encode()) < 8_000
    outside = re.sub(r'xmlns="[^"]*"|"http://www.w3.org/2000/svg"', "", html)
    assert not re.search(r"\b(src|href)=|https?://|@import|\burl\(|\bid=", outside)
    assert "\n\n" not in html
    assert len(re.findall(r"<style>", html)) == len(re.findall(r"<script>", html)) == 1
    rest = re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.DOTALL)
    assert not re.search(r"<[^>]*\s(style|on\w+)=", rest)


def test_without_a_script_the_first_case_is_there(browser, html):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(CLOSED.format(lang="en", body=html))
    expect(page.locator(".fields")).to_be_hidden()
    expect(page.locator(".bar")).to_have_count(4)
    expect(page.locator(".formula")).to_have_text("n_W = ⌊(7 − 3 + 2·1) / 2⌋ + 1 = 4")
    context.close()


def test_on_paper_the_windows_begin_where_the_loops_begin_them():
    n, f, pad, stride = (start for _, _, start in SLIDERS.values())
    A = np.arange(1.0, n + 1).reshape(1, 1, n, 1).repeat(f, axis=1)
    W = np.zeros((f, f, 1, 1))
    W[pad, 0] = 1  # takes the first entry of each window; those of the border are 0
    firsts, _ = loops.conv_forward(A, W, np.zeros((1, 1, 1, 1)), {"stride": stride, "pad": pad})
    bars = [
        patch.get_x() - 0.06
        for patch in figures.output_sizes().frames.figure.findobj(Rectangle)
        if patch.get_height() == 0.5
    ]
    assert [max(0, round(x) - pad + 1) for x in bars] == firsts[0, 0, :, 0].tolist()


def test_several_on_a_page_do_not_disturb_each_other(page: Page, html):
    errors = open_in(page, html, copies=2)
    page.get_by_role("slider", name="f", exact=True).nth(1).fill("5")
    sizes = page.locator(".formula").all_text_contents()
    assert [size.split(" = ")[-1] for size in sizes] == ["4", "3"]
    assert not errors

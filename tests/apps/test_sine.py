"""The sine demo of the book, in both languages."""

import base64
import io

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from matplotlib.image import imread
from playwright.sync_api import Page, expect
from shiny.playwright import controller
from shiny.run import ShinyAppProc

RANGES = {
    "period": ("0.5", "2", "0.01", "1"),
    "amplitude": ("0", "2", "0.25", "1"),
    "shift": ("0", "2", "0.1", "0"),
}


def plot(page: Page):
    return page.locator("#wave img")


def curve(page: Page) -> np.ndarray:
    """The rows, from the top, of the plot's blue pixels, column by column."""
    source = plot(page).get_attribute("src")
    png = imread(io.BytesIO(page.request.get(source).body() if source.startswith("http") else
                            base64.b64decode(source.split(",")[1])))  # fmt: skip
    blue = (png[:, :, 2] > 0.6) & (png[:, :, 0] < 0.3)
    return np.array([np.flatnonzero(column).mean() for column in blue.T if column.any()])


def test_the_ranges_are_the_books(page: Page, sine_app: ShinyAppProc):
    page.goto(sine_app.url)
    for name, (low, high, step, start) in RANGES.items():
        slider = controller.InputSlider(page, name)
        slider.expect_min(low)
        slider.expect_max(high)
        slider.expect_step(step)
        slider.expect_value(start)


@pytest.mark.parametrize("lang, alt, labels", [
    ("es", "Función seno", ["Periodo", "Amplitud", "Desfase"]),
    ("en", "Sine function", ["Period", "Amplitude", "Phase shift"]),
])  # fmt: skip
def test_it_speaks_the_language_of_its_address(
    page: Page, sine_app: ShinyAppProc, lang, alt, labels
):
    page.goto(f"{sine_app.url}?lang={lang}")
    expect(plot(page)).to_have_attribute("alt", alt)
    expect(page.locator("h1")).to_have_text(alt)
    expect(page.locator("html")).to_have_attribute("lang", lang)
    for name, label in zip(RANGES, labels, strict=True):
        controller.InputSlider(page, name).expect_label(label)


def test_each_slider_redraws_the_curve(page: Page, sine_app: ShinyAppProc):
    page.goto(sine_app.url)
    expect(plot(page)).to_be_visible()
    drawn = plot(page).get_attribute("src")
    heights = {"start": np.ptp(curve(page))}
    for name, value in (("amplitude", "2"), ("period", "2"), ("shift", "1")):
        controller.InputSlider(page, name).set(value)
        expect(plot(page)).not_to_have_attribute("src", drawn)
        drawn = plot(page).get_attribute("src")
        heights[name] = np.ptp(curve(page))
    # Twice the amplitude is twice the height; period and shift leave it alone.
    assert heights["amplitude"] / heights["start"] == pytest.approx(2, rel=0.05)
    assert heights["shift"] == pytest.approx(heights["amplitude"], rel=0.05)


@pytest.mark.parametrize("width, height", [(1000, 420), (620, 420), (360, 640)])
def test_the_whole_plot_is_seen_in_its_frame(
    page: Page, sine_app: ShinyAppProc, width: int, height: int
):
    page.set_viewport_size({"width": width, "height": height})
    page.goto(sine_app.url)
    expect(plot(page)).to_be_visible()
    box = plot(page).bounding_box()
    assert box and box["y"] + box["height"] <= height and box["x"] + box["width"] <= width
    assert box["height"] >= 200


def test_the_theme_is_there_from_the_first_moment_and_follows_the_page_around(
    page: Page, sine_app: ShinyAppProc
):
    page.goto(f"{sine_app.url}?theme=dark", wait_until="commit")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(plot(page)).to_be_visible()
    page.evaluate("postMessage({theme: 'light'}, '*')")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_nothing_is_missing(page: Page, sine_app: ShinyAppProc):
    missing = []
    page.on("response", lambda r: missing.append(r.url) if r.status >= 400 else None)
    page.goto(sine_app.url)
    expect(plot(page)).to_be_visible()
    assert missing == []


def test_axe_finds_nothing_serious(page: Page, sine_app: ShinyAppProc):
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(sine_app.url)
    expect(plot(page)).to_be_visible()
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

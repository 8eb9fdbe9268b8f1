"""The network in a browser, as a reader uses it: pen, mouse, touch, keyboard, address."""

import re

import pytest
from browsed import Browsed
from playwright.sync_api import Browser, expect
from shiny.run import ShinyAppProc
from shown import close, read

from apps.network.address import parse, serialize
from apps.network.look import look
from apps.network.pictures import dots
from apps.network.state import LAYERS

QUERIES = [
    "", "layer=Z2&digit=118&c=5&j=7&lang=en", "layer=V&h=3", "layer=Z3&h=3&lang=en", "layer=P",
    "layer=M1", "view=backward&digit=118&layer=M1", "view=backward&of=class&k=3&layer=X&lang=en",
    "view=backward&layer=A2", "view=train&start=scratch&t=5&lang=en",
    "view=train&fault=backward-flipped&batch=8", "view=train&start=scratch&t=1&rate=0.3",
]  # fmt: skip


SEEN = ((360, "dark"), (1280, "light"), (360, "light"), (1280, "dark"))


@pytest.fixture(scope="module")
def opened(browser: Browser, network_app: ShinyAppProc):
    page = browser.new_page(
        viewport={"width": 1280, "height": 800}, reduced_motion="reduce", has_touch=True
    )
    yield Browsed(page, network_app.url, lambda query: serialize(parse(query)[0]))
    page.close()


@pytest.fixture
def network(opened: Browsed):
    """No test may leave an error on the console or ask another host for anything."""
    opened.problems.clear()
    opened.page.set_viewport_size({"width": 1280, "height": 800})
    opened.page.emulate_media(color_scheme="light")
    yield opened
    assert not opened.problems


def state(network: Browsed):
    return parse(network["#app"].get_attribute("data-query"))[0]


def pixel(network: Browsed, at: str) -> tuple[float, float]:
    box = network.cell("X-0", at).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("query", QUERIES)
def test_axe_finds_nothing_and_nothing_is_cut_off(network: Browsed, query):
    network.go(query)
    network.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert network.too_wide() == []
    for width, scheme in SEEN if query in QUERIES[:1] + QUERIES[6:7] + QUERIES[9:10] else SEEN[:2]:
        network.emulate_media(color_scheme=scheme)
        network.set_viewport_size({"width": width, "height": 640})
        assert network.barriers() == []


@pytest.mark.parametrize("view", ["forward", "backward"])
def test_a_number_is_seen_with_the_layers_that_it_comes_from(network: Browsed, view):
    """In a frame of 640 pixels, next to what it is made from, whatever the layer."""
    below = {}
    for layer in LAYERS if view == "forward" else list(LAYERS)[:-1]:
        network.go(f"view={view}&layer={layer}&digit=118")
        network.set_viewport_size({"width": 1280, "height": 640})
        number = network["#number"]
        if layer != "X" or view == "backward":
            box = number.bounding_box()
            below[layer] = box["y"] + box["height"]
    assert {layer: y for layer, y in below.items() if y > 640} == {}


def test_a_pen_draws_and_a_dark_pixel_is_erased(network: Browsed):
    network.go("digit=3")
    network["#clear"].click()
    network.shows("x=" + "0" * 64)
    network.mouse.move(*pixel(network, "1,3"))
    network.mouse.down()
    for row in range(2, 7):
        network.mouse.move(*pixel(network, f"{row},3"))
    network.mouse.up()
    expect(network.cell("X-0", "6,3")).to_have_attribute("aria-label", re.compile(r": 1\b"))
    expect(network["#app"]).to_have_attribute("data-query", re.compile("x=.*g"))
    drawn = dots(state(network))
    assert (drawn[1:7, 3] == 16).all() and (drawn[1:7, [2, 4]] > 0).all()
    assert drawn[:, [0, 1, 5, 6, 7]].sum() == 0
    network.mouse.click(*pixel(network, "3,3"))
    expect(network.cell("X-0", "3,3")).to_have_text("0")
    expect(network["#sentence"]).to_contain_text("La red lee un")


def test_an_answer_that_comes_late_wipes_nothing_out(network: Browsed):
    """The server's word on an earlier stroke comes while the pen is further on."""
    network.go("x=" + "0" * 64)
    network.mouse.move(*pixel(network, "1,1"))
    network.mouse.down()
    for column in (2, 3, 4):  # faster than it is sent
        network.mouse.move(*pixel(network, f"1,{column}"))
    kept = network.evaluate(
        """() => {
          document.querySelector("#X-0 td[data-at='1,4']").textContent = "0";
          document.dispatchEvent(new Event("app:shown"));
          return document.querySelector("#X-0 td[data-at='1,4']").textContent;
        }"""
    )
    network.mouse.up()
    assert kept == "1"
    expect(network.cell("X-0", "1,4")).to_have_attribute("aria-label", re.compile(r": 1\b"))
    network["#digit-118"].click()
    network.shows("digit=118")
    expect(network.cell("X-0", "1,4")).to_have_text("0.5")


def test_a_finger_draws_and_does_not_scroll(network: Browsed):
    network.set_viewport_size({"width": 360, "height": 640})
    network.go("x=" + "0" * 64)
    network.touchscreen.tap(*pixel(network, "4,4"))
    expect(network["#app"]).to_have_attribute("data-query", re.compile("g"))
    assert dots(state(network))[4, 4] == 16
    touch = "getComputedStyle(document.querySelector('#X-0').parentNode).touchAction"
    assert network.evaluate(touch) == "none"


def test_the_keyboard_draws(network: Browsed):
    network.go("x=" + "0" * 64)
    network.tab_to("X-0")
    network.keyboard.press("Control+Home")
    network.keyboard.press("ArrowDown")
    network.keyboard.press("Space")
    expect(network["#app"]).to_have_attribute("data-query", re.compile("x=0{8}g0{55}$"))
    network.keyboard.press("ArrowRight")
    network.keyboard.press("3")
    expect(network["#app"]).to_have_attribute("data-query", re.compile("x=0{8}g60{54}$"))
    assert network.focused() == "X-0"
    network.keyboard.press("0")
    expect(network["#app"]).to_have_attribute("data-query", re.compile("x=0{8}g0{55}$"))


def test_a_click_on_a_map_opens_the_number_under_it(network: Browsed):
    network.go("digit=118")
    canvas = network["#maps-Z2"]
    box = canvas.bounding_box()
    rows, columns, maps, across = 4, 4, 64, 4
    c, h, w = 22, 1, 3
    width, height = box["width"] / across, box["height"] / (maps // across)
    dot = (width - 2) / columns
    x, y = (c % across) * width + (w + 0.5) * dot, c // across * height + (h + 0.5) * dot
    canvas.click(position={"x": x, "y": y})
    expect(network["#app"]).to_have_attribute("data-layer", "Z2")
    assert (state(network).c, state(network).h, state(network).w) == (c, h, w)
    number = look(state(network)).forward["Z2"][h, w, c]
    assert close(read(network["#number"].text_content()), number)
    assert rows == LAYERS["Z2"][0]


def test_every_number_is_reached_by_the_keyboard(network: Browsed):
    network.go("digit=118&lang=en")
    network.tab_to("open-M2")
    network.keyboard.press("Enter")
    expect(network["#app"]).to_have_attribute("data-layer", "M2")
    network.tab_to("map-M2")
    network.keyboard.press("ArrowLeft")
    expect(network["#board-making"]).to_contain_text("M2[0, 1, 0, 0]")
    network.set("c", "63")
    expect(network["#board-making"]).to_contain_text("M2[0, 1, 0, 63]")
    network.tab_to("Z3-0")
    network.keyboard.press("ArrowDown")
    expect(network["#app"]).to_have_attribute("data-layer", "Z3")
    network.tab_to("sums")
    network.keyboard.press("End")
    expect(network["#board-making"]).to_contain_text(re.compile("j=(7|15|23|31|39|47|55|63)"))


def test_the_maps_are_painted_in_both_themes(network: Browsed):
    """Painted once, and again where the theme changes: the page's patching may not empty them."""
    inked = """id => {
      const canvas = document.getElementById(id);
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      const colors = new Set();
      for (let k = 0; k < pixels.length; k += 4) colors.add(pixels.slice(k, k + 3).join());
      return colors.size;
    }"""
    network.go("view=train&start=scratch")
    for _ in range(3):
        network["#step"].click()
    expect(network["#sentence"]).to_contain_text("Paso 3")
    for scheme in ("light", "dark"):
        network.emulate_media(color_scheme=scheme)
        for name in ("before", "now", "change"):
            assert network.evaluate(inked, f"filters-{name}") > 10


def test_backwards_a_pixel_shows_what_feeds_it(network: Browsed):
    network.go("digit=118&view=backward&lang=en")
    network.cell("X-0", "4,3").click()
    expect(network["#board-making"]).to_contain_text("dX[0, 4, 3, 0]")
    network.choose("of", "class")
    expect(network["#sentence"]).to_contain_text("log P[8]")
    network["#k"].select_option("1")
    expect(network["#sentence"]).to_contain_text("log P[1]")
    seen = look(state(network))
    assert close(network.numbers("X-0"), 10**seen.scale * seen.gradients["X"][:, :, 0])


def test_training_runs_pauses_and_starts_again(network: Browsed):
    network.go("view=train&start=scratch&lang=en")
    network["#epoch"].click()
    expect(network["#sentence"]).to_contain_text("Step 37 (epoch 1)")
    network["#play"].click()
    expect(network["#play"]).to_have_accessible_name("Pause")
    expect(network["#sentence"]).to_contain_text(re.compile(r"Step (4[2-9]|[5-9]\d)"))
    network["#play"].click()
    expect(network["#play"]).to_have_accessible_name("Play")
    assert "t=" in network.page.url
    network["#reset"].click()
    expect(network["#sentence"]).to_contain_text("Before the first step")
    expect(network["#reset"]).to_be_disabled()
    network["#fault"].select_option("relu-not-masked")
    network["#app"].focus()
    network.keyboard.press("ArrowRight")
    network.shows("view=train&start=scratch&fault=relu-not-masked&t=1&lang=en")
    # What was trained is what the other views look into.
    network.choose("view", "forward")
    expect(network["#app"]).to_have_attribute("data-view", "forward")
    assert "t=1" in network.page.url


def test_nonsense_in_the_address_is_answered(network: Browsed):
    network.go("digit=1000&layer=Q&lang=en&x=<b>")
    said = network["#problems"]
    expect(said).to_contain_text("Test digit: expected a whole number from 0 to 598.")
    expect(said).to_contain_text("“Q” is not an option of layer")
    expect(said).to_contain_text("drawing: expected 64 pixels")
    network["#surprise"].click()
    expect(said).to_be_hidden()


def test_a_misread_digit_is_one_click_away(network: Browsed):
    network.go("lang=en")
    network["#digit-118"].click()
    network.shows("digit=118&lang=en")
    expect(network["#sentence"]).to_contain_text("reads 7 (57.9 %), and it is 8.")
    network["#language"].click()
    expect(network["#sentence"]).to_contain_text("lee un 7")

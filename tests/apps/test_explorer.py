"""The explorer in a browser, as a reader uses it: by mouse, by keyboard, by its address."""

import json
import re

import numpy as np
import pytest
from browsed import WIDTHS, Browsed
from independent import draw
from playwright.sync_api import Browser, expect
from shiny.run import ShinyAppProc
from shown import close

from apps.explorer.address import parse, serialize
from apps.explorer.state import VIEWS

NUMBERS = "input=own&x=1,3,6,1,2;0,4,3,2,0;0,1,3,8,1;2,1,5,0,4;1,0,2,1,3"


@pytest.fixture(scope="module")
def opened(browser: Browser, explorer_app: ShinyAppProc):
    page = browser.new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    yield Browsed(page, explorer_app.url, lambda query: serialize(parse(query)[0]))
    page.close()


@pytest.fixture
def explorer(opened: Browsed):
    """No test may leave an error on the console or ask another host for anything."""
    opened.problems.clear()
    opened.page.set_viewport_size({"width": 1280, "height": 800})
    opened.page.emulate_media(color_scheme="light")
    yield opened
    assert not opened.problems


# What the reader sees


def test_what_is_on_the_page_is_an_independent_computation(explorer: Browsed):
    for seed in range(6):
        case = draw(np.random.default_rng(1000 + seed))
        explorer.go(case.query())
        shown = [explorer.numbers(f"Z-{c}") for c in range(case.n_C)]
        assert close(np.stack(shown, axis=-1), case.output()), case
        explorer.go(case.query(view="backward", dz="random", seed=str(seed)))
        dZ = np.stack([explorer.numbers(f"dZ-{c}") for c in range(case.n_C)], axis=-1)
        dA, pad = case.gradients(dZ)[0], case.pad_of()
        for c in range(case.x.shape[2]):
            inner = explorer.numbers(f"dA-{c}")[pad : pad + len(dA), pad : pad + dA.shape[1]]
            assert close(inner, dA[:, :, c]), case


@pytest.mark.parametrize("query", [
    "", "pad=1", "f=5", f"{NUMBERS}&h=1&w=2", "op=max&f=2&stride=2", "op=average&f=3&size=9",
    "channels=3", "channels=3&pad=1", "op=max&channels=3&f=2",
    "view=backward", f"view=backward&{NUMBERS}", "op=max&f=2&view=backward",
    "op=average&f=3&view=backward&dz=random", "view=entry&row=3&column=3",
    "view=entry&of=W&row=1", "op=max&view=entry&f=2&row=2&column=2",
])  # fmt: skip
def test_the_output_and_what_makes_it_are_seen_together(explorer: Browsed, query):
    explorer.go(query)
    view = parse(query)[0].view
    output = {"forward": "board-Z", "backward": "board-total", "entry": "board-total"}[view]
    # Of a backward pass, the first line, that of dA_prev; else all that is multiplied.
    making = '[id^="dA-step"], #sent' if view == "backward" else "table"
    outside = {}
    for width in WIDTHS:
        explorer.set_viewport_size({"width": width, "height": 640})
        boxes = explorer.evaluate(
            """([output, making, view]) => {
                 scrollTo(0, 0);
                 const made = [...document.querySelectorAll(`#board-making :is(${making})`)];
                 const shown = made.slice(0, view === "backward" ? 1 : made.length);
                 const parts = [output, "number"].map(id => document.getElementById(id));
                 return [...parts, ...shown].map(part => [part.id, part.getBoundingClientRect()])
                   .map(([id, {left, top, right, bottom}]) => [id, left, top, right, bottom]);
               }""",
            [output, making, view],
        )
        outside |= {
            (width, name): (left, top, right, bottom)
            for name, left, top, right, bottom in boxes
            if min(left, top) < 0 or right > width or bottom > 640
        }
    assert outside == {}


@pytest.mark.parametrize("query", [
    *(f"view={view}" for view in VIEWS), "view=backward&channels=3&pad=1&size=4&lang=en",
    "op=max&view=backward&f=2&stride=2&input=checkerboard", "op=average&view=entry&f=2&lang=en",
    "size=4&f=7&lang=en", "view=columns&channels=3&f=5&lang=en", "guess=1",
    "view=learn&channels=3&filter=random&t=4&size=5",
    "op=max&view=sizes&lang=en", f"{NUMBERS}&filter=own&k=1,0,-1;1,0,-1;1,0,-1&bias=1&h=1&w=2",
])  # fmt: skip
def test_axe_finds_nothing_and_nothing_is_cut_off(explorer: Browsed, query):
    explorer.go(query)
    explorer.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert explorer.too_wide(WIDTHS) == []
    for width, scheme in ((360, "dark"), (1280, "light")):
        explorer.emulate_media(color_scheme=scheme)
        explorer.set_viewport_size({"width": width, "height": 640})
        assert explorer.barriers() == []


@pytest.mark.parametrize("view", VIEWS)
def test_the_largest_layer_is_no_wider_than_the_page(explorer: Browsed, view):
    explorer.go(f"f=5&channels=3&view={view}&size=9&pad=3")
    assert explorer.too_wide(WIDTHS) == []


@pytest.mark.parametrize("lang", ["es", "en"])
def test_no_label_is_cut_in_its_list(explorer: Browsed, lang):
    for query in ("op=max&view=backward&f=2", "view=learn", "view=backward"):
        explorer.go(f"{query}&lang={lang}")
        cut = explorer.evaluate(
            """() => [...document.querySelectorAll("select")].filter(s => s.offsetParent)
              .flatMap(select => {
                const pen = document.createElement("canvas").getContext("2d");
                const style = getComputedStyle(select);
                pen.font = style.font;
                const room = select.clientWidth - parseFloat(style.paddingLeft)
                  - parseFloat(style.paddingRight);
                return [...select.options].map(o => o.text)
                  .filter(text => pen.measureText(text).width > room);
              })"""
        )
        assert cut == []


def test_a_long_number_is_not_wider_than_its_cell(explorer: Browsed):
    explorer.go("x=999,-999,0.25;-999,999,12.5;1,2,-100.75&k=9,-9;-9,9")
    wide = explorer.evaluate(
        """() => [...document.querySelectorAll("td[data-at]")]
          .filter(cell => cell.scrollWidth > cell.clientWidth + 1).map(cell => cell.textContent)"""
    )
    assert wide == []


def test_pointing_at_the_output_shows_its_window_at_once(explorer: Browsed):
    explorer.go("stride=2&pad=1")
    ghost = explorer["#A-0 ~ .ghost"]
    expect(ghost).to_have_count(0)
    explorer.cell("Z-0", "1,2").hover()
    expect(ghost).to_have_count(1)
    shown, corner = ghost.bounding_box(), explorer.cell("A-0", "2,4").bounding_box()
    assert shown["x"] == pytest.approx(corner["x"], abs=3)
    assert shown["y"] == pytest.approx(corner["y"], abs=3)
    assert shown["width"] == pytest.approx(3 * corner["width"], abs=8)
    explorer.shows("stride=2&pad=1")  # it is only pointed at
    explorer["h1"].hover()
    expect(ghost).to_have_count(0)
    explorer.cell("Z-0", "0,0").focus()
    expect(ghost).to_have_count(1)
    # A pixel shows who reads it.
    explorer.cell("A-0", "2,2").hover()
    lit = explorer["#Z-0 td.lit"].evaluate_all("cells => cells.map(cell => cell.dataset.at)")
    assert lit == ["0,0", "0,1", "1,0", "1,1"]
    explorer.go("op=max&channels=3&f=2&c=1")
    explorer.cell("Z-1", "2,2").hover()
    expect(explorer["#A-1 ~ .ghost"]).to_have_count(1)
    expect(explorer[".ghost"]).to_have_count(1)


# Controls


def test_each_control_changes_the_state_and_the_address(explorer: Browsed):
    explorer.go("lang=en")
    chosen = {"lang": "en"}

    def changed(**what: str) -> None:
        chosen.update(what)
        query = "&".join(f"{key}={value}" for key, value in chosen.items())
        explorer.shows(query)
        assert parse(explorer.page.url.split("?")[1])[0] == parse(query)[0]

    explorer["#input"].select_option("cross")
    changed(input="cross")
    explorer.set("size", "6")
    changed(size="6")
    explorer.choose("channels", "3")
    changed(channels="3")
    explorer["#filter"].select_option("random")
    changed(filter="random")
    explorer.set("seed", "5")
    changed(seed="5")
    explorer.set("f", "2")
    changed(f="2")
    explorer.set("stride", "2")
    changed(stride="2")
    explorer.set("pad", "1")
    changed(pad="1")
    explorer.set("bias", "-1.5")
    changed(bias="-1.5")
    expect(explorer["#sentence"]).to_contain_text("with the bias −1.5")
    explorer.choose("view", "learn")
    changed(view="learn")
    explorer["#goal"].select_option("blur")
    changed(goal="blur")
    explorer["#rate"].select_option("0.01")
    changed(rate="0.01")
    explorer.choose("view", "entry")
    changed(view="entry", goal="sobel-y", rate="0.005")
    explorer.choose("of", "W")
    changed(of="W")
    explorer.set("e", "5")
    changed(e="5")
    explorer.choose("view", "backward")
    changed(view="backward", of="A", e="3")
    explorer["#dz"].select_option("one")
    changed(dz="one")
    explorer.choose("op", "max")
    changed(op="max", pad="0", bias="0", filter="sobel-x", seed="1")
    expect(explorer["#pad"]).to_be_hidden()
    explorer["#ties"].select_option("first")
    changed(ties="first")
    explorer["#guess"].check()
    changed(guess="1")
    explorer.choose("op", "average")
    changed(op="average", ties="all")
    expect(explorer["#ties"]).to_be_hidden()


def test_a_slider_moves_its_number_and_goes_as_far_as_is_valid(explorer: Browsed):
    explorer.go("size=4&lang=en")
    slider = explorer["[data-control=f] input[type=range]"]
    expect(slider).to_have_attribute("max", "4")
    expect(slider).to_have_attribute("min", "2")
    slider.focus()
    slider.press("ArrowRight")
    explorer.shows("size=4&f=4&lang=en")
    expect(explorer["#f"]).to_have_value("4")
    slider.press("ArrowRight")
    explorer.set("pad", "1")
    explorer.shows("size=4&f=4&pad=1&lang=en")
    expect(slider).to_have_attribute("max", "6")
    explorer.set("f", "6")
    expect(slider).to_have_value("6")
    expect(explorer["[data-control=pad] input[type=range]"]).to_have_attribute("min", "1")


def test_steps_forwards_back_and_to_a_clicked_cell(explorer: Browsed):
    explorer.go("lang=en")
    step = explorer["#step"]
    expect(step).to_have_text("step 1 of 25")
    expect(explorer["#back"]).to_be_disabled()
    for button, expected in (("next", 2), ("next", 3), ("back", 2), ("last", 25), ("first", 1)):
        explorer[f"#{button}"].click()
        expect(step).to_have_text(f"step {expected} of 25")
    explorer.cell("Z-0", "2,3").click()
    expect(step).to_have_text("step 14 of 25")
    expect(explorer['#Z-0 td[aria-selected="true"]']).to_have_attribute("data-at", "2,3")
    assert "h=2&w=3" in explorer.page.url
    explorer.go("f=7&size=4&lang=en")
    for button in ("first", "back", "play", "next", "last"):
        expect(explorer[f"#{button}"]).to_be_disabled()


def test_it_plays_to_the_end(explorer: Browsed):
    explorer.go("op=max&f=3&stride=4&lang=en")
    expect(explorer["#play"]).to_have_accessible_name("Play")
    explorer["#play"].click()
    expect(explorer["#play"]).to_have_accessible_name("Pause")
    expect(explorer["#step"]).to_have_text("step 4 of 4")
    expect(explorer["#play"]).to_have_accessible_name("Play")
    explorer.go("view=learn&filter=random&lang=en")
    explorer["#play"].click()
    expect(explorer["#step"]).to_have_text(re.compile(r"step [1-9]\d of 60"))
    explorer["#play"].click()


def test_a_click_edits_the_input_and_the_filter(explorer: Browsed):
    explorer.go("filter=identity&input=cross")
    explorer.cell("A-0", "1,1").click()
    explorer.keyboard.type("-2,5")
    explorer.keyboard.press("Enter")
    expect(explorer["#number"]).to_have_text("−2.5")
    expect(explorer["#input"]).to_have_value("own")
    explorer.cell("factors-0", "1,1").click()
    explorer.keyboard.type("2")
    explorer.keyboard.press("Enter")
    expect(explorer["#number"]).to_have_text("−5")
    expect(explorer["#filter"]).to_have_value("own")
    explorer.reload()
    expect(explorer["#number"]).to_have_text("−5")


def test_an_error_is_said_beside_its_field_and_goes(explorer: Browsed):
    explorer.go("lang=en&h=1")
    explorer.set("f", "99")
    expect(explorer["#f-error"]).to_have_text("f: expected a whole number from 1 to 7.")
    expect(explorer["#f"]).to_have_attribute("aria-invalid", "true")
    expect(explorer["#f"]).to_have_value("99")
    explorer["#next"].click()
    expect(explorer["#f-error"]).to_be_empty()
    expect(explorer["#f"]).to_have_value("3")
    explorer.cell("A-0", "1,1").click()
    explorer.keyboard.type("three")
    explorer.keyboard.press("Enter")
    expect(explorer["#cell-error"]).to_contain_text("input: expected a number")
    expect(explorer.cell("A-0", "1,1")).to_have_text("3")
    explorer["#next"].click()
    expect(explorer["#cell-error"]).to_be_empty()
    explorer.cell("A-0", "1,1").click()
    explorer.keyboard.type("8")
    explorer.keyboard.press("Escape")
    expect(explorer.cell("A-0", "1,1")).to_have_text("3")
    explorer.evaluate("history.pushState(null, '', '?f=ninety&stride=2&lang=en&x=<b>')")
    explorer.evaluate("dispatchEvent(new Event('popstate'))")
    expect(explorer["#problems li"]).to_have_count(2)
    explorer["#next"].click()
    expect(explorer["#problems li"]).to_have_count(0)


def test_guessing_in_the_cell_that_asks(explorer: Browsed):
    explorer.go("lang=en&h=1&guess=1")
    cell = explorer.cell("Z-0", "1,0")
    cell.click()
    explorer.keyboard.type("8")
    explorer.keyboard.press("Enter")
    expect(explorer["#sentence"]).to_contain_text("It is not 8.")
    explorer.keyboard.type("9")  # the cell kept the focus
    explorer.keyboard.press("Enter")
    expect(explorer["#sentence"]).to_contain_text("Exactly!")
    expect(cell).to_have_text("9")
    explorer.go("lang=en&view=backward&guess=1&w=1")
    explorer["#dA-0 td[data-edit]"].click()
    explorer.keyboard.type("77")
    explorer.keyboard.press("Enter")
    expect(explorer["#sentence"]).to_contain_text("It is not 77.")


def test_something_to_try(explorer: Browsed):
    explorer.go("lang=en")
    panel = explorer["#try"]
    panel.get_by_role("textbox").fill("6")
    panel.get_by_role("button", name="Check").click()
    expect(panel.get_by_role("status")).to_contain_text("It is not 6.")
    panel.get_by_role("textbox").fill("7")
    panel.get_by_role("textbox").press("Enter")
    expect(panel.get_by_role("status")).to_contain_text("Exactly! It is 7")
    panel.get_by_role("button", name="See it here").click()
    explorer.shows("w=1&lang=en")
    panel.get_by_role("button", name="Task 3 of 3").click()
    panel.get_by_role("button", name="See answer").click()
    expect(panel.get_by_role("status")).to_contain_text("It has 7")


def test_a_gradient_is_opened_by_a_click(explorer: Browsed):
    explorer.go("view=backward&lang=en")
    explorer.cell("dA-0", "3,2").click()
    explorer.shows("view=entry&row=3&column=2&lang=en")
    expect(explorer["#view input[value=entry]"]).to_be_checked()
    explorer.cell("dW-0", "1,2").click()
    explorer.shows("view=entry&of=W&row=1&column=2&lang=en")


def test_sizes_are_chosen_from_the_table(explorer: Browsed):
    explorer.go("view=sizes&lang=en")
    explorer["#size-1-2"].click()
    explorer.shows("view=sizes&stride=2&pad=1&lang=en")
    expect(explorer["#sentence"]).to_contain_text("4 windows fit")
    slider = explorer["[data-control=stride] input[type=range]"]
    slider.focus()
    slider.press("ArrowRight")
    explorer.shows("view=sizes&stride=3&pad=1&lang=en")


def test_surprises_are_never_the_same(explorer: Browsed):
    explorer.go("")
    seen = explorer.page.url
    for _ in range(3):
        explorer["#surprise"].click()
        expect(explorer.page).not_to_have_url(seen)
        seen = explorer.page.url
        expect(explorer["#number"]).to_be_visible()


def test_forged_messages_do_not_end_the_session(explorer: Browsed):
    explorer.go("lang=en")
    for forged in ({"do": "pick", "cell": [0, 0]}, {"do": "type"}, 5, None, [], "open",
                   {"do": "open", "query": 5}, {"do": "set", "key": {}, "value": []}):  # fmt: skip
        explorer.evaluate(
            f"Shiny.setInputValue('act', {json.dumps(forged)}, {{priority: 'event'}})"
        )
    for name in ("pick", "typed", "address"):
        explorer.evaluate(f"Shiny.setInputValue('{name}', [0, 0], {{priority: 'event'}})")
    explorer["#next"].click()
    expect(explorer["#step"]).to_have_text("step 2 of 25")


# Keyboard, languages, themes, screen readers


def test_by_keyboard_alone(explorer: Browsed):
    explorer.go("lang=en&filter=identity")
    step, press = explorer["#step"], explorer.keyboard.press
    press("ArrowRight")
    press("ArrowRight")
    expect(step).to_have_text("step 3 of 25")
    press("ArrowLeft")
    expect(step).to_have_text("step 2 of 25")
    press("End")
    expect(step).to_have_text("step 25 of 25")
    press("Home")
    expect(step).to_have_text("step 1 of 25")
    press("Space")
    expect(explorer["#play"]).to_have_accessible_name("Pause")
    press("Space")
    expect(explorer["#play"]).to_have_accessible_name("Play")
    press("Home")
    expect(step).to_have_text("step 1 of 25")

    explorer.tab_to("stride")
    press("ArrowUp")
    expect(step).to_have_text("step 1 of 9")

    explorer.tab_to("A-0")
    press("ArrowRight")
    press("ArrowDown")
    explorer.keyboard.type("7")
    press("Enter")
    expect(explorer.cell("A-0", "1,1")).to_have_text("7")
    expect(explorer["#number"]).to_have_text("7")
    expect(explorer.cell("A-0", "1,1")).to_be_focused()

    explorer.tab_to("factors-0")
    explorer.tab_to("Z-0")
    press("ArrowDown")
    press("ArrowRight")
    expect(step).to_have_text("step 5 of 9")
    expect(explorer.cell("Z-0", "1,1")).to_be_focused()
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert explorer.evaluate(outline) == "solid"

    explorer.go("view=backward&lang=en")
    explorer.tab_to("dA-0")
    press("ArrowDown")
    press("Enter")
    explorer.shows("view=entry&row=1&lang=en")


def test_a_button_that_goes_off_does_not_take_the_keyboard_with_it(explorer: Browsed):
    explorer.go("lang=en&h=4&w=3")
    explorer["#next"].focus()
    explorer.keyboard.press("Enter")
    expect(explorer["#next"]).to_be_disabled()
    explorer.keyboard.press("ArrowLeft")
    expect(explorer["#step"]).to_have_text("step 24 of 25")


def test_the_language_changes_in_place(explorer: Browsed):
    explorer.go("op=max&f=2&h=1&w=3")
    expect(explorer["html"]).to_have_attribute("lang", "es")
    expect(explorer["h1"]).to_have_text("El explorador de capas")
    explorer["#settings summary"].click()  # closed, it stays closed
    explorer["#language"].click()
    expect(explorer["h1"]).to_have_text("The layer explorer")
    expect(explorer["#language"]).to_be_focused()
    expect(explorer["#settings"]).not_to_have_attribute("open", "")
    explorer["#settings summary"].click()
    explorer.shows("op=max&f=2&h=1&w=3&lang=en")
    expect(explorer["html"]).to_have_attribute("lang", "en")
    expect(explorer["#sentence"]).to_contain_text("the largest of the 4 numbers")
    explorer.set("f", "3")
    explorer.shows("op=max&f=3&h=1&w=3&lang=en")


def test_what_the_step_computes_is_announced(explorer: Browsed):
    explorer.go("lang=en&filter=identity&h=1&w=1")
    status = explorer["#sentence"]
    expect(status).to_have_attribute("aria-live", "polite")
    expect(status).to_contain_text("Z[0, 1, 1, 0]: 3·0 + 7·0 + 9·0")
    expect(explorer.get_by_role("grid", name="Output Z")).to_be_visible()
    cell = explorer.get_by_role("gridcell", name="row 2, column 2: 1; in the window")
    expect(cell).to_be_visible()


def test_the_theme_is_the_systems_until_chosen(browser: Browser, explorer_app: ShinyAppProc):
    page = browser.new_page(color_scheme="dark")
    page.goto(explorer_app.url, wait_until="commit")
    theme, button = page.locator("html"), page.locator("#theme")
    expect(theme).to_have_attribute("data-bs-theme", "dark")
    expect(button).to_have_text("Tema claro")
    button.click()
    expect(theme).to_have_attribute("data-bs-theme", "light")
    expect(button).to_have_text("Tema oscuro")
    expect(page).to_have_url(re.compile(r"\?theme=light$"))
    page.locator("#next").click()
    expect(page).to_have_url(re.compile(r"\?w=1&theme=light$"))
    page.reload()
    expect(theme).to_have_attribute("data-bs-theme", "light")
    page.evaluate("postMessage({theme: 'dark'}, '*')")  # the book's page has changed its own
    expect(theme).to_have_attribute("data-bs-theme", "dark")
    expect(page).to_have_url(re.compile("theme=dark"))
    page.close()


def test_dark_is_dark_before_anything_else_is_there(browser: Browser, explorer_app: ShinyAppProc):
    page = browser.new_page(color_scheme="light")
    page.route_web_socket("**/*", lambda socket: None)  # Python never answers
    page.goto(f"{explorer_app.url}?theme=dark", wait_until="commit")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(18, 21, 28)")
    page.close()


def test_in_shinylives_frame_the_address_is_that_of_the_page_around(
    browser: Browser, explorer_app: ShinyAppProc
):
    page = browser.new_page()

    def host(route):
        frame = '<iframe class="app-frame" src="/" style="width:100%;height:900px"></iframe>'
        route.fulfill(body=f"<!doctype html><title>host</title>{frame}", content_type="text/html")

    page.route("**/host*", host)
    page.goto(f"{explorer_app.url}host?op=average&f=2&lang=en#code=kept")
    frame = page.frame_locator("iframe.app-frame")
    expect(frame.locator("#sentence")).to_contain_text("their mean is")
    frame.locator("#next").click()
    expect(page).to_have_url(f"{explorer_app.url}host?op=average&f=2&w=1&lang=en#code=kept")
    page.close()

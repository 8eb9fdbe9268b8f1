"""The explorer in a browser, as a reader uses it: by mouse, by keyboard, by its address."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from independent import Case, draw
from playwright.sync_api import Page, expect
from shiny.playwright import controller
from shiny.pytest import create_app_fixture
from shiny.run import ShinyAppProc
from state import parse, serialize

app = create_app_fixture("../../apps/explorer/app.py")


@pytest.fixture(autouse=True)
def clean_console(page: Page):
    """No test may leave an error on the console or ask another host for anything."""
    problems: list[str] = []
    page.on(
        "console",
        lambda m: problems.append(f"{m.text} {m.location['url']}") if m.type == "error" else 0,
    )
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "request",
        lambda r: problems.append(r.url) if not re.match(r"(http://127|data:|blob:)", r.url) else 0,
    )
    yield
    assert not problems


def visit(page: Page, app: ShinyAppProc, query: str = "") -> None:
    page.goto(f"{app.url}?{query}")
    shows(page, query)


def shows(page: Page, query: str) -> None:
    """Wait until the page shows the state of an address."""
    expect(page.locator("#explorer")).to_have_attribute("data-query", serialize(parse(query)[0]))


def go(page: Page, query: str) -> None:
    """Change the address as the browser's back button does."""
    page.evaluate(
        """query => {
             history.pushState(null, "", "?" + query);
             dispatchEvent(new Event("popstate"));
           }""",
        query,
    )
    shows(page, query)


def numbers(page: Page, ident: str) -> np.ndarray:
    """The numbers of a grid as they stand on the page; empty cells are NaN."""
    rows = page.evaluate(
        """ident => [...document.getElementById(ident).rows].map(row =>
             [...row.querySelectorAll("td[data-at]")].map(cell => cell.textContent))""",
        ident,
    )
    return np.array([[read(cell) for cell in row] for row in rows if row])


def read(text: str) -> float:
    return float("nan") if text in ("", "?") else float(text.replace("−", "-"))


def close(shown, expected) -> bool:
    """Equal as far as two decimals show."""
    return np.allclose(shown, expected, rtol=0, atol=0.00501)


def volume(page: Page, name: str, channels: int) -> np.ndarray:
    return np.stack([numbers(page, f"{name}-{c}") for c in range(channels)], axis=-1)


# Numbers


def test_displayed_numbers_equal_an_independent_computation(page: Page, app: ShinyAppProc):
    visit(page, app)
    for seed in range(30):
        case = draw(np.random.default_rng(1000 + seed))
        channels = case.x.shape[2]
        go(page, case.query())
        assert close(volume(page, "Z", case.n_C), case.output()), case
        assert close(volume(page, "A", channels), case.padded), case
        z = case.output()[case.h, case.w, case.c]
        assert close(read(page.locator("#number").inner_text()), z), case
        window = case.window(case.h, case.w)
        if case.op == "conv":
            assert close(volume(page, "window", channels), window), case
            assert close(volume(page, "products", channels), window * case.k), case
        else:
            assert close(numbers(page, f"window-{case.c}"), window[:, :, case.c]), case
        size = [read(page.locator(f"#n_{axis}").inner_text()) for axis in "HW"]
        assert size == [case.n_H, case.n_W], case

        go(page, case.query(view="backward", dz="random", seed=str(seed)))
        dZ = volume(page, "dZ", case.n_C)
        dA, dW, db = case.gradients(dZ)
        shown = volume(page, "dA", channels)
        pad = (shown.shape[0] - dA.shape[0]) // 2
        inner = shown[pad : pad + dA.shape[0], pad : pad + dA.shape[1]]
        assert close(inner, dA), case
        if case.op == "conv":
            assert close(volume(page, "dW", channels), dW), case
            assert close(read(page.locator("#db").inner_text()), db), case
            dz = dZ[case.h, case.w, 0]
            assert close(volume(page, "dW-step", channels), window * dz), case
        elif case.op == "max":
            here = window[:, :, case.c]
            marked = here == here.max()
            if case.ties == "first":
                marked = np.arange(here.size).reshape(here.shape) == here.argmax()
            assert close(numbers(page, "mask"), marked), case


def test_dropped_rows_and_columns_are_marked_and_named(page: Page, app: ShinyAppProc):
    visit(page, app, "op=max&f=2&stride=2&lang=en")
    expect(page.locator("#dropped")).to_have_text("The stride leaves unread: row 6 and column 6.")
    expect(page.locator("#A-0 td.unread")).to_have_count(13)
    go(page, "op=max&f=3&stride=2&lang=en")
    expect(page.locator("#dropped")).to_have_count(0)
    expect(page.locator("#A-0 td.unread")).to_have_count(0)


def test_without_an_output_it_says_why(page: Page, app: ShinyAppProc):
    visit(page, app, "size=4&f=7&pad=1&lang=en")
    expect(page.locator("#sentence")).to_contain_text(
        "the 7 × 7 window does not fit into an input of 4 × 4 with padding 1 (6 × 6)"
    )
    expect(page.locator("#n_H")).to_have_text("0")
    controller.InputNumeric(page, "pad").set("2")
    expect(page.locator("#Z-0 td[data-at]")).to_have_count(4)


def test_the_books_code_stands_beside_with_its_indices(page: Page, app: ShinyAppProc):
    visit(page, app, "stride=2&h=1&w=2")
    now = page.locator(".code.now")
    expect(now).to_contain_text("Z[i, h, w, c] = conv_single_step(")
    values = page.locator(".value")
    for text in ("h = 1", "w = 2", "vert_start = 2", "horiz_end = 7"):
        expect(values.filter(has_text=re.compile(f"^{text}$"))).to_have_count(1)
    go(page, "stride=2&h=1&w=2&view=backward")
    expect(now).to_have_count(3)


# Controls


def test_each_control_changes_the_state_and_the_address(page: Page, app: ShinyAppProc):
    visit(page, app)
    chosen = {}

    def changed(**what: str) -> None:
        chosen.update(what)
        query = "&".join(f"{key}={value}" for key, value in chosen.items())
        shows(page, query)
        address = page.url.split("?")[1] if "?" in page.url else ""
        assert parse(address)[0] == parse(query)[0]

    controller.InputSelect(page, "input").set("cross")
    changed(input="cross")
    controller.InputNumeric(page, "size").set("6")
    changed(size="6")
    controller.InputRadioButtons(page, "channels").set("3")
    changed(channels="3")
    controller.InputSelect(page, "filter").set("random")
    changed(filter="random")
    controller.InputNumeric(page, "seed").set("5")
    changed(seed="5")
    controller.InputNumeric(page, "f").set("2")
    changed(f="2")
    controller.InputNumeric(page, "stride").set("2")
    changed(stride="2")
    controller.InputNumeric(page, "pad").set("1")
    changed(pad="1")
    controller.InputNumeric(page, "bias").set("-1.5")
    changed(bias="-1.5")
    expect(page.locator("#sentence")).to_contain_text("con el sesgo −1.5")
    controller.InputRadioButtons(page, "view").set("backward")
    changed(view="backward")
    controller.InputSelect(page, "dz").set("one")
    changed(dz="one")
    expect(page.locator("#dZ-0 td").filter(has_text="1")).to_have_count(1)
    controller.InputRadioButtons(page, "op").set("max")
    changed(op="max")
    expect(page.locator("#pad")).to_be_hidden()
    controller.InputSelect(page, "ties").set("first")
    changed(ties="first")
    controller.InputRadioButtons(page, "op").set("average")
    changed(op="average")
    expect(page.locator("#ties")).to_be_hidden()


def test_the_address_opens_exactly_that_state(page: Page, app: ShinyAppProc):
    query = "op=max&view=backward&channels=3&f=2&stride=3&h=1&w=1&c=2&dz=random&seed=9&lang=en"
    visit(page, app, query)
    controller.InputRadioButtons(page, "op").expect_selected("max")
    controller.InputNumeric(page, "stride").expect_value("3")
    controller.InputSelect(page, "dz").expect_selected("random")
    before = volume(page, "dA", 3)
    page.reload()
    shows(page, query)
    assert np.array_equal(volume(page, "dA", 3), before)
    page.goto(page.url.split("?")[0])
    shows(page, "")


def test_steps_forwards_back_and_to_a_clicked_cell(page: Page, app: ShinyAppProc):
    visit(page, app, "lang=en")
    step = page.locator("#step")
    expect(step).to_have_text("step 1 of 25")
    for button, expected in (("next", 2), ("next", 3), ("back", 2), ("last", 25), ("next", 25),
                             ("first", 1), ("back", 1)):  # fmt: skip
        controller.InputActionButton(page, button).click()
        expect(step).to_have_text(f"step {expected} of 25")
    page.locator('#Z-0 td[data-at="2,3"]').click()
    expect(step).to_have_text("step 14 of 25")
    expect(page.locator('#Z-0 td[aria-selected="true"]')).to_have_attribute("data-at", "2,3")
    assert "h=2&w=3" in page.url


def test_it_plays_to_the_end_and_pauses(page: Page, app: ShinyAppProc):
    visit(page, app, "op=max&f=3&stride=4&lang=en")
    play = controller.InputActionButton(page, "play")
    play.expect_label("▶ Play")
    play.click()
    play.expect_label("⏸ Pause")
    expect(page.locator("#step")).to_have_text("step 4 of 4")
    play.expect_label("▶ Play")
    play.click()  # from the end it starts again
    expect(page.locator("#step")).to_have_text("step 2 of 4")
    play.click()
    play.expect_label("▶ Play")


def test_a_click_edits_the_input_and_the_filter(page: Page, app: ShinyAppProc):
    visit(page, app, "filter=identity&input=cross")
    page.locator('#A-0 td[data-at="1,1"]').click()
    page.keyboard.type("-2,5")
    page.keyboard.press("Enter")
    expect(page.locator("#number")).to_have_text("−2.5")
    controller.InputSelect(page, "input").expect_selected("own")
    page.locator('#W-0 td[data-at="1,1"]').click()
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.locator("#number")).to_have_text("−5")
    controller.InputSelect(page, "filter").expect_selected("own")
    page.reload()
    expect(page.locator("#number")).to_have_text("−5")


def test_guessing_hides_the_number_until_it_is_found(page: Page, app: ShinyAppProc):
    visit(page, app, "lang=en&h=1")
    controller.InputCheckbox(page, "guess").set(True)
    shows(page, "lang=en&h=1&guess=1")
    expect(page.locator("#sentence")).to_contain_text("What is Z[0, 1, 0, 0]?")
    expect(page.locator("#number")).to_have_text("?")
    assert np.isnan(numbers(page, "Z-0")[1:].ravel()[1:]).all()
    cell = page.locator('#Z-0 td[data-at="1,0"]')
    cell.click()
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    expect(page.locator("#sentence")).to_contain_text("It is not 8.")
    page.keyboard.type("9")  # the cell kept the focus
    page.keyboard.press("Enter")
    expect(page.locator("#sentence")).to_contain_text("Exactly!")
    expect(cell).to_have_text("9")
    controller.InputActionButton(page, "next").click()
    expect(page.locator("#number")).to_have_text("?")
    expect(cell).to_have_text("9")
    controller.InputRadioButtons(page, "view").set("backward")
    expect(page.locator("#number")).to_have_text("1")


def test_surprises_always_have_an_output(page: Page, app: ShinyAppProc):
    visit(page, app)
    seen = page.url
    for _ in range(5):
        controller.InputActionButton(page, "surprise").click()
        expect(page).not_to_have_url(seen)
        seen = page.url
        expect(page.locator("#number")).to_be_visible()


# Bad values


@pytest.mark.parametrize("field, value, message", [
    ("f", "99", "f: expected a whole number from 1 to 7."),
    ("f", "", "f: expected a whole number from 1 to 7."),
    ("stride", "1.5", "stride: expected a whole number from 1 to 5."),
    ("pad", "-1", "pad: expected a whole number from 0 to 3."),
    ("bias", "1e9", "b: expected a number between -999 and 999, such as 2 or -0.5."),
    ("size", "40", "Size: expected a whole number from 3 to 9."),
    ("f", "1", "The filter “horizontal Sobel” needs f ≥ 2."),
])  # fmt: skip
def test_a_bad_field_says_what_is_expected_and_nothing_moves(
    page: Page, app: ShinyAppProc, field: str, value: str, message: str
):
    query = "lang=en&h=1&w=2"
    visit(page, app, query)
    number = page.locator("#number").inner_text()
    controller.InputNumeric(page, field).set(value)
    expect(page.locator(f"#{field}-error")).to_have_text(message)
    expect(page.locator(f"#{field}")).to_have_attribute("aria-invalid", "true")
    shows(page, query)
    expect(page.locator("#number")).to_have_text(number)
    good = {"f": "2", "size": "6"}.get(field, "2")
    controller.InputNumeric(page, field).set(good)
    expect(page.locator(f"#{field}-error")).to_be_empty()
    shows(page, f"{query}&{field}={good}")


def test_a_bad_number_in_a_cell_leaves_the_old_one(page: Page, app: ShinyAppProc):
    visit(page, app, "lang=en")
    cell = page.locator('#A-0 td[data-at="1,1"]')
    cell.click()
    page.keyboard.type("three")
    page.keyboard.press("Enter")
    expect(page.locator("#board-A .cell-error")).to_contain_text("input: expected a number")
    expect(cell).to_have_text("3")
    cell.click()
    page.keyboard.type("8")
    page.keyboard.press("Escape")
    expect(cell).to_have_text("3")


def test_a_bad_address_is_reported_and_the_good_part_counts(page: Page, app: ShinyAppProc):
    page.goto(f"{app.url}?f=ninety&stride=2&lang=en&x=<b>")
    expect(page.locator("#problems li")).to_have_count(2)
    expect(page.locator("#problems")).to_contain_text("f: expected a whole number from 1 to 7.")
    shows(page, "stride=2&lang=en")


# Keyboard, languages, themes, accessibility


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.closest('table')?.id || document.activeElement.id")


def tab_to(page: Page, ident: str) -> None:
    for _ in range(40):
        if focused(page) == ident:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {ident}")


def test_by_keyboard_alone(page: Page, app: ShinyAppProc):
    visit(page, app, "lang=en&filter=identity")
    step = page.locator("#step")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(step).to_have_text("step 3 of 25")
    page.keyboard.press("ArrowLeft")
    expect(step).to_have_text("step 2 of 25")
    page.keyboard.press("End")
    expect(step).to_have_text("step 25 of 25")
    page.keyboard.press("Home")
    expect(step).to_have_text("step 1 of 25")
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_contain_text("Pause")
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_contain_text("Play")
    page.keyboard.press("Home")
    expect(step).to_have_text("step 1 of 25")

    tab_to(page, "stride")
    page.keyboard.press("ArrowUp")
    expect(step).to_have_text("step 1 of 9")

    tab_to(page, "A-0")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.locator('#A-0 td[data-at="1,1"]')).to_have_text("7")
    expect(page.locator("#number")).to_have_text("7")
    expect(page.locator('#A-0 td[data-at="1,1"]')).to_be_focused()

    tab_to(page, "W-0")
    tab_to(page, "Z-0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(step).to_have_text("step 5 of 9")
    expect(page.locator('#Z-0 td[data-at="1,1"]')).to_be_focused()
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"


def test_the_language_changes_in_place(page: Page, app: ShinyAppProc):
    visit(page, app, "op=max&f=2&h=1&w=3")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.locator("h1")).to_have_text("El explorador de capas")
    controller.InputActionButton(page, "language").click()
    expect(page.locator("h1")).to_have_text("The layer explorer")
    expect(page.locator("#language")).to_be_focused()
    shows(page, "op=max&f=2&h=1&w=3&lang=en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#sentence")).to_contain_text("the largest of the 4 numbers")
    controller.InputNumeric(page, "f").set("3")
    shows(page, "op=max&f=3&h=1&w=3&lang=en")


def test_the_theme_is_the_systems_until_chosen(page: Page, app: ShinyAppProc):
    page.emulate_media(color_scheme="dark")
    visit(page, app)
    theme = page.locator("html")
    expect(theme).to_have_attribute("data-bs-theme", "dark")
    page.locator("#theme").click()
    expect(theme).to_have_attribute("data-bs-theme", "light")
    shows(page, "theme=light")
    page.reload()
    expect(theme).to_have_attribute("data-bs-theme", "light")


@pytest.mark.parametrize("query, scheme, width", [
    ("", "light", 1280),
    ("view=backward&channels=3&pad=1&size=4&lang=en", "dark", 1280),
    ("op=max&view=backward&f=2&stride=2&input=checkerboard", "light", 360),
    ("op=average&view=backward&f=2&lang=en", "dark", 360),
    ("size=4&f=7&lang=en", "light", 1280),
])  # fmt: skip
def test_axe_finds_nothing_serious_and_nothing_is_cut_off(
    page: Page, app: ShinyAppProc, query: str, scheme: str, width: int
):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    visit(page, app, query)
    page.evaluate("document.getElementById('settings').open = true")
    found = Axe().run(page, options={"preload": False}).response["violations"]
    serious = [
        (v["id"], [node["html"][:160] for node in v["nodes"]][:3])
        for v in found
        if v["impact"] in ("serious", "critical")
    ]
    assert not serious
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_the_step_computes_is_announced(page: Page, app: ShinyAppProc):
    visit(page, app, "lang=en&filter=identity&h=1&w=1")
    status = page.get_by_role("status")
    expect(status).to_have_attribute("aria-live", "polite")
    expect(status).to_contain_text("Z[0, 1, 1, 0]: 3·0 + 7·0 + 9·0")
    expect(page.get_by_role("grid", name="Output Z")).to_be_visible()
    cell = page.get_by_role("gridcell", name="row 2, column 2: 1; in the window")
    expect(cell).to_be_visible()


# Inside another page


def test_in_shinylives_frame_the_address_is_that_of_the_page_around(page: Page, app: ShinyAppProc):
    def host(route):
        frame = '<iframe class="app-frame" src="/" style="width:100%;height:900px"></iframe>'
        route.fulfill(body=f"<!doctype html><title>host</title>{frame}", content_type="text/html")

    page.route("**/host*", host)
    page.goto(f"{app.url}host?op=average&f=2&lang=en#code=kept")
    frame = page.frame_locator("iframe.app-frame")
    expect(frame.locator("#sentence")).to_contain_text("their mean is")
    frame.locator("#next").click()
    expect(page).to_have_url(f"{app.url}host?op=average&f=2&w=1&lang=en#code=kept")


def test_a_case_of_the_books_own_running_example(page: Page, app: ShinyAppProc):
    """5 × 5 input, 3 × 3 vertical edge filter: checked with pencil in the chapter."""
    x = np.array([[1, 3, 6, 1, 2], [0, 4, 3, 2, 0], [0, 1, 3, 8, 1], [2, 1, 5, 0, 4],
                  [1, 0, 2, 1, 3]], dtype=float)[:, :, None]  # fmt: skip
    k = np.array([[1, 0, -1]] * 3, dtype=float)[:, :, None]
    case = Case("conv", x, k, stride=1, pad=0, bias=1, h=1, w=2, c=0)
    visit(page, app, case.query())
    assert close(numbers(page, "Z-0"), case.output()[:, :, 0])

"""The workbench in a browser, as a reader uses it: by mouse, by keyboard, by its address."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsed import Browsed
from playwright.sync_api import Browser, Page, expect
from shiny.run import ShinyAppProc

from apps.workbench.state import parse, serialize
from cnnlayers.exercises import stub

RIGHT = """import numpy as np


def zero_pad(X, pad):
    return np.pad(X * 1.0, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
"""
WRONG = RIGHT.replace("(pad, pad)", "(pad, 0)")
ENDLESS = "import time\nwhile True:\n    time.sleep(0.01)\n"
ASLEEP = "import time\ntime.sleep(600)\n"


class Workbench(Browsed):
    """The page of the workbench, with its editor."""

    def __init__(self, page: Page, url: str) -> None:
        super().__init__(page, url, lambda query: serialize(parse(query)[0]))

    def shows(self, query: str) -> None:
        """Wait until the page shows the state of an address, its editor included."""
        super().shows(query)
        if self["#code-part"].is_visible():
            expect(self.area).to_have_attribute("aria-label", re.compile("Python"))

    @property
    def area(self):
        return self["bslib-code-editor textarea"]

    def write(self, code: str) -> None:
        self.area.fill(code)

    def verdict(self, verdict: str) -> None:
        expect(self["#app"]).to_have_attribute("data-verdict", verdict)

    def check(self, code: str, verdict: str) -> None:
        self.write(code)
        self["#check"].click()
        self.verdict(verdict)

    def focused(self) -> str:
        return self.page.evaluate("document.activeElement.id || document.activeElement.className")


@pytest.fixture(scope="module")
def opened(browser: Browser, workbench_app: ShinyAppProc):
    page = browser.new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    yield Workbench(page, workbench_app.url)
    page.close()


@pytest.fixture
def workbench(opened: Workbench):
    """No test may leave an error on the console or ask another host for anything."""
    opened.problems.clear()
    opened.page.set_viewport_size({"width": 1280, "height": 800})
    opened.page.emulate_media(color_scheme="light")
    opened.evaluate("localStorage.clear()")
    opened.go("exercise=crop")  # so that what the tests open is opened anew
    opened.go("lang=en")
    yield opened
    assert not opened.problems


# Right, wrong, endless


def test_a_right_function_passes(workbench: Workbench):
    workbench.check(RIGHT, "right")
    expect(workbench["#sentence"]).to_contain_text("zero_pad: right.")
    expect(workbench["#hint"]).to_be_disabled()
    workbench.reload()
    workbench.shows("lang=en")
    expect(workbench["#exercise option:checked"]).to_have_text("✓ zero_pad")


def test_a_wrong_one_is_told_its_mistake_and_hints_come_one_by_one(workbench: Workbench):
    report = workbench["#report"]
    workbench.check(WRONG, "wrong")
    expect(workbench["#sentence"]).to_have_text("zero_pad: not right yet.")
    expect(report).to_contain_text("puts all the zeros on one side")
    expect(report).to_contain_text("The smallest case")
    expect(report).not_to_contain_text("Hint 1")
    for told, untold in ((1, 2), (2, 3)):
        workbench["#hint"].click()
        expect(report).to_contain_text(f"Hint {told}")
        expect(report).not_to_contain_text(f"Hint {untold}")
    expect(workbench["#hint"]).to_be_disabled()
    expect(report).not_to_contain_text("The book's version")
    workbench["#solution"].click()
    expect(report).to_contain_text("The book's version")
    expect(workbench["#solution"]).to_be_disabled()
    workbench["#check"].click()
    expect(report).not_to_contain_text("The book's version")
    # The report is in the page's language.
    workbench["#language"].click()
    expect(report).to_contain_text("El caso más pequeño")
    expect(workbench["#sentence"]).to_have_text("zero_pad: todavía no.")


def test_what_loops_forever_is_ended_and_the_workbench_goes_on(workbench: Workbench):
    workbench.check(RIGHT.replace("    return", "    while True: pass\n    return"), "wrong")
    expect(workbench["#report"]).to_contain_text("runs forever")
    workbench.write("while True:\n    pass\n")
    workbench["#run"].click()
    expect(workbench["#sentence"]).to_contain_text("was stopped after 5 seconds")
    workbench.check(RIGHT, "right")


def test_stop_ends_at_once_what_runs(workbench: Workbench):
    stop = workbench["#stop"]
    expect(stop).to_be_hidden()
    workbench.write(ASLEEP)
    workbench["#run"].click()
    expect(workbench["#sentence"]).to_have_text("Running…")
    stop.click()
    expect(workbench["#sentence"]).to_have_text("You stopped your code.")
    expect(stop).to_be_hidden()
    expect(workbench["#check"]).to_be_focused()
    workbench.check(RIGHT, "right")


def test_what_one_reader_runs_does_not_hold_up_another(
    workbench: Workbench, browser: Browser, workbench_app: ShinyAppProc
):
    workbench.write(ASLEEP)
    workbench["#run"].click()
    expect(workbench["#stop"]).to_be_visible()
    page = browser.new_page()
    other = Workbench(page, workbench_app.url)
    other.check(RIGHT, "right")
    page.close()
    expect(workbench["#stop"]).to_be_visible()  # it still runs
    workbench["#stop"].click()
    expect(workbench["#stop"]).to_be_hidden()


def test_run_shows_what_is_printed(workbench: Workbench):
    workbench.write("print('<i>hello</i>')\n2 + 3")
    workbench["#run"].click()
    expect(workbench["#report"]).to_contain_text("<i>hello</i>")
    expect(workbench["#report"]).to_contain_text("5")
    workbench.verdict("ran")
    workbench.write("x = 1\ny = x / 0")
    workbench["#run"].click()
    expect(workbench["#sentence"]).to_have_text("Your code stops with ZeroDivisionError.")
    expect(workbench["#report"]).to_contain_text("Line 2")


# What is typed stays


def test_what_is_typed_survives_a_reload_for_each_exercise(workbench: Workbench):
    workbench.write(WRONG)
    workbench.go("exercise=conv_forward&lang=en")
    expect(workbench.area).to_have_value(stub("conv_forward", "en"))
    workbench.write("# half of it")
    workbench.reload()
    workbench.shows("exercise=conv_forward&lang=en")
    expect(workbench.area).to_have_value("# half of it")
    workbench["#exercise"].select_option("zero_pad")
    expect(workbench.area).to_have_value(WRONG)
    # A stub that was not touched speaks the page's language; what was typed is left alone.
    workbench["#language"].click()
    workbench.shows("")
    expect(workbench.area).to_have_value(WRONG)
    workbench["#reset"].click()
    expect(workbench.area).to_have_value(stub("zero_pad", "es"))
    workbench["#language"].click()
    expect(workbench.area).to_have_value(stub("zero_pad", "en"))


def test_reset_brings_the_stub_back_and_can_be_undone(workbench: Workbench):
    reset = workbench["#reset"]
    workbench.write(WRONG)
    reset.click()
    expect(workbench.area).to_have_value(stub("zero_pad", "en"))
    assert workbench.evaluate("localStorage.length") == 0
    expect(reset).to_have_text("Bring my text back")
    reset.click()
    expect(workbench.area).to_have_value(WRONG)
    expect(reset).to_have_text("Start again")
    reset.click()
    workbench.area.press("End")
    workbench.keyboard.type("#")
    expect(reset).to_have_text("Start again")  # what is new now is not to be lost


def test_it_can_be_taken_away(workbench: Workbench):
    workbench.go("exercise=channels-first&lang=en")
    workbench.write("# ñandú\n")
    with workbench.expect_download() as taken:
        workbench["#download"].click()
    assert taken.value.suggested_filename == "channels_first.py"
    assert taken.value.path().read_text("utf-8") == "# ñandú\n"


# Pencil exercises


def test_numbers_are_typed_into_a_grid_and_judged_cell_by_cell(workbench: Workbench):
    workbench.go("exercise=conv-backward-by-hand&lang=en")
    expect(workbench["#code-part"]).to_be_hidden()
    cell = '[data-field="dW.{}.{}"]'
    for r in range(3):
        for c in range(3):
            workbench[cell.format(r, c)].fill("2")
    workbench['[data-field="db"]'].fill("1")
    workbench['[data-field="db"]'].press("Enter")
    workbench.verdict("wrong")
    expect(workbench['[data-field="db"]']).to_have_class(re.compile("right"))
    expect(workbench[".field td .wrong"]).to_have_count(9)
    expect(workbench.get_by_role("textbox", name="dW, row 1, column 1, wrong")).to_be_visible()
    workbench[cell.format(0, 0)].fill("-1")  # no longer what was judged
    expect(workbench[".field td .wrong"]).to_have_count(8)
    workbench.reload()
    workbench.shows("exercise=conv-backward-by-hand&lang=en")
    expect(workbench[cell.format(0, 0)]).to_have_value("-1")
    expect(workbench[cell.format(2, 2)]).to_have_value("2")
    workbench["#reset"].click()
    expect(workbench[cell.format(2, 2)]).to_have_value("")
    workbench["#solution"].click()
    expect(workbench["#report"]).to_contain_text("dW =")


# By keyboard, by screen reader, on a phone


def test_by_keyboard_alone_into_the_editor_and_out_of_it(workbench: Workbench):
    press = workbench.keyboard.press
    workbench["#exercise"].focus()
    for _ in range(3):
        if workbench.focused().startswith("pce-textarea"):
            break
        press("Tab")
    expect(workbench.area).to_be_focused()
    press("Control+a")
    workbench.keyboard.type("def f():")
    press("Enter")
    press("Tab")
    workbench.keyboard.type("x = 1")
    expect(workbench.area).to_have_value("def f():\n        x = 1")  # it indents by itself, too
    expect(workbench.area).to_be_focused()
    press("Escape")
    expect(workbench["#sentence"]).to_have_text("Tab leaves the editor now.")
    press("Tab")
    assert workbench.focused() == "check"
    press("Shift+Tab")
    expect(workbench.area).to_be_focused()
    press("Escape")
    press("Shift+Tab")
    assert workbench.focused() == "onward"
    workbench.write(RIGHT)
    press("Escape")
    workbench.keyboard.type("#")  # typing goes on: Tab indents again
    press("Tab")
    expect(workbench.area).to_be_focused()
    workbench.write(RIGHT)
    press("Control+Enter")
    workbench.verdict("right")
    expect(workbench.area).to_be_focused()


def test_what_happens_is_announced(workbench: Workbench):
    status = workbench["#sentence"]
    expect(status).to_have_attribute("role", "status")
    expect(status).to_have_attribute("aria-live", "polite")
    expect(workbench.get_by_role("textbox", name="Your Python code")).to_be_visible()
    expect(workbench.area).to_have_accessible_description(re.compile("Escape, then Tab"))
    workbench.go("exercise=pool_forward")
    expect(workbench.get_by_role("textbox", name="Tu código en Python")).to_be_visible()


def test_the_address_opens_an_exercise_and_follows_it(workbench: Workbench):
    workbench["#exercise"].select_option("pool_backward")
    workbench.shows("exercise=pool_backward&lang=en")
    assert workbench.page.url.endswith("?exercise=pool_backward&lang=en")
    workbench["#onward"].click()
    workbench.shows("exercise=im2col&lang=en")
    expect(workbench.area).to_have_value(stub("im2col", "en"))
    workbench.go("exercise=nothing&lang=en")
    expect(workbench["#problems"]).to_contain_text("“nothing” is not an exercise")


def test_the_editor_has_pythons_colors_and_the_pages_theme(workbench: Workbench):
    expect(workbench[".token.keyword"].first).to_have_text("import")
    paper = "getComputedStyle(document.querySelector('.prism-code-editor')).backgroundColor"
    assert workbench.evaluate(paper) == "rgb(255, 255, 255)"
    workbench.emulate_media(color_scheme="dark")
    expect(workbench["html"]).to_have_attribute("data-bs-theme", "dark")
    assert workbench.evaluate(paper) == "rgb(28, 32, 42)"


SEEN = [
    ("exercise=conv_forward", None),
    ("exercise=zero_pad", WRONG),
    ("exercise=find-the-fault", None),
    ("exercise=conv-backward-by-hand&lang=en", "numbers"),
    ("exercise=output-sizes", "numbers"),
]


@pytest.mark.parametrize("query, code", SEEN, ids=[f"{q}-{n}" for n, (q, _) in enumerate(SEEN)])
def test_axe_finds_nothing_and_nothing_is_cut_off(workbench: Workbench, query, code):
    workbench.go(query)
    if code == "numbers":
        for field in workbench["#fields input"].all():
            field.fill("7")
        workbench["#check"].click()
        workbench.verdict("wrong")
    elif code:
        workbench.check(code, "wrong")
        workbench["#solution"].click()
        expect(workbench["#report"]).to_contain_text("La versión del libro")
    else:
        workbench["#run"].click()
        workbench.verdict("ran")
    wide, seen = [], []
    for width in (360, 640, 1280):
        workbench.set_viewport_size({"width": width, "height": 740})
        if workbench.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(width)
    for width in (360, 1280):
        workbench.set_viewport_size({"width": width, "height": 740})
        for scheme in ("light", "dark"):
            workbench.emulate_media(color_scheme=scheme)
            found = Axe().run(workbench.page, options={"preload": False}).response["violations"]
            seen += [
                (width, scheme, v["id"], [node["html"][:160] for node in v["nodes"]][:3])
                for v in found
                if v["impact"] in ("moderate", "serious", "critical")
            ]
    assert wide == [] and seen == []

"""Pages for everyone: with a screen reader, a phone, large letters, paper, a slow network.

Each test visits every page in one session of the browser.
"""

import gzip
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.site.conftest import Site

WIDTHS = (320, 390, 768, 1280)
SEVERE = {"moderate", "serious", "critical"}
COLORS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
MOST_BYTES = 300_000

# What is cut at the right edge without a sign of it: it neither scrolls nor casts a shadow.
CUT = """() => {
  const cut = [];
  const wide = "main pre, .sourceCode, main table, math, .table-wrap";
  for (const element of document.querySelectorAll(wide)) {
    const over = element.scrollWidth - element.clientWidth;
    const style = getComputedStyle(element);
    if (!element.clientWidth || over <= 1 || style.overflowX === "visible") continue;
    if (!element.dataset.more?.includes("right") || style.boxShadow === "none"
        || element.tabIndex !== 0)
      cut.push(element.textContent.trim().slice(0, 60));
  }
  return cut;
}"""
# Listings that scroll, and letters of one under its copy button.
SCROLLING = """() => [...document.querySelectorAll("main > section pre.python, main > pre.python")]
  .filter((pre) => pre.scrollWidth > pre.clientWidth + 1).map((pre) => pre.textContent)"""
COVERED = """() => {
  const covered = [];
  for (const button of document.querySelectorAll(".copy-button, .code-copy-button")) {
    const place = button.getBoundingClientRect();
    const code = button.closest("div.sourceCode, .code-copy-outer-scaffold").querySelector("code");
    const words = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(words.currentNode);
      for (const rect of range.getClientRects())
        if (rect.right > place.left && rect.left < place.right
            && rect.bottom > place.top && rect.top < place.bottom)
          covered.push(words.currentNode.data);
    }
  }
  return covered.filter((text) => text.trim());
}"""
# Text whose color has a contrast below 4.5 with white, and pictures turned over for a dark page.
FAINT = """() => {
  const faint = new Set();
  const value = (part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.closest("annotation, script, style, svg")) continue;
    const color = getComputedStyle(element).color.match(/[\\d.]+/g).map(Number);
    const [red, green, blue] = color.map(value);
    if (1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) < 4.5)
      faint.add(`${element.outerHTML.slice(0, 80)} is ${color}`);
  }
  for (const image of document.querySelectorAll("main img"))
    if (getComputedStyle(image).filter !== "none") faint.add(`${image.src} is turned over`);
  return [...faint];
}"""
SCROLL = """async () => {
  for (let y = 0; y < document.body.scrollHeight; y += 1500) {
    scrollTo(0, y);
    await new Promise(requestAnimationFrame);
  }
}"""
SHIFT = """
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""
WATCH = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


@pytest.fixture
def pages(site: Site) -> list[str]:
    """The pages of both editions, and the one before them."""
    found = (p.relative_to(site.root).as_posix() for p in sorted(site.root.glob("e[sn]/**/*.html")))
    return ["index.html", *(path for path in found if "site_libs" not in path)]


@pytest.fixture
def visit(site: Site, page: Page, pages: list[str]):
    """Open each page in turn; give its path when it is there."""

    def each(base: str = site.address) -> Iterator[str]:
        for path in pages:
            page.goto(f"{base}/{path}")
            yield path

    return each


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_that_matters(site, pages, browser: Browser, theme: str) -> None:
    axe, found = Axe(), []
    context = browser.new_context(color_scheme=theme)
    page = context.new_page()
    for path in pages:
        page.goto(f"{site.address}/{path}")
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate("new Promise(requestAnimationFrame)")
            # A page says the same in both themes: only its colors are others.
            answer = axe.run(page, options=COLORS if theme == "dark" else None)
            found += [
                (path, width, rule["id"], [node["html"][:200] for node in rule["nodes"]][:3])
                for rule in answer.response["violations"]
                if rule["impact"] in SEVERE
            ]
    context.close()
    assert not found


def test_no_page_runs_or_loads_what_its_policy_forbids(site, page: Page, visit) -> None:
    page.add_init_script(WATCH)
    found = {}
    for path in visit():
        policy = page.locator('meta[http-equiv="Content-Security-Policy"]')
        rules = (policy.get_attribute("content") or "").split("; ")
        assert rules[0] == "default-src 'self'", path
        # Quarto's own scripts put styles and small pictures into its pages; scripts nobody does.
        assert site.renderer == "quarto" or len(rules) == 1, path
        assert not any(rule.startswith("script-src") for rule in rules), path
        for control in page.locator("details > summary, .callout-toggle").all():
            if control.is_visible():
                control.click()
        page.evaluate(SCROLL)
        if violations := page.evaluate("violations"):
            found[path] = violations
    assert not found


def test_a_page_with_a_forbidden_script_does_not_run_it(site, page: Page) -> None:
    page.add_init_script(WATCH)
    page.goto(f"{site.address}/es/index.html")
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
    }""")
    page.wait_for_function("violations.length")
    assert page.evaluate("window.ran") is None


@pytest.mark.parametrize(("width", "letters"), [(320, 16), (320, 32), (390, 32), (1280, 32)])
def test_no_page_scrolls_sideways(page: Page, visit, width: int, letters: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    sizes = {"standard": letters, "fixed": letters - 3}
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": sizes})
    wide = {}
    for path in visit():
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            wide[path] = over
    assert not wide


def test_nothing_is_cut_without_a_sign(site, page: Page, visit) -> None:
    found = []
    for path in visit():
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate("new Promise(requestAnimationFrame)")
            found += [(path, width, "cut", text) for text in page.evaluate(CUT)]
            found += [(path, width, "covered", text) for text in page.evaluate(COVERED)]
        found += [(path, width, "scrolls", text) for text in page.evaluate(SCROLLING)]
    assert not found


def test_what_scrolls_says_so_until_its_end(site, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{site.address}/es/chapters/es/pooling.html")
    listing = page.locator("[data-more]").first
    expect(listing).to_have_attribute("data-more", "right")
    listing.evaluate("element => { element.scrollLeft = 20; }")
    expect(listing).to_have_attribute("data-more", "left right")
    listing.evaluate("element => { element.scrollLeft = 10_000; }")
    expect(listing).to_have_attribute("data-more", "left")


def test_a_dark_page_is_printed_in_black_on_white(site, pages, browser: Browser) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.emulate_media(media="print", color_scheme="dark")
    faint = {}
    for path in pages[1:]:
        page.goto(f"{site.address}/{path}")
        if found := page.evaluate(FAINT):
            faint[path] = found[:5]
    context.close()
    assert not faint


def test_a_page_is_light_and_nothing_in_it_jumps(site, page: Page, visit) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.add_init_script(SHIFT)
    asked: list[object] = []
    page.on("response", lambda answer: asked.append(answer))
    heavy, jumped = {}, {}
    for path in visit():
        page.wait_for_load_state("networkidle")
        # As hosts send it.
        sizes = {answer.url: len(gzip.compress(answer.body())) for answer in asked}
        if sum(sizes.values()) > MOST_BYTES:
            heavy[path] = sizes
        page.evaluate(SCROLL)
        if (shift := page.evaluate("shift")) > 0.001:
            jumped[path] = shift
        asked.clear()
    assert not heavy
    assert not jumped

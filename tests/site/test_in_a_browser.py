"""The rendered site as a reader meets it: opened, searched, darkened, copied from, on a phone."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

LANGUAGES = ("es", "en")
CONVOLUTION = "{0}/chapters/{0}/convolution.html"

# The two renderers make the same pages, with controls of their own.
SEARCH_BOX = {"builtin": "#search-input", "quarto": "#quarto-search input"}
SEARCH_HIT = {"builtin": "#search-results a", "quarto": ".aa-Item a"}
DARK_SWITCH = {"builtin": "#theme-toggle", "quarto": ".quarto-color-scheme-toggle >> visible=true"}
COPY_BUTTON = {"builtin": ".copy-button", "quarto": ".code-copy-button"}
NEXT = {"builtin": "a[rel=next]", "quarto": ".nav-page-next a"}


def paths(site) -> list[str]:
    found = [p.relative_to(site.root).as_posix() for p in sorted(site.root.rglob("*.html"))]
    return [p for p in found if re.match(r"(es|en)/(index|chapters/(es|en)/[\w-]+)\.html$", p)]


def background(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.fixture(autouse=True)
def clipboard(context, site) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.address)


def test_every_page_loads_without_an_error_or_a_foreign_request(site, page: Page) -> None:
    problems: list[str] = []
    page.on(
        "console", lambda m: problems.append(m.text) if m.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "requestfailed",
        # The icon of a page that is left before it has come is no failure.
        lambda request: (
            None
            if request.failure == "net::ERR_ABORTED"
            else problems.append(f"failed: {request.url}")
        ),
    )
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((site.address, "data:", "blob:"))
            else problems.append(f"foreign: {request.url}")
        ),
    )
    assert len(paths(site)) == 32
    for path in paths(site):
        page.goto(f"{site.address}/{path}")
        expect(page.locator("h1").first).to_be_visible()
        assert not problems, (path, problems)


def test_it_reads_on_a_phone_without_scrolling_sideways(site, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for path in paths(site):
        page.goto(f"{site.address}/{path}")
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert over <= 0, f"{path} is {over} px too wide"


@pytest.mark.parametrize("language", LANGUAGES)
def test_next_leads_through_the_whole_book(site, page: Page, language: str) -> None:
    page.goto(f"{site.address}/{language}/index.html")
    seen = [page.url]
    while page.locator(NEXT[site.renderer]).count():
        page.locator(NEXT[site.renderer]).first.click()
        page.wait_for_load_state()
        seen.append(page.url)
        assert len(seen) == len(set(seen))
    assert len(seen) == 16
    assert seen[-1].endswith("references.html")


@pytest.mark.parametrize("language", LANGUAGES)
def test_search_finds_a_word_and_leads_to_it(site, page: Page, language: str) -> None:
    page.goto(f"{site.address}/{language}/index.html")
    page.locator(SEARCH_BOX[site.renderer]).first.fill("Knuth")
    hit = page.locator(SEARCH_HIT[site.renderer]).first
    expect(hit).to_be_visible()
    hit.click()
    page.wait_for_load_state()
    expect(page.locator("main")).to_contain_text("Knuth")


def test_search_is_steered_by_the_keyboard(site, page: Page) -> None:
    page.goto(f"{site.address}/en/index.html")
    field = page.locator(SEARCH_BOX[site.renderer]).first
    hits = page.locator(SEARCH_HIT[site.renderer])
    field.fill("Knuth")
    expect(hits.first).to_be_visible()
    page.keyboard.press("Escape")
    expect(hits).to_have_count(0)
    expect(field).to_have_value("")
    field.fill("Knuth")
    expect(hits.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/chapters/en/*")
    expect(page.locator("main")).to_contain_text("Knuth")


def test_arrows_go_through_what_was_found_and_back_to_the_field(site, page: Page) -> None:
    if site.renderer == "quarto":
        pytest.skip("Quarto's search marks what it would open, and leaves the focus in its field")
    page.goto(f"{site.address}/en/index.html")
    field, hits = page.locator("#search-input"), page.locator("#search-results a")
    field.fill("pooling")
    expect(hits.nth(1)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Results:")).to_be_attached()
    for key, focused in [("ArrowDown", hits.nth(0)), ("ArrowDown", hits.nth(1)),
                         ("ArrowUp", hits.nth(0)), ("ArrowUp", field)]:  # fmt: skip
        page.keyboard.press(key)
        expect(focused).to_be_focused()
    first = hits.first.get_attribute("href") or ""
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{first.lstrip('./')}")


def test_search_works_from_the_disk_without_a_server(site, page: Page) -> None:
    if site.renderer == "quarto":
        pytest.skip("Quarto's search fetches its index, which browsers refuse from the disk")
    page.goto((site.root / "es/index.html").as_uri())
    page.locator(SEARCH_BOX[site.renderer]).first.fill("retropropagacion")  # without the accent
    expect(page.locator(SEARCH_HIT[site.renderer]).first).to_be_visible()


def test_dark_mode_changes_the_page_and_is_remembered(site, page: Page) -> None:
    page.goto(f"{site.address}/{CONVOLUTION.format('es')}")
    light = background(page)
    page.locator(DARK_SWITCH[site.renderer]).first.click()
    page.wait_for_function(
        "before => getComputedStyle(document.body).backgroundColor != before", arg=light
    )
    dark = background(page)
    page.reload()
    assert background(page) == dark


def test_the_copy_button_copies_the_cell(site, page: Page) -> None:
    page.goto(f"{site.address}/{CONVOLUTION.format('es')}")
    block = page.locator("pre code.python, pre.python code").first
    block.scroll_into_view_if_needed()
    block.hover()
    page.locator(COPY_BUTTON[site.renderer]).first.click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text.length > 0)")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == (block.text_content() or "").strip()


@pytest.mark.parametrize(("here", "there"), [("es", "en"), ("en", "es")])
def test_the_language_switch_stays_on_the_section(site, page: Page, here: str, there: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{site.address}/{CONVOLUTION.format(here)}#sec-convolution-summary")
    page.locator(f"a[hreflang={there}]").first.click()
    page.wait_for_url(f"**/{CONVOLUTION.format(there)}#sec-convolution-summary")


def test_the_language_switch_works_without_javascript(site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.address}/{CONVOLUTION.format('es')}")
    page.locator("a[hreflang=en]").first.click()
    expect(page).to_have_url(re.compile(CONVOLUTION.format("en")))
    context.close()


def test_pages_name_their_twin_in_the_head(site, page: Page) -> None:
    for path in paths(site):
        page.goto(f"{site.address}/{path}")
        alternates = page.locator("head link[rel=alternate][hreflang]")
        assert {"es", "en"} <= {
            alternates.nth(i).get_attribute("hreflang") for i in range(alternates.count())
        }


def test_the_front_door_offers_both_and_remembers_the_choice(site, page: Page) -> None:
    page.goto(f"{site.address}/index.html")
    expect(page.get_by_role("link", name="Leer", exact=True)).to_be_visible()
    page.get_by_role("link", name="Read", exact=True).click()
    page.wait_for_url("**/en/index.html")
    page.goto(f"{site.address}/index.html")
    expect(page.locator("main section").first).to_have_attribute("lang", "en")


def test_the_animation_can_be_paused_and_keeps_still_for_those_who_ask(site, page: Page) -> None:
    page.goto(f"{site.address}/{CONVOLUTION.format('es')}")
    loaded = page.evaluate(
        "[...document.querySelectorAll('main link, main script, head link, head script')]"
        ".map((e) => e.href || e.src).filter(Boolean)"
    )
    own = [address for address in loaded if "/assets/book." not in address]
    texts = [page.content(), *(page.request.get(address).text() for address in own)]
    assert any("prefers-reduced-motion" in text for text in texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_and_the_notebook_can_be_downloaded(site, page: Page, language: str) -> None:
    page.goto(f"{site.address}/{CONVOLUTION.format(language)}")
    for ending in (".pdf", ".ipynb"):
        link = page.locator(f"a[href$='{ending}']").first
        answer = page.request.get(page.evaluate("a => a.href", link.element_handle()))
        assert answer.ok

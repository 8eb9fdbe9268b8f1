"""Every application of every page, started: from a server, under a sub-path and from a disk."""

import re
from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page, expect

from tests.site.conftest import Quiet, Site

LONGEST_LINK = 2000  # characters


def starts(site: Site) -> dict[str, list[str]]:
    """The pages with applications, each with the addresses of its start buttons."""
    found = {}
    for path in sorted(site.root.glob("e[sn]/**/*.html")):
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        if links := soup.select("a.app-start[data-frame]"):
            found[path.relative_to(site.root).as_posix()] = [str(link["href"]) for link in links]
    return found


@pytest.fixture
def below(site: Site) -> Iterator[str]:
    """Serve the book under a sub-path, as pages of a project are; give its address."""
    parent, name = site.root.parent, site.root.name
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(parent)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{name}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("width", [390, 1280])
def test_every_application_starts_in_its_page_in_its_own_state(site, below, page: Page, width):
    page.set_viewport_size({"width": width, "height": 800})
    pages = starts(site)
    assert len(pages) >= 8 and max(map(len, pages.values())) > 2
    for path, links in pages.items():
        page.goto(f"{below}/{path}")
        before = page.url
        buttons = page.locator("a.app-start[data-frame]")
        frames = page.locator("iframe.app-frame")
        # The last one first: none waits for another.
        for n, link in reversed(list(enumerate(links))):
            buttons.nth(n).click()
            frame = page.locator(".app").nth(n).locator("iframe.app-frame")
            state = link.partition("?")[2]
            expect(frame.content_frame.locator("#state")).to_contain_text(f"?{state}&theme=")
            assert frame.evaluate("frame => frame.clientWidth") <= width
        expect(frames).to_have_count(len(links))
        assert page.url == before


def test_from_a_disk_every_application_says_what_to_do(site, page: Page) -> None:
    for path, links in starts(site).items():
        page.goto((site.root / path).as_uri())
        for n in range(len(links)):
            app = page.locator(".app").nth(n)
            app.locator("a.app-start[data-frame]").click()
            expect(app.locator(".app-failed")).to_contain_text("python3 -m http.server")
            expect(app.locator(".app-failed")).to_contain_text("make demo")
            expect(app.locator("a[href*=online]")).to_be_visible()
        assert not page.locator("iframe.app-frame").count()
        assert page.url.endswith(path)


def test_an_application_that_is_missing_says_so(site, page: Page) -> None:
    path = next(iter(starts(site)))
    page.route("**/apps/*/index.html*", lambda route: route.fulfill(status=404))
    page.goto(f"{site.address}/{path}")
    page.locator("a.app-start[data-frame]").first.click()
    expect(page.locator(".app-missing").first).to_be_visible()
    expect(page.locator(".app-disk").first).to_be_hidden()
    assert not page.locator("iframe.app-frame").count()


def test_the_same_state_opens_at_shinylive(site, page: Page) -> None:
    asked: list[str] = []

    def answer(route) -> None:
        asked.append(route.request.url)
        route.fulfill(body="There", content_type="text/plain")

    page.route("https://shinylive.io/**", answer)
    path, links = next((p, links) for p, links in starts(site).items() if "convolution" in p)
    query = parse_qs(urlsplit(links[1]).query)
    for start in (f"{site.address}/{path}", (site.root / path).as_uri()):
        page.goto(start)
        # Where the application has failed in its page, the way there is shown.
        href = page.locator(".app a[href*=online]").nth(1).evaluate("link => link.href")
        page.goto(href)
        page.wait_for_url("https://shinylive.io/**")
        assert parse_qs(urlsplit(page.url).query) == query
        assert re.match(r"h=0&code=[^&]{1000}", urlsplit(page.url).fragment)
    assert len(asked) == 2


def test_no_page_holds_a_long_link(site) -> None:
    for path in site.root.rglob("*.html"):
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for link in soup.select("a[href]"):
            assert len(str(link["href"])) <= LONGEST_LINK, path

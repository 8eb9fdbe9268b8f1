"""The embed of an application: exported, linked, printed, and with nothing built."""

import json
import subprocess
from pathlib import Path

import pypandoc
import pytest
from bs4 import BeautifulSoup

TOOLS = Path(__file__).resolve().parents[2] / "tools"
SCRIPT = (TOOLS / "web" / "apps.js").read_text(encoding="utf-8")
CHAPTER = """
::: {.app name="explorer" state="op=conv&f=3"}
![A caption](figure.svg){#fig-state fig-alt="What it shows"}
:::
"""
STATE = "?lang={lang}&op=conv&f=3"


@pytest.fixture
def render(tmp_path):
    """Convert the chapter in a project whose applications are built as told."""
    (tmp_path / "tools").symlink_to(TOOLS)

    def convert(to, lang, exported=False, online=False, site=None, chapter=CHAPTER):
        if online or exported:
            app = {"exported": exported, "online": online}
            (tmp_path / ".cache").mkdir()
            (tmp_path / ".cache" / "apps.json").write_text(
                json.dumps({"site": site, "apps": {"explorer": app}})
            )
        command = [pypandoc.get_pandoc_path(), "-t", to, "--wrap=none", "-L", TOOLS / "apps.lua"]
        command += ["-M", f"lang={lang}", "-M", "site-root=../../../"]
        done = subprocess.run(
            command, cwd=tmp_path, input=chapter, capture_output=True, text=True, check=True
        )
        return done.stdout

    return convert


def href(page: str) -> str:
    """The address of the first link of an HTML page."""
    return BeautifulSoup(page, "html.parser").a["href"]


def test_an_exported_application_starts_in_the_page_when_asked(render):
    page = render("html", "es", exported=True, online=True)
    assert href(page) == "../../../apps/explorer/index.html" + STATE.format(lang="es")
    assert "<iframe" not in page and "<script" not in page
    assert "Iniciar la aplicación" in page


def test_a_chapter_may_say_how_high_the_frame_is(render):
    chapter = CHAPTER.replace('state="op=conv&f=3"', 'height="420"')
    page = render("html", "es", exported=True, chapter=chapter)
    assert 'data-height="420"' in page


@pytest.mark.parametrize(
    "lang, words", [("es", "Abrir la aplicación"), ("en", "Open the application")]
)
def test_without_an_export_the_link_opens_the_same_case_elsewhere(render, lang, words):
    page = render("html", lang, online=True)
    assert href(page) == "../../../apps/explorer/online.html" + STATE.format(lang=lang)
    assert words in page
    assert "make demo" in page
    assert "iframe" not in page


@pytest.mark.parametrize("to", ["html", "typst"])
def test_with_nothing_built_the_figure_stays_and_the_page_says_how_to_run_it(render, to):
    page = render(to, "en")
    assert "figure.svg" in page
    assert "make demo" in page
    assert "iframe" not in page
    assert "href" not in page


@pytest.mark.parametrize("exported, name", [(True, "index"), (False, "online")])
def test_paper_shows_the_figure_and_leads_to_the_published_site(render, exported, name):
    site = "https://example.org/book"
    page = render("typst", "en", exported=exported, online=True, site=site)
    assert "figure.svg" in page
    address = f"{site}/apps/explorer/{name}.html{STATE.format(lang='en')}"
    assert f'#link("{address}")[example.org]' in page


def test_paper_of_a_book_that_is_published_nowhere_says_how_to_run_it(render):
    page = render("typst", "es", exported=True, online=True)
    assert "make demo" in page
    assert "#link" not in page


@pytest.fixture
def opened(page, render):
    """Open the exported form in a browser, the application there or missing."""

    def visit(there, paper="white"):
        html = render("html", "en", exported=True, online=True)
        html = f'<body style="background: {paper}">{html}<script>{SCRIPT}</script>'
        page.route("**/*", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.route(
            "**/apps/explorer/**",
            lambda route: route.fulfill(status=200 if there else 404, body="<p>It runs.</p>"),
        )
        page.goto("http://book.example/en/chapters/en/page.html")
        assert page.locator("iframe").count() == 0
        page.get_by_role("link", name="Start the application").click()
        return page

    return visit


@pytest.mark.parametrize("paper, theme", [("transparent", "light"), ("#12151c", "dark")])
def test_the_start_button_puts_the_application_into_the_page(opened, paper, theme):
    page = opened(there=True, paper=paper)
    frame = page.locator("iframe")
    frame.wait_for()
    assert frame.get_attribute("title") == "Application: layer explorer"
    address = f"/apps/explorer/index.html{STATE.format(lang='en')}&theme={theme}"
    assert frame.get_attribute("src").endswith(address)


def test_a_missing_application_leaves_words_and_no_empty_frame(opened):
    page = opened(there=False)
    failed = page.get_by_role("status")
    failed.wait_for()
    assert "not where it should be" in failed.inner_text()
    assert "a disk" not in failed.inner_text()
    link = failed.get_by_role("link").get_attribute("href")
    assert link.endswith("apps/explorer/online.html" + STATE.format(lang="en"))
    assert page.locator("iframe").count() == 0

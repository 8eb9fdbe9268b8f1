"""The embed of an application: exported, linked, printed, and with nothing built."""

import json
import subprocess
from pathlib import Path

import pypandoc
import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
CHAPTER = """
::: {.app name="explorer" state="op=conv&f=3"}
![A caption](figure.svg){#fig-state fig-alt="What it shows"}
:::
"""
LINKS = {lang: f"https://shinylive.io/py/app/?lang={lang}#code=abc" for lang in ("es", "en")}
ONLINE = {lang: LINKS[lang].replace("#", "&op=conv&f=3#") for lang in LINKS}


@pytest.fixture
def render(tmp_path):
    """Convert the chapter in a project whose applications are built as told."""
    (tmp_path / "tools").symlink_to(TOOLS)

    def convert(to, lang, exported=False, link=None, site=None, chapter=CHAPTER):
        if link is not None or exported:
            app = {"exported": exported, "path": "apps/explorer/", "link": link or {}}
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


def test_an_exported_application_starts_in_the_page_when_asked(render):
    page = render("html", "es", exported=True, link=LINKS)
    assert 'href="../../../apps/explorer/?lang=es&amp;op=conv&amp;f=3"' in page
    assert "<iframe" not in page
    assert "Iniciar la aplicación" in page
    assert page.count("<script>") == 1


def test_a_chapter_may_say_how_high_the_frame_is(render):
    chapter = CHAPTER.replace('state="op=conv&f=3"', 'height="420"')
    page = render("html", "es", exported=True, link=LINKS, chapter=chapter)
    assert 'data-height="420"' in page


@pytest.mark.parametrize(
    "lang, words", [("es", "Abrir la aplicación"), ("en", "Open the application")]
)
def test_without_an_export_the_link_opens_the_same_case_elsewhere(render, lang, words):
    page = render("html", lang, link=LINKS)
    assert f'href="{ONLINE[lang].replace("&", "&amp;")}"' in page
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


def test_paper_shows_the_figure_and_the_address(render):
    page = render("typst", "es", link=LINKS)
    assert "figure.svg" in page
    assert f'#link("{ONLINE["es"]}")[shinylive.io]' in page


def test_paper_leads_to_the_published_site(render):
    page = render("typst", "en", exported=True, site="https://example.org/book")
    assert "https://example.org/book/apps/explorer/?lang=en&op=conv&f=3" in page


def test_an_address_too_long_for_a_pdf_is_left_out(render):
    page = render("typst", "es", link={"es": "https://shinylive.io/py/app/#" + 9000 * "x"})
    assert "xxx" not in page
    assert "make demo" in page


@pytest.fixture
def opened(page, render):
    """Open the exported form in a browser, the application there or missing."""

    def visit(there, paper="white"):
        html = render("html", "en", exported=True, link=LINKS)
        html = f'<body style="background: {paper}">{html}'
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
    address = f"/apps/explorer/?lang=en&op=conv&f=3&theme={theme}"
    assert frame.get_attribute("src").endswith(address)


def test_a_missing_application_leaves_words_and_no_empty_frame(opened):
    page = opened(there=False)
    failed = page.get_by_role("status")
    failed.wait_for()
    assert "cannot be opened" in failed.inner_text()
    assert failed.get_by_role("link").get_attribute("href") == ONLINE["en"]
    assert page.locator("iframe").count() == 0

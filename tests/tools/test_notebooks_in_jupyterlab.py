"""Notebooks of the small book, opened in JupyterLab as a reader who downloaded them sees them."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow
SLOW = 60_000  # milliseconds that JupyterLab may take to draw what is asked for


@pytest.fixture(scope="module")
def lab(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start JupyterLab in the folder of a chapter; return its address, without the notebook's."""
    own = tmp_path_factory.mktemp("jupyter")
    # A copy: JupyterLab leaves its checkpoints beside what it opens.
    shutil.copytree(rendered / "_book/en/chapters/en", own / "notebooks")
    folders = {f"JUPYTER_{name}_DIR": str(own / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"]
    command += ["--ip=127.0.0.1", "--IdentityProvider.token=reader"]
    command += [f"--ServerApp.root_dir={own / 'notebooks'}"]
    with open(own / "log", "w+", encoding="utf-8") as log:
        server = subprocess.Popen(
            command, stdout=log, stderr=subprocess.PIPE, text=True, env={**os.environ, **folders}
        )
        assert server.stderr
        found = None
        said = []
        for line in server.stderr:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/lab", line):
                break
        assert found, "".join(said)
        yield f"{found[0]}/workspaces"
        server.terminate()
        server.communicate()


@pytest.fixture
def opened(lab: str, page: Page) -> Callable[[str], Page]:
    """Open a notebook."""

    def visit(name: str) -> Page:
        page.set_viewport_size(
            {"width": 1200, "height": 6000}
        )  # all of it: cells are drawn as seen
        page.goto(f"{lab}/{name}/tree/{name}.ipynb?token=reader")
        expect(page.locator(".jp-Notebook h1").first).to_be_visible(timeout=SLOW)
        return page

    return visit


def test_formulas_figures_tables_and_callouts_are_shown(opened):
    page = opened("one")
    notebook = page.locator(".jp-Notebook")
    formula = notebook.locator("mjx-container[display=true]").first
    expect(formula).to_be_visible(timeout=SLOW)
    expect(notebook.locator(".jp-MarkdownOutput", has_text="$")).to_have_count(0)
    expect(notebook.locator("td", has_text="2").first).to_be_visible()
    figure = notebook.locator("img").first
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_js_property("complete", True)
    assert figure.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    link = notebook.get_by_role("link", name="Figure 1.1").first
    assert re.search(r"/files/one\.html\b.*#fig-line$", link.get_attribute("href") or "")
    page = opened("two")
    expect(page.locator(".jp-Notebook blockquote", has_text="Careful").first).to_be_visible()
    drawn = page.locator(".jp-OutputArea img").first
    assert drawn.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100


def test_an_exercise_is_solved_in_its_cells_and_its_solution_is_folded(opened):
    page = opened("three")
    cells = page.locator(".jp-CodeCell")
    stub = cells.filter(has_text="def zero_pad").first
    check = cells.filter(has_text='check("zero_pad"').first
    expect(stub).to_be_visible(timeout=SLOW)
    solution = cells.last
    expect(solution.locator(".jp-Placeholder").first).to_be_visible()
    expect(solution.locator(".jp-Editor")).to_be_hidden()
    for cell in (stub, check):
        cell.locator(".jp-Editor").click()
        page.keyboard.press("Shift+Enter")
    report = check.locator(".jp-OutputArea-output").first
    expect(report).to_contain_text("zero_pad", timeout=SLOW)

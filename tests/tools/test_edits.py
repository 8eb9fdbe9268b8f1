"""Small edits of whatever the book is written in: a whole book, or the author's own file and line.

Hypothesis draws them, the same ones each time. To look for more, raise `MANY`.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from tests.tools.helpers import everything, put
from tools import build
from tools.problems import BookError, Problems
from tools.source import chapters, citations, config, counting, document, running
from tools.source.cells import Outputs
from tools.source.chapters import Chapter
from tools.source.prepare import keeper

ROOT = Path(__file__).resolve().parents[2]
MANY = 40
PLACE = re.compile(r"([^:]+):(\d+): \S")
# What has a meaning somewhere in Markdown, YAML, BibTeX, TeX or Typst.
TOKENS = [
    *("```", "```{python}", "`", "$", "$$", ":::", "::: {.callout-tip}", "::: {#refs}", "{", "}"),
    *("[", "]", "](", "](#x)", "[^1]", "![x](y.svg)", "@fig-x", "@x", "{#eq-x}", "{#fig-x}", "#"),
    *("<!--", "-->", "<b>", "</script>", "&lt;", "*", "**", "_", "~", "^", "|", ">", "\\", "%"),
    *("---", "...", "- ", ": ", "? ", "&a", "*a", "!!x ", "<<", "null", "'", '"', "#| ", "{{<x>}}"),
    *("\t", " ", "\r", "\0", "\u200b", "\u202e", "\ufeff", "\N{NO-BREAK SPACE}", "ñ", "0", "-1"),
    *("\\frac{", "\\begin{x}", "\\tag{1}", "#set", "//", "/*", "@book{x,", "=", ",", "{=html}"),
]  # fmt: skip


def edited(text: str, data: st.DataObject) -> str:
    """Change a text in a small way."""
    lines = text.split("\n")
    row = data.draw(st.integers(0, len(lines) - 1), "row")
    line = lines[row]
    at = data.draw(st.integers(0, len(line)), "column")
    kind = data.draw(st.sampled_from(["insert", "insert a line", "drop", "twice", "swap", "cut"]))
    match kind:
        case "insert":
            lines[row] = line[:at] + data.draw(st.sampled_from(TOKENS), "token") + line[at:]
        case "insert a line":
            lines.insert(row, data.draw(st.sampled_from(TOKENS), "token"))
        case "drop":
            lines[row : row + 1] = [line[:at] + line[at + 1 :]] if at < len(line) else []
        case "twice":
            lines.insert(row, line)
        case "swap":
            lines[row : row + 2] = reversed(lines[row : row + 2])
        case _:
            lines[row] = line[:at]
    return "\n".join(lines)


def shown_by(chapter: Chapter) -> list[list[running.Output]]:
    """Give what cells show without running them: what they print is their code."""
    svg = '<svg width="72pt" height="72pt" xmlns="http://www.w3.org/2000/svg"></svg>'
    drawing = {"output_type": "display_data", "data": {"image/svg+xml": svg}, "metadata": {}}
    return [
        [drawing]
        if cell.label.startswith("fig-")
        else [{"output_type": "stream", "name": "stdout", "text": cell.code}]
        if cell.options["output"] != "asis"
        else []
        for cell in chapter.cells
    ]


async def as_if_run(root: Path, chapter: Chapter, *_: object) -> list[list[running.Output]]:
    return shown_by(chapter)


@pytest.fixture(scope="module", autouse=True)
def nothing_runs():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "run", as_if_run)
        yield


@pytest.fixture(scope="module")
def small(rendered, tmp_path_factory) -> Path:
    """The small book, to change and to change back."""
    root = tmp_path_factory.mktemp("edits") / "book"
    shutil.copytree(rendered, root)
    return root


def sources(root: Path) -> list[str]:
    """List what a book is written in."""
    found = [*root.glob("_quarto*.yml"), *root.glob("*.bib")]
    found += [*root.glob("*.qmd"), *root.glob("chapters/**/*.qmd")]
    return sorted(path.relative_to(root).as_posix() for path in found)


@contextmanager
def changed(root: Path, data: st.DataObject) -> Iterator[None]:
    """Change one of the sources of the Spanish edition; then put it back."""
    names = [name for name in sources(root) if "/en/" not in name and ".en." not in name]
    path = root / data.draw(st.sampled_from(names), "file")
    right = path.read_bytes()
    path.write_bytes(edited(right.decode(), data).encode())
    try:
        yield
    finally:
        path.write_bytes(right)


def blamed(root: Path, error: BookError) -> None:
    """See that each line of a message names a line of what the author wrote."""
    note(str(error))
    for line in str(error).splitlines():
        place = PLACE.match(line)
        assert place and place[1] in sources(root), line
        count = (root / place[1]).read_bytes().count(b"\n") + 1
        assert 1 <= int(place[2]) <= count, line


alike = settings(
    max_examples=MANY,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.slow
@alike
@given(data=st.data())
def test_an_edit_of_the_small_book_gives_a_whole_book_or_leaves_the_earlier(small, data):
    before = everything(small / "_book")
    with changed(small, data):
        try:
            build.build(small, "builtin", ["es"], small / "_book")
        except BookError as error:
            blamed(small, error)
            assert everything(small / "_book") == before
        else:
            edition = config.editions(small)[0]
            made = everything(small / "_book" / edition.folder)
            for page in edition.pages:
                assert made[page.output].rstrip().endswith(b"</html>")
            assert made[edition.pdf].startswith(b"%PDF")
    assert [path.name for path in small.iterdir() if path.name.startswith("._")] == []


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Path:
    """What this book is written in, to change and to change back."""
    root = tmp_path_factory.mktemp("real")
    for name in [*sources(ROOT), *(path.name for path in ROOT.glob("*.csl"))]:
        put(root / name, (ROOT / name).read_text("utf-8"))
    for folder in ("apps", "book", "src"):
        shutil.copytree(ROOT / folder, root / folder)
    config.editions(root)  # without a change, nothing is wrong
    return root


@pytest.mark.slow
@alike
@given(data=st.data())
def test_an_edit_of_this_book_is_understood_or_named(real, data):
    with changed(real, data):
        try:
            edition = config.editions(real)[0]
            problems = Problems()
            citations.check(edition, keeper(real), problems)
            for page in edition.pages:
                text = (real / page.source).read_bytes()
                if text == (ROOT / page.source).read_bytes():
                    continue
                chapter = chapters.read(real, page, problems)
                problems.stop()
                shown = Outputs("", shown_by(chapter))
                tree, files = document.build(edition, chapter, shown)
                counting.count(chapter, tree, files)
            problems.stop()
        except BookError as error:
            blamed(real, error)

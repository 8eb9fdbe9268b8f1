"""What exercises become in pages and on paper, and what is known of them."""

import json
import subprocess
from pathlib import Path

import pypandoc
import pytest
from bs4 import BeautifulSoup

from tests.tools.helpers import page, put, squeeze
from tools import exercises

TOOLS = Path(__file__).resolve().parents[2] / "tools"
CHAPTER = """
::: {#exr-double}
## Twice

Double it.
:::

::: {.callout-tip collapse="true"}
## WORD

Multiply `x` by 2.

$$2 x$$ {#eq-double}
:::
"""
HINTS = ["What is *twice* a number?", "Write `2 * x`."]
SAID = {
    "stub": "def double(x):\n    ...",
    "listing": 'def double(x):\n    ...\n\n\ncheck("double", double)',
    "hints": HINTS,
}
DOUBLE = {"kind": "function", "es": SAID, "en": {**SAID, "hints": HINTS[:1]}}


@pytest.fixture(scope="module")
def known() -> dict[str, dict]:
    return exercises.describe()


@pytest.fixture
def convert(tmp_path):
    """Convert a chapter as Quarto's formats do, in a project that knows one exercise."""
    (tmp_path / "tools").symlink_to(TOOLS)

    def run(to, lang="es", about=DOUBLE, workbench=True, chapter=CHAPTER, name="double"):
        record = {"workbench": workbench, "exercises": {name: about} if about else {}}
        put(tmp_path / ".cache/exercises.json", json.dumps(record))
        app = {"exported": True, "path": "apps/workbench/"}
        put(tmp_path / ".cache/apps.json", json.dumps({"apps": {"workbench": app}}))
        command = [pypandoc.get_pandoc_path(), "-t", to, "--wrap=none", "-M", f"lang={lang}"]
        command += ["-M", "site-root=../", "-L", TOOLS / "exercises.lua", "-L", TOOLS / "apps.lua"]
        word = {"es": "Solución", "en": "Solution"}[lang]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            input=chapter.replace("WORD", word),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    return run


def test_a_page_has_the_stub_the_call_the_button_and_the_hints(convert):
    shown = BeautifulSoup(convert("html"), "html.parser")
    block = shown.find(id="exr-double")
    assert block.pre.get_text() == SAID["listing"]
    button = block.find("a", string="Escríbelo aquí")
    assert button["href"] == "../apps/workbench/index.html?lang=es&exercise=double"
    vague = block.find("details")
    plain = vague.find("details")
    assert [d.summary.get_text() for d in (vague, plain)] == ["Pista 1", "Pista 2"]
    assert "twice" in vague.p.get_text() and plain.code.get_text() == "2 * x"
    assert not vague.has_attr("open")


def test_english_pages_speak_english(convert):
    shown = BeautifulSoup(convert("html", "en"), "html.parser")
    assert shown.find("a", string="Write it here")["href"].endswith("?lang=en&exercise=double")
    assert [found.get_text() for found in shown("summary")] == ["Hint"]  # there is only one


def test_without_a_workbench_there_is_no_button(convert):
    shown = convert("html", workbench=False)
    assert "Escríbelo" not in shown and "make demo" not in shown and "<pre" in shown


def test_an_exercise_that_no_program_checks_stays_as_it_is_written(convert):
    shown = BeautifulSoup(convert("html", about=None), "html.parser")
    assert squeeze(shown.find(id="exr-double").get_text()) == "Twice Double it."


def test_paper_has_the_stub_and_sends_the_solution_to_the_end(convert):
    shown = convert("typst-citations")
    assert "def double(x):" in shown and "Pista" not in shown and "Escríbelo" not in shown
    start = (
        '#exercise-solution(<exr-double>, "Solución: página", "Ejercicio: página", equations: 1, ['
    )
    assert start in shown
    body = squeeze(shown.split(start)[1])
    assert body.startswith("\\@Exr-double (Twice) ], [ Multiply `x` by 2.") and body.endswith("])")


def test_a_tip_that_is_no_solution_stays_where_it_is(convert):
    chapter = CHAPTER.replace("WORD", "Another thing")
    assert "#exercise-solution" not in convert("typst-citations", chapter=chapter)


# The small book, by the built-in renderer


def test_the_built_in_renderer_shows_the_same_block(rendered):
    shown = page(rendered, "es", "three")
    block = shown.find(id="exr-zero_pad")
    assert "def zero_pad(X, pad):" in block.pre.get_text()
    assert block.pre.get_text().rstrip().endswith('check("zero_pad", zero_pad)')
    assert "Escríbelo" not in block.get_text()  # this book has no workbench
    assert shown.find("link", href="../../assets/exercises.css")
    assert (rendered / "_book/es/assets/exercises.js").is_file()


def test_the_solution_is_folded_under_its_exercise(rendered):
    folded = (
        page(rendered, "en", "three").find(id="exr-crop").find_next("details", class_="callout")
    )
    assert folded.summary.get_text(strip=True) == "Solution"
    assert "A slice will do" in folded.get_text()


def test_an_exercise_with_numbers_has_what_the_pages_script_needs(rendered):
    place = page(rendered, "en", "three").find(class_="exercise-pencil")
    asked = json.loads(place["data-pencil"])
    assert asked["words"]["check"] == "Check"
    maximum, _ = asked["questions"]
    assert maximum["shape"] == [2, 2] and maximum["right"] == [[[6, 8], [5, 8]]]
    assert any("mean" in slip["says"] or "average" in slip["says"] for slip in maximum["slips"])


# What is known


def test_every_exercise_of_the_package_is_known_in_both_languages(known):
    from cnnlayers.exercises import exercises as listed

    assert list(known) == [one.name for one in listed("en")]
    for about in known.values():
        assert about["es"].keys() == about["en"].keys()
        assert len(about["es"]["hints"]) == len(about["en"]["hints"])


def test_every_listing_is_python_that_ends_with_the_call(known):
    for name, about in known.items():
        for lang in exercises.LANGUAGES:
            listing = about[lang]["listing"]
            compile(listing.replace("…", "..."), name, "exec")
            assert listing.endswith(about[lang]["call"])
            assert not listing or f'check("{name}"' in about[lang]["call"]


def test_a_listing_imports_check_once(known):
    for about in known.values():
        code = about["en"]["listing"]
        assert code.count("from cnnlayers.exercises import") == bool(about["en"]["stub"])


def test_a_call_too_long_for_a_line_is_broken(known):
    calls = [about["en"]["call"] for about in known.values()]
    assert max(len(line) for call in calls for line in call.splitlines()) <= 80


def test_no_slip_is_a_right_answer(known):
    for about in known.values():
        for question in json.loads(about["en"].get("pencil", '{"questions": []}'))["questions"]:
            assert question["right"][0] not in [slip["value"] for slip in question["slips"]]


def test_the_record_is_made_again_when_the_package_or_the_book_changes(tmp_path, monkeypatch):
    exercises.prepare(tmp_path)
    made = exercises.load(tmp_path)
    assert made["workbench"] is False and "zero_pad" in made["exercises"]
    put(tmp_path / exercises.RECORD, json.dumps({**made, "exercises": {}}))
    exercises.prepare(tmp_path)
    assert exercises.load(tmp_path)["exercises"] == {}  # nothing has changed
    put(tmp_path / exercises.WORKBENCH, "")
    exercises.prepare(tmp_path)
    assert exercises.load(tmp_path) == {
        **made,
        "workbench": True,
        "made-from": exercises.fingerprint(tmp_path),
    }

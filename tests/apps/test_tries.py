"""The three things to try for each case, and the chapters that open the cases."""

import re
from pathlib import Path

import pytest
from shown import do, opened, read, show

from apps.explorer.address import parse, serialize
from apps.explorer.state import State
from apps.explorer.tries import CASES, case_of
from apps.shared.grid import number

ROOT = Path(__file__).parents[2]
LINKED = {
    (page.parent.name, state)
    for page in sorted((ROOT / "chapters").glob("*/*.qmd"))
    for state in re.findall(r'\.app name="explorer" state="([^"]*)"', page.read_text("utf-8"))
}
TASKS = [(case, n) for case in CASES for n in range(3)]
# Worked out with a pencil.
ANSWERS = {
    "first": (7, 29 / 9, 7), "conv": (3, 6, 4), "stride": (11, 3, 0), "max": (6, 7 / 3, 5),
    "conv_back": (1, 4, 2), "max_back": (2, 5, 4 / 9),
}  # fmt: skip


def test_the_chapters_open_cases_with_something_to_try():
    assert len(LINKED) >= 10
    for lang, query in LINKED:
        state, problems = parse(f"{query}&lang={lang}")
        assert not problems, query
        assert case_of(state), f"nothing to try for {query}"


def test_every_case_is_opened_by_both_editions_or_is_the_first_view():
    for case in CASES:
        opened_by = {lang for lang, query in LINKED if case_of(parse(query)[0]) == case}
        assert opened_by == ({"es", "en"} if case.query else set()), case.name


def test_the_picture_on_the_page_is_the_applications_first_view():
    pattern = r'\.app name="(\w+)" state="([^"]*)"\}.*?figures\.(\w+)_state\("([^"]*)"\)'
    seen = set()
    for page in (ROOT / "chapters").glob("*/*.qmd"):
        for app, at, drawn, state in re.findall(pattern, page.read_text("utf-8"), re.DOTALL):
            assert (app, at) == (drawn, state)
            seen.add((page.parent.name, app))
    assert seen >= {(lang, name) for lang in ("es", "en") for name in ("explorer", "network")}


@pytest.mark.parametrize("case, n", TASKS, ids=[f"{case.name}-{n}" for case, n in TASKS])
def test_an_answer_is_what_the_layer_returns(case, n):
    task = case.tasks[n]
    state, problems = parse(task.query)
    assert not problems and state.has_output
    assert serialize(state) != serialize(parse(case.query)[0]) or case.name == "stride"
    assert task.answer == pytest.approx(ANSWERS[case.name][n])


@pytest.mark.parametrize("lang, found", [("es", "¡Exacto!"), ("en", "Exactly!")])
@pytest.mark.parametrize("case, n", TASKS, ids=[f"{case.name}-{n}" for case, n in TASKS])
def test_the_answer_is_told_after_a_guess_and_not_before(case, n, lang, found):
    visit = do(opened(f"{case.query}&lang={lang}"), {"do": "task", "what": str(n)})
    answer = number(case.tasks[n].answer)

    def panel(visit):
        return show(visit).message["html"]["try"]

    why = panel(do(visit, {"do": "tell"})).split('class="said">')[1]
    assert answer in why
    assert why not in panel(visit) and 'id="see"' not in panel(visit)
    wrong = do(visit, {"do": "try", "text": str(read(answer) + 1)})
    assert found not in panel(wrong) and why not in panel(wrong)
    assert do(wrong, {"do": "see"}).state == wrong.state
    right = do(wrong, {"do": "try", "text": answer})
    assert f"{found} {why}" in panel(right)
    seen = do(right, {"do": "see"})
    assert serialize(seen.state) == serialize(parse(f"{case.tasks[n].query}&lang={lang}")[0])
    assert seen.case == case and seen.task == n
    assert "expected" in panel(do(visit, {"do": "language"}, {"do": "try", "text": "x"})) or (
        "se espera" in panel(do(visit, {"do": "language"}, {"do": "try", "text": "x"}))
    )


def test_a_state_of_ones_own_has_nothing_to_try():
    assert show(opened("f=2")).message["html"]["try"] == ""
    assert case_of(State(lang="en")) == CASES[0]

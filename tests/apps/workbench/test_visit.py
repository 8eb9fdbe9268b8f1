"""What each act of the reader makes of a visit."""

from dataclasses import replace

import pytest

from apps.shared.words import words
from apps.workbench.page import message
from apps.workbench.visit import LONGEST, Visit, act, hand_in, stop


def opened(query: str) -> Visit:
    return act(Visit(), {"do": "open", "query": query})


def found(visit: Visit, **report) -> Visit:
    return replace(visit, found={"ending": "returned", "report": {"passed": False, **report}})


def handed(visit: Visit, do: str, text: str = "x = 1") -> Visit:
    return hand_in(visit, {"do": do, "text": text})


def test_hints_come_one_at_a_time_and_start_anew_with_a_check():
    known = {"head": "no", "mistakes": ["pad-one-side"], "html": ""}
    visit = found(handed(opened(""), "check"), **known)
    told = []
    for _ in range(3):
        assert visit.more_hints is (len(told) < 2)
        visit = found(handed(visit, "hint"), **known)
        told.append(visit.asked.hint)
    assert told == [1, 2, 2]
    visit = found(handed(visit, "solution"), **known)
    assert (visit.asked.hint, visit.asked.solution) == (2, True)
    visit = handed(visit, "check")
    assert (visit.asked.hint, visit.asked.solution) == (0, False)


def test_a_hint_is_offered_only_where_a_mistake_was_recognized():
    visit = handed(opened(""), "check")
    for now, offered in (
        (Visit(), False),
        (visit, False),
        (found(visit, head="no", html="", mistakes=[]), False),
        (found(visit, head="no", html="", mistakes=["pad-one-side"]), True),
    ):
        assert ("hint" not in message(now, words("workbench", "es"))["off"]) is offered


def test_another_exercise_begins_anew_and_another_language_does_not():
    visit = found(handed(opened("exercise=conv_forward"), "check"), head="no", html="")
    assert act(visit, {"do": "language"}).asked == visit.asked
    for done in ({"do": "set", "key": "exercise", "value": "crop"}, {"do": "onward"}):
        other = act(visit, done)
        assert other.asked is None and other.state.exercise in ("crop", "pool_forward")


def test_onward_goes_through_all_exercises_and_around():
    visit, seen = opened(""), []
    while visit.state.exercise not in seen:
        seen.append(visit.state.exercise)
        visit = act(visit, {"do": "onward"})
    assert visit.state.exercise == seen[0] == "zero_pad" and len(seen) > 40


def test_only_what_is_being_worked_on_can_be_stopped():
    assert stop(Visit()) == Visit()
    assert stop(handed(opened(""), "run")).found == {"ending": "stopped"}


@pytest.mark.parametrize("message", [
    None, [], "run", {}, {"do": "run"}, {"do": "run", "text": 5}, {"do": "exec", "text": "x"},
    {"do": "check", "answers": {"db": "1"}}, {"do": "run", "text": "x" * (LONGEST + 1)},
])  # fmt: skip
def test_what_is_nothing_to_hand_in_changes_nothing(message):
    visit = opened("")
    assert hand_in(visit, message) is visit


@pytest.mark.parametrize("message", [
    {"do": "check", "text": "x"}, {"do": "run", "answers": {}}, {"do": "check", "answers": []},
    {"do": "check", "answers": {"db": 1}},
    {"do": "check", "answers": {"db": "1" * LONGEST, "dW": "1"}},
])  # fmt: skip
def test_numbers_are_handed_in_as_texts_by_name(message):
    visit = opened("exercise=conv-backward-by-hand")
    assert hand_in(visit, message) is visit
    assert hand_in(visit, {"do": "check", "answers": {"db": "1"}}).busy


@pytest.mark.parametrize("message", [
    None, {"do": "open"}, {"do": "set", "key": "lang", "value": 3}, {"do": "set", "key": {}},
])  # fmt: skip
def test_forged_acts_change_nothing(message):
    assert act(opened("lang=en"), message) == opened("lang=en")


def test_an_exercise_that_is_not_there_is_refused_and_said():
    visit = act(opened("lang=en"), {"do": "set", "key": "exercise", "value": "<b>"})
    shown = message(visit, words("workbench", "en"))
    assert visit.state.exercise == "zero_pad"
    assert "“&lt;b&gt;” is not an exercise" in shown["html"]["problems"]

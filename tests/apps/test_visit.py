"""What each act of the reader makes of a visit, without a page; and what is no act."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shown import do, opened, show

from apps.explorer.state import State
from apps.explorer.tries import close
from apps.explorer.visit import Visit, act, tick


def set_to(key: str, value: str) -> dict:
    return {"do": "set", "key": key, "value": value}


def typed(grid: str, text: str, cell: str = "1,1,0") -> dict:
    return {"do": "type", "grid": grid, "cell": cell, "text": text}


def said(visit: Visit) -> str:
    """Everything on the page that says something is wrong."""
    shown = show(visit).message
    errors = [field.get("error", "") for field in shown["fields"].values()]
    return " ".join([shown["text"]["cell-error"], shown["html"]["problems"], *errors]).strip()


NEXT = {"do": "step", "what": "next"}
# Whatever the reader does next, if it is taken.
ACTS = [
    NEXT, {"do": "step", "what": "last"}, {"do": "surprise"}, {"do": "language"},
    set_to("input", "cross"), set_to("view", "backward"), set_to("stride", "2"),
    {"do": "pick", "grid": "Z", "cell": "1,1,0"}, typed("x", "4"), {"do": "play"},
    {"do": "size", "what": "1,2"}, {"do": "open", "query": "op=max"},
]  # fmt: skip


@pytest.mark.parametrize("then", ACTS, ids=lambda act: "-".join(map(str, act.values())))
@pytest.mark.parametrize("wrong", [
    set_to("f", "99"), typed("x", "three"), typed("k", "1e9"), typed("x", "1", cell="9,9,0"),
], ids=["f", "input", "filter", "cell"])  # fmt: skip
def test_an_error_goes_when_its_cause_goes(wrong, then):
    visit = do(opened("lang=en"), wrong)
    assert said(visit)
    assert not said(do(visit, then))


@pytest.mark.parametrize("then", ACTS, ids=lambda act: "-".join(map(str, act.values())))
def test_the_problems_of_an_address_go_when_it_is_another(then):
    visit = do(Visit(), {"do": "open", "query": "f=ninety&stride=2&lang=en&x=<b>"})
    assert [problem.key for problem in visit.problems] == ["x", "f"]
    assert "f: expected a whole number from 1 to 7." in said(visit)
    assert "<b>" not in said(visit)
    assert visit.state == State(stride=2, lang="en")
    assert not said(do(visit, then))


def test_what_was_typed_stays_to_be_mended_until_something_else_is_taken():
    visit = do(opened("lang=en"), set_to("f", "99"))
    field = show(visit).message["fields"]["f"]
    assert (field["value"], field["error"]) == ("99", "f: expected a whole number from 1 to 7.")
    assert visit.state == opened("lang=en").state
    field = show(do(visit, NEXT)).message["fields"]["f"]
    assert (field["value"], field.get("error")) == ("3", None)


@pytest.mark.parametrize("key, value, message", [
    ("f", "99", "f: expected a whole number from 1 to 7."),
    ("f", "", "f: expected a whole number from 1 to 7."),
    ("stride", "1.5", "stride: expected a whole number from 1 to 5."),
    ("pad", "-1", "pad: expected a whole number from 0 to 3."),
    ("bias", "1e9", "b: expected a number between -999 and 999, such as 2 or -0.5."),
    ("size", "40", "Size: expected a whole number from 3 to 9."),
    ("f", "1", "The filter “Sobel x (vertical edges)” needs f ≥ 2."),
    ("op", "median", "“median” is not an option of Operation: expected conv, max, average."),
])  # fmt: skip
def test_a_bad_value_says_what_is_expected_and_nothing_moves(key, value, message):
    before = opened("lang=en&h=1&w=2")
    visit = do(before, set_to(key, value))
    assert show(visit).message["fields"][key]["error"] == message
    assert visit.state == before.state


# Guessing


@pytest.mark.parametrize("guess, right", [
    ("15", True), ("15.004", True), ("14.996", True), ("15.01", False), ("14.99", False),
    ("15.04", False), ("−15", False),
])  # fmt: skip
def test_a_guess_is_right_to_two_decimals(guess, right):
    visit = do(opened("guess=1&lang=en"), typed("guess", guess))
    assert visit.found == right
    assert ("Exactly!" in show(visit).sentence) == right
    assert ("?" in [c.text for row in show(visit).cells("Z-0") for c in row]) != right
    assert close(1 / 3, 0.33) and not close(1 / 3, 0.32)


def test_a_number_that_is_asked_for_is_nowhere_to_be_seen():
    shown = show(opened("guess=1&h=1&w=1&lang=en"))
    hidden = shown.grid("Z-0").ravel()[6:]
    assert len(hidden) and (hidden != hidden).all()  # NaN: what the loops have not made yet
    assert shown.text("number") == "?"
    assert shown.sentence.startswith("What is Z[0, 1, 1, 0]?")
    pooling = show(opened("op=max&f=2&guess=1&h=1&w=1"))
    assert not pooling.marked("read-0", "max_here")


@pytest.mark.slow
@pytest.mark.parametrize("query", [
    "view=backward&dz=random", "view=backward&dz=random&pad=1", "op=max&f=2&view=backward",
    "op=average&f=2&view=backward&stride=2", "op=max&f=3&channels=3&view=backward&dz=random",
])  # fmt: skip
def test_guessing_backwards_asks_for_an_entry_after_the_step(query):
    visit, changes = opened(query + "&guess=1&lang=en"), []
    for _ in range(min(visit.state.steps, 24)):
        hidden = show(visit)
        idents = [n.get("id") for n in hidden.scene.iter("table") if n.get("id").startswith("dA-")]
        asked = [(ident, cell.get("data-at")) for ident in idents
                 for row in hidden.cells(ident) for cell in row if cell.text == "?"]  # fmt: skip
        assert len(asked) == 1
        ((ident, at),) = asked
        assert not any(hidden.marked(i, "gets") for i in idents)
        # The rest is as the steps before have left it.
        if visit.state.step:
            back = show(do(visit, set_to("guess", ""), {"do": "step", "what": "back"}))
            left = [hidden.grid(i) - back.grid(i) for i in idents]
            assert not np.nan_to_num(left).any()
        # Whoever turns guessing off sees the number, and the number is the right answer.
        shown = show(do(visit, set_to("guess", "")))
        h, w = map(int, at.split(","))
        number = shown.grid(ident)[h, w]
        changes.append((h, w) in shown.marked(ident, "gets"))
        wrong = do(visit, typed("guess", str(number + 1)))
        assert not wrong.found and "It is not" in show(wrong).sentence
        right = do(wrong, typed("guess", str(number)))
        assert right.found and show(right).grid(ident)[h, w] == number
        visit = do(right, NEXT)
    assert True in changes  # neither answer goes without saying


def test_a_guess_is_for_one_number_alone():
    visit = do(opened("guess=1&lang=en"), typed("guess", "15"))
    assert visit.found and not do(visit, NEXT).found
    assert do(visit, {"do": "language"}).found  # the same number in another language
    assert "expected a number" in said(do(visit, typed("guess", "?")))


# Playing


def test_it_plays_to_the_end_and_starts_again_from_there():
    visit = do(opened("op=max&f=3&stride=4"), {"do": "play"})
    steps = [visit.state.step]
    while visit.playing:
        visit = tick(visit)
        steps.append(visit.state.step)
    assert steps == [0, 1, 2, 3, 3]
    again = do(visit, {"do": "play"})
    assert again.playing and again.state.step == 0
    assert not do(again, {"do": "play"}).playing
    assert not do(again, NEXT).playing
    assert do(again, set_to("dz", "random")).playing
    assert not do(opened("size=3&f=5"), {"do": "play"}).playing


# Gradients


def test_a_cell_of_a_gradient_opens_what_it_is_made_of():
    visit = do(opened("view=backward"), {"do": "pick", "grid": "dA", "cell": "2,3,0"})
    now = visit.state
    assert (now.view, now.of, now.row, now.column) == ("entry", "A", 2, 3)
    now = do(visit, {"do": "pick", "grid": "dW", "cell": "1,2,0"}).state
    assert (now.of, now.row, now.column) == ("W", 1, 2)
    assert do(visit, {"do": "pick", "grid": "db", "cell": "0,0,0"}).state.of == "b"
    assert do(visit, {"do": "pick", "grid": "Z", "cell": "4,4,0"}).state.h == 4


def test_a_size_of_the_table_is_taken():
    assert do(opened("view=sizes"), {"do": "size", "what": "2,3"}).state.pad == 2
    pooling = do(opened("op=max&view=sizes"), {"do": "size", "what": "0,3"}).state
    assert (pooling.stride, pooling.pad) == (3, 0)


# Forged messages


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)
WORDS = st.sampled_from(
    ["open", "set", "step", "play", "pick", "type", "size", "surprise", "language", "task", "try",
     "tell", "see", "x", "k", "guess", "Z", "dA", "dW", "db", "0,0,0", "-1,0,0", "9,9,9", "1",
     "view", "h", "next", "f", "", "lang"]
)  # fmt: skip
FORGED = JSON | st.fixed_dictionaries(
    {"do": WORDS | JSON},
    optional={
        key: WORDS | JSON for key in ("query", "key", "value", "what", "grid", "cell", "text")
    },
)


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(st.lists(FORGED, max_size=4))
def test_no_message_breaks_a_visit(messages):
    visit = opened("guess=1")
    for message in messages:
        visit = act(visit, message)
        assert show(visit).sentence


@pytest.mark.parametrize("message", [
    None, 5, [], {}, {"do": []}, {"do": "pick"}, {"do": "pick", "grid": "Z", "cell": [0, 0]},
    {"do": "pick", "grid": "Z", "cell": "0,0"}, {"do": "type"}, {"do": "open", "query": 5},
    {"do": "type", "grid": {}, "cell": "0,0,0", "text": "1"}, {"do": "set", "key": [], "value": 1},
    {"do": "step", "what": "over"}, {"do": "pick", "grid": "Z", "cell": "99,0,0"},
    {"do": "pick", "grid": "dA", "cell": "0,0,7"}, {"do": "task", "what": "7"}, {"do": "see"},
    {"do": "set", "key": "x", "value": {}}, {"do": "size", "what": "a,b"},
])  # fmt: skip
def test_what_is_no_act_changes_no_state(message):
    visit = opened("h=1&w=2")
    assert act(visit, message).state == visit.state

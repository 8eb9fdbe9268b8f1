"""The explorer without its page: addresses, numbers, the running line of the book's code."""

from dataclasses import replace

import numpy as np
import pytest
import running
from hypothesis import given, settings
from hypothesis import strategies as st
from independent import draw
from state import (
    CHOICES,
    WHOLE,
    Refused,
    State,
    change,
    edit,
    image,
    kernel,
    look,
    parse,
    serialize,
    upstream,
)
from view import picture, sentence
from words import EN, ES, explain

CHANGES = st.lists(
    st.one_of(
        st.sampled_from([(key, value) for key, values in CHOICES.items() for value in values]),
        st.sampled_from(
            [(key, n) for key, (low, high) in WHOLE.items() for n in range(low, min(high, 12) + 1)]
        ),
        st.tuples(st.just("bias"), st.floats(-999, 999, allow_nan=False)),
        st.tuples(st.just("bias"), st.sampled_from(["0,5", "−2", "1e2"])),
    ),
    max_size=12,
)
EDITS = st.lists(
    st.tuples(
        st.sampled_from("xk"),
        st.tuples(*[st.integers(0, 8)] * 3),
        st.floats(-99, 99, allow_nan=False),
    ),
    max_size=3,
)


def reached(changes, edits) -> State:
    """A state as a reader reaches it: one control, one cell after the other."""
    state = State()
    for key, value in changes:
        try:
            state = change(state, key, value)
        except Refused:
            continue
    for grid, cell, value in edits:
        try:
            state = edit(state, grid, cell, value)
        except Refused:
            continue
    return state


@given(CHANGES, EDITS)
def test_an_address_brings_back_the_state_it_was_made_from(changes, edits):
    state = reached(changes, edits)
    again, problems = parse(serialize(state))
    assert not problems
    assert serialize(again) == serialize(state)
    assert np.array_equal(image(again), image(state))
    if state.op == "conv":
        assert np.array_equal(kernel(again), kernel(state))
    shown = ("op", "view", "stride", "pad", "bias", "h", "w", "c", "dz", "ties", "lang", "theme")
    assert all(getattr(again, key) == getattr(state, key) for key in shown)


@settings(deadline=None)
@given(CHANGES, EDITS)
def test_every_state_has_a_picture_and_a_sentence(changes, edits):
    state = reached(changes, edits)
    assert "<table" in picture(state)
    assert sentence(state)


@given(
    st.text(max_size=60)
    | st.dictionaries(
        st.sampled_from([*CHOICES, *WHOLE, "bias", "x", "k", "nonsense"]), st.text(max_size=12)
    ).map(lambda query: "&".join(f"{key}={value}" for key, value in query.items()))
)
def test_no_address_breaks_it(query):
    state, problems = parse(query)
    look(state)
    for problem in problems:
        assert explain(problem, "es") and explain(problem, "en")


@pytest.mark.parametrize("query, key", [
    ("f=0", "f"), ("f=two", "f"), ("stride=1.5", "stride"), ("pad=-1", "pad"), ("bias=x", "bias"),
    ("op=median", "op"), ("input=own", "x"), ("filter=own", "k"), ("k=1,2;3", "k"),
    ("k=1,2", "k"), ("x=1,2;3", "x"), ("filtre=blur", "filtre"), ("h=7", "h"), ("c=1", "c"),
    ("filter=laplacian&f=2", "f"), ("x=1,nan", "x"), ("bias=1000000", "bias"),
])  # fmt: skip
def test_a_bad_value_is_named_and_the_rest_is_kept(query, key):
    state, problems = parse(f"{query}&view=backward")
    assert [problem.key for problem in problems] == [key]
    assert state.view == "backward"


def test_a_control_refuses_what_it_cannot_be():
    for key, value in (("f", None), ("f", "99"), ("stride", 0), ("bias", ""), ("op", "min")):
        with pytest.raises(Refused):
            change(State(), key, value)
    with pytest.raises(Refused):
        edit(State(), "x", (0, 0, 0), "three")
    with pytest.raises(Refused):
        edit(State(), "x", (9, 0, 0), "3")


def test_filters_are_the_ones_of_their_names():
    def matrix(name, f=3):
        return kernel(State(filter=name, f=f))[:, :, 0].tolist()

    assert matrix("sobel-x") == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert matrix("sobel-y") == [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    assert matrix("identity") == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert matrix("laplacian") == [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    assert matrix("sharpen") == [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
    assert np.allclose(matrix("blur", 2), 0.25)
    assert matrix("random") == matrix("random")
    assert matrix("random") != kernel(State(filter="random", seed=2))[:, :, 0].tolist()


def test_the_made_inputs_differ_and_so_do_their_channels():
    made = [image(State(input=name, channels=3)) for name in CHOICES["input"][:-1]]
    assert len({volume.tobytes() for volume in made}) == len(made)
    for volume in made:
        assert volume.shape == (7, 7, 3)
        assert (volume[:, :, 2] == volume[:, :, 0].max() - volume[:, :, 0]).all()


@pytest.mark.parametrize("number", range(60))
def test_numbers_are_those_of_an_independent_computation(number):
    case = draw(np.random.default_rng(number))
    state, problems = parse(case.query(view="backward", dz="random"))
    assert not problems
    seen = look(state)
    assert np.allclose(seen.Z, case.output())
    dA, dW, db = case.gradients(seen.dZ)
    assert np.allclose(seen.dA, dA)
    if case.op == "conv":
        assert np.allclose(seen.dW, dW)
        assert np.isclose(seen.db, db)
        assert np.isclose(seen.products.sum() + case.bias, seen.Z[case.h, case.w, 0])
    # One step's part is what that step adds to those before it.
    if state.step:
        before = look(state.at(state.step - 1))
        if state.dz != "one":
            assert np.allclose(before.dA + seen.dA_step, seen.dA)


def test_dz_of_one_cell_reaches_that_cell_alone():
    state = State(op="average", f=2, stride=2, dz="one", h=1, w=2, view="backward")
    assert upstream(state).sum() == upstream(state)[1, 2, 0] == 1
    assert look(state).dA.sum() == look(state).dA[2:4, 4:6].sum() == 1


def test_ties_receive_all_or_the_first_receives_it():
    state, _ = parse("op=max&f=2&x=1,1;1,1&view=backward")
    assert look(state).dA[:, :, 0].tolist() == [[1, 1], [1, 1]]
    state = replace(state, ties="first")
    assert look(state).dA[:, :, 0].tolist() == [[1, 0], [0, 0]]


@pytest.mark.parametrize("query", [
    "", "channels=3&stride=2&pad=1", "op=max&f=2", "op=average&f=2&channels=3",
    "view=backward&stride=2", "op=max&view=backward&f=2&stride=2&channels=3",
    "op=average&view=backward&f=3",
])  # fmt: skip
def test_the_marked_lines_ran_with_the_indices_of_the_step(query):
    state, _ = parse(query)
    for step in (0, state.steps // 2, state.steps - 1):
        now = state.at(step)
        ran, code = running.present(now), running.source(running.function_name(now))
        assert {key: ran.indices[key] for key in "ihwc"} == {
            "i": 0, "h": now.h, "w": now.w, "c": now.c,
        }  # fmt: skip
        assert ran.indices["vert_start"] == now.h * now.stride
        assert ran.indices["horiz_end"] == now.w * now.stride + now.f
        written = " ".join(code.lines[n] for n in ran.writes)
        arrays = {"conv_forward": "Z[", "pool_forward": "A[", "conv_backward": "db["}
        assert arrays.get(code.name, "da_slice_prev") in written
        assert ("np.mean" in written or "distribute" in written) == (state.op == "average")


def test_the_listing_leaves_the_docstring_out():
    for name in ("conv_forward", "pool_backward"):
        text = "\n".join(running.source(name).lines)
        assert text.startswith(f"def {name}(")
        assert '"""' not in text


def test_both_languages_say_the_same_things():
    assert ES.keys() == EN.keys()
    for key, words in ES.items():
        fields = {part.split("}")[0] for part in words.split("{")[1:]}
        assert fields == {part.split("}")[0] for part in EN[key].split("{")[1:]}, key

"""What can be chosen: the table of controls, the moves, the address."""

from dataclasses import fields, replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reached import CHANGES, EDITS, reached

from apps.explorer.address import parse, serialize
from apps.explorer.look import look
from apps.explorer.moves import change, edit, surprise
from apps.explorer.state import CONTROLS, FAULTS, FILTERS, PICTURES, VIEWS, State
from apps.explorer.volumes import image, kernel, upstream
from apps.shared.typed import LARGEST, Refused, explain, number
from apps.shared.words import words

# The address


@given(CHANGES, EDITS)
def test_an_address_brings_back_all_that_matters(changes, edits):
    state = reached(changes, edits)
    again, problems = parse(serialize(state))
    assert not problems
    assert serialize(again) == serialize(state)
    assert np.array_equal(image(again), image(state))
    if state.op == "conv":
        assert np.array_equal(kernel(again), kernel(state))
    for key, control in CONTROLS.items():
        if control.matters(state) and key not in ("size", "f", "x", "k", "input", "filter"):
            assert getattr(again, key) == getattr(state, key), key


@given(CHANGES, EDITS)
def test_what_has_no_effect_is_not_in_the_address(changes, edits):
    state = reached(changes, edits)
    said = dict(part.split("=", 1) for part in serialize(state).split("&") if part)
    assert all(CONTROLS[key].matters(state) for key in said)
    # What is said tells: without it, another address.
    assert all(getattr(state, key) != getattr(State(), key) for key in said if key not in "xk")


@pytest.mark.parametrize("state, query", [
    (State(op="max", pad=2, bias=3, filter="blur", dz="random", seed=4), "op=max"),
    (State(dz="one", ties="first"), ""),
    (State(view="sizes", h=1, filter="blur", bias=1, stride=2), "view=sizes&filter=blur&stride=2"),
    (State(view="backward", op="average", ties="first"), "op=average&view=backward"),
    (State(seed=7), ""),
    (State(filter="random", seed=7), "filter=random&seed=7"),
    (State(t=3, goal="blur"), ""),
    (State(view="learn", t=3, h=2, guess="1"), "view=learn&t=3"),
    (State(row=2, e=5), ""),
    (State(view="entry", row=2, h=3, e=5), "view=entry&row=2&e=5"),
    (State(view="entry", of="b", row=0), "view=entry&of=b"),
    (State(view="columns", guess="1"), "view=columns"),
])  # fmt: skip
def test_addresses_without_what_has_no_effect(state, query):
    assert serialize(state) == query


@pytest.mark.parametrize("query", [
    "op=max&f=2&stride=2&h=1&w=2", "channels=3&filter=random&seed=5&pad=1&bias=-1.5&h=2",
    "view=backward&dz=one&h=1&w=3", "x=1,2;3,4&k=1&h=1", "view=learn&goal=blur&rate=0.01&t=7",
    "view=entry&of=W&row=1&column=2&e=4&lang=en", "guess=1&w=1",
])  # fmt: skip
def test_old_addresses_keep_their_meaning(query):
    state, problems = parse(query)
    assert not problems
    assert dict(p.split("=") for p in serialize(state).split("&")) == dict(
        p.split("=") for p in query.split("&")
    )


@given(
    st.text(max_size=60)
    | st.dictionaries(st.sampled_from([*CONTROLS, "nonsense"]), st.text(max_size=12)).map(
        lambda query: "&".join(f"{key}={value}" for key, value in query.items())
    )
)
def test_no_address_breaks_it(query):
    state, problems = parse(query)
    look(state)
    for problem in problems:
        assert explain(problem, words("explorer", "es"))
        assert explain(problem, words("explorer", "en"))


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
    assert (state.h, state.c) == (0, 0)


# Moves


def test_a_control_refuses_what_it_cannot_be():
    for key, value in (("f", None), ("f", "99"), ("stride", 0), ("bias", ""), ("op", "min"),
                       ("nothing", "1"), ("f", "1"), ("x", ""), ("k", "1,2")):  # fmt: skip
        with pytest.raises(Refused):
            change(State(), key, value)
    with pytest.raises(Refused):
        edit(State(), "x", (0, 0, 0), "three")
    for cell in ((9, 0, 0), (-1, 0, 0), (0, 0, 1)):
        with pytest.raises(Refused):
            edit(State(), "x", cell, "3")


def test_a_number_is_read_as_people_type_it():
    assert [number("b", text) for text in ("2", " 2.5 ", "0,5", "−2", "+1", "1e2")] == [
        2, 2.5, 0.5, -2, 1, 100,
    ]  # fmt: skip
    for text in ("", "two", "1_000", "nan", "inf", f"{LARGEST + 1}", "1,2,3"):
        with pytest.raises(Refused):
            number("b", text)


@pytest.mark.parametrize("n, f, stride, pad, expected", [
    (7, 3, 1, 0, 5), (7, 3, 2, 0, 3), (6, 3, 2, 0, 2), (6, 3, 2, 1, 3), (7, 2, 2, 1, 4),
    (5, 4, 1, 3, 8), (4, 7, 1, 1, 0),
])  # fmt: skip
def test_the_outputs_size(n, f, stride, pad, expected):
    state = State(size=n, f=f, stride=stride, pad=pad, filter="blur")
    assert state.output_shape == (expected, expected)
    if expected:
        assert look(state).Z.shape == (expected, expected, 1)


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
    made = [image(State(input=name, channels=3)) for name in PICTURES]
    assert len({volume.tobytes() for volume in made}) == len(made)
    for volume in made:
        assert volume.shape == (7, 7, 3)
        assert (volume[:, :, 2] == volume[:, :, 0].max() - volume[:, :, 0]).all()


def test_own_numbers_follow_a_new_size():
    state = change(change(State(), "input", "own"), "size", 8)
    assert image(state).shape == (8, 8, 1)
    assert (image(state)[:7, :7] == image(State())).all() and image(state)[7].sum() == 0
    state = change(change(State(), "filter", "own"), "f", 2)
    assert kernel(state)[:, :, 0].tolist() == [[-1, 0], [-2, 0]]
    state = change(change(State(), "input", "own"), "channels", "3")
    assert (image(state) == image(State())).all()


def test_a_filter_too_small_for_its_name():
    with pytest.raises(Refused) as refused:
        change(State(), "f", 1)
    assert refused.value.problem[2:] == ("smallest", ("sobel-x", 2))
    pooling = change(change(State(), "op", "max"), "f", 1)
    assert change(pooling, "op", "conv").filter == "identity"
    sizes = change(change(State(), "view", "sizes"), "f", 1)
    assert change(sizes, "view", "forward").filter == "identity"
    learn = change(State(f=1, filter="blur"), "view", "learn")
    assert learn.goal == "identity"
    with pytest.raises(Refused):
        change(learn, "goal", "sobel-x")


def test_views_are_those_of_the_layer():
    assert State().views == VIEWS
    assert not {"columns", "learn"} & set(State(op="max").views)
    assert change(State(view="learn"), "op", "max").view == "forward"
    assert change(State(view="entry", of="W"), "op", "average").of == "A"


@pytest.mark.parametrize("seed", range(300))
def test_a_surprise_is_a_state_that_its_address_opens(seed):
    random = Random(seed)
    for view in VIEWS:
        drawn = surprise(State(view=view, lang="en"), random)
        again, problems = parse(serialize(drawn))
        assert not problems and serialize(again) == serialize(drawn)
        assert drawn.has_output and drawn.lang == "en" and 0 <= drawn.step < drawn.steps
        assert drawn.view == view or view in ("sizes", "mistake")


# Steps


@pytest.mark.parametrize("query, places", [
    ("op=max&channels=3&size=4", [(h, w, c) for h in (0, 1) for w in (0, 1) for c in (0, 1, 2)]),
    ("size=4&f=2&pad=1&stride=3", [(h, w, 0) for h in (0, 1) for w in (0, 1)]),
])  # fmt: skip
def test_steps_go_as_the_books_loops(query, places):
    state = parse(query)[0]
    assert [(s.h, s.w, s.c) for s in map(state.at, range(state.steps))] == places
    assert [state.at(n).step for n in range(state.steps)] == list(range(len(places)))
    assert state.at(-1).step == 0 and state.at(99).step == state.steps - 1


def test_steps_go_over_entries_and_over_lessons():
    state = parse("view=entry&of=W&f=2&channels=3")[0]
    assert state.steps == 12
    assert (state.at(7).row, state.at(7).column, state.at(7).channel) == (1, 0, 1)
    assert parse("view=entry&x=1,2,3;4,5,6&f=2&k=1,1;1,1")[0].steps == 6
    assert parse("view=entry&of=b")[0].steps == 1
    learn = parse("view=learn")[0]
    assert learn.at(5).t == 5 and learn.at(999).t == learn.steps - 1
    assert parse("view=sizes")[0].steps == 0
    assert parse("size=3&f=5")[0].steps == 0


@pytest.mark.parametrize("query, key, limits", [
    ("size=4", "f", (2, 4)), ("size=4&pad=1", "f", (2, 6)), ("op=max&size=4", "f", (1, 4)),
    ("size=9&pad=3&filter=laplacian", "f", (3, 7)), ("size=4&f=7", "pad", (2, 3)),
    ("f=5", "size", (5, 9)), ("f=5&pad=1", "size", (3, 9)), ("", "stride", (1, 5)),
    ("x=1,2;3,4&k=1", "f", (1, 2)),
])  # fmt: skip
def test_sliders_go_as_far_as_there_is_an_output(query, key, limits):
    state = parse(query)[0]
    assert state.limits(key) == limits
    if key != "f" or "filter" not in query:
        inside = [replace(state, **{key: n}).has_output for n in range(limits[0], limits[1] + 1)]
        assert all(inside)


def test_dz_of_one_cell_reaches_that_cell_alone():
    state = State(op="average", f=2, stride=2, dz="one", h=1, w=2, view="backward")
    assert upstream(state).sum() == upstream(state)[1, 2, 0] == 1
    assert look(state).sent.dA.sum() == look(state).sent.dA[2:4, 4:6].sum() == 1


def test_every_field_of_the_state_is_a_control():
    assert [field.name for field in fields(State)] == list(CONTROLS)
    for key, control in CONTROLS.items():
        default = getattr(State(), key)
        if control.kind in ("choice", "check"):
            assert str(default) in control.options, key
    assert CONTROLS["fault"].options[0] == FAULTS["conv"][0]
    for key, control in CONTROLS.items():
        default = getattr(State(), key)
        if control.kind == "whole":
            assert control.low <= default <= control.high, key
    assert set(FILTERS) < set(CONTROLS["filter"].options)

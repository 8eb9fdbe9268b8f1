"""The network's model: its weights are the chapter's, its arrays those of `cnnlayers`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.network import course as courses
from apps.network.address import change, draw, parse, serialize
from apps.network.course import Course, accuracy, backward_with, course, misread, trained
from apps.network.look import look
from apps.network.pictures import as_pixels, dots, examples, picture, written
from apps.network.state import CONTROLS, FAULTS, LAYERS, State
from apps.network.way import place, way
from apps.shared.typed import Refused, explain
from apps.shared.words import words
from cnnlayers import cross_entropy_backward, cross_entropy_forward
from cnnlayers.digits import network_backward, network_forward, network_parameters, train
from tools.make_weights import TRAINED, make


@pytest.mark.slow
def test_the_script_makes_the_file_again():
    made = make()
    assert set(made) == set(trained())
    for name, value in made.items():  # processors add up in different orders
        np.testing.assert_allclose(trained()[name], value, rtol=1e-6, atol=1e-7)


def test_the_network_is_as_good_as_the_chapters_first_one():
    assert TRAINED.stat().st_size < 300_000
    _, _, X, y = examples()
    assert accuracy(trained()) == 588 / 599
    assert len(misread()) == 11
    for n, answer in misread().items():
        Z, _ = network_forward(trained(), X[n : n + 1])
        assert Z.argmax() == answer != y[n]


# A course


def test_a_course_is_the_training_of_the_chapter():
    X, y, _, _ = examples()
    rng = np.random.default_rng(3)
    after, losses = train(network_parameters(rng), X, y, rng, epochs=2, learning_rate=0.1)
    run = Course("scratch", 0.1, 32, "", 3)
    run.go(2 * run.epoch, 60)
    assert run.t == len(losses) == 74 and run.losses == losses
    assert all(np.array_equal(run.parameters[name], after[name]) for name in after)
    assert run.tests[70] > 0.8 > run.tests[0]


def test_a_course_goes_back_and_comes_again_to_the_same_place():
    run = Course("trained", 0.03, 64, "", 0)
    run.go(40, 60)
    there = run.parameters
    run.go(7, 60)
    assert run.t == 7 and not np.array_equal(run.parameters["W1"], there["W1"])
    run.go(40, 60)
    assert all(np.array_equal(run.parameters[name], there[name]) for name in there)
    assert len(run.losses) == 40


def test_a_course_takes_the_time_it_is_given_and_one_step_at_least():
    run = Course("scratch", 0.03, 32, "", 0)
    run.go(100, 0)
    assert run.t == 1
    run.go(100, 0)
    assert run.t == 2


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mistake_changes_the_gradients_and_nothing_else_of_the_step(fault):
    X, y, _, _ = examples()
    parameters = network_parameters(np.random.default_rng(0))
    Z, caches = network_forward(parameters, X[:8])
    _, loss_cache = cross_entropy_forward(Z, y[:8])
    right = network_backward(cross_entropy_backward(loss_cache), caches)
    backward, loss_backward = backward_with(fault)
    wrong = backward(loss_backward(loss_cache), caches)
    assert {name: g.shape for name, g in wrong.items()} == {n: g.shape for n, g in right.items()}
    assert any(not np.allclose(wrong[name], right[name]) for name in right)


def test_a_mistake_of_the_slow_loops_sits_in_the_second_layer_alone():
    X, y, _, _ = examples()
    parameters = network_parameters(np.random.default_rng(0))
    Z, caches = network_forward(parameters, X[:4])
    dZ = cross_entropy_backward(cross_entropy_forward(Z, y[:4])[1])
    right, wrong = network_backward(dZ, caches), backward_with("backward-assign-dW")[0](dZ, caches)
    differ = {name for name in right if not np.allclose(right[name], wrong[name])}
    assert differ == {"W2"}


def test_a_mistake_that_breaks_the_training_stops_it():
    run = Course("scratch", 0.3, 32, "dense-sign", 0)
    run.go(300, 60)
    assert run.broken and run.t < 300
    taken = run.t
    run.go(300, 60)
    assert run.t == taken
    assert np.isfinite(run.parameters["b3"]).all() or run.broken


# What is looked at


def test_the_gradients_are_those_of_the_network():
    """The last layer's and the pixels': the first compared, the others nudged."""
    # Without blank paper, over which maxima tie.
    dots_drawn = np.random.default_rng(1).integers(1, 17, (8, 8))
    state = State(view="backward", x=as_pixels(dots_drawn), k="8")
    seen = look(state)
    X = picture(state)
    Z, caches = network_forward(trained(), X)
    J, loss_cache = cross_entropy_forward(Z, np.array([8]))
    assert seen.J == J and np.array_equal(seen.forward["Z3"].ravel(), Z.ravel())
    gradients = network_backward(cross_entropy_backward(loss_cache), caches)
    assert np.array_equal(seen.gradients["Z3"].ravel(), gradients["b3"].ravel())
    assert np.allclose(seen.gradients["Z2"].sum(axis=(0, 1)), gradients["b2"].ravel())
    assert np.allclose(seen.gradients["Z1"].sum(axis=(0, 1)), gradients["b1"].ravel())
    direction = np.random.default_rng(0).standard_normal(X.shape)
    higher, lower = (
        cross_entropy_forward(network_forward(trained(), X + e * direction)[0], loss_cache[1])[0]
        for e in (1e-7, -1e-7)
    )
    slope = np.sum(seen.gradients["X"] * direction[0])
    assert np.isclose((higher - lower) / 2e-7, slope, rtol=1e-3)


def test_a_class_asks_for_the_opposite_of_its_loss():
    loss = look(State(view="backward", k="4")).gradients
    raised = look(State(view="backward", k="4", of="class")).gradients
    assert all(np.array_equal(raised[name], -loss[name]) for name in loss)


@pytest.mark.parametrize("layer", [name for name in LAYERS if name not in ("X", "Z3", "P")])
def test_a_number_changes_with_the_pixels_it_is_made_from_alone(layer):
    rng = np.random.default_rng(0)
    X = rng.uniform(size=(1, 8, 8, 1))
    at = tuple(int(rng.integers(n)) for n in LAYERS[layer])
    region = way(layer, *at)["X"]

    def number(image):
        _, caches = network_forward(trained(), image)
        kept = {"Z1": caches[1], "A1": caches[2][0], "M1": caches[3][0], "Z2": caches[4]}
        kept |= {"A2": caches[5][0], "V": caches[7][0]}
        kept["M2"] = kept["V"].reshape(1, 2, 2, 64)
        return kept[layer].reshape(LAYERS[layer])[at]

    outside = X + rng.uniform(size=X.shape)
    outside[0, region.rows.start : region.rows.stop, region.columns.start : region.columns.stop] = (
        X[0, region.rows.start : region.rows.stop, region.columns.start : region.columns.stop]
    )
    assert number(outside) == pytest.approx(number(X), abs=1e-12)
    if layer[0] == "Z":  # every pixel of it counts
        for h in region.rows:
            for w in region.columns:
                nudged = X.copy()
                nudged[0, h, w] += 3
                assert number(nudged) != number(X), (h, w)


def test_the_vector_is_the_volume_in_its_order():
    seen = look(State())
    for h in (0, 5, 15):
        for w in (0, 7, 15):
            assert seen.forward["V"][h, w, 0] == seen.forward["M2"][place(h, w)]


# The address


@given(st.fixed_dictionaries({}, optional={
    key: st.sampled_from(control.options) if control.options
    else st.text("0123456789abcdefg", min_size=64, max_size=64) if control.kind == "pixels"
    else st.integers(control.low, min(control.high, 3)).map(str)
    for key, control in CONTROLS.items() if key != "t"
}))  # fmt: skip
def test_an_address_brings_back_all_that_matters(chosen):
    state = State()
    for key, value in chosen.items():
        state = change(state, key, value)
    again, problems = parse(serialize(state))
    assert not problems and serialize(again) == serialize(state)
    for key, control in CONTROLS.items():
        if control.matters(state):
            assert getattr(again, key) == getattr(state, key), key


@given(st.text(max_size=40) | st.dictionaries(
    st.sampled_from([*CONTROLS, "nonsense"]), st.text(max_size=9)
).map(lambda q: "&".join(f"{k}={v}" for k, v in q.items() if k != "t")))  # fmt: skip
def test_no_address_breaks_it(query):
    state, problems = parse(query)
    assert look(state).forward["P"].sum() == pytest.approx(1)
    for problem in problems:
        for lang in ("es", "en"):
            assert explain(problem, words("network", lang))


@pytest.mark.parametrize("query, key", [
    ("digit=599", "digit"), ("digit=one", "digit"), ("x=123", "x"), ("x=" + "h" * 64, "x"),
    ("layer=Q", "layer"), ("layer=M2&h=2", "h"), ("c=32", "c"), ("t=-1", "t"), ("rate=7", "rate"),
    ("fault=forward-relu", "fault"), ("j=3", "j"), ("k=10", "k"), ("nonsense=1", "nonsense"),
])  # fmt: skip
def test_a_bad_value_is_named_and_the_rest_is_kept(query, key):
    state, problems = parse(f"{query}&view=backward")
    assert [problem.key for problem in problems] == [key]
    assert state.view == "backward"


def test_a_drawing_is_the_readers_own_and_a_digit_is_none():
    drawn = draw(State(digit=7), {(0, 0): 16, (7, 7): 3})
    assert len(drawn.x) == 64 and written(drawn) is None and written(State(digit=7)) is not None
    assert dots(drawn)[0, 0] == 16 and dots(drawn)[7, 7] == 3
    assert parse(serialize(drawn))[0].x == drawn.x
    assert change(drawn, "digit", "8").x == ""
    for ink in ({(8, 0): 1}, {(0, 0): 17}, {(0, -1): 1}):
        with pytest.raises(Refused):
            draw(drawn, ink)


def test_another_course_starts_at_its_start():
    state = parse("view=train&start=scratch&t=5")[0]
    assert state.t == 5 and change(state, "layer", "A1").t == 5
    for key, value in (
        ("start", "trained"),
        ("rate", "0.1"),
        ("seed", "3"),
        ("fault", "dense-sign"),
    ):
        assert change(state, key, value).t == 0
    assert course(state) is not course(change(state, "seed", "3"))
    assert courses.MOMENTUM == 0.9

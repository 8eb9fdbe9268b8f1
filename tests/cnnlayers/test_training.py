"""Where weights start, and the step that changes them."""

import re

import numpy as np
import pytest

from cnnlayers import initialize, sgd_momentum


@pytest.mark.parametrize(("shape", "fan_in"), [((3, 3, 16, 40), 144), ((64, 200), 64)])
def test_weights_start_with_hes_variance(shape, fan_in):
    W = initialize(shape, np.random.default_rng(1))
    assert W.shape == shape and W.dtype == np.float64
    assert abs(W.mean()) < 0.05 * np.sqrt(2 / fan_in)
    assert W.std() == pytest.approx(np.sqrt(2 / fan_in), rel=0.05)


def test_signals_keep_their_size_through_layers():
    rng = np.random.default_rng(2)
    A = np.abs(rng.standard_normal((200, 300)))
    size = np.mean(A**2)
    for _ in range(10):
        A = np.maximum(A @ initialize((300, 300), rng), 0)
    assert 0.3 < np.mean(A**2) / size < 3


def test_weights_follow_from_the_generator_alone():
    first, again = (initialize((2, 2, 1, 3), np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first, again)
    rng = np.random.default_rng(3)
    assert not np.array_equal(initialize((4, 5), rng), initialize((4, 5), rng))


@pytest.mark.parametrize(
    ("shape", "rng", "error", "message"),
    [
        (5, np.random.default_rng(1), TypeError, "shape must be a tuple of ints, got the int 5."),
        (
            (5,),
            np.random.default_rng(1),
            ValueError,
            "shape must be that of weights, (f, f, n_C_prev, n_C) or (n_prev, n), "
            "got the tuple (5,).",
        ),
        ((3, 0), np.random.default_rng(1), ValueError, "shape[1] must be at least 1, got 0."),
        (
            (3, 4),
            1,
            TypeError,
            "rng must be a generator such as np.random.default_rng(1), got the int 1.",
        ),
    ],
)
def test_bad_input_of_initialize(shape, rng, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        initialize(shape, rng)


def arrays(*values):
    return {"W": np.array(values[:2]), "b": np.array(values[2:])}


def test_a_step_follows_its_formula():
    p, v = sgd_momentum(
        arrays(1.0, 2.0, 3.0), arrays(4.0, 0.0, -8.0), arrays(1.0, 2.0, 0.0), 0.5, 0.25
    )
    assert v["W"].tolist() == [0.25 * 1 - 0.5 * 4, 0.25 * 2] and v["b"].tolist() == [4]
    assert p["W"].tolist() == [1 - 1.75, 2.5] and p["b"].tolist() == [7]


def test_without_momentum_it_is_gradient_descent():
    p, v = sgd_momentum(
        arrays(1.0, 2.0, 3.0), arrays(4.0, 0.0, -8.0), arrays(9.0, 9.0, 9.0), 0.5, 0
    )
    assert p["W"].tolist() == [-1, 2] and v["b"].tolist() == [4]


def test_momentum_reaches_the_bottom_of_a_narrow_valley_sooner():
    def distance(momentum, steps=60):
        curvature = np.array([1.0, 50.0])
        p, v = {"x": np.array([1.0, 1.0])}, {"x": np.zeros(2)}
        for _ in range(steps):
            p, v = sgd_momentum(p, {"x": curvature * p["x"]}, v, 0.02, momentum)
        return np.linalg.norm(p["x"])

    assert distance(0.8) < 0.1 * distance(0)


def test_arguments_are_not_changed_and_results_are_new():
    given = [arrays(1.0, 2.0, 3.0), arrays(4.0, 5.0, 6.0), arrays(7.0, 8.0, 9.0)]
    before = [{k: x.copy() for k, x in d.items()} for d in given]
    for result in sgd_momentum(*given, 0.1, 0.9):
        for x in result.values():
            assert not any(np.shares_memory(x, y) for d in given for y in d.values())
            x[...] = 0
    for d, b in zip(given, before, strict=True):
        assert all(np.array_equal(d[k], b[k]) for k in d)


def test_dtypes():
    for dtype, kept in [("f4", "f4"), ("f8", "f8"), ("i8", "f8")]:
        p, v = sgd_momentum(*({"W": np.ones(2, dtype)} for _ in range(3)), np.float64(0.1), 0.9)
        assert p["W"].dtype == v["W"].dtype == np.dtype(kept)


P = {"W": np.ones(2), "b": np.ones(1)}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            ([1.0], P, P, 0.1, 0.9),
            TypeError,
            "parameters must be a dict of names and arrays, got the list [1.0].",
        ),
        (
            (P, {"W": np.ones(2)}, P, 0.1, 0.9),
            ValueError,
            "gradients must have the names of parameters, W, b, got W.",
        ),
        (
            (P, P, {**P, "c": np.ones(1)}, 0.1, 0.9),
            ValueError,
            "velocities must have the names of parameters, W, b, got W, b, c.",
        ),
        (
            (P, {**P, "b": np.ones((1, 1))}, P, 0.1, 0.9),
            ValueError,
            "gradients['b'] must have shape (1,), the shape of its parameter, got shape (1, 1).",
        ),
        (
            (P, {**P, "b": None}, P, 0.1, 0.9),
            TypeError,
            "gradients['b'] must be a NumPy array, got the NoneType None.",
        ),
        (
            (P, P, P, "0.1", 0.9),
            TypeError,
            "learning_rate must be a real number, got the str '0.1'.",
        ),
        ((P, P, P, 0, 0.9), ValueError, "learning_rate must be positive and finite, got 0.0."),
        (
            (P, P, P, np.inf, 0.9),
            ValueError,
            "learning_rate must be positive and finite, got inf.",
        ),
        (
            (P, P, P, 0.1, 1),
            ValueError,
            "momentum must be at least 0 and less than 1, got 1.0.",
        ),
        ((P, P, P, 0.1, True), TypeError, "momentum must be a real number, got the bool True."),
    ],
)
def test_bad_input_of_a_step(arguments, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        sgd_momentum(*arguments)

import re

import numpy as np
import pytest

from cnnlayers import GradientCheck, conv_backward, gradient_check

STEP = {"stride": 2, "pad": 1}
WINDOW = {"f": 2, "stride": 1}


@pytest.fixture
def inputs():
    rng = np.random.default_rng(5)
    return {
        "A_prev": rng.standard_normal((2, 4, 3, 2)),
        "W": rng.standard_normal((3, 3, 2, 2)),
        "b": rng.standard_normal((1, 1, 1, 2)),
    }


def conv(layers):
    return lambda A_prev, W, b: layers.conv_forward(A_prev, W, b, STEP)


def test_the_convolution_passes(layers, inputs):
    check = gradient_check(conv(layers), layers.conv_backward, inputs)
    assert check.ok
    assert check.error < 1e-8
    assert check.name in inputs
    np.testing.assert_allclose(check.analytic, check.numeric, rtol=1e-6)


@pytest.mark.parametrize("mode", ["max", "average"])
@pytest.mark.parametrize("ties", ["all", "first"])
def test_pooling_passes(layers, inputs, mode, ties):
    check = gradient_check(
        lambda A_prev: layers.pool_forward(A_prev, WINDOW, mode),
        lambda dA, cache: layers.pool_backward(dA, cache, mode, ties),
        {"A_prev": inputs["A_prev"]},
    )
    assert check.ok and check.name == "A_prev" and len(check.index) == 4


def test_the_worst_entry_is_told(layers, inputs):
    def wrong(dZ, cache):
        dA_prev, dW, db = layers.conv_backward(dZ, cache)
        dW[2, 1, 0, 1] += 0.25
        dA_prev[0, 0, 0, 0] += 1e-4
        return dA_prev, dW, db

    right = gradient_check(conv(layers), layers.conv_backward, inputs)
    check = gradient_check(conv(layers), wrong, inputs)
    assert right.ok and not check.ok
    assert (check.name, check.index) == ("W", (2, 1, 0, 1))
    assert check.analytic - check.numeric == pytest.approx(0.25, abs=1e-6)
    _, dW, _ = layers.conv_backward(
        np.random.default_rng(0).standard_normal((2, 2, 2, 2)),
        conv(layers)(**inputs)[1],
    )
    assert check.error == pytest.approx(0.25 / max(abs(dW).max(), abs(check.analytic)), rel=1e-6)


def test_gradients_at_the_wrong_place_are_found(layers, inputs):
    # With an upstream gradient of ones these would pass.
    def wrong(dA, cache):
        return layers.pool_backward(dA[:, ::-1], cache, "average")[:, ::-1][:, ::-1]

    check = gradient_check(
        lambda A_prev: layers.pool_forward(A_prev, WINDOW, "average"),
        wrong,
        {"A_prev": inputs["A_prev"]},
    )
    assert not check.ok and check.error > 0.1


def square(x):
    return x**2, x


def test_the_scale_of_the_gradients_does_not_matter():
    x = np.linspace(1, 2, 5)
    for scale in (1e-9, 1.0, 1e9):
        ok = gradient_check(
            lambda x, scale=scale: (scale * x**2, x),
            lambda dy, x, scale=scale: 2 * scale * x * dy,
            {"x": x},
        ).ok
        off = gradient_check(
            lambda x, scale=scale: (scale * x**2, x),
            lambda dy, x, scale=scale: 2.001 * scale * x * dy,
            {"x": x},
        )
        assert ok and not off.ok
        assert off.error == pytest.approx(0.001 / 2.001, rel=1e-3)


def test_values_of_the_check_are_those_of_the_derivative():
    check = gradient_check(square, lambda dy, x: 2 * x * dy, {"x": np.array([3.0])}, seed=4)
    dy = np.random.default_rng(4).standard_normal(1)[0]
    assert check.analytic == 6 * dy
    assert check.numeric == pytest.approx(6 * dy, rel=1e-8)
    assert (check.name, check.index) == ("x", (0,))
    assert check == GradientCheck(True, check.error, "x", (0,), check.analytic, check.numeric)


def test_seed_changes_the_upstream_gradient():
    def run(**seed):
        return gradient_check(square, lambda dy, x: 2 * x * dy, {"x": np.ones(1)}, **seed).analytic

    assert run() == run(seed=0) != run(seed=1)


def test_tolerance_is_the_largest_error_that_is_ok():
    def run(**tolerance):
        return gradient_check(square, lambda dy, x: 2.01 * x * dy, {"x": np.ones(2)}, **tolerance)

    error = run().error
    assert error == pytest.approx(0.01 / 2.01, rel=1e-4)
    assert not run().ok and not run(tolerance=error * 0.999).ok and run(tolerance=error).ok
    assert gradient_check(
        square, lambda dy, x: (2 + 1e-6) * x * dy, {"x": np.ones(1)}, tolerance=1e-6
    ).ok


def test_epsilon_is_how_far_entries_are_moved():
    seen = []

    def forward(x):
        seen.append(float(x[0]))
        return x, None

    gradient_check(forward, lambda dy, cache: dy, {"x": np.array([1.0])}, epsilon=0.25)
    assert seen == [1.0, 1.25, 0.75]
    seen.clear()
    gradient_check(forward, lambda dy, cache: dy, {"x": np.array([0.0])})
    assert seen == [0.0, 1e-6, -1e-6]


def test_a_central_difference_is_exact_for_a_square():
    check = gradient_check(
        square, lambda dy, x: 2 * x * dy, {"x": np.linspace(-1, 1, 7)}, epsilon=0.5
    )
    assert check.error < 1e-14


def test_gradients_that_are_not_finite_are_infinitely_wrong():
    for value in (np.nan, np.inf):

        def backward(dy, x, value=value):
            gradient = 2 * x * dy
            gradient[3] = value
            return gradient

        check = gradient_check(square, backward, {"x": np.ones(5)})
        assert not check.ok and check.error == np.inf and check.index == (3,)
    check = gradient_check(
        lambda x: (np.full(1, np.nan), None), lambda dy, _: np.ones(2), {"x": np.ones(2)}
    )
    assert not check.ok and check.error == np.inf


def test_gradients_of_zero_agree():
    check = gradient_check(
        lambda x: (np.ones(3), None), lambda dy, _: np.zeros(2), {"x": np.ones(2)}
    )
    assert check.ok and check.error == 0


def test_everything_is_computed_in_float64_and_nothing_changed(inputs):
    single = {name: x.astype(np.float32) for name, x in inputs.items()}
    kept = {name: x.copy() for name, x in single.items()}

    def forward(A_prev, W, b):
        assert A_prev.dtype == W.dtype == b.dtype == np.float64
        Z = np.array([A_prev.sum() + W.sum() + b.sum()])
        A_prev[...] = W[...] = b[...] = np.nan  # a forward pass that spoils its arguments
        return Z, [A_prev.shape, W.shape, b.shape]

    def backward(dZ, shapes):
        gradients = tuple(np.full(shape, dZ[0]) for shape in shapes)
        dZ[...] = np.nan
        return gradients

    assert gradient_check(forward, backward, single).ok
    assert all(np.array_equal(single[name], kept[name]) for name in kept)


def test_integers_are_welcome_as_inputs_and_scalars_as_outputs():
    check = gradient_check(
        lambda x: (np.sum(x * x), x), lambda dy, x: (2 * x * dy,), {"x": np.arange(4)}
    )
    assert check.ok


def test_outputs_of_unsigned_integers_do_not_wrap():
    check = gradient_check(
        lambda x: ((10 - x).astype(np.uint8), None),
        lambda dy, _: -dy,
        {"x": np.array([3.0])},
        epsilon=1.0,
    )
    assert check.ok


def test_names_need_not_be_those_of_the_parameters():
    check = gradient_check(square, lambda dy, x: 3 * x * dy, {"weights": np.ones(1)})
    assert check.name == "weights"


@pytest.mark.parametrize(
    ("error", "bad", "message"),
    [
        (TypeError, {"forward": None}, "forward must be a function, got the NoneType None."),
        (TypeError, {"backward": 3}, "backward must be a function, got the int 3."),
        (
            TypeError,
            {"inputs": [1]},
            "inputs must be a dict of names and arrays, got the list [1].",
        ),
        (
            TypeError,
            {"inputs": {"x": 1.0}},
            "inputs['x'] must be a NumPy array, got the float 1.0.",
        ),
        (
            TypeError,
            {"inputs": {"x": np.ones(1, complex)}},
            "inputs['x'] must hold floating numbers, integers or booleans, got dtype complex128.",
        ),
        (
            ValueError,
            {"inputs": {}},
            "inputs must hold arrays that are not empty, got shapes {}.",
        ),
        (
            ValueError,
            {"inputs": {"x": np.ones(1), "y": np.ones((0, 2))}},
            "inputs must hold arrays that are not empty, got shapes {'x': (1,), 'y': (0, 2)}.",
        ),
        (TypeError, {"epsilon": "1"}, "epsilon must be a real number, got the str '1'."),
        (TypeError, {"epsilon": True}, "epsilon must be a real number, got the bool True."),
        (ValueError, {"epsilon": 0}, "epsilon must be positive and finite, got 0."),
        (ValueError, {"epsilon": np.inf}, "epsilon must be positive and finite, got inf."),
        (ValueError, {"epsilon": np.nan}, "epsilon must be positive and finite, got nan."),
        (TypeError, {"tolerance": None}, "tolerance must be a real number, got the NoneType None."),
        (ValueError, {"tolerance": -1.0}, "tolerance must be positive and finite, got -1.0."),
        (TypeError, {"seed": 1.5}, "seed must be an int, got the float 1.5."),
        (ValueError, {"seed": -1}, "seed must be at least 0, got -1."),
        (
            TypeError,
            {"forward": lambda x: 2.0},
            "forward must return (output, cache), got the float 2.0.",
        ),
        (
            TypeError,
            {"forward": lambda x: (1, 2, 3)},
            "forward must return (output, cache), got the tuple (1, 2, 3).",
        ),
        (
            ValueError,
            {"backward": lambda dy, cache: (dy, dy)},
            "backward must return one gradient for each of x, got 2.",
        ),
        (
            ValueError,
            {"backward": lambda dy, cache: np.ones((2, 1))},
            "backward must return a gradient of shape (2,) for x, got shape (2, 1).",
        ),
    ],
)
def test_bad_input(error, bad, message):
    good = {
        "forward": square,
        "backward": lambda dy, x: 2 * x * dy,
        "inputs": {"x": np.ones(2)},
        "epsilon": np.float32(1e-3),
        "tolerance": 1,
        "seed": np.int64(1),
    }
    assert gradient_check(**good).ok
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        gradient_check(**(good | bad))


def test_too_few_gradients_are_told_with_the_names(inputs):
    message = "backward must return one gradient for each of A_prev, W, b, got 2."
    with pytest.raises(ValueError, match=re.escape(message)):
        gradient_check(
            lambda A_prev, W, b: (A_prev, None),
            lambda dZ, cache: (dZ, dZ),
            inputs,
        )


def test_a_pass_that_returns_an_empty_padding_is_found(inputs):
    """The exercise of the book: unpadding by [pad:-pad] at pad 0."""

    def wrong(dZ, cache):
        dA_prev, dW, db = conv_backward(dZ, cache)
        return dA_prev[:, 0:-0], dW, db

    from cnnlayers import conv_forward

    with pytest.raises(ValueError, match=r"shape \(2, 4, 3, 2\) for A_prev, got shape \(2, 0"):
        gradient_check(
            lambda A_prev, W, b: conv_forward(A_prev, W, b, {"stride": 1, "pad": 0}),
            wrong,
            inputs,
        )

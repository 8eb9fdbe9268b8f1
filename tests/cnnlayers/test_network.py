"""The layers beside convolution and pooling, and the loss: values, gradients, dtypes, errors."""

import re

import numpy as np
import pytest

import cnnlayers
from cnnlayers import (
    cross_entropy_backward,
    cross_entropy_forward,
    dense_backward,
    dense_forward,
    flatten_backward,
    flatten_forward,
    gradient_check,
    relu_backward,
    relu_forward,
    softmax,
)

DTYPES = [("f2", "f2"), ("f4", "f4"), ("f8", "f8"), ("g", "g"), ("i4", "f8"), ("?", "f8")]


@pytest.fixture
def rng():
    return np.random.default_rng(8)


# ReLU


def test_relu_lets_positive_numbers_through():
    Z = np.array([[-1.5, 0.0], [2.0, -0.0], [np.inf, -np.inf]])
    A, cache = relu_forward(Z)
    assert A.tolist() == [[0, 0], [2, 0], [np.inf, 0]]
    assert cache is Z


def test_relu_lets_the_gradient_through_where_the_number_went_through():
    Z, dA = np.array([-1.5, 0.0, 2.0, 3.0]), np.array([10.0, 20.0, -30.0, 0.0])
    assert relu_backward(dA, Z).tolist() == [0, 0, -30, 0]


def test_relu_keeps_infinite_gradients_where_they_belong():
    """As PyTorch does: 0 where the number was cut, not 0 · ∞; and NaN passes."""
    Z = np.array([-1.0, 0.0, 2.0, np.nan])
    dA = np.array([np.inf, np.nan, -np.inf, 5.0])
    assert relu_backward(dA, Z).tolist() == [0, 0, -np.inf, 5]
    assert np.isnan(relu_forward(Z)[0][3])


def test_relu_gradient(rng):
    Z = rng.standard_normal((2, 3, 4, 2))
    assert gradient_check(relu_forward, relu_backward, {"Z": Z}).ok


# Flattening


def test_flattening_keeps_the_order_in_memory_and_is_undone(rng):
    A_prev = rng.standard_normal((3, 2, 4, 5))
    A, cache = flatten_forward(A_prev)
    assert A.shape == (3, 40) and np.array_equal(A[1], A_prev[1].ravel())
    assert A[2, 5 * (4 * 1 + 3) + 4] == A_prev[2, 1, 3, 4]
    assert np.array_equal(flatten_backward(A, cache), A_prev)
    assert gradient_check(flatten_forward, flatten_backward, {"A_prev": A_prev}).ok


# Fully connected


def test_dense_adds_up_every_input_with_its_weight(rng):
    A_prev, W, b = (
        rng.standard_normal((3, 4)),
        rng.standard_normal((4, 5)),
        rng.standard_normal((1, 5)),
    )
    Z, cache = dense_forward(A_prev, W, b)
    assert Z.shape == (3, 5)
    for i, k in np.ndindex(Z.shape):
        one = sum(A_prev[i, p] * W[p, k] for p in range(4)) + b[0, k]
        assert Z[i, k] == pytest.approx(one, rel=1e-13)
    assert cache[0] is A_prev and cache[1] is W and cache[2] is b


def test_dense_gradients(rng):
    inputs = {
        "A_prev": rng.standard_normal((3, 4)),
        "W": rng.standard_normal((4, 5)),
        "b": rng.standard_normal((1, 5)),
    }
    assert gradient_check(dense_forward, dense_backward, inputs).ok


def test_dense_is_a_convolution_with_a_window_as_large_as_the_input(rng):
    A_prev, W = rng.standard_normal((2, 3, 3, 2)), rng.standard_normal((3, 3, 2, 4))
    b = rng.standard_normal((1, 1, 1, 4))
    Z, _ = cnnlayers.conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})
    flat, _ = flatten_forward(A_prev)
    dense, _ = dense_forward(flat, W.reshape(-1, 4), b.reshape(1, -1))
    np.testing.assert_allclose(dense, Z[:, 0, 0], rtol=1e-12, atol=1e-12)


def test_dense_of_an_empty_batch():
    W, b = np.ones((4, 5)), np.ones((1, 5))
    Z, cache = dense_forward(np.zeros((0, 4)), W, b)
    assert Z.shape == (0, 5)
    dA_prev, dW, db = dense_backward(Z, cache)
    assert dA_prev.shape == (0, 4) and not dW.any() and not db.any()


# Softmax and cross-entropy


def test_softmax_of_each_row_adds_up_to_one(rng):
    Z = rng.standard_normal((4, 3))
    P = softmax(Z)
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-15)
    np.testing.assert_allclose(P, np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True), rtol=1e-13)
    np.testing.assert_allclose(softmax(Z + np.array([[5], [-3], [0], [1]])), P, rtol=1e-13)


def test_softmax_does_not_overflow():
    with np.errstate(all="raise", under="ignore"):
        assert softmax(np.array([[1e4, 0.0], [-1e4, -1e4]])).tolist() == [[1, 0], [0.5, 0.5]]
        assert softmax(np.array([[3e4, 0.0]], np.float16)).tolist() == [[1, 0]]


def test_cross_entropy_is_the_mean_of_the_negative_logarithms(rng):
    Z, y = rng.standard_normal((4, 3)), np.array([2, 0, 0, 1])
    J, (P, kept) = cross_entropy_forward(Z, y)
    assert np.ndim(J) == 0
    assert J == pytest.approx(np.mean([-np.log(P[i, y[i]]) for i in range(4)]), rel=1e-13)
    assert np.array_equal(P, softmax(Z)) and kept is y


def test_cross_entropy_of_hopeless_scores_is_large_and_finite():
    with np.errstate(all="raise", under="ignore"):
        J, cache = cross_entropy_forward(np.array([[0.0, 2000.0], [0.0, 0.0]]), np.array([0, 1]))
    assert J == pytest.approx((2000 + np.log(2)) / 2)
    assert cross_entropy_backward(cache).tolist() == [[-0.5, 0.5], [0.25, -0.25]]


def test_cross_entropy_gradient(rng):
    y = np.array([2, 0, 0, 1, 3])
    check = gradient_check(
        lambda Z: cross_entropy_forward(Z, y),
        lambda dJ, cache: dJ * cross_entropy_backward(cache),
        {"Z": 3 * rng.standard_normal((5, 4))},
    )
    assert check.ok, check


def test_cross_entropy_leaves_its_cache_alone():
    _, cache = cross_entropy_forward(np.zeros((2, 3)), np.array([0, 2]))
    first = cross_entropy_backward(cache)
    assert np.array_equal(cross_entropy_backward(cache), first)


@pytest.mark.parametrize("dtype", ["u1", "i4", "i8"])
def test_labels_may_be_ints_of_any_size(dtype):
    y = np.array([2, 0], dtype)
    assert cross_entropy_forward(np.zeros((2, 3)), y)[0] == pytest.approx(np.log(3))


# What holds for all


def calls(dtype):
    """Call every function once with arrays of a dtype; give each array that comes out."""
    rows, volume = np.ones((2, 3)).astype(dtype), np.ones((2, 1, 3, 1)).astype(dtype)
    W, b, y = np.ones((3, 4)).astype(dtype), np.ones((1, 4)).astype(dtype), np.array([0, 2])
    yield "relu_forward", relu_forward(rows)[0]
    yield "relu_backward", relu_backward(rows, rows)
    A, cache = flatten_forward(volume)
    yield "flatten_forward", A
    yield "flatten_backward", flatten_backward(rows, cache)
    Z, dense_cache = dense_forward(rows, W, b)
    yield "dense_forward", Z
    for gradient in dense_backward(np.ones((2, 4)).astype(dtype), dense_cache):
        yield "dense_backward", gradient
    yield "softmax", softmax(rows)
    J, loss_cache = cross_entropy_forward(rows, y)
    yield "cross_entropy_forward", J
    yield "cross_entropy_backward", cross_entropy_backward(loss_cache)


@pytest.mark.parametrize(("given", "kept"), DTYPES)
def test_dtypes(given, kept):
    for name, result in calls(given):
        assert result.dtype == np.dtype(kept), name


def test_mixed_dtypes_promote_as_numpy_does():
    narrow, wide = np.ones((2, 3), "f4"), np.ones((2, 3))
    assert relu_backward(narrow, wide).dtype == relu_backward(wide, narrow).dtype == np.float64
    Z, cache = dense_forward(narrow, np.ones((3, 2)), np.ones((1, 2), "f4"))
    assert Z.dtype == np.float64 and dense_backward(Z, cache)[0].dtype == np.float64


def test_results_are_new_and_contiguous_and_arguments_unchanged(rng):
    F = np.asfortranarray
    rows, W, b = F(rng.standard_normal((4, 3))), F(rng.standard_normal((3, 5))), np.ones((1, 5))
    volume, y = F(rng.standard_normal((2, 3, 2, 2))), np.array([0, 2, 1, 1])
    dZ = F(rng.standard_normal((4, 5)))
    kept = [x.copy() for x in (rows, W, b, volume, y, dZ)]
    A, cache = flatten_forward(volume)
    _, dense_cache = dense_forward(rows, W, b)
    results = [
        relu_forward(rows)[0],
        relu_backward(rows, rows),
        A,
        flatten_backward(A, cache),
        dense_forward(rows, W, b)[0],
        *dense_backward(dZ, dense_cache),
        softmax(rows),
        cross_entropy_backward(cross_entropy_forward(rows, y)[1]),
    ]
    for k, result in enumerate(results):
        assert result.flags.c_contiguous and result.flags.writeable, k
        assert not any(np.shares_memory(result, x) for x in (rows, W, b, volume, dZ)), k
        result[...] = 0
    for x, before in zip((rows, W, b, volume, y, dZ), kept, strict=True):
        assert np.array_equal(x, before)


ROWS = np.ones((2, 3))
DENSE = (ROWS, np.ones((3, 4)), np.ones((1, 4)))
LOSS = (softmax(ROWS), np.array([0, 1]))
BAD = [
    (relu_forward, ([1.0],), TypeError, "Z must be a NumPy array, got the list [1.0]."),
    (
        relu_backward,
        (ROWS, (None,)),
        TypeError,
        "cache must be the array Z of relu_forward, got the tuple (None,).",
    ),
    (
        relu_backward,
        (ROWS, ROWS[:1]),
        ValueError,
        "dA must have shape (1, 3), the shape of the A that relu_forward returned with cache, "
        "got shape (2, 3).",
    ),
    (
        flatten_forward,
        (ROWS,),
        ValueError,
        "A_prev must have 4 axes, (m, n_H_prev, n_W_prev, n_C_prev), got shape (2, 3).",
    ),
    (
        flatten_backward,
        (ROWS, (2, 3)),
        ValueError,
        "cache must be the tuple (m, n_H_prev, n_W_prev, n_C_prev) that flatten_forward returned, "
        "got a tuple of 2.",
    ),
    (
        flatten_backward,
        (ROWS, (2, 1, 3, 2)),
        ValueError,
        "dA must have shape (2, 6), the shape of the A that flatten_forward returned with cache, "
        "got shape (2, 3).",
    ),
    (
        dense_forward,
        (np.ones((2, 3, 1, 1)), *DENSE[1:]),
        ValueError,
        "A_prev must have 2 axes, (m, n_prev), got shape (2, 3, 1, 1).",
    ),
    (
        dense_forward,
        (ROWS, np.ones((4, 3)), np.ones((1, 3))),
        ValueError,
        "W must have a row for each of the 3 columns of A_prev, shape (2, 3), got shape (4, 3).",
    ),
    (
        dense_forward,
        (ROWS, np.ones((3, 4)), np.ones(4)),
        ValueError,
        "b must have shape (1, 4), one bias for each column of W, shape (3, 4), got shape (4,).",
    ),
    (
        dense_backward,
        (np.ones((2, 3)), DENSE),
        ValueError,
        "dZ must have shape (2, 4), the shape of the Z that dense_forward returned with cache, "
        "got shape (2, 3).",
    ),
    (
        dense_backward,
        (np.ones((2, 4)), DENSE[:2]),
        ValueError,
        "cache must be the tuple (A_prev, W, b) that dense_forward returned, got a tuple of 2.",
    ),
    (softmax, (ROWS[0],), ValueError, "Z must have 2 axes, (m, n), got shape (3,)."),
    (
        cross_entropy_forward,
        (ROWS, [0, 1]),
        TypeError,
        "y must be a NumPy array, got the list [0, 1].",
    ),
    (
        cross_entropy_forward,
        (ROWS, np.array([0.0, 1.0])),
        TypeError,
        "y must hold ints, the class of each example, got dtype float64.",
    ),
    (
        cross_entropy_forward,
        (ROWS, np.eye(3, dtype=int)[:2]),
        ValueError,
        "y must have shape (2,), one class for each row of Z, shape (2, 3), got shape (2, 3).",
    ),
    (
        cross_entropy_forward,
        (ROWS, np.array([0, 3])),
        ValueError,
        "y must hold classes from 0 to 2, got y[1] = 3.",
    ),
    (
        cross_entropy_forward,
        (ROWS, np.array([-1, 0])),
        ValueError,
        "y must hold classes from 0 to 2, got y[0] = -1.",
    ),
    (
        cross_entropy_forward,
        (ROWS[:0], np.zeros(0, int)),
        ValueError,
        "Z must hold at least one example, got shape (0, 3).",
    ),
    (
        cross_entropy_backward,
        (LOSS[0],),
        TypeError,
        None,
    ),
    (
        cross_entropy_backward,
        (LOSS[:1],),
        ValueError,
        "cache must be the tuple (P, y) that cross_entropy_forward returned, got a tuple of 1.",
    ),
]


@pytest.mark.parametrize(
    ("function", "arguments", "error", "message"),
    BAD,
    ids=[f"{function.__name__}-{k}" for k, (function, *_) in enumerate(BAD)],
)
def test_bad_input(function, arguments, error, message):
    match = f"^{re.escape(message)}$" if message else "cache must be the tuple"
    with pytest.raises(error, match=match):
        function(*arguments)

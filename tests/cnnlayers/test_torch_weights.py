"""Weights in PyTorch's layout: the order of every axis, and of the inputs after flattening."""

import re

import numpy as np
import pytest

from cnnlayers import flatten_forward, weights_from_torch, weights_to_torch


@pytest.fixture
def rng():
    return np.random.default_rng(6)


def test_filters_come_out_with_their_axes_reversed_in_pairs(rng):
    W, b = rng.standard_normal((3, 3, 2, 4)), rng.standard_normal((1, 1, 1, 4))
    weight, bias = weights_to_torch(W, b)
    assert weight.shape == (4, 2, 3, 3) and bias.tolist() == b.ravel().tolist()
    for p, q, k, c in np.ndindex(W.shape):
        assert weight[c, k, p, q] == W[p, q, k, c]


def test_dense_weights_are_transposed(rng):
    W, b = rng.standard_normal((6, 4)), rng.standard_normal((1, 4))
    weight, bias = weights_to_torch(W, b)
    assert np.array_equal(weight, W.T) and np.array_equal(bias, b[0])


def test_after_flattening_the_inputs_are_reordered(rng):
    """PyTorch flattens (m, n_C, n_H, n_W): the product must not change."""
    n_H, n_W, n_C = 2, 3, 4
    A = rng.standard_normal((5, n_H, n_W, n_C))
    W, b = rng.standard_normal((n_H * n_W * n_C, 7)), rng.standard_normal((1, 7))
    ours, _ = flatten_forward(A)
    theirs = A.transpose(0, 3, 1, 2).reshape(5, -1)
    weight, bias = weights_to_torch(W, b, shape=(n_H, n_W, n_C))
    np.testing.assert_allclose(theirs @ weight.T + bias, ours @ W + b, rtol=1e-12, atol=1e-12)
    assert not np.allclose(theirs @ weights_to_torch(W, b)[0].T, ours @ W)


@pytest.mark.parametrize(
    ("shape", "flattened"), [((3, 3, 2, 4), None), ((6, 4), None), ((24, 7), (2, 3, 4))]
)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_there_and_back(rng, shape, flattened, dtype):
    W = rng.standard_normal(shape).astype(dtype)
    b = rng.standard_normal((1,) * (len(shape) - 1) + shape[-1:]).astype(dtype)
    weight, bias = weights_to_torch(W, b, flattened)
    W_back, b_back = weights_from_torch(weight, bias, flattened)
    for one, other in ((W, W_back), (b, b_back)):
        assert np.array_equal(one, other) and one.dtype == other.dtype == np.dtype(dtype)
        assert other.flags.c_contiguous and not np.shares_memory(one, other)
    assert weight.flags.c_contiguous and not np.shares_memory(weight, W)
    assert not np.shares_memory(bias, b)


def test_layers_of_pytorch_take_them(rng):
    torch = pytest.importorskip(
        "torch", reason="PyTorch is not installed; test_digits.py compares its record"
    )
    W, b = weights_from_torch(
        *(p.detach().numpy() for p in torch.nn.Linear(24, 7).parameters()), shape=(2, 3, 4)
    )
    assert W.shape == (24, 7) and b.shape == (1, 7)


W, B = np.ones((24, 7)), np.ones((1, 7))


@pytest.mark.parametrize(
    ("function", "arguments", "error", "message"),
    [
        (
            weights_to_torch,
            (np.ones(3), B),
            ValueError,
            "W must have the axes (f, f, n_C_prev, n_C) of a convolution or (n_prev, n) of a fully "
            "connected layer, got shape (3,).",
        ),
        (
            weights_to_torch,
            (W, np.ones(7)),
            ValueError,
            "b must have shape (1, 7), one bias for each output of W, shape (24, 7), "
            "got shape (7,).",
        ),
        (
            weights_to_torch,
            (W, B, (2, 3, 5)),
            ValueError,
            "shape must have the 24 entries that W reads, got (2, 3, 5).",
        ),
        (
            weights_to_torch,
            (np.ones((2, 2, 1, 7)), np.ones((1, 1, 1, 7)), (2, 2, 1)),
            ValueError,
            "shape must be None for a convolution, whose input is not flattened, got (2, 2, 1).",
        ),
        (
            weights_to_torch,
            (W, B, 24),
            TypeError,
            "shape must be None or a tuple (n_H, n_W, n_C), got the int 24.",
        ),
        (
            weights_from_torch,
            (np.ones(3), np.ones(3)),
            ValueError,
            "weight must have the axes (n_C, n_C_prev, f, f) of Conv2d or (n, n_prev) of Linear, "
            "got shape (3,).",
        ),
        (
            weights_from_torch,
            (W.T, B),
            ValueError,
            "bias must have shape (7,), one bias for each output of weight, shape (7, 24), "
            "got shape (1, 7).",
        ),
        (
            weights_from_torch,
            (W.T, B[0], (2, 3)),
            ValueError,
            "shape must be None or a tuple (n_H, n_W, n_C), got the tuple (2, 3).",
        ),
        (
            weights_from_torch,
            (None, B[0]),
            TypeError,
            "weight must be a NumPy array, got the NoneType None.",
        ),
    ],
)
def test_bad_input(function, arguments, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        function(*arguments)

"""Unfolding and folding: what the product behind a convolution stands on."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlayers import col2im, columns, conv_forward, im2col, loops

# m, n_H_prev, n_W_prev, n_C_prev, f, stride, pad: every size another, where it can be
SHAPES = [
    (2, 5, 7, 3, 3, 2, 1),
    (3, 4, 6, 2, 2, 1, 0),
    (1, 6, 4, 5, 1, 3, 2),
    (2, 7, 5, 1, 4, 3, 1),
]


def windows_one_by_one(X, f, stride, pad):
    """Every window of every example, in order, each as one row: written to be obviously right."""
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows = []
    for x in X_pad:
        for top in range(0, x.shape[0] - f + 1, stride):
            for left in range(0, x.shape[1] - f + 1, stride):
                rows.append(x[top : top + f, left : left + f].ravel())
    return np.array(rows)


@st.composite
def cases(draw):
    f, pad = draw(st.integers(1, 4)), draw(st.integers(0, 2))
    least = max(1, f - 2 * pad)
    n_H, n_W = least + draw(st.integers(0, 4)), least + draw(st.integers(0, 4))
    shape = draw(st.integers(0, 3)), n_H, n_W, draw(st.integers(1, 3))
    return shape, f, draw(st.integers(1, 4)), pad


@pytest.mark.parametrize("shape", SHAPES)
def test_each_window_is_a_row_in_the_order_of_the_outputs(shape):
    *volume, f, stride, pad = shape
    X = np.random.default_rng(1).standard_normal(volume)
    assert np.array_equal(im2col(X, f, stride, pad), windows_one_by_one(X, f, stride, pad))


def test_columns_are_in_the_order_of_the_filters_weights():
    rng = np.random.default_rng(2)
    X, W = rng.standard_normal((2, 5, 4, 3)), rng.standard_normal((3, 3, 3, 2))
    Z, _ = loops.conv_forward(X, W, np.zeros((1, 1, 1, 2)), {"stride": 2, "pad": 1})
    product = im2col(X, 3, 2, 1) @ W.reshape(-1, 2)
    np.testing.assert_allclose(product.reshape(Z.shape), Z, rtol=1e-13, atol=1e-13)


@given(cases())
def test_folding_is_the_adjoint_of_unfolding(case):
    shape, f, stride, pad = case
    rng = np.random.default_rng(3)
    X = rng.integers(-9, 10, shape).astype(float)  # whole numbers: sums are exact
    unfolded = im2col(X, f, stride, pad)
    C = rng.integers(-9, 10, unfolded.shape).astype(float)
    folded = col2im(C, shape, f, stride, pad)
    assert folded.shape == shape
    assert np.sum(unfolded * C) == np.sum(X * folded)


def test_folding_adds_up_where_windows_overlap():
    ones = np.ones((9, 4))
    assert col2im(ones, (1, 4, 4, 1), 2, 1, 0)[0, :, :, 0].tolist() == [
        [1, 2, 2, 1],
        [2, 4, 4, 2],
        [2, 4, 4, 2],
        [1, 2, 2, 1],
    ]
    X = np.random.default_rng(4).standard_normal((2, 6, 6, 2))
    there_and_back = col2im(im2col(X, 2, 2, 0), X.shape, 2, 2, 0)
    assert np.array_equal(there_and_back, X)  # an inverse only where nothing overlaps


def test_rows_that_no_window_reaches_stay_zero():
    folded = col2im(np.ones((4, 4)), (1, 5, 5, 1), 2, 2, 0)[0, :, :, 0]
    assert folded[:4, :4].all() and not folded[4].any() and not folded[:, 4].any()


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("f4", "f4"),
        ("f8", "f8"),
        ("f2", "f2"),
        ("g", "g"),
        ("i8", "f8"),
        ("?", "f8"),
        (">f4", "f4"),
    ],
)
def test_dtypes(given_, kept):
    unfolded = im2col(np.ones((1, 3, 3, 1), given_), 2, 1, 0)
    assert unfolded.dtype == np.dtype(kept)
    assert col2im(np.ones((4, 4), given_), (1, 3, 3, 1), 2, 1, 0).dtype == np.dtype(kept)


def test_results_are_new_and_contiguous_and_arguments_unchanged():
    X = np.asfortranarray(np.random.default_rng(5).standard_normal((2, 3, 3, 2)))
    before = X.copy()
    unfolded = im2col(X, 1, 1, 0)
    folded = col2im(unfolded, X.shape, 1, 1, 0)
    for result in (unfolded, folded):
        assert result.flags.c_contiguous and result.flags.owndata | (result.base is not None)
        assert not np.shares_memory(result, X)
        result[...] = 0
    assert np.array_equal(X, before)


def test_the_convolution_of_the_chapter_needs_no_more_than_a_product(monkeypatch):
    """The product replaces the two inner loops: nothing goes through the single step."""
    monkeypatch.setattr(loops, "conv_single_step", None)
    X, W, b = np.ones((2, 4, 4, 1)), np.ones((2, 2, 1, 3)), np.zeros((1, 1, 1, 3))
    Z, cache = columns.conv_forward(X, W, b, {"stride": 1, "pad": 0})
    assert Z.shape == (2, 3, 3, 3) and np.all(Z == 4)
    assert np.array_equal(columns.conv_backward(Z, cache)[2], Z.sum((0, 1, 2), keepdims=True))
    assert np.array_equal(conv_forward(X, W, b, {"stride": 1, "pad": 0})[0], Z)


X_GOOD = np.ones((2, 4, 5, 3))
C_GOOD = np.ones((2 * 3 * 4, 12))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"X": [1.0]}, TypeError, "X must be a NumPy array, got the list [1.0]."),
        (
            {"X": np.ones((4, 4))},
            ValueError,
            "X must have 4 axes, (m, n_H, n_W, n_C), got shape (4, 4).",
        ),
        ({"f": 2.0}, TypeError, "f must be an int, got the float 2.0."),
        ({"f": 0}, ValueError, "f must be at least 1, got 0."),
        ({"stride": 0}, ValueError, "stride must be at least 1, got 0."),
        ({"pad": -1}, ValueError, "pad must be at least 0, got -1."),
        (
            {"f": 5},
            ValueError,
            "f must give windows no larger than the input: f = 5 does not fit into X of shape "
            "(2, 4, 5, 3) with pad = 0.",
        ),
    ],
)
def test_bad_input_of_im2col(change, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        im2col(**({"X": X_GOOD, "f": 2, "stride": 1, "pad": 0} | change))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"columns": None}, TypeError, "columns must be a NumPy array, got the NoneType None."),
        (
            {"columns": C_GOOD[1:]},
            ValueError,
            "columns must have shape (24, 12), a row for each window and a column for each weight, "
            "got shape (23, 12).",
        ),
        ({"shape": 4}, TypeError, "shape must be a tuple (m, n_H, n_W, n_C), got the int 4."),
        (
            {"shape": (4, 5, 3)},
            ValueError,
            "shape must be a tuple (m, n_H, n_W, n_C), got the tuple (4, 5, 3).",
        ),
        ({"shape": (2, 4, 0, 3)}, ValueError, "shape[2] must be at least 1, got 0."),
        (
            {"f": 5},
            ValueError,
            "f must give windows no larger than the input: f = 5 does not fit into shape "
            "(2, 4, 5, 3) with pad = 0.",
        ),
    ],
)
def test_bad_input_of_col2im(change, error, message):
    good = {"columns": C_GOOD, "shape": X_GOOD.shape, "f": 2, "stride": 1, "pad": 0}
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        col2im(**(good | change))

"""Groups of outputs: how many, and when not."""

import numpy as np
import pytest

from cnnlayers import _grouping, _im2col
from tests.cnnlayers.helpers import assert_same, draw, layer


@pytest.mark.usefixtures("small_groups")
@pytest.mark.parametrize(
    ("n_C", "f", "stride", "width", "k"),
    [
        (3, 5, 1, 12, 8),
        (7, 5, 1, 12, 4),  # 48 numbers at most
        (16, 5, 1, 12, 2),
        (3, 5, 2, 12, 4),
        (3, 4, 4, 12, 1),  # no overlap: nothing to save
        (40, 5, 1, 12, 1),  # enough filters
        (3, 5, 1, 14, 5),  # no more than 9 together, and n_W = 10 of them
        (3, 5, 1, 17, 1),  # n_W = 13
        (1, 5, 1, 6, 2),  # n_W = 2
    ],
)
def test_how_many_outputs_are_computed_as_one(n_C, f, stride, width, k):
    A_prev, W, b = layer((2, 12, width, 2), n_C, f)
    assert _grouping.group_size(A_prev, W, stride, 0) == k
    assert (_grouping.forward(A_prev, W, b, stride, 0) is None) == (k == 1)


def test_little_work_is_not_worth_a_group():
    A_prev, W, _ = layer((1, 12, 12, 2), 3, 5)
    batch = _grouping.LARGE // (8 * 8 * W.size)
    assert _grouping.group_size(np.repeat(A_prev, batch, axis=0), W, 1, 0) == 1
    assert _grouping.group_size(np.repeat(A_prev, batch + 1, axis=0), W, 1, 0) == 8


@pytest.mark.usefixtures("small_groups")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_zeros_of_the_wide_filters_must_not_meet_what_is_not_finite(value):
    A_prev, W, b = layer((2, 12, 12, 2), 3, 5)
    (dZ,) = draw(2, (2, 8, 8, 3))
    assert _grouping.forward(A_prev, W, b, 1, 0) is not None
    assert _grouping.backward(dZ, A_prev, W, 1, 0) is not None
    A_prev[1, 2, 3, 1] = value
    assert _grouping.forward(A_prev, W, b, 1, 0) is None
    assert _grouping.backward(dZ, A_prev, W, 1, 0) is not None  # A_prev meets dZ alone
    A_prev[1, 2, 3, 1], dZ[1, 2, 3, 1] = 0, value
    assert _grouping.backward(dZ, A_prev, W, 1, 0) is None


@pytest.mark.parametrize(("stride", "k"), [(1, 3), (2, 2), (3, 2)])
def test_a_group_is_one_output_of_a_convolution_with_wide_filters(stride, k):
    A_prev, W, b = layer((2, 9, 3 + (2 * k - 1) * stride, 2), 4, 3)
    Z = _im2col.forward(A_prev, W, b, stride, 1 - 1)
    wide = _grouping.widen(W, stride, k)
    assert wide.shape == (3, 3 + (k - 1) * stride, 2, k, 4)
    grouped = _im2col.forward(
        A_prev, wide.reshape(*wide.shape[:3], -1), np.tile(b, k), stride, 0, across=k * stride
    )
    assert_same([grouped.reshape(Z.shape)], [Z])

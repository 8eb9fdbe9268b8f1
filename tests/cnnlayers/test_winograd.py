"""Winograd's convolution: as exact as documented, and left to another way where it is not."""

import numpy as np
import pytest

from cnnlayers import _blocks, _winograd, fast, loops
from tests.cnnlayers.helpers import assert_same, draw, layer

SAME = {"stride": 1, "pad": 1}


@pytest.mark.parametrize(
    ("shape", "n_C", "f", "stride", "pad", "pays"),
    [
        ((1, 6, 6, 16), 16, 3, 1, 1, True),
        ((1, 4, 4, 16), 16, 3, 1, 2, True),
        ((1, 8, 8, 16), 16, 3, 1, 0, True),
        ((1, 6, 6, 16), 16, 3, 1, 3, False),
        ((1, 5, 6, 16), 16, 3, 1, 1, False),  # fewer than 6 outputs down
        ((1, 6, 5, 16), 16, 3, 1, 1, False),  # or across
        ((1, 6, 6, 15), 16, 3, 1, 1, False),
        ((1, 6, 6, 16), 15, 3, 1, 1, False),
        ((1, 9, 9, 16), 16, 3, 2, 1, False),
        ((1, 9, 9, 16), 16, 2, 1, 1, False),
        ((1, 9, 9, 16), 16, 5, 1, 1, False),
    ],
)
def test_where_it_pays(shape, n_C, f, stride, pad, pays):
    A_prev, W, b = layer(shape, n_C, f)
    assert (_winograd.forward(A_prev, W, b, stride, pad) is not None) == pays
    n_H, n_W = ((n + 2 * pad - f) // stride + 1 for n in shape[1:3])
    (dZ,) = draw(2, (1, n_H, n_W, n_C))
    assert (_winograd.backward(dZ, A_prev, W, stride, pad) is not None) == pays


@pytest.mark.skipif(
    np.dtype(np.longdouble).itemsize == 8, reason="here np.longdouble is no longer than float64"
)
def test_fractions_in_float64_are_too_coarse_for_longdouble():
    A_prev, W, b = layer((1, 8, 8, 16), 16, 3, np.longdouble)
    assert _winograd.forward(A_prev, W, b, 1, 1) is None


def test_it_does_not_overflow_where_the_product_does_not():
    A_prev, W, b = layer((1, 8, 8, 16), 16, 3, np.float32)
    A_prev *= np.float32(1e37)
    W *= np.float32(0.01)
    with np.errstate(over="ignore", invalid="ignore"):
        Z, _ = fast.conv_forward(A_prev, W, b, SAME)
    right, _ = fast.conv_forward(*(x.astype(np.float64) for x in (A_prev, W, b)), SAME)
    np.testing.assert_allclose(Z, right, rtol=0, atol=1e-5 * np.abs(right).max())


def test_it_is_as_exact_in_float32_as_documented():
    A_prev, W, b = layer((2, 32, 32, 64), 64, 3, np.float32)
    Z, cache = fast.conv_forward(A_prev, W, b, SAME)
    right, right_cache = fast.conv_forward(*(x.astype(np.float64) for x in (A_prev, W, b)), SAME)
    assert np.abs(Z - right).max() <= 2e-5 * np.abs(right).max()
    (dZ,) = draw(2, Z.shape, dtype=np.float32)
    gradients = fast.conv_backward(dZ, cache)
    for result, right in zip(gradients, fast.conv_backward(dZ, right_cache), strict=True):
        assert np.abs(result - right).max() <= 2e-5 * np.abs(right).max()


@pytest.mark.parametrize("place", [(0, 0, 0, 0), (1, 4, 3, 7), (2, 7, 7, 15)])
def test_one_nan_in_any_block_stays_in_its_windows(place, monkeypatch):
    monkeypatch.setattr(_blocks, "BLOCK", 1000)
    A_prev, W, b = layer((3, 8, 8, 16), 16, 3)
    A_prev[place] = np.nan
    assert_same(
        fast.conv_forward(A_prev, W, b, SAME)[:1], loops.conv_forward(A_prev, W, b, SAME)[:1]
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["A_prev", "W", "dZ"])
def test_it_says_when_it_is_not_finite(value, where):
    A_prev, W, b = layer((2, 8, 9, 16), 16, 3)
    (dZ,) = draw(2, (2, 8, 9, 16))
    {"A_prev": A_prev, "W": W, "dZ": dZ}[where][0, 1, 2, 3] = value
    with np.errstate(invalid="ignore"):
        assert (_winograd.forward(A_prev, W, b, 1, 1) is None) == (where != "dZ")
        assert _winograd.backward(dZ, A_prev, W, 1, 1) is None

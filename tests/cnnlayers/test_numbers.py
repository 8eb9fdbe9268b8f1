"""The numbers that the book prints, to the last digit it prints."""

import numpy as np
import pytest

from cnnlayers import loops


def draw(*shapes):
    """Draw arrays one after the other from the stream that the book starts with seed 1."""
    stream = np.random.RandomState(1)  # the legacy stream, which np.random.seed(1) starts
    return tuple(stream.randn(*shape) for shape in shapes)


def assert_prints(array, expected):
    """Compare at the eight decimals that NumPy prints."""
    assert np.array_equal(np.round(array, 8), np.array(expected))


def assert_mean(layers, array, expected):
    """Compare all digits; the fast layers add in another order, which moves the last ones."""
    assert np.mean(array) == pytest.approx(expected, rel=0 if layers is loops else 1e-13, abs=0)


def test_zero_pad(layers):
    (x,) = draw((4, 3, 3, 2))
    x_pad = layers.zero_pad(x, 3)
    assert x_pad.shape == (4, 9, 9, 2)
    assert np.array_equal(x_pad[:, 3:6, 3:6], x)
    assert np.array_equal(x_pad[1, 1], np.zeros((9, 2)))


def test_conv_single_step(layers):
    _, a_slice_prev, W, b = draw((4, 3, 3, 2), (4, 4, 3), (4, 4, 3), (1, 1, 1))
    assert layers.conv_single_step(a_slice_prev, W, b) == 0.35608282827551285


def test_conv_forward(layers):
    A_prev, W, b = draw((2, 5, 7, 4), (3, 3, 4, 8), (1, 1, 1, 8))
    Z, cache = layers.conv_forward(A_prev, W, b, {"pad": 1, "stride": 2})
    assert_mean(layers, Z, 0.5511276474566768)
    assert_prints(
        Z[0, 2, 1],
        np.array(
            [
                [-2.17796037, 8.07171329, -0.5772704, 3.36286738],
                [4.48113645, -2.89198428, 10.99288867, 3.03171932],
            ]
        ).ravel(),
    )
    assert_prints(cache[0][1][2][3], [-1.1191154, 1.9560789, -0.3264995, -1.34267579])


def test_pool_forward_stride_1(layers):
    (A_prev,) = draw((2, 5, 5, 3))
    A, _ = layers.pool_forward(A_prev, {"f": 3, "stride": 1})
    assert A.shape == (2, 3, 3, 3)
    assert_prints(
        A[1, 1],
        [
            [1.96710175, 0.84616065, 1.27375593],
            [1.96710175, 0.84616065, 1.23616403],
            [1.62765075, 1.12141771, 1.2245077],
        ],
    )
    A, _ = layers.pool_forward(A_prev, {"f": 3, "stride": 1}, mode="average")
    assert A.shape == (2, 3, 3, 3)
    assert_prints(
        A[1, 1],
        [
            [0.44497696, -0.00261695, -0.31040307],
            [0.50811474, -0.23493734, -0.23961183],
            [0.11872677, 0.17255229, -0.22112197],
        ],
    )


def test_pool_forward_stride_2(layers):
    (A_prev,) = draw((2, 5, 5, 3))
    A, _ = layers.pool_forward(A_prev, {"f": 3, "stride": 2})
    assert A.shape == (2, 2, 2, 3)
    assert_prints(
        A[0],
        [
            [[1.74481176, 0.90159072, 1.65980218], [1.74481176, 1.6924546, 1.65980218]],
            [[1.13162939, 1.51981682, 2.18557541], [1.13162939, 1.6924546, 2.18557541]],
        ],
    )
    A, _ = layers.pool_forward(A_prev, {"f": 3, "stride": 2}, mode="average")
    assert A.shape == (2, 2, 2, 3)
    assert_prints(
        A[1],
        [
            [[-0.17313416, 0.32377198, -0.34317572], [0.02030094, 0.14141479, -0.01231585]],
            [[0.42944926, 0.08446996, -0.27290905], [0.15077452, 0.28911175, 0.00123239]],
        ],
    )


def test_conv_backward(layers):
    A_prev, W, b = draw((10, 4, 4, 3), (2, 2, 3, 8), (1, 1, 1, 8))
    Z, cache = layers.conv_forward(A_prev, W, b, {"pad": 2, "stride": 2})
    dA_prev, dW, db = layers.conv_backward(Z, cache)
    assert_mean(layers, dA_prev, 1.4524377775388075)
    assert_mean(layers, dW, 1.7269914583139097)
    assert_mean(layers, db, 7.839232564616838)


def test_create_mask_from_window(layers):
    mask = layers.create_mask_from_window(np.array([[1, 3], [4, 2]]))
    assert np.array_equal(mask, [[False, False], [True, False]])
    (x,) = draw((2, 3))
    mask = layers.create_mask_from_window(x)
    assert mask.dtype == bool
    assert np.array_equal(mask, [[True, False, False], [False, False, False]])


def test_distribute_value(layers):
    assert np.array_equal(layers.distribute_value(1, (2, 2)), np.full((2, 2), 0.25))
    assert np.array_equal(layers.distribute_value(2, (2, 2)), np.full((2, 2), 0.5))


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("max", [[0, 0], [5.05844394, -1.68282702], [0, 0]]),
        (
            "average",
            [[0.08485462, 0.2787552], [1.26461098, -0.25749373], [1.17975636, -0.53624893]],
        ),
    ],
)
def test_pool_backward(layers, mode, expected):
    A_prev, dA = draw((5, 5, 3, 2), (5, 4, 2, 2))
    assert np.mean(dA) == 0.14571390272918056
    _, cache = layers.pool_forward(A_prev, {"f": 2, "stride": 1}, mode=mode)
    assert_prints(layers.pool_backward(dA, cache, mode=mode)[1, 1], expected)

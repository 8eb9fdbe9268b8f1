"""What only the fast pooling could get wrong: it works on bits, and along one axis at a time."""

import numpy as np
import pytest

from cnnlayers import fast, loops
from tests.cnnlayers.helpers import assert_same, draw


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("ties", ["all", "first"])
def test_nan_receive_the_gradient_in_every_block(ties):
    A_prev = np.round(draw(1, (3, 9, 8, 2))[0])
    A_prev[draw(2, A_prev.shape)[0] > 1] = np.nan
    A, cache = fast.pool_forward(A_prev, {"f": 3, "stride": 2})
    dA = draw(3, A.shape)[0]
    dA.flat[::7] = np.inf
    dA_prev = fast.pool_backward(dA, cache, ties=ties)
    assert_same([dA_prev], [loops.pool_backward(dA, cache, ties=ties)])


def test_gradients_that_are_not_kept_are_plain_zeros():
    A_prev = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)
    A, cache = fast.pool_forward(A_prev, {"f": 2, "stride": 2})
    dA_prev = fast.pool_backward(-np.ones_like(A), cache)
    assert not np.signbit(dA_prev[dA_prev == 0]).any()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "longdouble"])
def test_gradients_of_any_value_and_dtype_reach_the_maximum(dtype):
    rng = np.random.default_rng(1)
    A_prev = rng.permutation(72).reshape(1, 6, 6, 2).astype(dtype)
    values = [-0.0, np.inf, -np.inf, 1e-7, np.nan, 3, 0, -1, 2]
    dA = np.array([*values, *reversed(values)]).reshape(1, 3, 3, 2)
    cache = A_prev, {"f": 2, "stride": 2}
    dA_prev = fast.pool_backward(dA.astype(dtype), cache)
    expected = loops.pool_backward(dA.astype(dtype), cache)
    assert dA_prev.dtype == expected.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(dA_prev, expected)

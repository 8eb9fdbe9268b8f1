"""Arrays that look contiguous but are views: along an axis of length 1 any stride will do."""

import numpy as np
import pytest

from cnnlayers import conv_backward, conv_forward, loops


@pytest.mark.parametrize("pad", [0, 1])
def test_axes_added_by_indexing(pad: int) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5, 5))[None, :, :, None]
    W = rng.normal(size=(3, 3))[:, :, None, None]
    assert X.flags.c_contiguous and X.strides[-1] != X.itemsize, "the view this test is about"
    b, hparameters = np.ones((1, 1, 1, 1)), {"stride": 1, "pad": pad}

    Z, cache = conv_forward(X, W, b, hparameters)
    expected_Z, expected_cache = loops.conv_forward(X, W, b, hparameters)
    np.testing.assert_allclose(Z, expected_Z, rtol=1e-12, atol=1e-12)

    dZ = rng.normal(size=Z.shape)
    for gradient, expected in zip(
        conv_backward(dZ, cache), loops.conv_backward(dZ, expected_cache), strict=True
    ):
        np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-12)

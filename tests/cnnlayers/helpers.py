"""What several of the tests draw and compare."""

import numpy as np


def draw(seed, *shapes, dtype=np.float64):
    """Draw arrays of these shapes."""
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def layer(shape, n_C, f, dtype=np.float64):
    """Draw A_prev of this shape, W and b."""
    return draw(1, shape, (f, f, shape[3], n_C), (1, 1, 1, n_C), dtype=dtype)


def assert_same(results, expected, tolerance=1e-12):
    """Compare arrays, relative to the largest entry: sums may be in another order."""
    for result, right in zip(results, expected, strict=True):
        assert result.shape == right.shape
        assert result.dtype == right.dtype
        assert result.flags.c_contiguous
        scale = np.abs(right[np.isfinite(right)]).max(initial=1)
        np.testing.assert_allclose(result, right, rtol=0, atol=tolerance * scale)

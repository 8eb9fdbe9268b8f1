"""Whatever way a shape is computed, the answer is that of the loops."""

import itertools
import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from cnnlayers import _grouping, _im2col, _pointwise, _winograd, _workers, fast, loops
from tests.cnnlayers.helpers import assert_same, draw, layer

# name, (m, n_H_prev, n_W_prev, n_C_prev), n_C, f, stride, pad, the way that is taken
CONVOLUTIONS = [
    ("one pixel", (1, 1, 1, 1), 1, 1, 1, 0, _pointwise),
    ("1 × 1", (3, 7, 5, 6), 4, 1, 1, 0, _pointwise),
    ("1 × 1 with stride", (3, 7, 5, 6), 4, 1, 2, 0, _im2col),
    ("1 × 1 with padding", (3, 4, 5, 6), 4, 1, 1, 1, _im2col),
    ("few filters", (3, 12, 12, 2), 3, 5, 1, 0, _grouping),
    ("few filters, stride 2", (3, 13, 13, 2), 3, 3, 2, 0, _grouping),
    ("few filters, padding", (3, 12, 13, 2), 3, 4, 2, 1, _grouping),
    ("prime width", (3, 9, 13, 2), 3, 3, 1, 1, _im2col),
    ("many filters", (3, 7, 6, 2), 40, 3, 2, 1, _im2col),
    ("stride over f", (3, 11, 12, 2), 3, 2, 4, 1, _im2col),
    ("padding over f", (3, 3, 3, 2), 3, 2, 1, 5, _grouping),
    ("rows dropped", (3, 8, 9, 2), 3, 3, 3, 0, _im2col),
    ("Winograd", (3, 8, 8, 16), 17, 3, 1, 1, _winograd),
    ("Winograd, odd sizes", (3, 9, 11, 17), 16, 3, 1, 0, _winograd),
    ("Winograd, pad 2", (2, 6, 7, 16), 16, 3, 1, 2, _winograd),
    ("3 × 3, pad 3", (2, 6, 7, 16), 30, 3, 1, 3, _im2col),
    ("3 × 3, stride 2", (2, 13, 14, 16), 30, 3, 2, 1, _im2col),
    ("5 × 5", (2, 11, 10, 16), 30, 5, 1, 1, _im2col),
    ("no example", (0, 8, 8, 16), 16, 3, 1, 1, _winograd),
    ("no example, no padding", (0, 8, 8, 16), 16, 2, 1, 0, _im2col),
]
SHARED = [case for case in CONVOLUTIONS if np.prod(case[1]) > 1]  # there is something to share
POOLS = [((3, 9, 8, 2), f, stride) for f, stride in itertools.product((1, 2, 3, 5), (1, 2, 3, 4))]


def first_way(direction, *arguments):
    """Tell which of the ways takes a layer."""
    for way in fast.WAYS:
        if getattr(way, direction)(*arguments) is not None:
            return way


@pytest.mark.usefixtures("machine", "small_groups")
@pytest.mark.parametrize("case", CONVOLUTIONS, ids=[case[0] for case in CONVOLUTIONS])
def test_convolutions_give_what_the_loops_give(case):
    _, shape, n_C, f, stride, pad, way = case
    A_prev, W, b = layer(shape, n_C, f)
    hparameters = {"stride": stride, "pad": pad}
    Z, cache = fast.conv_forward(A_prev, W, b, hparameters)
    Z_loops, cache_loops = loops.conv_forward(A_prev, W, b, hparameters)
    assert_same([Z], [Z_loops])
    (dZ,) = draw(2, Z.shape)
    assert_same(fast.conv_backward(dZ, cache), loops.conv_backward(dZ, cache_loops))

    assert first_way("forward", A_prev, W, b, stride, pad) is way
    assert first_way("backward", dZ, A_prev, W, stride, pad) is way


@pytest.mark.usefixtures("three_threads", "small_groups")
@pytest.mark.parametrize("case", SHARED, ids=[case[0] for case in SHARED])
def test_convolutions_keep_the_threads_of_blas_out_of_the_way(case, blas_libraries):
    _, shape, n_C, f, stride, pad, _ = case
    told = []
    blas_libraries.append(SimpleNamespace(num_threads=2, set_num_threads=told.append))
    A_prev, W, b = layer(shape, n_C, f)
    Z, cache = fast.conv_forward(A_prev, W, b, {"stride": stride, "pad": pad})
    assert set(told) == {1, 2} and told[-1] == 2
    told.clear()
    fast.conv_backward(Z, cache)
    assert set(told) == {1, 2} and told[-1] == 2


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(("shape", "f", "stride"), POOLS)
@pytest.mark.parametrize(("mode", "ties"), [("max", "all"), ("max", "first"), ("average", "all")])
def test_pools_give_what_the_loops_give(shape, f, stride, mode, ties):
    A_prev = np.round(draw(1, shape)[0])  # rounded: many ties
    hparameters = {"f": f, "stride": stride}
    A, cache = fast.pool_forward(A_prev, hparameters, mode)
    A_loops, _ = loops.pool_forward(A_prev, hparameters, mode)
    assert_same([A], [A_loops])
    (dA,) = draw(2, A.shape)
    dA_prev = fast.pool_backward(dA, cache, mode, ties)
    assert_same([dA_prev], [loops.pool_backward(dA, cache, mode, ties)])


@pytest.mark.usefixtures("small_groups")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["A_prev", "W", "b", "dZ"])
@pytest.mark.parametrize(
    ("shape", "n_C", "f", "pad"),
    [((2, 8, 9, 16), 16, 3, 1), ((2, 12, 12, 2), 3, 5, 0), ((2, 4, 5, 3), 2, 1, 0)],
    ids=["Winograd", "grouped", "1 × 1"],
)
def test_a_value_that_is_not_finite_stays_where_it_belongs(value, where, shape, n_C, f, pad):
    A_prev, W, b = layer(shape, n_C, f)
    hparameters = {"stride": 1, "pad": pad}
    n_H, n_W = (n + 2 * pad - f + 1 for n in shape[1:3])
    (dZ,) = draw(2, (shape[0], n_H, n_W, n_C))
    {"A_prev": A_prev, "W": W, "b": b, "dZ": dZ}[where].flat[1] = value
    with np.errstate(invalid="ignore"):
        Z, cache = fast.conv_forward(A_prev, W, b, hparameters)
        Z_loops, _ = loops.conv_forward(A_prev, W, b, hparameters)
        assert_same([Z], [Z_loops])
        assert_same(fast.conv_backward(dZ, cache), loops.conv_backward(dZ, cache))


@pytest.mark.parametrize("pad", [0, 1])
def test_axes_added_by_indexing(pad):
    """They look contiguous, but along an axis of length 1 any stride will do."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5, 5))[None, :, :, None]
    W = rng.normal(size=(3, 3))[:, :, None, None]
    assert X.flags.c_contiguous and X.strides[-1] != X.itemsize, "the view this test is about"
    b, hparameters = np.ones((1, 1, 1, 1)), {"stride": 1, "pad": pad}
    Z, cache = fast.conv_forward(X, W, b, hparameters)
    assert_same([Z], [loops.conv_forward(X, W, b, hparameters)[0]])
    assert_same(fast.conv_backward(Z, cache), loops.conv_backward(Z, cache))


@pytest.mark.skipif(
    np.finfo(np.longdouble).eps == np.finfo(np.float64).eps,
    reason="here np.longdouble is no more exact than float64",
)
def test_longdouble_keeps_its_digits():
    A_prev, W, b = layer((1, 8, 8, 16), 16, 3, np.longdouble)
    hparameters = {"stride": 1, "pad": 1}
    Z, cache = fast.conv_forward(A_prev, W, b, hparameters)
    right, right_cache = loops.conv_forward(A_prev, W, b, hparameters)
    assert_same([Z], [right], tolerance=1e-17)
    gradients = fast.conv_backward(Z, cache)
    assert_same(gradients, loops.conv_backward(Z, right_cache), tolerance=1e-17)


def test_float16_sums_do_not_overflow():
    A_prev = np.full((1, 7, 7, 1), 60000, np.float16)
    A, cache = fast.pool_forward(A_prev, {"f": 7, "stride": 1}, "average")
    assert A.dtype == np.float16
    assert A[0, 0, 0, 0] == np.float16(60000)
    assert fast.pool_backward(A, cache, "average").dtype == np.float16
    W, b = np.ones((2, 2, 1, 1), np.float16), np.zeros((1, 1, 1, 1), np.float16)
    Z, conv_cache = fast.conv_forward(
        np.ones((1, 3, 3, 1), np.float16), W, b, {"stride": 1, "pad": 0}
    )
    assert Z.dtype == np.float16
    assert (Z == 4).all()
    assert all(x.dtype == np.float16 for x in fast.conv_backward(Z, conv_cache))


@pytest.mark.parametrize("f", [1, 3, 5])
def test_temporaries_do_not_grow_with_the_batch(f, monkeypatch):
    monkeypatch.setattr(_workers, "CORES", 2)
    monkeypatch.setattr(_workers, "_threads", _workers.Threads())
    A_prev, W, b = draw(1, (96, 32, 32, 16), (f, f, 16, 16), (1, 1, 1, 16), dtype=np.float32)
    extra = []

    def measure(function, *args):
        tracemalloc.start()
        result = function(*args)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        new = result if isinstance(result, tuple) else (result,)
        extra.append(peak - sum(x.nbytes for x in new if isinstance(x, np.ndarray)))
        return result

    Z, cache = measure(fast.conv_forward, A_prev, W, b, {"stride": 1, "pad": 0})
    measure(fast.conv_backward, Z, cache)
    for mode in ("max", "average"):
        A, pool_cache = measure(fast.pool_forward, A_prev, {"f": 3, "stride": 2}, mode)
        measure(fast.pool_backward, A, pool_cache, mode)
    # The windows of the whole batch would be 48 MB for f = 3 and 120 MB for f = 5.
    assert max(extra) < 40 << 20

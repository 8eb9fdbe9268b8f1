"""Whatever way a shape is computed, the answer is that of the loops."""

import itertools
import tracemalloc

import numpy as np
import pytest

from cnnlayers import _workers, fast, loops

# name, (m, n_H_prev, n_W_prev, n_C_prev), n_C, f, stride, pad, the way that conv_forward takes
CONVOLUTIONS = [
    ("one pixel", (1, 1, 1, 1), 1, 1, 1, 0, "_product_forward"),
    ("1 × 1", (3, 7, 5, 6), 4, 1, 1, 0, "_product_forward"),
    ("1 × 1 with stride", (3, 7, 5, 6), 4, 1, 2, 0, "_product_forward"),
    ("1 × 1 with padding", (3, 4, 5, 6), 4, 1, 1, 1, "_product_forward"),
    ("few filters", (3, 12, 12, 2), 3, 5, 1, 0, "_product_forward"),
    ("few filters, stride 2", (3, 13, 13, 2), 3, 3, 2, 1, "_product_forward"),
    ("prime width", (3, 9, 13, 2), 3, 3, 1, 1, "_product_forward"),
    ("many filters", (3, 7, 6, 2), 40, 3, 2, 1, "_product_forward"),
    ("stride over f", (3, 11, 12, 2), 3, 2, 4, 1, "_product_forward"),
    ("padding over f", (3, 3, 2, 2), 3, 2, 1, 5, "_product_forward"),
    ("rows dropped", (3, 8, 9, 2), 3, 3, 3, 0, "_product_forward"),
    ("Winograd", (3, 8, 8, 16), 17, 3, 1, 1, "_winograd"),
    ("Winograd, odd sizes", (3, 9, 11, 17), 16, 3, 1, 0, "_winograd"),
    ("Winograd, pad 2", (2, 6, 7, 16), 16, 3, 1, 2, "_winograd"),
    ("3 × 3, pad 3", (2, 6, 7, 16), 16, 3, 1, 3, "_product_forward"),
    ("3 × 3, stride 2", (2, 13, 14, 16), 16, 3, 2, 1, "_product_forward"),
    ("5 × 5", (2, 11, 10, 16), 16, 5, 1, 1, "_product_forward"),
    ("no example", (0, 8, 8, 16), 16, 3, 1, 1, "_winograd"),
]
WAYS_BACK = {
    "_product_forward": {"_product_backward"},
    "_winograd": {"_winograd_filters", "_winograd"},
}
WAYS = [*WAYS_BACK, "_product_backward", "_winograd_filters"]
POOLS = [((3, 9, 8, 2), f, stride) for f, stride in itertools.product((1, 2, 3, 5), (1, 2, 3, 4))]


@pytest.fixture(params=["as it is", "small blocks", "three threads", "both"])
def machine(request, monkeypatch):
    """Force small inputs through many blocks, several threads, or both."""
    if request.param in ("small blocks", "both"):
        monkeypatch.setattr(fast, "BLOCK", 1000)
    if request.param in ("three threads", "both"):
        monkeypatch.setattr(_workers, "CORES", 3)
        monkeypatch.setattr(_workers, "WORTH_A_THREAD", 0)
        monkeypatch.setattr(_workers, "_threads", _workers._Threads())


def draw(seed, *shapes, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def layer(shape, n_C, f):
    """Draw A_prev, W and b."""
    return draw(1, shape, (f, f, shape[3], n_C), (1, 1, 1, n_C))


def assert_same(results, expected, tolerance=1e-12):
    for result, right in zip(results, expected, strict=True):
        assert result.shape == right.shape
        assert result.dtype == right.dtype
        assert result.flags.c_contiguous
        scale = np.abs(right[np.isfinite(right)]).max(initial=1)
        np.testing.assert_allclose(result, right, rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("case", CONVOLUTIONS, ids=[case[0] for case in CONVOLUTIONS])
def test_convolutions_give_what_the_loops_give(case, machine, monkeypatch):
    _, shape, n_C, f, stride, pad, way_forward = case
    taken = set()
    for way in WAYS:
        function = getattr(fast, way)

        def spy(*args, way=way, function=function):
            taken.add(way)
            return function(*args)

        monkeypatch.setattr(fast, way, spy)
    A_prev, W, b = layer(shape, n_C, f)
    hparameters = {"stride": stride, "pad": pad}

    Z, cache = fast.conv_forward(A_prev, W, b, hparameters)
    assert taken == {way_forward}
    Z_loops, cache_loops = loops.conv_forward(A_prev, W, b, hparameters)
    assert_same([Z], [Z_loops])
    (dZ,) = draw(2, Z.shape)
    taken.clear()
    assert_same(fast.conv_backward(dZ, cache), loops.conv_backward(dZ, cache_loops))
    assert taken == WAYS_BACK[way_forward]


@pytest.mark.parametrize(("shape", "f", "stride"), POOLS)
@pytest.mark.parametrize(("mode", "ties"), [("max", "all"), ("max", "first"), ("average", "all")])
def test_pools_give_what_the_loops_give(shape, f, stride, mode, ties, machine):
    A_prev = np.round(draw(1, shape)[0])  # rounded: many ties
    hparameters = {"f": f, "stride": stride}
    A, cache = fast.pool_forward(A_prev, hparameters, mode)
    A_loops, _ = loops.pool_forward(A_prev, hparameters, mode)
    assert_same([A], [A_loops])
    (dA,) = draw(2, A.shape)
    dA_prev = fast.pool_backward(dA, cache, mode, ties)
    assert_same([dA_prev], [loops.pool_backward(dA, cache, mode, ties)])


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


@pytest.mark.parametrize("ties", ["all", "first"])
def test_nan_receive_the_gradient_in_every_block(ties, machine):
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


@pytest.fixture
def products(monkeypatch):
    """Record the shapes that are multiplied."""
    shapes, matmul = [], np.matmul

    def spy(a, b, **kwargs):
        shapes.append((a.shape, b.shape))
        return matmul(a, b, **kwargs)

    monkeypatch.setattr(fast.np, "matmul", spy)
    return shapes


@pytest.mark.parametrize(
    ("shape", "n_C", "f", "filters", "rows", "rest"),
    [
        ((3, 12, 13, 2), 40, 1, (2, 40), 468, 20),
        ((3, 12, 13, 2), 40, 2, (8, 40), 396, 12),
        ((2, 30, 30, 16), 17, 3, (16, 17), 36 * 98, 17),  # 36 matrices with a row for each tile
    ],
    ids=["1 × 1", "2 × 2", "Winograd"],
)
def test_small_filters_are_multiplied_in_small_products(
    shape, n_C, f, filters, rows, rest, products, monkeypatch
):
    A_prev, W, b = layer(shape, n_C, f)
    limit = 35 * filters[0] * filters[1]
    monkeypatch.setattr(fast, "SMALL", limit)
    Z, _ = fast.conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})
    assert_same([Z], loops.conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})[:1])
    with_filters = [a for a, b in products if b[-2:] == filters]
    assert sum(np.prod(a[:-1]) for a in with_filters) == rows
    assert max(a[-2] * filters[0] * filters[1] for a in with_filters) <= limit
    assert {a[-2] for a in with_filters} == {32, rest}


def test_large_filters_are_multiplied_at_once(products):
    A_prev, W, b = layer((1, 5, 5, 128), 70, 4)
    Z, _ = fast.conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})
    assert_same([Z], loops.conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})[:1])
    assert products == [((4, 2048), (2048, 70))]


@pytest.mark.parametrize(
    ("n_C", "f", "stride", "group"),
    [(3, 5, 1, 8), (7, 5, 1, 4), (16, 5, 1, 2), (3, 5, 2, 4), (3, 4, 4, 1), (40, 5, 1, 1)],
)
def test_neighboring_outputs_of_few_filters_share_a_row(n_C, f, stride, group, products):
    A_prev, W, b = layer((30, 12, 12, 2), n_C, f)
    Z, _ = fast.conv_forward(A_prev, W, b, {"stride": stride, "pad": 0})
    width = f + (group - 1) * stride
    assert {b[-2:] for _, b in products} == {(f * width * 2, group * n_C)}
    assert sum(np.prod(a[:-1]) for a, _ in products) * group * n_C == Z.size


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


def test_winograd_does_not_overflow_where_the_product_does_not():
    A_prev, W, b = (x.astype(np.float32) for x in layer((1, 8, 8, 16), 16, 3))
    A_prev *= np.float32(1e37)
    W *= np.float32(0.01)
    with np.errstate(over="ignore", invalid="ignore"):
        Z, _ = fast.conv_forward(A_prev, W, b, {"stride": 1, "pad": 1})
    right, _ = fast.conv_forward(
        *(x.astype(np.float64) for x in (A_prev, W, b)), {"stride": 1, "pad": 1}
    )
    np.testing.assert_allclose(Z, right, rtol=0, atol=1e-5 * np.abs(right).max())


def test_winograd_is_as_exact_in_float32_as_documented():
    A_prev, W, b = (x.astype(np.float32) for x in layer((2, 32, 32, 64), 64, 3))
    hparameters = {"stride": 1, "pad": 1}
    Z, cache = fast.conv_forward(A_prev, W, b, hparameters)
    right, right_cache = fast.conv_forward(
        *(x.astype(np.float64) for x in (A_prev, W, b)), hparameters
    )
    assert np.abs(Z - right).max() <= 2e-5 * np.abs(right).max()
    (dZ,) = draw(2, Z.shape, dtype=np.float32)
    gradients = fast.conv_backward(dZ, cache)
    for result, right in zip(gradients, fast.conv_backward(dZ, right_cache), strict=True):
        assert np.abs(result - right).max() <= 2e-5 * np.abs(right).max()


@pytest.mark.skipif(
    np.finfo(np.longdouble).eps == np.finfo(np.float64).eps,
    reason="here np.longdouble is no more exact than float64",
)
def test_longdouble_keeps_its_digits():
    A_prev, W, b = (x.astype(np.longdouble) for x in layer((1, 8, 8, 16), 16, 3))
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
    monkeypatch.setattr(_workers, "_threads", _workers._Threads())
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


def test_one_nan_in_any_block_of_winograd_stays_in_its_windows(monkeypatch):
    monkeypatch.setattr(fast, "BLOCK", 1000)
    A_prev, W, b = layer((3, 8, 8, 16), 16, 3)
    A_prev[0, 0, 0, 0] = np.nan
    hparameters = {"stride": 1, "pad": 1}
    assert_same(
        fast.conv_forward(A_prev, W, b, hparameters)[:1],
        loops.conv_forward(A_prev, W, b, hparameters)[:1],
    )

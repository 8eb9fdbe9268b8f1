"""What callers may rely on beyond the values."""

import copy
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest


def arrangements(x):
    """Lay the same values out in memory in other ways."""
    padded = np.zeros(tuple(2 * size + 1 for size in x.shape), x.dtype)
    strided = padded[tuple(slice(1, None, 2) for _ in x.shape)]
    strided[...] = x
    reversed_ = np.flip(np.flip(x).copy())
    frozen = x.copy()
    frozen.setflags(write=False)
    return [np.asfortranarray(x), strided, reversed_, frozen]


def every_call(layers, A_prev, W, b):
    """Call each function once and return whatever arrays come out, by name."""
    results = {}
    results["zero_pad"] = layers.zero_pad(A_prev, 1)
    results["zero_pad_0"] = layers.zero_pad(A_prev, 0)
    for pad in (0, 1):
        Z, cache = layers.conv_forward(A_prev, W, b, {"stride": 1, "pad": pad})
        results[f"Z_{pad}"] = Z
        dZ = np.asfortranarray(np.cos(Z)) if not A_prev.flags.c_contiguous else np.cos(Z)
        gradients = layers.conv_backward(dZ, cache)
        results |= zip((f"dA_{pad}", f"dW_{pad}", f"db_{pad}"), gradients, strict=True)
    for mode in ("max", "average"):
        for f, stride in [(2, 2), (3, 2), (3, 1), (1, 1)]:
            A, cache = layers.pool_forward(A_prev, {"f": f, "stride": stride}, mode)
            results[f"{mode}_{f}_{stride}"] = A
            dA = np.asfortranarray(np.cos(A)) if not A_prev.flags.c_contiguous else np.cos(A)
            for ties in ("all", "first"):
                results[f"d_{mode}_{f}_{stride}_{ties}"] = layers.pool_backward(
                    dA, cache, mode, ties
                )
    for ties in ("all", "first"):
        results[f"mask_{ties}"] = layers.create_mask_from_window(A_prev[0, :2, :2, 0], ties)
    results["share"] = layers.distribute_value(A_prev[0, 0, 0, 0], (2, 2))
    return results


@pytest.fixture
def arrays():
    rng = np.random.default_rng(3)
    return (
        rng.integers(-3, 4, (2, 7, 6, 3)) / 4.0,
        rng.standard_normal((3, 3, 3, 5)),
        rng.standard_normal((1, 1, 1, 5)),
    )


@pytest.mark.parametrize("arrangement", range(4))
def test_memory_order_of_the_arguments_does_not_matter(layers, arrays, arrangement):
    expected = every_call(layers, *arrays)
    actual = every_call(layers, *(arrangements(x)[arrangement] for x in arrays))
    for name, value in actual.items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-12, atol=1e-12, err_msg=name)
        assert value.flags.c_contiguous and value.flags.writeable, name


def test_results_are_contiguous_writeable_and_the_callers_own(layers, arrays):
    for name, value in every_call(layers, *arrays).items():
        assert value.flags.c_contiguous and value.flags.writeable, name
        assert not any(np.shares_memory(value, x) for x in arrays), name


def test_later_calls_leave_earlier_results_alone(layers, arrays):
    first = every_call(layers, *arrays)
    kept = copy.deepcopy(first)
    every_call(layers, *(x + 1 for x in arrays))
    for name, value in first.items():
        assert np.array_equal(value, kept[name]), name


def test_arguments_are_never_changed(layers, arrays):
    A_prev, W, b = arrays
    kept = copy.deepcopy(arrays)
    for hparameters in ({"stride": 2, "pad": 1}, {"stride": 1, "pad": 0}):
        hparameters_kept = dict(hparameters)
        Z, cache = layers.conv_forward(A_prev, W, b, hparameters)
        Z_kept = Z.copy()
        layers.conv_backward(Z, cache)
        assert hparameters == cache[3] == hparameters_kept
        assert np.array_equal(Z, Z_kept)
    for mode in ("max", "average"):
        hparameters = {"f": 2, "stride": 1}
        A, cache = layers.pool_forward(A_prev, hparameters, mode)
        A_kept = A.copy()
        layers.pool_backward(A, cache, mode)
        layers.pool_backward(A, cache, mode, ties="first")
        assert hparameters == cache[1] == {"f": 2, "stride": 1}
        assert np.array_equal(A, A_kept)
    layers.zero_pad(A_prev, 2)
    layers.create_mask_from_window(A_prev, ties="first")
    layers.conv_single_step(A_prev[0, :3, :3], W[..., 0], b[..., 0])
    assert all(np.array_equal(x, y) for x, y in zip(arrays, kept, strict=True))


def test_caches_hold_the_callers_arrays_and_a_copy_of_the_hyperparameters(layers, arrays):
    A_prev, W, b = arrays
    hparameters = {"stride": np.int64(1), "pad": 1}
    Z, cache = layers.conv_forward(A_prev, W, b, hparameters)
    assert cache[0] is A_prev and cache[1] is W and cache[2] is b
    hparameters["pad"] = 0
    assert cache[3] == {"stride": 1, "pad": 1} and type(cache[3]["stride"]) is int
    assert layers.conv_backward(Z, cache)[0].shape == A_prev.shape

    hparameters = {"f": 2, "stride": 1}
    A, cache = layers.pool_forward(A_prev, hparameters)
    assert cache[0] is A_prev
    hparameters["f"] = 3
    assert cache[1] == {"f": 2, "stride": 1}
    assert layers.pool_backward(A, cache).shape == A_prev.shape


def test_an_empty_batch_works(layers):
    A_prev, W, b = np.zeros((0, 6, 5, 3)), np.ones((3, 3, 3, 2)), np.ones((1, 1, 1, 2))
    assert layers.zero_pad(A_prev, 1).shape == (0, 8, 7, 3)
    Z, cache = layers.conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})
    assert Z.shape == (0, 4, 3, 2)
    dA_prev, dW, db = layers.conv_backward(Z, cache)
    assert dA_prev.shape == A_prev.shape
    assert np.array_equal(dW, np.zeros(W.shape)) and np.array_equal(db, np.zeros(b.shape))
    for mode in ("max", "average"):
        for f, stride in [(2, 1), (2, 2), (3, 2)]:
            A, cache = layers.pool_forward(A_prev, {"f": f, "stride": stride}, mode)
            assert A.shape == (0, (6 - f) // stride + 1, (5 - f) // stride + 1, 3)
            for ties in ("all", "first"):
                assert layers.pool_backward(A, cache, mode, ties).shape == A_prev.shape


def test_empty_batches_of_single_channels_and_single_filters(layers):
    A_prev, W, b = np.zeros((0, 3, 3, 1)), np.ones((1, 1, 1, 1)), np.ones((1, 1, 1, 1))
    Z, cache = layers.conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})
    assert [x.shape for x in layers.conv_backward(Z, cache)] == [A_prev.shape, W.shape, b.shape]


def test_threads_do_not_disturb_each_other(layers, arrays):
    A_prev, W, b = arrays
    scales = [1.0, 2.0, 3.0, 4.0] * 4
    expected = {scale: every_call(layers, A_prev * scale, W, b) for scale in set(scales)}
    with ThreadPoolExecutor(4) as pool:
        actual = list(pool.map(lambda scale: every_call(layers, A_prev * scale, W, b), scales))
    for scale, results in zip(scales, actual, strict=True):
        for name, value in results.items():
            assert np.array_equal(value, expected[scale][name]), name


def test_the_same_call_returns_the_same_bits(layers, arrays):
    first, second = every_call(layers, *arrays), every_call(layers, *arrays)
    assert all(np.array_equal(first[name], second[name]) for name in first)

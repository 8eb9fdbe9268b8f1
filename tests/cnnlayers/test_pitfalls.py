"""Where code of this kind goes wrong: each mistake, put back, fails a test here."""

import numpy as np
import pytest

from cnnlayers._checks import output_size

DTYPES = [np.float16, np.float32, np.float64]


def conv_inputs(rng, shape=(2, 5, 6, 3), f=3, n_C=4):
    return (
        rng.standard_normal(shape),
        rng.standard_normal((f, f, shape[3], n_C)),
        rng.standard_normal((1, 1, 1, n_C)),
    )


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def channel(*rows):
    """Make a volume of one example with one channel from its rows."""
    rows = np.array(rows, dtype=np.float64)
    return rows.reshape(1, *rows.shape, 1)


def max_backward(layers, A_prev, f, stride, dA=None, **ties):
    A, cache = layers.pool_forward(A_prev, {"f": f, "stride": stride})
    dA = np.arange(1.0, A.size + 1).reshape(A.shape) if dA is None else dA
    return layers.pool_backward(dA, cache, **ties)[0, :, :, 0].tolist()


# Unpadding


@pytest.mark.parametrize("pad", [0, 1, 2])
def test_gradient_of_the_input_has_its_shape_for_any_pad(layers, rng, pad):
    A_prev, W, b = conv_inputs(rng)
    Z, cache = layers.conv_forward(A_prev, W, b, {"stride": 1, "pad": pad})
    assert layers.conv_backward(Z, cache)[0].shape == A_prev.shape


def test_pad_0_spreads_each_filter_over_its_window(layers):
    A_prev, W, b = np.ones((1, 3, 3, 1)), np.ones((2, 2, 1, 1)), np.zeros((1, 1, 1, 1))
    Z, cache = layers.conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})
    dA_prev, dW, db = layers.conv_backward(np.ones(Z.shape), cache)
    assert dA_prev[0, :, :, 0].tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    assert dW[:, :, 0, 0].tolist() == [[4, 4], [4, 4]]
    assert db.tolist() == [[[[4]]]]


def test_pad_wider_than_the_filter(layers):
    A_prev, W, b = channel([3]), np.full((1, 1, 1, 1), 2.0), np.ones((1, 1, 1, 1))
    Z, cache = layers.conv_forward(A_prev, W, b, {"stride": 1, "pad": 1})
    assert Z[0, :, :, 0].tolist() == [[1, 1, 1], [1, 7, 1], [1, 1, 1]]
    dA_prev, dW, db = layers.conv_backward(np.arange(9.0).reshape(1, 3, 3, 1), cache)
    assert dA_prev.tolist() == [[[[8]]]]
    assert dW.tolist() == [[[[12]]]]
    assert db.tolist() == [[[[36]]]]


# Tied maxima


def test_every_tied_maximum_is_marked_by_default(layers):
    x = np.array([[4, 1, 4], [0, 4, 2]])
    expected = [[True, False, True], [False, True, False]]
    assert layers.create_mask_from_window(x).tolist() == expected
    assert layers.create_mask_from_window(x, ties="all").tolist() == expected


def test_first_tied_maximum_in_row_major_order_is_marked_on_request(layers):
    x = np.array([[1, 4, 0], [4, 4, 2]])
    expected = [[False, True, False], [False, False, False]]
    assert layers.create_mask_from_window(x, ties="first").tolist() == expected
    assert layers.create_mask_from_window(np.asfortranarray(x), ties="first").tolist() == expected


def test_every_tied_maximum_receives_the_gradient_by_default(layers):
    A_prev = channel([1, 3], [3, 3])
    assert max_backward(layers, A_prev, 2, 1) == [[0, 1], [1, 1]]
    assert max_backward(layers, A_prev, 2, 1, ties="all") == [[0, 1], [1, 1]]


def test_first_tied_maximum_receives_the_gradient_on_request(layers):
    A_prev = channel([1, 3, 3], [3, 3, 3], [3, 0, 3])
    # The four windows first meet their maximum at (0, 1), (0, 1), (1, 0) and (1, 1).
    assert max_backward(layers, A_prev, 2, 1, ties="first") == [[0, 3, 0], [3, 4, 0], [0, 0, 0]]


def test_windows_of_nothing_but_minus_infinity(layers):
    A_prev = channel([-np.inf, -np.inf], [-np.inf, -np.inf])
    assert max_backward(layers, A_prev, 2, 1) == [[1, 1], [1, 1]]
    assert max_backward(layers, A_prev, 2, 1, ties="first") == [[1, 0], [0, 0]]


def test_both_zeros_are_equal(layers):
    A_prev = channel([-0.0, 0.0], [-1.0, -1.0])
    assert max_backward(layers, A_prev, 2, 1) == [[1, 1], [0, 0]]
    assert max_backward(layers, A_prev, 2, 1, ties="first") == [[1, 0], [0, 0]]


# Output size and strides that do not fit


def test_output_size_rounds_down():
    assert output_size(5, 3, 2, 1) == 3
    assert output_size(7, 3, 2) == 3
    assert output_size(8, 3, 2) == 3
    # int(-2 / 3) + 1 would be 1: a window that is not there.
    assert output_size(3, 5, 3) == 0


@pytest.mark.parametrize("shape", [(1, 2, 5, 1), (1, 5, 2, 1)])
def test_window_larger_than_the_input_is_an_error(layers, shape):
    with pytest.raises(ValueError, match="output size would be below 1"):
        layers.pool_forward(np.ones(shape), {"f": 3, "stride": 3})
    W, b = np.ones((3, 3, 1, 1)), np.ones((1, 1, 1, 1))
    with pytest.raises(ValueError, match="output size would be below 1"):
        layers.conv_forward(np.ones(shape), W, b, {"stride": 3, "pad": 0})
    Z, _ = layers.conv_forward(np.ones(shape), W, b, {"stride": 3, "pad": 1})
    assert Z.shape == (1, 1 + (shape[1] == 5), 1 + (shape[2] == 5), 1)


@pytest.mark.parametrize("f", [4, 5])
def test_window_as_large_as_the_padded_input_gives_one_output(layers, f):
    A_prev = np.ones((1, f - 2, f - 2, 1))
    W, b = np.ones((f, f, 1, 1)), np.ones((1, 1, 1, 1))
    Z, _ = layers.conv_forward(A_prev, W, b, {"stride": 3, "pad": 1})
    assert Z.tolist() == [[[[(f - 2) ** 2 + 1]]]]
    A, _ = layers.pool_forward(np.ones((1, f, f, 1)), {"f": f, "stride": 3})
    assert A.shape == (1, 1, 1, 1)


def test_rows_and_columns_that_no_window_reaches_are_dropped(layers, rng):
    A_prev, W, b = conv_inputs(rng, shape=(2, 6, 8, 3), f=3)
    Z, cache = layers.conv_forward(A_prev, W, b, {"stride": 2, "pad": 0})
    assert Z.shape == (2, 2, 3, 4)
    np.testing.assert_allclose(
        Z, layers.conv_forward(A_prev[:, :5, :7], W, b, {"stride": 2, "pad": 0})[0], rtol=1e-13
    )
    dA_prev, _, _ = layers.conv_backward(np.ones(Z.shape), cache)
    assert np.all(dA_prev[:, 5:] == 0) and np.all(dA_prev[:, :, 7:] == 0)
    assert np.all(dA_prev[:, :5, :7] != 0)

    for mode in ("max", "average"):
        A, cache = layers.pool_forward(A_prev, {"f": 2, "stride": 3}, mode)
        assert A.shape == (2, 2, 3, 3)
        dA_prev = layers.pool_backward(np.ones(A.shape), cache, mode)
        assert np.all(dA_prev[:, 2::3] == 0) and np.all(dA_prev[:, :, 2::3] == 0)


def test_dropped_entries_do_not_reach_the_result(layers, rng):
    A_prev, W, b = conv_inputs(rng, shape=(2, 6, 8, 3), f=3)
    A_prev[:, 5:], A_prev[:, :, 7:] = np.nan, np.inf
    Z, cache = layers.conv_forward(A_prev, W, b, {"stride": 2, "pad": 0})
    assert np.isfinite(Z).all()
    assert all(np.isfinite(gradient).all() for gradient in layers.conv_backward(Z, cache))
    for mode in ("max", "average"):
        A, cache = layers.pool_forward(A_prev, {"f": 3, "stride": 2}, mode)
        assert np.isfinite(A).all()
        assert np.isfinite(layers.pool_backward(A, cache, mode)).all()


# Pooling backward: the stride, and windows that overlap


def test_max_gradient_follows_the_stride(layers):
    A_prev = channel([9, 0, 0, 8], [0, 0, 0, 0], [0, 0, 0, 0], [0, 6, 7, 0])
    expected = [[1, 0, 0, 2], [0, 0, 0, 0], [0, 0, 0, 0], [0, 3, 4, 0]]
    assert max_backward(layers, A_prev, 2, 2) == expected


def test_max_gradients_of_overlapping_windows_add_up(layers):
    A_prev = channel([0, 1, 0], [2, 9, 3], [0, 4, 0])
    assert max_backward(layers, A_prev, 2, 1) == [[0, 0, 0], [0, 1 + 2 + 3 + 4, 0], [0, 0, 0]]


def test_average_gradient_follows_the_stride_and_adds_up(layers):
    dA = channel([4, 8], [12, 16])
    for stride, expected in [
        (1, [[1, 3, 2], [4, 10, 6], [3, 7, 4]]),
        (2, [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]),
        (3, [[1, 1, 0, 2, 2], [1, 1, 0, 2, 2], [0] * 5, [3, 3, 0, 4, 4], [3, 3, 0, 4, 4]]),
    ]:
        A_prev = np.zeros((1, len(expected), len(expected), 1))
        _, cache = layers.pool_forward(A_prev, {"f": 2, "stride": stride}, "average")
        assert layers.pool_backward(dA, cache, "average")[0, :, :, 0].tolist() == expected


def test_gradients_go_to_their_own_example_and_channel(layers):
    A_prev = np.arange(32.0).reshape(2, 2, 2, 4)
    dA = np.arange(1.0, 9.0).reshape(2, 1, 1, 4)
    _, cache = layers.pool_forward(A_prev, {"f": 2, "stride": 1})
    expected = np.zeros(A_prev.shape)
    expected[:, 1, 1, :] = dA[:, 0, 0, :]
    assert np.array_equal(layers.pool_backward(dA, cache), expected)
    _, cache = layers.pool_forward(A_prev, {"f": 2, "stride": 1}, "average")
    assert np.array_equal(
        layers.pool_backward(dA, cache, "average"), np.broadcast_to(dA / 4, A_prev.shape)
    )


def test_maximum_of_negative_numbers(layers):
    A, _ = layers.pool_forward(channel([-4, -2], [-3, -5]), {"f": 2, "stride": 1})
    assert A.tolist() == [[[[-2]]]]


def test_mode_defaults_to_max(layers):
    A_prev = channel([1, 2], [3, 6])
    A, cache = layers.pool_forward(A_prev, {"f": 2, "stride": 1})
    assert A.tolist() == [[[[6]]]]
    assert layers.pool_backward(A, cache)[0, :, :, 0].tolist() == [[0, 0], [0, 6]]


# Dtypes


def outputs(layers, *, A_prev, W, b, gradient_dtype):
    """Run everything once and return each array and number that comes out, by name."""
    f_stride = {"f": 2, "stride": 2}
    Z, conv_cache = layers.conv_forward(A_prev, W, b, {"stride": 1, "pad": 1})
    dA_prev, dW, db = layers.conv_backward(Z.astype(gradient_dtype), conv_cache)
    P, max_cache = layers.pool_forward(A_prev, f_stride)
    Q, average_cache = layers.pool_forward(A_prev, f_stride, "average")
    return {
        "Z": Z,
        "dA_prev": dA_prev,
        "dW": dW,
        "db": db,
        "max": P,
        "average": Q,
        "d_max": layers.pool_backward(P.astype(gradient_dtype), max_cache),
        "d_first": layers.pool_backward(P.astype(gradient_dtype), max_cache, ties="first"),
        "d_average": layers.pool_backward(Q.astype(gradient_dtype), average_cache, "average"),
        "padded": layers.zero_pad(A_prev, 1),
        "step": layers.conv_single_step(A_prev[0, :3, :3], W[..., 0], b[..., 0]),
        "shared": layers.distribute_value(Z.astype(gradient_dtype)[0, 0, 0, 0], (2, 3)),
    }


@pytest.mark.parametrize("dtype", DTYPES)
def test_floating_dtypes_are_kept(layers, rng, dtype):
    A_prev, W, b = (x.astype(dtype) for x in conv_inputs(rng))
    for name, value in outputs(layers, A_prev=A_prev, W=W, b=b, gradient_dtype=dtype).items():
        assert value.dtype == dtype, name


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.bool_])
def test_integers_and_booleans_become_float64(layers, dtype):
    A_prev = np.ones((1, 4, 4, 2), dtype)
    W, b = np.ones((3, 3, 2, 2), dtype), np.ones((1, 1, 1, 2), dtype)
    for name, value in outputs(layers, A_prev=A_prev, W=W, b=b, gradient_dtype=dtype).items():
        assert value.dtype == np.float64, name


@pytest.mark.parametrize("single", ["A_prev", "W", "b", "dZ"])
def test_mixed_dtypes_of_a_convolution_promote(layers, rng, single):
    arrays = dict(zip(("A_prev", "W", "b"), conv_inputs(rng), strict=True))
    arrays = {name: x.astype(np.float32) for name, x in arrays.items()}
    if single in arrays:
        arrays[single] = arrays[single].astype(np.float64)
    Z, cache = layers.conv_forward(**arrays, hparameters={"stride": 2, "pad": 1})
    assert Z.dtype == (np.float32 if single == "dZ" else np.float64)
    gradients = layers.conv_backward(Z.astype(np.float64 if single == "dZ" else Z.dtype), cache)
    assert [gradient.dtype for gradient in gradients] == [np.float64] * 3


@pytest.mark.parametrize("mode", ["max", "average"])
def test_mixed_dtypes_of_pooling_promote(layers, rng, mode):
    A_prev = rng.standard_normal((1, 4, 4, 2))
    for kept, other in [(np.float32, np.float64), (np.float64, np.float32)]:
        A, cache = layers.pool_forward(A_prev.astype(kept), {"f": 2, "stride": 2}, mode)
        assert layers.pool_backward(A.astype(other), cache, mode).dtype == np.float64
    A, cache = layers.pool_forward(A_prev.astype(np.float32), {"f": 2, "stride": 2}, mode)
    assert layers.pool_backward(A.astype(np.int64), cache, mode).dtype == np.float64
    assert layers.pool_backward(A.astype(np.int8), cache, mode).dtype == np.float32


def test_mixed_dtypes_of_one_step_promote(layers):
    window, W, b = np.ones((2, 2, 1), np.float32), np.ones((2, 2, 1)), np.ones((1, 1, 1))
    assert layers.conv_single_step(window, W, b).dtype == np.float64
    assert layers.conv_single_step(window, W.astype("f4"), b).dtype == np.float64
    assert layers.conv_single_step(window, W.astype("f4"), b.astype("f4")).dtype == np.float32


def test_python_numbers_are_shared_out_in_float64(layers):
    for dz in (3, 3.0, True, np.int32(3), np.array(3)):
        shared = layers.distribute_value(dz, (3, 2))
        assert shared.dtype == np.float64
        assert np.array_equal(shared, np.full((3, 2), float(dz) / 6))


def test_byte_order_of_a_file_does_not_matter(layers, rng):
    arrays = conv_inputs(rng)
    swapped = [x.astype(x.dtype.newbyteorder()) for x in arrays]
    expected, _ = layers.conv_forward(*arrays, {"stride": 1, "pad": 0})
    Z, _ = layers.conv_forward(*swapped, {"stride": 1, "pad": 0})
    assert Z.dtype == np.float64 and np.array_equal(Z, expected)


def test_integer_averages_are_not_truncated(layers):
    A_prev = np.array([[1, 2], [4, 4]]).reshape(1, 2, 2, 1)
    A, cache = layers.pool_forward(A_prev, {"f": 2, "stride": 1}, "average")
    assert A.tolist() == [[[[2.75]]]]
    dA_prev = layers.pool_backward(np.array([[[[1]]]]), cache, "average")
    assert dA_prev[0, :, :, 0].tolist() == [[0.25, 0.25], [0.25, 0.25]]
    assert layers.distribute_value(1, (1, 2)).tolist() == [[0.5, 0.5]]


# NaN and infinities


def test_nan_is_the_maximum(layers):
    x = np.array([[1.0, np.nan, 3.0], [np.nan, 5.0, 0.0]])
    marked = np.isnan(x)
    assert np.array_equal(layers.create_mask_from_window(x), marked)
    # PyTorch lets each NaN that it meets take over, so that the last one is marked.
    last = [[False, False, False], [True, False, False]]
    assert layers.create_mask_from_window(x, ties="first").tolist() == last


def test_max_pooling_propagates_nan_and_sends_the_gradient_there(layers):
    A_prev = channel([1, np.nan, 3], [2, 5, 4], [7, 0, np.nan])
    A, _ = layers.pool_forward(A_prev, {"f": 2, "stride": 1})
    assert np.array_equal(A[0, :, :, 0], [[np.nan, np.nan], [7, np.nan]], equal_nan=True)
    expected = [[0, 1 + 2, 0], [0, 0, 0], [3, 0, 4]]
    assert max_backward(layers, A_prev, 2, 1) == expected
    assert max_backward(layers, A_prev, 2, 1, ties="first") == expected


def test_average_pooling_propagates_nan(layers):
    A_prev = channel([1, 2, 3], [2, 5, 4], [7, 0, np.nan])
    A, _ = layers.pool_forward(A_prev, {"f": 2, "stride": 1}, "average")
    assert np.array_equal(A[0, :, :, 0], [[2.5, 3.5], [3.5, np.nan]], equal_nan=True)


@pytest.mark.parametrize("ties", ["all", "first"])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_an_upstream_gradient_that_is_not_finite_stays_in_its_place(layers, ties, value):
    A_prev = channel([1, 2, 0], [0, 0, 3])
    dA_prev = max_backward(layers, A_prev, 2, 1, dA=channel([value, 5]), ties=ties)
    assert np.array_equal(dA_prev, [[0, value, 0], [0, 0, 5]], equal_nan=True)


@pytest.mark.parametrize("mode", ["max", "average"])
def test_upstream_nan_stays_in_its_window(layers, rng, mode):
    A_prev = rng.standard_normal((2, 9, 9, 3))
    A, cache = layers.pool_forward(A_prev, {"f": 3, "stride": 1}, mode)
    dA = np.ones(A.shape)
    dA[1, 4, 5, 2] = np.nan
    touched = np.isnan(layers.pool_backward(dA, cache, mode))
    assert touched.sum() == (1 if mode == "max" else 9)
    assert touched[1, 4:7, 5:8, 2].sum() == touched.sum()


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # infinity times zero
@pytest.mark.parametrize("n_C_prev", [1, 3, 32])
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("f", [1, 3, 5])
def test_convolution_spreads_what_is_not_finite_to_its_windows_alone(
    layers, rng, n_C_prev, value, f
):
    A_prev, W, b = conv_inputs(rng, shape=(2, 12, 12, n_C_prev), f=f, n_C=n_C_prev)
    pad = f // 2
    A_prev[1, 6, 5, -1] = value
    Z, cache = layers.conv_forward(A_prev, W, b, {"stride": 1, "pad": pad})
    touched = ~np.isfinite(Z)
    window = np.s_[1, 6 - pad : 7 + pad, 5 - pad : 6 + pad]
    assert touched[window].all() and touched.sum() == f * f * n_C_prev
    # The gradient of a linear layer's input does not depend on that input.
    assert np.isfinite(layers.conv_backward(np.ones(Z.shape), cache)[0]).all()

    A_prev[1, 6, 5, -1] = 0
    Z, cache = layers.conv_forward(A_prev, W, b, {"stride": 1, "pad": pad})
    dZ = np.ones(Z.shape)
    dZ[1, 6, 5, 0] = value
    dA_prev, dW, db = layers.conv_backward(dZ, cache)
    touched = ~np.isfinite(dA_prev)
    assert touched[window].all() and touched.sum() == f * f * n_C_prev
    assert not np.isfinite(dW[..., 0]).any() and np.isfinite(dW[..., 1:]).all()
    assert np.isfinite(db).ravel().tolist() == [False] + [True] * (n_C_prev - 1)


def test_a_filter_with_nan_spoils_its_own_map_alone(layers, rng):
    A_prev, W, b = conv_inputs(rng, shape=(1, 9, 9, 16), f=3, n_C=16)
    W[1, 1, 3, 2] = np.nan
    b[..., 5] = np.inf
    Z, _ = layers.conv_forward(A_prev, W, b, {"stride": 1, "pad": 1})
    assert np.isnan(Z[..., 2]).all() and np.isinf(Z[..., 5]).all()
    assert np.isfinite(np.delete(Z, [2, 5], axis=3)).all()


# Convolution as this field has it


def test_filters_are_not_flipped(layers):
    A_prev = channel([0, 0, 0], [0, 1, 0], [0, 0, 0])
    W, b = np.arange(1.0, 5.0).reshape(2, 2, 1, 1), np.zeros((1, 1, 1, 1))
    Z, _ = layers.conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})
    assert Z[0, :, :, 0].tolist() == [[4, 3], [2, 1]]


def test_zero_pad_pads_height_and_width_alone(layers):
    X_pad = layers.zero_pad(np.ones((2, 3, 1, 4)), 2)
    assert X_pad.shape == (2, 7, 5, 4)
    assert X_pad.sum() == 24 and X_pad[:, 2:5, 2].sum() == 24

"""Laws that hold for every shape, over generated ones."""

from dataclasses import dataclass

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

import cnnlayers
from cnnlayers import loops


@dataclass(frozen=True)
class Layer:
    """One configuration, small enough for the loops."""

    m: int
    n_H: int
    n_W: int
    n_C_prev: int
    n_C: int
    f: int
    stride: int
    pad: int
    seed: int

    def draw(self, *shape):
        return np.random.default_rng([self.seed, *shape]).standard_normal(shape)

    @property
    def A_prev(self):
        return self.draw(self.m, self.n_H, self.n_W, self.n_C_prev)

    @property
    def W(self):
        return self.draw(self.f, self.f, self.n_C_prev, self.n_C)

    @property
    def b(self):
        return self.draw(1, 1, 1, self.n_C)

    @property
    def step(self):
        return {"stride": self.stride, "pad": self.pad}

    @property
    def window(self):
        return {"f": self.f, "stride": self.stride}


@st.composite
def configurations(draw, largest_pad=4):
    f = draw(st.integers(1, 7))
    pad = draw(st.integers(0, largest_pad))
    least = max(1, f - 2 * pad)
    return Layer(
        m=draw(st.integers(1, 3)),
        n_H=draw(st.integers(least, least + 5)),
        n_W=draw(st.integers(least, least + 5)),
        n_C_prev=draw(st.integers(1, 4)),
        n_C=draw(st.integers(1, 4)),
        f=f,
        stride=draw(st.integers(1, 4)),
        pad=pad,
        seed=draw(st.integers(0, 999)),
    )


convolutions = configurations()
poolings = configurations(largest_pad=0)


def close(actual, expected):
    """Compare to rounding, relative to the largest entry."""
    scale = max(np.max(np.abs(expected), initial=0), 1)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-12 * scale)


@given(layer=convolutions)
def test_convolution_is_linear_in_the_input(layers, layer):
    x, y, zero = layer.A_prev, np.cos(layer.A_prev), np.zeros((1, 1, 1, layer.n_C))

    def conv(A_prev):
        return layers.conv_forward(A_prev, layer.W, zero, layer.step)[0]

    close(conv(2 * x - 3 * y), 2 * conv(x) - 3 * conv(y))


@given(layer=convolutions)
def test_convolution_is_linear_in_the_filters(layers, layer):
    V, W, zero = layer.W, np.cos(layer.W), np.zeros((1, 1, 1, layer.n_C))

    def conv(filters):
        return layers.conv_forward(layer.A_prev, filters, zero, layer.step)[0]

    close(conv(2 * V - 3 * W), 2 * conv(V) - 3 * conv(W))


@given(layer=convolutions)
def test_biases_are_added_to_their_own_maps(layers, layer):
    zero = np.zeros((1, 1, 1, layer.n_C))
    Z, _ = layers.conv_forward(layer.A_prev, layer.W, layer.b, layer.step)
    without, _ = layers.conv_forward(layer.A_prev, layer.W, zero, layer.step)
    close(Z, without + layer.b)


@given(layer=convolutions)
def test_convolution_backward_is_the_adjoint_of_forward(layers, layer):
    A_prev, W, zero = layer.A_prev, layer.W, np.zeros((1, 1, 1, layer.n_C))
    Z, cache = layers.conv_forward(A_prev, W, zero, layer.step)
    dZ = np.cos(Z)
    dA_prev, dW, db = layers.conv_backward(dZ, cache)
    close(np.vdot(A_prev, dA_prev), np.vdot(Z, dZ))
    close(np.vdot(W, dW), np.vdot(Z, dZ))
    close(db, dZ.sum(axis=(0, 1, 2), keepdims=True))


@given(layer=poolings)
def test_pooling_backward_is_the_adjoint_of_forward(layers, layer):
    # Without ties the maximum is linear near A_prev, and its value is its derivative times it.
    A_prev = layer.A_prev
    for mode in ("max", "average"):
        A, cache = layers.pool_forward(A_prev, layer.window, mode)
        dA = np.cos(A)
        close(np.vdot(A_prev, layers.pool_backward(dA, cache, mode)), np.vdot(A, dA))


@given(layer=convolutions)
def test_shifting_the_input_shifts_the_output(layers, layer):
    W, b = layer.W, layer.b
    no_pad = {"stride": layer.stride, "pad": 0}
    shift = layer.stride
    A_prev = layer.draw(layer.m, layer.f + 5, layer.f + 6, layer.n_C_prev)
    Z, _ = layers.conv_forward(A_prev, W, b, no_pad)
    shifted, _ = layers.conv_forward(A_prev[:, shift:, shift:], W, b, no_pad)
    close(shifted, Z[:, 1:, 1:])
    for mode in ("max", "average"):
        A, _ = layers.pool_forward(A_prev, layer.window, mode)
        shifted, _ = layers.pool_forward(A_prev[:, shift:, shift:], layer.window, mode)
        close(shifted, A[:, 1:, 1:])


@given(layer=convolutions)
def test_padding_then_cropping_is_the_identity(layers, layer):
    A_prev, pad = layer.A_prev, layer.pad
    X_pad = layers.zero_pad(A_prev, pad)
    cropped = X_pad[:, pad : pad + layer.n_H, pad : pad + layer.n_W]
    assert np.array_equal(cropped, A_prev)
    assert np.count_nonzero(X_pad) == np.count_nonzero(A_prev)


@given(layer=convolutions)
def test_the_hyperparameter_pads_as_zero_pad_does(layers, layer):
    Z, _ = layers.conv_forward(layer.A_prev, layer.W, layer.b, layer.step)
    padded = layers.zero_pad(layer.A_prev, layer.pad)
    close(Z, layers.conv_forward(padded, layer.W, layer.b, layer.step | {"pad": 0})[0])


@given(layer=poolings)
def test_sum_of_an_average_gradient_is_kept(layers, layer):
    A, cache = layers.pool_forward(layer.A_prev, layer.window, "average")
    dA = np.cos(A)
    dA_prev = layers.pool_backward(dA, cache, "average")
    close(dA_prev.sum(axis=(1, 2)), dA.sum(axis=(1, 2)))


@given(layer=poolings)
def test_sum_of_a_max_gradient_is_kept_when_the_first_maximum_takes_it(layers, layer):
    tied = np.round(layer.A_prev)
    A, cache = layers.pool_forward(tied, layer.window)
    dA = np.cos(np.arange(A.size, dtype=float)).reshape(A.shape)
    first = layers.pool_backward(dA, cache, ties="first")
    close(first.sum(axis=(1, 2)), dA.sum(axis=(1, 2)))
    every = layers.pool_backward(np.ones(A.shape), cache)
    assert np.all(every >= layers.pool_backward(np.ones(A.shape), cache, ties="first"))


@given(layer=poolings)
def test_maxima_bound_averages_and_are_entries(layers, layer):
    highest, _ = layers.pool_forward(layer.A_prev, layer.window)
    average, _ = layers.pool_forward(layer.A_prev, layer.window, "average")
    assert np.all(highest >= average - 1e-12)
    assert np.isin(highest, layer.A_prev).all()


@given(
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    seed=st.integers(0, 999),
    with_nan=st.booleans(),
)
def test_masks_mark_maxima(layers, shape, seed, with_nan):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 3, shape).astype(float)
    if with_nan:
        x[rng.random(shape) < 0.3] = np.nan
    every = layers.create_mask_from_window(x)
    one = layers.create_mask_from_window(x, ties="first")
    assert every.shape == one.shape == x.shape
    assert np.array_equal(x[one], [np.max(x)], equal_nan=True)
    assert np.array_equal(every, np.isnan(x) if np.isnan(np.max(x)) else x == np.max(x))


@given(dz=st.floats(-1e6, 1e6), n_H=st.integers(1, 9), n_W=st.integers(1, 9), single=st.booleans())
@example(dz=1e-40, n_H=9, n_W=9, single=True)  # shares that float32 can hardly hold
def test_shares_are_equal_and_add_up(layers, dz, n_H, n_W, single):
    dz = np.float32(dz) if single else dz
    a = layers.distribute_value(dz, (n_H, n_W))
    assert a.shape == (n_H, n_W) and np.all(a == a[0, 0])
    least = float(np.finfo(a.dtype).smallest_subnormal)
    np.testing.assert_allclose(a.sum(), dz, rtol=1e-6, atol=n_H * n_W * least)


def assert_same(actual, expected, dtype):
    tolerance = {np.float32: 2e-5, np.float64: 1e-12}[dtype]
    assert actual.dtype == expected.dtype == dtype
    scale = np.max(np.abs(expected), initial=0)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * max(scale, 1))


dtypes = st.sampled_from([np.float32, np.float64])


@given(layer=convolutions, dtype=dtypes)
def test_loops_and_fast_convolve_alike(layer, dtype):
    arrays = [x.astype(dtype) for x in (layer.A_prev, layer.W, layer.b)]
    Z, cache = loops.conv_forward(*arrays, layer.step)
    assert_same(cnnlayers.conv_forward(*arrays, layer.step)[0], Z, dtype)
    dZ = np.cos(Z)
    for actual, expected in zip(
        cnnlayers.conv_backward(dZ, cache), loops.conv_backward(dZ, cache), strict=True
    ):
        assert_same(actual, expected, dtype)


@given(layer=poolings, dtype=dtypes, tied=st.booleans())
def test_loops_and_fast_pool_alike(layer, dtype, tied):
    A_prev = layer.A_prev.astype(dtype)
    if tied:
        A_prev = np.round(A_prev)
    for mode in ("max", "average"):
        A, cache = loops.pool_forward(A_prev, layer.window, mode)
        assert_same(cnnlayers.pool_forward(A_prev, layer.window, mode)[0], A, dtype)
        dA = np.cos(np.arange(A.size, dtype=dtype)).reshape(A.shape)
        for ties in ("all", "first"):
            expected = loops.pool_backward(dA, cache, mode, ties)
            assert_same(cnnlayers.pool_backward(dA, cache, mode, ties), expected, dtype)


@given(layer=poolings)
def test_one_step_is_one_entry_of_the_forward_pass(layers, layer):
    Z, _ = layers.conv_forward(layer.A_prev, layer.W, layer.b, layer.step)
    f, c = layer.f, layer.n_C - 1
    step = layers.conv_single_step(layer.A_prev[0, :f, :f], layer.W[..., c], layer.b[..., c])
    close(Z[0, 0, 0, c], step)

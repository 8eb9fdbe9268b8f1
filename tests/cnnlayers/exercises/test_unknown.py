"""Wrong answers that are in no catalogue: nothing is guessed, what is seen is said."""

import numpy as np
import pytest

from cnnlayers import loops
from cnnlayers.exercises import check


def conv(change):
    def conv_forward(A_prev, W, b, hparameters):
        Z, cache = loops.conv_forward(A_prev, W, b, hparameters)
        return change(Z, A_prev, hparameters), cache

    return conv_forward


def pool(change):
    return lambda A, h, mode="max": (change(loops.pool_forward(A, h, mode)[0]), (A, h))


def back(dA=lambda x: x, dW=lambda x: x, db=lambda x: x):
    def conv_backward(dZ, cache):
        a, w, b = loops.conv_backward(dZ, cache)
        return dA(a), dW(w), db(b)

    return conv_backward


def last_row(Z, *_):
    Z = Z.copy()
    Z[:, -1] += 1
    return Z


def border(Z, *_):
    inner = Z[:, 1:-1, 1:-1].copy()
    Z = Z + 0.5
    Z[:, 1:-1, 1:-1] = inner
    return Z


def channel(Z, *_):
    Z = Z.copy()
    Z[..., -1] **= 2
    return Z


UNKNOWN = [
    ("conv_forward", conv(lambda Z, *_: Z[::-1]), "examples in reverse order"),
    ("conv_forward", conv(lambda Z, *_: Z[::-1]), "when there is more than one example"),
    ("conv_forward", conv(lambda Z, *_: Z[..., ::-1]), "channels in reverse order"),
    ("conv_forward", conv(lambda Z, *_: np.roll(Z, 1, axis=2)), "moved by one row or column"),
    ("conv_forward", conv(lambda Z, *_: Z[:, ::-1]), "upside down"),
    ("conv_forward", conv(lambda Z, *_: Z[:, :, ::-1]), "mirrored"),
    ("conv_forward", conv(lambda Z, *_: Z * 1.001), "what it should be times 1.001"),
    ("conv_forward", conv(lambda Z, *_: Z + 3), "what it should be +3 everywhere"),
    ("conv_forward", conv(lambda Z, A, h: Z * h["stride"]), "times one factor in each input"),
    ("conv_forward", conv(lambda Z, A, h: Z * h["stride"]), "when the stride is greater than 1"),
    ("conv_forward", conv(lambda Z, A, h: Z + h["pad"]), "when there is padding"),
    ("conv_forward", conv(lambda Z, *_: np.abs(Z)), "has lost its signs"),
    ("conv_forward", conv(lambda Z, *_: np.round(Z)), "rounded to whole numbers"),
    ("conv_forward", conv(lambda Z, *_: Z * np.nan), "Z is all NaN"),
    ("conv_forward", conv(lambda Z, *_: Z.transpose(0, 3, 1, 2)), "axes in another order"),
    ("conv_forward", conv(lambda Z, *_: Z.squeeze()), "only axes of length 1 differ"),
    (
        "conv_forward",
        conv(lambda Z, *_: Z[:, :-1]),
        "Z has shape (1, 2, 2, 1) where it should have",
    ),
    ("conv_forward", conv(lambda Z, *_: np.tanh(Z)), "all 6 entries differ"),
    ("conv_forward", conv(last_row), "in the last row only"),
    ("conv_forward", conv(channel), "in the last channel only"),
    (
        "conv_forward",
        lambda A, W, b, h: (loops.conv_forward(A, W, b, h)[0], {"A": A}),
        "yours is {A: array (1, 4, 3, 1)}",
    ),
    (
        "conv_forward",
        lambda A, W, b, h: (loops.conv_forward(A, W, b, h)[0], (A, W, b, h, 1)),
        "The cache should be (A_prev, W, b, hparameters)",
    ),
    ("pool_forward", pool(lambda A: np.sort(A, axis=1)[:, ::-1] + 0.25), "entries differ"),
    ("pool_forward", pool(lambda A: A + 1), "+1 everywhere"),
    ("conv_backward", back(dA=lambda x: x[:, ::-1]), "dA_prev holds the right numbers upside down"),
    ("conv_backward", back(dA=lambda x: x[:, ::-1]), "dW is right"),
    ("conv_backward", back(dW=lambda x: x[:, :, ::-1]), "when the input has more than one channel"),
    ("conv_backward", back(db=lambda x: 2 * x), "db is what it should be times 2"),
    ("conv_backward", back(dA=border), "dA_prev differs at the border only"),
    ("pool_backward", lambda dA, c, mode="max": 2 * loops.pool_backward(dA, c, mode), "times 2"),
    ("zero_pad", lambda X, pad: loops.zero_pad(X, pad + 1), "X_pad has shape (2, 7, 8, 2)"),
    ("zero_pad", lambda X, pad: loops.zero_pad(X, pad)[:, ::-1], "upside down"),
    ("conv_single_step", lambda a, W, b: np.sum(a + W) + b.item(), "Z is 22.74 where it should be"),
    ("create_mask_from_window", lambda x: x == np.sort(x.ravel())[-2:][0], "entries differ"),
    ("distribute_value", lambda dz, shape: np.full(shape, 2 * dz / np.prod(shape)), "times 2"),
    ("im2col", lambda X, f, s, p: X, "columns has shape"),
    ("softmax", lambda Z: np.sqrt(np.exp(Z - Z.max(1, keepdims=True))), "entries differ"),
    (
        "initialize",
        lambda shape, rng: rng.standard_normal(shape) / 7,
        "The numbers spread too far, or not far enough",
    ),
]


@pytest.mark.parametrize(("name", "function", "text"), UNKNOWN)
def test_what_is_seen_is_said_and_nothing_guessed(name, function, text):
    report = check(name, function, language="en")
    assert not report.passed and report.mistakes == () and report.hints == ()
    assert "wrong, and not a mistake I know" in str(report)
    assert text in str(report)
    spanish = check(name, function, language="es")
    assert "no es un error que yo conozca" in str(spanish)


@pytest.mark.parametrize("seed", range(12))
def test_noise_is_never_explained(seed):
    def noisy(dZ, cache):
        noise = np.random.default_rng([seed, dZ.size])
        return tuple(x + noise.normal(size=x.shape) for x in loops.conv_backward(dZ, cache))

    report = check("conv_backward", noisy)
    assert not report.passed and report.mistakes == ()

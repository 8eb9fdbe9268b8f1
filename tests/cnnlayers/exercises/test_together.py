"""Two mistakes at once, and three."""

import numpy as np
import pytest

from cnnlayers import loops
from cnnlayers.exercises import check
from tests.cnnlayers.exercises.anew import convolution, pooling
from tests.cnnlayers.exercises.anew.convolution import entries, gathered, scattered, windows
from tests.cnnlayers.exercises.anew.small import padded

TOGETHER = [
    (
        "zero_pad",
        padded((0, 0), (1, 0), (1, 0), (0, 0), constant_values=3),
        "pad-one-side pad-nonzero",
    ),
    (
        "conv_single_step",
        lambda a, W, b: np.mean(a * W[::-1, ::-1]) + b.item(),
        "step-mean step-flipped",
    ),
    (
        "conv_single_step",
        lambda a, W, b: np.sum(a * W.transpose(1, 0, 2)),
        "step-no-bias step-transposed",
    ),
    (
        "conv_forward",
        entries(start=lambda k, s, f: k, bias=lambda b, c: 0),
        "forward-no-stride forward-no-bias",
    ),
    (
        "conv_forward",
        windows(change=lambda W: W[::-1, ::-1], bias=lambda b: b[..., :1]),
        "forward-first-bias forward-flipped",
    ),
    (
        "conv_forward",
        windows(pad=lambda p, s: 0, end=lambda Z: Z.clip(0)),
        "forward-no-pad forward-relu",
    ),
    (
        "conv_forward",
        windows(
            steps=lambda s, f: (1, 1), sizes=convolution.size, cache=lambda A, P, W, b, h: (A, W)
        ),
        "forward-no-stride forward-cache-short",
    ),
    (
        "conv_forward",
        windows(change=lambda W: W.swapaxes(0, 1), returns=lambda Z, cache: Z),
        "forward-transposed forward-no-cache",
    ),
    (
        "pool_forward",
        pooling.entries(start=lambda k, s, f: k, top=pooling.running(0)),
        "pool-no-stride pool-from-zero",
    ),
    (
        "pool_forward",
        pooling.windows(
            see=lambda A, f: np.repeat(A[:1], len(A), 0), mean=lambda c: c.sum((-1, -2))
        ),
        "pool-sum pool-first-example",
    ),
    (
        "conv_backward",
        scattered(put="set", start=lambda k, s: k),
        "backward-assign-dA backward-no-stride",
    ),
    (
        "conv_backward",
        scattered(turn=lambda W: W[::-1, ::-1], db=lambda x, m: x / m),
        "backward-flipped backward-db-mean",
    ),
    (
        "conv_backward",
        gathered(sums=()),
        "backward-assign-dA backward-assign-dW backward-assign-db",
    ),
    (
        "conv_backward",
        scattered(dW=lambda x, m: x / m, db=lambda x, m: x / m),
        "backward-dW-mean backward-db-mean",
    ),
    (
        "conv_backward",
        scattered(crop=lambda G, p, h, w: G[:, p:-p, p:-p], dW=lambda x, m: x[::-1, ::-1]),
        "backward-dW-flipped backward-unpad-zero",
    ),
    (
        "pool_backward",
        pooling.delivered(put="set", share=lambda g, f, dA, A: g / f),
        "pool-backward-assign pool-backward-divided-by-f",
    ),
    (
        "pool_backward",
        pooling.delivered(start=lambda k, s, f: k, given=lambda mask, g, window, f: mask),
        "pool-backward-no-stride pool-backward-mask-alone",
    ),
]


@pytest.mark.parametrize(("name", "function", "names"), TOGETHER)
def test_mistakes_at_once_are_all_named(name, function, names):
    report = check(name, function, language="en")
    assert not report.passed
    assert set(report.mistakes) == set(names.split()), str(report)
    assert "Several things at once" in str(report)
    assert len(report.hints) == 2 * len(report.mistakes)


def test_a_mistake_and_a_changed_argument_are_both_named():
    def conv_backward(dZ, cache):
        dA_prev, dW, db = loops.conv_backward(dZ, cache)
        cache[0][...] = 0
        return dA_prev, dW, db / len(dZ)

    report = check("conv_backward", conv_backward, language="en")
    assert report.mistakes == ("backward-db-mean", "backward-changes-cache")
    assert "A_prev holds other numbers" in str(report)


def test_zeros_are_described_and_not_explained_by_two_mistakes():
    def conv_forward(A_prev, W, b, hparameters):
        Z, cache = loops.conv_forward(A_prev, W, b, hparameters)
        return np.zeros_like(Z), cache

    report = check("conv_forward", conv_forward, language="en")
    assert report.mistakes == () and "Z is all zeros." in str(report)

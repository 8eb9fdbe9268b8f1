"""Answers to the smaller exercises, right and wrong; each is a dict of what is handed in."""

import numpy as np

from cnnlayers import conv_backward, conv_forward, pool_backward


def both(first, last):
    return {"to_channels_first": first, "to_channels_last": last}


def relu(forward, backward):
    return {"relu_forward": forward, "relu_backward": backward}


def function(answer):
    return {"answer": answer}


def unpadded(X, pad):
    """Take the border off by a mask."""
    m, n_H, n_W, n_C = X.shape
    rows = (np.arange(n_H) >= pad) & (np.arange(n_H) < n_H - pad)
    columns = (np.arange(n_W) >= pad) & (np.arange(n_W) < n_W - pad)
    return X[:, rows][:, :, columns]


def copies(W_1, W_2, put="add", turn=lambda W: W):
    W_5 = np.zeros((5, 5, 1, 1))
    for p, q in np.ndindex(3, 3):
        share = turn(W_2)[p, q, 0, 0] * W_1
        if put == "add":
            W_5[p : p + 3, q : q + 3] = W_5[p : p + 3, q : q + 3] + share
        else:
            W_5[p : p + 3, q : q + 3] = share
    return W_5


def gathered(turn=lambda W: W[::-1, ::-1], swap=(0, 1, 3, 2), pad=lambda f: f - 1):
    def input_gradient(dZ, W):
        turned = turn(W).transpose(swap)
        b = np.zeros((1, 1, 1, turned.shape[3]))
        return conv_forward(dZ, turned, b, {"stride": 1, "pad": pad(len(W))})[0]

    return input_gradient


def identity_filters(weight=0.25):
    return np.eye(3)[None, None] * weight * np.ones((2, 2, 1, 1))


def back(mode="average", scale=1.0, returns=lambda *g: g):
    def network_backward(dA, cache):
        dZ = pool_backward(dA, cache[1], mode)
        return returns(*conv_backward(dZ * scale, cache[0]))

    return network_backward


TASKS = {
    "channels-first": {
        "right": [
            both(lambda A: A.transpose(0, 3, 1, 2), lambda P: P.transpose(0, 2, 3, 1)),
            both(
                lambda A: np.stack([A[..., c] for c in range(A.shape[3])], axis=1),
                lambda P: np.rollaxis(P, 1, 4),
            ),
        ],
        "channels-reshape": [
            both(
                lambda A: A.reshape(len(A), -1, *A.shape[1:3]),
                lambda P: P.reshape(len(P), *P.shape[2:], -1),
            ),
            both(
                lambda A: np.reshape(A, (len(A), A.shape[3], A.shape[1], A.shape[2])),
                lambda P: np.moveaxis(P, 1, 3),
            ),
        ],
        "channels-swapped": [
            both(lambda A: A.swapaxes(1, 3), lambda P: P.swapaxes(1, 3)),
            both(lambda A: A.transpose(0, 3, 2, 1), lambda P: np.moveaxis(P, 1, -1)),
        ],
        "channels-same-way": [
            both(lambda A: np.moveaxis(A, -1, 1), lambda P: np.moveaxis(P, -1, 1)),
            both(lambda A: A.transpose(0, 3, 1, 2), lambda P: P.transpose(0, 3, 1, 2)),
        ],
    },
    "crop": {
        "right": [
            function(unpadded),
            function(lambda X, p: X[:, p : len(X[0]) - p, p : len(X[0][0]) - p]),
        ],
        "crop-unpad-zero": [
            function(lambda X, p: X[:, p:-p, p:-p]),
            function(lambda X, p: X[:, p:-p][:, :, p:-p]),
        ],
        "crop-one-side": [
            function(lambda X, p: X[:, p:, p:]),
            function(lambda X, p: X[:, : X.shape[1] - p, : X.shape[2] - p]),
        ],
        "crop-one-axis": [
            function(lambda X, p: X[:, p : X.shape[1] - p]),
            function(lambda X, p: X[:, :, p : X.shape[2] - p]),
        ],
    },
    "true-convolution": {
        "right": [
            function(lambda s, k: np.convolve(s, k, "valid")),
            function(
                lambda s, k: [
                    float(np.dot(s[w : w + len(k)], k[::-1])) for w in range(len(s) - len(k) + 1)
                ]
            ),
            function(lambda s, k: np.correlate(s, np.flip(k), mode="valid")),
        ],
        "convolve-not-turned": [
            function(lambda s, k: np.correlate(s, k)),
            function(lambda s, k: [sum(s[w : w + len(k)] * k) for w in range(len(s) - len(k) + 1)]),
        ],
        "convolve-signal-turned": [
            function(lambda s, k: np.correlate(s[::-1], k[::-1])),
            function(lambda s, k: np.convolve(s[::-1], k, "valid")),
        ],
        "convolve-full": [
            function(lambda s, k: np.convolve(s, k)),
            function(lambda s, k: np.convolve(s, k, "same")),
        ],
        "convolve-size": [
            function(lambda s, k: np.convolve(s, k, "valid")[:-1]),
            function(lambda s, k: [s[w : w + len(k)] @ k[::-1] for w in range(len(s) - len(k))]),
        ],
    },
    "horizontal-edges": {
        "right": [
            {"W": [[-1, -1, -1], [0, 0, 0], [1, 1, 1]]},
            {"W": np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]])},
            {"W": np.array([[3.0, 10, 3], [0, 0, 0], [-3, -10, -3]]).reshape(3, 3, 1, 1)},
            {"W": [[0, 1, 0], [0, -1, 0], [0, 0, 0]]},
        ],
        "edges-vertical": [{"W": [[1, 0, -1]] * 3}, {"W": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]}],
        "edges-both": [
            {"W": [[0, 1, 0], [1, -4, 1], [0, 1, 0]]},
            {"W": [[2, 1, 0], [1, 0, -1], [0, -1, -2]]},
        ],
        "edges-flat": [{"W": np.ones((3, 3))}, {"W": [[1, 1, 1], [0, 0, 0], [-1, -1, 0]]}],
        "edges-silent": [{"W": np.zeros((3, 3))}, {"W": [[0, 0, 0], [0, 0, 0], [0, 0, 0]]}],
    },
    "two-small-filters": {
        "right": [function(copies), function(lambda a, b: copies(b, a)[:, :, 0, 0])],
        "combine-assign": [
            function(lambda a, b: copies(a, b, put="set")),
            function(lambda a, b: copies(a, b, "set") + 0),
        ],
        "combine-turned": [
            function(lambda a, b: copies(a, b, turn=lambda W: np.flip(W, (0, 1)))),
            function(lambda a, b: np.rot90(copies(a, b), 2)),
        ],
        "combine-summed": [
            function(lambda a, b: np.pad(a + b, ((1, 1), (1, 1), (0, 0), (0, 0)))),
            function(lambda a, b: np.pad(a * b, ((1, 1), (1, 1), (0, 0), (0, 0)))),
        ],
    },
    "average-as-convolution": {
        "right": [
            {"W": identity_filters(), "b": np.zeros(3)},
            {"W": identity_filters(), "b": np.zeros((1, 1, 1, 3))},
        ],
        "average-mixes-channels": [
            {"W": np.full((2, 2, 3, 3), 0.25), "b": np.zeros(3)},
            {"W": np.ones((2, 2, 3, 3)) / 12, "b": 0},
        ],
        "average-not-divided": [
            {"W": identity_filters(1), "b": np.zeros(3)},
            {"W": identity_filters(0.5), "b": np.zeros(3)},
        ],
        "average-one-channel": [
            {
                "W": np.eye(3)[:1].T.repeat(3, 1)[None, None] * np.full((2, 2, 1, 1), 0.25),
                "b": np.zeros(3),
            }
        ]
        * 2,
    },
    "global-average": {
        "right": [
            function(lambda A: A.mean((1, 2))[:, None, None]),
            function(lambda A: np.einsum("ihwc->ic", A)[:, None, None] / (A.shape[1] * A.shape[2])),
        ],
        "global-shape": [
            function(lambda A: np.mean(A, axis=(1, 2))),
            function(lambda A: A.reshape(len(A), -1, A.shape[3]).mean(1)),
        ],
        "global-all-channels": [
            function(lambda A: A.mean((1, 2, 3), keepdims=True)),
            function(lambda A: [a.mean() for a in A]),
        ],
        "global-wrong-axes": [
            function(lambda A: A.mean((0, 1), keepdims=True)),
            function(lambda A: A.mean((2, 3), keepdims=True)),
        ],
        "global-not-mean": [
            function(lambda A: A.sum((1, 2), keepdims=True)),
            function(lambda A: A.max((1, 2), keepdims=True)),
        ],
    },
    "relu-layer": {
        "right": [
            relu(lambda Z: (np.maximum(Z, 0), Z > 0), lambda d, mask: d * mask),
            relu(lambda Z: (Z * (Z > 0), {"Z": Z}), lambda d, kept: np.where(kept["Z"] > 0, d, 0)),
            relu(lambda Z: (Z.clip(0), Z.clip(0)), lambda d, A: d * (A > 0)),
        ],
        "relu-not-masked": [
            relu(lambda Z: (np.maximum(Z, 0), Z), lambda d, Z: d),
            relu(lambda Z: (Z.clip(0), None), lambda d, _: d * 1),
        ],
        "relu-mask-of-gradient": [
            relu(lambda Z: (np.maximum(Z, 0), Z), lambda d, Z: d * (d > 0)),
            relu(lambda Z: (Z.clip(0), Z), lambda d, Z: d.clip(0)),
        ],
        "relu-times-input": [
            relu(lambda Z: (np.maximum(Z, 0), Z), lambda d, Z: d * Z),
            relu(lambda Z: (Z.clip(0), Z.clip(0)), lambda d, A: d * A),
        ],
        "relu-negative-kept": [
            relu(lambda Z: (np.maximum(Z, 0), np.sign(Z)), lambda d, s: d * s),
            relu(lambda Z: (Z.clip(0), Z), lambda d, Z: d * np.sign(Z)),
        ],
        "relu-reversed": [
            relu(lambda Z: (np.maximum(Z, 0), Z), lambda d, Z: d * (Z < 0)),
            relu(lambda Z: (np.minimum(Z, 0), Z), lambda d, Z: d * (Z < 0)),
        ],
        "relu-identity": [
            relu(lambda Z: (Z, Z), lambda d, Z: d * (Z > 0)),
            relu(lambda Z: (abs(Z), Z), lambda d, Z: d * (Z > 0)),
        ],
        "relu-mask-alone": [
            relu(lambda Z: (np.maximum(Z, 0), Z), lambda d, Z: Z > 0),
            relu(lambda Z: (Z.clip(0), Z > 0), lambda d, m: m * 1.0),
        ],
    },
    "full-convolution": {
        "right": [
            function(gathered()),
            function(
                lambda dZ, W: conv_forward(
                    dZ,
                    np.flip(W, (0, 1)).swapaxes(2, 3),
                    np.zeros((1, 1, 1, W.shape[2])),
                    {"stride": 1, "pad": len(W) - 1},
                )[0]
            ),
        ],
        "full-not-turned": [function(gathered(turn=lambda W: W)), function(gathered(turn=np.copy))],
        "full-one-axis-turned": [
            function(gathered(turn=lambda W: W[::-1])),
            function(gathered(turn=lambda W: np.flip(W))),
        ],
        "full-channels-not-swapped": [
            function(gathered(swap=(0, 1, 2, 3))),
            function(gathered(turn=lambda W: np.rot90(W, 2), swap=range(4))),
        ],
        "full-pad": [function(gathered(pad=lambda f: f)), function(gathered(pad=lambda f: 0))],
    },
    "shared-ties": {
        "right": [
            function(lambda x: (x == x.max()) / np.count_nonzero(x == x.max())),
            function(lambda x: np.where(x == x.max(), 1 / (x == x.max()).sum(), 0)),
        ],
        "shared-not-divided": [
            function(lambda x: x == x.max()),
            function(lambda x: (x == x.max()) * 1.0),
        ],
        "shared-first": [
            function(lambda x: np.arange(x.size).reshape(x.shape) == x.argmax()),
            function(lambda x: np.eye(x.size)[x.argmax()].reshape(x.shape)),
        ],
        "shared-fixed": [
            function(lambda x: (x == x.max()) / 3),
            function(lambda x: (x == x.max()) / 2),
        ],
        "shared-by-size": [
            function(lambda x: (x == x.max()) / x.size),
            function(lambda x: np.where(x == x.max(), 1 / x.size, 0)),
        ],
        "shared-by-value": [
            function(lambda x: x / x.sum()),
            function(lambda x: (x == x.max()) * x / x.sum()),
        ],
    },
    "whole-network": {
        "right": [function(back()), function(lambda dA, cache: list(back()(dA, cache)))],
        "network-mode": [
            function(back("max")),
            function(lambda d, c: conv_backward(pool_backward(d, c[1]), c[0])),
        ],
        "network-only-input": [
            function(back(returns=lambda a, w, b: a)),
            function(lambda d, c: back()(d, c)[0]),
        ],
        "network-divided-again": [
            function(back(scale=0.25)),
            function(lambda d, c: back()(d / 4, c)),
        ],
    },
}

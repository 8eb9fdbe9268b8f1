"""Answers on the functions of part II, right and wrong, in styles that are not the book's."""

import math

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

# im2col and col2im


def unfolded(
    pad=lambda p: p,
    step=lambda s: s,
    order=(0, 1, 2, 4, 5, 3),
    rows=None,
    end=lambda columns, m, n_H, n_W: columns,
):
    def im2col(X, f, stride, p):
        A = np.pad(X, ((0, 0), (pad(p),) * 2, (pad(p),) * 2, (0, 0)))
        cut = sliding_window_view(A, (f, f), axis=(1, 2))[:, :: step(stride), :: step(stride)]
        if rows:
            cut = cut[:, : rows(X.shape[1], f, stride, p), : rows(X.shape[2], f, stride, p)]
        m, n_H, n_W = cut.shape[:3]
        moved = cut.transpose(order)
        columns = moved.reshape(math.prod(moved.shape[:3]), -1)
        return end(columns, m, n_H, n_W)

    return im2col


def listed(
    start=lambda k, s: k * s,
    flat=lambda window: window.ravel(),
    places=lambda m, n_H, n_W: np.ndindex(m, n_H, n_W),
    pad=lambda p: p,
    size=lambda n, f, s, p: (n + 2 * p - f) // s + 1,
):
    def im2col(X, f, stride, p):
        A = np.pad(X, ((0, 0), (pad(p),) * 2, (pad(p),) * 2, (0, 0)))
        n_H, n_W = (size(n, f, stride, p) for n in X.shape[1:3])
        rows = []
        for i, h, w in places(len(X), n_H, n_W):
            y, x = start(h, stride), start(w, stride)
            rows.append(flat(A[i, y : y + f, x : x + f]))
        return np.array(rows)

    return im2col


def strided(X, f, stride, pad):
    A = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    n_H, n_W = (A.shape[1] - f) // stride + 1, (A.shape[2] - f) // stride + 1
    a, b, c, d = A.strides
    shape = (len(A), n_H, n_W, f, f, A.shape[3])
    return as_strided(A, shape, (a, b * stride, c * stride, b, c, d)).reshape(
        -1, f * f * A.shape[3]
    )


def crossing(f, n_H, n_W, m):
    return ((i, h, w) for h in range(n_H) for w in range(n_W) for i in range(m))


IM2COL = {
    "right": [unfolded(), listed(), strided, lambda *a: listed()(*a).tolist()],
    "columns-no-stride": [
        listed(start=lambda k, s: k),
        lambda X, f, s, p: unfolded(
            step=lambda s: 1, rows=lambda n, f, s, p: (n + 2 * p - f) // s + 1
        )(X, f, s, p),
    ],
    "columns-channel-order": [
        unfolded(order=(0, 1, 2, 3, 4, 5)),
        listed(flat=lambda w: np.moveaxis(w, -1, 0).ravel()),
        listed(flat=lambda w: w.transpose(1, 0, 2).ravel()),
    ],
    "columns-row-order": [
        unfolded(order=(1, 2, 0, 4, 5, 3)),
        listed(places=lambda m, n_H, n_W: crossing(0, n_H, n_W, m)),
    ],
    "columns-transposed": [
        unfolded(end=lambda c, m, h, w: c.T),
        lambda *a: np.stack(list(listed()(*a)), axis=1),
    ],
    "columns-size": [
        listed(size=lambda n, f, s, p: (n + 2 * p - f) // s),
        unfolded(rows=lambda n, f, s, p: (n - f) // s + 1),
        unfolded(rows=lambda n, f, s, p: (n - f + p) // s + 1),
    ],
    "columns-no-pad": [
        unfolded(pad=lambda p: 0),
        listed(pad=lambda p: 0, size=lambda n, f, s, p: (n - f) // s + 1),
    ],
    "columns-not-flat": [
        unfolded(end=lambda c, m, h, w: c.reshape(m, h * w, -1)),
        lambda X, f, s, p: listed()(X, f, s, p).reshape(-1, f, f, X.shape[3]),
    ],
}


def folded(
    start=lambda k, s: k * s,
    put="add",
    shaped=lambda row, f, c: row.reshape(f, f, c),
    crop=lambda G, p, h, w: G[:, p : p + h, p : p + w],
    average=False,
):
    def col2im(columns, shape, f, stride, p):
        m, n_H_prev, n_W_prev, n_C = shape
        n_H, n_W = (n_H_prev + 2 * p - f) // stride + 1, (n_W_prev + 2 * p - f) // stride + 1
        G = np.zeros((m, n_H_prev + 2 * p, n_W_prev + 2 * p, n_C))
        count = np.zeros_like(G)
        for (i, h, w), row in zip(np.ndindex(m, n_H, n_W), columns):
            y, x = start(h, stride), start(w, stride)
            if put == "add":
                G[i, y : y + f, x : x + f] += shaped(row, f, n_C)
            else:
                G[i, y : y + f, x : x + f] = shaped(row, f, n_C)
            count[i, y : y + f, x : x + f] += 1
        if average:
            G /= np.where(count > 0, count, 1)
        return crop(G, p, n_H_prev, n_W_prev)

    return col2im


def by_places(put=True, step=lambda s: s):
    """Fold all windows at once, one place of the window after the other."""

    def col2im(columns, shape, f, stride, p):
        m, n_H_prev, n_W_prev, n_C = shape
        n_H, n_W = (n_H_prev + 2 * p - f) // stride + 1, (n_W_prev + 2 * p - f) // stride + 1
        parts = columns.reshape(m, n_H, n_W, f, f, n_C)
        G = np.zeros((m, n_H_prev + 2 * p, n_W_prev + 2 * p, n_C))
        s = step(stride)
        for a in range(f):
            for b in range(f):
                G[:, a : a + s * n_H : s, b : b + s * n_W : s][:, :n_H, :n_W] += parts[
                    :, :, :, a, b
                ]
        return G[:, p : p + n_H_prev, p : p + n_W_prev]

    return col2im


def lost_repeats(columns, shape, f, stride, p):
    """`x[index] += …` keeps one of the repeated entries."""
    m, n_H_prev, n_W_prev, n_C = shape
    G = np.zeros((m, n_H_prev + 2 * p, n_W_prev + 2 * p, n_C))
    n_H, n_W = (n_H_prev + 2 * p - f) // stride + 1, (n_W_prev + 2 * p - f) // stride + 1
    i, h, w, a, b, c = np.indices((m, n_H, n_W, f, f, n_C))
    G[i, h * stride + a, w * stride + b, c] += columns.reshape(i.shape)
    return G[:, p : p + n_H_prev, p : p + n_W_prev]


COL2IM = {
    "right": [folded(), by_places(), lambda *a: folded()(*a).tolist()],
    "col2im-assign": [folded(put="set"), lost_repeats],
    "col2im-inverse": [
        folded(average=True),
        lambda *a: folded()(*a) / np.maximum(folded()(np.ones_like(a[0]), *a[1:]), 1),
    ],
    "col2im-no-stride": [folded(start=lambda k, s: k), by_places(step=lambda s: 1)],
    "col2im-channel-order": [
        folded(shaped=lambda row, f, c: row.reshape(c, f, f).transpose(1, 2, 0)),
        folded(shaped=lambda row, f, c: row.reshape(f, f, c).swapaxes(0, 1)),
    ],
    "col2im-unpad-zero": [
        folded(crop=lambda G, p, h, w: G[:, p:-p, p:-p]),
        folded(crop=lambda G, p, h, w: G[:, p:-p, p:-p, :].copy()),
    ],
    "col2im-not-unpadded": [folded(crop=lambda G, p, h, w: G), folded(crop=lambda G, *_: G + 0)],
    "col2im-crop-end": [
        folded(crop=lambda G, p, h, w: G[:, :h, :w]),
        folded(crop=lambda G, p, h, w: G[:, : G.shape[1] - 2 * p, : G.shape[2] - 2 * p]),
    ],
}

# ReLU

RELU_FORWARD = {
    "right": [
        lambda Z: (Z * (Z > 0), Z),
        lambda Z: (np.where(Z > 0, Z, 0), Z.copy()),
        lambda Z: ((np.abs(Z) + Z) / 2, Z > 0),
        lambda Z: [np.clip(Z, 0, None), Z],
    ],
    "relu-identity": [lambda Z: (Z, Z), lambda Z: (Z * 1.0, Z)],
    "relu-reversed": [lambda Z: (np.minimum(0, Z), Z), lambda Z: (np.where(Z > 0, 0, Z), Z)],
    "relu-absolute": [lambda Z: (abs(Z), Z), lambda Z: (np.sqrt(Z * Z), Z)],
    "relu-leaky": [
        lambda Z: (np.where(Z > 0, Z, 0.01 * Z), Z),
        lambda Z: (np.maximum(0.1 * Z, Z), Z),
    ],
    "relu-binary": [lambda Z: (1.0 * (Z > 0), Z), lambda Z: (np.heaviside(Z, 0), Z)],
    "relu-largest": [lambda Z: (max(0, Z.max()), Z), lambda Z: (np.amax(Z), Z)],
    "relu-no-cache": [lambda Z: np.maximum(0, Z), lambda Z: Z * (Z > 0)],
}
RELU_BACKWARD = {
    "right": [
        lambda dA, Z: dA * (Z > 0),
        lambda dA, Z: dA * (Z >= 0),
        lambda dA, Z: np.where(Z <= 0, 0, dA),
        lambda g, cache: np.multiply(g, np.heaviside(cache, 0)),
    ],
    "relu-not-masked": [lambda dA, Z: dA, lambda dA, Z: dA * 1],
    "relu-mask-of-gradient": [lambda dA, Z: dA * (dA > 0), lambda dA, Z: np.maximum(dA, 0)],
    "relu-times-input": [lambda dA, Z: Z * dA, lambda dA, Z: dA * np.maximum(0, Z)],
    "relu-negative-kept": [
        lambda dA, Z: np.sign(Z) * dA,
        lambda dA, Z: np.where(Z > 0, dA, np.where(Z < 0, -dA, 0)),
    ],
    "relu-reversed": [lambda dA, Z: dA * (Z < 0), lambda dA, Z: np.where(Z > 0, 0, dA)],
    "relu-mask-alone": [lambda dA, Z: (Z > 0) * 1.0, lambda dA, Z: Z > 0],
    "relu-forward-again": [lambda dA, Z: Z.clip(0), lambda dA, Z: np.where(Z > 0, Z, 0)],
    "relu-leaky": [
        lambda dA, Z: dA * np.where(Z > 0, 1, 0.01),
        lambda dA, Z: dA * np.where(Z > 0, 1, 0.2),
    ],
    "changes-argument": [
        lambda dA, Z: in_place(dA, Z),
        lambda dA, Z: np.multiply(dA, Z > 0, out=dA),
    ],
}


def in_place(dA, Z):
    dZ = dA
    dZ[Z <= 0] = 0
    return dZ


# Fully connected


def rows(change=lambda z, b, n: z + b, returns=lambda Z, A, W, b: (Z, (A, W, b))):
    def dense_forward(A, W, b):
        Z = [
            [
                change(sum(a * w for a, w in zip(row, W[:, j])), b[0, j], len(W))
                for j in range(W.shape[1])
            ]
            for row in A
        ]
        return returns(np.array(Z), A, W, b)

    return dense_forward


def einsum(spec="ij,jk->ik", bias=lambda b: b, end=lambda Z: Z, cache=lambda A, W, b: (A, W, b)):
    return lambda A, W, b: (end(np.einsum(spec, A, W) + bias(b)), cache(A, W, b))


def grads(
    dA=lambda dZ, A, W: np.einsum("ij,kj->ik", dZ, W),
    dW=lambda dZ, A, W: np.einsum("ij,ik->jk", A, dZ),
    db=lambda dZ: dZ.sum(0).reshape(1, -1),
    returns=lambda *g: g,
):
    return lambda dZ, cache: returns(dA(dZ, *cache[:2]), dW(dZ, *cache[:2]), db(dZ))


def outer(dZ, cache):
    """Right: an outer product for each example."""
    A, W, _ = cache
    dW = sum(np.outer(a, d) for a, d in zip(A, dZ))
    return np.array([W @ d for d in dZ]), dW, np.ones((1, len(dZ))) @ dZ


DENSE_FORWARD = {
    "right": [rows(), einsum(), lambda A, W, b: (np.dot(A, W) + b.ravel(), [A, W, b])],
    "dense-no-bias": [rows(lambda z, b, n: z), einsum(bias=lambda b: 0)],
    "dense-bias-each": [
        rows(lambda z, b, n: z + n * b),
        lambda A, W, b: ((A[:, :, None] * W + b).sum(1), (A, W, b)),
    ],
    "dense-not-transposed": [
        lambda A, W, b: (np.dot(A, W.T) + b, (A, W, b)),
        lambda A, W, b: (A @ np.transpose(W) + b, (A, W, b)),
    ],
    "dense-relu": [einsum(end=lambda Z: Z * (Z > 0)), rows(lambda z, b, n: max(z + b, 0))],
    "dense-cache-order": [
        einsum(cache=lambda A, W, b: (W, b, A)),
        rows(returns=lambda Z, A, W, b: (Z, (b, A, W))),
    ],
    "dense-cache-short": [einsum(cache=lambda A, W, b: (A, W)), einsum(cache=lambda A, W, b: (W,))],
    "dense-no-cache": [lambda A, W, b: A @ W + b, lambda A, W, b: (A @ W + b).tolist()],
}
DENSE_BACKWARD = {
    "right": [
        grads(),
        outer,
        lambda dZ, c: [np.dot(dZ, c[1].T), np.dot(c[0].T, dZ), dZ.sum(0, keepdims=True)],
    ],
    "dense-not-transposed": [
        grads(dA=lambda dZ, A, W: np.dot(dZ, W)),
        grads(dW=lambda dZ, A, W: np.dot(A, dZ)),
        grads(dW=lambda dZ, A, W: np.einsum("ij,ik->kj", A, dZ)),
    ],
    "dense-db-not-summed": [grads(db=lambda dZ: dZ), grads(db=lambda dZ: dZ[:])],
    "dense-batch-mean": [
        grads(dW=lambda dZ, A, W: A.T @ dZ / len(A), db=lambda dZ: dZ.mean(0, keepdims=True)),
        grads(db=lambda dZ: np.mean(dZ, 0)[None]),
    ],
    "dense-db-flat": [
        grads(db=lambda dZ: dZ.sum(axis=0)),
        grads(db=lambda dZ: [sum(c) for c in dZ.T]),
    ],
    "dense-db-axis": [grads(db=lambda dZ: dZ.sum(1, keepdims=True)), grads(db=np.sum)],
    "dense-order": [
        grads(returns=lambda a, w, b: (w, b, a)),
        grads(returns=lambda a, w, b: (w, a, b)),
    ],
    "dense-sign": [lambda dZ, c: grads()(-dZ, c), grads(dW=lambda dZ, A, W: -A.T @ dZ)],
}

# softmax and cross-entropy


def by_rows(row=lambda e: e / e.sum(), exponent=lambda z: z - z.max()):
    return lambda Z: np.array([row(np.exp(exponent(z.astype(float)))) for z in Z])


def whole(
    top=lambda Z: Z.max(1)[:, None],
    total=lambda e: e.sum(1)[:, None],
    sign=1,
    exp=np.exp,
    end=lambda P: P,
):
    def softmax(Z):
        e = exp(sign * Z - top(sign * Z))
        return end(e / total(e))

    return softmax


def log_sum(Z):
    top = Z.max(axis=1, keepdims=True)
    return Z - top - np.log(np.exp(Z - top).sum(axis=1, keepdims=True))


def row_by_row(Z, y, term=None, join=np.mean, cache=None):
    """The loss with a loop over examples."""
    losses, P = [], []
    for z, k in zip(Z.astype(float), y):
        e = np.exp(z - z.max())
        P.append(e / e.sum())
        losses.append(term(z, e, k) if term else np.log(e.sum()) - (z[k] - z.max()))
    return join(losses), (np.array(P), y)


def loss(
    pick=lambda L, y: -L[np.arange(len(y)), y],
    join=np.mean,
    cache=lambda P, y: (P, y),
    returns=lambda J, c: (J, c),
):
    return lambda Z, y: returns(join(pick(log_sum(Z), y)), cache(np.exp(log_sum(Z)), y))


SOFTMAX = {
    "right": [
        by_rows(),
        whole(),
        lambda Z: np.exp(log_sum(Z)),
        whole(top=lambda Z: Z.mean(1)[:, None]),
    ],
    "softmax-overflow": [by_rows(exponent=lambda z: z), whole(top=lambda Z: 0)],
    "softmax-axis": [
        lambda Z: by_rows()(Z.T).T,
        whole(top=lambda Z: Z.max(0), total=lambda e: e.sum(0)),
    ],
    "softmax-sum-all": [whole(top=np.max, total=np.sum), whole(total=np.sum)],
    "softmax-max-all": [whole(top=np.max), lambda Z: by_rows(exponent=lambda z: z - Z.max())(Z)],
    "softmax-sign": [whole(sign=-1), by_rows(exponent=lambda z: -z + z.min())],
    "softmax-no-exp": [whole(exp=lambda x: x), lambda Z: Z / Z.sum(1, keepdims=True)],
    "softmax-not-normalized": [whole(total=lambda e: 1), by_rows(row=lambda e: e)],
    "softmax-log": [log_sum, by_rows(row=lambda e: np.log(e / e.sum()))],
    "softmax-winner": [
        lambda Z: (Z == Z.max(1, keepdims=True)).astype(float),
        lambda Z: np.eye(Z.shape[1])[Z.argmax(1)],
    ],
}
CROSS_ENTROPY_FORWARD = {
    "right": [
        loss(),
        lambda Z, y: row_by_row(Z, y),
        lambda Z, y: (-np.log(whole()(Z)[np.arange(len(y)), y] + 1e-15).mean(), (whole()(Z), y)),
        lambda Z, y: (
            -np.mean(np.sum(np.eye(Z.shape[1])[y] * log_sum(Z), axis=1)),
            [whole()(Z), y],
        ),
    ],
    "softmax-not-averaged": [loss(join=np.sum), lambda Z, y: row_by_row(Z, y, join=sum)],
    "softmax-averaged-twice": [
        loss(join=lambda x: np.mean(x) / len(x)),
        lambda Z, y: (-np.mean(np.eye(Z.shape[1])[y] * log_sum(Z)), (whole()(Z), y)),
    ],
    "softmax-sign": [
        loss(pick=lambda L, y: L[np.arange(len(y)), y]),
        lambda Z, y: row_by_row(Z, y, lambda z, e, k: z[k] - z.max() - np.log(e.sum())),
    ],
    "softmax-log-zero": [
        lambda Z, y: (-np.log(whole()(Z)[np.arange(len(y)), y]).mean(), (whole()(Z), y)),
        lambda Z, y: row_by_row(Z, y, lambda z, e, k: -np.log(e[k] / e.sum())),
    ],
    "softmax-one-hot-missing": [loss(pick=lambda L, y: -L.sum(1)), loss(pick=lambda L, y: -L)],
    "softmax-predicted-class": [
        loss(pick=lambda L, y: -L.max(1)),
        lambda Z, y: loss()(Z, Z.argmax(1))[:1] + ((whole()(Z), y),),
    ],
    "softmax-no-log": [
        loss(pick=lambda L, y: 1 - np.exp(L)[np.arange(len(y)), y]),
        loss(pick=lambda L, y: -np.exp(L)[np.arange(len(y)), y]),
    ],
    "softmax-log-base": [
        loss(join=lambda x: np.mean(x) / np.log(2)),
        loss(join=lambda x: np.mean(x) * np.log10(np.e)),
    ],
    "softmax-cache-order": [loss(cache=lambda P, y: (y, P)), loss(cache=lambda P, y: [y, P])],
    "softmax-cache-short": [loss(cache=lambda P, y: (P,)), loss(cache=lambda P, y: [P])],
    "softmax-no-cache": [loss(returns=lambda J, c: J), lambda Z, y: float(loss()(Z, y)[0])],
}
CROSS_ENTROPY_BACKWARD = {
    "right": [
        lambda cache: (cache[0] - np.eye(cache[0].shape[1])[cache[1]]) / len(cache[1]),
        lambda c: np.array(
            [[(p - (j == k)) / len(c[1]) for j, p in enumerate(row)] for row, k in zip(*c)]
        ),
    ],
    "softmax-one-hot-missing": [lambda c: c[0] / len(c[1]), lambda c: c[0] / c[0].shape[0]],
    "softmax-not-averaged": [
        lambda c: c[0] - np.eye(c[0].shape[1])[c[1]],
        lambda c: np.array([[p - (j == k) for j, p in enumerate(r)] for r, k in zip(*c)]),
    ],
    "softmax-averaged-twice": [
        lambda c: (c[0] - np.eye(c[0].shape[1])[c[1]]) / c[0].size,
        lambda c: (c[0] - np.eye(c[0].shape[1])[c[1]]) / len(c[1]) ** 2,
    ],
    "softmax-sign": [
        lambda c: (np.eye(c[0].shape[1])[c[1]] - c[0]) / len(c[1]),
        lambda c: -(c[0] - np.eye(c[0].shape[1])[c[1]]) / len(c[0]),
    ],
    "softmax-through-probabilities": [
        lambda c: -np.eye(c[0].shape[1])[c[1]] / c[0] / len(c[1]),
        lambda c: np.where(np.eye(c[0].shape[1])[c[1]] > 0, -1 / c[0], 0) / len(c[1]),
    ],
    "changes-argument": [
        lambda c: spoil(*c),
        lambda c: np.divide(np.subtract(c[0], np.eye(c[0].shape[1])[c[1]], out=c[0]), len(c[1])),
    ],
}


def spoil(P, y):
    P[range(len(y)), y] -= 1
    return P / len(y)


# Training


def he(
    scale=lambda n: np.sqrt(2 / n),
    inputs=lambda s: math.prod(s[:-1]),
    draw=lambda rng, s: rng.standard_normal(s),
):
    return lambda shape, rng: draw(rng, shape) * scale(inputs(shape))


INITIALIZE = {
    "right": [
        he(),
        lambda shape, rng: rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape),
        lambda shape, rng: rng.normal(
            size=shape, scale=(2 * shape[-1] / math.prod(shape)) ** 0.5
        ).tolist(),
    ],
    "train-weights-zero": [lambda shape, rng: np.zeros(shape), he(draw=lambda rng, s: np.zeros(s))],
    "init-not-scaled": [lambda s, rng: rng.normal(size=s), he(scale=lambda n: 1)],
    "init-variance": [
        he(scale=lambda n: 2 / n),
        lambda s, rng: rng.normal(0, 2 / math.prod(s[:-1]), s),
    ],
    "init-xavier": [
        he(scale=lambda n: n**-0.5),
        lambda s, rng: rng.normal(0, 1 / np.sqrt(math.prod(s[:-1])), s),
    ],
    "init-fan-out": [
        he(inputs=lambda s: s[-1]),
        lambda s, rng: rng.normal(0, np.sqrt(2 / s[-1]), s),
    ],
    "init-fan-in": [he(inputs=lambda s: s[-2]), he(inputs=lambda s: s[0])],
    "init-fixed-scale": [
        lambda s, rng: 0.01 * rng.standard_normal(s),
        lambda s, rng: rng.normal(0, 0.1, s),
    ],
    "init-not-centered": [
        lambda s, rng: rng.uniform(size=s),
        he(draw=lambda rng, s: rng.random(s)),
    ],
    "init-ignores-rng": [
        he(draw=lambda rng, s: np.random.randn(*s)),
        he(draw=lambda rng, s: np.random.default_rng(0).standard_normal(s)),
    ],
}


def step(
    v=lambda v, g, r, m: m * v - r * g,
    p=lambda p, v, new, g, r, m: p + new,
    returns=lambda p, v, old: (p, v),
):
    def sgd_momentum(P, G, V, rate, momentum):
        new = {k: v(V[k], G[k], rate, momentum) for k in P}
        return returns({k: p(P[k], V[k], new[k], G[k], rate, momentum) for k in P}, new, V)

    return sgd_momentum


def torch_like(P, G, V, rate, momentum):
    """Right: the velocity kept without the rate inside, and given back with it."""
    moved, velocities = {}, {}
    for name in sorted(P):
        buffer = momentum * (-V[name] / rate) + G[name]
        velocities[name] = -rate * buffer
        moved[name] = P[name] - rate * buffer
    return moved, velocities


SGD_MOMENTUM = {
    "right": [step(), torch_like, lambda *a: list(step()(*a))],
    "train-sign": [
        step(v=lambda v, g, r, m: m * v + r * g),
        step(p=lambda p, v, new, g, r, m: p - new),
    ],
    "train-no-rate": [
        step(v=lambda v, g, r, m: m * v - g),
        step(v=lambda v, g, r, m: -(g - m * v)),
    ],
    "sgd-no-momentum": [
        step(v=lambda v, g, r, m: -r * g),
        lambda P, G, V, r, m: step()(P, G, {k: 0 * v for k, v in V.items()}, r, m),
    ],
    "sgd-whole-velocity": [
        step(v=lambda v, g, r, m: v - r * g),
        lambda P, G, V, r, m: step()(P, G, V, r, 1.0),
    ],
    "sgd-old-velocity": [
        step(p=lambda p, v, new, g, r, m: p + v),
        step(p=lambda p, v, new, g, r, m: v + p),
    ],
    "sgd-rate-on-velocity": [
        step(p=lambda p, v, new, g, r, m: p + r * new),
        step(v=lambda v, g, r, m: r * (m * v - g)),
    ],
    "sgd-damped": [
        step(v=lambda v, g, r, m: m * v - (1 - m) * r * g),
        step(v=lambda v, g, r, m: m * v - r * (g - m * g)),
    ],
    "sgd-nesterov": [
        step(p=lambda p, v, new, g, r, m: p + m * new - r * g),
        step(p=lambda p, v, new, g, r, m: p - r * g + m * new),
    ],
    "sgd-velocity-lost": [
        step(returns=lambda p, v, old: (p, old)),
        step(returns=lambda p, v, old: [p, dict(old)]),
    ],
    "sgd-order": [step(returns=lambda p, v, old: (v, p)), step(returns=lambda p, v, old: [v, p])],
}


def epoch(
    batches=lambda m, n: [slice(k, k + n) for k in range(0, m, n)],
    move=lambda p, g, r: p - r * g,
    move_b=None,
    start=lambda P: (P["W"].copy(), P["b"].copy()),
    see=lambda now, first: now,
    weight=lambda d, n: d / n,
):
    def train_epoch(parameters, X, y, rate, batch_size):
        W, b = start(parameters)
        first = (W.copy(), b.copy())
        losses = []
        for part in batches(len(X), batch_size):
            Xb, yb = X[part], y[part]
            V, c = see((W, b), first)
            L = log_sum(Xb @ V + c)
            losses.append(-L[np.arange(len(yb)), yb].mean())
            D = weight(np.exp(L) - np.eye(W.shape[1])[yb], len(yb))
            W, b = move(W, Xb.T @ D, rate), (move_b or move)(b, D.sum(0, keepdims=True), rate)
        return {"W": W, "b": b}, losses

    return train_epoch


TRAIN_EPOCH = {
    "right": [epoch(), lambda *a: [epoch()(*a)[0], np.array(epoch()(*a)[1])]],
    "train-sign": [epoch(move=lambda p, g, r: p + r * g), epoch(move_b=lambda p, g, r: p + r * g)],
    "train-not-averaged": [
        epoch(weight=lambda d, n: d),
        epoch(move=lambda p, g, r: p - r * g, weight=lambda d, n: d * 1.0),
    ],
    "train-averaged-twice": [
        epoch(weight=lambda d, n: d / n / n),
        epoch(weight=lambda d, n: d / n**2),
    ],
    "train-same-batch": [
        epoch(batches=lambda m, n: [slice(0, n)] * math.ceil(m / n)),
        epoch(batches=lambda m, n: [slice(n) for _ in range(0, m, n)]),
    ],
    "train-stale-cache": [
        epoch(see=lambda now, first: first),
        epoch(see=lambda now, first: tuple(first)),
    ],
    "train-weights-zero": [
        epoch(start=lambda P: (0 * P["W"], 0 * P["b"])),
        epoch(start=lambda P: (np.zeros(P["W"].shape), np.zeros(P["b"].shape))),
    ],
    "train-no-rate": [epoch(move=lambda p, g, r: p - g), epoch(move=lambda p, g, r: p + (-g))],
    "train-bias-frozen": [epoch(move_b=lambda p, g, r: p), epoch(move_b=lambda p, g, r: p * 1)],
    "train-last-batch": [
        epoch(batches=lambda m, n: [slice(k * n, k * n + n) for k in range(m // n)]),
        epoch(batches=lambda m, n: [slice(k, k + n) for k in range(0, m - m % n, n)]),
    ],
}


def numeric(
    points=lambda J, x, k, e: central(J, x, k, e),
    upstream=lambda rng, shape: rng.normal(size=shape),
    dtype=np.float64,
    compare=lambda a, n: np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n)),
    some=slice(None),
    epsilon=1e-5,
    verdict=lambda errors: max(errors),
):
    """Check a gradient with a norm for each input, on a dict."""

    def gradient_check(forward, backward, inputs):
        arrays = {name: np.array(x, dtype=dtype) for name, x in inputs.items()}
        Z, cache = forward(*arrays.values())
        dZ = upstream(np.random.default_rng(3), Z.shape)
        gradients = backward(dZ, cache)
        errors = []
        for (name, x), analytic in list(zip(arrays.items(), gradients))[some]:

            def J(moved, name=name):
                return np.sum(forward(*{**arrays, name: moved}.values())[0] * dZ)

            estimate = np.zeros(x.shape)
            for k in np.ndindex(x.shape):
                estimate[k] = points(J, x, k, epsilon)
            errors.append(compare(np.asarray(analytic), estimate))
        return verdict(errors)

    return gradient_check


def moved(x, k, e):
    y = x.copy()
    y[k] += e
    return y


def central(J, x, k, e):
    return (J(moved(x, k, e)) - J(moved(x, k, -e))) / (2 * e)


def in_list(forward, backward, inputs, epsilon=1e-6, restore=True, tolerance=1e-5):
    """Move the reader's own arrays, a list of them."""
    Z, cache = forward(*inputs)
    dZ = np.random.default_rng(9).standard_normal(Z.shape)
    gradients = [np.array(g) for g in backward(dZ, cache)]
    ok = True
    for x, g in zip(inputs, gradients):
        for k in np.ndindex(x.shape):
            x[k] += epsilon
            up = (forward(*inputs)[0] * dZ).sum()
            x[k] -= 2 * epsilon
            down = (forward(*inputs)[0] * dZ).sum()
            if restore:
                x[k] += epsilon
            ok &= abs((up - down) / (2 * epsilon) - g[k]) < tolerance
    return ok


def aliased(J, x, k, e):
    plus = x
    minus = x
    plus[k] += e
    minus[k] -= e
    return (J(plus) - J(minus)) / (2 * e)


GRADIENT_CHECK = {
    "right": [
        numeric(),
        in_list,
        numeric(verdict=lambda errors: max(errors) < 1e-7),
        numeric(points=lambda J, x, k, e: (J(moved(x, k, e / 2)) - J(moved(x, k, -e / 2))) / e),
    ],
    "check-one-sided": [
        numeric(points=lambda J, x, k, e: (J(moved(x, k, e)) - J(x)) / e),
        numeric(points=lambda J, x, k, e: (J(x) - J(moved(x, k, -e))) / e, epsilon=1e-7),
    ],
    "check-no-half": [
        numeric(points=lambda J, x, k, e: 2 * central(J, x, k, e)),
        numeric(points=lambda J, x, k, e: (J(moved(x, k, e)) - J(moved(x, k, -e))) / e),
    ],
    "check-alias": [
        numeric(points=lambda J, x, k, e: aliased(J, x, k, e)),
        numeric(points=lambda J, x, k, e: (J(x) - J(x)) / (2 * e)),
    ],
    "check-epsilon": [numeric(epsilon=0.1), numeric(epsilon=0.05)],
    "check-not-restored": [
        lambda f, b, inputs: in_list(f, b, inputs, restore=False),
        lambda f, b, inputs: in_list(f, b, inputs, epsilon=2e-6, restore=False, tolerance=1e-3),
    ],
    "check-ones": [
        numeric(upstream=lambda rng, s: np.ones(s)),
        numeric(upstream=lambda rng, s: np.full(s, 1.0), verdict=lambda e: max(e) < 1e-6),
    ],
    "check-float32": [numeric(dtype=np.float32), numeric(dtype=np.float32, epsilon=1e-6)],
    "check-some-inputs": [
        numeric(some=slice(1)),
        numeric(some=slice(0, 1), verdict=lambda e: e[0] < 1e-6),
    ],
    "check-magnitudes": [
        numeric(compare=lambda a, n: np.abs(np.abs(a) - np.abs(n)).max()),
        numeric(compare=lambda a, n: np.max(abs(abs(a) - abs(n))), verdict=lambda e: max(e) < 1e-6),
    ],
    "check-sums": [
        numeric(compare=lambda a, n: abs(a.sum() - n.sum())),
        numeric(compare=lambda a, n: abs(np.linalg.norm(a) - np.linalg.norm(n))),
    ],
}

__all__ = [
    "COL2IM",
    "CROSS_ENTROPY_BACKWARD",
    "CROSS_ENTROPY_FORWARD",
    "DENSE_BACKWARD",
    "DENSE_FORWARD",
    "GRADIENT_CHECK",
    "IM2COL",
    "INITIALIZE",
    "RELU_BACKWARD",
    "RELU_FORWARD",
    "SGD_MOMENTUM",
    "SOFTMAX",
    "TRAIN_EPOCH",
]

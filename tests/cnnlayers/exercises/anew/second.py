"""Answers to the exercises of part II, right and wrong; each is a dict of what is handed in.

Each function comes in two styles that are not the book's, with a switch for each mistake.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnlayers import (
    col2im,
    conv_backward,
    conv_forward,
    dense_backward,
    dense_forward,
    im2col,
    pool_backward,
    pool_forward,
)


def each(*functions):
    return [{"answer": function} for function in functions]


def framed(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def same(x):
    return x


# im2col-forward and im2col-backward


def contracted(bias=1, filters=same, out=same, pad=same, step=same):
    def conv_forward(A_prev, W, b, hparameters):
        s, p = step(hparameters["stride"]), pad(hparameters["pad"])
        cut = sliding_window_view(framed(A_prev, p), W.shape[:2], axis=(1, 2))[:, ::s, ::s]
        Z = np.einsum("mhwcij,ijcn->mhwn", cut, filters(W)) + bias * b
        return out(Z), (A_prev, W, b, hparameters)

    return conv_forward


def by_places(bias=1, filters=same, out=same, pad=same, step=same):
    def forward(volume, kernels, offsets, options):
        s, f = step(options["stride"]), len(kernels)
        X = framed(volume, pad(options["pad"]))
        places = [range(0, n - f + 1, s) for n in X.shape[1:3]]
        F = filters(kernels)
        rows = [
            [np.tensordot(X[:, y : y + f, x : x + f], F, axes=3) for x in places[1]]
            for y in places[0]
        ]
        Z = np.moveaxis(np.array(rows), 2, 0) + bias * offsets.ravel()
        return out(Z), (volume, kernels, offsets, options)

    return forward


def forward(**switches):
    return each(contracted(**switches), by_places(**switches))


def outputs(order, back):
    def shuffle(Z):
        sizes = dict(zip("mhwc", Z.shape, strict=True))
        return np.ascontiguousarray(Z).reshape([sizes[k] for k in order]).transpose(back)

    return shuffle


def laid(per_example=False, put="add", filters=same, dW=same, db=same, returns=lambda *g: g):
    def conv_backward(dZ, cache):
        A_prev, W, b, hparameters = cache
        s, p, f = hparameters["stride"], hparameters["pad"], len(W)
        X = framed(A_prev, p)
        dX, filter_gradient = np.zeros(X.shape), np.zeros(W.shape)
        batches = [slice(i, i + 1) for i in range(len(X))] if per_example else [slice(None)]
        for i in batches:
            for h, w in np.ndindex(dZ.shape[1:3]):
                here = (i, slice(h * s, h * s + f), slice(w * s, w * s + f))
                owed = np.einsum("mn,ijcn->mijc", dZ[i, h, w], filters(W))
                dX[here] = owed + (dX[here] if put == "add" else 0)
                filter_gradient += np.einsum("mijc,mn->ijcn", X[here], dZ[i, h, w])
        m, n_H, n_W, n_C = A_prev.shape
        given = dX[:, p : p + n_H, p : p + n_W]
        return returns(given, dW(filter_gradient), db(dZ))

    return conv_backward


def summed(dZ):
    return dZ.sum(axis=(0, 1, 2)).reshape(1, 1, 1, -1)


def laid_both(**switches):
    switches = {"db": summed, **switches}
    return each(laid(**switches), laid(per_example=True, **switches))


# inside-out


def slid(inner=(4, 5, 3), step=same, rows=same, end=same, first=False):
    def unfold(X, f, stride):
        n_H, n_W = ((n - f) // stride + 1 for n in X.shape[1:3])
        s = step(stride)
        cut = sliding_window_view(X, (f, f), axis=(1, 2))[:, ::s, ::s][:, :n_H, :n_W]
        cut = cut[:, : rows(n_H), : rows(n_W)]
        size = len(X) * cut.shape[1] * cut.shape[2], f * f * X.shape[3]
        order = (4, 5, 0, 1, 2, 3) if first else (0, 1, 2, *inner)
        return end(cut.transpose(order).reshape(size))

    return unfold


def walked(inner=(4, 5, 3), step=same, rows=same, end=same, first=False):
    turn = {(4, 5, 3): (0, 1, 2), (5, 4, 3): (1, 0, 2), (3, 4, 5): (2, 0, 1)}[inner]

    def unfold(image, side, jump):
        n_H, n_W = (rows((n - side) // jump + 1) for n in image.shape[1:3])
        found = []
        for i, h, w in np.ndindex(len(image), n_H, n_W):
            y, x = h * step(jump), w * step(jump)
            found.append(image[i, y : y + side, x : x + side].transpose(turn).ravel())
        flat = np.array(found).reshape(-1, side * side * image.shape[3])
        if first:
            pixels = flat.reshape(len(flat), side * side, -1)
            flat = pixels.transpose(1, 0, 2).reshape(flat.shape)
        return end(flat)

    return unfold


def unfold(**switches):
    return each(slid(**switches), walked(**switches))


# one-by-one


def mixed(filters=same, bias=same, channels=slice(None), scale=lambda n: 1, out=same):
    def by_einsum(A, W, b):
        weights = filters(W[0, 0])[channels]
        mixed = np.einsum("mhwc,cn->mhwn", A[..., channels], weights) * scale(A.shape[3])
        return out(mixed + bias(b[0, 0, 0]))

    def by_hand(image, kernel, offset):
        total = 0
        for c in range(image.shape[3])[channels]:
            total = total + image[..., c, None] * filters(kernel[0, 0])[c]
        return out(total * scale(image.shape[3]) + bias(offset.ravel()))

    return each(by_einsum, by_hand)


# fold-average


def shared(share=lambda f, dA: f * f, put="add", overlap=False):
    def windows(dA, shape, f, stride):
        given, times = np.zeros(shape), np.zeros(shape)
        for h, w in np.ndindex(dA.shape[1:3]):
            here = (
                slice(None),
                slice(h * stride, h * stride + f),
                slice(w * stride, w * stride + f),
            )
            part = dA[:, h : h + 1, w : w + 1] / share(f, dA)
            given[here] = part if put == "set" else given[here] + part
            times[here] += 1
        return given / np.maximum(times, 1) if overlap else given

    def numbers(gradient, size, side, jump):
        whole, count = np.zeros(size), np.zeros(size)
        for (i, h, w, c), value in np.ndenumerate(gradient):
            for p, q in np.ndindex(side, side):
                at = i, h * jump + p, w * jump + q, c
                whole[at] = value / share(side, gradient) + (0 if put == "set" else whole[at])
                count[at] += 1
        return whole / np.where(count == 0, 1, count) if overlap else whole

    return each(windows, numbers)


# directional


def in_one_direction(
    moves=lambda k, n: True, sides=2, half=2, up="random", along="random", again=False
):
    def check_list(forward, backward, inputs, epsilon=1e-6):
        rng = np.random.default_rng(7)
        V = [
            (rng.uniform(-1, 1, x.shape) if along == "random" else np.ones(x.shape))
            * moves(k, len(inputs))
            for k, x in enumerate(inputs)
        ]
        out, cache = forward(*inputs)
        dZ = rng.standard_normal(out.shape) if up == "random" else np.ones_like(out)
        gradients = backward(dZ, cache)
        right = [x + epsilon * v for x, v in zip(inputs, V)]
        left = [x - epsilon * v for x, v in zip(inputs, V)] if sides == 2 else inputs
        slope = ((forward(*right)[0] - forward(*left)[0]) * dZ).sum() / (half * epsilon)
        if again:
            V = [rng.uniform(-1, 1, x.shape) for x in inputs]
        told = np.sum([(g * v).sum() for g, v in zip(gradients, V)])
        return np.abs(slope - told) / (np.abs(slope) + np.abs(told))

    def check_answer(f, b, xs, e=1e-6):
        rng = np.random.RandomState(3)
        draw = rng.randn if along == "random" else lambda *shape: np.full(shape, 0.5)
        ways = [draw(*x.shape) if moves(k, len(xs)) else 0 * x for k, x in enumerate(xs)]
        y, kept = f(*xs)
        weights = rng.randn(*y.shape) if up == "random" else 1.0 + 0 * y

        def loss(t):
            return float(np.vdot(weights, f(*(x + t * v for x, v in zip(xs, ways)))[0]))

        numeric = (loss(e) - (loss(-e) if sides == 2 else loss(0))) / (half * e)
        grads = b(weights, kept)
        if again:
            ways = [rng.randn(*x.shape) for x in xs]
        analytic = sum(float(np.vdot(g, v)) for g, v in zip(grads, ways))
        return abs(numeric - analytic) < 1e-5 * max(abs(numeric), abs(analytic))

    return each(check_list, check_answer)


# without-relu


def cut(x, there):
    return np.where(x > 0, x, 0) if there else x


def networks(forth=(False, False), back=(False, False), mode="max"):
    same_size, halves = {"stride": 1, "pad": 1}, {"f": 2, "stride": 2}

    def linear_forward(p, X):
        kept, A = {}, X
        for k in (1, 2):
            Z, kept["conv", k] = conv_forward(A, p[f"W{k}"], p[f"b{k}"], same_size)
            kept["Z", k] = Z
            A, kept["pool", k] = pool_forward(cut(Z, forth[k - 1]), halves, mode)
        kept["shape"] = A.shape
        scores, kept["dense"] = dense_forward(A.reshape(len(A), -1), p["W3"], p["b3"])
        return scores, kept

    def linear_backward(dZ, kept):
        g = {}
        dA, g["W3"], g["b3"] = dense_backward(dZ, kept["dense"])
        dA = dA.reshape(kept["shape"])
        for k in (2, 1):
            dA = pool_backward(dA, kept["pool", k], mode)
            if back[k - 1]:
                dA = dA * (kept["Z", k] > 0)
            dA, g[f"W{k}"], g[f"b{k}"] = conv_backward(dA, kept["conv", k])
        return g

    def forward_tape(parameters, images):
        tape = []
        x = images
        for k, layer in enumerate("12"):
            x, c = conv_forward(x, parameters["W" + layer], parameters["b" + layer], same_size)
            tape.append((layer, c, x))
            x, c = pool_forward(np.maximum(x, 0) if forth[k] else x, halves, mode=mode)
            tape.append(c)
        flat = x.reshape(x.shape[0], x[0].size)
        return flat @ parameters["W3"] + parameters["b3"], (tape, x.shape, flat, parameters["W3"])

    def backward_tape(d, caches):
        tape, shape, flat, W3 = caches
        found = {"W3": flat.T @ d, "b3": d.sum(axis=0, keepdims=True)}
        d = (d @ W3.T).reshape(shape)
        while tape:
            pooling, (layer, convolution, z) = tape.pop(), tape.pop()
            d = pool_backward(d, pooling, mode=mode, ties="all")
            d = np.where(z > 0, d, 0) if back[int(layer) - 1] else d
            d, found["W" + layer], found["b" + layer] = conv_backward(d, convolution)
        return found

    return [
        {"linear_forward": linear_forward, "linear_backward": linear_backward},
        {"linear_forward": forward_tape, "linear_backward": backward_tape},
    ]


# pool-ceil


def incomplete(summary=np.mean, size=lambda n, f: -(-n // f), shift=lambda n, f: 0, edge=False):
    def average_ceil(X, f):
        n_H, n_W = (size(n, f) for n in X.shape[1:3])
        up, left = (shift(n, f) for n in X.shape[1:3])
        A = np.zeros((len(X), n_H, n_W, X.shape[3]))
        for i, h, w, c in np.ndindex(A.shape):
            y, x = h * f - up, w * f - left
            if edge:
                rows, columns = (
                    np.minimum(np.arange(k, k + f), n - 1)
                    for k, n in zip((y, x), X.shape[1:3], strict=True)
                )
                A[i, h, w, c] = X[i, rows][:, columns, c].mean()
            else:
                part = X[i, max(y, 0) : y + f, max(x, 0) : x + f, c]
                A[i, h, w, c] = summary(part) if part.size else np.nan
        return A

    return average_ceil


def reduced(X, f):
    ones, places = np.ones(X.shape), [range(0, n, f) for n in X.shape[1:3]]
    sums, counts = (
        np.add.reduceat(np.add.reduceat(Y, places[0], axis=1), places[1], axis=2) for Y in (X, ones)
    )
    return sums / counts


def outside(pads, constant=0.0, divide=True, mode="constant"):
    """Pad by numbers, and take means of blocks."""

    def average_ceil(X, f):
        amounts = [pads(n, f) for n in X.shape[1:3]]
        given = {"constant_values": constant} if mode == "constant" else {}
        Y = np.pad(X, [(0, 0), *amounts, (0, 0)], mode=mode, **given)
        m, H, W, n_C = Y.shape
        blocks = Y.reshape(m, H // f, f, W // f, f, n_C)
        return np.nanmean(blocks, axis=(2, 4)) if divide else blocks.sum(axis=(2, 4))

    return average_ceil


# transposed-forward


def scattered(put="add", filters=same, step=same, end=lambda out, f, s: out, spread=lambda Z, s: Z):
    def transposed(Z, W, stride):
        Z, s, f = spread(Z, stride), step(stride), len(W)
        m, n_H, n_W, _ = Z.shape
        out = np.zeros((m, s * (n_H - 1) + f, s * (n_W - 1) + f, W.shape[2]))
        for h, w in np.ndindex(n_H, n_W):
            share = np.einsum("mn,ijcn->mijc", Z[:, h, w], filters(W))
            here = slice(None), slice(h * s, h * s + f), slice(w * s, w * s + f)
            out[here] = share if put == "set" else out[here] + share
        return end(out, f, stride)

    return transposed


def by_weights(filters=same, step=same, end=lambda out, f, s: out, spread=lambda Z, s: Z):
    def transposed(upstream, kernels, jump):
        upstream, s, f = spread(upstream, jump), step(jump), len(kernels)
        high, wide = (s * (n - 1) + 1 for n in upstream.shape[1:3])
        shape = len(upstream), high + f - 1, wide + f - 1, kernels.shape[2]
        total = np.zeros(shape)
        for p, q in np.ndindex(f, f):
            total[:, p : p + high : s, q : q + wide : s] += upstream @ filters(kernels)[p, q].T
        return end(total, f, jump)

    return transposed


def transposed(**switches):
    return each(scattered(**switches), by_weights(**switches))


def written_over(Z, W, s):
    size = [s * (n - 1) + len(W) for n in Z.shape[1:3]]
    out = np.zeros((len(Z), *size, W.shape[2]))
    for i, h, w in np.ndindex(Z.shape[:3]):
        for p, q in np.ndindex(W.shape[:2]):
            out[i, h * s + p, w * s + q] = W[p, q] @ Z[i, h, w]
    return out


def repeated(Z, s):
    n_H, n_W = (s * (n - 1) + 1 for n in Z.shape[1:3])
    return Z.repeat(s, axis=1).repeat(s, axis=2)[:, :n_H, :n_W]


# dilated-backward


def dilated(places=lambda f, d: range(0, d * (f - 1) + 1, d), end=lambda dW, d: dW):
    def by_tensordot(dZ, A_prev, W, dilation):
        _, n_H, n_W, _ = dZ.shape
        rows = [
            [
                np.tensordot(A_prev[:, y : y + n_H, x : x + n_W], dZ, axes=([0, 1, 2],) * 2)
                for x in places(len(W), dilation)
            ]
            for y in places(len(W), dilation)
        ]
        return end(np.array(rows), dilation)

    def by_loops(upstream, image, kernels, distance):
        at = list(places(len(kernels), distance))
        dW = np.zeros((len(at), len(at), *kernels.shape[2:]))
        for (p, y), (q, x) in ((a, b) for a in enumerate(at) for b in enumerate(at)):
            for i, h, w in np.ndindex(upstream.shape[:3]):
                dW[p, q] += np.outer(image[i, h + y, w + x], upstream[i, h, w])
        return end(dW, distance)

    return each(by_tensordot, by_loops)


def input_gradient(spread):
    def dilated_dW(dZ, A_prev, W, dilation):
        zero = np.zeros((1, 1, 1, W.shape[3]))
        return conv_backward(dZ, (A_prev, spread(W, dilation), zero, {"stride": 1, "pad": 0}))[0]

    return dilated_dW


def spread_by_slice(W, d):
    f = d * (len(W) - 1) + 1
    apart = np.zeros((f, f, *W.shape[2:]))
    apart[::d, ::d] = W
    return apart


def spread_by_kron(W, d):
    dot = np.zeros((d, d, 1, 1))
    dot[0, 0] = 1
    cut = -(d - 1) or None
    return np.kron(W, dot)[:cut, :cut]


def as_columns(A_prev, W, b, hparameters):
    X = im2col(A_prev, len(W), hparameters["stride"], hparameters["pad"])
    rows, columns = (
        (n - len(W) + 2 * hparameters["pad"]) // hparameters["stride"] + 1
        for n in A_prev.shape[1:3]
    )
    F = np.reshape(W, (X.shape[1], W.shape[-1]))
    Z = (X.dot(F) + np.squeeze(b)).reshape((len(A_prev), rows, columns, W.shape[-1]))
    return [Z, (A_prev, W, b, hparameters)]


def add_at(dA, shape, f, stride):
    given = np.zeros(shape)
    h, w = np.indices(dA.shape[1:3]) * stride
    for p, q in np.ndindex(f, f):
        np.add.at(given, (slice(None), h + p, w + q), dA / f**2)
    return given


SECOND = {
    "im2col-forward": {
        "right": [*forward(), *each(as_columns)],
        "product-no-bias": forward(bias=0),
        "product-filter-order": [
            *forward(filters=lambda W: W.reshape(W.shape[3], -1).T.reshape(W.shape)),
            *forward(filters=lambda W: W.transpose(2, 0, 1, 3).reshape(W.shape)),
        ],
        "product-flipped": forward(filters=lambda W: np.rot90(W, 2)),
        "product-output-order": [
            *forward(out=outputs("mchw", (0, 2, 3, 1))),
            *forward(out=outputs("mwhc", (0, 2, 1, 3))),
        ],
        "product-no-pad": forward(pad=lambda p: 0),
        "product-no-stride": forward(step=lambda s: 1),
        "product-not-folded": forward(out=lambda Z: Z.reshape(-1, Z.shape[3])),
    },
    "im2col-backward": {
        "right": laid_both(),
        "product-assign": laid_both(put="set"),
        "product-filter-order": [
            *laid_both(filters=lambda W: W.reshape(W.shape[3], -1).T.reshape(W.shape)),
            *laid_both(filters=lambda W: W.transpose(2, 0, 1, 3).reshape(W.shape)),
        ],
        "product-flipped": laid_both(filters=lambda W: W[::-1, ::-1]),
        "product-dW-order": laid_both(
            dW=lambda dW: dW.reshape(-1, dW.shape[3]).T.reshape(dW.shape)
        ),
        "product-dW-mean": [
            {
                "answer": lambda dZ, cache: (lambda dA, dW, db: (dA, dW / dZ[..., 0].size, db))(
                    *conv_backward(dZ, cache)
                )
            },
            {
                "answer": lambda dZ, cache: (lambda dA, dW, db: (dA, dW / len(dZ), db))(
                    *conv_backward(dZ, cache)
                )
            },
        ],
        "product-db-mean": [
            *laid_both(db=lambda dZ: dZ.mean(axis=(0, 1, 2)).reshape(1, 1, 1, -1)),
            *laid_both(db=lambda dZ: summed(dZ) / len(dZ)),
        ],
        "product-db-shape": laid_both(db=lambda dZ: dZ.sum(axis=(0, 1, 2))),
        "product-gradients-order": [
            *laid_both(returns=lambda dA, dW, db: (dW, db, dA)),
            *laid_both(returns=lambda dA, dW, db: (dW, dA, db)),
        ],
    },
    "inside-out": {
        "right": [*unfold(), *each(lambda X, f, stride: im2col(X, f, stride, 0))],
        "unfold-swapped": unfold(inner=(5, 4, 3)),
        "unfold-no-step": unfold(step=lambda s: 1),
        "unfold-channel-order": unfold(inner=(3, 4, 5)),
        "unfold-places-first": unfold(first=True),
        "unfold-transposed": unfold(end=np.transpose),
        "unfold-size": unfold(rows=lambda n: n - 1),
    },
    "one-by-one": {
        "right": [
            *mixed(),
            *each(lambda A, W, b: conv_forward(A, W, b, {"stride": 1, "pad": 0})[0]),
        ],
        "pointwise-no-bias": mixed(bias=lambda b: 0),
        "pointwise-transposed": each(
            lambda A, W, b: A @ W[0, 0].T + b,
            lambda A, W, b: np.dot(A, np.squeeze(W, axis=(0, 1)).swapaxes(0, 1)) + b.ravel(),
        ),
        "pointwise-first-bias": mixed(bias=lambda b: b[0]),
        "pointwise-flat": mixed(out=lambda Z: Z.reshape(-1, Z.shape[3])),
        "pointwise-mean": mixed(scale=lambda n: 1 / n),
        "pointwise-first-channel": mixed(channels=slice(0, 1)),
    },
    "fold-average": {
        "right": [*shared(), *each(add_at)],
        "fold-not-divided": shared(lambda f, dA: 1),
        "fold-divided-by-f": shared(lambda f, dA: f),
        "fold-divided-by-windows": [
            *shared(lambda f, dA: dA.size),
            *shared(lambda f, dA: dA[0].size),
        ],
        "fold-tiled": each(
            lambda dA, shape, f, stride: col2im(
                np.tile(dA.ravel() / f**2, f * f).reshape(-1, f * f), shape, f, stride, 0
            ),
            lambda dA, shape, f, stride: col2im(
                np.concatenate([dA.ravel()] * f * f).reshape(dA.size, -1) / f / f,
                shape,
                f,
                stride,
                0,
            ),
        ),
        "fold-averaged-overlap": shared(overlap=True),
        "fold-assign": shared(put="set"),
    },
    "directional": {
        "right": in_one_direction(),
        "directional-one-input": [
            *in_one_direction(moves=lambda k, n: k == 0),
            *in_one_direction(moves=lambda k, n: k == n - 1),
        ],
        "directional-one-sided": in_one_direction(sides=1, half=1),
        "directional-no-half": in_one_direction(half=1),
        "directional-ones": in_one_direction(up="ones"),
        "directional-constant": in_one_direction(along="same"),
        "directional-other-direction": in_one_direction(again=True),
    },
    "flatten_forward": {
        "right": each(
            lambda A: (A.reshape(len(A), -1), A.shape),
            lambda A: (np.array([a.ravel() for a in A]), A),
            lambda A: (
                np.concatenate(np.split(A, len(A))).reshape(A.shape[0], A[0].size),
                [*A.shape],
            ),
        ),
        "flatten-batch": each(
            lambda A: (A.ravel(), A.shape), lambda A: (A.flatten()[None], A.shape)
        ),
        "flatten-channels-first": each(
            lambda A: (np.moveaxis(A, 3, 1).reshape(len(A), -1), A.shape),
            lambda A: (
                np.hstack([A[..., c].reshape(len(A), -1) for c in range(A.shape[3])]),
                A.shape,
            ),
        ),
        "flatten-order": each(
            lambda A: (np.array([a.flatten("F") for a in A]), A.shape),
            lambda A: (A.swapaxes(1, 2).reshape(len(A), -1), A.shape),
        ),
        "flatten-transposed": each(
            lambda A: (A.reshape(len(A), -1).T, A.shape),
            lambda A: (np.stack([a.ravel() for a in A], axis=1), A.shape),
        ),
        "flatten-pixels": each(
            lambda A: (A.reshape(len(A), -1, A.shape[3]), A.shape),
            lambda A: (A.reshape(-1, A.shape[3]), A.shape),
        ),
    },
    "flatten_backward": {
        "right": each(
            lambda dA, shape: np.reshape(dA, shape),
            lambda dA, shape: np.array([row.reshape(shape[1:]) for row in dA]),
        ),
        "flatten-not-restored": each(lambda dA, shape: dA, lambda d, cache: np.copy(d)),
        "flatten-channels-first": each(
            lambda d, s: np.moveaxis(d.reshape(s[0], s[3], s[1], s[2]), 1, 3),
            lambda d, s: np.stack(
                [part.reshape(s[:3]) for part in np.split(d, s[3], axis=1)], axis=3
            ),
        ),
        "flatten-order": each(
            lambda d, s: d.reshape(s[0], s[2], s[1], s[3]).swapaxes(1, 2),
            lambda d, s: np.reshape(d, s, order="F"),
        ),
        "flatten-shared-out": each(
            lambda d, s: d.reshape(s) / np.prod(s[1:]),
            lambda d, s: np.reshape(d, s) / d.shape[1],
        ),
    },
    "without-relu": {
        "right": networks(),
        "linear-relu-forward": networks(forth=(True, True)),
        "linear-relu-backward": networks(back=(True, True)),
        "linear-relu-both": networks(forth=(True, True), back=(True, True)),
        "linear-one-left": [
            *networks(forth=(True, False), back=(True, False)),
            *networks(forth=(False, True), back=(False, True)),
        ],
        "linear-average": networks(mode="average"),
    },
    "pool-ceil": {
        "right": each(incomplete(), reduced, outside(lambda n, f: (0, -n % f), constant=np.nan)),
        "ceil-counts-outside": each(
            outside(lambda n, f: (0, -n % f)),
            lambda X, f: incomplete(np.sum)(X, f) / f**2,
        ),
        "ceil-floor": each(
            incomplete(size=lambda n, f: n // f),
            lambda X, f: pool_forward(X, {"f": f, "stride": f}, "average")[0],
        ),
        "ceil-pads-before": each(
            outside(lambda n, f: (-n % f, 0), constant=np.nan),
            incomplete(shift=lambda n, f: -n % f // 2),
        ),
        "ceil-edge": each(incomplete(edge=True), outside(lambda n, f: (0, -n % f), mode="edge")),
        "ceil-extra-window": each(
            incomplete(size=lambda n, f: n // f + 1),
            outside(lambda n, f: (0, f - n % f), constant=np.nan),
        ),
        "ceil-sum": each(incomplete(np.sum), outside(lambda n, f: (0, -n % f), divide=False)),
        "ceil-maximum": each(
            incomplete(np.max),
            lambda X, f: np.maximum.reduceat(
                np.maximum.reduceat(X, range(0, X.shape[1], f), axis=1),
                range(0, X.shape[2], f),
                axis=2,
            ),
        ),
    },
    "transposed-forward": {
        "right": [
            *transposed(),
            *each(
                lambda Z, W, s: conv_backward(
                    Z,
                    (
                        np.zeros(
                            (
                                len(Z),
                                *(s * (n - 1) + len(W) for n in Z.shape[1:3]),
                                W.shape[2],
                            )
                        ),
                        W,
                        np.zeros((1, 1, 1, W.shape[3])),
                        {"stride": s, "pad": 0},
                    ),
                )[0]
            ),
        ],
        "transposed-not-turned": transposed(filters=lambda W: W[::-1, ::-1]),
        "transposed-turned-once": [
            *transposed(filters=lambda W: W[::-1]),
            *transposed(filters=lambda W: W[:, ::-1]),
        ],
        "transposed-not-spread": transposed(step=lambda s: 1),
        "transposed-too-many-zeros": transposed(step=lambda s: s + 1),
        "transposed-zeros-at-end": transposed(
            end=lambda out, f, s: np.pad(out, ((0, 0), (0, s - 1), (0, s - 1), (0, 0)))
        ),
        "transposed-repeated": transposed(spread=repeated, step=lambda s: 1),
        "transposed-assign": each(scattered(put="set"), written_over),
        "transposed-small-pad": transposed(end=lambda out, f, s: framed(out, 1)),
    },
    "dilated-backward": {
        "right": dilated(),
        "dilated-whole": dilated(places=lambda f, d: range(d * (f - 1) + 1)),
        "dilated-corner": dilated(places=lambda f, d: range(f)),
        "dilated-turned": dilated(end=lambda dW, d: dW[::-1, ::-1]),
        "dilated-divided": dilated(end=lambda dW, d: dW / d**2),
        "dilated-input": each(input_gradient(spread_by_slice), input_gradient(spread_by_kron)),
    },
}

"""The convolution, right and wrong, in two styles that are not the book's.

`windows` cuts all windows out at once and multiplies them with `einsum`; `entries` writes every
sum as a loop over single numbers. Each mistake is one of their options.
"""

from itertools import product

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def size(n, f, stride, pad):
    return (n + 2 * pad - f) // stride + 1


def ceil_size(n, f, stride, pad):
    return int(np.ceil((n + 2 * pad - f) / stride)) + 1


# Forward


def windows(
    pad=lambda p, s: p,
    steps=lambda s, f: (s, s),
    sizes=None,
    filters="iyxkpq,pqkc->iyxc",
    change=lambda W: W,
    bias=lambda b: b,
    see=lambda A: A,
    end=lambda Z: Z,
    cache=lambda A, A_pad, W, b, h: (A, W, b, h),
    returns=lambda Z, cache: (Z, cache),
):
    """Convolve with all the windows at once."""

    def conv_forward(A_prev, W, b, hparameters):
        s, p, f = hparameters["stride"], hparameters["pad"], W.shape[0]
        p_used = pad(p, s)
        A_pad = np.pad(see(A_prev), ((0, 0), (p_used, p_used), (p_used, p_used), (0, 0)))
        across, down = steps(s, f)
        cut = sliding_window_view(A_pad, (f, f), axis=(1, 2))[:, ::down, ::across]
        if sizes:
            n_H, n_W = (sizes(n, f, s, p) for n in A_prev.shape[1:3])
            cut = cut[:, :n_H, :n_W]
        Z = end(np.einsum(filters, cut, change(W)) + bias(b))
        return returns(Z, cache(A_prev, A_pad, W, b, hparameters))

    return conv_forward


def entries(
    sizes=(size, size),
    start=lambda k, s, f: k * s,
    start_across=None,
    extent=lambda f, s: f,
    pad=lambda p, s: p,
    weight=lambda W, p, q, k, c: W[p, q, k, c],
    pixel=lambda A, i, y, x, k: A[i, y, x, k],
    bias=lambda b, c: b[0, 0, 0, c],
    total=lambda products, b: sum(products) + b,
    where=lambda i, h, w, c: (i, h, w, c),
    shape=lambda m, n_H, n_W, n_C: (m, n_H, n_W, n_C),
    outputs=lambda m, n_H, n_W, n_C: np.ndindex(m, n_H, n_W, n_C),
    dtype=float,
    cut="add",
):
    """Convolve with a loop for every index; what lies outside counts as `cut` says."""

    def conv_forward(A_prev, W, b, hparameters):
        s, p, f = hparameters["stride"], hparameters["pad"], W.shape[0]
        p_used = pad(p, s)
        A = np.pad(A_prev, ((0, 0), (p_used, p_used), (p_used, p_used), (0, 0)))
        m, n_H_prev, n_W_prev, _ = A_prev.shape
        n_H, n_W = sizes[0](n_H_prev, f, s, p), sizes[1](n_W_prev, f, s, p)
        Z = np.zeros(shape(m, n_H, n_W, W.shape[3]), dtype=dtype)
        for i, h, w, c in outputs(m, n_H, n_W, W.shape[3]):
            products, whole = [], True
            for dy, dx, k in product(range(extent(f, s)), range(extent(f, s)), range(W.shape[2])):
                y = start(h, s, f) + dy
                x = (start_across or start)(w, s, f) + dx
                if y < A.shape[1] and x < A.shape[2]:
                    products.append(pixel(A, i, y, x, k) * weight(W, dy, dx, k, c))
                elif cut == "fail":
                    raise ValueError("operands could not be broadcast together")
                else:
                    whole = False
            if whole or cut == "add":
                Z[where(i, h, w, c)] = total(products, bias(b, c))
        return Z, (A_prev, W, b, hparameters)

    return conv_forward


def by_columns(A_prev, W, b, hparameters):
    """Unfold, multiply matrices, fold: right, and nothing like the loops."""
    s, p, f = hparameters["stride"], hparameters["pad"], len(W)
    A = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    n_H, n_W = (A.shape[1] - f) // s + 1, (A.shape[2] - f) // s + 1
    rows = [
        A[i, h * s : h * s + f, w * s : w * s + f].ravel()
        for i, h, w in np.ndindex(len(A), n_H, n_W)
    ]
    Z = np.array(rows).reshape(-1, f * f * W.shape[2]) @ W.reshape(-1, W.shape[3]) + b.reshape(
        1, -1
    )
    return [Z.reshape(len(A), n_H, n_W, -1), [A_prev, W, b, hparameters]]


def by_shifts(A_prev, W, b, hp):
    """Add up shifted images, one for each weight."""
    stride, pad = hp.values() if list(hp) == ["stride", "pad"] else (hp["stride"], hp["pad"])
    A = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    f = W.shape[0]
    n_H, n_W = (A.shape[1] - f) // stride + 1, (A.shape[2] - f) // stride + 1
    Z = np.zeros((A.shape[0], n_H, n_W, W.shape[3])) + b
    for p in range(f):
        for q in range(f):
            Z += (
                A[:, p : p + stride * n_H : stride, q : q + stride * n_W : stride][:, :n_H, :n_W]
                @ W[p, q]
            )
    return Z, (A_prev, W, b, hp)


def wrong_size(rule, **options):
    return [entries(sizes=(rule, rule), cut=cut, **options) for cut in ("add", "skip", "fail")]


CONV_FORWARD = {
    "right": [
        windows(),
        entries(),
        by_columns,
        by_shifts,
        lambda A, K, c, d: windows()(A, K, c, dict(d)),
    ],
    "forward-no-stride": [
        entries(start=lambda k, s, f: k),
        windows(steps=lambda s, f: (1, 1), sizes=size),
        windows(steps=lambda s, f: (1, 1)),
    ],
    "forward-stride-one-axis": [
        entries(start_across=lambda k, s, f: k),
        windows(steps=lambda s, f: (s, 1), sizes=size),
    ],
    "forward-stride-in-range": [
        lambda A, W, b, h: jumping(A, W, b, h, 1),
        lambda A, W, b, h: jumping(A, W, b, h, h["stride"]),
    ],
    "forward-stride-added": [
        entries(start=lambda k, s, f: k + s, cut=cut) for cut in ("add", "skip")
    ],
    "forward-stride-fixed": [
        lambda A, W, b, h: (windows()(A, W, b, {**h, "stride": 2})[0], (A, W, b, h)),
        lambda A, W, b, h: (entries()(A, W, b, {**h, "stride": 3})[0], (A, W, b, h)),
    ],
    "forward-stride-window": [
        entries(extent=lambda f, s: min(s, f)),
        lambda A, W, b, h: (stride_sized(A, W, b, h), (A, W, b, h)),
    ],
    "forward-window-short": [
        entries(extent=lambda f, s: f - 1),
        windows(change=lambda W: W * (np.arange(len(W)) < len(W) - 1)[:, None, None, None]),
    ],
    "forward-no-pad": [
        windows(pad=lambda p, s: 0),
        entries(pad=lambda p, s: 0),
        entries(pad=lambda p, s: 0, cut="skip"),
        entries(pad=lambda p, s: 0, cut="fail"),
    ],
    "forward-pad-fixed": [
        lambda A, W, b, h: (windows()(A, W, b, {**h, "pad": 1})[0], (A, W, b, h)),
        lambda A, W, b, h: (by_columns(A, W, b, {**h, "pad": 2})[0], (A, W, b, h)),
    ],
    "forward-pad-by-stride": [
        windows(pad=lambda p, s: s, sizes=size),
        entries(pad=lambda p, s: s, cut="fail"),
    ],
    "forward-pad-once": [
        windows(sizes=lambda n, f, s, p: (n + p - f) // s + 1),
        *wrong_size(lambda n, f, s, p: (n - f + p) // s + 1)[:1],
    ],
    "forward-size-without-pad": [
        windows(sizes=lambda n, f, s, p: (n - f) // s + 1),
        *wrong_size(lambda n, f, s, p: (n - f) // s + 1)[:1],
    ],
    "forward-size-no-plus-one": [
        windows(sizes=lambda n, f, s, p: (n - f + 2 * p) // s),
        *wrong_size(lambda n, f, s, p: (n - f + 2 * p) // s)[:1],
    ],
    "forward-size-ceil": wrong_size(ceil_size),
    "forward-size-stride-ignored": wrong_size(lambda n, f, s, p: n - f + 2 * p + 1),
    "forward-width-from-height": [
        lambda A, W, b, h, cut=cut, axis=axis: squared(A, W, b, h, axis, cut)
        for cut in ("add", "skip", "fail")
        for axis in (0, 1)
    ],
    "forward-axes-swapped": [
        entries(where=lambda i, h, w, c: (i, w, h, c), shape=lambda m, h, w, c: (m, w, h, c)),
        windows(end=lambda Z: Z.swapaxes(1, 2)),
        entries(where=lambda i, h, w, c: (i, w, h, c)),
        lambda A, W, b, h: (crossed(A, W, b, h), (A, W, b, h)),
    ],
    "forward-no-bias": [windows(bias=lambda b: 0), entries(bias=lambda b, c: 0)],
    "forward-bias-sign": [windows(bias=lambda b: -b), entries(bias=lambda b, c: -b[0, 0, 0, c])],
    "forward-first-bias": [
        windows(bias=lambda b: b[..., :1]),
        entries(bias=lambda b, c: b.flat[0]),
    ],
    "forward-first-filter": [
        windows(change=lambda W: np.repeat(W[..., :1], W.shape[3], axis=3)),
        entries(weight=lambda W, p, q, k, c: W[p, q, k, 0]),
    ],
    "forward-filter-axis": [
        lambda A, W, b, h: (first_axis(A, W, b, h), (A, W, b, h)),
        lambda A, W, b, h: (first_axis(A, W, b, h, np.multiply), (A, W, b, h)),
    ],
    "forward-first-channel": [
        windows(change=lambda W: W * (np.arange(W.shape[2]) == 0)[:, None]),
        entries(pixel=lambda A, i, y, x, k: A[i, y, x, 0]),
    ],
    "forward-first-example": [
        windows(see=lambda A: np.repeat(A[:1], len(A), axis=0)),
        entries(pixel=lambda A, i, y, x, k: A[0, y, x, k]),
    ],
    "forward-returns-early": [
        windows(end=lambda Z: Z * (np.arange(len(Z)) == 0)[:, None, None, None]),
        entries(outputs=lambda m, h, w, c: ((0, 0, x, k) for x, k in np.ndindex(w, c))),
    ],
    "forward-batch-summed": [
        windows(see=lambda A: np.repeat(A.sum(0, keepdims=True), len(A), axis=0)),
        entries(pixel=lambda A, i, y, x, k: A[:, y, x, k].sum()),
    ],
    "forward-flipped": [
        windows(change=lambda W: np.flip(W, (0, 1))),
        entries(weight=lambda W, p, q, k, c: W[-1 - p, -1 - q, k, c]),
    ],
    "forward-transposed": [
        windows(filters="iyxkpq,qpkc->iyxc"),
        entries(weight=lambda W, p, q, k, c: W[q, p, k, c]),
    ],
    "forward-mean": [
        windows(change=lambda W: W / (W.shape[0] * W.shape[1] * W.shape[2])),
        entries(total=lambda products, b: np.mean(products) + b),
    ],
    "forward-bias-each": [
        entries(total=lambda products, b: sum(p + b for p in products)),
        lambda A, W, b, h: windows(bias=lambda b: W.shape[2] * b)(A, W, b, h),
    ],
    "forward-relu": [
        windows(end=lambda Z: Z.clip(min=0)),
        entries(total=lambda p, b: max(0, sum(p) + b)),
    ],
    "forward-int": [windows(end=lambda Z: Z.astype(int)), entries(dtype=np.int64)],
    "forward-cache-padded": [
        windows(cache=lambda A, A_pad, W, b, h: (A_pad, W, b, h)),
        lambda A, W, b, h: (
            by_columns(A, W, b, h)[0],
            (np.pad(A, ((0, 0), (h["pad"],) * 2, (h["pad"],) * 2, (0, 0))), W, b, h),
        ),
    ],
    "forward-cache-order": [
        windows(cache=lambda A, A_pad, W, b, h: (h, A, W, b)),
        windows(cache=lambda A, A_pad, W, b, h: [A, W, h, b]),
    ],
    "forward-cache-short": [
        windows(cache=lambda A, A_pad, W, b, h: (A, W, h)),
        windows(cache=lambda A, A_pad, W, b, h: (A,)),
    ],
    "forward-no-cache": [
        windows(returns=lambda Z, cache: Z),
        lambda A, W, b, h: by_columns(A, W, b, h)[0].tolist(),
    ],
}


def jumping(A, W, b, h, step):
    """Put the stride into range: cells between stay zero."""
    Z = np.zeros_like(windows()(A, W, b, h)[0])
    s, p, f = h["stride"], h["pad"], len(W)
    A_pad = np.pad(A, ((0, 0), (p, p), (p, p), (0, 0)))
    for i in range(Z.shape[0]):
        for y in range(0, Z.shape[1], s):
            for x in range(0, Z.shape[2], s):
                window = A_pad[i, y * step : y * step + f, x * step : x * step + f]
                Z[i, y, x] = np.tensordot(window, W, 3) + b[0, 0, 0]
    return Z, (A, W, b, h)


def stride_sized(A, W, b, h):
    s, p, f = h["stride"], h["pad"], len(W)
    A_pad = np.pad(A, ((0, 0), (p, p), (p, p), (0, 0)))
    Z = np.zeros_like(windows()(A, W, b, h)[0])
    for i, y, x, c in np.ndindex(Z.shape):
        window = A_pad[i, y * s : y * s + s, x * s : x * s + s]
        Z[i, y, x, c] = np.sum(window * W[:, :, :, c]) + b[0, 0, 0, c]
    return Z


def squared(A, W, b, h, axis, cut):
    """Take both sizes from one side of the input."""
    n = A.shape[1 + axis]
    side = size(n, len(W), h["stride"], h["pad"])
    rules = (lambda *_: side, lambda *_: side)
    return entries(sizes=rules, cut=cut)(A, W, b, h)


def crossed(A, W, b, h):
    s, p, f = h["stride"], h["pad"], len(W)
    A_pad = np.pad(A, ((0, 0), (p, p), (p, p), (0, 0)))
    Z = np.zeros_like(windows()(A, W, b, h)[0])
    for i, y, x, c in np.ndindex(Z.shape):
        window = A_pad[i, x * s : x * s + f, y * s : y * s + f, :]
        Z[i, y, x, c] = (window * W[..., c]).sum() + b[..., c].item()
    return Z


def first_axis(A, W, b, h, times=lambda x, y: x * y):
    s, p, f = h["stride"], h["pad"], len(W)
    A_pad = np.pad(A, ((0, 0), (p, p), (p, p), (0, 0)))
    Z = np.zeros_like(windows()(A, W, b, h)[0])
    for i, y, x, c in np.ndindex(Z.shape):
        Z[i, y, x, c] = (
            np.sum(times(A_pad[i, y * s : y * s + f, x * s : x * s + f], W[c])) + b[0, 0, 0, c]
        )
    return Z


# Backward


def scattered(
    pad=lambda p: p,
    start=lambda k, s: k * s,
    start_across=None,
    turn=lambda W: W,
    put="add",
    crop=lambda G, p, h, w: G[:, p : p + h, p : p + w],
    gradient=lambda dZ: dZ,
    dA=lambda x, m: x,
    dW=lambda x, m: x,
    db=lambda x, m: x,
    seen=lambda A: A,
    returns=lambda dA, dW, db: (dA, dW, db),
):
    """Deliver window by window, all filters at once."""

    def conv_backward(dZ, cache):
        A_prev, W, b, hp = cache
        s, p, f = hp["stride"], pad(hp["pad"]), W.shape[0]
        m, n_H_prev, n_W_prev, _ = A_prev.shape
        A = np.pad(seen(A_prev), ((0, 0), (p, p), (p, p), (0, 0))).astype(float)
        G = np.zeros(A.shape)
        F = np.zeros(W.shape)
        D = gradient(dZ)
        for h in range(dZ.shape[1]):
            for w in range(dZ.shape[2]):
                y, x = start(h, s), (start_across or start)(w, s)
                share = np.einsum("ic,pqkc->ipqk", D[:, h, w], turn(W))
                if put == "add":
                    G[:, y : y + f, x : x + f] += share
                else:
                    G[:, y : y + f, x : x + f] = share
                F += np.einsum("ipqk,ic->pqkc", A[:, y : y + f, x : x + f], D[:, h, w])
        B = D.sum(axis=(0, 1, 2)).reshape(b.shape)
        return returns(dA(crop(G, p, n_H_prev, n_W_prev), m), dW(F, m), db(B, m))

    return conv_backward


def gathered(
    weight=lambda W, p, q, k, c: W[p, q, k, c],
    sums=("dA", "dW", "db"),
    examples=lambda m: range(m),
    channels=lambda i, c: (i, c),
    pixel=lambda A, i, y, x, k: A[i, y, x, k],
    share=None,
    db_share=lambda g, f, n: g,
    reset=(),
    dtype=float,
):
    """Visit every product of the forward pass, and give each factor the other."""

    def conv_backward(dZ, cache):
        A_prev, W, b, hp = cache
        s, pad, f = hp["stride"], hp["pad"], len(W)
        m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
        dA, dW, db = (np.zeros(x.shape, dtype) for x in (A_prev, W, b))
        for i in examples(m):
            if "dW" in reset:
                dW[:] = 0
            if "db" in reset:
                db[:] = 0
            for h, w, c in np.ndindex(dZ.shape[1:]):
                g = dZ[i, h, w, c]
                if "db" in sums:
                    db[0, 0, 0, c] += db_share(g, f, n_C_prev)
                else:
                    db[0, 0, 0, c] = g
                fresh = np.zeros(W.shape[:3])
                for p, q, k in np.ndindex(f, f, n_C_prev):
                    y, x = h * s + p - pad, w * s + q - pad
                    if 0 <= y < n_H_prev and 0 <= x < n_W_prev:
                        a = pixel(A_prev, i, y, x, k)
                        v = weight(W, p, q, k, c)
                        to_a, to_w = (
                            (v * g, a * g) if share is None else share(a, v, g, b[0, 0, 0, c])
                        )
                        fresh[p, q, k] = to_w
                        if "dA" in sums:
                            dA[i, y, x, k] += to_a
                        else:
                            dA[i, y, x, k] = to_a
                if "dW" in sums:
                    dW[..., c] += fresh
                else:
                    dW[..., c] = fresh
        return dA, dW, db

    return conv_backward


def transposed_filters(dZ, cache):
    """Right: dA_prev by gathering with the turned filter."""
    A_prev, W, b, hp = cache
    s, p, f = hp["stride"], hp["pad"], len(W)
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    spread = np.zeros((m, n_H_prev + 2 * p + f - 1, n_W_prev + 2 * p + f - 1, W.shape[3]))
    spread[:, f - 1 : f - 1 + s * dZ.shape[1] : s, f - 1 : f - 1 + s * dZ.shape[2] : s][
        :, : dZ.shape[1], : dZ.shape[2]
    ] = dZ
    cut = sliding_window_view(spread, (f, f), axis=(1, 2))
    dA_pad = np.einsum("iyxcpq,pqkc->iyxk", cut, W[::-1, ::-1])
    A = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    seen = sliding_window_view(A, (f, f), axis=(1, 2))[:, ::s, ::s]
    dW = np.einsum("iyxkpq,iyxc->pqkc", seen, dZ)
    return (
        dA_pad[:, p : p + n_H_prev, p : p + n_W_prev],
        dW,
        dZ.sum((0, 1, 2))[None, None, None],
    )


CONV_BACKWARD = {
    "right": [
        scattered(),
        gathered(),
        transposed_filters,
        lambda dZ, cache: list(scattered()(dZ, cache)),
        lambda grad, saved: tuple(x.astype(grad.dtype) for x in gathered()(grad, saved)),
    ],
    "backward-assign-dA": [scattered(put="set"), gathered(sums=("dW", "db"))],
    "backward-assign-dW": [gathered(sums=("dA", "db")), lambda dZ, c: last_dW(dZ, c)],
    "backward-assign-db": [
        gathered(sums=("dA", "dW")),
        lambda dZ, c: (
            *scattered()(dZ, c)[:2],
            dZ[-1, -1, -1].reshape(1, 1, 1, -1),
        ),
    ],
    "backward-dA-stays-zero": [
        scattered(dA=lambda x, m: 0 * x),
        gathered(share=lambda a, v, g, b: (0, a * g)),
    ],
    "backward-flipped": [
        scattered(turn=lambda W: np.rot90(W, 2)),
        gathered(weight=lambda W, p, q, k, c: W[-1 - p, -1 - q, k, c]),
    ],
    "backward-transposed": [
        scattered(turn=lambda W: W.swapaxes(0, 1)),
        gathered(weight=lambda W, p, q, k, c: W[q, p, k, c]),
    ],
    "backward-dW-flipped": [
        scattered(dW=lambda x, m: x[::-1, ::-1]),
        scattered(dW=lambda x, m: np.rot90(x, 2)),
    ],
    "backward-dW-transposed": [
        scattered(dW=lambda x, m: np.transpose(x, (1, 0, 2, 3))),
        scattered(dW=lambda x, m: x.swapaxes(0, 1)),
    ],
    "backward-no-stride": [
        scattered(start=lambda k, s: k),
        lambda dZ, c: stepping(dZ, c, ("dA",)),
        lambda dZ, c: stepping(dZ, c, ("dW",)),
    ],
    "backward-stride-one-axis": [
        scattered(start_across=lambda k, s: k),
        scattered(start=lambda k, s: k, start_across=lambda k, s: k * s),
    ],
    "backward-stride-in-range": [
        lambda dZ, c: scattered()(sparse(dZ, c), c),
        lambda dZ, c: gathered()(sparse(dZ, c), c),
    ],
    "backward-unpad-zero": [
        scattered(crop=lambda G, p, h, w: G[:, p:-p, p:-p, :]),
        lambda dZ, c: unpad_or_fail(dZ, c),
    ],
    "backward-not-unpadded": [
        scattered(crop=lambda G, p, h, w: G),
        lambda dZ, c: scattered(crop=lambda G, *_: G.copy())(dZ, c),
    ],
    "backward-crop-end": [
        scattered(crop=lambda G, p, h, w: G[:, :h, :w]),
        scattered(crop=lambda G, p, h, w: G[:, : G.shape[1] - 2 * p, : G.shape[2] - 2 * p]),
    ],
    "backward-crop-start": [
        scattered(crop=lambda G, p, h, w: G[:, G.shape[1] - h :, G.shape[2] - w :]),
        scattered(crop=lambda G, p, h, w: G[:, 2 * p :, 2 * p :]),
    ],
    "backward-size-from-dZ": [
        lambda dZ, c: scattered(crop=lambda G, p, h, w: rebuilt(G, p, dZ, c))(dZ, c),
        lambda dZ, c: scattered(crop=lambda G, p, h, w: rebuilt(G.copy(), p, dZ, c))(dZ, c),
    ],
    "backward-db-mean": [
        scattered(db=lambda x, m: x / m),
        lambda dZ, c: (*gathered()(dZ, c)[:2], dZ.mean(axis=(0, 1, 2), keepdims=True)),
    ],
    "backward-dW-mean": [
        scattered(dW=lambda x, m: x / m),
        lambda dZ, c: averaged(gathered()(dZ, c), len(dZ)),
    ],
    "backward-dA-mean": [
        scattered(dA=lambda x, m: x / m),
        lambda dZ, c: (scattered()(dZ / len(dZ), c)[0], *scattered()(dZ, c)[1:]),
    ],
    "backward-db-per-example": [
        lambda dZ, c: (*scattered()(dZ, c)[:2], dZ[:1].sum(axis=(0, 1, 2), keepdims=True)),
        gathered(reset=("db",)),
    ],
    "backward-db-batch-kept": [
        lambda dZ, c: (*scattered()(dZ, c)[:2], dZ.sum(axis=(1, 2), keepdims=True)),
        lambda dZ, c: (*gathered()(dZ, c)[:2], np.sum(dZ, (1, 2)).reshape(len(dZ), 1, 1, -1)),
    ],
    "backward-db-flat": [
        lambda dZ, c: (*scattered()(dZ, c)[:2], dZ.sum(axis=(0, 1, 2))),
        scattered(db=lambda x, m: list(x.ravel())),
    ],
    "backward-db-all-filters": [
        lambda dZ, c: (*scattered()(dZ, c)[:2], np.sum(dZ)),
        lambda dZ, c: (*scattered()(dZ, c)[:2], np.full(c[2].shape, dZ.sum())),
    ],
    "backward-db-times-window": [
        gathered(db_share=lambda g, f, n: f * f * g),
        gathered(db_share=lambda g, f, n: f * f * n * g),
    ],
    "backward-last-example": [gathered(reset=("dW", "db")), lambda dZ, c: only(dZ, c, -1)],
    "backward-first-example": [
        gathered(pixel=lambda A, i, y, x, k: A[0, y, x, k]),
        scattered(seen=lambda A: np.repeat(A[:1], len(A), axis=0)),
    ],
    "backward-returns-early": [
        gathered(examples=lambda m: [0]),
        lambda dZ, c: scattered()(dZ * (np.arange(len(dZ)) == 0)[:, None, None, None], c),
    ],
    "backward-first-filter": [
        gathered(weight=lambda W, p, q, k, c: W[p, q, k, 0]),
        scattered(turn=lambda W: np.repeat(W[..., :1], W.shape[3], axis=3)),
    ],
    "backward-dW-all-filters": [
        scattered(dW=lambda x, m: np.repeat(x.sum(3, keepdims=True), x.shape[3], axis=3)),
        scattered(dW=lambda x, m: np.zeros(x.shape) + x.sum(axis=-1)[..., None]),
    ],
    "backward-input-for-filter": [
        lambda dZ, c: exchanged(dZ, c, "dA"),
        lambda dZ, c: exchanged(dZ, c, "dW"),
    ],
    "backward-unpadded-input": [
        lambda dZ, c: bare_input(dZ, c),
        lambda dZ, c: bare_input(dZ, c, True),
    ],
    "backward-no-pad": [lambda dZ, c: no_pad(dZ, c), lambda dZ, c: list(no_pad(dZ, c))],
    "backward-bias-in-dA": [
        gathered(share=lambda a, v, g, b: (v * g + b, a * g)),
        gathered(share=lambda a, v, g, b: ((v + b) * g, a * g)),
    ],
    "backward-no-dZ": [
        gathered(share=lambda a, v, g, b: (v, a * g)),
        lambda dZ, c: (
            scattered()(dZ, c)[0],
            scattered()(np.ones_like(dZ), c)[1],
            scattered()(dZ, c)[2],
        ),
        scattered(gradient=np.ones_like),
    ],
    "backward-axes-swapped": [
        lambda dZ, c: crossed_back(dZ, c),
        lambda dZ, c: scattered()(np.swapaxes(dZ, 1, 2).reshape(need(dZ)), c),
    ],
    "backward-order": [
        scattered(returns=lambda dA, dW, db: (dW, db, dA)),
        scattered(returns=lambda dA, dW, db: (dA, db, dW)),
    ],
    "backward-sign": [
        scattered(gradient=np.negative),
        scattered(dW=lambda x, m: -x),
        gathered(db_share=lambda g, f, n: -g),
    ],
    "backward-int": [
        scattered(returns=lambda *xs: tuple(x.astype(int) for x in xs)),
        scattered(dA=lambda x, m: x.astype(np.int32)),
    ],
    "backward-changes-cache": [lambda dZ, c: spoils(dZ, c, 0), lambda dZ, c: spoils(dZ, c, 1)],
    "backward-filter-axis": [
        lambda dZ, c: filter_axis(dZ, c),
        lambda dZ, c: filter_axis(dZ, c, np.multiply),
    ],
}


def last_dW(dZ, cache):
    dA, dW, db = scattered()(dZ, cache)
    A_prev, W, _, hp = cache
    s, p, f = hp["stride"], hp["pad"], len(W)
    A = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    h, w = dZ.shape[1] - 1, dZ.shape[2] - 1
    window = A[-1, h * s : h * s + f, w * s : w * s + f]
    return dA, window[..., None] * dZ[-1, h, w], db


def stepping(dZ, cache, wrong):
    right, stepped = scattered()(dZ, cache), scattered(start=lambda k, s: k)(dZ, cache)
    return (
        stepped[0] if "dA" in wrong else right[0],
        stepped[1] if "dW" in wrong else right[1],
        right[2],
    )


def sparse(dZ, cache):
    s = cache[3]["stride"]
    kept = np.zeros_like(dZ)
    kept[:, ::s, ::s] = dZ[:, ::s, ::s]
    return kept


def unpad_or_fail(dZ, cache):
    dA_prev = np.zeros(cache[0].shape)
    pad = cache[3]["pad"]
    whole = scattered(crop=lambda G, *_: G)(dZ, cache)
    for i in range(len(dA_prev)):
        dA_prev[i, :, :, :] = whole[0][i, pad:-pad, pad:-pad, :]
    return dA_prev, *whole[1:]


def rebuilt(G, p, dZ, cache):
    s, f = cache[3]["stride"], len(cache[1])
    high, wide = ((n - 1) * s + f - 2 * p for n in dZ.shape[1:3])
    return G[:, p : p + high, p : p + wide]


def averaged(gradients, m):
    dA, dW, db = gradients
    return dA, dW / m, db


def only(dZ, cache, i):
    dA, _, _ = scattered()(dZ, cache)
    kept = np.zeros_like(dZ)
    kept[i] = dZ[i]
    return dA, *scattered()(kept, cache)[1:]


def exchanged(dZ, cache, name):
    A_prev, W, b, hp = cache
    s, p, f = hp["stride"], hp["pad"], len(W)
    dA, dW, db = scattered()(dZ, cache)
    A = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0))).astype(float)
    G, F = np.zeros(A.shape), np.zeros(W.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        window = slice(h * s, h * s + f), slice(w * s, w * s + f)
        G[i][window] += A[i][window] * dZ[i, h, w, c]
        F[..., c] += W[..., c] * dZ[i, h, w, c]
    inner = G[:, p : p + A_prev.shape[1], p : p + A_prev.shape[2]]
    return (inner, dW, db) if name == "dA" else (dA, F, db)


def bare_input(dZ, cache, fail=False):
    """Take the windows for dW from the input without its border."""
    A_prev, W, _, hp = cache
    s, f = hp["stride"], len(W)
    dA, _, db = scattered()(dZ, cache)
    dW = np.zeros(W.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        window = A_prev[i, h * s : h * s + f, w * s : w * s + f]
        if fail:
            dW[..., c] += window * dZ[i, h, w, c]
        else:
            dW[: window.shape[0], : window.shape[1], :, c] += window * dZ[i, h, w, c]
    return dA, dW, db


def no_pad(dZ, cache):
    """Know nothing of the border, and use of each window what there is."""
    A_prev, W, _, hp = cache
    s, f = hp["stride"], len(W)
    dA, dW = np.zeros(A_prev.shape), np.zeros(W.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        window = slice(h * s, h * s + f), slice(w * s, w * s + f)
        high, wide = A_prev[i][window].shape[:2]
        dA[i][window] += W[:high, :wide, :, c] * dZ[i, h, w, c]
        dW[:high, :wide, :, c] += A_prev[i][window] * dZ[i, h, w, c]
    return dA, dW, dZ.sum(axis=(0, 1, 2), keepdims=True)


def need(dZ):
    if dZ.shape[1] != dZ.shape[2]:
        raise IndexError("index 3 is out of bounds for axis 2")
    return dZ.shape


def crossed_back(dZ, cache):
    turned = np.zeros_like(dZ)
    for i, h, w, c in np.ndindex(dZ.shape):
        turned[i, h, w, c] = dZ[i, w, h, c]
    return scattered()(turned, cache)


def spoils(dZ, cache, k):
    answer = scattered()(dZ, cache)
    cache[k][...] = 0
    return answer


def filter_axis(dZ, cache, times=lambda x, y: x * y):
    A_prev, W, b, hp = cache
    s, p, f = hp["stride"], hp["pad"], len(W)
    _, dW, db = scattered()(dZ, cache)
    G = np.zeros((len(A_prev), A_prev.shape[1] + 2 * p, A_prev.shape[2] + 2 * p, A_prev.shape[3]))
    for i, h, w, c in np.ndindex(dZ.shape):
        G[i, h * s : h * s + f, w * s : w * s + f, :] += times(W[c], dZ[i, h, w, c])
    return G[:, p : p + A_prev.shape[1], p : p + A_prev.shape[2]], dW, db


__all__ = ["CONV_BACKWARD", "CONV_FORWARD"]

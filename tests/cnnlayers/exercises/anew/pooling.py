"""Pooling, right and wrong, in two styles that are not the book's."""

from itertools import product

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def size(n, f, s):
    return (n - f) // s + 1


def ceil_size(n, f, s):
    return int(np.ceil((n - f) / s)) + 1


# Forward


def windows(
    steps=lambda s, f: (s, s),
    side=lambda f, s: f,
    sizes=None,
    top=lambda cut: cut.max(axis=(-2, -1)),
    mean=lambda cut: cut.mean(axis=(-2, -1)),
    see=lambda A, f: A,
    choose=lambda mode: mode,
    end=lambda A: A,
    returns=lambda A, A_prev, h: (A, (A_prev, h)),
):
    """Pool all the windows at once."""

    def pool_forward(A_prev, hparameters, mode="max"):
        f, s = hparameters["f"], hparameters["stride"]
        across, down = steps(s, f)
        cut = sliding_window_view(see(A_prev, f), (side(f, s),) * 2, axis=(1, 2))
        cut = cut[:, ::down, ::across]
        if sizes:
            cut = cut[:, : sizes(A_prev.shape[1], f, s), : sizes(A_prev.shape[2], f, s)]
        A = end(top(cut) if choose(mode) == "max" else mean(cut))
        return returns(A, A_prev, hparameters)

    return pool_forward


def entries(
    sizes=(size, size),
    start=lambda k, s, f: k * s,
    start_across=None,
    extent=lambda f, s: f,
    top=max,
    mean=lambda xs, f: sum(xs) / len(xs),
    pixel=lambda A, i, y, x, c: [A[i, y, x, c]],
    choose=lambda mode: mode,
    where=lambda i, h, w, c: (i, h, w, c),
    shape=lambda m, h, w, c: (m, h, w, c),
    outputs=lambda m, h, w, c: np.ndindex(m, h, w, c),
    dtype=float,
    cut="add",
):
    """Pool with a loop for every index and Python's own max and sum."""

    def pool_forward(images, hp, how="max"):
        f, s = hp["f"], hp["stride"]
        m, n_H_prev, n_W_prev, n_C = images.shape
        n_H, n_W = sizes[0](n_H_prev, f, s), sizes[1](n_W_prev, f, s)
        A = np.zeros(shape(m, n_H, n_W, n_C), dtype=dtype)
        for i, h, w, c in outputs(m, n_H, n_W, n_C):
            numbers, whole = [], True
            for dy, dx in product(range(extent(f, s)), repeat=2):
                y, x = start(h, s, f) + dy, (start_across or start)(w, s, f) + dx
                if y < n_H_prev and x < n_W_prev:
                    numbers += pixel(images, i, y, x, c)
                elif cut == "fail":
                    raise IndexError("index is out of bounds")
                else:
                    whole = False
            if whole or cut == "add":
                A[where(i, h, w, c)] = top(numbers) if choose(how) == "max" else mean(numbers, f)
        return A, (images, hp)

    return pool_forward


def running(best=-np.inf, better=lambda x, y: x > y):
    """Keep the best number so far."""

    def top(numbers):
        found = best
        for x in numbers:
            if better(x, found):
                found = x
        return found

    return top


def by_parts(A_prev, hparameters, *, mode="max"):
    """Compare shifted images: right, and `mode` is keyword-only."""
    f, s = hparameters["f"], hparameters["stride"]
    n_H, n_W = ((n - f) // s + 1 for n in A_prev.shape[1:3])
    parts = [
        A_prev[:, p : p + s * (n_H - 1) + 1 : s, q : q + s * (n_W - 1) + 1 : s]
        for p, q in product(range(f), repeat=2)
    ]
    pooled = np.maximum.reduce(parts) if mode == "max" else np.mean(parts, axis=0)
    return pooled, (A_prev, hparameters)


def with_options(fixed, function):
    return lambda A, h, mode="max": (function(A, {**h, **fixed}, mode)[0], (A, h))


def jumping(step):
    def pool_forward(A_prev, h, mode="max"):
        f, s = h["f"], h["stride"]
        A = np.zeros_like(windows()(A_prev, h, mode)[0])
        for i in range(A.shape[0]):
            for y in range(0, A.shape[1], s):
                for x in range(0, A.shape[2], s):
                    at = step(s)
                    window = A_prev[i, y * at : y * at + f, x * at : x * at + f]
                    A[i, y, x] = window.max((0, 1)) if mode == "max" else window.mean((0, 1))
        return A, (A_prev, h)

    return pool_forward


def rules(rule, **options):
    return [entries(sizes=(rule, rule), cut=cut, **options) for cut in ("add", "skip")]


POOL_FORWARD = {
    "right": [
        windows(),
        entries(),
        entries(top=running()),
        by_parts,
        lambda A, h, mode="max": [windows()(A, h, mode)[0].tolist(), (A, dict(h))],
    ],
    "pool-no-stride": [
        entries(start=lambda k, s, f: k),
        windows(steps=lambda s, f: (1, 1), sizes=size),
        windows(steps=lambda s, f: (1, 1)),
    ],
    "pool-stride-one-axis": [
        entries(start_across=lambda k, s, f: k),
        windows(steps=lambda s, f: (1, s), sizes=size),
    ],
    "pool-stride-is-f": [
        windows(steps=lambda s, f: (f, f)),
        lambda A, h, mode="max": (entries()(A, {**h, "stride": h["f"]}, mode)[0], (A, h)),
    ],
    "pool-swapped-f-stride": [
        lambda A, h, mode="max": (
            windows()(A, {"f": h["stride"], "stride": h["f"]}, mode)[0],
            (A, h),
        ),
        lambda A, h, mode="max": (
            entries()(A, {"f": h["stride"], "stride": h["f"]}, mode)[0],
            (A, h),
        ),
    ],
    "pool-stride-in-range": [jumping(lambda s: 1), jumping(lambda s: s)],
    "pool-stride-fixed": [
        with_options({"stride": 2}, windows()),
        with_options({"f": 2}, entries()),
    ],
    "pool-all-channels": [
        windows(
            top=lambda c: np.repeat(c.max(axis=(-3, -2, -1))[..., None], c.shape[3], -1),
            mean=lambda c: np.repeat(c.mean(axis=(-3, -2, -1))[..., None], c.shape[3], -1),
        ),
        entries(pixel=lambda A, i, y, x, c: list(A[i, y, x])),
    ],
    "pool-first-channel": [
        windows(see=lambda A, f: np.repeat(A[..., :1], A.shape[3], -1)),
        entries(pixel=lambda A, i, y, x, c: [A[i, y, x, 0]]),
    ],
    "pool-mode-ignored": [
        windows(choose=lambda mode: "max"),
        entries(choose=lambda mode: "average"),
    ],
    "pool-modes-swapped": [
        windows(choose=lambda mode: {"max": "average", "average": "max"}[mode]),
        entries(choose=lambda mode: "max" if mode == "average" else "average"),
    ],
    "pool-sum": [windows(mean=lambda c: c.sum((-1, -2))), entries(mean=lambda xs, f: sum(xs))],
    "pool-divided-by-f": [
        windows(mean=lambda c: c.sum((-1, -2)) / c.shape[-1]),
        entries(mean=lambda xs, f: sum(xs) / f),
    ],
    "pool-min": [windows(top=lambda c: c.min((-2, -1))), entries(top=min)],
    "pool-from-zero": [
        entries(top=running(0)),
        windows(top=lambda c: np.maximum(c.max((-2, -1)), 0)),
    ],
    "pool-low-start": [
        entries(top=running(-9999)),
        windows(top=lambda c: np.maximum(c.max((-2, -1)), -1e5)),
    ],
    "pool-absolute": [
        windows(top=lambda c: np.abs(c).max((-2, -1))),
        entries(top=running(0, lambda x, y: abs(x) > abs(y))),
    ],
    "pool-median": [
        windows(mean=lambda c: np.median(c, axis=(-2, -1))),
        entries(top=lambda xs: float(np.median(xs))),
    ],
    "pool-corner": [
        windows(top=lambda c: c[..., 0, 0], mean=lambda c: c[..., 0, 0]),
        entries(top=lambda xs: xs[0]),
    ],
    "pool-first-example": [
        windows(see=lambda A, f: np.repeat(A[:1], len(A), axis=0)),
        entries(pixel=lambda A, i, y, x, c: [A[0, y, x, c]]),
    ],
    "pool-returns-early": [
        windows(end=lambda A: A * (np.arange(len(A)) == 0)[:, None, None, None]),
        entries(outputs=lambda m, h, w, c: ((0, 0, x, k) for x, k in np.ndindex(w, c))),
    ],
    "pool-window-short": [
        windows(side=lambda f, s: f - 1, sizes=size),
        entries(extent=lambda f, s: f - 1),
    ],
    "pool-stride-window": [
        entries(extent=lambda f, s: s, cut="add"),
        lambda A, h, mode="max": windows_by_slices(A, h, mode),
    ],
    "pool-size-no-plus-one": [
        windows(sizes=lambda n, f, s: (n - f) // s),
        rules(lambda n, f, s: (n - f) // s)[0],
    ],
    "pool-size-ceil": rules(ceil_size),
    "pool-size-stride-ignored": [
        rules(lambda n, f, s: n - f + 1)[1],
        lambda A, h, mode="max": (in_a_larger_output(windows()(A, h, mode)[0], A, h["f"]), (A, h)),
    ],
    "pool-width-from-height": [
        lambda A, h, mode="max": squared(A, h, mode, 0),
        lambda A, h, mode="max": squared(A, h, mode, 1),
    ],
    "pool-axes-swapped": [
        windows(end=lambda A: A.swapaxes(1, 2)),
        entries(where=lambda i, h, w, c: (i, w, h, c), shape=lambda m, h, w, c: (m, w, h, c)),
        entries(where=lambda i, h, w, c: (i, w, h, c)),
    ],
    "pool-pads": [
        windows(see=lambda A, f: np.pad(A, ((0, 0), (1, 1), (1, 1), (0, 0)))),
        lambda A, h, mode="max": (
            entries()(np.pad(A, ((0, 0), (h["f"] // 2,) * 2, (h["f"] // 2,) * 2, (0, 0))), h, mode)[
                0
            ],
            (A, h),
        ),
    ],
    "pool-int": [entries(dtype=int), windows(end=lambda A: A.astype(int))],
    "pool-cache-order": [
        windows(returns=lambda A, A_prev, h: (A, (h, A_prev))),
        windows(returns=lambda A, A_prev, h: [A, [h, A_prev]]),
    ],
    "pool-cache-short": [
        windows(returns=lambda A, A_prev, h: (A, (A_prev,))),
        windows(returns=lambda A, A_prev, h: (A, (h,))),
    ],
    "pool-no-cache": [
        windows(returns=lambda A, A_prev, h: A),
        lambda A, h, mode="max": entries()(A, h, mode)[0],
    ],
}


def in_a_larger_output(pooled, A_prev, f):
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    A = np.zeros((m, n_H_prev - f + 1, n_W_prev - f + 1, n_C))
    A[:, : pooled.shape[1], : pooled.shape[2]] = pooled
    return A


def windows_by_slices(A_prev, h, mode):
    f, s = h["f"], h["stride"]
    A = np.zeros_like(windows()(A_prev, h, mode)[0])
    for i, y, x, c in np.ndindex(A.shape):
        window = A_prev[i, y * s : y * s + s, x * s : x * s + s, c]
        A[i, y, x, c] = window.max() if mode == "max" else window.mean()
    return A, (A_prev, h)


def squared(A, h, mode, axis):
    side = size(A.shape[1 + axis], h["f"], h["stride"])
    return entries(sizes=(lambda *_: side, lambda *_: side), cut="skip")(A, h, mode)


# Backward


def delivered(
    start=lambda k, s, f: k * s,
    put="add",
    mask=lambda window, i, h, w: window == window.max(axis=(0, 1)),
    given=lambda mask, g, window, f: mask * g,
    share=lambda g, f, dA, A: g / f**2,
    choose=lambda mode: mode,
    source=lambda A, i: A[i],
    gradient=lambda dA, i, h, w, y, x: dA[i, h, w],
    end=lambda dA_prev: dA_prev,
):
    """Deliver window by window, all channels at once."""

    def pool_backward(dA, cache, mode="max"):
        A_prev, hp = cache
        f, s = hp["f"], hp["stride"]
        dA_prev = np.zeros(A_prev.shape)
        for i, h, w in np.ndindex(dA.shape[:3]):
            y, x = start(h, s, f), start(w, s, f)
            window = source(A_prev, i)[y : y + f, x : x + f]
            g = gradient(dA, i, h, w, y, x)
            if choose(mode) == "max":
                part = given(mask(window, i, h, w), g, window, f)
            else:
                part = np.ones_like(window) * share(g, f, dA, A_prev)
            if put == "add" or (put != choose(mode) and put != "set"):
                dA_prev[i, y : y + f, x : x + f] += part
            else:
                dA_prev[i, y : y + f, x : x + f] = part
        return end(dA_prev)

    return pool_backward


def collected(
    wins=lambda xs, k: xs[k] == max(xs),
    gift=lambda g, xs, k: g,
    share=lambda g, f: g / (f * f),
    starts=lambda k, s, f: k * s,
    gradient=lambda dA, i, h, w, c, y, x: dA[i, h, w, c],
    choose=lambda mode: mode,
    first=False,
    see=lambda A: A,
    dtype=float,
    examples=lambda m: range(m),
):
    """Visit single numbers and plain lists."""

    def pool_backward(grads, saved, mode="max"):
        A_prev, hp = saved
        f, s = hp["f"], hp["stride"]
        out = np.zeros(A_prev.shape, dtype)
        for i in examples(len(grads)):
            for h, w, c in np.ndindex(grads.shape[1:]):
                y0, x0 = starts(h, s, f), starts(w, s, f)
                places = [(y, x) for y in range(y0, y0 + f) for x in range(x0, x0 + f)]
                xs = [see(A_prev)[i, y, x, c] for y, x in places]
                g = gradient(grads, i, h, w, c, y0, x0)
                for k, (y, x) in enumerate(places):
                    if choose(mode) == "max":
                        if wins(xs, k):
                            out[i, y, x, c] += gift(g, xs, k)
                            if first:
                                break
                    else:
                        out[i, y, x, c] += share(g, f)
        return out

    return pool_backward


def shared_among_ties(dA, cache, mode="max"):
    """Right: tied maxima share."""
    return delivered(given=lambda mask, g, window, f: mask / mask.sum(axis=(0, 1)) * g)(
        dA, cache, mode
    )


def by_argmax(dA, cache, *, mode="max"):
    """Right: the first of tied maxima, by argmax."""
    return collected(wins=lambda xs, k: k == int(np.argmax(xs)))(dA, cache, mode)


def spread_in_place(dZ, kept, how="max"):
    """Right: scatter with np.add.at."""
    A_prev, hp = kept
    f, s = hp["f"], hp["stride"]
    cut = sliding_window_view(A_prev, (f, f), axis=(1, 2))[:, ::s, ::s]
    out = np.zeros(A_prev.shape, dtype=np.result_type(dZ, np.float32))
    flat = cut.reshape(*cut.shape[:4], f * f)
    for k in range(f * f):
        part = dZ * (flat.argmax(-1) == k) if how == "max" else dZ / (f * f)
        i, h, w, c = np.indices(dZ.shape)
        np.add.at(out, (i, h * s + k // f, w * s + k % f, c), part)
    return out


POOL_BACKWARD = {
    "right": [
        delivered(),
        collected(),
        collected(first=True),
        shared_among_ties,
        by_argmax,
        spread_in_place,
        lambda dA, cache, mode="max": delivered()(dA, cache, mode).tolist(),
    ],
    "pool-backward-assign": [
        delivered(put="set"),
        delivered(put="max"),
        delivered(put="average"),
        lambda dA, c, mode="max": masked_assign(dA, c, mode),
    ],
    "pool-backward-no-stride": [
        delivered(start=lambda k, s, f: k),
        collected(starts=lambda k, s, f: k),
    ],
    "pool-backward-stride-one-axis": [
        lambda dA, c, mode="max": one_axis(dA, c, mode, 0),
        lambda dA, c, mode="max": one_axis(dA, c, mode, 1),
    ],
    "pool-backward-stride-is-f": [
        lambda dA, c, mode="max": fitting(dA, c, mode),
        lambda dA, c, mode="max": fitting(dA, c, mode, np.copyto),
    ],
    "pool-backward-gradient-index": [
        collected(gradient=lambda dA, i, h, w, c, y, x: dA[i, y, x, c]),
        delivered(gradient=lambda dA, i, h, w, y, x: dA[i, y, x]),
    ],
    "pool-backward-mask-alone": [
        delivered(given=lambda mask, g, window, f: mask),
        collected(gift=lambda g, xs, k: 1),
        delivered(given=lambda mask, g, window, f: mask * window),
        delivered(gradient=lambda dA, i, h, w, y, x: np.ones_like(dA[i, h, w])),
    ],
    "pool-backward-mask-of-gradient": [
        lambda dA, c, mode="max": own_mask(dA, c, mode),
        collected(wins=lambda xs, k: False)
        if False
        else lambda dA, c, mode="max": equal_mask(dA, c, mode),
    ],
    "pool-backward-values": [
        delivered(given=lambda mask, g, window, f: window * g),
        collected(gift=lambda g, xs, k: xs[k] * g),
    ],
    "pool-backward-mask-all-channels": [
        delivered(mask=lambda window, i, h, w: window == window.max()),
        delivered(mask=lambda window, i, h, w: np.equal(window, np.amax(window))),
    ],
    "pool-backward-mask-whole-image": [
        lambda dA, c, mode="max": delivered(
            mask=lambda window, i, h, w: window == c[0][i].max(axis=(0, 1))
        )(dA, c, mode),
        lambda dA, c, mode="max": delivered(mask=lambda window, i, h, w: window == c[0].max())(
            dA, c, mode
        ),
    ],
    "pool-backward-minimum": [
        delivered(mask=lambda window, i, h, w: window == window.min(axis=(0, 1))),
        collected(wins=lambda xs, k: xs[k] == min(xs)),
    ],
    "pool-backward-corner": [
        collected(wins=lambda xs, k: k == 0),
        delivered(mask=lambda window, i, h, w: first_place(window)),
    ],
    "pool-backward-not-divided": [
        delivered(share=lambda g, f, dA, A: g),
        collected(share=lambda g, f: g),
    ],
    "pool-backward-divided-by-f": [
        delivered(share=lambda g, f, dA, A: g / f),
        collected(share=lambda g, f: g / f),
    ],
    "pool-backward-divided-by-image": [
        delivered(share=lambda g, f, dA, A: g / (dA.shape[1] * dA.shape[2])),
        delivered(share=lambda g, f, dA, A: g / (A.shape[1] * A.shape[2])),
    ],
    "pool-backward-mode-ignored": [
        delivered(choose=lambda mode: "max"),
        collected(choose=lambda mode: "average"),
    ],
    "pool-backward-modes-swapped": [
        delivered(choose=lambda mode: "average" if mode == "max" else "max"),
        collected(choose=lambda mode: {"max": "average", "average": "max"}[mode]),
    ],
    "pool-backward-first-example": [
        delivered(source=lambda A, i: A[0]),
        collected(see=lambda A: np.repeat(A[:1], len(A), axis=0)),
    ],
    "pool-backward-returns-early": [
        collected(examples=lambda m: [0]),
        delivered(end=lambda x: x * (np.arange(len(x)) == 0)[:, None, None, None]),
    ],
    "pool-backward-axes-swapped": [
        collected(gradient=lambda dA, i, h, w, c, y, x: dA[i, w, h, c]),
        delivered(gradient=lambda dA, i, h, w, y, x: dA[i, w, h]),
    ],
    "pool-backward-sign": [
        delivered(end=np.negative),
        collected(gradient=lambda dA, i, h, w, c, y, x: -dA[i, h, w, c]),
    ],
    "pool-backward-int": [
        delivered(end=lambda x: x.astype(int)),
        lambda dA, c, mode="max": delivered()(dA, c, mode).astype(np.int64),
    ],
}


def masked_assign(dA, cache, mode):
    A_prev, hp = cache
    f, s = hp["f"], hp["stride"]
    out = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(dA.shape):
        window = A_prev[i, h * s : h * s + f, w * s : w * s + f, c]
        part = out[i, h * s : h * s + f, w * s : w * s + f, c]
        if mode == "max":
            part[window == window.max()] = dA[i, h, w, c]
        else:
            part[:] = dA[i, h, w, c] / f**2
    return out


def one_axis(dA, cache, mode, axis):
    A_prev, hp = cache
    f, s = hp["f"], hp["stride"]
    out = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(dA.shape):
        y, x = (h if axis == 0 else h * s), (w if axis == 1 else w * s)
        window = A_prev[i, y : y + f, x : x + f, c]
        g = dA[i, h, w, c]
        out[i, y : y + f, x : x + f, c] += (
            (window == window.max()) * g if mode == "max" else g / f**2
        )
    return out


def fitting(dA, cache, mode, put=None):
    A_prev, hp = cache
    f = hp["f"]
    out = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(dA.shape):
        window = A_prev[i, h * f : h * f + f, w * f : w * f + f, c]
        if window.shape != (f, f):
            continue
        g = dA[i, h, w, c]
        share = (window == window.max()) * g if mode == "max" else np.full((f, f), g / f**2)
        part = out[i, h * f : h * f + f, w * f : w * f + f, c]
        if put:
            put(part, share)
        else:
            part += share
    return out


def own_mask(dA, cache, mode):
    A_prev, hp = cache
    f, s = hp["f"], hp["stride"]
    out = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(dA.shape):
        part = out[i, h * s : h * s + f, w * s : w * s + f, c]
        part += (part == part.max()) * dA[i, h, w, c] if mode == "max" else dA[i, h, w, c] / f**2
    return out


def equal_mask(dA, cache, mode):
    return collected(wins=lambda xs, k: True, gift=lambda g, xs, k: g * (xs[k] == g))(
        dA, cache, mode
    )


def first_place(window):
    mask = np.zeros(window.shape)
    mask[0, 0] = 1
    return mask


__all__ = ["POOL_BACKWARD", "POOL_FORWARD"]

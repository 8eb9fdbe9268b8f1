"""Answers on the four small functions, right and wrong, in styles that are not the book's."""

import math

import numpy as np

# zero_pad: by filling an array of zeros, by joining pieces, by np.pad with other arguments


def filled(top, bottom=None, left=None, right=None, value=0.0, dtype=None):
    """Put X into a larger array; each border is a function of pad."""
    bottom, left = bottom or top, left or top
    right = right or bottom

    def zero_pad(X, pad):
        m, n_H, n_W, n_C = X.shape
        shape = (m, n_H + top(pad) + bottom(pad), n_W + left(pad) + right(pad), n_C)
        out = np.full(shape, value, dtype=dtype or np.float64)
        out[:, top(pad) : top(pad) + n_H, left(pad) : left(pad) + n_W, :] = X
        return out

    return zero_pad


def joined(rows=True, columns=True, before=1, after=1):
    """Glue zeros on, axis by axis."""

    def zero_pad(X, pad):
        X = np.asarray(X, dtype=float)
        if rows:
            strip = np.zeros((X.shape[0], pad, X.shape[2], X.shape[3]))
            X = np.concatenate([strip] * before + [X] + [strip] * after, axis=1)
        if columns:
            strip = np.zeros((X.shape[0], X.shape[1], pad, X.shape[3]))
            X = np.concatenate([strip] * before + [X] + [strip] * after, axis=2)
        return X

    return zero_pad


def padded(*pairs, **options):
    """Use np.pad with these pairs, as functions of pad."""
    return lambda X, pad: np.pad(X, [(a * pad, b * pad) for a, b in pairs], **options)


same = int
none = lambda p: 0  # noqa: E731

ZERO_PAD = {
    "right": [
        filled(same),
        joined(),
        padded((0, 0), (1, 1), (1, 1), (0, 0), mode="constant"),
        lambda X, pad: np.stack([np.pad(x, ((pad, pad), (pad, pad), (0, 0))) for x in X]),
        lambda X, pad: np.moveaxis(
            np.pad(np.moveaxis(X, -1, 1), ((0, 0), (0, 0), (pad, pad), (pad, pad))), 1, -1
        ),
        lambda images, p: [
            [[[0.0] * images.shape[3]] * (images.shape[2] + 2 * p)] * p
            + [
                [[0.0] * images.shape[3]] * p + row.tolist() + [[0.0] * images.shape[3]] * p
                for row in image
            ]
            + [[[0.0] * images.shape[3]] * (images.shape[2] + 2 * p)] * p
            for image in images
        ],
    ],
    "pad-identity": [lambda X, pad: X, lambda X, pad: np.array(X)],
    "pad-one-side": [filled(same, none), joined(before=0), filled(none, lambda p: 2 * p)],
    "pad-height-only": [filled(same, same, none, none), joined(columns=False)],
    "pad-width-only": [filled(none, none, same, same), joined(rows=False)],
    "pad-wrong-axes": [
        padded((1, 1), (0, 0), (0, 0), (1, 1)),
        padded((0, 0), (0, 0), (1, 1), (1, 1)),
    ],
    "pad-all-axes": [lambda X, pad: np.pad(X, pad), padded(*[(1, 1)] * 4)],
    "pad-third-axis": [
        padded((0, 0), (1, 1), (1, 1), (1, 1)),
        lambda X, pad: np.stack([np.pad(x, pad) for x in X]),
    ],
    "pad-edge-values": [
        padded((0, 0), (1, 1), (1, 1), (0, 0), mode="edge"),
        padded((0, 0), (1, 1), (1, 1), (0, 0), mode="wrap"),
        lambda X, pad: X[
            :,
            np.clip(np.arange(-pad, X.shape[1] + pad), 0, X.shape[1] - 1)[:, None],
            np.clip(np.arange(-pad, X.shape[2] + pad), 0, X.shape[2] - 1),
            :,
        ],
    ],
    "pad-nonzero": [filled(same, value=1.0), filled(same, value=-7.25), filled(same, value=np.nan)],
    "pad-twice": [filled(lambda p: 2 * p), joined(before=2, after=2)],
    "pad-half": [
        filled(lambda p: p // 2, lambda p: p - p // 2),
        filled(lambda p: math.ceil(p / 2), lambda p: p // 2),
    ],
    "pad-fixed": [filled(lambda p: 1), filled(lambda p: 2)],
    "pad-int": [filled(same, dtype=int), lambda X, pad: filled(same)(X, pad).astype(np.int32)],
}

# conv_single_step: by einsum or vdot, and by loops over the entries


def by_einsum(spec="pqk,pqk->", bias=lambda b: b.item(), change=lambda W: W, end=lambda z: z):
    return lambda a, W, b: end(np.einsum(spec, a, change(W)) + bias(b))


def by_entries(
    weight=lambda W, p, q, k: W[p, q, k], each=0.0, channels=None, end=lambda z, b, n: z + b
):
    def conv_single_step(a, W, b):
        total, count = 0.0, 0
        f, _, n_C = a.shape
        for p in range(f):
            for q in range(f):
                for k in range(n_C if channels is None else channels):
                    total += a[p, q, k] * weight(W, p, q, k) + each * float(b[0, 0, 0])
                    count += 1
        return end(total, float(b[0, 0, 0]), count)

    return conv_single_step


CONV_SINGLE_STEP = {
    "right": [
        by_einsum(),
        by_entries(),
        lambda a, W, b: float(np.vdot(a, W)) + float(b.ravel()[0]),
        lambda window, kernel, bias: np.tensordot(window, kernel, axes=3) + bias[0][0][0],
        lambda a, W, b: sum(x * y for x, y in zip(a.flat, W.flat)) + b.item(),
    ],
    "step-no-bias": [by_einsum(bias=lambda b: 0), by_entries(end=lambda z, b, n: z)],
    "step-bias-each": [
        lambda a, W, b: np.sum(a * W + b),
        by_entries(each=1.0, end=lambda z, b, n: z),
        lambda a, W, b: sum(np.sum(a[..., k] * W[..., k]) + b.item() for k in range(a.shape[2])),
    ],
    "step-mean": [
        lambda a, W, b: np.average(a * W) + b.item(),
        by_entries(end=lambda z, b, n: z / n + b),
    ],
    "step-flipped": [
        by_einsum(change=lambda W: np.rot90(W, 2)),
        by_entries(weight=lambda W, p, q, k: W[len(W) - 1 - p, len(W) - 1 - q, k]),
    ],
    "step-transposed": [
        by_einsum("pqk,qpk->"),
        by_entries(weight=lambda W, p, q, k: W[q, p, k]),
    ],
    "step-matmul": [
        lambda a, W, b: np.sum(np.matmul(a, W)) + b.item(),
        lambda a, W, b: sum((a[..., k] @ W[..., k]).sum() for k in range(a.shape[2])) + b.item(),
    ],
    "step-first-channel": [
        by_entries(channels=1),
        lambda a, W, b: (a * W)[:, :, 0].sum() + b.item(),
    ],
    "step-per-channel": [
        by_einsum("pqk,pqk->k"),
        lambda a, W, b: [np.sum(a[..., k] * W[..., k]) + b.item() for k in range(a.shape[2])],
    ],
    "step-partial-sum": [
        lambda a, W, b: np.add.reduce(a * W) + b.item(),
        by_einsum("pqk,pqk->pq"),
    ],
    "step-not-summed": [lambda a, W, b: np.multiply(a, W) + b, lambda a, W, b: a * W],
    "step-not-scalar": [
        lambda a, W, b: np.sum(a * W) + b,
        lambda a, W, b: np.atleast_1d(np.vdot(a, W) + b.item()),
    ],
    "step-bias-truncated": [
        by_einsum(bias=lambda b: int(b.item())),
        by_entries(end=lambda z, b, n: z + int(b)),
    ],
    "step-bias-sign": [by_einsum(bias=lambda b: -b.item()), by_entries(end=lambda z, b, n: z - b)],
    "step-bias-times": [
        lambda a, W, b: np.vdot(a, W) * b.item(),
        by_entries(end=lambda z, b, n: z * b),
    ],
    "step-int": [by_einsum(end=int), by_entries(end=lambda z, b, n: int(z + b))],
    "step-relu": [
        by_einsum(end=lambda z: max(0, z)),
        by_entries(end=lambda z, b, n: (z + b) * (z + b > 0)),
    ],
    "step-product": [
        lambda a, W, b: math.prod((a * W).ravel()) + b.item(),
        lambda a, W, b: (a * W).max() + b.item(),
    ],
}

# create_mask_from_window: by loops, by argmax, by lists


def by_loops(marks):
    """Mark entry by entry; `marks` sees the entry, the window and the place."""

    def create_mask_from_window(x):
        mask = np.zeros(x.shape, dtype=bool)
        for index in np.ndindex(x.shape):
            mask[index] = marks(x[index], x, index)
        return mask

    return create_mask_from_window


def first_maximum(x):
    mask = np.zeros(x.size, dtype=bool)
    mask[np.argmax(x)] = True
    return mask.reshape(x.shape)


def last_maximum(x):
    best, place = -np.inf, None
    for index in np.ndindex(x.shape):
        if x[index] >= best:
            best, place = x[index], index
    mask = np.zeros_like(x, dtype=bool)
    mask[place] = True
    return mask


CREATE_MASK_FROM_WINDOW = {
    "right": [
        lambda x: x == np.max(x),
        lambda window: np.equal(window, window.max()).astype(float),
        lambda x: [[int(v == max(map(max, x.tolist()))) for v in row] for row in x.tolist()],
        first_maximum,
        by_loops(lambda v, x, k: v == x.max()),
        lambda x: np.where(x >= np.amax(x), 1, 0),
        lambda x: ~(x < x.max()),
    ],
    "mask-values": [lambda x: np.where(x == x.max(), x, 0), lambda x: x * (x == np.max(x))],
    "mask-index": [
        lambda x: int(x.argmax()),
        lambda x: tuple(int(k) for k in np.unravel_index(x.argmax(), x.shape)),
        lambda x: list(np.unravel_index(np.argmax(x), x.shape)),
    ],
    "mask-maximum-value": [lambda x: np.max(x), lambda x: max(x.ravel())],
    "mask-minimum": [lambda x: x == x.min(), by_loops(lambda v, x, k: (x >= v).all())],
    "mask-absolute": [
        lambda x: abs(x) == abs(x).max(),
        by_loops(lambda v, x, k: abs(v) >= np.abs(x).max()),
    ],
    "mask-by-row": [
        lambda x: x == x.max(axis=1, keepdims=True),
        lambda x: np.array([row == row.max() for row in x]),
    ],
    "mask-by-column": [
        lambda x: x == x.max(axis=0),
        lambda x: np.array([column == column.max() for column in x.T]).T,
    ],
    "mask-not-maximum": [lambda x: x != x.max(), lambda x: x < np.max(x)],
    "mask-positive": [lambda x: x > 0, by_loops(lambda v, x, k: v > 0)],
    "mask-above-mean": [lambda x: x > x.mean(), by_loops(lambda v, x, k: v > np.average(x))],
    "mask-whole": [lambda x: np.full(x.shape, True), by_loops(lambda v, x, k: v <= x.max())],
    "mask-empty": [lambda x: np.zeros_like(x), by_loops(lambda v, x, k: v > x.max())],
    "mask-last": [last_maximum, lambda x: np.flip(first_maximum(np.flip(x)))],
    "mask-flattened": [
        lambda x: x.flatten() == x.max(),
        lambda x: [v == x.max() for v in x.flat],
    ],
    "mask-transposed": [
        lambda x: (x == x.max()).T,
        lambda x: [list(c) for c in zip(*(x == x.max()))],
    ],
}

# distribute_value: by np.ones, by lists, by loops


def ones_times(share, shape=lambda s: s):
    return lambda dz, size: np.ones(shape(size)) * share(dz, *size)


def rows_of(share, shape=lambda s: s):
    return lambda dz, size: [[share(dz, *size)] * shape(size)[1] for _ in range(shape(size)[0])]


def only_at(place, share=lambda dz, h, w: dz):
    def distribute_value(dz, shape):
        a = np.zeros(shape)
        a[place(shape)] = share(dz, *shape)
        return a

    return distribute_value


def both(share, **options):
    return [ones_times(share, **options), rows_of(share, **options)]


DISTRIBUTE_VALUE = {
    "right": [
        *both(lambda dz, h, w: dz / (h * w)),
        lambda dz, shape: np.broadcast_to(dz / np.prod(shape), shape).copy(),
        lambda value, size: np.full(size, value) / (size[0] * size[1]),
        lambda dz, shape: dz * np.ones(shape) / np.ones(shape).sum(),
        lambda dz, shape: np.asmatrix(np.ones(shape) * dz / (shape[0] * shape[1])),
    ],
    "spread-not-divided": both(lambda dz, h, w: dz),
    "spread-by-height": both(lambda dz, h, w: dz / h),
    "spread-by-width": both(lambda dz, h, w: dz / w),
    "spread-by-sum": both(lambda dz, h, w: dz / (h + w)),
    "spread-squared": [
        *both(lambda dz, h, w: dz / (h * w) ** 2),
        *both(lambda dz, h, w: dz / h**2),
    ],
    "spread-integer": [
        *both(lambda dz, h, w: dz // (h * w)),
        lambda dz, shape: (np.ones(shape) * dz / math.prod(shape)).astype(int),
    ],
    "spread-swapped": both(lambda dz, h, w: dz / (h * w), shape=lambda s: (s[1], s[0])),
    "spread-one": [only_at(lambda s: (0, 0)), only_at(lambda s: (s[0] - 1, s[1] - 1))],
    "spread-no-dz": both(lambda dz, h, w: 1 / (h * w)),
    "spread-fixed-size": [
        *both(lambda dz, h, w: dz / 4),
        *both(lambda dz, h, w: dz / 4, shape=lambda s: (2, 2)),
    ],
    "spread-multiplied": both(lambda dz, h, w: dz * h * w),
    "spread-flattened": [
        lambda dz, shape: np.repeat(dz / math.prod(shape), math.prod(shape)),
        lambda dz, shape: [dz / math.prod(shape)] * math.prod(shape),
    ],
    "spread-number": [
        lambda dz, shape: dz / math.prod(shape),
        lambda dz, shape: dz / shape[0] / shape[1],
    ],
    "spread-upside-down": both(lambda dz, h, w: h * w / dz),
}

__all__ = ["CONV_SINGLE_STEP", "CREATE_MASK_FROM_WINDOW", "DISTRIBUTE_VALUE", "ZERO_PAD"]

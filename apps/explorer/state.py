"""What the explorer shows: its state, the state's address, and every number of the present step.

Nothing here knows about Shiny. The numbers come from `cnnlayers`: a forward pass for the
output, and a backward pass of a dZ with only some of its cells left in it for what a step
sends back.

The address of a state is its query; what is left out has its default.

====================  ==========================================================================
op, view              conv, max or average; forward or backward
input, size           digit, edge, checkerboard, cross, gradient or own; side of the made ones
channels              1 or 3
x                     numbers of one's own: ``1,3;4,2`` is two rows; ``~`` between channels
filter, k             sobel-x, …, random or own; the numbers of an own one, written like x
f, stride, pad, bias  hyperparameters and bias; pad, bias and filter are for conv alone
h, w, c               the output's cell that is looked at; c for pooling of three channels
dz, ties              ones, random or one (the cell looked at); all or first, for max
seed                  of the random filter and the random dZ
guess                 1: the reader is to find a forward number before it is shown
lang, theme           es or en; light or dark, the system's if left out
====================  ==========================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

import numpy as np

import cnnlayers

# A volume typed by the reader: channels of rows of numbers. Tuples, so that states compare.
Numbers = tuple[tuple[tuple[float, ...], ...], ...]

CHOICES = {
    "op": ("conv", "max", "average"),
    "view": ("forward", "backward"),
    "input": ("digit", "edge", "checkerboard", "cross", "gradient", "own"),
    "channels": ("1", "3"),
    "filter": (
        "sobel-x",
        "sobel-y",
        "identity",
        "blur",
        "sharpen",
        "laplacian",
        "random",
        "own",
    ),
    "dz": ("ones", "random", "one"),
    "ties": ("all", "first"),
    "guess": ("", "1"),
    "lang": ("es", "en"),
    "theme": ("", "light", "dark"),
}
WHOLE = {
    "size": (3, 9),
    "f": (1, 7),
    "stride": (1, 5),
    "pad": (0, 3),
    "h": (0, 14),
    "w": (0, 14),
    "c": (0, 2),
    "seed": (0, 999),
}
LARGEST = 999  # of the numbers typed, so that a cell can show them
MOST_CELLS = 9  # rows or columns of an input of the reader's own
SMALLEST_FILTER = {"sobel-x": 2, "sobel-y": 2, "sharpen": 3, "laplacian": 3}

DIGIT = ("0000000", "0379940", "0510290", "0002870", "0028600", "0399998", "0000000")


@dataclass(frozen=True)
class State:
    """Everything the reader can choose; the defaults are the address without a query."""

    op: str = "conv"
    view: str = "forward"
    input: str = "digit"
    size: int = 7
    channels: int = 1
    x: Numbers | None = None
    filter: str = "sobel-x"
    k: Numbers | None = None
    f: int = 3
    stride: int = 1
    pad: int = 0
    bias: float = 0.0
    h: int = 0
    w: int = 0
    c: int = 0
    dz: str = "ones"
    ties: str = "all"
    seed: int = 1
    guess: str = ""
    lang: str = "es"
    theme: str = ""

    @property
    def padding(self) -> int:
        """The padding in force: pooling has none."""
        return self.pad if self.op == "conv" else 0

    @property
    def input_shape(self) -> tuple[int, int]:
        """Height and width of the input."""
        return (len(self.x[0]), len(self.x[0][0])) if self.x else (self.size, self.size)

    @property
    def output_shape(self) -> tuple[int, int]:
        """Height and width of the output; below 1 when there is none."""
        n_H, n_W = ((n - self.f + 2 * self.padding) // self.stride + 1 for n in self.input_shape)
        return n_H, n_W

    @property
    def output_channels(self) -> int:
        """Convolution has one filter here; pooling keeps the input's channels."""
        return 1 if self.op == "conv" else self.channels

    @property
    def has_output(self) -> bool:
        """Whether the window fits into the padded input at all."""
        return min(self.output_shape) >= 1

    @property
    def asks(self) -> bool:
        """Whether the reader is to find the present number before seeing it."""
        return bool(self.guess) and self.view == "forward" and self.has_output

    @property
    def steps(self) -> int:
        """How many numbers the output has."""
        n_H, n_W = self.output_shape
        return n_H * n_W * self.output_channels if self.has_output else 0

    @property
    def step(self) -> int:
        """The present cell's place in the order of the book's loops: h, w, c."""
        return (self.h * self.output_shape[1] + self.w) * self.output_channels + self.c

    def at(self, step: int) -> State:
        """Go to another step; past either end it stays there."""
        if not self.has_output:
            return self
        cell, c = divmod(min(max(step, 0), self.steps - 1), self.output_channels)
        h, w = divmod(cell, self.output_shape[1])
        return replace(self, h=h, w=w, c=c)


class Problem(NamedTuple):
    """A value that was not taken, and what was expected (`words.py` says it in a language)."""

    key: str
    value: str
    expected: str
    bounds: tuple[object, ...] = ()


class Refused(ValueError):
    """Raised by `change`; carries the `Problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.key}={problem.value!r}: expected {problem.expected}")
        self.problem = problem


def change(state: State, key: str, value: object) -> State:
    """Change one thing, and move back to a cell that exists.

    Raises `Refused` when the value is not one of those `key` can have.
    """
    text = "" if value is None else str(value).strip()
    state = _set(state, key, text)
    smallest = SMALLEST_FILTER.get(state.filter, 1)
    if state.op == "conv" and state.f < smallest:
        if key == "op":  # a pooling window of any size may become a filter
            return _inside(replace(state, filter="identity"))
        raise Refused(Problem(key, text, "smallest", (state.filter, smallest)))
    return _inside(state)


def edit(state: State, grid: str, cell: tuple[int, int, int], value: object) -> State:
    """Type over one number of the input (`x`) or of the filter (`k`)."""
    new = number(grid, "" if value is None else str(value).strip())
    volume = (image(state) if grid == "x" else kernel(state)).copy()
    try:
        volume[cell] = new
    except IndexError:
        raise Refused(Problem(grid, str(cell), "cell")) from None
    if grid == "x":
        return replace(state, input="own", x=_tuples(volume))
    return replace(state, filter="own", k=_tuples(volume))


def parse(query: str) -> tuple[State, list[Problem]]:
    """Read an address. Never raises: what cannot be read keeps its default and is reported."""
    state, problems = State(), []
    given = dict(parse_qsl(query.lstrip("?"), keep_blank_values=True))
    for key in ("x", "k"):  # numbers say themselves how many they are
        kind, implied = ("input", ("size", "channels")) if key == "x" else ("filter", ("f",))
        if given.get(kind) == "own":
            given.setdefault(key, "")
        if key in given:
            given = {key: given[key]} | {
                k: v for k, v in given.items() if k not in (kind, *implied)
            }
    cell = {key: given.pop(key) for key in ("h", "w", "c") if key in given}
    for key, text in given.items():
        try:
            state = _set(state, key, text.strip())
        except Refused as refused:
            problems.append(refused.problem)
    smallest = SMALLEST_FILTER.get(state.filter, 1)
    if state.op == "conv" and state.f < smallest:
        problems.append(Problem("f", str(state.f), "smallest", (state.filter, smallest)))
        state = replace(state, f=smallest)
    for key, text in cell.items():  # last: the cell has to lie inside the output
        try:
            moved = _inside(_set(state, key, text.strip()))
            if getattr(moved, key) != float(text.replace(",", ".")):
                raise Refused(Problem(key, text, "inside", (getattr(moved, key),)))
            state = moved
        except Refused as refused:
            problems.append(refused.problem)
    return _inside(state), problems


def serialize(state: State) -> str:
    """Write the address: what differs from the defaults, in a fixed order."""
    default, parts = State(), []
    for field in fields(State):
        key, value = field.name, getattr(state, field.name)
        implied = (
            (state.x and key in ("size", "channels"))
            or (state.k and key == "f")
            or (key == "x" and not state.x)
            or (key == "k" and not state.k)
        )
        if implied or value == getattr(default, key):
            continue
        if key in ("x", "k"):
            value = "~".join(";".join(",".join(map(_short, r)) for r in c) for c in value)
        elif key == "bias":
            value = _short(value)
        parts.append(f"{key}={quote(str(value), safe=',;~')}")
    return "&".join(parts)


def number(key: str, text: str) -> float:
    """Read a number as people type it: a decimal comma, a real minus sign, spaces are fine."""
    try:
        value = float(text.replace("−", "-").replace(",", ".").replace("_", "?"))
    except ValueError:
        value = float("nan")
    if not isfinite(value) or abs(value) > LARGEST:
        raise Refused(Problem(key, text, "number", (-LARGEST, LARGEST)))
    return value + 0.0  # never -0


def _set(state: State, key: str, text: str) -> State:
    if key in CHOICES:
        return _choose(state, key, text)
    if key in WHOLE:
        return _count(state, key, text)
    if key == "bias":
        return replace(state, bias=number(key, text))
    if key == "x":
        x = _numbers(key, text)
        low, high = WHOLE["size"]
        size = min(max(len(x[0]), low), high)
        return replace(state, input="own", x=x, channels=len(x), size=size)
    if key == "k":
        k = _numbers(key, text)
        high = WHOLE["f"][1]
        if len(k[0]) != len(k[0][0]) or len(k[0]) > high:
            raise Refused(Problem(key, text, "square", (high,)))
        return replace(state, filter="own", k=k, f=len(k[0]))
    raise Refused(Problem(key, text, "parameter"))


def _choose(state: State, key: str, text: str) -> State:
    if text not in CHOICES[key]:
        raise Refused(Problem(key, text, "choice", CHOICES[key]))
    if key == "channels":
        channels = int(text)
        x = state.x and (state.x * 3)[:channels] if channels != state.channels else state.x
        k = state.k and (state.k * 3)[:channels] if channels != state.channels else state.k
        return replace(state, channels=channels, x=x, k=k)
    if key == "input":
        return replace(state, input=text, x=_tuples(image(state)) if text == "own" else None)
    if key == "filter":
        return replace(state, filter=text, k=_tuples(kernel(state)) if text == "own" else None)
    return replace(state, **{key: text})


def _count(state: State, key: str, text: str) -> State:
    low, high = WHOLE[key]
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = float("nan")
    if not (value == value // 1 and low <= value <= high):
        raise Refused(Problem(key, text, "whole", (low, high)))
    if value == getattr(state, key):  # numbers of the reader's own need not be square
        return state
    state = replace(state, **{key: int(value)})
    # Numbers of the reader's own follow a new size: cut off, or filled up with zeros.
    if key == "size" and state.x:
        state = replace(state, x=_resized(state.x, state.size))
    if key == "f" and state.k:
        state = replace(state, k=_resized(state.k, state.f))
    return state


def _numbers(key: str, text: str) -> Numbers:
    volume = tuple(
        tuple(tuple(number(key, cell) for cell in row.split(",")) for row in channel.split(";"))
        for channel in text.split("~")
    )
    widths = {len(row) for channel in volume for row in channel}
    heights = {len(channel) for channel in volume}
    if len(widths) > 1 or len(heights) > 1 or len(volume) not in (1, 3):
        raise Refused(Problem(key, text, "numbers"))
    if max(widths | heights) > MOST_CELLS:
        raise Refused(Problem(key, text, "cells", (MOST_CELLS,)))
    return volume


def _resized(volume: Numbers, n: int) -> Numbers:
    def fit(items: tuple, filler: object) -> tuple:
        return (items + (filler,) * n)[:n]

    return tuple(fit(tuple(fit(row, 0.0) for row in c), (0.0,) * n) for c in volume)


def _inside(state: State) -> State:
    """Move the present cell into the output."""
    n_H, n_W = state.output_shape
    return replace(
        state,
        h=max(0, min(state.h, n_H - 1)),
        w=max(0, min(state.w, n_W - 1)),
        c=min(state.c, state.output_channels - 1),
    )


def _tuples(volume: np.ndarray) -> Numbers:
    return tuple(tuple(tuple(map(float, row)) for row in c) for c in np.moveaxis(volume, -1, 0))


def _short(value: float) -> str:
    return repr(value).removesuffix(".0")


def image(state: State) -> np.ndarray:
    """Make the input volume (n_H_prev, n_W_prev, n_C_prev)."""
    if state.x:
        return np.moveaxis(np.array(state.x), 0, -1).copy()
    n = state.size
    row, column = np.mgrid[:n, :n]
    if state.input == "digit":
        bitmap = np.array([[int(ink) for ink in line] for line in DIGIT])
        first = bitmap[row * len(DIGIT) // n, column * len(DIGIT) // n]
    elif state.input == "edge":
        first = column >= n // 2
    elif state.input == "checkerboard":
        first = (row + column) % 2 == 0
    elif state.input == "cross":
        middle = ((n - 1) // 2, n // 2)
        first = np.isin(row, middle) | np.isin(column, middle)
    else:
        first = row + column
    first = first.astype(float)
    # Three channels that differ: the picture, the picture turned, and its negative.
    channels = (first, np.rot90(first), first.max() - first)[: state.channels]
    return np.stack(channels, axis=-1)


def kernel(state: State) -> np.ndarray:
    """Make the filter (f, f, n_C_prev): the same for every channel, random ones aside."""
    f, shape = state.f, (state.f, state.f, state.channels)
    if state.k:
        k = np.moveaxis(np.array(state.k), 0, -1)
        return k if k.shape == shape else np.broadcast_to(k[:, :, :1], shape)
    if state.filter == "random":
        return np.round(np.random.default_rng([state.seed, 0]).standard_normal(shape), 1) + 0.0
    middle = np.zeros((f, f))
    middle[(f - 1) // 2, (f - 1) // 2] = 1
    if state.filter == "blur":
        k = np.full((f, f), 1 / f**2)
    elif state.filter in ("sobel-x", "sobel-y"):
        # Smooth along one axis, difference along the other: binomial rows give both.
        smooth, slope = np.ones(1), np.array([-1.0, 1.0])
        for _ in range(f - 1):
            smooth = np.convolve(smooth, [1, 1])
        for _ in range(f - 2):
            slope = np.convolve(slope, [1, 1])
        k = np.outer(smooth, slope) if state.filter == "sobel-x" else np.outer(slope, smooth)
    elif state.filter in ("sharpen", "laplacian"):
        at = (f - 1) // 2
        k = np.zeros((f, f))
        k[at, at - 1 : at + 2] = k[at - 1 : at + 2, at] = 1
        k[at, at] = -4
        k = middle - k if state.filter == "sharpen" else k
    else:
        k = middle
    return np.repeat(k[:, :, None], state.channels, axis=2) + 0.0


class Look(NamedTuple):
    """Every array of the present step. Without an output only the input and filter are there."""

    A: np.ndarray  # the input (n_H_prev, n_W_prev, n_C_prev)
    A_pad: np.ndarray  # with its padding
    W: np.ndarray  # the filter (f, f, n_C_prev)
    read_rows: np.ndarray  # of A_pad: whether any window reads the row
    read_columns: np.ndarray
    rows: slice = slice(0)  # the window in A_pad
    columns: slice = slice(0)
    window: np.ndarray | None = None  # (f, f, n_C_prev)
    products: np.ndarray | None = None  # window · W, for a convolution
    Z: np.ndarray | None = None  # the output (n_H, n_W, n_C)
    dZ: np.ndarray | None = None  # the gradient that arrives, shape of Z
    dA: np.ndarray | None = None  # what the steps up to this one add up to, shape of A
    dW: np.ndarray | None = None  # (f, f, n_C_prev)
    db: float | None = None
    dA_step: np.ndarray | None = None  # what this step alone adds
    dW_step: np.ndarray | None = None
    db_step: float | None = None
    mask: np.ndarray | None = None  # (f, f): which entries of a max window get the gradient
    share: np.ndarray | None = None  # (f, f): what each entry of an average window gets


def look(state: State) -> Look:
    """Run the layer and cut out what the present step reads, makes and sends back."""
    A, W = image(state), np.array(kernel(state))
    A_pad = cnnlayers.zero_pad(A[None], state.padding)[0]
    read = []
    for n, windows in zip(A_pad.shape[:2], state.output_shape, strict=True):
        starts = np.arange(max(windows, 0)) * state.stride
        read.append(np.isin(np.arange(n), starts[:, None] + np.arange(state.f)))
    seen = Look(A, A_pad, W, *read)
    if not state.has_output:
        return seen

    if state.op == "conv":
        hparameters = {"stride": state.stride, "pad": state.pad}
        b = np.full((1, 1, 1, 1), state.bias)
        Z, cache = cnnlayers.conv_forward(A[None], W[..., None], b, hparameters)
    else:
        hparameters = {"f": state.f, "stride": state.stride}
        Z, cache = cnnlayers.pool_forward(A[None], hparameters, mode=state.op)
    top, left = state.h * state.stride, state.w * state.stride
    rows, columns = slice(top, top + state.f), slice(left, left + state.f)
    window = A_pad[rows, columns]
    dZ = upstream(state)
    seen = seen._replace(rows=rows, columns=columns, window=window, Z=Z[0], dZ=dZ)

    # The backward pass adds up cell by cell, so a dZ emptied of other cells shows one cell's part.
    order = np.arange(state.steps).reshape(Z.shape[1:])
    part = np.where(order == state.step, dZ, 0.0)[None]
    so_far = np.where(order <= state.step, dZ, 0.0)[None]
    if state.op == "conv":
        dA, dW, db = cnnlayers.conv_backward(so_far, cache)
        dA_step, dW_step, db_step = cnnlayers.conv_backward(part, cache)
        return seen._replace(
            products=window * W,
            dA=dA[0],
            dW=dW[..., 0],
            db=float(db[0, 0, 0, 0]),
            dA_step=dA_step[0],
            dW_step=dW_step[..., 0],
            db_step=float(db_step[0, 0, 0, 0]),
        )
    # Only a maximum can tie.
    more = {"ties": state.ties} if state.op == "max" else {}
    seen = seen._replace(
        dA=cnnlayers.pool_backward(so_far, cache, mode=state.op, **more)[0],
        dA_step=cnnlayers.pool_backward(part, cache, mode=state.op, **more)[0],
    )
    here = window[:, :, state.c]
    if state.op == "max":
        return seen._replace(mask=cnnlayers.create_mask_from_window(here, **more))
    dz = float(dZ[state.h, state.w, state.c])
    return seen._replace(share=cnnlayers.distribute_value(dz, (state.f, state.f)))


def upstream(state: State) -> np.ndarray:
    """Make the gradient that arrives at the output (n_H, n_W, n_C)."""
    shape = (*state.output_shape, state.output_channels)
    if state.dz == "ones":
        return np.ones(shape)
    if state.dz == "random":
        return np.round(np.random.default_rng([state.seed, 1]).standard_normal(shape), 1) + 0.0
    return (np.arange(state.steps).reshape(shape) == state.step).astype(float)

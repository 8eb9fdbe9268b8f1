"""What the reader can choose: one table of controls.

A field of `State` is all there is to say about a control: its values, the part of the settings it
stands in, and when it matters. The page, the address and the checks follow from it; its words are
those of its name in the table of words. Nothing here knows about Shiny.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import prod

from apps.shared.controls import choice, control, controls, count

# A volume of the reader's own: channels of rows of numbers. Tuples, so that states compare.
Numbers = tuple[tuple[tuple[float, ...], ...], ...]

VIEWS = ("forward", "backward", "entry", "columns", "learn", "mistake", "sizes")
PICTURES = ("digit", "edge", "checkerboard", "cross", "gradient")
FILTERS = ("sobel-x", "sobel-y", "identity", "blur", "sharpen", "laplacian")
SMALLEST_FILTER = {"sobel-x": 2, "sobel-y": 2, "sharpen": 3, "laplacian": 3}
RATES = ("0.0005", "0.001", "0.002", "0.005", "0.01", "0.02", "0.05")
MOST_CELLS = 9  # rows or columns of an input of the reader's own
# Mistakes of the bank that can be seen with one example and one filter, by layer.
_CONV = "no-stride no-pad pad-once window-short size-ceil axes-swapped no-bias bias-each flipped"
_CONV_BACK = "assign-dA assign-dW flipped no-stride unpad-zero crop-end input-for-filter sign"
_POOL = "no-stride stride-is-f window-short corner modes-swapped pads"
_POOL_BACK = "assign no-stride"


def _named(prefix: str, *faults: str) -> tuple[str, ...]:
    return tuple(f"{prefix}-{fault}" for fault in " ".join(faults).split())


FAULTS = {
    "conv": _named("forward", _CONV, "transposed mean relu") + _named("backward", _CONV_BACK),
    "max": _named("pool", _POOL, "min from-zero")
    + _named("pool-backward", _POOL_BACK, "mask-alone values mask-whole-image"),
    "average": _named("pool", _POOL, "sum") + _named("pool-backward", _POOL_BACK, "not-divided"),
}
LESSONS = 60  # steps of learning that can be taken


# When a control matters. Where it does not, it is neither shown nor in the address.


def _convolves(state: State) -> bool:
    return state.op == "conv"


def _goes_back(state: State) -> bool:
    return state.view in ("backward", "entry") or (_errs(state) and state.fault_goes_back)


def _learns(state: State) -> bool:
    return state.view == "learn"


def _opens(state: State) -> bool:
    return state.view == "entry"


def _errs(state: State) -> bool:
    return state.view == "mistake"


def _picks_at_random(state: State) -> bool:
    filters = state.op == "conv" and state.filter == "random"
    return filters or (_goes_back(state) and state.dz == "random")


def _looks_at_a_cell(state: State) -> bool:
    one = _goes_back(state) and state.dz == "one"
    return state.view in ("forward", "backward", "columns") or one


@dataclass(frozen=True)
class State:
    """Everything the reader can choose; the defaults are the address without a query."""

    op: str = choice("conv", "max", "average", group="layer", radio=True)
    view: str = choice(*VIEWS)
    # The picture and its side, or numbers of the reader's own.
    input: str = choice(*PICTURES, "own", group="input")
    size: int = count(7, 3, 9, group="input")
    channels: int = field(
        default=1, metadata=control("choice", "1", "3", group="input", radio=True)
    )
    x: Numbers | None = field(default=None, metadata=control("numbers"))
    # The one filter of a convolution.
    filter: str = choice(*FILTERS, "random", "own", group="filter", matters=_convolves)
    k: Numbers | None = field(default=None, metadata=control("numbers", matters=_convolves))
    f: int = count(3, 1, 7, group="window")
    stride: int = count(1, 1, 5, group="window")
    pad: int = count(0, 0, 3, group="window", matters=_convolves)
    bias: float = field(
        default=0.0,
        metadata=control(
            "number", group="filter", matters=lambda s: s.op == "conv" and s.view != "sizes"
        ),
    )
    # The cell of the output that is looked at.
    h: int = count(0, 0, 14, matters=_looks_at_a_cell)
    w: int = count(0, 0, 14, matters=_looks_at_a_cell)
    c: int = count(0, 0, 2, matters=lambda s: _looks_at_a_cell(s) and s.output_channels > 1)
    # The gradient that arrives, and which of equal maxima gets it.
    dz: str = choice("ones", "random", "one", group="back", matters=_goes_back)
    ties: str = choice(
        "all", "first", group="back", matters=lambda s: s.op == "max" and _goes_back(s)
    )
    # The entry of the input, filter or bias whose gradient is taken apart, and ε = 10⁻ᵉ.
    of: str = choice(
        "A", "W", "b", group="entry", radio=True, matters=lambda s: s.op == "conv" and _opens(s)
    )
    row: int = count(0, 0, 8, matters=lambda s: _opens(s) and s.of != "b")
    column: int = count(0, 0, 8, matters=lambda s: _opens(s) and s.of != "b")
    channel: int = count(0, 0, 2, matters=lambda s: _opens(s) and s.of != "b" and s.channels > 1)
    e: int = count(3, 1, 12, group="entry", matters=_opens)
    # The filter to be learned, the learning rate, and the steps taken.
    goal: str = choice(*FILTERS, default="sobel-y", group="learning", matters=_learns)
    rate: str = choice(*RATES, default="0.005", group="learning", matters=_learns)
    t: int = count(0, 0, LESSONS, matters=_learns)
    # The mistake that is shown beside the right layer.
    fault: str = choice(*dict.fromkeys(sum(FAULTS.values(), ())), group="mistake", matters=_errs)
    seed: int = count(1, 0, 999, group="random", matters=_picks_at_random)
    # Whether the reader is to find a number before it is shown.
    guess: str = field(
        default="",
        metadata=control(
            "check", "", "1", group="layer", matters=lambda s: s.view in ("forward", "backward")
        ),
    )
    lang: str = choice("es", "en")

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
        n_H, n_W = (size(n, self.f, self.stride, self.padding) for n in self.input_shape)
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
        return bool(self.guess) and self.view in ("forward", "backward") and self.has_output

    @property
    def views(self) -> tuple[str, ...]:
        """The views that there are for the layer."""
        without = () if self.op == "conv" else ("columns", "learn")
        return tuple(view for view in VIEWS if view not in without)

    @property
    def fault_goes_back(self) -> bool:
        """Whether the mistake is one of the backward pass."""
        return "backward" in self.fault

    # Steps: over the cells of the output, over the entries of an array, or of learning.

    @property
    def entry_shape(self) -> tuple[int, int, int]:
        """Shape of the array whose entry is looked at."""
        shapes = {"A": self.input_shape, "W": (self.f, self.f), "b": (1, 1)}
        return (*shapes[self.of], 1 if self.of == "b" else self.channels)

    @property
    def _places(self) -> dict[str, int]:
        """The fields that a step moves, the last of them first, and how many values each has."""
        if not self.has_output or self.view in ("sizes", "mistake"):
            return {}
        if self.view == "learn":
            return {"t": LESSONS + 1}
        if self.view == "entry":
            return dict(zip(("row", "column", "channel"), self.entry_shape, strict=True))
        return dict(zip("hwc", (*self.output_shape, self.output_channels), strict=True))

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return prod(self._places.values()) if self._places else 0

    @property
    def step(self) -> int:
        """The present step, in the order of the book's loops: rows, columns, channels."""
        step = 0
        for key, length in self._places.items():
            step = step * length + getattr(self, key)
        return step

    def at(self, step: int) -> State:
        """Go to another step; past either end it stays there."""
        if not self.steps:
            return self
        step, places = min(max(step, 0), self.steps - 1), {}
        for key, length in reversed(self._places.items()):
            step, places[key] = divmod(step, length)
        return replace(self, **places)

    def limits(self, key: str) -> tuple[int, int]:
        """Tell the least and the greatest value with which there is an output."""
        control, smallest = CONTROLS[key], min(self.input_shape)
        low, high = control.low, control.high
        if key == "f":
            if self.op == "conv" and self.view != "sizes":
                low = SMALLEST_FILTER.get(self.filter, low)
            high = min(high, smallest + 2 * self.padding)
        elif key == "pad":
            low = max(low, -((smallest - self.f) // 2))
        elif key == "size":
            low = max(low, self.f - 2 * self.padding)
        return min(low, high), high


CONTROLS = controls(State)
DEFAULT = State()


def size(n: int, f: int, stride: int, pad: int) -> int:
    """Give the output's size along an axis: ⌊(n - f + 2·pad) / stride⌋ + 1."""
    return (n - f + 2 * pad) // stride + 1

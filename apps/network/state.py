"""What the reader can choose: one table of controls, as the explorer has one."""

from __future__ import annotations

from dataclasses import dataclass, field

from apps.shared.controls import choice, control, controls, count

VIEWS = ("forward", "backward", "train")
# What leaves each layer, in order: rows, columns, channels. The vector is drawn 16 in a row.
LAYERS = {
    "X": (8, 8, 1),
    "Z1": (8, 8, 32),
    "A1": (8, 8, 32),
    "M1": (4, 4, 32),
    "Z2": (4, 4, 64),
    "A2": (4, 4, 64),
    "M2": (2, 2, 64),
    "V": (16, 16, 1),
    "Z3": (10, 1, 1),
    "P": (10, 1, 1),
}
INK = "0123456789abcdefg"  # a pixel in an address: 0 is paper, g is 16 of 16
TEST_DIGITS = 599
STEPS = 999  # of training that can be taken
RATES = ("0.003", "0.01", "0.03", "0.1", "0.3")
# Mistakes of the bank that let the network train on, by the function in which they sit.
FAULTS = {
    "backward-flipped": "conv_backward",
    "backward-assign-dW": "conv_backward",
    "backward-crop-end": "conv_backward",
    "pool-backward-corner": "pool_backward",
    "pool-backward-mask-alone": "pool_backward",
    "relu-not-masked": "relu_backward",
    "relu-mask-of-gradient": "relu_backward",
    "dense-batch-mean": "dense_backward",
    "dense-sign": "dense_backward",
    "softmax-one-hot-missing": "cross_entropy_backward",
    "softmax-not-averaged": "cross_entropy_backward",
    "softmax-averaged-twice": "cross_entropy_backward",
}


# When a control matters. Where it does not, it is neither shown nor in the address.


def _looks(state: State) -> bool:
    return state.view != "train"


def _goes_back(state: State) -> bool:
    return state.view == "backward"


def _many(state: State) -> bool:
    return _looks(state) and state.shape[2] > 1


def _adds_channels(state: State) -> bool:
    return _looks(state) and state.summed > 1


def _has_trained(state: State) -> bool:
    return state.view == "train" or state.t > 0


def _draws_lots(state: State) -> bool:
    return _has_trained(state) or state.start == "scratch"


@dataclass(frozen=True)
class State:
    """Everything the reader can choose; the defaults are the address without a query."""

    view: str = choice(*VIEWS)
    # The picture: one of the test digits, or pixels of the reader's own, row by row.
    digit: int = count(0, 0, TEST_DIGITS - 1, group="picture", matters=lambda s: not s.x)
    x: str = field(default="", metadata=control("pixels"))
    # The number that is looked at; the channel that is open where channels are added up.
    layer: str = choice(*LAYERS, default="Z1", matters=_looks)
    h: int = count(3, 0, 15, matters=_looks)
    w: int = count(3, 0, 15, matters=_looks)
    c: int = count(0, 0, 63, group="number", matters=_many)
    j: int = count(0, 0, 63, group="number", matters=_adds_channels)
    # What is sent back: the loss or the probability of a digit; "": of what was written.
    of: str = choice("loss", "class", group="back", radio=True, matters=_goes_back)
    k: str = choice("", *"0123456789", group="back", matters=_goes_back)
    # The network: trained as in the chapter, or fresh; and the steps of training since.
    start: str = choice("trained", "scratch", group="training", radio=True)
    rate: str = choice(*RATES, default="0.03", group="training", matters=_has_trained)
    batch: str = choice("8", "16", "32", "64", default="32", group="training", matters=_has_trained)
    fault: str = choice("", *FAULTS, group="training", matters=_has_trained)
    t: int = count(0, 0, STEPS)
    seed: int = count(0, 0, 999, group="training", matters=_draws_lots)
    lang: str = choice("es", "en")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns and channels of the layer that is looked at."""
        return LAYERS[self.layer]

    @property
    def summed(self) -> int:
        """Over how many channels the present number is a sum."""
        forward = {"Z2": 32, "Z3": 64}
        backward = {"X": 32, "M1": 64}
        return (backward if self.view == "backward" else forward).get(self.layer, 1)


CONTROLS = controls(State)

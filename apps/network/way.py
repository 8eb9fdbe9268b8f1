"""Which numbers of the layers before it a number is made from, back to the pixels."""

from __future__ import annotations

from typing import NamedTuple

from apps.network.state import LAYERS


class Region(NamedTuple):
    """Rows, columns and channels of a layer."""

    rows: range
    columns: range
    channels: range


def way(layer: str, h: int, w: int, c: int) -> dict[str, Region]:
    """List what a number is made from, layer by layer, itself first and the pixels last."""
    names = list(LAYERS)
    here = Region(range(h, h + 1), range(w, w + 1), range(c, c + 1))
    made = {layer: here}
    for name, below in zip(names[names.index(layer) : 0 : -1], _below(layer), strict=True):
        here = _read(name, below, here)
        made[below] = here
    return made


def _below(layer: str) -> list[str]:
    names = list(LAYERS)
    return names[: names.index(layer)][::-1]


def _read(name: str, below: str, here: Region) -> Region:
    """Say what a layer reads of the one below to make a region of its output."""
    n_H, n_W, n_C = LAYERS[below]
    if name in ("P", "Z3"):  # of all that is there
        return Region(range(n_H), range(n_W), range(n_C))
    if name == "V":
        numbers = [place(h, w) for h in here.rows for w in here.columns]
        return Region(*(range(min(axis), max(axis) + 1) for axis in zip(*numbers, strict=True)))
    if name[0] == "Z":  # a convolution of 3 × 3 with pad 1, over all channels
        rows, columns = _widened(here.rows, n_H), _widened(here.columns, n_W)
        return Region(rows, columns, range(n_C))
    if name[0] == "M":
        rows, columns = (range(2 * axis.start, 2 * axis.stop) for axis in here[:2])
        return Region(rows, columns, here.channels)
    return here


def _widened(axis: range, n: int) -> range:
    return range(max(axis.start - 1, 0), min(axis.stop + 1, n))


def place(h: int, w: int) -> tuple[int, int, int]:
    """Find a number of the vector, as it is drawn, in the volume: channels change fastest."""
    position, c = divmod(16 * h + w, LAYERS["M2"][2])
    return (*divmod(position, LAYERS["M2"][1]), c)

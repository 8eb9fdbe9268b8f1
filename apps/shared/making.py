"""One number of a layer being made, or a gradient being taken apart: the same picture for all.

A convolution, a dense layer, a pooling and every gradient of them are sums of products, a maximum
or a mean over something that is read. Whoever shows one fills in a `Made`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from apps.shared.grid import exact, factor, in_cell, links, marked, operator, small
from apps.shared.words import Words

PER_ROW = 8  # sums of channels


@dataclass(frozen=True)
class Made:
    """One number and all that it is made from.

    Volumes have the shape (rows, columns, channels), each channel being drawn on a line of its
    own. `first` is the number that the first channel has on the page.
    """

    name: str  # as the code writes it
    value: float
    read: np.ndarray  # what is read: a window, a vector, gradients
    factors: np.ndarray | None = None  # what it is multiplied by, entry by entry
    bias: float | None = None
    how: str = "sum"  # sum, max or mean
    by: str = ""  # how the number follows, where it is none of these
    chosen: int | None = None  # of many channels the one that is drawn, beside the sums of all
    axis: str = "c"  # what the code calls the number of a channel
    first: int = 0
    captions: Mapping[str, str] = field(default_factory=dict)  # of read, factors, products
    edit: str = ""  # the array that typing into the factors changes

    @property
    def products(self) -> np.ndarray:
        """What is added up."""
        return self.read if self.factors is None else self.read * self.factors


def making(say: Words, made: Made, *, asked: bool = False) -> str:
    """Draw what the number is made from, a line for each channel, and below it the sum.

    Of many channels one is drawn, and beside it the sum of each, to choose another one from.
    """
    captions = {key: say[key] for key in ("read", "factors", "products")} | dict(made.captions)
    lines = []
    channels = range(made.read.shape[2])
    for n in channels if made.chosen is None else [made.chosen]:
        c = made.first + n
        here = made.read[:, :, n]
        shared: dict[str, object] = {"channel": c, "links": links(c, *here.shape)}
        highest = marked(here == here.max(), "max_here") if made.how == "max" and not asked else {}
        parts = [channel(c, made.axis)] if made.read.shape[2] > 1 else []
        parts += [small(say, here, f"read-{c}", captions["read"], marks=highest, **shared)]
        if made.factors is not None:
            factors, products = made.factors[:, :, n], made.products[:, :, n]
            parts += [
                operator("⊙"),
                small(say, factors, f"factors-{c}", captions["factors"],
                      edit=made.edit, **shared),
                operator("="),
                small(say, products, f"products-{c}", captions["products"], **shared),
            ]  # fmt: skip
        lines.append(f'<div class="line">{"".join(parts)}</div>')
    if made.chosen is not None:
        lines.append(_sums(say, made))
    return "".join(lines) + result(made.name, _sum(made, asked), "?" if asked else made.value)


def _sums(say: Words, made: Made) -> str:
    """Draw what each channel adds; a click opens it."""
    sums = made.products.sum(axis=(0, 1)).reshape(-1, PER_ROW)
    caption = say("sums", n=sums.size)
    marks = {divmod(made.chosen or 0, PER_ROW): "current"}
    return small(say, sums, "sums", caption, marks=marks, pick="sums")


def result(name: str, made: str, value: float | str, ident: str = "number") -> str:
    """Draw the line that ends in the number."""
    shown = value if isinstance(value, str) else in_cell(value)
    made = f" = {made}" if made else ""
    return (
        f'<p class="result"><code>{name}</code>{made} = <strong id="{ident}">{shown}</strong></p>'
    )


def channel(c: int, axis: str = "c") -> str:
    """Say which channel a line shows."""
    return f'<span class="channel">{axis}={c}</span>'


def _sum(made: Made, asked: bool) -> str:
    """Write how the number follows from what is above it."""
    if made.by:
        return made.by
    if made.how == "max":
        return "max"
    n = made.read[:, :, 0].size
    if made.how == "mean":
        return "Σ / f²" if asked else f"Σ / f² = {exact(made.read.sum())} / {n}"
    sign = "Σ" if made.bias is None else "Σ + b"
    if asked or (made.bias is None and made.read.shape[2] == 1):
        return sign
    if made.chosen is not None:
        total = factor(made.products.sum())
        return sign if made.bias is None else f"{sign} = {total} + {factor(made.bias)}"
    sums = [factor(made.products[:, :, c].sum()) for c in range(made.read.shape[2])]
    return f"{sign} = {' + '.join([*sums, *([] if made.bias is None else [factor(made.bias)])])}"

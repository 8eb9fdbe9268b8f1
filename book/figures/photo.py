"""A photograph as the array that it is."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

FRAME = "#D55E00"


def photo_pixels(photo: np.ndarray, top: int, left: int, size: int) -> Figure:
    """Draw a photograph, and beside it a square piece of it, large, with its numbers.

    Returns a Figure, which `book.style` shows as pixels: a dark page must not turn it over.
    """
    piece = photo[top : top + size, left : left + size]
    figure = Figure(figsize=(6.4, 3.1), layout="constrained")
    whole, large = figure.subplots(1, 2)
    limits = {"vmin": photo.min(), "vmax": photo.max()}
    whole.imshow(photo, **limits)
    corner = left - 0.5, top - 0.5
    whole.add_patch(Rectangle(corner, size, size, fill=False, ec=FRAME, lw=2.5))
    whole.set(xticks=[0, len(photo[0]) - 1], yticks=[0, len(photo) - 1])
    large.imshow(
        piece, extent=(left - 0.5, left + size - 0.5, top + size - 0.5, top - 0.5), **limits
    )
    middle = (limits["vmin"] + limits["vmax"]) / 2
    for (h, w), value in np.ndenumerate(piece):
        color = "black" if value > middle else "white"
        large.text(left + w, top + h, f"{value:.0f}", size=9, color=color, ha="center", va="center")
    large.set(xticks=range(left, left + size), yticks=range(top, top + size))
    for spine in large.spines.values():
        spine.set(color=FRAME, linewidth=2.5)
    for axes in (whole, large):
        axes.tick_params(labelsize=8, length=2)
    return figure

"""The book's cover, on the front door, cards and the EPUB: `python -m book.cover` draws it."""

import textwrap
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from cnnlayers import conv_forward, load_digits, pool_forward, relu_forward
from tools.source.config import Edition, editions

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "cover"
INK, PAPER, LINE, QUIET = "#1f2328", "#ffffff", "#c9d1d9", "#59636e"
# Inches, and whether the title stands on it.
PICTURES = {"cover": (12, 4.4, False), "card": (12, 6.3, True), "book": (10, 14, True)}


def columns() -> list[tuple[str, list[np.ndarray]]]:
    """Compute a digit, two filters, what they find in it, and what pooling keeps of that."""
    image = load_digits()[0][3].reshape(1, 8, 8, 1)
    image = image.repeat(2, 1).repeat(2, 2)  # pixels enough for its edges to have a length
    sobel = np.array([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])
    W = np.stack([sobel, sobel.T], axis=-1)[:, :, None, :]
    Z, _ = conv_forward(image, W, np.zeros((1, 1, 1, 2)), {"stride": 1, "pad": 1})
    A, _ = relu_forward(Z)
    P, _ = pool_forward(A, {"f": 2, "stride": 2}, "max")
    return [
        ("gray_r", [image[0, :, :, 0]]),
        ("RdBu_r", [W[:, :, 0, k] for k in (0, 1)]),
        ("Greens", [A[0, :, :, k] for k in (0, 1)]),
        ("Purples", [P[0, :, :, k] for k in (0, 1)]),
    ]


def picture(edition: Edition, name: str) -> bytes:
    """Draw one of the pictures, as PNG."""
    width, height, titled = PICTURES[name]
    figure = Figure(figsize=(width, height), dpi=100, facecolor=PAPER)
    top = height - 0.35
    if titled:
        tall = height > width
        size, lines = (46, textwrap.wrap(edition.title, 20)) if tall else (36, [edition.title])
        figure.text(0.05, top / height, "\n".join(lines), size=size, weight="bold", color=INK,
                    va="top", linespacing=1.1)  # fmt: skip
        top -= len(lines) * size * 1.25 / 72
        lines = textwrap.wrap(edition.subtitle, 44 if tall else 72)
        figure.text(0.05, top / height, "\n".join(lines), size=22, color=QUIET, va="top")
        top -= len(lines) * 22 * 1.4 / 72 + 0.3
    each, gap = (width - 0.1 * width) / 4, 0.25
    side = min(each - gap, (top - 0.4 - gap) / 2)
    for number, (colors, grids) in enumerate(columns()):
        large = each - gap if len(grids) == 1 else side
        x = 0.05 * width + number * each + (each - gap - large) / 2
        middle = 0.35 + (top - 0.35) / 2
        for row, grid in enumerate(grids):
            y = middle - large / 2 if len(grids) == 1 else middle + (gap / 2, -gap / 2 - side)[row]
            axes = figure.add_axes((x / width, y / height, large / width, large / height))
            limit = np.abs(grid).max()
            axes.pcolormesh(grid[::-1], cmap=colors, vmin=-limit if grid.min() < 0 else 0,
                            vmax=limit, edgecolors=LINE, linewidth=0.6)  # fmt: skip
            axes.set_axis_off()
    out = BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    small = BytesIO()
    palette = Image.open(out).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    palette.save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    """Draw every picture of every edition."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for edition in editions(ROOT):
        for name in PICTURES:
            (FOLDER / f"{name}-{edition.lang}.png").write_bytes(picture(edition, name))


if __name__ == "__main__":
    main()

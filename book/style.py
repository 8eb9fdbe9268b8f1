"""How plots made in the chapters' own cells look."""

from io import BytesIO

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from PIL import Image


def style() -> None:
    """Set Matplotlib up for the plots that a chapter's own cells make.

    Lines are shown as SVG on nothing, which a dark page may turn over. A figure that holds an
    image is shown as PNG on white: in a picture of pixels, black has to stay black.
    """
    from IPython.core.getipython import get_ipython

    mpl.rcParams.update(
        {
            "figure.figsize": (5, 4),
            "figure.dpi": 96,
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "image.interpolation": "nearest",
            "image.cmap": "gray",
            "svg.hashsalt": "cnnlayers",
            "svg.fonttype": "path",
        }
    )
    shell = get_ipython()
    assert shell is not None, "style() is for the cells of a chapter"
    formatters = shell.display_formatter.formatters
    formatters["image/svg+xml"].for_type(Figure, lines)
    formatters["image/png"].for_type(Figure, pixels)


def lines(figure: Figure) -> str | None:
    """Return a figure as SVG, unless it holds an image."""
    from IPython.core.pylabtools import print_figure

    if holds_an_image(figure):
        return None
    return print_figure(figure, "svg", metadata={"Date": None})


def pixels(figure: Figure) -> tuple[bytes, dict[str, int]] | None:
    """Return a figure that holds an image as PNG, with the size at which it is to be shown.

    Two pixels make one of the page's. A palette halves the file, and nobody sees it.
    """
    from IPython.core.pylabtools import print_figure

    if not holds_an_image(figure):
        return None
    made = print_figure(figure, "retina", facecolor="white")
    image = Image.open(BytesIO(made)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    out, dpi = BytesIO(), 2 * figure.dpi
    image.save(out, "PNG", optimize=True, dpi=(dpi, dpi))
    return out.getvalue(), {"width": image.width // 2, "height": image.height // 2}


def holds_an_image(figure: Figure) -> bool:
    """Tell whether any of a figure's axes shows an array as an image."""
    return bool(figure.findobj(AxesImage))

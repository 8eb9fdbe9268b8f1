"""Plots of the chapters: lines a dark page may turn over, pixels it may not."""

from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.figure import Figure
from PIL import Image

from book import figures, style


@pytest.fixture(scope="module")
def shown():
    """Format a figure as a chapter's cell does, after `style()`."""
    shell = InteractiveShell.instance()
    with mpl.rc_context():
        style()
        yield shell.display_formatter.format
    InteractiveShell.clear_instance()


def plot(draw) -> Figure:
    figure = Figure()
    draw(figure.add_subplot())
    return figure


def gray_image() -> Figure:
    return plot(lambda axes: axes.imshow(np.arange(12).reshape(3, 4)))


def test_lines_are_drawn_on_nothing(shown):
    data, _ = shown(plot(lambda axes: axes.plot([1, 3, 2])))
    assert set(data) == {"image/svg+xml", "text/plain"}
    assert "fill: #ffffff" not in data["image/svg+xml"]


def test_an_image_is_shown_as_pixels_on_white(shown):
    data, _ = shown(gray_image())
    assert set(data) == {"image/png", "text/plain"}
    pixels = np.asarray(Image.open(BytesIO(data["image/png"])).convert("RGBA"))
    assert pixels[0, 0].tolist() == [255, 255, 255, 255]
    assert (pixels[..., 3] == 255).all() and (pixels[..., :3] == 0).all(axis=-1).any()


def test_an_image_says_how_large_it_is_to_be_shown(shown):
    data, metadata = shown(gray_image())
    image = Image.open(BytesIO(data["image/png"]))
    assert metadata["image/png"] == {"width": image.width // 2, "height": image.height // 2}
    assert image.info["dpi"] == pytest.approx((192, 192), abs=0.1)


def test_the_same_figure_gives_the_same_bytes(shown):
    for draw in (gray_image, lambda: plot(lambda axes: axes.plot([1, 3, 2]))):
        (first, _), (second, _) = shown(draw()), shown(draw())
        assert first["text/plain"] == second["text/plain"]
        assert {k: v for k, v in first.items() if k != "text/plain"} == {
            k: v for k, v in second.items() if k != "text/plain"
        }


def test_a_photograph_shows_the_numbers_of_its_piece(shown):
    photo = np.add.outer(10.0 * np.arange(20), np.arange(15.0))
    figure = figures.photo_pixels(photo, 4, 3, 5)
    numbers = [float(text.get_text()) for text in figure.axes[1].texts]
    assert numbers == photo[4:9, 3:8].ravel().tolist()
    data, _ = shown(figure)
    assert len(data["image/png"]) < 100_000

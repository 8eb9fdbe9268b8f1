"""The figures: drawn from the package's results, the same each time, in no language."""

import os
import re
import subprocess
import sys
from functools import cache
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from apps.network.address import parse
from apps.network.look import look
from book import example, figures
from book.figures._canvas import Canvas, number

ROOT = Path(__file__).resolve().parents[2]
STATES = [
    f"op=conv&{example.query_X}&{example.query_W}&h=1&w=2",
    "op=conv&f=3&stride=2&pad=1&h=1&w=1",
    "op=conv&filter=blur&channels=3&input=cross",
    "op=conv&view=backward&dz=random&channels=3&h=1&w=2",
    "op=conv&f=7&size=5",
    "op=max&f=2&stride=2&h=1&w=1",
    "op=max&f=2&stride=2&view=backward&input=checkerboard&size=4",
    "op=average&f=3&h=1&channels=3&c=1",
    "op=average&f=2&stride=2&view=backward",
]
OTHERS = ("explorer_state", "network_state", "photo_pixels")  # of pixels: see test_style.py
DRAWINGS = [(name, ()) for name in figures.__all__ if name not in OTHERS]
DRAWINGS += [("explorer_state", (state,)) for state in STATES]
READING = "digit=118&h=4&w=2&c=8"
DRAWINGS += [("network_state", (state,)) for state in (READING, "digit=0&h=0&w=7&c=31")]
every_figure = pytest.mark.parametrize(
    "name, arguments", DRAWINGS, ids=[" ".join((name, *args))[:60] for name, args in DRAWINGS]
)
WIDEST = 160 / 25.4 * 72  # the text of an A4 page, in points
# Names from the code and letters of the formulas: what a label may consist of.
NAMES = set(
    """A A_prev A_prev_pad Z W X b s t f dA dA_prev dW dZ db mask a_prev a_slice a_slice_prev cache
    n_H n_W n_C n_H_prev n_W_prev n_C_prev vert_start vert_end horiz_start horiz_end hparameters
    stride pad zero_pad shift sum max ties all first conv_forward conv_backward R G B n H Σ
    im2col columns top relu_forward flatten_forward dense_forward softmax SAME dilation
    product all others blocks threads memory winograd groups axes forward backward without with
    W1 Z1 P pool_forward pool_backward average windows loops cnnlayers dezero neuralnetlib torch
    """.split()
)


@cache
def drawn(name, arguments=()):
    """The drawing behind a figure; an animation's is its strip of frames."""
    shown = getattr(figures, name)(*arguments)
    return getattr(shown, "frames", shown)


@cache
def svg_of(name, arguments=()):
    return getattr(figures, name)(*arguments)._repr_svg_()


def texts(drawing):
    return [t for t in drawing.figure.findobj(Text) if t.get_visible() and t.get_text()]


def is_number(text):
    return re.fullmatch(r"−?[\d.]+", text.get_text())


def numbers(drawing):
    """The numbers on a drawing, in the order in which they were put there."""
    return [float(t.get_text().replace("−", "-")) for t in texts(drawing) if is_number(t)]


@pytest.mark.slow
@every_figure
def test_draws_the_same_bytes_twice(name, arguments):
    assert getattr(figures, name)(*arguments)._repr_svg_() == svg_of(name, arguments)


def test_a_notebook_keeps_each_figure_once_and_the_same():
    formatter = DisplayFormatter()
    for name in ("max_pooling", "sliding_filter"):
        shown, _ = formatter.format(getattr(figures, name)())
        kinds = {"image/svg+xml", "text/plain"} | ({"text/html"} & shown.keys())
        assert shown.keys() == kinds
        assert "0x" not in shown["text/plain"]


@pytest.mark.slow
def test_draws_the_same_bytes_in_another_process():
    code = (
        "import hashlib; from book import figures; "
        "print(hashlib.sha256(figures.same_padding()._repr_svg_().encode()).hexdigest())"
    )
    prints = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert prints[0] == prints[1]


@every_figure
def test_fits_a_page_and_stays_small(name, arguments):
    svg = svg_of(name, arguments)
    width = float(re.search(r'<svg [^>]*width="([\d.]+)pt"', svg)[1])
    assert width <= WIDEST + 6
    assert len(svg) < 150_000 or "channels=3" in str(arguments)


@every_figure
def test_is_transparent_and_holds_its_own_letters(name, arguments):
    svg = svg_of(name, arguments)
    assert "<text" not in svg  # letters are outlines: no font to miss
    assert "<image" not in svg  # lines, no pixels
    assert not re.search(r"<dc:date|http(?!://(www\.w3\.org|purl\.org|creativecommons))", svg)


@every_figure
def test_labels_are_symbols_and_names_from_the_code(name, arguments):
    for text in texts(drawn(name, arguments)):
        label = re.sub(r"\\[a-z]+", " ", text.get_text())  # the commands of a formula
        words = {word.strip("_") for word in re.findall(r"[^\W\d_]\w*", label)}
        assert words <= NAMES, f"{text.get_text()!r} is more than a symbol"


@every_figure
def test_labels_are_legible_in_print(name, arguments):
    smallest = min(text.get_fontsize() for text in texts(drawn(name, arguments)))
    assert smallest >= (5.5 if "channels=3" in str(arguments) else 7)


@every_figure
def test_labels_do_not_overlap(name, arguments):
    drawing = drawn(name, arguments)
    renderer = RendererSVG(*drawing.figure.bbox.size, StringIO())
    boxes = [
        (text.get_text(), text.get_window_extent(renderer).padded(-0.5)) for text in texts(drawing)
    ]
    for k, (label, box) in enumerate(boxes):
        for other, another in boxes[k + 1 :]:
            assert not box.overlaps(another), f"{label!r} lies on {other!r}"


def shown_last(name, count):
    return numbers(drawn(name))[-count:]


def test_pooling_shows_the_maxima_and_the_means():
    assert shown_last("max_pooling", 4) == [4, 6, 2, 8]
    assert shown_last("average_pooling", 8) == [8, 12, 4, 16, 2, 3, 1, 4]


def test_a_single_step_shows_its_products_and_their_sum():
    window, W = example.X[0, :3, :3, 0], example.W[:, :, 0, 0]
    products = (window * W).ravel().tolist()
    assert numbers(drawn("single_step")) == [*window.ravel(), *W.ravel(), *products, -10]


def test_filters_make_the_maps_that_are_stacked():
    X, shown = example.X[0, :, :, 0], numbers(drawn("filters_to_volume"))
    windows = np.lib.stride_tricks.sliding_window_view(X, (3, 3))
    for c in range(2):
        filter_ = example.filters[:, :, 0, c]
        made = [*filter_.ravel(), *(windows * filter_).sum(axis=(2, 3)).ravel()]
        made[9:] = [value + example.biases[0, 0, 0, c] for value in made[9:]]
        assert shown[25 + 18 * c :][:18] == made


def test_gradients_of_a_convolution_are_the_sums_of_their_parts():
    A_prev, W, dZ = example.A_prev[0, :, :, 0], example.W[:, :, 0, 0], example.dZ[0, :, :, 0]
    dA_prev, dW = np.zeros((4, 4)), np.zeros((3, 3))
    parts_of_dA, parts_of_dW = [], []
    for (h, w), dz in np.ndenumerate(dZ):
        dA_prev[h : h + 3, w : w + 3] += dz * W
        dW += dz * A_prev[h : h + 3, w : w + 3]
        parts_of_dA += (dz * W).ravel().tolist()
        parts_of_dW += (dz * A_prev[h : h + 3, w : w + 3]).ravel().tolist()
    assert shown_last("grad_conv_input", 52) == [*parts_of_dA, *dA_prev.ravel()]
    assert shown_last("grad_conv_filter", 45) == [*parts_of_dW, *dW.ravel()]
    assert shown_last("grad_conv_bias", 1) == [dZ.sum()]


def test_each_number_of_dA_is_drawn_over_its_whole_window():
    shown = numbers(drawn("grad_max_pool"))
    assert shown[32:36] == [4, 8, -4, 12]
    corners = [
        patch.get_xy()
        for patch in drawn("grad_max_pool").figure.findobj(Rectangle)
        if patch.get_width() == 2 and not patch.get_fill()
    ]
    # Windows of A_prev, of the mask, of dA and of dA_prev: dA's are as large as the others.
    assert len(corners) == 16
    placed = [t.get_position() for t in texts(drawn("grad_max_pool")) if is_number(t)][32:36]
    (left, top), (right, _), (_, low), _ = placed
    assert placed == [(left, top), (right, top), (left, low), (right, low)]
    assert right - left == pytest.approx(2) and low - top == pytest.approx(2)


def test_gradients_of_pooling_go_where_they_came_from():
    at_maxima = [0, 0, 8, 0, 0, 4, 0, 0, 0, 0, 0, 12, -4, 0, 0, 0]
    assert shown_last("grad_max_pool", 16) == at_maxima
    assert shown_last("grad_avg_pool", 16) == [1, 1, 2, 2, 1, 1, 2, 2, -1, -1, 3, 3, -1, -1, 3, 3]


def test_ties_send_the_gradient_to_all_or_to_the_first():
    shown = numbers(drawn("max_ties"))[20:]
    everyone, first = np.array(shown[16:32]), np.array(shown[48:64])
    assert everyone.sum() == 3 * 4 + 8 - 4 + 4 * 12
    assert first.sum() == 4 + 8 - 4 + 12


def test_padding_lets_the_border_count():
    shown = numbers(drawn("window_counts"))
    assert shown[:5] == [1, 2, 3, 2, 1]
    assert shown[25:30] == [4, 6, 6, 6, 4]


def test_unfolding_shows_each_window_as_a_row_and_its_output_beside_it():
    shown = numbers(drawn("unfold"))
    A_prev, W = example.A_prev[0, :, :, 0], example.W.ravel()
    rows = [A_prev[h : h + 3, w : w + 3].ravel() for h in range(2) for w in range(2)]
    assert shown == [*A_prev.ravel(), *np.ravel(rows), *W, *(row @ W + 1 for row in rows)]


def test_pooling_by_axes_ends_in_the_maxima_of_the_windows():
    X = example.X[0, :, :, 0]
    windows = np.lib.stride_tricks.sliding_window_view(X, (3, 3))
    assert shown_last("pool_by_axes", 9) == windows.max(axis=(2, 3)).ravel().tolist()


def test_other_numbers_make_another_figure(monkeypatch):
    monkeypatch.setattr(example, "A_prev", example.A_prev * 10)
    assert numbers(figures.max_pooling())[-4:] == [40, 60, 20, 80]


def test_the_explorers_picture_shows_the_cell_of_the_address():
    shown = numbers(drawn("explorer_state", (STATES[0],)))
    assert shown[25:34] == [-10, -2, 10, -8, -3, 7, -6, -6, 3]
    assert shown[-1] == 7


def test_the_networks_picture_shows_what_the_application_shows():
    state = parse(READING)[0]
    seen = look(state)
    parts = [seen.forward[name][:, :, c] for name, c in (("X", 0), ("Z1", 8))]
    window = seen.forward["X"][3:6, 1:4, 0]
    W, b = (seen.parameters[name][..., 8] for name in ("W1", "b1"))
    parts += [window, W[:, :, 0], window * W[:, :, 0], b, seen.forward["Z1"][4, 2, 8]]
    parts.append(seen.forward["P"])
    shown = np.concatenate([np.ravel(part) for part in parts])
    assert numbers(drawn("network_state", (READING,))) == pytest.approx(shown, abs=0.00501)


@pytest.mark.parametrize("query", ["digit=600", "layer=Z2", "view=backward", "t=1"])
def test_an_address_that_the_picture_of_the_network_cannot_show_is_an_error(query):
    with pytest.raises(ValueError, match="network_state"):
        figures.network_state(query)


def test_an_address_that_the_explorer_refuses_is_an_error():
    with pytest.raises(ValueError, match="stride"):
        figures.explorer_state("op=conv&stride=0")


@pytest.mark.parametrize(
    "value, written",
    [(0, "0"), (-0.0, "0"), (3.0, "3"), (-11, "−11"), (0.25, "0.25"), (1 / 3, "0.33")],
)
def test_numbers_are_written_short(value, written):
    assert number(value) == written


def test_a_drawing_is_cut_to_what_is_on_it():
    canvas = Canvas(unit=0.5)
    canvas.cell(0, 0, "input", width=4, height=2)
    svg = canvas.drawing()._repr_svg_()
    assert float(re.search(r'height="([\d.]+)pt"', svg)[1]) == pytest.approx(72 + 7.2)

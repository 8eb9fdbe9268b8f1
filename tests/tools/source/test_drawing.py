"""Drawings are the same bytes wherever they are made."""

import io
import re

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from tools.source.drawing import clean


def drawn(left: float) -> str:
    """Draw a clipped line with marks in axes that begin somewhere."""
    out = io.StringIO()
    figure = Figure()
    axes = figure.add_axes((left, 0.1, 0.8, 0.8))
    axes.plot([0, 1], marker="o")
    axes.scatter([0, 1], [1, 0], [20, 40])
    axes.imshow([[0, 1], [1, 0]])
    with mpl.rc_context({"svg.hashsalt": "book"}):
        figure.savefig(out, format="svg")
    return out.getvalue()


def names(svg: str) -> list[str]:
    return re.findall(r'\bid="(d[0-9a-f]{8}-\d+)"', svg)


def test_a_last_digit_that_is_not_shown_names_nothing():
    first, second = drawn(0.1), drawn(float(np.nextafter(0.1, 1)))
    assert first != second
    assert clean(first) == clean(second)


def test_what_a_drawing_refers_to_is_in_it_under_one_name():
    svg = clean(drawn(0.1))
    there = re.findall(r'\bid="([^"]*)"', svg)
    assert len(names(svg)) >= 3 and len(set(there)) == len(there)
    assert set(re.findall(r'(?:url\(|href=")#([^")]*)', svg)) <= set(there)
    assert svg.startswith("<svg") and "<metadata>" not in svg


def test_two_drawings_share_no_name():
    assert not set(names(clean(drawn(0.1)))) & set(names(clean(drawn(0.15))))

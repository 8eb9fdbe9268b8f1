"""The plot of the sine demo, as the application draws it."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from ._canvas import ROLES, STYLE, Drawing


def sine_wave(period: float = 1, amplitude: float = 1, shift: float = 0) -> Drawing:
    """Draw amplitude · sin(2π / period · (t - shift / 2)) for t from 0 to 4."""
    t = np.arange(0, 4.0, 0.01)
    s = amplitude * np.sin((2 * np.pi / period) * (t - shift / 2))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6, 3.2), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(t, s, color=ROLES["filter"][0], lw=2)
        axes.set(xlim=(0, 4), ylim=(-2, 2), xlabel="t", ylabel="s")
        axes.set_yticks(range(-2, 3))
        axes.grid(color="0.85")
    return Drawing(figure)

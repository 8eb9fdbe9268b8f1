"""Primitives of the figures: grids of numbers, volumes, arrows, labels.

Lengths are counted in cells, y downwards as the rows of an array. Colors are
Okabe and Ito's, which readers with any color vision tell apart, and never the
only mark: windows have thick outlines, filters a corner at the top left,
gradients one at the bottom right, results bold numbers. Every color also
survives the inversion of the dark theme.
"""

from io import BytesIO, StringIO

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyArrowPatch, Polygon, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

INK = "#222222"
FAINT = "#9a9a9a"
QUIET = "#6a6a6a"  # zeros of the padding, what a stride leaves out
# A line color and a fill for each thing that is drawn.
ROLES = {
    "plain": (INK, "none"),
    "input": ("#A66300", "#FBE6BF"),  # orange
    "filter": ("#0072B2", "#CFE6F5"),  # blue
    "output": ("#007A5A", "#CDEBDF"),  # bluish green
    "grad": ("#B2487F", "#F4DCE9"),  # reddish purple
    "pad": (FAINT, "#EDEDED"),
    "dropped": (FAINT, "none"),
    "second": ("#B2487F", "#F4DCE9"),
    "red": ("#D55E00", "#F9DCCB"),
    "green": ("#007A5A", "#CDEBDF"),
    "blue": ("#0072B2", "#CFE6F5"),
}
STYLE = {
    "svg.hashsalt": "cnnlayers",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "stix",
}
SIZE = 12.0  # points; on a phone the widest figure is shown at 60 %


class Drawing:
    """A finished figure, shown once, as SVG, by whatever displays it."""

    def __init__(self, figure: Figure, bbox: Bbox | None = None) -> None:
        self.figure = figure
        self.bbox = bbox  # the part to show, in inches

    def __repr__(self) -> str:
        return "Drawing()"  # without an address in memory, which a notebook would keep

    def _repr_svg_(self) -> str:
        out = BytesIO()
        with mpl.rc_context(STYLE):
            self.figure.savefig(
                out,
                format="svg",
                transparent=True,
                bbox_inches=self.bbox,
                metadata={"Date": None, "Creator": None},
            )
        return out.getvalue().decode()


def number(value: float) -> str:
    """Write a number as short as it goes, with a real minus sign."""
    return f"{round(float(value), 2) + 0.0:g}".replace("-", "−")


class Canvas:
    """A drawing surface whose cells are `unit` inches wide; it is cut to what is on it."""

    def __init__(self, unit: float = 0.36) -> None:
        side = 10.0
        self.size = SIZE * unit / 0.36
        self.figure = Figure(figsize=(side, side), dpi=72)  # a pixel is a point, as in SVG
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, side / unit), ylim=(side / unit, 0))
        self.axes.axis("off")
        self._drawn = []

    def drawing(self) -> Drawing:
        """Cut the surface to what is on it."""
        renderer = RendererSVG(*self.figure.bbox.size, StringIO())
        extents = [artist.get_window_extent(renderer) for artist in self._drawn]
        bbox = Bbox.union(extents).transformed(self.figure.dpi_scale_trans.inverted())
        return Drawing(self.figure, bbox.padded(0.05))

    def _add(self, patch) -> None:
        """Put a shape over everything that was drawn before."""
        self._drawn.append(patch)
        patch.set(zorder=len(self._drawn), clip_on=False)
        self.axes.add_artist(patch)

    def text(self, x, y, string, size=1.0, color=INK, **kwargs) -> None:
        """Write centered text; `size` is relative to the numbers in cells."""
        kwargs = {"ha": "center", "va": "center_baseline"} | kwargs
        with mpl.rc_context(STYLE):
            self._add(Text(x, y, string, fontsize=self.size * size, color=color, **kwargs))

    def code(self, x, y, string, size=0.95, **kwargs) -> None:
        """Write a name from the code."""
        self.text(x, y, string, size, family="DejaVu Sans Mono", **kwargs)

    def formula(self, x, y, string, size=1.25, **kwargs) -> None:
        """Write mathematics."""
        self.text(x, y, f"${string}$", size, **kwargs)

    def cell(self, x, y, role="plain", width=1.0, height=1.0) -> None:
        """Fill one rectangle, with the mark of its role."""
        edge, fill = ROLES[role]
        if fill != "none":
            self._add(Rectangle((x, y), width, height, fc=fill, ec="none"))
        if role == "filter":
            self._add(Polygon([(x, y), (x + 0.2, y), (x, y + 0.2)], fc=edge, ec="none"))
        elif role == "grad":
            right, low = x + width, y + height
            corner = [(right, low), (right - 0.2, low), (right, low - 0.2)]
            self._add(Polygon(corner, fc=edge, ec="none"))
        elif role == "dropped":
            self.line((x, y + height), (x + width, y), color=edge, line=0.8)

    def grid(self, x, y, values, role="plain", name=None, bold=None, roles=None):
        """Draw a matrix of numbers; NaN leaves a cell empty.

        `roles` and `bold` are arrays that give single cells another look.
        """
        n_H, n_W = np.shape(values)
        looks = np.full((n_H, n_W), role) if roles is None else np.asarray(roles)
        for h, w in np.ndindex(n_H, n_W):
            self.cell(x + w, y + h, looks[h, w])
        self.rule(x, y, n_W, n_H)
        for h, w in np.ndindex(n_H, n_W):
            value = values[h][w]
            if value == value:
                quiet = looks[h, w] in ("pad", "dropped")
                strong = bold is not None and bold[h][w]
                self.number(x + w + 0.5, y + h + 0.5, value, strong, QUIET if quiet else INK)
        self.frame(x, y, n_W, n_H, color=ROLES[role][0], line=1.4)
        if name:
            self.code(x + n_W / 2, y - 0.45, name)

    def shaded(self, x, y, values) -> None:
        """Draw a matrix of counts, the larger the darker."""
        n_H, n_W = values.shape
        for h, w in np.ndindex(n_H, n_W):
            tint = 1 - 0.32 * values[h, w] / np.max(values)
            shade = str(round(tint, 3))
            self._add(Rectangle((x + w, y + h), 1, 1, fc=shade, ec="none"))
            self.number(x + w + 0.5, y + h + 0.5, values[h, w])
        self.rule(x, y, n_W, n_H)
        self.frame(x, y, n_W, n_H, line=1.4)

    def rule(self, x, y, n_W, n_H) -> None:
        """Draw the lines between cells."""
        for h in range(1, n_H):
            self.line((x, y + h), (x + n_W, y + h), color=FAINT, line=0.7)
        for w in range(1, n_W):
            self.line((x + w, y), (x + w, y + n_H), color=FAINT, line=0.7)

    def number(self, x, y, value, bold=False, color=INK, size=1.0):
        string = value if isinstance(value, str) else number(value)
        size *= (1, 1, 1, 0.88, 0.76, 0.66)[min(len(string), 5)]
        self.text(x, y + 0.02, string, size, color, weight="bold" if bold else "normal")

    def frame(self, x, y, width, height, color=INK, line=2.6, **kwargs) -> None:
        """Draw the outline of a window."""
        self._add(
            Rectangle(
                (x, y), width, height, fill=False, ec=color, lw=line, joinstyle="miter", **kwargs
            )
        )

    def shape(self, corners, **kwargs) -> None:
        self._add(Polygon(corners, joinstyle="round", **kwargs))

    def ring(self, x, y, color=INK, radius=0.4, line=1.8) -> None:
        """Circle the number of one cell."""
        self._add(Circle((x + 0.5, y + 0.5), radius, fill=False, ec=color, lw=line))

    def arrow(self, start, end, color=INK, line=1.4, **kwargs) -> None:
        self._add(
            FancyArrowPatch(
                start,
                end,
                arrowstyle=kwargs.pop("style", "-|>,head_length=5,head_width=2.6"),
                shrinkA=0,
                shrinkB=0,
                lw=line,
                color=color,
                **kwargs,
            )
        )

    def line(self, *points, color=INK, line=1.0, **kwargs) -> None:
        xs, ys = zip(*points, strict=True)
        self._add(Line2D(xs, ys, color=color, lw=line, solid_capstyle="round", **kwargs))

    def links(self, left, right, role="input") -> None:
        """Join the right edge of a window to the left edge of what is made of it.

        Both are (x, y, width, height).
        """
        color = ROLES[role][0]
        for low in (0, 1):
            start = left[0] + left[2], left[1] + low * left[3]
            end = right[0], right[1] + low * right[3]
            self.line(start, end, color=color, line=1.1, dashes=(4, 3))

    def measure(self, start, end, label, offset=(0.0, 0.0), **kwargs) -> None:
        """Draw a double arrow with its length's name beside the middle."""
        self.arrow(start, end, line=1.0, style="<|-|>,head_length=3.5,head_width=1.8")
        x, y = (start[0] + end[0]) / 2 + offset[0], (start[1] + end[1]) / 2 + offset[1]
        self.code(x, y, label, **kwargs)


class Volume:
    """A box of n_H × n_W × n_C cells in oblique projection, channels going back."""

    def __init__(self, canvas, x, y, shape, role="input"):
        self.canvas, self.x, self.y, self.shape, self.role = canvas, x, y, shape, role

    def at(self, h, w, c):
        """Say where the corner (h, w, c) lies on the canvas."""
        return self.x + w + 0.42 * c, self.y + h - 0.36 * c

    def box(self, start=(0, 0, 0), stop=None, role=None, line=1.4):
        """Draw the three visible faces between two corners, with their cells."""
        (h0, w0, c0), (h1, w1, c1) = start, stop or self.shape
        edge, fill = ROLES[role or self.role]
        front = [(h0, w0, c0), (h0, w1, c0), (h1, w1, c0), (h1, w0, c0)]
        top = [(h0, w0, c0), (h0, w1, c0), (h0, w1, c1), (h0, w0, c1)]
        side = [(h0, w1, c0), (h0, w1, c1), (h1, w1, c1), (h1, w1, c0)]
        faces = [[self.at(*corner) for corner in face] for face in (front, top, side)]
        for face in faces:
            self.canvas.shape(face, fc=fill, ec="none")
        faint = {"color": FAINT, "line": 0.6}
        for h in range(h0 + 1, h1):
            self.canvas.line(self.at(h, w0, c0), self.at(h, w1, c0), self.at(h, w1, c1), **faint)
        for w in range(w0 + 1, w1):
            self.canvas.line(self.at(h1, w, c0), self.at(h0, w, c0), self.at(h0, w, c1), **faint)
        for c in range(c0 + 1, c1):
            self.canvas.line(self.at(h0, w0, c), self.at(h0, w1, c), self.at(h1, w1, c), **faint)
        for face in faces:
            self.canvas.shape(face, fill=False, ec=edge, lw=line)

"""The saved results of the benchmark."""

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks import ideas as benchmark
from benchmarks import report

from ._canvas import INK, ROLES, STYLE, Drawing

MARKS = {
    "cnnlayers": ("o", ROLES["filter"][0]),
    "windows": ("s", ROLES["input"][0]),
    "dezero": ("^", ROLES["output"][0]),
    "neuralnetlib": ("D", ROLES["grad"][0]),
    "loops": ("x", INK),
}


def ideas() -> Drawing:
    """Draw what each idea of the fast layers is worth: the time without it by the time with it."""
    rows = benchmark.ratios()
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 3.1), layout="constrained")
        axes = figure.add_subplot()
        for operation, (mark, color) in {
            "forward": ("o", ROLES["filter"][0]),
            "backward": ("s", ROLES["grad"][0]),
        }.items():
            found = [(row[operation], k) for k, row in enumerate(rows.values()) if operation in row]
            values, places = zip(*found, strict=True)
            style = {"mfc": "none", "mew": 1.5, "ms": 7, "ls": "none"}
            axes.plot(values, places, marker=mark, color=color, label=operation, **style)
        axes.axvline(1, color=INK, lw=1)
        axes.set_xscale("log")
        axes.set_xlabel("without / with", family="DejaVu Sans Mono", fontsize=10)
        axes.set_yticks(range(len(rows)), rows, family="DejaVu Sans Mono", fontsize=9)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.grid(axis="x", color="0.85")
        figure.legend(
            loc="outside upper center",
            ncols=2,
            frameon=False,
            prop={"family": "DejaVu Sans Mono", "size": 9},
        )
        figure.draw_without_rendering()  # now every label has its place
    return Drawing(figure)


def speed() -> Drawing:
    """Draw everybody's time by PyTorch's: geometric means over the layers of each kind."""
    means = report.geometric_means(report.read(report.RESULTS))
    rows = {
        f"conv_{operation}" if kind == "conv" else f"pool_{operation} {kind}": ratios
        for (dtype, kind, operation), ratios in means.items()
        if dtype == "float32"
    }
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 3.4), layout="constrained")
        axes = figure.add_subplot()
        for name, (mark, color) in MARKS.items():
            # Ratios are ours by theirs: theirs by PyTorch's is the quotient of two.
            times = [row["torch"] / (row | {"cnnlayers": 1})[name] for row in rows.values()]
            style = {"mfc": "none", "mew": 1.5, "ms": 7, "ls": "none"}
            axes.plot(times, range(len(rows)), marker=mark, color=color, label=name, **style)
        axes.axvline(1, color=INK, lw=1)
        axes.set_xscale("log")
        axes.set_xlabel(r"$t\ /\ t_{\mathrm{torch}}$", fontsize=11)
        axes.set_yticks(range(len(rows)), rows, family="DejaVu Sans Mono", fontsize=9)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.grid(axis="x", color="0.85")
        figure.legend(
            loc="outside upper center",
            ncols=len(MARKS),
            frameon=False,
            prop={"family": "DejaVu Sans Mono", "size": 9},
            columnspacing=1,
            handletextpad=0.1,
        )
        figure.draw_without_rendering()  # now every label has its place
    return Drawing(figure)

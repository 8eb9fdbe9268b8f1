"""How plots made in the chapters' own cells look."""


def style() -> None:
    """Set Matplotlib up for the plots that a chapter's own cells make."""
    import matplotlib as mpl
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    mpl.rcParams.update(
        {
            "figure.figsize": (5, 4),
            "image.interpolation": "nearest",
            "image.cmap": "gray",
            "svg.hashsalt": "cnnlayers",
            "svg.fonttype": "path",
            "savefig.transparent": True,
        }
    )
    set_matplotlib_formats("svg", metadata={"Date": None})

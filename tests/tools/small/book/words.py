"""What the cells of the small book import."""

FACTOR = 2


def moving():
    """Show something that moves on a page and stands still on paper."""
    import io

    import matplotlib.pyplot as plt
    from IPython.display import display

    picture = io.StringIO()
    plt.figure(figsize=(2, 1)).savefig(picture, format="svg")
    plt.close()
    html = "<div class='moving'>It moves on a page.</div>"
    display({"text/html": html, "image/svg+xml": picture.getvalue()}, raw=True)

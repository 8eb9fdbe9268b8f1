"""The picture of the README: `python -m book.readme` draws it anew."""

from pathlib import Path

from . import figures

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "single-step.svg"


def picture() -> str:
    """Draw one step of a convolution on white, so that dark pages show it too."""
    svg = figures.single_step()._repr_svg_()
    end_of_tag = svg.index(">", svg.index("<svg ")) + 1
    return svg[:end_of_tag] + '<rect width="100%" height="100%" fill="white"/>' + svg[end_of_tag:]


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(), encoding="utf-8")

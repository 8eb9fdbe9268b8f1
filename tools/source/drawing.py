"""Drawings as matplotlib writes them, made the same on every machine."""

import re

from tools.source.kept import digest

# Matplotlib names what a drawing uses again by a digest of all its digits, the last of which the
# page does not show and another Python computes otherwise.
NAME = re.compile(r'(?<=["#])[^"#()\s]*[0-9a-f]{10}(?=["\)])')


def clean(svg: str) -> str:
    """Drop matplotlib's prologue and metadata, of no use to a reader, and name parts by order."""
    svg = re.sub(r"^.*?(?=<svg)", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    places = {name: str(place) for place, name in enumerate(dict.fromkeys(NAME.findall(svg)))}

    def renamed(start: str) -> str:
        return NAME.sub(lambda found: start + places[found[0]], svg)

    # Two drawings in one page must not share a name.
    return renamed(f"d{digest(renamed(''))[:8]}-")

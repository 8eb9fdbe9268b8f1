"""A layer's maps as one small picture, which the page's script draws: a tint for every number."""

from __future__ import annotations

from html import escape

import numpy as np

from apps.network.way import Region

# How many maps stand in a row.
PER_ROW = {32: 4, 64: 4, 1: 1}
ZERO = 128  # of the 256 tints


def maps(
    values: np.ndarray,
    ident: str,
    *,
    picks: str = "",
    across: int | None = None,
    region: Region | None = None,
    at: tuple[int, int, int] | None = None,
) -> str:
    """Draw maps (rows, columns, channels); a click tells which number of the layer `picks`.

    What the present number is made from is framed: a `region`, or the number itself, `at`.
    """
    n_H, n_W, n_C = values.shape
    most = np.abs(values[np.isfinite(values)]).max(initial=0) or 1.0
    tints = np.nan_to_num(ZERO + np.round(values / most * (ZERO - 1)), nan=ZERO).astype(int)
    ordered = np.moveaxis(np.clip(tints, 1, 255), -1, 0).ravel()
    about = {
        "id": ident,
        "class": "maps",
        "aria-hidden": "true",
        "data-shape": f"{n_H},{n_W},{n_C},{across or PER_ROW[n_C]}",
        "data-values": ordered.astype(np.uint8).tobytes().hex(),
    }
    if picks:
        about["data-maps"] = picks
    if region:
        ends = [f"{axis.start},{axis.stop}" for axis in region]
        about["data-region"] = ",".join(ends)
    if at:
        about["data-at"] = ",".join(map(str, at))
    written = " ".join(f'{key}="{escape(value)}"' for key, value in about.items())
    return f"<canvas {written}></canvas>"

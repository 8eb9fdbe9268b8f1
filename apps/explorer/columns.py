"""The windows of a convolution as the rows of one matrix: what im2col makes."""

from __future__ import annotations

import numpy as np

from apps.explorer.look import Look
from apps.explorer.state import State


def windows_as_rows(state: State, seen: Look) -> np.ndarray:
    """Lay each window out as a row (n_H·n_W, f·f·n_C_prev), its entries as the filter's."""
    f, stride, (n_H, n_W) = state.f, state.stride, state.output_shape
    rows = [
        seen.A_pad[h * stride : h * stride + f, w * stride : w * stride + f].ravel()
        for h in range(n_H)
        for w in range(n_W)
    ]
    return np.array(rows)

"""The network's application as a static picture, for paper and for before it starts."""

import numpy as np

from apps.network.address import parse
from apps.network.look import look
from apps.network.made import here
from apps.network.way import way

from ._canvas import Drawing
from ._rows import draw_rows


def network_state(query: str) -> Drawing:
    """Draw what the application shows of a number of the first convolution, going forward.

    An address that it would refuse, or that shows something else, is an error.
    """
    state, problems = parse(query)
    if problems:
        raise ValueError(f"network_state({query!r}): {'; '.join(map(str, problems))}")
    if (state.view, state.layer, state.t) != ("forward", "Z1", 0):
        raise ValueError(f"network_state({query!r}): expected a number of Z1, going forward")
    seen = look(state)
    kept, weights, (_, h, w, c) = seen.forward, seen.parameters, here(state)
    region = way(*here(state))["X"]
    frame = (region.rows[0], region.columns[0], len(region.rows), len(region.columns))
    at = np.zeros((8, 8), bool)
    at[h, w] = True
    read = np.arange(10)[None] == seen.read
    X, Z, P = kept["X"][:, :, 0], kept["Z1"][:, :, c], kept["P"][:, :, 0].T
    window = np.pad(X, 1)[h : h + 3, w : w + 3]
    W, b = weights["W1"][:, :, 0, c], weights["b1"][0, 0, 0, c]
    result = {"values": [[Z[h, w]]], "name": f"Z1[{h}, {w}]", "role": "output", "sign": "="}
    rows = [
        [
            {"values": X, "name": "X", "frame": frame},
            {"values": Z, "name": f"Z1[0, :, :, {c}]", "role": "output", "sign": "→", "bold": at,
             "frame": (h, w, 1, 1)},
        ],
        [
            {"values": window, "role": "input", "name": "a_slice_prev"},
            {"values": W, "role": "filter", "name": f"W1[:, :, 0, {c}]", "sign": "×"},
            {"values": window * W, "name": "s", "sign": "="},
            {"values": [[b]], "name": "b", "sign": "Σ +"},
            result | {"bold": [[True]]},
        ],
        [{"values": P, "name": "P", "role": "output", "bold": read}],
    ]  # fmt: skip
    return draw_rows(rows)[0].drawing()

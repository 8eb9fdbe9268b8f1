"""The explorer's state as a static picture, for paper and for before it starts."""

import numpy as np

from apps.explorer.address import parse
from apps.explorer.look import Look, look
from apps.explorer.state import State

from ._canvas import Canvas, Drawing
from ._rows import draw_rows


def explorer_state(query: str) -> Drawing:
    """Draw what the explorer shows at an address; an address it would refuse is an error."""
    state, problems = parse(query)
    if problems:
        raise ValueError(f"explorer_state({query!r}): {'; '.join(map(str, problems))}")
    seen = look(state)
    channels = range(state.channels) if state.op == "conv" else [state.c]
    parts = _backward(state, seen) if state.view == "backward" else _forward(state, seen)
    inputs = [_input(state, seen, c) for c in channels]
    rows = [[*inputs, *parts[0]], *parts[1:]] if len(inputs) == 1 else [inputs, *parts]
    canvas, width, y = draw_rows(rows)
    _sizes(canvas, width / 2, y - 0.6, state)
    return canvas.drawing()


def _input(state: State, seen: Look, c: int) -> dict:
    """Describe the padded input: its border, the window, what the stride leaves out."""
    n_H, n_W, _ = seen.A_pad.shape
    pad = state.padding
    roles = np.full((n_H, n_W), "pad", dtype=object)
    roles[pad : n_H - pad, pad : n_W - pad] = "plain"
    if seen.Z is not None:
        roles[~seen.read_rows], roles[:, ~seen.read_columns] = "dropped", "dropped"
        inside = np.zeros((n_H, n_W), bool)
        inside[seen.rows, seen.columns] = True
        roles[inside & (roles == "plain")] = "input"
    part = {"values": seen.A_pad[:, :, c], "roles": roles, "name": "A_prev"}
    if pad:
        part["name"] = "A_prev_pad"
    if state.channels > 1:
        part["name"] += f"[:, :, {c}]"
    if seen.Z is not None:
        part["frame"] = (seen.rows.start, seen.columns.start, state.f, state.f)
        if seen.mask is not None:
            part["ring"] = np.zeros((n_H, n_W), bool)
            part["ring"][seen.rows, seen.columns] = seen.mask
    return part


def _output(state: State, values: np.ndarray, name: str, role: str) -> dict:
    """Describe the output, or its gradient, with the present cell marked."""
    bold = np.zeros(values.shape[:2], bool)
    bold[state.h, state.w] = True
    part = {"values": values[:, :, state.c], "name": name, "role": role, "bold": bold}
    return part | {"frame": (state.h, state.w, 1, 1)}


def _forward(state: State, seen: Look) -> list[list[dict]]:
    """Describe the output; below it how the present number is made."""
    name = "Z" if state.op == "conv" else "A"
    if seen.Z is None:
        W = {"values": seen.W[:, :, 0], "role": "filter", "name": "W"}
        return [[W] if state.op == "conv" else []]
    output = _output(state, seen.Z, name, "output") | {"sign": "→"}
    value = seen.Z[state.h, state.w, state.c]
    name += f"[{state.h}, {state.w}]"
    result = {"values": [[value]], "name": name, "role": "output", "bold": [[True]]}
    if state.op != "conv":
        window = {"values": seen.window[:, :, state.c], "role": "input", "name": "a_slice_prev"}
        if seen.mask is not None:
            window["ring"] = seen.mask
        sign = "max =" if state.op == "max" else f"Σ ÷ {state.f**2} ="
        return [[output], [window, result | {"sign": sign}]]
    rows = [
        [
            {"values": seen.window[:, :, c], "role": "input", "name": "a_slice_prev"},
            {"values": seen.W[:, :, c], "role": "filter", "name": "W", "sign": "×"},
            {"values": seen.products[:, :, c], "name": "s", "sign": "="},
        ]
        for c in range(state.channels)
    ]
    bias = {"values": [[state.bias]], "name": "b", "sign": "Σ +"}
    rows[-1] += [bias, result | {"sign": "="}]
    return [[output], *rows]


def _backward(state: State, seen: Look) -> list[list[dict]]:
    """Describe the gradient that arrives; below it what was sent back up to this step."""
    sent = seen.sent
    if sent is None:
        return _forward(state, seen)
    if state.op != "conv":
        dA = _output(state, sent.dZ, "dA", "grad")
        dA_prev = _sent(sent.dA, sent.dA_step, state.c, "dA_prev") | {"sign": "→"}
        fits = 2 * state.input_shape[1] + state.output_shape[1] <= 18
        return [[dA, dA_prev]] if fits else [[dA], [dA_prev]]
    channels = range(state.channels)
    dA_prev = [_sent(sent.dA, sent.dA_step, c, "dA_prev") for c in channels]
    dW = [_sent(sent.dW, sent.dW_step, c, "dW") for c in channels]
    db = {"values": [[sent.db]], "name": "db", "roles": [["grad"]], "bold": [[sent.db_step != 0]]}
    dZ = [_output(state, sent.dZ, "dZ", "grad")]
    return [dZ, [*dA_prev, *dW, db]] if state.channels == 1 else [dZ, dA_prev, [*dW, db]]


def _sent(total: np.ndarray, step: np.ndarray, c: int, name: str) -> dict:
    """Describe a gradient so far; what the present step reaches is marked."""
    reached = step[:, :, c] != 0
    roles = np.where(reached, "grad", "plain")
    return {"values": total[:, :, c], "name": name, "roles": roles, "bold": reached}


def _sizes(canvas: Canvas, x: float, y: float, state: State) -> None:
    """Write the formula of the output's size with the present numbers in it."""
    sizes = list(zip("HW", state.input_shape, state.output_shape, strict=True))
    if sizes[0][1:] == sizes[1][1:]:
        sizes = [("H} = n_{W", *sizes[0][1:])]
    padding = rf" + 2 \cdot {state.pad}" if state.op == "conv" else ""
    for k, (axis, n, size) in enumerate(sizes):
        fraction = rf"\frac{{{n} - {state.f}{padding}}}{{{state.stride}}}"
        formula = rf"n_{{{axis}}} = \left\lfloor {fraction} \right\rfloor + 1 = {size}"
        canvas.formula(x, y + 0.5 + 1.6 * k, formula)

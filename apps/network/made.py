"""What the number that is looked at is made from, forwards or backwards, for the shared panel.

Everything is taken from what the layers returned; a gradient and all that adds up to it are
multiplied by the same power of ten, so that there is something to see.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from apps.network.look import Look
from apps.network.state import LAYERS, State
from apps.network.way import place
from apps.shared.grid import exact, factor
from apps.shared.making import Made
from apps.shared.words import Words


def name(layer: str, h: int, w: int, c: int, prefix: str = "") -> str:
    """Name a number as the code does, for the only example of the batch."""
    if layer == "V":
        return f"{prefix}V[0, {16 * h + w}]"
    if layer in ("Z3", "P"):
        return f"{prefix}{layer}[0, {h}]"
    return f"{prefix}{layer}[0, {h}, {w}, {c}]"


def here(state: State) -> tuple[str, int, int, int]:
    """Tell the layer and the place of the number that is looked at."""
    return state.layer, state.h, state.w, state.c


def made(say: Words, state: State, seen: Look) -> Made | None:
    """Say what the number is made from; nothing made a pixel."""
    if state.view == "backward":
        return _gradient(say, state, seen)
    if state.layer == "X":
        return None
    value = seen.forward[state.layer][state.h, state.w, state.c].item()
    return replace(_number(say, state, seen), name=name(*here(state)), value=value)


def _number(say: Words, state: State, seen: Look) -> Made:
    layer, h, w, c = here(state)
    kept, weights = seen.forward, seen.parameters
    if layer in ("Z1", "Z2"):
        n, below = layer[1], {"Z1": "X", "Z2": "M1"}[layer]
        window = np.pad(kept[below], ((1, 1), (1, 1), (0, 0)))[h : h + 3, w : w + 3]
        bias = weights["b" + n][0, 0, 0, c].item()
        chosen = state.j if state.summed > 1 else None
        captions = {"read": below, "factors": f"W{n}[:, :, {state.j}, {c}]"}
        W = weights["W" + n][..., c]
        return Made("", 0, window, W, bias, chosen=chosen, axis="j", captions=captions)
    if layer in ("A1", "A2"):
        number = kept["Z" + layer[1]][h, w, c]
        return _one(number, f"max(0, {exact(number)})", "Z" + layer[1])
    if layer in ("M1", "M2"):
        window = kept["A" + layer[1]][2 * h : 2 * h + 2, 2 * w : 2 * w + 2, c : c + 1]
        return Made("", 0, window, how="max", first=c, captions={"read": "A" + layer[1]})
    if layer == "V":
        at = place(h, w)
        return _one(kept["M2"][at], name("M2", *at), "M2")
    if layer == "Z3":  # a filter as large as its input
        W = weights["W3"][:, h].reshape(LAYERS["M2"])
        captions = {"read": "V", "factors": f"W3[·, {h}]"}
        bias = weights["b3"][0, h].item()
        return Made("", 0, kept["M2"], W, bias, chosen=state.j, axis="j", captions=captions)
    powers = np.exp(kept["Z3"] - kept["Z3"].max())
    by = f"{exact(powers[h].item())} / {exact(powers.sum())}"
    return Made("", 0, powers[:, :, 0].T[:, :, None], by=by, captions={"read": say["powers"]})


def _gradient(say: Words, state: State, seen: Look) -> Made:
    layer, h, w, c = here(state)
    scale = 10.0**seen.scale
    sent = {name: scale * g for name, g in seen.gradients.items()}
    kept, weights = seen.forward, seen.parameters
    value = sent[layer][h, w, c].item()
    new = _sent(say, state, sent, kept, weights, seen)
    return replace(new, name=name(layer, h, w, c, "d"), value=value)


def _sent(say: Words, state: State, sent: dict, kept: dict, weights: dict, seen: Look) -> Made:
    layer, h, w, c = here(state)
    if layer in ("X", "M1"):
        n = {"X": "1", "M1": "2"}[layer]
        dZ = sent["Z" + n]
        rows, columns = (range(max(at - 1, 0), min(at + 2, len(dZ))) for at in (h, w))
        parts = dZ[rows.start : rows.stop, columns.start : columns.stop]
        # What the window of output (p, q) has over (h, w): its entry (h - p + 1, w - q + 1).
        W = weights["W" + n][:, :, c]
        factors = W[np.ix_([h - p + 1 for p in rows], [w - q + 1 for q in columns])]
        captions = {"read": f"dZ{n}", "factors": f"W{n}[:, :, {c}, {state.j}]"}
        return Made("", 0, parts, factors, chosen=state.j, axis="j", captions=captions)
    if layer in ("Z1", "Z2"):
        n = layer[1]
        number, arrives = kept[layer][h, w, c].item(), sent["A" + n][h, w, c]
        sign = "&gt;" if number > 0 else "≤"
        by = f"{name('A' + n, h, w, c, 'd') if number > 0 else 0}"
        by += f" ({name(layer, h, w, c)} = {exact(number)} {sign} 0)"
        return _one(arrives, by, "dA" + n)
    if layer in ("A1", "A2"):
        n = layer[1]
        top, left = h // 2 * 2, w // 2 * 2
        window = kept[layer][top : top + 2, left : left + 2, c]
        wins = (h - top, w - left) == divmod(int(window.argmax()), 2)
        by = name("M" + n, h // 2, w // 2, c, "d") if wins else "0"
        by += f" ({say['wins' if wins else 'loses']})"
        captions = {"read": layer, "factors": "", "products": ""}
        return Made("", 0, window[:, :, None], how="max", by=by, first=c, captions=captions)
    if layer == "M2":
        i = (h * 2 + w) * 64 + c
        return _one(sent["V"][divmod(i, 16)][0], f"dV[0, {i}]", "dV")
    if layer == "V":
        i = 16 * h + w
        W = weights["W3"][i].reshape(1, 10, 1)
        captions = {"read": "dZ3", "factors": f"W3[{i}, :]"}
        return Made("", 0, sent["Z3"].reshape(1, 10, 1), W, captions=captions)
    P = kept["P"][h, 0, 0].item()
    hit = 1 if h == seen.wanted else 0
    by = f"P − {hit}" if state.of == "loss" else f"{hit} − P"
    by += f" = {exact(P)} − {hit}" if state.of == "loss" else f" = {hit} − {factor(P)}"
    if seen.scale:
        by = f"10<sup>{seen.scale}</sup> · ({by})"
    return _one(P, by, "P")


def _one(value: float, by: str, of: str) -> Made:
    return Made("", 0, np.full((1, 1, 1), value), by=by, captions={"read": of})


def strongest(say: Words, state: State, seen: Look) -> int:
    """Find the channel that adds most to the present number, or takes most from it."""
    number = made(say, state, seen)
    if number is None or number.chosen is None:
        return 0
    return int(np.abs(number.products.sum(axis=(0, 1))).argmax())

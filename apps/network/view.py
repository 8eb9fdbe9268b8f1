"""The picture of a state forwards and backwards: every layer, one map of it, one number of it."""

from __future__ import annotations

from html import escape

import numpy as np

from apps.network import made as numbers
from apps.network.look import Look
from apps.network.maps import maps
from apps.network.pictures import picture, written
from apps.network.state import LAYERS, State
from apps.network.way import Region, way
from apps.shared.grid import board, exact, grid
from apps.shared.making import making
from apps.shared.words import Words

IN_MAPS = tuple(layer for layer in LAYERS if layer not in ("X", "Z3", "P"))


def scene(say: Words, state: State, seen: Look) -> str:
    """Draw the picture, the layers, the decision; below them the number that is looked at."""
    back = state.view == "backward"
    made_from = way(*numbers.here(state))
    parts = [
        _picture(say, state, seen, made_from.get("X")),
        _layers(say, state, seen, made_from),
        _decision(say, state, seen),
        '<div class="break"></div>',
    ]
    if state.layer in IN_MAPS:
        parts.append(_map(say, state, seen))
    number = numbers.made(say, state, seen)
    body = f'<p class="quiet">{say["pixel"]}</p>' if number is None else making(say, number)
    parts.append(board("making", say["adds" if back else "makes"], body))
    return f'<div class="boards network {state.view}">{"".join(parts)}</div>'


def sentence(say: Words, state: State, seen: Look) -> str:
    """Say what the network reads, and what the present number is made from."""
    p = exact(100 * round(seen.forward["P"][seen.read, 0, 0].item(), 3))
    reads, label = say("say_reads", read=seen.read, p=p), written(state)
    key = "say_drawn" if label is None else "say_right" if label == seen.read else "say_misread"
    said = [say(key, reads=reads, y=label)]
    layer, h, w, c = numbers.here(state)
    if state.view == "backward":
        J = exact(seen.J if state.of == "loss" else -seen.J)
        said = [say(f"say_back_{state.of}", J=J, k=seen.wanted)]
        if seen.scale:
            said.append(say("say_scaled", n=_raised(seen.scale)))
        value = shown(state, seen, layer)[h, w, c].item()
        said.append(say("say_gradient", name=numbers.name(layer, h, w, c, "d"), value=exact(value)))
    else:
        name, value = numbers.name(layer, h, w, c), exact(seen.forward[layer][h, w, c].item())
        region = way(layer, h, w, c)["X"]
        key = "say_pixel" if layer == "X" else "say_number"
        rows, columns = (say("from_to", a=axis.start, b=axis.stop - 1) for axis in region[:2])
        said.append(say(key, name=name, value=value, rows=rows, columns=columns))
    return " ".join(said)


def shown(state: State, seen: Look, layer: str) -> np.ndarray:
    """Give a layer's numbers as the view shows them: its own, or its gradient enlarged."""
    if state.view == "backward" and layer in seen.gradients:
        return 10.0**seen.scale * seen.gradients[layer]
    return seen.forward[layer]


def _raised(n: int) -> str:
    return str(n).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _named(state: State, layer: str) -> str:
    return f"d{layer}" if state.view == "backward" and layer != "P" else layer


def _picture(say: Words, state: State, seen: Look, region: Region | None) -> str:
    """Draw the picture; in the backward view its gradient, and the picture small beside it."""
    marks = {(state.h, state.w): "current"} if state.layer == "X" else None
    X = picture(state)[0]
    if state.view == "backward":
        dX = shown(state, seen, "X")[:, :, 0]
        label = f"{say[f'grad_{state.of}']} dX"
        drawn = grid(say, dX, ident="X-0", label=label, marks=marks, pick="X")
        note = f"{maps(X, 'picture')} {say['picture_note']}"
        return board("X", say[f"grad_{state.of}"], drawn, name="dX", note=note)
    frame = _side(region) if region and state.layer != "X" else None
    label = f"{say['layer_X']} X"
    drawn = grid(say, X[:, :, 0], ident="X-0", label=label, marks=marks, frame=frame, draw=True)
    return board("X", say["draw"], drawn, name="X", note=say["draw_note"])


def _side(region: Region) -> tuple[slice, slice]:
    return tuple(slice(axis.start, axis.stop) for axis in region[:2])


def _layers(say: Words, state: State, seen: Look, made_from: dict[str, Region]) -> str:
    back = state.view == "backward"
    parts = []
    for layer in IN_MAPS:
        here = layer == state.layer
        n_H, n_W, n_C = LAYERS[layer]
        size = say("maps", n=n_C, h=n_H, w=n_W) if n_C > 1 else say("numbers", n=n_H * n_W)
        label = f"{_named(state, layer)}: {say[f'layer_{layer}']}, {size}"
        drawn = maps(
            shown(state, seen, layer),
            f"maps-{layer}",
            picks=layer,
            region=made_from.get(layer) if not back and not here else None,
            at=(state.h, state.w, state.c) if here else None,
        )
        parts.append(
            f'<section class="layer" id="layer-{layer}"><h3><button type="button" class="btn" '
            f'id="open-{layer}" data-do="layer" data-what="{layer}" '
            f'aria-pressed="{str(here).lower()}" aria-label="{escape(label)}">'
            f"<code>{_named(state, layer)}</code></button></h3>{drawn}"
            f'<p aria-hidden="true">{say[f"layer_{layer}"]}</p></section>'
        )
    heading = say["layers_back" if back else "layers"]
    return board("layers", heading, "".join(parts), note=say["pick_note"])


def _decision(say: Words, state: State, seen: Look) -> str:
    """Draw the ten scores, or their gradient, and the ten probabilities."""
    body = ""
    for layer in ("Z3", "P"):
        name = _named(state, layer)
        picks = state.view == "forward" or layer == "Z3"
        drawn = grid(
            say,
            shown(state, seen, layer)[:, :, 0],
            ident=f"{layer}-0",
            label=f"{say[f'layer_{layer}']} {name}",
            marks={(state.h, 0): "current"} if state.layer == layer else None,
            pick=layer if picks else "",
            headers=True,
        )
        body += f'<figure class="small">{drawn}<figcaption>{name}</figcaption></figure>'
    return board("decides", say["decides"], body)


def _map(say: Words, state: State, seen: Look) -> str:
    """Draw the map that is looked at, with its numbers."""
    layer = state.layer
    name = _named(state, layer)
    if state.shape[2] > 1:
        name += f"[0, :, :, {state.c}]"
    values = shown(state, seen, layer)[:, :, state.c]
    body = grid(
        say,
        values,
        ident=f"map-{layer}",
        label=f"{say[f'layer_{layer}']} {name}",
        marks={(state.h, state.w): "current"},
        pick=layer,
        channel=state.c,
    )
    return board("map", say[f"layer_{layer}"], body, name=name)

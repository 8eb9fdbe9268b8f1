"""A mistake: what the faulty function makes, beside what the right one does."""

from __future__ import annotations

from html import escape

import numpy as np

from apps.explorer.look import Look
from apps.explorer.mistakes import Mistaken
from apps.explorer.scenes.parts import input_board, labelled, row
from apps.explorer.state import State
from apps.shared.grid import board, grid, marked
from apps.shared.words import Words


def scene(say: Words, state: State, seen: Look, mistake: Mistaken) -> str:
    """Draw the input, what is right, and what the mistake makes of it."""
    differs = [_differs(a, b) for a, b in zip(mistake.right, mistake.wrong, strict=False)]
    names = ", ".join(mistake.names)
    right = board("right", say["right_version"], _arrays(say, "right", mistake, mistake.right, []),
                  name=names)  # fmt: skip
    body = (
        f'<p class="none">{escape(mistake.error)}</p>'
        if mistake.error
        else _arrays(say, "wrong", mistake, mistake.wrong, differs)
    )
    wrong = board("wrong", say["wrong_version"], body, name=names)
    columns, n = seen.A_pad.shape[1], state.channels
    across = sum(array.shape[1] * array.shape[2] for array in mistake.right[:1])
    return row(
        f"mistake channels-{n}",
        right,
        wrong,
        input_board(say, state, seen, framed=False, read_by="right"),
        wide=(columns + 2 * across, 9 + 3 * n),
        narrow=(2 * across, 5.6 + 2 * (n - 1)),
        down=(len(seen.A_pad), 5),
    )


def sentence(say: Words, state: State, mistake: Mistaken) -> str:
    """Say what the faulty function does, and whether it shows here."""
    said = mistake.sentence[state.lang]
    if mistake.error:
        return f"{said} {say['mistake_stops']}"
    pairs = [*zip(mistake.right, mistake.wrong, strict=False)]
    if any(a.shape != b.shape for a, b in pairs):
        return f"{said} {say['mistake_shape']}"
    wrong, all_of = (sum(n) for n in zip(*(_count(a, b) for a, b in pairs), strict=True))
    if not wrong:
        return f"{said} {say['mistake_hides']}"
    return f"{said} {say('mistake_shows', wrong=wrong, all=all_of)}"


def _differs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    if a.shape != b.shape:
        return np.zeros(b.shape, bool)
    return ~np.isclose(a, b, equal_nan=True)


def _count(a: np.ndarray, b: np.ndarray) -> tuple[int, int]:
    return int(_differs(a, b).sum()), a.size


def _arrays(
    say: Words, kind: str, mistake: Mistaken, arrays: tuple[np.ndarray, ...], differs: list
) -> str:
    drawn = []
    for k, (name, array) in enumerate(zip(mistake.names, arrays, strict=False)):
        if not array.size:
            drawn.append(f'<p class="none">{name}: {" × ".join(map(str, array.shape))}</p>')
            continue
        for c in range(array.shape[2]):
            where = differs[k][:, :, c] if differs else np.zeros(array.shape[:2], bool)
            drawn.append(
                grid(
                    say,
                    array[:, :, c],
                    ident=f"{kind}-{name}-{c}",
                    label=labelled(say, say[f"{kind}_version"], name, c, array.shape[2]),
                    marks=marked(where, "differs"),
                    headers=k == 0,
                )
            )
    return "".join(drawn)

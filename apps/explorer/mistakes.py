"""A layer with one of the bank's mistakes in it, beside the right one."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from apps.explorer.look import Layer
from apps.explorer.state import State
from apps.explorer.volumes import image, upstream
from cnnlayers import loops
from cnnlayers.exercises.faults import faulty_function, mistakes


class Mistaken(NamedTuple):
    """What the right function returns and what the faulty one does, array by array."""

    names: tuple[str, ...]  # Z; or dA_prev, dW and db
    right: tuple[np.ndarray, ...]  # each without the axis of examples: (rows, columns, channels)
    wrong: tuple[np.ndarray, ...]  # none where it stops with an error
    sentence: dict[str, str]  # by language: what the faulty function does
    error: str = ""


@lru_cache(maxsize=4)
def mistaken(state: State) -> Mistaken:
    """Run the layer, and the book's function with the mistake."""
    A, layer, back = image(state), Layer(state), state.fault_goes_back
    name = f"{'conv' if layer.convolves else 'pool'}_{'backward' if back else 'forward'}"
    known = next(found for found in mistakes(name) if found.name == state.fault)
    function = faulty_function(getattr(loops, name), known.faults[:1])
    Z, cache = layer.forward(A)
    if back:
        dZ = upstream(state)
        names = ("dA_prev", "dW", "db") if layer.convolves else ("dA_prev",)
        right = layer.backward(dZ, cache)
        arguments = (dZ[None], cache)
    else:
        names, right = ("Z" if layer.convolves else "A",), (Z,)
        # What the cache of a forward pass holds is what it was given.
        arguments = cache if layer.convolves else cache[:2]
    more = {} if layer.convolves else {"mode": state.op}
    sentence = {lang: said[0] for lang, said in known.sentences.items()}
    shown = tuple(_volume(name, array) for name, array in zip(names, right, strict=False))
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as of a mean of nothing
            returned = function(
                *(np.copy(a) if hasattr(a, "shape") else a for a in arguments), **more
            )
        arrays = returned if isinstance(returned, tuple) else (returned,)
        wrong = tuple(
            _volume(name, array[0] if name in ("Z", "A", "dA_prev") else array)
            for name, array in zip(names, arrays, strict=False)
        )
    except Exception as error:  # whatever a mistake may lead to
        return Mistaken(names, shown, (), sentence, f"{type(error).__name__}: {error}")
    return Mistaken(names, shown, wrong, sentence)


def _volume(name: str, array: object) -> np.ndarray:
    """Bring an array to rows, columns and channels."""
    array = np.asarray(array, float)
    if name == "db":
        return array.reshape(1, -1, 1)
    return array[..., 0] if array.ndim == 4 else array

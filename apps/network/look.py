"""Every array of the network for one picture, forwards and backwards, as `cnnlayers` returns it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

import cnnlayers
from apps.network.course import course
from apps.network.pictures import picture, written
from apps.network.state import LAYERS, State
from cnnlayers.digits import Parameters, network_forward


class Look(NamedTuple):
    """What the network makes of the picture, and what it sends back; each of shape `LAYERS`."""

    parameters: Parameters
    forward: dict[str, np.ndarray]
    gradients: dict[str, np.ndarray]  # in the backward view: of every layer up to the scores
    read: int  # the digit with the largest probability
    wanted: int  # the digit whose loss or probability is sent back
    J: float  # the loss, for that digit

    @property
    def scale(self) -> int:
        """With how many zeros the gradients are multiplied on the page, so that they are seen."""
        most = max((np.abs(g).max() for g in self.gradients.values()), default=0.0)
        return max(0, int(-np.floor(np.log10(most)))) if 0 < most < 1 else 0


def look(state: State) -> Look:
    """Run the network of a state, as far as its training has got."""
    return _look(state, course(state).t)


@lru_cache(maxsize=4)
def _look(state: State, t: int) -> Look:
    parameters = course(state).parameters
    Z, caches = network_forward(parameters, picture(state))
    # What a backward pass needs is what the forward pass kept: the input of every layer.
    kept = {"X": caches[0][0], "Z1": caches[1], "A1": caches[2][0], "M1": caches[3][0]}
    kept |= {"Z2": caches[4], "A2": caches[5][0], "V": caches[7][0], "Z3": Z}
    kept["M2"] = cnnlayers.flatten_backward(kept["V"], caches[6])
    kept["P"] = cnnlayers.softmax(Z)
    forward = {name: kept[name].reshape(shape) for name, shape in LAYERS.items()}
    read = int(np.argmax(Z))
    label = written(state)
    wanted = int(state.k) if state.k else read if label is None else label
    J, loss_cache = cnnlayers.cross_entropy_forward(Z, np.array([wanted]))
    gradients = {}
    if state.view == "backward":
        dZ = cnnlayers.cross_entropy_backward(loss_cache)
        # The loss is minus the logarithm of the probability.
        gradients = _backward(-dZ if state.of == "class" else dZ, caches)
    return Look(parameters, forward, gradients, read, wanted, float(J))


def _backward(dZ: np.ndarray, caches: list) -> dict[str, np.ndarray]:
    """Go back as `network_backward` does, and keep what it passes on from layer to layer."""
    sent = {"Z3": dZ}
    sent["V"], _, _ = cnnlayers.dense_backward(dZ, caches[7])
    sent["M2"] = cnnlayers.flatten_backward(sent["V"], caches[6])
    for n, below, (conv, relu, pool) in (("2", "M1", caches[3:6]), ("1", "X", caches[:3])):
        sent["A" + n] = cnnlayers.pool_backward(sent["M" + n], pool, ties="first")
        sent["Z" + n] = cnnlayers.relu_backward(sent["A" + n], relu)
        sent[below], _, _ = cnnlayers.conv_backward(sent["Z" + n], conv)
    return {name: sent[name].reshape(LAYERS[name]) for name in LAYERS if name in sent}

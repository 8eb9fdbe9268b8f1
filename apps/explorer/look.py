"""What the present step reads, makes and sends back, computed once with `cnnlayers`."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

import cnnlayers
from apps.explorer.state import State
from apps.explorer.volumes import image, kernel, upstream


class Sent(NamedTuple):
    """What goes back: what this step adds, and what it has come to."""

    dZ: np.ndarray  # the gradient that arrives, shape of Z
    dA: np.ndarray  # what the steps up to this one add up to, shape of A
    dA_step: np.ndarray  # what this step alone adds
    dW: np.ndarray | None = None  # (f, f, n_C_prev), for a convolution
    dW_step: np.ndarray | None = None
    db: float = 0.0
    db_step: float = 0.0
    share: np.ndarray | None = None  # (f, f): what each entry of an average window gets


class Look(NamedTuple):
    """Every array of the present step. Without an output only the input and filter are there."""

    A: np.ndarray  # the input (n_H_prev, n_W_prev, n_C_prev)
    A_pad: np.ndarray  # with its padding
    W: np.ndarray  # the filter (f, f, n_C_prev)
    read_rows: np.ndarray  # of A_pad: whether any window reads the row
    read_columns: np.ndarray
    rows: slice = slice(0)  # the window in A_pad
    columns: slice = slice(0)
    window: np.ndarray | None = None  # (f, f, n_C_prev)
    products: np.ndarray | None = None  # window · W, for a convolution
    mask: np.ndarray | None = None  # (f, f): which entries of a max window get the gradient
    Z: np.ndarray | None = None  # the output (n_H, n_W, n_C)
    sent: Sent | None = None  # in the views that go back


class Layer:
    """The layer of a state: its forward pass, and as many backward passes as asked for."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.convolves = state.op == "conv"
        self.hparameters = {"stride": state.stride}
        self.hparameters |= {"pad": state.pad} if self.convolves else {"f": state.f}
        self.W = kernel(state)
        self.b = state.bias

    def forward(
        self, A: np.ndarray, W: np.ndarray | None = None, b: float | None = None
    ) -> tuple[np.ndarray, tuple]:
        """Run the layer on one example, with its own filter and bias or with others."""
        if not self.convolves:
            Z, cache = cnnlayers.pool_forward(A[None], self.hparameters, mode=self.state.op)
            return Z[0], cache
        W, b = (self.W if W is None else W), (self.b if b is None else b)
        b = np.full((1, 1, 1, 1), b)
        Z, cache = cnnlayers.conv_forward(A[None], W[..., None], b, self.hparameters)
        return Z[0], cache

    def backward(self, dZ: np.ndarray, cache: tuple) -> tuple[np.ndarray, np.ndarray | None, float]:
        """Send a gradient back: to the input, the filter and the bias."""
        if not self.convolves:
            more = {"ties": self.state.ties} if self.state.op == "max" else {}
            dA = cnnlayers.pool_backward(dZ[None], cache, mode=self.state.op, **more)
            return dA[0], None, 0.0
        dA, dW, db = cnnlayers.conv_backward(dZ[None], cache)
        return dA[0], dW[..., 0], db.item()

    def mask(self, window: np.ndarray) -> np.ndarray:
        """Mark the entries of a window (f, f) that receive the gradient of its maximum."""
        return cnnlayers.create_mask_from_window(window, ties=self.state.ties)


@lru_cache(maxsize=4)
def look(state: State) -> Look:
    """Run the layer and cut out what the present step reads, makes and sends back."""
    A, layer = image(state), Layer(state)
    A_pad = cnnlayers.zero_pad(A[None], state.padding)[0]
    read = []
    for n, windows in zip(A_pad.shape[:2], state.output_shape, strict=True):
        starts = np.arange(max(windows, 0)) * state.stride
        read.append(np.isin(np.arange(n), starts[:, None] + np.arange(state.f)))
    seen = Look(A, A_pad, layer.W, *read)
    if not state.has_output:
        return seen
    Z, cache = layer.forward(A)
    top, left = state.h * state.stride, state.w * state.stride
    rows, columns = slice(top, top + state.f), slice(left, left + state.f)
    window = A_pad[rows, columns]
    seen = seen._replace(rows=rows, columns=columns, window=window, Z=Z)
    if layer.convolves:
        seen = seen._replace(products=window * layer.W)
    elif state.op == "max":
        seen = seen._replace(mask=layer.mask(window[:, :, state.c]))
    if state.view == "backward":
        seen = seen._replace(sent=_sent(state, layer, cache))
    return seen


def _sent(state: State, layer: Layer, cache: tuple) -> Sent:
    # A backward pass adds up cell by cell, so a dZ emptied of other cells shows one cell's part.
    dZ = upstream(state)
    order = np.arange(state.steps).reshape(dZ.shape)
    dA, dW, db = layer.backward(np.where(order <= state.step, dZ, 0.0), cache)
    dA_step, dW_step, db_step = layer.backward(np.where(order == state.step, dZ, 0.0), cache)
    share = None
    if state.op == "average":
        dz = dZ[state.h, state.w, state.c].item()
        share = cnnlayers.distribute_value(dz, (state.f, state.f))
    return Sent(dZ, dA, dA_step, dW, dW_step, db, db_step, share)

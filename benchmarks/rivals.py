"""The implementations that are timed, each loaded in a process of its own.

A rival is a function of a `Case` that returns what is to be timed: a forward and a backward
function without arguments. It raises `Unsupported` for layers it does not have.
"""

import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.suite import Case

THREADS = "OMP_NUM_THREADS"  # the environment variable that tells how many to use
Layer = dict[str, Callable[[], Any]]


class Unsupported(Exception):
    """The rival does not have this layer."""


def cnnlayers(case: Case) -> Layer:
    """Set up the package's public functions."""
    import cnnlayers

    return _of_module(cnnlayers, case)


def loops(case: Case) -> Layer:
    """Set up the package's explicit loops, for one example whose time counts m times."""
    from cnnlayers import loops

    return _of_module(loops, case)


def _of_module(layers: ModuleType, case: Case) -> Layer:
    a = case.arrays()
    hparameters = case.hparameters()
    if case.kind == "conv":
        cache = a["A_prev"], a["W"], a["b"], hparameters
        return {
            "forward": lambda: layers.conv_forward(*cache)[0],
            "backward": lambda: layers.conv_backward(a["dZ"], cache),
        }
    return {
        "forward": lambda: layers.pool_forward(a["A_prev"], hparameters, case.kind)[0],
        "backward": lambda: layers.pool_backward(a["dZ"], (a["A_prev"], hparameters), case.kind),
    }


def windows(case: Case) -> Layer:
    """Set up the plain way: a view of all windows and one product for the whole batch."""
    a = case.arrays()
    A_prev, dZ = a["A_prev"], a["dZ"]
    f, s, p = case.f, case.stride, case.pad
    _, n_H_prev, n_W_prev, n_C_prev = case.shape
    _, n_H, n_W, n_C = dZ.shape

    def view(X):
        return sliding_window_view(X, (f, f), axis=(1, 2))[:, ::s, ::s].transpose(0, 1, 2, 4, 5, 3)

    def padded():
        return np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))

    def add_windows(dwindows, dX):
        for y in range(f):
            for x in range(f):
                part = dX[:, y : y + s * (n_H - 1) + 1 : s, x : x + s * (n_W - 1) + 1 : s]
                part += dwindows(y, x)
        return dX

    if case.kind == "conv":
        W, b = a["W"].reshape(-1, n_C), a["b"].reshape(n_C)

        def forward():
            return (view(padded()).reshape(-1, len(W)) @ W + b).reshape(dZ.shape)

        def backward():
            X = padded()
            dz = dZ.reshape(-1, n_C)
            dW = view(X).reshape(-1, len(W)).T @ dz
            dwindows = (dz @ W.T).reshape(*dZ.shape[:3], f, f, n_C_prev)
            dX = add_windows(lambda y, x: dwindows[:, :, :, y, x], np.zeros_like(X))
            return dX[:, p : p + n_H_prev, p : p + n_W_prev], dW, dz.sum(axis=0)

    elif case.kind == "max":

        def forward():
            return view(A_prev).max(axis=(3, 4))

        def backward():
            W = view(A_prev)
            top = W.max(axis=(3, 4))
            return add_windows(lambda y, x: (W[:, :, :, y, x] == top) * dZ, np.zeros_like(A_prev))

    else:

        def forward():
            return view(A_prev).mean(axis=(3, 4))

        def backward():
            share = dZ / dZ.dtype.type(f * f)
            return add_windows(lambda y, x: share, np.zeros_like(A_prev))

    return {"forward": forward, "backward": backward}


def dezero(case: Case) -> Layer:
    """Set up DeZero, in its layout NCHW."""
    vars(np)["int"] = int  # an alias that NumPy has removed and DeZero still asks for
    from dezero import Config, functions_conv
    from dezero.core import Variable

    Config.enable_backprop = True
    a = case.arrays()
    x, g = (Variable(np.ascontiguousarray(a[k].transpose(0, 3, 1, 2))) for k in ("A_prev", "dZ"))
    inputs = [x]
    if case.kind == "conv":
        layer = functions_conv.Conv2d(case.stride, case.pad)
        W = np.ascontiguousarray(a["W"].transpose(3, 2, 0, 1))
        inputs += [Variable(W), Variable(a["b"].reshape(-1))]
    elif case.kind == "max":
        layer = functions_conv.Pooling(case.f, case.stride)
    else:
        layer = functions_conv.AveragePooling(case.f, case.stride)
    kept = layer(*inputs)
    return {"forward": lambda: layer(*inputs), "backward": lambda: (kept, layer.backward(g))}


def neuralnetlib(case: Case) -> Layer:
    """Set up neuralnetlib, whose padding is none or "same"."""
    from neuralnetlib import layers

    a = case.arrays()
    if case.kind == "conv":
        if case.pad not in (0, (case.f - 1) / 2) or (case.pad and case.stride > 1):
            raise Unsupported(f"padding {case.pad}")
        padding = "same" if case.pad else "valid"
        layer = layers.Conv2D(case.n_C, case.f, case.stride, padding)
        layer.forward_pass(a["A_prev"])
        layer.weights, layer.bias = a["W"], a["b"].reshape(1, -1)
    elif case.kind == "max":
        layer = layers.MaxPooling2D(case.f, case.stride)
    else:
        layer = layers.AveragePooling2D(case.f, case.stride)
    layer.forward_pass(a["A_prev"])
    return {
        "forward": lambda: layer.forward_pass(a["A_prev"]),
        "backward": lambda: layer.backward_pass(a["dZ"]),
    }


def torch_nchw(case: Case) -> Layer:
    """Set up PyTorch in its default layout."""
    return _torch(case, channels_last=False)


def torch_nhwc(case: Case) -> Layer:
    """Set up PyTorch in the layout channels_last."""
    return _torch(case, channels_last=True)


def _torch(case: Case, channels_last: bool) -> Layer:
    import torch
    from torch.nn import functional

    torch.set_num_threads(int(os.environ[THREADS]))
    layout = torch.channels_last if channels_last else torch.contiguous_format
    a = {name: torch.from_numpy(array) for name, array in case.arrays().items()}
    x, g = (a[k].permute(0, 3, 1, 2).contiguous(memory_format=layout) for k in ("A_prev", "dZ"))
    inputs = [x]
    if case.kind == "conv":
        inputs += [a["W"].permute(3, 2, 0, 1).contiguous(memory_format=layout), a["b"].reshape(-1)]

        def layer(x, W, b):
            return functional.conv2d(x, W, b, stride=case.stride, padding=case.pad)
    else:
        pool = functional.max_pool2d if case.kind == "max" else functional.avg_pool2d

        def layer(x):
            return pool(x, case.f, case.stride)

    def forward():
        with torch.no_grad():
            return layer(*inputs)

    leaves = [v.clone(memory_format=torch.preserve_format).requires_grad_() for v in inputs]
    out = layer(*leaves)
    return {
        "forward": forward,
        "backward": lambda: torch.autograd.grad(out, leaves, g, retain_graph=True),
    }


RIVALS: dict[str, Callable[[Case], Layer]] = {
    "cnnlayers": cnnlayers,
    "windows": windows,
    "dezero": dezero,
    "neuralnetlib": neuralnetlib,
    "torch_nchw": torch_nchw,
    "torch_nhwc": torch_nhwc,
    "loops": loops,
}

"""What PyTorch and TensorFlow answer: lines of their code, and what they returned when recorded.

A reader builds the book without either library. `python -m book.libraries` runs every line below
in whichever of the two is installed and writes the answers, with the versions that gave them,
into ``tests/book/libraries.json``; the chapter prints a line with its answer, and compares the
answer with what `cnnlayers` computes.

In an environment of their own::

    python -m pip install numpy matplotlib torch && python -m pip install -e .
    python -m book.libraries
"""

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from cnnlayers import weights_to_torch

from . import example

RECORD = Path(__file__).parents[1] / "tests" / "book" / "libraries.json"


def arrays() -> dict[str, np.ndarray]:
    """Give the arrays that the lines read, in our layout."""
    random = np.random.RandomState(1)
    return {
        "X": example.X,
        "A": example.A_prev,
        "W": example.W,
        "b": example.b,
        "dZ": example.dZ,
        "tied": example.tied,
        "V": random.randint(-3, 4, (1, 4, 4, 4)).astype(float),
        "U": random.randint(-3, 4, (2, 2, 2, 6)).astype(float),
        "D": random.randint(-3, 4, (2, 2, 4, 1)).astype(float),
    }


# What comes before the lines. Names in lower case are tensors, with channels before the rest.
TORCH = """
import torch
from torch import nn
from torch.nn import functional as F

x, a, v, t, dz = (
    torch.from_numpy(array).permute(0, 3, 1, 2) for array in (X, A, V, tied, dZ)
)
w, b = (torch.from_numpy(array) for array in weights_to_torch(W, b))
"""
TENSORFLOW = """
import tensorflow as tf
from tensorflow import keras
"""

TORCH_LINES = {
    "shapes": "[tuple(p.shape) for p in nn.Conv2d(3, 64, kernel_size=3).parameters()]",
    "output": "tuple(nn.Conv2d(3, 64, kernel_size=3)(torch.zeros(1, 3, 32, 32)).shape)",
    "bound": "nn.Conv2d(3, 64, kernel_size=3).weight.abs().max().item()",
    "conv": "F.conv2d(x, w, b)",
    "stride": "F.conv2d(a, w, b, stride=2, padding=1)",
    "same": 'F.conv2d(x, w, b, padding="same")',
    "same even": 'F.conv2d(a, w[:, :, :2, :2], b, padding="same")',
    "same stride": 'F.conv2d(a, w, b, stride=2, padding="same")',
    **{
        mode: f"""
layer = nn.Conv2d(1, 1, kernel_size=3, padding=1, padding_mode="{mode}")
layer.weight, layer.bias = nn.Parameter(w), nn.Parameter(b)
layer(a)
"""
        for mode in ("reflect", "replicate", "circular")
    },
    "dilation": "F.conv2d(x, w[:, :, :2, :2], b, dilation=2)",
    "rectangle": "F.conv2d(x, w[:, :, :1, :], b)",
    "groups": "F.conv2d(v, torch.from_numpy(U).permute(3, 2, 0, 1), groups=2)",
    "depthwise": "F.conv2d(v, torch.from_numpy(D).permute(2, 3, 0, 1), groups=4)",
    "transposed": "F.conv_transpose2d(dz, w, stride=2, padding=1)",
    "transposed larger": "F.conv_transpose2d(dz, w, stride=2, padding=1, output_padding=1)",
    "max": "F.max_pool2d(x, 2)",
    "max ceil": "F.max_pool2d(x, 2, ceil_mode=True)",
    "max pad": "F.max_pool2d(-1 - a, 3, stride=2, padding=1)",
    "average": "F.avg_pool2d(a, 3, stride=2, padding=1)",
    "average inside": "F.avg_pool2d(a, 3, stride=2, padding=1, count_include_pad=False)",
    "average ceil": "F.avg_pool2d(x, 2, ceil_mode=True)",
    "ties": """
t.requires_grad_()
F.max_pool2d(t, 2).sum().backward()
t.grad
""",
    "nan": """
n = a.clone()
n[0, 0, 0, 1] = torch.nan
F.max_pool2d(n, 2)
""",
    "relu": """
z = torch.tensor([-2.0, 0.0, 3.0], requires_grad=True)
F.relu(z).sum().backward()
z.grad
""",
    "mixed": "F.conv2d(x.float(), w, b)",
    "integers": "F.avg_pool2d(a[:, :, 1:].long(), 2)",
    "integers conv": "F.conv2d(x.long(), w.long(), b.long()).dtype",
}
TENSORFLOW_LINES = {
    "shapes": """
layer = keras.layers.Conv2D(64, kernel_size=3)
layer.build((None, 32, 32, 3))
[tuple(p.shape) for p in layer.weights]
""",
    "initializer": "keras.layers.Conv2D(64, kernel_size=3).kernel_initializer.__class__.__name__",
    "dense": """
layer = keras.layers.Dense(10)
layer.build((None, 256))
[tuple(p.shape) for p in layer.weights]
""",
    "conv": 'tf.nn.conv2d(X, W, strides=1, padding="VALID") + b',
    "same stride": 'tf.nn.conv2d(A, W, strides=2, padding="SAME") + b',
    "max": "keras.layers.MaxPooling2D(pool_size=2)(X)",
    "max same": 'tf.nn.max_pool2d(-1 - A, 3, strides=2, padding="SAME")',
    "average same": 'tf.nn.avg_pool2d(A, 3, strides=2, padding="SAME")',
    "depthwise": 'tf.nn.depthwise_conv2d(V, D, strides=[1, 1, 1, 1], padding="VALID")',
    "ties": """
t = tf.constant(tied)
with tf.GradientTape() as tape:
    tape.watch(t)
    A = tf.nn.max_pool2d(t, 2, strides=2, padding="VALID")
tape.gradient(A, t)
""",
    "nan": """
N = A.copy()
N[0, 0, 1, 0] = np.nan
tf.nn.max_pool2d(N, 2, strides=2, padding="VALID")
""",
    "mixed": 'tf.nn.conv2d(tf.cast(X, tf.float32), tf.constant(W), strides=1, padding="VALID")',
}
LINES = {"torch": (TORCH, TORCH_LINES), "tensorflow": (TENSORFLOW, TENSORFLOW_LINES)}


def show_recorded(library: str, name: str) -> None:
    """Print a line of a library's code and what it returned, as Markdown."""
    entry = _read()[library]["answers"][name]
    answer = entry.get("error") or _written(recorded(library, name))
    code = f"# {library} {version_of(library)}\n{entry['code'].strip()}"
    print(f"```python\n{code}\n```\n\n```text\n{answer}\n```\n")


def show_setup(library: str) -> None:
    """Print what comes before the lines of a library."""
    print(f"```python\n{LINES[library][0].strip()}\n```\n")


def recorded(library: str, name: str) -> Any:
    """Give a recorded answer: an array in our layout, or what else a line returned."""
    entry = _read()[library]["answers"][name]
    return np.array(entry["array"]) if "array" in entry else entry.get("value", entry.get("error"))


def version_of(library: str) -> str:
    """Say which version gave the answers."""
    return _read()[library]["version"].partition("+")[0]


def record(library: str) -> dict[str, Any]:
    """Run a library's lines, each on its own, and return the answers."""
    setup, lines = LINES[library]
    answers: dict[str, Any] = {}
    for name, code in lines.items():
        scope: dict[str, Any] = {**arrays(), "np": np, "weights_to_torch": weights_to_torch}
        exec(setup, scope)
        if library == "torch":
            scope["torch"].manual_seed(1)
        *before, last = code.strip().splitlines()
        answers[name] = {"code": code}
        try:
            exec("\n".join(before), scope)
            answers[name] |= _plain(eval(last, scope))
        except Exception as error:  # the answer to some lines is an error
            answers[name]["error"] = type(error).__name__
    return {"version": import_module(library).__version__, "answers": answers}


def _plain(answer: Any) -> dict[str, Any]:
    """Take an answer out of its library: channels last, as lists."""
    if hasattr(answer, "detach"):
        answer = answer.detach()
        answer = answer.permute(0, 2, 3, 1) if answer.ndim == 4 else answer
    if hasattr(answer, "numpy"):
        return {"array": answer.numpy().tolist()}
    return {"value": str(answer)}


def _written(answer: Any) -> str:
    """Write an answer as the book's cells do: one channel as a matrix, several in a row."""
    if not isinstance(answer, np.ndarray):
        return str(answer)
    if answer.ndim == 4 and answer.shape[3] == 1:
        answer = answer[0, :, :, 0]
    return str(answer)


@cache
def _read() -> dict[str, Any]:
    return json.loads(RECORD.read_text(encoding="utf-8"))


if __name__ == "__main__":
    made = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    for library in LINES:
        try:
            import_module(library)
        except ImportError:
            print(f"{library} is not installed; its record stays")
            continue
        made[library] = record(library)
        print(f"{library}: {len(made[library]['answers'])} answers")
    RECORD.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")

"""Record how PyTorch trains the book's network, for a test that needs no PyTorch.

Makes ``network.json`` beside this file: the losses of the first steps from the same weights and
with the same batches, in float64, and the scores of the trained network, so that weights that
went to PyTorch and back are compared too.

In an environment of its own::

    python -m pip install torch numpy && python -m pip install -e .
    python -m tests.cnnlayers.record_network
"""

import json
from pathlib import Path

import numpy as np

from cnnlayers import load_digits, weights_to_torch
from cnnlayers.digits import network_parameters

RECORD = Path(__file__).with_name("network.json")
STEPS, BATCH, LEARNING_RATE, MOMENTUM, SEED = 50, 32, 0.03, 0.9, 1
FLATTENED = {"W3": (2, 2, 64)}  # the volume that the fully connected layer reads as a row


def torch_network():
    """Put the same network together from PyTorch's layers."""
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 32, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=2),
        nn.Conv2d(32, 64, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=2),
        nn.Flatten(),
        nn.Linear(2 * 2 * 64, 10),
    ).double()


def copy_weights(parameters: dict[str, np.ndarray], network) -> None:
    """Give the layers of PyTorch's network our weights."""
    import torch

    layers = [layer for layer in network if hasattr(layer, "weight")]
    with torch.no_grad():
        for number, layer in zip("123", layers, strict=True):
            W, b = parameters["W" + number], parameters["b" + number]
            weight, bias = weights_to_torch(W, b, FLATTENED.get("W" + number))
            layer.weight.copy_(torch.from_numpy(weight))
            layer.bias.copy_(torch.from_numpy(bias))


def images_for_torch(X: np.ndarray):
    """Put channels before height and width."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(X.transpose(0, 3, 1, 2)))


def record() -> None:
    """Train with PyTorch and write down what came out."""
    import torch

    X, y = load_digits()
    rng = np.random.default_rng(SEED)
    network = torch_network()
    copy_weights(network_parameters(rng), network)
    optimizer = torch.optim.SGD(network.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM)
    order = rng.permutation(len(X))
    losses = []
    for step in range(STEPS):
        chosen = order[step * BATCH : (step + 1) * BATCH]
        optimizer.zero_grad()
        scores = network(images_for_torch(X[chosen]))
        loss = torch.nn.functional.cross_entropy(scores, torch.from_numpy(y[chosen]))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        scores = network(images_for_torch(X[:4])).numpy()
    about = {
        "versions": {"torch": torch.__version__, "numpy": np.__version__},
        "settings": {
            "steps": STEPS,
            "batch": BATCH,
            "seed": SEED,
            "learning_rate": LEARNING_RATE,
            "momentum": MOMENTUM,
        },
        "losses": losses,
        "scores": scores.tolist(),
    }
    RECORD.write_text(json.dumps(about, indent=1) + "\n")
    print(f"{STEPS} steps, loss {losses[0]:.4f} to {losses[-1]:.4f}: {RECORD}")


if __name__ == "__main__":
    record()

"""Chooses the hyperparameters of the network that reads digits: ``python -m benchmarks.search``.

Every combination is trained from the same seeds on two thirds of the training examples and
judged on the third that is left. The examples that test the network in the book take no part.
Writes ``benchmarks/search.json``, which the book reads.
"""

import itertools
import json
import platform
import sys
from pathlib import Path

import numpy as np

from cnnlayers.digits import hold_out, load_digits, network_forward, network_parameters, train

RESULTS = Path(__file__).with_name("search.json")
SPLIT = 1  # the seed of the book's own split, of which only the training part is used here
SEEDS = range(5)
GRID = {
    "n_C": [(8, 16), (16, 32), (32, 64)],
    "batch": [16, 32],
    "learning_rate": [0.01, 0.03, 0.1],
    "momentum": [0.0, 0.9],
}


def validate(n_C: tuple[int, int], seed: int, **hyperparameters: float) -> float:
    """Train one network; return its accuracy on the validation set."""
    rng = np.random.default_rng(SPLIT)
    X, y, _, _ = hold_out(*load_digits(), rng)
    X_fit, y_fit, X_valid, y_valid = hold_out(X, y, rng)
    rng = np.random.default_rng(seed)
    parameters, _ = train(network_parameters(rng, n_C), X_fit, y_fit, rng, **hyperparameters)
    Z, _ = network_forward(parameters, X_valid)
    return float(np.mean(np.argmax(Z, axis=1) == y_valid))


def search() -> None:
    """Go through the grid and write every accuracy down."""
    rows = []
    for values in itertools.product(*GRID.values()):
        row = dict(zip(GRID, values, strict=True))
        with np.errstate(over="ignore", invalid="ignore"):  # the largest steps diverge
            accuracies = [validate(**row, seed=seed) for seed in SEEDS]
        rows.append({**row, "accuracies": accuracies})
        print(row, f"{np.mean(accuracies):.4f}", file=sys.stderr, flush=True)
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    RESULTS.write_text(json.dumps({"versions": versions, "rows": rows}, indent=1) + "\n")
    best = max(rows, key=lambda row: np.mean(row["accuracies"]))
    print(f"best of {len(rows)}: {best}")


if __name__ == "__main__":
    search()

"""Times a training step of the book's network beside PyTorch: ``python -m benchmarks.network``.

Both take turns, each in a process of its own that does nothing else, with the same weights and
batches; only ratios within a round are compared. Writes ``benchmarks/network.json``, which the
book reads.
"""

import json
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).with_name("network.json")
THREADS = "OMP_NUM_THREADS"
ROUNDS, STEPS, BATCH, SEED = 7, 100, 32, 1
DTYPES = ("float64", "float32")


def ours(X: np.ndarray, y: np.ndarray) -> float:
    """Return the seconds of our fastest step."""
    from cnnlayers import cross_entropy_backward, cross_entropy_forward, sgd_momentum
    from cnnlayers.digits import network_backward, network_forward, network_parameters

    parameters = network_parameters(np.random.default_rng(SEED))
    parameters = {name: p.astype(X.dtype) for name, p in parameters.items()}
    velocities = {name: np.zeros_like(p) for name, p in parameters.items()}
    fastest = float("inf")
    for _ in range(STEPS):
        start = time.perf_counter()
        Z, caches = network_forward(parameters, X)
        _, loss_cache = cross_entropy_forward(Z, y)
        gradients = network_backward(cross_entropy_backward(loss_cache), caches)
        parameters, velocities = sgd_momentum(parameters, gradients, velocities, 0.03, 0.9)
        fastest = min(fastest, time.perf_counter() - start)
    return fastest


def torch(X: np.ndarray, y: np.ndarray) -> float:
    """Return the seconds of PyTorch's fastest step."""
    import torch

    from tests.cnnlayers.record_network import images_for_torch, torch_network

    torch.manual_seed(SEED)
    torch.set_num_threads(int(os.environ[THREADS]))
    network = torch_network().to(getattr(torch, X.dtype.name))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.03, momentum=0.9)
    images, labels = images_for_torch(X), torch.from_numpy(y)
    fastest = float("inf")
    for _ in range(STEPS):
        start = time.perf_counter()
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(images), labels).backward()
        optimizer.step()
        fastest = min(fastest, time.perf_counter() - start)
    return fastest


def turn(name: str, dtype: str) -> float:
    """Run one of the two in a new process."""
    program = [sys.executable, "-m", "benchmarks.network", name, dtype]
    return float(subprocess.run(program, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Let both take turns and write their times down."""
    for variable in (THREADS, "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "2"
    seconds = {dtype: {"cnnlayers": [], "torch": []} for dtype in DTYPES}
    for _ in range(ROUNDS):
        for dtype, times in seconds.items():
            times["cnnlayers"].append(turn("ours", dtype))
            times["torch"].append(turn("torch", dtype))
    versions = {package: version(package) for package in ("numpy", "torch")}
    about = {
        "versions": {"python": platform.python_version(), **versions},
        "conditions": f"{platform.machine()}, 2 of {os.cpu_count()} cores, batches of {BATCH}, "
        f"{ROUNDS} rounds, the fastest of {STEPS} steps in each",
        "seconds": seconds,
    }
    RESULTS.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    for dtype, times in seconds.items():
        print(f"{dtype}: {min(times['cnnlayers']) / min(times['torch']):.2f} of PyTorch's time")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        from cnnlayers import load_digits

        X, y = load_digits()
        name, dtype = sys.argv[1:]
        print({"ours": ours, "torch": torch}[name](X[:BATCH].astype(dtype), y[:BATCH]))

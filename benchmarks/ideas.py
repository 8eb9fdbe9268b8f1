"""Times the fast layers with and without each of their ideas: ``python -m benchmarks.ideas``.

All variants take turns, each turn in a process of its own; a ratio is the shortest time without
the idea by the shortest with it. Writes ``benchmarks/ideas.json``, which the book draws.
"""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.suite import Case, cases

RESULTS = Path(__file__).with_name("ideas.json")
ROUNDS, SECONDS = 5, 0.3
OPERATIONS = ("forward", "backward")


@dataclass(frozen=True)
class Idea:
    """One idea, the layer it is timed on, and what takes it away."""

    name: str
    kind: str
    layer: str
    take_away: Callable[[], None]


def no_blocks() -> None:
    """Do a whole slice of the batch at once."""
    from cnnlayers import _blocks

    vars(_blocks)["BLOCK"] = 1 << 40


def no_threads() -> None:
    """Leave all of it to one thread, and to those that BLAS has of its own."""
    from cnnlayers import _workers

    vars(_workers)["CORES"] = 1


def no_kept_memory() -> None:
    """Take new memory for every temporary."""
    from cnnlayers import _blocks

    vars(_blocks)["SCRATCH_LIMIT"] = 0


def no_winograd() -> None:
    """Multiply windows by filters instead."""
    _leave_out("_winograd")


def no_groups() -> None:
    """Compute each output alone."""
    _leave_out("_grouping")


def no_product() -> None:
    """Go back to the loops."""
    _replace_convolution("loops")


def no_ideas() -> None:
    """Go back to the chapter's product of the whole batch."""
    _replace_convolution("columns")


def no_axes() -> None:
    """Pool the entries of a window all at once."""
    import cnnlayers

    def pool_forward(A_prev: Any, hparameters: dict[str, int], mode: str) -> Any:
        f, s = hparameters["f"], hparameters["stride"]
        n_H, n_W = ((n - f) // s + 1 for n in A_prev.shape[1:3])
        entries = [
            A_prev[:, p : p + s * (n_H - 1) + 1 : s, q : q + s * (n_W - 1) + 1 : s]
            for p in range(f)
            for q in range(f)
        ]
        A = entries[0].copy()
        for entry in entries[1:]:
            np.maximum(A, entry, out=A)
        return A, None

    vars(cnnlayers)["pool_forward"] = pool_forward


def _leave_out(module: str) -> None:
    from cnnlayers import fast

    kept = tuple(way for way in fast.WAYS if not way.__name__.endswith(module))
    vars(fast)["WAYS"] = kept


def _replace_convolution(module: str) -> None:
    from importlib import import_module

    import cnnlayers

    slow = import_module(f"cnnlayers.{module}")
    for name in ("conv_forward", "conv_backward"):
        vars(cnnlayers)[name] = getattr(slow, name)


IDEAS = (
    Idea("product", "conv", "book", no_product),
    Idea("all others", "conv", "64→64", no_ideas),
    Idea("blocks", "conv", "64→128/2", no_blocks),
    Idea("threads", "conv", "64→128/2", no_threads),
    Idea("memory", "conv", "64→128/2", no_kept_memory),
    Idea("winograd", "conv", "64→64", no_winograd),
    Idea("groups", "conv", "LeNet-1", no_groups),
    Idea("axes", "max", "A 3×3/1", no_axes),
)


def turn(idea: Idea, operation: str, without: bool) -> float:
    """Time one variant in a new process."""
    program = [sys.executable, "-m", "benchmarks.ideas", idea.name, operation, str(int(without))]
    return float(subprocess.run(program, check=True, capture_output=True, text=True).stdout)


def time_here(idea: Idea, operation: str, without: bool) -> float:
    """Return the seconds of the fastest call."""
    (case,) = [c for c in cases(("float32",)) if (c.kind, c.name) == (idea.kind, idea.layer)]
    if without:
        idea.take_away()
    call = _call(case, operation)
    call()  # the first one may load libraries
    fastest, began = float("inf"), time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        start = time.perf_counter()
        call()
        fastest = min(fastest, time.perf_counter() - start)
    return fastest


def _call(case: Case, operation: str) -> Callable[[], Any]:
    """Set up what is timed."""
    import cnnlayers

    a, hparameters = case.arrays(), case.hparameters()
    if case.kind == "max":
        return lambda: cnnlayers.pool_forward(a["A_prev"], hparameters, "max")
    cache = a["A_prev"], a["W"], a["b"], hparameters
    if operation == "forward":
        return lambda: cnnlayers.conv_forward(*cache)
    return lambda: cnnlayers.conv_backward(a["dZ"], cache)


def operations(idea: Idea) -> tuple[str, ...]:
    """List the passes that an idea is timed in."""
    return OPERATIONS if idea.kind == "conv" else OPERATIONS[:1]


def main() -> None:
    """Let all variants take turns and write their times down."""
    os.environ["OMP_NUM_THREADS"] = "2"
    seconds: dict[str, dict[str, dict[str, list[float]]]] = {
        idea.name: {o: {"with": [], "without": []} for o in operations(idea)} for idea in IDEAS
    }
    for _ in range(ROUNDS):
        for idea in IDEAS:
            for operation, times in seconds[idea.name].items():
                times["with"].append(turn(idea, operation, without=False))
                times["without"].append(turn(idea, operation, without=True))
    about = {
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "conditions": f"{platform.machine()}, {os.cpu_count()} cores, float32, {ROUNDS} rounds",
        "layers": {idea.name: f"{idea.kind} {idea.layer}" for idea in IDEAS},
        "seconds": seconds,
    }
    RESULTS.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, row in ratios().items():
        print(f"{name:12}", *(f"{operation} {ratio:.2f}" for operation, ratio in row.items()))


def ratios() -> dict[str, dict[str, float]]:
    """Read the results: for each idea and pass, time without by time with."""
    seconds = json.loads(RESULTS.read_text(encoding="utf-8"))["seconds"]
    return {
        name: {o: min(times["without"]) / min(times["with"]) for o, times in row.items()}
        for name, row in seconds.items()
    }


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        chosen = next(idea for idea in IDEAS if idea.name == sys.argv[1])
        print(time_here(chosen, sys.argv[2], sys.argv[3] == "1"))

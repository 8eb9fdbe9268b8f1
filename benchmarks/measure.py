"""Runs each rival in a process of its own, so that none takes the threads of another.

All of them take turns in every round: what slows the machine down slows all alike, and only
ratios within a run are compared.
"""

import gc
import multiprocessing
import os
import time
import tracemalloc
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.rivals import RIVALS, THREADS, Unsupported
from benchmarks.suite import Case

TURN = 0.02  # seconds that one turn of a rival should last at least


class Rival:
    """An implementation in another process."""

    def __init__(self, name: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.name = name
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, name), daemon=True)
        self._process.start()

    def ask(self, *question: Any) -> Any:
        """Send a question and wait for its answer."""
        self._ours.send(question)
        return self._ours.recv()

    def stop(self) -> None:
        """End the process."""
        self._ours.send(("stop",))
        self._process.join()


def _serve(connection: Connection, name: str) -> None:
    """Answer questions: set a case up, time it, measure its memory."""
    if hasattr(os, "sched_setaffinity"):  # as many cores as threads, for everybody
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, set(cores[: int(os.environ[THREADS])]))
    layer = {}
    while True:
        question, *details = connection.recv()
        if question == "stop":
            return
        try:
            if question == "set":
                layer.clear()
                gc.collect()
                layer.update(RIVALS[name](*details))
                answer = None
            elif question == "time":
                answer = _time(layer[details[0]], *details[1:])
            else:
                answer = _extra_memory(layer[details[0]])
        except Unsupported as error:
            answer = f"no such layer: {error}"
        except Exception as error:  # whatever breaks in somebody else's code
            answer = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        connection.send(answer)


def _time(function: Any, turn: float) -> float:
    """Return the shortest of as many calls as fit into a turn, at least two where they are fast."""
    # What one thread computes is told by its own clock, which stands still while others compute.
    clock = time.thread_time if os.environ[THREADS] == "1" else time.perf_counter
    once = float("inf")
    for _ in range(2):  # the first call may load libraries
        start = clock()
        function()
        once = min(once, clock() - start)
        if once > 100 * turn:
            break
    if once > turn:
        return once
    shortest = float("inf")
    for _ in range(max(1, min(100, int(turn / once)))):
        start = clock()
        result = function()
        shortest = min(shortest, clock() - start)
        del result
    return shortest


def _extra_memory(function: Any) -> int:
    """Return the bytes that a call needs beside its inputs and results, kept buffers included."""
    tracemalloc.start()
    result = function()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return max(0, peak - _nbytes(result))


def _nbytes(result: Any) -> int:
    if isinstance(result, (tuple, list)):
        return sum(_nbytes(part) for part in result)
    return getattr(result, "nbytes", None) or getattr(getattr(result, "data", None), "nbytes", 0)


def usable(names: list[str], case: Case) -> tuple[dict[str, Rival], dict[str, str]]:
    """Start the rivals that can run a case, and tell why the others cannot."""
    started, skipped = {}, {}
    for name in names:
        rival = Rival(name)
        problem = rival.ask("set", case)
        if problem is None or problem.startswith("no such layer"):
            started[name] = rival
        else:
            skipped[name] = problem
            rival.stop()
    return started, skipped


def part_for_loops(case: Case) -> Case:
    """Give the part of a case that the loops are timed on: two rows of outputs of one example."""
    rows = min(case.shape[1], case.f + case.stride - 2 * case.pad) if case.shape[1] > 12 else None
    return Case(**{**vars(case), "shape": (1, rows or case.shape[1], *case.shape[2:])})


def time_case(rivals: dict[str, Rival], case: Case, rounds: int) -> dict[str, dict[str, Any]]:
    """Time a case: for each operation and rival the seconds of each round."""
    scale, ready = {}, {}
    for name, rival in rivals.items():
        part = part_for_loops(case) if name == "loops" else case
        scale[name] = case.steps / part.steps
        if rival.ask("set", part) is None:
            ready[name] = rival
    seconds: dict[str, dict[str, Any]] = {}
    for operation in ("forward", "backward"):
        seconds[operation] = {name: [] for name in ready}
        for turn in range(rounds):
            for name, rival in ready.items():
                if name == "loops" and turn > 0:  # slow, and no ratio near 1
                    continue
                answer = rival.ask("time", operation, TURN)
                if isinstance(answer, float):
                    seconds[operation][name].append(answer * scale[name])
    return seconds


def memory_of(name: str, case: Case, operation: str) -> int | None:
    """Measure the peak extra memory of one call in a fresh process."""
    rival = Rival(name)
    answer = rival.ask("set", case)
    if answer is None:
        answer = rival.ask("memory", operation)
    rival.stop()
    return answer if isinstance(answer, int) else None

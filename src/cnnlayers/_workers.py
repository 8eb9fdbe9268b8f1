"""How the fast layers use the machine: a thread per core, and memory that each thread keeps.

Nothing here knows about layers. Where there are no threads (the browser, one core), where there
is little to do, or at the exit of the interpreter, `in_slices` simply calls its function.
"""

import os
import sys
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from importlib import import_module
from math import prod
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

# Handing work to another thread takes as long as moving about this many elements.
WORTH_A_THREAD = 100_000


def count_cores() -> int:
    """Count the cores this process may use."""
    if sys.platform in ("emscripten", "wasi"):  # Python in the browser cannot start threads
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


CORES = count_cores()


def find_blas() -> Any:
    """Return threadpoolctl's handle on BLAS, or None without that optional package."""
    try:
        return import_module("threadpoolctl").ThreadpoolController()
    except ImportError:
        return None


_here = threading.local()


def _mark_as_worker() -> None:
    _here.is_worker = True


class _Threads:
    """The threads beside the caller's own, started by the first call that needs them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._blas: Any = None
        self._limit: Any = None

    @contextmanager
    def working(self) -> Generator[ThreadPoolExecutor, None, None]:
        """Lend the threads, and keep BLAS to one: its idle threads spin and take our cores.

        The limit holds for the whole process. So of several callers at once the first sets it,
        and lifts it again: until then the others profit, after that they are slower.
        """
        with self._lock:
            if self._pool is None:
                count = max(1, CORES - 1)
                self._pool = ThreadPoolExecutor(count, "cnnlayers", initializer=_mark_as_worker)
                self._blas = find_blas()
            pool, blas, mine = self._pool, self._blas, False
            if blas is not None and self._limit is None:
                self._limit, mine = blas.limit(limits=1, user_api="blas"), True
        try:
            yield pool
        finally:
            if mine:
                with self._lock:
                    self.unlimit()

    def unlimit(self) -> None:
        """Give BLAS its threads back."""
        if self._limit is not None:
            self._limit.__exit__(None, None, None)
            self._limit = None


_threads = _Threads()


def _after_fork() -> None:
    """Start anew in a child process: it has none of its parent's threads but all of its locks."""
    global _threads
    _threads.unlimit()
    _threads = _Threads()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def in_slices(work: Callable[[slice], T], m: int, elements: int) -> list[T]:
    """Call ``work`` for consecutive slices of a batch, on all cores at once.

    Parameters
    ----------
    work
        Function of a slice of the m examples.
    m
        Size of the batch.
    elements
        Number of elements that all of it moves: little work is not worth a thread.

    Returns
    -------
    results
        What ``work`` returned for each slice, in the order of the examples.
    """
    count = min(m, CORES)
    # A worker that waited for other workers could wait forever.
    if count < 2 or elements < WORTH_A_THREAD or hasattr(_here, "is_worker"):
        return [work(slice(0, m))]
    own, *others = (slice(m * i // count, m * (i + 1) // count) for i in range(count))
    with _threads.working() as pool:
        try:
            # The context carries the caller's np.errstate over to the threads.
            futures = [pool.submit(copy_context().run, work, part) for part in others]
        except RuntimeError:  # the interpreter is exiting and starts no more threads
            return [work(slice(0, m))]
        try:
            first = work(own)
        finally:
            wait(futures)  # never leave while others still write into the results
    return [first, *(future.result() for future in futures)]


SCRATCH_LIMIT = 16 << 20  # bytes: what is larger is given back after use


def scratch(name: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """Return this thread's temporary array of that name, of undefined content.

    The memory is kept from block to block and from call to call: fresh memory costs a page fault
    every 4 kB, more than what the layers then do with it. It starts on a 64-byte boundary, where
    vector instructions load fastest.
    """
    dtype = np.dtype(dtype)
    size = prod(shape) * dtype.itemsize
    if size > SCRATCH_LIMIT:
        return np.empty(shape, dtype)
    buffer = vars(_here).get(name)
    if buffer is None or buffer.size < size:
        raw = np.empty(size + 64, np.uint8)
        buffer = vars(_here)[name] = raw[-raw.ctypes.data % 64 :]
    return np.ndarray(shape, dtype, buffer.data)

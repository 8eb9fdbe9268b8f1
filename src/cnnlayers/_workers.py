"""How the fast layers use the machine: a thread for each core, and BLAS kept to one of its own.

Nothing here knows about layers. Where there are no threads (the browser, one core), where there
is little to do, or at the exit of the interpreter, `in_slices` simply calls its function.
"""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar, copy_context
from importlib import import_module
from typing import Any, TypeVar

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


def find_blas() -> list[Any] | None:
    """Return threadpoolctl's handles on NumPy's BLAS, or None without that package."""
    try:
        controller = import_module("threadpoolctl").ThreadpoolController()
    except ImportError:
        return None
    return controller.select(user_api="blas").lib_controllers


class Threads:
    """The threads beside the callers' own, and how many of its own BLAS may use meanwhile: one.

    With more, BLAS and we would take the cores from each other, and its threads spin while they
    wait. The limit holds in the whole process, for as long as any caller works.

    KeyboardInterrupt may come between any two steps here. So a caller is known by its thread: the
    next call from there puts right what an interrupted one has left behind.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._blas: list[Any] = []
        self._callers: set[int] = set()
        self._before: list[tuple[Any, int]] = []

    def start(self) -> ThreadPoolExecutor | None:
        """Return the threads, or None without threadpoolctl, which can limit BLAS."""
        with self._lock:
            if self._pool is None:
                blas = find_blas()
                if blas is None:
                    return None
                self._blas, self._pool = blas, ThreadPoolExecutor(max(1, CORES - 1), "cnnlayers")
            return self._pool

    def limit_blas(self) -> None:
        """Keep BLAS to one thread until this caller, and every other, has lifted the limit."""
        with self._lock:
            if not self._callers:
                self._before = [(library, library.num_threads) for library in self._blas]
            self._callers.add(threading.get_ident())
            for library in self._blas:
                _set_threads(library, 1)

    def unlimit_blas(self) -> None:
        """Lift the limit, if this caller is one and the last."""
        with self._lock:
            if self._callers == {threading.get_ident()}:
                self.restore_blas()
            self._callers.discard(threading.get_ident())

    def restore_blas(self) -> None:
        """Give BLAS, if it is limited, as many threads as before."""
        for library, count in self._before if self._callers else ():
            _set_threads(library, count)


def _set_threads(library: Any, count: int) -> None:
    """Let a BLAS library use so many threads, whoever has told it last."""
    # threadpoolctl 3.8 lets only one thread set the number, the first that does, until it is
    # cleared. But of our callers the last may be another than the first.
    clear = getattr(library, "clear_controlling_thread", None)
    if clear is not None:
        clear(force=True)
    library.set_num_threads(count)
    if clear is not None:
        clear(force=True)


_threads = Threads()


def _after_fork() -> None:
    """Start anew in a child process: it has none of its parent's threads but all of its locks."""
    global _threads
    _threads.restore_blas()
    _threads = Threads()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Abandoned(Exception):
    """Raised in a thread whose caller has been interrupted or has failed: nobody waits for it."""


# Set in our threads, for each piece of work.
_given_up: ContextVar[threading.Event | None] = ContextVar("given_up", default=None)


def stop_if_abandoned() -> None:
    """Raise `Abandoned` where nobody wants the results any more."""
    given_up = _given_up.get()
    if given_up is not None and given_up.is_set():
        raise Abandoned


def in_slices(work: Callable[[slice], T], m: int, elements: int) -> list[T]:
    """Call ``work`` for consecutive slices of a batch, on all cores at once.

    Parameters
    ----------
    work
        Function of a slice of the m examples, which calls `stop_if_abandoned` now and then.
    m
        Size of the batch.
    elements
        Number of elements that all of it moves: little work is not worth a thread.

    Returns
    -------
    results
        What ``work`` returned for each slice, in the order of the examples.
    """
    _threads.unlimit_blas()  # left behind by an interrupted call
    count = min(m, CORES)
    # One of our threads that waited for the others could wait forever.
    if count < 2 or elements < WORTH_A_THREAD or _given_up.get() is not None:
        return [work(slice(0, m))]
    pool = _threads.start()
    if pool is None:
        return [work(slice(0, m))]
    own, *others = (slice(m * i // count, m * (i + 1) // count) for i in range(count))
    futures: list[Future[T]] = []
    given_up = threading.Event()
    try:
        _threads.limit_blas()
        context = copy_context()  # carries the caller's np.errstate over
        context.run(_given_up.set, given_up)
        try:
            for part in others:
                futures.append(pool.submit(context.copy().run, work, part))
        except RuntimeError:  # the interpreter is exiting and starts no more threads
            return [work(slice(0, m))]
        first = work(own)
        return [first, *(future.result() for future in futures)]
    except BaseException:
        given_up.set()
        # Never leave while others still write into the results.
        wait([future for future in futures if not future.cancel()])
        raise
    finally:
        _threads.unlimit_blas()

"""How the fast layers use the machine: a thread for each core, and BLAS kept to one of its own.

Nothing here knows about layers. Where there are no threads (the browser, one core), where there
is little to do, or at the exit of the interpreter, `in_slices` simply calls its function.
"""

import os
import sys
import threading
from _thread import start_new_thread
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from functools import cache
from importlib import import_module
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
Job = tuple[Context, Callable[[int], None], int]

# Handing work to another thread takes as long as moving about this many elements.
WORTH_A_THREAD = 100_000
# Multiplications from which on OpenBLAS hands a product to several threads.
WORTH_A_BLAS_THREAD = 1 << 18


def count_cores() -> int:
    """Count the cores this process may use."""
    if sys.platform in ("emscripten", "wasi"):  # Python in the browser cannot start threads
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


CORES = count_cores()


@cache
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

    KeyboardInterrupt may come between any two steps here, and between those of the standard
    library that are written in Python: concurrent.futures can be left with a lock that nobody
    lets go of. So threads are handed work by queues that are written in C. And a caller is known
    by its thread, so that its next call puts right what an interrupted one has left behind.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.jobs: SimpleQueue[Job] = SimpleQueue()
        self._started = 0
        self._blas: list[Any] = []
        self._callers: set[int] = set()
        self._before: list[tuple[Any, int]] = []

    def start(self) -> bool:
        """Tell whether there are threads: not without threadpoolctl, nor at the exit of Python."""
        with self._lock:
            if self._started == 0:
                blas = find_blas()
                if blas is None:
                    return False
                self._blas = blas
            try:
                while self._started < CORES - 1:
                    start_new_thread(_serve, (self.jobs,))
                    self._started += 1
            except RuntimeError:
                return False
            return True

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


def _serve(jobs: SimpleQueue[Job]) -> None:
    """Do one job after the other, in a thread of ours."""
    while True:
        _do(*jobs.get())


def _do(context: Context, work: Callable[[int], None], k: int) -> None:
    # A function of its own, so that nothing of the job is kept while waiting for the next.
    context.run(work, k)


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


# In our threads, what the caller fills once it has given up.
_given_up: ContextVar[list[bool] | None] = ContextVar("given_up", default=None)


def stop_if_abandoned() -> None:
    """Raise `Abandoned` where nobody wants the results any more."""
    if _given_up.get():
        raise Abandoned


def in_slices(
    work: Callable[[slice], T], count: int, elements: int, multiplications: int = 0
) -> list[T]:
    """Call ``work`` for consecutive slices of examples or of rows, on all cores at once.

    Parameters
    ----------
    work
        Function of a slice of them, which calls `stop_if_abandoned` now and then.
    count
        How many there are.
    elements
        How many numbers all of it moves: little work is not worth a thread.
    multiplications
        How many of them BLAS is to do, which might start threads of its own.

    Returns
    -------
    results
        What ``work`` returned for each slice, in order.
    """
    large = elements >= WORTH_A_THREAD
    cores = max(1, min(count, CORES)) if large else 1
    # What is large and in one piece is left to the threads of BLAS.
    alone = cores == 1 and (large or multiplications <= WORTH_A_BLAS_THREAD)
    # One of our threads that waited for the others could wait forever.
    if alone or CORES == 1 or _given_up.get() is not None or not _threads.start():
        return [work(slice(0, count))]
    parts = [slice(count * i // cores, count * (i + 1) // cores) for i in range(cores)]
    results: dict[int, T] = {}
    errors: SimpleQueue[BaseException | None] = SimpleQueue()

    def do(k: int) -> None:
        try:
            stop_if_abandoned()
            results[k] = work(parts[k])
            errors.put(None)
        except BaseException as error:
            errors.put(error)

    given_up: list[bool] = []
    context = copy_context()  # carries the caller's np.errstate over
    context.run(_given_up.set, given_up)
    try:
        if multiplications > 0:
            _threads.limit_blas()
        for k in range(1, cores):
            _threads.jobs.put((context.copy(), do, k))
        results[0] = work(parts[0])
        for _ in range(1, cores):
            error = errors.get()
            if error is not None:
                raise error
    except BaseException:
        given_up.append(True)
        raise
    finally:
        try:
            _threads.unlimit_blas()
        finally:
            _threads.unlimit_blas()  # once more, if it was interrupted
    return [results[k] for k in range(cores)]

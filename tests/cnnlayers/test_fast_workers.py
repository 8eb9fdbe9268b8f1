"""Threads and scratch memory: right with many callers, after a fork, at exit, and without."""

import os
import runpy
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cnnlayers import _workers, fast


@pytest.fixture(autouse=True)
def three_threads(monkeypatch):
    """Use threads for the smallest work, whatever the machine."""
    monkeypatch.setattr(_workers, "CORES", 3)
    monkeypatch.setattr(_workers, "WORTH_A_THREAD", 0)
    monkeypatch.setattr(_workers, "_threads", _workers._Threads())


def test_slices_cover_the_batch_in_order():
    for m in range(12):
        slices = _workers.in_slices(lambda part: part, m, 1)
        assert [i for part in slices for i in range(part.start, part.stop)] == list(range(m))


def test_little_work_stays_in_the_calling_thread(monkeypatch):
    monkeypatch.setattr(_workers, "WORTH_A_THREAD", 100)
    threads = _workers.in_slices(lambda _: threading.get_ident(), 10, 99)
    assert threads == [threading.get_ident()]


def test_work_is_shared_by_the_threads():
    together = threading.Barrier(3, timeout=60)  # passes only if three work at once
    threads = _workers.in_slices(lambda _: together.wait() * 0 + threading.get_ident(), 3, 1)
    assert len(set(threads)) == 3


def test_an_error_in_any_thread_reaches_the_caller():
    for failing in range(3):

        def work(part, failing=failing):
            if part.start == failing:
                raise ZeroDivisionError("as planned")

        with pytest.raises(ZeroDivisionError, match="as planned"):
            _workers.in_slices(work, 3, 1)
    assert len(_workers.in_slices(lambda part: part, 3, 1)) == 3


def test_a_call_within_a_worker_does_not_wait_for_workers():
    def work(_):
        return len(_workers.in_slices(lambda part: part, 3, 1))

    assert _workers.in_slices(work, 3, 1)[1:] == [1, 1]


def test_callers_at_once_do_not_disturb_each_other():
    rng = np.random.default_rng(1)
    A_prev = rng.standard_normal((4, 16, 16, 16))
    W, b = rng.standard_normal((3, 3, 16, 16)), rng.standard_normal((1, 1, 1, 16))

    def layers(k):
        Z, cache = fast.conv_forward(A_prev + k, W, b, {"stride": 1, "pad": 1})
        A, pool_cache = fast.pool_forward(Z, {"f": 3, "stride": 2})
        dZ = fast.pool_backward(A, pool_cache)
        return Z, A, dZ, *fast.conv_backward(dZ, cache)

    alone = [layers(k) for k in range(8)]
    with ThreadPoolExecutor(8) as callers:
        together = list(callers.map(layers, range(8)))
    for expected, results in zip(alone, together, strict=True):
        for right, result in zip(expected, results, strict=True):
            np.testing.assert_array_equal(result, right)


def test_blas_gets_its_threads_back_after_the_last_caller():
    threadpoolctl = pytest.importorskip("threadpoolctl", reason="threadpoolctl is not installed")

    def blas_threads():
        libraries = threadpoolctl.threadpool_info()
        return {library["num_threads"] for library in libraries if library["user_api"] == "blas"}

    before = blas_threads()
    inside, leave = threading.Event(), threading.Event()

    def wait(_):
        inside.set()
        assert leave.wait(60)

    with ThreadPoolExecutor(1) as caller:
        first = caller.submit(_workers.in_slices, wait, 3, 1)
        assert inside.wait(60)
        assert blas_threads() == {1}
        with _workers._threads.working():  # a second caller, who comes and goes in between
            assert blas_threads() == {1}
        assert blas_threads() == {1}
        leave.set()
        first.result()
    assert blas_threads() == before

    with _workers._threads.working():  # the first caller leaves before the second
        inside.clear()
        leave.clear()
        with ThreadPoolExecutor(1) as caller:
            second = caller.submit(_workers.in_slices, wait, 3, 1)
            assert inside.wait(60)
            leave.set()
            second.result()
        assert blas_threads() == {1}
    assert blas_threads() == before


def test_errstate_of_the_caller_holds_in_the_threads():
    if np.lib.NumpyVersion(np.__version__) < "2.2.0":
        pytest.skip("before NumPy 2.2 np.errstate belonged to a thread, not to a context")

    def work(part):
        return np.full(1, part.start + 1.0) / 0

    with np.errstate(divide="ignore"):
        assert np.isinf(_workers.in_slices(work, 3, 1)).all()
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        _workers.in_slices(work, 3, 1)


def test_without_threadpoolctl_everything_works(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    assert _workers.find_blas() is None
    assert len(_workers.in_slices(lambda part: part, 3, 1)) == 3


def test_one_core_is_enough(monkeypatch):
    monkeypatch.setattr(_workers, "CORES", 1)
    assert _workers.in_slices(lambda part: part, 3, 10**9) == [slice(0, 3)]


def test_cores_are_counted_where_python_can_tell(monkeypatch):
    assert _workers.count_cores() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert _workers.count_cores() == os.cpu_count()
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert _workers.count_cores() == 1


PROGRAM = """
import atexit, os, sys
import numpy as np
from cnnlayers import _workers, conv_forward

_workers.CORES, _workers.WORTH_A_THREAD = 3, 0
A_prev, W, b = np.ones((4, 5, 5, 2)), np.ones((3, 3, 2, 2)), np.zeros((1, 1, 1, 2))

def layer():
    return conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})[0].sum()

"""


def run(program):
    process = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM + program],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout.split()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_starts_its_own_threads():
    fork = """
print(layer(), flush=True)
pid = os.fork()
if pid:  # first the child's line, then the parent's
    os.waitpid(pid, 0)
print(layer(), flush=True)
"""
    assert run(fork) == ["1296.0"] * 3


def test_after_a_fork_neither_threads_nor_limits_are_left():
    with _workers._threads.working() as pool:
        _workers._after_fork()  # in the child of a process that was at work
        with _workers._threads.working() as own:
            assert own is not pool
    _workers._after_fork()  # and in that of an idle one
    assert len(_workers.in_slices(lambda part: part, 3, 1)) == 3


def test_threads_that_take_no_more_work_are_not_needed():
    with _workers._threads.working() as pool:
        pool.shutdown()  # as the interpreter does at its exit
    assert _workers.in_slices(lambda part: part, 3, 1) == [slice(0, 3)]


def test_where_no_process_forks_everything_works(monkeypatch):
    monkeypatch.delattr(os, "register_at_fork", raising=False)
    workers = runpy.run_path(_workers.__file__)
    parts = workers["in_slices"](lambda part: part.stop - part.start, 5, 10**9)
    assert sum(parts) == 5


def test_a_layer_works_while_the_interpreter_exits():
    assert run("\nlayer()\natexit.register(lambda: print(layer()))") == ["1296.0"]


def test_scratch_arrays_are_aligned_apart_and_kept():
    shapes = {"a": ((7, 3), np.float32), "b": ((5,), np.float64)}
    arrays = {name: _workers.scratch(name, *kind) for name, kind in shapes.items()}
    for k, array in enumerate(arrays.values()):
        array[...] = k
    again = {name: _workers.scratch(name, *kind) for name, kind in shapes.items()}
    for k, (name, (shape, dtype)) in enumerate(shapes.items()):
        assert (again[name] == k).all()
        assert (again[name].shape, again[name].dtype) == (shape, dtype)
        assert again[name].ctypes.data % 64 == 0
    larger = _workers.scratch("a", (7, 30), np.float32)
    assert larger.shape == (7, 30)
    assert not np.shares_memory(larger, again["b"])
    assert np.shares_memory(larger, _workers.scratch("a", (2,), np.float32))


def test_scratch_of_each_thread_is_its_own():
    own = _workers.scratch("a", (4,), np.float64)
    with ThreadPoolExecutor(1) as other:
        its = other.submit(_workers.scratch, "a", (4,), np.float64).result()
    assert not np.shares_memory(own, its)


def test_scratch_keeps_no_more_than_its_limit(monkeypatch):
    monkeypatch.setattr(_workers, "SCRATCH_LIMIT", 1000)
    first, second = (_workers.scratch("large", (1001,), np.uint8) for _ in range(2))
    assert not np.shares_memory(first, second)
    first, second = (_workers.scratch("large", (1000,), np.uint8) for _ in range(2))
    assert np.shares_memory(first, second)

"""Threads: right with many callers, interrupted at any step, after a fork, at exit, and without."""

import os
import runpy
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from cnnlayers import _workers, fast
from cnnlayers._blocks import BLOCK, blocks
from tests.cnnlayers.helpers import assert_same, layer

threadpoolctl = pytest.importorskip(
    "threadpoolctl", reason="the layers start no threads without threadpoolctl, which is missing"
)
pytestmark = pytest.mark.usefixtures("three_threads")


def blas_threads():
    libraries = threadpoolctl.threadpool_info()
    return {library["num_threads"] for library in libraries if library["user_api"] == "blas"}


@pytest.fixture
def two_blas_threads():
    """Let BLAS have threads of its own, also on a machine with one core."""
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        yield


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


def test_a_call_within_a_thread_of_ours_does_not_wait_for_the_others():
    def work(_):
        return len(_workers.in_slices(lambda part: part, 3, 1))

    assert _workers.in_slices(work, 3, 1)[1:] == [1, 1]


def test_callers_at_once_do_not_disturb_each_other():
    A_prev, W, b = layer((4, 16, 16, 16), 16, 3)

    def layers(k):
        Z, cache = fast.conv_forward(A_prev + k, W, b, {"stride": 1, "pad": 1})
        A, pool_cache = fast.pool_forward(Z, {"f": 3, "stride": 2})
        dZ = fast.pool_backward(A, pool_cache)
        return Z, A, dZ, *fast.conv_backward(dZ, cache)

    alone = [layers(k) for k in range(8)]
    with ThreadPoolExecutor(8) as callers:
        together = list(callers.map(layers, range(8)))
    for expected, results in zip(alone, together, strict=True):
        assert_same(results, expected)


def test_nothing_is_kept_of_a_call():
    together = threading.Barrier(3, timeout=60)
    X = np.zeros((3, 1))
    _workers.in_slices(lambda part, X=X: together.wait() + X[part].sum(), 3, 1)
    kept = weakref.ref(X)
    del X
    _workers.in_slices(lambda _: together.wait(), 3, 1)  # all threads have gone on
    assert kept() is None


# BLAS


def blas_inside(elements=1, multiplications=1, count=3):
    """Say how many threads BLAS has while slices are worked on."""
    return _workers.in_slices(lambda _: blas_threads(), count, elements, multiplications)


@pytest.mark.usefixtures("two_blas_threads")
def test_blas_gets_its_threads_back_after_the_last_caller():
    def start(caller):
        """Let a caller enter, and return how to let it leave."""
        inside, leave = threading.Event(), threading.Event()

        def wait(part):
            if part.start == 0:  # in the caller's own thread
                inside.set()
                assert leave.wait(60)

        call = caller.submit(_workers.in_slices, wait, 3, 1, 1)
        assert inside.wait(60)
        return lambda: (leave.set(), call.result())

    with ThreadPoolExecutor(2) as callers:
        for first_to_leave in (0, 1):
            leave = [start(callers), start(callers)]
            assert blas_threads() == {1}
            leave[first_to_leave]()
            assert blas_threads() == {1}
            leave[1 - first_to_leave]()
            assert blas_threads() == {2}


@pytest.mark.usefixtures("two_blas_threads")
def test_what_blas_had_is_looked_up_for_each_call():
    assert blas_inside() == [{1}] * 3
    with threadpoolctl.threadpool_limits(3, user_api="blas"):
        assert blas_inside() == [{1}] * 3
        assert blas_threads() == {3}
    assert blas_threads() == {2}


@pytest.mark.usefixtures("two_blas_threads")
def test_blas_is_limited_where_its_threads_would_be_in_the_way(monkeypatch):
    monkeypatch.setattr(_workers, "WORTH_A_THREAD", 100)
    monkeypatch.setattr(_workers, "WORTH_A_BLAS_THREAD", 1000)
    assert blas_inside(elements=100, multiplications=1) == [{1}] * 3
    assert blas_inside(elements=100, multiplications=0) == [{2}] * 3  # nothing for it to do
    assert blas_inside(elements=99, multiplications=1001) == [{1}]  # little: not worth threads
    assert blas_inside(elements=99, multiplications=1000) == [{2}]  # it will not start any
    assert blas_inside(elements=100, multiplications=1001, count=1) == [{2}]  # nor do we
    assert blas_threads() == {2}


@pytest.mark.usefixtures("two_blas_threads")
def test_without_threadpoolctl_only_blas_has_threads(monkeypatch):
    monkeypatch.setattr(_workers, "_threads", _workers.Threads())
    monkeypatch.setattr(_workers, "find_blas", _workers.find_blas.__wrapped__)
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    threads = _workers.in_slices(lambda _: threading.get_ident(), 3, 1, 1)
    assert threads == [threading.get_ident()]
    assert blas_inside() == [{2}]


# Errors and interrupts


def test_an_error_in_any_thread_reaches_the_caller():
    for failing in range(3):

        def work(part, failing=failing):
            if part.start == failing:
                raise ZeroDivisionError("as planned")

        with pytest.raises(ZeroDivisionError, match="as planned"):
            _workers.in_slices(work, 3, 1)
    assert len(_workers.in_slices(lambda part: part, 3, 1)) == 3


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_threads_stop_at_their_next_block_when_the_caller_is_interrupted(error):
    together = threading.Barrier(3, timeout=60)
    done = []

    def work(part):
        together.wait()
        if part.start == 0:
            raise error
        for block in blocks(slice(0, 100_000), BLOCK):
            done.append(block)

    with pytest.raises(error):
        _workers.in_slices(work, 3, 1)
    _workers.in_slices(lambda _: together.wait(), 3, 1)  # all have come to an end
    assert len(done) < 200_000


def test_work_that_has_not_begun_is_taken_back():
    """Another caller keeps all threads: an interrupt does not wait for it."""
    all_busy, leave, done = threading.Barrier(4, timeout=60), threading.Event(), []

    def occupy(_):
        all_busy.wait()
        assert leave.wait(60)

    def interrupted(part):
        done.append(part)
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as other:
        call = other.submit(_workers.in_slices, occupy, 3, 1)
        all_busy.wait()
        with pytest.raises(KeyboardInterrupt):
            _workers.in_slices(interrupted, 3, 1)
        leave.set()
        call.result()
    together = threading.Barrier(3, timeout=60)
    _workers.in_slices(lambda _: together.wait(), 3, 1)  # what was left in the queue is behind us
    assert done == [slice(0, 1)]


class Blas:
    """A library with two threads, interrupted at these of the steps that it is asked for."""

    def __init__(self, *interrupted):
        self.count, self.steps, self.interrupted = 2, 0, interrupted

    def step(self):
        self.steps += 1
        if self.steps in self.interrupted:
            raise KeyboardInterrupt

    @property
    def num_threads(self):
        self.step()
        return self.count

    def set_num_threads(self, count):
        self.step()
        self.count = count
        self.step()

    def clear_controlling_thread(self, force):
        self.step()


def test_before_threadpoolctl_3_8_any_thread_may_tell_blas(blas_libraries):
    blas_libraries.append(blas := SimpleNamespace(num_threads=2))
    blas.set_num_threads = lambda count: setattr(blas, "num_threads", count)
    assert _workers.in_slices(lambda _: blas.num_threads, 3, 1, 1) == [1] * 3
    assert blas.num_threads == 2


@pytest.mark.parametrize("interrupted", range(1, 10))
def test_blas_gets_its_threads_back_whenever_it_is_interrupted(interrupted, blas_libraries):
    blas_libraries.append(blas := Blas(interrupted))
    with pytest.raises(KeyboardInterrupt):
        _workers.in_slices(lambda part: part, 3, 1, 1)
    assert blas.count == 2
    assert _workers.in_slices(lambda _: blas.count, 3, 1, 1) == [1] * 3
    assert blas.count == 2


def test_what_a_twice_interrupted_call_leaves_behind_the_next_puts_right(blas_libraries):
    blas_libraries.append(blas := Blas(6, 7))  # on the way out, and again
    with pytest.raises(KeyboardInterrupt):
        _workers.in_slices(lambda part: part, 3, 1, 1)
    assert blas.count == 1
    assert _workers.in_slices(lambda part: part.start, 3, 1, 1) == [0, 1, 2]
    assert blas.count == 2


# Machines


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.2.0",
    reason="before NumPy 2.2 np.errstate belonged to a thread, not to a context",
)
def test_errstate_of_the_caller_holds_in_the_threads():
    def work(part):
        return np.full(1, part.start + 1.0) / 0

    with np.errstate(divide="ignore"):
        assert np.isinf(_workers.in_slices(work, 3, 1)).all()
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        _workers.in_slices(work, 3, 1)


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
import threadpoolctl
from cnnlayers import _workers, conv_forward

_workers.CORES, _workers.WORTH_A_THREAD = 3, 0
A_prev, W, b = np.ones((4, 5, 5, 2)), np.ones((3, 3, 2, 2)), np.zeros((1, 1, 1, 2))

def layer():
    return conv_forward(A_prev, W, b, {"stride": 1, "pad": 0})[0].sum()

blas = threadpoolctl.ThreadpoolController().select(user_api="blas")
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


forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


@forks
def test_a_forked_child_starts_its_own_threads():
    fork = """
print(layer(), flush=True)
pid = os.fork()
if pid:  # first the child's line, then the parent's
    os.waitpid(pid, 0)
print(layer(), flush=True)
"""
    assert run(fork) == ["1296.0"] * 3


@forks
@pytest.mark.parametrize("busy", [True, False], ids=["busy parent", "idle parent"])
def test_in_a_forked_child_blas_has_the_threads_it_should_have(busy):
    fork = """
with blas.limit(limits=2):
    layer()

def fork(part=None):
    if part is None or part.start == 0:
        pid = os.fork()
        if pid == 0:
            print(blas.info()[0]["num_threads"], layer(), flush=True)
            os._exit(0)
        os.waitpid(pid, 0)

with blas.limit(limits=3):
    BUSY
"""
    lines = run(fork.replace("BUSY", "_workers.in_slices(fork, 3, 1, 1)" if busy else "fork()"))
    assert lines == ["3", "1296.0"]


@pytest.mark.parametrize("started", [0, 1])
def test_where_no_thread_can_be_started_none_is_needed(started, monkeypatch):
    """As at the exit of Python, or where a limit of the system is reached."""
    monkeypatch.setattr(_workers, "_threads", _workers.Threads())
    start, more = _workers.start_new_thread, iter([True] * started)

    def refuse(*arguments):
        if next(more, False):
            return start(*arguments)
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_workers, "start_new_thread", refuse)
    assert _workers.in_slices(lambda part: part, 3, 1) == [slice(0, 3)]


def test_a_layer_works_while_the_interpreter_exits():
    assert run("\nlayer()\natexit.register(lambda: print(layer()))") == ["1296.0"]


def test_after_a_fork_there_are_other_threads_and_no_limit(blas_libraries):
    blas_libraries.append(blas := Blas())

    def fork(part):
        if part.start == 0:
            before = _workers._threads
            _workers._after_fork()
            assert _workers._threads is not before
            assert blas.count == 2

    _workers.in_slices(fork, 3, 1, 1)
    blas.count = 3  # by the child, which is idle when it forks in its turn
    _workers._after_fork()
    assert blas.count == 3
    assert _workers.in_slices(lambda part: part.start, 3, 1, 1) == [0, 1, 2]


def test_where_no_process_forks_everything_works(monkeypatch):
    monkeypatch.delattr(os, "register_at_fork", raising=False)
    workers = runpy.run_path(_workers.__file__)
    parts = workers["in_slices"](lambda part: part.stop - part.start, 5, 10**9)
    assert sum(parts) == 5

import threading
from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import pytest
from hypothesis import settings

import cnnlayers
from cnnlayers import _blocks, _grouping, _workers, columns, loops

# The same examples on every run, however slow the machine: a failure is never a matter of luck.
settings.register_profile("cnnlayers", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("cnnlayers")


# Convolutions alone: the rest is that of the loops.
COLUMNS = {"conv_forward": columns.conv_forward, "conv_backward": columns.conv_backward}
LAYERS = {
    "loops": loops,
    "columns": SimpleNamespace(**{**vars(loops), **COLUMNS}),
    "fast": cnnlayers,
}


@pytest.fixture(scope="session", params=LAYERS)
def layers(request: pytest.FixtureRequest) -> ModuleType | SimpleNamespace:
    """Each of the implementations: whatever is asked of one is asked of all."""
    return LAYERS[request.param]


@pytest.fixture(params=["as it is", "small blocks", "three threads", "both"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Force small inputs through many blocks, several threads, or both."""
    if request.param in ("small blocks", "both"):
        monkeypatch.setattr(_blocks, "BLOCK", 1000)
    if request.param in ("three threads", "both"):
        request.getfixturevalue("three_threads")


THREADS = _workers.Threads()


def start_known_thread(work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    """Start a thread that the standard library knows of: coverage.py can follow it."""
    threading.Thread(target=work, args=arguments, daemon=True).start()


@pytest.fixture
def three_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use threads for the smallest work, whatever the machine."""
    monkeypatch.setattr(_workers, "CORES", 3)
    monkeypatch.setattr(_workers, "WORTH_A_THREAD", 0)
    monkeypatch.setattr(_workers, "_threads", THREADS)
    monkeypatch.setattr(_workers, "start_new_thread", start_known_thread)


@pytest.fixture
def blas_libraries(monkeypatch: pytest.MonkeyPatch) -> list[object] | None:
    """Have threads that begin anew, and find what the test says as BLAS."""
    monkeypatch.setattr(_workers, "_threads", _workers.Threads())
    libraries: list[object] = []
    monkeypatch.setattr(_workers, "find_blas", lambda: libraries)
    return libraries


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Group outputs however little the work."""
    monkeypatch.setattr(_grouping, "LARGE", 0)

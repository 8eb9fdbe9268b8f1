from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import pytest
from hypothesis import settings

import cnnlayers
from cnnlayers import columns, fast, loops

# The same examples on every run, however slow the machine: a failure is never a matter of luck.
settings.register_profile("cnnlayers", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("cnnlayers")


@pytest.fixture(scope="session", params=["loops", "columns", "fast", "fast, by BLAS"])
def layers(request: pytest.FixtureRequest) -> Iterator[ModuleType | SimpleNamespace]:
    """Each of the implementations: whatever is asked of one is asked of all.

    Small convolutions do without BLAS; the last makes them take the way of the large ones.
    """
    if request.param == "loops":
        yield loops
        return
    if request.param == "columns":  # convolutions alone: the rest is that of the loops
        names = {"conv_forward": columns.conv_forward, "conv_backward": columns.conv_backward}
        yield SimpleNamespace(**{**vars(loops), **names})
        return
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "fast, by BLAS":
            patch.setattr(fast, "LITTLE", 0)
        yield cnnlayers

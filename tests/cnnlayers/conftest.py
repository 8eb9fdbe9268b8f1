from types import ModuleType

import pytest
from hypothesis import settings

import cnnlayers
from cnnlayers import loops

# The same examples on every run, however slow the machine: a failure is never a matter of luck.
settings.register_profile("cnnlayers", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("cnnlayers")


@pytest.fixture(scope="session", params=[loops, cnnlayers], ids=["loops", "fast"])
def layers(request: pytest.FixtureRequest) -> ModuleType:
    """Each of the two implementations: whatever is asked of one is asked of both."""
    return request.param

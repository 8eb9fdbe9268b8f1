"""How the tests run: in which processes, in which order, and what a run says at its end."""

import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # it starts a process for each test

HERE = Path(__file__).parent
SETTINGS = """\
[pytest]
markers = slow
testpaths = tests
addopts = --import-mode=importlib -p xdist.plugin -p no:cacheprovider
"""

SHARED = """
def fill(folder):
    (folder / "rendered").touch()
    with (folder.parents[2] / "renders").open("a") as file:
        file.write("one\\n")

def test_it_is_there(once):
    assert (once("book", fill) / "rendered").exists()
"""


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project of its own, whose tests run as ours do."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini(SETTINGS)
    (pytester.path / "tests").mkdir()
    for plugin in ("side_by_side.py", "untested.py"):
        shutil.copy(HERE / plugin, pytester.path / "tests")
    conftest = 'pytest_plugins = ["tests.side_by_side", "tests.untested"]'
    (pytester.path / "tests" / "conftest.py").write_text(conftest, encoding="utf-8")
    return pytester


def write(session: pytest.Pytester, **files: str) -> None:
    """Write test files; two underscores in a name stand for a folder."""
    for name, text in files.items():
        path = session.path / "tests" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_what_is_shared_is_made_once(session: pytest.Pytester) -> None:
    write(session, a__test_1=SHARED, b__test_2=SHARED, c__test_3=SHARED)
    session.runpytest_subprocess("-n", "2", "--basetemp", "temp").assert_outcomes(passed=3)
    assert len(list(session.path.rglob("renders"))) == 1
    assert next(session.path.rglob("renders")).read_text() == "one\n"


def test_the_book_is_rendered_first_and_read_after_the_applications(
    session: pytest.Pytester,
) -> None:
    one = "def test_one(): pass"
    write(
        session,
        cnnlayers__test_x=one,
        site__test_rendering=one,
        site__test_pages=one,
        apps__test_x=one,
    )
    result = session.runpytest_subprocess("-n", "1", "-v")
    order = [line.split("PASSED ")[1] for line in result.outlines if "PASSED" in line]
    assert [line.split("::")[0] for line in order] == [
        "tests/site/test_rendering.py",
        "tests/apps/test_x.py",
        "tests/site/test_pages.py",
        "tests/cnnlayers/test_x.py",
    ]


def test_the_end_says_what_was_not_tested_in_a_line_for_each_reason(
    session: pytest.Pytester,
) -> None:
    skipping = "import pytest\n@pytest.mark.parametrize('n', range(40))\ndef test_it(n):\n"
    write(session, test_1=f"{skipping}    pytest.skip('no Chromium: `install it`')")
    write(session, test_2="import pytest\npytest.importorskip('nowhere', reason='no nowhere')")
    lines = session.runpytest_subprocess("-n", "2").outlines
    start = next(n for n, line in enumerate(lines) if "not tested here" in line)
    assert lines[start + 1 : start + 3] == [
        "40 tests: no Chromium: `install it`",
        "1 test: no nowhere",
    ]
    assert "40 skipped" in lines[start + 3] or "41 skipped" in lines[start + 3]


def test_fast_leaves_out_what_is_slow_and_says_so(session: pytest.Pytester) -> None:
    write(
        session,
        site__test_pages="def test_slow(): pass",
        apps__test_x="import pytest\n@pytest.fixture\ndef page(): pass\ndef test_slow(page): pass",
        cnnlayers__test_x="import pytest\n@pytest.mark.slow\ndef test_slow(): pass\n"
        "def test_fast(): pass",
    )
    result = session.runpytest_subprocess("-m", "not slow")
    result.assert_outcomes(passed=1, deselected=3)
    assert "slow: `make test` without FAST=1 runs them" in result.outlines

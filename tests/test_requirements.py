"""requirements.txt names what is imported, and its lock is of one piece with it."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tools import environment

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("src", "book", "apps", "tools", "tests", "benchmarks")
# What the benchmarks compare with and the answers were recorded by, where it is installed.
RIVALS = {"torch", "tensorflow", "dezero", "neuralnetlib"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required() -> dict[str, str]:
    """The packages of requirements.txt with their versions."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = [re.match(r"([\w.-]+)==(\S+)", line) for line in lines]
    return {normal(match[1]): match[2] for match in pinned if match}


def imported(path: Path) -> set[str]:
    """The top-level names of the modules that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def sources() -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_package_that_is_imported_is_named(folder: str) -> None:
    ours = {path.stem for path in sources()} | {path.parent.name for path in sources()}
    known = ours | sys.stdlib_module_names | RIVALS
    distributions = packages_distributions()
    unnamed = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in imported(path) - known
        if not {normal(d) for d in distributions.get(name, [name])} & required().keys()
    }
    assert not unnamed, "add to requirements.txt, then `make lock`"


def test_each_requirement_says_why_it_is_there() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if " # " not in line and not line.startswith("#")]


def test_the_lock_is_compiled_from_the_requirements() -> None:
    locked = {
        normal(name): set(re.findall(rf"(?m)^{re.escape(name)}==(\S+)", text))
        for name, text in environment.locked().items()
    }
    stale = {name for name, version in required().items() if locked.get(name) != {version}}
    assert not stale, "run `make lock`"


def test_whatever_is_locked_has_a_hash() -> None:
    for text in environment.locked().values():
        assert len(re.findall(r"(?m)^\S+==", text)) <= len(re.findall("--hash=sha256:", text))

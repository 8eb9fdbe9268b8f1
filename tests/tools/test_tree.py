"""The workshop's own order: names that hide nothing, and requirements that name what is used."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = {"tools", "tests", "book", "benchmarks", "apps", "cnnlayers"}
SOURCES = [
    path
    for folder in ("tools", "tests", "book", "benchmarks", "apps", "src")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "small" not in path.parts  # a book of its own
]
# Rivals of the benchmark, which does without those that are not there.
OPTIONAL = {"torch", "tensorflow", "dezero", "neuralnetlib", "numpy_ml", "mpneuralnetwork"}


def imported() -> set[str]:
    """Return the top names that our files import, apart from those of files beside them."""
    found: set[str] = set()
    for path in SOURCES:
        beside = {other.stem for other in path.parent.glob("*")}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            found |= {name.split(".")[0] for name in names} - beside
    return found - OURS - sys.stdlib_module_names


def test_every_package_that_is_imported_is_named_in_the_requirements():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    named = {re.split(r"[=<>\[ #]", line)[0].lower().replace("_", "-") for line in lines}
    known = packages_distributions()
    missing = {
        name
        for name in (imported() & known.keys()) - OPTIONAL
        if not named & {found.lower().replace("_", "-") for found in [name, *known[name]]}
    }
    assert not missing


def test_no_file_hides_a_module_of_the_standard_library_or_of_a_dependency():
    taken = sys.stdlib_module_names | (imported() & packages_distributions().keys())
    hiding = [str(p.relative_to(ROOT)) for p in SOURCES if p.stem in taken - {"__init__"}]
    assert not hiding

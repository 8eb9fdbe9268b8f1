"""The workflows that publish the book: what runs in them is what runs here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def steps(path: Path) -> list[dict]:
    jobs = yaml.safe_load(path.read_text("utf-8"))["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


def test_the_schema_of_workflows_holds():
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [program, "--builtin-schema", "vendor.github-workflows", *FILES]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_in_them_is_a_risk():
    program = Path(sys.executable).with_name("zizmor")
    done = subprocess.run(
        [program, "--offline", "--no-progress", *FILES], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_actions_are_pinned_and_what_runs_is_ours(path):
    for step in steps(path):
        if action := step.get("uses"):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        for target in re.findall(r"^\s*make (\w+)", step.get("run", ""), re.M):
            assert re.search(rf"^{target}:", MAKEFILE, re.M), target
        for script in re.findall(r"python (\S+\.py)", step.get("run", "")):
            assert (ROOT / script).is_file(), script


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_permissions_are_the_least(path):
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {}
    assert all("permissions" in job for job in workflow["jobs"].values())
    assert "secrets." not in path.read_text("utf-8")

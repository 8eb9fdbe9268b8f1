"""The list of requirements says why each is there, and its lock is of one piece with it."""

import re
from pathlib import Path

from tools import environment

ROOT = Path(__file__).resolve().parents[1]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required() -> dict[str, str]:
    """The packages of requirements.txt with their versions."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = [re.match(r"([\w.-]+)==(\S+)", line) for line in lines]
    return {normal(match[1]): match[2] for match in pinned if match}


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

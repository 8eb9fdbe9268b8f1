"""Rendering with Quarto itself, its warnings made errors."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.config import Edition
from tools.execute import environment
from tools.problems import BookError


def find() -> str | None:
    """Return the path of Quarto's program, from the search path or this environment."""
    beside = Path(sys.executable).parent / "quarto"
    found = shutil.which("quarto") or (str(beside) if beside.is_file() else None)
    if found is None:
        return None
    try:
        ran = subprocess.run([found, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found if ran.returncode == 0 else None


def choose(renderer: str, say: Callable[[str], None]) -> str:
    """Return which renderer to use: Quarto where it is there, unless told otherwise."""
    if renderer == "builtin":
        return renderer
    if find():
        return "quarto"
    if renderer == "quarto":
        raise BookError("Quarto was asked for, and there is no `quarto` on the path or in the environment.")
    say("Quarto is not on this machine: the built-in renderer makes the same site and PDF.")
    return "builtin"


def make_apps(root: Path, say: Callable[[str], None]) -> None:
    """Let `tools/apps.py` prepare what the embedded applications need."""
    script = root / "tools" / "apps.py"
    if script.is_file():
        subprocess.run([sys.executable, str(script)], cwd=root, env=environment(root), check=True)


def render(root: Path, editions: list[Edition], target: Path, say: Callable[[str], None]) -> None:
    """Render editions with Quarto into `target`."""
    raise BookError("not written yet")

"""Rendering with Quarto itself, its warnings made errors."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tools.problems import BookError
from tools.source.cells import environment
from tools.source.config import Edition

ANSI = re.compile(r"\x1b\[[0-9;]*m")
PROGRESS = re.compile(r"\s*\[\s*\d+/\d+\]")
WARNING = 30  # the level of a warning in Quarto's log; below it is progress
BROKEN = re.compile(r"Unable to resolve|not found|[Dd]uplicate|could not be|Could not|missing")


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
        raise BookError(
            "Quarto was asked for, and there is no `quarto` on the path or in the environment."
        )
    say("Quarto is not on this machine: the built-in renderer makes the same site and PDF.")
    return "builtin"


def make_apps(root: Path, say: Callable[[str], None]) -> None:
    """Let `tools/apps.py` prepare what the embedded applications need."""
    script = root / "tools" / "apps.py"
    if script.is_file():
        subprocess.run([sys.executable, str(script)], cwd=root, env=environment(root), check=True)


def publish_apps(root: Path, target: Path) -> None:
    """Copy the exported applications, if there are any, into the book."""
    if (root / "tools" / "apps.py").is_file():
        from tools import apps

        apps.publish(target)


def render(root: Path, editions: list[Edition], target: Path, say: Callable[[str], None]) -> None:
    """Render editions with Quarto into `target`."""
    program = find()
    assert program is not None
    # Quarto wants an output folder inside the project; one that begins with a dot is no input.
    with tempfile.TemporaryDirectory(prefix=".quarto-render-", dir=root) as folder:
        for edition in editions:
            name = Path(edition.output_dir).name
            say(f"Quarto renders {edition.name}")
            log = Path(folder) / f"{name}.log"
            command = [program, "render", "--profile", edition.name]
            command += ["--output-dir", f"{Path(folder).name}/{name}"]
            command += ["--log", str(log), "--log-level", "info", "--log-format", "json-stream"]
            lines = run(command, root, say)
            problems = complaints(lines, log)
            made = Path(folder) / name
            wanted = [page.output for page in edition.pages] + [edition.pdf]
            problems += [
                f"{edition.name}: Quarto did not make {n}"
                for n in wanted
                if not (made / n).is_file()
            ]
            if problems:
                raise BookError("\n".join(problems))
            shutil.copytree(made, target / name)


def run(command: list[str], root: Path, say: Callable[[str], None]) -> list[str]:
    """Run Quarto, passing on its progress; return all it said."""
    env = {
        **environment(root),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    # Quarto runs cells, and the scripts before and after a render, with this Python.
    env["QUARTO_PYTHON"] = sys.executable
    process = subprocess.Popen(
        command, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(ANSI.sub("", line.rstrip()))
        if PROGRESS.match(lines[-1]):
            say(f"  {lines[-1].strip()}")
    if process.wait():
        raise BookError(
            "\n".join(lines[-40:]) + f"\nQuarto stopped with exit code {process.returncode}."
        )
    return lines


def complaints(lines: list[str], log: Path) -> list[str]:
    """Return the warnings that mean a broken page."""
    said = [line for line in lines if "WARN" in line or "not found" in line]
    if log.is_file():
        for row in log.read_text(encoding="utf-8").splitlines():
            record = json.loads(row) if row.strip() else {}
            if record.get("level", 0) >= WARNING:
                said.append(str(record["msg"]))
    return sorted({line.strip() for line in said if BROKEN.search(line)})

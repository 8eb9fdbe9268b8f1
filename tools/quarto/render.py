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

from tools.problems import BookError, Problems
from tools.quarto.complete import complete
from tools.quarto.freeze import freeze
from tools.source.cells import environment
from tools.source.config import Edition
from tools.source.kept import Kept
from tools.source.prepare import Prepared

OURS = "CNNLAYERS_BUILD"  # set while tools.build is what runs Quarto
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


def choose(renderer: str, say: Callable[[str], None]) -> str | None:
    """Return Quarto's program if that is to render: where it is there, unless told otherwise."""
    program = None if renderer == "builtin" else find()
    if program is None and renderer == "quarto":
        raise BookError(
            "Quarto was asked for, and there is no `quarto` on the path or in the environment."
        )
    if program is None and renderer == "auto":
        say("Quarto is not on this machine: the built-in renderer makes the same site and PDF.")
    return program


def render(
    program: str,
    prepared: dict[str, list[Prepared]],
    editions: list[Edition],
    target: Path,
    kept: Kept,
    problems: Problems,
    say: Callable[[str], None],
) -> None:
    """Render into `target` those of the editions whose chapters are prepared."""
    chosen = [edition for edition in editions if edition.name in prepared]
    root = editions[0].root
    freeze(root, [chapter for edition in chosen for chapter in prepared[edition.name]])
    # Quarto wants an output folder inside the project; one that begins with a dot is no input.
    with tempfile.TemporaryDirectory(prefix=".quarto-render-", dir=root) as folder:
        for edition in chosen:
            say(f"Quarto renders {edition.name}")
            log = Path(folder) / f"{edition.folder}.log"
            made = Path(folder) / edition.folder
            command = [program, "render", "--profile", edition.name, "--use-freezer"]
            command += ["--output-dir", str(made.relative_to(root))]
            command += ["--log", str(log), "--log-level", "info", "--log-format", "json-stream"]
            wrong = complaints(run(command, root, say), log)
            for name in [*(page.output for page in edition.pages), edition.pdf]:
                if not (made / name).is_file():
                    wrong.append(f"{edition.name}: Quarto did not make {name}")
            if wrong:
                raise BookError("\n".join(wrong))
            complete(edition, prepared[edition.name], made, kept, problems)
            shutil.copytree(made, target / edition.folder)


def surroundings(root: Path) -> dict[str, str]:
    """Return the environment in which Quarto runs cells and scripts with this Python."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**environment(root), "PATH": path, "QUARTO_PYTHON": sys.executable}


def run(command: list[str], root: Path, say: Callable[[str], None]) -> list[str]:
    """Run Quarto, passing on its progress; return all it said."""
    env = {**surroundings(root), OURS: "1"}
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

"""Rendering with Quarto itself, its warnings made errors."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tools.problems import BookError, Problems
from tools.quarto.complete import complete
from tools.quarto.freeze import freeze
from tools.source.cells import environment
from tools.source.config import Edition
from tools.source.kept import Kept, digest_of_files
from tools.source.prepare import Prepared

Files = dict[str, bytes]
# What Quarto reads besides what chapters are made from.
READ = ("_*", "*.qmd", "*.bib", "*.csl", "chapters/**/*", "_extensions/**/*")
WORK = ".quarto-render-"
OURS = "CNNLAYERS_BUILD"  # set while tools.build is what runs Quarto
ANSI = re.compile(r"\x1b\[[0-9;]*m")
PROGRESS = re.compile(r"\s*\[\s*\d+/\d+\]")
WARNING = 30  # the level of a warning in Quarto's log; below it is progress
BROKEN = re.compile(r"Unable to resolve|not found|[Dd]uplicate|could not be|Could not|missing")


class Quarto(NamedTuple):
    """Quarto's program, and what it says its version is."""

    program: str
    version: str


def find() -> Quarto | None:
    """Return Quarto, from the search path or this environment, if it answers."""
    beside = Path(sys.executable).parent / "quarto"
    found = shutil.which("quarto") or (str(beside) if beside.is_file() else None)
    if found is None:
        return None
    try:
        command = [found, "--version"]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return Quarto(found, ran.stdout.strip())


def choose(renderer: str, say: Callable[[str], None]) -> Quarto | None:
    """Return Quarto if that is to render: where it is there, unless told otherwise."""
    quarto = None if renderer == "builtin" else find()
    if quarto is None and renderer == "quarto":
        raise BookError(
            "Quarto was asked for, and there is no `quarto` on the path or in the environment."
        )
    if quarto is None and renderer == "auto":
        say("Quarto is not on this machine: the built-in renderer makes the same site and PDF.")
    return quarto


def render(
    quarto: Quarto,
    prepared: dict[str, list[Prepared]],
    editions: list[Edition],
    target: Path,
    kept: Kept,
    problems: Problems,
    say: Callable[[str], None],
) -> None:
    """Render into `target` those of the editions whose chapters are prepared, if they changed."""
    for edition in editions:
        if chapters := prepared.get(edition.name):

            def make(edition: Edition = edition, chapters: list[Prepared] = chapters) -> Files:
                return rendered(quarto.program, edition, chapters, kept, problems, say)

            root = edition.root
            read = (path for some in READ for path in root.glob(some))
            cells = [chapter.made_from for chapter in chapters]
            made_from = quarto.version, edition.name, digest_of_files(root, read), cells
            for name, content in kept.make(make, *made_from, problems=problems).items():
                path = target / edition.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


def rendered(
    program: str,
    edition: Edition,
    chapters: list[Prepared],
    kept: Kept,
    problems: Problems,
    say: Callable[[str], None],
) -> Files:
    """Return an edition as Quarto makes it, with what that still needs."""
    root = edition.root
    freeze(root, chapters)
    say(f"Quarto renders {edition.name}")
    for left in root.glob(f"{WORK}*"):  # by a build that was killed
        shutil.rmtree(left, ignore_errors=True)
    # Quarto wants an output folder inside the project; one that begins with a dot is no input.
    with tempfile.TemporaryDirectory(prefix=WORK, dir=root) as folder:
        log, made = Path(folder) / "log", Path(folder) / edition.folder
        command = [program, "render", "--profile", edition.name, "--use-freezer"]
        command += ["--output-dir", str(made.relative_to(root))]
        command += ["--log", str(log), "--log-level", "info", "--log-format", "json-stream"]
        wrong = complaints(run(command, root, say), log)
        for name in [*(page.output for page in edition.pages), edition.pdf]:
            if not (made / name).is_file():
                wrong.append(f"{edition.name}: Quarto did not make {name}")
        if wrong:
            raise BookError("\n".join(wrong))
        complete(edition, chapters, made, kept, problems)
        files = (path for path in made.rglob("*") if path.is_file())
        return {path.relative_to(made).as_posix(): path.read_bytes() for path in files}


def surroundings(root: Path) -> dict[str, str]:
    """Return the environment in which Quarto runs cells and scripts with this Python."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**environment(root), "PATH": path, "QUARTO_PYTHON": sys.executable}


def run(command: list[str], root: Path, say: Callable[[str], None]) -> list[str]:
    """Run Quarto, passing on its progress; return all it said."""
    env = {**surroundings(root), OURS: "1"}
    options: dict[str, Any] = {"encoding": "utf-8", "errors": "replace"}
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    # `quarto` is a script, and what it starts must end with it.
    process = subprocess.Popen(
        command, cwd=root, env=env, start_new_session=True, **output, **options
    )
    assert process.stdout is not None
    lines: list[str] = []
    try:
        for line in process.stdout:
            lines.append(ANSI.sub("", line.rstrip()))
            if PROGRESS.match(lines[-1]):
                say(f"  {lines[-1].strip()}")
        process.wait()
    finally:
        if process.poll() is None:
            process.kill() if os.name == "nt" else os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()
    if process.returncode:
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

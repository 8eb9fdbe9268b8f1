"""Make `.venv` and install `requirements.txt` into it: what `make` does first.

Runs on a bare Python, so it uses the standard library alone. Quarto comes last and apart: while pip
installs `quarto-cli` it downloads Quarto's program from another host, and where that host cannot be
reached the book is still made, by the built-in renderer.
"""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements.txt"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pip(*args: str) -> tuple[int, str]:
    """Run pip, counting packages aloud as it goes; return its exit code and what it printed."""
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", *args]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    lines: list[str] = []
    collected = 0
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Collecting"):
            collected += 1
            if collected % 20 == 0:
                print(f"  {collected} packages found so far", flush=True)
        elif line.startswith("Installing collected"):
            print("  installing them", flush=True)
    return process.wait(), "".join(lines)


def without_quarto(requirements: str) -> tuple[str, str]:
    """Split the requirements into all but Quarto's line, and Quarto's requirement."""
    lines = requirements.splitlines(keepends=True)
    quarto = [line for line in lines if line.startswith("quarto-cli")]
    rest = "".join(line for line in lines if line not in quarto)
    return rest, quarto[0].split("#")[0].strip()


def install() -> None:
    """Make the environment and install everything; end the program if pip cannot."""
    if sys.version_info < (3, 11):  # noqa: UP036  an older Python gets here and should be told
        sys.exit(
            f"Python 3.11 or later is needed, and {sys.executable} is {sys.version.split()[0]}: "
            "run `make PYTHON=/path/to/python3.11 …`."
        )
    print("Setting up .venv (once; a minute or two)", flush=True)
    if not PYTHON.exists():
        shutil.rmtree(VENV, ignore_errors=True)
        venv.create(VENV, with_pip=True)
    rest, quarto = without_quarto(REQUIREMENTS.read_text(encoding="utf-8"))
    listed = VENV / "requirements-without-quarto.txt"
    # pip takes relative paths such as `-e .` from where it runs, not from where the list lies.
    listed.write_text(rest, encoding="utf-8")
    code, output = pip("-r", str(listed))
    if code:
        sys.exit(f"{output}\npip could not install requirements.txt (see above).")
    if shutil.which("quarto"):
        print("  Quarto is already on this machine")
    else:
        print(f"  {quarto} (downloads about 130 MB)", flush=True)
        code, _ = pip("--no-deps", "--retries", "0", quarto)
        if code:
            print(
                "  Quarto's program cannot be downloaded here: the built-in renderer makes the "
                "book instead. (`make clean` and a second run try again.)"
            )
    (VENV / "ready").touch()


def browser() -> None:
    """Fetch the browser for the tests where the machine has none; without it those tests skip."""
    cached = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache/ms-playwright"))
    if any(map(shutil.which, BROWSERS)) or any(cached.glob("chromium*")):
        return
    print("No Chromium found: fetching one for the tests", flush=True)
    command = [str(PYTHON), "-m", "playwright", "install", "chromium"]
    if subprocess.run(command, cwd=ROOT, capture_output=True).returncode:
        print("  it cannot be downloaded here: tests that need a browser will be skipped")


if __name__ == "__main__":
    if "--browser" in sys.argv[1:]:
        browser()
    else:
        install()

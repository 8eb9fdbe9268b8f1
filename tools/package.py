"""Test the package alone, as `pip` installs it: `python tools/package.py [--numpy "numpy==2.0.*"]`.

Makes a wheel, installs it into an environment of its own with the NumPy that is asked for, and
runs the package's tests there. Needs the standard library alone, so it runs anywhere.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description="Test the package alone.")
    parser.add_argument("--numpy", default="numpy", metavar="SPEC", help="which NumPy")
    parser.add_argument(
        "tests", nargs="*", default=["tests/cnnlayers"], help="what pytest is given"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder, "environment")
        venv.create(environment, with_pip=True)
        python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        subprocess.run([*pip, "install", wheel, options.numpy, "pytest", "hypothesis"], check=True)
        program = (
            "import cnnlayers, numpy; print(cnnlayers.__file__, 'with NumPy', numpy.__version__)"
        )
        subprocess.run([python, "-c", program], cwd=folder, check=True)
        # The tests of the book's own tools need what only they install.
        alone = ["--confcutdir=tests/cnnlayers", "--override-ini=addopts=--import-mode=importlib"]
        return subprocess.run(
            [python, "-m", "pytest", "-q", *alone, *options.tests], cwd=ROOT
        ).returncode


if __name__ == "__main__":
    sys.exit(main())

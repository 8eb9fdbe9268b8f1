"""The package as a wheel, which stands beside the notebooks: one installs it from there."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Lock

from tools.problems import BookError
from tools.source.config import fixed
from tools.source.kept import digest_of_files

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "src/cnnlayers")


ONE_AT_A_TIME = Lock()  # editions are written side by side


def build(root: Path = ROOT) -> Path:
    """Return the wheel of the package, built anew if its sources have changed."""
    with ONE_AT_A_TIME:
        return built(root)


def built(root: Path) -> Path:
    """Build the wheel, if the one that is kept is not of these sources."""
    every = [path for name in SOURCES for path in ((root / name), *(root / name).rglob("*"))]
    made = root / ".cache" / "wheels" / digest_of_files(root, every)
    if not made.is_dir():
        made.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=made.parent, prefix=".") as folder:
            fill(root, Path(folder))
            try:
                Path(folder, "made").rename(made)
            except OSError:  # another build was faster
                if not made.is_dir():
                    raise
        for old in made.parent.iterdir():
            if old != made and not old.name.startswith("."):
                shutil.rmtree(old, ignore_errors=True)
    return next(made.glob("*.whl"))


def fill(root: Path, folder: Path) -> None:
    """Build the wheel in a copy of its sources, into `made`: setuptools leaves folders there."""
    copy, made = folder / "copy", folder / "made"
    made.mkdir()
    for name in SOURCES:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        if (root / name).is_dir():
            shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(root / name, copy / name)
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(made)],
        cwd=copy,
        env={**os.environ, **fixed(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BookError(f"The wheel of the package cannot be built:\n{done.stderr.strip()}")

"""Quarto runs this before a render (`pre-render` in _quarto.yml): what filters and cells need."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # as a script it starts with its own folder there

from tools import apps, exercises  # noqa: E402
from tools.problems import explained  # noqa: E402
from tools.quarto import freeze, render  # noqa: E402


def main() -> None:
    """Prepare what filters read; drop what Quarto kept of cells whose sources have changed."""
    if render.OURS not in os.environ:  # tools.build has done it
        apps.prepare(ROOT)
        exercises.prepare(ROOT)
        freeze.thaw(ROOT)


if __name__ == "__main__":
    sys.exit(explained(main, ROOT))

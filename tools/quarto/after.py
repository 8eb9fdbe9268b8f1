"""Quarto runs this after a render (`post-render` in _quarto.yml): it completes the edition.

The edition's folder is in QUARTO_PROJECT_OUTPUT_DIR.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # as a script it starts with its own folder there

from tools import apps  # noqa: E402
from tools.problems import Problems, explained  # noqa: E402
from tools.quarto import complete, render  # noqa: E402
from tools.site import whole  # noqa: E402
from tools.source import config  # noqa: E402
from tools.source.prepare import keeper, prepare  # noqa: E402


def main() -> None:
    """Add to what Quarto made what it has no place for."""
    if render.OURS in os.environ:  # tools.build does it, once for all editions
        return
    site = Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"])
    editions = config.editions(ROOT)
    edition = next(e for e in editions if e.folder == site.name)
    kept = keeper(ROOT)
    problems = Problems()
    prepared = prepare(ROOT, [edition], kept, problems, print)
    complete.complete(edition, prepared[edition.name], site, kept, problems)
    apps.publish(ROOT, site.parent)
    whole.complete(ROOT, editions, prepared, site.parent, print)


if __name__ == "__main__":
    sys.exit(explained(main, ROOT))

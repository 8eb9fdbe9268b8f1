"""The folder to upload, and what else is published: `python -m tools.site.publish`."""

import shutil
import sys
from pathlib import Path

from tools import build
from tools.site.address import addresses
from tools.source import config

# What Binder installs for the notebooks.
BINDER = "cnnlayers @ git+{repository}\nmatplotlib\nipython\n"
HEADERS = """
_book/ is what to upload. What the host should send with it:
  .wasm as application/wasm, .whl and .data as application/octet-stream;
  for what stands under shinylive/, Cache-Control: max-age=31536000; for pages, no-cache;
  for pages, Content-Security-Policy: frame-ancestors 'self', which a page cannot say itself;
  404.html for an address that there is not."""


def notebooks(root: Path, target: Path) -> int:
    """Gather the notebooks in a folder, as the branch that Colab and Binder open; count them."""
    shutil.rmtree(target, ignore_errors=True)
    found = sorted((root / "_book").rglob("*.ipynb"))
    wheels = (root / "_book").rglob("cnnlayers-*.whl")  # which their first cells install
    for path in (*found, *wheels):
        there = target / path.relative_to(root / "_book")
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, there)
    if repository := addresses(root).repository:
        (target / "requirements.txt").write_text(BINDER.format(repository=repository))
    return len(found)


def main() -> int:
    """Build everything that is published."""
    failed = build.main(["--epub"])
    if failed:
        return failed
    root = Path.cwd()
    count = notebooks(root, root / "dist" / "notebooks")
    print(f"  {count} notebooks in dist/notebooks, for {len(config.editions(root))} editions")
    print(HEADERS)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What `quarto render` leaves to do: notebooks, the front door, no request to other hosts.

Quarto runs this after a render (`post-render` in _quarto.yml), with the edition's folder in
QUARTO_PROJECT_OUTPUT_DIR.
"""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # as a script it starts with its own folder there

from tools.build import finish  # noqa: E402

# Where a cell shows HTML of its own, such as an animation, Quarto expects a widget and loads these
# libraries from another host. No cell of the book uses them.
FOREIGN = re.compile(
    r'<script src="https://cdn\.jsdelivr\.net/npm/(?:requirejs|jquery)@[^>]*></script>\n?'
    r"|<script type=\"application/javascript\">define\('jquery'.*?</script>\n?"
)


def drop_foreign_scripts(site: Path) -> None:
    """Remove the widget libraries from the pages of an edition."""
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        cleaned = FOREIGN.sub("", text)
        if cleaned != text:
            page.write_text(cleaned, encoding="utf-8")


def main() -> None:
    """Finish the edition that Quarto has just rendered."""
    site = Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"])
    drop_foreign_scripts(site)
    finish(ROOT, site)


if __name__ == "__main__":
    main()

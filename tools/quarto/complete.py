"""What Quarto's pages still need: notebooks, no request to other hosts, no word left in English."""

import re
from pathlib import Path

from tools import notebooks
from tools.problems import Problems
from tools.source.config import Edition
from tools.source.kept import Kept
from tools.source.prepare import Prepared

# Where a cell shows HTML of its own, such as an animation, Quarto expects a widget and loads these
# libraries from another host. No cell of the book uses them.
FOREIGN = re.compile(
    r'<script src="https://cdn\.jsdelivr\.net/npm/(?:requirejs|jquery)@[^>]*></script>\n?'
    r"|<script type=\"application/javascript\">define\('jquery'.*?</script>\n?"
)
# Names that no `language:` option reaches.
UNTRANSLATED = {"Toggle callout": "toggle-callout", "breadcrumb": "breadcrumb"}


def complete(
    edition: Edition, chapters: list[Prepared], site: Path, kept: Kept, problems: Problems
) -> None:
    """Complete an edition that Quarto has rendered into `site`."""
    for path in sorted(site.rglob("*.html")):
        before = path.read_text(encoding="utf-8")
        text = FOREIGN.sub("", before)
        for word, key in UNTRANSLATED.items():
            text = text.replace(f'aria-label="{word}"', f'aria-label="{edition.words[key]}"')
        if text != before:
            path.write_text(text, encoding="utf-8")
    notebooks.write(chapters, site, kept, problems)
    problems.stop()

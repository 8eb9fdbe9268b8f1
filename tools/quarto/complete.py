"""What Quarto's pages still need: notebooks, their policy, and no word left in English."""

import re
from pathlib import Path

from tools import notebooks, policy
from tools.problems import Problems
from tools.source.config import Edition
from tools.source.kept import Kept
from tools.source.packing import packed
from tools.source.prepare import Prepared

# Where a cell shows HTML of its own, such as an animation, Quarto expects a widget and loads these
# libraries from another host. No cell of the book uses them.
FOREIGN = re.compile(
    r'<script src="https://cdn\.jsdelivr\.net/npm/(?:requirejs|jquery)@[^>]*></script>\n?'
    r"|<script type=\"application/javascript\">define\('jquery'.*?</script>\n?"
)
TAKEN = "site_libs/taken"  # where what is taken out of pages goes
# Quarto's own scripts put styles into its pages, and a font; its stylesheets hold small pictures.
DATA = "img-src 'self' data:; font-src 'self' data:"
POLICY = f"{policy.POLICY}; style-src 'self' 'unsafe-inline'; {DATA}"
# Names that no `language:` option reaches.
UNTRANSLATED = {"Toggle callout": "toggle-callout", "breadcrumb": "breadcrumb"}
# Navigations, of which a screen reader lists the names; Quarto gives these none.
NAMELESS = {
    '<nav id="quarto-sidebar"': ("chapters",),
    '<nav class="quarto-secondary-nav"': ("toggle-sidebar",),
    '<nav class="page-navigation"': ("previous", "next"),
}


def complete(
    edition: Edition, chapters: list[Prepared], site: Path, kept: Kept, problems: Problems
) -> None:
    """Complete an edition that Quarto has rendered into `site`."""
    for path in sorted(site.rglob("*.html")):
        text = FOREIGN.sub("", path.read_text(encoding="utf-8"))
        for word, key in UNTRANSLATED.items():
            text = text.replace(f'aria-label="{word}"', f'aria-label="{edition.words[key]}"')
        # Quarto calls links and buttons in its menus navigations; they are buttons.
        text = text.replace(' role="navigation"', ' role="button"')
        for start, keys in NAMELESS.items():
            name = ", ".join(edition.words[key] for key in keys)
            text = text.replace(start, f'{start} aria-label="{name}"')
        up = "../" * (len(path.relative_to(site).parts) - 1)
        text, files = policy.obey(text, f"{up}{TAKEN}/", POLICY)
        for name, content in files.items():
            (site / TAKEN).mkdir(parents=True, exist_ok=True)
            (site / TAKEN / name).write_bytes(content)
        path.write_text(text, encoding="utf-8")
    pdf = site / edition.pdf
    if pdf.is_file():  # `quarto render --to html` makes none
        pdf.write_bytes(packed(pdf.read_bytes()))
    notebooks.write(chapters, site, kept, problems)
    problems.stop()

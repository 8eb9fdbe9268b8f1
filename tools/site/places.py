"""Every address that the book has published: `python -m tools.site.places` adds the new ones.

What was once published stays: a test fails when an address of the list is gone. Who has to rename
a label leaves the old one as an empty place, `[]{#sec-old}`, and who moves a page adds it to MOVED.
"""

import re
import sys
from pathlib import Path

from tools.source import config
from tools.source.config import Edition

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "docs" / "addresses.txt"
# Pages that moved, and where to; `{lang}` stands for either edition.
MOVED: dict[str, str] = {}
PLACE = re.compile(r'\bid="((?:sec|fig|tbl|eq|exr)-[^"./]+)"')
STUB = """<!DOCTYPE html>
<html lang="{lang}">
<meta charset="utf-8">
<title>{to}</title>
<link rel="canonical" href="{to}">
<meta http-equiv="refresh" content="0; url={to}">
<p><a href="{to}">{to}</a></p>
</html>
"""


def places(book: Path, edition: Edition) -> set[str]:
    """Return the addresses of an edition, with `{lang}` for its name."""
    found: set[str] = set()
    for page in edition.pages:
        name = page.output.replace(f"/{edition.name}/", "/{lang}/")
        text = (book / edition.folder / page.output).read_text(encoding="utf-8")
        found |= {name, *(f"{name}#{place}" for place in PLACE.findall(text))}
    return {place for place in found if not re.search(r"-caption-[0-9a-f]+|#\w+-\S*-\d+$", place)}


def leave_signs(edition: Edition, folder: Path) -> None:
    """Write a page that leads on where one has moved."""
    for before, after in MOVED.items():
        old, new = before.format(lang=edition.name), after.format(lang=edition.name)
        target = folder / old
        target.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * old.count("/")
        target.write_text(STUB.format(lang=edition.lang, to=up + new), encoding="utf-8")


def main() -> int:
    """Add what `_book/` has to the list."""
    known = set(LIST.read_text(encoding="utf-8").split()) if LIST.is_file() else set()
    for edition in config.editions(ROOT):
        known |= places(ROOT / "_book", edition)
    LIST.write_text("\n".join(sorted(known)) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Which pages changed, for who reviews: `python -m tools.site.changed` compares with the site.

The site says in `pages.json` what its pages say; SITE_URL, or `site-url` in `_quarto.yml`, tells
where it is. Prints a list in Markdown.
"""

import json
import sys
import urllib.request
from pathlib import Path
from urllib.error import URLError

from tools.problems import BookError
from tools.site.address import addresses
from tools.site.whole import LIST

SECONDS = 30


def changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """List what is new, what changed and what is gone."""
    lines = [f"- new: `{page}`" for page in after if page not in before]
    lines += [
        f"- changed: `{page}`" for page in after if before.get(page, "") not in ("", after[page])
    ]
    return lines + [f"- gone: `{page}`" for page in before if page not in after]


def published(site: str) -> dict[str, str]:
    """Return what the site says of its pages; nothing if there is none yet."""
    try:
        with urllib.request.urlopen(f"{site}/{LIST}", timeout=SECONDS) as answer:
            return json.load(answer)
    except (URLError, ValueError, TimeoutError):
        return {}


def main() -> int:
    """Print the list."""
    root = Path.cwd()
    try:
        site = addresses(root).site
        after = json.loads((root / "_book" / LIST).read_text(encoding="utf-8"))
    except (BookError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    before = published(site) if site else {}
    where = site if before else "nothing published yet"
    lines = changes(before, after)
    print(f"## Pages that change\n\nCompared with {where}.\n")
    print("\n".join(lines or ["None."]))
    return 0


if __name__ == "__main__":
    sys.exit(main())

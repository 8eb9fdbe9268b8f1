"""Builds the book with pages that stand in for the applications' exports.

It takes the arguments of `tools.build`, from whose sources it is run: on a machine that cannot
download Shinylive's assets it makes a book whose applications start all the same.
"""

import sys
from pathlib import Path
from typing import Any

from tools import apps, build

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A stand-in</title>
<link rel="icon" href="data:,"></head><body><main><h1>It runs</h1><p id="state"></p></main>
<script>document.getElementById("state").textContent = location.search;</script></body></html>"""
real = apps._shinylive


def shinylive(*arguments: str, **options: Any) -> str:
    """Write the stand-in where an application would be exported."""
    if arguments[0] != "export":
        return real(*arguments, **options)
    _, _, site, _, name, *_ = arguments
    page = Path(site) / name / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE, encoding="utf-8")
    return ""


if __name__ == "__main__":
    apps._assets_missing = lambda: None
    apps._shinylive = shinylive
    sys.exit(build.main())

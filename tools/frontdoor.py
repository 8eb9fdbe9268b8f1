"""The page that `_book/` opens with: both editions, and the reader's choice remembered."""

from pathlib import Path

import jinja2

from tools.source.config import Edition

HERE = Path(__file__).parent


def write(editions: list[Edition], target: Path) -> None:
    """Write `index.html` above the editions."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined
    )
    page = environment.get_template("frontdoor.html").render(doors=editions)
    (target / "index.html").write_text(page, encoding="utf-8")

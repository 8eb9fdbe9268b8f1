"""Every link and picture of the built site leads somewhere, and nothing comes from elsewhere."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The addresses and anchors of one page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.images_without_alt: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "html":
            self.attributes = attributes
        for name in ("id", "name"):
            if attributes.get(name):
                self.anchors.add(attributes[name] or "")
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"] or "")
        if tag == "link" and "stylesheet" in (attributes.get("rel") or ""):
            self.loaded.append(attributes["href"] or "")
        if tag in ("script", "img", "iframe", "source") and attributes.get("src"):
            self.loaded.append(attributes["src"] or "")
        if tag == "img" and not attributes.get("alt") and attributes.get("role") != "presentation":
            self.images_without_alt.append(attributes.get("src") or "?")


def pages_of(root: Path) -> dict[Path, Page]:
    found = {path.resolve(): Page(path) for path in sorted(root.rglob("*.html"))}
    return {path: page for path, page in found.items() if "site_libs" not in path.parts}


def test_no_link_and_no_anchor_is_dead(site) -> None:
    pages = pages_of(site.root)
    dead = []
    for path, page in pages.items():
        for link in [*page.links, *page.loaded]:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target = target / "index.html"
            where = path.relative_to(site.root.resolve())
            if not target.exists():
                dead.append(f"{where}: {link}")
            elif parts.fragment and target in pages:
                if unquote(parts.fragment) not in pages[target].anchors:
                    dead.append(f"{where}: {link} (no such anchor)")
    assert not dead


def test_pages_load_nothing_from_other_hosts(site) -> None:
    for path, page in pages_of(site.root).items():
        foreign = [address for address in page.loaded if re.match(r"(https?:)?//", address)]
        assert not foreign, path


def test_every_picture_says_what_it_shows(site) -> None:
    for path, page in pages_of(site.root).items():
        assert not page.images_without_alt, path


def test_every_page_names_its_language(site) -> None:
    for language in ("es", "en"):
        for path, page in pages_of(site.root / language).items():
            assert page.attributes.get("lang") == language, path

"""What the site has beside its pages: what they load, a map, a way back from a wrong address."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2

from tools import words
from tools.site import pages, places
from tools.site.address import NOTEBOOKS, Addresses, addresses, history
from tools.site.pages import FOLDER, Entry
from tools.source.config import Edition
from tools.source.kept import digest
from tools.source.prepare import Prepared

HERE = Path(__file__).parent
LOADED = ("site.css", "site.js", "door.js", "lost.js", "favicon.svg")
COVERS = "docs/cover"  # drawn by `book/cover.py`
# Where a reader who wants to do something begins.
WAYS = {
    "play": "chapters/{lang}/convolution.html#sec-conv-by-hand",
    "write": "chapters/{lang}/convolution.html#sec-zero-padding",
}
LIST = "pages.json"  # in `_book/`: what the pages are, for whoever compares two sites


def complete(
    root: Path,
    editions: list[Edition],
    prepared: dict[str, list[Prepared]],
    target: Path,
    say: Callable[[str], None],
) -> None:
    """Complete the site in `target`, of which the prepared editions were rendered just now."""
    known, past = addresses(root), history(root)
    if missing := known.missing():
        say(f"Left out: {'; '.join(missing)}")
    folder = target / FOLDER
    folder.mkdir(exist_ok=True)
    for name in LOADED:
        shutil.copy(HERE / name, folder)
    there = [e for e in editions if (target / e.folder).is_dir()]
    for edition in there:
        places.leave_signs(edition, target / edition.folder)
    for picture in (root / COVERS).glob("c*.png"):
        shutil.copy(picture, folder)
    listed = {e.name: pages.entries(e, prepared[e.name]) for e in there if e.name in prepared}
    versions: dict[str, list[Entry]] = {}
    for entry in (entry for listing in listed.values() for entry in listing):
        versions.setdefault(entry.key, []).append(entry)
    for same in versions.values():
        for entry in same:
            pages.complete(entry, same, target, known, past, version(root))
    everything = [entry for same in versions.values() for entry in same]
    if known.site:
        write_for_machines(everything, versions, known, target)
    front_door(there, known, target)
    (target / LIST).write_text(listing(target, there), encoding="utf-8")


def version(root: Path) -> str:
    """Return the version of the package that the book is about."""
    for line in (root / "src/cnnlayers/__init__.py").read_text(encoding="utf-8").splitlines():
        if line.startswith("__version__"):
            return line.split('"')[1]
    return ""


def write_for_machines(
    everything: list[Entry], versions: dict[str, list[Entry]], known: Addresses, target: Path
) -> None:
    """Write the map of the site, what robots may read, and the page for a wrong address."""
    site = known.site
    fill_in("sitemap.xml", target, site=site, entries=everything, versions=versions)
    robots = f"User-agent: *\nAllow: /\n\nSitemap: {site}/sitemap.xml\n"
    (target / "robots.txt").write_text(robots, encoding="utf-8")
    base = urlsplit(site or "").path + "/"  # a wrong address may be at any depth
    said = {lang: words.load("site", lang) for lang in sorted(words.languages(), reverse=True)}
    doors = [e for e in everything if e.position == 0]
    listed = [{"path": e.path, "title": e.title, "lang": e.edition.lang} for e in everything]
    pages_there = json.dumps(listed, ensure_ascii=False)
    fill_in("404.html", target, base=base, said=said, doors=doors, listed=pages_there)


def fill_in(template: str, target: Path, **values: Any) -> None:
    """Write one of this folder's templates, filled in."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    page = environment.get_template(template).render(**values)
    (target / template).write_text(page, encoding="utf-8")


def front_door(editions: list[Edition], known: Addresses, target: Path) -> None:
    """Write the page that the site opens with."""
    said = {edition.name: words.load("site", edition.lang) for edition in editions}
    places = {edition.name: list(ways_in(edition, known, target)) for edition in editions}
    pictures = any((target / FOLDER).glob("cover-*.png"))
    fill_in(
        "index.html", target,
        doors=editions, said=said, known=known, places=places, pictures=pictures,
    )  # fmt: skip


def ways_in(edition: Edition, known: Addresses, target: Path) -> Iterator[tuple[str, str]]:
    """Give what else there is to go to, by the word for it: what is there and no more."""
    folder = f"{edition.folder}/"
    for name, place in WAYS.items():
        page = place.partition("#")[0].format(lang=edition.name)
        if (target / folder / page).is_file():
            yield name, folder + place.format(lang=edition.name)
    for name, file in (("pdf", edition.pdf), ("epub", edition.pdf.replace(".pdf", ".epub"))):
        if (target / folder / file).is_file():
            yield name, folder + file
    if (target / folder / "index.ipynb").is_file() and known.repository:
        yield "notebooks", f"{known.repository}/tree/{NOTEBOOKS}/{edition.folder}"
    if known.repository:
        yield "code", known.repository


def listing(target: Path, editions: list[Edition]) -> str:
    """List the pages with a name for what each says, by which another site can be compared."""
    found: dict[str, str] = {}
    for edition in editions:
        for page in edition.pages:
            path = target / edition.folder / page.output
            text = path.read_text(encoding="utf-8")
            start = text.find("<main")
            main = text[start : text.find('<section class="about-page"', start)]
            found[f"{edition.folder}/{page.output}"] = digest(main)
    return json.dumps(found, indent=0) + "\n"

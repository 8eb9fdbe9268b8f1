"""A copy of each edition for who is offline, in one file: `python -m tools.site.offline`.

What it holds is what `_book/` holds of the edition; it is opened by its `index.html`.
"""

import re
import shutil
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from tools.problems import BookError
from tools.site import whole
from tools.site.address import Addresses, addresses
from tools.site.pages import FOLDER
from tools.source import config
from tools.source.config import Edition

# The way to an edition that is not in the copy.
SWITCH = re.compile(r'<a\b[^>]*class="[^"]*\b(?:switch-)?language\b[^"]*"[^>]*>.*?</a>', re.DOTALL)
NOT_IN_A_COPY = ("404.html", "sitemap.xml", "robots.txt", whole.LIST)


def write(root: Path, book: Path, edition: Edition, target: Path) -> Path:
    """Write an edition's copy into the folder `target`; return its path."""
    if not (book / edition.folder / "index.html").is_file():
        raise BookError(f"{book}: no edition {edition.name} is here; `make book` makes it")
    others = {e.folder for e in config.editions(root)} - {edition.folder}
    name = edition.pdf.removesuffix(".pdf")
    moment = time.gmtime(int(config.fixed(root)["SOURCE_DATE_EPOCH"]))[:6]
    target.mkdir(parents=True, exist_ok=True)
    path = target / f"{name}.zip"
    with tempfile.TemporaryDirectory() as folder:
        door = Path(folder)
        for part in (edition.folder, FOLDER):
            shutil.copytree(book / part, door / part)
        whole.front_door([edition], Addresses(None, addresses(root).repository), door)
        unfinished = path.with_suffix(".part")
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(p for p in [*book.rglob("*"), *door.glob("*.html")] if p.is_file()):
                inside = file.relative_to(door if file.is_relative_to(door) else book)
                top = inside.parts[0]
                if top in others or (inside.name in NOT_IN_A_COPY and len(inside.parts) == 1):
                    continue
                if inside.name == "index.html" and len(inside.parts) == 1 and file.parent == book:
                    continue  # that of all editions
                content = file.read_bytes()
                if file.suffix == ".html" and top == edition.folder:
                    content = SWITCH.sub("", content.decode()).encode()
                archive.writestr(zipfile.ZipInfo(f"{name}/{inside.as_posix()}", moment), content,
                                 zipfile.ZIP_DEFLATED)  # fmt: skip
        unfinished.replace(path)
    return path


def main() -> int:
    """Write the copy of every edition that was rendered."""
    root = Path.cwd()
    try:
        for edition in config.editions(root):
            path = write(root, root / "_book", edition, root / "dist" / "offline")
            size = path.stat().st_size / 1e6
            print(f"{edition.lang}: {path.relative_to(root)} ({size:.1f} MB)", flush=True)
    except BookError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

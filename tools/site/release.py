"""What a release is made of: `python -m tools.site.release v1.2.0`.

Stops if tag, version, citation and changelog do not agree. Leaves the wheel and the sdist in
`dist/package`; these, the PDFs, the EPUBs and the offline copies in `dist/release/files`; and what
the changelog says of the version in `dist/release/notes.md`.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tools.problems import BookError
from tools.site import offline, publish
from tools.site.whole import version
from tools.source import config

CHANGES = "CHANGELOG.md"


def notes(root: Path, number: str) -> str:
    """Return what the changelog says of a version."""
    text = (root / CHANGES).read_text(encoding="utf-8")
    found = re.search(rf"(?ms)^## {re.escape(number)}\b[^\n]*\n(.*?)(?=^## |\Z)", text)
    if not found or not found[1].strip():
        raise BookError(f"{CHANGES}:1: it says nothing of version {number}: `## {number} (date)`")
    return found[1].strip() + "\n"


def agree(root: Path, tag: str) -> str:
    """Return the version that a tag names, if everything else names it too."""
    if not re.fullmatch(r"v\d+\.\d+\.\d+", tag):
        raise BookError(f"{tag!r} is no release's tag; it must be like v1.2.0")
    number = tag.removeprefix("v")
    cited = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))["version"]
    said = {"src/cnnlayers/__init__.py": version(root), "CITATION.cff": str(cited)}
    if other := [f"{file} says {what}" for file, what in said.items() if what != number]:
        raise BookError(f"the tag is {tag}, but {' and '.join(other)}")
    notes(root, number)
    return number


def package(root: Path) -> list[Path]:
    """Make the wheel and the sdist."""
    target = root / "dist" / "package"
    shutil.rmtree(target, ignore_errors=True)
    command = [sys.executable, "-m", "uv", "build", "--quiet", "--out-dir", str(target)]
    subprocess.run(command, cwd=root, check=True)
    return sorted(path for path in target.iterdir() if path.suffix in (".whl", ".gz"))


def main(arguments: list[str]) -> int:
    """Make a release."""
    root = Path.cwd()
    try:
        number = agree(root, arguments[0] if arguments else "")
        made = package(root)
        if failed := publish.main():
            return failed
        folder = root / "dist" / "release"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "files").mkdir(parents=True)
        for edition in config.editions(root):
            made += sorted((root / "_book" / edition.folder).glob(f"{edition.pdf[:-4]}.*"))
            made.append(offline.write(root, root / "_book", edition, root / "dist" / "offline"))
        for path in made:
            shutil.copy(path, folder / "files")
        (folder / "notes.md").write_text(notes(root, number), encoding="utf-8")
    except BookError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(f"dist/release/files/{path.name}" for path in made))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

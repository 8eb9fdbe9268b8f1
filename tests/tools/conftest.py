"""A small book in two editions, to render and to break.

Its sources stand in `small/`, once for both languages: `{{es|en}}` is the word of either.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tools.helpers import put
from tools import apps, build

SOURCES = Path(__file__).parent / "small"
LANGUAGES = ("es", "en")
# Where a source of `small/` has another name in an edition.
NAMES = {"es": {"only.qmd": "solo.qmd"}, "en": {"index.qmd": "index.en.qmd"}}


def in_language(text: str, lang: str) -> str:
    """Take the words of one language."""
    words = re.sub(
        r"\{\{(.*?)\|(.*?)\}\}",
        lambda found: found[1 + LANGUAGES.index(lang)],
        text,
        flags=re.DOTALL,
    )
    return words.replace("LANG", lang)


def write(root: Path) -> None:
    """Write the sources of a small book that is in order."""
    for path in sorted(SOURCES.rglob("*")):
        name = path.relative_to(SOURCES).as_posix()
        if path.is_dir() or "__pycache__" in name:
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".qmd" and "LANG" not in name:
            put(root / name, text)
            continue
        for lang in LANGUAGES:
            target = name.replace("LANG", lang).replace("chapters/", f"chapters/{lang}/")
            for written, meant in NAMES[lang].items():
                target = target.replace(written, meant)
            put(root / target, in_language(text, lang))


@pytest.fixture(scope="session", autouse=True)
def real_assets_missing() -> Iterator[Callable[[], str | None]]:
    """Let nobody ask the network for Shinylive's assets; return what would ask."""
    real = apps._assets_missing
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apps, "_assets_missing", lambda: "tests do not ask the network")
        yield real


@pytest.fixture(scope="session")
def rendered(once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """Return the folder of a small book that was rendered once; not to be changed."""

    def fill(folder: Path) -> None:
        write(folder / "book")
        build.build(folder / "book", "builtin", None, folder / "book" / "_book")

    return once("small-book", fill) / "book"


@pytest.fixture
def book(rendered: Path, tmp_path: Path) -> Path:
    """Return a copy of the rendered book, to change."""
    root = tmp_path / "book"
    shutil.copytree(rendered, root)
    return root


@pytest.fixture
def new_book(tmp_path: Path) -> Path:
    """Return the sources alone of the small book."""
    root = tmp_path / "book"
    write(root)
    return root

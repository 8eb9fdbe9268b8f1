"""What leaves the site: copies for reading offline, EPUBs, releases, lists of changes."""

import shutil
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

from tests.tools.helpers import edit, put
from tools import build
from tools.problems import BookError
from tools.site import changed, offline, places, publish, release
from tools.source import config

ROOT = Path(__file__).parents[3]


@pytest.fixture
def copies(rendered, tmp_path):
    """The offline copy of the Spanish edition, unpacked."""
    edition = config.editions(rendered)[0]
    path = offline.write(rendered, rendered / "_book", edition, tmp_path)
    zipfile.ZipFile(path).extractall(tmp_path)
    return tmp_path / "small-es"


def test_a_copy_holds_one_edition_and_opens_by_its_index(copies):
    assert sorted(path.name for path in copies.iterdir()) == ["apps", "es", "index.html", "site"]
    door = (copies / "index.html").read_text("utf-8")
    assert 'href="es/index.html"' in door and "en/" not in door
    page = (copies / "es/chapters/es/one.html").read_text("utf-8")
    assert 'class="language"' not in page and "../site/site.css" in page
    assert (copies / "es/small-es.pdf").is_file()


def test_a_copy_is_the_same_each_time(rendered, tmp_path):
    edition = config.editions(rendered)[1]
    first = offline.write(rendered, rendered / "_book", edition, tmp_path / "a").read_bytes()
    assert (
        offline.write(rendered, rendered / "_book", edition, tmp_path / "b").read_bytes() == first
    )


def test_a_copy_of_what_was_not_built_is_refused(new_book, tmp_path):
    with pytest.raises(BookError, match="no edition es is here; `make book` makes it"):
        offline.write(new_book, new_book / "_book", config.editions(new_book)[0], tmp_path)


def test_an_epub_is_whole(book, tmp_path):
    build.build(book, "builtin", ["en"], book / "_book", books=True)
    path = book / "_book/en/small-en.epub"
    with zipfile.ZipFile(path) as archive:
        pages = {n: archive.read(n).decode() for n in archive.namelist() if n.endswith(".xhtml")}
        chapters = [text for name, text in pages.items() if "/ch" in name]
    assert len(chapters) == 6
    together = "".join(chapters)
    assert "<math" in together and "data:" not in together and "book-place" not in together
    identifiers: set[str] = set()
    for text in pages.values():
        for element in ET.fromstring(text).iter():  # well-formed, or this fails
            if name := element.get("id"):
                assert name not in identifiers or not name.startswith(("sec-", "fig-")), name
                identifiers.add(name)
            if (address := element.get("src", "")).startswith("http"):
                raise AssertionError(address)
    if not shutil.which("epubcheck"):
        pytest.skip("epubcheck is not on this machine: `apt-get install epubcheck`")
    jar = ["java", "-jar", shutil.which("epubcheck")]
    done = subprocess.run([*jar, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_changes_are_listed():
    before = {"a": "1", "b": "1", "c": "1"}
    after = {"a": "1", "b": "2", "d": "1"}
    assert changed.changes(before, after) == ["- new: `d`", "- changed: `b`", "- gone: `c`"]


@pytest.fixture
def versions(tmp_path):
    """The files that name a version, alone."""
    put(tmp_path / "src/cnnlayers/__init__.py", '__version__ = "1.2.0"\n')
    put(tmp_path / "CITATION.cff", "version: 1.2.0\n")
    put(
        tmp_path / "CHANGELOG.md", "# Changes\n\n## 1.2.0 (today)\n\n- New.\n\n## 1.1.0\n\n- Old.\n"
    )
    return tmp_path


def test_a_release_needs_one_version_everywhere(versions):
    assert release.agree(versions, "v1.2.0") == "1.2.0"
    assert release.notes(versions, "1.2.0") == "- New.\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "tag", "message"),
    [
        ("CITATION.cff", "1.2.0", "1.1.0", "v1.2.0", "CITATION.cff says 1.1.0"),
        ("src/cnnlayers/__init__.py", "1.2", "1.3", "v1.2.0", "__init__.py says 1.3.0"),
        ("CHANGELOG.md", "## 1.2.0", "## 1.2.1", "v1.2.0", "nothing of version 1.2.0"),
        ("CHANGELOG.md", "New", "Newer", "1.2.0", "'1.2.0' is no release's tag"),
    ],
)
def test_a_release_that_disagrees_is_refused(versions, file, old, new, tag, message):
    edit(versions / file, old, new)
    with pytest.raises(BookError, match=message):
        release.agree(versions, tag)


def test_this_version_could_be_released():
    number = release.version(ROOT)
    assert release.agree(ROOT, f"v{number}") == number


def test_notebooks_are_gathered_for_colab_and_binder(rendered, tmp_path, monkeypatch):
    monkeypatch.setenv("REPO_URL", "https://github.com/someone/book")
    assert publish.notebooks(rendered, tmp_path / "n") == len(
        list((tmp_path / "n").rglob("*.ipynb"))
    )
    assert (tmp_path / "n/es/chapters/es/one.ipynb").is_file()
    assert "git+https://github.com/someone/book" in (tmp_path / "n/requirements.txt").read_text()


def test_a_page_that_moved_leaves_a_sign(rendered, tmp_path, monkeypatch):
    moved = {"chapters/{lang}/old.html": "chapters/{lang}/one.html"}
    monkeypatch.setattr(places, "MOVED", moved)
    places.leave_signs(config.editions(rendered)[0], tmp_path)
    sign = (tmp_path / "chapters/es/old.html").read_text("utf-8")
    assert 'content="0; url=../../chapters/es/one.html"' in sign

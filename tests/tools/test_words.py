"""The table of words: complete in every language, and nothing in it that nobody says."""

import json
import re
from pathlib import Path

import pytest

from tools import words
from tools.source import config

ROOT = Path(__file__).parents[2]
TABLE = json.loads(words.FILE.read_text(encoding="utf-8"))
# Words that the tools put together from a kind and an ending.
MADE = re.compile(
    r"crossref-\w+-(title|prefix)|callout-\w+-title|app-(title|start|open|run)-\w+|pencil-\w+"
)


@pytest.mark.parametrize("section", TABLE)
def test_every_word_is_there_in_both_languages(section):
    for key, word in TABLE[section].items():
        assert word.keys() == {"es", "en"}, key
        assert all(text.strip() for text in word.values()), key


@pytest.mark.parametrize("section", TABLE)
def test_both_languages_fill_in_the_same_values(section):
    for key, word in TABLE[section].items():
        holes = {lang: sorted(re.findall(r"\{\w*\}", text)) for lang, text in word.items()}
        assert holes["es"] == holes["en"], key


def test_a_section_is_read_in_one_language():
    assert words.load("book", "es")["next"] == "Siguiente"
    assert words.load("book", "en")["next"] == "Next"
    with pytest.raises(KeyError):
        words.load("book", "fr")


def test_the_book_says_every_word_of_its_section_somewhere():
    said = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "tools").rglob("*"))
        if path.suffix in (".py", ".html", ".lua", ".js")
    )
    silent = [key for key in TABLE["book"] if not MADE.fullmatch(key) and key not in said]
    assert not silent


def test_every_application_has_a_title_on_the_page():
    from tools import apps

    titles = {key for key in TABLE["book"] if key.startswith("app-title-")}
    assert titles == {f"app-title-{name}" for name in apps.names()}


def test_words_that_quarto_says_too_are_the_same_there():
    for edition in config.editions(ROOT):
        ours = words.load("book", edition.lang)
        theirs = {key: word for key, word in edition.words.items() if ours.get(key) != word}
        # What the table does not have only Quarto says.
        assert not theirs.keys() & ours.keys(), theirs

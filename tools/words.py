"""The words of the interface, in every language: `words.json`, which Lua and JavaScript read too.

A section for whoever says them (`book`, and one for each application), in it a key for each word.
Words that Quarto says as well stand under the keys of its own `language:` option.
"""

import json
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_suffix(".json")


@cache
def _table() -> dict[str, dict[str, dict[str, str]]]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def load(section: str, lang: str) -> dict[str, str]:
    """Return a section's words in one language."""
    return {key: word[lang] for key, word in _table()[section].items()}


def languages() -> set[str]:
    """Return the languages that the interface speaks."""
    return set.intersection(*(set(word) for words in _table().values() for word in words.values()))

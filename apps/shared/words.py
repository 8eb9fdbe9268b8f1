"""The words of an application in one language, from the table that the book speaks from too."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMON = "apps"  # what every application says


class Words(dict[str, str]):
    """Words by their keys, called to fill in values."""

    def __init__(self, lang: str, words: dict[str, str]) -> None:
        super().__init__(words)
        self.lang = lang

    def __call__(self, key: str, /, **values: object) -> str:
        """Fill values into the words of a key."""
        return self[key].format(**values)


@cache
def table() -> dict[str, dict[str, dict[str, str]]]:
    """Read the table: section, key, language. An exported application has it at its top."""
    exported, here = ROOT / "words.json", ROOT / "tools" / "words.json"
    return json.loads((exported if exported.exists() else here).read_text(encoding="utf-8"))


@cache
def words(section: str, lang: str) -> Words:
    """Take the words of an application, those it shares with the others included."""
    found = table()[COMMON] | table()[section]
    return Words(lang, {key: languages[lang] for key, languages in found.items()})

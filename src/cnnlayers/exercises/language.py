"""The words of the reports, in the reader's language."""

import locale
import os
import tomllib
from functools import cache
from importlib.resources import files

from cnnlayers.exercises.faults import Language

LANGUAGES = ("en", "es")
VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def choose(language: str | None) -> Language:
    """Return the language asked for, or else that of the reader's locale, or English."""
    if language is None:
        names = [os.environ.get(variable) for variable in VARIABLES]
        name = next(filter(None, names), None) or locale.getlocale()[0] or ""
        return "es" if name.lower().startswith(("es", "spanish")) else "en"
    if language not in LANGUAGES:
        raise ValueError(f"language must be 'en' or 'es', got {language!r}.")
    return language


def say(key: str, language: Language, **values: object) -> str:
    """Say a sentence of `words.toml`."""
    return _words()[key][language].format(**values)


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("cnnlayers.exercises").joinpath("words.toml").read_text("utf-8"))


@cache
def sections() -> dict[str, dict[str, tuple[str, str]]]:
    """Tell the title of a section and that of its chapter, by label and language."""
    return tomllib.loads(files("cnnlayers.exercises").joinpath("sections.toml").read_text("utf-8"))

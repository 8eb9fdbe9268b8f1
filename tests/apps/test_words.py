"""The table of words: nothing missing, nothing left over, the same in both languages."""

import ast
import re
from pathlib import Path

import pytest

from apps.explorer.page import GROUPS, OF_VIEWS, page
from apps.explorer.state import CONTROLS
from apps.explorer.tries import CASES
from apps.network import state as network
from apps.network.page import page as network_page
from apps.shared.words import table, words

APPS = Path(__file__).parents[2] / "apps"
SECTIONS = ("apps", "explorer", "network", "sine", "workbench")
STATES = {"explorer": CONTROLS, "network": network.CONTROLS}


@pytest.mark.parametrize("section", SECTIONS)
def test_both_languages_say_the_same_things(section):
    for key, word in table()[section].items():
        assert word.keys() == {"es", "en"}, key
        assert all(text.strip() or text.isspace() for text in word.values()), key
        fields = [sorted(re.findall(r"{(\w+)}", text)) for text in word.values()]
        assert set(fields[0]) == set(fields[1]), key


def literals(folder: str) -> set[str]:
    """Every text of the code, with what an f-string fills in as a gap."""
    found = set()
    for path in (APPS / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(re.escape(node.value))
            if isinstance(node, ast.JoinedStr):
                parts = [re.escape(part.value) if isinstance(part, ast.Constant) else r"[\w-]+"
                         for part in node.values]  # fmt: skip
                if re.search("[a-z]{3}", "".join(parts).replace(r"[\w-]+", "")):
                    found.add("".join(parts))
    return found


@pytest.mark.parametrize("section", SECTIONS)
def test_every_word_is_said_somewhere(section):
    said = literals("") if section == "apps" else literals(section) | literals("shared")
    controls = STATES.get(section, {})
    said |= {f"{key}_{value}" for key, control in controls.items() for value in control.options}
    said |= {f"{key}_hint" for key in controls} | set(controls)
    pattern = re.compile("|".join(sorted(said - {""}, key=len, reverse=True)))
    # Keys put together by adding: a kind of maximum, one window or several, a row or rows.
    ends = r"(_ties|_first|_one|_left|_none|_why|_zero|s)*"
    left = [
        key
        for key in table()[section]
        if not any(pattern.fullmatch(said) for said in (key, re.sub(f"{ends}$", "", key)))
    ]
    assert left == []


@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_control_and_case_has_its_words(lang):
    say = words("explorer", lang)
    for key, control in CONTROLS.items():
        if control.group:
            assert control.group in (*GROUPS, *OF_VIEWS), key
            assert say[key]
    for case in CASES:
        for n in (1, 2, 3):
            assert say[f"try_{case.name}_{n}"] and say(f"try_{case.name}_{n}_why", answer=1)
    html = str(page(say))
    assert all(f'data-control="{key}"' in html for key, c in CONTROLS.items() if c.group)


@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_control_of_the_network_has_its_words(lang):
    say = words("network", lang)
    html = str(network_page(say))
    for key, control in network.CONTROLS.items():
        assert key == "lang" or say[key]
        assert not control.group or f'data-control="{key}"' in html
    for key in ("of", "start", "fault"):
        assert all(say[f"{key}_{option}"] for option in network.CONTROLS[key].options)


def test_spanish_as_agreed():
    """Words that a native reader asked for."""
    said = {key: word["es"] for section in SECTIONS for key, word in table()[section].items()}
    assert said["wrong"].startswith("No es {guess}.")
    assert said["input_own"] == said["filter_own"] == "tus números"
    assert said["ties_all"] == "todos los máximos (el libro)"
    assert said["filter_sobel-x"] == "Sobel x (bordes verticales)"
    text = " ".join(said.values())
    for word in ("celda", "corre ", "pooling máximo", "pooling medio", "Toca ", "mandos"):
        assert word not in text
    english = table()["explorer"]["filter_sobel-x"]["en"]
    assert english == "Sobel x (vertical edges)"

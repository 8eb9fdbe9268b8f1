"""What pages and notebooks show of an exercise, from the package: `.cache/exercises.json`.

Its stub, the call that checks the answer, its hints and, where it asks for numbers, the right ones
and those of the known slips. `tools/exercises.lua` and `tools/notebooks.py` read it.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from tools import words
from tools.problems import BookError
from tools.source.kept import digest, digest_of_files, write_whole

ROOT = Path(__file__).resolve().parent.parent
RECORD = ".cache/exercises.json"
LANGUAGES = ("es", "en")
IMPORT = "from cnnlayers.exercises import check"
WORKBENCH = "apps/workbench/app.py"


def prepare(root: Path) -> None:
    """Write the record of a book, if what it is made from has changed."""
    record = root / RECORD
    made_from = fingerprint(root)
    if load(root).get("made-from") == made_from:
        return
    # A process of its own: this one may have imported the package before it changed.
    command = [sys.executable, "-m", "tools.exercises"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BookError(f"The exercises cannot be read from the package:\n{done.stderr.strip()}")
    described = json.loads(done.stdout)
    workbench = (root / WORKBENCH).is_file()
    known = {"made-from": made_from, "workbench": workbench, "exercises": described}
    record.parent.mkdir(parents=True, exist_ok=True)
    write_whole(record, json.dumps(known, ensure_ascii=False, indent=1).encode())


def load(root: Path) -> dict[str, Any]:
    """Return the record of a book, or nothing before it was made."""
    record = root / RECORD
    try:
        return json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet, or damaged: it is written anew
        return {}


def fingerprint(root: Path) -> str:
    """Stand for everything the record is made from."""
    found = importlib.util.find_spec("cnnlayers")
    package = Path(found.origin).parent if found and found.origin else root
    files = [path for path in package.rglob("*") if path.suffix in (".py", ".toml")]
    code = Path(__file__).read_bytes()
    return digest(digest_of_files(package, files), code, (root / WORKBENCH).is_file())


def describe() -> dict[str, Any]:
    """Describe all exercises by their names."""
    package = importlib.import_module("cnnlayers.exercises")
    asked = pencil()
    made: dict[str, Any] = {}
    for lang in LANGUAGES:
        for exercise in package.exercises(lang):
            about = made.setdefault(exercise.name, {"kind": exercise.kind})
            about[lang] = said(package, exercise, lang)
            if questions := asked.get(exercise.name):
                about["questions"] = [
                    {key: question[key] for key in ("name", "shape")} for question in questions
                ]
                about[lang]["pencil"] = json.dumps(
                    {
                        "lang": lang,
                        "words": interface(lang),
                        "questions": [in_language(question, lang) for question in questions],
                    },
                    ensure_ascii=False,
                )
    return made


def interface(lang: str) -> dict[str, str]:
    """Return the words of the page's script."""
    start = "pencil-"
    everything = words.load("book", lang).items()
    return {key.removeprefix(start): word for key, word in everything if key.startswith(start)}


def in_language(question: dict[str, Any], lang: str) -> dict[str, Any]:
    """Return a question whose slips speak one language."""
    slips = [
        {**{key: slip[key] for key in ("value", "sure")}, "says": slip[lang]}
        for slip in question["slips"]
    ]
    return {**question, "slips": slips}


def said(package: Any, exercise: Any, lang: str) -> dict[str, Any]:
    """Return what is said of an exercise in one language."""
    try:
        stub = package.stub(exercise.name, lang)
    except ValueError:  # it has nothing to start from
        stub = ""
    comments = [line.removeprefix("#").strip() for line in stub.splitlines() if line[:1] == "#"]
    common: dict[str, Any] = {
        "title": exercise.title,
        "section": exercise.section_title,
        "hints": list(getattr(exercise, "hints", ())),
    }
    if exercise.kind == "numbers":
        calls = [line for line in stub.splitlines() if line.startswith("check(")]
        ready = wrapped("\n".join(calls))
        return {**common, "about": " ".join(comments), "stub": "", "call": ready, "listing": ready}
    if exercise.kind == "reasoning" or not stub:
        return {**common, "stub": "", "call": "", "listing": ""}
    stub, ready = stub.strip(), call(exercise)
    listing = f"{imported(stub)}\n\n\n{ready}"
    return {**common, "stub": stub, "call": ready, "listing": listing}


def imported(stub: str) -> str:
    """Return a stub that also imports what checks it."""
    if stub.startswith("from cnnlayers.exercises import "):
        return stub.replace(" import ", " import check, ", 1)
    head, numpy, rest = stub.partition("import numpy as np\n")
    return f"{numpy}\n{IMPORT}\n{rest}" if numpy and not head else f"{IMPORT}\n\n{stub}"


def call(exercise: Any) -> str:
    """Return the line that hands in what the stub defines."""
    if len(exercise.asks) == 1:
        return f'check("{exercise.name}", {exercise.asks[0]})'
    given = ", ".join(f"{name}={name}" for name in exercise.asks)
    return wrapped(f'check("{exercise.name}", {given})')


def wrapped(code: str) -> str:
    """Return a call in lines that fit a page."""
    return textwrap.fill(code, 80, subsequent_indent=" " * 6, break_on_hyphens=False)


def pencil() -> dict[str, list[dict[str, Any]]]:
    """Return what the exercises with numbers ask, and what is right and known to be wrong."""
    exercises = importlib.import_module("cnnlayers.exercises.pencil").EXERCISES
    return {
        exercise.name: [question(exercise, asked) for asked in exercise.questions]
        for exercise in exercises
        if exercise.questions
    }


def question(exercise: Any, asked: Any) -> dict[str, Any]:
    """Describe one thing that is asked for."""
    right = plain(asked.right)
    shape = [len(right), len(right[0])] if is_grid(right) else None
    return {
        "name": asked.name,
        "kind": "grid" if shape else "truth" if isinstance(right, bool) else "text",
        "shape": shape,
        "right": [right, *map(plain, asked.also)],
        "slips": slips(exercise, asked, right),
    }


def slips(exercise: Any, asked: Any, right: Any) -> list[dict[str, Any]]:
    """List the values that known mistakes give, with what to say of each.

    Those of the exercise itself come first and are sure; of the others a page says nothing where
    too many give the same value.
    """
    mistakes = importlib.import_module("cnnlayers.exercises.faults").mistakes
    own = {one.name: one for one in mistakes(exercise.name)}
    found = [
        (one, values[asked.name], True)
        for one in own.values()
        for values in one.answers
        if asked.name in values
    ]
    if asked.source:
        others = {one.name: one for one in mistakes(asked.source.exercise.name)}
        for name, values in asked.source.slips().items():
            found += [(others[name], value, False) for value in values]
    made: list[dict[str, Any]] = []
    for mistake, value, sure in found:
        value = None if isinstance(value, str) and value == "none" else plain(value)
        if is_grid(value) != is_grid(right) or value == right:
            continue
        if is_grid(value) and (len(value), len(value[0])) != (len(right), len(right[0])):
            continue
        says = {lang: mistake.sentences[lang][0] for lang in LANGUAGES}
        slip = {"mistake": mistake.name, "value": value, "sure": sure, **says}
        if slip not in made:
            made.append(slip)
    return made


def is_grid(value: Any) -> bool:
    """Tell whether a value has rows and columns."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], list)


def plain(value: Any) -> Any:
    """Return a value as JSON says it; numbers keep more digits than anyone writes."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float):
        return round(value, 6) if value == value and abs(value) != float("inf") else str(value)
    return value


if __name__ == "__main__":
    print(json.dumps(describe(), ensure_ascii=False))

"""Judge a function: run it on the probes, compare, explain."""

import ast
import difflib
import inspect
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnlayers.exercises.description import Phrase, describe, structure
from cnnlayers.exercises.diagnosis import Diagnosis, Record, diagnose, record
from cnnlayers.exercises.exercise import FunctionExercise, fitted
from cnnlayers.exercises.faults import (
    Function,
    Language,
    Mistake,
    code_of,
    entry,
    mistakes,
    with_faults,
)
from cnnlayers.exercises.language import say, sections
from cnnlayers.exercises.report import Part, Report, drawn
from cnnlayers.exercises.sandbox import SECONDS, Raised, Run, run
from cnnlayers.exercises.smallest import Case, named_inputs, smallest_case
from cnnlayers.exercises.values import Stopped, normal, same, value_of


@dataclass(frozen=True)
class Asked:
    """What the reader wants to be told beside the verdict, and in which language."""

    language: Language
    hint: int = 0
    solution: bool = False


def check_function(exercise: FunctionExercise, answer: Any, asked: Asked) -> Report:
    """Judge a function."""
    try:
        function = exercise.wrap(answer)
    except TypeError:
        function = None
    tell = _Teller(exercise, asked)
    if not callable(function):
        return tell.unusable("not-a-function", type=type(answer).__name__)
    if refused := _refuses_arguments(exercise, function):
        return tell.unusable("arguments", **refused)
    records = list(_records(exercise, function))
    last = records[-1].run
    if last.ending in ("time", "memory", "recursion", "exit"):
        return tell.unusable(last.ending, last.raised, seconds=SECONDS)
    if not _steady(records[0], function):
        return tell.unusable("remembers")
    judged = [one for one in records if not one.probe.advice]
    changed = _changed(exercise, records)
    if all(one.right for one in judged):
        if changed:
            return tell.known(Diagnosis((_changes(exercise),)), records, changed=changed)
        return tell.right(records)
    diagnosis = diagnose(exercise, judged)
    case = smallest_case(exercise, function, judged)
    if diagnosis.names:
        if changed:
            names = (*diagnosis.names, _changes(exercise))
            diagnosis = Diagnosis(names, True, diagnosis.faults)
        return tell.known(diagnosis, judged, case, changed)
    return tell.unknown(judged, case, changed)


def _refuses_arguments(exercise: FunctionExercise, function: Function) -> dict[str, str]:
    for probe in exercise.probes:
        try:
            inspect.signature(fitted(function, probe.arguments)).bind(*probe.arguments)
        except TypeError as error:
            return {"signature": f"({', '.join(probe.names)})", "message": str(error)}
        except ValueError:  # no signature to be had: let the call decide
            return {}
    return {}


def _records(exercise: FunctionExercise, function: Function) -> Iterator[Record]:
    """Run the function on the probes, until a call had to be ended."""
    probes = exercise.probes
    if exercise.with_ties and "ties" in _parameters(function):
        probes += exercise.with_ties
    for probe in probes:
        one = record(exercise, fitted(function, probe.arguments), probe)
        yield one
        if one.run.ending not in ("returned", "raised"):
            return


def _parameters(function: Function) -> Sequence[str]:
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ()


def _steady(first: Record, function: Function) -> bool:
    """Ask the first question again: is the answer the same?"""
    arguments = first.probe.arguments
    again = value_of(run(fitted(function, arguments), arguments), first.expected[0])
    return same(again, first.value)


def _changed(exercise: FunctionExercise, records: Sequence[Record]) -> tuple[str, ...]:
    """Name the arguments that do not hold what they held before the call."""
    names: dict[str, None] = {}
    for one in records:
        before = named_inputs(exercise, one.probe.names, one.probe.arguments)
        after = named_inputs(exercise, one.probe.names, one.run.arguments)
        names |= {name: None for name in before if not same(normal(before[name]), normal(after[name]))}
    return tuple(names)


def _changes(exercise: FunctionExercise) -> str:
    own = f"{exercise.prefix}-changes-cache"
    known = {mistake.name for mistake in mistakes(exercise.name)}
    return own if own in known else "changes-argument"


class _Teller:
    """Writes the reports on one exercise."""

    def __init__(self, exercise: FunctionExercise, asked: Asked) -> None:
        self.exercise = exercise
        self.asked = asked
        self.language = asked.language
        self.section = str(entry(exercise.name)["section"])

    def say(self, key: str, **values: object) -> str:
        if "traits" in values:
            words = [say(f"trait-{trait}", self.language) for trait in values["traits"]]  # type: ignore
            values["traits"] = say("and", self.language).join(words)
        return say(key, self.language, **values)

    def head(self, key: str, **values: object) -> Part:
        return Part("head", self.say(key, name=self.exercise.name, **values))

    # Verdicts

    def right(self, records: Sequence[Record]) -> Report:
        parts = [self.head("right", count=len(records)), *self.remarks(records), *self.solution()]
        return Report(
            self.exercise.name,
            passed=True,
            verdict="right",
            language=self.language,
            section=self.section,
            parts=tuple(parts),
        )

    def unusable(self, key: str, raised: Raised | None = None, **values: object) -> Report:
        parts = [Part("text", self.say(key, **values)), *self.line(raised)]
        return self.report("unusable", parts)

    def known(
        self,
        diagnosis: Diagnosis,
        records: Sequence[Record],
        case: Case | None = None,
        changed: Sequence[str] = (),
    ) -> Report:
        named = [self.mistake(name) for name in diagnosis.names]
        parts: list[Part] = []
        if len(named) > 1:
            parts.append(Part("text", self.say("several" if diagnosis.together else "either")))
        kind = "item" if len(named) > 1 else "text"
        parts += [Part(kind, mistake.sentences[self.language][0]) for mistake in named]
        if changed:
            parts.append(Part("text", self.say("changes", names=", ".join(changed))))
        parts += self.stops(records)
        return self.report("known", parts, records, case, named, diagnosis.faults)

    def unknown(
        self, records: Sequence[Record], case: Case | None, changed: Sequence[str]
    ) -> Report:
        returned = [one for one in records if not one.right and not isinstance(one.value, Stopped)]
        phrases = describe(self.exercise, records)
        useless = bool(returned) and structure(self.exercise, returned[0].value) is not None
        parts: list[Part] = []
        if returned and not useless:
            parts.append(Part("text", self.say("unknown")))
        parts += self.stops(records)
        parts += [Part("text" if useless else "item", self.phrase(phrase)) for phrase in phrases]
        if changed:
            parts.append(Part("text", self.say("changes", names=", ".join(changed))))
        return self.report("unusable" if useless else "unknown", parts, records, case)

    # Pieces

    def report(
        self,
        verdict: Any,
        parts: Sequence[Part],
        records: Sequence[Record] = (),
        case: Case | None = None,
        named: Sequence[Mistake] = (),
        faults: Sequence[str] = (),
    ) -> Report:
        parts = [self.head("wrong"), *parts]
        if case is not None:
            parts += [Part("text", self.say("case")), *drawn(case, self.language)]
        parts += self.printed(records)
        parts += self.hints(named)
        parts += self.solution(faults)
        parts += self.further(named)
        return Report(
            self.exercise.name,
            passed=False,
            mistakes=tuple(mistake.name for mistake in named),
            case=case,
            hints=tuple(hint for mistake in named for hint in mistake.sentences[self.language][2:]),
            verdict=verdict,
            section=named[0].section if named else self.section,
            language=self.language,
            parts=tuple(parts),
        )

    def phrase(self, phrase: Phrase) -> str:
        return self.say(phrase[0], **phrase[1])

    def mistake(self, name: str) -> Mistake:
        known = {m.name: m for m in (*mistakes("common"), *mistakes(self.exercise.name))}
        return known[name]

    def stops(self, records: Sequence[Record]) -> list[Part]:
        """Say what the calls raised, and where."""
        raised = [one for one in records if one.run.raised is not None]
        if not raised:
            return []
        error = raised[0].run.raised
        assert error is not None
        key = "raised" if error.message else "raised-silent"
        parts = [
            Part("text", self.say(key, kind=error.kind, message=error.message)),
            *self.line(error),
        ]
        right = sum(one.right for one in records)
        if right:
            parts.append(Part("text", self.say("other-calls", right=right, count=len(records))))
        return parts

    def line(self, raised: Raised | None) -> list[Part]:
        if raised is None or raised.line is None:
            return []
        return [Part("code", self.say("at-line", line=raised.line, code=raised.code))]

    def remarks(self, records: Sequence[Record]) -> list[Part]:
        texts = [
            self.say(f"remark-{one.probe.advice}")
            for one in records
            if one.probe.advice and not one.right
        ]
        texts += self.widths(records) + self.views(records)
        parts = [Part("text", self.say("remark", text=text)) for text in dict.fromkeys(texts)]
        return parts + self.printed(records)

    def printed(self, records: Sequence[Record]) -> list[Part]:
        text = next((one.run.printed.strip() for one in records if one.run.printed.strip()), "")
        if not text:
            return []
        line = text.splitlines()[0]
        shown = self.say("remark-prints", text=line if len(line) <= 40 else line[:40] + "…")
        return [Part("text", self.say("remark", text=shown))]

    def widths(self, records: Sequence[Record]) -> list[str]:
        """Remark on dtypes that are not the book's."""
        for one in records:
            for value, expected in zip(_arrays(one.value), _arrays(one.expected[0]), strict=False):
                if value.dtype != expected.dtype and expected.dtype.kind == "f":
                    if value.ndim:
                        given = one.probe.label.rpartition(", ")[2]
                        if expected.dtype != np.float64 or value.dtype.kind != "f":
                            return [self.say("remark-width", given=given, got=value.dtype)]
        return []

    def views(self, records: Sequence[Record]) -> list[str]:
        for one in records:
            inputs = named_inputs(self.exercise, one.probe.names, one.run.arguments)
            outputs = _arrays(normal(one.run.value, one.expected[0]))[:1]
            for name, value in inputs.items():
                if isinstance(value, np.ndarray):
                    if any(np.may_share_memory(value, output) for output in outputs):
                        return [self.say("remark-view", name=name)]
        return []

    def hints(self, named: Sequence[Mistake]) -> list[Part]:
        parts: list[Part] = []
        for mistake in named:
            _, why, *hints = mistake.sentences[self.language]
            if self.asked.hint or self.asked.solution:
                parts.append(Part("text", self.say("why", text=why)))
            for number, hint in enumerate(hints[: self.asked.hint], 1):
                parts.append(Part("text", self.say("hint", number=number, text=hint)))
        return parts

    def solution(self, faults: Sequence[str] = ()) -> list[Part]:
        """Show the book's version: first the lines that differ, then all of it."""
        if not self.asked.solution:
            return []
        function = self.exercise.function
        right = code_of(function).splitlines()
        wrong = with_faults(code_of(function), faults).splitlines()
        lines: list[str] = []
        for tag, i, j, k, n in difflib.SequenceMatcher(a=right, b=wrong).get_opcodes():
            if tag != "equal":
                lines += [self.say("line-yours", line=line.strip()) for line in wrong[k:n]]
                lines += [self.say("line-book", line=line.strip()) for line in right[i:j]]
        return [
            *([Part("code", "\n".join(lines))] if lines else []),
            Part("text", self.say("solution")),
            Part("code", source_of(function)),
        ]

    def further(self, named: Sequence[Mistake]) -> list[Part]:
        """Say what can be asked for, and what to read."""
        label = named[0].section if named else self.section
        titles = sections().get(label, {})
        parts = [Part("small", self.say("read-again", section=titles.get(self.language, label)))]
        if named and self.asked.hint < 2:
            hint = self.asked.hint + 1
            parts.append(Part("small", self.say("ask-hint", name=self.exercise.name, hint=hint)))
        elif not self.asked.solution:
            parts.append(Part("small", self.say("ask-solution", name=self.exercise.name)))
        return parts


def _arrays(value: Any) -> list[np.ndarray[Any, Any]]:
    if isinstance(value, np.ndarray):
        return [value]
    return [member for member in value if isinstance(member, np.ndarray)] if isinstance(value, tuple) else []


def source_of(function: Function) -> str:
    """Return the source of a function without its docstring."""
    source = textwrap.dedent(inspect.getsource(function))
    (tree,) = ast.parse(source).body
    lines = source.splitlines()
    if isinstance(tree, ast.FunctionDef) and ast.get_docstring(tree):
        docstring = tree.body[0]
        del lines[docstring.lineno - 1 : docstring.end_lineno]
    return "\n".join(lines)

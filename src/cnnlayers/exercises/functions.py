"""Judge a function: run it on the probes, compare, explain."""

import ast
import difflib
import inspect
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from cnnlayers.exercises.description import Phrase, describe, structure
from cnnlayers.exercises.diagnosis import Diagnosis, Record, diagnose, record
from cnnlayers.exercises.exercise import Array, FunctionExercise, as_it_is, fitted
from cnnlayers.exercises.faults import Function, code_of, mistakes, with_faults
from cnnlayers.exercises.report import Part, Report, drawn
from cnnlayers.exercises.sandbox import SECONDS, Raised, run
from cnnlayers.exercises.smallest import Case, named_inputs, smallest_case
from cnnlayers.exercises.telling import Asked, Teller
from cnnlayers.exercises.values import Stopped, Value, is_array, normal, same, value_of

REMARKS = {"float32": "remark-width", "int64": "remark-whole"}  # by the dtype of an input


def check_function(exercise: FunctionExercise, answers: dict[str, Any], asked: Asked) -> Report:
    """Judge what was handed in."""
    tell = _FunctionTeller(exercise, asked)
    if exercise.asks:
        if missing := [name for name in exercise.asks if name not in answers]:
            return tell.unusable("missing", names=", ".join(missing))
        given = tuple(answers[name] for name in exercise.asks)
    else:
        given = tuple(answers.values())
    functions = exercise.asks[:1] != ("W",)
    if functions and (strange := [one for one in given if not callable(one)]):
        return tell.unusable("not-a-function", type=type(strange[0]).__name__)
    try:
        function = exercise.wrap(exercise.make(*given))
    except (TypeError, ValueError) as error:
        return tell.unusable("not-such-arrays", message=str(error))
    if not exercise.asks and (refused := _refuses_arguments(exercise, given[0])):
        return tell.unusable("arguments", None, **refused)
    records = list(_records(exercise, function))
    last = records[-1].run
    if last.ending not in ("returned", "raised"):
        return tell.unusable(last.ending, last.raised, seconds=SECONDS)
    if not _steady(records[0], function):
        return tell.unusable("remembers")
    judged = [one for one in records if not one.probe.advice]
    changed = _changed(exercise, records)
    if not changed and all(one.right for one in judged):
        return tell.right(tell.remarks(records), count=len(records))
    if changed and all(_right_but_for_the_cache(exercise, one) for one in judged):
        return tell.known(Diagnosis((_changes(exercise),)), records, None, changed)
    diagnosis = diagnose(exercise, judged)
    case = smallest_case(exercise, function, judged)
    if not diagnosis.names:
        return tell.unknown(judged, case, changed)
    if changed:
        names = (*diagnosis.names, _changes(exercise))
        diagnosis = Diagnosis(names, True, diagnosis.faults)
    return tell.known(diagnosis, judged, case, changed)


def _refuses_arguments(exercise: FunctionExercise, function: Function) -> dict[str, str]:
    if exercise.wrap is not as_it_is:  # it is called by ours
        return {}
    for probe in exercise.probes:
        try:
            inspect.signature(fitted(function, probe.arguments)).bind(*probe.arguments)
        except TypeError as error:
            return {"signature": f"({', '.join(probe.names)})", "message": str(error)}
        except ValueError:  # there is no signature: let the call decide
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
    """Ask the first question again, and see whether the answer is the same."""
    arguments = first.probe.arguments
    again = value_of(run(fitted(function, arguments), arguments), first.expected[0])
    return same(again, first.value)


def _changed(exercise: FunctionExercise, records: Sequence[Record]) -> tuple[str, ...]:
    """Name the arguments that do not hold what they held before the call."""
    names: dict[str, None] = {}
    for one in records:
        before = named_inputs(exercise, one.probe.names, one.probe.arguments)
        after = named_inputs(exercise, one.probe.names, one.run.arguments)
        for name, value in before.items():
            if not same(normal(value), normal(after[name])):
                names[name] = None
    return tuple(names)


def _right_but_for_the_cache(exercise: FunctionExercise, one: Record) -> bool:
    """Whether what it returns is right, though the arrays in its cache have been changed."""
    if one.right or exercise.outputs[-1] != "cache":
        return one.right
    value, expected = one.value, one.expected[0]
    return isinstance(value, tuple) and isinstance(expected, tuple) and same(value[0], expected[0])


def _changes(exercise: FunctionExercise) -> str:
    own = f"{exercise.prefix}-changes-cache"
    return own if own in {one.name for one in mistakes(exercise.name)} else "changes-argument"


class _FunctionTeller(Teller):
    """Writes the reports on a function."""

    def __init__(self, exercise: FunctionExercise, asked: Asked) -> None:
        super().__init__(exercise.name, asked)
        self.exercise = exercise

    def unusable(self, key: str, /, raised: Raised | None = None, **values: object) -> Report:
        """Report what cannot be compared."""
        return self.wrong("unusable", [Part("text", self.say(key, **values)), *self.line(raised)])

    def known(
        self,
        diagnosis: Diagnosis,
        records: Sequence[Record],
        case: Case | None,
        changed: Sequence[str],
    ) -> Report:
        """Report mistakes by name."""
        named = [self.mistake(name) for name in diagnosis.names]
        changing = _changes(self.exercise)
        parts = [
            *self.named([one for one in named if one.name != changing], diagnosis.together),
            *self.changes(changed),
            *self.stops(records),
            *self.case(case),
            *self.printed(records),
        ]
        return self.wrong("known", parts, named, case, diagnosis.faults)

    def unknown(
        self, records: Sequence[Record], case: Case | None, changed: Sequence[str]
    ) -> Report:
        """Report what is seen, without a guess at what it comes from."""
        returned = [one for one in records if not one.right and not isinstance(one.value, Stopped)]
        useless = bool(returned) and structure(self.exercise, returned[0].value) is not None
        described = [self.phrase(phrase) for phrase in describe(self.exercise, records)]
        parts = [
            *([Part("text", self.say("unknown"))] if returned and not useless else []),
            *self.stops(records),
            *(Part("text" if useless else "item", text) for text in described),
            *self.changes(changed),
            *([] if useless else self.case(case)),
            *self.printed(records),
        ]
        verdict = "unusable" if useless else "unknown" if returned else "raises"
        return self.wrong(verdict, parts, case=case)

    # Pieces

    def phrase(self, phrase: Phrase) -> str:
        """Say what `describe` found."""
        return self.say(phrase[0], **phrase[1])

    def case(self, case: Case | None) -> list[Part]:
        """Draw the smallest case."""
        if case is None or isinstance(case.expected, dict):  # a summary, which is put into words
            return []
        return [Part("text", self.say("case")), *drawn(case, self.language)]

    def changes(self, names: Sequence[str]) -> list[Part]:
        """Say which arguments were changed."""
        return [Part("text", self.say("changes", names=", ".join(names)))] if names else []

    def stops(self, records: Sequence[Record]) -> list[Part]:
        """Say what the calls raised, and where."""
        raised = next((one.run.raised for one in records if one.run.raised), None)
        if raised is None:
            return []
        key = "raised" if raised.message else "raised-silent"
        text = self.say(key, kind=raised.kind, message=raised.message)
        right = sum(one.right for one in records)
        returns = self.say("other-calls", right=right, count=len(records))
        return [
            Part("text", text),
            *self.line(raised),
            *([Part("text", returns)] if right else []),
        ]

    def line(self, raised: Raised | None) -> list[Part]:
        """Show the learner's own line."""
        if raised is None or raised.line is None:
            return []
        line = self.say("at-line", line=raised.line, code=raised.code)
        return [Part("code", line.rstrip(" :"))]

    def remarks(self, records: Sequence[Record]) -> list[Part]:
        """Remark on what is right and could be better."""
        texts = [
            *(
                self.say(f"remark-{one.probe.advice}")
                for one in records
                if one.probe.advice and not one.right
            ),
            *self.widths(records),
            *(self.views(records) if self.exercise.wrap is as_it_is else ()),
        ]
        remarks = (self.say("remark", text=text) for text in dict.fromkeys(texts))
        return [*(Part("text", remark) for remark in remarks), *self.printed(records)]

    def printed(self, records: Sequence[Record]) -> list[Part]:
        """Remark on what was printed."""
        text = next((one.run.printed.strip() for one in records if one.run.printed.strip()), "")
        if not text:
            return []
        line = text.splitlines()[0]
        shown = self.say("remark-prints", text=line if len(line) <= 40 else line[:40] + "…")
        return [Part("text", self.say("remark", text=shown))]

    def widths(self, records: Sequence[Record]) -> list[str]:
        """Remark on a dtype that is not the book's."""
        for one in records:
            key = next((key for key in REMARKS if key in one.probe.label), "")
            values = self.results(one.run.value, one)
            for value, expected in zip(values, self.results(one.expected[0], one), strict=False):
                wider = value.dtype != expected.dtype and (
                    key == "float32" or value.dtype.kind != "f"
                )
                if key and value.ndim and wider:
                    return [self.say(REMARKS[key], given=key, got=value.dtype)]
        return []

    def views(self, records: Sequence[Record]) -> list[str]:
        """Remark on a result that is a view of an argument, where the book's is not."""
        for one in records:
            inputs = named_inputs(self.exercise, one.probe.names, one.run.arguments)
            mine = self.shared(one.run.value, one, inputs)
            book = self.shared(self.exercise.function(*one.run.arguments), one, inputs)
            if names := sorted(mine - book):
                return [self.say("remark-view", name=", ".join(names))]
        return []

    def shared(self, result: object, one: Record, inputs: dict[str, Any]) -> set[str]:
        """Name the arguments whose memory a result shares."""
        parts = self.results(result, one)
        return {
            name
            for name, array in inputs.items()
            if is_array(array) and array.ndim
            if any(np.may_share_memory(array, part) for part in parts)
        }

    def results(self, result: object, one: Record) -> list[Array]:
        """Take the arrays that were returned, without the cache."""
        value = normal(result, one.expected[0])
        if "cache" in self.exercise.outputs and isinstance(value, tuple):
            value = value[:-1]
        return _arrays(value)

    def solution(self, faults: Sequence[str]) -> list[Part]:
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
        shown = self.exercise.shown or (function,)
        return [
            *([Part("code", "\n".join(lines))] if lines else []),
            Part("text", self.say("solution")),
            Part("code", "\n\n\n".join(map(source_of, shown))),
        ]


def _arrays(value: Value) -> list[Array]:
    """Take an array, or the arrays of a tuple."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, tuple):
        return [member for member in value if isinstance(member, np.ndarray)]
    return []


def source_of(function: Function) -> str:
    """Return the source of a function without its docstring."""
    source = textwrap.dedent(inspect.getsource(function))
    (tree,) = ast.parse(source).body
    lines = source.splitlines()
    if isinstance(tree, ast.FunctionDef) and ast.get_docstring(tree):
        docstring = tree.body[0]
        del lines[docstring.lineno - 1 : docstring.end_lineno]
    return "\n".join(lines)

"""What `check` returns: a verdict that a terminal and a notebook show by themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from cnnlayers.exercises.description import in_words
from cnnlayers.exercises.drawing import Board, as_html, as_text, boards
from cnnlayers.exercises.faults import Language
from cnnlayers.exercises.language import say
from cnnlayers.exercises.smallest import Case
from cnnlayers.exercises.values import is_array

Verdict = Literal["right", "known", "unknown", "raises", "unusable"]

LARGE = 64  # numbers of an array that is not drawn
TOO_MANY = 120  # numbers in all the inputs, of which none is drawn then

STYLE = """
.cnnlayers-report { border-left: 4px solid; padding: 0.2em 1em; max-width: 48em; }
.cnnlayers-report .boards { display: flex; flex-wrap: wrap; align-items: start; gap: 1em 2em;
  margin: 0.8em 0; }
.cnnlayers-report table { border-collapse: collapse; margin: 0; }
.cnnlayers-report caption { text-align: start; white-space: nowrap; }
.cnnlayers-report td { border: 1px solid color-mix(in srgb, currentColor 25%, transparent);
  min-width: 2.2em; padding: 0.15em 0.5em; text-align: end; font-variant-numeric: tabular-nums; }
.cnnlayers-report td.window { border: 2px solid; }
.cnnlayers-report td.differs { font-weight: bold; text-decoration: underline; }
"""


@dataclass(frozen=True, eq=False)
class Part:
    """A piece of a report: a sentence, code, or boards."""

    kind: Literal["head", "text", "item", "code", "boards", "small", "ask"]
    text: str = ""
    boards: tuple[Board, ...] = ()


@dataclass(frozen=True, eq=False)
class Report:
    """The verdict on an answer.

    Attributes
    ----------
    name
        The exercise.
    passed
        Whether the answer is right.
    mistakes
        Identifiers of the mistakes that explain it, the likeliest first; empty if it is right, or
        wrong in a way that is not known.
    case
        The smallest input found that shows it, with ``expected`` and ``got``.
    hints
        Hints, from vague to plain: two for each mistake. What is shown of them is what was asked
        for.
    verdict
        "right", "known", "unknown", "raises", or "unusable" where nothing could be compared.
    wrong
        For an answer of numbers, by name: which of them are wrong.
    section
        Label of the section of the book to read again.
    language
        Language of the sentences.
    """

    name: str
    passed: bool
    mistakes: tuple[str, ...] = ()
    case: Case | None = None
    hints: tuple[str, ...] = ()
    verdict: Verdict = "unknown"
    wrong: dict[str, NDArray[np.bool_]] = field(default_factory=dict[str, NDArray[np.bool_]])
    section: str = ""
    language: Language = "en"
    parts: tuple[Part, ...] = field(default=(), repr=False)

    def __bool__(self) -> bool:
        """Stand for `passed`."""
        return self.passed

    def __str__(self) -> str:
        """Write the report for a terminal."""
        return "\n".join(_texts(self.parts)).strip()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Write the report for a notebook."""
        return f"<style>{STYLE}</style>{self.html()}"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._repr_html_()}

    def html(self) -> str:
        """Write the report as HTML without a style, for a page that has one."""
        verdict = "right" if self.passed else "wrong"
        body = "".join(map(_html, self.parts))
        return f'<div class="cnnlayers-report {verdict}" lang="{self.language}">{body}</div>'


def _texts(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        match part.kind:
            case "head":
                yield part.text
            case "item":
                yield f"  • {part.text}"
            case "boards":
                yield f"\n{as_text(part.boards)}\n"
            case "code":
                yield "\n" + "\n".join(f"    {line}" for line in part.text.splitlines()) + "\n"
            case _:
                yield part.text


def _html(part: Part) -> str:
    match part.kind:
        case "boards":
            return as_html(part.boards)
        case "code":
            return f"<pre><code>{escape(part.text)}</code></pre>"
        case "head":
            return f"<p><strong>{_code(part.text)}</strong></p>"
        case "item":
            return f"<ul><li>{_code(part.text)}</li></ul>"
        case "small":
            return f"<p><small>{_code(part.text)}</small></p>"
        case "ask":  # a page that has buttons for it leaves it out
            return f'<p class="ask"><small>{_code(part.text)}</small></p>'
        case _:
            return f"<p>{_code(part.text)}</p>"


def _code(text: str) -> str:
    """Set what stands in backticks as code."""
    pieces = escape(text, quote=False).split("`")
    return "".join(f"<code>{piece}</code>" if k % 2 else piece for k, piece in enumerate(pieces))


def drawn(case: Case, language: Language) -> Iterator[Part]:
    """Draw a case: the inputs, what was expected, what came."""
    inputs: list[Board] = []
    plain: list[str] = []
    pad = _pad(case)
    arrays = [value for value in case.inputs.values() if is_array(value)]
    crowded = sum(value.size for value in arrays) > TOO_MANY
    for name, value in case.inputs.items():
        if is_array(value) and value.ndim:
            if crowded or value.size > LARGE:
                plain.append(f"{name} {value.shape}")
                continue
            title = name
            if name == "A_prev" and pad:
                value = np.pad(value, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
                title = say("padded", language, name=name)
            inputs += boards(name, value, title, window=_marks(value, case.window.get(name)))
        elif isinstance(value, dict):
            members = cast(dict[str, Any], value)
            plain += [f"{key} = {member!r}" for key, member in members.items()]
        else:
            plain.append(f"{name} = {value.item() if isinstance(value, np.generic) else value!r}")
    outputs: list[Board] = []
    for key, value, marks in zip(
        case.titles, (case.expected, case.got), (None, case.differs), strict=True
    ):
        if is_array(value):
            title = say(key, language, name=case.output)
            if case.differs is None and is_array(case.expected) and is_array(case.got):
                title += f", {value.shape}"
            if value.size <= LARGE:
                outputs += boards(case.output, value, title, differs=marks)
            else:
                plain.append(title if title.endswith(")") else f"{title}: {value.shape}")
        elif value is not None and key != case.titles[0]:
            plain.append(f"{say(key, language, name=case.output)}: {in_words(value)}")
    if plain:
        yield Part("text", ", ".join(plain))
    if inputs:
        yield Part("boards", boards=tuple(inputs))
    if outputs:
        yield Part("boards", boards=tuple(outputs))
    legend = [
        say(key, language)
        for key, there in (
            ("legend-window", bool(case.window)),
            ("legend-differs", case.differs is not None),
        )
        if there
    ]
    if legend:
        yield Part("small", "; ".join(legend))


def _pad(case: Case) -> int:
    hparameters = cast(dict[str, int], case.inputs.get("hparameters", {}))
    return hparameters.get("pad", 0)


def _marks(array: NDArray[Any], window: Any) -> NDArray[np.bool_] | None:
    if window is None:
        return None
    marks = np.zeros(array.shape, dtype=bool)
    marks[window] = True
    return marks

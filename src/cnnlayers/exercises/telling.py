"""How a report is put together: the pieces that those on functions and on numbers share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from cnnlayers.exercises.faults import Language, Mistake, entry, mistakes
from cnnlayers.exercises.language import say, sections
from cnnlayers.exercises.report import Part, Report, Verdict
from cnnlayers.exercises.smallest import Case


@dataclass(frozen=True)
class Asked:
    """What the reader wants to be told beside the verdict, and in which language."""

    language: Language
    hint: int = 0
    solution: bool = False


class Teller:
    """Writes the reports on one exercise."""

    def __init__(self, name: str, asked: Asked) -> None:
        self.name = name
        self.asked = asked
        self.language: Language = asked.language
        self.section = str(entry(name)["section"])

    def say(self, key: str, **values: object) -> str:
        """Say a sentence in the reader's language."""
        if "traits" in values:
            traits = cast(Iterable[str], values["traits"])
            words = (say(f"trait-{trait}", self.language) for trait in traits)
            values["traits"] = say("and", self.language).join(words)
        return say(key, self.language, **values)

    def mistake(self, name: str, *exercises: str) -> Mistake:
        """Find a mistake by its identifier, in the exercise's own file or in others."""
        for exercise in (self.name, *exercises, "common"):
            for mistake in mistakes(exercise):
                if mistake.name == name:
                    return mistake
        raise KeyError(name)

    def right(self, parts: Iterable[Part], count: int = 0) -> Report:
        """Report a right answer."""
        key = "right" if count else "right-numbers"
        head = Part("head", self.say(key, name=self.name, count=count))
        return Report(
            self.name,
            passed=True,
            verdict="right",
            section=self.section,
            language=self.language,
            parts=(head, *parts, *self.solution(())),
        )

    def wrong(
        self,
        verdict: Verdict,
        parts: Iterable[Part],
        named: Sequence[Mistake] = (),
        case: Case | None = None,
        faults: Sequence[str] = (),
        cells: dict[str, NDArray[np.bool_]] | None = None,
    ) -> Report:
        """Report a wrong answer: what it is, then what was asked for."""
        return Report(
            self.name,
            passed=False,
            mistakes=tuple(mistake.name for mistake in named),
            case=case,
            hints=tuple(hint for mistake in named for hint in mistake.sentences[self.language][2:]),
            verdict=verdict,
            wrong=cells or {},
            section=named[0].section if named else self.section,
            language=self.language,
            parts=(
                Part("head", self.say("wrong", name=self.name)),
                *parts,
                *self.hints(named),
                *self.solution(faults),
                *self.further(named),
            ),
        )

    def named(self, named: Sequence[Mistake], together: bool) -> list[Part]:
        """Name mistakes."""
        parts: list[Part] = []
        if len(named) > 1:
            parts.append(Part("text", self.say("several" if together else "either")))
        kind = "item" if len(named) > 1 else "text"
        return parts + [Part(kind, mistake.sentences[self.language][0]) for mistake in named]

    def hints(self, named: Sequence[Mistake]) -> list[Part]:
        """Give as many hints as were asked for."""
        parts: list[Part] = []
        for mistake in named:
            _, why, *hints = mistake.sentences[self.language]
            if self.asked.hint or self.asked.solution:
                parts.append(Part("text", self.say("why", text=why)))
            for number, hint in enumerate(hints[: self.asked.hint], 1):
                parts.append(Part("text", self.say("hint", number=number, text=hint)))
        return parts

    def solution(self, faults: Sequence[str]) -> list[Part]:
        """Show the book's answer, if it was asked for."""
        raise NotImplementedError

    def further(self, named: Sequence[Mistake]) -> list[Part]:
        """Say what to read and what can be asked for."""
        label = named[0].section if named else self.section
        section, chapter = sections()[label][self.language]
        parts = [Part("small", self.say("read-again", section=section, chapter=chapter))]
        if named and self.asked.hint < 2:
            parts.append(
                Part("ask", self.say("ask-hint", name=self.name, hint=self.asked.hint + 1))
            )
        elif not self.asked.solution:
            parts.append(Part("ask", self.say("ask-solution", name=self.name)))
        return parts

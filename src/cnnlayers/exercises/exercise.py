"""What an exercise on a function consists of: probes, small cases, and what counts as right."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from cnnlayers.exercises.faults import Function
from cnnlayers.exercises.values import Value, is_array

Array = NDArray[Any]
Index = tuple[int | slice, ...]


@dataclass(frozen=True, eq=False)
class Probe:
    """One input on which a reader's function is compared with the book's.

    Attributes
    ----------
    label
        The input in a few words that need no translation.
    names
        Names of the arguments.
    arguments
        The arguments.
    traits
        What is special about it, by the keys of the words: ``stride``, ``pad``, ``ties``, …
    advice
        Empty where the answer must be right; else the remark on one that is not.
    """

    label: str
    names: tuple[str, ...]
    arguments: tuple[Any, ...]
    traits: frozenset[str] = frozenset()
    advice: str = ""


def traits_of(**present: bool) -> frozenset[str]:
    """Name those that are present."""
    return frozenset(name for name, there in present.items() if there)


def as_it_is(answer: Any) -> Function:
    """Take the answer itself."""
    return answer


def no_choice(probe: Probe) -> tuple[dict[str, str], ...]:
    """Call the book's function as the reader's is called."""
    return ({},)


def nothing_else(probe: Probe, value: Value) -> bool:
    """Take no other answer as right."""
    return False


def nothing(probe: Probe, output: str, index: tuple[int, ...]) -> dict[str, Index]:
    """Mark no entry of the inputs."""
    return {}


@dataclass(frozen=True, eq=False)
class FunctionExercise:
    """An exercise that asks for a function.

    Attributes
    ----------
    name
        Its name, also that of its file in the bank.
    function
        The book's function.
    outputs
        Names of what it returns.
    probes
        What a reader's function is compared on.
    small
        Smaller inputs, the smallest first, among which one is looked for that shows a mistake.
    choices
        Further arguments of the book's function for a probe: several of them where the book
        leaves a choice, of which each is right.
    tolerates
        Whether an answer to a probe is right though the book's function gives another.
    with_ties
        More probes for a function that has a parameter `ties`.
    asks
        Names of what is to be handed in, where it is not the function alone.
    make
        Makes a function like the book's out of what was handed in.
    wrap
        Makes the function that is compared out of the reader's or the book's.
    window
        Entries of the inputs that one entry of an output depends on.
    parts
        Names of what is in the argument `cache`.
    prefix
        First word of the identifiers of its mistakes.
    shown
        What is shown as the book's version, if it is not the function.
    """

    name: str
    function: Function
    outputs: tuple[str, ...]
    probes: tuple[Probe, ...]
    small: Callable[[], Iterable[Probe]]
    choices: Callable[[Probe], tuple[dict[str, str], ...]] = no_choice
    tolerates: Callable[[Probe, Value], bool] = nothing_else
    with_ties: tuple[Probe, ...] = ()
    asks: tuple[str, ...] = ()
    make: Callable[..., Function] = as_it_is
    wrap: Callable[[Function], Function] = as_it_is
    window: Callable[[Probe, str, tuple[int, ...]], dict[str, Index]] = nothing
    parts: tuple[str, ...] = ()
    prefix: str = ""
    shown: tuple[Function, ...] = ()


def fitted(function: Function, arguments: Sequence[object]) -> Function:
    """Return a function of positional arguments, also where the last ones are keyword-only."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return function
    kinds = [parameter.kind for parameter in parameters]
    keywords = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    count = len(kinds) - len(keywords) - kinds.count(inspect.Parameter.VAR_KEYWORD)
    if inspect.Parameter.VAR_POSITIONAL in kinds or len(arguments) <= count or not keywords:
        return function

    def call(*values: object) -> object:
        return function(*values[:count], **dict(zip(keywords, values[count:], strict=False)))

    return call


def numbers(shape: tuple[int, ...], kind: str, seed: int = 0) -> Array:
    """Draw numbers of a kind, the same ones for the same arguments."""
    size = int(np.prod(shape))
    rng = np.random.default_rng([size, seed])
    if kind == "random":
        return (2 * rng.standard_normal(shape)).round(2)
    if kind == "ties":
        return rng.integers(0, 3, shape).astype(np.float64)
    values = rng.permutation(np.arange(1.0, max(size, 3) + 1))[:size]
    if kind == "signed":
        values[seed % 2 :: 2] *= -1
    if kind == "negative":
        values *= -1
    if kind == "halves":
        values += 0.5
    return values.reshape(shape)


def smallest_first(probes: Iterable[Probe]) -> list[Probe]:
    """Order by how many numbers there are to write down."""
    return sorted(probes, key=lambda probe: _weight(probe.arguments))


def _weight(value: Any) -> int:
    if is_array(value):
        return value.size
    if isinstance(value, dict):
        return sum(map(_weight, cast(dict[str, Any], value).values()))
    if isinstance(value, tuple):
        return sum(map(_weight, cast(tuple[Any, ...], value)))
    return abs(value) if isinstance(value, int) else 1

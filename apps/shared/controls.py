"""What a reader can choose, one field of a state at a time: the page, the address, the checks.

A field of a state is all there is to say about a control: its values, the part of the settings it
stands in, and when it matters. Its words are those of its name in the table of words. Nothing here
knows about Shiny.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import field, fields
from typing import Any, NamedTuple
from urllib.parse import quote


class Control(NamedTuple):
    """What a field of the state can be, and where it stands on the page."""

    kind: str  # choice, check, whole, number or numbers
    options: tuple[str, ...] = ()  # of a choice
    low: int = 0  # of a whole number
    high: int = 0
    group: str = ""  # the part of the settings it stands in; "": it is no field of the page
    radio: bool = False  # all its choices in sight
    matters: Callable[[Any], bool] = lambda state: True


def control(kind: str, *options: str, **more: Any) -> dict[str, Control]:
    """Say what a field of the state can be."""
    return {"control": Control(kind, options, **more)}


def choice(*options: str, default: str | None = None, **more: Any) -> Any:
    """Declare a control with a few values, the first of them its default unless it is named."""
    first = options[0] if default is None else default
    return field(default=first, metadata=control("choice", *options, **more))


def count(default: int, low: int, high: int, **more: Any) -> Any:
    """Declare a control whose values are whole numbers."""
    return field(default=default, metadata=control("whole", low=low, high=high, **more))


def controls(state: type) -> dict[str, Control]:
    """List the controls of a state by their names."""
    return {field.name: field.metadata["control"] for field in fields(state)}


def address(state: Any, defaults: Mapping[str, object], left_out: Collection[str] = ()) -> str:
    """Write an address: what differs from its default and matters, in the order of the table."""
    parts = []
    for key, control in controls(type(state)).items():
        value = getattr(state, key)
        if key not in left_out and value != defaults[key] and control.matters(state):
            parts.append(f"{key}={quote(_written(value), safe=',;~')}")
    return "&".join(parts)


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return "~".join(";".join(",".join(map(_written, row)) for row in c) for c in value)
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)

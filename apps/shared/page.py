"""What every application's page has: its head, its title and actions, its controls, its steps.

The page stands still; `page.js` draws into it what the server sends.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from shiny import ui

from apps.shared.controls import Control, controls
from apps.shared.typed import Problem
from apps.shared.words import Words

HERE = Path(__file__).parent
# Drawn, because not every machine's fonts have them: of a button that has no room for its word.
_DRAWINGS = {
    "surprise": "M8 1l2 5 5 2-5 2-2 5-2-5-5-2 5-2z",
    "link": "M7 9a3 3 0 0 0 4 0l3-3a3 3 0 0 0-4-4L9 3M9 7a3 3 0 0 0-4 0l-3 3a3 3 0 0 0 4 4l1-1",
    "widen": "M9 2h5v5M14 2L9 7M7 14H2V9M2 14l5-5",
    "theme": "M8 2a6 6 0 0 0 0 12z M8 2a6 6 0 1 0 .01 0",
}
SIGNS = {
    name: ui.HTML(f'<svg viewBox="0 0 16 16" width="1em" height="1em"><path d="{path}"/></svg>')
    for name, path in _DRAWINGS.items()
}


def document(
    title: str, *styles: Path, scripts: Sequence[Path] = (), needs: ui.TagList | None = None
) -> ui.Tag:
    """Make the empty page, which the first message fills.

    `needs` are the dependencies of Shiny's own inputs that the message brings.
    """
    return ui.page_fluid(
        ui.head_content(
            ui.tags.meta(name="viewport", content="width=device-width, initial-scale=1"),
            ui.tags.link(rel="icon", href="data:,"),
            ui.include_css(HERE / "page.css", method="inline"),
            *(ui.include_css(style, method="inline") for style in styles),
            ui.include_js(HERE / "page.js", method="inline"),
            *(ui.include_js(script, method="inline") for script in scripts),
        ),
        ui.tags.main(id="app", tabindex="-1"),
        needs,
        title=title,
        lang="es",
    )


def button(
    key: str, label: str, *, do: str = "", what: str = "", sign: str = "", **more: str
) -> ui.Tag:
    """Make a button that tells the server what to do; where it is narrow, its sign is enough."""
    more = {"data_do": do or key, **more}
    if what:
        more["data_what"] = what
    return ui.tags.button(*_worded(label, sign), id=key, type="button", class_="btn", **more)


def _worded(label: str, sign: str) -> tuple[ui.TagChild, ...]:
    if not sign:
        return (label,)
    word = ui.tags.span(label, class_="word")
    return ui.tags.span(SIGNS.get(sign, sign), class_="sign", aria_hidden="true"), word


def header(say: Words, *buttons: ui.Tag) -> ui.Tag:
    """Make the title, and the actions of every application after those of this one."""
    copy = {"data_done": say["copied"], "data_failed": say["not_copied"]}
    other = "en" if say.lang == "es" else "es"
    theme = {"data_to_dark": say["to_dark"], "data_to_light": say["to_light"]}
    return ui.tags.header(
        ui.div(ui.tags.h1(say["title"]), ui.tags.p(say["subtitle"])),
        ui.div(
            *buttons,
            ui.tags.button(
                *_worded(say["widen"], "widen"),
                id="widen",
                type="button",
                class_="btn",
                data_widen=say["widen"],
                data_unwiden=say["unwiden"],
            ),
            ui.tags.button(
                *_worded(say["copy"], "link"), id="copy", type="button", class_="btn", **copy
            ),
            ui.tags.button(
                *_worded(say["to_dark"], "theme"), id="theme", type="button", class_="btn", **theme
            ),
            button("language", say["other_language"], sign=other.upper(), lang=other),
            class_="actions",
        ),
    )


def steps(say: Words) -> ui.Tag:
    """Make the buttons that take steps; the arrow keys press them."""

    def step(key: str, sign: str, pressed_by: str) -> ui.Tag:
        named = {"title": say[key], "aria_label": say[key], "data_key": pressed_by}
        return button(key, sign, do="step", what=key, **named)

    return ui.div(
        step("first", "|◀", "Home"),
        step("back", "◀", "ArrowLeft"),
        playing(say),
        step("next", "▶", "ArrowRight"),
        step("last", "▶|", "End"),
        ui.tags.span(id="step"),
        id="steps",
        role="group",
        aria_label=say["steps"],
    )


def playing(say: Words) -> ui.Tag:
    """Make the button that lets steps follow one another; the space bar presses it."""
    return ui.tags.button(
        ui.tags.span("▶", id="play-sign", aria_hidden="true"),
        ui.tags.span(say["play"], id="play-word", class_="word"),
        id="play",
        type="button",
        class_="btn",
        data_do="play",
        data_key=" ",
    )


def number_field(key: str, label: ui.TagChild, step: str, spoken: str, slides: bool) -> ui.TagList:
    """Make a field for a number, and for a whole one a slider below it."""
    number = ui.tags.input(
        id=key, type="number", step=step, class_="form-control", data_set=key,
        aria_describedby=f"{key}-error",
    )  # fmt: skip
    slider = ui.tags.input(type="range", step="1", data_set=key, aria_label=spoken)
    return ui.TagList(
        ui.tags.label(label, for_=key), number, slider if slides else None, error(key)
    )


def select(key: str, label: str, names: dict[str, str]) -> ui.TagList:
    """Make a list to choose from."""
    options = [ui.tags.option(name, value=value) for value, name in names.items()]
    return ui.TagList(
        ui.tags.label(label, for_=key),
        ui.tags.select(
            *options, id=key, class_="form-select", data_set=key, aria_describedby=f"{key}-error"
        ),
        error(key),
    )


def radios(key: str, label: str, names: dict[str, str]) -> ui.TagList:
    """Make choices that are all in sight."""
    choices = [
        ui.tags.label(
            ui.tags.input(type="radio", name=key, value=value, data_set=key),
            ui.tags.span(name),
            class_="choice",
        )
        for value, name in names.items()
    ]
    group = ui.div(*choices, role="radiogroup", aria_label=label, class_="choices", id=key)
    return ui.TagList(ui.tags.span(label, class_="label", aria_hidden="true"), group, error(key))


def checkbox(key: str, label: str) -> ui.TagList:
    """Make a box to tick."""
    box = ui.tags.input(type="checkbox", id=key, data_set=key)
    return ui.TagList(ui.tags.label(box, ui.tags.span(label), class_="choice"), error(key))


def error(key: str) -> ui.Tag:
    """Make the place where a control says what is wrong with its value."""
    return ui.tags.p(id=f"{key}-error", class_="error", role="alert")


def group(
    say: Words,
    state: type,
    name: str,
    *,
    sliding: Collection[str] = (),
    names_of: Mapping[str, str] | None = None,
) -> ui.Tag:
    """Make the part of the settings that has a name."""
    here = {key: control for key, control in controls(state).items() if control.group == name}
    made = [
        ui.div(
            _control(say, key, control, key in sliding, (names_of or {}).get(key, key)),
            class_=f"control control-{key}",
            data_control=key,
        )
        for key, control in here.items()
    ]
    legend = ui.tags.legend(say[f"group_{name}"])
    return ui.tags.fieldset(legend, *made, data_group=name, id=f"group-{name}")


def _control(say: Words, key: str, control: Control, slides: bool, names: str) -> ui.TagChild:
    label = say[key]
    if control.kind == "check":
        return checkbox(key, label)
    if control.kind == "choice":
        options = {value: say.get(f"{names}_{value}", value) for value in control.options}
        return radios(key, label, options) if control.radio else select(key, label, options)
    hint = say.get(f"{key}_hint", "")
    shown = ui.TagList(label, " ", ui.tags.small(hint)) if hint else label
    step = "1" if control.kind == "whole" else "any"
    return number_field(key, shown, step, say("slider", key=label), slides)


def field(
    state: Any, key: str, errors: Mapping[str, str], problems: Mapping[str, Problem]
) -> dict[str, Any]:
    """Say to the page how a control stands."""
    value = getattr(state, key)
    value = f"{value:g}" if isinstance(value, float) else str(value)
    shown: dict[str, Any] = {"shown": controls(type(state))[key].matters(state), "value": value}
    if key in errors:  # what was typed stays to be mended
        shown |= {"value": problems[key].value, "error": errors[key]}
    return shown

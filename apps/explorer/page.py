"""The explorer's page: what stands still, from the table of controls, and what each visit shows."""

from __future__ import annotations

from html import escape
from pathlib import Path

from shiny import ui

from apps.explorer import view
from apps.explorer.address import serialize
from apps.explorer.look import look
from apps.explorer.state import CONTROLS, FAULTS, VIEWS
from apps.explorer.visit import Visit
from apps.shared.grid import exact, number
from apps.shared.page import (
    button,
    checkbox,
    header,
    number_field,
    radios,
    select,
    steps,
)
from apps.shared.typed import explain
from apps.shared.words import Words

STYLE = Path(__file__).with_name("explorer.css")
GROUPS = ("layer", "input", "filter", "back", "random")
OF_VIEWS = ("mistake", "learning", "entry", "window")  # in sight even where the settings are not
SLIDING = ("f", "stride", "pad", "size", "e")


def page(say: Words) -> ui.Tag:
    """Make everything that stands still, in one language."""
    panels = ui.tags.aside(
        ui.tags.details(
            ui.tags.summary(say["tries"]),
            ui.div(id="try", data_live=""),
            class_="panel",
            id="tries",
            open="",
        ),
        *(_group(say, group) for group in OF_VIEWS),
        ui.tags.details(
            ui.tags.summary(say["settings"]),
            *(_group(say, group) for group in GROUPS),
            class_="panel",
            id="settings",
            open="",
        ),
    )
    names = {name: say[f"view_{name}"] for name in VIEWS}
    stage = ui.div(
        ui.div(radios("view", say["view"], names), data_control="view", id="views"),
        ui.tags.ul(id="problems", role="alert", data_live=""),
        steps(say),
        ui.tags.p(
            id="sentence", role="status", aria_live="polite", aria_atomic="true", data_live=""
        ),
        ui.tags.p(id="cell-error", class_="error", role="alert", data_live=""),
        ui.div(id="scene", data_live=""),
        id="stage",
    )
    below = ui.div(
        ui.div(id="legend", data_live=""),
        ui.div(id="formula", data_live=""),
        ui.div(id="listing", data_live=""),
        ui.tags.p(say["keys"], class_="note"),
        id="below",
    )
    return ui.TagList(
        header(say, button("surprise", say["surprise"], sign="surprise")), panels, stage, below
    )


def message(visit: Visit, say: Words) -> dict[str, object]:
    """Say to the page what it has to show."""
    state = visit.state
    seen = look(state)
    asked, found = visit.asks, visit.found
    said = (
        view.question(say, state, seen, visit.guess) if asked else view.sentence(say, state, seen)
    )
    errors = {key: explain(problem, say) for key, problem in visit.errors.items()}
    in_cells = [text for key, text in errors.items() if key in ("x", "k", "guessed", "cell")]
    problems = [
        f"<li>{escape(say['address'])} {escape(explain(p, say))}</li>" for p in visit.problems
    ]
    last, first = state.steps - 1, 0 if state.view == "learn" else 1  # steps are counted from it
    counted = "entry_of" if state.view == "entry" else "step_of"
    return {
        "html": {
            "problems": "".join(problems),
            "scene": view.picture(say, state, seen, asked),
            "legend": view.legend(say, state, seen, asked),
            "formula": view.formula(say, state, seen),
            "listing": view.code(say, state),
            "try": _try(visit, say, errors.get("try", "")),
        },
        "text": {
            "sentence": f"{say['right']} {said}" if found else said,
            "step": say(counted, step=state.step + first, steps=last + first)
            if state.steps
            else "",
            "play-sign": "⏸" if visit.playing else "▶",
            "play-word": say["pause" if visit.playing else "play"],
            "cell-error": " ".join(in_cells),
        },
        "fields": {
            key: _field(visit, key, errors)
            for key, control in CONTROLS.items()
            if control.group or key == "view"
        },
        "off": [
            *(["first", "back"] if state.step <= 0 else []),
            *(["next", "last"] if state.step >= last else []),
            *(["play"] if not state.steps else []),
        ],
        "query": serialize(state),
        "title": f"{say['title']} · cnnlayers",
        "lang": state.lang,
        "data": {"view": state.view, "op": state.op},
    }


def _group(say: Words, group: str) -> ui.Tag:
    fields = [
        ui.div(_control(say, key), class_=f"control control-{key}", data_control=key)
        for key, control in CONTROLS.items()
        if control.group == group
    ]
    legend = ui.tags.legend(say[f"group_{group}"])
    return ui.tags.fieldset(legend, *fields, data_group=group, id=f"group-{group}")


def _control(say: Words, key: str) -> ui.TagChild:
    control, label = CONTROLS[key], say[key]
    names = {value: say.get(f"{key}_{value}", value) for value in control.options}
    if control.kind == "check":
        return checkbox(key, label)
    if control.kind == "choice":
        # The filter to be learned goes by the names that filters have.
        if key == "goal":
            names = {value: say[f"filter_{value}"] for value in control.options}
        return radios(key, label, names) if control.radio else select(key, label, names)
    hint = say.get(f"{key}_hint", "")
    shown = ui.TagList(label, " ", ui.tags.small(hint)) if hint else label
    step = "1" if control.kind == "whole" else "any"
    return number_field(key, shown, step, say("slider", key=label), key in SLIDING)


def _field(visit: Visit, key: str, errors: dict[str, str]) -> dict[str, object]:
    state, control, value = visit.state, CONTROLS[key], getattr(visit.state, key)
    value = f"{value:g}" if isinstance(value, float) else str(value)
    shown: dict[str, object] = {"shown": control.matters(state), "value": value}
    if key in errors:  # what was typed stays to be mended
        shown |= {"value": visit.errors[key].value, "error": errors[key]}
    if key in SLIDING:
        shown["limits"] = state.limits(key)
    if key == "view":
        shown["off"] = [name for name in VIEWS if name not in state.views]
    if key == "fault":
        shown["off"] = [name for name in control.options if name not in FAULTS[state.op]]
    return shown


def _try(visit: Visit, say: Words, error: str) -> str:
    if visit.case is None:
        return ""
    key = f"try_{visit.case.name}_{visit.task + 1}"
    answer = visit.case.tasks[visit.task].answer
    tabs = "".join(
        f'<button type="button" class="btn" id="task-{n}" data-do="task" data-what="{n}" '
        f'aria-pressed="{str(n == visit.task).lower()}" '
        f'aria-label="{say("task_of", n=n + 1)}">{n + 1}</button>'
        for n in range(3)
    )
    said = error
    if visit.answered:
        said = say(f"{key}_why", answer=number(answer))
        if not visit.told:
            said = f"{say['right']} {said}"
        see = f'<button type="button" class="btn" id="see" data-do="see">{say["see"]}</button>'
        more = f'<p class="actions">{see}</p>'
    else:
        if visit.tried is not None and not error:
            said = say("not_it", guess=exact(visit.tried))
        more = (
            f'<form data-do="try"><label>{say["your_answer"]} '
            f'<input name="text" class="form-control" inputmode="text" autocomplete="off" '
            f'id="answer-{key}"/></label>'
            f'<button class="btn" id="check">{say["check"]}</button>'
            f'<button type="button" class="btn" id="tell" data-do="tell">{say["tell"]}</button>'
            "</form>"
        )
    return (
        f'<div class="tabs">{tabs}</div><p>{say[key]}</p>{more}'
        f'<p role="status" class="said">{escape(said)}</p>'
    )

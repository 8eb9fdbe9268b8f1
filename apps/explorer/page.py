"""The explorer's page: what stands still, from the table of controls, and what each visit shows."""

from __future__ import annotations

from html import escape
from pathlib import Path

from shiny import ui

from apps.explorer import view
from apps.explorer.address import serialize
from apps.explorer.look import look
from apps.explorer.state import CONTROLS, FAULTS, VIEWS, State
from apps.explorer.visit import Visit
from apps.shared.grid import exact, number
from apps.shared.page import button, field, group, header, radios, steps
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
        *(_group(say, name) for name in OF_VIEWS),
        ui.tags.details(
            ui.tags.summary(say["settings"]),
            *(_group(say, name) for name in GROUPS),
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


def _group(say: Words, name: str) -> ui.Tag:
    # The filter to be learned goes by the names that filters have.
    return group(say, State, name, sliding=SLIDING, names_of={"goal": "filter"})


def _field(visit: Visit, key: str, errors: dict[str, str]) -> dict[str, object]:
    state = visit.state
    shown = field(state, key, errors, visit.errors)
    if key in SLIDING:
        shown["limits"] = state.limits(key)
    if key == "view":
        shown["off"] = [name for name in VIEWS if name not in state.views]
    if key == "fault":
        shown["off"] = [name for name in CONTROLS[key].options if name not in FAULTS[state.op]]
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

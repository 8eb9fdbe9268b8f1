"""The network's page: what stands still, and what each visit shows."""

from __future__ import annotations

from html import escape
from pathlib import Path

from shiny import ui

from apps.network import lessons, view
from apps.network.address import serialize
from apps.network.course import course, misread
from apps.network.look import look
from apps.network.maps import maps
from apps.network.pictures import examples
from apps.network.state import CONTROLS, LAYERS, STEPS, VIEWS, State
from apps.network.visit import Visit
from apps.shared.page import button, field, group, header, playing, radios
from apps.shared.typed import explain
from apps.shared.words import Words

HERE = Path(__file__).parent
STYLE, SCRIPT = HERE / "network.css", HERE / "network.js"
GROUPS = ("number", "back", "training")
SLIDING = ("digit", "c", "j")


def page(say: Words) -> ui.TagList:
    """Make everything that stands still, in one language."""
    panels = ui.tags.aside(
        ui.tags.details(
            ui.tags.summary(say["group_picture"]),
            group(say, State, "picture", sliding=SLIDING),
            ui.div(
                button("surprise", say["surprise"]), button("clear", say["clear"]), class_="actions"
            ),
            _misread(say),
            class_="panel",
            id="pictures",
            open="",
        ),
        *(group(say, State, name, sliding=SLIDING) for name in GROUPS),
    )
    names = {name: say[f"view_{name}"] for name in VIEWS}
    training = ui.div(
        button("step", say["step"], do="train", what="step", data_key="ArrowRight"),
        button("epoch", say["epoch"], do="train", what="epoch"),
        playing(say),
        button("reset", say["reset"], do="train", what="reset", data_key="Home"),
        id="steps",
        role="group",
        aria_label=say["group_training"],
    )
    stage = ui.div(
        ui.div(radios("view", say["view"], names), data_control="view", id="views"),
        ui.tags.ul(id="problems", role="alert", data_live=""),
        training,
        ui.tags.p(
            id="sentence", role="status", aria_live="polite", aria_atomic="true", data_live=""
        ),
        ui.tags.p(id="cell-error", class_="error", role="alert", data_live=""),
        ui.div(id="scene", data_live=""),
        id="stage",
    )
    below = ui.div(ui.tags.p(say["keys"], class_="note"), id="below")
    return ui.TagList(header(say), panels, stage, below)


def message(visit: Visit, say: Words) -> dict[str, object]:
    """Say to the page what it has to show."""
    state, now = visit.state, course(visit.state)
    if state.view == "train":
        scene, sentence = lessons.scene(say, state), lessons.sentence(say, state)
    else:
        seen = look(state)
        scene, sentence = view.scene(say, state, seen), view.sentence(say, state, seen)
        if lessons.pending(state):
            sentence = lessons.sentence(say, state)
    errors = {key: explain(problem, say) for key, problem in visit.errors.items()}
    problems = [
        f"<li>{escape(say['address'])} {escape(explain(p, say))}</li>" for p in visit.problems
    ]
    ended = state.t >= STEPS or now.broken
    return {
        "html": {"problems": "".join(problems), "scene": scene},
        "text": {
            "sentence": sentence,
            "play-sign": "⏸" if visit.running else "▶",
            "play-word": say["pause" if visit.running else "play"],
            "cell-error": errors.get("cell", ""),
        },
        "fields": {
            key: _field(visit, key, errors)
            for key, control in CONTROLS.items()
            if control.group or key == "view"
        },
        "off": [
            *(["step", "epoch", "play"] if ended else []),
            *(["reset"] if not state.t else []),
        ],
        "query": serialize(state),
        "title": f"{say['title']} · cnnlayers",
        "lang": state.lang,
        "data": {"view": state.view, "layer": state.layer},
    }


def _field(visit: Visit, key: str, errors: dict[str, str]) -> dict[str, object]:
    state, shown = visit.state, field(visit.state, key, errors, visit.errors)
    if key in SLIDING:
        most = {"c": LAYERS[state.layer][2] - 1, "j": state.summed - 1}
        shown["limits"] = (0, most.get(key, CONTROLS[key].high))
    if key == "digit":
        shown["shown"] = True
    if key in ("rate", "batch", "fault", "start", "seed"):
        shown["shown"] = shown["shown"] and state.view == "train"
    return shown


def _misread(say: Words) -> ui.Tag:
    """Make a button for each test digit that the chapter's network misreads."""
    _, _, X, y = examples()
    buttons = [
        ui.tags.button(
            ui.HTML(maps(X[n], f"misread-{n}")),
            ui.tags.span(f"{y[n]} → {read}", aria_hidden="true"),
            type="button",
            class_="btn",
            id=f"digit-{n}",
            data_do="digit",
            data_what=str(n),
            aria_label=say("misread_as", n=n, y=y[n], read=read),
        )
        for n, read in misread().items()
    ]
    return ui.div(ui.tags.p(say["misread"], class_="note"), ui.div(*buttons, class_="misread"))

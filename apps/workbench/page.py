"""The workbench's page: what stands still, and what each visit shows."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from shiny import ui

from apps.shared.page import button, header
from apps.shared.typed import explain
from apps.shared.words import Words
from apps.workbench.pencil import Field, fields
from apps.workbench.state import listed, serialize
from apps.workbench.visit import Visit
from cnnlayers.exercises import Exercise, stub
from cnnlayers.exercises.language import sections

STYLE = Path(__file__).with_name("workbench.css")
SCRIPT = Path(__file__).with_name("workbench.js")


def _editor() -> ui.Tag:
    return ui.input_code_editor("code", language="python", height="100%", fill=False)


NEEDS = ui.TagList(*_editor().get_dependencies())


def page(say: Words, *, can_stop: bool) -> ui.Tag:
    """Make everything that stands still, in one language."""
    choose = ui.div(
        ui.tags.label(say["exercise"], for_="exercise"),
        ui.tags.select(*_options(say), id="exercise", class_="form-select", data_set="exercise"),
        ui.tags.p(id="exercise-error", class_="error", role="alert"),
        data_control="exercise",
        id="choose",
    )
    stop = [_button(say, "stop")] if can_stop else []
    tools = ui.div(
        _button(say, "check", title=say["check_keys"]),
        _button(say, "run"),
        *stop,
        _button(say, "hint", title=say["hint_when"]),
        _button(say, "solution"),
        ui.span(
            ui.tags.button(
                say["reset"], id="reset", type="button", class_="btn", data_undo=say["undo"]
            ),
            ui.tags.button(say["download"], id="download", type="button", class_="btn"),
            class_="aside",
        ),
        id="tools",
        role="group",
        aria_label=say["tools"],
    )
    desk = ui.tags.section(
        ui.div(id="task", data_live=""),
        ui.div(
            ui.div(_editor(), id="writing", data_live=""),
            ui.tags.p(say["keys"], id="keys", class_="note"),
            id="code-part",
        ),
        ui.div(id="fields", data_live=""),
        tools,
        id="desk",
        aria_label=say["desk"],
    )
    findings = ui.tags.section(
        ui.tags.h2(say["report"], id="report-title", tabindex="-1"),
        ui.tags.p(id="sentence", role="status", aria_live="polite", data_live=""),
        ui.div(id="report", data_live=""),
        id="findings",
        aria_labelledby="report-title",
    )
    said = {
        f"data_{key}": say[key]
        for key in ("running", "checking", "stopping", "left", "emptied", "restored", "editor")
    }
    return ui.TagList(
        header(say),
        ui.div(
            choose,
            button("onward", say["onward"]),
            ui.tags.ul(id="problems", role="alert", data_live=""),
            id="above",
        ),
        desk,
        findings,
        ui.div(id="said", hidden="", **said),
    )


def _button(say: Words, key: str, **more: str) -> ui.Tag:
    return ui.tags.button(say[key], id=key, type="button", class_="btn", data_work=key, **more)


def _options(say: Words) -> list[ui.Tag]:
    """List the exercises under the chapters that they belong to."""
    chapters: dict[str, list[Exercise]] = {}
    for one in listed(say.lang).values():
        chapters.setdefault(_chapter(one, say.lang), []).append(one)
    return [
        ui.tags.optgroup(
            *(ui.tags.option(_label(one), value=one.name) for one in members), label=chapter
        )
        for chapter, members in chapters.items()
    ]


def _chapter(one: Exercise, lang: str) -> str:
    return sections()[one.section][lang][1]


def _label(one: Exercise) -> str:
    """Call a function of the book by its name, and any other exercise by its title."""
    return one.name if one.asks == (one.name,) else one.title


def message(visit: Visit, say: Words) -> dict[str, object]:
    """Say to the page what it has to show."""
    state = visit.state
    one = listed(state.lang)[state.exercise]
    found = visit.found or {}
    off = [
        *([] if visit.more_hints else ["hint"]),
        *(["solution"] if visit.asked and visit.asked.solution else []),
    ]
    problems = (f"<li>{escape(explain(problem, say))}</li>" for problem in visit.problems)
    return {
        "html": {
            "problems": "".join(problems),
            "task": _task(one, say),
            "fields": _fields(visit, say),
            "report": "" if visit.busy else _report(visit, found, say),
        },
        "text": {} if visit.busy else {"sentence": _said(visit, found, say)},
        "fields": {"exercise": {"shown": True, "value": state.exercise}},
        "off": off,
        "query": serialize(state),
        "title": f"{one.title} · cnnlayers",
        "lang": state.lang,
        "data": {
            "exercise": state.exercise,
            "kind": "numbers" if one.kind == "numbers" else "code",
            "busy": "1" if visit.busy else "",
            "verdict": _verdict(visit, found),
        },
        "stub": "" if one.kind == "numbers" else stub(state.exercise, state.lang),
    }


def _task(one: Exercise, say: Words) -> str:
    where = say("where", section=one.section_title, chapter=_chapter(one, say.lang))
    asked = ""
    if one.kind == "numbers":
        lines = stub(one.name, say.lang).splitlines()
        asked = " ".join(line.removeprefix("# ") for line in lines if line.startswith("#"))
        asked = f"<p>{escape(asked)}</p>"
    return f'<h2>{escape(one.title)}</h2><p class="note">{escape(where)}</p>{asked}'


# What was typed, field by field


def _fields(visit: Visit, say: Words) -> str:
    """Make the places to type into, with what was wrong in them marked."""
    found = visit.found or {}
    wrong = visit.report.get("wrong", {})
    problems = found.get("problems", {})
    made = []
    for field in fields(visit.state.exercise):
        marks = _flat(wrong.get(field.name), len(field.cells))
        texts = [say[problems[key]] for key in (field.name, *field.cells) if key in problems]
        told = f'<p class="error">{escape(texts[0])}</p>' if texts else ""
        cells = [
            _cell(field, n, cell, mark, cell in problems, say)
            for n, (cell, mark) in enumerate(zip(field.cells, marks, strict=True))
        ]
        if field.kind != "grid":
            made.append(
                f'<div class="field"><label for="{field.name}"><code>{field.name}</code></label>'
                f"{cells[0]}{told}</div>"
            )
            continue
        rows = (
            f"<tr>{''.join(cells[r * field.columns : (r + 1) * field.columns])}</tr>"
            for r in range(field.rows)
        )
        made.append(
            f'<div class="field"><table><caption><code>{field.name}</code></caption>'
            f"{''.join(rows)}</table>{told}</div>"
        )
    note = {"text": "shapes", "grid": "numbers", "number": "numbers"}
    notes = dict.fromkeys(note[f.kind] for f in fields(visit.state.exercise) if f.kind in note)
    return "".join(made) + "".join(f'<p class="note">{escape(say[key])}</p>' for key in notes)


def _cell(field: Field, n: int, cell: str, mark: bool | None, unread: bool, say: Words) -> str:
    state = "" if mark is None else "wrong" if mark else "right"
    spoken = {"": "", "wrong": f", {say['cell_wrong']}", "right": f", {say['cell_right']}"}[state]
    about = f'id="{cell}" data-field="{cell}" class="form-control {state}"'
    if mark or unread:
        about += ' aria-invalid="true"'
    if field.kind == "grid":
        row, column = divmod(n, field.columns)
        name = say("cell_name", name=field.name, r=row + 1, c=column + 1)
        return f'<td><input {about} aria-label="{escape(name + spoken)}" inputmode="text"/></td>'
    if spoken:
        about += f' aria-description="{escape(spoken[2:])}"'
    sign = {"": "", "wrong": "✗", "right": "✓"}[state]
    sign = f'<span class="judged" aria-hidden="true">{sign}</span>'
    if field.kind == "truth":
        options = "".join(
            f'<option value="{value}">{say[value] if value else "…"}</option>'
            for value in ("", "yes", "no")
        )
        about = about.replace("form-control", "form-select")
        return f"<select {about}>{options}</select>{sign}"
    return f'<input {about} inputmode="text"/>{sign}'


def _flat(cells: Any, count: int) -> list[bool | None]:
    """Bring the marks of an answer into the order of its cells; of a word there is but one."""
    if cells is None:
        return [None] * count
    flat: list[bool | None] = []
    rest = [cells]
    while rest:
        first = rest.pop(0)
        if isinstance(first, list):
            rest = [*first, *rest]
        else:
            flat.append(first)
    return flat if len(flat) == count else [any(flat)] * count


# What came of it


def _verdict(visit: Visit, found: Mapping[str, Any]) -> str:
    if visit.asked is None or visit.busy:
        return ""
    if visit.asked.do == "run":
        return "ran" if found.get("ending") == "returned" else "wrong"
    return "right" if visit.report.get("passed") else "wrong"


def _said(visit: Visit, found: Mapping[str, Any], say: Words) -> str:
    """Say in a sentence what came of it."""
    if visit.asked is None:
        return say["begin_numbers" if fields(visit.state.exercise) else "begin"]
    if head := visit.report.get("head"):
        return head
    if "refused" in visit.report:
        return say["refused"]
    ending = found.get("ending", "")
    if ending != "returned":
        raised = found.get("raised") or {}
        kind, seconds = raised.get("kind", ""), found.get("seconds", 0)
        return say(f"ended_{ending}", kind=kind, seconds=f"{seconds:g}")
    if missing := found.get("missing"):
        names = say["and"].join(f"`{name}`" for name in missing)
        return say("missing", names=names).replace("`", "")
    examples = found.get("examples")
    if not examples:
        return say["ran" if found.get("printed") or found.get("value") else "ran_silently"]
    return say("ran_examples", right=examples["right"], count=examples["count"])


def _report(visit: Visit, found: Mapping[str, Any], say: Words) -> str:
    """Show what was printed, raised and found."""
    if visit.asked is None:
        return ""
    parts = []
    raised = found.get("raised")
    if visit.asked.do == "run" or raised:
        for key in ("printed", "value"):
            if found.get(key):
                parts.append(_shown(say[f"shown_{key}"], found[key].rstrip("\n")))
    if raised:
        if raised["message"] and found["ending"] == "raised":
            parts.append(f"<p>{escape(raised['message'])}</p>")
        if raised["line"]:
            line = say("at_line", line=raised["line"])
            parts.append(_shown(line, raised["code"]))
    if (examples := found.get("examples")) and examples["first"]:
        first = examples["first"]
        parts.append(_shown(say["example"], first["source"].rstrip()))
        if first["want"]:
            parts.append(_shown(say["example_want"], first["want"].rstrip()))
        parts.append(_shown(say["example_got"], first["got"].rstrip() or say["nothing"]))
    if "refused" in visit.report:
        parts.append(f"<p>{escape(visit.report['refused'])}</p>")
    if found.get("solution"):
        parts.append(_shown(say["book"], found["solution"]))
    return "".join(parts) + visit.report.get("html", "")


def _shown(title: str, text: str) -> str:
    return (
        f'<figure class="shown"><figcaption>{escape(title)}</figcaption>'
        f"<pre><code>{escape(text)}</code></pre></figure>"
    )

"""The explorer: one number of a convolution or a pooling being made, and its gradient sent back.

`state.py` is the table of what can be chosen, `look.py` computes it with `cnnlayers`, `view.py`
draws it, `visit.py` says what each act of the reader makes of it; this file connects them with
the page.
"""

import sys
from pathlib import Path

import numpy  # noqa: F401  a browser installs what the file that it starts imports
from shiny import App, Inputs, Outputs, Session, reactive

# The repository, where `apps` is; an export has it beside this file.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from apps.explorer.page import STYLE, message, page
from apps.explorer.visit import Visit, act, tick
from apps.shared.page import document
from apps.shared.words import words

SECONDS_A_STEP, SECONDS_A_LESSON = 0.9, 0.2

app_ui = document("cnnlayers", STYLE)


def server(input: Inputs, output: Outputs, session: Session) -> None:
    """Answer each act of the reader with what the page has to show."""
    visit = Visit()
    playing = reactive.value(False)
    language = ""  # that the page stands in; none before it has told its address

    async def show(now: Visit) -> None:
        nonlocal visit, language
        visit = now
        say = words("explorer", now.state.lang)
        shown = message(now, say)
        if language != now.state.lang:
            language = now.state.lang
            shown["page"] = str(page(say))
        playing.set(now.playing)
        await session.send_custom_message("show", shown)

    @reactive.effect
    @reactive.event(input.act)
    async def _():
        await show(act(visit, input.act()))

    @reactive.effect
    async def _():
        if playing.get():
            lesson = visit.state.view == "learn"
            reactive.invalidate_later(SECONDS_A_LESSON if lesson else SECONDS_A_STEP)
            with reactive.isolate():
                await show(tick(visit))


app = App(app_ui, server)

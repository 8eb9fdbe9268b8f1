"""The workbench: the reader writes the book's functions and is told what went wrong.

`state.py` is what the address holds, `visit.py` says what each act of the reader makes of it,
`work.py` runs and checks what is typed and `process.py` does that where it can do no harm to
others, `page.py` draws; this file connects them with the page. What is typed is judged by
`cnnlayers.exercises` alone.

Whatever is typed runs. In the book's pages that is the browser's own Python, which can reach
nothing else. On the reader's machine (`make demo`) it runs with the rights of whoever started the
server, and therefore only what is typed into this very page may (`guard.py`):

- the server listens on 127.0.0.1, as `shiny run` does unless told otherwise, and answers nobody
  else's address;
- every request, the one that opens the WebSocket included, must name this machine as its Host, so
  that no other name can be made to lead here, and a request that names its Origin must come from
  this server's own page; a WebSocket must name it;
- what is to be run comes with a token, new at each start, that stands in the page and is never
  sent through the WebSocket. Other sites cannot read the page, so they do not know it. No other
  site may show the page in a frame of its own either, and nothing in an address is ever run.

It does not keep out other users of the same machine, who can open the page as its reader can. A
process of its own runs the code, and is killed if it does not end.
"""

import asyncio
import sys
from pathlib import Path

import numpy  # noqa: F401  a browser installs what the file that it starts imports
from shiny import App, Inputs, Outputs, Session, reactive, ui

# The repository, where `apps` is; an export has it beside this file.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from apps.shared.page import document
from apps.shared.words import words
from apps.workbench.guard import Guard, knows_token, token
from apps.workbench.page import NEEDS, SCRIPT, STYLE, message, page
from apps.workbench.process import IN_BROWSER, done
from apps.workbench.visit import Visit, act, hand_in, stop

app_ui = document("cnnlayers", STYLE, scripts=(SCRIPT,), needs=ui.TagList(NEEDS, token()))


def server(input: Inputs, output: Outputs, session: Session) -> None:
    """Answer each act of the reader with what the page has to show."""
    visit = Visit()
    language = ""  # that the page stands in; none before it has told its address
    working: asyncio.Task[None] | None = None

    async def show(now: Visit) -> None:
        nonlocal visit, language
        visit = now
        say = words("workbench", now.state.lang)
        shown = message(now, say)
        if language != now.state.lang:
            language = now.state.lang
            shown["page"] = str(page(say, can_stop=not IN_BROWSER))
        await session.send_custom_message("show", shown)

    def cancel() -> None:
        if working is not None:
            working.cancel()

    def start() -> None:
        """Work on what was handed in, while the session listens on."""
        nonlocal working

        async def finish() -> None:
            await show(await done(visit))

        cancel()
        working = asyncio.create_task(finish())

    @reactive.effect
    @reactive.event(input.act)
    async def _():
        before = visit
        await show(act(before, input.act()))
        if visit.asked is None:
            cancel()
        elif visit.state.lang != before.state.lang and visit.speaks:
            start()  # the report is written in a language

    @reactive.effect
    @reactive.event(input.work)
    async def _():
        nonlocal visit
        asked = input.work()
        if not knows_token(asked):
            return
        if asked.get("do") == "stop":
            cancel()
            await show(stop(visit))
        else:
            before, visit = visit, hand_in(visit, asked)
            if visit is not before:
                start()

    session.on_ended(cancel)


app = App(app_ui, server)
if not IN_BROWSER:
    app.starlette_app.add_middleware(Guard)

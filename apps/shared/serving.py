"""The server of an application: it answers each act of the reader with what the page shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shiny import Inputs, Outputs, Session, reactive, ui

from apps.shared.words import Words, words


def serving(
    section: str,
    start: Any,
    *,
    act: Callable[[Any, object], Any],
    tick: Callable[[Any], Any],
    pause: Callable[[Any], float],
    page: Callable[[Words], ui.TagChild],
    message: Callable[[Any, Words], dict[str, object]],
) -> Callable[[Inputs, Outputs, Session], None]:
    """Make the server of an application whose words stand in a section of their table.

    A visit begins at `start`; `act` makes another of it for what the reader did and, while it is
    playing, `tick` after so many seconds of `pause`. The page stands still but for the language:
    `message` says what to put into it.
    """

    def server(input: Inputs, output: Outputs, session: Session) -> None:
        visit = start
        playing = reactive.value(False)
        language = ""  # that the page stands in; none before it has told its address

        async def show(now: Any) -> None:
            nonlocal visit, language
            visit = now
            say = words(section, now.state.lang)
            shown = message(now, say)
            if language != now.state.lang:
                language = now.state.lang
                shown["page"] = str(ui.TagList(page(say)))
            playing.set(now.playing)
            await session.send_custom_message("show", shown)

        @reactive.effect
        @reactive.event(input.act)
        async def _():
            await show(act(visit, input.act()))

        @reactive.effect
        async def _():
            if playing():
                reactive.invalidate_later(pause(visit))
                with reactive.isolate():
                    await show(tick(visit))

    return server

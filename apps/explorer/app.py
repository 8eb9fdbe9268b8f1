"""The explorer: one number of a convolution or a pooling being made, and its gradient sent back.

`state.py` holds what can be chosen and computes it with `cnnlayers`, `running.py` runs the book's
loops, `view.py` draws, `words.py` speaks; this file connects them with the page.
"""

from dataclasses import fields
from pathlib import Path
from random import choice

from shiny import App, Inputs, Outputs, Session, reactive, render, req, ui
from state import (
    CHOICES,
    SMALLEST_FILTER,
    WHOLE,
    Refused,
    State,
    change,
    edit,
    look,
    number,
    parse,
    serialize,
)
from view import picture, question, sentence
from words import WORDS, explain

HERE = Path(__file__).parent
CONTROLS = ("op", "view", "input", "size", "channels", "filter", "f", "stride", "pad", "bias")
CONTROLS += ("dz", "ties", "seed", "guess")
SECONDS_A_STEP = 0.9

app_ui = ui.page_fluid(
    ui.head_content(
        ui.tags.meta(name="viewport", content="width=device-width, initial-scale=1"),
        ui.tags.link(rel="icon", href="data:,"),
        ui.include_css(HERE / "explorer.css", method="inline"),
        ui.include_js(HERE / "explorer.js", method="inline"),
    ),
    ui.output_ui("page"),
    title="cnnlayers",
    lang="es",
)


def draw_page(state: State) -> ui.Tag:
    """Draw everything but the picture in one language, with the controls as the state has them."""
    words = WORDS[state.lang]

    def control(key: str, only: str = "") -> ui.Tag:
        value, label = shown(getattr(state, key)), words[key]
        if key in ("op", "view"):
            names = {name: words[f"{key}_{name}"] for name in CHOICES[key]}
            field = ui.input_radio_buttons(key, label, names, selected=value, inline=True)
        elif key == "guess":
            field = ui.input_checkbox(key, label, bool(value))
        elif key == "channels":
            field = ui.input_radio_buttons(key, label, ["1", "3"], selected=str(value), inline=True)
        elif key in CHOICES:
            names = {name: words[f"{key}_{name}"] for name in CHOICES[key]}
            field = ui.input_select(key, label, names, selected=value)
        else:
            if hint := words.get(f"{key}_hint"):
                label = ui.TagList(label, " ", ui.tags.small(hint))
            low, high = WHOLE.get(key, (None, None))
            step = "any" if key == "bias" else 1
            field = ui.input_numeric(key, label, value, min=low, max=high, step=step)
        error = ui.tags.p(id=f"{key}-error", class_="error", role="alert")
        return ui.div(field, error, class_=f"control control-{key} {only}")

    def group(name: str, *controls: ui.Tag, only: str = "") -> ui.Tag:
        return ui.tags.fieldset(ui.tags.legend(words[name]), *controls, class_=only)

    def button(key: str, sign: str) -> ui.Tag:
        return ui.input_action_button(key, sign, title=words[key], aria_label=words[key])

    return ui.tags.main(
        ui.tags.header(
            ui.div(ui.tags.h1(words["title"]), ui.tags.p(words["subtitle"])),
            ui.div(
                ui.input_action_button("surprise", words["surprise"]),
                ui.tags.button(
                    words["copy"],
                    id="copy",
                    type="button",
                    class_="btn btn-default",
                    data_done=words["copied"],
                    data_failed=words["not_copied"],
                ),
                ui.tags.button(
                    words["to_dark"], id="theme", type="button", class_="btn btn-default"
                ),
                ui.input_action_button(
                    "language",
                    words["other_language"],
                    lang="en" if state.lang == "es" else "es",
                ),
                class_="actions",
            ),
        ),
        ui.tags.details(
            ui.tags.summary(words["settings"]),
            group("layer", control("op"), control("view"), control("guess", "only-forward")),
            group("what_in", control("input"), control("size"), control("channels")),
            group(
                "what_filter",
                control("filter", "only-conv"),
                control("f"),
                control("stride"),
                control("pad", "only-conv"),
                control("bias", "only-conv"),
            ),
            group(
                "what_back",
                control("dz"),
                control("ties", "only-max"),
                only="only-backward",
            ),
            ui.div(control("seed"), class_="only-random"),
            id="settings",
            open="",
        ),
        ui.div(
            ui.tags.ul(id="problems", role="alert"),
            ui.div(
                button("first", "|◀"),
                button("back", "◀"),
                ui.input_action_button("play", f"▶ {words['play']}"),
                button("next", "▶"),
                button("last", "▶|"),
                ui.tags.span(id="step"),
                id="transport",
                role="group",
                aria_label=words["steps"],
            ),
            ui.tags.p(id="sentence", role="status", aria_live="polite", aria_atomic="true"),
            ui.div(id="picture"),
            ui.tags.p(words["keys"], class_="note"),
            id="stage",
        ),
        id="explorer",
        lang=state.lang,
    )


def shown(value: object) -> object:
    """Write a value as its field shows it: 2, not 2.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def server(input: Inputs, output: Outputs, session: Session) -> None:
    """Connect the page with the state."""
    state = reactive.value(State())
    language: reactive.Value[str] = reactive.value()  # the page is made anew only for this
    errors = reactive.value({})
    problems = reactive.value([])
    playing = reactive.value(False)
    answer: reactive.Value[tuple[State, float] | None] = reactive.value(None)

    def become(new: State) -> None:
        """Take a new state, and let the controls follow where something else changed it."""
        old = state.get()
        if new == old:
            return
        state.set(new)
        language.set(new.lang)
        for key in CONTROLS:
            value = getattr(new, key)
            if value == getattr(old, key):
                continue
            errors.set({k: v for k, v in errors.get().items() if k != key})
            value = shown(value)
            if key in input and str(input[key]()) == str(value):
                continue
            if key == "guess":
                ui.update_checkbox(key, value=bool(value))
            elif key in ("op", "view", "channels"):
                ui.update_radio_buttons(key, selected=str(value))
            elif key in CHOICES:
                ui.update_select(key, selected=value)
            else:
                ui.update_numeric(key, value=value)

    def attempt(key: str, make, *arguments: object) -> None:
        """Take what the reader typed or chose; if it makes no sense, say so and stay."""
        try:
            new = make(state.get(), *arguments)
        except Refused as refused:
            errors.set({**errors.get(), key: refused.problem})
        else:
            errors.set({k: v for k, v in errors.get().items() if k != key})
            become(new)

    def take_answer(now: State, text: str) -> State:
        answer.set((now, number("guessed", text)))
        return now

    @render.ui
    def page():
        req(language.is_set())
        language.get()
        with reactive.isolate():
            return draw_page(state.get())

    @reactive.effect
    @reactive.event(input.address)
    def _():
        new, found = parse(input.address())
        playing.set(False)
        errors.set({})
        problems.set(found)
        become(new)
        language.set(new.lang)

    def follow(key: str) -> None:
        @reactive.effect
        @reactive.event(input[key], ignore_none=False)  # an empty field is None
        def _():
            value = input[key]()
            if key == "guess":  # a checkbox
                value = "1" if value else ""
            attempt(key, change, key, value)

    for key in (*CONTROLS, "theme"):
        follow(key)

    @reactive.effect
    @reactive.event(input.language)
    def _():
        become(change(state.get(), "lang", "en" if state.get().lang == "es" else "es"))

    @reactive.effect
    @reactive.event(input.pick)
    def _():
        playing.set(False)
        h, w, c = input.pick()
        attempt("pick", lambda now: change(change(change(now, "h", h), "w", w), "c", c))

    @reactive.effect
    @reactive.event(input.typed)
    def _():
        typed = input.typed()
        if typed["grid"] == "guess":
            attempt("guessed", take_answer, typed["text"])
            return
        cell = (typed["h"], typed["w"], typed["c"])
        attempt(typed["grid"], edit, typed["grid"], cell, typed["text"])

    def button(key: str, step) -> None:
        @reactive.effect
        @reactive.event(input[key])
        def _():
            playing.set(False)
            become(state.get().at(step(state.get())))

    button("first", lambda now: 0)
    button("back", lambda now: now.step - 1)
    button("next", lambda now: now.step + 1)
    button("last", lambda now: now.steps - 1)

    @reactive.effect
    @reactive.event(input.play)
    def _():
        now = state.get()
        playing.set(not playing.get() and now.has_output)
        if playing.get() and now.step == now.steps - 1:
            become(now.at(0))

    @reactive.effect
    def _():
        if not playing.get():
            return
        reactive.invalidate_later(SECONDS_A_STEP)
        with reactive.isolate():
            now = state.get()
            if now.step >= now.steps - 1:
                playing.set(False)
            else:
                become(now.at(now.step + 1))

    @reactive.effect
    @reactive.event(input.surprise)
    def _():
        playing.set(False)
        become(surprise(state.get()))

    @reactive.effect
    async def _():
        req(language.is_set())
        now, words = state.get(), WORDS[state.get().lang]
        found, wrong = False, None
        if now.asks and answer.get() and answer.get()[0] == now:
            z = look(now).Z[now.h, now.w, now.c]
            found = abs(answer.get()[1] - z) < 0.00501  # two decimals are enough
            wrong = None if found else answer.get()[1]
        asked = now.asks and not found
        said = question(now, wrong) if asked else sentence(now)
        say_step = words["step_of"].format(step=now.step + 1, steps=now.steps)
        message = {
            "picture": picture(now, asked),
            "sentence": f"{words['right']} {said}" if found else said,
            "step": say_step if now.has_output else "",
            "play": f"⏸ {words['pause']}" if playing.get() else f"▶ {words['play']}",
            "query": serialize(now),
            "errors": {key: explain(problem, now.lang) for key, problem in errors.get().items()},
            "problems": [f"{words['address']} {explain(p, now.lang)}" for p in problems.get()],
            "title": f"{words['title']} · cnnlayers",
            "shows": {field.name: str(getattr(now, field.name)) for field in fields(State)},
        }
        await session.send_custom_message("explorer", message)


def surprise(now: State) -> State:
    """Draw a state worth looking at from those that have an output."""
    while True:
        f, filter = choice((2, 3, 3, 3, 4, 5)), choice(CHOICES["filter"][:-1])
        drawn = State(
            op=choice(CHOICES["op"]),
            view=now.view,
            input=choice(CHOICES["input"][:-1]),
            channels=choice((1, 1, 3)),
            filter=filter,
            f=f,
            stride=choice((1, 1, 2, 3)),
            pad=choice((0, 1, 2)),
            seed=choice(range(1000)),
            dz=choice(CHOICES["dz"]),
            guess=now.guess,
            lang=now.lang,
            theme=now.theme,
        )
        if drawn.has_output and f >= SMALLEST_FILTER.get(filter, 1) and drawn.pad < f:
            return drawn.at(choice(range(drawn.steps)))


app = App(app_ui, server)

"""A sine wave with three sliders: the smallest useful application."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from shiny import App, reactive, render, ui

# The table of words: beside an exported application, in tools/ of the repository.
HERE = Path(__file__).resolve().parent
TABLES = (HERE / "words.json", HERE.parent.parent / "tools" / "words.json")
WORDS = json.loads(next(filter(Path.exists, TABLES)).read_text("utf-8"))["sine"]

# In the browser's Python the application has a frame of its own; the page around it has
# the address, whose ?lang=en asks for English, and may say that its theme has changed.
HEAD = """
const framed = window.frameElement?.classList.contains("app-frame");
const around = framed ? parent : window;
const query = new URLSearchParams(around.location.search);
const dark = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
const page = document.documentElement;
page.lang = query.get("lang") === "en" ? "en" : "es";
page.dataset.bsTheme = query.get("theme") || dark;
around.addEventListener("message", ({ data }) => {
  if (data?.theme) page.dataset.bsTheme = data.theme;
});
const say = () => Shiny.setInputValue("lang", page.lang);
$(document).on("shiny:sessioninitialized", say);
"""
# The plot is as high as its frame; on a phone the sliders stand above it.
STYLE = """
@media (max-width: 575px) { #wave { height: 16rem !important; } }
[data-bs-theme="dark"] #wave img { filter: invert(0.9) hue-rotate(180deg); }
"""

app_ui = ui.page_sidebar(
    ui.sidebar(
        ui.input_slider("period", "Periodo", min=0.5, max=2, value=1, step=0.01),
        ui.input_slider("amplitude", "Amplitud", min=0, max=2, value=1, step=0.25),
        ui.input_slider("shift", "Desfase", min=0, max=2, value=0, step=0.1),
        open={"desktop": "open", "mobile": "always-above"},
    ),
    ui.output_plot("wave", height="calc(100vh - 7rem)"),
    ui.head_content(
        ui.tags.link(rel="icon", href="data:,"),
        ui.tags.script(HEAD),
        ui.tags.style(STYLE),
    ),
    title=ui.tags.h1(ui.output_text("title", inline=True), class_="h4 m-0"),
    window_title="Función seno",
    lang="es",
)


def server(input, output, session):
    """Draw the wave for the sliders' values."""

    @reactive.effect
    def in_the_readers_language():
        words = {key: word[input.lang()] for key, word in WORDS.items()}
        for slider in ("period", "amplitude", "shift"):
            ui.update_slider(slider, label=words[slider])

        @render.text
        def title():
            return words["title"]

        @render.plot(alt=words["title"])
        def wave():
            t = np.arange(0, 4, 0.01)
            angle = 2 * np.pi / input.period() * (t - input.shift() / 2)
            fig, ax = plt.subplots()
            ax.plot(t, input.amplitude() * np.sin(angle))
            ax.set(xlabel="$t$", ylabel="$s(t)$", ylim=(-2, 2))
            ax.grid()
            return fig


app = App(app_ui, server)

"""A sine wave with three sliders: the smallest useful application."""

import matplotlib.pyplot as plt
import numpy as np
from shiny import App, reactive, render, ui

WORDS = {
    "es": ["Función seno", "Periodo", "Amplitud", "Desfase"],
    "en": ["Sine function", "Period", "Amplitude", "Phase shift"],
}
# In the browser's Python the application has a frame of its own; the page around it has
# the address, whose ?lang=en asks for English.
READ_ADDRESS = """
$(document).on("shiny:sessioninitialized", () => {
  const framed = window.frameElement?.classList.contains("app-frame");
  const query = new URLSearchParams((framed ? parent : window).location.search);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const page = document.documentElement;
  page.lang = query.get("lang") === "en" ? "en" : "es";
  page.dataset.bsTheme = query.get("theme") || dark;
  Shiny.setInputValue("lang", page.lang);
});
"""
DARK = '[data-bs-theme="dark"] #wave img { filter: invert(0.9) hue-rotate(180deg); }'

app_ui = ui.page_sidebar(
    ui.sidebar(
        ui.input_slider("period", "Periodo", min=0.5, max=2, value=1, step=0.01),
        ui.input_slider("amplitude", "Amplitud", min=0, max=2, value=1, step=0.25),
        ui.input_slider("shift", "Desfase", min=0, max=2, value=0, step=0.1),
        open={"desktop": "open", "mobile": "always-above"},
    ),
    ui.output_plot("wave"),
    ui.tags.script(READ_ADDRESS),
    ui.tags.style(DARK),
    title=ui.tags.h1(ui.output_text("title", inline=True), class_="h4 m-0"),
    window_title="Función seno",
    lang="es",
)


def server(input, output, session):
    """Draw the wave for the sliders' values."""

    @reactive.effect
    def in_the_readers_language():
        words = WORDS[input.lang()]
        sliders = ("period", "amplitude", "shift")
        for slider, label in zip(sliders, words[1:], strict=True):
            ui.update_slider(slider, label=label)

        @render.text
        def title():
            return words[0]

        @render.plot(alt=words[0])
        def wave():
            t = np.arange(0, 4, 0.01)
            angle = 2 * np.pi / input.period() * (t - input.shift() / 2)
            fig, ax = plt.subplots()
            ax.plot(t, input.amplitude() * np.sin(angle))
            ax.set(xlabel="$t$", ylabel="$s(t)$", ylim=(-2, 2))
            ax.grid()
            return fig


app = App(app_ui, server)

"""The explorer: one number of a convolution or a pooling being made, and its gradient sent back.

`state.py` is the table of what can be chosen, `look.py` computes it with `cnnlayers`, `view.py`
draws it, `visit.py` says what each act of the reader makes of it; this file connects them with
the page.
"""

import sys
from pathlib import Path

import numpy  # noqa: F401  a browser installs what the file that it starts imports
from shiny import App

# The repository, where `apps` is; an export has it beside this file.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from apps.explorer.page import STYLE, message, page
from apps.explorer.visit import Visit, act, tick
from apps.shared.page import document
from apps.shared.serving import serving

SECONDS_A_STEP, SECONDS_A_LESSON = 0.9, 0.2

app_ui = document("cnnlayers", STYLE)
server = serving(
    "explorer",
    Visit(),
    act=act,
    tick=tick,
    pause=lambda visit: SECONDS_A_LESSON if visit.state.view == "learn" else SECONDS_A_STEP,
    page=page,
    message=message,
)
app = App(app_ui, server)

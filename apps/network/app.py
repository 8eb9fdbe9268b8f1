"""The network of the book to look into: draw a digit, see each number, send a gradient back, train.

`state.py` is the table of what can be chosen, `look.py` and `course.py` compute it with
`cnnlayers`, `view.py` and `lessons.py` draw it, `made.py` says what one number is made from,
`visit.py` what each act of the reader makes of it; this file connects them with the page.
"""

import sys
from pathlib import Path

import numpy  # noqa: F401  a browser installs what the file that it starts imports
from shiny import App

# The repository, where `apps` is; an export has it beside this file.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from apps.network.page import SCRIPT, STYLE, message, page
from apps.network.visit import Visit, act, tick
from apps.shared.page import document
from apps.shared.serving import serving

SECONDS_A_TICK = 0.2

app_ui = document("cnnlayers", STYLE, scripts=(SCRIPT,))
server = serving(
    "network",
    Visit(),
    act=act,
    tick=tick,
    pause=lambda visit: SECONDS_A_TICK,
    page=page,
    message=message,
)
app = App(app_ui, server)

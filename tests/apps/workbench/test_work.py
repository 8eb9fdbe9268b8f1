"""What comes of code that is run and checked, in a process of its own and in the browser's way."""

import asyncio
import json
import os
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.shared.words import words
from apps.workbench import process
from apps.workbench import work as module
from apps.workbench.page import message
from apps.workbench.process import done
from apps.workbench.state import State
from apps.workbench.visit import Asked, Visit
from apps.workbench.work import work
from cnnlayers.exercises import exercises, stub

RIGHT = """
import numpy as np
def zero_pad(X, pad):
    return np.pad(X * 1.0, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
"""
ENDLESS = "def zero_pad(X, pad):\n    while True:\n        pass\n"


def visit(do: str, text: str, exercise: str = "zero_pad", **told) -> Visit:
    return Visit(State(exercise, "en"), asked=Asked(do, text, **told))


def ask(do: str, text: str, exercise: str = "zero_pad", **told) -> Visit:
    """What the workbench says at once, without another process."""
    asked = {"do": do, "text": text, "answers": None, "hint": 0, "solution": False, **told}
    found = work({**asked, "exercise": exercise, "lang": "en"})
    assert json.loads(json.dumps(found)) == found  # as it comes from the other process
    return Visit(State(exercise, "en"), asked=Asked(**asked), found=found)


def finish(work: Coroutine) -> Visit | None:
    """Wait for it in a thread, for Playwright's own loop may run in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def said(visit: Visit) -> str:
    shown = message(visit, words("workbench", "en"))
    return shown["text"]["sentence"] + "\n" + shown["html"]["report"]


def test_right_and_wrong_are_what_the_checkers_say():
    assert ask("check", RIGHT).report["passed"]
    wrong = ask("check", RIGHT.replace("(pad, pad)", "(pad, 0)"))
    assert not wrong.report["passed"] and wrong.report["mistakes"]
    assert "The smallest case" in said(wrong)


@pytest.mark.parametrize("one", [one for one in exercises("en") if one.kind != "reasoning"],
                         ids=lambda one: one.name)  # fmt: skip
def test_a_stub_as_it_stands_is_wrong_and_never_an_error(one):
    if one.kind != "numbers":
        shown = ask("check", stub(one.name, "en"), one.name)
        assert shown.found["ending"] == "returned" and not shown.report.get("passed")
        assert said(shown).strip()


def test_running_shows_what_is_printed_and_the_last_value():
    shown = said(ask("run", "print('<b>', 1)\nimport numpy as np\nnp.arange(3) * 2"))
    assert "It ran." in shown and "&lt;b&gt; 1" in shown and "array([0, 2, 4])" in shown
    assert "printed nothing" in said(ask("run", "x = 3"))


def test_running_tries_the_examples_and_shows_the_first_that_fails():
    shown = ask("run", stub("zero_pad", "en") + RIGHT)
    assert "Examples" not in said(shown)  # the second definition has none
    right = stub("zero_pad", "en").replace("...  # your code", RIGHT.splitlines()[3].strip())
    assert "Examples that give what they say: 3 of 3" in said(ask("run", right))
    shown = said(ask("run", right.replace("return", "return 2 *")))
    assert "1 of 3" in shown and "[0., 7., 2., 0.]" in shown and "[ 0., 14.,  4.,  0.]" in shown


@pytest.mark.parametrize("code, expected", [
    ("x = 1\ny = = 2", ("SyntaxError", "Line 2", "y = = 2")),
    ("def f():\n    return g()\nf()", ("NameError", "Line 2", "return g()")),
    ("import json\ndef f():\n    json.loads('')\nf()", ("JSONDecodeError", "Line 3", "json.loads")),
    ("import nowhere_at_all", ("ModuleNotFoundError", "Line 1", "nowhere_at_all")),
    ("raise SystemExit(3)", ("ends the program", "Line 1", "raise SystemExit(3)")),
    ("def f(n): return f(n + 1)\nf(0)", ("without end", "Line 1", "return f(n + 1)")),
    ("import numpy as np\nnp.zeros(10**13)", ("more memory", "Line 2", "10**13")),
])  # fmt: skip
@pytest.mark.parametrize("do", ["run", "check"])
def test_what_stops_code_is_said_with_the_readers_own_line(code, expected, do):
    shown = said(ask(do, code))
    for text in expected:
        assert text in shown.replace("&#x27;", "'")


def test_code_without_the_function_is_told_its_name():
    assert "does not define zero_pad" in said(ask("check", "def pad_zeros(X, pad): ..."))
    assert "does not define to_channels_first and to_channels_last" in said(
        ask("check", "", "channels-first")
    )


def test_the_solution_is_shown_even_where_nothing_can_be_judged():
    for code in ("x = = 1", "x = 1", RIGHT.replace("(pad, pad)", "(pad, 0)")):
        assert "def zero_pad" in said(ask("check", code, solution=True))
        assert "def zero_pad" not in said(ask("check", code))


def test_a_faulty_layer_is_found_out():
    code = stub("find-the-fault", "en")
    assert "does not define mistake" in said(ask("check", code, "find-the-fault"))
    found = ask("check", code.replace("...", '"pad-one-side"'), "find-the-fault")
    assert found.report["passed"]
    other = ask("check", code.replace("...", '"no-such"'), "find-the-fault")
    assert "no-such" in said(other) and not other.report["passed"]


def test_the_browsers_python_ends_what_loops_forever(monkeypatch):
    monkeypatch.setattr(process, "IN_BROWSER", True)
    monkeypatch.setattr(module, "SECONDS", 0.2)
    for do, code in (("run", "while True: pass"), ("check", ENDLESS)):
        shown = finish(done(visit(do, code)))
        assert "forever" in said(shown)
    assert finish(done(visit("check", RIGHT))).report["passed"]


def test_another_process_gives_the_same_answer():
    asked = visit("check", "print('not an answer')\n" + RIGHT)
    shown = finish(done(asked))
    assert shown.found == ask("check", asked.asked.text).found
    text = "import os\nos.write(1, b'{}')\nimport sys\nprint(1, file=sys.__stdout__, flush=True)"
    assert finish(done(visit("run", text))).found["ending"] == "returned"


def test_what_python_cannot_interrupt_is_killed(monkeypatch):
    monkeypatch.setattr(process, "SECONDS", 2)
    shown = finish(done(visit("run", "import time\ntime.sleep(600)")))
    assert shown.found["ending"] == "killed" and "did not end" in said(shown)


@pytest.mark.parametrize("code", ["import os; os._exit(0)", "raise KeyboardInterrupt"])
def test_a_process_that_ends_itself_is_said_to(code):
    assert "ends the program" in said(finish(done(visit("run", code))))


def test_what_is_cancelled_leaves_no_process_behind(tmp_path):
    told = tmp_path / "pid"
    code = f"import os, time\nopen({str(told)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"

    async def start_and_stop():
        task = asyncio.create_task(done(visit("run", code)))
        while not (told.exists() and told.read_text()):
            await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    finish(start_and_stop())
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)

"""The numbers that each view shows, against an independent computation."""

import numpy as np
import pytest
from hypothesis import given, settings
from independent import Case, draw
from reached import CHANGES, EDITS, reached
from shown import Shown, close, opened, read, see, show

import cnnlayers
from apps.explorer import running
from apps.explorer.address import parse
from apps.explorer.state import LESSONS, VIEWS
from apps.explorer.visit import Visit

CASES = [draw(np.random.default_rng(seed)) for seed in range(40)]
CONVOLUTIONS = [case for case in CASES if case.op == "conv"]


def dZ_of(shown: Shown, case: Case) -> np.ndarray:
    """The gradient that arrives: the random ones have one decimal, so a grid shows all of it."""
    return shown.volume("dZ", case.n_C)


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_forward(case):
    shown = see(case.query())
    channels, window = case.x.shape[2], case.window(case.h, case.w)
    assert close(shown.volume("A", channels), case.padded)
    assert close(shown.volume("Z", case.n_C), case.output())
    assert close(shown.number(), case.output()[case.h, case.w, case.c])
    if case.op == "conv":
        assert close(shown.volume("read", channels), window)
        assert close(shown.volume("factors", channels), case.k)
        assert close(shown.volume("products", channels), window * case.k)
    else:
        here = window[:, :, case.c]
        assert close(shown.grid(f"read-{case.c}"), here)
        highest = {tuple(map(int, at)) for at in np.argwhere(here == here.max())}
        assert shown.marked(f"read-{case.c}", "max_here") == (
            highest if case.op == "max" else set()
        )
    assert [shown.number(f"n_{axis}") for axis in "HW"] == [case.n_H, case.n_W]
    framed = {(h + case.h * case.stride, w + case.w * case.stride)
              for h in range(case.f) for w in range(case.f)}  # fmt: skip
    assert shown.marked(f"A-{case.c}", "in") == framed
    assert shown.marked(f"Z-{case.c}", "current") == {(case.h, case.w)}
    done = {at for at in np.ndindex(case.n_H, case.n_W) if at < (case.h, case.w)}
    assert shown.marked(f"Z-{case.c}", "done") == done


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_backward(case):
    shown = see(case.query(view="backward", dz="random", seed="3"))
    channels = case.x.shape[2]
    dZ = dZ_of(shown, case)
    dA, dW, db = case.gradients(dZ)
    pad = case.pad_of()
    inner = shown.volume("dA", channels)[pad : pad + len(dA), pad : pad + dA.shape[1]]
    assert close(inner, dA)
    dz = dZ[case.h, case.w, case.c]
    if case.op == "conv":
        window = case.window(case.h, case.w)
        assert close(shown.volume("dW", channels), dW)
        assert close(shown.volume("dW-step", channels), window * dz)
        assert close(shown.number("db"), db)
        assert close(shown.number("db-step"), dz)
        sent = shown.volume("dA-step", channels)
        kept = ~np.isnan(sent)
        assert close(sent[kept], (case.k * dz)[kept])
        edge = np.pad(np.ones(case.x.shape), ((pad, pad), (pad, pad), (0, 0)))
        top, left = case.h * case.stride, case.w * case.stride
        assert (kept == edge[top : top + case.f, left : left + case.f].astype(bool)).all()
        return
    here = case.window(case.h, case.w)[:, :, case.c]
    if case.op == "average":
        assert close(shown.grid("sent"), np.full(here.shape, dz / case.f**2))
        return
    mask = here == here.max()
    if case.ties == "first":
        mask = np.arange(here.size).reshape(here.shape) == here.argmax()
    assert close(shown.grid("mask"), mask)
    assert close(shown.grid("sent"), mask * dz)


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_every_pixels_gradient_is_the_sum_of_what_feeds_it(case):
    query = case.query(view="entry", dz="random", seed="2")
    dZ = dZ_of(see(query), case)
    rng = np.random.default_rng(0)
    for _ in range(4):
        at = tuple(int(rng.integers(n)) for n in case.x.shape)
        shown = see(f"{query}&row={at[0]}&column={at[1]}&channel={at[2]}")
        terms = case.gradient_of_pixel(dZ, *at)
        readers = {(h, w) for h, w in np.ndindex(case.n_H, case.n_W)
                   if 0 <= at[0] + case.pad_of() - h * case.stride < case.f
                   and 0 <= at[1] + case.pad_of() - w * case.stride < case.f}  # fmt: skip
        c = 0 if case.op == "conv" else at[2]
        assert shown.marked(f"dZ-{c}", "feeds") == readers
        assert len(terms) == len(readers)
        if terms:
            assert close(shown.grid("products-0").ravel(), terms)
            assert close(shown.number(), sum(terms))
        else:
            assert not shown.has("products-0")
        assert close(read(shown.text("gradient")), sum(terms))


@pytest.mark.parametrize("case", CONVOLUTIONS, ids=range(len(CONVOLUTIONS)))
def test_every_weights_gradient_is_the_sum_over_all_windows(case):
    query = case.query(view="entry", dz="random", of="W")
    dZ = dZ_of(see(query), case)
    for at in [(0, 0, 0), (case.f - 1, 0, 0), (0, case.f - 1, case.x.shape[2] - 1)]:
        shown = see(f"{query}&row={at[0]}&column={at[1]}&channel={at[2]}")
        pixels = np.array([[case.window(h, w)[at] for w in range(case.n_W)]
                           for h in range(case.n_H)])  # fmt: skip
        assert close(shown.grid("factors-0"), pixels)
        assert close(shown.grid("products-0"), pixels * dZ[:, :, 0])
        assert close(shown.number(), (pixels * dZ[:, :, 0]).sum())
    shown = see(case.query(view="entry", dz="random", of="b"))
    assert close(shown.number(), dZ.sum())


@pytest.mark.parametrize("of", "AWb")
@pytest.mark.parametrize("e", [1, 3, 6])
def test_the_nudge_finds_the_gradient(of, e):
    shown = see(f"view=entry&dz=random&of={of}&e={e}&pad=1" + "&row=1&column=2" * (of != "b"))
    slope, gradient = (read(shown.text(key)) for key in ("slope", "gradient"))
    assert slope == pytest.approx(gradient, abs=1e-4)
    higher, lower = (read(shown.text(key)) for key in ("higher", "lower"))
    assert (higher - lower) / (2 * 10**-e) == pytest.approx(slope, abs=2e-6 / 10**-e)


def test_a_nudge_says_where_it_cannot_be_trusted():
    kink = "op=max&view=entry&f=2&x=1,1;1,1&lang=en"
    assert "kink" in "".join(see(kink).ident("board-nudge").itertext())
    tiny = see("view=entry&dz=random&row=2&column=2&e=12&pad=1&lang=en&stride=1&bias=0.3")
    fine = see("view=entry&dz=random&row=2&column=2&e=3&pad=1&lang=en&stride=1&bias=0.3")
    assert "loses the decimals" in "".join(tiny.ident("board-nudge").itertext())
    assert "They differ" not in "".join(fine.ident("board-nudge").itertext())


@pytest.mark.parametrize("case", CONVOLUTIONS, ids=range(len(CONVOLUTIONS)))
def test_the_window_is_a_row_of_the_matrix(case):
    shown = see(case.query(view="columns"))
    rows = shown.grid("rows")
    step = case.h * case.n_W + case.w
    present = {h for h, _ in shown.marked("rows", "present")}
    assert len(present) == 1
    first = step - present.pop()
    windows = [case.window(h, w).ravel() for h, w in np.ndindex(case.n_H, case.n_W)]
    assert close(rows, windows[first : first + len(rows)])
    assert close(shown.grid("column")[0], case.k.ravel())
    assert close(shown.grid("terms")[0], windows[step] * case.k.ravel())
    assert close(shown.number(), case.output()[case.h, case.w, 0])
    # The same entry has the same link in the input and in the matrix.
    links = {cell.get("data-link"): read(cell.text) for row in shown.cells("rows") for cell in row
             if cell.get("data-link")}  # fmt: skip
    for c in range(case.x.shape[2]):
        for row in shown.cells(f"A-{c}"):
            for cell in row:
                if cell.get("data-link"):
                    assert read(cell.text) == links[cell.get("data-link")]


def learned(W, target, x, f, steps, rate):
    """Gradient descent on half the mean squared error, by plain sums over windows."""
    b, losses = 0.0, []
    n = len(x) - f + 1
    windows = {(h, w): x[h : h + f, w : w + f] for h in range(n) for w in range(n)}
    for _ in range(steps + 1):
        errors = {at: (window * (W - target)).sum() + b for at, window in windows.items()}
        losses.append(sum(e**2 for e in errors.values()) / (2 * n * n))
        W = W - rate * sum(errors[at] * windows[at] for at in windows) / (n * n)
        b -= rate * sum(errors.values()) / (n * n)
    return losses


def test_learning_follows_gradient_descent():
    x = np.array([[1, 0, 2, 1], [0, 1, 1, 0], [2, 1, 0, 1], [1, 1, 0, 2]], float)
    k, goal = np.array([[1.0, 0.0], [0.5, -1.0]]), np.array([[-1.0, -1.0], [1.0, 1.0]])
    query = "view=learn&x=1,0,2,1;0,1,1,0;2,1,0,1;1,1,0,2&k=1,0;0.5,-1&goal=sobel-y&rate=0.05"
    losses = learned(k, goal, x, 2, 20, 0.05)
    for t in (0, 1, 7, 20):
        assert see(f"{query}&t={t}").number("loss") == pytest.approx(losses[t], abs=6e-5)
    assert losses[20] < losses[0] / 4


def test_learning_says_when_it_goes_wrong_or_has_nothing_to_do():
    assert "too large" in see("view=learn&rate=0.05&t=9&lang=en").sentence
    assert "nothing to learn" in see("view=learn&filter=sobel-y&lang=en").sentence
    down = see("view=learn&filter=random&t=9&lang=en&rate=0.002")
    assert "down to" in down.sentence
    assert down.message["text"]["step"] == f"step 9 of {LESSONS}"


@pytest.mark.parametrize("query", [
    "view=sizes", "view=sizes&stride=2&size=6", "view=sizes&f=2&pad=2&stride=3", "view=sizes&f=7",
    "op=max&view=sizes&f=2&stride=5", "view=sizes&size=3&f=7&pad=1", "view=sizes&f=2&stride=3",
])  # fmt: skip
def test_sizes(query):
    state, shown = parse(query)[0], see(query)
    total, f, stride = state.size + 2 * state.padding, state.f, state.stride
    starts = list(range(0, total - f + 1, stride))
    bars = [node.get("style") for node in shown.scene.iter("li") if node.get("class") == "bar"]
    assert bars == [f"--start:{start + 1}" for start in starts]
    unread = [int(node.text) for node in shown.scene.iter("li")
              if "unread" in node.get("class", "").split()]  # fmt: skip
    reached = {n for start in starts for n in range(start, start + f)}
    assert unread == [n for n in range(total) if n not in reached]
    said = {0: "nothing is left unread", 1: "one row is left unread"}
    if starts:
        expected = said.get(len(unread), f"{len(unread)} rows are left unread")
        assert f"{len(starts)} windows fit and {expected}." in see(query + "&lang=en").sentence
    pads = range(4) if state.op == "conv" else [0]
    for pad in pads:
        for s in range(1, 6):
            button = shown.ident(f"size-{pad}-{s}")
            windows = len(range(0, state.size + 2 * pad - f + 1, s))
            assert button.text == (str(windows) if windows else "—")
    assert max(shown.number("n_H"), 0) == len(starts)


@pytest.mark.parametrize("query, formula", [
    ("stride=2&pad=1&size=6", "⌊(6 − 3 + 2·1) / 2⌋ + 1 = 3"),
    ("op=max&f=2&stride=3&size=8", "⌊(8 − 2) / 3⌋ + 1 = 3"),
    ("x=1,2,3;4,5,6&k=1", "⌊(2 − 1 + 2·0) / 1⌋ + 1 = 2"),
])  # fmt: skip
def test_the_formula_has_the_present_numbers_in_it(query, formula):
    assert formula in see(query).text("board-size")


def test_dropped_rows_and_columns_are_marked_and_named():
    shown = see("op=max&f=2&stride=2&lang=en")
    assert shown.text("dropped") == "The stride leaves unread: row 6 and column 6."
    assert len(shown.marked("A-0", "unread")) == 13
    assert not see("op=max&f=3&stride=2&lang=en").has("dropped")


def test_without_an_output_it_says_why_and_nothing_can_be_stepped():
    shown = see("size=4&f=7&pad=1&lang=en&h=0")
    assert "the 7 × 7 window does not fit into an input of 4 × 4 with padding 1 (6 × 6)" in (
        shown.sentence
    )
    assert shown.text("n_H").strip() == "0"
    assert set(shown.message["off"]) == {"first", "back", "play", "next", "last"}
    assert shown.message["text"]["step"] == ""


def test_buttons_that_would_do_nothing_are_off():
    assert see("").message["off"] == ["first", "back"]
    assert see("h=4&w=4").message["off"] == ["next", "last"]
    assert see("h=1").message["off"] == []
    assert see("size=3&f=3").message["off"] == ["first", "back", "next", "last"]


@settings(deadline=None)
@given(CHANGES, EDITS)
def test_every_state_has_a_picture_and_a_sentence(changes, edits):
    state = reached(changes, edits)
    shown = show(Visit(state))
    assert shown.sentence
    assert any(shown.scene.iter("table"))
    idents = [node.get("id") for node in shown.scene.iter() if node.get("id")]
    assert len(idents) == len(set(idents))


def test_one_step_computes_the_layer_once(monkeypatch):
    calls = {"forward": 0, "backward": 0}

    def counted(name, function):
        def call(*arguments, **more):
            calls[name.split("_")[1]] += 1
            return function(*arguments, **more)

        return call

    for name in ("conv_forward", "conv_backward", "pool_forward", "pool_backward"):
        monkeypatch.setattr(cnnlayers, name, counted(name, getattr(cnnlayers, name)))
    # A bias that no other test has: nothing is remembered.
    see("bias=0.125")
    assert calls == {"forward": 1, "backward": 0}
    see("bias=0.125&view=backward&guess=1")
    assert calls == {"forward": 2, "backward": 2}


@pytest.mark.parametrize("query", [
    "", "channels=3&stride=2&pad=1", "op=max&f=2", "op=average&f=2&channels=3",
    "view=backward&stride=2", "op=max&view=backward&f=2&stride=2&channels=3",
    "op=average&view=backward&f=3",
])  # fmt: skip
def test_the_marked_lines_ran_with_the_indices_of_the_step(query):
    state, _ = parse(query)
    for step in (0, state.steps // 2, state.steps - 1):
        now = state.at(step)
        ran, code = running.present(now), running.source(running.function_name(now))
        assert {key: ran.indices[key] for key in "ihwc"} == {
            "i": 0, "h": now.h, "w": now.w, "c": now.c,
        }  # fmt: skip
        assert ran.indices["vert_start"] == now.h * now.stride
        assert ran.indices["horiz_end"] == now.w * now.stride + now.f
        written = " ".join(code.lines[n] for n in ran.writes)
        arrays = {"conv_forward": "Z[", "pool_forward": "A[", "conv_backward": "db["}
        assert arrays.get(code.name, "da_slice_prev") in written
        assert ("np.mean" in written or "distribute" in written) == (state.op == "average")


def test_the_listing_leaves_the_docstring_out():
    for name in ("conv_forward", "pool_backward"):
        text = "\n".join(running.source(name).lines)
        assert text.startswith(f"def {name}(")
        assert '"""' not in text


def test_the_maximum_is_named_where_it_is():
    """Row and column, in this order, on an input where they differ."""
    query = "op=max&view=backward&f=2&x=0,0,0;0,0,9;0,0,0&h=0&w=1&lang=en"
    assert "is at row 1, column 2: 1 goes there" in see(query).sentence
    spanish = see(query.replace("en", "es")).sentence
    assert "está en la fila 1, columna 2" in spanish


def test_ties_receive_all_or_the_first_receives_it():
    query = "op=max&f=2&x=1,1;1,1&view=backward&lang=en"
    every, first = see(query), see(query + "&ties=first")
    assert every.grid("dA-0").tolist() == [[1, 1], [1, 1]]
    assert first.grid("dA-0").tolist() == [[1, 0], [0, 0]]
    assert "dA_prev grows by 4 and not by 1" in every.sentence
    assert "Only the first, at row 0, column 0, receives 1" in first.sentence


def test_views_that_there_are_not_are_off():
    assert see("").message["fields"]["view"]["off"] == []
    assert see("op=max").message["fields"]["view"]["off"] == ["columns", "learn"]
    assert opened("op=max&view=learn").state.view == "forward"


@pytest.mark.parametrize("view", VIEWS)
def test_fields_are_shown_where_they_matter(view):
    fields = see(f"view={view}").message["fields"]
    shown = {key for key, field in fields.items() if field["shown"]}
    always = {"view", "op", "input", "size", "channels", "filter", "f", "stride", "pad"}
    more = {
        "forward": {"bias", "guess"}, "backward": {"bias", "guess", "dz"},
        "entry": {"bias", "dz", "of", "e"}, "columns": {"bias"},
        "learn": {"bias", "goal", "rate"}, "mistake": {"bias", "fault"}, "sizes": set(),
    }[view]  # fmt: skip
    assert shown == always | more
    pooling = see("op=max&view=backward").message["fields"]
    assert not pooling["pad"]["shown"] and not pooling["filter"]["shown"]
    assert pooling["ties"]["shown"]

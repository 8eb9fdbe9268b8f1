"""Every number that the network's page shows, against the layers and an independent computation."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shown import Shown, close, read, showing
from test_visit import FORGED

from apps.network.address import parse
from apps.network.course import course, misread, trained
from apps.network.look import look
from apps.network.maps import ZERO
from apps.network.page import message
from apps.network.pictures import as_pixels, picture
from apps.network.state import FAULTS, LAYERS, TEST_DIGITS, State
from apps.network.view import IN_MAPS
from apps.network.visit import Visit, act, tick
from apps.network.way import place, way

GRADIENTS = [layer for layer in LAYERS if layer != "P"]


def show(visit: Visit) -> Shown:
    return showing("network", message, visit)


def opened(query: str) -> Visit:
    visit = act(Visit(), {"do": "open", "query": query})
    assert not visit.problems, visit.problems
    while visit.playing:
        visit = tick(visit)
    return visit


def do(visit: Visit, *acts: dict) -> Visit:
    for done in acts:
        visit = act(visit, done, Random(0))
    return visit


def by_hand(X: np.ndarray) -> dict[str, np.ndarray]:
    """The network without the package: sums of products over windows."""
    p, made = trained(), {"X": X}

    def convolved(A, W, b):
        A = np.pad(A, ((1, 1), (1, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(A, (3, 3), axis=(0, 1))
        return np.einsum("hwcij,ijck->hwk", windows, W) + b.ravel()

    for n, below in (("1", "X"), ("2", "M1")):
        Z = convolved(made[below], p["W" + n], p["b" + n])
        A = np.where(Z > 0, Z, 0)
        rows, columns, channels = A.shape
        M = A.reshape(rows // 2, 2, columns // 2, 2, channels).max(axis=(1, 3))
        made |= {"Z" + n: Z, "A" + n: A, "M" + n: M}
    made["V"] = made["M2"].reshape(16, 16, 1)
    Z = made["M2"].ravel() @ p["W3"] + p["b3"].ravel()
    made["Z3"] = Z.reshape(10, 1, 1)
    made["P"] = (np.exp(Z) / np.exp(Z).sum()).reshape(10, 1, 1)
    return made


def drawn(seed: int) -> str:
    return as_pixels(np.random.default_rng(seed).integers(0, 17, (8, 8)))


def tints(shown: Shown, ident: str) -> np.ndarray:
    """What a map of the page says: a tint of 1 to 255 for each number."""
    canvas = shown.ident(ident)
    n_H, n_W, n_C, _ = map(int, canvas.get("data-shape").split(","))
    tint = np.frombuffer(bytes.fromhex(canvas.get("data-values")), np.uint8).astype(int)
    return np.moveaxis(tint.reshape(n_C, n_H, n_W), 0, -1) - ZERO


def tinted(values: np.ndarray) -> np.ndarray:
    return np.round(values / (np.abs(values).max() or 1) * (ZERO - 1))


# Forwards


@pytest.mark.parametrize("query", ["", "digit=118", "digit=566", f"x={drawn(1)}", f"x={drawn(2)}"])
def test_every_layer_is_what_the_network_makes_of_the_picture(query):
    visit = opened(query)
    kept, shown = by_hand(picture(visit.state)[0]), show(visit)
    assert close(shown.grid("X-0"), kept["X"][:, :, 0])
    assert close(shown.grid("Z3-0"), kept["Z3"][:, :, 0])
    assert close(shown.grid("P-0"), kept["P"][:, :, 0])
    for layer in IN_MAPS:
        assert np.abs(tints(shown, f"maps-{layer}") - tinted(kept[layer])).max() <= 1
    read_as = int(kept["P"].argmax())
    assert f"lee un {read_as} " in shown.sentence


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer != "X"])
@pytest.mark.parametrize("seed", range(3))
def test_a_number_is_made_from_what_the_panel_shows(layer, seed):
    rng = np.random.default_rng(seed)
    h, w, c = (int(rng.integers(n)) for n in LAYERS[layer])
    visit = do(opened(f"digit={rng.integers(TEST_DIGITS)}"),
               {"do": "pick", "grid": layer, "cell": f"{h},{w},{c}"})  # fmt: skip
    kept, shown = by_hand(picture(visit.state)[0]), show(visit)
    value = kept[layer][h, w, c]
    assert close(shown.number(), value)
    grid = f"map-{layer}" if layer in IN_MAPS else f"{layer}-0"
    assert close(shown.grid(grid), kept[layer][:, :, c])
    assert shown.marked(grid, "current") == {(h, w)}
    here = lambda name, n=0: shown.grid(f"{name}-{n}")  # noqa: E731
    if layer in ("Z1", "Z2", "Z3"):
        n = int(layer[1])
        below = {1: "X", 2: "M1", 3: "M2"}[n]
        pad = ((1, 1), (1, 1), (0, 0)) if n < 3 else ((0, 0),) * 3
        at = (slice(h, h + 3), slice(w, w + 3)) if n < 3 else (slice(2), slice(2))
        window = np.pad(kept[below], pad)[at]
        W = trained()[f"W{n}"]
        W = W[..., c] if n < 3 else W[:, h].reshape(2, 2, 64)
        b = trained()[f"b{n}"].ravel()[c if n < 3 else h]
        j = visit.state.j
        assert close(here("read", j), window[:, :, j])
        assert close(here("factors", j), W[:, :, j])
        assert close(here("products", j), window[:, :, j] * W[:, :, j])
        if n > 1:
            sums = (window * W).sum(axis=(0, 1))
            assert close(shown.grid("sums").ravel(), sums)
            assert j == np.abs(sums).argmax()  # the channel that adds most is open
        assert value == pytest.approx((window * W).sum() + b)
    elif layer[0] == "A":
        assert close(here("read"), [[kept["Z" + layer[1]][h, w, c]]])
    elif layer[0] == "M":
        window = kept["A" + layer[1]][2 * h : 2 * h + 2, 2 * w : 2 * w + 2, c]
        assert close(here("read", c), window)
        assert shown.marked(f"read-{c}", "max_here") == {
            tuple(map(int, cell)) for cell in np.argwhere(window == window.max())
        }
    elif layer == "V":
        assert close(here("read"), [[kept["M2"][place(h, w)]]])
        assert f"V[0, {16 * h + w}]" in shown.sentence
    else:
        assert here("read").shape == (1, 10)
        assert close(here("read").ravel()[h], np.exp(kept["Z3"] - kept["Z3"].max())[h, 0, 0])


def test_the_way_from_the_pixels_is_framed():
    shown = show(opened("layer=Z2&h=0&w=3&c=9"))
    made_from = way("Z2", 0, 3, 9)
    assert shown.marked("X-0", "in") == {
        (h, w) for h in made_from["X"].rows for w in made_from["X"].columns
    }
    for layer in ("Z1", "A1", "M1"):
        ends = [f"{axis.start},{axis.stop}" for axis in made_from[layer]]
        assert shown.ident(f"maps-{layer}").get("data-region") == ",".join(ends)
    assert shown.ident("maps-Z2").get("data-at") == "0,3,9"
    assert shown.ident("maps-A2").get("data-region") is None
    assert "filas 0 a 4 y columnas 3 a 7" in shown.sentence


# Backwards


@pytest.mark.parametrize("of", ["loss", "class"])
@pytest.mark.parametrize("query", ["digit=118", "k=3", f"x={drawn(3)}&k=2"])
def test_every_layer_shows_its_gradient(query, of):
    visit = opened(f"{query}&view=backward&of={of}")
    seen, shown = look(visit.state), show(visit)
    scaled = {name: 10**seen.scale * g for name, g in seen.gradients.items()}
    assert max(np.abs(g).max() for g in scaled.values()) >= 1 or not seen.scale
    assert close(shown.grid("X-0"), scaled["X"][:, :, 0])
    assert close(shown.grid("Z3-0"), scaled["Z3"][:, :, 0])
    for layer in IN_MAPS:
        assert np.abs(tints(shown, f"maps-{layer}") - tinted(scaled[layer])).max() <= 1


@pytest.mark.parametrize("layer", GRADIENTS)
@pytest.mark.parametrize("seed", range(4))
def test_a_gradient_is_the_sum_of_what_the_panel_shows(layer, seed):
    rng = np.random.default_rng(seed)
    query = f"digit={list(misread())[seed]}&view=backward&of={('loss', 'class')[seed % 2]}"
    # One that is not zero, where there is one.
    gradient = look(parse(query)[0]).gradients[layer]
    h, w, c = map(int, rng.choice(np.argwhere(gradient if seed else gradient == gradient)))
    visit = do(opened(query), {"do": "pick", "grid": layer, "cell": f"{h},{w},{c}"})
    seen, shown = look(visit.state), show(visit)
    scaled = {name: 10**seen.scale * g for name, g in seen.gradients.items()}
    value = scaled[layer][h, w, c]
    assert close(shown.number(), value)
    if layer in ("X", "M1"):
        sums = shown.grid("sums")
        assert sums.size == {"X": 32, "M1": 64}[layer]
        assert sums.sum() == pytest.approx(value, abs=0.01 * sums.size)
        j = visit.state.j
        products = shown.grid(f"products-{j}")
        assert close(products, shown.grid(f"read-{j}") * shown.grid(f"factors-{j}")) or (
            np.abs(products - shown.grid(f"read-{j}") * shown.grid(f"factors-{j}")).max() < 0.06
        )
        assert close(shown.grid("sums").ravel()[j], products.sum()) or (
            abs(shown.grid("sums").ravel()[j] - products.sum()) < 0.06
        )
    elif layer == "V":
        assert shown.grid("products-0").sum() == pytest.approx(value, abs=0.06)
    elif layer[0] == "Z" and layer != "Z3":
        arrives, Z = shown.grid("read-0")[0, 0], seen.forward[layer][h, w, c]
        assert close(arrives, scaled["A" + layer[1]][h, w, c])
        assert value == (scaled["A" + layer[1]][h, w, c] if Z > 0 else 0)
    elif layer[0] == "A":
        window = seen.forward[layer][h // 2 * 2 : h // 2 * 2 + 2, w // 2 * 2 : w // 2 * 2 + 2, c]
        assert close(shown.grid(f"read-{c}"), window)
        wins = window.argmax() == h % 2 * 2 + w % 2
        assert value == (scaled["M" + layer[1]][h // 2, w // 2, c] if wins else 0)
        assert ("no es el primer máximo" in shown.text("board-making")) != wins


def test_every_feeding_window_has_the_weight_that_lies_over_the_pixel():
    """dX by plain loops over the windows of dZ1."""
    visit = do(opened("digit=118&view=backward"), {"do": "pick", "grid": "X", "cell": "0,3,0"})
    seen, W = look(visit.state), trained()["W1"]
    for h, w in ((0, 0), (0, 3), (4, 7), (7, 7), (3, 3)):
        visit = do(visit, {"do": "pick", "grid": "X", "cell": f"{h},{w},0"})
        j, total = visit.state.j, np.zeros(32)
        for p in range(8):
            for q in range(8):
                if abs(p - h) <= 1 and abs(q - w) <= 1:
                    total += seen.gradients["Z1"][p, q] * W[h - p + 1, w - q + 1, 0]
        total *= 10**seen.scale
        shown = show(visit)
        assert close(shown.grid("sums").ravel(), total) and j == np.abs(total).argmax()
        assert total.sum() == pytest.approx(10**seen.scale * seen.gradients["X"][h, w, 0])


# Training


def test_the_curves_and_the_filters_are_those_of_the_course():
    visit = opened("view=train&start=scratch&t=20&lang=en")
    now, shown = course(visit.state), show(visit)
    assert now.t == 20
    before, after = now.start["W1"][:, :, 0], now.parameters["W1"][:, :, 0]
    assert np.abs(tints(shown, "filters-now") - tinted(after)).max() <= 1
    assert np.abs(tints(shown, "filters-change") - tinted(after - before)).max() <= 1
    for name in ("W1", "W2", "W3"):
        moved = np.linalg.norm(now.parameters[name] - now.start[name])
        share = moved / np.linalg.norm(now.start[name])
        assert read(shown.text(f"moved-{name}")) == pytest.approx(share, abs=6e-5)
    assert f"Step 20 (epoch 1): J = {now.losses[19]:.4f}".rstrip("0") in shown.sentence
    assert f"{100 * now.tests[20]:.1f} %".replace(".0", "") in shown.sentence
    # The other views look into the same network.
    assert look(visit.state).parameters is now.parameters


def test_steps_epochs_running_and_starting_again():
    visit = opened("view=train&start=scratch&batch=64&lang=en")
    assert "Before the first step" in show(visit).sentence
    assert show(visit).message["off"] == ["reset"]
    visit = do(visit, {"do": "train", "what": "step"})
    assert visit.state.t == 1 and course(visit.state).t == 1
    visit = do(visit, {"do": "train", "what": "epoch"})
    assert visit.state.t == 19
    assert visit.playing == (course(visit.state).t < 19)
    while visit.playing:
        visit = tick(visit)
    assert course(visit.state).t == 19
    visit = do(visit, {"do": "play"})
    assert visit.running
    visit = tick(visit)
    assert visit.running and visit.state.t == 22
    visit = do(visit, {"do": "play"})
    assert not visit.running
    visit = do(visit, {"do": "train", "what": "reset"})
    assert visit.state.t == 0 and "Before" in show(visit).sentence
    assert not do(opened(""), {"do": "play"}).running


def test_training_that_breaks_down_stops_and_says_so():
    visit = do(opened("view=train&start=scratch&fault=dense-sign&rate=0.3&lang=en"), {"do": "play"})
    for _ in range(100):
        visit = tick(visit)
    assert not visit.running and "no number any more" in show(visit).sentence
    assert "step" in show(visit).message["off"]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_mistake_shows_its_curve(fault):
    shown = show(opened(f"view=train&start=scratch&batch=8&fault={fault}&t=2"))
    assert shown.has("board-loss") and "Paso 2" in shown.sentence


# Drawing, and what is no act


def test_what_is_drawn_is_what_is_read():
    visit = do(opened("digit=3"), {"do": "clear"})
    assert (picture(visit.state) == 0).all()
    visit = do(visit, {"do": "draw", "cells": "2,3,16;4,5,6;2,3,8"})
    X = picture(visit.state)[0, :, :, 0]
    assert (X[2, 3], X[4, 5], X.sum()) == (8 / 16, 6 / 16, 14 / 16)
    shown = show(visit)
    assert close(shown.grid("X-0"), X)
    assert "y es un" not in shown.sentence and "y lo es" not in shown.sentence
    assert do(visit, {"do": "digit", "what": "118"}).state == State(digit=118)


@pytest.mark.parametrize("wrong, key", [
    ({"do": "pick", "grid": "Z1", "cell": "8,0,0"}, "cell"),
    ({"do": "pick", "grid": "Z1", "cell": "0,0,32"}, "cell"),
    ({"do": "pick", "grid": "Z1", "cell": "-1,0,0"}, "cell"),
    ({"do": "pick", "grid": "sums", "cell": "9,9,0"}, "cell"),
    ({"do": "draw", "cells": "0,0,17"}, "cell"), ({"do": "draw", "cells": "0"}, "cell"),
    ({"do": "digit", "what": "599"}, "digit"), ({"do": "set", "key": "c", "value": "x"}, "c"),
    ({"do": "set", "key": "rate", "value": "7"}, "rate"),
])  # fmt: skip
def test_a_bad_act_is_named_and_nothing_moves(wrong, key):
    before = opened("layer=Z2&lang=en")
    visit = do(before, wrong)
    assert visit.state == before.state and list(visit.errors) == [key]
    said = show(visit).message
    assert (said["fields"].get(key) or {}).get("error") or said["text"]["cell-error"]
    assert not do(visit, {"do": "pick", "grid": "Z1", "cell": "0,0,0"}).errors


def test_a_language_changes_the_words_alone():
    visit = opened("layer=Z2&c=3")
    other = do(visit, {"do": "language"})
    assert other.state.lang == "en" and "The network reads" in show(other).sentence
    assert np.array_equal(show(other).grid("map-Z2"), show(visit).grid("map-Z2"))


DONE = ["pick", "draw", "layer", "digit", "train", "clear", "play", "surprise"]
NETWORK_ACTS = st.fixed_dictionaries(
    {"do": st.sampled_from(DONE)},
    optional={
        "grid": st.sampled_from([*LAYERS, "sums", "Q"]),
        "cell": st.tuples(*[st.integers(-1, 64)] * 3).map(lambda c: ",".join(map(str, c))),
        "cells": st.tuples(*[st.integers(-1, 17)] * 3).map(lambda c: ",".join(map(str, c))),
        "what": st.sampled_from(["Z1", "V", "7", "step", "reset", "Q"]),
    },
)  # fmt: skip


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(st.lists(FORGED | NETWORK_ACTS, max_size=4))
def test_no_message_breaks_a_visit(messages):
    visit = opened("view=backward")
    for sent in messages:
        visit = act(visit, sent)
        assert show(visit).sentence

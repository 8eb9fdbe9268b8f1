"""A mistake of the bank beside the right layer."""

import numpy as np
import pytest
from independent import draw
from shown import close, opened, see, show

pytest.importorskip("cnnlayers.exercises", reason="the package has no exercises yet")

from apps.explorer.address import parse, serialize
from apps.explorer.look import look
from apps.explorer.mistakes import mistaken
from apps.explorer.state import FAULTS
from apps.shared.words import words
from cnnlayers.exercises.faults import mistakes

ALL = [(op, fault) for op, faults in FAULTS.items() for fault in faults]
CASE = draw(np.random.default_rng(3))
while CASE.op != "conv" or CASE.stride == 1 or CASE.pad == 0 or CASE.bias == 0:
    CASE = draw(np.random.default_rng(CASE.h + 100 * CASE.f + CASE.x.size))


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("op, fault", ALL)
def test_every_mistake_is_in_the_bank_and_shows_somewhere(op, fault, lang):
    kind = f"{'conv' if op == 'conv' else 'pool'}_{'back' if 'back' in fault else 'for'}ward"
    known = next(mistake for mistake in mistakes(kind) if mistake.name == fault)
    shows = False
    for more in ("", "stride=2&size=6", "pad=1&bias=1", "stride=2&pad=1&bias=2&size=8",
                 "x=-1,-2,-3;-5,-4,-6;-7,-8,-9", "size=5&stride=3&dz=random"):  # fmt: skip
        query = f"op={op}&view=mistake&f={3 if op == 'conv' else 2}&fault={fault}&lang={lang}"
        state = parse(f"{query}&{more}")[0]
        assert state.fault == fault and parse(serialize(state))[0].fault == fault
        found = mistaken(state)
        equal = not found.error and all(
            a.shape == b.shape and np.allclose(a, b)
            for a, b in zip(found.right, found.wrong, strict=True)
        )
        shown = show(opened(f"{query}&{more}"))
        assert shown.sentence.startswith(known.sentences[lang][0])
        assert (words("explorer", lang)["mistake_hides"] in shown.sentence) == equal
        shows = shows or not equal
    assert shows


def test_the_right_side_is_right_and_the_wrong_side_has_that_fault_alone():
    Z = CASE.output()
    shown = see(CASE.query(view="mistake", fault="forward-no-bias"))
    assert close(shown.grid("right-Z-0"), Z[:, :, 0])
    assert close(shown.grid("wrong-Z-0"), Z[:, :, 0] - CASE.bias)
    assert len(shown.marked("wrong-Z-0", "differs")) == Z.size
    shown = see(CASE.query(view="mistake", fault="forward-relu"))
    assert close(shown.grid("wrong-Z-0"), np.maximum(Z[:, :, 0], 0))
    assert len(shown.marked("wrong-Z-0", "differs")) == (Z < 0).sum()
    state = parse(CASE.query(view="backward", h=str(CASE.n_H - 1), w=str(CASE.n_W - 1)))[0]
    sent = look(state).sent
    shown = see(CASE.query(view="mistake", fault="backward-sign"))
    assert close(shown.grid("right-dA_prev-0"), sent.dA[:, :, 0])
    assert close(shown.grid("right-db-0")[0, 0], sent.db)


def test_a_mistake_that_ends_in_an_error_says_which():
    shown = see("view=mistake&fault=forward-size-ceil&size=6&stride=2&lang=en")
    assert "it ends in an error" in shown.sentence
    assert "Error" in "".join(shown.ident("board-wrong").itertext())


def test_mistakes_are_those_of_the_layer():
    assert parse("op=max&view=mistake")[0].fault == "pool-no-stride"
    fields = see("op=max&view=mistake").message["fields"]
    assert "forward-relu" in fields["fault"]["off"] and "pool-min" not in fields["fault"]["off"]
    assert fields["fault"]["shown"] and not fields["dz"]["shown"]
    assert see("view=mistake&fault=backward-sign").message["fields"]["dz"]["shown"]

"""Faulty layers, and what the reader says of them."""

import inspect

import numpy as np
import pytest

from cnnlayers import loops
from cnnlayers.exercises import check, faulty, mistakes, puzzles

NUMBERS = range(1, len(puzzles.PUZZLES) + 1)


def truth(number):
    return puzzles.PUZZLES[number - 1]


def test_there_are_fifteen_and_more_and_the_last_have_two_faults():
    assert len(puzzles.PUZZLES) >= 15
    assert [len(puzzle) - 1 for puzzle in puzzles.PUZZLES] == [1] * 15 + [2, 2, 2]
    assert len(set(puzzles.PUZZLES)) == len(puzzles.PUZZLES)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_puzzle_is_solved_by_its_mistakes_and_by_nothing_else(number):
    layer = faulty("find-the-fault", number)
    name, *names = truth(number)
    said = names[0] if len(names) == 1 else names
    assert check("find-the-fault", layer=layer, mistake=said).passed
    assert check("find-the-fault", (layer, names)).passed
    assert set(check(name, layer, language="en").mistakes) >= set(names)
    for other in [known for known, _ in mistakes(name) if known not in names][:6]:
        report = check("find-the-fault", layer=layer, mistake=other, language="en")
        assert not report.passed and report.mistakes == ()
        assert not any(name in str(report) for name in names)


def test_a_wrong_guess_gets_an_experiment_that_refutes_it():
    layer = faulty("find-the-fault", 13)
    assert truth(13) == ("conv_backward", "backward-transposed")
    report = check("find-the-fault", layer=layer, mistake="backward-flipped", language="en")
    assert "With the mistake you name, this input would give something else" in str(report)
    cache = tuple(report.case.inputs[key] for key in ("A_prev", "W", "b", "hparameters"))
    dA_prev, _, _ = layer(report.case.inputs["dZ"], cache)
    assert np.allclose(dA_prev, report.case.got)
    assert not np.allclose(report.case.expected, report.case.got)


def test_half_of_two_faults_is_acknowledged():
    number = NUMBERS[-1]
    layer = faulty("find-the-fault", number)
    _, first, second = truth(number)
    report = check("find-the-fault", layer=layer, mistake=first, language="en")
    assert not report.passed and f"{first} is there, and it is not all." in str(report)
    assert second not in str(report)


def test_hints_and_the_solution_come_when_asked_for():
    layer = faulty("find-the-fault", 8)
    asked = {"layer": layer, "mistake": "forward-flipped", "language": "es"}
    assert "Pista" not in str(check("find-the-fault", **asked))
    assert str(check("find-the-fault", **asked, hint=2)).count("Pista") == 2
    assert "forward-first-example" in str(check("find-the-fault", **asked, solution=True))


def test_a_layer_does_not_tell_what_is_wrong_with_it():
    layer = faulty("conv_backward", seed=3)
    assert repr(layer) == "<a faulty conv_backward, seed 3>"
    assert layer.__name__ == "conv_backward"
    assert str(inspect.signature(layer)) == "(dZ, cache)"
    told = repr(vars(layer)) + repr(layer) + (layer.__doc__ or "")
    assert "backward-" not in told


@pytest.mark.parametrize("name", puzzles.EXERCISES)
def test_any_seed_gives_a_layer_that_is_wrong_and_can_be_found_out(name):
    found = set()
    for seed in range(6):
        layer = faulty(name, seed=seed)
        again = faulty(name, seed=seed)
        named = check(name, layer).mistakes
        assert named and check(name, again).mistakes == named
        assert check("find-the-fault", layer=layer, mistake=named[0]).passed
        found.add(named)
    assert len(found) > 2


def test_it_works_like_the_layer_otherwise():
    X = np.arange(6.0).reshape(1, 2, 3, 1)
    layer = faulty("find-the-fault", 1)
    assert layer(X, pad=0).shape == loops.zero_pad(X, pad=0).shape


def test_what_cannot_be_asked_for():
    with pytest.raises(ValueError, match="seed must be from 1 to 18"):
        faulty("find-the-fault", 0)
    with pytest.raises(ValueError, match="name must be 'find-the-fault' or one of zero_pad"):
        faulty("softmax")
    with pytest.raises(TypeError, match=r"layer must come from faulty\(\)"):
        check("find-the-fault", layer=loops.zero_pad, mistake="pad-twice")
    with pytest.raises(ValueError, match=r"mistakes\('zero_pad'\) lists, got 'pad-thrice'"):
        check("find-the-fault", layer=faulty("find-the-fault", 1), mistake="pad-thrice")
    assert "Still missing: mistake" in str(
        check("find-the-fault", layer=faulty("find-the-fault", 1), language="en")
    )
    as_it_was = check(
        "find-the-fault", layer=faulty("find-the-fault", 1), mistake=..., language="en"
    )
    assert "Still missing: mistake" in str(as_it_was)

"""The book's functions with one token exchanged never pass."""

import pytest

from cnnlayers import loops
from cnnlayers.exercises import check, layers
from cnnlayers.exercises.diagnosis import record
from tests.cnnlayers.exercises.mutants import mutants

EXERCISES = {exercise.name: exercise for exercise in layers.EXERCISES}
# Mutants that do exactly what the original does, for all that may be asked of it.
EQUIVALENT = {
    "b[0, 0, 0]  =>  Z = np.sum(s) + b[-1, 0, 0]": "axes of length 1",
    "b[0, 0, 0]  =>  Z = np.sum(s) + b[0, -1, 0]": "axes of length 1",
    "b[0, 0, 0]  =>  Z = np.sum(s) + b[0, 0, -1]": "axes of length 1",
    "mode == 'max':  =>  if mode >= 'max'": "average < max",
    "ties == 'first':  =>  if ties >= 'first'": "all < first",
    "else x == x_max  =>  mask = np.isnan(x) if np.isnan(x_max) else x >= x_max": "x <= x_max",
    "f = W.shape[0]  =>  f = W.shape[1]": "filters are square",
    "n_H, n_W = shape  =>  n_W, n_H = shape": "their product is what counts",
}


def is_equivalent(where):
    return any(known in where for known in EQUIVALENT)


def passes(exercise, function):
    probes = (*exercise.probes, *exercise.with_ties)
    return all(record(exercise, function, p).right for p in probes if not p.advice)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", EXERCISES)
def test_mutants_of_the_loops_do_not_pass(name):
    exercise = EXERCISES[name]
    found = dict(mutants(getattr(loops, name)))
    assert len(found) >= 5
    survivors = [where for where, function in found.items() if passes(exercise, function)]
    assert [where for where in survivors if not is_equivalent(where)] == []
    for where in survivors:
        assert check(name, found[where], language="en").passed
    for where, function in list(found.items())[::9]:
        assert check(name, function, language="en").passed == (where in survivors), where

"""What tests of a backward pass let through: the bank's mistakes, put to six tests."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

import cnnlayers
from cnnlayers import loops
from cnnlayers.exercises.faults import faulty_function, mistakes

Backward = Callable[[Any, Any], Any]
Gradients = tuple[np.ndarray, ...]
Layer = Callable[..., tuple[np.ndarray, Any]]
TESTS = ("shapes", "training", "easy ones", "easy", "ones", "random")


class Case:
    """One setting of a layer, with the gradients that central differences give there."""

    def __init__(self, forward: Layer, inputs: list[np.ndarray], ones: bool = False) -> None:
        Z, self.cache = forward(*inputs)
        self.dZ = np.ones_like(Z) if ones else np.random.default_rng(1).standard_normal(Z.shape)
        self.gradients = tuple(_central(forward, inputs, k, self.dZ) for k in range(len(inputs)))

    def passes(self, backward: Backward) -> bool:
        """Tell whether a backward pass returns what the differences say."""
        found = _run(backward, self.dZ, self.cache)
        return _same_shapes(found, self.gradients) and all(
            np.allclose(mine, right, rtol=1e-6, atol=1e-6 * np.abs(right).max())
            for mine, right in zip(found, self.gradients, strict=True)
        )


def _central(forward: Layer, inputs: list[np.ndarray], k: int, dZ: np.ndarray) -> np.ndarray:
    """Differentiate by every number of one input."""
    numeric = np.zeros(inputs[k].shape)
    for index in np.ndindex(numeric.shape):
        losses = []
        for step in (1e-6, -1e-6):
            moved = [x.copy() for x in inputs]
            moved[k][index] += step
            losses.append(np.sum(forward(*moved)[0] * dZ))
        numeric[index] = (losses[0] - losses[1]) / 2e-6
    return numeric


def _run(backward: Backward, dZ: np.ndarray, cache: Any) -> Gradients:
    """Call a backward pass on copies; one that fails returns nothing."""
    copies = tuple(x.copy() if isinstance(x, np.ndarray) else x for x in cache)
    try:
        with np.errstate(all="ignore"):
            found = backward(dZ.copy(), copies)
    except Exception:  # whatever a wrong version runs into
        return ()
    return found if isinstance(found, tuple) else (found,)


def _same_shapes(found: Gradients, right: Gradients) -> bool:
    return [np.shape(x) for x in found] == [x.shape for x in right]


def _conv(stride: int, pad: int) -> Layer:
    return lambda A_prev, W, b: loops.conv_forward(A_prev, W, b, {"stride": stride, "pad": pad})


def _pool(f: int, stride: int, mode: str) -> Layer:
    return lambda A_prev: loops.pool_forward(A_prev, {"f": f, "stride": stride}, mode)


def _draw(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(2)
    return [rng.standard_normal(shape) for shape in shapes]


@cache
def conv_tests() -> dict[str, Callable[[Backward], bool]]:
    """Set the tests of `conv_backward` up."""
    easy = _draw((1, 4, 4, 1), (3, 3, 1, 1), (1, 1, 1, 1))
    awkward = _draw((2, 5, 4, 3), (3, 3, 3, 2), (1, 1, 1, 2))
    padded, bare = _conv(2, 1), _conv(1, 0)
    random = [Case(padded, awkward), Case(bare, awkward)]
    return _tests(
        Case(bare, easy, ones=True), Case(bare, easy), Case(padded, awkward, ones=True), random
    ) | {"training": two_convolutions_learn}


@cache
def pool_tests(mode: str) -> dict[str, Callable[[Backward], bool]]:
    """Set the tests of `pool_backward` up, for one of its modes."""
    easy, awkward = _draw((1, 4, 4, 1)), _draw((2, 7, 6, 3))
    overlapping = _pool(3, 2, mode)
    return _tests(
        Case(_pool(2, 2, mode), easy, ones=True),
        Case(_pool(2, 2, mode), easy),
        Case(overlapping, awkward, ones=True),
        [Case(overlapping, awkward), Case(_pool(2, 1, mode), awkward)],
    ) | {"training": lambda backward: filter_before_pooling_learns(backward, mode)}


def _tests(
    easy_ones: Case, easy: Case, ones: Case, random: list[Case]
) -> dict[str, Callable[[Backward], bool]]:
    return {
        "shapes": lambda backward: _same_shapes(
            _run(backward, random[0].dZ, random[0].cache), random[0].gradients
        ),
        "easy ones": easy_ones.passes,
        "easy": easy.passes,
        "ones": ones.passes,
        "random": lambda backward: all(case.passes(backward) for case in random),
    }


SAME, WINDOW = {"stride": 1, "pad": 1}, {"f": 2, "stride": 2}


def _draw_filters(seed: int, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for shape in shapes]


def two_convolutions_learn(backward: Backward) -> bool:
    """Train two convolutions in a row to answer as two hidden ones do."""
    X, *filters = _draw_filters(4, (3, 6, 6, 1), *[(3, 3, 1, 1)] * 4)
    hidden, (W_1, W_2) = [f / 2 for f in filters[:2]], [f / 2 for f in filters[2:]]
    b_1 = b_2 = zero = np.zeros((1, 1, 1, 1))
    A, _ = cnnlayers.conv_forward(X, hidden[0], zero, SAME)
    target, _ = cnnlayers.conv_forward(A, hidden[1], zero, SAME)
    losses: list[float] = []
    for _ in range(80):
        A, cache_1 = cnnlayers.conv_forward(X, W_1, b_1, SAME)
        Z, cache_2 = cnnlayers.conv_forward(A, W_2, b_2, SAME)
        losses.append(float(np.mean((Z - target) ** 2)))
        second = _run(backward, (Z - target) / Z.size, cache_2)
        if not _same_shapes(second, (A, W_2, b_2)):
            return False
        first = _run(backward, second[0], cache_1)
        if not _same_shapes(first, (X, W_1, b_1)):
            return False
        W_1, b_1 = W_1 - 0.3 * first[1], b_1 - 0.3 * first[2]
        W_2, b_2 = W_2 - 0.3 * second[1], b_2 - 0.3 * second[2]
        if not all(np.all(np.abs(x) < 1e3) for x in (W_1, b_1, W_2, b_2)):  # it runs away
            return False
    return losses[-1] < losses[0] / 20


def filter_before_pooling_learns(backward: Backward, mode: str) -> bool:
    """Train a convolution to answer, through pooling, as a hidden one does."""
    X, hidden, W = _draw_filters(8, (4, 8, 8, 1), (3, 3, 1, 1), (3, 3, 1, 1))
    b = np.zeros((1, 1, 1, 1))
    Z, _ = cnnlayers.conv_forward(X, hidden, b, SAME)
    target, _ = cnnlayers.pool_forward(Z, WINDOW, mode)
    losses: list[float] = []
    for _ in range(60):
        Z, conv_cache = cnnlayers.conv_forward(X, W, b, SAME)
        A, pool_cache = cnnlayers.pool_forward(Z, WINDOW, mode)
        losses.append(float(np.mean((A - target) ** 2)))
        found = _run(backward, (A - target) / A.size, pool_cache)
        if not _same_shapes(found, (Z,)):
            return False
        _, dW, db = cnnlayers.conv_backward(found[0], conv_cache)
        W, b = W - 0.3 * dW, b - 0.3 * db
        if not np.all(np.abs(W) < 1e3):  # it runs away
            return False
    return losses[-1] < losses[0] / 20


@cache
def passed(function: str) -> dict[str, dict[str, bool]]:
    """Tell for each mistake of the bank, by name, which tests it passes."""
    book = getattr(loops, function)
    found: dict[str, dict[str, bool]] = {}
    for mistake in mistakes(function):
        for fault in mistake.faults[:1]:
            backward = faulty_function(book, [fault])
            if function == "conv_backward":
                found[mistake.name] = {k: t(backward) for k, t in conv_tests().items()}
            else:
                found[mistake.name] = _of_both_modes(backward)
    return found


def _of_both_modes(backward: Backward) -> dict[str, bool]:
    """Put a pooling's backward pass to the tests of both modes: it must pass in both."""
    return {
        name: all(
            pool_tests(mode)[name](lambda dA, cache, mode=mode: backward(dA, cache, mode))
            for mode in ("max", "average")
        )
        for name in TESTS
    }


def missed(function: str, test: str) -> list[str]:
    """Name the mistakes that pass a test."""
    return [name for name, results in passed(function).items() if results[test]]

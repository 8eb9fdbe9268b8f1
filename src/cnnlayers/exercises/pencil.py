"""The exercises that ask for numbers, shapes or a yes or no, worked out with a pencil.

Where the numbers are what a function returns, the known slips are the bank's: what the faulty
functions return for the same input.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from cnnlayers.exercises import layers
from cnnlayers.exercises.exercise import Array, FunctionExercise
from cnnlayers.exercises.faults import faulty_function, mistakes

ROUNDING = 0.006  # two decimals are enough


@dataclass(frozen=True, eq=False)
class Source:
    """The function whose result is to be worked out, and what of it."""

    exercise: FunctionExercise
    arguments: tuple[Any, ...]
    take: Callable[[Any], Any]

    def slips(self) -> dict[str, list[Any]]:
        """Tell what each known mistake gives."""
        found: dict[str, list[Any]] = {}
        for mistake in mistakes(self.exercise.name):
            for fault in mistake.faults:
                function = faulty_function(self.exercise.function, (fault,))
                try:
                    value = self.take(function(*copy.deepcopy(self.arguments)))
                except Exception:  # it fails on this input: no one can have worked that out
                    continue
                found.setdefault(mistake.name, []).append(value)
        return found


@dataclass(frozen=True, eq=False)
class Question:
    """One thing that is asked for.

    Attributes
    ----------
    name
        Name under which it is handed in.
    right
        The answer: numbers, a shape, True or False, a word, or None for "there is none".
    also
        Other right answers.
    source
        Where the numbers come from, if they are what a function returns.
    """

    name: str
    right: Any
    also: tuple[Any, ...] = ()
    source: Source | None = None

    def wrong(self, answer: Any) -> NDArray[np.bool_]:
        """Mark what is wrong in an answer, entry by entry."""
        if any(alike(answer, right) for right in (self.right, *self.also)):
            return np.zeros(_shape(self.right), dtype=bool)
        mine, right = _numbers(answer), _numbers(self.right)
        if mine is None or right is None or mine.shape != right.shape:
            return np.ones(_shape(self.right), dtype=bool)
        return ~np.isclose(mine, right, rtol=0, atol=ROUNDING)


@dataclass(frozen=True, eq=False)
class PencilExercise:
    """An exercise that asks for numbers, or for nothing that a program could judge."""

    name: str
    questions: tuple[Question, ...]


def alike(a: Any, b: Any) -> bool:
    """Compare two answers: numbers to two decimals, whatever axes of length 1 they have."""
    if isinstance(b, str):
        return isinstance(a, str) and a.strip().lower() == b.lower()
    if b is None or isinstance(b, bool):
        return (bool(cast(bool, a)) if isinstance(a, np.bool_) else a) is b
    mine, right = _numbers(a), _numbers(b)
    if mine is None or right is None or mine.shape != right.shape:
        return False
    return bool(np.allclose(mine, right, rtol=0, atol=ROUNDING))


def _shape(answer: Any) -> tuple[int, ...]:
    numbers = _numbers(answer)
    return () if numbers is None else numbers.shape


def _numbers(answer: Any) -> Array | None:
    """Take numbers out of what was handed in, without the axes of length 1 of a volume."""
    if answer is None or isinstance(answer, (str, bool, np.bool_)):
        return None
    try:
        array = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return array.squeeze() if array.ndim > 2 or array.size == 1 else array


# The numbers of the book's running example

A_PREV = np.array([[1.0, 3, 6, 1], [0, 4, 3, 2], [0, 1, 3, 8], [2, 1, 5, 0]]).reshape(1, 4, 4, 1)
X = np.array(
    [[1.0, 3, 6, 1, 2], [0, 4, 3, 2, 0], [0, 1, 3, 8, 1], [2, 1, 5, 0, 4], [1, 0, 2, 1, 3]]
).reshape(1, 5, 5, 1)
W_EDGE = np.array([[1.0, 0, -1]] * 3).reshape(3, 3, 1, 1)
ONE = np.ones((1, 1, 1, 1))
UNIT = {"stride": 1, "pad": 0}


def _first_map(result: Any) -> Array:
    """Take the only map of a volume that a layer returned, alone or with a cache."""
    volume = cast(tuple[Array, Any], result)[0] if isinstance(result, tuple) else result
    return np.asarray(volume, dtype=np.float64)[0, :, :, 0]


def _asked(
    name: str, exercise: FunctionExercise, arguments: tuple[Any, ...], take: Any
) -> Question:
    source = Source(exercise, arguments, take)
    return Question(name, take(exercise.function(*arguments)), source=source)


def _window(name: str, row: int, column: int) -> Question:
    window = X[0, row : row + 3, column : column + 3]
    return _asked(name, layers.conv_single_step, (window, W_EDGE[..., 0], ONE[..., 0]), float)


def _pooled(name: str, mode: str) -> Question:
    arguments = A_PREV, {"f": 3, "stride": 1}, mode
    return _asked(name, layers.pool_forward, arguments, _first_map)


BACK = np.array([[2.0, 0], [0, -1]]).reshape(1, 2, 2, 1), (A_PREV, W_EDGE, ONE, UNIT)
POOL_TWO = {"f": 2, "stride": 1}
POOL_ONES = np.ones((1, 3, 3, 1)), (A_PREV, POOL_TWO)


def _db(result: Any) -> Array:
    return np.asarray(result[2], dtype=np.float64).reshape(())


def _dW(result: Any) -> Array:
    return np.asarray(result[1], dtype=np.float64)[:, :, 0, 0]


def _gradient(name: str, take: Any) -> Question:
    return _asked(name, layers.conv_backward, BACK, take)


EXERCISES = (
    PencilExercise(
        "batch-shape",
        (
            Question("shape", (32, 28, 28, 1)),
            Question("size", 25_088),
            Question("float64", 200_704),
            Question("float32", 100_352),
        ),
    ),
    PencilExercise("random-stream", (Question("same", True),)),
    PencilExercise(
        "same-padding",
        (
            *(Question(f"f_{f}", (f - 1) // 2) for f in (1, 3, 5, 7)),
            Question("f_2", None, also=(0.5,)),
        ),
    ),
    PencilExercise(
        "window-by-hand", (_window("row_0_column_1", 0, 1), _window("row_1_column_0", 1, 0))
    ),
    PencilExercise(
        "preface-questions",
        (
            Question("rows", 4),
            Question("columns_of_threes", 2),
            Question("factor", 2 / 3),
        ),
    ),
    PencilExercise(
        "output-sizes",
        (
            Question("a", (1, 24, 24, 5), also=((24, 24, 5),)),
            Question("b", (1, 28, 28, 5), also=((28, 28, 5),)),
            Question("c", (1, 4, 3, 5), also=((4, 3, 5),)),
            Question("d", None, also=((1, 0, 0, 5), (0, 0, 5), 0)),
            Question("unread_in", "c"),
            Question("unread", 1),
        ),
    ),
    PencilExercise(
        "equivariance",
        (
            Question("stride_1", (1, 2, 3, 4)),
            Question("stride_2", (2, 4), also=((4, 2),)),
            Question("moved", 2),
        ),
    ),
    PencilExercise("pool-by-hand", (_pooled("maximum", "max"), _pooled("average", "average"))),
    PencilExercise(
        "pool-shapes",
        (
            Question("conv_1", (28, 28, 6)),
            Question("pool_1", (14, 14, 6)),
            Question("conv_2", (10, 10, 16)),
            Question("pool_2", (5, 5, 16)),
            Question("parameters_1", 156),
            Question("parameters_2", 2416),
        ),
    ),
    PencilExercise(
        "conv-backward-by-hand",
        (
            _gradient("db", _db),
            _gradient("dW", _dW),
            _gradient("dA", _first_map),
        ),
    ),
    PencilExercise(
        "find-the-bug",
        (
            Question("backward_1", "db", also=("b",)),
            Question("backward_2", None, also=("none", "right", "ok")),
            Question("backward_3", "dA_prev", also=("A_prev", "dA")),
        ),
    ),
    PencilExercise(
        "pool-backward-by-hand",
        (
            _asked("A", layers.pool_forward, (A_PREV, POOL_TWO), _first_map),
            _asked("dA_prev", layers.pool_backward, POOL_ONES, _first_map),
        ),
    ),
    PencilExercise("seed", (Question("equal", True),)),
    PencilExercise("shift", (Question("shift", 1),)),
    PencilExercise(
        "average-training",
        (
            Question("as_accurate", False),
            Question("entries_max", 1),
            Question("entries_average", 4),
        ),
    ),
    PencilExercise("zero-start", (Question("Z", 0), Question("tied", 4), Question("ratio", 4))),
    PencilExercise("unfold-shape", (Question("shape", (200, 36)), Question("zeros", 20))),
    PencilExercise("fourth-order", (Question("order", 4), Question("factor", 16))),
    PencilExercise(
        "adjoint-pooling",
        (Question("average", True), Question("maximum", True), Question("ties", "first")),
    ),
    PencilExercise(
        "softmax-invariance",
        (
            Question("probabilities", False),
            Question("gradient", False),
            Question("superfluous", 1),
        ),
    ),
    PencilExercise(
        "one-batch", (Question("right", True), Question("flipped", True), Question("frozen", True))
    ),
    PencilExercise(
        "parameters",
        (
            Question("conv_1", 320),
            Question("conv_2", 18_496),
            Question("dense", 2570),
            Question("conv_1_dense", 133_120),
            Question("conv_2_dense", 525_312),
        ),
    ),
    PencilExercise(
        "read-conv2d",
        (
            Question("weights", (32, 4, 5, 5)),
            Question("output", (8, 32, 14, 14)),
            Question("parameters", 3232),
        ),
    ),
    PencilExercise("broken-number", ()),
    PencilExercise("frequency", ()),
)

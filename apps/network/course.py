"""The network of the chapter, and its training, one step after the other.

A course depends on nothing but its start, learning rate, batch size, mistake and seed, so that the
address of a state brings back the network after any number of steps. From scratch, with the
defaults and seed 0, its 555th step is the last of the chapter's first network, which
`python -m tools.make_weights` keeps in `trained.npz`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from math import isfinite
from pathlib import Path
from time import monotonic
from types import FunctionType
from typing import Any

import numpy as np

from apps.network.pictures import examples
from apps.network.state import FAULTS, State
from cnnlayers import cross_entropy_backward, cross_entropy_forward, loops, sgd_momentum
from cnnlayers import digits as book
from cnnlayers.digits import Parameters, network_forward, network_parameters
from cnnlayers.exercises import solutions
from cnnlayers.exercises.faults import faulty_function, mistakes

TRAINED = Path(__file__).with_name("trained.npz")
MOMENTUM = 0.9
KEPT_EVERY = 25  # steps: from there a course goes on when it has to go back
TESTED_EVERY = 10


@cache
def trained() -> Parameters:
    """Load the parameters of the chapter's first network."""
    with np.load(TRAINED) as arrays:
        return {name: arrays[name].astype(np.float64) for name in arrays.files}


def accuracy(parameters: Parameters) -> float:
    """Tell which share of the test digits is read right."""
    _, _, X, y = examples()
    scores, _ = network_forward(parameters, X)
    return float(np.mean(np.argmax(scores, axis=1) == y))


@cache
def misread() -> dict[int, int]:
    """List the test digits that the chapter's first network takes for another, with its answer."""
    _, _, X, y = examples()
    read = np.argmax(network_forward(trained(), X)[0], axis=1)
    return {int(n): int(read[n]) for n in np.flatnonzero(read != y)}


class Course:
    """What a network has become, and may yet become, by training."""

    def __init__(self, start: str, rate: float, batch: int, fault: str, seed: int) -> None:
        self._rate, self._batch, self._fault = rate, batch, fault
        self._rng = np.random.default_rng(seed)
        parameters = network_parameters(self._rng) if start == "scratch" else trained()
        self.start = parameters
        velocities = {name: np.zeros_like(p) for name, p in parameters.items()}
        self._orders: list[np.ndarray] = []
        self._kept = {0: (parameters, velocities)}
        self.t, self._now = 0, self._kept[0]
        self.losses: list[float] = []  # of each batch, before its step
        self.tests = {0: accuracy(parameters)}  # by step
        self._backward, self._loss_backward = backward_with(fault)

    @property
    def epoch(self) -> int:
        """How many steps an epoch has."""
        return len(examples()[0]) // self._batch

    @property
    def parameters(self) -> Parameters:
        """The parameters after the steps taken."""
        return self._now[0]

    @property
    def broken(self) -> bool:
        """Whether no further step can be taken: the loss is no number any more."""
        return bool(self.losses) and not isfinite(self.losses[-1])

    def go(self, t: int, seconds: float) -> None:
        """Go to a step, or as far towards it as there is time; at least one step."""
        if t < self.t:
            self.t = max(n for n in self._kept if n <= t)
            self._now = self._kept[self.t]
        until = monotonic() + seconds
        while self.t < t and not (self.broken and self.t >= len(self.losses) - 1):
            self._step()
            if monotonic() > until:
                break

    def _step(self) -> None:
        X, y, _, _ = examples()
        epoch, n = divmod(self.t, self.epoch)
        while len(self._orders) <= epoch:
            self._orders.append(self._rng.permutation(len(X)))
        chosen = self._orders[epoch][n * self._batch : (n + 1) * self._batch]
        parameters, velocities = self._now
        with np.errstate(all="ignore"):  # a mistake may lead anywhere
            Z, caches = network_forward(parameters, X[chosen])
            J, cache = cross_entropy_forward(Z, y[chosen])
            if len(self.losses) == self.t:
                self.losses.append(float(J))
            if not isfinite(J):
                return
            gradients = self._backward(self._loss_backward(cache), caches)
            self._now = sgd_momentum(parameters, gradients, velocities, self._rate, MOMENTUM)
        self.t += 1
        if self.t % KEPT_EVERY == 0:
            self._kept[self.t] = self._now
        if self.t % TESTED_EVERY == 0 and self.t not in self.tests:
            with np.errstate(all="ignore"):
                self.tests[self.t] = accuracy(self.parameters)


@lru_cache(maxsize=4)
def _course(start: str, rate: float, batch: int, fault: str, seed: int) -> Course:
    return Course(start, rate, batch, fault, seed)


def course(state: State) -> Course:
    """Find the course that a state is on."""
    return _course(state.start, float(state.rate), int(state.batch), state.fault, state.seed)


def backward_with(fault: str) -> tuple[Callable[..., Parameters], Callable[..., Any]]:
    """Return the backward passes of network and loss, with a mistake of the bank in one of them.

    One of a convolution or a pooling is put into the second of the two layers alone: those
    functions are the book's loops, which take their time.
    """
    if not fault:
        return book.network_backward, cross_entropy_backward
    name = FAULTS[fault]
    known = next(mistake for mistake in mistakes(name) if mistake.name == fault)
    original = getattr(loops if hasattr(loops, name) else solutions, name)
    faulty = faulty_function(original, known.faults[:1])
    if name == "cross_entropy_backward":
        return book.network_backward, faulty
    right = getattr(book, name)

    def mixed(dZ: np.ndarray, cache: Any, **more: Any) -> Any:
        layer_by_layer = name in ("conv_backward", "pool_backward")
        if layer_by_layer and cache[0].shape[1] != 4:
            return right(dZ, cache, **more)
        return faulty(dZ, cache, **more)

    names = vars(book) | {name: mixed}
    return FunctionType(book.network_backward.__code__, names), cross_entropy_backward

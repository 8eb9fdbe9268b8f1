"""The six tests that the bank's mistakes are put to: fair to what is right, and each can fail."""

import numpy as np
import pytest

from book.blindness import TESTS, conv_tests, pool_tests
from cnnlayers import loops


def test_the_books_own_functions_pass_everything():
    assert all(conv_tests()[name](loops.conv_backward) for name in TESTS)
    for mode in ("max", "average"):
        tests = pool_tests(mode)
        assert all(
            tests[name](lambda dA, c, m=mode: loops.pool_backward(dA, c, m)) for name in TESTS
        )


@pytest.mark.parametrize("name", TESTS)
def test_each_test_can_fail(name):
    def wrong(dZ, cache):
        dA_prev, dW, db = loops.conv_backward(dZ, cache)
        return dA_prev[:1, 1:], -dW, -db

    assert not conv_tests()[name](wrong)
    assert not pool_tests("max")[name](lambda dA, c: -loops.pool_backward(dA, c)[:, 1:])


def test_ones_hide_what_a_random_gradient_shows():
    def mixed_up(dZ, cache):
        return loops.conv_backward(np.roll(dZ, 1, axis=0), cache)

    assert conv_tests()["ones"](mixed_up) and not conv_tests()["random"](mixed_up)


def test_a_function_that_fails_does_not_pass_and_stops_nothing():
    def broken(dZ, cache):
        raise IndexError

    assert not any(conv_tests()[name](broken) for name in TESTS)

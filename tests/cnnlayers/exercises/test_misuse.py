"""Whatever is handed in, a report comes back, and says what happened."""

import functools
import io
import sys
import time

import numpy as np
import pytest

from cnnlayers import loops
from cnnlayers.exercises import check, sandbox

NAME = "conv_forward"


def judge(function, language="en", name=NAME):
    report = check(name, function, language=language)
    assert not report.passed and report.mistakes == ()
    return str(report)


@pytest.fixture(autouse=True)
def little_time(monkeypatch):
    monkeypatch.setattr(sandbox, "SECONDS", 0.3)


def forever(A_prev, W, b, hparameters):
    while True: pass  # fmt: skip  # noqa: E701


def never_gives_up(A_prev, W, b, hparameters):
    while True:
        try:
            A_prev = A_prev + 1
        except:  # noqa: E722
            pass


def endless_generator(A_prev, W, b, hparameters):
    return sum(1 for _ in iter(int, 1))


def answers_in_the_end(A_prev, W, b, hparameters):
    try:
        while True:
            A_prev = A_prev + 1
    except:  # noqa: E722
        return A_prev


@pytest.mark.parametrize(
    "function", [forever, never_gives_up, endless_generator, answers_in_the_end]
)
def test_an_endless_loop_is_ended_however_it_clings(function):
    start = time.monotonic()
    text = judge(function)
    assert "runs forever" in text
    assert time.monotonic() - start < 10
    assert sys.gettrace() is None


def test_tracing_is_left_as_it_was():
    def trace(frame, event, argument):
        return None

    sys.settrace(trace)
    try:
        check(NAME, forever, language="en")
        assert sys.gettrace() is trace
    finally:
        sys.settrace(None)


def test_recursion_without_end():
    def conv_forward(A_prev, W, b, hparameters):
        return conv_forward(A_prev, W, b, hparameters)

    limit = sys.getrecursionlimit()
    assert "calls itself without end" in judge(conv_forward)
    assert sys.getrecursionlimit() == limit


@pytest.mark.parametrize("much", [lambda: np.ones(10**12), lambda: [0] * 10**12])
def test_more_memory_than_there_is(much):
    assert "more memory than there is" in judge(lambda A_prev, W, b, h: much())


@pytest.mark.parametrize("end", [sys.exit, lambda: sys.exit(0), lambda: exit(1)])
def test_the_end_of_the_program(end):
    assert "ends the program" in judge(lambda A_prev, W, b, h: end())


def test_an_interrupt_is_the_readers_own():
    def conv_forward(A_prev, W, b, hparameters):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(NAME, conv_forward)
    assert sys.gettrace() is None


def raises(A_prev, W, b, hparameters):
    Z = np.zeros(3)
    Z[A_prev.shape[1] + 3] = 1
    return Z


def test_an_exception_is_shown_with_the_learners_own_line():
    text = judge(raises)
    assert "stops with IndexError: index 7 is out of bounds" in text
    line = raises.__code__.co_firstlineno + 2
    assert f"line {line}:  Z[A_prev.shape[1] + 3] = 1" in text
    assert "Traceback" not in text and "sandbox" not in text
    text = judge(raises, "es")
    assert "se detiene con IndexError" in text and f"línea {line}:" in text


def test_an_exception_in_a_function_of_the_package_is_shown_where_it_was_called():
    def conv_forward(A_prev, W, b, hparameters):
        return loops.zero_pad(A_prev, -1)

    text = judge(conv_forward)
    assert "pad must be at least 0, got -1" in text
    assert "return loops.zero_pad(A_prev, -1)" in text


def test_an_exception_on_some_inputs_says_on_which():
    def conv_forward(A_prev, W, b, hparameters):
        if hparameters["stride"] > 1:
            raise NotImplementedError
        return loops.conv_forward(A_prev, W, b, hparameters)

    report = check(NAME, conv_forward, language="en")
    assert report.verdict == "raises" and report.mistakes == ()
    assert "On 5 of the 10 inputs it does return, and right." in str(report)
    assert "when the stride is greater than 1" in str(report)
    assert report.case is not None and report.case.raised.kind == "NotImplementedError"
    assert report.case.inputs["hparameters"]["stride"] == 2


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (None, "returns nothing (None); it should return Z, cache"),
        ("Z", "without numbers (str)"),
        (iter([1]), "without numbers (list_iterator)"),
        (np.zeros((2, 2)), "returns a single value; it should return 2: Z, cache"),
        ((1, 2, 3), "returns 3 values; it should return 2"),
        ((None, None), "Z is no array of numbers: it is of type NoneType"),
        (("Z", ()), "Z is no array of numbers: it is of type str"),
        ((np.array(["a"]), ()), "Z is no array of numbers"),
        ((np.zeros(3, complex), ()), "array of complex128"),
        ((np.zeros((0,)), ()), "Z has shape (0,)"),
        (([[1, 2], [3]], ()), "Z is not what it should be"),
    ],
)
def test_what_should_not_be_returned(result, text):
    assert text in judge(lambda A_prev, W, b, h: result)


def test_several_values_where_one_is_asked_for():
    text = judge(lambda X, pad: (loops.zero_pad(X, pad), pad), name="zero_pad")
    assert "returns a tuple of 2; it should return X_pad alone" in text


def test_generators_and_coroutines():
    def generates(A_prev, W, b, h):
        yield A_prev

    async def waits(A_prev, W, b, h):
        return A_prev

    assert "generator" in judge(generates)
    assert "coroutine" in judge(waits)


@pytest.mark.filterwarnings("ignore:coroutine")
@pytest.mark.parametrize("thing", [None, 5, "conv_forward", np.zeros(3), (1, 2)])
def test_what_is_no_function(thing):
    report = check(NAME, thing, language="en")
    assert report.verdict == "unusable"
    assert "asks for a function" in str(report)


@pytest.mark.parametrize("function", [lambda A_prev, W, b: A_prev, lambda: 1])
def test_a_function_with_other_arguments(function):
    text = judge(function)
    assert "cannot be called with the arguments (A_prev, W, b, hparameters)" in text


def changing(k):
    def conv_forward(A_prev, W, b, hparameters):
        Z, _ = loops.conv_forward(A_prev, W, b, hparameters)
        cache = (A_prev.copy(), W.copy(), b.copy(), dict(hparameters))
        given = (A_prev, W, b)[k]
        given[...] = 0
        return Z, cache

    return conv_forward


@pytest.mark.parametrize(("k", "name"), [(0, "A_prev"), (1, "W"), (2, "b")])
def test_a_changed_argument(k, name):
    report = check(NAME, changing(k), language="en")
    assert not report.passed and report.mistakes == ("changes-argument",)
    assert f"after the call, {name} holds other numbers" in str(report)
    assert len(report.hints) == 2


def test_a_changed_argument_that_is_also_in_the_cache():
    def conv_forward(A_prev, W, b, hparameters):
        Z, _ = loops.conv_forward(A_prev, W, b, dict(hparameters))
        A_prev += 1
        hparameters["stride"] = 7
        return Z, (A_prev, W, b, hparameters)

    report = check(NAME, conv_forward, language="es")
    assert report.mistakes == ("changes-argument",)
    assert "A_prev, hparameters contiene otros números" in str(report)


def test_a_view_of_the_input_is_right_and_remarked_on():
    report = check("zero_pad", lambda X, pad: loops.zero_pad(X, pad) if pad else X, language="en")
    assert report.passed
    assert "shares memory with X" in str(report)


def test_what_is_printed_and_read():
    def conv_forward(A_prev, W, b, hparameters):
        print("shape:", A_prev.shape)
        print("x" * 100_000)
        print("error", file=sys.stderr)
        return loops.conv_forward(A_prev, W, b, hparameters)

    screen = io.StringIO()
    kept, sys.stdout = sys.stdout, screen
    try:
        report = check(NAME, conv_forward, language="en")
        assert "EOFError" in judge(lambda A_prev, W, b, h: input())
    finally:
        sys.stdout = kept
    assert screen.getvalue() == ""
    assert report.passed and "prints something each time it is called (shape: (1, 4, 3, 1))" in str(
        report
    )
    assert len(str(report)) < 500


def test_state_between_calls_and_chance():
    calls = []

    def remembers(A_prev, W, b, hparameters):
        calls.append(1)
        Z, cache = loops.conv_forward(A_prev, W, b, hparameters)
        return Z + len(calls), cache

    def draws(A_prev, W, b, hparameters):
        Z, cache = loops.conv_forward(A_prev, W, b, hparameters)
        return Z + np.random.default_rng().random(), cache

    for function in (remembers, draws):
        assert "answers differently when it is asked the same again" in judge(function)


def test_any_callable_will_do():
    class Layer:
        def __call__(self, A_prev, W, b, hparameters):
            return loops.conv_forward(A_prev, W, b, hparameters)

        def forward(self, *arguments):
            return self(*arguments)

    for function in (Layer(), Layer().forward, functools.partial(loops.conv_forward)):
        assert check(NAME, function).passed


def test_an_argument_named_otherwise_and_keyword_only_options():
    def pool(images, options, *, how="max"):
        return loops.pool_forward(images, options, how)

    assert check("pool_forward", pool).passed


def test_a_function_with_ties_is_held_to_both_words():
    def mask(x, ties="all"):
        return loops.create_mask_from_window(x, "all")

    report = check("create_mask_from_window", mask, language="en")
    assert not report.passed

    def first_is_wrong(dA, cache, mode="max", ties="all"):
        return loops.pool_backward(dA, cache, mode)

    assert not check("pool_backward", first_is_wrong, language="en").passed


def test_what_holds_arrays_counts_as_one():
    class Tensor:
        def __init__(self, array):
            self.array = array

        def __array__(self, dtype=None, copy=None):
            return self.array

    assert check("zero_pad", lambda X, pad: Tensor(loops.zero_pad(X, pad))).passed


def test_dtypes_that_are_not_the_books_are_remarked_on():
    def zero_pad(X, pad):
        out = np.zeros((len(X), X.shape[1] + 2 * pad, X.shape[2] + 2 * pad, X.shape[3]))
        out[:, pad : pad + X.shape[1], pad : pad + X.shape[2]] = X
        return out

    report = check("zero_pad", zero_pad, language="en")
    assert report.passed and "for float32 it returns float64" in str(report)
    assert "remark" not in str(check("zero_pad", loops.zero_pad, language="en"))


def test_nan_may_be_treated_as_the_reader_likes():
    report = check("create_mask_from_window", lambda x: x == np.max(x), language="en")
    assert report.passed and "with a NaN in the window" in str(report)
    assert "remark" not in str(check("create_mask_from_window", loops.create_mask_from_window))

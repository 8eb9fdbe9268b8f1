"""Bad input: an error whose sentence names the argument, what it must be and what it is."""

import re

import numpy as np
import pytest

from cnnlayers import loops

A_PREV = np.ones((2, 5, 4, 3))
W = np.ones((3, 3, 3, 2))
B = np.ones((1, 1, 1, 2))
STEP = {"stride": 1, "pad": 0}
WINDOW = {"f": 2, "stride": 1}
CONV_CACHE = (A_PREV, W, B, STEP)
POOL_CACHE = (A_PREV, WINDOW)

# One good call of each function; each bad case replaces one of its arguments.
GOOD = {
    "zero_pad": {"X": A_PREV, "pad": 1},
    "conv_single_step": {
        "a_slice_prev": A_PREV[0, :3, :3],
        "W": W[..., 0],
        "b": B[..., 0],
    },
    "conv_forward": {"A_prev": A_PREV, "W": W, "b": B, "hparameters": STEP},
    "conv_backward": {"dZ": np.ones((2, 3, 2, 2)), "cache": CONV_CACHE},
    "pool_forward": {"A_prev": A_PREV, "hparameters": WINDOW, "mode": "max"},
    "pool_backward": {
        "dA": np.ones((2, 4, 3, 3)),
        "cache": POOL_CACHE,
        "mode": "max",
        "ties": "all",
    },
    "create_mask_from_window": {"x": np.ones((2, 2)), "ties": "all"},
    "distribute_value": {"dz": 1.0, "shape": (2, 2)},
}

# Arguments that must be arrays, in each function.
ARRAYS = [
    ("zero_pad", "X"),
    ("conv_single_step", "a_slice_prev"),
    ("conv_single_step", "W"),
    ("conv_single_step", "b"),
    ("conv_forward", "A_prev"),
    ("conv_forward", "W"),
    ("conv_forward", "b"),
    ("conv_backward", "dZ"),
    ("pool_forward", "A_prev"),
    ("pool_backward", "dA"),
    ("create_mask_from_window", "x"),
]

NOT_ARRAYS = [
    ([[1, 2], [3, 4]], "the list [[1, 2], [3, 4]]"),
    (3.5, "the float 3.5"),
    (None, "the NoneType None"),
    ("pixels", "the str 'pixels'"),
]
NOT_REAL = [np.complex128, object, "U3", "S3", "M8[s]", [("r", float), ("g", float)]]
NOT_INTS = [
    (2.0, "the float 2.0"),
    (True, "the bool True"),
    ("2", "the str '2'"),
    (None, "the NoneType None"),
    (np.float64(1), "the float64 np.float64(1.0)"),
    (np.bool_(True), "the bool np.True_"),
    ([1], "the list [1]"),
]


def expect(layers, error, message, function, **bad):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        getattr(layers, function)(**(GOOD[function] | bad))


@pytest.mark.parametrize("function", GOOD)
def test_the_good_calls_are_good(layers, function):
    getattr(layers, function)(**GOOD[function])


@pytest.mark.parametrize(("function", "name"), ARRAYS)
def test_what_is_no_array(layers, function, name):
    for bad, met in NOT_ARRAYS:
        message = f"{name} must be a NumPy array, got {met}."
        expect(layers, TypeError, message, function, **{name: bad})


@pytest.mark.parametrize(("function", "name"), ARRAYS)
def test_what_is_no_real_number(layers, function, name):
    for dtype in NOT_REAL:
        bad = np.zeros(GOOD[function][name].shape, dtype)
        message = f"{name} must hold floating numbers, integers or booleans, got dtype {bad.dtype}."
        expect(layers, TypeError, message, function, **{name: bad})


@pytest.mark.parametrize(
    ("function", "name", "axes"),
    [
        ("zero_pad", "X", ["m", "n_H", "n_W", "n_C"]),
        ("conv_single_step", "a_slice_prev", ["f", "f", "n_C_prev"]),
        ("conv_forward", "A_prev", ["m", "n_H_prev", "n_W_prev", "n_C_prev"]),
        ("conv_forward", "W", ["f", "f", "n_C_prev", "n_C"]),
        ("pool_forward", "A_prev", ["m", "n_H_prev", "n_W_prev", "n_C_prev"]),
    ],
)
def test_wrong_number_of_axes_and_empty_axes(layers, function, name, axes):
    good = GOOD[function][name]
    for bad in (good[0], good[None], np.float64(1) + np.zeros(())):
        message = f"{name} must have {len(axes)} axes, ({', '.join(axes)}), got shape {bad.shape}."
        expect(layers, ValueError, message, function, **{name: np.asarray(bad)})
    needed = axes[axes[0] == "m" :]
    for k in range(len(axes) - len(needed), len(axes)):
        bad = np.delete(good, range(good.shape[k]), axis=k)
        message = (
            f"{name} must have at least one entry along each of {', '.join(needed)}, "
            f"got shape {bad.shape}."
        )
        expect(layers, ValueError, message, function, **{name: bad})


@pytest.mark.parametrize(
    ("function", "name", "bad", "message"),
    [
        (
            "conv_single_step",
            "W",
            W,
            "W must have shape (3, 3, 3), the shape of a_slice_prev, got shape (3, 3, 3, 2).",
        ),
        (
            "conv_single_step",
            "W",
            np.ones((3, 3, 1)),
            "W must have shape (3, 3, 3), the shape of a_slice_prev, got shape (3, 3, 1).",
        ),
        (
            "conv_single_step",
            "b",
            np.ones(1),
            "b must have shape (1, 1, 1), one bias for one filter, got shape (1,).",
        ),
        (
            "conv_forward",
            "W",
            np.ones((3, 2, 3, 2)),
            "W must hold square filters, (f, f, n_C_prev, n_C), got shape (3, 2, 3, 2).",
        ),
        (
            "conv_forward",
            "W",
            np.ones((3, 3, 1, 2)),
            "W must have the 3 channels of A_prev, shape (2, 5, 4, 3), on its third axis, "
            "got shape (3, 3, 1, 2).",
        ),
        (
            "conv_forward",
            "W",
            np.ones((5, 5, 3, 2)),
            "W must give windows no larger than the input: f = 5 does not fit into A_prev of "
            "shape (2, 5, 4, 3) with pad = 0; the output size would be below 1.",
        ),
        (
            "conv_forward",
            "b",
            np.ones((1, 1, 1, 1)),
            "b must have shape (1, 1, 1, 2), one bias for each filter of W, shape (3, 3, 3, 2), "
            "got shape (1, 1, 1, 1).",
        ),
        (
            "conv_forward",
            "b",
            np.ones(2),
            "b must have shape (1, 1, 1, 2), one bias for each filter of W, shape (3, 3, 3, 2), "
            "got shape (2,).",
        ),
        (
            "conv_backward",
            "dZ",
            np.ones((2, 3, 2, 1)),
            "dZ must have shape (2, 3, 2, 2), the shape of the Z that conv_forward returned with "
            "cache, got shape (2, 3, 2, 1).",
        ),
        (
            "pool_forward",
            "hparameters",
            {"f": 5, "stride": 1},
            "hparameters['f'] must give windows no larger than the input: f = 5 does not fit into "
            "A_prev of shape (2, 5, 4, 3) with pad = 0; the output size would be below 1.",
        ),
        (
            "pool_backward",
            "dA",
            np.ones((1, 4, 3, 3)),
            "dA must have shape (2, 4, 3, 3), the shape of the A that pool_forward returned with "
            "cache, got shape (1, 4, 3, 3).",
        ),
        (
            "create_mask_from_window",
            "x",
            np.ones((2, 0)),
            "x must be a window with at least one entry, got shape (2, 0).",
        ),
        (
            "create_mask_from_window",
            "x",
            np.array(1.0),
            "x must be a window with at least one entry, got shape ().",
        ),
        (
            "distribute_value",
            "dz",
            np.ones((1, 1)),
            "dz must have shape (), a single number, got shape (1, 1).",
        ),
        (
            "distribute_value",
            "shape",
            (2, 2, 2),
            "shape must be a tuple (n_H, n_W), got the tuple (2, 2, 2).",
        ),
        (
            "distribute_value",
            "shape",
            (4,),
            "shape must be a tuple (n_H, n_W), got the tuple (4,).",
        ),
    ],
)
def test_shapes_that_do_not_match(layers, function, name, bad, message):
    expect(layers, ValueError, message, function, **{name: bad})


def test_a_filter_must_fit_into_the_padded_input(layers):
    filters = np.ones((7, 7, 3, 2))
    message = (
        "W must give windows no larger than the input: f = 7 does not fit into A_prev of shape "
        "(2, 5, 4, 3) with pad = 1; the output size would be below 1."
    )
    bad = {"W": filters, "hparameters": STEP | {"pad": 1}}
    expect(layers, ValueError, message, "conv_forward", **bad)
    Z, _ = layers.conv_forward(A_PREV, filters, B, STEP | {"pad": 2})
    assert Z.shape == (2, 3, 2, 2)


def test_pad_of_zero_pad(layers):
    for bad, met in NOT_INTS:
        expect(layers, TypeError, f"pad must be an int, got {met}.", "zero_pad", pad=bad)
    expect(layers, ValueError, "pad must be at least 0, got -1.", "zero_pad", pad=-1)


@pytest.mark.parametrize(
    ("function", "good", "key", "least"),
    [
        ("conv_forward", STEP, "stride", 1),
        ("conv_forward", STEP, "pad", 0),
        ("pool_forward", WINDOW, "f", 1),
        ("pool_forward", WINDOW, "stride", 1),
    ],
)
def test_values_of_hyperparameters(layers, function, good, key, least):
    for bad, met in NOT_INTS:
        message = f"hparameters['{key}'] must be an int, got {met}."
        expect(layers, TypeError, message, function, hparameters=good | {key: bad})
    for bad in (least - 1, np.int32(-5)):
        message = f"hparameters['{key}'] must be at least {least}, got {bad}."
        expect(layers, ValueError, message, function, hparameters=good | {key: bad})


@pytest.mark.parametrize(
    ("function", "keys", "bad", "met"),
    [
        ("conv_forward", "'stride' and 'pad'", {"stride": 1}, "{'stride': 1}"),
        ("conv_forward", "'stride' and 'pad'", {"padding": 1, "stride": 1}, None),
        ("conv_forward", "'stride' and 'pad'", {"f": 3, "pad": 0, "stride": 1}, None),
        ("pool_forward", "'f' and 'stride'", {}, "{}"),
        ("pool_forward", "'f' and 'stride'", {"f": 2, "pad": 1, "stride": 1}, None),
    ],
)
def test_keys_of_hyperparameters(layers, function, keys, bad, met):
    message = f"hparameters must have the keys {keys} and no others, got {met or bad}."
    expect(layers, ValueError, message, function, hparameters=bad)


@pytest.mark.parametrize(
    ("function", "keys"),
    [("conv_forward", "'stride' and 'pad'"), ("pool_forward", "'f' and 'stride'")],
)
def test_hyperparameters_that_are_no_dict(layers, function, keys):
    for bad, met in [((1, 0), "the tuple (1, 0)"), (None, "the NoneType None"), (2, "the int 2")]:
        message = f"hparameters must be a dict with {keys}, got {met}."
        expect(layers, TypeError, message, function, hparameters=bad)


@pytest.mark.parametrize(
    ("function", "name", "words"),
    [
        ("pool_forward", "mode", "'max' or 'average'"),
        ("pool_backward", "mode", "'max' or 'average'"),
        ("pool_backward", "ties", "'all' or 'first'"),
        ("create_mask_from_window", "ties", "'all' or 'first'"),
    ],
)
def test_words(layers, function, name, words):
    for bad in ("mean", "MAX", ""):
        message = f"{name} must be {words}, got {bad!r}."
        expect(layers, ValueError, message, function, **{name: bad})
    for bad, met in [(None, "the NoneType None"), (1, "the int 1"), (["max"], "the list ['max']")]:
        message = f"{name} must be the str {words}, got {met}."
        expect(layers, TypeError, message, function, **{name: bad})


@pytest.mark.parametrize(
    ("function", "other", "members", "forward"),
    [
        ("conv_backward", POOL_CACHE, "A_prev, W, b, hparameters", "conv_forward"),
        ("pool_backward", CONV_CACHE, "A_prev, hparameters", "pool_forward"),
    ],
)
def test_caches(layers, function, other, members, forward):
    must = f"cache must be the tuple ({members}) that {forward} returned"
    expect(layers, ValueError, f"{must}, got a tuple of {len(other)}.", function, cache=other)
    for bad, met in [(None, "the NoneType None"), ([1], "the list [1]"), ({}, "the dict {}")]:
        expect(layers, TypeError, f"{must}, got {met}.", function, cache=bad)


def test_members_of_caches_are_checked_as_in_the_forward_pass(layers):
    for k, bad, error, message in [
        (0, None, TypeError, "A_prev must be a NumPy array, got the NoneType None."),
        (1, 1, TypeError, "W must be a NumPy array, got the int 1."),
        (
            2,
            np.ones(2),
            ValueError,
            "b must have shape (1, 1, 1, 2), one bias for each filter of W, shape (3, 3, 3, 2), "
            "got shape (2,).",
        ),
        (
            3,
            {"stride": 0, "pad": 0},
            ValueError,
            "hparameters['stride'] must be at least 1, got 0.",
        ),
    ]:
        cache = (*CONV_CACHE[:k], bad, *CONV_CACHE[k + 1 :])
        expect(layers, error, message, "conv_backward", cache=cache)
    message = "A_prev must be a NumPy array, got the int 1."
    expect(layers, TypeError, message, "pool_backward", cache=(1, WINDOW))
    message = "hparameters['f'] must be an int, got the float 2.0."
    cache = (A_PREV, {"f": 2.0, "stride": 1})
    expect(layers, TypeError, message, "pool_backward", cache=cache)


def test_values_to_distribute(layers):
    for bad, met in [(None, "the NoneType None"), ("2", "the str '2'"), (2j, "the complex 2j")]:
        message = f"dz must be a real number, got {met}."
        expect(layers, TypeError, message, "distribute_value", dz=bad)
    for bad in (np.complex64(1), np.str_("2"), 10**400):
        message = (
            "dz must hold floating numbers, integers or booleans, "
            f"got dtype {np.asarray(bad).dtype}."
        )
        expect(layers, TypeError, message, "distribute_value", dz=bad)


@pytest.mark.parametrize("dz", [1.0, np.float64(1), np.float32(1)])
def test_shapes_to_distribute_over(layers, dz):
    for bad, met in [(4, "the int 4"), (None, "the NoneType None"), ("22", "the str '22'")]:
        message = f"shape must be a tuple (n_H, n_W), got {met}."
        expect(layers, TypeError, message, "distribute_value", dz=dz, shape=bad)
    message = "shape must be a tuple (n_H, n_W), got the tuple (2, 2, 2)."
    expect(layers, ValueError, message, "distribute_value", dz=dz, shape=(2, 2, 2))
    for k in (0, 1):
        for bad, met in NOT_INTS:
            shape = (bad, 2) if k == 0 else (2, bad)
            message = f"shape[{k}] must be an int, got {met}."
            expect(layers, TypeError, message, "distribute_value", dz=dz, shape=shape)
        shape = (0, 2) if k == 0 else (2, 0)
        message = f"shape[{k}] must be at least 1, got 0."
        expect(layers, ValueError, message, "distribute_value", dz=dz, shape=shape)


def test_large_values_are_told_in_short():
    with pytest.raises(TypeError) as error:
        loops.zero_pad(list(range(10_000)), 1)
    assert str(error.value) == ("X must be a NumPy array, got the list [0, 1, 2, 3, 4, 5, ...].")


def test_numpy_integers_mappings_and_lists_are_welcome(layers):
    assert layers.zero_pad(A_PREV, np.uint8(1)).shape == (2, 7, 6, 3)
    hparameters = {"stride": np.int16(2), "pad": np.int64(1)}
    assert layers.conv_forward(A_PREV, W, B, hparameters)[0].shape == (2, 3, 2, 2)
    assert layers.distribute_value(1, [np.int64(1), 2]).tolist() == [[0.5, 0.5]]

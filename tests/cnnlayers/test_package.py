"""The package as an installed thing: what it exports, what it needs, what its examples print."""

import ast
import doctest
import importlib.resources
import inspect
import subprocess
import sys

import numpy as np
import pytest

import cnnlayers
from cnnlayers import columns, digits, fast, gradients, loops, network, torch_weights, training

FUNCTIONS = {
    "zero_pad": "X, pad",
    "conv_single_step": "a_slice_prev, W, b",
    "conv_forward": "A_prev, W, b, hparameters",
    "pool_forward": "A_prev, hparameters, mode='max'",
    "conv_backward": "dZ, cache",
    "create_mask_from_window": "x, ties='all'",
    "distribute_value": "dz, shape",
    "pool_backward": "dA, cache, mode='max', ties='all'",
}
# These have one version each.
OTHERS = {
    "im2col": "X, f, stride, pad",
    "col2im": "columns, shape, f, stride, pad",
    "relu_forward": "Z",
    "relu_backward": "dA, cache",
    "flatten_forward": "A_prev",
    "flatten_backward": "dA, cache",
    "dense_forward": "A_prev, W, b",
    "dense_backward": "dZ, cache",
    "softmax": "Z",
    "cross_entropy_forward": "Z, y",
    "cross_entropy_backward": "cache",
    "initialize": "shape, rng",
    "sgd_momentum": "parameters, gradients, velocities, learning_rate, momentum",
    "load_digits": "",
    "weights_to_torch": "W, b, shape=None",
    "weights_from_torch": "weight, bias, shape=None",
}
MODULES = [columns, digits, fast, gradients, network, torch_weights, training]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_signatures(layers, name):
    assert parameters_of(getattr(layers, name)) == FUNCTIONS[name]


@pytest.mark.parametrize("name", OTHERS)
def test_signatures_of_what_has_one_version(name):
    assert parameters_of(getattr(cnnlayers, name)) == OTHERS[name]


def parameters_of(function):
    parameters = inspect.signature(function).parameters.values()
    return ", ".join(str(p.replace(annotation=p.empty)) for p in parameters)


def test_what_is_exported():
    assert set(cnnlayers.__all__) == {*FUNCTIONS, *OTHERS, "gradient_check", "GradientCheck"}
    assert cnnlayers.__version__ == "1.0.0"
    assert importlib.resources.files("cnnlayers").joinpath("py.typed").is_file()


@pytest.mark.parametrize("name", cnnlayers.__all__)
def test_everything_public_is_documented(name):
    documentation = inspect.getdoc(getattr(cnnlayers, name))
    sections = {
        "GradientCheck": ["Attributes"],
        "load_digits": ["Returns", "Notes", "References", "Examples"],
    }.get(name, ["Parameters", "Returns", "Raises", "Notes", "Examples"])
    for section in sections:
        assert f"{section}\n{'-' * len(section)}\n" in documentation, section


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_loops_say_the_same_in_a_line_and_where_more_is_said(name):
    first, _, rest = inspect.getdoc(getattr(loops, name)).partition("\n\n")
    assert inspect.getdoc(getattr(cnnlayers, name)).startswith(first + "\n\n")
    assert rest == f"Documented at the top level: `cnnlayers.{name}`."


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_print_what_they_say(module):
    result = doctest.testmod(module)
    assert result.attempted > 0 and result.failed == 0


def test_numpy_is_all_it_needs():
    program = (
        "import sys, numpy, numpy.random; before = set(sys.modules); import cnnlayers; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ast.literal_eval(run.stdout) == ["cnnlayers", "numpy"]


def test_arrays_of_subclasses_are_taken_as_their_numbers(tmp_path, layers):
    A_prev = np.lib.format.open_memmap(tmp_path / "A.npy", "w+", float, (1, 3, 3, 1))
    A_prev[...] = np.arange(9.0).reshape(A_prev.shape)
    A, cache = layers.pool_forward(A_prev, {"f": 2, "stride": 1})
    assert A[0, :, :, 0].tolist() == [[4, 5], [7, 8]]
    assert type(A) is type(layers.pool_backward(A, cache)) is np.ndarray
    assert type(layers.zero_pad(A_prev, 1)) is np.ndarray

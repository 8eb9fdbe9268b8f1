"""Record what PyTorch and TensorFlow compute, for tests that need neither of them.

Makes ``oracle.npz`` beside this file: the outputs and gradients of both frameworks for a fixed
list of configurations, with the versions that computed them. Inputs are not stored: `draw`
makes them again from the seed of a configuration, with NumPy's frozen legacy generator.

In an environment of its own::

    python -m pip install numpy torch tensorflow-cpu
    python -m tests.cnnlayers.record_oracle
"""

import itertools
import json
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

ORACLE = Path(__file__).with_name("oracle.npz")


@dataclass(frozen=True)
class Configuration:
    """One call of a layer, forward and backward; `special` says what is unusual about its input."""

    layer: str
    seed: int
    dtype: str
    m: int
    n_H_prev: int
    n_W_prev: int
    n_C_prev: int
    n_C: int
    f: int
    stride: int
    pad: int
    special: str = ""


def configurations() -> list[Configuration]:
    """List the configurations: each f, stride and pad of each layer, then the special inputs."""
    layers = [
        *(("conv", *rest, "") for rest in itertools.product(range(1, 8), range(1, 5), range(5))),
        *(
            (layer, f, stride, 0, "")
            for layer in ("max", "average")
            for f, stride, _ in itertools.product(range(1, 8), range(1, 5), range(2))
        ),
        *(
            (layer, f, stride, 0, special)
            for layer, specials in [
                ("conv", ["nan", "inf"]),
                ("max", ["ties", "nan", "inf"]),
                ("average", ["nan", "inf"]),
            ]
            for special in specials
            for f, stride in [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (2, 3), (4, 2), (5, 3)]
        ),
        *(("conv", f, stride, f // 2, "wide") for f in (1, 3, 5) for stride in (1, 1, 2)),
        *(
            (layer, f, stride, 0, "wide")
            for layer in ("max", "average")
            for f, stride in [(2, 2), (3, 2), (3, 1)]
        ),
    ]
    return [_sizes(seed, *layer) for seed, layer in enumerate(layers)]


def _sizes(seed: int, layer: str, f: int, stride: int, pad: int, special: str) -> Configuration:
    """Choose sizes that f fits into, some of them so that the stride drops rows or columns."""
    random = np.random.RandomState(seed)
    smallest = max(1, f - 2 * pad)
    spare, channels = (range(5), [1, 2, 3]) if special != "wide" else (range(7, 11), [16, 20])
    n_C_prev = int(random.choice(channels))
    return Configuration(
        layer=layer,
        seed=seed,
        dtype=["float32", "float64"][seed % 2],
        m=int(random.choice([1, 2])) if special != "wide" else 1,
        n_H_prev=smallest + int(random.choice(spare)),
        n_W_prev=smallest + int(random.choice(spare)),
        n_C_prev=n_C_prev,
        n_C=int(random.choice(channels)) if layer == "conv" else n_C_prev,
        f=f,
        stride=stride,
        pad=pad,
        special=special,
    )


def draw(config: Configuration) -> dict[str, np.ndarray]:
    """Draw the arrays that a configuration is computed from: input, parameters, gradient."""
    random = np.random.RandomState(config.seed)
    n_H = (config.n_H_prev - config.f + 2 * config.pad) // config.stride + 1
    n_W = (config.n_W_prev - config.f + 2 * config.pad) // config.stride + 1
    shapes = {"A_prev": (config.m, config.n_H_prev, config.n_W_prev, config.n_C_prev)}
    if config.layer == "conv":
        shapes["W"] = (config.f, config.f, config.n_C_prev, config.n_C)
        shapes["b"] = (1, 1, 1, config.n_C)
    shapes["gradient"] = (config.m, n_H, n_W, config.n_C)
    arrays = {name: random.standard_normal(shape) for name, shape in shapes.items()}
    A_prev = arrays["A_prev"]
    if config.special == "ties":
        A_prev[...] = random.randint(0, 3, A_prev.shape)
    elif config.special in ("nan", "inf"):
        values = {"nan": [np.nan], "inf": [np.inf, -np.inf]}[config.special]
        chosen = random.random_sample(A_prev.shape) < 0.15
        A_prev[chosen] = random.choice(values, chosen.sum())
    return {name: x.astype(config.dtype) for name, x in arrays.items()}


def run_torch(config: Configuration, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Compute output and gradients with PyTorch, which keeps channels and filters first."""
    import torch
    from torch.nn.functional import avg_pool2d, conv2d, max_pool2d

    def tensor(x: np.ndarray, *axes: int) -> torch.Tensor:
        return torch.tensor(np.ascontiguousarray(x.transpose(axes)))

    A_prev = tensor(arrays["A_prev"], 0, 3, 1, 2).requires_grad_()
    gradient = tensor(arrays["gradient"], 0, 3, 1, 2)
    if config.layer == "conv":
        W = tensor(arrays["W"], 3, 2, 0, 1).requires_grad_()
        b = torch.tensor(arrays["b"].ravel(), requires_grad=True)
        output = conv2d(A_prev, W, b, stride=config.stride, padding=config.pad)
        output.backward(gradient)
        parameters = {
            "dW": W.grad.numpy().transpose(2, 3, 1, 0),
            "db": b.grad.numpy().reshape(1, 1, 1, -1),
        }
    else:
        pool = {"max": max_pool2d, "average": avg_pool2d}[config.layer]
        output = pool(A_prev, config.f, config.stride)
        output.backward(gradient)
        parameters = {}
    return {
        "output": output.detach().numpy().transpose(0, 2, 3, 1),
        "dA_prev": A_prev.grad.numpy().transpose(0, 2, 3, 1),
        **parameters,
    }


def run_tensorflow(config: Configuration, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Compute output and gradients with TensorFlow, whose axes are in our order."""
    import tensorflow as tf

    inputs = {name: tf.constant(x) for name, x in arrays.items()}
    gradient = inputs.pop("gradient")
    with tf.GradientTape() as tape:
        for x in inputs.values():
            tape.watch(x)
        if config.layer == "conv":
            pads = [[0, 0], [config.pad] * 2, [config.pad] * 2, [0, 0]]
            output = tf.nn.conv2d(inputs["A_prev"], inputs["W"], config.stride, pads)
            output += inputs["b"]
        else:
            pool = {"max": tf.nn.max_pool2d, "average": tf.nn.avg_pool2d}[config.layer]
            output = pool(inputs["A_prev"], config.f, config.stride, "VALID")
    gradients = tape.gradient(output, inputs, gradient)
    return {
        "output": output.numpy(),
        **{f"d{name}": gradient.numpy() for name, gradient in gradients.items()},
    }


def comparable(framework: str, config: Configuration) -> bool:
    """Tell where a framework's answer is the one wanted here.

    TensorFlow's max pooling loses NaN.
    """
    return not (framework == "tensorflow" and config.layer == "max" and config.special == "nan")


def record() -> None:
    """Run all configurations through both frameworks and write the file."""
    import tensorflow as tf
    import torch

    runs = {"torch": run_torch, "tensorflow": run_tensorflow}
    index, values = [], {"float32": [], "float64": []}
    for config in configurations():
        for framework, run in runs.items():
            if comparable(framework, config):
                results = run(config, draw(config))
                shapes = {name: x.shape for name, x in results.items()}
                index.append({"framework": framework, "seed": config.seed, "shapes": shapes})
                for x in results.values():
                    assert x.dtype == config.dtype
                    values[config.dtype].append(x.ravel())
    about = {
        "versions": {
            "torch": torch.__version__,
            "tensorflow": tf.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "configurations": [asdict(config) for config in configurations()],
        "index": index,
    }
    np.savez_compressed(
        ORACLE,
        about=json.dumps(about),
        **{dtype: np.concatenate(arrays) for dtype, arrays in values.items()},
    )
    print(f"{len(about['configurations'])} configurations, {len(index)} answers: {ORACLE}")


def answers() -> tuple[dict[str, str], list[tuple[str, Configuration, dict[str, np.ndarray]]]]:
    """Read the file back: versions, and each answer with its framework and configuration."""
    with np.load(ORACLE) as file:
        about = json.loads(str(file["about"]))
        values = {dtype: file[dtype] for dtype in ("float32", "float64")}
    configs = {config["seed"]: Configuration(**config) for config in about["configurations"]}
    read = {dtype: 0 for dtype in values}
    found = []
    for entry in about["index"]:
        config = configs[entry["seed"]]
        arrays = {}
        for name, shape in entry["shapes"].items():
            start = read[config.dtype]
            read[config.dtype] += int(np.prod(shape))
            arrays[name] = values[config.dtype][start : read[config.dtype]].reshape(shape)
        found.append((entry["framework"], config, arrays))
    return about["versions"], found


if __name__ == "__main__":
    record()

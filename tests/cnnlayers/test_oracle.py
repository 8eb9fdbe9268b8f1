"""The recorded answers of PyTorch and TensorFlow, and PyTorch itself where it is installed."""

import numpy as np
import pytest

from tests.cnnlayers.record_oracle import Configuration, answers, configurations, draw, run_torch

VERSIONS, ANSWERS = answers()
# Relative to the largest entry of an answer: sums of up to 500 products, in another order.
TOLERANCE = {"float32": 1e-5, "float64": 1e-13}


def compute(layers, config, arrays):
    """Run one configuration; at ties the frameworks give the gradient to the first maximum."""
    # The frameworks do not warn about infinity minus infinity.
    with np.errstate(invalid="ignore"):
        if config.layer == "conv":
            step = {"stride": config.stride, "pad": config.pad}
            Z, cache = layers.conv_forward(arrays["A_prev"], arrays["W"], arrays["b"], step)
            gradients = layers.conv_backward(arrays["gradient"], cache)
            return dict(zip(("output", "dA_prev", "dW", "db"), (Z, *gradients), strict=True))
        window = {"f": config.f, "stride": config.stride}
        A, cache = layers.pool_forward(arrays["A_prev"], window, config.layer)
        dA_prev = layers.pool_backward(arrays["gradient"], cache, config.layer, ties="first")
        return {"output": A, "dA_prev": dA_prev}


def assert_agree(actual, expected, config):
    assert actual.keys() == expected.keys()
    for name, value in actual.items():
        assert value.dtype == expected[name].dtype == config.dtype, name
        finite = np.abs(expected[name][np.isfinite(expected[name])])
        atol = TOLERANCE[config.dtype] * np.max(finite, initial=1)
        np.testing.assert_allclose(value, expected[name], rtol=0, atol=atol, err_msg=name)


def test_the_record_is_of_the_configurations_that_the_script_lists():
    for framework in ("torch", "tensorflow"):
        assert VERSIONS[framework]
        assert len([config for by, config, _ in ANSWERS if by == framework]) >= 300
    assert [config for by, config, _ in ANSWERS if by == "torch"] == configurations()


@pytest.mark.parametrize(
    ("framework", "config", "expected"),
    ANSWERS,
    ids=[
        f"{framework}-{c.layer}-{c.seed}-f{c.f}-s{c.stride}-p{c.pad}{c.special and '-' + c.special}"
        for framework, c, _ in ANSWERS
    ],
)
def test_recorded_answers(layers, framework, config, expected):
    assert_agree(compute(layers, config, draw(config)), expected, config)


@pytest.mark.parametrize("seed", range(60))
def test_torch_on_random_configurations(layers, seed):
    pytest.importorskip(
        "torch", reason="PyTorch is not installed: `.venv/bin/python -m pip install torch`"
    )
    random = np.random.RandomState(10_000 + seed)
    layer = ["conv", "max", "average"][seed % 3]
    f = int(random.randint(1, 8))
    pad = int(random.randint(0, 5)) if layer == "conv" else 0
    n_C_prev = int(random.choice([1, 2, 3, 17]))
    config = Configuration(
        layer=layer,
        seed=10_000 + seed,
        dtype=str(random.choice(["float32", "float64"])),
        m=int(random.randint(1, 4)),
        n_H_prev=max(1, f - 2 * pad) + int(random.randint(8)),
        n_W_prev=max(1, f - 2 * pad) + int(random.randint(8)),
        n_C_prev=n_C_prev,
        n_C=int(random.choice([1, 2, 5, 16])) if layer == "conv" else n_C_prev,
        f=f,
        stride=int(random.randint(1, 5)),
        pad=pad,
        special=str(random.choice(["", "nan", "inf"] + ["ties"] * (layer == "max"))),
    )
    arrays = draw(config)
    assert_agree(compute(layers, config, arrays), run_torch(config, arrays), config)

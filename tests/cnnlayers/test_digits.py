"""The digits, and the network that reads them, held against what PyTorch made of the same."""

import json

import numpy as np
import pytest

from cnnlayers import cross_entropy_backward, cross_entropy_forward, gradient_check, load_digits
from cnnlayers.digits import hold_out, network_backward, network_forward, network_parameters, train
from tests.cnnlayers.record_network import BATCH, LEARNING_RATE, MOMENTUM, RECORD, SEED, STEPS
from tools.make_digits import DIGITS

RECORDED = json.loads(RECORD.read_text(encoding="utf-8"))


def test_the_digits_are_those_of_the_uci_set():
    X, y = load_digits()
    assert X.shape == (1797, 8, 8, 1) and X.dtype == np.float64
    assert X.min() == 0 and X.max() == 1 and np.array_equal(X * 16, np.round(X * 16))
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (X[0, 0, :, 0] * 16).tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert (X.sum() * 16, y.sum()) == (561_718, 8070)
    assert DIGITS.stat().st_size <= 60_000


def test_each_call_gives_arrays_of_its_own():
    X, y = load_digits()
    X[...], y[...] = 0, 0
    again, labels = load_digits()
    assert again.any() and labels.any()


def test_a_third_is_held_out_and_nothing_is_in_both_parts():
    X, y = np.arange(10.0).reshape(10, 1, 1, 1), np.arange(10)
    parts = hold_out(X, y, np.random.default_rng(1))
    assert [len(part) for part in parts] == [7, 7, 3, 3]
    assert sorted([*parts[1], *parts[3]]) == list(range(10))
    assert np.array_equal(parts[0].ravel(), parts[1]) and np.array_equal(parts[2].ravel(), parts[3])
    assert not np.array_equal(parts[1], np.sort(parts[1]))


def test_the_network_as_a_whole_has_the_right_gradient():
    """Of every parameter, through ReLU and pooling, away from their kinks."""
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((2, 8, 8, 1)), np.array([3, 7])
    parameters = network_parameters(rng, n_C=(2, 3))
    for name in ("b1", "b2", "b3"):
        parameters[name] = 0.1 * rng.standard_normal(parameters[name].shape)

    def forward(*values):
        Z, caches = network_forward(dict(zip(parameters, values, strict=True)), X)
        J, loss_cache = cross_entropy_forward(Z, y)
        return J, (caches, loss_cache)

    def backward(dJ, cache):
        caches, loss_cache = cache
        gradients = network_backward(dJ * cross_entropy_backward(loss_cache), caches)
        return tuple(gradients[name] for name in parameters)

    check = gradient_check(forward, backward, parameters, epsilon=1e-5)
    assert check.ok, check


@pytest.fixture(scope="module")
def trained():
    """Train as the record was made: the same weights, batches and steps."""
    X, y = load_digits()
    rng = np.random.default_rng(SEED)
    parameters = network_parameters(rng)
    first = {name: p.copy() for name, p in parameters.items()}
    order = rng.permutation(len(X))[: STEPS * BATCH]

    class Given:
        """Hands the recorded order over instead of a random one."""

        def permutation(self, size):
            assert size == len(order)
            return np.arange(size)

    after, losses = train(
        parameters,
        X[order],
        y[order],
        Given(),
        epochs=1,
        batch=BATCH,
        learning_rate=LEARNING_RATE,
        momentum=MOMENTUM,
    )
    assert all(np.array_equal(parameters[name], p) for name, p in first.items())
    return after, losses


def test_the_record_was_made_with_these_settings():
    settings = STEPS, BATCH, SEED, LEARNING_RATE, MOMENTUM
    assert tuple(RECORDED["settings"].values()) == settings


def test_losses_are_those_of_pytorch(trained):
    assert RECORDED["versions"]["torch"]
    np.testing.assert_allclose(trained[1], RECORDED["losses"], rtol=1e-6)


def test_scores_after_training_are_those_of_pytorch(trained):
    X, _ = load_digits()
    scores, _ = network_forward(trained[0], X[:4])
    np.testing.assert_allclose(scores, RECORDED["scores"], rtol=1e-6, atol=1e-6)


def test_pytorch_agrees_where_it_is_installed():
    pytest.importorskip("torch", reason="PyTorch is not installed; its record was compared")
    import torch

    from tests.cnnlayers.record_network import copy_weights, images_for_torch, torch_network

    X, _ = load_digits()
    parameters = network_parameters(np.random.default_rng(5))
    network = torch_network()
    copy_weights(parameters, network)
    with torch.no_grad():
        scores = network(images_for_torch(X[:32])).numpy()
    np.testing.assert_allclose(network_forward(parameters, X[:32])[0], scores, rtol=1e-10)


def test_a_small_network_learns_to_read():
    X, y, X_test, y_test = hold_out(*load_digits(), np.random.default_rng(1))
    rng = np.random.default_rng(0)
    parameters, losses = train(network_parameters(rng, n_C=(8, 16)), X, y, rng, epochs=4)
    Z, _ = network_forward(parameters, X_test)
    assert np.mean(np.argmax(Z, axis=1) == y_test) > 0.93
    assert np.mean(losses[-20:]) < 0.2 * np.mean(losses[:20])


def test_training_uses_the_backward_pass_it_is_given():
    X, y = load_digits()
    rng = np.random.default_rng(0)
    parameters = network_parameters(rng, n_C=(2, 2))

    def nothing(dZ, caches):
        return {name: 0 * g for name, g in network_backward(dZ, caches).items()}

    after, _ = train(parameters, X[:64], y[:64], rng, epochs=1, backward=nothing)
    assert all(np.array_equal(after[name], p) for name, p in parameters.items())


def test_each_epoch_goes_through_the_examples_in_another_order():
    X, y = load_digits()
    parameters = network_parameters(np.random.default_rng(0), n_C=(2, 2))
    _, losses = train(
        parameters,
        X[:64],
        y[:64],
        np.random.default_rng(1),
        epochs=2,
        batch=16,
        learning_rate=1e-12,
    )
    first, second = np.split(np.array(losses), 2)
    assert not np.allclose(np.sort(first), np.sort(second), rtol=1e-6)
    assert np.isclose(first.mean(), second.mean(), rtol=1e-6)  # of the same examples

"""Blocks cover what they cut, scratch memory is kept apart, small products are products."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from cnnlayers import _blocks
from tests.cnnlayers.helpers import assert_same, draw


@pytest.mark.parametrize("bytes_each", [1, 250, 333, 1000, 5000])
def test_blocks_cover_a_slice_in_order_and_keep_their_size(bytes_each, monkeypatch):
    monkeypatch.setattr(_blocks, "BLOCK", 1000)
    cut = list(_blocks.blocks(slice(3, 12), bytes_each))
    assert [i for block in cut for i in range(block.start, block.stop)] == list(range(3, 12))
    sizes = [block.stop - block.start for block in cut]
    assert all(size == 1 or size * bytes_each <= 1000 for size in sizes)
    assert all(size == sizes[0] for size in sizes[:-1])
    assert list(_blocks.blocks(slice(3, 3), bytes_each)) == []


@pytest.mark.parametrize("row_bytes", [1, 60, 100, 250, 400, 1000, 5000])
@pytest.mark.parametrize("rows", [slice(0, 35), slice(3, 32), slice(7, 21), slice(8, 9)])
def test_blocks_of_rows_are_whole_examples_or_rows_of_one(row_bytes, rows, monkeypatch):
    monkeypatch.setattr(_blocks, "BLOCK", 1000)
    seen = []
    for n, h in _blocks.row_blocks(rows, 7, row_bytes):
        assert n.stop - n.start == 1 or h == slice(0, 7)
        block = [7 * i + j for i in range(n.start, n.stop) for j in range(h.start, h.stop)]
        assert len(block) * row_bytes <= 1000 or len(block) == 1
        seen += block
    assert seen == list(range(rows.start, rows.stop))
    assert list(_blocks.row_blocks(slice(7, 7), 7, row_bytes)) == []


def test_blocks_are_as_large_as_fit_and_even(monkeypatch):
    monkeypatch.setattr(_blocks, "BLOCK", 1000)
    assert list(_blocks.blocks(slice(0, 7), 200)) == [slice(0, 4), slice(4, 7)]
    assert list(_blocks.row_blocks(slice(0, 35), 7, 60)) == [
        (slice(0, 2), slice(0, 7)),
        (slice(2, 4), slice(0, 7)),
        (slice(4, 5), slice(0, 7)),
    ]
    assert list(_blocks.row_blocks(slice(2, 16), 7, 200)) == [
        (slice(0, 1), slice(2, 6)),
        (slice(0, 1), slice(6, 7)),
        (slice(1, 2), slice(0, 4)),
        (slice(1, 2), slice(4, 7)),
        (slice(2, 3), slice(0, 2)),
    ]


def test_scratch_arrays_are_aligned_apart_and_kept():
    shapes = {"a": ((7, 3), np.float32), "b": ((5,), np.float64)}
    arrays = {name: _blocks.scratch(name, *kind) for name, kind in shapes.items()}
    for k, array in enumerate(arrays.values()):
        array[...] = k
    again = {name: _blocks.scratch(name, *kind) for name, kind in shapes.items()}
    for k, (name, (shape, dtype)) in enumerate(shapes.items()):
        assert (again[name] == k).all()
        assert (again[name].shape, again[name].dtype) == (shape, dtype)
        assert again[name].ctypes.data % 64 == 0
    larger = _blocks.scratch("a", (7, 30), np.float32)
    assert larger.shape == (7, 30)
    assert not np.shares_memory(larger, again["b"])
    assert np.shares_memory(larger, _blocks.scratch("a", (2,), np.float32))


def test_scratch_of_each_thread_is_its_own():
    own = _blocks.scratch("a", (4,), np.float64)
    with ThreadPoolExecutor(1) as other:
        its = other.submit(_blocks.scratch, "a", (4,), np.float64).result()
    assert not np.shares_memory(own, its)


def test_scratch_keeps_no_more_than_its_limit(monkeypatch):
    monkeypatch.setattr(_blocks, "SCRATCH_LIMIT", 1000)
    first, second = (_blocks.scratch("large", (1001,), np.uint8) for _ in range(2))
    assert not np.shares_memory(first, second)
    first, second = (_blocks.scratch("large", (1000,), np.uint8) for _ in range(2))
    assert np.shares_memory(first, second)


@pytest.mark.parametrize("pad", [0, 1, 4])
def test_any_rows_of_a_padded_volume(pad):
    (X,) = draw(1, (2, 3, 4, 5))
    whole = np.pad(X, ((0, 0), (pad, pad + 2), (pad, pad + 1), (0, 0)))
    for start, stop in itertools.combinations(range(whole.shape[1] + 1), 2):
        _blocks.scratch("X", whole.shape, X.dtype)[...] = np.nan  # what a block before has left
        part = _blocks.padded("X", X, pad, slice(start, stop), whole.shape[2])
        np.testing.assert_array_equal(part, whole[:, start:stop])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite(value):
    (X,) = draw(1, (3, 4))
    assert _blocks.all_finite(X)
    X[1, 2] = value
    assert not _blocks.all_finite(X)
    assert _blocks.all_finite(X[:0])


@pytest.fixture
def products(monkeypatch):
    """Record how high the factors of each product are, and how large it is."""
    found, matmul = [], np.matmul

    def spy(X, Y, out):
        found.append((X.shape[-2], X.shape[-2] * X.shape[-1] * Y.shape[-1]))
        return matmul(X, Y, out=out)

    monkeypatch.setattr(_blocks.np, "matmul", spy)
    return found


@pytest.mark.parametrize("height", [1, 7, 39, 40, 41, 80, 100])
@pytest.mark.parametrize("shape", [(), (2, 3)], ids=["matrices", "stacks"])
def test_no_product_is_larger_than_small_ones_may_be(height, shape, products, monkeypatch):
    X, Y = draw(1, (*shape, height, 3), (*shape, 3, 5))
    monkeypatch.setattr(_blocks, "small_product", lambda: 47 * 3 * 5)
    out = np.full((*shape, height, 5), np.nan)
    _blocks.multiply(X, Y, out=out)
    assert_same([out], [np.einsum("...ij,...jk->...ik", X, Y)])
    # Multiples of 8 rows, for vector instructions: 40, and what is left.
    assert {h for h, _ in products} - {0} == {min(height, 40)} | ({height % 40} - {0})
    assert max(size for _, size in products) <= 47 * 3 * 5


@pytest.mark.parametrize("small", [0, 7 * 3 * 5], ids=["no such code", "not for 8 rows"])
def test_where_small_products_do_not_pay_there_is_one(small, products, monkeypatch):
    X, Y = draw(1, (100, 3), (3, 5))
    monkeypatch.setattr(_blocks, "small_product", lambda: small)
    out = np.empty((100, 5))
    _blocks.multiply(X, Y, out=out)
    assert_same([out], [X.dot(Y)])
    assert products == [(100, 1500)]


@pytest.mark.parametrize(
    ("architectures", "small"),
    [(["SkylakeX"], 10**6), (["Haswell"], 0), (["Haswell", "Cooperlake"], 10**6), ([], 0)],
)
def test_small_products_pay_where_openblas_has_code_for_them(architectures, small, monkeypatch):
    libraries = [SimpleNamespace(architecture=name) for name in architectures]
    libraries.append(SimpleNamespace())  # a BLAS that does not tell
    monkeypatch.setattr(_blocks, "find_blas", lambda: libraries)
    assert _blocks.small_product.__wrapped__() == small
    monkeypatch.setattr(_blocks, "find_blas", lambda: None)
    assert _blocks.small_product.__wrapped__() == 0

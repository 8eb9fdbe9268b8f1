"""The small benchmarks that part II reads: what they wrote is what their scripts would write."""

import json

import numpy as np

from benchmarks import ideas, network, search


def test_the_search_went_through_its_whole_grid():
    rows = json.loads(search.RESULTS.read_text(encoding="utf-8"))["rows"]
    assert len(rows) == np.prod([len(values) for values in search.GRID.values()])
    assert all(len(row["accuracies"]) == len(search.SEEDS) for row in rows)


def test_a_step_was_timed_beside_pytorch_in_each_dtype():
    seconds = json.loads(network.RESULTS.read_text(encoding="utf-8"))["seconds"]
    assert list(seconds) == list(network.DTYPES)
    assert all(len(t) == network.ROUNDS for times in seconds.values() for t in times.values())


def test_each_idea_has_a_ratio_for_each_pass_it_is_timed_in():
    assert {name: tuple(row) for name, row in ideas.ratios().items()} == {
        idea.name: ideas.operations(idea) for idea in ideas.IDEAS
    }

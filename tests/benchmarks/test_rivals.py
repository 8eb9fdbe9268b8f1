"""A benchmark compares only what computes the same."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import report
from benchmarks.measure import part_for_loops
from benchmarks.rivals import cnnlayers, torch_nchw, windows
from benchmarks.suite import Case, cases
from book.figures import speed

SMALL = [
    Case("conv", "conv", (2, 9, 8, 3), 3, 2, 1, 4, "float64"),
    Case("max", "max", (2, 9, 8, 3), 3, 2, 0, 3, "float64"),
    Case("average", "average", (2, 9, 8, 3), 2, 2, 0, 3, "float64"),
]


@pytest.mark.parametrize("case", SMALL, ids=[case.kind for case in SMALL])
def test_rivals_compute_the_same(case, monkeypatch):
    ours = cnnlayers(case)
    Z = ours["forward"]()
    gradients = ours["backward"]()
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)

    plain = windows(case)
    np.testing.assert_allclose(plain["forward"](), Z, atol=1e-12)
    theirs = plain["backward"]()
    theirs = theirs if isinstance(theirs, tuple) else (theirs,)
    for ours_d, theirs_d in zip(gradients, theirs, strict=True):
        np.testing.assert_allclose(theirs_d.reshape(ours_d.shape), ours_d, atol=1e-12)

    pytest.importorskip(
        "torch", reason="PyTorch is not installed: `.venv/bin/python -m pip install torch`"
    )
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    torch_layer = torch_nchw(case)
    np.testing.assert_allclose(torch_layer["forward"]().permute(0, 2, 3, 1).numpy(), Z, atol=1e-12)
    dA_prev = torch_layer["backward"]()[0].permute(0, 2, 3, 1).numpy()
    np.testing.assert_allclose(dA_prev, gradients[0], atol=1e-12)


def test_the_loops_are_timed_on_a_part_of_each_case():
    for case in cases():
        part = part_for_loops(case)
        assert part.output_shape[1] >= 1
        assert part.output_shape[2:] == case.output_shape[2:]
        assert part.steps <= case.steps


def test_ratios_take_the_faster_layout_of_pytorch():
    seconds = {"cnnlayers": [2.0, 3.0], "torch_nchw": [4.0, 4.0], "torch_nhwc": [1.0, 2.0]}
    entries = [
        report.Entry(SMALL[0], "forward", seconds),
        report.Entry(replace(SMALL[0], name="other"), "forward", {**seconds, "torch_nhwc": [8.0]}),
    ]
    assert entries[0].ratio("torch") == (2.0, 1.5, 2.0)
    means = report.geometric_means(entries)
    assert means[("float64", "conv", "forward")]["torch"] == pytest.approx(1.0)


def test_the_saved_picture_shows_the_saved_results():
    means = report.geometric_means(report.read(report.RESULTS))
    rows = [row for (dtype, _, _), row in means.items() if dtype == "float32"]
    (axes,) = speed().figure.axes
    shown = {line.get_label(): list(line.get_xdata()) for line in axes.lines}
    assert shown["cnnlayers"] == [row["torch"] for row in rows]
    for name in report.opponents(report.read(report.RESULTS)):
        if name != "torch":
            np.testing.assert_allclose(shown[name], [row["torch"] / row[name] for row in rows])
    assert report.RESULTS.with_suffix(".svg").read_text(encoding="utf-8") == speed()._repr_svg_()


def test_results_are_read_as_they_were_written(tmp_path):
    entries = [report.Entry(SMALL[0], "forward", {"cnnlayers": [2.0, 3.0], "loops": [70.0]})]
    path = tmp_path / "results.json"
    path.write_text(report.as_json(entries), encoding="utf-8")
    assert report.read(path) == entries

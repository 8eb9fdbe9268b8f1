"""What came out: tables and data. `book.figures.speed` draws the plot."""

import json
from dataclasses import dataclass
from math import exp, log
from pathlib import Path

from benchmarks.suite import Case

RESULTS = Path(__file__).with_name("results.json")  # with .md and .svg beside it


@dataclass(frozen=True)
class Entry:
    """The seconds of every round and rival for one operation of one case."""

    case: Case
    operation: str
    seconds: dict[str, list[float]]

    @property
    def rivals(self) -> dict[str, list[float]]:
        """The seconds with PyTorch's two layouts as one: the faster."""
        found = {name: times for name, times in self.seconds.items() if times}
        layouts = [found.pop(name) for name in ("torch_nchw", "torch_nhwc") if name in found]
        if layouts:
            found["torch"] = min(layouts, key=min)
        return found

    def ratio(self, name: str) -> tuple[float, float, float] | None:
        """Give our time by the rival's, and the lowest and highest of a round."""
        rivals = self.rivals
        if name not in rivals:
            return None
        ours, theirs = rivals["cnnlayers"], rivals[name]
        # The loops have a single round.
        each = [a / b for a, b in zip(ours, theirs, strict=False)]
        return min(ours) / min(theirs), min(each), max(each)


def opponents(entries: list[Entry]) -> list[str]:
    """List the rivals met, PyTorch first, the loops last."""
    order = ("torch", "windows", "dezero", "neuralnetlib", "loops")
    return [name for name in order if any(name in entry.rivals for entry in entries)]


def geometric_means(entries: list[Entry]) -> dict[tuple[str, str, str], dict[str, float]]:
    """Average the ratios of each dtype, kind and operation."""
    logs: dict[tuple[str, str, str], dict[str, list[float]]] = {}
    for entry in entries:
        row = logs.setdefault((entry.case.dtype, entry.case.kind, entry.operation), {})
        for name in opponents(entries):
            if ratio := entry.ratio(name):
                row.setdefault(name, []).append(log(ratio[0]))
    return {
        key: {name: exp(sum(values) / len(values)) for name, values in row.items()}
        for key, row in logs.items()
    }


def markdown(
    entries: list[Entry],
    memory: dict[str, dict[str, int]],
    growth: list[tuple[Case, str, int, float]],
    conditions: list[str],
) -> str:
    """Write everything down."""
    names = opponents(entries)
    text = [
        "# cnnlayers beside other implementations",
        "",
        *(f"- {line}" for line in conditions),
        "",
    ]
    text += ["## Geometric means", ""]
    rows = [
        [*key, *(_number(means.get(name)) for name in names)]
        for key, means in geometric_means(entries).items()
    ]
    text += _table(["dtype", "layer", "pass", *names], rows)
    text += ["", "## Each layer", ""]
    rows = [
        [e.case.dtype, e.case.kind, e.case.name, e.operation]
        + [f"{1e3 * min(e.seconds['cnnlayers']):.3f}"]
        + [_with_spread(e.ratio(name)) for name in names]
        for e in entries
    ]
    text += _table(["dtype", "layer", "shape", "pass", "ms", *names], rows)
    if memory:
        found = sorted({name for row in memory.values() for name in row})
        rows = [
            [key, *(f"{row[name] / 2**20:.0f}" if name in row else "" for name in found)]
            for key, row in memory.items()
        ]
        text += ["", "## Peak memory beside inputs and results, float32, in MB", ""]
        text += _table(["layer", *found], rows)
    if growth:
        rows = [
            [
                case.kind,
                case.name,
                operation,
                str(case.shape[0]),
                f"{b / 2**20:.1f}",
                f"{1e3 * t:.3f}",
            ]
            for case, operation, b, t in growth
        ]
        text += ["", "## Growing batches, float32", ""]
        text += _table(["layer", "shape", "pass", "m", "MB", "ms per example"], rows)
    return "\n".join(text) + "\n"


def _number(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.3g}"


def _with_spread(ratio: tuple[float, float, float] | None) -> str:
    return "" if ratio is None else "{:.2g} ({:.2g} to {:.2g})".format(*ratio)


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def as_json(entries: list[Entry]) -> str:
    """Give the seconds of every round."""
    data = [{**vars(e.case), "operation": e.operation, "seconds": e.seconds} for e in entries]
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> list[Entry]:
    """Read what `as_json` gave."""
    entries: list[Entry] = []
    for record in json.loads(path.read_text(encoding="utf-8")):
        operation, seconds = record.pop("operation"), record.pop("seconds")
        case = Case(**record | {"shape": tuple(record["shape"])})
        entries.append(Entry(case, operation, seconds))
    return entries

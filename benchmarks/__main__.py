"""Times the layers beside other implementations: ``python -m benchmarks [--quick] [--save]``."""

import argparse
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from benchmarks import report
from benchmarks.measure import memory_of, time_case, usable
from benchmarks.rivals import RIVALS, THREADS
from benchmarks.suite import Case, cases


def main() -> None:
    """Run the suite and print what came out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="float32, few rounds, no memory")
    parser.add_argument(
        "--threads", choices=("1", "2"), default="2", help="1: processor time, for a busy machine"
    )
    parser.add_argument("--rounds", type=int, help="turns of each rival (default 7, quick 3)")
    parser.add_argument("--dtype", choices=("float32", "float64"), help="only this one")
    parser.add_argument("--kind", choices=("conv", "max", "average"), help="only this one")
    parser.add_argument("--rivals", nargs="+", choices=RIVALS, default=list(RIVALS))
    parser.add_argument("--save", action="store_true", help="write benchmarks/results.*")
    arguments = parser.parse_args()
    rounds = arguments.rounds or (3 if arguments.quick else 7)
    # Every BLAS and OpenMP library looks at these when it is loaded, in the rivals' processes.
    for variable in (THREADS, "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = arguments.threads
    dtypes = ("float32",) if arguments.quick else ("float32", "float64")
    suite = cases((arguments.dtype,) if arguments.dtype else dtypes)
    suite = [case for case in suite if arguments.kind in (None, case.kind)]
    names = ["cnnlayers", *(name for name in arguments.rivals if name != "cnnlayers")]

    rivals, skipped = usable(names, suite[0])
    for name, reason in skipped.items():
        print(f"{name} is left out: {reason}")
    entries: list[report.Entry] = []
    for k, case in enumerate(suite, 1):
        print(f"{k}/{len(suite)} {case.kind} {case.name} {case.dtype}", file=sys.stderr, flush=True)
        for operation, seconds in time_case(rivals, case, rounds).items():
            entries.append(report.Entry(case, operation, seconds))
    for rival in rivals.values():
        rival.stop()

    memory, growth = {}, []
    if not arguments.quick:
        # PyTorch allocates where tracemalloc does not look.
        traced = [n for n in rivals if n not in ("torch_nchw", "torch_nhwc", "loops")]
        memory = measure_memory(traced, [case for case in suite if case.dtype == "float32"])
        growth = measure_growth(rounds)
    text = report.markdown(entries, memory, growth, conditions(rounds, list(rivals), skipped))
    print(text)
    if arguments.save:
        # Not at the top of the file, which every rival's process imports: it loads Matplotlib.
        from book.figures import speed

        report.RESULTS.with_suffix(".md").write_text(text, encoding="utf-8")
        report.RESULTS.write_text(report.as_json(entries), encoding="utf-8")
        report.RESULTS.with_suffix(".svg").write_text(speed()._repr_svg_(), encoding="utf-8")


def measure_memory(names: list[str], suite: list[Case]) -> dict[str, dict[str, int]]:
    """Find each rival's highest extra memory for each kind of layer."""
    highest: dict[str, dict[str, int]] = {}
    for case in suite:
        if case.steps < 10**8 and case.kind == "conv":
            continue  # the large layers decide
        print(f"memory {case.kind} {case.name}", file=sys.stderr, flush=True)
        for operation in ("forward", "backward"):
            row = highest.setdefault(f"{case.kind} {operation}", {})
            for name in names:
                found = memory_of(name, case, operation)
                if found is not None:
                    row[name] = max(row.get(name, 0), found)
    return highest


def measure_growth(rounds: int) -> list[tuple[Case, str, int, float]]:
    """Time batches that double: extra memory and seconds per example."""
    found = []
    by_name = {(case.kind, case.name): case for case in cases(("float32",))}
    for key in (("conv", "64→64"), ("conv", "64→128/2"), ("max", "A 3×3/2")):
        for m in (8, 16, 32, 64, 128):
            case = by_name[key].with_batch(m)
            print(f"batch {m} {case.kind} {case.name}", file=sys.stderr, flush=True)
            rivals, _ = usable(["cnnlayers"], case)
            seconds = time_case(rivals, case, rounds)
            for rival in rivals.values():
                rival.stop()
            for operation, times in seconds.items():
                memory = memory_of("cnnlayers", case, operation) or 0
                found.append((case, operation, memory, min(times["cnnlayers"]) / m))
    return found


def conditions(rounds: int, names: list[str], skipped: dict[str, str]) -> list[str]:
    """Describe how it was measured."""
    packages = []
    for package in ("numpy", "torch", "dezero", "neuralnetlib", "threadpoolctl"):
        try:
            packages.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            packages.append(f"no {package}")
    sentences = [
        f"Python {platform.python_version()}, {', '.join(packages)}.",
        f"{platform.machine()}, {os.environ[THREADS]} of {os.cpu_count()} cores for each, "
        + ("processor time." if os.environ[THREADS] == "1" else "wall-clock time."),
        *kernels(),
        f"{rounds} rounds in which {', '.join(names)} take turns, each in a process of its own; "
        "a turn's time is its fastest call.",
        "A ratio is our shortest time by the rival's; in brackets the lowest and the highest "
        "ratio of a round.",
        "torch is the faster of its two layouts.",
        "loops are timed on two rows of one example, in one round, and multiplied up.",
    ]
    return sentences + [f"{name} is left out: {reason}" for name, reason in skipped.items()]


def kernels() -> list[str]:
    """Say which code NumPy's BLAS chose for this processor: it decides most about products."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return []
    return [
        f"NumPy multiplies with {library['internal_api']} {library['version']}, its code for "
        f"{library['architecture']}."
        for library in threadpool_info()
        if library["user_api"] == "blas" and "numpy" in library["filepath"]
    ]


if __name__ == "__main__":
    main()

"""Render the book: `python -m tools.build [--renderer auto|quarto|builtin] [--edition es en]`.

Everything is made in a folder beside the earlier book, whose place it takes at the very end.
"""

# ruff: noqa: E402
import os
import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing has begun: end without a word

import argparse
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import apps, frontdoor
from tools.builtin import render as builtin
from tools.problems import BookError, Problems, explained
from tools.quarto import render as quarto
from tools.source import config
from tools.source.prepare import keeper, prepare

try:
    import fcntl
except ImportError:  # Windows, where two builds at once get into each other's way
    fcntl = None


def say(message: str) -> None:
    """Tell the builder something, at once."""
    print(message, flush=True)


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Wait until no other build of this book runs, and let none begin before this one ends."""
    (root / ".cache").mkdir(exist_ok=True)
    # The system takes a lock back from a process that is gone, however it ended.
    with (root / ".cache/lock").open("a") as lock:
        if fcntl:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another build of this book is running: this one waits for it.")
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def replacing(output: Path, root: Path) -> Iterator[Path]:
    """Give a new folder; put it in the place of `output` if all went well."""
    if output.is_mount():
        raise BookError(f"{output} is a disk of its own, whose place no folder can take")
    if not is_book(output, root):
        raise BookError(f"{output} is no earlier book, whose place a new one could take")
    work = output.with_name(f".{output.name}-being-made")
    put_right(output, work)
    try:
        (work / "new").mkdir(parents=True)
        yield work / "new"
        if output.exists():
            output.rename(work / "earlier")
        (work / "new").rename(output)
    finally:
        put_right(output, work)


def is_book(output: Path, root: Path) -> bool:
    """Tell whether a folder is a book, or may become one."""
    if root.is_relative_to(output) or not output.is_dir():
        return not output.exists()
    names = {path.name for path in output.iterdir()}
    return output == root / "_book" or not names or "index.html" in names


def put_right(output: Path, work: Path) -> None:
    """Put an earlier book back where nothing has taken its place; clear away the rest of a build.

    Whenever and however a build was ended, the next one begins with this.
    """
    if (work / "earlier").exists():
        # Away in one step, too: half of a book must never be taken for one.
        (work / "earlier").rename(work / "old" if output.exists() else output)
    shutil.rmtree(work, ignore_errors=True)


def build(root: Path, renderer: str, names: list[str] | None, output: Path) -> None:
    """Render the chosen editions into `output`; an edition not chosen stays as it was."""
    root, output = root.resolve(), output.resolve()
    editions = config.editions(root)
    known = [edition.name for edition in editions]
    for name in names or []:
        if name not in known:
            raise BookError(f"no such edition: {name} (there are: {', '.join(known)})")
    chosen = [edition for edition in editions if edition.name in (names or known)]
    found = quarto.choose(renderer, say)
    with alone(root), replacing(output, root) as fresh:
        apps.prepare(root, say)
        kept = keeper(root)
        problems = Problems()
        # Before Quarto too: it only warns of what is wrong, and seldom says where.
        prepared = prepare(root, chosen, kept, problems, say)
        if found:
            quarto.render(found, prepared, editions, fresh, kept, problems, say)
        else:
            builtin.render(prepared, editions, fresh, kept, problems, say)
        for edition in editions:
            if edition not in chosen and (output / edition.folder).is_dir():
                shutil.copytree(output / edition.folder, fresh / edition.folder)
        apps.publish(root, fresh)
        frontdoor.write([e for e in editions if (fresh / e.folder).is_dir()], fresh)
        kept.sweep()


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.build", description="Render the book.")
    parser.add_argument("--renderer", choices=("auto", "quarto", "builtin"), default="auto")
    parser.add_argument("--edition", nargs="+", metavar="NAME", help="render these editions alone")
    parser.add_argument("--output", type=Path, default=Path("_book"), metavar="DIR")
    options = parser.parse_args(arguments)
    root = Path.cwd()
    started = time.monotonic()

    def work() -> None:
        build(root, options.renderer, options.edition, options.output)
        say(f"\nDone in {time.monotonic() - started:.0f} s.")
        say(f"  Start:  {options.output / 'index.html'}")
        for edition in config.editions(root):
            if edition.name in (options.edition or [edition.name]):
                folder = options.output / edition.folder
                say(f"  {edition.name}:     {folder / 'index.html'}  {folder / edition.pdf}")

    return explained(work, root, "\nThe book was not built; an earlier one is untouched.")


def run() -> None:
    """Run the command and end, whatever still runs beside it."""
    for name in {"SIGINT", "SIGTERM", "SIGHUP"} & set(dir(signal)):
        signal.signal(getattr(signal, name), signal.default_int_handler)
    try:
        code = main()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("\nStopped: an earlier book is as it was.", file=sys.stderr)
        code = 130
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    run()

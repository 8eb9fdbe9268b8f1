"""Render the book: `python -m tools.build [--renderer auto|quarto|builtin] [--edition es en]`.

Everything is made in a folder beside the earlier book, whose place it takes at the very end.
"""

import os
import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing has begun: end without a word

import argparse
import contextlib
import shutil
import time
from pathlib import Path

from tools import apps, exercises
from tools.builtin import render as builtin
from tools.problems import BookError, Problems, explained
from tools.quarto import render as quarto
from tools.replacing import alone, replacing
from tools.site import epub, whole
from tools.source import config
from tools.source.prepare import keeper, prepare


def say(message: str) -> None:
    """Tell the builder something, at once."""
    print(f"{message}\n", end="", flush=True)  # in one piece: others speak at the same time


def build(
    root: Path, renderer: str, names: list[str] | None, output: Path, books: bool = False
) -> None:
    """Render the chosen editions into `output`; an edition not chosen stays as it was.

    With `books`, each chosen edition becomes an EPUB too.
    """
    root, output = root.resolve(), output.resolve()
    editions = config.editions(root)
    known = [edition.name for edition in editions]
    for name in names or []:
        if name not in known:
            raise BookError(f"no such edition: {name} (there are: {', '.join(known)})")
    chosen = [edition for edition in editions if edition.name in (names or known)]
    found = quarto.choose(renderer, say)
    with alone(root, say), replacing(output, root) as fresh:
        apps.prepare(root, say)
        exercises.prepare(root)
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
        if books:
            for edition in chosen:
                epub.write(edition, prepared[edition.name], fresh, kept, problems)
            problems.stop()
        apps.publish(root, fresh)
        whole.complete(root, editions, prepared, fresh, say)
        kept.sweep()


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.build", description="Render the book.")
    parser.add_argument("--renderer", choices=("auto", "quarto", "builtin"), default="auto")
    parser.add_argument("--edition", nargs="+", metavar="NAME", help="render these editions alone")
    parser.add_argument("--output", type=Path, default=Path("_book"), metavar="DIR")
    parser.add_argument("--epub", action="store_true", help="make an EPUB of each edition too")
    options = parser.parse_args(arguments)
    root = Path.cwd()
    started = time.monotonic()

    def work() -> None:
        build(root, options.renderer, options.edition, options.output, options.epub)
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
    with contextlib.suppress(OSError):  # nobody listens any more
        sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    run()

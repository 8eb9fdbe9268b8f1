"""Render the book: `python -m tools.build [--renderer auto|quarto|builtin] [--edition es en]`.

Everything is made in a temporary folder, which takes the place of the earlier book at the very end.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import apps
from tools.builtin import render as builtin
from tools.problems import BookError, Problems
from tools.quarto import render as quarto
from tools.site import epub, whole
from tools.source import config
from tools.source.prepare import keeper, prepare


def say(message: str) -> None:
    """Tell the builder something, at once."""
    print(message, flush=True)


@contextmanager
def replacing(output: Path) -> Iterator[Path]:
    """Give a new folder; put it in the place of `output` if all went well."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as folder:
        fresh = Path(folder) / "new"
        fresh.mkdir(mode=0o755)
        yield fresh
        earlier = Path(folder) / "earlier"
        if output.exists():
            output.rename(earlier)
        try:
            fresh.rename(output)
        except OSError:
            if earlier.exists():
                earlier.rename(output)
            raise


def build(
    root: Path, renderer: str, names: list[str] | None, output: Path, books: bool = False
) -> None:
    """Render the chosen editions into `output`; an edition not chosen stays as it was.

    With `books`, each chosen edition becomes an EPUB too.
    """
    editions = config.editions(root)
    known = [edition.name for edition in editions]
    for name in names or []:
        if name not in known:
            raise BookError(f"no such edition: {name} (there are: {', '.join(known)})")
    chosen = [edition for edition in editions if edition.name in (names or known)]
    found = quarto.choose(renderer, say)
    apps.prepare(root, say)
    kept = keeper(root)
    # Before Quarto too: it only warns of what is wrong, and seldom says where.
    problems = Problems()
    prepared = prepare(root, chosen, kept, problems, say)
    with replacing(output) as fresh:
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
    try:
        build(root, options.renderer, options.edition, options.output.absolute(), options.epub)
        editions = config.editions(root)
    except BookError as error:
        print(f"\n{error}\n\nThe book was not built; an earlier one is untouched.", file=sys.stderr)
        return 1
    say(f"\nDone in {time.monotonic() - started:.0f} s.")
    say(f"  Start:  {options.output / 'index.html'}")
    for edition in editions:
        if edition.name in (options.edition or [edition.name]):
            folder = options.output / edition.folder
            say(f"  {edition.name}:     {folder / 'index.html'}  {folder / edition.pdf}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

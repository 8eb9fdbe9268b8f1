"""Render the book: `python -m tools.build [--renderer auto|quarto|builtin] [--edition es en]`.

Everything is made in a temporary folder, which takes the place of the earlier book at the very end.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tools import frontdoor, notebooks
from tools.builtin import pages, paper
from tools.problems import BookError, Problems
from tools.quarto import render as with_quarto
from tools.source import cells, citations, config, document, numbering
from tools.source.cells import Outputs
from tools.source.chapters import Chapter, read
from tools.source.config import Edition
from tools.source.document import Document

APP_FILTER = "tools/apps.lua"


def say(message: str) -> None:
    """Tell the builder something, at once."""
    print(message, flush=True)


def prepare(
    root: Path, editions: list[Edition], tell: Callable[[str], None]
) -> tuple[dict[str, list[Document]], dict[str, Outputs], Problems]:
    """Read, run, number and connect all chapters: what every output is made from."""
    problems = Problems()
    chapters: dict[str, list[Chapter]] = {
        edition.name: [read(root, page, problems) for page in edition.pages] for edition in editions
    }
    problems.stop()
    tell("Running the cells that changed")
    everything = [chapter for group in chapters.values() for chapter in group]
    outputs = cells.run_all(root, everything, tell)

    def connect(edition: Edition) -> list[Document]:
        made: list[Document] = []
        numbers = numbering.Numbering(edition)
        for chapter in chapters[edition.name]:
            made.append(document.build(root, edition.lang, chapter, outputs[chapter.page.source]))
            document.local_images(root, made[-1])
            numbers.number(made[-1])
        numbering.resolve(made, numbers)
        citations.cite(edition, made)
        return made

    with ThreadPoolExecutor() as pool:
        connected = pool.map(connect, editions)
    documents = {edition.name: made for edition, made in zip(editions, connected, strict=True)}
    problems.stop()
    return documents, outputs, problems


def builtin(root: Path, editions: list[Edition], target: Path) -> None:
    """Render with the built-in renderer into `target`."""
    documents, outputs, problems = prepare(root, editions, say)
    filters = [f"--lua-filter={root / APP_FILTER}"] if (root / APP_FILTER).is_file() else []

    def render(edition: Edition) -> None:
        folder = target / Path(edition.output_dir).name
        folder.mkdir(parents=True, exist_ok=True)
        made = documents[edition.name]
        others = [other for other in editions if other is not edition]
        pages.write(edition, made, folder, others, filters)
        notebooks.write(edition, made, outputs, folder)
        say(f"  {edition.lang}: {len(made)} pages")
        paper.write(edition, made, folder, filters)
        say(f"  {edition.lang}: {edition.pdf}")

    say("Writing pages and PDFs")
    with working_in(root), ThreadPoolExecutor() as pool:
        list(pool.map(render, editions))
    problems.stop()


def finish(root: Path, site: Path) -> None:
    """Add to an edition that Quarto has rendered its notebooks, and the front door."""
    editions = [config.edition(root, name) for name in config.profiles(root)]
    edition = next(e for e in editions if Path(e.output_dir).name == site.name)
    documents, outputs, _ = prepare(root, [edition], lambda message: None)
    notebooks.write(edition, documents[edition.name], outputs, site)
    there = [
        e for e in editions if e is edition or (site.parent / Path(e.output_dir).name).is_dir()
    ]
    frontdoor.write(there, site.parent)


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Work in a folder for a while: filters find their files by paths from the book's root."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


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


def build(root: Path, renderer: str, names: list[str] | None, output: Path) -> None:
    """Render the chosen editions into `output`; an edition not chosen stays as it was."""
    known = config.profiles(root)
    chosen = [name for name in known if name in (names or known)]
    for name in names or []:
        if name not in known:
            raise BookError(f"no such edition: {name} (there are: {', '.join(known)})")
    editions = [config.edition(root, name) for name in known]
    renderer = with_quarto.choose(renderer, say)
    with_quarto.make_apps(root, say)
    with replacing(output) as fresh:
        kept = []
        for edition in editions:
            folder = Path(edition.output_dir).name
            if edition.name not in chosen and (output / folder).is_dir():
                shutil.copytree(output / folder, fresh / folder)
                kept.append(edition)
        rendered = [edition for edition in editions if edition.name in chosen]
        if renderer == "quarto":
            # First the checks that name file and line: Quarto only warns, and seldom of a line.
            prepare(root, rendered, say)
            with_quarto.render(root, rendered, fresh, say)
        else:
            builtin(root, rendered, fresh)
        with_quarto.publish_apps(root, fresh)
        there = [edition for edition in editions if edition in rendered or edition in kept]
        frontdoor.write(there, fresh)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.build", description="Render the book.")
    parser.add_argument("--renderer", choices=("auto", "quarto", "builtin"), default="auto")
    parser.add_argument("--edition", nargs="+", metavar="NAME", help="render these editions alone")
    parser.add_argument("--output", type=Path, default=Path("_book"), metavar="DIR")
    options = parser.parse_args(arguments)
    root = Path.cwd()
    started = time.monotonic()
    try:
        build(root, options.renderer, options.edition, options.output.absolute())
    except BookError as error:
        print(f"\n{error}\n\nThe book was not built; an earlier one is untouched.", file=sys.stderr)
        return 1
    say(f"\nDone in {time.monotonic() - started:.0f} s.")
    say(f"  Start:  {options.output / 'index.html'}")
    for name in options.edition or config.profiles(root):
        edition = config.edition(root, name)
        folder = options.output / Path(edition.output_dir).name
        say(f"  {name}:     {folder / 'index.html'}  {folder / edition.pdf}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

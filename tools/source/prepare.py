"""All that both renderers need of the chapters: read, run, numbered, connected and checked."""

import importlib.metadata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import panflute as pf

from tools.problems import Problems, together
from tools.source import cells, chapters, citations, counting, document, numbering
from tools.source.cells import Outputs
from tools.source.chapters import Chapter
from tools.source.config import Edition, Page
from tools.source.counting import Draft
from tools.source.kept import Kept, digest, digest_of_files
from tools.source.numbering import Numbering, View

TOOLS = Path(__file__).resolve().parents[1]
# Filters that stand above both renderers' rooms are for both; Quarto's are named in _quarto.yml.
FILTERS = [f"--lua-filter={TOOLS / name}.lua" for name in ("apps", "typography")]
PACKAGES = ("pypandoc_binary", "panflute", "typst", "jinja2", "nbformat")


@dataclass(frozen=True)
class Prepared:
    """A chapter with everything that its page, its notebook and its place in the PDF show."""

    edition: Edition
    chapter: Chapter
    outputs: Outputs
    draft: Draft
    view: View

    @property
    def made_from(self) -> tuple[Any, ...]:
        """All that the products of this chapter depend on."""
        edition = self.edition.lang, self.edition.toc_depth, self.edition.words
        return *edition, self.page.source, self.chapter.text, self.outputs.key, asdict(self.view)

    @property
    def title(self) -> str:
        """The chapter's title after its number, if it has one."""
        return f"{self.view.number or ''} {self.draft.plain_title}".strip()

    @property
    def page(self) -> Page:
        """Where the chapter stands."""
        return self.chapter.page

    def tree(self) -> pf.Doc:
        """Return the whole chapter; its first block is its title."""
        return numbering.connect(self.draft, self.view, self.edition.words)

    def complain(self, warnings: list[str]) -> None:
        """Note what Pandoc said while it wrote the chapter."""
        for warning in warnings:
            self.chapter.problem(f"Pandoc: {' '.join(warning.split())}")


def keeper(root: Path) -> Kept:
    """Return where everything but the cells' outputs is kept: it depends on all these tools."""
    records = [root / ".cache" / name for name in ("apps.json", "exercises.json")]
    base = digest(
        [importlib.metadata.version(name) for name in PACKAGES],
        digest_of_files(TOOLS, TOOLS.rglob("*")),
        *(record.read_bytes() if record.is_file() else b"" for record in records),
    )
    return Kept(root / ".cache" / "made", base)


def prepare(
    root: Path,
    editions: list[Edition],
    kept: Kept,
    problems: Problems,
    tell: Callable[[str], None],
) -> dict[str, list[Prepared]]:
    """Return the chapters of each edition by its name; a problem anywhere stops it."""
    read = {e.name: [chapters.read(root, page, problems) for page in e.pages] for e in editions}
    for edition in editions:
        citations.check(edition, kept, problems)
    problems.stop()
    tell("Running the cells that changed")
    everything = [chapter for edition in editions for chapter in read[edition.name]]
    outputs = cells.run_all(root, everything, tell)

    def drafted(edition: Edition, chapter: Chapter) -> Draft:
        shown = outputs[chapter.page.source]

        def make() -> Draft:
            tree, files = document.build(edition, chapter, shown)
            return counting.count(chapter, tree, files)

        made_from = (chapter.page.source, chapter.text, shown.key, edition.words)
        return kept.make(make, *made_from, problems=problems)

    prepared: dict[str, list[Prepared]] = {}
    every = iter(together(*(partial(drafted, e, c) for e in editions for c in read[e.name])))
    # What is wrong in a chapter must be right before others can be told what they say of it.
    problems.stop()
    drafts = {e.name: [next(every) for _ in read[e.name]] for e in editions}
    for edition in editions:
        own, made = read[edition.name], drafts[edition.name]
        numbers = Numbering(edition, own, made)
        views = [numbers.view(*each) for each in zip(own, made, numbers.numbers, strict=True)]
        citations.cite(edition, own, made, views, kept, problems)
        prepared[edition.name] = [
            Prepared(edition, chapter, outputs[chapter.page.source], draft, view)
            for chapter, draft, view in zip(own, made, views, strict=True)
        ]
    problems.stop()
    return prepared

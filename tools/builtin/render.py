"""The built-in renderer: pages, notebooks and a PDF of each edition, each made if it changed."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tools import notebooks
from tools.builtin import pages, paper
from tools.problems import Problems, together
from tools.source.config import Edition
from tools.source.kept import Kept
from tools.source.prepare import Prepared


def render(
    prepared: dict[str, list[Prepared]],
    editions: list[Edition],
    target: Path,
    kept: Kept,
    problems: Problems,
    say: Callable[[str], None],
) -> None:
    """Render into `target` those of the editions whose chapters are prepared."""
    say("Writing pages and PDFs")
    jobs: list[Callable[[], None]] = []
    for edition in editions:
        if chapters := prepared.get(edition.name):
            others = [other for other in editions if other is not edition]
            folder = target / edition.folder
            folder.mkdir(parents=True)
            common = chapters, folder, kept, problems
            jobs.append(partial(paper.write, edition, *common, say))
            jobs.append(partial(pages.write, edition, *common, others, say))
            jobs.append(partial(notebooks.write, *common))
    together(*jobs)
    problems.stop()

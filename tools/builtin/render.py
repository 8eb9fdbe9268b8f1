"""The built-in renderer: pages, notebooks and a PDF of each edition, each made if it changed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import notebooks
from tools.builtin import pages, paper
from tools.problems import Problems
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
    with ThreadPoolExecutor() as pool:
        jobs = []
        for edition in editions:
            if chapters := prepared.get(edition.name):
                others = [other for other in editions if other is not edition]
                folder = target / edition.folder
                folder.mkdir(parents=True)
                common = chapters, folder, kept, problems
                jobs.append(pool.submit(paper.write, edition, *common, say))
                jobs.append(pool.submit(pages.write, edition, *common, others, say))
                jobs.append(pool.submit(notebooks.write, *common))
        for job in jobs:
            job.result()
    problems.stop()

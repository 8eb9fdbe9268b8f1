"""Citations and bibliography: Pandoc's citeproc over all citations of an edition at once."""

import re
from typing import Any

import panflute as pf

from tools.problems import Problems
from tools.source import pandoc
from tools.source.chapters import Chapter
from tools.source.config import Edition
from tools.source.counting import Draft
from tools.source.kept import Kept
from tools.source.numbering import PLACE, View

# The citations of each chapter, and the bibliography, as values that can be kept.
Cited = tuple[list[list[Any]], list[Any]]


def cite(
    edition: Edition,
    chapters: list[Chapter],
    drafts: list[Draft],
    views: list[View],
    kept: Kept,
    problems: Problems,
) -> None:
    """Put into each view its citations, and into that with the division `refs` the bibliography."""
    wanted = [draft.citations for draft in drafts]
    if not any(wanted):
        return
    home = next((c for c, d in zip(chapters, drafts, strict=True) if d.has_bibliography), None)
    if home is None:
        chapters[-1].problem("no chapter has a division `::: {#refs}` for the bibliography")
        return
    used = (*edition.bibliography, *filter(None, [edition.csl]))
    files = [(edition.root / name).read_bytes() for name in used]

    def make() -> Cited:
        made, warnings = process(edition, home.page.output, wanted)
        for warning in warnings:
            complain(warning, chapters, drafts)
        return made

    made = kept.make(
        make, edition.lang, list(used), *files, home.page.output, wanted, problems=problems
    )
    for view, draft, citations in zip(views, drafts, made[0], strict=True):
        view.citations = citations
        view.bibliography = made[1] if draft.has_bibliography else []


def process(edition: Edition, home: str, wanted: list[list[Any]]) -> tuple[Cited, list[str]]:
    """Let citeproc write all citations in order; return them, the bibliography, and warnings."""
    given = [pf.Plain(*pandoc.from_json([cite])) for cites in wanted for cite in cites]
    meta = {"lang": edition.lang, "link-citations": True}
    options = [f"--bibliography={edition.root / name}" for name in edition.bibliography]
    if edition.csl:
        options.append(f"--csl={edition.root / edition.csl}")
    made, warnings = pandoc.write(
        pf.Doc(*given, pf.Div(identifier="refs"), metadata=meta),
        *("-t", "json", "--citeproc", *options),
    )

    def address(element: pf.Element, _: pf.Doc) -> None:
        if isinstance(element, pf.Link) and element.url.startswith("#ref-"):
            element.url = f"{PLACE}{home}{element.url}"

    tree = pandoc.load(made)
    tree.walk(address)
    written = iter(tree.content)
    citations = [pandoc.to_json([next(written).content[0] for _ in cites]) for cites in wanted]
    return (citations, pandoc.to_json([tree.content[-1]])), warnings


def complain(warning: str, chapters: list[Chapter], drafts: list[Draft]) -> None:
    """Note what citeproc said where the chapters cite what it speaks of."""
    missing = re.search(r"citation (\S+) not found", warning)
    if not missing:
        chapters[-1].problem(warning)
        return
    key = missing[1]
    for chapter, draft in zip(chapters, drafts, strict=True):
        if any(c["citationId"] == key for cite in draft.citations for c in cite["c"][0]):
            chapter.problem(
                f"citation not found in the bibliography: @{key}",
                rf"@\{{?{re.escape(key)}(?![\w-])",
            )

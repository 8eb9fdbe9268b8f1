"""Citations and bibliography: Pandoc's citeproc over all citations of an edition at once."""

import re
from typing import Any

import panflute as pf

from tools.problems import BookError, Problems
from tools.source import pandoc
from tools.source.chapters import Chapter
from tools.source.config import Edition, text_of
from tools.source.counting import Draft
from tools.source.kept import Kept
from tools.source.numbering import PLACE, View

# The citations of each chapter, and the bibliography, as values that can be kept.
Cited = tuple[list[list[Any]], list[Any]]
ENTRY = re.compile(r"^\s*@(?!comment|string|preamble)\w+\s*[{(]\s*([^\s,]+)\s*,", re.M | re.I)
# Where an address follows that is none of a page in the web.
ADDRESS = re.compile(r"(?:\burl\s*=\s*[{\"]|\\(?:href|url)\s*\{)\s*(?!https?://)(\S*)", re.I)


def check(edition: Edition, kept: Kept, problems: Problems) -> None:
    """Note what is wrong in the bibliography itself."""
    texts = {name: text_of(edition.root, name) for name in edition.bibliography}

    def make() -> list[str]:
        keys: dict[str, str] = {}
        for name, text in texts.items():
            check_file(name, text, keys, problems)
        return list(keys)

    kept.make(make, "bibliography", texts, problems=problems)


def check_file(name: str, text: str, keys: dict[str, str], problems: Problems) -> None:
    """Note what is wrong in a file of the bibliography, and enter its keys with their places."""
    starts: list[int] = []
    for found in ENTRY.finditer(text):
        starts.append(text.count("\n", 0, found.start(1)) + 1)
        if found[1] in keys:
            problems.add(name, starts[-1], f"@{found[1]} is also at {keys[found[1]]}")
        keys[found[1]] = f"{name}:{starts[-1]}"
    for found in ADDRESS.finditer(text):
        line = text.count("\n", 0, found.start(1)) + 1
        problems.add(name, line, f"not an address in the web: {found[1].rstrip('},')}")
    try:
        pandoc.run(text, "-f", "biblatex", "-t", "csljson")
    except BookError as error:
        said = re.search(r"\(line (\d+), column \d+\):\s*(.*)", str(error))
        line, message = (int(said[1]), said[2]) if said else (1, str(error))
        if re.search("'@'|end of input", message):  # an earlier entry goes on to here
            line = max((start for start in starts if start < line), default=1)
            message = f"this entry is not closed: {message}"
        problems.add(name, line, message)


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
    homes = [c for c, d in zip(chapters, drafts, strict=True) if d.has_bibliography]
    for chapter in homes[1:]:
        chapter.problem("a second division for the bibliography", r"\{#refs")
    if not homes:
        chapters[-1].problem("no chapter has a division `::: {#refs}` for the bibliography")
        return
    home = homes[0]
    used = (*edition.bibliography, *filter(None, [edition.csl]))
    files = [(edition.root / name).read_bytes() for name in used]

    def make() -> Cited:
        try:
            made, warnings = process(edition, home.page.output, wanted)
        except BookError as error:
            problems.add(edition.csl or edition.bibliography[0], 1, " ".join(str(error).split()))
            problems.stop()
            raise
        for warning in warnings:
            complain(edition, warning, chapters, drafts)
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
    warnings += [f"not a formula: {found.text}" for found in pandoc.wrong_formulas(tree)]
    written = iter(tree.content)
    citations = [pandoc.to_json([next(written).content[0] for _ in cites]) for cites in wanted]
    return (citations, pandoc.to_json([tree.content[-1]])), warnings


def complain(edition: Edition, warning: str, chapters: list[Chapter], drafts: list[Draft]) -> None:
    """Note what was said of citations, in the chapters or where the bibliography has its end."""
    missing = re.search(r"citation (\S+) not found", warning)
    if not missing:
        name = edition.bibliography[0]
        lines = text_of(edition.root, name).split("\n")
        last = warning.rpartition(" ")[2]
        line = next((n for n, line in enumerate(lines, 1) if last in line), 1)
        chapters[0].problems.add(name, line, warning)
        return
    for chapter, draft in zip(chapters, drafts, strict=True):
        if missing[1] in draft.cited:
            message = f"citation not found in the bibliography: @{missing[1]}"
            chapter.problem(message, line=draft.cited[missing[1]])

"""A notebook for each chapter: prose, the cells a reader sees, exercises to solve, their solutions.

A notebook needs NumPy, matplotlib and cnnlayers, nothing else of this project; its first cell
brings them. What a hidden cell showed (a figure, a listing) is kept as it was; one that a visible
cell depends on is kept too. An exercise is a cell to complete and one that checks it; solutions
stand folded at the end, since not every program folds cells.
"""

import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import panflute as pf

from tools import exercises
from tools.notebooks import wheel
from tools.notebooks.figures import PNG, encoded, png, shown
from tools.notebooks.names import again, runnable, taken
from tools.notebooks.prose import emphasized, markdown
from tools.problems import Problems
from tools.site.address import addresses
from tools.source import pandoc
from tools.source.kept import Kept
from tools.source.prepare import Prepared

Metadata = dict[str, Any]
FOLDED: Metadata = {"jupyter": {"source_hidden": True}, "tags": ["hide-cell"]}
SOLUTION: Metadata = {
    "jupyter": {"source_hidden": True, "outputs_hidden": True},
    "tags": ["hide-cell", "solution"],
}
SET_UP = """\
# {comment}
try:
    import matplotlib

    import cnnlayers.exercises
except ImportError:
    from pathlib import Path

    wheel = Path("{wheel}")
    source = wheel if wheel.exists() else "{address}"
    %pip install --quiet {{source}} matplotlib"""


def write(chapters: list[Prepared], target: Path, kept: Kept, problems: Problems) -> None:
    """Write the notebooks of chapters next to their pages, and the package beside them."""
    for prepared in chapters:
        if prepared.chapter.cells:
            package = wheel.build()
            make = partial(text, prepared, package.name)
            site = addresses(prepared.edition.root).site
            made_from = *prepared.made_from, site, package.name
            made = kept.make(make, "notebook", made_from, problems=problems)
            path = target / f"{prepared.page.stem}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made, encoding="utf-8")
            shutil.copy(package, path.parent)


def text(prepared: Prepared, package: str) -> str:
    """Return a chapter's notebook."""
    import nbformat  # here: it takes more time than all the rest of a build that changes nothing

    made = Notebook(prepared, package).cells()
    cells: list[Any] = []
    for position, (kind, source, more) in enumerate(made, start=1):
        new = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        cells.append(new(source, id=f"cell-{position}", **nbformat.from_dict(more)))
    notebook = nbformat.v4.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
            "lang": prepared.edition.lang,
        },
    )
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


Cell = tuple[str, str, dict[str, Any]]  # its kind, its source, and what else it has
Part = list[pf.Block] | int | Cell


class Notebook:
    """The parts of one notebook, in order."""

    def __init__(self, prepared: Prepared, package: str) -> None:
        self.prepared, self.package = prepared, package
        self.lang, self.words = prepared.edition.lang, prepared.edition.words
        self.codes = [cell.code for cell in prepared.chapter.cells]
        self.kept = runnable(prepared.chapter.cells)
        self.known = exercises.load(prepared.edition.root).get("exercises", {})
        self.parts: list[Part] = []
        self.solutions: list[Part] = []
        self.solved: set[int] = set()  # cells of solutions
        self.titles: dict[str, list[pf.Inline]] = {}
        self.shown: set[int] = set()

    def cells(self) -> list[Cell]:
        """Return the notebook's cells."""
        title, *blocks = self.prepared.tree().content
        number = self.prepared.view.number
        start = pandoc.inlines(f"{number} ") if number else []
        self.parts = [[pf.Header(*start, *title.content, level=1)], ("code", self.set_up(), {})]
        self.visit(blocks, self.parts)
        # Hidden cells that visible ones need go before the first one shown after them.
        for index in sorted(self.kept - self.shown):
            later = [
                i for i, part in enumerate(self.parts) if isinstance(part, int) and part > index
            ]
            self.parts.insert(later[0] if later else len(self.parts), index)
        if self.solutions:
            heading = pf.Header(*pandoc.inlines(self.words["solutions"]), level=2)
            self.parts += [[heading], *self.solutions]
        return self.finished()

    def set_up(self) -> str:
        """Return the code that brings what the notebook needs."""
        page, site = self.prepared.page, addresses(self.prepared.edition.root).site
        folder = f"{self.prepared.edition.folder}/{page.output}".rpartition("/")[0]
        address = f"{site}/{folder}/{self.package}" if site else self.package
        comment = self.words["notebook-set-up"]
        return SET_UP.format(comment=comment, wheel=self.package, address=address)

    def visit(self, blocks: list[pf.Block], parts: list[Part]) -> None:
        """Add blocks to `parts`."""
        for block in blocks:
            if pandoc.has(block, "cell"):
                self.cell(block, parts)
            elif pandoc.has(block, "exercise"):
                self.exercise(block, parts)
            elif pandoc.has(block, "callout"):
                self.callout(block, parts)
            elif isinstance(block, pf.Div):
                if "only-html" not in block.classes:
                    self.visit(list(block.content), parts)
            else:
                prose(parts).append(block)

    def cell(self, block: pf.Div, parts: list[Part]) -> None:
        """Add a cell to run, or what it showed."""
        index = int(block.attributes["number"])
        self.shown.add(index)
        if index not in self.kept:
            self.visit(list(block.content), parts)
            return
        parts.append(index)
        if parts is self.solutions:
            self.solved.add(index)
        # A figure is the cell's own output; its caption stays with it.
        for figure in block.content:
            if isinstance(figure, pf.Figure):
                prose(parts).extend(emphasized(figure))

    def callout(self, block: pf.Div, parts: list[Part]) -> None:
        """Add a callout as a quotation, or as a solution at the end."""
        heading, *rest = block.content
        title = heading.content[0].content
        if of := block.attributes.get("solution"):
            self.solutions.append([pf.Header(*self.titles[of], level=3)])
            self.visit(rest, self.solutions)
        elif any(map(has_cell, rest)):
            prose(parts).append(pf.Para(pf.Strong(*title)))
            self.visit(rest, parts)
        else:
            inside: list[Part] = []
            self.visit(rest, inside)
            quoted = [block for part in inside if isinstance(part, list) for block in part]
            prose(parts).append(pf.BlockQuote(pf.Para(pf.Strong(*title)), *quoted))

    def exercise(self, block: pf.Div, parts: list[Part]) -> None:
        """Add an exercise: its task, a cell to complete, one that checks it, hints."""
        heading, *rest = block.content
        title = list(heading.content[0].content)
        self.titles[block.identifier] = title
        prose(parts).append(pf.Para(pf.Strong(*title)))
        said = self.known.get(block.identifier.removeprefix("exr-"), {}).get(self.lang)
        if not said:
            self.visit(rest, parts)
            return
        listing = said["listing"]
        rest = [b for b in rest if not (isinstance(b, pf.CodeBlock) and b.text == listing)]
        self.visit(rest, parts)
        if said["stub"]:
            parts.append(("code", said["stub"], {"metadata": {"tags": ["exercise"]}}))
        if said["call"]:
            call = said["call"].replace("…", "...")[:-1] + f', language="{self.lang}")'
            code = f"{exercises.IMPORT}\n\n{call}"
            parts.append(("code", code, {"metadata": {"tags": ["exercise", "check"]}}))
        if said["hints"]:
            folded = {"metadata": {"tags": ["hide-cell", "hint"]}}
            parts.append(("markdown", self.hints(said["hints"]), folded))

    def hints(self, texts: list[str]) -> str:
        """Return hints folded one in the other, in the HTML that notebooks show."""
        made = ""
        for number, hint in reversed(list(enumerate(texts, start=1))):
            name = f"{self.words['hint']} {number}" if len(texts) > 1 else self.words["hint"]
            made = f"<details>\n<summary>{name}</summary>\n\n{hint}\n\n{made}</details>\n\n"
        return made.strip()

    def finished(self) -> list[Cell]:
        """Return the parts as cells, each with the names it needs as the chapter left them."""
        texts = iter(
            markdown([part for part in self.parts if isinstance(part, list)], self.prepared)
        )
        files = {Path(name).name: data for name, data in self.prepared.draft.files.items()}
        made: list[Cell] = []
        ran: list[str] = []
        for part in self.parts:
            if isinstance(part, list):
                if source := next(texts):
                    made.append(("markdown", source, attached(source, files)))
                continue
            if isinstance(part, int):
                metadata = SOLUTION if part in self.solved else {}
                meant = [self.codes[i] for i in sorted(self.kept) if i < part]
                before = again(taken(self.codes[part]), meant, ran)
                if before:
                    comment = f"# {self.words['notebook-again']}"
                    code = "\n\n".join([comment, *before])
                    folded = SOLUTION if part in self.solved else FOLDED
                    made.append(("code", code, {"metadata": folded}))
                    ran += before
                outputs = self.outputs(part)
                part = ("code", self.codes[part], {"metadata": metadata, "outputs": outputs})
            made.append(part)
            if part[0] == "code" and "%pip" not in part[1]:
                ran.append(part[1])
        return made

    def outputs(self, index: int) -> list[Any]:
        """Return what a cell showed, if the page shows it."""
        if index not in self.shown or not self.prepared.chapter.cells[index].shows_output:
            return []
        return [shown(output) for output in self.prepared.outputs.cells[index]]


def prose(parts: list[Part]) -> list[pf.Block]:
    """Return the prose that `parts` end with."""
    if not parts or not isinstance(parts[-1], list):
        parts.append([])
    return parts[-1]  # type: ignore[return-value]


def has_cell(block: pf.Block) -> bool:
    """Tell whether there is a cell in a block."""
    inside = getattr(block, "content", ())
    return pandoc.has(block, "cell") or (isinstance(block, pf.Div) and any(map(has_cell, inside)))


def attached(source: str, files: dict[str, bytes]) -> dict[str, Any]:
    """Return the figures of a cell of prose, as it carries them."""
    names = re.findall(r"\(attachment:([^)\s]+)\.png\)", source)
    found = {name: files.get(f"{name}.svg") or files[f"{name}.png"] for name in names}
    made = {f"{name}.png": {PNG: encoded(png(content))} for name, content in found.items()}
    return {"attachments": made} if made else {}

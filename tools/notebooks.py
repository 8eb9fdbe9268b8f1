"""A notebook for each chapter: the prose, the cells a reader sees, and pictures of the others.

A notebook needs NumPy, matplotlib and cnnlayers, nothing else of this project. What a hidden cell
showed (a figure, a listing) is kept as it was; one that a visible cell depends on is kept too.
"""

import ast
import base64
import re
from functools import partial
from pathlib import Path
from typing import Any

import panflute as pf

from tools.problems import Problems
from tools.source import pandoc
from tools.source.chapters import Cell
from tools.source.document import FILE
from tools.source.kept import Kept
from tools.source.numbering import PAGE, PLACE
from tools.source.prepare import Prepared

WRITER = "gfm-raw_html-footnotes-alerts-gfm_auto_identifiers+tex_math_dollars"
BREAK = "@@CELL@@"
TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


def write(chapters: list[Prepared], target: Path, kept: Kept, problems: Problems) -> None:
    """Write the notebooks of chapters next to their pages."""
    for prepared in chapters:
        if prepared.chapter.cells:
            make = partial(text, prepared)
            made = kept.make(make, "notebook", prepared.made_from, problems=problems)
            path = target / f"{prepared.page.stem}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made, encoding="utf-8")


def text(prepared: Prepared) -> str:
    """Return a chapter's notebook."""
    import nbformat  # here: it takes more time than all the rest of a build that changes nothing

    cells = prepared.chapter.cells
    kept = runnable(cells)
    title, *blocks = prepared.tree().content
    number = pandoc.inlines(f"{prepared.view.number} ") if prepared.view.number else []
    parts: list[list[pf.Block] | int] = [[pf.Header(*number, *title.content, level=1)]]
    shown: set[int] = set()

    def visit(blocks: list[pf.Block]) -> None:
        for block in blocks:
            if pandoc.has(block, "cell"):
                index = int(block.attributes["number"])
                shown.add(index)
                if index in kept:
                    parts.append(index)
                    # A figure is the cell's own output; its caption stays with it.
                    for figure in block.content:
                        if isinstance(figure, pf.Figure):
                            prose().extend(emphasized(figure))
                else:
                    prose().extend(block.content)
            elif pandoc.has(block, "callout", "exercise"):
                heading, *rest = block.content
                prose().append(pf.Para(pf.Strong(*heading.content[0].content)))
                visit(rest)
            elif isinstance(block, pf.Div):
                visit([] if "only-pdf" in block.classes else list(block.content))
            else:
                prose().append(block)

    def prose() -> list[pf.Block]:
        if not isinstance(parts[-1], list):
            parts.append([])
        return parts[-1]  # type: ignore[return-value]

    visit(blocks)
    # Hidden cells that visible ones need go before the first one shown after them.
    for index in sorted(kept - shown):
        later = [i for i, part in enumerate(parts) if isinstance(part, int) and part > index]
        parts.insert(later[0] if later else len(parts), index)
    texts = iter(markdown([part for part in parts if isinstance(part, list)]))
    files = {Path(name).name: content for name, content in prepared.draft.files.items()}
    made: list[Any] = []
    for position, part in enumerate(parts, start=1):
        if isinstance(part, list):
            source = next(texts)
            if not source:
                continue
            cell = nbformat.v4.new_markdown_cell(source)
            if names := re.findall(r"\(attachment:([^)\s]+)\)", source):
                cell["attachments"] = {
                    name: {TYPES[Path(name).suffix]: base64.b64encode(files[name]).decode()}
                    for name in names
                }
        else:
            cell = nbformat.v4.new_code_cell(cells[part].code)
            if part in shown and cells[part].shows_output:
                cell["outputs"] = nbformat.from_dict(prepared.outputs.cells[part])
        cell["id"] = f"cell-{position}"
        made.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {
        "kernelspec": kernel,
        "language_info": {"name": "python"},
        "lang": prepared.edition.lang,
    }
    notebook = nbformat.v4.new_notebook(cells=made, metadata=metadata)
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def runnable(cells: list[Cell]) -> set[int]:
    """Return which cells a notebook keeps: visible ones that do without `book`, and their needs."""
    known = [names(cell.code) for cell in cells]
    alone: list[bool] = []
    absent: set[str] = set()
    for cell, (uses, binds, _) in zip(cells, known, strict=True):
        from_book = book_names(cell.code)
        alone.append(not from_book and not uses & absent)
        # What a cell left out would have made is absent too, until another cell makes it.
        absent = absent - binds if alone[-1] else absent | binds | from_book
    kept: set[int] = set()
    needed: set[str] = set()
    for index in reversed(range(len(cells))):
        uses, binds, calls = known[index]
        wanted = bool(binds & needed) or "seed" in calls
        if alone[index] and (cells[index].shows_code or wanted):
            kept.add(index)
            needed = (needed - binds) | uses
    return kept


def names(code: str) -> tuple[set[str], set[str], set[str]]:
    """Return the names a cell reads, those it binds, and the methods it calls."""
    uses: set[str] = set()
    binds: set[str] = set()
    calls: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            (uses if isinstance(node.ctx, ast.Load) else binds).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            binds.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            binds |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Attribute):
            calls.add(node.attr)
    return uses, binds, calls


def book_names(code: str) -> set[str]:
    """Return the names that a cell imports from `book`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "book":
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {
                alias.asname or "book" for alias in node.names if alias.name.split(".")[0] == "book"
            }
    return found


def markdown(proses: list[list[pf.Block]]) -> list[str]:
    """Return runs of prose as the Markdown that notebooks know, with references as plain text."""
    separated = [block for prose in proses for block in (*prose, pf.Para(pf.Str(BREAK)))]
    tree = pf.Doc(*separated)
    tree.walk(simple)
    made, _ = pandoc.write(tree, "-t", WRITER)
    return [part.strip() for part in made.split(BREAK)]


def emphasized(element: pf.Figure | pf.Table) -> list[pf.Block]:
    """Return a caption as paragraphs of its own."""
    return [pf.Para(pf.Emph(*block.content)) for block in element.caption.content]


def simple(element: pf.Element, _: pf.Doc) -> pf.Element | list[pf.Element] | None:
    """Turn one element into what a notebook's Markdown can say."""
    match element:
        case pf.Link() if element.url.startswith((PAGE, PLACE)):
            return list(element.content)
        case pf.Link():
            element.classes, element.attributes, element.identifier = [], {}, ""
        case pf.Span() if "equation" in element.classes:
            math = element.content[0]
            math.text = f"{math.text.strip()} \\tag{{{element.attributes['number']}}}"
            return math
        case pf.Cite() | pf.Span():
            return list(element.content)
        case pf.Div():
            return [] if "only-pdf" in element.classes else list(element.content)
        case pf.Header():
            number = element.attributes.pop("number", None)
            start = pandoc.inlines(f"{number} ") if number else []
            return pf.Header(*start, *element.content, level=element.level)
        case pf.Figure():
            pictures = [pf.Para(*b.content) for b in element.content if isinstance(b, pf.Plain)]
            return [*pictures, *emphasized(element)]
        case pf.Table():
            caption = emphasized(element)
            element.identifier, element.attributes, element.caption = "", {}, pf.Caption()
            return [*caption, element]
        case pf.Image():
            name = Path(element.url.removeprefix(FILE)).name
            element.attributes, element.url = {}, f"attachment:{name}"
        case pf.CodeBlock():
            element.classes = [n for n in element.classes if n not in ("cell-code", "output")]
        case pf.RawBlock() | pf.RawInline():
            return []
    return None

"""A notebook for each chapter: the prose, the cells a reader sees, and pictures of the others.

A notebook needs NumPy, matplotlib and cnnlayers, nothing else of this project. What a hidden cell
showed (a figure, a listing) is kept as it was; one that a visible cell depends on is kept too.
"""

import ast
import base64
import json
import re
from pathlib import Path
from typing import Any

import nbformat

from tools.source import pandoc
from tools.source.cells import Output, Outputs
from tools.source.chapters import Cell
from tools.source.config import Edition
from tools.source.document import Document
from tools.source.pandoc import Node

WRITER = (
    "-f",
    "json",
    "-t",
    "gfm-raw_html-footnotes-alerts-gfm_auto_identifiers+tex_math_dollars",
    "--wrap=none",
)
BREAK = "@@CELL@@"


def write(
    edition: Edition, documents: list[Document], outputs: dict[str, Outputs], target: Path
) -> None:
    """Write the notebooks of an edition next to its pages."""
    for document in documents:
        if not document.chapter.cells:
            continue
        notebook = build(edition, document, outputs[document.source])
        path = target / document.chapter.page.beside(".ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def build(edition: Edition, document: Document, outputs: Outputs) -> Any:
    """Return a chapter's notebook."""
    cells = document.chapter.cells
    kept = runnable(cells)
    parts: list[list[Node] | int] = [[heading(document)]]
    shown: set[int] = set()

    def visit(blocks: list[Node]) -> None:
        for block in blocks:
            _, classes, pairs = pandoc.attributes(block)
            if block["t"] == "Div" and "cell" in classes:
                index = int(pairs["number"])
                shown.add(index)
                if index in kept:
                    parts.append(index)
                    visit_figures(block["c"][1])
                else:
                    prose().extend(block["c"][1])
            elif block["t"] == "Div" and "callout" in classes:
                prose().append(pandoc.para([pandoc.strong(block["c"][1][0]["c"][1][0]["c"])]))
                visit(block["c"][1][1:])
            elif block["t"] == "Div" and "exercise" in classes:
                prose().append(pandoc.para([pandoc.strong(block["c"][1][0]["c"][1][0]["c"])]))
                visit(block["c"][1][1:])
            elif block["t"] == "Div" and "only-pdf" not in classes:
                visit(block["c"][1])
            elif block["t"] not in ("Div", "RawBlock"):
                prose().append(block)

    def visit_figures(blocks: list[Node]) -> None:
        # The figure is the cell's own output; its caption stays with it.
        for block in blocks:
            if block["t"] == "Figure":
                prose().extend(pandoc.para([{"t": "Emph", "c": b["c"]}]) for b in block["c"][1][1])

    def prose() -> list[Node]:
        if not isinstance(parts[-1], list):
            parts.append([])
        return parts[-1]  # type: ignore[return-value]

    visit(document.blocks)
    # Hidden cells that visible ones need go before the first one shown after them.
    hidden = [index for index in sorted(kept) if index not in shown]
    for index in hidden:
        later = [i for i, part in enumerate(parts) if isinstance(part, int) and part > index]
        parts.insert(later[0] if later else len(parts), index)
    texts = iter(markdown(document, [part for part in parts if isinstance(part, list)]))
    made: list[Any] = []
    for number, part in enumerate(parts):
        if isinstance(part, list):
            text = next(texts)
            if not text.strip():
                continue
            cell = nbformat.v4.new_markdown_cell(text)
            attached = attachments(document, text)
            if attached:
                cell["attachments"] = attached
        else:
            cell = nbformat.v4.new_code_cell(cells[part].code)
            if part in shown and cells[part].shows("output"):
                cell["outputs"] = [jupyter(output) for output in outputs[part]]
        cell["id"] = f"cell-{number + 1}"
        made.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, "lang": edition.lang}
    notebook = nbformat.v4.new_notebook(cells=made, metadata=metadata)
    nbformat.validate(notebook)
    return notebook


def heading(document: Document) -> Node:
    """Return the chapter's title as a heading."""
    number = pandoc.text(f"{document.number} ") if document.number else []
    return {"t": "Header", "c": [1, pandoc.attr(), [*number, *document.title]]}


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
        if alone[index] and (cells[index].shows("echo") or wanted):
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


def markdown(document: Document, proses: list[list[Node]]) -> list[str]:
    """Return runs of prose as the Markdown that notebooks know, with references as plain text."""
    blocks: list[Node] = []
    for index, prose in enumerate(proses):
        if index:
            blocks.append(pandoc.para([{"t": "Str", "c": BREAK}]))
        blocks += prose
    blocks = pandoc.walk(json.loads(json.dumps(blocks)), simple)
    made, _ = pandoc.run(pandoc.document(blocks), *WRITER)
    return [text.strip() for text in made.split(BREAK)]


def simple(node: Node) -> Node | list[Node] | None:
    """Turn one element into what a notebook's Markdown can say."""
    match node["t"]:
        case "Link" if node["c"][2][0].startswith("book:"):
            return node["c"][1]
        case "Link":
            node["c"][0] = pandoc.attr()
        case "Cite":
            return node["c"][1]
        case "Span":
            _identifier, classes, pairs = pandoc.attributes(node)
            if "equation" in classes:
                math = node["c"][1][0]
                math["c"][1] = f"{math['c'][1].strip()} \\tag{{{pairs['number']}}}"
                return [math]
            return node["c"][1]
        case "Div":
            return [] if "only-pdf" in node["c"][0][1] else node["c"][1]
        case "Header":
            number = dict(node["c"][1][2]).get("number")
            inlines = [*(pandoc.text(f"{number} ") if number else []), *node["c"][2]]
            return {"t": "Header", "c": [node["c"][0], pandoc.attr(), inlines]}
        case "Figure":
            caption = [pandoc.para([{"t": "Emph", "c": block["c"]}]) for block in node["c"][1][1]]
            pictures = [pandoc.para(b["c"]) if b["t"] == "Plain" else b for b in node["c"][2]]
            return [*pictures, *caption]
        case "Table":
            caption = [pandoc.para([{"t": "Emph", "c": block["c"]}]) for block in node["c"][1][1]]
            node["c"][0], node["c"][1] = pandoc.attr(), [None, []]
            return [*caption, node]
        case "Image":
            path = node["c"][2][0].removeprefix("book:")
            node["c"][0] = pandoc.attr()
            node["c"][2][0] = f"attachment:{Path(path).name}"
        case "Note":
            inside = [
                inline
                for block in node["c"]
                if block["t"] in ("Para", "Plain")
                for inline in block["c"]
            ]
            return [{"t": "Space"}, {"t": "Str", "c": "("}, *inside, {"t": "Str", "c": ")"}]
        case "CodeBlock":
            classes = [c for c in node["c"][0][1] if c not in ("cell-code", "output")]
            node["c"][0] = pandoc.attr("", classes)
        case "RawBlock" | "RawInline":
            return []
        case _:
            pass
    return None


def attachments(document: Document, text: str) -> dict[str, dict[str, str]]:
    """Return the pictures that a Markdown cell shows, in the cell itself."""
    types = {".svg": "image/svg+xml", ".png": "image/png"}
    files = {Path(name).name: content for name, content in document.files.items()}
    found: dict[str, dict[str, str]] = {}
    for name in re.findall(r"\(attachment:([^)\s]+)\)", text):
        found[name] = {types[Path(name).suffix]: base64.b64encode(files[name]).decode()}
    return found


def jupyter(output: Output) -> Any:
    """Return one of our outputs as Jupyter's."""
    if output["kind"] == "stream":
        return nbformat.v4.new_output("stream", name=output["name"], text=output["text"])
    return nbformat.v4.new_output("display_data", data=output["data"])

"""The site: a page per chapter, each edition complete in its folder, nothing from elsewhere."""

import html
import json
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import jinja2

from tools.languages import WORDS
from tools.source import pandoc
from tools.source.config import Edition, Page
from tools.source.document import Document, complain, drawn_size
from tools.source.pandoc import Node

HERE = Path(__file__).parent
ASSETS = "assets"
WRITER = ("-f", "json", "-t", "html5", "--mathml", "--section-divs", "--wrap=none")


@dataclass(frozen=True)
class Entry:
    """One line of a table of contents."""

    href: str
    number: str
    title: str
    level: int


def write(
    edition: Edition,
    documents: list[Document],
    target: Path,
    others: list[Edition],
    filters: list[str],
) -> None:
    """Write an edition's pages, its figures and what the pages load."""
    assets = target / ASSETS
    shutil.copytree(HERE / "assets", assets)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("page.html")
    index: list[dict[str, str]] = []
    for position, document in enumerate(documents):
        page = document.chapter.page
        for name, content in document.files.items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        body, contents = render(edition, document, documents, filters)
        around = {
            "previous": documents[position - 1] if position else None,
            "next": documents[position + 1] if position + 1 < len(documents) else None,
        }
        rendered = template.render(
            edition=edition,
            page=page,
            words=WORDS[edition.lang],
            root=page.path_to("index.html").removesuffix("index.html"),
            number=document.number,
            title=inline_html(document.title, document, documents),
            plain_title=pandoc.plain(document.title),
            identifier=document.identifier,
            is_home=position == 0,
            body=jinja2.filters.Markup(body),
            contents=contents,
            sidebar=sidebar(documents, document),
            notebook=PurePosixPath(page.beside(".ipynb")).name if document.chapter.cells else None,
            others=[other_language(edition, page, other) for other in others],
            **{name: neighbor(page, near) for name, near in around.items()},
        )
        path = target / page.output
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rendered, encoding="utf-8")
        index += search_entries(document, documents)
    listing = json.dumps(index, ensure_ascii=False, indent=0).replace("</", "<\\/")
    (assets / "search-index.js").write_text(f"window.searchIndex = {listing};\n", encoding="utf-8")


def render(
    edition: Edition, document: Document, documents: list[Document], filters: list[str]
) -> tuple[str, list[Entry]]:
    """Return a page's body and its table of contents."""
    contents: list[Entry] = []
    shape = Shape(edition, document, documents, contents)
    blocks = shape.blocks(json.loads(json.dumps(document.blocks)))
    up = "../" * len(PurePosixPath(document.chapter.page.output).parts)
    meta = {"lang": edition.lang, "site-root": up, "app-format": "html"}
    body, warnings = pandoc.run(pandoc.document(blocks, meta), *WRITER, *filters)
    for warning in warnings:
        complain(document, warning)
    return body, contents


class Shape:
    """Gives one page's blocks the form that the page's look expects."""

    def __init__(
        self, edition: Edition, document: Document, documents: list[Document], contents: list[Entry]
    ) -> None:
        self.edition, self.document, self.contents = edition, document, contents
        self.pages = {d.source: d for d in documents}
        self.page = document.chapter.page
        self.words = WORDS[edition.lang]

    def blocks(self, blocks: list[Node]) -> list[Node]:
        """Return the blocks of a page."""
        for node in pandoc.nodes(blocks):
            if node["t"] == "Header" and node["c"][0] <= self.edition.toc_depth:
                level, (identifier, _, pairs), inlines = node["c"]
                entry = Entry(
                    f"#{identifier}", dict(pairs).get("number", ""), pandoc.plain(inlines), level
                )
                self.contents.append(entry)
        return pandoc.walk(blocks, self.change)

    def change(self, node: Node) -> Node | list[Node] | None:
        """Shape one element."""
        match node["t"]:
            case "Header":
                return self.heading(node)
            case "Div":
                return self.division(node)
            case "Span":
                identifier, classes, pairs = pandoc.attributes(node)
                if "equation" in classes:
                    number = pandoc.span(
                        pandoc.attr("", ["equation-number"]), pandoc.text(f"({pairs['number']})")
                    )
                    return pandoc.span([identifier, ["equation"], []], [*node["c"][1], number])
            case "Link":
                target = node["c"][2][0]
                if target.startswith("book:"):
                    node["c"][2][0] = self.address(target)
            case "Image":
                target = node["c"][2][0]
                if target.startswith("book:"):
                    name = target.removeprefix("book:")
                    node["c"][2][0] = self.page.path_to(name)
                    drawn = drawn_size(self.document.files.get(name, b""))
                    if drawn and not node["c"][0][2]:
                        # The browser keeps the room free, and the text does not jump.
                        width, height = (str(round(side)) for side in drawn)
                        node["c"][0][2] = [["width", width], ["height", height]]
            case "Figure":
                node["c"][0][1].append("figure")
            case "Table":
                return pandoc.div(pandoc.attr("", ["table-wrap"]), [node])
            case _:
                pass
        return None

    def address(self, target: str) -> str:
        """Return the address of another place in the book, seen from this page."""
        source, _, fragment = target.removeprefix("book:").partition("#")
        document = self.pages[source]
        here = source == self.document.source
        if fragment == document.identifier and not here:
            fragment = ""
        path = "" if here and fragment else self.page.path_to(document.chapter.page.output)
        return path + (f"#{fragment}" if fragment else "")

    def heading(self, node: Node) -> Node:
        """Show a heading's number, and an anchor to link to it."""
        level, (identifier, classes, pairs), inlines = node["c"]
        number = dict(pairs).get("number")
        if number:
            mark = pandoc.span(pandoc.attr("", ["header-section-number"]), pandoc.text(number))
            inlines = [mark, {"t": "Space"}, *inlines]
        label = html.escape(f"{self.words['anchor']}", quote=True)
        anchor = f'<a class="anchor" href="#{identifier}" aria-label="{label}"></a>'
        return {
            "t": "Header",
            "c": [level, [identifier, classes, []], [*inlines, pandoc.raw_inline("html", anchor)]],
        }

    def division(self, node: Node) -> Node | list[Node] | None:
        """Shape callouts and exercises; drop what only the PDF shows."""
        identifier, classes, pairs = pandoc.attributes(node)
        blocks = node["c"][1]
        if "only-pdf" in classes:
            return []
        if "only-html" in classes or "picture" in classes:
            return blocks
        if "cell" in classes:
            return pandoc.div(pandoc.attr("", ["cell"]), blocks)
        if "callout" in classes:
            title = blocks[0]["c"][1]
            body = pandoc.div(pandoc.attr("", ["callout-body"]), blocks[1:])
            kind = classes[1]
            name = f' id="{identifier}"' if identifier else ""
            if "collapse" in pairs:
                state = "" if pairs["collapse"] == "true" else " open"
                return [
                    pandoc.raw(
                        "html",
                        f'<details class="callout {kind}"{name}{state}>'
                        '<summary class="callout-title">',
                    ),
                    *title,
                    pandoc.raw("html", "</summary>"),
                    body,
                    pandoc.raw("html", "</details>"),
                ]
            heading = pandoc.div(pandoc.attr("", ["callout-title"]), title)
            return pandoc.div([identifier, ["callout", kind], []], [heading, body])
        if "exercise" in classes:
            title = blocks[0]["c"][1][0]["c"]
            mark = pandoc.span(pandoc.attr("", ["theorem-title"]), [pandoc.strong(title)])
            rest = blocks[1:]
            if rest and rest[0]["t"] == "Para":
                rest = [pandoc.para([mark, {"t": "Space"}, *rest[0]["c"]]), *rest[1:]]
            else:
                rest = [pandoc.para([mark]), *rest]
            return pandoc.div([identifier, ["theorem", "exercise"], []], rest)
        return None


def inline_html(inlines: list[Node], document: Document, documents: list[Document]) -> Any:
    """Return a title as HTML."""
    made, _ = pandoc.run(pandoc.document([pandoc.plain_block(inlines)]), *WRITER)
    return jinja2.filters.Markup(made.strip())


def sidebar(documents: list[Document], current: Document) -> list[dict[str, Any]]:
    """Return the parts and chapters for the sidebar, seen from one page."""
    groups: list[dict[str, Any]] = []
    page = current.chapter.page
    for document in documents:
        other = document.chapter.page
        if not groups or groups[-1]["part"] != other.part:
            groups.append({"part": other.part, "chapters": []})
        groups[-1]["chapters"].append(
            {
                "href": page.path_to(other.output),
                "number": document.number,
                "title": pandoc.plain(document.title),
                "current": document is current,
            }
        )
    return groups


def neighbor(page: Page, document: Document | None) -> dict[str, Any] | None:
    """Return the link to the page before or after."""
    if document is None:
        return None
    href = page.path_to(document.chapter.page.output)
    return {"href": href, "number": document.number, "title": pandoc.plain(document.title)}


def other_language(edition: Edition, page: Page, other: Edition) -> dict[str, str]:
    """Return the link to the same page in another edition: the path with its language changed."""
    parts = [
        other.name if part == edition.name else part for part in PurePosixPath(page.output).parts
    ]
    there = "/".join(parts)
    if there not in {p.output for p in other.pages}:
        there = "index.html"
    up = "../" * len(parts)
    folder = PurePosixPath(other.output_dir).name
    words = WORDS[other.lang]
    return {
        "href": f"{up}{folder}/{there}",
        "lang": other.lang,
        "name": words["language"],
        "page": there,
    }


def search_entries(document: Document, documents: list[Document]) -> list[dict[str, str]]:
    """Return what search knows of a page: one entry per section."""
    title = pandoc.plain(document.title)
    chapter = f"{document.number} {title}" if document.number else title
    entries = [{"url": document.chapter.page.output, "title": chapter, "section": "", "text": ""}]
    gather(document, document.blocks, entries)
    return [entry for entry in entries if entry["text"] or entry["section"] or entry is entries[0]]


def gather(document: Document, blocks: list[Node], entries: list[dict[str, str]]) -> None:
    """Add the text of blocks to the entry of the section they stand in."""
    for block in blocks:
        _, classes, _ = pandoc.attributes(block)
        if "only-pdf" in classes:
            continue
        if block["t"] == "Header":
            _level, (identifier, _, pairs), inlines = block["c"]
            number = dict(pairs).get("number", "")
            entries.append(
                {
                    "url": f"{document.chapter.page.output}#{identifier}",
                    "title": entries[0]["title"],
                    "section": f"{number} {pandoc.plain(inlines)}".strip(),
                    "text": "",
                }
            )
        elif block["t"] == "Div":
            gather(document, block["c"][1], entries)
        elif block["t"] != "RawBlock":
            entries[-1]["text"] = f"{entries[-1]['text']} {pandoc.plain(block)}".strip()

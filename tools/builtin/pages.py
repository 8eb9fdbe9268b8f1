"""The site: a page per chapter, each edition complete in its folder, nothing from elsewhere."""

import html
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

import jinja2
import panflute as pf

from tools import policy
from tools.problems import Problems
from tools.source import pandoc
from tools.source.config import Edition, Page
from tools.source.document import FILE
from tools.source.kept import Kept
from tools.source.numbering import PAGE, PLACE
from tools.source.prepare import FILTERS, Prepared

HERE = Path(__file__).parent
WEB = HERE.parent / "web"  # what both renderers' sites load
ICON = HERE.parent / "site" / "favicon.svg"
ASSETS = "assets"
WRITER = ("-t", "html5", "--mathml", "--section-divs", *FILTERS)


@dataclass
class Body:
    """What a page has of its chapter: its text, its contents, and what search knows of it."""

    html: str = ""
    title: str = ""
    contents: list[dict[str, Any]] = field(default_factory=list)
    search: list[dict[str, str]] = field(default_factory=list)


def body(prepared: Prepared) -> Body:
    """Return a chapter as HTML."""
    tree = prepared.tree()
    tree.walk(lambda element, _: [] if pandoc.has(element, "only-pdf") else None)
    made = Body(search=search_entries(prepared, tree))
    for header in filter(lambda block: isinstance(block, pf.Header), descend(tree.content)):
        if header.level <= prepared.edition.toc_depth:
            made.contents.append(
                {
                    "href": f"#{header.identifier}",
                    "number": header.attributes.get("number", ""),
                    "title": pandoc.plain(header),
                    "level": header.level,
                }
            )
    tree.walk(Shape(prepared).change)
    up = "../" + prepared.page.root
    tree.metadata = pf.MetaMap(
        **{"lang": prepared.edition.lang, "site-root": up, "app-format": "html"}
    )
    written, warnings = pandoc.write(tree, *WRITER, root=prepared.edition.root)
    prepared.complain(warnings)
    # The title is the tree's first block, and takes a line of its own.
    made.title, _, made.html = written.partition("\n")
    return made


class Shape:
    """Gives one page's blocks the form that the page's look expects."""

    def __init__(self, prepared: Prepared) -> None:
        self.words, self.page = prepared.edition.words, prepared.page

    def change(self, element: pf.Element, _: pf.Doc) -> pf.Element | list[pf.Element] | None:
        """Shape one element."""
        match element:
            case pf.Header():
                self.heading(element)
            case pf.Div():
                return self.division(element)
            case pf.Span() if "equation" in element.classes:
                number = f"({element.attributes.pop('number')})"
                element.content.append(pf.Span(pf.Str(number), classes=["equation-number"]))
            case pf.Link():
                element.url = self.address(element.url)
            case pf.Image():
                element.url = self.page.path_to(element.url.removeprefix(FILE))
                # The browser keeps the room free: the text does not jump when the picture comes.
                for side, points in element.attributes.items():
                    element.attributes[side] = str(round(float(points) * 4 / 3))
                element.attributes["loading"] = "lazy"
            case pf.Figure():
                element.classes.append("figure")
            case pf.Table():
                return pf.Div(element, classes=["table-wrap"])
        return None

    def address(self, target: str) -> str:
        """Return the address of another place in the book, seen from this page."""
        if not target.startswith((PAGE, PLACE)):
            return target
        output, _, fragment = target.partition(":")[2].partition("#")
        if output == self.page.output:
            return f"#{fragment}"
        path = self.page.path_to(output)
        return path if target.startswith(PAGE) else f"{path}#{fragment}"

    def heading(self, header: pf.Header) -> None:
        """Show a heading's number, and an anchor to link to it."""
        if number := header.attributes.pop("number", None):
            mark = pf.Span(pf.Str(number), classes=["header-section-number"])
            header.content = [mark, pf.Space(), *header.content]
        label = html.escape(self.words["anchor"], quote=True)
        anchor = f'<a class="anchor" href="#{header.identifier}" aria-label="{label}"></a>'
        header.content.append(pf.RawInline(anchor, "html"))

    def division(self, div: pf.Div) -> pf.Element | list[pf.Element] | None:
        """Shape callouts and exercises."""
        if "only-html" in div.classes:
            return list(div.content)
        if "cell" in div.classes:
            div.attributes = {}
        elif "callout" in div.classes:
            title, *rest = div.content
            inside = pf.Div(*rest, classes=["callout-body"])
            title.classes = ["callout-title"]
            folded = div.attributes.pop("collapse", None)
            div.attributes.pop("solution", None)
            if folded is None:
                div.content = [title, inside]
                return None
            name = f' id="{div.identifier}"' if div.identifier else ""
            state = "" if folded == "true" else " open"
            start = f'<details class="{" ".join(div.classes)}"{name}{state}>'
            return [
                pf.RawBlock(f'{start}<summary class="callout-title">', "html"),
                *title.content,
                pf.RawBlock("</summary>", "html"),
                inside,
                pf.RawBlock("</details>", "html"),
            ]
        elif "exercise" in div.classes:
            title, *rest = div.content
            mark = pf.Span(pf.Strong(*title.content[0].content), classes=["theorem-title"])
            div.classes = ["theorem", "exercise"]
            if rest and isinstance(rest[0], pf.Para):
                div.content = [pf.Para(mark, pf.Space(), *rest[0].content), *rest[1:]]
            else:
                div.content = [pf.Para(mark), *rest]
        return None


def descend(blocks: Iterable[pf.Block]) -> Iterator[pf.Block]:
    """Yield blocks in reading order, and those inside divisions in the place of these."""
    for block in blocks:
        if isinstance(block, pf.Div):
            yield from descend(block.content)
        else:
            yield block


def search_entries(prepared: Prepared, tree: pf.Doc) -> list[dict[str, str]]:
    """Return what search knows of a page: one entry per section."""
    page, title = prepared.page.output, prepared.title
    entries = [{"url": page, "title": title, "section": "", "text": ""}]
    for block in descend(list(tree.content)[1:]):
        if isinstance(block, pf.Header):
            number = block.attributes.get("number", "")
            section = f"{number} {pandoc.plain(block)}".strip()
            url = f"{page}#{block.identifier}"
            entries.append({"url": url, "title": title, "section": section, "text": ""})
        elif not isinstance(block, pf.RawBlock):
            entries[-1]["text"] = f"{entries[-1]['text']} {pandoc.plain(block)}".strip()
    return entries


def write(
    edition: Edition,
    chapters: list[Prepared],
    target: Path,
    kept: Kept,
    problems: Problems,
    others: list[Edition],
    say: Callable[[str], None],
) -> None:
    """Write an edition's pages, its figures and what the pages load."""
    bodies = [
        kept.make(partial(body, prepared), "page", prepared.made_from, problems=problems)
        for prepared in chapters
    ]
    shutil.copytree(HERE / "assets", target / ASSETS)
    for path in (*WEB.glob("exercises.*"), WEB / "apps.js", WEB / "scrolling.js", ICON):
        shutil.copyfile(path, target / ASSETS / path.name)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("page.html")
    parts = [(part, [*group]) for part, group in groupby(chapters, lambda c: c.page.part)]
    near = [None, *chapters, None]
    for position, (prepared, made) in enumerate(zip(chapters, bodies, strict=True)):
        rendered = template.render(
            edition=edition,
            words=edition.words,
            page=prepared.page,
            current=prepared,
            body=made,
            parts=parts,
            is_home=position == 0,
            previous=near[position],
            next=near[position + 2],
            others=[other_language(edition, prepared.page, other) for other in others],
        )
        written, taken = policy.obey(rendered, f"{prepared.page.root}{ASSETS}/")
        for name, content in taken.items():
            put(target / ASSETS / name, content)
        for name, content in {**prepared.draft.files, prepared.page.output: written}.items():
            put(target / name, content)
    index = [found for made in bodies for found in made.search]
    listing = json.dumps(index, ensure_ascii=False, indent=0).replace("</", "<\\/")
    put(target / ASSETS / "search-index.js", f"window.searchIndex = {listing};\n")
    say(f"  {edition.lang}: {len(chapters)} pages")


def put(path: Path, content: bytes | str) -> None:
    """Write a file, and the folders on the way to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def other_language(edition: Edition, page: Page, other: Edition) -> dict[str, str]:
    """Return the link to the same page in another edition: the path with its language changed."""
    parts = PurePosixPath(page.output).parts
    there = "/".join(other.name if part == edition.name else part for part in parts)
    if there not in {p.output for p in other.pages}:
        there = "index.html"
    return {
        "href": f"../{page.root}{other.folder}/{there}",
        "lang": other.lang,
        "name": other.words["language"],
    }

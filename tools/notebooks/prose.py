"""The prose of a notebook: the Markdown that JupyterLab and VS Code both show."""

from functools import partial
from pathlib import Path

import panflute as pf

from tools.site.address import addresses
from tools.source import pandoc
from tools.source.document import FILE
from tools.source.numbering import PAGE, PLACE
from tools.source.prepare import Prepared

WRITER = "gfm-raw_html-footnotes-alerts-gfm_auto_identifiers-tex_math_gfm+tex_math_dollars"
BREAK = "@@CELL@@"


def markdown(proses: list[list[pf.Block]], prepared: Prepared) -> list[str]:
    """Return runs of prose as the Markdown that notebooks know."""
    separated = [block for prose in proses for block in (*prose, pf.Para(pf.Str(BREAK)))]
    tree = pf.Doc(*separated)
    tree.walk(partial(simple, prepared))
    made, _ = pandoc.write(tree, "-t", WRITER)
    return [part.strip() for part in made.split(BREAK)]


def emphasized(element: pf.Figure | pf.Table) -> list[pf.Block]:
    """Return a caption as paragraphs of its own."""
    return [pf.Para(pf.Emph(*block.content)) for block in element.caption.content]


def simple(
    prepared: Prepared, element: pf.Element, _: pf.Doc
) -> pf.Element | list[pf.Element] | None:
    """Turn one element into what a notebook's Markdown can say."""
    match element:
        case pf.Link() if element.url.startswith((PAGE, PLACE)):
            element.url = address(element.url, prepared)
            element.classes, element.attributes, element.identifier = [], {}, ""
        case pf.Link():
            element.classes, element.attributes, element.identifier = [], {}, ""
        case pf.Span() if "equation" in element.classes:
            math = element.content[0]
            math.text = f"{math.text.strip()} \\tag{{{element.attributes['number']}}}"
            return math
        case pf.Cite() | pf.Span():
            return list(element.content)
        case pf.Div():
            return [] if "only-html" in element.classes else list(element.content)
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
            name = Path(element.url.removeprefix(FILE)).stem
            element.attributes, element.url = {}, f"attachment:{name}.png"
        case pf.CodeBlock():
            element.classes = [n for n in element.classes if n not in ("cell-code", "output")]
        case pf.RawBlock() | pf.RawInline():
            return []
    return None


def address(target: str, prepared: Prepared) -> str:
    """Return the address of a place of the book: on its site, or in the pages beside the notebook.

    Programs do not agree on how to link to a place in a notebook.
    """
    page, edition = prepared.page, prepared.edition
    output, _, fragment = target.partition(":")[2].partition("#")
    where = f"#{fragment}" if target.startswith(PLACE) else ""
    if site := addresses(edition.root).site:
        return f"{site}/{edition.folder}/{output}{where}"
    return f"{page.path_to(output)}{where}"

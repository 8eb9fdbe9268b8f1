"""On which line of its chapter an element of Pandoc's tree stands, which the tree does not say."""

import re

import panflute as pf

from tools.source import pandoc
from tools.source.chapters import Chapter

CELL = re.compile(
    r"cell(-[0-9a-f]{12})?$"
)  # the class of what a cell showed, before `document` and after


def line_of(chapter: Chapter, element: pf.Element, *wanted: str, last: bool = False) -> int:
    """Return the line of an element: the first, or last, of its block that holds one of `wanted`.

    Of what a cell showed, it is a line of the cell.
    """
    cell, start, node = None, None, element
    while node is not None and not isinstance(node, pf.Doc):
        if node is not element and CELL.match("".join(getattr(node, "classes", []))):
            cell = chapter.cells[int(node.attributes["number"])]
        if start is None and isinstance(node, pf.Block):
            start = first_line(chapter, node)
        node = node.parent
    if cell:
        places = [n for n in chapter.lines(*wanted) if cell.line <= n <= cell.last_line]
        return places[0] if places else cell.line
    places = chapter.lines(*wanted) or [start or 1]
    later = [n for n in places if start and n >= start] or places
    return places[-1] if last else later[0]


def first_line(chapter: Chapter, block: pf.Block) -> int | None:
    """Return the first line that has the words which a block begins with: as many as fit on it."""
    words = re.findall(r"\w+", pandoc.plain(block))[:5]
    for count in range(len(words), 0, -1):
        if found := chapter.lines(r"\b" + r"\W+".join(words[:count]) + r"\b"):
            return found[0]
    return None

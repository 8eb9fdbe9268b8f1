"""Numbers, cross-references and links, counted per chapter as Quarto counts them in a book.

Links between pages leave here as `book:<source>#<identifier>`; each format makes its own addresses.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from tools.languages import WORDS
from tools.source import pandoc
from tools.source.config import Edition
from tools.source.document import Document
from tools.source.pandoc import Node

KINDS = ("fig", "tbl", "eq", "exr", "sec")
LABEL = re.compile(rf"(?i:({'|'.join(KINDS)}))-.+")
EQUATION = re.compile(r"^\{#(eq-[\w-]+)\}")
NBSP = "\N{NO-BREAK SPACE}"


@dataclass
class Target:
    """What a label stands for."""

    document: Document
    kind: str
    number: str
    is_chapter: bool = False


class Numbering:
    """Gives every heading, figure, table, equation and exercise of an edition its number."""

    def __init__(self, edition: Edition) -> None:
        self.words = WORDS[edition.lang]
        self.targets: dict[str, Target] = {}
        self.anchors: dict[str, set[str]] = {}
        self.chapter = 0

    def number(self, document: Document) -> None:
        """Give one chapter its numbers; its level-1 heading becomes the document's title."""
        chapter = document.chapter
        headings = [b for b in document.blocks if b["t"] == "Header" and b["c"][0] == 1]
        if len(headings) != 1 or document.blocks[0] is not headings[0]:
            chapter.problem("a chapter begins with its one level-1 heading", "^# ")
            if not headings:
                return
        _, (identifier, classes, _), document.title = headings[0]["c"]
        document.identifier = identifier
        document.blocks.remove(headings[0])
        if "unnumbered" not in classes:
            self.chapter += 1
            document.number = self.chapter
        self.anchors[document.source] = {identifier}
        if identifier.startswith("sec-"):
            self.add(document, identifier, "sec", str(document.number or ""), is_chapter=True)
        self.sections = [0] * 6
        self.counts = dict.fromkeys(KINDS, 0)
        document.blocks = self.blocks(document, document.blocks)
        for node in pandoc.nodes(document.blocks):
            name = pandoc.attributes(node)[0]
            if name:
                self.anchors[document.source].add(name)

    def add(
        self, document: Document, label: str, kind: str, number: str, is_chapter: bool = False
    ) -> None:
        """Enter a label; a second one of the same name is a problem."""
        if label in self.targets:
            first = self.targets[label].document
            # The second of two in one chapter is the one to name.
            places = [
                number
                for number, line in enumerate(document.chapter.text.splitlines(), 1)
                if re.search(rf"(#|label:\s*){re.escape(label)}\b(?!-)", line)
            ]
            line = places[-1] if places else 1
            document.chapter.problems.add(
                document.source, line, f"duplicate label: {label} is also in {first.source}"
            )
        self.targets[label] = Target(document, kind, number, is_chapter)

    def next(self, document: Document, label: str, kind: str) -> str:
        """Return the next number of a kind in this chapter and enter its label."""
        self.counts[kind] += 1
        number = str(self.counts[kind])
        if document.number:
            number = f"{document.number}.{number}"
        self.add(document, label, kind, number)
        return number

    def blocks(self, document: Document, blocks: list[Node]) -> list[Node]:
        """Give blocks their numbers in reading order."""
        for block in blocks:
            match block["t"]:
                case "Header":
                    self.heading(document, block)
                case "Div":
                    identifier, classes, _ = pandoc.attributes(block)
                    if "exercise" in classes:
                        self.exercise(document, block, identifier)
                    block["c"][1] = self.blocks(document, block["c"][1])
                case "Figure":
                    self.caption(document, block, "fig")
                case "Table":
                    self.caption(document, block, "tbl")
                case "Para" | "Plain":
                    block["c"] = self.equation(document, block["c"])
                case "BulletList":
                    block["c"] = [self.blocks(document, item) for item in block["c"]]
                case "OrderedList":
                    block["c"][1] = [self.blocks(document, item) for item in block["c"][1]]
                case "BlockQuote":
                    block["c"] = self.blocks(document, block["c"])
                case _:
                    pass
        return blocks

    def heading(self, document: Document, block: Node) -> None:
        """Give a number to a heading below the chapter's."""
        level, (identifier, classes, pairs), _inlines = block["c"]
        if document.number and "unnumbered" not in classes:
            depth = level - 2
            self.sections[depth] += 1
            self.sections[depth + 1 :] = [0] * (5 - depth)
            number = ".".join(map(str, [document.number, *self.sections[: depth + 1]]))
            pairs.append(["number", number])
        else:
            number = ""
        if identifier.startswith("sec-"):
            self.add(document, identifier, "sec", number)

    def caption(self, document: Document, block: Node, kind: str) -> None:
        """Put `Figura 2.1: ` before the caption of a labeled figure or table."""
        identifier = block["c"][0][0]
        if not identifier:
            return
        if not identifier.startswith(f"{kind}-"):
            document.chapter.problem(
                f"the label should begin with {kind}-: {identifier}", f"#{identifier}"
            )
            return
        number = self.next(document, identifier, kind)
        prefix = [*pandoc.text(f"{self.words[kind]}{NBSP}{number}:"), {"t": "Space"}]
        caption = block["c"][1][1]
        if caption and caption[0]["t"] in ("Plain", "Para"):
            caption[0] = pandoc.plain_block(prefix + caption[0]["c"])
        else:
            document.chapter.problem(f"{identifier} has no caption", identifier)

    def exercise(self, document: Document, block: Node, identifier: str) -> None:
        """Turn an exercise's title into `Ejercicio 2.1 (Title)`."""
        number = self.next(document, identifier, "exr")
        title = block["c"][1][0]
        name = title["c"][1][0]["c"]
        heading = pandoc.text(f"{self.words['exr']} {number}")
        if name:
            heading += [{"t": "Space"}, {"t": "Str", "c": "("}, *name, {"t": "Str", "c": ")"}]
        title["c"][1] = [pandoc.plain_block(heading)]

    def equation(self, document: Document, inlines: list[Node]) -> list[Node]:
        """Wrap a labeled display equation in a span that carries its label and number."""
        result: list[Node] = []
        for item in inlines:
            label = EQUATION.match(item["c"]) if item["t"] == "Str" else None
            before = [i for i in result if i["t"] not in ("Space", "SoftBreak")]
            is_display = (
                bool(before)
                and before[-1]["t"] == "Math"
                and before[-1]["c"][0]["t"] == "DisplayMath"
            )
            if not label or not is_display:
                result.append(item)
                continue
            while result[-1]["t"] in ("Space", "SoftBreak"):
                result.pop()
            math = result.pop()
            number = self.next(document, label[1], "eq")
            result.append(pandoc.span([label[1], ["equation"], [["number", number]]], [math]))
            if item["c"][label.end() :]:
                result.append({"t": "Str", "c": item["c"][label.end() :]})
        return result


def resolve(documents: list[Document], numbering: Numbering) -> None:
    """Replace every cross-reference by a link with its text, and check every link of the book."""
    sources = {document.source: document for document in documents}
    for document in documents:
        chapter = document.chapter

        def reference(node: Node, document: Document = document) -> Node | list[Node] | None:
            if node["t"] != "Cite":
                return None
            citations = node["c"][0]
            crossed = [c for c in citations if LABEL.fullmatch(c["citationId"])]
            if not crossed:
                return None
            where = re.escape(f"@{crossed[0]['citationId']}")
            if len(crossed) != len(citations):
                document.chapter.problem(
                    f"@{crossed[0]['citationId']} stands right before a citation: put a word in",
                    where,
                )
                return None
            inlines: list[Node] = []
            for citation in citations:
                if citation["citationPrefix"]:
                    document.chapter.problem("a cross-reference in brackets takes no words", where)
                if inlines:
                    inlines += [{"t": "Str", "c": ","}, {"t": "Space"}]
                inlines += cross(document, citation, numbering)
                inlines += citation["citationSuffix"]
            return inlines

        def linked(node: Node, document: Document = document) -> Node | None:
            if node["t"] == "Link":
                target = node["c"][2][0]
                node["c"][2][0] = check_link(document, target, sources, numbering)
            return None

        document.title = pandoc.walk(pandoc.walk(document.title, linked), reference)
        document.blocks = pandoc.walk(pandoc.walk(document.blocks, linked), reference)
        for node in pandoc.nodes(document.blocks):
            if node["t"] == "Str" and EQUATION.match(node["c"]):
                chapter.problem(
                    f"an equation's label follows its `$$`: {node['c']}", re.escape(node["c"])
                )


def cross(document: Document, citation: Node, numbering: Numbering) -> list[Node]:
    """Return the link that one cross-reference becomes."""
    label = citation["citationId"]
    where = rf"@{re.escape(label)}(?![\w-])"
    target = numbering.targets.get(label[0].lower() + label[1:])
    if not target:
        document.chapter.problem(f"unresolved reference: @{label}", where)
        return []
    if target.kind == "sec" and not target.number:
        document.chapter.problem(f"@{label} has no number: use a plain link", where)
        return []
    if target.kind == "sec" and document.number is None:
        document.chapter.problem(
            f"@{label} in an unnumbered chapter, where Quarto prints no word: use a plain link",
            where,
        )
    mode = citation["citationMode"]["t"]
    if mode == "SuppressAuthor":
        words = target.number
    elif target.kind == "sec":
        word = numbering.words["chapter" if target.is_chapter else "sec"]
        words = f"{word}{NBSP}{target.number}"
    else:
        words = f"{numbering.words[target.kind]}{NBSP}{target.number}"
    identifier = label[0].lower() + label[1:]
    return [
        pandoc.link(pandoc.text(words), f"book:{target.document.source}#{identifier}", ["crossref"])
    ]


def check_link(
    document: Document, target: str, sources: dict[str, Document], numbering: Numbering
) -> str:
    """Return a link's address inside the book, having checked that it leads somewhere."""
    if re.match(r"[a-zA-Z][a-zA-Z+.-]*:", target):
        return target
    address, _, fragment = target.partition("#")
    where = re.escape(target)
    if not address:
        source = document.source
    else:
        folder = PurePosixPath(document.source).parent
        source = normal(folder / address) if not address.startswith("/") else address[1:]
        if source not in sources:
            document.chapter.problem(f"dead link: {target}", rf"\]\({where}", where)
            return target
    if fragment and fragment not in numbering.anchors.get(source, set()):
        document.chapter.problem(f"dead link: no #{fragment} in {source}", rf"\]\({where}", where)
    return f"book:{source}" + (f"#{fragment}" if fragment else "")


def normal(path: PurePosixPath) -> str:
    """Return a path without its `..`."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)

"""Numbers, cross-references and links of an edition, as Quarto gives them in a book.

The table of labels is made from all drafts (`Numbering`), and what a chapter shows of the others is
looked up there (`View`): a chapter is written anew when its draft or its view changed. Links inside
the book are `book-page:` and `book-place:` addresses; each format makes its own of them.
"""

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any

import panflute as pf

from tools.source import pandoc
from tools.source.chapters import Chapter
from tools.source.config import Edition, Page
from tools.source.counting import Draft

NBSP = "\N{NO-BREAK SPACE}"
PAGE, PLACE = "book-page:", "book-place:"


@dataclass(frozen=True)
class Target:
    """What a label stands for."""

    page: Page
    kind: str
    number: str
    is_chapter: bool


@dataclass
class View:
    """What one chapter shows that it does not say itself."""

    number: int | None
    references: dict[str, tuple[str, str]] = field(default_factory=dict)  # text, address
    links: dict[str, str] = field(default_factory=dict)
    citations: list[Any] = field(default_factory=list)
    bibliography: list[Any] = field(default_factory=list)


class Numbering:
    """The chapters' numbers and every label of an edition."""

    def __init__(self, edition: Edition, chapters: list[Chapter], drafts: list[Draft]) -> None:
        self.edition = edition
        self.numbers: list[int | None] = []
        self.targets: dict[str, Target] = {}
        self.drafts = {
            chapter.page.source: (chapter.page, draft)
            for chapter, draft in zip(chapters, drafts, strict=True)
        }
        for chapter, draft in zip(chapters, drafts, strict=True):
            given = [number for number in self.numbers if number]
            self.numbers.append(len(given) + 1 if draft.numbered else None)
            for label, kind, number in draft.labels:
                self.enter(chapter, draft, label, kind, full_number(self.numbers[-1], number))

    def enter(self, chapter: Chapter, draft: Draft, label: str, kind: str, number: str) -> None:
        """Enter a label; a second one of the same name is a problem."""
        if first := self.targets.get(label):
            message = f"this label is also in {first.page.source}: {label}"
            chapter.problem(message, rf"(#|label:\s*){re.escape(label)}(?!-?\w)")
        self.targets[label] = Target(chapter.page, kind, number, label == draft.identifier)

    def view(self, chapter: Chapter, draft: Draft, number: int | None) -> View:
        """Return what a chapter shows of the others, having checked that all of it is there."""
        view = View(number)
        for label, line in draft.references.items():
            if found := self.reference(chapter, number, label, line):
                view.references[label] = found
        for link, line in draft.links.items():
            if not re.match(r"[a-zA-Z][a-zA-Z+.-]*:", link):
                view.links[link] = self.link(chapter, link, line)
        return view

    def reference(
        self, chapter: Chapter, number: int | None, label: str, line: int
    ) -> tuple[str, str] | None:
        """Return the words and the address of a cross-reference."""
        name = label[0].lower() + label[1:]
        target = self.targets.get(name)
        message = None
        if target is None:
            message = f"unresolved reference: @{label}"
        elif target.kind == "sec" and not target.number:
            message = f"@{label} has no number: use a plain link"
        elif target.kind == "sec" and number is None:
            message = (
                f"@{label} in an unnumbered chapter, where Quarto prints no word: use a plain link"
            )
        if target is None or message:
            chapter.problem(message or "", line=line)
            return None
        word = self.edition.word_for("ch" if target.is_chapter else target.kind)
        if label != name:
            word = word[0].upper() + word[1:]
        return f"{word}{NBSP}{target.number}", self.address(target.page, name)

    def address(self, page: Page, fragment: str) -> str:
        """Return the address of a place, which may be the whole page."""
        _, draft = self.drafts[page.source]
        whole = fragment in ("", draft.identifier)
        return f"{PAGE if whole else PLACE}{page.output}#{fragment or draft.identifier}"

    def link(self, chapter: Chapter, link: str, line: int) -> str:
        """Return a link's address inside the book, having checked that it leads somewhere."""
        path, _, fragment = link.partition("#")
        source = chapter.page.source
        if path.startswith("/"):
            source = path[1:]
        elif path:
            source = normpath(PurePosixPath(source).parent / path)
        page, draft = self.drafts.get(source, (None, None))
        if page is None or draft is None:
            chapter.problem(f"dead link: {link}", line=line)
            return link
        if fragment and fragment not in draft.anchors:
            chapter.problem(f"dead link: no #{fragment} in {source}", line=line)
        return self.address(page, fragment)


def full_number(chapter: int | None, number: str) -> str:
    """Return a number as it is shown: with the chapter's before it, if that has one."""
    return ".".join(part for part in (str(chapter or ""), number) if part)


def connect(draft: Draft, view: View, words: dict[str, str]) -> pf.Doc:
    """Return a chapter's tree with all numbers, references, links and citations in it.

    Its first block is the title.
    """
    citations = iter(pandoc.from_json(view.citations))

    def full(element: pf.Element) -> str:
        return full_number(view.number, element.attributes["number"])

    def change(element: pf.Element, _: pf.Doc) -> pf.Element | list[pf.Element] | None:
        match element:
            case pf.Header() if "number" in element.attributes:
                element.attributes["number"] = full(element)
            case pf.Figure() | pf.Table() if "number" in element.attributes:
                kind = "fig" if isinstance(element, pf.Figure) else "tbl"
                word = words[f"crossref-{kind}-title"]
                start = pandoc.inlines(f"{word}{NBSP}{full(element)}: ")
                caption = element.caption.content
                caption[0] = pf.Plain(*start, *caption[0].content)
                del element.attributes["number"]
            case pf.Div() if "exercise" in element.classes:
                title = element.content[0].content[0]
                name = list(title.content)
                start = pandoc.inlines(f"{words['crossref-exr-title']} {full(element)}")
                around = [pf.Space(), pf.Str("("), *name, pf.Str(")")] if name else []
                title.content = [*start, *around]
                del element.attributes["number"]
            case pf.Div() if element.identifier == "refs":
                return pandoc.from_json(view.bibliography)
            case pf.Span() if "equation" in element.classes:
                element.attributes["number"] = full(element)
            case pf.Cite() if element.citations[0].id in view.references:
                made: list[pf.Inline] = []
                for citation in element.citations:
                    made += [pf.Str(","), pf.Space()] if made else []
                    text, address = view.references[citation.id]
                    made.append(pf.Link(*pandoc.inlines(text), url=address, classes=["crossref"]))
                return made
            case pf.Cite():
                return next(citations)
            case pf.Link():
                element.url = view.links.get(element.url, element.url)
        return None

    title = pf.Plain(*pandoc.from_json(draft.title))
    title.walk(change)
    tree = pandoc.load(draft.tree)
    tree.walk(change)
    tree.content.insert(0, title)
    return tree

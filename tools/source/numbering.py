"""Numbers, cross-references and links, counted per chapter as Quarto counts them in a book.

A chapter is counted by itself (`Draft`: `2.1` in it is `1` until its own number is known), the
edition's table of labels is made from all drafts (`Numbering`), and what a chapter shows of the
others is looked up there (`View`). A chapter is written anew when its draft or its view changed.
Links inside the book are `book-page:` and `book-place:` addresses; each format makes its own.
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

KINDS = ("fig", "tbl", "eq", "exr", "sec")
LABEL = re.compile(rf"(?i:({'|'.join(KINDS)}))-.+")
EQUATION = re.compile(r"^\{#(eq-[\w-]+)\}")
NBSP = "\N{NO-BREAK SPACE}"
PAGE, PLACE = "book-page:", "book-place:"
TITLES = {kind: f"crossref-{kind}-title" for kind in ("fig", "tbl", "exr")}


@dataclass
class Draft:
    """A chapter as it is before it knows the others."""

    files: dict[str, bytes]
    tree: str = ""
    title: list[Any] = field(default_factory=list)
    plain_title: str = ""
    identifier: str = ""
    numbered: bool = True
    labels: list[tuple[str, str, str]] = field(default_factory=list)  # label, kind, number
    anchors: set[str] = field(default_factory=set)
    references: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    citations: list[Any] = field(default_factory=list)
    has_bibliography: bool = False


def count(chapter: Chapter, tree: pf.Doc, files: dict[str, bytes]) -> Draft:
    """Count what is numbered in a chapter, list what it refers to, and take its title off."""
    draft = Draft(files)
    counter = Counter(chapter, draft)
    first = tree.content[0] if tree.content else None
    if isinstance(first, pf.Header) and first.level == 1:
        draft.title = pandoc.to_json(first.content)
        draft.plain_title = pandoc.plain(first)
        draft.identifier = first.identifier
        draft.numbered = "unnumbered" not in first.classes
        if first.identifier.startswith("sec-"):
            draft.labels.append((first.identifier, "sec", ""))
        first.walk(counter.change)
        tree.content.pop(0)
    else:
        chapter.problem("a chapter begins with its one level-1 heading", r"^# ", r"\S")
    tree.walk(counter.change)
    draft.tree = pandoc.dump(tree)
    return draft


class Counter:
    """Gives headings, figures, tables, equations and exercises their numbers in one chapter."""

    def __init__(self, chapter: Chapter, draft: Draft) -> None:
        self.chapter, self.draft = chapter, draft
        self.counts = dict.fromkeys(KINDS, 0)
        self.sections = [0] * 7

    def change(self, element: pf.Element, _: pf.Doc) -> None:
        """Count one element, and note what it refers to."""
        if identifier := getattr(element, "identifier", ""):
            self.draft.anchors.add(identifier)
        match element:
            case pf.Header() if element.level > 1:
                self.heading(element)
            case pf.Header() if element.identifier != self.draft.identifier:
                message = "a chapter has one level-1 heading, and this is the second"
                self.chapter.problem(message, r"^# ", occurrence=1)
            case pf.Figure() | pf.Table() if element.identifier:
                self.caption(element)
            case pf.Div() if "exercise" in element.classes:
                element.attributes["number"] = self.next(element.identifier, "exr")
            case pf.Div() if element.identifier == "refs":
                self.draft.has_bibliography = True
            case pf.Para() | pf.Plain():
                self.equations(element)
            case pf.Cite():
                self.citation(element)
            case pf.Link():
                self.draft.links.append(element.url)

    def next(self, label: str, kind: str) -> str:
        """Return the next number of a kind in this chapter and enter its label."""
        self.counts[kind] += 1
        self.draft.labels.append((label, kind, str(self.counts[kind])))
        return str(self.counts[kind])

    def heading(self, header: pf.Header) -> None:
        """Give a number to a heading below the chapter's."""
        number = ""
        if self.draft.numbered and "unnumbered" not in header.classes:
            self.sections[header.level] += 1
            self.sections[header.level + 1 :] = [0] * (6 - header.level)
            number = ".".join(map(str, self.sections[2 : header.level + 1]))
            header.attributes["number"] = number
        if header.identifier.startswith("sec-"):
            self.draft.labels.append((header.identifier, "sec", number))

    def caption(self, element: pf.Figure | pf.Table) -> None:
        """Give a labeled figure or table its number."""
        kind = "fig" if isinstance(element, pf.Figure) else "tbl"
        label = element.identifier
        if not label.startswith(f"{kind}-"):
            self.chapter.problem(f"the label should begin with {kind}-: {label}", f"#{label}")
        elif not element.caption.content:
            self.chapter.problem(f"{label} has no caption", label)
        else:
            element.attributes["number"] = self.next(label, kind)

    def equations(self, block: pf.Para | pf.Plain) -> None:
        """Wrap labeled display equations in spans that carry their labels and numbers."""
        made: list[pf.Inline] = []
        for item in block.content:
            label = EQUATION.match(item.text) if isinstance(item, pf.Str) else None
            if label is None:
                made.append(item)
                continue
            while made and isinstance(made[-1], pf.Space | pf.SoftBreak):
                made.pop()
            if not made or not isinstance(made[-1], pf.Math) or made[-1].format != "DisplayMath":
                self.chapter.problem(
                    f"an equation's label follows its `$$`: {item.text}", re.escape(item.text)
                )
                continue
            number = {"number": self.next(label[1], "eq")}
            self.draft.anchors.add(label[1])
            math = made.pop()
            made.append(pf.Span(math, identifier=label[1], classes=["equation"], attributes=number))
            if rest := item.text[label.end() :]:
                made.append(pf.Str(rest))
        block.content = made

    def citation(self, cite: pf.Cite) -> None:
        """Tell cross-references from citations, which Pandoc writes alike."""
        crossed = [c.id for c in cite.citations if LABEL.fullmatch(c.id)]
        if not crossed:
            self.draft.citations.append(cite.to_json())
            return
        self.draft.references += crossed
        where = re.escape(f"@{crossed[0]}")
        if len(crossed) != len(cite.citations):
            self.chapter.problem(
                f"@{crossed[0]} stands right before a citation: put a word in", where
            )
        for citation in cite.citations:
            if citation.prefix or citation.suffix or citation.mode == "SuppressAuthor":
                self.chapter.problem(f"a cross-reference takes no words: @{citation.id}", where)


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
    words: dict[str, str]
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
                self.enter(chapter, label, kind, full_number(self.numbers[-1], number), not number)

    def enter(self, chapter: Chapter, label: str, kind: str, number: str, whole: bool) -> None:
        """Enter a label; a second one of the same name is a problem."""
        if first := self.targets.get(label):
            chapter.problem(
                f"duplicate label: {label} is also in {first.page.source}",
                rf"(#|label:\s*){re.escape(label)}(?![\w-])",
                # Of two in one chapter, the second is the one to name.
                occurrence=-1 if first.page == chapter.page else 0,
            )
        _, draft = self.drafts[chapter.page.source]
        whole = whole and label == draft.identifier
        self.targets[label] = Target(chapter.page, kind, number, whole)

    def view(self, chapter: Chapter, draft: Draft, number: int | None) -> View:
        """Return what a chapter shows of the others, having checked that all of it is there."""
        kinds = {kind for _, kind, _ in draft.labels} - {"sec"}
        view = View(number, {kind: self.edition.words[TITLES[kind]] for kind in kinds & {*TITLES}})
        for label in draft.references:
            if found := self.reference(chapter, number, label):
                view.references[label] = found
        for link in draft.links:
            if not re.match(r"[a-zA-Z][a-zA-Z+.-]*:", link):
                view.links[link] = self.link(chapter, link)
        return view

    def reference(self, chapter: Chapter, number: int | None, label: str) -> tuple[str, str] | None:
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
            chapter.problem(message or "", rf"@{re.escape(label)}(?![\w-])")
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

    def link(self, chapter: Chapter, link: str) -> str:
        """Return a link's address inside the book, having checked that it leads somewhere."""
        path, _, fragment = link.partition("#")
        source = chapter.page.source
        if path.startswith("/"):
            source = path[1:]
        elif path:
            source = normpath(PurePosixPath(source).parent / path)
        page, draft = self.drafts.get(source, (None, None))
        if page is None or draft is None:
            chapter.problem(f"dead link: {link}", rf"\]\({re.escape(link)}", re.escape(link))
            return link
        if fragment and fragment not in draft.anchors:
            message = f"dead link: no #{fragment} in {source}"
            chapter.problem(message, rf"\]\({re.escape(link)}", re.escape(link))
        return self.address(page, fragment)


def full_number(chapter: int | None, number: str) -> str:
    """Return a number as it is shown: with the chapter's before it, if that has one."""
    return ".".join(part for part in (str(chapter or ""), number) if part)


def connect(draft: Draft, view: View) -> pf.Doc:
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
                start = pandoc.inlines(f"{view.words[kind]}{NBSP}{full(element)}: ")
                caption = element.caption.content
                caption[0] = pf.Plain(*start, *caption[0].content)
                del element.attributes["number"]
            case pf.Div() if "exercise" in element.classes:
                title = element.content[0].content[0]
                name = list(title.content)
                start = pandoc.inlines(f"{view.words['exr']} {full(element)}")
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

"""From a chapter and its outputs to Pandoc's syntax tree, or to a problem with file and line.

The tree that leaves here still serves every format: what only one of them shows is wrapped in a
division `only-html` or `only-pdf`, and callouts and exercises are divisions whose first block is a
division `title`. Files that come along have addresses `book-file:…`.
"""

import re

import panflute as pf

from tools.source import pandoc
from tools.source.cells import Outputs
from tools.source.chapters import Chapter
from tools.source.config import Edition
from tools.source.kept import digest
from tools.source.shown import Picture, Shown, png_size

CALLOUTS = [f"callout-{kind}" for kind in ("tip", "note", "important", "warning", "caution")]
FILE = "book-file:"
# Parts of Pandoc's Markdown that no chapter uses and that not every format would show alike.
UNKNOWN = {
    pf.Image: ("a picture in the text instead of a cell", r"!\["),
    pf.Note: ("a footnote", r"\[\^|\^\["),
    pf.BlockQuote: ("a block quote", r"^\s*>"),
    pf.LineBlock: ("a line block", r"^\|"),
}


def build(edition: Edition, chapter: Chapter, outputs: Outputs) -> tuple[pf.Doc, dict[str, bytes]]:
    """Return a chapter's tree, and the files that its page brings along."""
    # An author cannot write this name by chance.
    mark = f"cell-{digest(chapter.text)[:12]}"
    shown = Shown(chapter, outputs, f"{FILE}{chapter.page.stem}_files", mark)
    tree, warnings = pandoc.read(shown.text)
    for warning in warnings:
        quoted = re.search(r"'([^']+)'", warning)
        chapter.problem(warning, *([rf"\[\^?{re.escape(quoted[1])}\]:"] if quoted else []))
    tree.walk(Dialect(edition, shown).change)
    files = {name.removeprefix(FILE): p.content for name, p in shown.pictures.items()}
    return tree, files


class Dialect:
    """Turns what the Markdown means into what the formats know."""

    def __init__(self, edition: Edition, shown: Shown) -> None:
        self.root, self.words, self.chapter = edition.root, edition.words, shown.chapter
        self.mark, self.pictures = shown.mark, shown.pictures

    def change(self, element: pf.Element, _: pf.Doc) -> pf.Element | list[pf.Element] | None:
        """Handle one element; its children have been handled."""
        match element:
            case pf.Div():
                self.division(element)
            case pf.Image() if picture := self.pictures.get(element.url):
                element.content = pandoc.inlines(picture.alt)
                element.attributes = drawn_size(picture.content)
            case pf.Figure() | pf.Para() if picture := self.shows(element):
                if picture.html:
                    page = pf.Div(pf.RawBlock(picture.html, "html"), classes=["only-html"])
                    if isinstance(element, pf.Para):
                        return [page, pf.Div(element, classes=["only-pdf"])]
                    element.content = [page, pf.Div(*element.content, classes=["only-pdf"])]
            case pf.Table():
                # Pandoc gives a long table widths by its dashes; where those are all alike, nobody
                # chose them, and columns fit their words instead.
                if len({width for _, width in element.colspec}) == 1:
                    element.colspec = [(side, "ColWidthDefault") for side, _ in element.colspec]
            case pf.Code() if re.match(r"\{\w+\}", element.text):
                code = re.escape(element.text)
                self.chapter.problem(f"code inside a line is not executed: `{element.text}`", code)
            case pf.RawBlock() | pf.RawInline():
                if element.format == "html" and element.text.startswith("<!--"):
                    return []
                first = element.text.strip().partition("\n")[0]
                marked = rf"\{{={re.escape(element.format)}\}}"
                message = f"raw {element.format} in the text: {first}"
                self.chapter.problem(message, marked, re.escape(first))
            case _ if type(element) in UNKNOWN:
                name, pattern = UNKNOWN[type(element)]
                if isinstance(element, pf.Image):
                    pattern = rf"\]\({re.escape(element.url)}"
                self.chapter.problem(f"no page can show {name}", pattern)
        return None

    def shows(self, element: pf.Figure | pf.Para) -> Picture | None:
        """Return the picture that a block shows, if that is all it shows."""
        inside = element.content[0] if len(element.content) == 1 else None
        inside = inside.content[0] if isinstance(inside, pf.Plain) else inside
        return self.pictures.get(inside.url) if isinstance(inside, pf.Image) else None

    def division(self, div: pf.Div) -> None:
        """Handle a fenced division by its class or label."""
        names = set(div.classes)
        kind = div.classes[0] if div.classes else ""
        if kind.startswith(self.mark):
            div.classes = [kind.replace(self.mark, "cell")]
            for block in div.content:
                if isinstance(block, pf.CodeBlock) and kind.endswith("-output"):
                    block.classes = ["output"]
        elif names == {kind} and kind in CALLOUTS:
            if unknown := div.attributes.keys() - {"collapse"}:
                self.chapter.problem(f"unknown callout option: {min(unknown)}", min(unknown))
            div.classes = ["callout", kind]
            div.content = titled(div, self.words[f"{kind}-title"])
        elif div.identifier.startswith("exr-") and not names:
            div.classes = ["exercise"]
            div.content = titled(div, "")
        elif names == {"app"} and div.attributes.keys() <= {"name", "state", "height"}:
            name = div.attributes.get("name", "")
            if not (self.root / "apps" / name / "app.py").is_file():
                self.chapter.problem(f"no such application: {name}", rf'name="{re.escape(name)}"')
        elif not (
            (not names and div.identifier == "refs")
            or (not names and not div.identifier and div.attributes.keys() == {"lang"})
        ):
            what = [f".{name}" for name in div.classes]
            what += [f"#{div.identifier}"] if div.identifier else []
            wanted = re.escape(what[0][1:]) if what else r"\{"
            message = f"unknown kind of division: {' '.join(what)}"
            self.chapter.problem(message, rf"^\s*:::.*{wanted}", r"^\s*:::")


def titled(div: pf.Div, word: str) -> list[pf.Block]:
    """Return a division's blocks, its leading heading or else `word` as a division `title`."""
    title, rest = pandoc.inlines(word), list(div.content)
    if rest and isinstance(rest[0], pf.Header):
        title = rest.pop(0).content
    return [pf.Div(pf.Plain(*title), classes=["title"]), *rest]


def drawn_size(content: bytes) -> dict[str, str]:
    """Return the width and height that a figure was drawn with, in points."""
    if content.startswith(b"\x89PNG"):
        width, height = (f"{side * 3 / 4:g}" for side in png_size(content))
        return {"width": width, "height": height}
    head = content[:2000].decode("utf-8", errors="replace")
    found = {s: re.search(rf'<svg[^>]*?\s{s}="([\d.]+)pt"', head) for s in ("width", "height")}
    return {side: size[1] for side, size in found.items() if size}


def complain(chapter: Chapter, warning: str) -> None:
    """Note what Pandoc said while it wrote a chapter; a formula is found by its first line."""
    formula = re.search(r"TeX math\s*(.*?)\s*, rendering as TeX", warning, flags=re.DOTALL)
    if formula:
        first = formula[1].splitlines()[0]
        chapter.problem(f"not a formula that pages can show: {first}", re.escape(first))
    else:
        chapter.problem(f"Pandoc: {' '.join(warning.split())}")

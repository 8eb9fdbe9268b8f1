"""From a chapter and its outputs to Pandoc's syntax tree, or to a problem with file and line.

The tree that leaves here still serves every format: what only one of them shows is wrapped in a
division `only-html` or `only-pdf`, and callouts and exercises are divisions whose first block is a
division `title`. Files that come along have addresses `book-file:…`.
"""

import re
from pathlib import Path

import panflute as pf

from tools.problems import BookError
from tools.source import pandoc
from tools.source.cells import Outputs
from tools.source.chapters import Chapter
from tools.source.config import Edition
from tools.source.kept import digest
from tools.source.places import line_of
from tools.source.shown import Picture, Shown, png_size

CALLOUTS = [f"callout-{kind}" for kind in ("tip", "note", "important", "warning", "caution")]
FILE = "book-file:"
EXERCISES = (f"--lua-filter={Path(__file__).resolve().parents[1] / 'exercises.lua'}",)
# Parts of Pandoc's Markdown that no chapter uses and that not every format would show alike.
UNKNOWN = {
    pf.Note: ("a footnote", r"\[\^|\^\["),
    pf.BlockQuote: ("a block quote", r"^\s*>"),
    pf.LineBlock: ("a line block", r"^\|"),
    pf.HorizontalRule: ("a horizontal rule", r"^\s*([-*_]\s*){3,}$"),
}
# What nobody writes as text: markup that Pandoc could not read as such.
LEFT_OVER = re.compile(r":{3,}|\$\$|`{3,}|\{(?!#eq-[\w-]+\})[#.]|\]\(|\[\^|<!")
HEADING_CLASSES = {"unnumbered"}
# Labels of these kinds are the book's, and each names one kind of thing.
KINDS = {"sec": pf.Header, "fig": pf.Figure, "tbl": pf.Table, "exr": pf.Div, "eq": (), "ref": ()}
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})*")
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
SCHEMES = {"http", "https", "mailto"}


def build(edition: Edition, chapter: Chapter, outputs: Outputs) -> tuple[pf.Doc, dict[str, bytes]]:
    """Return a chapter's tree, and the files that its page brings along."""
    # An author cannot write this name by chance.
    mark = f"cell-{digest(chapter.text)[:12]}"
    shown = Shown(chapter, outputs, f"{FILE}{chapter.page.stem}_files", mark)
    given = f"--metadata=lang:{edition.lang}", f"--metadata=made:{mark}"
    try:
        tree, warnings = pandoc.read(shown.text, *EXERCISES, *given, root=edition.root)
        lost = captionless(shown, tree)
        if not lost:  # nothing that follows such a caption can be relied on
            tree.walk(Dialect(edition, shown).change)
    except (BookError, RecursionError) as error:
        said(shown, str(error) if isinstance(error, BookError) else "this is nested too deeply")
        lost = True
    if lost:
        chapter.problems.stop()
    for warning in warnings:
        if "Duplicate identifier" not in warning:  # `counting` says where
            said(shown, warning)
    for formula in pandoc.wrong_formulas(tree):
        first = formula.text.strip().partition("\n")[0]
        message = f"not a formula that pages can show: {first}"
        chapter.problem(message, line=line_of(chapter, formula, re.escape(first)))
    if tree.metadata.content:
        chapter.problem("`key: value` lines stand at the top of a file alone", r"^---\s*$")
    files = {name.removeprefix(FILE): p.content for name, p in shown.pictures.items()}
    return tree, files


def captionless(shown: Shown, tree: pf.Doc) -> bool:
    """Note each caption that is none to Pandoc, so that its figure is none either."""
    there: set[str] = set()

    def see(element: pf.Element, _: pf.Doc) -> None:
        if isinstance(element, pf.Figure | pf.Image):
            there.add(getattr(element, "url", element.identifier))

    tree.walk(see)
    lost = False
    for address, picture in shown.pictures.items():
        cell = picture.cell
        if not {address, *re.findall("^fig-.*", cell.label)} <= there:
            lost = True
            places = [n for n in shown.chapter.lines("fig-cap:") if cell.line < n <= cell.last_line]
            message = f"this caption cannot be read: {cell.options['fig-cap']}"
            shown.chapter.problem(message, line=[*places, cell.line][0])
    return lost


def said(shown: Shown, message: str) -> None:
    """Note what Pandoc said of a chapter, whose lines it counts with the outputs of the cells."""
    at = re.search(r"line (\d+)", message)
    row = min(int(at[1]), len(shown.lines)) - 1 if at else 0
    message = " ".join(re.sub(r"(at )?\(?line \d+,? column \d+\)?", "", message).split())
    shown.chapter.problems.add(shown.chapter.page.source, shown.lines[row], message)


class Dialect:
    """Turns what the Markdown means into what the formats know."""

    def __init__(self, edition: Edition, shown: Shown) -> None:
        self.root, self.words, self.chapter = edition.root, edition.words, shown.chapter
        self.mark, self.pictures = shown.mark, shown.pictures

    def problem(self, element: pf.Element, message: str, *wanted: str) -> None:
        """Note a problem with an element."""
        self.chapter.problem(message, line=line_of(self.chapter, element, *wanted))

    def change(self, element: pf.Element, _: pf.Doc) -> pf.Element | list[pf.Element] | None:
        """Handle one element; its children have been handled."""
        self.check(element)
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
            case pf.RawBlock() | pf.RawInline() if element.text.startswith("<!--"):
                return []
        return None

    def check(self, element: pf.Element) -> None:
        """Note what no chapter may say, since not every format shows it."""
        kind, dash, _ = getattr(element, "identifier", "").partition("-")
        if dash and not isinstance(element, KINDS.get(kind, pf.Element)):
            label = element.identifier
            self.problem(element, f"a label {kind}-… is of something else: {label}", f"#{label}")
        if not isinstance(element, pf.Div | pf.Image | pf.Figure):
            for name, value in getattr(element, "attributes", {}).items():
                if name != "lang":
                    self.problem(element, f"unknown attribute: {name}", re.escape(name))
                elif not LANGUAGE.fullmatch(value):
                    self.problem(
                        element, f"not a language: {value}", rf"lang=\W?{re.escape(value)}"
                    )
        match element:
            case pf.Str() if LEFT_OVER.search(element.text):
                text = element.text
                self.problem(
                    element, f"markup that begins or ends nothing: {text}", re.escape(text)
                )
            case pf.Code() if re.match(r"\{\w+\}", element.text):
                code = re.escape(element.text)
                self.problem(element, f"code inside a line is not executed: `{element.text}`", code)
            case pf.Link() if not element.url.strip("#"):
                self.problem(element, "a link to nowhere", r"\]\(#?\)")
            case pf.Link() if (scheme := SCHEME.match(element.url)) and scheme[1] not in SCHEMES:
                link = re.escape(element.url)
                self.problem(element, f"a link that no page may have: {element.url}", link)
            case pf.Header() if not element.content:
                self.problem(element, "a heading without words", r"^#+\s*(\{.*)?$")
            case pf.Header() if element.level > 6:
                self.problem(element, "a heading of more than six levels", r"^#{7}")
            case pf.Header() if unknown := set(element.classes) - HEADING_CLASSES:
                self.problem(element, f"unknown kind of heading: .{min(unknown)}")
            case pf.RawBlock() if self.added(element.parent):
                pass
            case pf.RawBlock() | pf.RawInline() if not element.text.startswith("<!--"):
                first = element.text.strip().partition("\n")[0]
                marked = rf"\{{={re.escape(element.format)}\}}"
                message = f"raw {element.format} in the text: {first}"
                self.problem(element, message, marked, re.escape(first))
            case pf.Image() if element.url not in self.pictures:
                message = "no page can show a picture in the text instead of a cell"
                self.problem(element, message, rf"\]\({re.escape(element.url)}", r"!\[")
            case _ if type(element) in UNKNOWN:
                name, pattern = UNKNOWN[type(element)]
                self.problem(element, f"no page can show {name}", pattern)

    def added(self, element: pf.Element | None) -> bool:
        """Tell whether it is exercises.lua that has put in an element."""
        return pandoc.has(element, f"{self.mark}-html", f"{self.mark}-typst")

    def shows(self, element: pf.Figure | pf.Para) -> Picture | None:
        """Return the picture that a block shows, if that is all it shows."""
        inside = element.content[0] if len(element.content) == 1 else None
        inside = inside.content[0] if isinstance(inside, pf.Plain) else inside
        return self.pictures.get(inside.url) if isinstance(inside, pf.Image) else None

    def division(self, div: pf.Div) -> None:
        """Handle a fenced division by its class or label."""
        names = set(div.classes)
        kind = div.classes[0] if div.classes else ""
        if kind in (f"{self.mark}-html", f"{self.mark}-typst"):
            div.classes = ["only-html" if kind.endswith("html") else "only-pdf"]
        elif kind.startswith(self.mark):
            div.classes = [kind.replace(self.mark, "cell")]
            for block in div.content:
                if isinstance(block, pf.CodeBlock) and kind.endswith("-output"):
                    block.classes = ["output"]
        elif names == {kind} and kind in CALLOUTS:
            if unknown := div.attributes.keys() - {"collapse", "solution"}:
                self.problem(div, f"unknown callout option: {min(unknown)}", min(unknown))
            elif div.attributes.get("collapse", "true") not in ("true", "false"):
                self.problem(div, 'collapse is "true" or "false"', "collapse=")
            div.classes = ["callout", kind]
            div.content = titled(div, self.words[f"{kind}-title"])
        elif re.match(r"exr-\w", div.identifier) and not names and not div.attributes:
            div.classes = ["exercise"]
            div.content = titled(div, "")
        elif names == {"app"} and div.attributes.keys() <= {"name", "state", "height"}:
            name = div.attributes.get("name", "")
            if (
                not re.fullmatch(r"[\w-]+", name)
                or not (self.root / "apps" / name / "app.py").is_file()
            ):
                where = rf"\.app.*name=\W?{re.escape(name)}" if name else r"\.app"
                self.problem(div, f"no such application: {name}", where)
            if not div.attributes.get("height", "1").isdecimal():
                self.problem(div, "the height of an application is a number", "height=")
        elif not names and not div.identifier and div.attributes.keys() == {"lang"}:
            if not LANGUAGE.fullmatch(div.attributes["lang"]):
                message = f"not a language: {div.attributes['lang']}"
                self.problem(div, message, rf"lang=\W?{re.escape(div.attributes['lang'])}")
        elif names or div.identifier != "refs" or div.attributes:
            what = [f".{name}" for name in div.classes]
            what += [f"#{div.identifier}"] if div.identifier else []
            what += [f"{name}=" for name in div.attributes]
            wanted = re.escape(what[0].lstrip(".#")) if what else r"\{"
            message = f"unknown kind of division: {' '.join(what)}"
            self.problem(div, message, rf"^\s*:::.*{wanted}", r"^\s*:::")


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

"""The book's configuration: `_quarto.yml` and one profile per language, merged as Quarto does."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tools import words
from tools.problems import BookError, Problems
from tools.source.settings import Source, blame, check

MAIN = "_quarto.yml"
VARIABLES = "_environment"
LARGEST = {"SOURCE_DATE_EPOCH": 253_402_300_799, "PYTHONHASHSEED": 4_294_967_295}  # year 9999
NUMBER = re.compile(r"[0-9]{1,12}$")
# No editor shows these, and no page may hold them.
CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)


@dataclass(frozen=True)
class Page:
    """One source file of the book and the page it becomes, both as paths with `/`."""

    source: str
    output: str
    part: str | None

    @property
    def stem(self) -> str:
        """The page's path without its ending, which files beside it begin with."""
        return self.output.removesuffix(".html")

    @property
    def root(self) -> str:
        """The way up from the page to the edition's folder: empty, or `../../`."""
        return "../" * self.output.count("/")

    def path_to(self, target: str) -> str:
        """Return the relative address from this page to another file of the edition."""
        here, there = PurePosixPath(self.output).parent, PurePosixPath(target)
        return str(there.relative_to(here)) if there.is_relative_to(here) else self.root + target


@dataclass(frozen=True)
class Edition:
    """What the configuration says about the book in one language."""

    name: str
    root: Path
    lang: str
    title: str
    subtitle: str
    description: str
    authors: list[str]
    folder: str
    pdf: str
    pages: list[Page]
    bibliography: list[str]
    csl: str | None
    toc_depth: int
    words: dict[str, str]

    def word_for(self, kind: str) -> str:
        """Return the word before a number in a reference: `Figura`."""
        before = self.words.get(f"crossref-{kind}-prefix")
        return before or self.words[f"crossref-{kind}-title"]


def merge(base: Any, other: Any) -> Any:
    """Merge as Quarto merges profiles: mappings deeply, arrays one after the other."""
    if isinstance(base, dict) and isinstance(other, dict):
        merged = dict(base)
        for key, value in other.items():
            merged[key] = merge(base[key], value) if key in base else value
        return merged
    if isinstance(base, list) and isinstance(other, list):
        return base + other
    return other


def text_of(root: Path, name: str) -> str:
    """Return the text of one of the book's files."""
    try:
        text = (root / name).read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise BookError(f"{name}:1: the file is missing") from error
    except OSError as error:
        raise BookError(f"{name}:1: the file cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BookError(f"{name}:{line}: this is not UTF-8") from error
    if found := CONTROL.search(text):
        line, code = text.count("\n", 0, found.start()) + 1, ord(found[0])
        raise BookError(f"{name}:{line}: a character that nobody sees: U+{code:04X}")
    return text


def editions(root: Path) -> list[Edition]:
    """Read the configuration of every edition, the default one first."""
    problems = Problems()
    main = Source(text_of(root, MAIN), MAIN, problems)
    problems.stop()
    checked = check("main", main.value, main)
    problems.stop()
    found: list[Edition] = []
    for position, name in enumerate(checked["profile"]["group"]):
        file = f"_quarto-{name}.yml"
        if not (root / file).exists():
            message = f"the edition {name} has no file {file}"
            blame(message, "profile", "group", position, sources=(main,))
            problems.stop()
        own = Source(text_of(root, file), file, problems)
        problems.stop()
        found.append(edition(root, name, own, main))
        taken = {"apps": "the applications", "site": "what all pages load"} | {
            e.folder.lower(): e.name for e in found[:-1]
        }
        if owner := taken.get(found[-1].folder.lower()):
            message = f"this is the folder of another: {owner}"
            blame(message, "project", "output-dir", sources=(own, main))
            problems.stop()
    return found


def shared(root: Path) -> dict[str, Any]:
    """Return what `_quarto.yml` says, as it stands there."""
    problems = Problems()
    main = Source(text_of(root, MAIN), MAIN, problems)
    problems.stop()
    return main.value if isinstance(main.value, dict) else {}


def edition(root: Path, name: str, own: Source, main: Source) -> Edition:
    """Read the configuration of one edition and check that its files exist."""
    problems = main.problems
    settings = check("configuration", merge(main.value, own.value), own, main)
    problems.stop()
    lang, book = settings["lang"], settings["book"]

    def wrong(message: str, *path: str | int) -> None:
        blame(message, *path, sources=(own, main))

    if lang not in words.languages():
        known = ", ".join(sorted(words.languages()))
        wrong(f"no words for the language {lang}, only for {known}", "lang")
    pages: list[Page] = []
    for number, entry in enumerate(book["chapters"]):
        inside = entry["chapters"] if isinstance(entry, dict) else [entry]
        part = entry["part"] if isinstance(entry, dict) else None
        for inner, source in enumerate(inside):
            path = "book", "chapters", number, "chapters", inner
            if not (root / source).is_file():
                wrong(f"chapter not found: {source}", *path)
                continue
            page = Page(source, output_of(root, source, problems), part)
            if not pages and page.output != "index.html":
                wrong(f"the first chapter becomes index.html, and this is {page.output}", *path)
            if same := [other for other in pages if other.output == page.output]:
                twice = same[0].source == source
                what = "is here a second time" if twice else f"becomes {page.output}, too"
                wrong(f"{same[0].source} {what}", *path)
            pages.append(page)
    bibliography = listed(settings["bibliography"])
    files = [("bibliography", file) for file in bibliography]
    for key, file in [*files, *([("csl", settings["csl"])] if "csl" in settings else [])]:
        if not (root / file).is_file():
            wrong(f"{key} not found: {file}", key)
    problems.stop()
    html = settings["format"].get("html")
    return Edition(
        name=name,
        root=root,
        lang=lang,
        title=book["title"],
        subtitle=book["subtitle"],
        description=book["description"],
        authors=[a if isinstance(a, str) else a["name"] for a in listed(book["author"])],
        folder=PurePosixPath(settings["project"].get("output-dir", name)).name,
        pdf=f"{book.get('output-file', f'book-{name}')}.pdf",
        pages=pages,
        bibliography=bibliography,
        csl=settings.get("csl"),
        toc_depth=html.get("toc-depth", 3) if isinstance(html, dict) else 3,
        words=words.load("book", lang) | settings["language"],
    )


def listed(value: Any) -> list[Any]:
    """Return a list, or what stands alone in place of one, as a list."""
    return value if isinstance(value, list) else [value]


def output_of(root: Path, source: str, problems: Problems) -> str:
    """Return where a source's page goes: beside its path, or as its `output-file` says."""
    path = PurePosixPath(source)
    head, _ = front_matter(text_of(root, source), source, problems)
    name = head.get("output-file", path.stem).removesuffix(".html")
    return str(path.with_name(f"{name}.html"))


def front_matter(text: str, file: str, problems: Problems) -> tuple[dict[str, Any], int]:
    """Return the YAML that a source may begin with, and how many lines it takes."""
    lines = [line.rstrip() for line in text.split("\n")]
    if lines[0] != "---":
        return {}, 0
    if "---" not in lines[1:]:
        problems.add(file, 1, "these `key: value` lines are never closed by `---`")
        return {}, 0
    end = lines.index("---", 1)
    source = Source("\n".join(lines[1:end]), file, problems, first=2)
    return check("front matter", source.value, source) or {}, end + 1


def fixed(root: Path) -> dict[str, str]:
    """Return the variables of `_environment`, which Quarto reads too: clock and hashing."""
    values = {"SOURCE_DATE_EPOCH": "1767225600", "PYTHONHASHSEED": "0"}
    text = text_of(root, VARIABLES) if (root / VARIABLES).exists() else ""
    for number, line in enumerate(text.split("\n"), 1):
        name, equals, value = (part.strip() for part in line.partition("="))
        if not line.strip() or name.startswith("#"):
            continue
        if not name or not equals:
            raise BookError(f"{VARIABLES}:{number}: expected `NAME=value`, found {line.strip()}")
        if (most := LARGEST.get(name)) and not (NUMBER.match(value) and int(value) <= most):
            message = f"{name}: expected a number from 0 to {most}, found {value}"
            raise BookError(f"{VARIABLES}:{number}: {message}")
        values[name] = value
    return values

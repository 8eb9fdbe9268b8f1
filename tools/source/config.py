"""The book's configuration: `_quarto.yml` and one profile per language, merged as Quarto does."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tools import words
from tools.problems import BookError, Problems
from tools.source.settings import Source, check

MAIN = "_quarto.yml"


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
        return (root / name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise BookError(f"{name}:1: the file is missing") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BookError(f"{name}:{line}: this is not UTF-8") from error


def editions(root: Path) -> list[Edition]:
    """Read the configuration of every edition, the default one first."""
    problems = Problems()
    main = Source(text_of(root, MAIN), MAIN, problems)
    loaded = main.load()
    problems.stop()
    checked = check("main", loaded, main)
    problems.stop()
    return [edition(root, name, main, loaded) for name in checked["profile"]["group"]]


def shared(root: Path) -> dict[str, Any]:
    """Return what `_quarto.yml` says, as it stands there."""
    problems = Problems()
    loaded = Source(text_of(root, MAIN), MAIN, problems).load()
    problems.stop()
    return loaded if isinstance(loaded, dict) else {}


def edition(root: Path, name: str, main: Source, shared: Any) -> Edition:
    """Read the configuration of one edition and check that its files exist."""
    problems = main.problems
    own = Source(text_of(root, f"_quarto-{name}.yml"), f"_quarto-{name}.yml", problems)
    merged = merge(shared, own.load())
    problems.stop()
    settings = check("configuration", merged, own, main)
    problems.stop()
    lang, book = settings["lang"], settings["book"]
    if lang not in words.languages():
        known = ", ".join(sorted(words.languages()))
        own.problem(f"no words for the language {lang}, only for {known}", "lang")
    pages: list[Page] = []
    for number, entry in enumerate(book["chapters"]):
        inside = entry["chapters"] if isinstance(entry, dict) else [entry]
        for inner, source in enumerate(inside):
            if (root / source).is_file():
                part = entry["part"] if isinstance(entry, dict) else None
                pages.append(Page(source, output_of(root, source, problems), part))
            else:
                path = ("book", "chapters", number, "chapters", inner)
                own.problem(f"chapter not found: {source}", *path)
    bibliography = listed(settings["bibliography"])
    for file in bibliography:
        if not (root / file).is_file():
            source = own if own.line("bibliography") else main
            source.problem(f"bibliography not found: {file}", "bibliography")
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
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---" or "---" not in lines[1:]:
        return {}, 0
    end = lines.index("---", 1)
    source = Source("\n".join(lines[1:end]), file, problems, first=2)
    return check("front matter", source.load(), source) or {}, end + 1


def fixed(root: Path) -> dict[str, str]:
    """Return the variables of `_environment`, which Quarto reads too: clock and hashing."""
    path = root / "_environment"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    pairs = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    values = {"SOURCE_DATE_EPOCH": "1767225600", "PYTHONHASHSEED": "0"}
    return values | {key.strip(): value.strip() for key, value in pairs}

"""The book's configuration: `_quarto.yml` and one profile per language, merged as Quarto does."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from tools.problems import BookError, Problems, line_of


@dataclass(frozen=True)
class Page:
    """One source file of the book and the page it becomes, both as paths with `/`."""

    source: str
    output: str
    part: str | None

    @property
    def stem(self) -> str:
        """The page's name: `convolution`."""
        return PurePosixPath(self.output).stem

    def beside(self, suffix: str) -> str:
        """Return the path of a file that lies next to the page."""
        return str(PurePosixPath(self.output).with_suffix(suffix))

    @property
    def figures(self) -> str:
        """The folder of the page's figures."""
        return f"{PurePosixPath(self.output).with_suffix('')}_files"

    def path_to(self, target: str) -> str:
        """Return the relative address from this page to another file of the edition."""
        up = len(PurePosixPath(self.output).parts) - 1
        here, there = PurePosixPath(self.output).parts[:-1], PurePosixPath(target).parts
        common = 0
        while common < min(up, len(there) - 1) and here[common] == there[common]:
            common += 1
        return "/".join([".."] * (up - common) + list(there[common:]))


@dataclass(frozen=True)
class Edition:
    """Everything the configuration says about the book in one language."""

    name: str
    root: Path
    lang: str
    title: str
    subtitle: str
    authors: tuple[str, ...]
    description: str
    output_dir: str
    output_file: str
    site_url: str
    pages: tuple[Page, ...]
    bibliography: tuple[str, ...]
    csl: str | None
    toc_depth: int

    @property
    def pdf(self) -> str:
        """The PDF's name inside the edition's folder."""
        return f"{self.output_file}.pdf"


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


def load(path: Path) -> dict[str, Any]:
    """Read one YAML file; a syntax error names its line."""
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BookError(f"{path.name}:1: the file is missing") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise BookError(f"{path.name}:{line}: {getattr(error, 'problem', error)}") from error
    return loaded or {}


def profiles(root: Path) -> list[str]:
    """Return the names of the editions, the default one first."""
    group = load(root / "_quarto.yml").get("profile", {}).get("group", [])
    names = group[0] if group and isinstance(group[0], list) else group
    if not names:
        raise BookError("_quarto.yml:1: no editions: `profile: group:` is missing")
    return [str(name) for name in names]


def words(value: Any) -> tuple[str, ...]:
    """Return a string, a list of strings, or a list of `name:` mappings as strings."""
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    return tuple(str(item["name"] if isinstance(item, dict) else item) for item in items)


def edition(root: Path, name: str) -> Edition:
    """Read the configuration of one edition and check that its chapters exist."""
    profile = f"_quarto-{name}.yml"
    settings = merge(load(root / "_quarto.yml"), load(root / profile))
    book = settings.get("book", {})
    source = (root / profile).read_text(encoding="utf-8")
    problems = Problems()
    pages: list[Page] = []

    def add(entry: Any, part: str | None) -> None:
        if isinstance(entry, dict) and set(entry) == {"part", "chapters"} and part is None:
            for inner in entry["chapters"] or []:
                add(inner, entry["part"])
            return
        if not isinstance(entry, str):
            line = line_of(source, str(next(iter(entry))))
            problems.add(profile, line, f"the built-in renderer does not know this entry: {entry}")
            return
        if not (root / entry).is_file():
            problems.add(profile, line_of(source, entry), f"chapter not found: {entry}")
            return
        pages.append(Page(entry, output_of(root, entry), part))

    for entry in book.get("chapters", []):
        add(entry, None)
    for key in ("title", "chapters"):
        if not book.get(key):
            problems.add(profile, line_of(source, "book:"), f"`book: {key}:` is missing")
    bibliography = words(settings.get("bibliography"))
    for listed in bibliography:
        if not (root / listed).is_file():
            main = (root / "_quarto.yml").read_text(encoding="utf-8")
            problems.add("_quarto.yml", line_of(main, listed), f"bibliography not found: {listed}")
    problems.stop()
    html = (settings.get("format") or {}).get("html")
    return Edition(
        name=name,
        root=root,
        lang=str(settings.get("lang", name)),
        title=str(book["title"]),
        subtitle=str(book.get("subtitle", "")),
        authors=words(book.get("author")),
        description=str(book.get("description", "")),
        output_dir=str(settings.get("project", {}).get("output-dir", f"_book/{name}")),
        output_file=str(book.get("output-file", f"book-{name}")),
        site_url=str(book.get("site-url", "")),
        pages=tuple(pages),
        bibliography=bibliography,
        csl=settings.get("csl"),
        toc_depth=int((html or {}).get("toc-depth", 3)) if isinstance(html, dict) else 3,
    )


def output_of(root: Path, source: str) -> str:
    """Return where a source's page goes: beside its path, or as its `output-file` says."""
    path = PurePosixPath(source)
    head = front_matter((root / source).read_text(encoding="utf-8"))
    name = str(head.get("output-file", path.stem)).removesuffix(".html")
    return str(path.with_name(f"{name}.html"))


def front_matter(text: str) -> dict[str, Any]:
    """Return the YAML block that a source may begin with."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---" or "---" not in lines[1:]:
        return {}
    return yaml.safe_load("\n".join(lines[1 : lines.index("---", 1)])) or {}


def fixed(root: Path) -> dict[str, str]:
    """Return the variables of `_environment`, which Quarto reads too: clock and hashing."""
    path = root / "_environment"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    pairs = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    values = {"SOURCE_DATE_EPOCH": "1767225600", "PYTHONHASHSEED": "0"}
    return values | {key.strip(): value.strip() for key, value in pairs}


def clock(root: Path) -> int:
    """Return the moment that outputs carry instead of the present one."""
    return int(fixed(root)["SOURCE_DATE_EPOCH"])

"""Reading the book's YAML: what it says, with defaults, or on which line it says something else."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from reprlib import repr as shortened
from typing import Any

import fastjsonschema
import yaml

from tools.problems import Problems

SCHEMAS = Path(__file__).with_name("schema.yml")


class Loader(yaml.CSafeLoader):
    """YAML 1.2, as Quarto reads it: `yes`, `no` and dates are words."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  PyYAML's name for 1.1's own


for tag, pattern, beginnings in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9]\d{0,17})", list("-+0123456789")),
    ("float", r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?", list("-+.0123456789")),
    ("merge", "<<", ["<"]),
):
    Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{tag}", re.compile(f"({pattern})$"), beginnings
    )


@cache
def _validator(kind: str) -> Any:
    schemas = yaml.load(SCHEMAS.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return fastjsonschema.compile(schemas[kind])


class Source:
    """A piece of YAML in a file of the book, which begins on some line of it."""

    def __init__(self, text: str, file: str, problems: Problems, first: int = 1) -> None:
        self.file, self.problems, self.first = file, problems, first
        self.last = len(text.splitlines()) - 1
        self.node: yaml.Node | None = None
        self.value: Any = {}
        try:
            self.node = yaml.compose(text, Loader)
            found = list(faults(self.node, (), set()))
            for node, message in found:
                self.note(node.start_mark.line, message)
            value = None if found else yaml.load(text, Loader)
            self.value = {} if value is None else value
        except yaml.MarkedYAMLError as error:
            said = " ".join(filter(None, ["YAML:", error.context, error.problem]))
            # What is never closed is looked for up to the end.
            begun = re.search("flow|quoted", said) and error.context_mark
            mark = begun or error.problem_mark or error.context_mark
            self.note(mark.line if mark else 0, said)
        except (yaml.YAMLError, ValueError) as error:
            self.note(0, f"YAML: {' '.join(str(error).split())}")
        except RecursionError:
            self.note(0, "YAML: this is nested too deeply")

    def note(self, row: int, message: str) -> None:
        """Note a problem in a row of this piece, counted from 0."""
        # YAML notices behind the last line that something is missing.
        self.problems.add(self.file, self.first + max(min(row, self.last), 0), message)

    def follow(self, *path: str | int) -> list[int]:
        """Return the rows of the keys of `path`, as far as they are there."""
        node, rows = self.node, []
        for step in path:
            inner = None
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    if key.value == str(step):
                        rows.append(key.start_mark.line)
                        inner = value
            elif isinstance(node, yaml.SequenceNode) and int(step) < len(node.value):
                inner = node.value[int(step)]
                rows.append(inner.start_mark.line)
            node = inner
        return rows


def faults(
    node: yaml.Node | None, above: tuple[yaml.Node, ...], done: set[int]
) -> Iterator[tuple[yaml.Node, str]]:
    """Yield what YAML lets pass and nobody means, below a node and in it."""
    if node in above:
        yield above[-1], "YAML: this is a part of itself"
    if id(node) in done or not isinstance(node, yaml.CollectionNode):
        return
    done.add(id(node))
    inside = list(node.value)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                yield key, "YAML: a key is a word"
            elif key.value in seen:
                yield key, f"`{key.value}` is here a second time"
            else:
                seen.add(key.value)
        inside = [value for _, value in node.value]
    for inner in inside:
        yield from faults(inner, (*above, node), done)


def blame(message: str, *path: str | int, sources: tuple[Source, ...]) -> None:
    """Note a problem in that of the sources which goes farthest along `path`, at its end."""
    source = max(sources, key=lambda source: len(source.follow(*path)))
    source.note([0, *source.follow(*path)][-1], message)


def check(kind: str, loaded: Any, *sources: Source) -> Any:
    """Return `loaded` with its defaults; what the schema `kind` does not allow is a problem.

    It is noted in that of `sources` which says most on the way to it. Returns None then.
    """
    try:
        return _validator(kind)(loaded)
    except fastjsonschema.JsonSchemaValueException as error:
        path = [step for step in error.path[1:] if step]
        name = ".".join(step for step in path if not step.isdigit())
        allowed = error.definition.get("properties", {})
        if error.rule == "additionalProperties" and allowed:
            name = min(error.value.keys() - allowed.keys(), key=str)
            path.append(name)
            message = f"unknown key: {name} (known: {', '.join(allowed)})"
        elif error.rule == "required":
            missing = next(key for key in error.rule_definition if key not in error.value)
            message = f"`{missing}` is missing"
        else:
            name = f"{name}: " if name else ""
            found = "nothing" if error.value is None else shortened(error.value)
            message = f"{name}expected {error.definition['description']}, found {found}"
        blame(message, *path, sources=sources)
        return None

"""Reading the book's YAML: what it says, with defaults, or on which line it says something else."""

from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import yaml

from tools.problems import Problems

SCHEMAS = Path(__file__).with_name("schema.yml")


@cache
def _validator(kind: str) -> Any:
    schemas = yaml.load(SCHEMAS.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return fastjsonschema.compile(schemas[kind])


class Source:
    """A piece of YAML in a file of the book, which begins on some line of it."""

    def __init__(self, text: str, file: str, problems: Problems, first: int = 1) -> None:
        self.text, self.file, self.problems, self.first = text, file, problems, first

    def load(self) -> Any:
        """Return what the YAML says; a mistake in its grammar is a problem."""
        try:
            return yaml.load(self.text, yaml.CSafeLoader) or {}
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            said = getattr(error, "problem", None) or " ".join(str(error).split())
            line = self.first + (mark.line if mark else 0)
            self.problems.add(self.file, line, f"YAML: {said}")
            return {}

    def line(self, *path: str | int) -> int | None:
        """Return the line of the deepest key of `path` that is there; None if none is."""
        node = yaml.compose(self.text, yaml.CSafeLoader)
        line = None
        for step in path:
            inner = None
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    if key.value == str(step):
                        line, inner = key.start_mark.line, value
            elif isinstance(node, yaml.SequenceNode) and int(step) < len(node.value):
                inner = node.value[int(step)]
                line = inner.start_mark.line
            if inner is None:
                break
            node = inner
        return None if line is None else self.first + line

    def problem(self, message: str, *path: str | int) -> None:
        """Note a problem where `path` leads."""
        self.problems.add(self.file, self.line(*path) or self.first, message)


def check(kind: str, loaded: Any, *sources: Source) -> Any:
    """Return `loaded` with its defaults; what the schema `kind` does not allow is a problem.

    It is noted in the first of `sources` that says anything on the way to it. Returns None then.
    """
    try:
        return _validator(kind)(loaded)
    except fastjsonschema.JsonSchemaValueException as error:
        path = [step for step in error.path[1:] if step]
        name = ".".join(step for step in path if not step.isdigit())
        allowed = error.definition.get("properties", {})
        if error.rule == "additionalProperties" and allowed:
            name = min(error.value.keys() - allowed.keys())
            path.append(name)
            message = f"unknown key: {name}"
        elif error.rule == "required":
            missing = next(key for key in error.rule_definition if key not in error.value)
            message = f"`{missing}` is missing"
        else:
            name = f"{name}: " if name else ""
            message = f"{name}here stands {error.definition['description']}, not {error.value!r}"
        source = next((s for s in sources if s.line(*path)), sources[0])
        source.problem(message, *path)
        return None

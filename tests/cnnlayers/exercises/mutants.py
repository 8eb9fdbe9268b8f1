"""Mutants of a function: its code with one operator, number, name or word exchanged."""

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

OPERATORS = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div, ast.Pow),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Mult, ast.Div),
    ast.Mod: (ast.FloorDiv,),
}
COMPARISONS = {
    ast.Eq: (ast.NotEq, ast.GtE, ast.LtE),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.LtE: (ast.Lt,),
    ast.GtE: (ast.Gt,),
}


def mutants(function: Callable[..., Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Make each mutant, with the line that tells it apart."""
    source = textwrap.dedent(inspect.getsource(function))
    tree = ast.parse(source)
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    if ast.get_docstring(definition):
        del definition.body[0]
    definition.returns = None
    for argument in definition.args.args:
        argument.annotation = None
    original = ast.unparse(tree)
    seen = {original}
    for k, node in enumerate(ast.walk(tree)):
        for change in changes(node):
            mutated = copy.deepcopy(tree)
            target = list(ast.walk(mutated))[k]
            change(target)
            try:
                code = ast.unparse(ast.fix_missing_locations(mutated))
            except Exception:
                continue
            if code not in seen:
                seen.add(code)
                names = dict(function.__globals__)
                exec(compile(code, "<mutant>", "exec"), names)
                lines = zip(original.splitlines(), code.splitlines(), strict=False)
                where = next(
                    (f"{a.strip()}  =>  {b.strip()}" for a, b in lines if a != b), "a line gone"
                )
                yield where, names[function.__name__]


def changes(node: ast.AST) -> Iterator[Callable[[Any], None]]:
    """List what can be exchanged in one place."""

    def setting(attribute: str, value: Any) -> Callable[[Any], None]:
        return lambda target: setattr(target, attribute, value)

    match node:
        case ast.BinOp() | ast.AugAssign():
            for other in OPERATORS.get(type(node.op), ()):
                yield setting("op", other())
            if isinstance(node, ast.AugAssign):
                yield to_assignment
        case ast.Compare():
            for other in COMPARISONS.get(type(node.ops[0]), ()):
                yield setting("ops", [other()])
        case ast.Constant(value=bool() as value):
            yield setting("value", not value)
        case ast.Constant(value=int() as value):
            yield setting("value", value + 1)
            yield setting("value", value - 1)
        case ast.Constant(value=str() as value):
            yield setting("value", f"x{value}")
        case ast.Slice():
            if node.lower is not None:
                yield setting("lower", None)
            if node.upper is not None:
                yield setting("upper", None)
        case ast.UnaryOp(op=ast.USub()):
            yield setting("op", ast.UAdd())
        case ast.If() | ast.IfExp():
            yield lambda target: setattr(target, "test", ast.UnaryOp(ast.Not(), target.test))
        case ast.Attribute(attr="max"):
            yield setting("attr", "min")
        case ast.Attribute(attr="sum"):
            yield setting("attr", "mean")
        case ast.Attribute(attr="mean"):
            yield setting("attr", "sum")
        case ast.Name(id="h"):
            yield setting("id", "w")
        case ast.Name(id="w"):
            yield setting("id", "h")
        case ast.Name(id="n_H"):
            yield setting("id", "n_W")
        case ast.Name(id="n_W"):
            yield setting("id", "n_H")
        case ast.Call(func=ast.Name(id="range")):
            yield lambda target: target.args.insert(0, ast.Constant(1))
        case ast.Tuple(elts=elements) if len(elements) > 1:
            yield lambda target: target.elts.reverse()
        case _:
            pass


def to_assignment(target: Any) -> None:
    """Turn `+=` into `=`."""
    target.__class__ = ast.Assign
    target.targets = [target.target]
    target.type_comment = None

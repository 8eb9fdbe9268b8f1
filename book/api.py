"""The reference of the package, from its docstrings."""

import ast
import inspect
import re
import textwrap

import cnnlayers

from .listing import COLUMNS

# In the order in which the chapters meet them.
NAMES = [
    "zero_pad",
    "conv_single_step",
    "conv_forward",
    "pool_forward",
    "conv_backward",
    "create_mask_from_window",
    "distribute_value",
    "pool_backward",
    "gradient_check",
    "GradientCheck",
    "im2col",
    "col2im",
    "relu_forward",
    "relu_backward",
    "flatten_forward",
    "flatten_backward",
    "dense_forward",
    "dense_backward",
    "softmax",
    "cross_entropy_forward",
    "cross_entropy_backward",
    "initialize",
    "sgd_momentum",
    "load_digits",
    "weights_to_torch",
    "weights_from_torch",
]


def api_page() -> None:
    """Print a section for each public name of the package, as Markdown.

    Names and signatures belong to no language; what the docstrings say is
    English, and marked so.
    """
    import griffe  # only this page needs it

    for name in NAMES:
        public = getattr(cnnlayers, name)
        print(f"## `{name}` {{#api-{name.lower().replace('_', '-')} .unnumbered}}\n")
        print("::: {lang=en}\n")
        if inspect.isfunction(public):
            print(f"```python\n{signature(public)}\n```\n")
        docstring = griffe.Docstring(inspect.getdoc(public) or "")
        for section in docstring.parse("numpy", warnings=False):
            print(_section(section) + "\n")
        print(":::\n")


def signature(function: object) -> str:
    """Write a function's head as in its source, one parameter a line if it is long."""
    head = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    head.body, head.decorator_list = [ast.Pass()], []
    one_line = ast.unparse(head).splitlines()[0].removeprefix("def ").removesuffix(":")
    if len(one_line) <= COLUMNS:
        return one_line
    parameters, returns = ast.unparse(head.args), ast.unparse(head.returns)
    # A comma outside brackets separates parameters.
    lines, depth = [""], 0
    for character in parameters:
        depth += (character in "[(") - (character in "])")
        if character == "," and not depth:
            lines.append("")
        else:
            lines[-1] += character
    inside = "".join(f"    {line.strip()},\n" for line in lines)
    return f"{head.name}(\n{inside}) -> {returns}"


def _section(section) -> str:
    """Write one of the sections that griffe found."""
    kind, value = section.kind.value, section.value
    if kind == "text":
        return markdown(value)
    if kind == "examples":
        blocks = (
            markdown(text) if part.value == "text" else f"```python\n{text}\n```"
            for part, text in value
        )
        return "**Examples**\n\n" + "\n\n".join(blocks)
    if kind == "admonition":
        return f"**{section.title}**\n\n{markdown(value.description)}"
    items = "\n".join(
        f"- `{getattr(item, 'name', '') or item.annotation}`: "
        + textwrap.indent(markdown(item.description.strip()), "  ").lstrip()
        for item in value
    )
    return f"**{kind.capitalize()}**\n\n{items}"


def markdown(text: str) -> str:
    """Turn the little reStructuredText of a docstring into Markdown."""
    text = re.sub(r"^\.\. (\[\d+\])", r"- \1", text, flags=re.MULTILINE)
    parts = re.split(r"(`+[^`]+`+)", text)
    return "".join(
        f"`{part.strip('`')}`" if part.startswith("`") else _plain(part) for part in parts
    )


def _plain(text: str) -> str:
    text = re.sub(r"(\[\d+\])_", r"\1", text)
    text = re.sub(r"([\\*_$@<>\[\]^~|#])", r"\\\1", text)
    text = re.sub(r"arXiv:([\d.]+\d)", r"[arXiv:\1](https://arxiv.org/abs/\1)", text)
    return re.sub(r"doi:(10\.[\w./()-]+\w)", r"[doi:\1](https://doi.org/\1)", text)

"""What a reader starts from: the head of a function, its contract, cases worked out by hand."""

import inspect
import textwrap

from cnnlayers.exercises.answers import template
from cnnlayers.exercises.exercise import FunctionExercise
from cnnlayers.exercises.faults import Function, Language, entry
from cnnlayers.exercises.language import say
from cnnlayers.exercises.pencil import PencilExercise

MEASURE = 72  # characters in a line of prose


def function_stub(exercise: FunctionExercise, language: Language) -> str:
    """Write the head of the functions that are asked for."""
    about = entry(exercise.name)
    contract = _in_measure(str(about["stub"][language]).strip())
    if exercise.asks[:1] == ("W",):
        lines = [f"# {line}" for line in contract.splitlines()]
        lines += [f"{name} = ...  # {say('your-code', language)}" for name in exercise.asks]
        return "\n".join(lines) + "\n"
    cases = str(about.get("cases", "")).strip()
    documentation = f"{contract}\n\n{cases}" if cases else contract
    functions = exercise.shown or (exercise.function,)
    heads = [
        f"def {function.__name__}({_parameters(function)}):\n"
        + (_docstring(documentation) if function is functions[0] else "")
        + f"    ...  # {say('your-code', language)}\n"
        for function in functions
    ]
    return "import numpy as np\n\n\n" + "\n\n".join(heads)


def _in_measure(text: str) -> str:
    """Break paragraphs into lines that a page and an editor have room for."""
    return "\n\n".join(textwrap.fill(part, MEASURE) for part in text.split("\n\n"))


def _docstring(text: str) -> str:
    return textwrap.indent(f'"""{text}\n"""', "    ", lambda line: bool(line.strip())) + "\n"


def _parameters(function: Function) -> str:
    """List the parameters; `ties` is an offer of the package and not asked for."""
    parameters = inspect.signature(function).parameters.values()
    plain = (one.replace(annotation=one.empty) for one in parameters if one.name != "ties")
    return ", ".join(map(str, plain)).replace("'", '"')


def puzzle_stub(name: str, language: Language) -> str:
    """Take a faulty layer, and leave room for what is wrong with it."""
    lines = textwrap.wrap(str(entry(name)["stub"][language]), MEASURE)
    return (
        "from cnnlayers.exercises import faulty, mistakes\n\n"
        + "".join(f"# {line}\n" for line in lines)
        + f'layer = faulty("{name}", 1)\n'
        + f"mistake = ...  # {say('your-code', language)}\n"
    )


def pencil_stub(exercise: PencilExercise, language: Language) -> str:
    """Write the call that hands the numbers in."""
    lines = textwrap.wrap(str(entry(exercise.name)["stub"][language]), MEASURE)
    return "".join(f"# {line}\n" for line in lines) + (
        f"{template(exercise)}\n" if exercise.questions else ""
    )

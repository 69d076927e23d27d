"""
What a stack passes to another one that CloudFormation does not take, so that it makes no such stack.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.inputs.cloudformation.parameters.parameters import read_parameters
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.model.text import Symbol, Text


def refused_binding(content: Mapping[str, object], bindings: Mapping[str, Text]) -> str:
    """
    Why CloudFormation makes no stack with what it is passed, as a clause; empty where it may.

    Args:
        content: the template of the stack.
        bindings: what it is passed, by the name of the parameter.
    """
    declared = read_parameters(content.get("Parameters")) if bindings else {}
    for name, text in bindings.items():
        parameter = declared.get(name)
        refusals = [] if parameter is None else [refusal(parameter, value) for value in _values(text)]
        if refusals and all(refusals):
            return f"what {name} is passed {refusals[0]}"
    return ""


def refusal(parameter: Parameter, value: str) -> str | None:
    """Why CloudFormation refuses a value for certain: a number may be written otherwise than it is listed."""
    if parameter.type == "Number" and parameter.allowed is not None and _is_same_number(parameter.allowed, value):
        return None
    return parameter.refusal(value)


def _values(text: Text) -> tuple[str, ...]:
    """All that a text may be; empty where that is not known."""
    if isinstance(text, str):
        return (text,)
    part = text.parts[0] if len(text.parts) == 1 else ""
    return (part.allowed or ()) if isinstance(part, Symbol) and part.kind == "parameter" and not part.doubt else ()


def _is_same_number(listed: tuple[str, ...], value: str) -> bool:
    try:
        return float(value) in map(float, listed)
    except ValueError:
        return False

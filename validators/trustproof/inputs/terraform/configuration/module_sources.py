"""
Sources of modules that are called, which may have to be evaluated first, as OpenTofu does.

https://opentofu.org/docs/language/modules/sources/#support-for-variable-and-local-evaluation
"""

from __future__ import annotations

from trustproof.inputs.terraform.configuration.blocks import Block
from trustproof.inputs.terraform.configuration.evaluate import Evaluator
from trustproof.inputs.terraform.configuration.expression_names import expression_text
from trustproof.inputs.terraform.configuration.modules import source_of
from trustproof.inputs.terraform.values import Known


def source_of_call(call: Block, evaluator: Evaluator) -> str | None:
    """The source of a module; None where nobody knows it."""
    written = source_of(call)
    argument = call.body.argument("source")
    if written is not None or argument is None:
        return written
    found = evaluator.value(argument.expression, {})
    return found.value if isinstance(found, Known) and isinstance(found.value, str) else None


def why_not_at_hand(call: Block, evaluator: Evaluator) -> str:
    """Why nobody has looked into a module: a clause."""
    source, argument = source_of_call(call, evaluator), call.body.argument("source")
    if source is not None:
        return f"has a source that is not at hand, {source}"
    said = f", {expression_text(argument.expression):.60}" if argument is not None else ""
    return f"has a source that is not known{said}"

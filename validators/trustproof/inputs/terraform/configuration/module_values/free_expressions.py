"""
Whether an expression whose value nobody knows may come out either way: of what may have no value, or has one by types
that nobody knows, and of what a validation says something, it may be that it comes out in one way only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trustproof.inputs.terraform.configuration.evaluation.functions.patterns import compile_pattern
from trustproof.inputs.terraform.configuration.evaluation.names import Variables
from trustproof.inputs.terraform.configuration.module_values.module_context import ModuleWithNames, Remembered
from trustproof.inputs.terraform.configuration.syntax.expressions import Call, Expression, Literal, Operation
from trustproof.inputs.terraform.configuration.values.expression_names import names_in, within
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown
from trustproof.inputs.terraform.types.types_of_aws import AWS
from trustproof.inputs.terraform.values.instances import steps as steps_of
from trustproof.inputs.terraform.values.references_in_text import references
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.untyped_scalar import UntypedScalar
from trustproof.inputs.terraform.values.values import MODULE, Attribute, Choice, Symbol, Unknown, Value, unknowns
from trustproof.inputs.terraform.values.yaml_texts import YamlText

#: So many expressions may be made of each other.
_MOST_EXPRESSIONS = 20
#: What has no value for every text, and for some.
_OF_SOME_TEXTS = ("cidrnetmask", "jsondecode", "tobool", "tonumber", "yamldecode")
_OF_REGEX = 2
#: Attributes of AWS's that may be any text.
_STORED = ("body", "insecure_value", "secret_string", "value")


def decided_by(
    module: ModuleWithNames,
    expression: Expression,
    variables: Variables,
    remembered: Callable[[str], Remembered | None],
) -> tuple[str, ...] | None:
    """
    The references that decide how an expression comes out; None where it may be that it does in one way only.

    Args:
        module: where it stands.
        remembered: finds expressions whose values nobody knows, by their names.
    """
    waiting, seen = [Remembered("", module, expression, variables)], {""}
    deciding: dict[str, None] = {}
    while waiting:
        one = waiting.pop()
        if any(isinstance(part, Call) and not _fails_for_some(part) for part in within(one.expression)):
            return None
        if _is_truth_compared(one):
            return None
        try:
            if not all(map(_is_any_text, _tried(one))):
                return None
            found = [unknown for value in _values(one) for unknown in unknowns(value)]
        except Fault:
            return None
        for unknown in found:
            inner = remembered(unknown.name) if isinstance(unknown, Symbol) else None
            if inner is None and not _is_free(unknown):
                return None
            if inner is not None and inner.name not in seen:
                seen.add(inner.name)
                waiting.append(inner)
            elif inner is None:
                deciding.update(dict.fromkeys(_references(unknown)))
        if len(seen) > _MOST_EXPRESSIONS:
            return None
    return tuple(deciding)


def _fails_for_some(call: Call) -> bool:
    """Whether a call is no `try` or `can`, or one of what has a value for some texts, and none for others."""
    if call.name not in ("try", "can"):
        return True
    inner = call.arguments[0] if call.name == "can" and len(call.arguments) == 1 else None
    if not isinstance(inner, Call):
        return False
    if inner.name == "regex" and len(inner.arguments) == _OF_REGEX:
        pattern = inner.arguments[0]
        # What is in the empty text may be in every one.
        return isinstance(pattern, Literal) and not _is_in(str(pattern.value), "")
    return inner.name in _OF_SOME_TEXTS and len(inner.arguments) == 1


def _tried(one: Remembered) -> Iterator[Unknown]:
    """What calls of `can` ask of whether it has a value."""
    for part in within(one.expression):
        if isinstance(part, Call) and part.name == "can" and isinstance(inner := part.arguments[0], Call):
            asked = one.module.evaluator.value(inner.arguments[-1], one.variables)
            # What is written as YAML says what it was made of, and can be read.
            yield from [asked] if isinstance(asked, YamlText) else unknowns(asked)


def _is_any_text(unknown: Unknown) -> bool:
    """Whether it is a variable, or what somebody has stored: an ARN, an id or a name of AWS's is not any text."""
    if not isinstance(unknown, Attribute):
        return isinstance(unknown, Variable)
    *_, type_, _ = ("", *steps_of(unknown.address))
    return not type_.startswith(AWS) or unknown.name in _STORED


def _is_in(pattern: str, text: str) -> bool:
    """Whether a regular expression matches somewhere in a text, or that is not known."""
    try:
        return compile_pattern(pattern, text).search(text) is not None
    except (Fault, NotKnown):
        return True


def _is_truth_compared(one: Remembered) -> bool:
    """Whether something is compared with true or false, which no text is equal to."""
    if not isinstance(one.expression, Operation) or one.expression.operator not in ("==", "!="):
        return False
    sides = (one.expression.left, one.expression.right)
    return any(isinstance(side, Literal) and isinstance(side.value, bool) for side in sides)


def _values(one: Remembered) -> Iterator[Value]:
    """What an expression is made of, as far as it is compared or has a name."""
    if isinstance(one.expression, Operation):
        sides = one.expression.left, one.expression.right
        yield from (one.module.evaluator.value(side, one.variables) for side in sides)
    for name, steps in names_in(one.expression):
        if name in one.variables:
            yield one.variables[name]
        elif (answer := one.module.look_up(name, steps)) is not None:
            yield answer[0]


def _is_free(unknown: Unknown) -> bool:
    """Whether nothing says of a value that no expression is remembered of what it may be."""
    if isinstance(unknown, Variable) and unknown.part_of:
        # Of a variable itself, values are tried out.
        return unknown.kind == unknown.declared and not unknown.is_validated
    has_reason = isinstance(unknown, Symbol) and unknown.kind != MODULE and unknown.reason
    return not isinstance(unknown, UntypedScalar) and not has_reason


def _references(unknown: Unknown) -> Iterator[str]:
    """What decides a value that no expression is remembered of."""
    if isinstance(unknown, Choice):
        yield from references(unknown.condition.shown)
    elif isinstance(unknown, Variable):
        yield unknown.part_of or unknown.name
    else:
        yield unknown.shown

"""
Values that other stacks give, read in the template that takes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.declarations.refusals import refusal
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope
from trustproof.inputs.cloudformation.evaluation.declarations.work import OverBudget
from trustproof.inputs.cloudformation.values.intrinsics import names_in, variables_of
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.cloudformation.values.partly_known_names import ANYTHING, may_be_alike
from trustproof.inputs.cloudformation.values.references import (
    CROSS_STACK_FUNCTIONS,
    IMPORT,
    STACK,
    CrossStackReference,
    output_of,
    output_of_some_stack,
    outputs_in_text,
    reference_of,
    symbol_of,
)
from trustproof.inputs.grammar.values import NO_VALUE, Unreadable
from trustproof.model.text import MAY_BE_PATTERN, Symbol, Symbolic, Text, concat

_WILDCARDS = frozenset("*?")
_PLACES = ("AWS::Partition", "AWS::URLSuffix")


def value_of_other_stack(scope: Scope, reference: CrossStackReference) -> Text:
    """What another stack gives; a symbol where nobody says."""
    symbol = symbol_of(reference)
    if symbol.name in scope.values:
        return scope.values[symbol.name]
    linked_values = scope.environment.deployment.linked_values
    if linked_values is None or symbol.name not in linked_values.values:
        scope.environment.references[symbol.name] = reference
        if linked_values is not None and symbol.name in linked_values.doubts:
            symbol = symbol._replace(doubt=linked_values.doubts[symbol.name])
        return Symbolic((_output_of_another(scope, reference, imported(scope, symbol)),))
    return _given(scope, symbol, linked_values.values[symbol.name])


def _output_of_another(scope: Scope, reference: CrossStackReference, symbol: Symbol) -> Symbol:
    """What stands for an output of a stack that no template of the run is known to be, and one of them may be."""
    linked_values = scope.environment.deployment.linked_values
    patterns = {} if linked_values is None else linked_values.patterns
    may_be = reference.kind == STACK and output_of_some_stack(reference.output) in patterns
    return symbol._replace(holds=MAY_BE_PATTERN) if may_be else symbol


def imported(scope: Scope, symbol: Symbol) -> Symbol:
    """What stands for an import, as far as exports of others say what it may be."""
    deployment = scope.environment.deployment
    label, is_import, name = symbol.name.partition(f"{IMPORT} ")
    if symbol.kind != "import" or not is_import:
        return symbol
    # An expression of another stack is not looked into.
    name = ANYTHING if label else name
    wild = () if deployment.linked_values is None else deployment.linked_values.wild_exports
    # What is exported in the accounts that a StackSet goes to is not asked.
    may_be = deployment.is_in_stack_set or any(may_be_alike(name, one) for one in wild)
    return symbol._replace(holds=MAY_BE_PATTERN) if may_be else symbol


def composed(scope: Scope, symbol: Symbol, argument: object) -> Symbol:
    """What stands for a function that is not known, as far as it is made of wildcards, or of what others give."""
    if not _WILDCARDS.isdisjoint(symbol.name):
        return symbol._replace(holds=MAY_BE_PATTERN)
    if scope.environment.deployment.linked_values is None:
        return symbol
    given = (scope.text(one) for one in _given_in(scope, argument))
    parts = (part for text in given for part in (text.parts if isinstance(text, Symbolic) else (str(text),)))
    return symbol._replace(holds=MAY_BE_PATTERN) if any(map(_may_be_wild, parts)) else symbol


def _may_be_wild(part: str | Symbol) -> bool:
    if isinstance(part, str):
        return not _WILDCARDS.isdisjoint(part)
    return bool(part.doubt) or part.holds == MAY_BE_PATTERN or not _WILDCARDS.isdisjoint("".join(part.allowed or ()))


def _given_in(scope: Scope, value: object) -> Iterator[object]:
    """The functions in an expression that give what others say."""
    for name in names_in(value):
        if name in scope.environment.bindings:
            yield {"Ref": name}
    if isinstance(value, list):
        for item in value:
            yield from _given_in(scope, item)
    elif isinstance(value, dict):
        for function, argument in value.items():
            if function in CROSS_STACK_FUNCTIONS or output_of(function, argument) is not None:
                yield {function: argument}
            else:
                if function == "Fn::Sub":
                    yield from (one for _, one in outputs_in_text(argument))
                yield from _given_in(scope, argument)


def passed_value(scope: Scope, text: Symbolic) -> Text:
    """What a parent stack passes, with what is known of it."""
    if (symbol := _taken(scope, text)) is not None and symbol.name not in scope.values:
        return _given(scope, symbol, _values(scope)[symbol.name])
    # Where the parent goes, the nested stack goes too.
    here = {name: scope.pseudo_text(name) for name in _PLACES if any(one.name == name for one in text.symbols)}
    bound = concat(_as_declared(scope, part, here) if isinstance(part, Symbol) else part for part in text.parts)
    if isinstance(bound, Symbolic):
        bound = bound.bind(dict(scope.values))
    if isinstance(bound, Symbolic) and bound.choices:
        # A condition of the parent decides which of a few values it is.
        (symbol,) = bound.symbols
        bound = scope.one_of(symbol.name, bound.choices) or bound
    if not isinstance(bound, Symbolic):
        return bound
    linked_values = scope.environment.deployment.linked_values
    values, doubts = ({}, {}) if linked_values is None else (linked_values.values, linked_values.doubts)
    # The parent may pass on what another nested stack gives, or what it imports.
    return concat(
        part
        if isinstance(part, str)
        else _given(scope, part, values[part.name])
        if part.name in values
        else imported(scope, part._replace(doubt=doubts.get(part.name, part.doubt)))
        for part in bound.parts
    )


def admitted_value(parameter: Parameter, value: Text) -> Text:
    """What a stack is passed; of a value that it refuses, so that it is not made, nothing is known."""
    why = refusal(parameter, value) if isinstance(value, str) and not parameter.is_ssm else None
    if why is None:
        return value
    doubt = f"CloudFormation refuses to make the stack: what {parameter.name} is passed {why}"
    return Symbolic((Symbol(parameter.name, "parameter", doubt=doubt),))


def _values(scope: Scope) -> Mapping[str, object]:
    """What other stacks give."""
    linked_values = scope.environment.deployment.linked_values
    return linked_values.values if linked_values is not None else {}


def _taken(scope: Scope, text: object) -> Symbol | None:
    """The symbol that a text is, of which other stacks say what it is; None for any other text."""
    part = text.parts[0] if isinstance(text, Symbolic) and len(text.parts) == 1 else None
    return part if isinstance(part, Symbol) and part.name in _values(scope) else None


def _as_declared(scope: Scope, part: Symbol, here: Mapping[str, Text]) -> Text:
    """What a parent passes on, as the same is read in what else is known of the parent."""
    if part.kind == "parameter" and part.name in scope.environment.parameters:
        return _given(scope, part, {"Ref": part.name})
    return here.get(part.name, Symbolic((part,)))


def expression_of(scope: Scope, value: object) -> object:
    """The expression of another stack that a function gives; the function itself where there is none."""
    linked_values = scope.environment.deployment.linked_values
    if linked_values is None or not isinstance(value, dict) or len(value) != 1:
        return value
    ((function, argument),) = value.items()
    reference = (
        reference_of(scope.text, function, argument)
        if function in CROSS_STACK_FUNCTIONS
        else output_of(function, argument)
    )
    return value if reference is None else linked_values.values.get(symbol_of(reference).name, value)


def follow_expressions(scope: Scope, value: object) -> object:
    """A value with the expressions of other stacks in the places of the functions that give them."""
    return value if scope.environment.deployment.linked_values is None else _followed(scope, value, set())


def _followed(scope: Scope, value: object, seen: set[str]) -> object:
    """
    Args:
        seen: the parameters that have been followed: what they are made of is known once it has been met.
    """
    if isinstance(value, list):
        return [_followed(scope, item, seen) for item in value]
    found = _passed_on(scope, expression_of(scope, value), seen)
    if not isinstance(value, dict) or found is not value:
        return found if found is value else _followed(scope, found, seen)
    given = {name: one for name in variables_of(value.get("Fn::Sub")) if (one := _bound(scope, name)) is not None}
    given.update(outputs_in_text(value.get("Fn::Sub")))
    if given:
        argument = value["Fn::Sub"]
        text, own = argument if isinstance(argument, list) else (argument, {})
        value = {"Fn::Sub": [text, {**(own if isinstance(own, dict) else {}), **given}]}
    return {key: _followed(scope, inner, seen) for key, inner in value.items()}


def _bound(scope: Scope, name: str) -> object | None:
    """What a parameter is that is passed on as it is, or is an expression of the parent; None for any other."""
    bound = scope.environment.bindings.get(name)
    if (symbol := _taken(scope, bound)) is not None:
        return _values(scope)[symbol.name]
    part = bound.parts[0] if isinstance(bound, Symbolic) and len(bound.parts) == 1 else ""
    if isinstance(part, Symbol) and part.kind == "parameter" and part.name in scope.environment.parameters:
        return {"Ref": part.name}
    return None


def _passed_on(scope: Scope, value: object, seen: set[str]) -> object:
    """What a parameter of a nested stack is in the parent; any other value as it is, and one that was followed."""
    while isinstance(value, dict) and len(value) == 1 and isinstance(name := value.get("Ref"), str):
        found = None if name in seen else _bound(scope, name)
        if found is None:
            break
        seen.add(name)
        value = found
    return value


def _given(scope: Scope, symbol: Symbol, value: object) -> Text:
    try:
        found = scope.text(value)
    except OverBudget as error:
        return Symbolic((symbol._replace(doubt=str(error)),))
    except Unreadable:
        found = NO_VALUE
    if isinstance(found, str):
        return found
    parts = found.parts if isinstance(found, Symbolic) else (symbol,)
    return concat(part if isinstance(part, str) else imported(scope, part) for part in parts)

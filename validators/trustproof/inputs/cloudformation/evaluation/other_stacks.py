"""
Values that other stacks give, read in the template that takes them.
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.inputs.cloudformation.evaluation.scope import Scope
from trustproof.inputs.cloudformation.values.references import (
    CROSS_STACK_FUNCTIONS,
    CrossStackReference,
    output_of,
    reference_of,
    symbol_of,
)
from trustproof.inputs.grammar.values import NO_VALUE, Unreadable
from trustproof.model.text import Symbol, Symbolic, Text, concat

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
        return Symbolic((symbol,))
    return _given(scope, symbol, linked_values.values[symbol.name])


def passed_value(scope: Scope, text: Symbolic) -> Text:
    """What a parent stack passes, with what is known of it."""
    # Where the parent goes, the nested stack goes too.
    here = {name: scope.pseudo_text(name) for name in _PLACES if any(one.name == name for one in text.symbols)}
    bound = concat(_as_declared(scope, part, here) if isinstance(part, Symbol) else part for part in text.parts)
    if isinstance(bound, Symbolic):
        bound = bound.bind(dict(scope.values))
    if isinstance(bound, Symbolic) and bound.choices:
        # A condition of the parent decides which of a few values it is.
        (symbol,) = bound.symbols
        bound = scope.one_of(symbol.name, bound.choices) or bound
    linked_values = scope.environment.deployment.linked_values
    if linked_values is None or not isinstance(bound, Symbolic):
        return bound
    # The parent may pass on what another nested stack gives.
    return concat(
        _given(scope, part, linked_values.values[part.name])
        if isinstance(part, Symbol) and part.name in linked_values.values
        else part
        for part in bound.parts
    )


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
    if scope.environment.deployment.linked_values is None:
        return value
    if isinstance(value, list):
        return [follow_expressions(scope, item) for item in value]
    found = _passed_on(scope, expression_of(scope, value))
    if found is value and isinstance(value, dict):
        return {key: follow_expressions(scope, inner) for key, inner in value.items()}
    return found


def _passed_on(scope: Scope, value: object) -> object:
    """The parameter of a parent that a parameter is, as it is; any other value as it is."""
    while isinstance(value, dict) and len(value) == 1 and isinstance(name := value.get("Ref"), str):
        bound = scope.environment.bindings.get(name)
        part = bound.parts[0] if isinstance(bound, Symbolic) and len(bound.parts) == 1 else ""
        if not isinstance(part, Symbol) or part.kind != "parameter" or part.name not in scope.environment.parameters:
            break
        value = {"Ref": part.name}
    return value


def _given(scope: Scope, symbol: Symbol, value: object) -> Text:
    try:
        found = scope.text(value)
    except Unreadable:
        found = NO_VALUE
    return found if isinstance(found, (str, Symbolic)) else Symbolic((symbol,))

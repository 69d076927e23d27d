"""
Values that other stacks give, read in the template that takes them.
"""

from __future__ import annotations

from trustproof.inputs.cloudformation.evaluation.scope import Scope
from trustproof.inputs.cloudformation.values.references import TAKING, Want, output_of, symbol_of, want_of
from trustproof.inputs.grammar.values import NO_VALUE, Unreadable
from trustproof.model.text import Symbol, Symbolic, Text, concat


def taken(scope: Scope, want: Want) -> Text:
    """What another stack gives; a symbol where nobody says."""
    symbol = symbol_of(want)
    if symbol.name in scope.values:
        return scope.values[symbol.name]
    lent = scope.environment.deployment.lent
    if lent is None or symbol.name not in lent.values:
        scope.environment.wanted[symbol.name] = want
        if lent is not None and symbol.name in lent.doubts:
            symbol = symbol._replace(doubt=lent.doubts[symbol.name])
        return Symbolic((symbol,))
    return _given(scope, symbol, lent.values[symbol.name])


def passed(scope: Scope, text: Symbolic) -> Text:
    """What a parent stack passes, with what is known of it."""
    bound = text.bind(dict(scope.values))
    lent = scope.environment.deployment.lent
    if lent is None or not isinstance(bound, Symbolic):
        return bound
    # The parent may pass on what another nested stack gives.
    return concat(
        _given(scope, part, lent.values[part.name]) if isinstance(part, Symbol) and part.name in lent.values else part
        for part in bound.parts
    )


def expression_of(scope: Scope, value: object) -> object:
    """The expression of another stack that a function gives; the function itself where there is none."""
    lent = scope.environment.deployment.lent
    if lent is None or not isinstance(value, dict) or len(value) != 1:
        return value
    ((function, argument),) = value.items()
    want = want_of(scope.text, function, argument) if function in TAKING else output_of(function, argument)
    return value if want is None else lent.values.get(symbol_of(want).name, value)


def followed(scope: Scope, value: object) -> object:
    """A value with the expressions of other stacks in the places of the functions that give them."""
    if scope.environment.deployment.lent is None:
        return value
    if isinstance(value, list):
        return [followed(scope, item) for item in value]
    found = expression_of(scope, value)
    if found is value and isinstance(value, dict):
        return {key: followed(scope, inner) for key, inner in value.items()}
    return found


def _given(scope: Scope, symbol: Symbol, value: object) -> Text:
    try:
        found = scope.text(value)
    except Unreadable:
        found = NO_VALUE
    return found if isinstance(found, (str, Symbolic)) else Symbolic((symbol,))

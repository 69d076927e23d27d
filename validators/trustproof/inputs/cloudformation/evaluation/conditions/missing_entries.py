"""
What a mapping has not: CloudFormation refuses a template that asks for it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeGuard

from trustproof.aws.partitions import partition_of
from trustproof.inputs.cloudformation.evaluation.declarations.condition_outcomes import Equality
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope
from trustproof.inputs.cloudformation.values.intrinsics import TRANSFORM
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.text import REGION, Symbol, Symbolic

_FUNCTION = "Fn::FindInMap "


def without_missing(equalities: Mapping[str, Equality], scope: Scope, before: Scope) -> dict[str, Equality]:
    """
    The comparisons that take nothing from a mapping which this certainly has not at the values that were chosen.

    The others decide nothing: next to one in ``Fn::And`` or ``Fn::Or``, another part may, and no page says that
    CloudFormation then looks at all of them.

    Args:
        equalities: the comparisons that are not decided, by their keys.
        scope: with the values.
        before: without them: of what is refused whatever is chosen, nothing is made out here.
    """
    if not scope.environment.mappings:
        return dict(equalities)
    return {key: one for key, one in equalities.items() if not _asks_for_nothing(one, scope, before)}


def _asks_for_nothing(equality: Equality, scope: Scope, before: Scope) -> bool:
    sides = (side for side in (equality.left, equality.right) if isinstance(side, Symbolic))
    return any(asks_in_vain(scope, s) and not asks_in_vain(before, s) for side in sides for s in side.symbols)


def has_no_row(scope: Scope, symbol: Symbol, partition: str) -> bool:
    """Whether a symbol stands for what a mapping has for the Region, and it has nothing for those of a partition."""
    is_open = scope.environment.deployment.region is None and not symbol.doubt
    if not is_open or not symbol.name.startswith(_FUNCTION):
        return False
    name, first, second = asked_for(scope, _argument(symbol)) or (None, None, None)
    table = scope.environment.mappings.get(name) if isinstance(name, str) else None
    if not isinstance(table, dict) or TRANSFORM in table:
        return False
    if _is_by_region(first):
        return not any(_is_key(first, str(key), partition) for key in table)
    rows = [table.get(first)] if isinstance(first, str) else [*table.values()]
    if not _is_by_region(second) or not all(isinstance(row, dict) and TRANSFORM not in row for row in rows):
        return False
    return not any(_is_key(second, str(key), partition) for row in rows if isinstance(row, dict) for key in row)


def _is_by_region(key: object) -> TypeGuard[Symbolic]:
    """Whether of a key nothing but the Region is not known."""
    return isinstance(key, Symbolic) and [symbol.name for symbol in key.symbols] == [REGION]


def _is_key(asked: Symbolic, key: str, partition: str) -> bool:
    """Whether a key is asked for in one of the Regions of a partition."""
    before, _, after = str(asked).partition(f"<{REGION}>")
    is_fitting = key.startswith(before) and key.endswith(after) and len(key) > len(before + after)
    return is_fitting and partition_of(key[len(before) : len(key) - len(after)]) == partition


def asks_in_vain(scope: Scope, symbol: Symbol) -> bool:
    """Whether a symbol stands for what a mapping certainly has not: no deployment has a value for it."""
    return symbol.name.startswith(_FUNCTION) and not symbol.doubt and has_no_entry(scope, _argument(symbol))


def _argument(symbol: Symbol) -> object:
    """What a lookup that is not known is given."""
    return json.loads(symbol.name.removeprefix(_FUNCTION))


def asked_for(scope: Scope, argument: object) -> tuple[object, ...]:
    """The mapping that a lookup names, and its two keys, as far as they are known; empty where there may be others."""
    if not isinstance(argument, list) or len(argument) != 3:
        # There may be a value for any other key.
        return ()
    try:
        return tuple(scope.open_text(part) for part in argument)
    except Unreadable:
        return ()


def has_no_entry(scope: Scope, argument: object) -> bool:
    """Whether a mapping certainly has not what a lookup asks it for, whatever a key is that is not known."""
    name, first, second = asked_for(scope, argument) or (None, None, None)
    table = scope.environment.mappings.get(name) if isinstance(name, str) else None
    if not isinstance(table, dict) or TRANSFORM in table:
        return False
    if isinstance(first, str) and first not in table:
        return True
    rows = [table[first]] if isinstance(first, str) else [*table.values()]
    return isinstance(second, str) and all(
        isinstance(row, dict) and TRANSFORM not in row and second not in row for row in rows
    )

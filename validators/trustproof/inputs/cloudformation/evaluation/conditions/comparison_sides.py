"""
What stands on the sides of a comparison: names, and what a part of a text has to be.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.evaluation.conditions.conditions import ConditionReader, fault
from trustproof.inputs.cloudformation.evaluation.declarations.circular_conditions import named_conditions
from trustproof.inputs.cloudformation.evaluation.declarations.condition_outcomes import Equality
from trustproof.inputs.cloudformation.evaluation.declarations.other_stacks import follow_expressions
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope
from trustproof.inputs.cloudformation.values.intrinsics import variables_of
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.text import Symbol, Symbolic, Text

#: Texts with more unknown parts, or longer ones, are not taken apart.
_MAX_HOLES, _MAX_SOLVED = 3, 256
_PSEUDO = "AWS::"


def single_symbol(text: Text | None) -> Symbol | None:
    """The one symbol that a text is; None for any other text."""
    if not isinstance(text, Symbolic) or len(text.parts) != 1:
        return None
    return text.symbols[0]


def symbols_compared(
    equalities: Mapping[str, Equality], known: Container[str]
) -> list[tuple[str, Symbol, Text | None]]:
    """
    The symbols that are a side of a comparison by themselves, each with the name of the comparison and the other side.

    Args:
        known: the names of those that have a value.
    """
    return [
        (key, symbol, other)
        for key, equality in equalities.items()
        for one, other in ((equality.left, equality.right), (equality.right, equality.left))
        if (symbol := single_symbol(one)) is not None and symbol.name not in known
    ]


def keys_in(table: object) -> Iterator[str]:
    """The keys of a mapping, and those of its rows."""
    if isinstance(table, dict):
        for key, inner in table.items():
            yield key
            yield from keys_in(inner)


def put_names(value: object, found: dict[str, None]) -> None:
    """Every name that a value refers to by ``Ref`` or ``Fn::Sub``, in order."""
    if isinstance(value, list):
        for item in value:
            put_names(item, found)
    elif isinstance(value, dict):
        for function, argument in value.items():
            if function == "Ref" and isinstance(argument, str):
                found[argument] = None
                continue
            if function == "Fn::Sub":
                found.update(dict.fromkeys(variables_of(argument)))
            put_names(argument, found)


def put_deciding_names(scope: Scope, value: object, found: dict[str, None], seen: set[str]) -> None:
    """
    Every name that decides what a value is, in order.

    Args:
        seen: the conditions that have been looked into.
    """
    followed = follow_expressions(scope, value)
    put_names(followed, found)
    for name in named_conditions(followed):
        if name not in seen:
            seen.add(name)
            put_deciding_names(scope, scope.environment.conditions.get(name), found, seen)


def names_to_blame(scope: Scope, values: Mapping[str, str], conditions: Iterable[str]) -> set[str]:
    """
    The names without other values of which conditions come out as they do, among those that have some.

    Args:
        scope: one without the values.
        conditions: their names. What they depend on is parameters, pseudo-parameters and mappings.
    """
    environment = scope.environment
    found: dict[str, None] = {}
    reading, seen = ConditionReader(scope.opened(values)), set[str]()
    for name in conditions:
        _put_to_blame(scope, reading, {"Condition": name}, found, seen)
    # One pseudo-parameter may decide another, and what a comparison is taken to be is about all that it reads.
    is_placed = any(name.startswith(_PSEUDO) for name in found)
    others = (name for name in values if is_placed if name.startswith(_PSEUDO))
    taken = (name for name in values if name not in environment.parameters and not name.startswith(_PSEUDO))
    return (found.keys() & values.keys()) | {*others, *taken}


def _to_blame(scope: Scope, reading: ConditionReader, name: str) -> Sequence[str]:
    """The names that decide how a condition comes out, kept: most values that are tried change nothing about it."""
    outcomes, key = scope.environment.outcomes, reading.key(name)
    scope.environment.work.name()
    names = outcomes.blamed(key) if key is not None else None
    if names is None:
        found: dict[str, None] = {}
        hits = scope.environment.work.hits
        _put_to_blame(scope, reading, scope.environment.conditions[name], found, set())
        names = (*found,)
        if key is not None and scope.environment.work.hits == hits:
            outcomes.keep_blamed(key, names)
    return names


def _put_to_blame(
    scope: Scope, reading: ConditionReader, expression: object, found: dict[str, None], seen: set[str]
) -> None:
    """
    Args:
        seen: the conditions that have been looked into.
    """
    assert isinstance(expression, dict)
    ((function, argument),) = expression.items()
    if function == "Condition":
        if argument not in seen and fault(scope.environment, str(argument)) is None:
            seen.add(str(argument))
            found.update(dict.fromkeys(_to_blame(scope, reading, str(argument))))
    elif function in ("Fn::And", "Fn::Or", "Fn::Not") and isinstance(argument, list):
        # Where one decides it, whatever the others are does not matter.
        deciding = (one for one in argument if reading.expression(one) is (function == "Fn::Or"))
        one = next(deciding, None) if function != "Fn::Not" else None
        for part in argument if one is None else [one]:
            _put_to_blame(scope, reading, part, found, seen)
    else:
        put_deciding_names(scope, argument, found, set())


def choosing_comparisons(
    reading: ConditionReader, equalities: Mapping[str, Equality], scope: Scope
) -> tuple[dict[str, Equality], list[Equality]]:
    """
    The comparisons not met before that decide what is compared: those of the conditions that choose it. And those of
    which a side is still to be chosen.
    """
    before, chosen = set(reading.open), list[Equality]()
    for equality in [*equalities.values()]:
        sides = [follow_expressions(scope, side) for side in equality.sides]
        if None in [reading.named(name) for name in named_conditions(sides)]:
            chosen.append(equality)
    return {key: equality for key, equality in reading.open.items() if key not in before}, chosen


def is_whole(scope: Scope, compared: Equality) -> bool:
    """Whether it is some values, each by itself, that are compared with a text."""
    sides = [follow_expressions(scope, side) for side in compared.sides]
    return any(isinstance(one, str) for one in (compared.left, compared.right)) and all(
        _is_single(scope, side) for side in sides
    )


def _is_single(scope: Scope, side: object) -> bool:
    """Whether a side is a text or one symbol, or chooses among such."""
    if isinstance(side, dict) and isinstance(branches := side.get("Fn::If"), list):
        return all(_is_single(scope, one) for one in branches[1:])
    try:
        text = scope.text(side)
    except Unreadable:
        return False
    return isinstance(text, str) or (isinstance(text, Symbolic) and single_symbol(text) is not None)


def texts_compared(symbol: Symbol, pairs: Iterable[tuple[str, Symbol, Text | None]]) -> dict[str, None]:
    """All that a symbol is compared with by itself, as `symbols_compared` has it."""
    others = [other for _, compared, other in pairs if compared == symbol and other is not None]
    return dict.fromkeys(text for one in others for text in ((one,) if isinstance(one, str) else one.choices))


def is_part_of(name: str, equality: Equality) -> bool:
    """Whether a symbol is a part of a longer text that is compared."""
    return any(
        isinstance(text, Symbolic) and len(text.parts) > 1 and any(symbol.name == name for symbol in text.symbols)
        for text in (equality.left, equality.right)
    )


def solved_values(name: str, equality: Equality) -> list[str]:
    """The value of a symbol with which the text that it is a part of becomes the other one."""
    for text, other in ((equality.left, equality.right), (equality.right, equality.left)):
        if not isinstance(text, Symbolic) or not isinstance(other, str) or len(other) > _MAX_SOLVED:
            continue
        names = [*dict.fromkeys(symbol.name for symbol in text.symbols)]
        if name not in names or len(text.symbols) > _MAX_HOLES:
            continue
        seen: set[str] = set()
        pattern = ""
        for part in text.parts:
            if isinstance(part, str):
                pattern += re.escape(part)
                continue
            group = f"g{names.index(part.name)}"
            pattern += f"(?P={group})" if part.name in seen else f"(?P<{group}>.*?)"
            seen.add(part.name)
        match = re.fullmatch(pattern, other, re.DOTALL)
        if match is not None:
            return [match[f"g{names.index(name)}"]]
    return []

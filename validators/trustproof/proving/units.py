"""
Statements taken apart: one principal, one action, one resource, one value at a time.

What is listed in a statement are alternatives, so a statement means what the statements together mean that have one of
each. Two policies with the same units mean the same, however they are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from math import prod
from typing import NamedTuple, TypeVar

from trustproof.model.arn import is_account
from trustproof.model.operators import FOR_ALL_VALUES, parse_operator
from trustproof.model.policy import Condition, Policy, Principal, Statement
from trustproof.model.query import texts
from trustproof.model.text import Symbol, Text
from trustproof.sets.patterns import like, matches

_T = TypeVar("_T")

#: A statement with more units is left whole: it would take longer to take it apart than to search it.
MAX_UNITS = 4_096
#: So many pairs of units are looked at whether one holds the other.
MAX_PAIRS = 1_000_000
#: The fields of an ARN before the one that names a resource.
_FIELDS = 5
_WILD = re.compile(r"[*?]")
_OF_SERVICE = re.compile(r"[^:*?]+:")
#: Characters that no policy has, for what is not known in it; and a text that nothing is within.
_FIRST_MARK, _NO_TEXT = 0xF0000, "\0"


class Unit(NamedTuple):
    """
    A part of a statement that is not taken apart further, in one spelling.
    """

    #: Without its name and its place; lists are sorted, and names have one case.
    statement: Statement
    #: Whether ``${...}`` in it is a policy variable; None where it has none, and it does not matter.
    variables: bool | None


def units(policy: Policy, statement: Statement) -> tuple[Unit, ...]:
    """The units of a statement of a policy; together they match what the statement matches."""
    bare = _spelled(statement)
    variables = policy.has_variables if any("${" in str(text) for text, _ in texts(statement)) else None
    if statement.unreadable or _size(bare) > MAX_UNITS:
        return (Unit(bare, variables),)
    return tuple(dict.fromkeys(Unit(one, variables) for one in _apart(bare)))


def covers(outer: Unit, inner: Unit) -> bool:
    """Whether a unit surely matches all that another one does: by what is written, without a search."""
    if outer == inner:
        return True
    a, b = inner.statement, outer.statement
    if a.unreadable or b.unreadable or a.effect != b.effect:
        return False
    if outer.variables is not None and outer.variables != inner.variables:
        return False
    return (
        (a.principals, a.not_principals) == (b.principals, b.not_principals)
        and a.not_actions == b.not_actions
        and _within(a.actions, b.actions, _text_within)
        and a.not_resources == b.not_resources
        and _within(a.resources, b.resources, _resource_within)
        and all(any(_condition_within(one, other) for one in a.conditions) for other in b.conditions)
        and set(b.guards) <= set(a.guards)
    )


def _within(inner: tuple[Text, ...] | None, outer: tuple[Text, ...] | None, within: Callable[[str, str], bool]) -> bool:
    """Whether every one of some names is surely one of some others."""
    if inner is None or outer is None:
        return inner == outer
    return all(any(one == other or within(*_marked(one, other)) for other in outer) for one in inner)


def _condition_within(inner: Condition, outer: Condition) -> bool:
    """Whether what meets a condition surely meets another one: a pattern that matches no more."""
    if inner == outer:
        return True
    operator = parse_operator(outer.operator)
    if (inner.operator, inner.key) != (outer.operator, outer.key) or operator is None or operator.negated:
        return False
    within = _WITHIN.get(operator.base)
    return within is not None and _within(inner.operands, outer.operands, within)


def _marked(one: Text, other: Text) -> tuple[str, str]:
    """
    Two texts with a mark for each value that is not known; the same value has the same mark.

    What holds of texts with marks holds whatever the values are, as long as no ``?`` stands for a mark.
    """
    if isinstance(one, str) and isinstance(other, str):
        return one, other
    marks: dict[Symbol, str] = {}

    def marked(text: Text) -> str:
        parts = (text,) if isinstance(text, str) else text.parts
        return "".join(
            part if isinstance(part, str) else marks.setdefault(part, chr(_FIRST_MARK + len(marks))) for part in parts
        )

    found = marked(one), marked(other)
    if any(symbol.is_list for symbol in marks) or "?" in found[1] or any("{" in text for text in found):
        # A list is no text, and what is known later might begin a policy variable.
        return "", _NO_TEXT
    return found


def _text_within(inner: str, outer: str) -> bool:
    """Whether a text with wildcards surely matches no more than another: its wildcards are taken for characters."""
    if "${" in inner or "${" in outer or ("?" in outer and "*" in inner):
        return inner == outer
    literal = _WILD.split(outer, maxsplit=1)[0]
    if len(literal) == len(outer) or not inner.startswith(literal):
        return inner == outer
    return matches(like(outer), inner)


def _resource_within(inner: str, outer: str) -> bool:
    """The same for ARNs, field by field: that holds however far a wildcard reaches."""
    if outer == "*":
        return True
    fields, wider = inner.split(":", _FIELDS), outer.split(":", _FIELDS)
    return len(fields) == len(wider) == _FIELDS + 1 and all(map(_text_within, fields, wider))


#: Operators whose operands are patterns, as `parse_operator` calls them, and how these are compared.
_WITHIN = {"StringLike": _text_within, "ArnLike": _resource_within, "ArnEquals": _resource_within}


class Cover:
    """
    Units that may cover others: looked up by what both have to have alike, and compared one by one by the rest.
    """

    def __init__(self, outer: Iterable[Unit]) -> None:
        self._same = dict.fromkeys(outer)
        self._alike: dict[tuple[object, ...], list[Unit]] = {}
        for unit in self._same:
            self._alike.setdefault((_action(unit) or _service(unit), *_alike(unit)), []).append(unit)
        self._pairs = MAX_PAIRS

    def uncovered(self, inner: Sequence[Unit]) -> list[Unit]:
        """The units that none of these surely covers; where too many pairs have been compared, all that are not one."""
        left: list[Unit] = []
        for unit in dict.fromkeys(inner):
            if unit in self._same:
                continue
            alike = _alike(unit)
            about = dict.fromkeys(("", _service(unit), _action(unit)))
            others = [other for name in about for other in self._alike.get((name, *alike), ())]
            self._pairs -= len(others)
            if self._pairs < 0 or not any(covers(other, unit) for other in others):
                left.append(unit)
        return left


def _alike(unit: Unit) -> tuple[object, ...]:
    """What a unit has to have as another one has it that covers it."""
    one = unit.statement
    return one.effect, one.principals, one.not_principals, one.not_actions, one.not_resources


def _action(unit: Unit) -> str:
    """The one action that a unit names, which no other name covers; empty where it may cover others."""
    only = _only_action(unit)
    return "" if _WILD.search(only) else only


def _service(unit: Unit) -> str:
    """The service, with its colon, whose actions alone a unit names; empty where it may name others."""
    found = _OF_SERVICE.match(_only_action(unit))
    return "" if found is None else found[0]


def _only_action(unit: Unit) -> str:
    """What a unit has for its one action; empty where it has none, or more, or one that is not known."""
    actions = unit.statement.actions
    only = actions[0] if actions is not None and len(actions) == 1 else ""
    return only if isinstance(only, str) and "${" not in only else ""


def widest(units: Sequence[Unit]) -> list[Unit]:
    """The units that none of the others surely covers; where too many pairs have been compared, more than these."""
    by_rest: dict[tuple[object, ...], list[Unit]] = {}
    for unit in dict.fromkeys(units):
        by_rest.setdefault(_alike(unit), []).append(unit)
    left, pairs = [], MAX_PAIRS
    for unit in dict.fromkeys(units):
        others = by_rest[_alike(unit)]
        pairs -= len(others)
        if pairs < 0 or not any(other is not unit and covers(other, unit) for other in others):
            left.append(unit)
    return left


def left_of(statement: Statement, all_units: Sequence[Unit], left: Sequence[Unit]) -> tuple[Statement, ...]:
    """
    What is left of a statement, as few statements: the whole, one with shorter lists, or each unit.

    Args:
        all_units: those of the statement.
        left: some of them.
    """
    if len(left) == len(all_units):
        return (statement,)
    rest = [unit.statement for unit in left]
    principals = _listed(one.principals for one in rest)
    actions = _listed(one.actions for one in rest)
    resources = _listed(one.resources for one in rest)
    size = prod(len(found) for found in (principals, actions, resources) if found is not None)
    if size == len(rest) and len({one.conditions for one in rest}) == 1:
        rest = [rest[0]._replace(principals=principals, actions=actions, resources=resources)]
    return tuple(one._replace(sid=statement.sid, path=statement.path) for one in rest)


def _listed(column: Iterable[tuple[_T, ...] | None]) -> tuple[_T, ...] | None:
    """Everything that some units have of one element; None where they have none of it."""
    found = [values for values in column if values is not None]
    return tuple(dict.fromkeys(value for values in found for value in values)) if found else None


# -- one spelling


def _spelled(statement: Statement) -> Statement:
    principals, not_principals = (
        None if entries is None else _sorted(map(_spelled_principal, entries))
        for entries in (statement.principals, statement.not_principals)
    )
    actions, not_actions = (
        None if names is None else _sorted(map(_lowered, names)) for names in (statement.actions, statement.not_actions)
    )
    return statement._replace(
        principals=principals,
        not_principals=not_principals,
        actions=actions,
        not_actions=not_actions,
        resources=_sorted(statement.resources),
        not_resources=_sorted(statement.not_resources),
        conditions=_sorted(map(_spelled_condition, statement.conditions)) or (),
        sid=None,
        guards=_sorted(statement.guards) or (),
        path=(),
    )


def _sorted(values: Iterable[_T] | None) -> tuple[_T, ...] | None:
    return None if values is None else tuple(sorted(set(values), key=repr))


def _lowered(text: Text) -> Text:
    return text.lower() if isinstance(text, str) else text


def _spelled_principal(entry: Principal) -> Principal:
    """An account by its id; IAM takes that and the ARN of its root for the same."""
    value = entry.value
    if entry.kind == "AWS" and isinstance(value, str):
        fields = value.split(":")
        # In another partition there are other accounts.
        if fields[:4] == ["arn", "aws", "iam", ""] and fields[5:] == ["root"] and is_account(fields[4]):
            return entry._replace(value=fields[4])
    return entry


def _spelled_condition(condition: Condition) -> Condition:
    operator = parse_operator(condition.operator)
    name = condition.operator
    if operator is not None:
        quantifier = f"{operator.quantifier}:" if operator.quantifier else ""
        name = f"{quantifier}{operator.base}{'IfExists' if operator.if_exists else ''}"
    operands = tuple(sorted(set(condition.operands), key=repr))
    return Condition(name, condition.key.lower(), operands)


# -- taking apart


def _apart(statement: Statement) -> Iterator[Statement]:
    """The units of a statement in one spelling."""
    conditions = [
        [one._replace(operands=(operand,)) for operand in one.operands] if _are_alternatives(one) else [one]
        for one in statement.conditions
    ]
    for principals, actions, resources, chosen in product(
        _each(statement.principals), _each(statement.actions), _each(statement.resources), product(*conditions)
    ):
        yield statement._replace(
            principals=principals, actions=actions, resources=resources, conditions=_sorted(chosen) or ()
        )


def _each(values: tuple[_T, ...] | None) -> list[tuple[_T, ...] | None]:
    """One by one; what is not there, or empty, as it is."""
    return [(value,) for value in values] if values else [values]


def _size(statement: Statement) -> int:
    """How many units a statement has."""
    conditions = [len(one.operands) for one in statement.conditions if _are_alternatives(one)]
    listed = [len(found) for found in (statement.principals, statement.actions, statement.resources) if found]
    return prod((*conditions, *listed))


def _are_alternatives(condition: Condition) -> bool:
    """Whether each operand by itself lets something in, and all together no more than that."""
    operator = parse_operator(condition.operator)
    known = operator is not None and not operator.negated and operator.quantifier != FOR_ALL_VALUES
    return known and len(condition.operands) > 1

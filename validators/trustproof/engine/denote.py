"""
Conditions as literals: the values of a key that meet a condition, and those that don't.

Each reading is a pair. `over` is true at least wherever the condition may be, `under` at most where it must be; for
almost every condition they are one and the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from trustproof.aws.condition_keys import DECIMAL, Key, lookup
from trustproof.aws.single_values import has_one, has_several
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import NOTHING, Present, Values
from trustproof.engine.operands import (
    ANY_SPACE,
    SPECIAL,
    Operand,
    Variable,
    arn_operand,
    binary_operand,
    split_variables,
    string_operand,
)
from trustproof.engine.quantities import Base, addresses, booleans, numbers, parse_date, parse_number
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.search import Literal
from trustproof.model.operators import FOR_ALL_VALUES, FOR_ANY_VALUE, Operator, parse_operator
from trustproof.model.policy import Condition
from trustproof.model.text import Text
from trustproof.sets.addresses import AddressSet
from trustproof.sets.collections import CollectionSet
from trustproof.sets.numbers import NumberSet
from trustproof.sets.patterns import EVERYTHING, Pattern, exact, nonempty, shortest
from trustproof.sets.strings import StringSet


class Denotation(NamedTuple):
    """
    A condition as a literal, twice: for an Allow (`over`) and for a Deny (`under`).
    """

    over: Literal
    under: Literal
    #: Why the two differ; empty where they don't.
    note: str = ""


def describe(condition: Condition) -> str:
    """The condition as a person would say it: ``Bool aws:MultiFactorAuthPresent true``."""
    values = " or ".join(str(o) for o in condition.operands) or "[]"
    return f"{condition.operator} {condition.key} {values}"


def denote(condition: Condition, space: RequestSpace, variables: bool, *, settled: bool = False) -> Denotation | None:
    """
    Read a condition in one request space; None for an operator that IAM does not know.

    Args:
        variables: whether ``${...}`` is a policy variable (the document has version 2012-10-17).
        settled: whether an operand of the wrong type matches nothing; what IAM makes of it is not documented.
    """
    operator = parse_operator(condition.operator)
    if operator is None:
        return None
    key = lookup(condition.key)
    if variables and key.name.lower() in space.known_keys:
        turned = _turned(condition, operator, space.known_keys[key.name.lower()], space)
        if turned is not None:
            return denote(turned, space, variables, settled=settled)
    label = describe(condition)
    if not condition.operands:
        return _without_operands(operator, key, space, label)
    if operator.base == "Null":
        return _null(condition, operator, key, space, label, settled)
    multi = key.multi or (bool(operator.quantifier) and not has_one(key))
    if variables and any("${" in str(operand) for operand in condition.operands):
        base = _base(operator, key, condition.operands, space, variables)
    else:
        base = _known_base(operator, condition.key, condition.operands)
    if settled and base.mistyped:
        base = base.settled
    if multi:
        return _multi_valued(operator, key, base, label)
    return _single_valued(operator, key, base, space, label)


def type_mismatch(condition: Condition) -> str:
    """Which operand is of another type than its operator, as a sentence; the empty string where none is."""
    operator = parse_operator(condition.operator)
    if operator is None:
        return ""
    is_null = operator.base == "Null"
    base = booleans(condition.operands) if is_null else _known_base(operator, condition.key, condition.operands)
    return base.note if base.mistyped else ""


#: Operators that say the same of both sides.
_SYMMETRIC = ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase")


def _turned(condition: Condition, operator: Operator, value: str, space: RequestSpace) -> Condition | None:
    """
    A comparison of a key whose value is known with a variable, said of the variable's key; None for any other one.

    ``StringEquals aws:ResourceAccount ${aws:PrincipalAccount}`` asks of the caller what it seems to ask of the
    resource.
    """
    if operator.base not in _SYMMETRIC or operator.quantifier:
        return None
    pieces = [split_variables(operand) if isinstance(operand, str) else [] for operand in condition.operands]
    whole = [parts[0] for parts in pieces if len(parts) == 1]
    variables = [part for part in whole if isinstance(part, Variable) and part.default is None]
    names = {variable.key.lower() for variable in variables}
    if len(variables) != len(pieces) or len(names) != 1:
        return None
    (name,) = names
    key = lookup(name)
    if name in SPECIAL or name in space.known_keys or key.multi or not key.known:
        return None
    # A variable that is not there equals nothing, whether or not the other key may be missing.
    return condition._replace(operator=operator.base, key=key.name, operands=(value,))


def absent_meets(operator: Operator) -> bool:
    """
    Whether an absent key meets a condition.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    if operator.quantifier == FOR_ANY_VALUE:
        return False
    return operator.quantifier == FOR_ALL_VALUES or operator.if_exists or operator.negated


def _literal(dimension: str, absent: bool, yes: Present | None, no: Present | None, label: str) -> Literal:
    return Literal(dimension, Values(absent, yes), Values(not absent, no), label)


def _constant(value: bool, label: str) -> Literal:
    everyone = Values(False, StringSet.full())
    return Literal("caller", everyone if value else NOTHING, NOTHING if value else everyone, label)


def _null(
    condition: Condition, operator: Operator, key: Key, space: RequestSpace, label: str, settled: bool
) -> Denotation:
    if operator.quantifier:
        # With a set operator, Null tests nothing: for all values is always true, for any value always false.
        literal = _constant(operator.quantifier == FOR_ALL_VALUES, label)
        return Denotation(literal, literal)
    wanted = {str(o).lower() for o in condition.operands}
    read = booleans(condition.operands)
    unknown = "" if settled and read.mistyped else read.note
    if space.is_view(key):
        literal = _constant("false" in wanted, label)
        return Denotation(_constant(True, label) if unknown else literal, literal, unknown and f"{label}: {unknown}")
    dimension = key_dimension(key.name.lower(), "multi" if key.multi else "string")
    full = _full(key, "multi" if key.multi else "string")
    # The empty string is a null value: it counts as absent here.
    there: Present | None = StringSet.outside([_EMPTY]) if isinstance(full, StringSet) else full
    null: Present | None = StringSet.of([_EMPTY]) if isinstance(full, StringSet) else None
    if wanted >= {"true", "false"}:
        there = null = full
    yes, no = (there, null) if "false" in wanted else (null, there)
    if wanted >= {"true", "false"}:
        no = None
    literal = _literal(dimension, "true" in wanted, yes, no, label)
    if not wanted & {"true", "false"}:
        literal = _literal(dimension, False, None, full, label)
    if not unknown:
        return Denotation(literal, literal)
    return Denotation(_literal(dimension, True, full, None, label), literal, f"{label}: {unknown}")


def _without_operands(operator: Operator, key: Key, space: RequestSpace, label: str) -> Denotation:
    """An empty list of operands: no present value meets it, an absent key does where absence counts."""
    absent = operator.quantifier == FOR_ALL_VALUES or operator.if_exists
    if space.is_view(key):
        literal = _constant(False, label)
        return Denotation(literal, literal)
    use = "multi" if key.multi else "string"
    literal = _literal(key_dimension(key.name.lower(), use), absent, None, _full(key, use), label)
    return Denotation(literal, literal)


def _full(key: Key, use: str) -> Present:
    if key.multi or (not key.known and use == "multi"):
        return CollectionSet(StringSet.full())
    if key.type in ("numeric", "date"):
        return NumberSet.full() if key.shape == DECIMAL else NumberSet.full().integers()
    return AddressSet.full() if key.type == "ip" else StringSet.full()


def _single_valued(operator: Operator, key: Key, base: Base, space: RequestSpace, label: str) -> Denotation:
    absent = absent_meets(operator)
    yes, no, sure, unsure = base.turned(operator.negated)
    if operator.quantifier and not space.is_view(key):
        every = operator.quantifier == FOR_ALL_VALUES
        yes, no = _null_counts(yes, no, every)
        sure, unsure = _null_counts(sure, unsure, every)
    if space.is_view(key):
        over = _view(key, yes, space, label)
        under = over if not base.note else _view(key, sure, space, label)
        return Denotation(over, under, base.note)
    dimension = key_dimension(key.name.lower())
    over = _literal(dimension, absent, yes, no, label)
    if not base.note:
        return Denotation(over, over)
    return Denotation(over, _literal(dimension, absent, sure, unsure, label), f"{label}: {base.note}")


_EMPTY = exact("")


def _null_counts(yes: Present, no: Present, every: bool) -> tuple[Present, Present]:
    """
    A set operator on a single value that is the empty string: a null value is no value.

    ``ForAllValues`` is then true and ``ForAnyValue`` false, whatever the base operator says of the empty string.
    """
    if not isinstance(yes, StringSet) or not isinstance(no, StringSet):
        return yes, no
    grow, shrink = (yes, no) if every else (no, yes)
    shrunk: Present = shrink & StringSet.outside([_EMPTY])
    grown: Present
    if grow.clauses:
        (clause,) = grow.clauses
        grown = StringSet.of({*clause, _EMPTY})
    else:
        grown = StringSet.outside(p for pattern in grow.forbidden for p in nonempty(pattern))
    return (grown, shrunk) if every else (shrunk, grown)


def _view(key: Key, present: Present, space: RequestSpace, label: str) -> Literal:
    """A literal on the caller's record that says the same as a set of values of a key that follows from it."""
    assert isinstance(present, StringSet)
    if present.forbidden:
        patterns = tuple(view for p in sorted(present.forbidden, key=str) for view in space.view(key, p))
        return Literal(
            "caller", Values(False, StringSet.outside(patterns)), Values(False, StringSet.of(patterns)), label
        )
    if not present.clauses:
        return _constant(True, label)
    (clause,) = present.clauses
    patterns = tuple(view for p in sorted(clause, key=str) for view in space.view(key, p))
    return Literal("caller", Values(False, StringSet.of(patterns)), Values(False, StringSet.outside(patterns)), label)


def _multi_valued(operator: Operator, key: Key, base: Base, label: str) -> Denotation:
    dimension = key_dimension(key.name.lower(), "multi")
    absent = absent_meets(operator)
    full: CollectionSet[StringSet] = CollectionSet(StringSet.full())
    if not isinstance(base.larger, StringSet):
        over = _literal(dimension, absent, full, full, label)
        under = _literal(dimension, absent, None, full, label)
        return Denotation(over, under, f"{label}: a collection is compared with numbers, dates or addresses")
    if not operator.quantifier:
        # At run time such a condition seems never to match, but that is not documented.
        over = _literal(dimension, absent, full, None, label)
        if not operator.negated and isinstance(base.not_larger, StringSet):
            # However it is read, it is about some value that it matches.
            over = _literal(dimension, absent, *_some(base.larger, base.not_larger), label)
        under = _literal(dimension, absent, None, full, label)
        return Denotation(
            over, under, f"{label}: the key has several values, and the operator has no ForAnyValue or ForAllValues"
        )
    yes, no, sure, unsure = base.turned(operator.negated)
    make = _for_all if operator.quantifier == FOR_ALL_VALUES else _for_any
    over = make(dimension, yes, no, label)  # type: ignore[arg-type]
    if not base.note:
        return Denotation(
            over, over, "" if has_several(key) else f"{label}: whether {key.name} has several values is not known"
        )
    return Denotation(over, make(dimension, sure, unsure, label), f"{label}: {base.note}")  # type: ignore[arg-type]


def _for_all(dimension: str, inside: StringSet, outside: StringSet, label: str) -> Literal:
    full = StringSet.full()
    return _literal(dimension, True, CollectionSet(inside), CollectionSet(full, (outside,)), label)


def _for_any(dimension: str, inside: StringSet, outside: StringSet, label: str) -> Literal:
    return _literal(dimension, False, *_some(inside, outside), label)


def _some(inside: StringSet, outside: StringSet) -> tuple[Present, Present]:
    """The collections of which some item is inside of a set, and all others."""
    return CollectionSet(StringSet.full(), (inside,)), CollectionSet(outside)


def _base(operator: Operator, key: Key, operands: tuple[Text, ...], space: RequestSpace, variables: bool) -> Base:
    """What the operator without its ``Not`` matches."""
    family = operator.family
    # The values of a key that the catalogue does not know are text, and may be no number, date or address.
    kind = "string" if not key.known else key.type
    if family == "binary" and kind in ("string", "binary"):
        return _strings([binary_operand(o) for o in operands])
    if family in ("string", "arn") and kind in ("string", "arn"):
        return _strings(_fitting(_patterns(operator, key, operands, space, variables), space.longest(key)))
    if family == "string" and kind == "bool":
        # Either the text is compared, or nothing matches.
        found, other = _strings(_patterns(operator, key, operands, space, variables)), _mismatch(key, operator)
        return other._replace(larger=found.larger, not_larger=found.not_larger)
    if family == "bool" and kind in ("bool", "string"):
        return booleans(operands)
    if family == "numeric" and (kind == "numeric" or key.name.lower() == "aws:epochtime"):
        is_whole = key.shape != DECIMAL
        return numbers(operator.base.removeprefix("Numeric"), operands, parse_number, "a number", is_whole=is_whole)
    if family == "date" and kind == "date":
        return numbers(operator.base.removeprefix("Date"), operands, parse_date, "a date")
    if family == "ip" and kind == "ip":
        return addresses(operands)
    return _mismatch(key, operator)


@lru_cache(maxsize=4096)
def _known_base(operator: Operator, key: str, operands: tuple[Text, ...]) -> Base:
    """What the operator without its ``Not`` matches, for operands without policy variables."""
    return _base(operator, lookup(key), operands, ANY_SPACE, False)


def _mismatch(key: Key, operator: Operator) -> Base:
    full = _full(key._replace(multi=False), operator.family)
    note = f"{operator.base} compares a key of type {key.type}, and what that means is not documented"
    if not key.known:
        note = f"{operator.base} compares {key.name}, and the types of other services' keys are not known"
    nothing = _none_like(full)
    return Base(full, nothing, nothing, full, note)


def _none_like(full: Present) -> Present:
    if isinstance(full, NumberSet):
        return NumberSet.empty()
    return AddressSet.empty() if isinstance(full, AddressSet) else StringSet.empty()


_ANYTHING = Operand((EVERYTHING,), (EVERYTHING,))


def _patterns(
    operator: Operator, key: Key, operands: Iterable[Text], space: RequestSpace, variables: bool
) -> list[Operand]:
    if operator.family == "arn":
        return [arn_operand(o, space, variables) for o in operands]
    return [
        _ANYTHING if variables and _is_itself(o, key) else string_operand(o, operator.base, space, variables)
        for o in operands
    ]


def _is_itself(operand: Text, key: Key) -> bool:
    """Whether an operand is the key that it is compared with, as a policy variable."""
    if not isinstance(operand, str) or "${" not in operand or key.multi or not key.known:
        return False
    pieces = split_variables(operand)
    return len(pieces) == 1 and isinstance(pieces[0], Variable) and pieces[0].key.lower() == key.name.lower()


def _fitting(operands: list[Operand], most: int | None) -> list[Operand]:
    """The operands without the patterns that no value of a key is long enough for."""
    if most is None:
        return operands
    return [
        one._replace(
            larger=tuple(p for p in one.larger if shortest(p) <= most),
            smaller=tuple(p for p in one.smaller if shortest(p) <= most),
        )
        for one in operands
    ]


def _strings(operands: list[Operand]) -> Base:
    larger: list[Pattern] = [p for o in operands for p in o.larger]
    smaller: list[Pattern] = [p for o in operands for p in o.smaller]
    note = next((o.note for o in operands if o.note), "")
    return Base(
        StringSet.of(larger), StringSet.outside(larger), StringSet.of(smaller), StringSet.outside(smaller), note
    )

"""
Comparisons with policy variables: whether one holds is a dimension of its own.

``StringEquals sts:RoleSessionName ${aws:username}`` speaks of two keys at once, so no set of values of one key is what
meets it. But that it holds is a value of the request like any other: true, false, or absent where the key is. What two
statements compare in the same way is then one and the same value, and facts tie it to the keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, permutations
from typing import NamedTuple

from trustproof.aws.condition_keys import Key, lookup
from trustproof.aws.single_values import has_one
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.denote import absent_meets, denote, describe
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import ABSENT, Present, Values
from trustproof.engine.key_relations import one_of
from trustproof.engine.operands import SPECIAL, Variable, split_variables
from trustproof.engine.request_space import COMPARISON, RequestSpace
from trustproof.engine.search import Box, Literal
from trustproof.engine.wider_comparisons import is_wider
from trustproof.model.operators import FOR_ALL_VALUES, FOR_ANY_VALUE, parse_operator
from trustproof.model.policy import Condition
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import Pattern, exact, like, literal_text, show
from trustproof.sets.strings import StringSet

#: Parts the name of a dimension; a comparison of a text that has one is none of these.
_BETWEEN = "\x1f"
_TEXTS = ("string", "arn", "unknown")
#: The name of a key in a variable: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
_KEY = re.compile(r"(?<=\$\{)[^{},*?$]+")
_TRUE, _FALSE = StringSet.of([exact("true")]), StringSet.of([exact("false")])


class VariableComparison(NamedTuple):
    """
    A positive condition with policy variables, without what it says of an absent key.
    """

    #: ``StringEquals``, ``StringLike``, ``StringEqualsIgnoreCase`` or ``ArnLike``, perhaps with a set operator.
    operator: str
    #: Lower-cased.
    key: str
    operands: tuple[str, ...]

    @property
    def dimension(self) -> str:
        """The name of its dimension."""
        return COMPARISON + _BETWEEN.join((self.operator, self.key, *self.operands))

    @property
    def condition(self) -> Condition:
        """What is true where the comparison is; false, or absent, where that is false."""
        return Condition(self.operator, lookup(self.key).name, self.operands)

    @property
    def quantifier(self) -> str:
        """Its set operator; the empty string where it has none."""
        return self.operator.rpartition(":")[0]

    @property
    def base(self) -> str:
        """Its operator, without a set operator."""
        return self.operator.rpartition(":")[2]

    @property
    def has_several(self) -> bool:
        """Whether it compares all values of a key that may have several."""
        key = lookup(self.key)
        return ":" in self.operator and not has_one(key)


def outcome(condition: Condition) -> Literal | None:
    """
    That a condition with policy variables holds, on the dimension of its comparison; None for what cannot be one.
    """
    operator, key = parse_operator(condition.operator), lookup(condition.key)
    if operator is None or operator.family not in ("string", "arn") or key.type not in _TEXTS:
        return None
    texts = [operand for operand in condition.operands if isinstance(operand, str)]
    if len(texts) < len(condition.operands) or any(_BETWEEN in text for text in (condition.key, *texts)):
        return None
    quantifier = operator.quantifier
    if key.multi and not quantifier:
        return None
    if quantifier and not has_one(key):
        # That no value matches is false of the comparison that asks for any, and the other way round.
        every = (quantifier == FOR_ALL_VALUES) is not operator.negated
        quantifier = FOR_ALL_VALUES if every else FOR_ANY_VALUE
    elif quantifier:
        quantifier = FOR_ANY_VALUE
    base = operator.base.replace("Not", "").replace("ArnEquals", "ArnLike")
    written = [part for text in texts for part in split_variables(text) if isinstance(part, str)]
    if base == "StringLike" and not any(set(part) & set("*?") for part in written):
        base = "StringEquals"
    found = VariableComparison(
        f"{quantifier}:{base}" if quantifier else base, key.name.lower(), tuple(sorted({*map(_one_case, texts)}))
    )
    absent = absent_meets(operator)
    met, missed = (_FALSE, _TRUE) if operator.negated else (_TRUE, _FALSE)
    return Literal(found.dimension, Values(absent, met), Values(not absent, missed), describe(condition))


def _one_case(text: str) -> str:
    """A text with the names of the keys in its variables in lower case: IAM does not tell the cases apart."""
    return _KEY.sub(lambda found: found[0].lower(), text)


def is_comparing(mentioned_literals: Iterable[Literal]) -> bool:
    """Whether a question speaks of a comparison with a policy variable."""
    return any(literal.dimension.startswith(COMPARISON) for literal in mentioned_literals)


def comparisons(space: RequestSpace, mentioned_literals: Sequence[Literal]) -> Iterator[Box]:
    """What ties each comparison that a question speaks of to its key, as far as sets of values can say it."""
    for found in _mentioned_comparisons(mentioned_literals):
        reading = denote(found.condition, space, True)
        assert reading is not None, found
        label, (holds, fails) = describe(found.condition), _sides(found)
        yield Box((holds, _turned(reading.over)), label)
        yield Box((fails, reading.under), label)
        yield from _presence(found, space, label)
        other = _needed(found.operands)
        if other is not None and not space.is_view(other):
            there = Values(False, StringSet.full())
            missing = Literal(key_dimension(other.name.lower()), ABSENT, there, f"{other.name} is absent")
            yield Box((holds, missing), f"{label} needs {other.name}")
    yield from _wider(_mentioned_comparisons(mentioned_literals))


def _wider(found: Iterable[VariableComparison]) -> Iterator[Box]:
    """Of two comparisons of one key, the wider one does not fail where the other one holds."""
    several = sorted(found, key=lambda one: (one.key, one.quantifier))
    for _, alike in groupby(several, key=lambda one: (one.key, one.quantifier)):
        for one, other in permutations(alike, 2):
            if is_wider(other.base, other.operands, one.base, one.operands):
                (holds, _), (_, fails) = _sides(one), _sides(other)
                yield Box((holds, fails), f"{describe(other.condition)} holds where {holds.label}")


def equalities(space: RequestSpace, mentioned_literals: Sequence[Literal]) -> Iterator[Box]:
    """
    Equal values are in the same sets, and different ones are not both the same: of the sets that a question speaks of.
    """
    for found in _mentioned_comparisons(mentioned_literals):
        other = _needed(found.operands)
        if other is None or not _is_equality(found, other):
            continue
        key, (holds, fails) = lookup(found.key), _sides(found)
        label = f"{key.name} and {other.name} are the same where {holds.label}"
        sets = dict.fromkeys((*_sets(key, space, mentioned_literals), *_sets(other, space, mentioned_literals)))
        for patterns in sorted(sets, key=lambda one: (-len(one), str(one))):
            (this, another), (same, different) = _is(key, patterns, space), _is(other, patterns, space)
            yield Box((holds, this, different), label)
            yield Box((holds, another, same), label)
            if not found.operator.endswith("ArnLike") and len(patterns) == 1 and literal_text(patterns[0]) is not None:
                yield Box((fails, this, same), label)


def _mentioned_comparisons(mentioned_literals: Sequence[Literal]) -> Iterator[VariableComparison]:
    for name in sorted(
        {literal.dimension for literal in mentioned_literals if literal.dimension.startswith(COMPARISON)}
    ):
        operator, key, *operands = name.removeprefix(COMPARISON).split(_BETWEEN)
        yield VariableComparison(operator, key, tuple(operands))


def _sides(found: VariableComparison) -> tuple[Literal, Literal]:
    """That a comparison holds, and that it fails."""
    label = describe(found.condition)
    return (
        Literal(found.dimension, Values(False, _TRUE), Values(True, _FALSE), label),
        Literal(found.dimension, Values(False, _FALSE), Values(True, _TRUE), f"not {label}"),
    )


def _turned(literal: Literal) -> Literal:
    return literal._replace(yes=literal.no, no=literal.yes, label=f"not {literal.label}")


def _presence(found: VariableComparison, space: RequestSpace, label: str) -> Iterator[Box]:
    """A comparison is absent if and only if what it compares is; a null value under a set operator is no value."""
    key = lookup(found.key)
    either = StringSet.of([exact("true"), exact("false")])
    made = Literal(found.dimension, Values(False, either), ABSENT, f"{key.name} is compared")
    if space.is_view(key):
        yield Box((_turned(made),), label)
        return
    here: Present = CollectionSet(StringSet.full()) if found.has_several else StringSet.full()
    null: Present | None = None
    if ":" in found.operator and not found.has_several:
        here, null = StringSet.outside([exact("")]), StringSet.of([exact("")])
    use = "multi" if found.has_several else "string"
    there = Literal(
        key_dimension(key.name.lower(), use), Values(False, here), Values(True, null), f"{key.name} is present"
    )
    yield Box((_turned(made), there), label)
    yield Box((made, _turned(there)), label)


def _needed(operands: Sequence[str]) -> Key | None:
    """A key without which no operand matches anything."""
    named = [
        {part.key.lower() for part in split_variables(text) if isinstance(part, Variable) and part.default is None}
        for text in operands
    ]
    keys = [lookup(name) for name in sorted(set[str].intersection(*named).difference(SPECIAL))]
    return next((key for key in keys if not key.multi and key.type in (*_TEXTS, "bool")), None)


def _is_equality(found: VariableComparison, other: Key) -> bool:
    """Whether a comparison holds just where two keys are equal (or, with an ARN operator, at most there)."""
    whole = [part for text in found.operands for part in split_variables(text)]
    plain = len(whole) == 1 and not found.operator.endswith("IgnoreCase") and not found.has_several
    return plain and lookup(found.key).known and other.known


def _is(key: Key, patterns: Sequence[Pattern], space: RequestSpace) -> tuple[Literal, Literal]:
    """That a key is there and matches one of some patterns, and that it is there and does not."""
    if not space.is_view(key):
        return one_of(key_dimension(key.name.lower()), *patterns)
    return one_of("caller", *(view for pattern in patterns for view in space.view(key, pattern)))


def _sets(key: Key, space: RequestSpace, mentioned_literals: Sequence[Literal]) -> Iterator[tuple[Pattern, ...]]:
    """The alternatives that a question holds a key against, together and one by one, and what all its values are."""
    dimension = "caller" if space.is_view(key) else key_dimension(key.name.lower())
    named = [
        v.present for literal in mentioned_literals if literal.dimension == dimension for v in (literal.yes, literal.no)
    ]
    for present in (*named, space.domain(dimension).present):
        if isinstance(present, StringSet):
            for clause in (*present.clauses, present.forbidden):
                patterns = sorted(clause, key=str)
                if dimension == "caller":
                    parts = [_part(key, show(pattern)) for pattern in patterns]
                    patterns = [*dict.fromkeys(like(part) for part in parts if part is not None)]
                yield from ((*patterns,), *((pattern,) for pattern in patterns)) if patterns else ()


def _part(key: Key, record: str) -> str | None:
    """What a record of a caller, or a pattern for some, says of a key that follows from it."""
    arn, separator, unique = record.partition(SEPARATOR)
    fields = arn.split(":", 5)
    match key.name.lower():
        case "aws:principalarn" | "aws:principalservicename":
            return arn if separator else None
        case "aws:userid":
            return unique or None
        case "aws:principalaccount":
            return fields[4] if len(fields) == 6 else None
        case "aws:username":
            return arn.rpartition("/")[2] if separator and "/" in arn else None
    return None

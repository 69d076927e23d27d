"""
Conjoin conditions: what is added narrows what is there, and never replaces it.

In the AWS CDK the last of two conditions on the same operator and key wins, which in a trust policy silently widens
trust. Here both must hold; where one IAM statement cannot say so, the caller is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, TypeAlias

from trustproof_cdk._arguments import arguments, known_later

#: What may stand for one operand; numbers and booleans are written as the text that IAM compares.
Operand: TypeAlias = "str | bool | int"
#: Operator to key to operands: the ``Condition`` element of a statement.
ConditionBlock: TypeAlias = Mapping[str, Mapping[str, "Operand | Sequence[Operand]"]]

_FAMILIES: dict[str, tuple[str, ...]] = {
    "literal": ("StringEquals", "Bool", "BinaryEquals", "Null"),
    "caseless": ("StringEqualsIgnoreCase",),
    "pattern": ("StringLike", "ArnEquals", "ArnLike"),
    "number": ("NumericEquals",),
    "date": ("DateEquals",),
    "address": ("IpAddress",),
    "at most": ("NumericLessThan", "NumericLessThanEquals", "DateLessThan", "DateLessThanEquals"),
    "at least": ("NumericGreaterThan", "NumericGreaterThanEquals", "DateGreaterThan", "DateGreaterThanEquals"),
    "negated": (
        "StringNotEquals",
        "StringNotEqualsIgnoreCase",
        "StringNotLike",
        "ArnNotEquals",
        "ArnNotLike",
        "NumericNotEquals",
        "DateNotEquals",
        "NotIpAddress",
    ),
}
#: Every base operator to the rule by which two of its operand lists are conjoined.
_FAMILY = {name: family for family, names in _FAMILIES.items() for name in names}


def conjoin(*blocks: ConditionBlock | None) -> dict[str, dict[str, str | list[str]]]:
    """
    The condition block that holds exactly when all of the given blocks hold.

    Different operators or keys stand side by side, as IAM joins them with *and*. Operands that meet on the same
    operator and key are alternatives, so two lists are intersected (of a negated operator they are united).
    Keys are compared without regard to case, as IAM does; the first spelling stays.

    Args:
        blocks: condition blocks, as they stand in a policy. None of them is changed; one that is None demands nothing.

    Raises:
        ValueError: an operator that IAM does not know, an empty list of operands, two lists that nothing satisfies
            together, or two lists whose conjunction one statement cannot say.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
    """
    joined: dict[str, dict[str, list[str]]] = {}
    for block in blocks:
        for operator, keys in _mapping(block, "conditions").items():
            _split(operator)
            for key, operands in _mapping(keys, operator).items():
                _add(joined.setdefault(operator, {}), operator, key, _texts(operator, key, operands))
    return {operator: {key: _written(texts) for key, texts in keys.items()} for operator, keys in joined.items()}


def refuse_unknown_keys(block: ConditionBlock | None, argument: str = "conditions") -> None:
    """
    Refuse names of condition keys that only a deployment knows.

    Args:
        block: of a policy; a trust policy may have the issuer of a cluster there, see `_token_role`.
        argument: that has it, as the caller wrote it.
    """
    for keys in conjoin(block).values():
        for key in keys:
            why = "CloudFormation takes no reference in the name of a condition key: write it out"
            arguments.refuse_token(key, argument, why)


def _written(texts: list[str]) -> str | list[str]:
    """One operand without its list, unless it stands for a list itself."""
    return texts[0] if len(texts) == 1 and not arguments.is_list_token(texts[0]) else texts


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if value is None and what == "conditions":
        return {}
    if not isinstance(value, Mapping):
        inner = "{'aws:PrincipalTag/team': 'ops'}"
        accepted = f"{{'StringEquals': {inner}}}" if what == "conditions" else inner
        raise TypeError(f"{what} must be a mapping like {accepted}, got {value!r}")
    return value


def _add(keys: dict[str, list[str]], operator: str, key: str, texts: list[str]) -> None:
    written = next((known for known in keys if known.lower() == key.lower()), None)
    if written is None:
        keys[key] = texts
    else:
        keys[written] = _meet(operator, written, keys[written], texts)


def _split(operator: str) -> tuple[str, str, bool]:
    """Quantifier, base and whether ``IfExists`` is there."""
    quantifier, colon, rest = str(operator).rpartition(":")
    base = rest.removesuffix("IfExists")
    if base not in _FAMILY or (colon and quantifier not in ("ForAllValues", "ForAnyValue")) or rest == "NullIfExists":
        accepted = ", ".join(sorted(_FAMILY))
        raise ValueError(
            f"unknown condition operator {operator!r}; IAM knows {accepted}, with ForAllValues: or ForAnyValue: before "
            "and (except for Null) IfExists after the name"
        )
    return quantifier, base, rest != base


def _texts(operator: str, key: str, operands: object) -> list[str]:
    if isinstance(operands, (str, bool, int)):
        listed: list[Operand] = [operands]
    elif isinstance(operands, (Mapping, bytes, bytearray, memoryview)) or not isinstance(operands, Iterable):
        # Bytes would be a list of numbers.
        raise _no_operand(operator, key, operands)
    else:
        # A set has another order in every process.
        listed = sorted(operands, key=str) if isinstance(operands, (set, frozenset)) else list(operands)
    for operand in listed:
        if not isinstance(operand, (str, bool, int)):
            raise _no_operand(operator, key, operand)
    if not listed:
        raise ValueError(f"{operator} {key} has no operands, and IAM defines no meaning for an empty list")
    # One that stands for all of the list has nothing beside it, see below.
    lists = [operand for operand in listed if arguments.is_list_token(operand)]
    for operand in lists:
        known_later.note(operand, f"{operator} {key}")
    with known_later.in_a_list(lambda: not all(map(arguments.is_token, listed))):
        for operand in [one for one in listed if one not in lists]:
            arguments.refuse_no_text(operand, f"{operator} {key}")
    texts = [str(operand).lower() if isinstance(operand, bool) else str(operand) for operand in listed]
    if any(map(arguments.is_list_token, texts)) and (len(texts) > 1 or isinstance(operands, str)):
        raise ValueError(
            f"{operator} {key} must have a list that only a deployment knows as its operands, and nothing beside it: "
            "take its entries one by one, like Fn.select(0, parameter.value_as_list)"
        )
    if _split(operator)[1] in ("Bool", "Null"):
        texts = [text.lower() if text.lower() in ("true", "false") else text for text in texts]
    return list(dict.fromkeys(texts))


def _no_operand(operator: str, key: str, operand: object) -> TypeError:
    return TypeError(f"{operator} {key} must have texts, whole numbers or booleans as operands, got {operand!r}")


def _meet(operator: str, key: str, first: list[str], second: list[str]) -> list[str]:
    """The operands that say both lists at once."""
    quantifier, base, if_exists = _split(operator)
    family = _FAMILY[base]
    if first != second and any(map(arguments.is_list_token, (*first, *second))):
        raise _inexpressible(operator, key, first, second)
    if family == "negated":
        return _meet_negated(quantifier, operator, key, first, second)
    if set(first) <= set(second):
        return first
    if set(second) <= set(first):
        return second
    if quantifier == "ForAnyValue":
        # One value in the first list and another in the second satisfy both: no single list says that.
        raise _inexpressible(operator, key, first, second)
    common = _RULES[family](first, second)
    if common is None:
        raise _inexpressible(operator, key, first, second)
    if not common and (if_exists or quantifier):
        # What is left is the request without the key, and this operator alone cannot say that.
        raise _inexpressible(operator, key, first, second)
    if not common:
        both = f"{_shown(first)} and {_shown(second)}"
        raise ValueError(f"{operator} {key} cannot be both {both}: no value satisfies both")
    return common


def _meet_negated(quantifier: str, operator: str, key: str, first: list[str], second: list[str]) -> list[str]:
    """None of the first and none of the second is none of the union."""
    if quantifier == "ForAnyValue" and not (set(first) <= set(second) or set(second) <= set(first)):
        raise _inexpressible(operator, key, first, second)
    return list(dict.fromkeys((*first, *second)))


def _literal(first: list[str], second: list[str]) -> list[str] | None:
    if _any_open(first, second):
        return None
    return [text for text in first if text in second]


def _caseless(first: list[str], second: list[str]) -> list[str] | None:
    if _any_open(first, second):
        return None
    folded = {text.lower() for text in second}
    return [text for text in first if text.lower() in folded]


def _pattern(first: list[str], second: list[str]) -> list[str] | None:
    if _any_open(first, second) or any("*" in text or "?" in text for text in (*first, *second)):
        return None
    return [text for text in first if text in second]


def _number(first: list[str], second: list[str]) -> list[str] | None:
    return _by_value(first, second, _parse_number)


def _date(first: list[str], second: list[str]) -> list[str] | None:
    return _by_value(first, second, _parse_date)


def _by_value(first: list[str], second: list[str], parse: Callable[[str], Decimal | None]) -> list[str] | None:
    values = {text: parse(text) for text in (*first, *second)}
    if None in values.values():
        return None
    known = {values[text] for text in second}
    return [text for text in first if values[text] in known]


def _at_most(first: list[str], second: list[str]) -> list[str] | None:
    return _bound(first, second, upper=True)


def _at_least(first: list[str], second: list[str]) -> list[str] | None:
    return _bound(first, second, upper=False)


def _bound(first: list[str], second: list[str], *, upper: bool) -> list[str] | None:
    """Alternatives of one list are as loose as the loosest of them; of two lists the tighter one decides."""
    values: dict[str, Decimal] = {}
    for text in (*first, *second):
        value = _parse_number(text)
        value = _parse_date(text) if value is None else value
        if value is None:
            return None
        values[text] = value
    loosest, tightest = (max, min) if upper else (min, max)
    by = values.__getitem__
    return [tightest((loosest(first, key=by), loosest(second, key=by)), key=by)]


def _address(first: list[str], second: list[str]) -> list[str] | None:
    try:
        networks = {text: ip_network(text, strict=False) for text in (*first, *second)}
    except ValueError:
        return None
    common = []
    for one in first:
        for other in second:
            # Two prefixes are nested or disjoint, never partly overlapping.
            if _inside(networks[one], networks[other]):
                common.append(one)
            elif _inside(networks[other], networks[one]):
                common.append(other)
    return list(dict.fromkeys(common))


def _inside(inner: IPv4Network | IPv6Network, outer: IPv4Network | IPv6Network) -> bool:
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and inner.subnet_of(outer)


_RULES: dict[str, Callable[[list[str], list[str]], list[str] | None]] = {
    "literal": _literal,
    "caseless": _caseless,
    "pattern": _pattern,
    "number": _number,
    "date": _date,
    "address": _address,
    "at most": _at_most,
    "at least": _at_least,
}


def _parse_number(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _parse_date(text: str) -> Decimal | None:
    """Seconds since the epoch, of an epoch time or an ISO 8601 date."""
    number = _parse_number(text)
    if number is not None:
        return number
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Decimal(str(moment.timestamp()))


def _any_open(first: list[str], second: list[str]) -> bool:
    """Whether the value of an operand is known only to a request (policy variable) or a deployment (token)."""
    return any("${" in text or arguments.is_token(text) for text in (*first, *second))


def _shown(texts: list[str]) -> str:
    return repr(texts[0]) if len(texts) == 1 else repr(texts)


def _inexpressible(operator: str, key: str, first: list[str], second: list[str]) -> ValueError:
    return ValueError(
        f"one IAM statement cannot say that {operator} {key} is {_shown(first)} and also {_shown(second)}; "
        "give one condition with the operands that satisfy both"
    )

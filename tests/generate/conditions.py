"""
Random conditions: every operator on keys of every type, with operands that nearly fit.

A source of choices is a `random.Random`: a seeded one where many cases count, Hypothesis's own where one case is to be
shrunk to its core.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from tests.generate.words import CATALOGUE, UNKNOWN, VALUES, words
from trustproof.aws.condition_keys import Key, lookup
from trustproof.model.operators import BASES
from trustproof.model.policy import Condition

T = TypeVar("T")

#: Operators by family, the plainest first.
_OF_FAMILY: dict[str, tuple[str, ...]] = {}
for _name, (_family, _) in BASES.items():
    _OF_FAMILY[_family] = (*_OF_FAMILY.get(_family, ()), _name)
#: Type of a key to the families of operators that are made for it.
_FITTING = {
    "string": ("string",),
    "arn": ("arn", "string"),
    "numeric": ("numeric",),
    "date": ("date",),
    "bool": ("bool",),
    "ip": ("ip",),
    "unknown": ("string", "numeric", "bool", "ip", "arn", "date", "binary"),
}
_VARIABLES = (
    "${aws:username}",
    "${aws:userid}",
    "${aws:PrincipalAccount}",
    "${aws:PrincipalArn}",
    "${aws:PrincipalTag/team}",
    "${aws:PrincipalTag/team, 'blue'}",
    "${aws:PrincipalType}",
    "${aws:SourceIdentity, 'alice'}",
    "${aws:PrincipalOrgPaths}",
    "${aws:PrincipalOrgPaths, 'x*'}",
    "${saml:sub}",
    "${acme:tier}",
    "${*}",
    "${?}",
    "${ * }",
    "${*, 'x'}",
    "${aws:username",
    "arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}",
)


class Flavour:
    """
    How far from the well-documented part of the language generated policies may stray.
    """

    def __init__(self, *, exact: bool) -> None:
        #: No policy variables, no unknown keys, no operators on keys of another type, no ``NotPrincipal``.
        self.exact = exact


WILD = Flavour(exact=False)
EXACT = Flavour(exact=True)


def pick(rng: Random, options: Sequence[T]) -> T:
    """One of the options; the first is the simplest."""
    return options[rng.randrange(len(options))]


def once_in(rng: Random, times: int) -> bool:
    """True about once in so many times; false is the simpler answer."""
    return rng.randrange(times) == times - 1


_CORE = (
    *("aws:MultiFactorAuthPresent",) * 8,
    *("aws:MultiFactorAuthAge", "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID") * 3,
    *("aws:PrincipalTag/team", "sts:ExternalId", "sts:RoleSessionName", "aws:PrincipalOrgPaths") * 2,
    *VALUES,
)


def any_key(rng: Random, flavour: Flavour) -> str:
    """The name of a condition key, now and then in another letter case."""
    if not flavour.exact and once_in(rng, 12):
        return pick(rng, tuple(UNKNOWN))
    name = pick(rng, CATALOGUE) if once_in(rng, 8) else pick(rng, _CORE)
    return name.swapcase() if once_in(rng, 12) else name


def any_operator(rng: Random, key: Key, flavour: Flavour) -> str:
    """An operator, mostly one that is made for the key's type."""
    if once_in(rng, 10):
        prefix = pick(rng, ("ForAllValues:", "ForAnyValue:")) if once_in(rng, 8) and not flavour.exact else ""
        return prefix + "Null"
    family = pick(rng, _FITTING[key.type])
    if not flavour.exact and once_in(rng, 12):
        family = pick(rng, tuple(_OF_FAMILY))
    base = pick(rng, _OF_FAMILY[family])
    quantified = key.multi if flavour.exact else key.multi is not once_in(rng, 8)
    if flavour.exact and not key.multi and once_in(rng, 8):
        quantified = True
    prefix = pick(rng, ("ForAnyValue:", "ForAllValues:")) if quantified else ""
    suffix = "IfExists" if base != "Null" and once_in(rng, 3) else ""
    return prefix + base + suffix


def any_operand(rng: Random, key: Key, family: str, flavour: Flavour) -> str:
    """
    An operand: a value of the key, or nearly one.

    Wildcards go into operands of operators that do not interpret them too: an oracle that only saw fitting operands
    would share the engine's blindness.
    """
    if family in ("bool", "null"):
        if not flavour.exact and once_in(rng, 12):
            return pick(rng, ("yes", "", "1"))
        return pick(rng, ("true", "false", "True", "FALSE"))
    value = pick(rng, words(key.name))
    if family == "numeric" or key.type == "numeric":
        return _near_number(rng, value, flavour)
    if family == "date":
        return _near_date(rng, value, flavour)
    if family == "ip":
        return _near_address(rng, value, flavour)
    if family == "binary":
        return pick(rng, ("YQ==", "YR==", "YWI=", "", "YWJj", value))
    found = _near_text(rng, value, key, family, flavour)
    # What an ARN pattern with fewer than six fields means is not documented.
    return value if flavour.exact and family == "arn" and found.count(":") < 5 else found


def _near_number(rng: Random, value: str, flavour: Flavour) -> str:
    number = int(value) if value.isdigit() else 5
    options = (str(number), str(number + 1), str(number - 1), f"{number}.5", f"{number}.0")
    if not flavour.exact and once_in(rng, 10):
        return pick(rng, ("abc", "", "-1", "1e3", "+1", "0.", "-0"))
    return pick(rng, options)


def _near_date(rng: Random, value: str, flavour: Flavour) -> str:
    if not flavour.exact and once_in(rng, 8):
        return pick(rng, ("never", "", "2026-13-01", "2026-01-01T00:00:00", "-5", "20260101"))
    if not value.endswith("Z"):
        return pick(rng, (value, "1798761600"))
    options = (value, value[:10], value[:4], value[:7], value[:-1] + "+02:00", value[:-1] + ".5Z", "1798761600")
    return pick(rng, options)


def _near_address(rng: Random, value: str, flavour: Flavour) -> str:
    if not flavour.exact and once_in(rng, 8):
        return pick(rng, ("10.0.0.*", "", "10.0.0.0/33", "::1%eth0", "here"))
    blocks = (
        "203.0.113.0/24",
        "203.0.113.0/25",
        "198.51.100.0/24",
        "0.0.0.0/0",
        "2001:db8::/32",
        "::/0",
        "203.0.113.9/24",
    )
    return pick(rng, (value, *blocks)) if "." in value or ":" in value else pick(rng, blocks)


def _near_text(rng: Random, value: str, key: Key, family: str, flavour: Flavour) -> str:
    way = rng.randrange(14)
    if way < 5:
        return value
    if way == 5:
        return value[: len(value) // 2] + "*"
    if way == 6:
        return "*" + value[len(value) // 2 :]
    if way == 7:
        return value.replace(value[len(value) // 2], "?", 1) if value else "?"
    if way == 8:
        return value.swapcase()
    if way == 9:
        return pick(rng, (value + "x", value[:-1], value + "*", "x" + value))
    if way == 10:
        if family == "arn":
            return _arn_pattern(rng, value)
        return pick(rng, ("*", "?*", "", "?", "*:*"))
    if way == 11:
        return _arn_pattern(rng, value) if key.type == "arn" else pick(rng, words(pick(rng, tuple(VALUES))))
    if way >= 12 and not flavour.exact and rng.randrange(3):
        return pick(rng, ("", value, "*")) + pick(rng, _VARIABLES) + pick(rng, ("", "", "*"))
    return value if flavour.exact else pick(rng, ("", "*", value + "\n", "é", value))


def _arn_pattern(rng: Random, value: str) -> str:
    """The ARN with some fields opened."""
    fields = value.split(":", 5)
    for index in range(len(fields)):
        if once_in(rng, 3):
            fields[index] = pick(rng, ("*", fields[index][:2] + "*", fields[index] + "*", ""))
    return ":".join(fields)


def any_condition(rng: Random, flavour: Flavour = WILD, key: str | None = None) -> Condition:
    """One condition with one to three operands, rarely with none."""
    name = key if key is not None else any_key(rng, flavour)
    known = lookup(name)
    operator = any_operator(rng, known, flavour)
    family = BASES[operator.rpartition(":")[2].removesuffix("IfExists")][0]
    count = pick(rng, (1, 1, 1, 2, 2, 3))
    if not flavour.exact and once_in(rng, 25):
        count = 0
    return Condition(operator, name, tuple(any_operand(rng, known, family, flavour) for _ in range(count)))

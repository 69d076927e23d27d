"""
Session tags on chains of roles that assume themselves and each other: no proof where some user's calls lead on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations, product
from random import Random
from typing import Any, NamedTuple

from hypothesis import given

import trustproof
from tests import tally
from tests.analysis.role_chains.templates import HUB, MFA, arn, role, statement
from tests.strategies import choices, examples

ENTRY, MIDDLE, ADMIN = ROLES = ("entry", "middle", "admin")
ARNS = {name: arn(HUB, name) for name in ROLES}
ASSUME, TAG = "sts:AssumeRole", "sts:TagSession"
VALUES = {"team": ("sec", "ops"), "unit": ("sec", "ops")}
#: All that a call may pass.
PASSED = [
    dict(zip(keys, values, strict=True))
    for count in range(len(VALUES) + 1)
    for keys in combinations(VALUES, count)
    for values in product(*(VALUES[key] for key in keys))
]
CONDITIONS: tuple[dict[str, Any] | None, ...] = (
    None,
    {"StringEquals": {"aws:RequestTag/team": "sec"}},
    {"StringEquals": {"aws:RequestTag/team": "ops"}},
    {"StringEquals": {"aws:RequestTag/team": "${aws:PrincipalTag/unit}"}},
    {"StringEquals": {"aws:PrincipalTag/unit": "sec"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["unit"]}},
    {"Null": {"aws:RequestTag/team": "true"}},
)


class Session(NamedTuple):
    """A session of a role; of none, a user without MFA and without tags."""

    role: str | None = None
    tags: frozenset[tuple[str, str]] = frozenset()
    transitive: frozenset[str] = frozenset()


def trusts(rng: Random) -> dict[str, list[dict[str, Any]]]:
    """By role, the statements of its trust policy."""

    def some(principals: Sequence[str]) -> Iterator[dict[str, Any]]:
        for _ in range(rng.randint(0, 2)):
            actions = rng.choice(([ASSUME], [ASSUME, TAG], [TAG]))
            yield statement(rng.choice(principals), rng.choice(CONDITIONS), actions)
        if rng.random() < 0.4:
            yield {**statement("*", rng.choice(CONDITIONS[1:3]), [TAG]), "Effect": "Deny"}

    entry, middle = ARNS[ENTRY], ARNS[MIDDLE]
    demanded = {"StringEquals": {"aws:PrincipalTag/team": "sec"}}
    return {
        ENTRY: [statement(HUB, action=rng.choice(([ASSUME], [ASSUME, TAG]))), *some((HUB, entry, entry, middle))],
        MIDDLE: [statement(entry, action=[ASSUME]), *some((entry, middle, HUB))],
        ADMIN: [statement(HUB, MFA, [ASSUME]), statement(rng.choice((entry, middle)), demanded, [ASSUME])],
    }


def allows(statements: Sequence[Mapping[str, Any]], caller: str, action: str, context: Mapping[str, Any]) -> bool:
    """Whether a trust policy lets in a call."""
    met = [
        one["Effect"]
        for one in statements
        if action in one["Action"] and one["Principal"]["AWS"] in ("*", caller) and holds(one.get("Condition"), context)
    ]
    return "Allow" in met and "Deny" not in met


def holds(condition: Mapping[str, Any] | None, context: Mapping[str, Any]) -> bool:
    """Whether a call meets a condition: one of the above, or that of MFA, which nobody has here."""
    if condition is None:
        return True
    ((operator, tested),) = condition.items()
    ((key, wanted),) = tested.items()
    if operator == "Null":
        return key not in context
    if operator.startswith("ForAllValues"):
        return set(context.get(key, ())) <= set(wanted)
    wanted = context.get(wanted[2:-1]) if wanted.startswith("${") else wanted
    return operator == "StringEquals" and wanted is not None and context.get(key) == wanted


def calls(trust: Mapping[str, list[dict[str, Any]]], session: Session) -> Iterator[Session]:
    """The sessions that one can assume next."""
    caller = HUB if session.role is None else ARNS[session.role]
    has = {f"aws:PrincipalTag/{key}": value for key, value in session.tags}
    for target, passed in product(ROLES, PASSED):
        context = {**has, **{f"aws:RequestTag/{key}": value for key, value in passed.items()}}
        context |= {"aws:TagKeys": [*passed]} if passed else {}
        actions = (ASSUME, TAG) if passed else (ASSUME,)
        if session.transitive & {*passed} or not all(allows(trust[target], caller, one, context) for one in actions):
            continue
        kept = {key: value for key, value in session.tags if key in session.transitive}
        marked = chain.from_iterable(combinations(passed, count) for count in range(len(passed) + 1))
        for more in marked:
            yield Session(target, frozenset({**kept, **passed}.items()), session.transitive | frozenset(more))


def is_reached(trust: Mapping[str, list[dict[str, Any]]]) -> bool:
    """Whether a user comes by a session of the last role."""
    seen, waiting = {Session()}, [Session()]
    while waiting:
        new = {*calls(trust, waiting.pop())} - seen
        if any(one.role == ADMIN for one in new):
            return True
        seen |= new
        waiting += new
    return False


@examples(60, in_deep=2_500)
@given(choices())
def test_a_chain_that_is_proved_to_be_closed_is_walked_by_nobody(rng: Random) -> None:
    """Whatever tags are passed, kept and looked at on the way."""
    trust = trusts(rng)
    template = {"Resources": {name: role(name, *statements) for name, statements in trust.items()}}
    report = trustproof.check([template], account=HUB, properties=["mfa-survives-chaining"])
    assert report.errors == ()
    (found,) = (one for one in report.results if one.logical_id == ADMIN)
    tally.note("tags on chains", found.verdict)
    if found.verdict == "proved":
        tally.agree("a closed chain, and all sessions", not is_reached(trust), trust)

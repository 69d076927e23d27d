"""
Keys that name the same account: a policy lets somebody in from outside a boundary if and only if some account fits all.

Of the accounts of one prefix all are tried, so that what is found of patterns is compared with all that there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given

from tests import tally
from tests.engine.asking import allow, deny, when
from tests.generate.conditions import once_in, pick
from tests.strategies import choices, examples
from trustproof.engine import key_relations
from trustproof.engine.caller_records import ACCOUNT, SEPARATOR, role_arns
from trustproof.engine.certificate import verify
from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values, not_text, text
from trustproof.engine.query import ask
from trustproof.engine.region import AllowedPart, ClosedRegion, Region
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.witness import build
from trustproof.model.policy import Condition, Policy, Principal, Statement
from trustproof.model.request import ROLE_SESSION, SERVICE, USER_KEY, Caller, Request
from trustproof.sets.patterns import ANY_RUN, exact, join
from trustproof.sets.strings import StringSet
from trustproof.spec.callers import principal_keys
from trustproof.spec.decision import decide
from trustproof.spec.realism import impossibilities

#: All accounts with which patterns are compared begin like this.
PREFIX = "1111222233"
DIGITS = "0123"
ACCOUNTS = [PREFIX + "".join(pair) for pair in product("0123456789", repeat=2)]
_ENDS = ("0", "1", "2", "3", "?", "*")

_TEXTS = ("StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringLikeIfExists")
_ARNS = ("ArnLike", "ArnNotLike", "ArnEquals", "StringLike", "StringNotLike")


#: What every request carries.
_BASIS = {
    "aws:currenttime": "2030-01-01T00:00:00Z",
    "aws:epochtime": "1893456000",
    "aws:securetransport": "true",
    "aws:viaawsservice": "false",
    "aws:requestedregion": "us-east-1",
}


class Pair(NamedTuple):
    """
    Two keys that name one account.
    """

    kind: str
    action: str
    #: The key that is an account, and the one that is an ARN of it, or an account as well.
    account: str
    other: str
    #: What an operand of the other key looks like.
    written: str


PAIRS = (
    Pair(SERVICE, "sts:assumerole", "aws:SourceAccount", "aws:SourceArn", "arn:aws:sns:us-east-1:{}:topic"),
    Pair(
        ROLE_SESSION,
        "sts:assumerole",
        "aws:PrincipalAccount",
        "lambda:SourceFunctionArn",
        "arn:aws:lambda:us-east-1:{}:function:app",
    ),
    Pair(USER_KEY, "kms:decrypt", "kms:CallerAccount", "aws:PrincipalAccount", "{}"),
    Pair(USER_KEY, "kms:decrypt", "kms:CallerAccount", "aws:PrincipalArn", "arn:aws:iam::{}:user/alice"),
    Pair(USER_KEY, "sns:publish", "aws:SourceOwner", "aws:PrincipalAccount", "{}"),
)


def any_accounts(rng: Random) -> list[str]:
    """Accounts, or patterns for some."""
    if once_in(rng, 3):
        return [PREFIX + pick(rng, DIGITS) + pick(rng, DIGITS) for _ in range(rng.randrange(1, 6))]
    return [PREFIX + pick(rng, _ENDS) + pick(rng, _ENDS) for _ in range(pick(rng, (1, 1, 2)))]


def any_condition(rng: Random, pair: Pair) -> Condition:
    """A condition on one of both keys."""
    if once_in(rng, 2):
        return when(pick(rng, _TEXTS), pair.account, *any_accounts(rng))
    operators = _TEXTS if pair.written == "{}" else _ARNS
    return when(pick(rng, operators), pair.other, *map(pair.written.format, any_accounts(rng)))


def any_policy(rng: Random, pair: Pair) -> Policy:
    """An Allow, and Denies, that compare both keys."""
    present = [when("Null", key, "false") for key in (pair.account, pair.other) if once_in(rng, 2)]
    statements = [allow(*present, *(any_condition(rng, pair) for _ in range(pick(rng, (1, 2, 3)))))]
    statements += [deny(*(any_condition(rng, pair) for _ in range(pick(rng, (1, 2))))) for _ in range(rng.randrange(3))]
    if pair.kind == SERVICE:
        everybody = (Principal("Service", "sns.amazonaws.com"),)
        statements = [one._replace(principals=everybody) for one in statements]
    return Policy(tuple(_of_any_action(statements)))


def _of_any_action(statements: Sequence[Statement]) -> Iterator[Statement]:
    """Each key with at most one operand list for one operator, as JSON has it."""
    for one in statements:
        kept = {(condition.operator, condition.key): condition for condition in one.conditions}
        yield one._replace(actions=("*",), conditions=tuple(kept.values()))


def requests_of(pair: Pair) -> Iterator[Request]:
    """A request for each account, with both keys or without those that need not be there."""
    basis = {
        **_BASIS,
        **({"sts:rolesessionname": "alice"} if pair.action.startswith("sts:") else {}),
        **({"aws:tokenissuetime": "2030-01-01T00:00:00Z"} if pair.kind == ROLE_SESSION else {}),
    }
    for account in [*ACCOUNTS, "999988887777"]:
        caller = {
            SERVICE: Caller(SERVICE, "sns.amazonaws.com"),
            ROLE_SESSION: Caller(ROLE_SESSION, f"arn:aws:iam::{account}:role/app", "alice", "AROAX:alice"),
            USER_KEY: Caller(USER_KEY, f"arn:aws:iam::{account}:user/alice", "", "AIDAX"),
        }[pair.kind]
        given = principal_keys(caller)
        free = [key.lower() for key in (pair.account, pair.other) if key.lower() not in given]
        values = {pair.account.lower(): account, pair.other.lower(): pair.written.format(account)}
        for there in product((True, False), repeat=len(free)):
            chosen = {key: values[key] for key, is_there in zip(free, there, strict=True) if is_there}
            resource = _resource(pair)
            yield Request(caller, pair.action, resource, {**basis, **given, **chosen})


def _resource(pair: Pair) -> str:
    service = pair.action.partition(":")[0]
    return {
        "sts": "arn:aws:iam::111122223333:role/it",
        "kms": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "sns": "arn:aws:sns:us-east-1:111122223333:it",
    }[service]


def answers(
    pair: Pair, policy: Policy, boundary: Sequence[str]
) -> tuple[AllowedPart | ClosedRegion, Region, Callable[[Request], bool]]:
    """What the engine says of who gets in from outside a boundary, and what that is of a request."""
    space = RequestSpace(pair.kind, pair.action, "aws")
    if pair.kind == SERVICE:
        dimension = key_dimension(pair.account.lower())
        outside = (dimension, Values(True, StringSet.outside(map(exact, boundary))))
    else:
        heads = [join(f"arn:aws:iam::{account}:", ANY_RUN) for account in boundary]
        outside = ("caller", not_text(*heads))
    region = Region(space, (outside,) if boundary else ())

    def is_outside(request: Request) -> bool:
        found = request.context.get(pair.account.lower()) if pair.kind == SERVICE else request.caller.account
        return found not in boundary

    return ask(CompiledPolicy(policy), region, 0), region, is_outside


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.account}-{pair.other}")
@pytest.mark.parametrize("together", [1, 2, 100])
@examples(60, in_deep=2_000)
@given(rng=choices())
def test_whoever_gets_in_is_of_one_account(pair: Pair, together: int, rng: Random) -> None:
    """However many accounts are tied at once, it is closed if and only if no account of all gets in."""
    policy = any_policy(rng, pair)
    boundary = sorted({pick(rng, ACCOUNTS) for _ in range(pick(rng, (0, 3, 30)))})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_relations, "_TOGETHER", together)
        found, region, is_outside = answers(pair, policy, boundary)
        if isinstance(found, ClosedRegion):
            verify(found, region, 0, CompiledPolicy(policy))
    let_in = [one for one in requests_of(pair) if is_outside(one) and decide(policy, one).allowed]
    let_in = [one for one in let_in if not impossibilities(one)]
    shown = f"{policy}\nboundary {boundary}\n{let_in[:1]}"
    if isinstance(found, ClosedRegion):
        tally.agree("accounts of keys", not let_in, shown)
        return
    request = build(found, accounts=("999988887777",), resource=_resource(pair))
    real = not impossibilities(request) and is_outside(request) and decide(policy, request).allowed
    tally.agree("accounts of keys", real, f"{shown}\n{request}\n{impossibilities(request)}")


@pytest.mark.parametrize("together", [1, 2, 100])
@examples(60, in_deep=2_000)
@given(rng=choices())
def test_what_is_reached_is_in_one_account(together: int, rng: Random) -> None:
    """Likewise of a role and the key that says whose it is: what is closed is closed for the roles of all accounts."""
    policy = Policy(tuple(_about_roles(rng, effect) for effect in ("Allow", *("Deny",) * rng.randrange(3))))
    boundary = sorted({pick(rng, ACCOUNTS) for _ in range(pick(rng, (0, 3, 30)))})
    user = Caller(USER_KEY, "arn:aws:iam::999988887777:user/alice", "", "AIDAX")
    # A wildcard may reach over the account where a path has a colon.
    odd = join("arn:aws:iam::", ACCOUNT, ":role/", ANY_RUN, ":", ANY_RUN)
    outside = not_text(odd, *(key_relations.arn_of(exact(account)) for account in boundary))
    callers = ("caller", text(join(user.arn, SEPARATOR, ANY_RUN)))
    region = Region(
        RequestSpace(USER_KEY, "sts:assumerole", "aws"), (callers, ("resource", text(*role_arns("aws")) & outside))
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_relations, "_TOGETHER", together)
        found = ask(CompiledPolicy(policy), region, 0)
        if isinstance(found, ClosedRegion):
            verify(found, region, 0, CompiledPolicy(policy))
    let_in = [one for one in _assuming(user) if one.resource.split(":")[4] not in boundary]
    let_in = [one for one in let_in if decide(policy, one).allowed and not impossibilities(one)]
    shown = f"{policy}\nboundary {boundary}\n{let_in[:1]}"
    if isinstance(found, ClosedRegion):
        tally.agree("accounts of keys", not let_in, shown)
        return
    request = build(found, accounts=("999988887777",))
    real = not impossibilities(request) and request.resource.split(":")[4] not in boundary
    tally.agree("accounts of keys", real and decide(policy, request).allowed, f"{shown}\n{request}")


def _about_roles(rng: Random, effect: str) -> Statement:
    written = tuple(f"arn:aws:iam::{one}:role/it" for one in any_accounts(rng)) if once_in(rng, 2) else ("*",)
    asked = [when(pick(rng, _TEXTS), "aws:ResourceAccount", *any_accounts(rng)) for _ in range(rng.randrange(3))]
    kept = {condition.operator: condition for condition in asked}
    return Statement(effect, actions=("*",), resources=written, conditions=tuple(kept.values()))


def _assuming(user: Caller) -> Iterator[Request]:
    """A call for a role of each account, which says whose it is or does not."""
    for account in [*ACCOUNTS, "999988887777"]:
        role = f"arn:aws:iam::{account}:role/it"
        basis = {**_BASIS, "sts:rolesessionname": "alice", **principal_keys(user)}
        yield Request(user, "sts:assumerole", role, basis)
        yield Request(user, "sts:assumerole", role, {**basis, "aws:resourceaccount": account})

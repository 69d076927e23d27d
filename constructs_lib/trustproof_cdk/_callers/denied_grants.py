"""
Grants, enrolment too, that a service control policy of the app denies to whoever has them, and roles that nobody gets
into, since one denies it to all whom they trust.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations
from constructs import Construct

from trustproof_cdk._arguments import arguments, regions
from trustproof_cdk._callers.denied_callers import (
    Caller,
    demands_mfa,
    denying,
    of_people,
    reaching_callers,
    service_control_policies,
    trusted_caller,
)
from trustproof_cdk._names import objects, order, unique
from trustproof_cdk._policies import owned_arns, written_out
from trustproof_cdk._policies.calls import Call
from trustproof_cdk._policies.known_keys import KnownKey, demanded_by, in_region_of, in_region_of_arn, together
from trustproof_cdk._synthesis import stacks, walk
from trustproof_cdk._trust.trust import ASSUME_ROLE, TrustStatement

_BY_REGION = "spare global services there, whose calls are in the Region of their one endpoint, like us-east-1 for IAM"
_IN_REGION = "let the Region of what it is about pass there, or name what is in another one"
#: Actions that a message names.
_NAMED = 4
_ATTRIBUTES = {"users": "user_arn", "roles": "role_arn"}


class _Grant(NamedTuple):
    scope: Construct
    holders: objects.Holders
    actions: Sequence[str]
    #: What they are granted on, which may have tokens and wildcards.
    arns: Sequence[str]
    #: What is known of the calls.
    known: tuple[KnownKey, ...]
    #: What becomes of it, and what to do, in words.
    lost: str
    remedy: str
    part: str


class _Trust(NamedTuple):
    role: iam.Role
    statements: Sequence[TrustStatement]
    #: What each call has to be allowed: to assume it, and to pass what it demands.
    actions: Sequence[str]


#: By app or stage.
_GRANTS: WeakKeyDictionary[cdk.Stage, list[_Grant]] = WeakKeyDictionary()
_TRUSTS: WeakKeyDictionary[cdk.Stage, list[_Trust]] = WeakKeyDictionary()


def warn_of_denied_later(
    scope: Construct,
    holders: objects.Holders,
    actions: Sequence[str],
    arns: Sequence[str],
    *,
    known: Iterable[KnownKey] = (),
    lost: str = "",
    remedy: str = "spare them there",
    part: str = "",
) -> None:
    """
    Have the synthesis warn of a service control policy of the app that surely denies all that is granted.

    Args:
        scope: the grant, in a stack of the account of whoever holds it.
        holders: who is granted it now; others may be later.
        actions: that are granted.
        arns: of what they are granted on, as its policy has them.
        known: of the calls.
        lost: what becomes of it, to begin the message. Default: nobody gets anything by it.
        remedy: what to do, to end the message.
        part: of what is granted, by a word, where that is acknowledged by itself.
    """
    stage = unique.check_beside_names(scope, _check)
    if stage is not None:
        said = lost or f"nobody gets anything by {stacks.path_of(scope)}"
        granted = _Grant(scope, holders, list(actions), list(arns), tuple(known), said, remedy, part)
        _GRANTS.setdefault(stage, []).append(granted)


def warn_of_denied_callers_later(role: iam.Role, statements: Sequence[TrustStatement], demanded: Iterable[str]) -> None:
    """
    Have the synthesis warn of service control policies of the app that surely deny a role to all whom it trusts, where
    these are of accounts that have a stack in the app, or that such a policy is attached to.

    Args:
        role: that trusts them.
        statements: of its trust policy.
        demanded: actions that callers must be allowed besides assuming it.
    """
    about = [one for one in statements if ASSUME_ROLE in one.actions and "AWS" in one.principals]
    if not about or len(about) < len(statements):
        return
    stage = unique.check_beside_names(role, _check)
    if stage is not None:
        _TRUSTS.setdefault(stage, []).append(_Trust(role, about, [ASSUME_ROLE, *sorted(demanded)]))


def _check(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    policies = service_control_policies(walked)
    if policies:
        for grant in _GRANTS.get(stage, ()):
            _warn_of_grant(grant, policies)
        own = {stacks.account_of(stack) for stack, _ in walked}
        for trust in _TRUSTS.get(stage, ()):
            _warn_of_trust(trust, policies, own)
    return []


def _warn_of_grant(grant: _Grant, policies: Sequence[organizations.CfnPolicy]) -> None:
    stack = stacks.stack_of(grant.scope)
    own = stacks.account_of(stack)
    if arguments.is_token(own):
        return
    partition = regions.partition_of(stack)
    arns = owned_arns.granted(stack, stack.resolve(list(grant.arns)))
    anywhere = [Call(action, arn, grant.known) for arn in arns for action in grant.actions]
    calls = [one._replace(known=together((*one.known, *_region_of(one, partition)))) for one in anywhere]
    given = [*_holding(grant.holders, own)]
    # Whoever is given it later, and has used MFA, is a user.
    callers = given or [of_people(Caller(own)) if demands_mfa(grant.known) else Caller(own)]
    found = [denying(policies, one, calls) for one in callers]
    if all(found):
        by = " and ".join(sorted({one.node.path for one in found if one is not None}))
        whom = " for whoever has it" if given else ""
        remedy = grant.remedy
        if not all(denying(policies, one, anywhere) for one in callers):
            remedy = _BY_REGION if any(in_region_of(one.action, partition) for one in anywhere) else _IN_REGION
        cdk.Annotations.of(grant.scope).add_warning_v2(
            f"trustproof:denied-grant-{by}" + (f"-{grant.part}" if grant.part else ""),
            f"{grant.lost}: {by} denies account {own} {_worded(grant.actions)} on all that it is about{whom}, unless "
            f"it is the management account; {remedy}",
        )


def _worded(actions: Sequence[str]) -> str:
    return " and ".join(actions) if len(actions) <= _NAMED else f"all of {len(actions)} actions"


def _region_of(call: Call, partition: str | None) -> tuple[KnownKey, ...]:
    return in_region_of(call.action, partition) or in_region_of_arn(call.action, call.resource or "")


def _holding(holders: objects.Holders, own: str) -> Iterator[Caller]:
    if holders["groups"]:
        yield Caller(own, f"arn:*:iam::{own}:user/*")
    for kind, attribute in _ATTRIBUTES.items():
        for holder in holders[kind] or ():  # type: ignore[literal-required]
            made = order.created(holder)
            if isinstance(made, (iam.CfnUser, iam.CfnRole)):
                yield Caller(own, written_out.arn_of(made))
            else:
                arn = objects.arn_of(holder, attribute)
                yield Caller(own, f"arn:*:iam::{own}:{kind[:-1]}/*" if arguments.is_token(arn) else arn)


def _warn_of_trust(trust: _Trust, policies: Sequence[organizations.CfnPolicy], own: set[str]) -> None:
    made = order.created(trust.role)
    if not isinstance(made, iam.CfnRole):
        return
    by, actions = set(), set()
    for statement in trust.statements:
        known = demanded_by([{"Condition": stacks.stack_of(trust.role).resolve(statement.conditions)}])
        calls = [Call(action, written_out.arn_of(made), known) for action in trust.actions]
        for value in statement.principals["AWS"]:
            caller = trusted_caller(value, made)
            if caller is not None and demands_mfa(known):
                caller = of_people(caller)
            targets = [] if caller is None else reaching_callers(policies, caller, own)
            asked = () if caller is None else ((call.action, denying(targets, caller, [call])) for call in calls)
            action, found = next((one for one in asked if one[1] is not None), ("", None))
            if found is None:
                return
            by.add(found.node.path)
            actions.add(action)
    said, denied = " and ".join(sorted(by)), " or ".join(sorted(actions))
    place = stacks.carrier_of(trust.role)
    cdk.Annotations.of(place).add_warning_v2(
        f"trustproof:denied-callers-{said}",
        f"nobody gets into {place.node.path}: {said} denies {denied} to all whom it trusts, unless they are of the "
        " management account; spare them there",
    )

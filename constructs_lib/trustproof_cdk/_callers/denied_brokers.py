"""
Those who are to hand out sessions of GetFederationToken, and have a policy that denies all without MFA beside.

The call takes no MFA: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
"""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._callers import guarded_brokers
from trustproof_cdk._callers import members as membership
from trustproof_cdk._names import order, unique
from trustproof_cdk._policies import boundaries, written_out
from trustproof_cdk._policies.calls import Call, denies
from trustproof_cdk._policies.known_keys import BY_ACCESS_KEY
from trustproof_cdk._synthesis import stacks

_CALL = Call("sts:GetFederationToken", known=BY_ACCESS_KEY)
#: By app or stage, the policies that let somebody hand out sessions.
_BROKERS: WeakKeyDictionary[cdk.Stage, list[iam.ManagedPolicy]] = WeakKeyDictionary()


def refuse_denied(broker: iam.ManagedPolicy) -> None:
    """
    Fail the synthesis if somebody who has a policy could hand out sessions by it, but for another managed policy of the
    app that denies the call to it, as that of an `MfaEnforcedGroup` does.
    """
    stage = unique.check_beside_names(broker, _check)
    if stage is not None:
        _BROKERS.setdefault(stage, []).append(broker)


def _check(stage: cdk.Stage, walked: boundaries.Walked) -> list[str]:
    there = [one for _, inside in walked for one in inside]
    users = {one.node.path: one for one in there if isinstance(one, iam.CfnUser)}
    holders = membership.Holders(walked, list(users.values()))
    denied = dict(_denied(there, holders))
    said = []
    for broker in _BROKERS[stage]:
        attached = holders.of(broker)
        themselves = {one.node.path for one in attached.callers}
        groups = [group for group, _ in attached.members]
        having = [users[one] for one in _having(attached) if one in users]
        guarded_brokers.warn_of_guarded(broker, having, groups, walked)
        for holder in _having(attached):
            by, is_own = denied.get(holder, ("", False))
            # What is attached to a caller itself is asked about for all grants alike.
            if by and not (is_own and holder in themselves):
                said.append(
                    f"{broker.node.path}: {holder} is denied sts:GetFederationToken by {by}, since that call is always "
                    "without MFA: it hands out no session; let the program have a user that need not use MFA, or a role"
                )
    return said


def _denied(there: list[IConstruct], holders: membership.Holders) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Who is denied the call, by which policy, and whether that is attached to it itself."""
    policies = [one for one in there if isinstance(one, iam.ManagedPolicy)]
    for policy in policies:
        made = order.created(policy)
        if not isinstance(made, iam.CfnManagedPolicy) or made.cfn_options.condition is not None:
            continue
        if denies(written_out.document_of(made), _CALL):
            attached = holders.of(policy)
            themselves = {one.node.path for one in attached.callers}
            yield from ((holder, (made.node.path, holder in themselves)) for holder in _having(attached))


def _having(attached: membership.Attached) -> Iterator[str]:
    """Users and groups who have a policy, and the members of the groups."""
    yield from (stacks.path_of(one) for one in attached.callers)
    for group, members in attached.members:
        yield group
        yield from members.known

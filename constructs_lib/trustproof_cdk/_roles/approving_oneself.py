"""
Users who wait for an approval, and whom a policy of the app lets set the tag on themselves: they need nobody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations
from constructs import IConstruct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._callers import members as membership
from trustproof_cdk._callers.denied_callers import Caller, denying, service_control_policies
from trustproof_cdk._policies import boundaries, written_out
from trustproof_cdk._policies.calls import Call, allows, denies
from trustproof_cdk._policies.known_keys import WITH_MFA, KnownKey
from trustproof_cdk._synthesis import stacks, walk

_ACTION = "iam:TagUser"
_NAME = re.compile(r"\$\{aws:username\}", re.IGNORECASE)
#: A boundary of which nothing is known.
_NONE = boundaries.Policy("", None)


def warn_of_approving_oneself(
    place: IConstruct, users: Sequence[iam.CfnUser], tag: str, values: Sequence[str], walked: walk.Walked
) -> None:
    """
    Warn of users who surely may set the tag on themselves, by a policy of the app that they or their groups have.

    Args:
        place: what waits for the approval.
        users: of the app, who wait for it.
        tag: its key.
        values: one of which it must have.
        walked: the app or stage.
    """
    if not users:
        return
    there = [one for _, inside in walked for one in inside]
    attached = [
        (one, written_out.document_of(one))
        for one in there
        if isinstance(one, (iam.CfnManagedPolicy, iam.CfnPolicy)) and one.cfn_options.condition is None
    ]
    holders = membership.Holders(walked, users)
    controls = service_control_policies(walked)
    for user in users:
        call = _call(user, tag, values)
        asked = [(made, _for(user, document)) for made, document in attached]
        named = [
            (stacks.path_of(made), document)
            for made, document in asked
            if (allows(document, call) or denies(document, call)) and _has(user, holders.of_resource(made))
        ]
        named += [(one.shown, _for(user, one.document)) for one in boundaries.policies_of_property(user)]
        by = next((path for path, document in named if allows(document, call)), None)
        if by is None or any(denies(document, call) for _, document in named) or _is_stopped(user, call, controls):
            continue
        cdk.Annotations.of(place).add_warning_v2(
            f"trustproof:approves-itself-{user.node.path}",
            f"{user.node.path} needs nobody to approve it: {by}, which it has, allows it {_ACTION} on itself, and so "
            f"to set {tag}; deny it that there, or allow {_ACTION} on others",
        )


def _for(user: iam.CfnUser, document: Any) -> Any:
    """A policy as it is for a user whose name is known."""
    name = written_out.arn_of(user).rpartition("/")[2]
    return document if "*" in name else json.loads(_NAME.sub(lambda _: name, json.dumps(document)))


def _call(user: iam.CfnUser, tag: str, values: Sequence[str]) -> Call:
    known = (
        *WITH_MFA,
        KnownKey(f"aws:RequestTag/{tag}", tuple((one,) for one in values)),
        KnownKey("aws:TagKeys", ((tag,),)),
        KnownKey("aws:PrincipalType", (("User",),)),
    )
    arn = written_out.arn_of(user)
    # Of a name that is made in the deployment nothing is known.
    name = arn.rpartition("/")[2]
    own = () if "*" in name else (KnownKey("aws:username", ((name,),)),)
    return Call(_ACTION, arn, (*known, *own))


def _is_stopped(user: iam.CfnUser, call: Call, controls: Sequence[organizations.CfnPolicy]) -> bool:
    """Whether its permissions boundary may, or a service control policy does, keep a user from a call."""
    bounds = boundaries.boundary_of(user)
    if bounds is not None and not all(allows(one.document, call) for one in boundaries.policies_of(user) or [_NONE]):
        return True
    account = stacks.account_of(stacks.stack_of(user))
    caller = Caller(account, written_out.arn_of(user))
    return not arguments.is_token(account) and denying(controls, caller, [call]) is not None


def _has(user: iam.CfnUser, attached: membership.Attached) -> bool:
    return stacks.path_of(user) in _paths(attached)


def _paths(attached: membership.Attached) -> Iterator[str]:
    yield from (one.node.path for one in attached.callers)
    for _, members in attached.members:
        yield from members.known

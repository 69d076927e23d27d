"""
Members of a group who have to change their password at the first sign-in, where the group, or what else they have, lets
them not do so before MFA.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_enable-user-change.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations

from trustproof_cdk._arguments import arguments, regions
from trustproof_cdk._callers import members as membership
from trustproof_cdk._callers.denied_callers import Caller, denying, service_control_policies
from trustproof_cdk._names import order, unique
from trustproof_cdk._policies import boundaries, written_out
from trustproof_cdk._policies.boundary_needs import any_allows
from trustproof_cdk._policies.calls import Call, denies
from trustproof_cdk._policies.known_keys import IN_CONSOLE, in_region_of
from trustproof_cdk._synthesis import stacks, walk


class _Group(NamedTuple):
    group: iam.Group
    action: str
    is_allowed: bool


#: By app or stage.
_GROUPS: WeakKeyDictionary[cdk.Stage, list[_Group]] = WeakKeyDictionary()


def warn_of_first_passwords(group: iam.Group, action: str, *, is_allowed: bool) -> None:
    """
    Warn of members of the app whose first password must be changed, and who may not do so before MFA.

    Args:
        group: of the members.
        action: by which a password is changed.
        is_allowed: whether the group allows that before MFA; it denies it else.
    """
    stage = unique.check_beside_names(group, _check)
    if stage is not None:
        _GROUPS.setdefault(stage, []).append(_Group(group, action, is_allowed))


def _check(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    there = [one for _, inside in walked for one in inside]
    changing = [one for one in there if isinstance(one, iam.CfnUser) and _must_change(one)]
    if not changing:
        return []
    holders = membership.Holders(walked, changing)
    controls = service_control_policies(walked)
    attached = [
        one
        for one in there
        if isinstance(one, (iam.CfnManagedPolicy, iam.CfnPolicy)) and one.cfn_options.condition is None
    ]
    for one in _GROUPS[stage]:
        made = order.created(one.group)
        known = holders.members_of(made).known if isinstance(made, iam.CfnGroup) else {}
        for path, user in known.items():
            if _must_change(user) and (why := _why_not(one, user, controls) or _denied(one, user, attached, holders)):
                cdk.Annotations.of(one.group).add_warning_v2(
                    f"trustproof:first-password-{path}",
                    f"{path} must change its password at the first sign-in, before it can have used MFA, and {why}, or "
                    "do not ask for another password",
                )
    return []


def _why_not(one: _Group, user: iam.CfnUser, policies: Sequence[organizations.CfnPolicy]) -> str:
    """What is against it, and what to do, in words; empty where nothing is known to be."""
    if not one.is_allowed:
        return "this group denies that (password_change=False): it cannot sign in; leave password_change out"
    stack = stacks.stack_of(user)
    arn = written_out.arn_of(user)
    call = _call(one, user)
    bounds = boundaries.policies_of(user)
    if bounds and not any_allows(bounds, call):
        return (
            f"its permissions boundary {bounds[0].shown} does not allow it {one.action}: it cannot sign in; allow that "
            "there"
        )
    for policy in boundaries.inline_policies(user):
        if denies(policy.document, call):
            return f"its policy {policy.shown} denies it {one.action}: it cannot sign in; take that out there"
    account = stacks.account_of(stack)
    by = None if arguments.is_token(account) else denying(policies, Caller(account, arn), [call])
    if by is None:
        return ""
    return (
        f"{by.node.path} denies it {one.action}, unless {account} is the management account: it cannot sign in; spare "
        "that there"
    )


def _call(one: _Group, user: iam.CfnUser) -> Call:
    known = (*IN_CONSOLE, *in_region_of(one.action, regions.partition_of(stacks.stack_of(user))))
    return Call(one.action, written_out.arn_of(user), known)


def _denied(
    one: _Group,
    user: iam.CfnUser,
    policies: Sequence[iam.CfnManagedPolicy | iam.CfnPolicy],
    holders: membership.Holders,
) -> str:
    """The same of policies of the app that are attached to a member, or to a group that it is in."""
    call = _call(one, user)
    for policy in policies:
        if denies(written_out.document_of(policy), call) and _has(user.node.path, holders.of_resource(policy)):
            return f"{policy.node.path}, which it has, denies it {one.action}: it cannot sign in; take that out there"
    return ""


def _has(path: str, attached: membership.Attached) -> bool:
    return any(one.node.path == path for one in attached.callers) or any(
        path in members.known for _, members in attached.members
    )


def _must_change(user: iam.CfnUser) -> bool:
    profile = stacks.stack_of(user).resolve(user.login_profile)
    return isinstance(profile, Mapping) and True in (
        profile.get("passwordResetRequired"),
        profile.get("PasswordResetRequired"),
    )

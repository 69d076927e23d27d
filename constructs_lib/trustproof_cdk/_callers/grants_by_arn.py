"""
Grants of which something is known when all is there: of roles that the app makes and that are given by their ARNs, whom
they let in, and of groups, who is in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments, known_texts
from trustproof_cdk._callers import members as membership
from trustproof_cdk._callers import useless_grants
from trustproof_cdk._names import misnamed_arns, named_in_app, objects, order, unique
from trustproof_cdk._synthesis import stacks, walk
from trustproof_cdk._trust.trust import Trusting

#: As `named_in_app.WRITTEN` has it.
_ROLE = "role"


class _Grant(NamedTuple):
    """
    A grant of which some roles are given by their ARNs, or to groups.
    """

    scope: Construct
    holders: objects.Holders
    targets: Sequence[str | iam.IRole]
    argument: str


#: By app or stage.
_GRANTS: WeakKeyDictionary[cdk.Stage, list[_Grant]] = WeakKeyDictionary()


def refuse_who_gets_nowhere_later(
    scope: Construct, holders: objects.Holders, targets: Sequence[str | iam.IRole], argument: str
) -> None:
    """
    Fail the synthesis if somebody is granted roles of this app by their ARNs, and none of them lets the holder in; warn
    of a group none of whose members one lets in, of those whom the app puts there.

    Args:
        scope: what grants them.
        holders: who is granted the roles.
        targets: the roles; where one is not made by a construct here, nobody is refused.
        argument: that has them, as the caller wrote it.
    """
    roles = [one for one in targets if isinstance(one, Trusting)]
    is_open = any(useless_grants.is_known_later(roles, one) for _, one in useless_grants.each_of(holders))
    if not holders["groups"] and len(roles) == len(targets) and not is_open:
        return
    stage = unique.check_beside_names(scope, _check)
    if stage is not None:
        _GRANTS.setdefault(stage, []).append(_Grant(scope, holders, targets, argument))


def _check(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    found, said, in_groups = unique.names_found(stage), [], None
    for grant in _GRANTS.get(stage, ()):
        roles = _granted(grant, found)
        is_own = bool(roles)
        if not roles:
            # What another stage makes may get another name by an Aspect.
            roles = next((made for names in unique.names_beside(stage) if (made := _granted(grant, names))), [])
        # So may what is made in accounts without a stack of the app.
        roles = roles or _granted(grant, found, stage)
        if not roles:
            continue
        own = stacks.account_of(stacks.stack_of(grant.scope))
        nowhere = [
            (holder, one)
            for kind, holder in useless_grants.each_of(grant.holders)
            if (one := useless_grants.nowhere(roles, kind, holder, own, grant.argument))
        ]
        if is_own:
            said += [f"{grant.scope.node.path}: {one}" for _, one in nowhere]
        else:
            for holder, one in nowhere:
                cdk.Annotations.of(grant.scope).add_warning_v2(
                    f"trustproof:let-in-by-none-{stacks.path_of(holder)}", one
                )
        # Most roles trust an account, and who is in a group of it need not be asked.
        if not nowhere and grant.holders["groups"] and not useless_grants.may_let_in(roles, "", own):
            in_groups = in_groups or membership.Holders(walked, ())
            for group in grant.holders["groups"]:
                warn_of_members(grant.scope, group, roles, grant.argument, in_groups)
    return said


def warn_of_members(
    grant: Construct, group: iam.IGroup, roles: Sequence[Trusting], argument: str, in_groups: membership.Holders
) -> None:
    """
    Warn of a group none of whose members gets into some roles, of those whom the app puts there.

    Args:
        grant: of the roles, in a stack of the account of the group.
        group: that is granted them.
        roles: all that are granted.
        argument: that has them, as the caller wrote it.
        in_groups: who is in which group.
    """
    own = stacks.account_of(stacks.stack_of(grant))
    resource = order.created(group)
    if not isinstance(resource, iam.CfnGroup):
        return
    members = in_groups.members_of(resource)
    users = list(members.known.values())
    if not users and not members.others:
        # Somebody fills it by hand.
        return
    if not all(members.others) or any(useless_grants.may_let_in(roles, name, own) for name in members.others):
        return
    if all(_enters_none(one, roles, own) for one in users):
        listed = ", ".join([*members.known, *map(repr, members.others)])
        cdk.Annotations.of(grant).add_warning_v2(
            f"trustproof:no-member-{stacks.path_of(group)}",
            f"no member of {stacks.path_of(group)} ({listed}) gets into any of {argument}: their trust policies name "
            "others; trust the members, or the account whose groups say who gets in, or acknowledge this where others "
            "are put into it by hand",
        )


def _enters_none(user: iam.CfnUser, roles: Sequence[Trusting], own: str) -> bool:
    """Whether none of some roles lets a member in, who may be made by the type of the resource."""
    around = user.node.scope
    if isinstance(around, iam.User):
        return bool(useless_grants.why_nowhere(roles, "users", around, own))
    name = None if user.user_name is None else known_texts.text(user.user_name, user)
    if name is None or arguments.is_token(name):
        return False
    return not useless_grants.may_let_in(roles, name.lower(), own, user)


def _granted(grant: _Grant, found: unique.Named, elsewhere: cdk.Stage | None = None) -> list[Trusting]:
    """
    The roles that are granted; none where one of them is not known.

    Args:
        grant: of them.
        found: who has which name in an app or stage.
        elsewhere: the app or stage whose StackSets make roles that are meant too.
    """
    roles: list[Trusting] = []
    for target in grant.targets:
        made = [target] if isinstance(target, Trusting) else _made(target, found, grant.scope)
        made = made or ([] if elsewhere is None else _made_elsewhere(elsewhere, target, grant.scope))
        if not made:
            return []
        roles += made
    return roles


def _made_elsewhere(stage: cdk.Stage, target: str | iam.IRole, scope: Construct) -> list[Trusting]:
    """The roles that StackSets make by the path and name of an ARN, as they are in its account; none likewise."""
    text = named_in_app.text_of(target, scope)
    written = None if text is None else named_in_app.WRITTEN.fullmatch(text)
    if written is None or written[2] != _ROLE or not written[1].isdigit():
        return []
    account, _, path, name = written.groups()
    made = misnamed_arns.roles_elsewhere(stage, f"{path}{name}")
    roles = [role for one in made for role in one.deployed_in(account)]
    trusting: list[Trusting] = [role for role in roles if isinstance(role, Trusting)]
    return trusting if len(trusting) == len(roles) else []


def _made(target: str | iam.IRole, found: unique.Named, scope: Construct) -> list[Trusting]:
    """The roles of this library that an ARN is of, of which conditions leave one; none where one of them is another."""
    if not isinstance(target, str) and order.created(target) is not None:
        return []
    text = named_in_app.text_of(target, scope)
    written = None if text is None else named_in_app.WRITTEN.fullmatch(text)
    if written is None or written[2] != _ROLE:
        return []
    _, _, path, name = written.groups()
    roles: list[Trusting] = []
    for one in found.get((named_in_app.account_of(written), _ROLE, name.lower()), ()):
        role = one.role or one.resource.node.scope
        if not isinstance(one.resource, iam.CfnRole) or not isinstance(role, Trusting):
            return []
        if one.path_and_name != f"{path}{name}":
            return []
        roles.append(role)
    return roles

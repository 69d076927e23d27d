"""
Grants of roles that are given by their ARNs, and that the app makes: whom they let in is known when all is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk import _objects as objects
from trustproof_cdk import _order as order
from trustproof_cdk import _stacks as stacks
from trustproof_cdk import _unique as unique
from trustproof_cdk import _useless_grants as useless_grants
from trustproof_cdk._trust import Trusting

#: An ARN, also one whose partition is known only in a deployment: account, path and name.
_ROLE = re.compile(r"arn:.*:iam::([0-9]{12}):role(/(?:[^$*?]*/)?)([^$*?/]+)")


class _Grant(NamedTuple):
    """
    A grant of which some roles are given by their ARNs.
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
    Fail the synthesis if somebody is granted roles of this app by their ARNs, and none of them lets the holder in.

    Args:
        scope: what grants them.
        holders: who is granted the roles.
        targets: the roles; where one is not made by a construct here, nobody is refused.
        argument: that has them, as the caller wrote it.
    """
    if all(isinstance(one, Trusting) for one in targets):
        return
    stage = unique.check_beside_names(scope, _check)
    if stage is not None:
        _GRANTS.setdefault(stage, []).append(_Grant(scope, holders, targets, argument))


def _check(stage: cdk.Stage, _walked: unique.Walked) -> list[str]:
    found = unique.names_found(stage)
    return [said for one in _GRANTS.get(stage, ()) for said in _said_of(one, found)]


def _said_of(grant: _Grant, found: unique.Named) -> Iterator[str]:
    roles: list[Trusting] = []
    for target in grant.targets:
        made = [target] if isinstance(target, Trusting) else _made(target, found)
        if not made:
            return
        roles += made
    own = stacks.account_of(stacks.stack_of(grant.scope))
    for kind, holder in useless_grants.each_of(grant.holders):
        said = useless_grants.nowhere(roles, kind, holder, own, grant.argument)
        if said:
            yield f"{grant.scope.node.path}: {said}"


def _made(target: str | iam.IRole, found: unique.Named) -> list[Trusting]:
    """The roles of this library that an ARN is of, of which conditions leave one; none where one of them is another."""
    if not isinstance(target, str) and order.created(target) is not None:
        return []
    arn = target if isinstance(target, str) else target.role_arn
    written = _ROLE.fullmatch(arn)
    if written is None:
        return []
    account, path, name = written.groups()
    roles: list[Trusting] = []
    for one in found.get((account, "role", name.lower()), ()):
        role = one.role or one.resource.node.scope
        if not isinstance(one.resource, iam.CfnRole) or not isinstance(role, Trusting):
            return []
        if one.path_and_name != f"{path}{name}":
            return []
        roles.append(role)
    return roles

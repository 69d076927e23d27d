"""
Who holds a managed policy when everything is there: those to whom it was attached later too, and the members of groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, TypeAlias

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._arguments import arguments, known_texts
from trustproof_cdk._names import order
from trustproof_cdk._names import own_policies as policies
from trustproof_cdk._synthesis import stacks

_Holder: TypeAlias = "iam.CfnRole | iam.CfnUser | iam.CfnGroup"
#: The path of a construct, or an account and the name of a user, group or role in it.
_Key: TypeAlias = "str | tuple[str, str, str]"


class Members(NamedTuple):
    """
    Who is in a group.
    """

    #: Users of the app, by their paths.
    known: dict[str, iam.CfnUser]
    #: The names of the others in lower case; empty for one of whom not even that is known.
    others: list[str]


class Attached(NamedTuple):
    """
    Who holds a policy.
    """

    callers: list[iam.CfnRole | iam.CfnUser]
    #: Groups in words, and who is in them.
    members: list[tuple[str, Members]]


class Holders:
    """
    The users, groups and roles of an app or stage; it is asked of the CDK only where somebody has a boundary.

    Args:
        walked: the stacks, and all that is in each.
        bounded: who has a boundary: of nobody else, but groups, matters which policies it names.
    """

    def __init__(
        self, walked: Sequence[tuple[cdk.Stack, Sequence[IConstruct]]], bounded: Iterable[iam.CfnRole | iam.CfnUser]
    ) -> None:
        there = [one for _, inside in walked for one in inside]
        groups = [one for one in there if isinstance(one, iam.CfnGroup)]
        self._roles = [one for one in there if isinstance(one, iam.CfnRole)]
        others = [one for one in there if isinstance(one, (iam.CfnUser, iam.CfnGroup))]
        self._by_key: dict[_Key, _Holder] = {key: one for one in others for key in _keys(one)}
        self._having: dict[str, list[_Holder]] = {}
        for one in (*groups, *bounded):
            for path in _policies_of(one):
                self._having.setdefault(path, []).append(one)
        #: By a key of a group, the keys of its members.
        self._in_groups: dict[_Key, list[_Key]] = {}
        for made in there:
            if isinstance(made, iam.CfnUser) and made.groups:
                for group in _referred("group", made.groups, made):
                    self._in_groups.setdefault(group, []).append(stacks.path_of(made))
            elif isinstance(made, iam.CfnUserToGroupAddition):
                for group in _referred("group", [made.group_name], made):
                    self._in_groups.setdefault(group, []).extend(_referred("user", made.users, made))

    def of(self, policy: iam.ManagedPolicy) -> Attached:
        """Who holds a managed policy."""
        resource = order.created(policy)
        return self.of_resource(resource) if isinstance(resource, iam.CfnManagedPolicy) else Attached([], [])

    def of_resource(self, resource: iam.CfnManagedPolicy | iam.CfnPolicy) -> Attached:
        """Who holds a policy, managed or inline."""
        named = {
            kind: list(_referred(kind, given, resource))
            for kind, given in (("user", resource.users), ("role", resource.roles), ("group", resource.groups))
            if given
        }
        having = self._having.get(stacks.path_of(resource), ())
        known = [self._called(key) for found in named.values() for key in found]
        found = [one for one in known if one is not None]
        holders = {stacks.path_of(one): one for one in (*found, *having)}
        groups: dict[_Key, list[_Key]] = {key: [key] for key in named.get("group", ()) if key not in self._by_key}
        groups |= {path: _keys(one) for path, one in holders.items() if isinstance(one, iam.CfnGroup)}
        return Attached(
            [one for one in holders.values() if not isinstance(one, iam.CfnGroup)],
            [(_in_words(group), self._members(keys)) for group, keys in groups.items()],
        )

    def _called(self, key: _Key) -> _Holder | None:
        found = self._by_key.get(key)
        may_be_role = isinstance(key, str) or key[0] == "role"
        return self._roles_by_key.get(key) if found is None and may_be_role else found

    @cached_property
    def _roles_by_key(self) -> dict[_Key, iam.CfnRole]:
        """The roles, of which an app has many: they are asked for their names where a policy names a role at all."""
        return {key: one for one in self._roles for key in _keys(one)}

    def members_of(self, group: iam.CfnGroup) -> Members:
        """Who is in a group of the app."""
        return self._members(_keys(group))

    def _members(self, group: Iterable[_Key]) -> Members:
        members = [member for key in group for member in self._in_groups.get(key, ())]
        known = [self._by_key.get(member) for member in members]
        users = {stacks.path_of(one): one for one in known if isinstance(one, iam.CfnUser)}
        others = [key for key, one in zip(members, known, strict=True) if one is None]
        return Members(users, ["" if isinstance(key, str) else key[2] for key in others])


def _policies_of(holder: _Holder) -> list[str]:
    """The paths of the policies of the app that a user, group or role names."""
    stack, given = stacks.stack_of(holder), holder.managed_policy_arns
    # A list that is still empty stands for nothing.
    resolved = (stack.resolve(given) if given else None) or ()
    # To follow references takes long, and most have policies of AWS only, which are joined texts.
    if given is None or all(isinstance(one, str) or "Fn::Join" in one for one in resolved):
        return []
    return [stacks.path_of(made) for made in policies.references(given, stack)]


def _keys(holder: _Holder) -> list[_Key]:
    kind, name = "role", None
    if isinstance(holder, iam.CfnRole):
        name = holder.role_name
    elif isinstance(holder, iam.CfnUser):
        kind, name = "user", holder.user_name
    else:
        kind, name = "group", holder.group_name
    path = stacks.path_of(holder)
    name = None if name is None else known_texts.text(name, holder)
    return [path] if name is None or arguments.is_token(name) else [path, _key(kind, name, holder)]


def _key(kind: str, name: str, scope: IConstruct) -> _Key:
    return (kind, stacks.account_of(stacks.stack_of(scope)), name.lower())


def _referred(kind: str, values: Sequence[str], scope: IConstruct) -> Iterator[_Key]:
    """What a list of names leads to, be they references or texts."""
    stack = stacks.stack_of(scope)
    yield from (stacks.path_of(made) for made in policies.references(values, stack))
    resolved = stack.resolve(values)
    for name in known_texts.evaluated(resolved, stack) if isinstance(resolved, list) else ():
        if isinstance(name, str):
            yield _key(kind, name, scope)


def _in_words(group: _Key) -> str:
    return group if isinstance(group, str) else group[2]

"""
Who may assume which roles of other accounts, in policies that stay the same when an account comes or goes.

IAM takes 6,144 characters in a managed policy, room for about 130 ARNs, and attaches ten policies to a group. So what a
group may assume is split over several policies. An ARN says whose the role is without a condition, is what a reviewer
reads in the difference between two deployments, and is proved whatever AWS tells about the resource of a request.

An account is in the policy that the digest of its id leads to. A policy that is full is split in two by one more binary
digit, and no other policy changes: a new account changes one policy of a group, and once in a while adds one.

Where even all policies have no room for the ARNs, what is given everywhere or in units is granted by the name of the
role in any account, with a condition on whose account it is: of the organization, or below a unit of it. Accounts that
are given one by one stay ARNs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from aws_cdk import aws_iam as iam
from constructs import Construct

from infra._shapes import AccountsError
from infra.access import Level
from infra.accounts import Accounts, Grants
from infra.schema import EVERYWHERE
from trustproof_cdk import AssumeRoleGrant

#: Characters for ARNs: what IAM takes, less the rest of the policy.
_ROOM = 6000
#: Of the digest; more accounts than fit into one policy never agree in so many digits.
_DIGITS = 256


class Holders(TypedDict, total=False):
    """
    Who is granted, as arguments of `AssumeRoleGrant`.
    """

    groups: Sequence[iam.IGroup]
    roles: Sequence[iam.IRole]


@dataclass(frozen=True, slots=True)
class Assumable:
    """
    The roles that somebody may assume.
    """

    accounts: Accounts
    grants: Grants
    #: What the role at a level is called.
    role_name: Callable[[Level], str]

    def arns(self, *, one_by_one: bool = False) -> list[str]:
        """
        The ARNs of the roles.

        Args:
            one_by_one: only those in accounts that are given by their own name.
        """
        return [
            account.role_arn(self.role_name(level))
            for account, level in self.accounts.reach(self.grants)
            if not one_by_one or account.name in self.grants.targets[level]
        ]

    def by_name(self) -> list[iam.PolicyStatement]:
        """Statements that allow to assume the roles which are given everywhere or in units, in whatever account."""
        found: list[iam.PolicyStatement] = []
        for deploys in (False, True):
            levels = [level for level in self.grants.targets if level.deploys == deploys]
            # By `"*"` and by units, levels that deploy do not mean the accounts from which others are reached.
            but = not_leading_on(self.accounts) if deploys else {}
            everywhere = [level for level in levels if EVERYWHERE in self.grants.targets[level]]
            if everywhere:
                whose = {"StringEquals": {"aws:ResourceOrgID": self.accounts.organization}}
                found.append(self._statement(everywhere, {**whose, **but}))
            for units, within in self._units([level for level in levels if level not in everywhere]).items():
                paths = [self._path(unit) for unit in units]
                below = {"ForAnyValue:StringLike": {"aws:ResourceOrgPaths": paths if len(paths) > 1 else paths[0]}}
                found.append(self._statement(within, {**below, **but}))
        return found

    def _units(self, levels: Iterable[Level]) -> dict[tuple[str, ...], list[Level]]:
        """The ids of units, to the levels that are given in just these."""
        found: dict[tuple[str, ...], list[Level]] = {}
        for level in levels:
            named = sorted({self.accounts.units[t] for t in self.grants.targets[level] if t in self.accounts.units})
            if named:
                found.setdefault(tuple(named), []).append(level)
        return found

    def _path(self, unit: str) -> str:
        """
        What the paths of all accounts below a unit, or below the root, look like.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        """
        return f"{self.accounts.organization}/{unit if unit.startswith('r-') else f'*/{unit}'}/*"

    def _statement(self, levels: Iterable[Level], conditions: Mapping[str, Any]) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            actions=["sts:AssumeRole"],
            resources=sorted({self.accounts.hub.role_anywhere(self.role_name(level)) for level in levels}),
            conditions=conditions,
        )


def not_leading_on(accounts: Accounts) -> dict[str, Any]:
    """The condition that a role is in no account from which others are reached."""
    ids = accounts.leading_on()
    return {"StringNotEquals": {"aws:ResourceAccount": ids if len(ids) > 1 else ids[0]}}


def add_grants(
    scope: Construct, assumable: Assumable, *, description: str, most: int, **holders: Unpack[Holders]
) -> None:
    """
    Grant to assume roles.

    Args:
        scope: what is granted; the policies are below it.
        assumable: what may be assumed.
        description: of the policies.
        most: policies that there is room for, besides one by which a grant by name begins before ARNs end.
        holders: who is granted.

    Raises:
        AccountsError: more roles than the policies have room for.
    """
    shares = dict(split(assumable.arns()))
    if len(shares) > most:
        shares = dict(split(assumable.arns(one_by_one=True)))
        if len(shares) > most:
            raise AccountsError(
                f"{scope.node.id} may assume {sum(map(len, shares.values()))} roles in accounts that are given one by "
                f"one, which take {len(shares)} managed policies, and IAM has room for {most}: give units, or divide "
                "it in two, each with a part of the access"
            )
        # Whoever holds the policy stands in it as in the others.
        more: dict[str, Any] = {"groups": holders.get("groups"), "roles": holders.get("roles")}
        iam.ManagedPolicy(scope, "AssumeRolesByName", statements=assumable.by_name(), description=description, **more)
    policies = {
        path: AssumeRoleGrant(scope, f"AssumeRoles{path}", target_roles=arns, description=description, **holders)
        for path, arns in shares.items()
    }
    for path, policy in policies.items():
        # When a policy is split, what goes is taken out of it only after it is in the new one.
        if path and (origin := policies.get(_origin(path))):
            origin.node.add_dependency(policy)


def assume_statements(roles: Assumable, room: int) -> list[iam.PolicyStatement]:
    """
    The same as statements of one policy.

    Args:
        assumable: what may be assumed.
        room: characters for ARNs.

    Raises:
        AccountsError: more roles in accounts that are given one by one than there is room for.
    """
    arns, by_name = sorted(roles.arns()), list[iam.PolicyStatement]()
    if _size(arns) > room:
        arns, by_name = sorted(roles.arns(one_by_one=True)), roles.by_name()
        if _size(arns) > room:
            raise AccountsError(
                f"{len(arns)} roles in accounts that are given one by one do not fit into the one policy of a "
                "permission set: give units"
            )
    if not arns:
        return by_name
    return [iam.PolicyStatement(actions=["sts:AssumeRole"], resources=arns), *by_name]


def split(roles: Iterable[str], room: int = _ROOM) -> Iterator[tuple[str, list[str]]]:
    """
    Divide ARNs of roles into policies.

    Args:
        roles: the ARNs, each once.
        room: characters for ARNs in a policy.

    Yields:
        The name of a policy, which is the empty text for the first one, and its ARNs, sorted.
    """
    return _split(sorted(roles), "", room)


def _size(roles: Sequence[str]) -> int:
    # Quotes and a comma.
    return sum(len(role) + 3 for role in roles)


def _split(roles: Sequence[str], path: str, room: int) -> Iterator[tuple[str, list[str]]]:
    if _size(roles) <= room:
        if roles:
            # One of the two halves keeps the name of the whole, and so the policy that is there already.
            yield path.rstrip("0"), list(roles)
        return
    for digit in "01":
        yield from _split([role for role in roles if _digits(role).startswith(path + digit)], path + digit, room)


def _digits(role: str) -> str:
    account = role.split(":")[4]
    return f"{int(hashlib.sha256(account.encode()).hexdigest(), 16):0{_DIGITS}b}"


def _origin(path: str) -> str:
    """The policy that this one was split from."""
    return path.removesuffix("1").rstrip("0")

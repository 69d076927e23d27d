"""
Who may assume which roles of other accounts, in policies that stay the same when an account comes or goes.

IAM takes 6,144 characters in a managed policy, room for about 130 ARNs, and attaches ten policies to a group. So what a
group may assume is split over several policies. Wildcards would be shorter: a role of this name in *any* account, with
a condition on whose it is. But an ARN says the same without a condition, is what a reviewer reads in the difference
between two deployments, and is proved whatever AWS tells about the resource of a request.

An account is in the policy that the digest of its id leads to. A policy that is full is split in two by one more binary
digit, and no other policy changes: a new account changes one policy of a group, and once in a while adds one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TypedDict, Unpack

from aws_cdk import aws_iam as iam
from constructs import Construct

from infra._shapes import AccountsError
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


def add_grants(
    scope: Construct, target_roles: Iterable[str], *, description: str, most: int, **holders: Unpack[Holders]
) -> None:
    """
    Grant to assume roles.

    Args:
        scope: what is granted; the policies are below it.
        target_roles: ARNs.
        description: of the policies.
        most: policies that there is room for.
        holders: who is granted.

    Raises:
        AccountsError: more roles than the policies have room for.
    """
    shares = dict(split(target_roles))
    if len(shares) > most:
        raise AccountsError(
            f"{scope.node.id} may assume {sum(map(len, shares.values()))} roles, which take {len(shares)} managed "
            f"policies, and IAM has room for {most}: divide it in two, each with a part of the access"
        )
    policies = {
        path: AssumeRoleGrant(scope, f"AssumeRoles{path}", target_roles=arns, description=description, **holders)
        for path, arns in shares.items()
    }
    for path, policy in policies.items():
        # When a policy is split, what goes is taken out of it only after it is in the new one.
        if path and (origin := policies.get(_origin(path))):
            origin.node.add_dependency(policy)


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


def _split(roles: Sequence[str], path: str, room: int) -> Iterator[tuple[str, list[str]]]:
    # Quotes and a comma.
    if sum(len(role) + 3 for role in roles) <= room:
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

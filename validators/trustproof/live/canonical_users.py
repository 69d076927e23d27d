"""
Whom the policies of buckets let in that no account shows by itself: canonical users, and the origin access identities
of CloudFront.

Nobody who sends a request is called so, and what a policy gives them is compared by a user of an account of their own
for each. S3 shows an origin access identity by its ARN, and a canonical user by the account that it stands for, also
where the policy was written with the canonical id.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from trustproof.model.policy import Policy, Principal
from trustproof.proving.sides import Side

_CANONICAL = "CanonicalUser"
_IDENTITY = re.compile(r"arn:[^:]+:iam::cloudfront:user/(?:CloudFront Origin Access Identity )?(?P<id>\w+)")
_OF_IDENTITY = "arn:{}:iam::cloudfront:user/CloudFront Origin Access Identity {}"
#: The accounts of the users that stand for them: no account has a number so small.
_ACCOUNT = "{:012d}"

Named = Callable[[Principal], Principal]


class StandIns(NamedTuple):
    """
    Users that stand for canonical users and origin access identities.
    """

    #: What each is called in a policy, to the ARN of the user.
    arns: Mapping[Principal, str]

    def in_side(self, side: Side) -> Side:
        """The same policies with the users for those they stand for."""
        return _renamed(side, lambda one: Principal("AWS", self.arns[one]) if one in self.arns else one)

    def in_words(self, line: str) -> str:
        """A line of a comparison with the names that policies have for them, and without what they sign with."""
        for principal, arn in self.arns.items():
            if line.startswith(f"{arn} "):
                kind = "canonical user " if principal.kind == _CANONICAL else ""
                return f"{kind}{principal.value}{line.removeprefix(arn).partition(' (')[0]}"
        return line


def stand_ins(partition: str, *sides: Side) -> StandIns:
    """Users for all canonical users and origin access identities that policies name."""
    found: dict[Principal, str] = {}
    for side in sides:
        for one in _named(side):
            if one.kind == _CANONICAL or (one.kind == "AWS" and _IDENTITY.fullmatch(str(one.value))):
                account = _ACCOUNT.format(len(found) + 1)
                found.setdefault(one, f"arn:{partition}:iam::{account}:user/principal-{account}")
    return StandIns(found)


def may_be_shown_otherwise(wanted: Side, deployed: Side) -> list[str]:
    """
    The canonical users of a template that S3 may show by an account, or as an origin access identity: those that are
    not deployed, where somebody is whom the template does not name.
    """
    expected, found = set(_named(wanted)), set(_named(deployed))
    if not any(one.kind == "AWS" for one in found - expected):
        return []
    return sorted(str(one.value) for one in expected - found if one.kind == _CANONICAL)


def has_canonical_users(text: str) -> bool:
    """Whether a policy names canonical users."""
    return f'"{_CANONICAL}"' in text


def with_origin_access_identities(text: str, partition: str, identities: Mapping[str, str]) -> str:
    """
    A policy as S3 shows it, with the ARNs of origin access identities for their canonical ids.

    Args:
        text: of the policy.
        partition: that it is in.
        identities: canonical user id to the id of an origin access identity.
    """

    def shown(principal: Any) -> Any:
        if not isinstance(principal, dict) or _CANONICAL not in principal:
            return principal
        ids = _listed(principal[_CANONICAL])
        arns = [_OF_IDENTITY.format(partition, identities[one]) for one in ids if one in identities]
        left = [one for one in ids if one not in identities]
        others = {name: value for name, value in principal.items() if name != _CANONICAL}
        if arns:
            others["AWS"] = [*_listed(others.get("AWS")), *arns]
        return {**others, _CANONICAL: left} if left else others

    try:
        document = json.loads(text)
    except ValueError:
        # It is no policy, which is said where it is compared.
        return text
    for statement in _listed(document.get("Statement")) if isinstance(document, dict) else ():
        for name in ("Principal", "NotPrincipal"):
            if isinstance(statement, dict) and name in statement:
                statement[name] = shown(statement[name])
    return json.dumps(document)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def _named(side: Side) -> Iterator[Principal]:
    for policy in side.policies:
        for statement in policy.statements:
            yield from (*(statement.principals or ()), *(statement.not_principals or ()))


def _renamed(side: Side, named: Named) -> Side:
    def renamed(entries: tuple[Principal, ...] | None) -> tuple[Principal, ...] | None:
        return None if entries is None else tuple(map(named, entries))

    def changed(policy: Policy) -> Policy:
        return policy._replace(
            statements=tuple(
                one._replace(principals=renamed(one.principals), not_principals=renamed(one.not_principals))
                for one in policy.statements
            )
        )

    return side._replace(policies=tuple(map(changed, side.policies)))

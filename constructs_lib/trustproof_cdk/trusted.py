"""
Who is trusted: accounts, users, roles, an organization, an organizational unit, Identity Center permission sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments, known_later, messages, references
from trustproof_cdk._names import misnamed_arns

_ROLE = ":role/"
_OF_ROLES = {"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:role/*"}}


class Trusted:
    """
    The callers a role trusts.

    Build one with `accounts()`, `users()`, `roles()`, `organization()`, `organizational_unit()` or
    `permission_sets()`. A role takes one of them, or a list of them.

    >>> Trusted.accounts("111122223333")
    Trusted.accounts('111122223333')
    """

    __slots__ = ("_call", "conditions", "entities", "may_carry_mfa", "noted", "permission_set_names", "principals")

    #: The values of the ``AWS`` principal.
    principals: tuple[str, ...]
    #: What confines the principals, beside whatever the role demands.
    conditions: Mapping[str, Mapping[str, str | list[str]]]
    #: Whether IAM users are among the callers. Only they have MFA in their requests, and a user name.
    may_carry_mfa: bool
    #: The users and roles as they were given: those of this app must be deployed before who trusts them.
    entities: tuple[object, ...]
    #: The permission sets whose people are trusted, in the accounts that are the principals.
    permission_set_names: tuple[str, ...]
    #: The tokens among what was given, which are looked at again where the object is given to a construct.
    noted: tuple[known_later.Noted, ...]
    #: For `__repr__`.
    _call: str

    def __new__(cls, *_: object, **__: object) -> Self:
        raise TypeError(
            "cannot create 'Trusted' directly; use accounts(), users(), roles(), organization(), organizational_unit() "
            "or permission_sets()"
        )

    @classmethod
    @messages.plainly
    def accounts(cls, *accounts: str) -> Trusted:
        """
        Whole accounts: every user and role there that its own policies allow to assume the role.

        Args:
            accounts: 12-digit account ids.
        """
        listed = arguments.each(accounts, "accounts", arguments.account)
        return cls._build("accounts", listed, {}, may_carry_mfa=True)

    @classmethod
    @messages.plainly
    def users(cls, *users: str | iam.IUser) -> Trusted:
        """
        Single IAM users, who must exist when the role is deployed.

        Args:
            users: ARNs of users, or users of this app.
        """
        arns = arguments.arns(users, "users", "user_arn")
        listed = arguments.each(arns, "users", arguments.user_arn)
        misnamed_arns.refuse_one_name(listed, "users")
        return cls._build("users", listed, {}, may_carry_mfa=True, entities=users)

    @classmethod
    @messages.plainly
    def roles(cls, *roles: str | iam.IRole) -> Trusted:
        """
        Single roles, which must exist when the role is deployed; every session of them is trusted.

        A role session never carries MFA: the role that trusts roles must be created with ``mfa=False``.

        An ARN that only a deployment knows could be that of an account, all of whose users would get in: so
        ``aws:PrincipalArn`` has to be that of a role as well.

        Args:
            roles: ARNs of roles, or roles of this app.
        """
        arns = arguments.arns(roles, "roles", "role_arn")
        listed = arguments.each(arns, "roles", arguments.role_arn)
        misnamed_arns.refuse_one_name(listed, "roles")
        conditions = _OF_ROLES if any(map(_may_be_no_role, listed)) else {}
        return cls._build("roles", listed, conditions, may_carry_mfa=False, entities=roles)

    @classmethod
    @messages.plainly
    def organization(cls, organization: str) -> Trusted:
        """
        Every account of an organization, the ones that join later included.

        Args:
            organization: id of the organization, ``o-…``.
        """
        arguments.organization(organization)
        conditions = {"StringEquals": {"aws:PrincipalOrgID": organization}}
        return cls._build("organization", ["*"], conditions, may_carry_mfa=True, shown=[organization])

    @classmethod
    @messages.plainly
    def organizational_unit(cls, *paths: str) -> Trusted:
        """
        Every account in an organizational unit, and in the units below it.

        The path begins with the organization, since ids of units are unique only inside one.

        Args:
            paths: like ``o-a1b2c3d4e5/r-ab12/ou-ab12-11111111``.
        """
        listed = arguments.each(paths, "paths", arguments.organizational_unit_path)
        patterns = [f"{path}*" for path in listed]
        conditions = {
            "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": patterns[0] if len(patterns) == 1 else patterns}
        }
        return cls._build("organizational_unit", ["*"], conditions, may_carry_mfa=True, shown=listed)

    @classmethod
    @messages.plainly
    def permission_sets(cls, *names: str, accounts: Iterable[str]) -> Trusted:
        """
        People with an IAM Identity Center permission set in the given accounts.

        The roles of a permission set cannot be named as principals, since their names end in 16 characters that change
        when the set is assigned anew. So the accounts are the principals, and ``aws:PrincipalArn`` confines them:
        https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html

        Identity Center sessions never carry MFA to IAM: the role must be created with ``mfa=False``, and MFA be
        enforced in Identity Center.

        Args:
            names: names of permission sets.
            accounts: the accounts where the sets are assigned.
        """
        sets = arguments.each(names, "names", _permission_set)
        listed = arguments.each(accounts, "accounts", arguments.account)
        # Only AWS creates roles under this path. What stands between host and name is a Region, or nothing.
        roles = "role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO"
        arns = [
            f"arn:{cdk.Aws.PARTITION}:iam::{account}:{roles}_{name}_{'?' * 16}" for account in listed for name in sets
        ]
        conditions = {"ArnLike": {"aws:PrincipalArn": arns[0] if len(arns) == 1 else arns}}
        return cls._build("permission_sets", listed, conditions, may_carry_mfa=False, shown=sets, permission_sets=sets)

    @classmethod
    def _build(
        cls,
        factory: str,
        principals: Sequence[str],
        conditions: Mapping[str, Mapping[str, str | list[str]]],
        *,
        may_carry_mfa: bool,
        shown: Sequence[str] | None = None,
        entities: Sequence[object] = (),
        permission_sets: Sequence[str] = (),
    ) -> Trusted:
        self = object.__new__(cls)
        self.principals = tuple(principals)
        self.conditions = conditions
        self.may_carry_mfa = may_carry_mfa
        self.entities = tuple(entities)
        self.permission_set_names = tuple(permission_sets)
        written = [*principals, *(str(values) for keys in conditions.values() for values in keys.values())]
        self.noted = tuple(one for one in known_later.loose() if any(one.value in text for text in written))
        self._call = f"Trusted.{factory}({', '.join(map(repr, principals if shown is None else shown))})"
        return self

    def __repr__(self) -> str:
        return self._call

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        # What changes nothing is the copy of itself, and the constructs of an app in it are not copied.
        return self


def _may_be_no_role(arn: str) -> bool:
    """Whether only a deployment knows what an ARN is of: a parameter, or what another app exports."""
    is_whole = arguments.is_token(arn) and not arguments.is_looked_up(arn) and _ROLE not in arn
    return is_whole and not isinstance(references.referred_to(arn), iam.CfnRole)


def trusted_callers(trusted: Trusted | Sequence[Trusted]) -> list[Trusted]:
    """One or several who are trusted, as several."""
    callers: Sequence[Any] = trusted if isinstance(trusted, (list, tuple)) else [trusted]
    if not callers:
        raise ValueError("trusted must name at least one caller, got an empty list")
    return [trusted_caller(caller) for caller in callers]


def trusted_caller(trusted: Trusted) -> Trusted:
    """One who is trusted, and not just a text that could be anything."""
    if not isinstance(trusted, Trusted):
        which = "one of " if isinstance(trusted, (list, tuple)) else ""
        raise TypeError(
            f"trusted must be {which}Trusted.accounts(...), Trusted.users(...) and the like, got "
            f"{arguments.described(trusted)}"
        )
    return trusted


def _permission_set(value: str, argument: str) -> str:
    if isinstance(value, Construct):
        raise TypeError(
            f"{argument} must be names of permission sets, got {value.node.path}: give its name, or take "
            "its people from it (its trusted(accounts=[...]))"
        )
    return arguments.matching(value, argument, r"[\w+=,.@-]{1,32}", "1 to 32 letters, digits or any of _+=,.@-")

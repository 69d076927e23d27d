"""
Grants that nobody gets anything by: the role that is granted is of this app, and its trust policy is against it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-cross-account-resource-access.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _objects as objects
from trustproof_cdk import _order as order
from trustproof_cdk import _regions as regions
from trustproof_cdk import _stacks as stacks
from trustproof_cdk._trust import ASSUME_ROLE, Trusting, TrustStatement

#: The keys that say that somebody has used MFA, in lower case; sessions of roles have neither.
_MFA = ("aws:multifactorauthpresent", "aws:multifactorauthage")
#: Operators that let pass a request without the key, by how they end and begin.
_IF_EXISTS, _FOR_ALL = "IfExists", "ForAllValues:"
_ACCOUNT = re.compile(r"(?:arn:[^:]*:iam::)?([0-9]{12})(?::root)?")
#: An ARN, also one whose partition is known only in a deployment: the account, and what is there.
_NAMED = re.compile(r"arn:.*:iam::([0-9]{12}):((?:user|role)/[^$]+)")
#: Why nobody gets in, in words.
_NO_MFA, _NOT_NAMED = "demands MFA, which no session of a role has", "lets it in by its trust policy"
_ATTRIBUTES = {"users": "user_arn", "roles": "role_arn", "groups": "group_arn"}


def refuse_who_gets_nowhere(
    scope: Construct, holders: objects.Holders, targets: Iterable[str | iam.IRole], argument: str
) -> None:
    """
    Refuse a grant to somebody whom no role that is granted lets in, as far as that is known.

    Only roles of the constructs here say whom they trust; where another one is granted too, nobody is refused.

    Args:
        scope: in the stack of the grant.
        holders: who is granted the roles.
        targets: the roles.
        argument: that has them, as the caller wrote it.

    Raises:
        ValueError: with the holder, and why.
    """
    asked = list(targets)
    roles = [role for role in asked if isinstance(role, Trusting)]
    if not roles or len(roles) < len(asked):
        return
    own = stacks.account_of(stacks.stack_of(scope))
    for kind, attribute in _ATTRIBUTES.items():
        for holder in holders[kind] or ():  # type: ignore[literal-required]
            why = _why_not(roles, kind, holder, attribute, own)
            if why:
                which = "each of them" if why is _NO_MFA else "none of them"
                raise ValueError(
                    f"{kind} cannot have {holder.node.path}, which gets into none of {argument}: {which} {why}"
                )


def _why_not(roles: Iterable[Trusting], kind: str, holder: Any, attribute: str, own: str) -> str:
    """What is against all roles letting somebody in, in words; empty where one may."""
    statements = [one for role in roles for one in role.trust_statements if ASSUME_ROLE in one.actions]
    named = [one for one in statements if _names(one, kind, holder, attribute, own)]
    if any(kind != "roles" or not _demands_mfa(one) for one in named):
        return ""
    return _NO_MFA if named else _NOT_NAMED


def refuse_grantee(role: iam.Role, grantee: object) -> None:
    """
    Refuse to grant a role to a user, role or group of the app whom it does not let in.

    Args:
        role: that is granted.
        grantee: others pass.

    Raises:
        ValueError: with the grantee, and why: also a user or group of another account that is imported, for a namesake
            of which the CDK would write a policy.
    """
    made = order.created(grantee)
    if made is None:
        _refuse_namesake(role, grantee)
    if made is None or not isinstance(role, Trusting):
        return
    own = stacks.account_of(stacks.stack_of(made))
    for kind, attribute in _ATTRIBUTES.items():
        why = _why_not([role], kind, grantee, attribute, own) if hasattr(grantee, attribute) else ""
        if why:
            said = why if why is _NO_MFA else "does not let it in by its trust policy"
            raise ValueError(f"{role.node.path} cannot be granted to {made.node.path}, since it {said}")


def _refuse_namesake(role: iam.Role, grantee: Any) -> None:
    for attribute in ("user_arn", "group_arn"):
        if not hasattr(grantee, attribute):
            continue
        theirs, own = objects.account_of(grantee, attribute), stacks.account_of(stacks.stack_of(role))
        if theirs is not None and not arguments.is_token(own) and theirs != own:
            raise ValueError(
                f"{role.node.path} cannot be granted to {grantee.node.path} of account {theirs} from a stack of {own}, "
                "where the CDK would write a policy for whoever has that name: use AssumeRoleGrant in a stack of its "
                "account"
            )


def warn_of_grant_in_vain(role: iam.Role, grantee: object, actions: Sequence[str]) -> None:
    """
    Warn of a grant that the CDK has dropped without a word: of a role that takes no policies from here, like
    `without_policy_updates()` and what is imported with ``mutable=False`` or from another account.

    A role that the trust policy itself names needs no other policy within the account.

    Args:
        role: that was granted.
        grantee: to whom; others than roles pass.
        actions: that it needs.
    """
    if not _takes_no_policies(grantee):
        return
    holder: Any = grantee
    own = stacks.account_of(stacks.stack_of(role))
    statements = role.trust_statements if isinstance(role, Trusting) else ()
    if objects.account_of(holder.role_arn, "role_arn") in (None, own) and any(
        _ACCOUNT.fullmatch(value) is None and value != "*" and _is(value, "roles", holder, _ATTRIBUTES["roles"], own)
        for one in statements
        for value in one.principals.get("AWS", ())
    ):
        return
    resource = order.created(holder)
    around = None if resource is None else resource.node.scope
    whose = holder.node.path if around is None else around.node.path
    called = _called(role, _ATTRIBUTES["roles"])
    arn = f"arn:{regions.partition_of(role)}:iam::{own}:{called}"
    known = called is not None and regions.partition_of(role) is not None and not arguments.is_token(own)
    shown = {"Effect": "Allow", "Action": [*actions], "Resource": arn if known else f"(the ARN of {role.node.path})"}
    cdk.Annotations.of(role).add_warning_v2(
        f"trustproof:not-granted-{whose}",
        f"{whose} takes no policies from here, so that it does not get in by this grant: add {json.dumps(shown)} where "
        "its policies are written",
    )


def _takes_no_policies(grantee: Any) -> bool:
    """Whether a role has not got the policy that the CDK says it has added."""
    if not hasattr(grantee, "role_arn") or not hasattr(grantee, "node"):
        return False
    resource = order.created(grantee)
    if resource is None:
        return grantee.node.try_find_child("Policy") is None
    around = resource.node.scope
    return around is not None and around.node.path != grantee.node.path


def names_user(statement: TrustStatement, user: object, own: str) -> bool:
    """
    Whether a statement may speak of a user.

    Args:
        own: the account of the user.
    """
    return _names(statement, "users", user, _ATTRIBUTES["users"], own)


def _names(statement: TrustStatement, kind: str, holder: Any, attribute: str, own: str) -> bool:
    """Whether a statement may speak of somebody of an account, or of all of it."""
    return any(_is(value, kind, holder, attribute, own) for value in statement.principals.get("AWS", ()))


def _is(value: str, kind: str, holder: Any, attribute: str, own: str) -> bool:
    account = _ACCOUNT.fullmatch(value)
    if account is not None:
        return arguments.is_token(own) or account[1] == own
    if value == "*":
        return True
    made = objects.referred_to(value)
    if isinstance(made, (iam.CfnUser, iam.CfnRole)):
        mine = order.created(holder)
        return isinstance(made, iam.CfnUser) if kind == "groups" else mine is None or made.node.path == mine.node.path
    named = _NAMED.fullmatch(value)
    if named is None:
        # Only a deployment knows who it is.
        return True
    if not arguments.is_token(own) and named[1] != own:
        return False
    if kind == "groups":
        return named[2].startswith("user/")
    called = _called(holder, attribute)
    return called is None or called == named[2]


def _called(holder: Any, attribute: str) -> str | None:
    """What a user or role is called in its ARN, with its path; None where only a deployment knows it."""
    made = order.created(holder)
    if made is None:
        found = _NAMED.fullmatch(objects.arn_of(holder, attribute))
        return None if found is None else found[2]
    stack = cdk.Stack.of(made)
    name = made.user_name if isinstance(made, iam.CfnUser) else getattr(made, "role_name", None)
    written: Sequence[Any] = stack.resolve([name, getattr(made, "path", None) or "/"])
    if len(written) != 2 or not all(isinstance(one, str) for one in written):
        return None
    return f"{attribute.removesuffix('_arn')}{written[1]}{written[0]}"


def _demands_mfa(statement: TrustStatement) -> bool:
    return any(
        str(key).lower() in _MFA and not operator.endswith(_IF_EXISTS) and not operator.startswith(_FOR_ALL)
        for operator, keys in statement.conditions.items()
        for key in keys
        if operator != "Null"
    )

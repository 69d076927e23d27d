"""
The policies that stand on a caller: own, of groups, managed, the boundary. Each text is read once, and for each action
reduced to the statements that name it: the evaluator is slow by design, and managed policies are long.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from trustproof.errors import PolicySyntaxError
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import IDENTITY
from trustproof.model.policy import Policy, Statement
from trustproof.model.request import FEDERATED_USER, IDENTITY_CENTER, ROLE_SESSION, USERS
from trustproof.model.substitution import policy_as_written
from trustproof.sandbox.credentials.credentials import Credentials, iam_of, role_by_id, user_by_id
from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.iam.iam import boundary_arn
from trustproof.spec.matching import fold, matches_wildcards, pattern


@dataclass(frozen=True)
class Holdings:
    """
    The policies of a caller, each a text.
    """

    identity: tuple[str, ...] = ()
    boundary: str | None = None


def holdings_of(credentials: Credentials) -> Holdings:
    """What stands on whoever signs with these credentials."""
    caller, account = credentials.caller, credentials.account
    if account is None:
        return Holdings()
    if caller.kind in (*USERS, FEDERATED_USER):
        user = user_by_id(account, credentials.entity)
        if user is None:
            return Holdings()
        own = passwords_policy(account, user) if caller.kind in USERS else None
        held = (*_of_user(account, user), *(() if own is None else (own,)))
        return Holdings(held, _boundary(account, user))
    if caller.kind in (ROLE_SESSION, IDENTITY_CENTER):
        role = role_by_id(account, credentials.entity)
        return Holdings() if role is None else Holdings(tuple(_of_identity(role)), _boundary(account, role))
    return Holdings()


def passwords_policy(account: str, user: Any) -> str | None:
    """
    What the password policy of an account lets each of its users do, where it says so; it is attached to nobody.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html

    Args:
        account: its id.
        user: of the account.

    Returns:
        the text of a policy; None where users need one of their own.
    """
    rules = iam_of(account).account_password_policy
    if rules is None or not rules.allow_users_to_change_password:
        return None
    own = {"Effect": "Allow", "Action": "iam:ChangePassword", "Resource": user.arn}
    rest = {"Effect": "Allow", "Action": "iam:GetAccountPasswordPolicy", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [own, rest]})


def _of_user(account: str, user: Any) -> Iterator[str]:
    yield from _of_identity(user)
    for group in iam_of(account).get_groups_for_user(user.name):
        yield from _of_identity(group)


def _of_identity(identity: Any) -> Iterator[str]:
    yield from list(identity.policies.values())
    for policy in list(identity.managed_policies.values()):
        yield managed_text(policy)


def managed_text(policy: Any) -> str:
    """The default version of a managed policy."""
    return next(str(version.document) for version in policy.versions if version.version_id == policy.default_version_id)


def boundary_of(entity: Any) -> str | None:
    """The ARN of the boundary of a user or role; None without one."""
    arn = boundary_arn(entity) if hasattr(entity, "mfa_devices") else entity.permissions_boundary_arn
    return str(arn) if arn else None


def _boundary(account: str, entity: Any) -> str | None:
    arn = boundary_of(entity)
    if arn is None:
        return None
    found = iam_of(account).managed_policies.get(arn)
    if found is None:
        raise Undecided(f"the permissions boundary {arn} does not exist")
    return managed_text(found)


@lru_cache(maxsize=4_096)
def read(text: str, kind: str = IDENTITY) -> Policy:
    """
    A policy of a text.

    Raises:
        Undecided: it cannot be read.
    """
    try:
        return policy_as_written(parse_policy(text, kind=kind))
    except PolicySyntaxError as error:
        raise Undecided(f"a policy cannot be read: {error}") from None


@lru_cache(maxsize=65_536)
def read_for(text: str, kind: str, action: str | None) -> Policy:
    """The same as `policy_for_action` of `read`, remembered."""
    return policy_for_action(read(text, kind), action)


def policy_for_action(policy: Policy, action: str | None) -> Policy:
    """
    A policy that answers requests for one action as another does, with what is about other actions left out.

    Args:
        policy: the whole.
        action: as in requests: `iam:CreateUser`; None for the whole, as it is written.
    """
    if action is None:
        return policy
    return policy._replace(statements=tuple(_for_action(policy.statements, action)))


def _for_action(statements: tuple[Statement, ...], action: str) -> Iterator[Statement]:
    wanted = fold(action)

    def named(actions: tuple[Any, ...]) -> bool:
        return any(matches_wildcards(wanted, pattern(fold(str(one)))) for one in actions)

    for statement in statements:
        if statement.actions is not None:
            applies = named(statement.actions)
        elif statement.not_actions is not None:
            applies = not named(statement.not_actions)
        else:
            applies = False
        if applies:
            yield statement._replace(actions=(action,), not_actions=None)

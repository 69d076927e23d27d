"""
Whose keys are these? Long-term keys are in IAM; temporary credentials are made, and kept, here.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from trustproof.model.policy import Policy
from trustproof.model.request import (
    FEDERATED_USER,
    ROOT,
    USER_KEY,
    USERS,
    Caller,
    ContextValue,
)
from trustproof.sandbox.clock import Clock
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto.iam import iam_backends

#: The partition of every account of a sandbox.
PARTITION = "aws"

_KEY = string.ascii_uppercase + "234567"
_SECRET = string.ascii_letters + string.digits + "+/"


@dataclass(frozen=True)
class Credentials:
    """
    Keys, and what is known of whoever signs with them.
    """

    access_key: str
    secret: str = field(repr=False)
    caller: Caller
    #: The session token; None of long-term keys.
    token: str | None = field(default=None, repr=False)
    #: Seconds since 1970; None of long-term keys.
    issued: float | None = None
    expires: float | None = None
    #: When an MFA code was given; None where there was none.
    mfa_at: float | None = None
    #: The session policies; None where none were passed.
    policies: tuple[Policy, ...] | None = None
    #: Session tags, by their keys as they were passed.
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: frozenset[str] = frozenset()
    source_identity: str | None = None
    #: Condition keys that the session keeps from its making, lower-cased.
    kept: Mapping[str, ContextValue] = field(default_factory=dict)
    #: Lower-cased keys that the session has, or may have, of which nobody here knows the value.
    unknown: tuple[str, ...] = ()
    #: The unique id of the user or role behind them; the empty string where there is none.
    entity: str = ""

    @property
    def account(self) -> str | None:
        """The account of the caller; None of a service."""
        return self.caller.account

    @property
    def temporary(self) -> bool:
        """Whether they expire."""
        return self.expires is not None


class CredentialStore:
    """
    All temporary credentials, and the way to all others.

    Args:
        clock: by which they expire.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._made: dict[str, Credentials] = {}

    def issue(self, made: Credentials) -> Credentials:
        """Keep temporary credentials, of which the keys are still empty, under keys of their own."""
        complete = replace(
            made, access_key=random_key("ASIA"), secret=random_text(_SECRET, 40), token=random_text(_SECRET, 356)
        )
        with self._lock:
            now = self._clock.now()
            if len(self._made) % 1_000 == 999:
                # Yesterday's are of no use to anybody.
                self._made = {key: one for key, one in self._made.items() if (one.expires or now) > now - 86_400}
            self._made[complete.access_key] = complete
        return complete

    def root_key(self, account: str) -> Credentials:
        """Make a long-term access key of the root user of an account."""
        caller = Caller(ROOT, f"arn:{PARTITION}:iam::{account}:root", userid=account)
        found = Credentials(random_key("AKIA"), random_text(_SECRET, 40), caller)
        with self._lock:
            self._made[found.access_key] = found
        return found

    def find(self, access_key: str, token: str | None) -> Credentials:
        """
        The credentials that a request names.

        Raises:
            Refused: `InvalidClientTokenId`, `ExpiredToken`.
        """
        with self._lock:
            found = self._made.get(access_key)
        if found is None:
            return _long_term(access_key, token)
        if not secrets.compare_digest((found.token or "").encode(), (token or "").encode()):
            raise invalid_token()
        if found.expires is not None and found.expires <= self._clock.now():
            raise RefusedRequest("The security token included in the request is expired", "ExpiredToken", 403)
        return self._as_of_today(found)

    def _as_of_today(self, found: Credentials) -> Credentials:
        """A user's session speaks for the user as it is now; a user or role that is gone speaks for nobody."""
        account = found.account
        if account is None or found.caller.kind == ROOT:
            return found
        if found.caller.kind in (*USERS, FEDERATED_USER):
            user = user_by_id(account, found.entity)
            if user is None:
                raise invalid_token()
            if found.caller.kind in USERS:
                return replace(found, caller=found.caller._replace(arn=user.arn))
        elif role_by_id(account, found.entity) is None:
            raise invalid_token()
        return found

    def owner(self, access_key: str) -> str | None:
        """The account of an access key; None for a key that nobody has."""
        with self._lock:
            found = self._made.get(access_key)
        if found is not None:
            return found.account
        located = _locate(access_key)
        return None if located is None else located[0]


def invalid_token() -> RefusedRequest:
    """The refusal of keys that nobody has."""
    return RefusedRequest("The security token included in the request is invalid.", "InvalidClientTokenId", 403)


def _long_term(access_key: str, token: str | None) -> Credentials:
    located = _locate(access_key)
    if located is None or token:
        raise invalid_token()
    account, key = located
    user = iam_of(account).users.get(key.user_name)
    if key.status != "Active" or user is None:
        raise invalid_token()
    caller = Caller(USER_KEY, user.arn, userid=user.id)
    return Credentials(access_key, key.secret_access_key, caller, entity=user.id)


def _locate(access_key: str) -> tuple[str, Any] | None:
    for account in list(iam_backends):
        key = iam_of(account).access_keys.get(access_key)
        if key is not None:
            return account, key
    return None


def iam_of(account: str) -> Any:
    """IAM of an account."""
    return iam_backends[account][PARTITION]


def user_by_id(account: str, identifier: str) -> Any:
    """A user by its unique id; None when there is none."""
    return next((user for user in list(iam_of(account).users.values()) if user.id == identifier), None)


def role_by_id(account: str, identifier: str) -> Any:
    """A role by its unique id; None when there is none."""
    return iam_of(account).roles.get(identifier)


def role_by_arn(arn: str) -> Any:
    """A role by its ARN; None when there is none, or its account is none of the sandbox's."""
    fields = arn.split(":", 5)
    if len(fields) != 6 or fields[4] not in iam_backends:
        return None
    return next((role for role in list(iam_of(fields[4]).roles.values()) if role.arn == arn), None)


def random_key(prefix: str) -> str:
    """An access key id."""
    return prefix + random_text(_KEY, 16)


def random_text(alphabet: str, length: int) -> str:
    """Text that nobody can guess."""
    return "".join(secrets.choice(alphabet) for _ in range(length))

"""
One concrete request: who calls, what, on which resource, in which context.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from trustproof.escaping.text import printable_repr

#: A value of a condition key: a string, or several for a multi-valued key. An absent key is not in the mapping.
ContextValue: TypeAlias = "str | tuple[str, ...]"

# The kinds of caller, by the credentials they sign with (docs/semantics.md, "Callers").
USER_KEY = "user-key"
USER_KEY_MFA = "user-key-mfa"
USER_SESSION = "user-session"
USER_SESSION_MFA = "user-session-mfa"
ROLE_SESSION = "role-session"
IDENTITY_CENTER = "identity-center"
SAML = "saml"
WEB_IDENTITY = "web-identity"
FEDERATED_USER = "federated-user"
SERVICE = "service"
ROOT = "root"
ANONYMOUS = "anonymous"

#: Kind to the words a report uses for the credentials.
CREDENTIALS: dict[str, str] = {
    USER_KEY: "IAM user, long-term access key, no MFA",
    USER_KEY_MFA: "IAM user, long-term access key, MFA code passed in the call",
    USER_SESSION: "IAM user, session token obtained without MFA",
    USER_SESSION_MFA: "IAM user, session token obtained with MFA",
    ROLE_SESSION: "role session",
    IDENTITY_CENTER: "IAM Identity Center session",
    SAML: "SAML assertion",
    WEB_IDENTITY: "web identity token",
    FEDERATED_USER: "federated user session (GetFederationToken)",
    SERVICE: "AWS service",
    ROOT: "root user of the account",
    ANONYMOUS: "anonymous",
}

USERS = (USER_KEY, USER_SESSION, USER_KEY_MFA, USER_SESSION_MFA)
USERS_WITHOUT_MFA = (USER_KEY, USER_SESSION)


@printable_repr
class Caller(NamedTuple):
    """
    Who makes a request.

    `arn` is, by kind: the user's ARN; the *role's* ARN of a role or Identity Center session (`session` is the session
    name); the ``federated-user`` ARN; ``arn:P:iam::A:root``; the provider (ARN or host) of a SAML or web identity
    caller; the host name of a service; the empty string for an anonymous caller.
    """

    kind: str
    arn: str = ""
    session: str = ""
    #: ``aws:userid`` of the caller, where it has one: ``AIDA…``, ``AROA…:session``, ``account:name``, the account of
    #: a root user.
    userid: str = ""

    @property
    def account(self) -> str | None:
        """
        The account of a signed caller; None for services, federated and anonymous callers, and where the ARN is not
        shown.
        """
        if self.kind in (SERVICE, SAML, WEB_IDENTITY, ANONYMOUS) or not self.arn.startswith("arn:"):
            return None
        return self.arn.split(":")[4]

    @property
    def display_arn(self) -> str:
        """The ARN (or host name) under which AWS would log this caller."""
        if self.kind in (ROLE_SESSION, IDENTITY_CENTER) and self.arn.startswith("arn:"):
            head = self.arn.split(":")
            return f"arn:{head[1]}:sts::{head[4]}:assumed-role/{self.arn.rsplit('/', 1)[-1]}/{self.session}"
        return self.arn or "anonymous"


@printable_repr
class Request(NamedTuple):
    """
    One request, complete: what is not in `context` is absent.
    """

    caller: Caller
    action: str
    resource: str
    #: Lower-cased condition key to its value, the keys derived from the caller included.
    context: dict[str, ContextValue]

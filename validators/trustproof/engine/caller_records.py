"""
The caller of a request, as one string: its record.

A record is ARN, separator, unique id. Every key that follows from the caller (``aws:PrincipalArn``, ``aws:userid``, …)
is a *view*: a pattern on the key is a pattern on the record, so no dependency between keys is left to reason about.
"""

from __future__ import annotations

from functools import cache

from trustproof.aws.oidc_issuers import BUILT_IN_PROVIDERS
from trustproof.engine.domains import Values
from trustproof.model.request import (
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    WEB_IDENTITY,
)
from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, exact, join
from trustproof.sets.strings import StringSet

#: Separates the ARN of a caller from its unique id; no ARN and no id has it.
SEPARATOR = "\x1f"

_DIGITS = "0123456789"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: The characters of the name of a user or role.
NAME = "+,-.0123456789=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

ACCOUNT: Pattern = tuple(Wildcard(_DIGITS, False, False) for _ in range(12))
NAME_ONE = Wildcard(NAME, False, False)
NAME_RUN = Wildcard(NAME, False, True)
_UNIQUE = join(Wildcard(_DIGITS + _UPPER, False, False), Wildcard(_DIGITS + _UPPER, False, True))
NO_SEPARATOR = Wildcard(SEPARATOR, True, True)
FIELD = Wildcard(":", True, True)
#: The format of a path admits any printable ASCII character, the colon included:
#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
_PATH_RUN = Wildcard("".join(map(chr, range(0x21, 0x7F))), False, True)
_SLUG = (
    Wildcard("abcdefghijklmnopqrstuvwxyz", False, False),
    Wildcard("-0123456789abcdefghijklmnopqrstuvwxyz", False, True),
)

#: Where a template may go that does not say where; others exist, and are asked about where the Region names one.
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")

#: How many characters the name of a user, a role or a session may have.
NAME_LENGTH = 64

#: The keys that are views of the caller's record, lower-cased.
VIEWS = (
    "aws:principalarn",
    "aws:principalaccount",
    "aws:userid",
    "aws:username",
    "aws:principalservicename",
    "saml:doc",
)

#: What stands between the partition and the account in the ARN of a caller, and after it.
IDENTITY_CENTER_PATH = "aws-reserved/sso.amazonaws.com/"


def _record_shapes(kind: str, partition: str) -> tuple[Pattern, ...]:
    """Every record of a caller of this kind."""
    if not partition:
        return tuple(dict.fromkeys(shape for one in _PARTITIONS for shape in _record_shapes(kind, one)))
    name = join(NAME_ONE, NAME_RUN)
    arn = join(f"arn:{partition}:iam::", ACCOUNT)
    if kind in (USER_KEY, USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA):
        tail = join(name, SEPARATOR, "AIDA", _UNIQUE)
        return (join(arn, ":user/", tail), join(arn, ":user/", _PATH_RUN, "/", tail))
    session = join(SEPARATOR, "AROA", _UNIQUE, ":", NAME_ONE, NAME_ONE, NAME_RUN)
    if kind == ROLE_SESSION:
        return (join(arn, ":role/", name, session), join(arn, ":role/", _PATH_RUN, "/", name, session))
    if kind == IDENTITY_CENTER:
        reserved = join("AWSReservedSSO_", name, "_", *(Wildcard("0123456789abcdef", False, False),) * 16, session)
        head = join(arn, ":role/" + IDENTITY_CENTER_PATH)
        return (join(head, reserved), join(head, *_SLUG, "/", reserved))
    if kind == FEDERATED_USER:
        federated = join(f"arn:{partition}:sts::", ACCOUNT, ":federated-user/")
        return (join(federated, NAME_ONE, NAME_ONE, NAME_RUN, SEPARATOR),)
    if kind == ROOT:
        return (join(arn, ":root", SEPARATOR),)
    if kind == SERVICE:
        host = Wildcard("-.0123456789abcdefghijklmnopqrstuvwxyz", False, True)
        return (
            join(host, ".amazonaws.com", SEPARATOR),
            join(host, ".amazonaws.com.cn", SEPARATOR),
            join(host, ".amazon.com", SEPARATOR),
            join(host, ".aws.internal", SEPARATOR),
        )
    if kind == SAML:
        return (join(arn, ":saml-provider/", name, SEPARATOR),)
    if kind == WEB_IDENTITY:
        return (
            join(arn, ":oidc-provider/", NO_SEPARATOR, SEPARATOR),
            *(join(host, SEPARATOR) for host in BUILT_IN_PROVIDERS),
        )
    return (exact(SEPARATOR),)


def role_arns(partition: str) -> tuple[Pattern, ...]:
    """Every ARN of a role; the empty string leaves the partition open."""
    if not partition:
        return tuple(arn for one in _PARTITIONS for arn in role_arns(one))
    head = join(f"arn:{partition}:iam::", ACCOUNT, ":role/")
    name = join(NAME_ONE, NAME_RUN)
    return (join(head, name), join(head, _PATH_RUN, "/", name))


@cache
def caller_domain(kind: str, partition: str) -> Values:
    """Every caller of a kind, as records."""
    found = StringSet.of(_record_shapes(kind, partition))
    if kind == ROLE_SESSION:
        reserved = join("arn:", Wildcard(":", True, True), ":iam::", ACCOUNT, ":role/" + IDENTITY_CENTER_PATH, ANY_RUN)
        found &= StringSet.outside([reserved])
    return Values(False, found)

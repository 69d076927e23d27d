"""
What IAM holds names, sizes and documents to.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
import re
import secrets
import string
from collections.abc import Iterable, Mapping
from typing import Any

from trustproof.errors import PolicySyntaxError
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import IDENTITY, TRUST
from trustproof.model.policy import Policy, Statement
from trustproof.model.substitution import policy_as_written
from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.iam import shared_issuers
from trustproof.sandbox.iam.iam_grammar import refusals
from trustproof.sandbox.moto.iam import IamError
from trustproof.sandbox.principals.principals import UNKNOWN_SERVICE, unknown_services

#: Characters without whitespace; what all inline policies of one identity may have together.
INLINE_QUOTAS = {"role": 10_240, "user": 2_048, "group": 5_120}
#: Characters of a managed policy, and of a trust policy (the default quota).
MANAGED_POLICY_QUOTA = 6_144
TRUST_POLICY_QUOTA = 2_048
#: Managed policies attached to one identity, groups of one user (the default quotas).
ATTACHED_QUOTA = 10
GROUPS_QUOTA = 10
#: Versions of a managed policy.
VERSIONS_QUOTA = 5
#: Seconds.
SESSION_DURATIONS = range(3_600, 43_201)

_NAMES = {"role": 64, "user": 64, "group": 128, "policy": 128, "instance profile": 128}
_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH = re.compile(r"/|/[\x21-\x7e]+/")
_WHITESPACE = re.compile(r"\s")
_ALPHABET = string.ascii_uppercase + "234567"


def unique_id(prefix: str) -> str:
    """
    An identifier of IAM: 21 characters, of which the first four tell the kind.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes
    """
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(17))


def check_identity_policy(text: str) -> None:
    """
    Refuse what is no identity policy; moto's own check takes numbers in conditions for errors, and more.

    Raises:
        IamError: `MalformedPolicyDocument`.
    """
    parsed_policy(text, IDENTITY)


def check_trust_policy(text: str) -> None:
    """
    Refuse what is no trust policy.

    Raises:
        IamError: `MalformedPolicyDocument`; `NotImplemented` where it names a service that is not known here.
    """
    policy = parsed_policy(text, TRUST)
    for statement in policy.statements:
        _check_trusted(statement)
    if unknown := unknown_services(json.loads(text)):
        raise IamError("NotImplemented", UNKNOWN_SERVICE.format(unknown[0]))
    for statement in policy.statements:
        actions = [str(action).lower() for action in statement.actions or ()]
        if any(not action.startswith("sts:") and action != "*" for action in actions):
            raise IamError("MalformedPolicyDocument", "AssumeRole policy may only specify STS AssumeRole actions.")
    try:
        refused = next(shared_issuers.refusals(policy), None)
    except Undecided as error:
        raise IamError("NotImplemented", error.message) from None
    if refused:
        raise IamError("MalformedPolicyDocument", refused)


def _check_trusted(statement: Statement) -> None:
    """
    Refuse what a trust policy may not say of principals, and policies of other resources may.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
    """
    if statement.not_principals is not None:
        raise IamError("MalformedPolicyDocument", "AssumeRole policy must not contain NotPrincipal field.")
    for kind, value in statement.principals or ():
        if kind == "*":
            raise IamError("MalformedPolicyDocument", 'AssumeRolepolicy contained an invalid principal: "STAR":"*".')
        if kind == "CanonicalUser":
            raise IamError("MalformedPolicyDocument", f'Invalid principal in policy: "{kind}":"{value}"')


def parsed_policy(text: str, kind: str) -> Policy:
    try:
        found = policy_as_written(parse_policy(text, kind=kind))
    except PolicySyntaxError as error:
        raise IamError("MalformedPolicyDocument", f"Syntax errors in policy. ({error})") from None
    if not _ids_are_texts(json.loads(text)):
        raise IamError("MalformedPolicyDocument", "Syntax errors in policy. (an Id and a Sid are texts)")
    try:
        refused = next(refusals(found), None)
    except Undecided as error:
        raise IamError("NotImplemented", error.message) from None
    if refused:
        raise IamError("MalformedPolicyDocument", refused)
    return found


def _ids_are_texts(document: Mapping[str, Any]) -> bool:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"""
    statements = document.get("Statement") or []
    ids = [one.get("Sid", "") for one in (statements if isinstance(statements, list) else [statements])]
    return all(isinstance(one, str) for one in (*ids, document.get("Id", "")))


def check_name(kind: str, name: str, path: str | None) -> None:
    """Refuse a name or a path that IAM would refuse."""
    if not name or len(name) > _NAMES[kind] or not _NAME.fullmatch(name):
        raise IamError(
            "ValidationError",
            f"1 validation error detected: Value '{name}' at '{kind.split()[-1]}Name' failed to satisfy constraint:"
            f" Member must have length less than or equal to {_NAMES[kind]} and consist of [\\w+=,.@-]",
        )
    if path and (not _PATH.fullmatch(path) or len(path) > 512):
        raise IamError(
            "ValidationError",
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric"
            " characters and/or / characters.",
        )


def check_free(what: str, name: str, names: Iterable[str]) -> None:
    """Refuse a name that is taken; names differ by more than case."""
    # Names differ by more than case: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
    if name.lower() in {taken.lower() for taken in names}:
        raise IamError("EntityAlreadyExists", f"{what} {name} already exists.")


def check_own_policy(arn: str) -> None:
    """Refuse to change a managed policy that belongs to AWS."""
    if ":aws:policy/" in arn:
        raise IamError("InvalidInput", f"Policy {arn} belongs to AWS and cannot be changed.")


def check_duration(seconds: Any) -> None:
    """Refuse a maximum session duration, in seconds, outside of one to twelve hours."""
    if seconds is not None and int(seconds) not in SESSION_DURATIONS:
        raise IamError(
            "ValidationError",
            f"1 validation error detected: Value '{seconds}' at 'maxSessionDuration' failed to satisfy constraint:"
            f" Member must have value between {SESSION_DURATIONS[0]} and {SESSION_DURATIONS[-1]}",
        )


def check_size(what: str, text: str, most: int, quota: str = "PolicySize") -> None:
    """Refuse a document that is too long; whitespace does not count."""
    if len(_WHITESPACE.sub("", text)) > most:
        raise IamError("LimitExceeded", f"Cannot exceed quota for {quota}: {most} ({what})")


def check_inline(kind: str, identity: Any, name: str, text: str) -> None:
    """Refuse an inline policy with which those of an identity would be too long together."""
    if not _NAME.fullmatch(name) or len(name) > _NAMES["policy"]:
        raise IamError("ValidationError", f"Value '{name}' at 'policyName' failed to satisfy constraint: [\\w+=,.@-]+")
    others = sum(len(_WHITESPACE.sub("", other)) for key, other in identity.policies.items() if key != name)
    most = INLINE_QUOTAS[kind]
    if others + len(_WHITESPACE.sub("", text)) > most:
        raise IamError("LimitExceeded", f"Maximum policy size of {most} bytes exceeded for {kind} {identity.name}")


def check_metadata(text: str) -> None:
    """Refuse metadata of a SAML provider that is too short or too long to be any."""
    if not 1_000 <= len(text) <= 10_000_000:
        raise IamError(
            "ValidationError",
            "1 validation error detected: Value at 'sAMLMetadataDocument' failed to satisfy constraint: Member must"
            " have length between 1000 and 10000000",
        )

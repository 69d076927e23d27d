"""
Who the policies of resources name: whether they exist, and what becomes of their names when they are deleted.

IAM stores the unique id of a user or a role that a policy names. So the trust in a role that is deleted and made again
is gone, and the policy then shows the id.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from trustproof.aws.known_services import is_known_service

_ACCOUNT = re.compile(r"[0-9]{12}")
#: No principal is of another partition than the policy.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
_ARN = re.compile(
    r"arn:aws:(?:iam::[0-9]{12}:(?:root|(?:user|role)/[\w+=,.@/-]+)"
    r"|sts::[0-9]{12}:(?:assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+|self))"
)
_UNIQUE_ID = re.compile(r"A(?:IDA|ROA|GPA|NPA)[A-Z0-9]{16,124}")
_SERVICE = re.compile(r"[a-z0-9][a-z0-9.-]*\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal|aws)")
_PROVIDER = re.compile(r"arn:aws:iam::[0-9]{12}:(?:oidc-provider/\S+|saml-provider/[\w.-]+)")
#: The issuers that IAM knows without a provider in the account.
_WELL_KNOWN = frozenset(
    {"accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"}
)


#: How names of services end in another partition.
_ELSEWHERE = ".cn"
#: What is said of a service that nobody here knows.
UNKNOWN_SERVICE = "no service principal {} is known here, and AWS takes none that does not exist"


def invalid_principals(document: Mapping[str, Any], exists: Callable[[str], bool]) -> list[str]:
    """
    The principals of a policy that IAM would refuse.

    Args:
        document: a policy.
        exists: whether the user or the role of an ARN, or of a unique id, exists.

    Returns:
        each as IAM's message has it: `"AWS":"arn:aws:iam::111122223333:role/none"`.
    """
    return [f'"{kind}":"{value}"' for kind, value in _principals(document) if not _valid(kind, value, exists)]


def is_service_here(principal: str) -> bool:
    """
    Whether a service principal is known, and not by its name in another partition.

    Args:
        principal: `lambda.amazonaws.com`.
    """
    return is_known_service(principal) and not principal.endswith(_ELSEWHERE)


def unknown_services(document: Mapping[str, Any]) -> list[str]:
    """The services that a policy names and nobody here knows: IAM refuses those that there are not."""
    named = [value for kind, value in _principals(document) if kind == "Service"]
    return [value for value in named if _SERVICE.fullmatch(value) and not is_service_here(value)]


def _valid(kind: str, value: str, exists: Callable[[str], bool]) -> bool:
    if kind == "AWS":
        if value == "*" or _ACCOUNT.fullmatch(value):
            return True
        if _UNIQUE_ID.fullmatch(value):
            return exists(value)
        if not _ARN.fullmatch(value):
            return False
        return ":iam::" not in value or value.endswith(":root") or exists(value)
    if kind == "Service":
        return _SERVICE.fullmatch(value) is not None
    if kind == "Federated":
        return value == "*" or value in _WELL_KNOWN or _PROVIDER.fullmatch(value) is not None
    return kind == "*" or kind == "CanonicalUser"


def _principals(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for statement in _statements(document):
        for element in ("Principal", "NotPrincipal"):
            found = statement.get(element)
            if isinstance(found, str):
                yield ("*" if found == "*" else "AWS", found)
            elif isinstance(found, dict):
                for kind, values in found.items():
                    for value in values if isinstance(values, list) else [values]:
                        yield (str(kind), str(value))


def with_principal_replaced(text: str, old: str, new: str) -> str:
    """
    A policy in which one principal has another name.

    Args:
        text: the policy, as JSON.
        old: an ARN.
        new: the unique id of what had that ARN.

    Returns:
        the text itself where the policy does not name that principal.
    """
    if old not in text:
        return text
    document = json.loads(text)
    changed = False
    for statement in _statements(document):
        for element in ("Principal", "NotPrincipal"):
            found = statement.get(element)
            if not isinstance(found, dict) or "AWS" not in found:
                continue
            values = found["AWS"]
            if values == old:
                found["AWS"] = new
                changed = True
            elif isinstance(values, list) and old in values:
                found["AWS"] = [new if value == old else value for value in values]
                changed = True
    return json.dumps(document) if changed else text


def _statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = document.get("Statement") or []
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]

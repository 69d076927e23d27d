"""
Callers: what a well-formed one looks like, and which context keys follow from it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from __future__ import annotations

from trustproof.aws.oidc_issuers import BUILT_IN_PROVIDERS
from trustproof.model.arn import is_account
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    USERS,
    WEB_IDENTITY,
    Caller,
    ContextValue,
)

#: Characters of names of users, roles, sessions and source identities, besides letters and digits.
NAME = "_+=,.@-"
#: Roles of IAM Identity Center, and of nothing else, have this path.
_IDENTITY_CENTER_PATH = "aws-reserved/sso.amazonaws.com/"
_IDENTITY_CENTER_NAME = "AWSReservedSSO_"
#: Kind of caller to ``aws:PrincipalType``.
_TYPES = {
    **dict.fromkeys(USERS, "User"),
    ROLE_SESSION: "AssumedRole",
    IDENTITY_CENTER: "AssumedRole",
    FEDERATED_USER: "FederatedUser",
    ROOT: "Account",
}
#: Kind of caller to what follows of its ARN's resource: the service, the word before the name, the longest name.
_RESOURCES = {
    **dict.fromkeys(USERS, ("iam", "user", 64)),
    ROLE_SESSION: ("iam", "role", 64),
    IDENTITY_CENTER: ("iam", "role", 64),
    FEDERATED_USER: ("sts", "federated-user", 32),
    SAML: ("iam", "saml-provider", 128),
}


def principal_keys(caller: Caller) -> dict[str, ContextValue]:
    """
    The context keys that follow from a caller, lower-cased; every request of this caller carries them.

    Keys that a caller may have or not (tags, an organization) are not among them, nor is ``aws:MultiFactorAuthAge``,
    which a request made with MFA carries with a value of its own.
    """
    kind = caller.kind
    keys: dict[str, ContextValue] = {}
    if kind == ANONYMOUS:
        return {
            "aws:principalaccount": "anonymous",
            "aws:principaltype": "Anonymous",
            "aws:userid": "anonymous",
        }
    if kind == SERVICE:
        return {
            "aws:principalisawsservice": "true",
            "aws:principalservicename": caller.arn,
            "aws:principalservicenameslist": (caller.arn,),
        }
    if kind == SAML:
        return {"saml:doc": saml_doc(caller.arn)}
    if kind == WEB_IDENTITY:
        return {}
    keys["aws:principalarn"] = caller.arn
    keys["aws:principalaccount"] = caller.account or ""
    keys["aws:principaltype"] = _TYPES[kind]
    keys["aws:principalisawsservice"] = "false"
    if caller.userid:
        keys["aws:userid"] = caller.userid
    if kind in USERS:
        keys["aws:username"] = caller.arn.rpartition("/")[2]
    if kind in (USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA):
        keys["aws:multifactorauthpresent"] = "false" if kind == USER_SESSION else "true"
    return keys


def saml_doc(provider: str) -> str:
    """``saml:doc`` of a SAML provider: its account and its friendly name."""
    return f"{provider.split(':')[4]}/{provider.partition('/')[2]}"


def issuer(provider: str) -> str:
    """The host and path of a web identity provider, with which the names of its claims begin."""
    return provider.partition(":oidc-provider/")[2] or provider


def made_of(text: str, extra: str, shortest: int, longest: int) -> bool:
    """Whether a text has ASCII letters, digits and `extra` characters only, and a length within bounds."""
    return shortest <= len(text) <= longest and all((c.isascii() and c.isalnum()) or c in extra for c in text)


def faults(caller: Caller) -> list[str]:
    """Reasons why no such caller exists; empty for a well-formed one."""
    kind, arn = caller.kind, caller.arn
    if kind == ANONYMOUS:
        return ["an anonymous caller has no ARN"] if arn else []
    if kind == SERVICE:
        named = "." in arn and made_of(arn, ".-", 3, 255)
        return [] if named else [f"{arn!r} is not the name of a service"]
    if kind == WEB_IDENTITY and arn in BUILT_IN_PROVIDERS:
        return []
    if kind not in (*_RESOURCES, ROOT, WEB_IDENTITY):
        return [f"unknown kind of caller {kind!r}"]
    fields = arn.split(":", 5)
    if len(fields) != 6 or fields[0] != "arn" or not fields[1] or fields[3]:
        return [f"{arn!r} is not the ARN of a caller"]
    found = [] if is_account(fields[4]) else [f"{fields[4]!r} is not a 12-digit account id"]
    return found + _resource_faults(caller, fields[2], fields[5])


def _resource_faults(caller: Caller, service: str, resource: str) -> list[str]:
    if caller.kind == ROOT:
        return [] if (service, resource) == ("iam", "root") else [f"{caller.arn!r} is not a root user"]
    if caller.kind == WEB_IDENTITY:
        word, _, host = resource.partition("/")
        named = (service, word) == ("iam", "oidc-provider") and "." in host.partition("/")[0]
        return [] if named else [f"{caller.arn!r} is not an identity provider for web identities"]
    wanted_service, wanted_word, longest = _RESOURCES[caller.kind]
    word, _, path_and_name = resource.partition("/")
    path, slash, name = path_and_name.rpartition("/")
    found = []
    if (service, word) != (wanted_service, wanted_word):
        found.append(f"{caller.arn!r} is not a {wanted_word} ARN")
    if not made_of(name, NAME, 1, longest):
        found.append(f"{name!r} is not the name of a {wanted_word}")
    if slash and (wanted_service != "iam" or not all("!" <= char <= "~" for char in path)):
        found.append(f"{path!r} is not a path")
    return found + _session_faults(caller, path + slash, name)


def _session_faults(caller: Caller, path: str, name: str) -> list[str]:
    if caller.kind not in (ROLE_SESSION, IDENTITY_CENTER):
        return []
    found = []
    if not made_of(caller.session, NAME, 2, 64):
        found.append(f"{caller.session!r} is not a role session name")
    reserved = path.startswith(_IDENTITY_CENTER_PATH) and name.startswith(_IDENTITY_CENTER_NAME)
    if reserved is not (caller.kind == IDENTITY_CENTER):
        found.append("roles of IAM Identity Center, and no others, are assumed through IAM Identity Center")
    region = path.removeprefix(_IDENTITY_CENTER_PATH).removesuffix("/")
    # It stands in the path of all but those of us-east-1.
    if reserved and path != _IDENTITY_CENTER_PATH and not made_of(region, "-", 1, 64):
        found.append(f"{region!r} is no Region in the path of a role of IAM Identity Center")
    return found

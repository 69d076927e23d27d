"""
IAM: every operation is an action of the same name, about the entity that its parameters name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trustproof.aws.action_resources import about
from trustproof.aws.iam_resources import LISTED
from trustproof.model.request import ROOT, USERS, ContextValue
from trustproof.sandbox.authorization.actions.common import TAGS_OF_REQUEST, pass_role, tag_keys, tags_in
from trustproof.sandbox.authorization.context import Need, tag_map, user_tags
from trustproof.sandbox.authorization.holdings import boundary_of, passwords_policy
from trustproof.sandbox.credentials.credentials import iam_of, user_by_id
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.requests.wire import Call

_COMPUTED = (*TAGS_OF_REQUEST, "iam:policyarn", "iam:permissionsboundary", "iam:passedtoservice", "iam:awsservicename")
_RESOURCE_TAGS = ("aws:resourcetag/", "iam:resourcetag/")
#: Whoever makes something with tags needs this besides.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
_TAGGING = {
    "CreateInstanceProfile": "TagInstanceProfile",
    "CreateOpenIDConnectProvider": "TagOpenIDConnectProvider",
    "CreatePolicy": "TagPolicy",
    "CreateRole": "TagRole",
    "CreateSAMLProvider": "TagSAMLProvider",
    "CreateUser": "TagUser",
    "CreateVirtualMFADevice": "TagMFADevice",
    "UploadServerCertificate": "TagServerCertificate",
}
#: Operations that are about the caller where they name no user, and those that then list or read.
_NAMES_NO_USER = frozenset({"GetAccessKeyLastUsed"})

#: What the password policy of an account may let its users do.
_OF_PASSWORDS = frozenset({"ChangePassword", "GetAccountPasswordPolicy"})


def needs_of(call: Call) -> list[Need]:
    """
    What a request needs.

    Raises:
        Refused: it names no user, and the caller is none.
    """
    action = f"iam:{call.operation}"
    resource, entity = _resource(call, action.lower())
    keys, computed = _keys(call, resource, entity)
    # What is about IAM is in the caller's own account; policies of AWS everybody sees.
    needs = [Need(action, resource, call.account, keys=keys, computed=computed, **_given_by_account(call))]
    if tagging := _TAGGING.get(call.operation) if call.parameters.get("Tags") else None:
        needs.append(Need(f"iam:{tagging}", resource, call.account, keys=keys, computed=computed))
    if call.operation in ("UpdateGroup", "UpdateUser") and resource is not None and resource != "*":
        # Whoever renames needs the permission for what it becomes, too.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_rename.html
        renamed = _renamed(call, resource)
        if renamed != resource:
            needs.append(Need(action, renamed, call.account, keys=keys, computed=computed))
    if call.operation == "AddRoleToInstanceProfile":
        role = _find(call, "role", call.parameters)[0]
        needs.append(pass_role(str(role), "ec2.amazonaws.com"))
    return needs


def _given_by_account(call: Call) -> dict[str, Any]:
    """What is not known of an action that the account's password policy gives to a user who has a boundary."""
    caller = None if call.credentials is None else call.credentials.caller
    if call.operation not in _OF_PASSWORDS or call.credentials is None or caller is None or caller.kind not in USERS:
        return {}
    user = user_by_id(call.account, call.credentials.entity)
    if user is None or not boundary_of(user) or passwords_policy(call.account, user) is None:
        return {}
    return {"doubt": "whether a boundary limits what the account's password policy allows", "deny_counts": True}


def _renamed(call: Call, resource: str) -> str:
    """The ARN that a user or group has after it is renamed or moved."""
    head, _, old = resource.rpartition("/")
    place, slash, path = head.partition("/")
    name = str(call.parameters.get(f"New{call.operation.removeprefix('Update')}Name") or old)
    path = str(call.parameters.get("NewPath") or (f"/{path}/" if slash else "/"))
    return f"{place}{path}{name}"


def implied_user(call: Call) -> str | None:
    """The name of the user whom a request is about without naming; None where it names one, or is about none."""
    types = _types(f"iam:{call.operation}".lower())
    if call.parameters.get("UserName") or types[:1] != ["user"] or call.operation in _NAMES_NO_USER:
        return None
    caller = None if call.credentials is None else call.credentials.caller
    if caller is None or caller.kind not in USERS:
        return None
    return caller.arn.rpartition("/")[2]


def is_own_of_root(call: Call) -> bool:
    """
    Whether a request is about the root user who makes it: one that names no user.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
    """
    caller = None if call.credentials is None else call.credentials.caller
    if caller is None or caller.kind != ROOT or call.parameters.get("UserName"):
        return False
    return _types(f"iam:{call.operation}".lower())[:1] == ["user"] and call.operation not in _NAMES_NO_USER


def _types(action: str) -> list[str]:
    """The types of resource of an action, as their ARNs have them: `user`, `mfa`; none of what lists below a path."""
    if action.removeprefix("iam:") in LISTED:
        return []
    return [
        arn.rpartition(":")[2].removesuffix("/*")
        for row in about("iam")
        if row.actions and row.is_for(action)
        for arn in row.arns
    ]


def _resource(call: Call, action: str) -> tuple[str | None, Any]:
    """The ARN, None where it cannot be told, and the user or role that is meant, where there is one."""
    if (listed := LISTED.get(action.removeprefix("iam:"))) is not None:
        return f"arn:{call.partition}:iam::{call.account}:{listed}{call.parameters.get('PathPrefix') or '/'}", None
    types = _types(action)
    if not types:
        return "*", None
    for type_ in types:
        found = _find(call, type_, call.parameters)
        if found[0] is not None:
            return found
    if "user" in types:
        return _own(call, types, action)
    return None, None


def _own(call: Call, types: list[str], action: str) -> tuple[str | None, Any]:
    name = implied_user(call)
    if name is not None:
        return _find(call, "user", {"UserName": name})
    if action == "iam:getaccesskeylastused":
        key = iam_of(call.account).access_keys.get(str(call.parameters.get("AccessKeyId")))
        return ("*", None) if key is None else _find(call, "user", {"UserName": key.user_name})
    if is_own_of_root(call):
        # Whose list of devices it is, no policy tells apart; that of other actions, nobody lists.
        return "*" if action == "iam:listmfadevices" else None, None
    if len(types) == 1:
        raise RefusedRequest("Must specify userName when calling with non-User credentials")
    return None, None


def _find(call: Call, type_: str, parameters: Mapping[str, Any]) -> tuple[str | None, Any]:
    """The ARN of an entity of a type, from the parameters that name it."""
    iam = iam_of(call.account)
    prefix = f"arn:{call.partition}:iam::{call.account}:"
    path = str(parameters.get("Path") or "/")
    for parameter in _ARNS.get(type_, ()):
        if parameters.get(parameter):
            return str(parameters[parameter]), None
    name = parameters.get(_NAMES.get(type_, ""))
    if type_ == "oidc-provider" and parameters.get("Url"):
        return f"{prefix}oidc-provider/{str(parameters['Url']).removeprefix('https://')}", None
    if not isinstance(name, str) or not name:
        return None, None
    known: dict[str, Callable[[], Any]] = {
        "user": lambda: iam.users.get(name),
        "role": lambda: next((role for role in list(iam.roles.values()) if role.name == name), None),
        "group": lambda: iam.groups.get(name),
        "instance-profile": lambda: next(
            (one for one in list(iam.instance_profiles.values()) if one.name == name), None
        ),
        "server-certificate": lambda: next(
            (one for one in list(iam.certificates.values()) if one.cert_name == name), None
        ),
    }
    # What is made for somebody, as an access key, is about somebody who is there, with a path.
    creates = call.operation == _CREATES.get(type_)
    entity = known[type_]() if type_ in known and not creates else None
    if entity is not None:
        return str(entity.arn), entity
    return f"{prefix}{type_}{path}{name}", None


#: Type to the operation before which there is none of the name.
_CREATES = {
    "user": "CreateUser",
    "role": "CreateRole",
    "group": "CreateGroup",
    "instance-profile": "CreateInstanceProfile",
    "server-certificate": "UploadServerCertificate",
}
#: Type to the parameters that hold its ARN.
_ARNS = {
    "policy": ("PolicyArn",),
    "oidc-provider": ("OpenIDConnectProviderArn",),
    "saml-provider": ("SAMLProviderArn",),
    "mfa": ("SerialNumber",),
    "sms-mfa": ("SerialNumber",),
}
#: Type to the parameter that holds its name.
_NAMES = {
    "user": "UserName",
    "role": "RoleName",
    "group": "GroupName",
    "policy": "PolicyName",
    "instance-profile": "InstanceProfileName",
    "saml-provider": "Name",
    "mfa": "VirtualMFADeviceName",
    "server-certificate": "ServerCertificateName",
}


def _keys(call: Call, resource: str | None, entity: Any) -> tuple[dict[str, ContextValue], tuple[str, ...]]:
    parameters = call.parameters
    removed = tuple(str(key) for key in parameters.get("TagKeys") or ())
    tags = tags_in(parameters)
    keys = tag_keys(tags or {}, removed)
    computed: tuple[str, ...] = _COMPUTED
    if parameters.get("PolicyArn") and call.operation.startswith(("Attach", "Detach")):
        keys["iam:policyarn"] = str(parameters["PolicyArn"])
    boundary = parameters.get("PermissionsBoundary")
    is_identity = entity is not None and (hasattr(entity, "mfa_devices") or hasattr(entity, "permissions_boundary_arn"))
    if boundary is None and is_identity:
        boundary = boundary_of(entity)
    if boundary:
        keys["iam:permissionsboundary"] = str(boundary)
    if parameters.get("AWSServiceName"):
        keys["iam:awsservicename"] = str(parameters["AWSServiceName"])
    if is_identity:
        held = user_tags(call.account, entity) if hasattr(entity, "mfa_devices") else tag_map(entity.tags)
        for name, value in held.items():
            keys[f"aws:resourcetag/{name.lower()}"] = value
            keys[f"iam:resourcetag/{name.lower()}"] = value
    if is_identity or resource == "*" or (call.operation.startswith("Create") and entity is None):
        computed = (*computed, *_RESOURCE_TAGS)
    return keys, computed

"""
The operations of IAM by which CloudFormation makes, changes and deletes a resource.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_IAM.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Properties = Mapping[str, Any]
Operation = tuple[str, dict[str, Any]]

#: What a resource is called that does not say how: CloudFormation makes a name up.
UNNAMED = "trustproof-unnamed"
_TARGETS = {"Groups": "Group", "Roles": "Role", "Users": "User"}


def operations(kind: str, name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    """
    The operations that bring a resource from one state to another.

    Args:
        kind: `AWS::IAM::Role`.
        name: of the resource, or its ARN, where it is there already.
        old: its properties; None where it is not there yet.
        new: those that it shall have; None where it is deleted.

    Returns:
        each operation with the parameters that decide who may call it.
    """
    yield from _KINDS[kind](kind.rpartition(":")[2], name, old, new)


def reading(kind: str, name: str) -> Iterator[Operation]:
    """
    The operations that read a resource, the first of which is needed in any case.

    Args:
        kind: `AWS::IAM::Role`.
        name: of the resource, or its ARN.
    """
    parameter, named = _READING[kind]
    for operation in named.split():
        yield operation, {parameter: name}


def _difference(name: str, old: Properties | None, new: Properties | None) -> tuple[list[str], list[str]]:
    """What only the old properties have in a list, and what only the new ones have."""
    before, after = ([str(value) for value in (one or {}).get(name) or []] for one in (old, new))
    return [one for one in before if one not in after], [one for one in after if one not in before]


def _policies(properties: Properties | None) -> dict[str, Any]:
    return {str(one.get("PolicyName")): one.get("PolicyDocument") for one in (properties or {}).get("Policies") or []}


def _changed(name: str, old: Properties | None, new: Properties | None) -> bool:
    return old is not None and new is not None and old.get(name) != new.get(name)


def _tagging(entity: str, about: dict[str, Any], old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    """What brings the tags of something that is there from one state to another."""
    if old is None or new is None:
        return
    before, after = ({tag.get("Key"): tag for tag in one.get("Tags") or []} for one in (old, new))
    if given := [tag for key, tag in after.items() if before.get(key) != tag]:
        yield f"Tag{entity}", {**about, "Tags": given}
    if gone := [key for key in before if key not in after]:
        yield f"Untag{entity}", {**about, "TagKeys": gone}


def _tagged(properties: Properties) -> dict[str, Any]:
    """The tags with which something is made."""
    return {"Tags": properties["Tags"]} if properties.get("Tags") else {}


def _identity(entity: str, name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    given = new or old or {}
    about = {f"{entity}Name": name or str(given.get(f"{entity}Name") or UNNAMED), "Path": str(given.get("Path") or "/")}
    boundary = {"PermissionsBoundary": given["PermissionsBoundary"]} if given.get("PermissionsBoundary") else {}
    # An identity that is there has its own boundary, whatever the template says.
    whole = {**about, **boundary} if old is None else about
    if old is None:
        yield f"Create{entity}", {**whole, **_tagged(given)}
    yield from _changes_of_identity(entity, about, boundary, old, new)
    gone, added = _difference("ManagedPolicyArns", old, new)
    yield from ((f"Detach{entity}Policy", {**whole, "PolicyArn": arn}) for arn in gone)
    yield from ((f"Attach{entity}Policy", {**whole, "PolicyArn": arn}) for arn in added)
    before, after = _policies(old), _policies(new)
    yield from ((f"Delete{entity}Policy", whole) for policy in before if policy not in after)
    yield from ((f"Put{entity}Policy", whole) for policy, text in after.items() if before.get(policy) != text)
    gone, added = _difference("Groups", old, new)
    yield from (("RemoveUserFromGroup", {"GroupName": group}) for group in gone)
    yield from (("AddUserToGroup", {"GroupName": group}) for group in added)
    if new is None:
        yield f"Delete{entity}", about


def _changes_of_identity(
    entity: str, about: dict[str, Any], boundary: dict[str, Any], old: Properties | None, new: Properties | None
) -> Iterator[Operation]:
    if _changed("AssumeRolePolicyDocument", old, new):
        yield "UpdateAssumeRolePolicy", about
    if _changed("Description", old, new) or _changed("MaxSessionDuration", old, new):
        yield "UpdateRole", about
    if entity != "Role" and _changed("Path", old, new):
        yield f"Update{entity}", {f"{entity}Name": about[f"{entity}Name"]}
    if _changed("PermissionsBoundary", old, new):
        if boundary and (new or {}).get("PermissionsBoundary"):
            yield f"Put{entity}PermissionsBoundary", {**about, **boundary}
        else:
            yield f"Delete{entity}PermissionsBoundary", about
    yield from _tagging(entity, about, old, new)
    if entity == "User":
        had, has = bool((old or {}).get("LoginProfile")), bool((new or {}).get("LoginProfile"))
        if has and not had:
            yield "CreateLoginProfile", about
        elif had and not has:
            yield "DeleteLoginProfile", about
        elif _changed("LoginProfile", old, new):
            yield "UpdateLoginProfile", about


def _managed_policy(_: str, name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    given = new or old or {}
    arn = {"PolicyArn": name or UNNAMED}
    if old is None:
        yield (
            "CreatePolicy",
            {"PolicyName": str(given.get("ManagedPolicyName") or UNNAMED), "Path": str(given.get("Path") or "/")},
        )
    elif _changed("PolicyDocument", old, new):
        yield from (("CreatePolicyVersion", arn), ("DeletePolicyVersion", arn))
    yield from _targets(old, new, "Attach", "Detach", arn)
    if new is None:
        yield from (("DeletePolicyVersion", arn), ("DeletePolicy", arn))


def _targets(
    old: Properties | None, new: Properties | None, gives: str, takes: str, more: dict[str, Any]
) -> Iterator[Operation]:
    """What gives a policy to identities, or takes it from them."""
    for property_, entity in _TARGETS.items():
        gone, added = _difference(property_, old, new)
        for target in gone:
            yield f"{takes}{entity}Policy", {f"{entity}Name": target, **more}
        for target in added:
            yield f"{gives}{entity}Policy", {f"{entity}Name": target, **more}


def _inline(_: str, _name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    # A policy of another name is another one.
    kept = None if _changed("PolicyName", old, new) else new
    yield from (one for one in _targets(old, kept, "Put", "Delete", {}) if one[0].startswith("Delete"))
    had = None if kept is None or _changed("PolicyDocument", old, new) else old
    yield from (one for one in _targets(had, new, "Put", "Delete", {}) if one[0].startswith("Put"))


def _inline_of_one(kind: str, _name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    entity = kind.removesuffix("Policy")
    for verb, properties in (("Delete", old if new is None else None), ("Put", new)):
        if properties is not None:
            yield f"{verb}{entity}Policy", {f"{entity}Name": str(properties[f"{entity}Name"])}


def _access_key(_: str, _name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    about = {"UserName": str((new or old or {}).get("UserName"))}
    yield ("CreateAccessKey" if old is None else "DeleteAccessKey" if new is None else "UpdateAccessKey"), about
    if old is None and (new or {}).get("Status") == "Inactive":
        yield "UpdateAccessKey", about


def _addition(_: str, _name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    # Members of another group are other members.
    steps = [(old, None), (None, new)] if _changed("GroupName", old, new) else [(old, new)]
    for before, after in steps:
        gone, added = _difference("Users", before, after)
        yield from (("RemoveUserFromGroup", {"GroupName": str((before or {}).get("GroupName"))}) for _ in gone)
        yield from (("AddUserToGroup", {"GroupName": str((after or {}).get("GroupName"))}) for _ in added)


def _profile(_: str, name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    given = new or old or {}
    about = {
        "InstanceProfileName": name or str(given.get("InstanceProfileName") or UNNAMED),
        "Path": str(given.get("Path") or "/"),
    }
    if old is None:
        yield "CreateInstanceProfile", about
    gone, added = _difference("Roles", old, new)
    yield from (("RemoveRoleFromInstanceProfile", about) for _ in gone)
    yield from (("AddRoleToInstanceProfile", {**about, "RoleName": role}) for role in added)
    if new is None:
        yield "DeleteInstanceProfile", about


def _oidc_provider(_: str, name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    if old is None:
        yield "CreateOpenIDConnectProvider", {"Url": str((new or {}).get("Url")), **_tagged(new or {})}
        return
    about = {"OpenIDConnectProviderArn": name or UNNAMED}
    if new is None:
        yield "DeleteOpenIDConnectProvider", about
        return
    if _changed("ThumbprintList", old, new):
        yield "UpdateOpenIDConnectProviderThumbprint", about
    gone, added = _difference("ClientIdList", old, new)
    yield from (("RemoveClientIDFromOpenIDConnectProvider", about) for _ in gone)
    yield from (("AddClientIDToOpenIDConnectProvider", about) for _ in added)
    yield from _tagging("OpenIDConnectProvider", about, old, new)


def _saml_provider(_: str, name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    if old is None:
        yield "CreateSAMLProvider", {"Name": str((new or {}).get("Name") or UNNAMED), **_tagged(new or {})}
        return
    about = {"SAMLProviderArn": name or UNNAMED}
    if new is None:
        yield "DeleteSAMLProvider", about
    elif _changed("SamlMetadataDocument", old, new):
        yield "UpdateSAMLProvider", about
    yield from _tagging("SAMLProvider", about, old, new)


def _certificate(_: str, name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    given = new or old or {}
    about = {"ServerCertificateName": name or str(given.get("ServerCertificateName") or UNNAMED)}
    if old is None:
        yield "UploadServerCertificate", {**about, "Path": str(given.get("Path") or "/"), **_tagged(given)}
        return
    if new is None:
        yield "DeleteServerCertificate", about
    elif _changed("Path", old, new):
        yield "UpdateServerCertificate", {**about, "NewPath": str(given.get("Path") or "/")}
    yield from _tagging("ServerCertificate", about, old, new)


def _linked_role(_: str, name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    service = {"AWSServiceName": str((new or old or {}).get("AWSServiceName"))}
    if old is None:
        yield "CreateServiceLinkedRole", service
    elif new is None:
        yield "DeleteServiceLinkedRole", {"RoleName": name or UNNAMED, **service}
    elif _changed("Description", old, new):
        yield "UpdateRole", {"RoleName": name or UNNAMED}


def _device(_: str, name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    given = new or old or {}
    if old is None:
        about = {
            "VirtualMFADeviceName": str(given.get("VirtualMfaDeviceName") or UNNAMED),
            "Path": str(given.get("Path") or "/"),
        }
        yield "CreateVirtualMFADevice", {**about, **_tagged(given)}
        return
    about = {"SerialNumber": name or UNNAMED}
    if new is None:
        yield from (("DeactivateMFADevice", {**about, "UserName": str(user)}) for user in given.get("Users") or [])
        yield "DeleteVirtualMFADevice", about
        return
    _gone, added = _difference("Users", old, new)
    yield from (("EnableMFADevice", {**about, "UserName": user}) for user in added)
    yield from _tagging("MFADevice", about, old, new)


#: Type to the parameter that names one, and the operations that read it.
_READING = {
    "AWS::IAM::Group": ("GroupName", "GetGroup ListGroupPolicies GetGroupPolicy ListAttachedGroupPolicies"),
    "AWS::IAM::InstanceProfile": ("InstanceProfileName", "GetInstanceProfile"),
    "AWS::IAM::ManagedPolicy": ("PolicyArn", "GetPolicy GetPolicyVersion ListEntitiesForPolicy"),
    "AWS::IAM::OIDCProvider": ("OpenIDConnectProviderArn", "GetOpenIDConnectProvider"),
    "AWS::IAM::Role": ("RoleName", "GetRole ListRolePolicies GetRolePolicy ListAttachedRolePolicies"),
    "AWS::IAM::User": (
        "UserName",
        "GetUser ListUserPolicies GetUserPolicy ListAttachedUserPolicies ListGroupsForUser GetLoginProfile",
    ),
}

_KINDS: dict[str, Callable[..., Iterator[Operation]]] = {
    "AWS::IAM::AccessKey": _access_key,
    "AWS::IAM::Group": _identity,
    "AWS::IAM::GroupPolicy": _inline_of_one,
    "AWS::IAM::InstanceProfile": _profile,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::OIDCProvider": _oidc_provider,
    "AWS::IAM::Policy": _inline,
    "AWS::IAM::Role": _identity,
    "AWS::IAM::RolePolicy": _inline_of_one,
    "AWS::IAM::SAMLProvider": _saml_provider,
    "AWS::IAM::ServerCertificate": _certificate,
    "AWS::IAM::ServiceLinkedRole": _linked_role,
    "AWS::IAM::User": _identity,
    "AWS::IAM::UserPolicy": _inline_of_one,
    "AWS::IAM::UserToGroupAddition": _addition,
    "AWS::IAM::VirtualMFADevice": _device,
}

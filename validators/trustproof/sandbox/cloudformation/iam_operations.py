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


def _difference(name: str, old: Properties | None, new: Properties | None) -> tuple[list[str], list[str]]:
    before = [str(one) for one in (old or {}).get(name) or []]
    after = [str(one) for one in (new or {}).get(name) or []]
    return [one for one in before if one not in after], after


def _policies(properties: Properties | None) -> dict[str, Any]:
    return {str(one.get("PolicyName")): one.get("PolicyDocument") for one in (properties or {}).get("Policies") or []}


def _changed(name: str, old: Properties | None, new: Properties | None) -> bool:
    return old is not None and new is not None and old.get(name) != new.get(name)


def _identity(entity: str, name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    given = new or old or {}
    about = {f"{entity}Name": name or str(given.get(f"{entity}Name") or UNNAMED), "Path": str(given.get("Path") or "/")}
    boundary = {"PermissionsBoundary": given["PermissionsBoundary"]} if given.get("PermissionsBoundary") else {}
    # An identity that is there has its own boundary, whatever the template says.
    whole = {**about, **boundary} if old is None else about
    if old is None:
        yield f"Create{entity}", {**whole, **({"Tags": given["Tags"]} if given.get("Tags") else {})}
    yield from _changes_of_identity(entity, about, boundary, old, new)
    gone, wanted = _difference("ManagedPolicyArns", old, new)
    yield from ((f"Detach{entity}Policy", {**whole, "PolicyArn": arn}) for arn in gone)
    if old is None or _changed("ManagedPolicyArns", old, new):
        yield from ((f"Attach{entity}Policy", {**whole, "PolicyArn": arn}) for arn in wanted)
    before, after = _policies(old), _policies(new)
    yield from ((f"Delete{entity}Policy", whole) for policy in before if policy not in after)
    yield from ((f"Put{entity}Policy", whole) for policy, text in after.items() if before.get(policy) != text)
    gone, wanted = _difference("Groups", old, new)
    yield from (("RemoveUserFromGroup", {"GroupName": group}) for group in gone)
    if old is None or _changed("Groups", old, new):
        yield from (("AddUserToGroup", {"GroupName": group}) for group in wanted)
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
    if _changed("Tags", old, new):
        yield f"Tag{entity}", {**about, "Tags": (new or {}).get("Tags") or []}
        yield f"Untag{entity}", {**about, "TagKeys": [tag.get("Key") for tag in (old or {}).get("Tags") or []]}
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
        gone, wanted = _difference(property_, old, new)
        for target in gone:
            yield f"{takes}{entity}Policy", {f"{entity}Name": target, **more}
        for target in wanted:
            yield f"{gives}{entity}Policy", {f"{entity}Name": target, **more}


def _inline(_: str, _name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    yield from _targets(old, new, "Put", "Delete", {})


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
    for operation, properties in (("RemoveUserFromGroup", old), ("AddUserToGroup", new)):
        if properties is not None:
            yield operation, {"GroupName": str(properties.get("GroupName"))}


def _profile(_: str, name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
    given = new or old or {}
    about = {
        "InstanceProfileName": name or str(given.get("InstanceProfileName") or UNNAMED),
        "Path": str(given.get("Path") or "/"),
    }
    if old is None:
        yield "CreateInstanceProfile", about
    gone, wanted = _difference("Roles", old, new)
    yield from (("RemoveRoleFromInstanceProfile", about) for _ in gone)
    yield from (("AddRoleToInstanceProfile", {**about, "RoleName": role}) for role in wanted)
    if new is None:
        yield "DeleteInstanceProfile", about


def _others(creates: str, deletes: str, *changes: str) -> Callable[..., Iterator[Operation]]:
    """What no property names in time: every operation is about something that cannot be told."""

    def found(_: str, _name: str | None, old: Properties | None, new: Properties | None) -> Iterator[Operation]:
        names = (creates, *(changes if (new or {}).get("Tags") else ())) if old is None else changes
        given = {"AWSServiceName": new["AWSServiceName"]} if new and new.get("AWSServiceName") else {}
        yield from ((name, given) for name in (names if new is not None else (deletes,)))

    return found


_KINDS: dict[str, Callable[..., Iterator[Operation]]] = {
    "AWS::IAM::AccessKey": _access_key,
    "AWS::IAM::Group": _identity,
    "AWS::IAM::GroupPolicy": _inline_of_one,
    "AWS::IAM::InstanceProfile": _profile,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::OIDCProvider": _others(
        "CreateOpenIDConnectProvider",
        "DeleteOpenIDConnectProvider",
        "AddClientIDToOpenIDConnectProvider",
        "RemoveClientIDFromOpenIDConnectProvider",
        "TagOpenIDConnectProvider",
        "UntagOpenIDConnectProvider",
        "UpdateOpenIDConnectProviderThumbprint",
    ),
    "AWS::IAM::Policy": _inline,
    "AWS::IAM::Role": _identity,
    "AWS::IAM::RolePolicy": _inline_of_one,
    "AWS::IAM::SAMLProvider": _others(
        "CreateSAMLProvider", "DeleteSAMLProvider", "TagSAMLProvider", "UntagSAMLProvider", "UpdateSAMLProvider"
    ),
    "AWS::IAM::ServerCertificate": _others(
        "UploadServerCertificate",
        "DeleteServerCertificate",
        "TagServerCertificate",
        "UntagServerCertificate",
        "UpdateServerCertificate",
    ),
    "AWS::IAM::ServiceLinkedRole": _others("CreateServiceLinkedRole", "DeleteServiceLinkedRole", "UpdateRole"),
    "AWS::IAM::User": _identity,
    "AWS::IAM::UserPolicy": _inline_of_one,
    "AWS::IAM::UserToGroupAddition": _addition,
    "AWS::IAM::VirtualMFADevice": _others(
        "CreateVirtualMFADevice", "DeleteVirtualMFADevice", "EnableMFADevice", "TagMFADevice", "UntagMFADevice"
    ),
}

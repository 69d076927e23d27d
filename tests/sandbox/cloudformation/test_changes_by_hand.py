"""
What somebody has changed by hand of a resource of a stack, and an update of something else leaves alone; and what an
update asks to be permitted.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.cloudformation.conftest import Stacks, inventory, policy, resource, template, trust
from trustproof.sandbox.cloudformation.iam_operations import operations

READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
INLINE = [{"PolicyName": "p", "PolicyDocument": policy()}]
ROLE = {"RoleName": "r", "AssumeRolePolicyDocument": trust(), "ManagedPolicyArns": [READ], "Policies": INLINE}
USER = {"UserName": "u", "ManagedPolicyArns": [READ], "Policies": INLINE, "Groups": [{"Ref": "G"}]}
GROUP = {"GroupName": "g", "ManagedPolicyArns": [READ], "Policies": INLINE}


#: What no case here changes in the template.
KEPT = (("roles", "r", "trust"), ("roles", "r", "boundary"), ("users", "u", "boundary"), ("users", "u", "groups"))


def change(iam: Any) -> None:
    """Everything that can be changed of an identity."""
    iam.update_assume_role_policy("r", json.dumps(trust({"AWS": "222233334444"})))
    iam.update_role("r", "by hand", 7_200)
    iam.put_role_permissions_boundary("r", READ)
    iam.tag_role("r", [{"Key": "team", "Value": "blue"}])
    iam.put_user_permissions_boundary("u", READ)
    iam.tag_user("u", [{"Key": "team", "Value": "blue"}])
    iam.remove_user_from_group("g", "u")
    for kind, name in (("role", "r"), ("user", "u"), ("group", "g")):
        getattr(iam, f"put_{kind}_policy")(name, "p", json.dumps(policy("iam:*")))
        getattr(iam, f"put_{kind}_policy")(name, "more", json.dumps(policy("sqs:*")))
        getattr(iam, f"detach_{kind}_policy")(READ, name)
        getattr(iam, f"attach_{kind}_policy")(ADMINISTRATOR, name)


def made(role: dict[str, Any], user: dict[str, Any], group: dict[str, Any]) -> dict[str, Any]:
    return template(R=resource("IAM::Role", **role), U=resource("IAM::User", **user), G=resource("IAM::Group", **group))


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize(
    ("role", "user", "group"),
    [
        ({"Tags": [{"Key": "own", "Value": "1"}]}, {"Tags": [{"Key": "own", "Value": "1"}]}, {"Path": "/x/"}),
        ({"MaxSessionDuration": 10_800}, {"Path": "/x/"}, {}),
        ({"Policies": [*INLINE, {"PolicyName": "q", "PolicyDocument": policy()}]}, {}, {"Policies": []}),
    ],
)
def test_an_update_changes_what_the_template_changes(
    stacks: Stacks, role: dict[str, Any], user: dict[str, Any], group: dict[str, Any], fails: bool
) -> None:
    """Of all that was changed by hand only what the new template says otherwise is changed; nothing if it fails."""
    assert stacks.deploy(made(ROLE, USER, GROUP)) == "CREATE_COMPLETE", stacks.reasons()
    change(stacks.iam)
    before = inventory()
    after = made({**ROLE, **role}, {**USER, **user}, {**GROUP, **group})
    if fails:
        wrong = resource("IAM::Role", AssumeRolePolicyDocument=trust({"AWS": "arn:aws:iam::111122223333:role/no"}))
        after["Resources"]["Z"] = {**wrong, "DependsOn": ["R", "U", "G"]}
        assert stacks.deploy(after) == "UPDATE_ROLLBACK_COMPLETE"
        for kind, name, what in KEPT:
            assert inventory()[kind][name][what] == before[kind][name][what]
        assert inventory()["roles"]["r"]["tags"] == [("team", "blue")]
        return
    assert stacks.deploy(after) == "UPDATE_COMPLETE", stacks.reasons()
    found = inventory()
    for kind, name in (("roles", "r"), ("users", "u"), ("groups", "g")):
        assert found[kind][name]["attached"] == [ADMINISTRATOR]
        assert "more" in found[kind][name]["policies"]
    for kind, name, what in KEPT:
        assert found[kind][name][what] == before[kind][name][what], what
    assert found["roles"]["r"]["description"] == "by hand"
    assert ("team", "blue") in found["roles"]["r"]["tags"]
    assert ("team", "blue") in found["users"]["u"]["tags"]
    assert found["roles"]["r"]["policies"]["p"] == policy("iam:*")


PROVIDER = {"Url": "https://issuer.example", "ClientIdList": ["a", "b"], "ThumbprintList": ["1" * 40]}
ATTACHED = {"ManagedPolicyName": "m", "PolicyDocument": policy(), "Roles": ["r"], "Users": ["u"]}
SHARED = {"PolicyName": "p", "PolicyDocument": policy(), "Roles": ["r"], "Users": ["u"]}
MEMBERS = {"GroupName": "g", "Users": ["u"]}


@pytest.mark.parametrize(
    ("kind", "properties", "changed", "expected"),
    [
        ("ManagedPolicy", ATTACHED, {"Groups": ["g"]}, ["AttachGroupPolicy"]),
        ("ManagedPolicy", ATTACHED, {"Roles": []}, ["DetachRolePolicy"]),
        (
            "ManagedPolicy",
            ATTACHED,
            {"PolicyDocument": policy("s3:*")},
            ["CreatePolicyVersion", "DeletePolicyVersion"],
        ),
        ("Policy", SHARED, {"Groups": ["g"]}, ["PutGroupPolicy"]),
        ("Policy", SHARED, {"Users": []}, ["DeleteUserPolicy"]),
        ("Policy", SHARED, {"PolicyDocument": policy("s3:*")}, ["PutRolePolicy", "PutUserPolicy"]),
        (
            "Policy",
            SHARED,
            {"PolicyName": "q"},
            ["DeleteRolePolicy", "DeleteUserPolicy", "PutRolePolicy", "PutUserPolicy"],
        ),
        ("OIDCProvider", PROVIDER, {"ClientIdList": ["a", "b", "c"]}, ["AddClientIDToOpenIDConnectProvider"]),
        ("OIDCProvider", PROVIDER, {"ClientIdList": ["b"]}, ["RemoveClientIDFromOpenIDConnectProvider"]),
        ("OIDCProvider", PROVIDER, {"ThumbprintList": ["2" * 40]}, ["UpdateOpenIDConnectProviderThumbprint"]),
        ("OIDCProvider", PROVIDER, {"Tags": [{"Key": "k", "Value": "v"}]}, ["TagOpenIDConnectProvider"]),
        ("UserToGroupAddition", MEMBERS, {"Users": ["u", "v"]}, ["AddUserToGroup"]),
        ("UserToGroupAddition", MEMBERS, {"GroupName": "h"}, ["AddUserToGroup", "RemoveUserFromGroup"]),
        ("Role", ROLE, {"Tags": [{"Key": "k", "Value": "v"}]}, ["TagRole"]),
        ("Role", ROLE, {"ManagedPolicyArns": [READ, ADMINISTRATOR]}, ["AttachRolePolicy"]),
        ("SAMLProvider", {"SamlMetadataDocument": "x"}, {"Tags": [{"Key": "k", "Value": "v"}]}, ["TagSAMLProvider"]),
        ("ServiceLinkedRole", {"AWSServiceName": "x"}, {"Description": "d"}, ["UpdateRole"]),
        ("VirtualMFADevice", {"Users": ["u"]}, {"Tags": [{"Key": "k", "Value": "v"}]}, ["TagMFADevice"]),
    ],
)
def test_an_update_asks_for_what_it_changes(
    kind: str, properties: dict[str, Any], changed: dict[str, Any], expected: list[str]
) -> None:
    """Permission is asked for the operations by which one state becomes the other, and for no more."""
    found = operations(f"AWS::IAM::{kind}", "name", properties, {**properties, **changed})
    assert sorted({operation for operation, _ in found}) == expected


def test_policies_and_providers_change_what_the_template_changes(stacks: Stacks) -> None:
    """What was attached, written or taken away by hand stays, where the new template says nothing else of it."""
    stacks.iam.create_role("r", json.dumps(trust()), "/", None, "", [], 3_600)
    stacks.iam.create_user("eu-central-1", "u", "/", [])
    stacks.iam.create_group("g", "/")
    parts = {"M": ("ManagedPolicy", ATTACHED), "P": ("Policy", SHARED), "O": ("OIDCProvider", PROVIDER)}

    def body(**more: Any) -> dict[str, Any]:
        return template(
            **{name: resource(f"IAM::{kind}", **one, **more.get(name, {})) for name, (kind, one) in parts.items()}
        )

    assert stacks.deploy(body()) == "CREATE_COMPLETE", stacks.reasons()
    iam, arns = stacks.iam, stacks.resources()
    iam.detach_role_policy(arns["M"], "r")
    iam.create_policy_version(arns["M"], json.dumps(policy("sqs:*")), True)
    iam.put_role_policy("r", "p", json.dumps(policy("sqs:*")))
    iam.remove_client_id(arns["O"], "a")
    iam.add_client_id(arns["O"], "by-hand")
    iam.update_open_id_connect_provider_thumbprint(arns["O"], ["2" * 40])
    after = body(M={"Groups": ["g"]}, P={"Groups": ["g"]}, O={"Tags": [{"Key": "k", "Value": "v"}]})
    assert stacks.deploy(after) == "UPDATE_COMPLETE", stacks.reasons()
    held = inventory()
    assert held["roles"]["r"]["attached"] == []
    assert held["groups"]["g"]["attached"] == [arns["M"]]
    assert held["roles"]["r"]["policies"] == {"p": policy("sqs:*")}
    assert held["groups"]["g"]["policies"] == {"p": policy()}
    assert iam.get_policy(arns["M"]).default_version_id == "v2"
    provider = iam.get_open_id_connect_provider(arns["O"])
    assert provider.client_id_list == ["b", "by-hand"]
    assert provider.thumbprint_list == ["2" * 40]

"""
Every IAM type and every property of it: made, changed, dropped and deleted, and IAM says what the template says.
"""

from __future__ import annotations

import copy
import importlib.util
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.sandbox.cloudformation.conftest import Stacks, inventory, nothing, policy, resource, template, trust
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.resource_type import DeclaredType
from trustproof.sandbox.cloudformation.resources import OWN_TYPES

READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"
AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"
METADATA = "<EntityDescriptor>" + " " * 1_000 + "</EntityDescriptor>"
OTHER_METADATA = METADATA.replace("><", ">\n<") + "<!-- another -->"

#: What others refer to, in every template of this module.
AROUND = {
    "AroundRole": resource("IAM::Role", RoleName="around", AssumeRolePolicyDocument=trust()),
    "OtherRole": resource("IAM::Role", RoleName="other", AssumeRolePolicyDocument=trust()),
    "AroundUser": resource("IAM::User", UserName="around"),
    "OtherUser": resource("IAM::User", UserName="other"),
    "AroundGroup": resource("IAM::Group", GroupName="around"),
    "OtherGroup": resource("IAM::Group", GroupName="other"),
    "Limit": resource("IAM::ManagedPolicy", ManagedPolicyName="limit", PolicyDocument=policy()),
}
LIMIT = {"Ref": "Limit"}


def certificate() -> tuple[str, str]:
    """A certificate of nobody's, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example.com")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return (
        built.public_bytes(serialization.Encoding.PEM).decode(),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
    )


CERTIFICATE, KEY = certificate()

#: Type to the least that makes one, and property to two values that differ.
CASES: dict[str, tuple[dict[str, Any], dict[str, tuple[Any, Any]]]] = {
    "IAM::Role": (
        {"RoleName": "made", "AssumeRolePolicyDocument": trust()},
        {
            "AssumeRolePolicyDocument": (trust(Bool={"aws:MultiFactorAuthPresent": "true"}), trust({"AWS": "*"})),
            "Description": ("one", "two"),
            "ManagedPolicyArns": ([READ, LIMIT], [AUDIT]),
            "MaxSessionDuration": (7_200, 3_601),
            "Path": ("/a/", "/b/"),
            "PermissionsBoundary": (LIMIT, READ),
            "Policies": (
                [{"PolicyName": "a", "PolicyDocument": policy()}],
                [
                    {"PolicyName": "a", "PolicyDocument": policy("s3:*")},
                    {"PolicyName": "b", "PolicyDocument": json.dumps(policy())},
                ],
            ),
            "RoleName": ("made-1", "made-2"),
            "Tags": ([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}], [{"Key": "b", "Value": "3"}]),
        },
    ),
    "IAM::User": (
        {"UserName": "made"},
        {
            "Groups": (["around"], ["other"]),
            "LoginProfile": ({"Password": "One1!one"}, {"Password": "Two2!two", "PasswordResetRequired": True}),
            "ManagedPolicyArns": ([READ], [READ, AUDIT]),
            "Path": ("/a/", "/b/"),
            "PermissionsBoundary": (LIMIT, READ),
            "Policies": (
                [{"PolicyName": "a", "PolicyDocument": policy()}],
                [{"PolicyName": "b", "PolicyDocument": policy()}],
            ),
            "Tags": ([{"Key": "a", "Value": "1"}], [{"Key": "a", "Value": "2"}]),
            "UserName": ("made-1", "made-2"),
        },
    ),
    "IAM::Group": (
        {"GroupName": "made"},
        {
            "GroupName": ("made-1", "made-2"),
            "ManagedPolicyArns": ([READ], [AUDIT]),
            "Path": ("/a/", "/b/"),
            "Policies": (
                [{"PolicyName": "a", "PolicyDocument": policy()}],
                [{"PolicyName": "a", "PolicyDocument": policy("s3:*")}],
            ),
        },
    ),
    "IAM::ManagedPolicy": (
        {"ManagedPolicyName": "made", "PolicyDocument": policy()},
        {
            "Description": ("one", "two"),
            "Groups": (["around"], ["other"]),
            "ManagedPolicyName": ("made-1", "made-2"),
            "Path": ("/a/", "/b/"),
            "PolicyDocument": (policy("s3:*"), json.dumps(policy("ec2:*"))),
            "Roles": (["around"], ["around", "other"]),
            "Users": (["around"], ["other"]),
        },
    ),
    "IAM::Policy": (
        {"PolicyName": "made", "PolicyDocument": policy(), "Roles": ["around"]},
        {
            "Groups": (["around"], ["other"]),
            "PolicyDocument": (policy("s3:*"), policy("ec2:*")),
            "PolicyName": ("made-1", "made-2"),
            "Roles": (["other"], ["around", "other"]),
            "Users": (["around"], ["other"]),
        },
    ),
    "IAM::RolePolicy": (
        {"PolicyName": "made", "PolicyDocument": policy(), "RoleName": "around"},
        {
            "PolicyDocument": (policy("s3:*"), policy("ec2:*")),
            "PolicyName": ("made-1", "made-2"),
            "RoleName": ("other", "around"),
        },
    ),
    "IAM::UserPolicy": (
        {"PolicyName": "made", "PolicyDocument": policy(), "UserName": "around"},
        {
            "PolicyDocument": (policy("s3:*"), policy("ec2:*")),
            "PolicyName": ("made-1", "made-2"),
            "UserName": ("other", "around"),
        },
    ),
    "IAM::GroupPolicy": (
        {"PolicyName": "made", "PolicyDocument": policy(), "GroupName": "around"},
        {
            "PolicyDocument": (policy("s3:*"), policy("ec2:*")),
            "PolicyName": ("made-1", "made-2"),
            "GroupName": ("other", "around"),
        },
    ),
    "IAM::InstanceProfile": (
        {"InstanceProfileName": "made", "Roles": ["around"]},
        {
            "InstanceProfileName": ("made-1", "made-2"),
            "Path": ("/a/", "/b/"),
            "Roles": (["other"], ["around"]),
        },
    ),
    "IAM::AccessKey": (
        {"UserName": "around"},
        {"Serial": (1, 2), "Status": ("Inactive", "Active"), "UserName": ("other", "around")},
    ),
    "IAM::UserToGroupAddition": (
        {"GroupName": "around", "Users": ["around"]},
        {"GroupName": ("other", "around"), "Users": (["other"], ["around", "other"])},
    ),
    "IAM::OIDCProvider": (
        {"Url": "https://issuer.example.com"},
        {
            "ClientIdList": (["one"], ["two", "three"]),
            "Tags": ([{"Key": "a", "Value": "1"}], [{"Key": "b", "Value": "2"}]),
            "ThumbprintList": (["a" * 40], ["b" * 40]),
            "Url": ("https://issuer.example.com/one", "https://issuer.example.com/two"),
        },
    ),
    "IAM::SAMLProvider": (
        {"Name": "made", "SamlMetadataDocument": METADATA},
        {
            "Name": ("made-1", "made-2"),
            "SamlMetadataDocument": (OTHER_METADATA, METADATA),
            "Tags": ([{"Key": "a", "Value": "1"}], [{"Key": "b", "Value": "2"}]),
        },
    ),
    "IAM::VirtualMFADevice": (
        {"VirtualMfaDeviceName": "made", "Users": ["around"]},
        {
            "Path": ("/a/", "/b/"),
            "Tags": ([{"Key": "a", "Value": "1"}], [{"Key": "b", "Value": "2"}]),
            "Users": (["other"], ["around"]),
            "VirtualMfaDeviceName": ("made-1", "made-2"),
        },
    ),
    "IAM::ServiceLinkedRole": (
        {"AWSServiceName": "autoscaling.amazonaws.com"},
        {
            "AWSServiceName": ("ecs.amazonaws.com", "autoscaling.amazonaws.com"),
            "CustomSuffix": ("one", "two"),
            "Description": ("one", "two"),
        },
    ),
    "IAM::ServerCertificate": (
        {"ServerCertificateName": "made", "CertificateBody": CERTIFICATE, "PrivateKey": KEY},
        {
            "Path": ("/a/", "/b/"),
            "ServerCertificateName": ("made-1", "made-2"),
            "Tags": ([{"Key": "a", "Value": "1"}], [{"Key": "b", "Value": "2"}]),
        },
    ),
}
PROPERTIES = [(kind, name) for kind, (_, changes) in CASES.items() for name in changes]


def around(**resources: Any) -> dict[str, Any]:
    found = template(**copy.deepcopy(AROUND), **resources)
    for name in resources:
        # What properties name as text exists before the resource, and goes after it.
        found["Resources"][name]["DependsOn"] = list(AROUND)
    return found


def alone(properties: dict[str, Any], kind: str, name: str, value: Any) -> dict[str, Any]:
    """A resource with one property set, and without a name where the change of that property replaces it."""
    found = {**properties, name: value}
    type_ = OWN_TYPES[f"AWS::{kind}"]()
    if type_.name_property and name in type_.create_only and name != type_.name_property:  # type: ignore[attr-defined]
        del found[type_.name_property]
    return found


def nameless(found: dict[str, Any]) -> str:
    """An inventory without the generated parts of names."""
    text = json.dumps(found, sort_keys=True, default=str)
    return "".join(part for part in re.split(r"stack-[A-Za-z]+-[A-Z0-9]{12}", text))


@pytest.mark.parametrize(("kind", "name"), PROPERTIES, ids=[f"{kind}.{name}" for kind, name in PROPERTIES])
def test_a_property_is_made_changed_dropped_and_deleted(kind: str, name: str, stacks: Stacks) -> None:
    """After each step IAM holds what a stack that was made that way from the start would hold."""
    least, changes = CASES[kind]
    first, second = changes[name]
    steps = [alone(least, kind, name, first), alone(least, kind, name, second)]
    if name not in least:
        steps.append({key: value for key, value in steps[0].items() if key != name})
    seen = []
    for properties in steps:
        assert stacks.deploy(around(Made=resource(kind, **properties))).endswith("_COMPLETE"), stacks.reasons()
        assert "ROLLBACK" not in stacks.stack()["StackStatus"], stacks.reasons()
        seen.append(nameless(inventory()))
    assert stacks.deploy(around()) == "UPDATE_COMPLETE"
    bare = nameless(inventory())
    assert stacks.delete() == "DELETE_COMPLETE"
    assert nameless(inventory()) == nameless(nothing())
    for properties, there in zip(steps, seen, strict=True):
        assert stacks.deploy(around(Made=resource(kind, **properties))) == "CREATE_COMPLETE", stacks.reasons()
        assert nameless(inventory()) == there
        assert there != bare or kind in ("IAM::SAMLProvider",)
        stacks.delete()


SCHEMAS = Path(importlib.util.find_spec("cfnlint").origin).parent / "data" / "schemas"  # type: ignore[union-attr, arg-type]
PUBLISHED = {
    name: file
    for name, file in json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text(encoding="utf-8")).items()
    if name.startswith("AWS::IAM::")
}


def schema(type_name: str) -> dict[str, Any]:
    """What AWS publishes of a resource type, as cfn-lint carries it."""
    return dict(json.loads((SCHEMAS / "resources" / f"{PUBLISHED[type_name]}.json").read_text(encoding="utf-8")))


def test_every_iam_type_is_ours() -> None:
    """AWS publishes no IAM type that the sandbox does not make."""
    assert sorted(name for name in OWN_TYPES if name.startswith("AWS::IAM::")) == sorted(PUBLISHED)


@pytest.mark.parametrize("type_name", sorted(PUBLISHED))
def test_a_type_has_the_properties_that_aws_publishes(type_name: str) -> None:
    """No property is forgotten, none made up, and the same changes replace the resource."""
    published = schema(type_name)
    only_read = {path.removeprefix("/properties/") for path in published.get("readOnlyProperties", [])}
    ours = OWN_TYPES[type_name]()
    assert isinstance(ours, DeclaredType)
    assert set(ours.properties) == set(published["properties"]) - only_read
    assert ours.required >= set(published.get("required", []))
    create_only = {path.removeprefix("/properties/") for path in published.get("createOnlyProperties", [])}
    # Keys of a SAML provider are refused whatever they are.
    assert ours.create_only == create_only - {"AddPrivateKey", "RemovePrivateKey"}


@pytest.mark.parametrize("kind", CASES)
def test_every_property_is_tried(kind: str) -> None:
    """The table above leaves no property out, but for what is refused and what another says."""
    ours = OWN_TYPES[f"AWS::{kind}"]()
    assert isinstance(ours, DeclaredType)
    left_out = set(ours.properties) - set(CASES[kind][1])
    assert left_out <= {
        *("AddPrivateKey", "AssertionEncryptionMode", "PrivateKeyList", "RemovePrivateKey"),
        *("CertificateBody", "CertificateChain", "PrivateKey"),
    }


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        ("IAM::Role", {"Arn": "arn:aws:iam::111122223333:role/made", "RoleId": "AROA"}),
        ("IAM::User", {"Arn": "arn:aws:iam::111122223333:user/made"}),
        ("IAM::Group", {"Arn": "arn:aws:iam::111122223333:group/made"}),
        ("IAM::InstanceProfile", {"Arn": "arn:aws:iam::111122223333:instance-profile/made"}),
        ("IAM::OIDCProvider", {"Arn": "arn:aws:iam::111122223333:oidc-provider/issuer.example.com"}),
        ("IAM::SAMLProvider", {"Arn": "arn:aws:iam::111122223333:saml-provider/made", "SamlProviderUUID": ""}),
        ("IAM::VirtualMFADevice", {"SerialNumber": "arn:aws:iam::111122223333:mfa/made"}),
        ("IAM::ServiceLinkedRole", {"RoleName": "AWSServiceRoleForAutoScaling"}),
        ("IAM::ServerCertificate", {"Arn": "arn:aws:iam::111122223333:server-certificate/made"}),
        ("IAM::AccessKey", {"Id": "AKIA", "SecretAccessKey": ""}),
        ("IAM::Policy", {"Id": "stack-Made-"}),
        ("IAM::UserToGroupAddition", {"Id": "stack-Made-"}),
        (
            "IAM::ManagedPolicy",
            {
                "AttachmentCount": "0",
                "DefaultVersionId": "v1",
                "IsAttachable": "true",
                "PolicyArn": "arn:aws:iam::111122223333:policy/made",
                "PolicyId": "ANPA",
                "PermissionsBoundaryUsageCount": "0",
                "CreateDate": "20",
                "UpdateDate": "20",
            },
        ),
    ],
)
def test_attributes(kind: str, attributes: dict[str, str], stacks: Stacks) -> None:
    """`Fn::GetAtt` gives what AWS documents, and all of it."""
    made = around(Made=resource(kind, **CASES[kind][0]))
    made["Outputs"] = {name: {"Value": {"Fn::GetAtt": ["Made", name]}} for name in attributes}
    assert stacks.deploy(made) == "CREATE_COMPLETE", stacks.reasons()
    found = stacks.outputs()
    assert {name for name in attributes if not found[name].startswith(attributes[name])} == set()
    published = {path.removeprefix("/properties/") for path in schema(f"AWS::{kind}").get("readOnlyProperties", [])}
    assert published == set(attributes)


REFERENCES = {
    "IAM::Role": "made",
    "IAM::User": "made",
    "IAM::Group": "made",
    "IAM::InstanceProfile": "made",
    "IAM::ManagedPolicy": "arn:aws:iam::111122223333:policy/made",
    "IAM::OIDCProvider": "arn:aws:iam::111122223333:oidc-provider/issuer.example.com",
    "IAM::SAMLProvider": "arn:aws:iam::111122223333:saml-provider/made",
    "IAM::VirtualMFADevice": "arn:aws:iam::111122223333:mfa/made",
    "IAM::ServiceLinkedRole": "AWSServiceRoleForAutoScaling",
    "IAM::ServerCertificate": "made",
    "IAM::RolePolicy": "made|around",
}


@pytest.mark.parametrize("kind", REFERENCES)
def test_what_a_reference_is(kind: str, stacks: Stacks) -> None:
    """`Ref` gives a name or an ARN, as the page of the type says."""
    made = around(Made=resource(kind, **CASES[kind][0]))
    made["Outputs"] = {"Ref": {"Value": {"Ref": "Made"}}}
    stacks.deploy(made)
    assert stacks.outputs() == {"Ref": REFERENCES[kind]}


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({}, "required key [AssumeRolePolicyDocument] not found"),
        ({"AssumeRolePolicyDocument": trust(), "AssumeRolePolicy": {}}, "extraneous key [AssumeRolePolicy]"),
        ({"AssumeRolePolicyDocument": []}, "#/AssumeRolePolicyDocument: expected type"),
        ({"AssumeRolePolicyDocument": trust(), "ManagedPolicyArns": READ}, "#/ManagedPolicyArns: expected type"),
        ({"AssumeRolePolicyDocument": trust(), "ManagedPolicyArns": ["arn:aws:iam::aws:policy/No"]}, "does not exist"),
        ({"AssumeRolePolicyDocument": trust(), "MaxSessionDuration": 60}, "maxSessionDuration"),
        ({"AssumeRolePolicyDocument": trust(), "Path": "x"}, "path is invalid"),
        ({"AssumeRolePolicyDocument": trust(), "PermissionsBoundary": "arn:aws:iam::aws:policy/No"}, "does not exist"),
        ({"AssumeRolePolicyDocument": trust(), "RoleName": "a b"}, "roleName"),
        ({"AssumeRolePolicyDocument": trust(), "RoleName": "a" * 65}, "roleName"),
        ({"AssumeRolePolicyDocument": policy()}, "MalformedPolicyDocument"),
        ({"AssumeRolePolicyDocument": trust({"AWS": "arn:aws:iam::111122223333:role/no"})}, "Invalid principal"),
        ({"AssumeRolePolicyDocument": trust({"AWS": "arn:aws:iam::111122223333:role/*"})}, "Invalid principal"),
        ({"AssumeRolePolicyDocument": trust(StringEquals={"sts:ExternalId": "x" * 3_000})}, "ACLSizePerRole"),
        ({"AssumeRolePolicyDocument": trust(), "Policies": [{"PolicyName": "a"}]}, "PolicyDocument"),
        (
            {
                "AssumeRolePolicyDocument": trust(),
                "Policies": [{"PolicyName": "a", "PolicyDocument": policy("s3:" + "x" * 11_000)}],
            },
            "Maximum policy size of 10240 bytes exceeded",
        ),
    ],
)
def test_a_role_that_iam_refuses(properties: dict[str, Any], said: str, stacks: Stacks) -> None:
    """A creation that fails says why, and leaves nothing."""
    assert stacks.deploy(template(Role=resource("IAM::Role", **properties))) == "ROLLBACK_COMPLETE"
    assert [reason for reason in stacks.reasons() if said in reason]
    assert nameless(inventory()) == nameless(nothing())


def test_names_that_are_taken(stacks: Stacks) -> None:
    """Two roles differ by more than case."""
    stacks.deploy(template(A=resource("IAM::Role", RoleName="Same", AssumeRolePolicyDocument=trust())), "one")
    other = template(A=resource("IAM::Role", RoleName="same", AssumeRolePolicyDocument=trust()))
    assert stacks.deploy(other, "two") == "ROLLBACK_COMPLETE"
    assert "already exists" in stacks.reasons("two")[0]
    assert list(inventory()["roles"]) == ["Same"]


def test_what_others_attached_stays(stacks: Stacks) -> None:
    """An update of a group does not take from it what another resource of the template attached."""
    made = {
        "Group": resource("IAM::Group", ManagedPolicyArns=[READ], Path="/a/"),
        "More": resource("IAM::ManagedPolicy", PolicyDocument=policy(), Groups=[{"Ref": "Group"}]),
        "Inline": resource("IAM::Policy", PolicyName="inline", PolicyDocument=policy(), Groups=[{"Ref": "Group"}]),
    }
    stacks.deploy(template(**made))
    made["Group"]["Properties"] = {"ManagedPolicyArns": [AUDIT], "Path": "/b/"}
    assert stacks.deploy(template(**made)) == "UPDATE_COMPLETE"
    (group,) = inventory()["groups"].values()
    assert group["path"] == "/b/"
    assert set(group["policies"]) == {"inline"}
    assert set(group["attached"]) == {AUDIT, stacks.resources()["More"]}


def test_what_somebody_else_attached_stands_in_the_way(stacks: Stacks) -> None:
    """A role that holds what no template gave it cannot be deleted, and the stack says so."""
    stacks.deploy(template(Role=resource("IAM::Role", RoleName="held", AssumeRolePolicyDocument=trust())))
    stacks.iam.attach_role_policy(READ, "held")
    assert stacks.delete() == "DELETE_FAILED"
    assert "must detach all policies first" in stacks.reasons()[0]
    stacks.iam.detach_role_policy(READ, "held")
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_policy_keeps_five_versions_at_most(stacks: Stacks) -> None:
    """Updates do not run into the quota of versions, and the newest decides."""
    for number in range(8):
        document = policy(f"s3:Get{number}")
        stacks.deploy(template(P=resource("IAM::ManagedPolicy", ManagedPolicyName="p", PolicyDocument=document)))
    (found,) = [one for one in stacks.iam.managed_policies.values() if one.name == "p"]
    assert len(found.versions) == 5
    assert found.default_version_id == "v8"
    assert next(iter(inventory()["managed"].values())) == policy("s3:Get7")


def test_stack_tags_come_to_what_has_tags(stacks: Stacks) -> None:
    """Tags of the stack are tags of its roles, unless the role says otherwise."""
    role = resource("IAM::Role", RoleName="r", AssumeRolePolicyDocument=trust(), Tags=[{"Key": "a", "Value": "own"}])
    tags = [{"Key": "a", "Value": "stack"}, {"Key": "b", "Value": "stack"}]
    stacks.deploy(template(R=role, G=resource("IAM::Group", GroupName="g")), Tags=tags)
    assert inventory()["roles"]["r"]["tags"] == [("a", "own"), ("b", "stack")]


def test_encrypted_assertions_are_refused(stacks: Stacks) -> None:
    """What the sandbox could not check it does not take."""
    saml = resource("IAM::SAMLProvider", SamlMetadataDocument=METADATA, AssertionEncryptionMode="Required")
    assert stacks.deploy(template(S=saml)) == "ROLLBACK_COMPLETE"
    assert "does not decrypt assertions" in stacks.reasons()[0]


def test_unknown_types_are_refused_before_anything_is_made(stacks: Stacks) -> None:
    """A type that nobody makes is not passed over."""
    made = template(
        R=resource("IAM::Role", AssumeRolePolicyDocument=trust()), X=resource("Foo::Bar"), Y=resource("IAM::Nothing")
    )
    with pytest.raises(RefusedRequest, match=r"Unrecognized resource types: \[AWS::Foo::Bar, AWS::IAM::Nothing\]"):
        stacks.deploy(made)
    assert inventory()["roles"] == {}
    assert stacks.call("DescribeStacks")["Stacks"] == []

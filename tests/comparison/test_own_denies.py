"""
What users and roles deny to themselves on one side only, where the policy of a resource lets them in by itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeAlias

import pytest

import trustproof

Json: TypeAlias = "dict[str, Any]"
HUB = "111122223333"
ITSELF: Json = {"Fn::GetAtt": ["R", "Arn"]}
#: Types of resources to what their policies are about, and the action that they allow.
RESOURCES: dict[str, tuple[Any, str]] = {
    "SQS::Queue": ({"Fn::GetAtt": ["X", "Arn"]}, "sqs:SendMessage"),
    "SNS::Topic": ({"Ref": "X"}, "sns:Publish"),
    "S3::Bucket": ({"Fn::Sub": "${X.Arn}/*"}, "s3:GetObject"),
    "KMS::Key": ("*", "kms:Decrypt"),
    "IAM::Role": (None, "sts:AssumeRole"),
}


def statement(effect: str, action: str, resource: Any = "*", **more: Any) -> Json:
    return {"Effect": effect, "Action": action, **({} if resource is None else {"Resource": resource}), **more}


def role(*statements: Json, **properties: Any) -> Json:
    trust = {"Statement": statement("Allow", "sts:AssumeRole", None, Principal={"Service": "glue.amazonaws.com"})}
    policies = [{"PolicyName": "own", "PolicyDocument": {"Statement": list(statements)}}] if statements else []
    properties = {"AssumeRolePolicyDocument": trust, "Policies": policies, **properties}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def letting_in(type_: str, whom: Any) -> Json:
    """A resource that AWS gives its name, with a policy that names somebody."""
    about, action = RESOURCES[type_]
    policy = {"Statement": statement("Allow", action, about, Principal={"AWS": whom})}
    inside = {"IAM::Role": "AssumeRolePolicyDocument", "KMS::Key": "KeyPolicy"}
    if type_ in inside:
        return {"X": {"Type": f"AWS::{type_}", "Properties": {inside[type_]: policy}}}
    names = {"Bucket": {"Ref": "X"}} if type_ == "S3::Bucket" else {f"{type_[5:]}s": [{"Ref": "X"}]}
    own = {"X": {"Type": f"AWS::{type_}"}}
    return {**own, "P": {"Type": f"AWS::{type_}Policy", "Properties": {**names, "PolicyDocument": policy}}}


def denying(action: str) -> Json:
    return statement("Deny", f"{action.partition(':')[0]}:*")


READS = statement("Allow", "ec2:Describe*")


@pytest.mark.parametrize("type_", RESOURCES)
@pytest.mark.parametrize("name", [{}, {"RoleName": "r"}])
def test_whom_a_resource_lets_in_gains_what_his_own_policy_denies_no_more(type_: str, name: Json) -> None:
    """Whatever names AWS gives: what refers to the resource, and to the role, means these."""
    resource, action = letting_in(type_, ITSELF), RESOURCES[type_][1]
    before = {"Resources": {"R": role(READS, denying(action), **name), **resource}}
    after = {"Resources": {"R": role(READS, **name), **resource}}
    there, back = trustproof.diff(before, after, account=HUB), trustproof.diff(after, before, account=HUB)
    assert [[one.counterexample.action for one in way] for way in (there.gained, back.lost)] == [[action]] * 2
    assert not any((there.lost, there.undecided, back.gained, back.undecided))


def written(folder: Path, templates: dict[str, Json]) -> str:
    folder.mkdir()
    for name, template in templates.items():
        (folder / f"{name}.json").write_text(json.dumps(template))
    return str(folder)


ATTACHED: Json = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Roles": [{"Fn::ImportValue": "name"}]}}
ATTACHED["Properties"]["PolicyDocument"] = {"Statement": READS}


@pytest.mark.parametrize(
    ("whom", "attached", "is_gained"),
    [
        ({"Fn::ImportValue": "arn"}, False, True),
        ({"Fn::ImportValue": "arn"}, True, True),
        # Another template calls a role of its own alike.
        (ITSELF, False, False),
        (ITSELF, True, False),
    ],
)
@pytest.mark.parametrize("type_", ["SQS::Queue", "IAM::Role"])
def test_a_role_is_itself_in_another_template(
    tmp_path: Path, type_: str, whom: Json, *, attached: bool, is_gained: bool
) -> None:
    """What imports its ARN lets it in, whether it is compared alone or with what that template attaches to it."""
    action = RESOURCES[type_][1]
    values = {"arn": ITSELF, "name": {"Ref": "R"}}
    exports = {name: {"Value": value, "Export": {"Name": name}} for name, value in values.items()}
    reader = {**letting_in(type_, whom), "R": role(), **({"M": ATTACHED} if attached else {})}
    sides = [
        written(
            tmp_path / called,
            {"a": {"Resources": {"R": role(READS, *denies)}, "Outputs": exports}, "b": {"Resources": reader}},
        )
        for called, denies in (("old", [denying(action)]), ("new", []))
    ]
    there, back = trustproof.diff(*sides, account=HUB), trustproof.diff(*sides[::-1], account=HUB)
    expected = [action] if is_gained else []
    assert [[one.counterexample.action for one in way] for way in (there.gained, back.lost)] == [expected] * 2
    assert not any((there.lost, back.gained))


@pytest.mark.parametrize("type_", ["SQS::Queue", "S3::Bucket", "IAM::Role"])
@pytest.mark.parametrize("name", [{}, {"RoleName": "r"}])
def test_a_deny_that_moves_to_the_resource_is_no_change(type_: str, name: Json) -> None:
    """What a role denies to itself, or the resource or another role denies the role, stops the same."""
    about, action = RESOURCES[type_]
    allowed = statement("Allow", f"{action.partition(':')[0]}:*")
    denied = statement("Deny", action, about)
    own_denied = denied if about else {**denied, "Resource": {"Fn::GetAtt": ["X", "Arn"]}}
    resource, denying_it = letting_in(type_, HUB), letting_in(type_, HUB)
    there = denying_it["X" if type_ == "IAM::Role" else "P"]["Properties"]
    statements = there["AssumeRolePolicyDocument" if type_ == "IAM::Role" else "PolicyDocument"]
    statements["Statement"] = [statements["Statement"], {**denied, "Principal": {"AWS": ITSELF}}]
    sides = [
        {"Resources": {"R": role(allowed, own_denied, **name), **resource}},
        {"Resources": {"R": role(allowed, **name), **denying_it}},
    ]
    assert all(trustproof.diff(*way, account=HUB).is_empty for way in (sides, sides[::-1]))
    # Where it moves nowhere, it is a change.
    left = [sides[0], {"Resources": {"R": role(allowed, **name), **resource}}]
    assert [bool(trustproof.diff(*way, account=HUB).gained) for way in (left, left[::-1])] == [True, False]


LIMIT: Json = {"B": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": READS}}}}


@pytest.mark.parametrize(
    ("denied", "bounded", "gained"),
    [
        ((), False, ["sqs:ReceiveMessage", "sqs:SendMessage"]),
        (("sqs:*",), False, []),
        (("sqs:SendMessage",), False, ["sqs:ReceiveMessage"]),
        ((), True, []),
    ],
)
def test_whom_a_policy_newly_names_gains_what_his_own_policies_let_him(
    denied: tuple[str, ...], gained: list[str], *, bounded: bool
) -> None:
    """A Deny of his own, or his permissions boundary, stops it on both sides."""
    limit = {"PermissionsBoundary": {"Ref": "B"}} if bounded else {}
    own = role(
        statement("Allow", "sqs:*", "arn:aws:sqs:*:*:other"), *(statement("Deny", one) for one in denied), **limit
    )
    before, after = letting_in("SQS::Queue", f"arn:aws:iam::{HUB}:role/other"), letting_in("SQS::Queue", ITSELF)
    for side in (before, after):
        side["P"]["Properties"]["PolicyDocument"]["Statement"]["Action"] = ["sqs:SendMessage", "sqs:ReceiveMessage"]
    sides = [{"Resources": {"R": own, **LIMIT, **side}} for side in (before, after)]
    there, back = trustproof.diff(*sides, account=HUB), trustproof.diff(*sides[::-1], account=HUB)
    for found in (there.gained, back.lost):
        said = {
            action for action in ("sqs:SendMessage", "sqs:ReceiveMessage") if any(action in str(one) for one in found)
        }
        assert sorted(said) == gained


def test_whom_a_policy_names_beside_his_account_gains_what_his_boundary_lets_him() -> None:
    """What his boundary stops of what he is newly let in to hides nothing that he needs no policy for any more."""
    there = {"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
    limit = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": {"Statement": statement("Allow", "*")}},
    }
    limit["Properties"]["PolicyDocument"]["Statement"].update(there)
    before, after = (letting_in("SQS::Queue", whom) for whom in (HUB, ITSELF))
    first, named = (side["P"]["Properties"]["PolicyDocument"]["Statement"] for side in (before, after))
    after["P"]["Properties"]["PolicyDocument"]["Statement"] = [{**first, **there}, named]
    first.update(there)
    own = {"R": role(PermissionsBoundary={"Ref": "B"}), "B": limit}
    sides = [{"Resources": {**own, **side}} for side in (before, after)]
    (found,) = trustproof.diff(*sides, account=HUB).gained
    assert "without an identity policy" in found.message
    (lost,) = trustproof.diff(*sides[::-1], account=HUB).lost
    assert lost.counterexample.action == "sqs:SendMessage"


@pytest.mark.parametrize("type_", ["KMS::Key", "IAM::Role"])
@pytest.mark.parametrize("name", [{}, {"RoleName": "r"}])
@pytest.mark.parametrize("bounded", [False, True])
def test_whom_a_policy_names_instead_of_his_account_gains_what_he_had_no_policy_for(
    type_: str, name: Json, *, bounded: bool
) -> None:
    """Only who could get in before is let in by other means."""
    action = RESOURCES[type_][1]
    about = {} if type_ == "KMS::Key" else {"Resource": {"Fn::GetAtt": ["X", "Arn"]}}
    allowed = {**statement("Allow", action), **about}
    limit = {"PermissionsBoundary": {"Ref": "B"}} if bounded else {}
    for own, is_gained in (((READS,), True), ((allowed,), False)):
        sides = [
            {"Resources": {"R": role(*own, **name, **limit), **LIMIT, **letting_in(type_, whom)}}
            for whom in (HUB, ITSELF)
        ]
        found = trustproof.diff(*sides, account=HUB)
        # A boundary that does not allow it stops it on both sides.
        assert [bool(found.gained), bool(found.narrowed)] == [is_gained and not bounded, not is_gained and not bounded]


@pytest.mark.parametrize("is_denied", [False, True])
def test_whom_a_policy_of_another_account_newly_names_gains_nothing_that_he_denies_to_himself(
    tmp_path: Path, *, is_denied: bool
) -> None:
    """Where his account is in sight as well."""
    other = "444455556666"
    trusted = statement("Allow", "sts:AssumeRole", None, Principal={"AWS": f"arn:aws:iam::{other}:role/there"})
    denied = [{"PolicyName": "own", "PolicyDocument": {"Statement": denying("sts:AssumeRole")}}] if is_denied else []
    nobody = statement("Allow", "sts:AssumeRole", None, Principal={"Service": "glue.amazonaws.com"})
    for called, trust in (("old", nobody), ("new", trusted)):
        (tmp_path / called).mkdir()
        for account, name, policies, document in ((HUB, "here", [], trust), (other, "there", denied, nobody)):
            own = {"RoleName": name, "Arn": f"arn:aws:iam::{account}:role/{name}", "RolePolicyList": policies}
            own |= {"AssumeRolePolicyDocument": {"Statement": document}, "AttachedManagedPolicies": []}
            details = {"UserDetailList": [], "GroupDetailList": [], "Policies": [], "RoleDetailList": [own]}
            (tmp_path / called / f"{account}.json").write_text(json.dumps(details), encoding="utf-8")
    found = trustproof.diff(tmp_path / "old", tmp_path / "new")
    assert [one.counterexample.action for one in found.gained] == ["sts:AssumeRole"] * (not is_denied)


def test_a_layer_is_the_same_whichever_organization_may_have_it() -> None:
    """An organization says who gets in, and not what the permission is for."""
    layer = {"L": {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": {"S3Bucket": "b", "S3Key": "k"}}}}
    properties = {"Action": "lambda:GetLayerVersion", "LayerVersionArn": {"Ref": "L"}, "Principal": "*"}

    def permitted(**more: str) -> Json:
        own = {"Type": "AWS::Lambda::LayerVersionPermission", "Properties": {**properties, **more}}
        return {"Resources": {**layer, "P": own}}

    found = trustproof.diff(permitted(), permitted(OrganizationId="o-a1b2c3d4e5"), account=HUB)
    assert [len(way) for way in (found.gained, found.lost, found.undecided)] == [0, 1, 0]


def test_a_role_that_trusts_itself_gains_what_it_denied_to_itself() -> None:
    """Its trust policy is that of a resource like any other."""
    trust = {"Statement": statement("Allow", "sts:AssumeRole", None, Principal={"AWS": f"arn:aws:iam::{HUB}:role/r"})}
    own = {"RoleName": "r", "AssumeRolePolicyDocument": trust}
    after = {"Resources": {"R": role(READS, **own), **LIMIT}}
    for before in (role(READS, denying("sts:*"), **own), role(READS, PermissionsBoundary={"Ref": "B"}, **own)):
        (found,) = trustproof.diff({"Resources": {"R": before, **LIMIT}}, after, account=HUB).gained
        assert found.counterexample.action == "sts:AssumeRole"


@pytest.mark.parametrize("partition", ["aws", "${AWS::Partition}"])
def test_the_id_of_an_account_is_the_arn_of_its_root_user(partition: str) -> None:
    """Nothing but the id of an account may be given for what stands in such an ARN."""
    declared = {"Parameters": {"Their": {"Type": "String"}, "Other": {"Type": "String"}}}
    arn = {"Fn::Sub": f"arn:{partition}:iam::${{Their}}:root"}
    one, other, third = (
        {**declared, "Resources": letting_in("SQS::Queue", whom)} for whom in ({"Ref": "Their"}, arn, {"Ref": "Other"})
    )
    assert all(trustproof.diff(*way, account=HUB).is_empty for way in ((one, other), (other, one)))
    assert all(not trustproof.diff(*way, account=HUB).is_empty for way in ((third, other), (other, third)))

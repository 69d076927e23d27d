"""
The policies that AWS manages, attached: each is asked as its text would be.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.analysis.assignments.managed_policies import managed_policy
from trustproof.analysis.holders import holdings
from trustproof.aws.published import managed_policy_document, managed_policy_names

ACCOUNT = "111122223333"
PROPERTIES = ("assume-role-scoped", "deployers-declared", "sensitive-actions-require-mfa")
TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


def _verdicts(tmp_path: Path, type_: str, properties: dict[str, object]) -> dict[str, str]:
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Resources": {"R": {"Type": type_, "Properties": properties}}}))
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    report = trustproof.check([str(template)], account=ACCOUNT, config=config)
    return {result.property: result.verdict for result in report.results if result.property in PROPERTIES}


@pytest.mark.parametrize(
    "name",
    [
        "AdministratorAccess",
        "AdministratorAccess-Amplify",
        "AmazonDynamoDBFullAccess",
        "AmazonS3ReadOnlyAccess",
        "AmazonSageMakerFullAccess",
        "IAMFullAccess",
        "PowerUserAccess",
        "job-function/ViewOnlyAccess",
        "service-role/AWSLambdaBasicExecutionRole",
    ],
)
@pytest.mark.parametrize("kind", ["User", "Group", "Role", "PermissionSet"])
def test_attached_as_written_out(tmp_path: Path, kind: str, name: str) -> None:
    """A policy of AWS has the verdicts of its text, whoever it is attached to."""
    document, arn = managed_policy_document(name), f"arn:aws:iam::aws:policy/{name}"
    if kind == "PermissionSet":
        named: dict[str, object] = {"Name": "Reader", "InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef"}
        attached = _verdicts(tmp_path, "AWS::SSO::PermissionSet", {**named, "ManagedPolicies": [arn]})
        written = _verdicts(tmp_path, "AWS::SSO::PermissionSet", {**named, "InlinePolicy": document})
    else:
        named = {f"{kind}Name": "Reader"}
        if kind == "Role":
            named["AssumeRolePolicyDocument"] = {"Version": "2012-10-17", "Statement": [TRUST]}
        inline = [{"PolicyName": "P", "PolicyDocument": document}]
        attached = _verdicts(tmp_path, f"AWS::IAM::{kind}", {**named, "ManagedPolicyArns": [arn]})
        written = _verdicts(tmp_path, f"AWS::IAM::{kind}", {**named, "Policies": inline})
    assert attached == written
    assert attached


def test_documents_that_aws_publishes_are_read() -> None:
    """None of the published policies is one that the reader of policies refuses."""
    names = managed_policy_names()
    assert [name for name in names[::25] if managed_policy(f"arn:aws:iam::aws:policy/{name}") is None] == []


@pytest.mark.parametrize(
    "arn", ["arn:aws:iam::aws:policy/NoSuchAccess", f"arn:aws:iam::{ACCOUNT}:policy/AdministratorAccess", "x", ""]
)
def test_other_policies_are_not_known(arn: str) -> None:
    """A policy of an account, or one that AWS has not published, is none of them, whatever its name."""
    assert managed_policy(arn) is None


def test_partition_of_what_a_policy_names() -> None:
    """In another partition a policy names the resources of that one."""
    name = "AmazonSageMakerFullAccess"
    for partition in ("aws", "aws-cn", "aws-us-gov"):
        policy = managed_policy(f"arn:{partition}:iam::aws:policy/{name}")
        assert policy is not None
        named = {str(one).split(":")[1] for s in policy.statements for one in s.resources or () if ":" in str(one)}
        assert named == {partition}


def test_one_of_aws_that_is_not_published_may_deny() -> None:
    """What stands beside a policy of AWS that nobody has read is not refuted: the next quarantine denies."""
    allowed = {"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"}
    inline = {"PolicyName": "P", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]}}
    for name, verdict in (
        ("ReadOnlyAccess", "refuted"),
        ("AWSCompromisedKeyQuarantineV3", "proved"),
        ("AWSCompromisedKeyQuarantineV9", "unknown"),
    ):
        attached = {"ManagedPolicyArns": [f"arn:aws:iam::aws:policy/{name}"], "Policies": [inline]}
        user = {"Resources": {"R": {"Type": "AWS::IAM::User", "Properties": attached}}}
        results = trustproof.check([user], account=ACCOUNT, properties=["sensitive-actions-require-mfa"]).results
        assert {result.verdict for result in results} - {"proved"} == {verdict} - {"proved"}


@pytest.mark.parametrize(
    ("parameter", "value", "partition"),
    [
        ("AWS::Partition", "aws-cn", "aws-cn"),
        ("AWS::Partition", "aws-mars", "aws-mars"),
        ("AWS::Region", "us-gov-west-1", "aws-us-gov"),
    ],
)
@pytest.mark.parametrize("written", [False, True])
def test_attached_in_one_partition(tmp_path: Path, parameter: str, value: str, partition: str, written: bool) -> None:
    """What a role may do is asked about in the one partition that it is deployed to."""
    held: dict[str, object] = {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}
    if written:
        held = {"Policies": [{"PolicyName": "P", "PolicyDocument": managed_policy_document("AdministratorAccess")}]}
    role = {
        "Type": "AWS::IAM::Role",
        "Condition": "There",
        "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [TRUST]}, **held},
    }
    content = {"Conditions": {"There": {"Fn::Equals": [{"Ref": parameter}, value]}}, "Resources": {"R": role}}
    template = tmp_path / "template.json"
    template.write_text(json.dumps(content))
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    report = trustproof.check([str(template)], account=ACCOUNT, config=config)
    found = {result.property: result for result in report.results if result.property in PROPERTIES}
    assert {result.verdict for result in found.values()} == {"refuted"}
    shown = found["deployers-declared"].counterexample
    assert shown is not None
    assert shown.request.caller.arn.startswith(f"arn:{partition}:iam::{ACCOUNT}:role/")


def test_a_policy_of_another_partition() -> None:
    """The text of a policy of AWS names the partition that it is in, and a text that is no ARN names no policy."""
    known = managed_policy("arn:aws-cn:iam::aws:policy/AmazonSageMakerFullAccess")
    assert known is not None
    assert "arn:aws:" not in repr(known)
    assert "arn:aws-cn:" in repr(known)
    assert managed_policy('arn:aws","*:iam::aws:policy/ReadOnlyAccess') is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("AWSLambdaBasicExecutionRole", "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"),
        ("service-role/ReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("AWSLambdaFullAccess", "AWS has withdrawn it"),
    ],
)
def test_why_one_of_aws_is_not_known(tmp_path: Path, name: str, said: str) -> None:
    """Whoever writes a wrong path is told the right one, and of any other name that AWS may have withdrawn it."""
    template = tmp_path / "template.json"
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [TRUST]},
        "ManagedPolicyArns": [f"arn:aws:iam::aws:policy/{name}"],
    }
    template.write_text(json.dumps({"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}}))
    (found,) = (r for r in trustproof.check([str(template)], config={}).results if r.verdict == trustproof.UNKNOWN)
    assert said in found.reasons[-1]


def test_a_policy_of_aws_is_one_object_at_the_same_place_of_many_templates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known of it is kept by its identity, and the stack of each account attaches it to a role of its own."""
    placed: dict[int, object] = {}
    foreign_document = holdings._foreign_document

    def noted(*arguments: Any) -> Any:
        found = foreign_document(*arguments)
        placed[id(found.policy)] = found.policy
        return found

    monkeypatch.setattr(holdings, "_foreign_document", noted)
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [TRUST]},
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    }
    for name in ("a", "b", "c"):
        template = {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}}
        (tmp_path / f"{name}.json").write_text(json.dumps(template))
    trustproof.check([str(tmp_path)], account=ACCOUNT)
    assert len(placed) == 1

"""
What a template calls a resource, and what the stack that is deployed calls it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.live.test_besides_policies import STACK, TRUST, Account, role
from trustproof.live.account import StackFacts
from trustproof.live.check import AccountCheck
from trustproof.live.names import compare_name
from trustproof.sandbox.cloudformation.template import read_template

ARN = "arn:aws:{}:eu-central-1:222233334444:{}"


@pytest.mark.parametrize(
    ("type_name", "properties", "physical_id", "same"),
    [
        ("IAM::Role", {"RoleName": "wr"}, "wr", True),
        ("IAM::Role", {"RoleName": "wr"}, "wr-renamed", False),
        ("IAM::Role", {"RoleName": "wr"}, "other-wr", False),
        ("IAM::Role", {"RoleName": "wr"}, "WR", False),
        ("IAM::Role", {}, "app-R-ABCDEF", True),
        ("IAM::Role", {"RoleName": ""}, "app-R-ABCDEF", True),
        ("IAM::User", {"UserName": "a"}, "b", False),
        ("IAM::Group", {"GroupName": "a"}, "b", False),
        ("IAM::ManagedPolicy", {"ManagedPolicyName": "p"}, "arn:aws:iam::222233334444:policy/team/p", True),
        ("IAM::ManagedPolicy", {"ManagedPolicyName": "p"}, "arn:aws:iam::222233334444:policy/team/q", False),
        ("S3::Bucket", {"BucketName": "b"}, "b", True),
        ("S3::Bucket", {"BucketName": "b"}, "c", False),
        ("SQS::Queue", {"QueueName": "q"}, "https://sqs.eu-central-1.amazonaws.com/222233334444/q", True),
        ("SQS::Queue", {"QueueName": "q"}, "https://sqs.eu-central-1.amazonaws.com/222233334444/other-q", False),
        ("SNS::Topic", {"TopicName": "t.fifo"}, ARN.format("sns", "t.fifo"), True),
        ("SNS::Topic", {"TopicName": "t"}, ARN.format("sns", "t.fifo"), False),
        ("SecretsManager::Secret", {"Name": "team/s"}, ARN.format("secretsmanager", "secret:team/s-AbCdEf"), True),
        ("SecretsManager::Secret", {"Name": "team/s"}, ARN.format("secretsmanager", "secret:team/s2-AbCdEf"), False),
        ("ECR::Repository", {"RepositoryName": "team/r"}, "team/r", True),
        ("Lambda::Function", {"FunctionName": "f"}, "g", False),
        ("KMS::Key", {"Description": "k"}, "1234abcd", True),
    ],
)
def test_names_of_resources(type_name: str, properties: dict[str, Any], physical_id: str, same: bool) -> None:
    """A name that the template gives is that of what is deployed, or it is another resource."""
    assert (compare_name(f"AWS::{type_name}", physical_id, properties) is None) is same


@pytest.mark.parametrize(
    ("name", "parameters", "same"),
    [
        ("wr", {}, False),
        ("wr-renamed", {}, True),
        ({"Fn::Sub": "${Team}-renamed"}, {"Team": "wr"}, True),
        ({"Fn::Sub": "${Team}-renamed"}, {"Team": "ops"}, False),
        ({"Fn::Sub": "${Team}-renamed"}, {"Team": "****"}, True),
    ],
)
def test_a_role_of_another_name(name: Any, parameters: dict[str, str], same: bool) -> None:
    """A role deployed under another name than the template gives is no success; what is hidden is left aside."""
    properties = {"RoleName": name, "AssumeRolePolicyDocument": TRUST}
    body = {
        "Parameters": {"Team": {"Type": "String", "Default": "x", "NoEcho": True}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    facts = StackFacts(STACK, "CREATE_COMPLETE", parameters, {"R": "wr-renamed"})
    check = AccountCheck(Account({"stack": facts}, **{"wr-renamed": role("wr-renamed", TRUST)}))
    check.read("app", "eu-central-1", read_template(json.dumps(body)), Path())
    findings = {one.subject: one.comparison for one in check.compare(others=False)}
    assert findings["role wr-renamed: trust policy"].verdict == "same"
    renamed = findings.get("app: R (AWS::IAM::Role): name")
    assert (renamed is None) is same
    if renamed is not None:
        assert renamed.verdict == "differs"
        assert renamed.lines[0].endswith("; deployed: wr-renamed")

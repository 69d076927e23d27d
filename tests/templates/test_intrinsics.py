"""
Intrinsic functions give text where the template says enough, and a symbol for what it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from trustproof.model.text import Symbol, Symbolic

ACCOUNT = "111122223333"
PARTITION = {"Ref": "AWS::Partition"}
MAPPINGS = {"Mappings": {"M": {"us-east-1": {"A": "first", "L": ["x", "y"]}, "eu-west-1": {"A": "second"}}}}
TRUSTING = {
    "AssumeRolePolicyDocument": {
        "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
    }
}
RESOURCES = {
    "Resources": {
        "Named": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "named", "Path": "/team/", **TRUSTING}},
        "Generated": {"Type": "AWS::IAM::Role", "Properties": TRUSTING},
        "Person": {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice"}},
        "Team": {"Type": "AWS::IAM::Group"},
        "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": "limits"}},
        "Saml": {"Type": "AWS::IAM::SAMLProvider", "Properties": {"Name": "idp"}},
        "Oidc": {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": "https://token.example.com/x"}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data"}},
        "Custom": {"Type": "Custom::Thing"},
    }
}


def text(value: Any) -> str:
    """A resolved text as a user would see it."""
    return str(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "AWS::AccountId"}, ACCOUNT),
        ({"Ref": "AWS::Region"}, "<AWS::Region>"),
        ({"Ref": "AWS::StackName"}, "<AWS::StackName>"),
        ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
        ({"Fn::Join": ["", ["arn:", PARTITION, ":iam::", ACCOUNT, ":root"]]}, f"arn:aws:iam::{ACCOUNT}:root"),
        ({"Fn::Join": ["/", ["a", {"Ref": "AWS::NoValue"}, "b"]]}, "a/b"),
        ({"Fn::Join": ["-", {"Fn::Split": [":", "a:b"]}]}, "a-b"),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}, f"arn:aws:iam::{ACCOUNT}:root"),
        ({"Fn::Sub": ["${x}/${!aws:username}/${aws:userid}", {"x": "y"}]}, "y/${aws:username}/${aws:userid}"),
        ({"Fn::Sub": ["${x}", {"x": {"Fn::Select": [1, ["a", "b"]]}}]}, "b"),
        ({"Fn::Select": ["2", {"Fn::Split": [":", "a:b:c"]}]}, "c"),
        ({"Fn::Select": [4, {"Fn::Split": [":", {"Fn::GetAtt": ["Generated", "Arn"]}]}]}, ACCOUNT),
        ({"Fn::Select": ["²", ["a"]]}, '<Fn::Select ["\\u00b2", ["a"]]>'),
        ({"Fn::Select": ["x", ["a"]]}, '<Fn::Select ["x", ["a"]]>'),
        ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, '<Fn::Select [0, {"Fn::GetAZs": ""}]>'),
        ({"Fn::FindInMap": ["M", "us-east-1", "A"]}, "first"),
        ({"Fn::FindInMap": ["M", "none", "A", {"DefaultValue": "d"}]}, "d"),
        ({"Fn::Base64": "a"}, "YQ=="),
        ({"Fn::Length": ["a", "b"]}, "2"),
        ({"Fn::ToJsonString": {"a": ["b", PARTITION]}}, '{"a": ["b", "aws"]}'),
        ({"Fn::ImportValue": "hub-account"}, "<Fn::ImportValue hub-account>"),
        ({"Fn::ImportValue": {"Fn::Sub": "${AWS::Partition}-x"}}, "<Fn::ImportValue aws-x>"),
        ({"Fn::Cidr": ["10.0.0.0/16", 2]}, '<Fn::Cidr ["10.0.0.0/16", 2]>'),
        ({"Fn::Transform": {"Name": "Mine"}}, "<Fn::Transform Mine>"),
        ("x-{{resolve:ssm:/hub/account}}", "x-<ssm:/hub/account>"),
        ({"Fn::Sub": "{{resolve:ssm:/${AWS::Region}}}"}, "<{{resolve:ssm:/<AWS::Region>}}>"),
        (111122223333, ACCOUNT),
    ],
)
def test_functions_give_text(resolved: Callable[..., list[Any]], value: Any, expected: str) -> None:
    """Each function resolves what is known, and names what is not."""
    ((found, guards),) = resolved(value, {**MAPPINGS, **RESOURCES}, account=ACCOUNT)
    assert [text(v) for v in found] == [expected]
    assert guards == {}


@pytest.mark.parametrize("value", [{"Fn::FindInMap": ["M", "a", "b"]}, [{"Fn::FindInMap": ["M", "a", "b"]}]])
def test_a_function_in_a_mapping_is_not_followed(resolved: Callable[..., list[Any]], value: Any) -> None:
    """CloudFormation takes none there, and one that leads back to its own place has no end."""
    ((found, _),) = resolved({"Fn::FindInMap": ["M", "a", "b"]}, {"Mappings": {"M": {"a": {"b": value}}}})
    assert [text(v) for v in found] == ['<Fn::FindInMap ["M", "a", "b"]>']


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Fn::GetAtt": ["Named", "Arn"]}, f"arn:aws:iam::{ACCOUNT}:role/team/named"),
        ({"Fn::Sub": "${Named.Arn}"}, f"arn:aws:iam::{ACCOUNT}:role/team/named"),
        ({"Ref": "Named"}, "named"),
        ({"Fn::GetAtt": "Generated.Arn"}, f"arn:aws:iam::{ACCOUNT}:role/<Generated>"),
        ({"Ref": "Generated"}, "<Generated>"),
        ({"Fn::GetAtt": ["Named", "RoleId"]}, "<Named.RoleId>"),
        ({"Fn::GetAtt": ["Person", "Arn"]}, f"arn:aws:iam::{ACCOUNT}:user/alice"),
        ({"Fn::GetAtt": ["Team", "Arn"]}, f"arn:aws:iam::{ACCOUNT}:group/<Team>"),
        ({"Ref": "Managed"}, f"arn:aws:iam::{ACCOUNT}:policy/limits"),
        ({"Ref": "Saml"}, f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"),
        ({"Fn::GetAtt": ["Oidc", "Arn"]}, f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com/x"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"),
        ({"Ref": "Queue"}, "<Queue>"),
        ({"Ref": "Topic"}, f"arn:aws:sns:eu-west-1:{ACCOUNT}:<Topic>"),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "arn:aws:s3:::data"),
        ({"Fn::GetAtt": ["Custom", "Value"]}, "<Custom.Value>"),
        ({"Ref": "Nowhere"}, "<Nowhere>"),
    ],
)
def test_own_resources_have_arns_as_far_as_they_are_known(
    resolved: Callable[..., list[Any]], value: Any, expected: str
) -> None:
    """An ARN of the template's own resource is in the template's account, with a symbol for a generated name."""
    ((found, _),) = resolved(value, RESOURCES, account=ACCOUNT, region="eu-west-1")
    assert [text(v) for v in found] == [expected]


def test_the_same_unknown_is_the_same_symbol(resolved: Callable[..., list[Any]]) -> None:
    """Two uses of one import are one symbol; without an account, the account is a symbol too."""
    value = [{"Fn::ImportValue": "a"}, {"Fn::Sub": ["${x}", {"x": {"Fn::ImportValue": "a"}}]}]
    (((first, second), _),) = resolved(value)
    assert first == second == Symbolic((Symbol("Fn::ImportValue a", "import"),))
    (((own,), _),) = resolved({"Ref": "AWS::AccountId"})
    assert own == Symbolic((Symbol("AWS::AccountId", "pseudo-parameter"),))


def test_an_unknown_key_of_a_mapping_gives_its_values(resolved: Callable[..., list[Any]]) -> None:
    """Where the Region is not known, a mapping's value is any of those it lists; one value for all is known."""
    (((found,), _),) = resolved({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "A"]}, MAPPINGS)
    assert found.symbols[0].allowed == ("first", "second")
    same = {"Mappings": {"M": {"a": {"A": "x"}, "b": {"A": "x"}}}}
    (((found,), _),) = resolved({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "A"]}, same)
    assert found == "x"


def test_the_region_decides_the_partition(resolved: Callable[..., list[Any]]) -> None:
    """In a China Region, partition and URL suffix are China's."""
    value = {"Fn::Sub": "${AWS::Partition} ${AWS::URLSuffix}"}
    ((found, _),) = resolved(value, region="cn-north-1")
    assert found == ("aws-cn amazonaws.com.cn",)


def test_lists_are_spliced_and_removed_items_are_gone(resolved: Callable[..., list[Any]]) -> None:
    """A list parameter in a list adds its items; ``AWS::NoValue`` adds nothing."""
    sections = {"Parameters": {"Ids": {"Type": "CommaDelimitedList", "Default": "a, b"}}}
    ((found, _),) = resolved(["x", {"Ref": "Ids"}, {"Ref": "AWS::NoValue"}], sections)
    assert found == ("x", "a", "b")
    ((found, _),) = resolved({"Fn::FindInMap": ["M", "us-east-1", "L"]}, MAPPINGS)
    assert found == ("x", "y")


def test_circular_names_end(resolved: Callable[..., list[Any]]) -> None:
    """Resources whose names refer to each other, which CloudFormation refuses, are symbols."""
    resources = {
        "A": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Fn::Sub": "x-${B}"}, **TRUSTING}},
        "B": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Fn::Sub": "y-${A}"}, **TRUSTING}},
    }
    ((found, _),) = resolved({"Ref": "A"}, {"Resources": resources})
    assert text(found[0]) in ("x-<B>", "x-y-<A>")

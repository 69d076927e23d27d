"""
A partition that another stack gives is that of the template that takes it, in each partition that it may be in.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED, REFUTED

Json = dict[str, object]

ACCOUNT, OUTSIDE = "111122223333", "999988887777"


def consumer(value: object, compared: str, declared: Json | None = None) -> Json:
    """A template that trusts somebody else in one partition."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::If": ["There", OUTSIDE, ACCOUNT]}},
        "Action": "sts:AssumeRole",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {
        **({} if declared is None else {"Parameters": declared}),
        "Conditions": {"There": {"Fn::Equals": [value, compared]}},
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }


def files(how: str, given: object, compared: str) -> dict[str, Json]:
    """Templates of which one gives a value to the other."""
    if how == "export":
        exported = {"Value": given, "Export": {"Name": "given"}}
        topic = {"Type": "AWS::SNS::Topic"}
        return {
            "exporter": {"Resources": {"Topic": topic}, "Outputs": {"Given": exported}},
            "t": consumer({"Fn::ImportValue": "given"}, compared),
        }
    nested = {"TemplateURL": "child.json", "Parameters": {"Given": given}}
    found: dict[str, Json] = {
        "t": {"Resources": {"Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": nested}}},
        "child": consumer({"Ref": "Given"}, compared, {"Given": {"Type": "String"}}),
    }
    if how == "passed on":
        inner = {"TemplateURL": "inner.json", "Parameters": {"Given": {"Ref": "Given"}}}
        found["inner"] = found["child"]
        found["child"] = {
            "Parameters": {"Given": {"Type": "String"}},
            "Resources": {"Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": inner}},
        }
    return found


@pytest.mark.parametrize("how", ["passed", "passed on", "export"])
@pytest.mark.parametrize(
    ("given", "compared", "region", "verdict"),
    [
        ({"Ref": "AWS::Partition"}, "aws-cn", None, REFUTED),
        ({"Ref": "AWS::URLSuffix"}, "amazonaws.com.cn", None, REFUTED),
        ({"Fn::Sub": "in-${AWS::Partition}"}, "in-aws-us-gov", None, REFUTED),
        ({"Ref": "AWS::Partition"}, "aws-cn", "eu-west-1", PROVED),
        ({"Ref": "AWS::Partition"}, "aws-cn", "cn-north-1", REFUTED),
        ({"Ref": "AWS::Partition"}, "no-such-partition", None, PROVED),
        ("aws", "aws-cn", None, PROVED),
    ],
)
def test_a_partition_that_is_given(
    given: object, compared: str, region: str | None, verdict: str, how: str, tmp_path: Path
) -> None:
    """Who is trusted in one partition is judged there, whoever says which partition it is."""
    for name, content in files(how, given, compared).items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [str(tmp_path)],
        config={"boundary": {"accounts": [ACCOUNT]}},
        account=ACCOUNT,
        region=region,
        properties=["inside-boundary"],
        certify=True,
    )
    assert [(one.logical_id, one.verdict) for one in report.results] == [("Role", verdict)]

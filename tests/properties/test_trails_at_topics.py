"""
CloudTrail publishes to a topic in the name of a trail: it is held by the ARN of the trail, and kept in.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-permissions-for-sns-notifications.html
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.laws.remedying import edited

Json = dict[str, Any]
OWN = "111122223333"
OURS: Json = {"boundary": {"accounts": [OWN]}}
SERVICE: Json = {"Service": "cloudtrail.amazonaws.com"}
TOPIC: Json = {"Ref": "Topic"}
NAME: Json = {"Fn::GetAtt": ["Topic", "TopicName"]}
ANY_TRAIL = "arn:aws:cloudtrail:*:${AWS::AccountId}:trail/*"


def template(principal: object, topic: object = None, **trail: object) -> Json:
    """A topic that lets somebody publish, and a trail."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sns:Publish", "Resource": TOPIC}
    content = {"Version": "2012-10-17", "Statement": [statement]}
    policy = {"Topics": [TOPIC], "PolicyDocument": content}
    resources: Json = {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "trails"}},
        "Policy": {"Type": "AWS::SNS::TopicPolicy", "Properties": policy},
    }
    if topic is not None:
        properties = {"S3BucketName": "logs", "IsLogging": True, "SnsTopicName": topic, **trail}
        resources["Trail"] = {"Type": "AWS::CloudTrail::Trail", "Properties": properties}
    return {"Resources": resources}


def remedy(given: Json | Path) -> trustproof.Remedy:
    """What is to be done about the one finding."""
    report = trustproof.check([given], config=OURS, account=OWN)
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    return found.remedy


@pytest.mark.parametrize(
    ("given", "arn"),
    [
        (template(SERVICE), ANY_TRAIL),
        (template(SERVICE, TOPIC), ANY_TRAIL),
        (template(SERVICE, NAME, TrailName={"Ref": "Called"}), ANY_TRAIL),
        (
            template(SERVICE, NAME, TrailName="main"),
            "arn:aws:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/main",
        ),
    ],
)
def test_a_trail_is_named_by_its_arn(given: Json, arn: str) -> None:
    """The ARN is written out: a trail that is referred to would wait for the policy that it is made by."""
    said = remedy(given)
    assert f'{{"ArnLike": {{"aws:SourceArn": {{"Fn::Sub": "{arn}"}}}}}}' in "".join(said.diff)
    after = trustproof.check([edited(given, said.edits)], config=OURS, account=OWN)
    assert {one.verdict for one in after.results} == {trustproof.PROVED}


@pytest.mark.parametrize("topic", [TOPIC, NAME, "trails"])
def test_a_trail_is_kept_in(topic: object) -> None:
    """A topic that everybody may publish to, and a trail does, names the service in place of everybody: in words."""
    said = remedy(template("*", topic))
    assert "name the service cloudtrail.amazonaws.com, with aws:SourceArn" in said.text
    assert not said.edits


def test_a_trail_elsewhere_is_in_nobodys_way() -> None:
    """What publishes to another topic decides nothing here."""
    assert remedy(template("*", "others")).edits


@pytest.mark.parametrize("topic", ["aws_sns_topic.t.name", "aws_sns_topic.t.arn", '"trails"'])
def test_a_trail_of_terraform_is_kept_in(topic: str, tmp_path: Path) -> None:
    """The same of a configuration of Terraform."""
    (tmp_path / "main.tf").write_text(
        f"""
        resource "aws_sns_topic" "t" {{
          name = "trails"
        }}
        resource "aws_s3_bucket" "same_name" {{
          bucket = "trails"
        }}
        resource "aws_sns_topic_policy" "p" {{
          arn    = aws_sns_topic.t.arn
          policy = jsonencode({{ Version = "2012-10-17", Statement = [
            {{ Effect = "Allow", Principal = "*", Action = "sns:Publish", Resource = aws_sns_topic.t.arn }}] }})
        }}
        resource "aws_cloudtrail" "c" {{
          name           = "main"
          s3_bucket_name = "logs"
          sns_topic_name = {topic}
        }}
        """,
        encoding="utf-8",
    )
    assert "name the service cloudtrail.amazonaws.com, with aws:SourceArn" in remedy(tmp_path).text

"""
`trustproof.diff` of access to what AWS gives a name, in another template than whoever uses it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

OWN = "111122223333"
USER = f"arn:aws:iam::{OWN}:user/u"
ROLE = f"arn:aws:iam::{OWN}:role/r"
QUEUE, BUCKET = {"Fn::ImportValue": "queue"}, {"Fn::Join": ["", [{"Fn::ImportValue": "bucket"}, "/*"]]}


def allow(action: str, resource: object, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def policy(*statements: object) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def data(*statements: dict[str, Any]) -> dict[str, Any]:
    """A bucket, and a queue with a policy, that have no names of their own and are exported."""
    said = policy(*({**one, "Resource": {"Fn::GetAtt": ["Queue", "Arn"]}} for one in statements))
    exported = {"queue": "Queue", "bucket": "Bucket"}
    return {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Queue": {"Type": "AWS::SQS::Queue"},
            "QP": {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": said},
            },
        },
        "Outputs": {
            name: {"Value": {"Fn::GetAtt": [of, "Arn"]}, "Export": {"Name": name}} for name, of in exported.items()
        },
    }


def people(kind: str, *statements: object, boundary: tuple[object, ...] = ()) -> dict[str, Any]:
    """A user or role with a policy, and with a permissions boundary."""
    given: dict[str, Any] = {"UserName": "u"} if kind == "User" else {"RoleName": "r"}
    if kind == "Role":
        service = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        given["AssumeRolePolicyDocument"] = policy(service)
    if statements:
        given["Policies"] = [{"PolicyName": "p", "PolicyDocument": policy(*statements)}]
    resources: dict[str, Any] = {"Who": {"Type": f"AWS::IAM::{kind}", "Properties": given}}
    if boundary:
        given["PermissionsBoundary"] = {"Ref": "Limit"}
        about = {"PolicyDocument": policy(*boundary)}
        resources["Limit"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": about}
    return {"Resources": resources}


NAMED = [allow("sqs:SendMessage", "*", Principal={"AWS": arn}) for arn in (USER, ROLE)]
DENIED = {**allow("sqs:*", QUEUE), "Effect": "Deny"}
SENDING, READING = allow("sqs:SendMessage", QUEUE), allow("s3:GetObject", BUCKET)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # Whom the policy of the queue names, a boundary stops that is about a bucket.
        ((people("Role", boundary=(READING,)), data(*NAMED)), (people("Role"), data(*NAMED))),
        # A Deny of the boundary is gone.
        (
            (people("User", boundary=(DENIED, READING)), data(*NAMED)),
            (people("User", boundary=(READING,)), data(*NAMED)),
        ),
        # The queue denies it no more to whom a policy allows it that is about a bucket as well.
        (
            (people("User", SENDING, READING), data({**NAMED[0], "Effect": "Deny"}, NAMED[1])),
            (people("User", SENDING, READING), data(NAMED[1])),
        ),
    ],
)
def test_what_has_no_name_yet_is_one_thing(tmp_path: Path, old: tuple[Any, Any], new: tuple[Any, Any]) -> None:
    """Whatever AWS calls it: what is gained is not left open by the names of other things."""
    for side, templates in (("old", old), ("new", new)):
        for name, template in zip(("people", "data"), templates, strict=True):
            (tmp_path / side).mkdir(exist_ok=True)
            (tmp_path / side / f"{name}.json").write_text(json.dumps(template), encoding="utf-8")
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account=OWN, region="eu-west-1")
    assert {one.counterexample.request.action for one in found.gained} == {"sqs:SendMessage"}
    back = trustproof.diff(tmp_path / "new", tmp_path / "old", account=OWN, region="eu-west-1")
    assert not back.gained

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


def unnamed(*statements: object) -> dict[str, Any]:
    """A role without a name of its own, which is exported."""
    template = people("Role", *statements)
    del template["Resources"]["Who"]["Properties"]["RoleName"]
    exported = {"Value": {"Fn::GetAtt": ["Who", "Arn"]}, "Export": {"Name": "who"}}
    return {**template, "Outputs": {"who": exported}}


def exempting(*named: dict[str, Any]) -> dict[str, Any]:
    """A queue with its policy, and the role beside it that its policies may name."""
    beside = unnamed(allow("sqs:SendMessage", "*"))["Resources"]
    template = data(*named)
    return {**template, "Resources": {**template["Resources"], "Own": beside["Who"]}}


def unless(arn: object) -> dict[str, Any]:
    return {
        **allow("sqs:SendMessage", "*", Principal="*", Condition={"ArnNotEquals": {"aws:PrincipalArn": arn}}),
        "Effect": "Deny",
    }


#: Nobody sends by it.
KEPT = allow("sqs:ReceiveMessage", "*", Principal={"AWS": ROLE})
OTHERS = unless({"Fn::GetAtt": ["Own", "Arn"]})
IMPORTED: Any = {"AWS": {"Fn::ImportValue": "who"}}


@pytest.mark.parametrize(
    ("sender", "old", "new"),
    [
        # Exempt is the role of the queue's own template, which has no name either.
        (unnamed(SENDING), exempting(OTHERS, KEPT), exempting(KEPT)),
        (people("User", SENDING), exempting(OTHERS, KEPT), exempting(KEPT)),
        # What denies it names the sender itself.
        (unnamed(SENDING), data({**NAMED[0], "Principal": IMPORTED, "Effect": "Deny"}, KEPT), data(KEPT)),
    ],
)
def test_whom_a_deny_names_or_exempts_may_have_no_name_yet(tmp_path: Path, sender: Any, old: Any, new: Any) -> None:
    """What AWS will call a role of another template does not leave open who is denied."""
    for side, template in (("old", old), ("new", new)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "people.json").write_text(json.dumps(sender), encoding="utf-8")
        (tmp_path / side / "data.json").write_text(json.dumps(template), encoding="utf-8")
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account=OWN, region="eu-west-1")
    assert [one.counterexample.request.action for one in found.gained] == ["sqs:SendMessage"]
    assert "Who" in found.gained[0].counterexample.request.caller.arn or "user/u" in str(found.gained[0])
    back = trustproof.diff(tmp_path / "new", tmp_path / "old", account=OWN, region="eu-west-1")
    assert back.lost
    assert not back.gained


def test_whom_a_deny_still_exempts_has_lost_and_gained_nothing(tmp_path: Path) -> None:
    """The role that the sender's template makes, and the policy of the queue in another template exempts."""
    for side, statements in (("old", (unless(IMPORTED["AWS"]), KEPT)), ("new", (KEPT,))):
        (tmp_path / side).mkdir()
        (tmp_path / side / "people.json").write_text(json.dumps(unnamed(SENDING)), encoding="utf-8")
        (tmp_path / side / "data.json").write_text(json.dumps(data(*statements)), encoding="utf-8")
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account=OWN, region="eu-west-1")
    assert not found.gained
    assert not found.lost

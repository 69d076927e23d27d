"""
Differences of whatever is read: plans of Terraform, policies by themselves, dumps of an account.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

HUB, OWN = "111122223333", "222233334444"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
Json = dict[str, Any]


def trust(**condition: Json) -> Json:
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{HUB}:root"}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}


def template(policy: Json) -> Json:
    """A role in a template of CloudFormation."""
    properties = {"RoleName": "admin", "AssumeRolePolicyDocument": policy}
    return {"Resources": {"Admin": {"Type": "AWS::IAM::Role", "Properties": properties}}}


def plan(policy: Json) -> Json:
    """The same role in a plan of Terraform."""
    values = {"name": "admin", "assume_role_policy": json.dumps(policy)}
    name = "registry.terraform.io/hashicorp/aws"
    resource = {
        "address": "aws_iam_role.admin",
        "mode": "managed",
        "type": "aws_iam_role",
        "name": "admin",
        "provider_name": name,
        "values": values,
    }
    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": {}}
    expressions = {"name": {"constant_value": "admin"}, "assume_role_policy": {}}
    written = {**resource, "provider_config_key": "aws", "expressions": expressions}
    del written["values"]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": [resource]}},
        "resource_changes": [{**resource, "change": change}],
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": name}},
            "root_module": {"resources": [written]},
        },
    }


def dump(policy: Json) -> Json:
    """The same role as an account says it."""
    role = {
        "Path": "/",
        "RoleName": "admin",
        "RoleId": "AROAEXAMPLEEXAMPLEEX",
        "Arn": f"arn:aws:iam::{OWN}:role/admin",
        "CreateDate": "2026-01-01T00:00:00+00:00",
        "AssumeRolePolicyDocument": policy,
        "InstanceProfileList": [],
        "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": [],
    }
    return {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [role], "Policies": []}


@pytest.mark.parametrize(
    "made", [template, plan, dump, lambda policy: policy], ids=["template", "plan", "dump", "policy"]
)
def test_every_input_is_compared(made: Any, tmp_path: Path) -> None:
    """A condition less lets in whoever did not meet it, wherever the policy is read; the same is no difference."""
    held, open_ = made(trust(**MFA)), made(trust())
    for name, content in (("held.json", held), ("open.json", open_)):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    found = trustproof.diff(tmp_path / "held.json", tmp_path / "open.json", account=OWN)
    assert [one.direction for one in found.access] == ["gained"]
    assert found.access[0].counterexample.context["aws:MultiFactorAuthPresent"] is None
    assert not found.undecided
    assert trustproof.diff(tmp_path / "held.json", tmp_path / "held.json", account=OWN).is_empty


def test_what_is_deployed_is_compared_with_what_is_planned(tmp_path: Path) -> None:
    """Two kinds of input have the same role by its name."""
    for name, content in (("dump.json", dump(trust(**MFA))), ("plan.json", plan(trust(**MFA)))):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "open.json").write_text(json.dumps(plan(trust())), encoding="utf-8")
    assert not trustproof.diff(tmp_path / "dump.json", tmp_path / "plan.json", account=OWN).access
    found = trustproof.diff(tmp_path / "dump.json", tmp_path / "open.json", account=OWN)
    assert [one.direction for one in found.access] == ["gained"]


def test_what_a_dump_does_not_say_is_no_change(tmp_path: Path) -> None:
    """A template and the dump of what is deployed are alike, though a dump says nothing of how long sessions last."""
    for name, content in (("dump.json", dump(trust(**MFA))), ("role.json", template(trust(**MFA)))):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    dumped, made = tmp_path / "dump.json", tmp_path / "role.json"
    assert trustproof.diff(dumped, made, account=OWN).is_empty
    assert trustproof.diff(made, dumped, account=OWN).is_empty
    opened = template(trust())
    found = trustproof.diff(dumped, opened, account=OWN)
    assert [one.property for one in found.verdicts] == ["mfa-required"]


def test_a_parameter_that_only_one_side_has_is_no_mistake() -> None:
    """One that neither has is."""
    old = template(trust(**MFA))
    new = {**old, "Parameters": {"Any": {"Type": "String"}}}
    assert trustproof.diff(old, new, parameters={"Any": "x"}, account=OWN).is_empty
    with pytest.raises(trustproof.UsageError, match="no template has a parameter called Other"):
        trustproof.diff(old, new, parameters={"Other": "x"})


def refusable(action: object, given: str = "s3:GetObject") -> Json:
    """A queue that lets in another account, with a role that may do something."""
    statement = {"Effect": "Allow", "Principal": {"AWS": HUB}, "Action": action, "Resource": "*"}
    queue = {"Queues": [f"https://sqs.us-east-1.amazonaws.com/{OWN}/q"], "PolicyDocument": {"Statement": [statement]}}
    allow = {"Effect": "Allow", "Action": given, "Resource": "arn:aws:s3:::b/*"}
    held = {"PolicyName": "p", "PolicyDocument": {"Statement": [allow]}}
    made = template(trust(**MFA))
    made["Resources"]["Admin"]["Properties"]["Policies"] = [held]
    return {"Resources": {**made["Resources"], "Queue": {"Type": "AWS::SQS::QueuePolicy", "Properties": queue}}}


@pytest.mark.parametrize("sides", [("old",), ("new",), ("old", "new")])
def test_what_aws_would_refuse_is_said_with_its_side_and_the_rest_is_compared(sides: tuple[str, ...]) -> None:
    """Of the policy itself nothing is gained or lost, and no verdict about it changes."""
    action = {side: [""] if side in sides else "sqs:SendMessage" for side in ("old", "new")}
    found = trustproof.diff(refusable(action["old"]), refusable(action["new"], "s3:*"), account=OWN)
    assert [one.where.logical_id for one in found] == ["Admin"]
    assert [one.direction for one in found.access] == ["gained"]
    assert [error.message.partition(":")[0] for error in found.errors] == [f"on the {side} side" for side in sides]
    assert not trustproof.diff(refusable([""]), refusable([""]), account=OWN).is_empty


def test_a_control_policy_that_changes_is_not_decided() -> None:
    """It gives nothing to anybody, and what it stops is not compared; the same one says nothing."""

    def controlled(action: str) -> Json:
        content = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]}
        properties = {"Name": "deny", "Type": "SERVICE_CONTROL_POLICY", "Content": content}
        return {"Resources": {"Deny": {"Type": "AWS::Organizations::Policy", "Properties": properties}}}

    found = trustproof.diff(controlled("iam:*"), controlled("s3:*"))
    assert not found.access
    assert found.undecided
    assert trustproof.diff(controlled("iam:*"), {**controlled("iam:*"), "Description": "x"}).is_empty


def account(*policies: Json, attached: str = "", boundary: str = "") -> Json:
    """A whole account: a user, managed policies by their actions, and which of them the user has."""
    listed = [
        {
            "PolicyName": name,
            "Arn": f"arn:aws:iam::{OWN}:policy/{name}",
            "Path": "/",
            "PolicyVersionList": [
                {
                    "VersionId": "v1",
                    "IsDefaultVersion": True,
                    "Document": {
                        "Version": "2012-10-17",
                        "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}],
                    },
                }
            ],
        }
        for one in policies
        for name, action in one.items()
    ]
    has = [{"PolicyName": attached, "PolicyArn": f"arn:aws:iam::{OWN}:policy/{attached}"}] if attached else []
    user: Json = {
        "UserName": "alice",
        "Path": "/",
        "Arn": f"arn:aws:iam::{OWN}:user/alice",
        "AttachedManagedPolicies": has,
    }
    if boundary:
        user["PermissionsBoundary"] = {"PermissionsBoundaryArn": f"arn:aws:iam::{OWN}:policy/{boundary}"}
    return {"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": listed}


READS, WRITES = {"p": "s3:GetObject"}, {"p": "s3:*"}


@pytest.mark.parametrize(
    ("old", "new", "directions"),
    [
        (account(), account(READS), []),
        (account(READS), account(WRITES), []),
        (account(WRITES, boundary="p"), account(), []),
        (account(READS), account(READS, attached="p"), ["gained"]),
        (account(READS, attached="p"), account(WRITES, attached="p"), ["gained"]),
        (account(READS, attached="p"), account(READS), ["lost"]),
    ],
)
def test_a_policy_that_nobody_of_a_whole_account_has_gives_nothing(
    old: Json, new: Json, directions: list[str], tmp_path: Path
) -> None:
    """A template's policy may be attached elsewhere; what an account says of itself is all there is."""
    for name, content in (("old.json", old), ("new.json", new)):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    found = trustproof.diff(tmp_path / "old.json", tmp_path / "new.json")
    assert [one.direction for one in found.access] == directions
    assert not found.undecided

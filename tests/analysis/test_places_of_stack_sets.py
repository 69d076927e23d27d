"""
The stacks of a StackSet are in accounts and Regions of their own: those of the template that has the set are others.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]

OWN, MATE, FOREIGN = "111122223333", "222233334444", "999988887777"
CONFIG: Json = {"boundary": {"accounts": [OWN, MATE]}}
IN_EUROPE: Json = {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}
IN_MATE: Json = {"Fn::Equals": [{"Ref": "AWS::AccountId"}, MATE]}


def other_than(name: str, value: object) -> Json:
    """That a pseudo parameter is not what the stack is passed."""
    return {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, value]}]}


def stack_set(passed: object = "x", condition: object = None, **more: object) -> Json:
    """A template with a StackSet in two accounts and two Regions."""
    properties: Json = {
        "StackSetName": "set",
        "PermissionModel": "SELF_MANAGED",
        "TemplateURL": "inner.json",
        "Parameters": [{"ParameterKey": "Given", "ParameterValue": passed}],
        "StackInstancesGroup": [
            {"Regions": ["us-east-1", "eu-west-1"], "DeploymentTargets": {"Accounts": [OWN, MATE]}}
        ],
        **more,
    }
    made: Json = {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}
    if condition is None:
        return {"Resources": {"Set": made}}
    return {"Conditions": {"There": condition}, "Resources": {"Set": {**made, "Condition": "There"}}}


def role(principal: object, *more: Json, condition: object = None) -> Json:
    """A template with a role that lets somebody in, with a parameter that it is passed."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement, *more]}
    made = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    found: Json = {"Parameters": {"Given": {"Type": "String"}}, "Resources": {"Role": made}}
    return found if condition is None else {**found, "Conditions": {"C": condition}}


def foreign_where(condition: object) -> Json:
    """A role that lets in somebody outside where a condition holds."""
    return role({"Fn::If": ["C", FOREIGN, OWN]}, condition=condition)


def verdict(tmp_path: Path, files: dict[str, Json], ident: str = "inside-boundary", **more: object) -> str:
    """What is said of the role."""
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    paths = [str(tmp_path / name) for name in files]
    found = trustproof.check(paths, properties=[ident], config=CONFIG, **more)  # type: ignore[arg-type]
    assert found.errors == ()
    return {one.logical_id.rpartition("/")[2]: one.verdict for one in found.results}["Role"]


REGION, ACCOUNT = {"Ref": "AWS::Region"}, {"Ref": "AWS::AccountId"}
GIVEN = {"Ref": "Given"}
PASSED = [
    (stack_set(REGION), other_than("AWS::Region", GIVEN)),
    (stack_set({"Fn::Sub": "${AWS::Region}"}), other_than("AWS::Region", GIVEN)),
    (
        stack_set({"Fn::Sub": "x-${AWS::Region}"}),
        other_than("AWS::Region", {"Fn::Select": [1, {"Fn::Split": ["x-", GIVEN]}]}),
    ),
    (stack_set(ACCOUNT), other_than("AWS::AccountId", GIVEN)),
    (
        stack_set(
            StackInstancesGroup=[
                {
                    "Regions": ["us-east-1", "eu-west-1"],
                    "DeploymentTargets": {"Accounts": [OWN]},
                    "ParameterOverrides": [{"ParameterKey": "Given", "ParameterValue": REGION}],
                }
            ]
        ),
        {"Fn::And": [other_than("AWS::Region", GIVEN), {"Fn::Not": [{"Fn::Equals": [GIVEN, "x"]}]}]},
    ),
    (stack_set(condition={"Fn::Not": [IN_EUROPE]}), IN_EUROPE),
    (stack_set(condition={"Fn::Not": [IN_MATE]}), IN_MATE),
    (stack_set(condition={"Fn::Equals": [ACCOUNT, OWN]}), IN_MATE),
]


@pytest.mark.parametrize(("around", "condition"), PASSED)
@pytest.mark.parametrize("region", [None, "us-east-1"])
@pytest.mark.parametrize("account", [None, OWN])
def test_the_place_of_the_set_is_not_that_of_its_stacks(
    tmp_path: Path, around: Json, condition: object, region: str | None, account: str | None
) -> None:
    """Somebody who gets in where a stack is elsewhere than its set is found: both were taken to be in one place."""
    files = {"outer.json": around, "inner.json": foreign_where(condition)}
    assert verdict(tmp_path, files, region=region, account=account) == "refuted"


def test_a_template_that_the_set_carries(tmp_path: Path) -> None:
    """The same of a template that stands in the set as text."""
    inner = json.dumps(foreign_where(other_than("AWS::Region", GIVEN)))
    around = stack_set(REGION, TemplateURL={"Ref": "AWS::NoValue"}, TemplateBody=inner)
    assert verdict(tmp_path, {"outer.json": around}) == "refuted"


def test_what_a_nested_stack_passes_on(tmp_path: Path) -> None:
    """The same where the set stands in a nested stack, which is passed the Region."""
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "outer.json", "Parameters": {"On": REGION}},
    }
    middle = {**stack_set({"Ref": "On"}), "Parameters": {"On": {"Type": "String"}}}
    files = {
        "top.json": {"Resources": {"Nested": nested}},
        "outer.json": middle,
        "inner.json": foreign_where(other_than("AWS::Region", GIVEN)),
    }
    assert verdict(tmp_path, files) == "refuted"


@pytest.mark.parametrize("condition", [other_than("AWS::Region", GIVEN), other_than("AWS::AccountId", {"Ref": "Id"})])
def test_a_nested_stack_is_where_its_parent_is(tmp_path: Path, condition: object) -> None:
    """A stack that is nested in another one is in the same account and Region."""
    passed = {"Given": REGION, "Id": ACCOUNT}
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "inner.json", "Parameters": passed}}
    inner = foreign_where(condition)
    inner["Parameters"] = {"Given": {"Type": "String"}, "Id": {"Type": "String"}}
    assert verdict(tmp_path, {"outer.json": {"Resources": {"Nested": nested}}, "inner.json": inner}) == "proved"


ROOT: Json = {"Fn::Sub": "arn:${AWS::Partition}:iam::${Given}:root"}
ANYBODY_OF: Json = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "*",
    "Condition": {"StringNotEquals": {"aws:PrincipalAccount": GIVEN}},
}


@pytest.mark.parametrize("inner", [role(GIVEN), role(ROOT), role("*", ANYBODY_OF)])
def test_the_account_of_the_set_is_ours(tmp_path: Path, inner: Json) -> None:
    """Who has the set may let in the account that has it."""
    assert verdict(tmp_path, {"outer.json": stack_set(ACCOUNT), "inner.json": inner}) == "proved"


def test_the_account_of_the_set_is_not_that_of_its_stacks(tmp_path: Path) -> None:
    """A Deny for the own account stops nobody of the account that has the set."""
    deny: Json = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:PrincipalAccount": ACCOUNT},
            "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"},
        },
    }
    files = {"outer.json": stack_set(ACCOUNT), "inner.json": role(GIVEN, deny)}
    assert verdict(tmp_path, files, "mfa-required") == "refuted"


@pytest.mark.parametrize(("resource", "expected"), [("Given", "proved"), ("Other", "unknown")])
def test_roles_of_the_account_of_the_set_may_be_assumed(tmp_path: Path, resource: str, expected: str) -> None:
    """Roles where the set is are one's own; those of an account that somebody gives may be of anybody."""
    may = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": {"Fn::Sub": f"arn:aws:iam::${{{resource}}}:role/hub"},
    }
    policy = {"PolicyName": "hub", "PolicyDocument": {"Version": "2012-10-17", "Statement": [may]}}
    inner = role(OWN)
    inner["Parameters"] = {"Given": {"Type": "String"}, "Other": {"Type": "String"}}
    inner["Resources"]["Role"]["Properties"]["Policies"] = [policy]  # type: ignore[index]
    files = {"outer.json": stack_set(ACCOUNT), "inner.json": inner}
    assert verdict(tmp_path, files, "assume-role-scoped") == expected


def test_a_set_imports_where_its_stacks_are(tmp_path: Path) -> None:
    """What is exported once is exported in one place; the stacks of a set are in several."""
    files = {
        "outer.json": {**stack_set(), "Outputs": {"Hub": {"Value": OWN, "Export": {"Name": "hub"}}}},
        "inner.json": role({"Fn::ImportValue": "hub"}),
    }
    assert verdict(tmp_path, files) == "unknown"


@pytest.mark.parametrize(
    ("regions", "expected"), [(["us-east-1", "eu-west-1"], "proved"), (["cn-north-1", "cn-northwest-1"], "refuted")]
)
def test_the_regions_of_a_set_say_its_partition(tmp_path: Path, regions: list[str], expected: str) -> None:
    """The stacks of a set are in the partition of its Regions, and are judged in no other one."""
    there = {"Regions": regions, "DeploymentTargets": {"Accounts": [OWN]}}
    inner = foreign_where({"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws-cn"]})
    assert verdict(tmp_path, {"outer.json": stack_set(StackInstancesGroup=[there]), "inner.json": inner}) == expected

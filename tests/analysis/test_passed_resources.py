"""
What a stack passes to a nested one of its own resources: their names, and what these are made of.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.analysis.stacks import HUB, MFA, NO_MFA, OUTSIDE, Json, document, may, resource, template, trusting
from trustproof import PROVED, REFUTED

NAMES: dict[str, Json] = {
    "generated": {},
    "by a parameter": {"Name": {"Fn::Sub": "x-${Stage}"}},
    "by its stack": {"Name": {"Fn::Sub": "${AWS::StackName}-x"}},
}
STAGE: Json = {"Type": "String", "AllowedValues": ["dev", "prod"], "Default": "dev"}
FLAG: Json = {"Type": "String", "AllowedValues": ["true", "false"], "Default": "true"}
TEXT: Json = {"Type": "String"}


def nested(url: str, **passed: object) -> Json:
    """A nested stack."""
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": passed}}


def checked(
    folder: Path, about: str, parent: Json, child: Json, between: Json | None = None
) -> list[trustproof.Result]:
    """What is said of the templates of two stacks, or of three."""
    files = {"parent.json": parent, "child.json": child, **({"between.json": between} if between else {})}
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [folder], account=HUB, region="eu-west-1", config={"boundary": {"accounts": [HUB]}}, properties=[about]
    )
    assert not report.errors
    return list(report.results)


def bucket(named: Json, on: object) -> Json:
    """A bucket with settings against public policies."""
    name = {"BucketName": named["Name"]} if named else {}
    block = {"BlockPublicPolicy": on, "RestrictPublicBuckets": on}
    return {"Type": "AWS::S3::Bucket", "Properties": {**name, "PublicAccessBlockConfiguration": block}}


def public(named: object) -> Json:
    """A template with a public policy of a bucket."""
    arn = {"Fn::Sub": ["arn:aws:s3:::${Name}/*", {"Name": named}]}
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": arn}
    properties = {"Bucket": named, "PolicyDocument": document(anyone)}
    return {
        "Parameters": {"Name": TEXT},
        "Resources": {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}},
    }


@pytest.mark.parametrize("named", NAMES)
@pytest.mark.parametrize(
    ("on", "passed", "condition", "refuted_at"),
    [
        (True, {"Ref": "Kept"}, None, None),
        (True, {"Ref": "Open"}, None, {}),
        ({"Ref": "On"}, {"Ref": "Kept"}, None, {"On": "false"}),
        (True, {"Fn::If": ["IsDev", {"Ref": "Kept"}, {"Ref": "Open"}]}, None, {"Stage": "prod"}),
        # Where it is not made, somebody else has the bucket.
        (True, {"Fn::If": ["IsDev", {"Ref": "Kept"}, "elsewhere"]}, "IsDev", {"Stage": "prod"}),
    ],
)
def test_the_settings_of_a_bucket_that_is_passed_count(
    on: object, passed: object, condition: str | None, refuted_at: Json | None, named: str, tmp_path: Path
) -> None:
    """They stand in the stack that makes the bucket, at the values of its parameters."""
    kept = {**bucket(NAMES[named], on), **({"Condition": condition} if condition else {})}
    parent = template(
        Parameters={"Stage": STAGE, "On": FLAG},
        Conditions={"IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}},
        Kept=kept,
        Open=bucket({}, False),
        Child=nested("child.json", Name=passed),
    )
    (found,) = checked(tmp_path, "inside-boundary", parent, public({"Ref": "Name"}))
    assert found.verdict == (PROVED if refuted_at is None else REFUTED)
    if found.counterexample is not None:
        told = {name.rpartition("/")[2]: value for name, value in found.counterexample.parameters.items()}
        assert told.items() >= (refuted_at or {}).items()


ENV: Json = {"Fn::Sub": "x-${Env}"}
ENVS: Json = {"Env": STAGE}
ANY_ENV: Json = {"Env": {"Type": "String", "Default": "dev"}}
ON: Json = {"On": {"Type": "String", "Default": "true"}}
IS_DEV: Json = {"IsDev": {"Fn::Equals": [{"Ref": "Env"}, "dev"]}}
DEV_OR_TEST: Json = {"Fn::If": ["IsDev", {"Ref": "Env"}, "test"]}


@pytest.mark.parametrize("makes", ["parent", "child", "between"])
@pytest.mark.parametrize(
    ("declared", "name", "on", "condition", "passed", "expected"),
    [
        (ENVS, ENV, True, None, {"Ref": "Env"}, (PROVED, [])),
        (ENVS, ENV, False, None, {"Ref": "Env"}, (REFUTED, [])),
        (ANY_ENV, ENV, True, None, {"Ref": "Env"}, (PROVED, [])),
        # Elsewhere it is not made, or is the bucket of somebody else.
        (ENVS, ENV, True, "IsDev", {"Ref": "Env"}, (REFUTED, ["Env"])),
        (ENVS, ENV, True, None, DEV_OR_TEST, (REFUTED, ["Env"])),
        (ENVS, ENV, True, None, "dev", (REFUTED, [])),
        (ENVS, "x-dev", True, None, {"Ref": "Env"}, (PROVED, [])),
        ({**ENVS, **ON}, "x-dev", {"Ref": "On"}, None, {"Ref": "Env"}, (PROVED, ["On"])),
    ],
)
def test_a_bucket_that_two_stacks_name_in_the_same_way_is_one(
    declared: Json,
    name: object,
    on: object,
    condition: str | None,
    passed: object,
    expected: tuple[str, list[str]],
    makes: str,
    tmp_path: Path,
) -> None:
    """What one passes to the other is the same parameter; what a proof rests on, and where it fails, is told."""
    made = {**bucket({"Name": name}, on), **({"Condition": condition} if condition else {})}
    policy = public(name)["Resources"]["Policy"]
    given = {"Env": passed, **({"On": {"Ref": "On"}} if "On" in declared else {})}
    conditions = {"Conditions": IS_DEV} if "IsDev" in (condition, *str(passed).split("'")) else {}
    inner = {"Parameters": dict.fromkeys(declared, TEXT), **conditions}
    child = template(**inner, **({"Kept": made} if makes == "child" else {"Policy": policy}))
    between = template(**inner, Kept=made) if makes == "between" else None
    own: Json = {"parent": {"Kept": made}, "child": {"Policy": policy}}.get(
        makes, {"Beside": nested("between.json", **{key: {"Ref": key} for key in declared})}
    )
    parent = template(Parameters=declared, **conditions, Child=nested("child.json", **given), **own)
    (found,) = checked(tmp_path, "inside-boundary", parent, child, between)
    told = dict(found.at_defaults) if found.counterexample is None else found.counterexample.parameters
    verdict, names = expected
    assert found.verdict == verdict
    assert {*names} <= {one.rpartition("/")[2] for one in told}


@pytest.mark.parametrize("named", NAMES)
@pytest.mark.parametrize("denied", ["User", "Other"])
@pytest.mark.parametrize("hops", [1, 2])
def test_a_user_that_is_passed_is_denied_what_the_nested_stack_says(
    hops: int, denied: str, named: str, tmp_path: Path
) -> None:
    """A policy of another user denies it nothing."""
    name = {"UserName": NAMES[named]["Name"]} if NAMES[named] else {}
    administrator = [{"PolicyName": "all", "PolicyDocument": document(may("Allow", "iam:*"))}]
    parent = template(
        Parameters={"Stage": STAGE},
        User=resource("User", Policies=administrator, **name),
        Other=resource("User"),
        Child=nested("child.json" if hops == 1 else "between.json", Name={"Ref": denied}),
    )
    denying = resource(
        "Policy", PolicyName="mfa", Users=[{"Ref": "Name"}], PolicyDocument=document(may("Deny", "*", NO_MFA))
    )
    child = template(Parameters={"Name": TEXT}, Policy=denying)
    between = template(Parameters={"Name": TEXT}, Inner=nested("child.json", Name={"Ref": "Name"}))
    results = checked(tmp_path, "sensitive-actions-require-mfa", parent, child, between if hops == 2 else None)
    (found,) = (one for one in results if one.logical_id == "User")
    assert found.verdict == (PROVED if denied == "User" else REFUTED)


@pytest.mark.parametrize("allows", [False, True])
def test_a_managed_policy_that_is_passed_is_read(allows: bool, tmp_path: Path) -> None:
    """It needs no name of its own."""
    said = document(may("Allow", "iam:*") if allows else may("Deny", "*", NO_MFA))
    parent = template(
        Managed=resource("ManagedPolicy", PolicyDocument=said), Child=nested("child.json", Arn={"Ref": "Managed"})
    )
    own = [{"PolicyName": "all", "PolicyDocument": document(may("Allow", "iam:*"))}]
    user = resource("User", ManagedPolicyArns=[{"Ref": "Arn"}], **({} if allows else {"Policies": own}))
    results = checked(tmp_path, "sensitive-actions-require-mfa", parent, template(Parameters={"Arn": TEXT}, User=user))
    assert (REFUTED in {one.verdict for one in results}) is allows


STORED: Json = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "Hub"}}}
QUEUE: Json = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Hub"}}}


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    ("made", "passed"),
    [
        (STORED, {"Fn::GetAtt": ["Made", "Value"]}),
        (STORED, {"Fn::Sub": "arn:aws:iam::${Made.Value}:root"}),
        (QUEUE, {"Fn::GetAtt": "Made.QueueName"}),
    ],
)
def test_what_a_resource_is_made_of_is_passed_with_it(
    made: Json, passed: object, *, listed: bool, tmp_path: Path
) -> None:
    """A nested stack is judged at each value of the parameter behind it, or at the default, which is named."""
    hub: Json = {"Type": "String", "Default": HUB, **({"AllowedValues": [HUB, OUTSIDE]} if listed else {})}
    parent = template(Parameters={"Hub": hub}, Made=made, Child=nested("child.json", Hub=passed))
    child = template(Parameters={"Hub": TEXT}, Role=trusting({"Ref": "Hub"}, MFA))
    (found,) = checked(tmp_path, "inside-boundary", parent, child)
    assert found.verdict == (REFUTED if listed else PROVED)
    told = found.at_defaults if found.counterexample is None else found.counterexample.parameters
    assert [*dict(told).values()] == [OUTSIDE if listed else HUB]

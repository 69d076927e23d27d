"""
A loop over what a parameter decides declares resources in some deployments: all of these are judged.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
OWN, OUTSIDE = "111122223333", "222233334444"
REF: Json = {"Ref": "P"}
MAPPED: Json = {"Fn::FindInMap": ["Accounts", REF, "Ids"]}
SPLIT: Json = {"Fn::Split": ["|", REF]}
LIST: Json = {"Type": "CommaDelimitedList"}
TEXT: Json = {"Type": "String"}
STAGES: Json = {**TEXT, "AllowedValues": ["dev", "prod"], "Default": "dev"}


def template(collection: object, declared: Json) -> Json:
    """A role for each account of a collection."""
    allow = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${Account}:root"}},
    }
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [allow]}}
    body = {"For${Account}": {"Type": "AWS::IAM::Role", "Properties": role}}
    return {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"P": declared},
        "Mappings": {"Accounts": {"dev": {"Ids": [OWN]}, "prod": {"Ids": [OWN, OUTSIDE]}}},
        "Resources": {"Fn::ForEach::Roles": ["Account", collection, body]},
    }


#: The collection, the parameter, its value where it is given, and the verdicts about the roles.
CASES: list[tuple[object, Json, str | None, dict[str, str]]] = [
    (REF, {**LIST, "Default": OWN}, None, {OWN: "proved"}),
    (REF, {**LIST, "AllowedValues": [OWN]}, None, {OWN: "proved"}),
    (REF, {**LIST, "AllowedValues": [OWN, OUTSIDE], "Default": OWN}, None, {OWN: "proved", OUTSIDE: "refuted"}),
    (REF, {**LIST, "AllowedValues": [OWN, OUTSIDE]}, None, {OWN: "proved", OUTSIDE: "refuted"}),
    (REF, {**LIST, "AllowedValues": [OWN, OUTSIDE]}, OWN, {OWN: "proved"}),
    (MAPPED, STAGES, None, {OWN: "proved", OUTSIDE: "refuted"}),
    (MAPPED, STAGES, "dev", {OWN: "proved"}),
    (MAPPED, {**TEXT, "Default": "dev"}, None, {OWN: "proved"}),
    (
        {"Fn::Split": ["|", REF]},
        {**TEXT, "AllowedValues": [OWN, f"{OWN}|{OUTSIDE}"]},
        None,
        {OWN: "proved", OUTSIDE: "refuted"},
    ),
]


@pytest.mark.parametrize(("collection", "declared", "given", "verdicts"), CASES)
def test_a_loop_over_a_parameter(
    collection: object, declared: Json, given: str | None, verdicts: dict[str, str]
) -> None:
    """The resources of every value that may be given are judged, and those of no other one."""
    report = trustproof.check(
        [template(collection, declared)],
        account=OWN,
        config={"boundary": {"accounts": [OWN]}},
        properties=["inside-boundary"],
        parameters=None if given is None else {"P": given},
        certify=True,
    )
    assert {result.logical_id.removeprefix("For"): result.verdict for result in report.results} == verdicts


def test_a_policy_of_a_loop_that_is_not_always_there_keeps_nobody_out() -> None:
    """A Deny that a loop attaches at the default of its list is gone at another list."""
    body = {
        "Deny${Item}": {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyName": "p-${Item}",
                "Users": [{"Ref": "U"}],
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": {"Effect": "Deny", "Action": "${Item}", "Resource": "*"},
                },
            },
        }
    }
    inline = {
        "PolicyName": "own",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"},
        },
    }
    found: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"P": {**LIST, "AllowedValues": ["iam:*", "s3:*"], "Default": "iam:*"}},
        "Resources": {
            "U": {"Type": "AWS::IAM::User", "Properties": {"Policies": [inline]}},
            "Fn::ForEach::Denies": ["Item", REF, {key.replace("${", "&{"): value for key, value in body.items()}],
        },
    }
    asked = ["sensitive-actions-require-mfa"]
    (result,) = (one for one in trustproof.check([found], properties=asked).results if one.logical_id == "U")
    assert result.verdict == "refuted"
    (result,) = (
        one
        for one in trustproof.check([found], properties=asked, parameters={"P": "iam:*"}).results
        if one.logical_id == "U"
    )
    assert result.verdict == "proved"


def _document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": [*statements]}


_STOPS: Json = {"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"}
_WITHOUT_MFA: Json = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}


def _addition(collection: object) -> Json:
    """Who may stop something, and is kept from it without MFA by a group that a loop puts somebody in."""
    added = {"Type": "AWS::IAM::UserToGroupAddition", "Properties": {"GroupName": "people", "Users": ["${Item}"]}}
    deny = [{"PolicyName": "mfa", "PolicyDocument": _document(_WITHOUT_MFA)}]
    allow = [{"PolicyName": "own", "PolicyDocument": _document(_STOPS)}]
    return {
        "Group": {"Type": "AWS::IAM::Group", "Properties": {"GroupName": "people", "Policies": deny}},
        "Judged": {"Type": "AWS::IAM::User", "Properties": {"UserName": "good", "Policies": allow}},
        "Fn::ForEach::Additions": ["Item", collection, {"Add${Item}": added}],
    }


def _block(collection: object) -> Json:
    """A policy for everybody on a bucket whose settings a loop writes."""
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": {"Fn::Sub": "${Bucket.Arn}/*"}}
    loop = {"Fn::ForEach::Settings": ["Item", collection, {"${Item}": True}]}
    return {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"PublicAccessBlockConfiguration": loop}},
        "Judged": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": _document(public)},
        },
    }


@pytest.mark.parametrize(
    ("around", "values"),
    [(_addition, ("good", "other")), (_block, ("BlockPublicPolicy", "IgnorePublicAcls"))],
)
@pytest.mark.parametrize("form", ["list", "mapping", "text", "item"])
def test_what_a_loop_writes_around_a_policy(
    around: Callable[[object], Json], values: tuple[str, str], form: str
) -> None:
    """A proof holds at each value that decides over what a loop goes, and a refutation at one of them."""
    declared: Json = {**(LIST if form == "list" else TEXT), "AllowedValues": [*values], "Default": values[0]}
    collections: dict[str, object] = {
        "list": REF,
        "mapping": {"Fn::FindInMap": ["Items", REF, "Here"]},
        "text": SPLIT,
        "item": [REF],
    }
    found: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"P": declared},
        "Mappings": {"Items": {value: {"Here": [value]} for value in values}},
        "Resources": around(collections[form]),
    }

    def verdict(given: str | None) -> str:
        report = trustproof.check(
            [found],
            account=OWN,
            config={"boundary": {"accounts": [OWN]}},
            properties=["inside-boundary", "sensitive-actions-require-mfa"],
            parameters=None if given is None else {"P": given},
        )
        return {result.logical_id: result.verdict for result in report.results}["Judged"]

    assert [verdict(given) for given in (values[0], values[1], None)] == ["proved", "refuted", "refuted"]


_ALL: Json = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_PUBLIC: Json = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::good/*"}


def _user(**properties: object) -> Json:
    allow = [{"PolicyName": "own", "PolicyDocument": _document(_ALL)}]
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": "good", "Policies": allow, **properties}}


def _role(*others: str, **properties: object) -> Json:
    """A role that demands MFA of all but some."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    own = {**trust, "Principal": {"AWS": OWN}, "Condition": condition}
    document = _document(own, *({**trust, "Principal": {"AWS": one}} for one in others))
    return _resource("IAM::Role", AssumeRolePolicyDocument=document, **properties)


def _resource(type_: str, **properties: object) -> Json:
    return {"Type": f"AWS::{type_}", "Properties": properties}


#: What is judged, and what a loop makes of ``good`` that a proof of it rests on.
JUDGED: dict[str, tuple[Json, Json]] = {
    "a Deny": (
        _user(),
        _resource("IAM::Policy", PolicyName="mfa", Users=["${Item}"], PolicyDocument=_document(_WITHOUT_MFA)),
    ),
    "a group": (
        _user(Groups=["good"]),
        _resource(
            "IAM::Group",
            GroupName="${Item}",
            Policies=[{"PolicyName": "mfa", "PolicyDocument": _document(_WITHOUT_MFA)}],
        ),
    ),
    "a boundary": (
        _user(PermissionsBoundary=f"arn:aws:iam::{OWN}:policy/good"),
        _resource(
            "IAM::ManagedPolicy", ManagedPolicyName="${Item}", PolicyDocument=_document({**_ALL, "Action": "s3:Get*"})
        ),
    ),
    "a role that it trusts": (
        _role(f"arn:aws:iam::{OWN}:role/good"),
        _role(RoleName="${Item}", Policies=[{"PolicyName": "all", "PolicyDocument": _document(_ALL)}]),
    ),
    "a bucket": (
        _resource("S3::BucketPolicy", Bucket="good", PolicyDocument=_document(_PUBLIC)),
        _resource("S3::Bucket", BucketName="${Item}"),
    ),
}


def _judged(folder: Path, judged: Json, loop: Json, *, is_nested: bool, **sections: object) -> trustproof.Result:
    """What is said of a resource beside a template with a loop, which may be nested in its own."""
    by_type = {"AWS::IAM::User": "sensitive-actions-require-mfa", "AWS::IAM::Role": "mfa-survives-chaining"}
    asked = by_type.get(judged["Type"], "inside-boundary")
    inner = {"Transform": "AWS::LanguageExtensions", "Resources": {"Fn::ForEach::Made": loop}, **sections}
    passed = {"P": REF} if "Parameters" in sections else {}
    nested = {"Inner": _resource("CloudFormation::Stack", TemplateURL="inner.json", Parameters=passed)}
    outer = {**sections, "Resources": {"Judged": judged, **(nested if is_nested else {})}}
    if is_nested and passed:
        inner["Parameters"] = {"P": LIST}
    for name, content in {"outer.json": outer, "inner.json": inner}.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [folder],
        account=OWN,
        region="eu-west-1",
        config={"boundary": {"accounts": [OWN]}},
        properties=[asked],
    )
    assert not report.errors
    (found,) = (one for one in report.results if one.logical_id == "Judged")
    return found


@pytest.mark.parametrize("is_nested", [False, True])
@pytest.mark.parametrize("what", JUDGED)
def test_what_a_loop_of_another_template_makes_of_a_default(what: str, is_nested: bool, tmp_path: Path) -> None:
    """The proof names the default."""
    judged, made = JUDGED[what]
    declared = {"P": {**LIST, "Default": "good"}}
    found = _judged(tmp_path, judged, ["Item", REF, {"X${Item}": made}], is_nested=is_nested, Parameters=declared)
    assert found.verdict == "proved"
    assert [value for _, value in found.at_defaults] == ["good"]


@pytest.mark.parametrize("is_passed", [False, True])
def test_what_a_loop_allows_beside_a_deny_of_another_template(is_passed: bool, tmp_path: Path) -> None:
    """With other items it allows others, whom nobody denies anything: the proof names the default."""
    allow, deny = (
        _resource("IAM::ManagedPolicy", Users=[name], PolicyDocument=_document(one))
        for name, one in (("${Item}", _ALL), ("good", _WITHOUT_MFA))
    )
    loop = {"Fn::ForEach::Made": ["Item", REF, {"X${Item}": allow}]}
    declared = {"P": {**LIST, "Default": "good"}}
    inner = {"Transform": "AWS::LanguageExtensions", "Parameters": declared, "Resources": loop}
    outer: Json = {"Resources": {"Denying": deny}}
    if is_passed:
        nested = _resource("CloudFormation::Stack", TemplateURL="inner.json", Parameters={"P": {"Ref": "Name"}})
        outer["Resources"]["Inner"] = nested
        outer["Parameters"] = {"Name": {"Type": "String", "Default": "good"}}
    for name, content in {"outer.json": outer, "inner.json": inner}.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([tmp_path], account=OWN, properties=["sensitive-actions-require-mfa"])
    (found,) = (one for one in report.results if one.logical_id == "Xgood")
    assert found.verdict == "proved"
    assert [value for _, value in found.at_defaults] == ["good"]


@pytest.mark.parametrize("denies", [True, False])
def test_whom_a_loop_may_deny_something_that_is_not_written_out(denies: bool, tmp_path: Path) -> None:
    """It is not known whether they are denied it; what can only allow something keeps nobody from a refutation."""
    judged, made = JUDGED["a Deny"]
    if not denies:
        made = {**made, "Properties": {**made["Properties"], "PolicyDocument": _document(_ALL)}}
    chosen: Json = {"Fn::If": ["IsHere", ["good"], ["good", "other"]]}
    conditions = {"IsHere": {"Fn::Equals": [{"Ref": "AWS::Region"}, {"Ref": "AWS::StackName"}]}}
    loop = ["Item", chosen, {"X${Item}": made}]
    found = _judged(tmp_path, judged, loop, is_nested=True, Conditions=conditions)
    assert found.verdict == ("unknown" if denies else "refuted")


def _entered_by(**principal: str) -> Json:
    document = _document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal})
    return _resource("IAM::Role", RoleName="${Item}", AssumeRolePolicyDocument=document)


def _allowed(action: str) -> Json:
    return _resource("IAM::RolePolicy", RoleName="${Item}", PolicyDocument=_document({**_ALL, "Action": action}))


#: What a loop makes, and the verdict about a role that trusts others, where nobody knows over what the loop goes.
LEADING_ON: list[tuple[Json, str]] = [
    (_entered_by(AWS=OWN), "unknown"),
    (_entered_by(AWS="${Item}"), "unknown"),
    (_allowed("*"), "unknown"),
    (_allowed("sts:${Item}"), "unknown"),
    (_entered_by(Service="ec2.amazonaws.com"), "proved"),
    (_allowed("s3:*"), "proved"),
]


@pytest.mark.parametrize(("made", "expected"), LEADING_ON)
def test_roles_that_a_loop_may_make(made: Json, expected: str, tmp_path: Path) -> None:
    """No chain is closed to which a loop may add a step; one that makes it at other lists has the proof name that."""
    judged = _role(f"arn:aws:iam::{OWN}:role/good")
    loop = ["Item", REF, {"X${Item}": made}]
    found = _judged(tmp_path, judged, loop, is_nested=False, Parameters={"P": LIST})
    assert found.verdict == expected
    at_default = {"P": {**LIST, "Default": "other"}}
    found = _judged(tmp_path, judged, loop, is_nested=False, Parameters=at_default)
    assert (found.verdict, bool(found.at_defaults)) == ("proved", expected == "unknown")


def test_a_bucket_that_a_loop_makes_of_some_lists_only(tmp_path: Path) -> None:
    """Of the others, it is somebody else's, and nothing is known of what stands around it."""
    judged, made = JUDGED["a bucket"]
    loop = ["Item", REF, {"X${Item}": made}]
    declared = {"P": {**LIST, "Default": "good", "AllowedValues": ["good", "other"]}}
    assert _judged(tmp_path, judged, loop, is_nested=False, Parameters=declared).verdict == "unknown"
    one = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": declared,
        "Resources": {"Judged": judged, "Fn::ForEach::Made": loop},
    }
    (found,) = trustproof.check([one], properties=["inside-boundary"], account=OWN).results
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"P": "other"}

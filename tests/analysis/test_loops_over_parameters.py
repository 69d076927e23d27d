"""
A loop over what a parameter decides declares resources in some deployments: all of these are judged.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

import trustproof

Json = dict[str, object]
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

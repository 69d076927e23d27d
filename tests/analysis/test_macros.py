"""
What a macro inside a template can reach is not proved; what it cannot reach is judged as if it were not there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED, REFUTED, UNKNOWN
from trustproof.cli.check import exit_code
from trustproof.output.style import Style
from trustproof.output.text import render
from trustproof.results.groups import groups

Json = dict[str, object]

ACCOUNT = "111122223333"
CONFIG = {"boundary": {"accounts": [ACCOUNT, "222233334444"]}}
MACRO: Json = {"Fn::Transform": {"Name": "Mine"}}
INCLUDE: Json = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://x/y.yaml"}}}


def document(*statements: object) -> Json:
    """A policy."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(principal: object = ACCOUNT) -> Json:
    """A statement of a trust policy."""
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", "Condition": mfa}


def role(*statements: object, **more: object) -> Json:
    """A role."""
    properties = {"AssumeRolePolicyDocument": document(*statements or [trust()]), **more}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def user(*statements: object) -> Json:
    """A user with one inline policy."""
    inline = [{"PolicyName": "p", "PolicyDocument": document(*statements)}]
    return {"Type": "AWS::IAM::User", "Properties": {"Policies": inline}}


READ: Json = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
BUCKET_POLICY: Json = {
    "Type": "AWS::S3::BucketPolicy",
    "Properties": {
        "Bucket": {"Ref": "Bucket"},
        "PolicyDocument": document({**READ, "Principal": {"AWS": ACCOUNT}, "Resource": "arn:aws:s3:::logs/*"}),
    },
}


def put(value: object, path: tuple[object, ...], macro: Json) -> object:
    """A value with a macro in the mapping at a path."""
    if not path:
        assert isinstance(value, dict)
        return {**macro, **value}
    head, *rest = path
    inner = put(value[head], tuple(rest), macro)  # type: ignore[index]
    if isinstance(value, list):
        return [inner if index == head else item for index, item in enumerate(value)]
    assert isinstance(value, dict)
    return {**value, head: inner}


def check(folder: Path, template: object, *properties: str) -> trustproof.Report:
    """The report about one template."""
    file = folder / "template.json"
    file.write_text(json.dumps(template))
    return trustproof.check([str(file)], account=ACCOUNT, config=CONFIG, properties=list(properties) or None)


def verdicts(report: trustproof.Report, logical_id: str) -> dict[str, str]:
    """Property to verdict, of one resource."""
    return {found.property: found.verdict for found in report.results if found.logical_id == logical_id}


def mapped(stage: object = "prod") -> Json:
    """A template whose role trusts an account from a mapping."""
    account = {"Fn::FindInMap": ["Accounts", stage, "Id"]}
    return {
        "Mappings": {"Accounts": {"prod": {"Id": ACCOUNT}}, "Other": {"a": {"b": "c"}}},
        "Resources": {"R": role(trust(account))},
    }


def conditional() -> Json:
    """A template whose role trusts an account by a condition that never holds otherwise."""
    account = {"Fn::If": ["Own", ACCOUNT, "999988887777"]}
    return {
        "Conditions": {"Own": {"Fn::Equals": ["a", "a"]}, "Other": {"Fn::Equals": ["a", "b"]}},
        "Resources": {"R": role(trust(account))},
    }


def resources(**of: object) -> Json:
    """A template."""
    return {"Resources": of}


@pytest.mark.parametrize("macro", [MACRO, INCLUDE], ids=["macro", "include"])
@pytest.mark.parametrize(
    ("template", "path"),
    [
        (resources(R=role()), ("Resources", "R")),
        (resources(R=role()), ("Resources", "R", "Properties")),
        (resources(R=role()), ("Resources", "R", "Properties", "AssumeRolePolicyDocument")),
        (resources(R=role()), ("Resources", "R", "Properties", "AssumeRolePolicyDocument", "Statement", 0)),
        (
            resources(R=role()),
            ("Resources", "R", "Properties", "AssumeRolePolicyDocument", "Statement", 0, "Principal"),
        ),
        (
            resources(R=role()),
            ("Resources", "R", "Properties", "AssumeRolePolicyDocument", "Statement", 0, "Condition"),
        ),
        (
            resources(R=role()),
            ("Resources", "R", "Properties", "AssumeRolePolicyDocument", "Statement", 0, "Condition", "Bool"),
        ),
        (resources(R=user(READ)), ("Resources", "R")),
        (resources(R=user(READ)), ("Resources", "R", "Properties")),
        (resources(R=user(READ)), ("Resources", "R", "Properties", "Policies", 0)),
        (resources(R=user(READ)), ("Resources", "R", "Properties", "Policies", 0, "PolicyDocument")),
        (resources(R=user(READ)), ("Resources", "R", "Properties", "Policies", 0, "PolicyDocument", "Statement", 0)),
    ],
)
def test_what_a_macro_can_reach_is_not_proved(
    tmp_path: Path, template: Json, path: tuple[object, ...], macro: Json
) -> None:
    """Without the macro it is proved; with it, something is said to be unknown, and nothing is an error."""
    before = verdicts(check(tmp_path, template), "R")
    assert PROVED in before.values()
    report = check(tmp_path, put(template, path, macro))
    assert PROVED not in [v for p, v in verdicts(report, "R").items() if p != "statement-usable"], verdicts(report, "R")
    assert UNKNOWN in [result.verdict for result in report.results]
    assert report.errors == ()


@pytest.mark.parametrize("macro", [MACRO, INCLUDE], ids=["macro", "include"])
@pytest.mark.parametrize(
    ("template", "path"),
    [
        (mapped(), ("Mappings", "Accounts")),
        (mapped(), ("Mappings", "Accounts", "prod")),
        (conditional(), ("Conditions", "Own")),
    ],
)
def test_what_a_macro_can_reach_elsewhere_is_not_proved(
    tmp_path: Path, template: Json, path: tuple[object, ...], macro: Json
) -> None:
    """A policy that takes something from a mapping, or from a condition, is not known where that is not."""
    given = put(template, path, macro)
    assert verdicts(check(tmp_path, template, "inside-boundary"), "R") == {"inside-boundary": PROVED}
    assert verdicts(check(tmp_path, given, "inside-boundary"), "R") != {"inside-boundary": PROVED}


@pytest.mark.parametrize("template", [mapped(), conditional()], ids=["mappings", "conditions"])
def test_a_macro_changes_its_whole_section(tmp_path: Path, template: Json) -> None:
    """It is given all mappings, or all conditions; what is included only adds to them."""
    (section, _) = template
    (found,) = {verdicts(check(tmp_path, put(template, (section,), MACRO)), "R")["inside-boundary"]}
    assert found != PROVED
    assert verdicts(check(tmp_path, put(template, (section,), INCLUDE)), "R")["inside-boundary"] == PROVED


@pytest.mark.parametrize(
    "path",
    [
        ("Mappings", "Other"),
        ("Mappings", "Other", "a"),
    ],
)
def test_a_macro_in_another_mapping_changes_nothing(tmp_path: Path, path: tuple[object, ...]) -> None:
    """It is given what stands beside it."""
    assert verdicts(check(tmp_path, put(mapped(), path, MACRO)), "R") == verdicts(check(tmp_path, mapped()), "R")


def test_a_mapping_that_nobody_knows_has_no_default(tmp_path: Path) -> None:
    """The ``DefaultValue`` is for keys that are not there, which is not known of a mapping that a macro makes."""
    for mappings, name in (({"Accounts": MACRO}, "Accounts"), (INCLUDE, "Accounts"), ({}, {"Ref": "Name"})):
        account = {"Fn::FindInMap": [name, "prod", "Id", {"DefaultValue": ACCOUNT}]}
        template = {
            "Transform": "AWS::LanguageExtensions",
            "Parameters": {"Name": {"Type": "String"}},
            "Mappings": mappings,
            "Resources": {"R": role(trust(account))},
        }
        assert verdicts(check(tmp_path, template), "R")["inside-boundary"] != PROVED


@pytest.mark.parametrize("key", ["DefinitionBody", "Environment"])
def test_a_macro_apart_from_access_changes_nothing(tmp_path: Path, key: str) -> None:
    """The body of an API, or the environment of a function, is often included."""
    other = {"Type": "AWS::Serverless::Function", "Properties": {key: INCLUDE}}
    with_it = check(tmp_path, {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"R": role(), "F": other}})
    other = {"Type": "AWS::Serverless::Function", "Properties": {}}
    without = check(tmp_path, {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"R": role(), "F": other}})
    assert [(r.logical_id, r.property, r.verdict) for r in with_it.results] == [
        (r.logical_id, r.property, r.verdict) for r in without.results
    ]
    assert any(r.verdict == PROVED for r in without.results if r.logical_id == "F")


def test_a_macro_reaches_what_refers_to_its_resource(tmp_path: Path) -> None:
    """Whether a bucket is public, and how it is called, decides what its policy does."""
    block = {"BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    bucket: Json = {"Type": "AWS::S3::Bucket", "Properties": {"PublicAccessBlockConfiguration": block}}
    template = resources(Bucket=bucket, R=BUCKET_POLICY)
    assert verdicts(check(tmp_path, template, "inside-boundary"), "R") == {"inside-boundary": PROVED}
    for path in ((), ("Properties",), ("Properties", "PublicAccessBlockConfiguration")):
        report = check(tmp_path, put(template, ("Resources", "Bucket", *path), MACRO), "inside-boundary")
        assert verdicts(report, "R") == {"inside-boundary": UNKNOWN}
    report = check(tmp_path, put(template, ("Resources", "Bucket", "Properties"), {}), "inside-boundary")
    assert verdicts(report, "R") == {"inside-boundary": PROVED}


def test_a_resource_that_may_become_anything_may_be_a_policy_of_anybody(tmp_path: Path) -> None:
    """A macro at a resource decides its type as well."""
    template = resources(R=user(READ), T={"Type": "AWS::SNS::Topic", **MACRO})
    found = verdicts(check(tmp_path, template), "R")
    assert found["sensitive-actions-require-mfa"] == UNKNOWN
    inside = resources(R=user(READ), T={"Type": "AWS::SNS::Topic", "Properties": {"Tags": [MACRO]}})
    assert verdicts(check(tmp_path, inside), "R")["sensitive-actions-require-mfa"] == PROVED


def test_what_is_wrong_beside_a_macro_may_be_put_right_by_it(tmp_path: Path) -> None:
    """A statement without an action is an error, and unknown where a macro may give one."""
    template = resources(R=role({**MACRO, "Effect": "Allow", "Principal": {"AWS": ACCOUNT}}))
    report = check(tmp_path, template, "mfa-required")
    assert report.errors == ()
    assert [result.verdict for result in report.results] == [UNKNOWN]


def test_a_refutation_stays_and_the_reason_names_the_macro(tmp_path: Path) -> None:
    """What is wrong as it is written is said; a proof is none, and the place of the macro is why."""
    hole: Mapping[str, object] = {key: value for key, value in trust().items() if key != "Condition"}
    template = resources(
        Hole=put(role(hole), ("Properties", "AssumeRolePolicyDocument", "Statement", 0), {}),
        R=put(role(Tags=[{"Key": "a", "Value": "b"}]), ("Properties", "Tags", 0), MACRO),
    )
    report = check(tmp_path, template, "mfa-required")
    assert verdicts(report, "Hole") == {"mfa-required": REFUTED}
    (found,) = (result for result in report.results if result.logical_id == "R")
    assert found.reasons == ("the macro Mine at Resources/R/Properties/Tags/0 may change R",)


#: A condition of a Deny in which a macro stands, and the verdict of ``mfa-required`` for a role that is open besides.
DENIED: list[tuple[Mapping[str, object], str]] = [
    ({"Bool": {"aws:MultiFactorAuthPresent": MACRO}}, UNKNOWN),
    ({"BoolIfExists": {"aws:MultiFactorAuthPresent": MACRO}}, UNKNOWN),
    ({"StringEquals": {"aws:PrincipalAccount": MACRO}}, UNKNOWN),
    # Whatever stands there, somebody gets in.
    ({"StringEquals": {"aws:PrincipalAccount": MACRO}, "Bool": {"aws:MultiFactorAuthPresent": "false"}}, REFUTED),
    ({"StringEquals": {"aws:PrincipalAccount": MACRO}, "StringLike": {"aws:username": "?*x"}}, REFUTED),
]


@pytest.mark.parametrize(("condition", "expected"), DENIED)
def test_no_value_is_made_up_for_a_macro(tmp_path: Path, condition: Mapping[str, object], expected: str) -> None:
    """What a macro gives nobody chooses: it refutes nothing, and hides no hole that is there with any value."""
    hole = {key: value for key, value in trust().items() if key != "Condition"}
    denied = {**hole, "Effect": "Deny", "Condition": condition}
    properties = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [hole, denied]}}
    template = resources(R={"Type": "AWS::IAM::Role", "Properties": properties})
    assert verdicts(check(tmp_path, template, "mfa-required"), "R") == {"mfa-required": expected}


def test_no_value_is_made_up_for_a_mapping_that_a_macro_makes(tmp_path: Path) -> None:
    """The same of what stands in the mapping."""
    hole = {key: value for key, value in trust().items() if key != "Condition"}
    found = {"Fn::FindInMap": ["M", "a", "b"]}
    denied = {**hole, "Effect": "Deny", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": found}}}
    properties = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [hole, denied]}}
    template = {
        "Mappings": {"M": MACRO},
        **resources(R={"Type": "AWS::IAM::Role", "Properties": properties}),
    }
    assert verdicts(check(tmp_path, template, "mfa-required"), "R") == {"mfa-required": UNKNOWN}


@pytest.mark.parametrize("type_", ["User", "Group"])
@pytest.mark.parametrize("key", ["Groups", "ManagedPolicyArns", "Policies"])
def test_who_has_a_policy_only_by_a_macro_is_not_passed_over(tmp_path: Path, type_: str, key: str) -> None:
    """Nobody knows what such a user or group may do, and somebody says so."""
    report = check(tmp_path, resources(U={"Type": f"AWS::IAM::{type_}", "Properties": {key: MACRO}}))
    assert {found.verdict for found in report.results} == {UNKNOWN}
    assert exit_code(report, "warning") == 1


@pytest.mark.parametrize(
    ("condition", "more", "expected"),
    [
        (MACRO, [], {UNKNOWN}),
        ({"Fn::Equals": [MACRO, "b"]}, [], {UNKNOWN}),
        ({"Fn::Not": [MACRO]}, [], {UNKNOWN}),
        (MACRO, [trust("999988887777")], {UNKNOWN, REFUTED}),
    ],
)
def test_no_outcome_is_made_up_for_a_macro(
    tmp_path: Path, condition: Json, more: list[object], expected: set[str]
) -> None:
    """What lets somebody in only as a macro makes a condition is not known; what does so anyway is refuted."""
    either = {"Fn::If": ["Is", trust("999988887777"), trust()]}
    template: Json = {"Conditions": {"Is": condition}, "Resources": {"R": role(either, *more)}}
    found = check(tmp_path, template, "inside-boundary").results
    assert {result.verdict for result in found if result.property == "inside-boundary"} == expected


@pytest.mark.parametrize("transform", [{"Transform": ["M"]}, {"Transform": "M"}])
def test_a_macro_is_the_cause_and_says_what_to_read(tmp_path: Path, transform: dict[str, object]) -> None:
    """A macro beside what it may change, and beside parts of other files, is one unknown about the macro, with help."""
    for policy in (INCLUDE, trust()):
        role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
        file = tmp_path / "t.json"
        file.write_text(json.dumps({**transform, "Resources": {"R": role}}))
        report = trustproof.check([file])
        (group,) = groups([one for one in report.results if one.verdict == trustproof.UNKNOWN])
        assert group.lead.path == ("Transform",)
        assert "help: read what is deployed: aws cloudformation get-template" in render(report, Style(coloured=False))


HUB = "[[servicecatalog:hub product:Account]]"


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("111122223333", "proved"),
        ("*", "refuted"),
        (HUB, "unknown"),
        (f"arn:aws:iam::{HUB}:root", "unknown"),
        ({"Fn::Sub": f"arn:aws:iam::{HUB}:root"}, "unknown"),
        ({"Fn::FindInMap": ["M", "a", "b"]}, "unknown"),
    ],
)
def test_the_transform_of_service_catalog_gives_texts_only(principal: object, expected: str) -> None:
    """What it puts outputs of products in the place of is unknown, and nothing else."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
    template: Json = {
        "Transform": "AWS::ServiceCatalog",
        "Mappings": {"M": {"a": {"b": HUB}}},
        "Resources": {"R": role},
    }
    config: Json = {"boundary": {"accounts": ["111122223333"]}}
    (found,) = trustproof.check([template], config=config, properties=["inside-boundary"]).results
    assert found.verdict == expected

"""
The partition of the deployment beside partitions that are written out, where nobody says the Region.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED, REFUTED, UNKNOWN

Json = dict[str, object]

OWN, OUTSIDE = "111122223333", "999988887777"
CONFIG = {"boundary": {"accounts": [OWN]}}


def here(arn: str) -> Json:
    """An ARN of the partition of the deployment."""
    return {"Fn::Sub": arn.replace("arn:", "arn:${AWS::Partition}:", 1)}


def policy(*statements: object) -> Json:
    """A policy."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(principal: object, **condition: object) -> Json:
    """Somebody may assume the role."""
    found: Json = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return {**found, **({"Condition": condition} if condition else {})}


def deny(principal: object, **condition: object) -> Json:
    """Somebody may not."""
    return {**allow(principal, **condition), "Effect": "Deny"}


def role(*statements: object, **properties: object) -> Json:
    """A role."""
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": policy(*statements), **properties},
    }


def template(*statements: object, **more: object) -> Json:
    """A template with the role, and with other resources."""
    return {"Resources": {"R": role(*statements), **more}}


ROOT, THERE = f"arn:iam::{OUTSIDE}:root", f"arn:aws:iam::{OUTSIDE}:*"
PRINCIPAL_ARN: Json = {"ArnLike": {"aws:PrincipalArn": THERE}}
BY_ARN = deny("*", **PRINCIPAL_ARN)
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
NEVER: Json = {"Never": {"Fn::Equals": [{"Ref": "AWS::StackName"}, "x"]}}
TOPIC: Json = {
    "T": {"Type": "AWS::SNS::Topic"},
    "P": {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {
            "Topics": [{"Ref": "T"}],
            "PolicyDocument": policy(
                {**allow(here(ROOT)), "Action": "sns:Publish", "Resource": {"Ref": "T"}},
                {**deny(f"arn:aws:iam::{OUTSIDE}:root"), "Action": "sns:Publish", "Resource": {"Ref": "T"}},
            ),
        },
    },
}
GROUP: Json = {
    "G": {"Type": "AWS::IAM::Group"},
    "U": {
        "Type": "AWS::IAM::User",
        "Properties": {
            "Groups": [{"Ref": "G"}],
            "Policies": [
                {
                    "PolicyName": "p",
                    "PolicyDocument": policy(
                        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": here(f"arn:iam::{OUTSIDE}:role/*")},
                        {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{OUTSIDE}:role/*"},
                    ),
                }
            ],
        },
    },
}

#: A template, the verdict of ``inside-boundary``, and the partition of the counterexample.
CASES: list[tuple[str, Json, str, str]] = [
    ("one partition in a condition", template(allow(here(ROOT)), BY_ARN), REFUTED, "aws-cn"),
    (
        "one partition in an ARN of fields",
        template(
            allow({"Fn::Join": [":", ["arn", {"Ref": "AWS::Partition"}, "iam", "", OUTSIDE, "root"]]}),
            deny("*", ArnLike={"aws:PrincipalArn": {"Fn::Join": [":", ["arn", "aws", "iam", "", OUTSIDE, "*"]]}}),
        ),
        REFUTED,
        "aws-cn",
    ),
    ("the same partition", template(allow(here(ROOT)), deny(here(ROOT))), PROVED, ""),
    ("no partition but that", template(allow(here(ROOT))), REFUTED, "aws"),
    ("none of the deployment", template(allow(f"arn:aws:iam::{OUTSIDE}:root"), BY_ARN), PROVED, ""),
    ("an account, and none of the deployment", template(allow(OUTSIDE), BY_ARN), PROVED, ""),
    # What IAM refuses decides where it can be deployed.
    ("a principal", template(allow(here(ROOT)), deny(f"arn:aws:iam::{OUTSIDE}:root")), PROVED, ""),
    ("an own principal besides", template(allow(f"arn:aws:iam::{OWN}:root"), allow(here(ROOT)), BY_ARN), PROVED, ""),
    (
        "a principal under a condition",
        {
            "Conditions": NEVER,
            **template(
                {"Fn::If": ["Never", allow(f"arn:aws:iam::{OWN}:root"), {"Ref": "AWS::NoValue"}]},
                allow(here(ROOT)),
                BY_ARN,
            ),
        },
        REFUTED,
        "aws-cn",
    ),
    ("a principal of China", template(allow(f"arn:aws-cn:iam::{OUTSIDE}:root"), deny(here(ROOT))), PROVED, ""),
    ("a principal of China alone", template(allow(f"arn:aws-cn:iam::{OUTSIDE}:root")), REFUTED, "aws-cn"),
    (
        "a principal of China, and another ARN in the template",
        {"Description": "arn:aws:iam::x", **template(allow(f"arn:aws-cn:iam::{OUTSIDE}:root"))},
        REFUTED,
        "aws-cn",
    ),
    (
        "a managed policy of another role",
        template(allow(here(ROOT)), BY_ARN, O=role(allow(OWN), ManagedPolicyArns=[ADMIN])),
        PROVED,
        "",
    ),
    (
        "a managed policy of a role under a condition",
        {
            "Conditions": NEVER,
            **template(
                allow(here(ROOT)),
                BY_ARN,
                O={**role(allow(OWN), ManagedPolicyArns=[ADMIN]), "Condition": "Never"},
            ),
        },
        REFUTED,
        "aws-cn",
    ),
    (
        "a managed policy of the deployment's",
        template(allow(here(ROOT)), BY_ARN, O=role(allow(OWN), ManagedPolicyArns=[here("arn:iam::aws:policy/X")])),
        REFUTED,
        "aws-cn",
    ),
    ("a principal of a topic", {"Resources": TOPIC}, REFUTED, "aws-cn"),
]


def checked(
    folder: Path, content: Json, asked: str = "inside-boundary", region: str | None = None
) -> list[trustproof.Result]:
    """What is wrong, or else what is proved."""
    file = folder / "template.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([str(file)], config=CONFIG, properties=[asked], region=region, certify=True)
    assert not report.errors
    return [one for one in report.results if one.verdict != PROVED] or [*report.results]


@pytest.mark.parametrize(
    ("content", "expected", "partition"), [one[1:] for one in CASES], ids=[one[0] for one in CASES]
)
def test_each_partition_that_a_template_can_go_to(tmp_path: Path, content: Json, expected: str, partition: str) -> None:
    """Whoever calls is in the partition of the deployment."""
    (found,) = checked(tmp_path, content)[:1]
    assert found.verdict == expected
    if found.counterexample is not None:
        assert found.counterexample.caller.split(":")[1] == partition


@pytest.mark.parametrize(("region", "expected"), [("us-east-1", PROVED), ("cn-north-1", REFUTED), (None, REFUTED)])
def test_a_region_says_the_partition(tmp_path: Path, region: str | None, expected: str) -> None:
    """There is only one then."""
    (found,) = checked(tmp_path, template(allow(here(ROOT)), BY_ARN), region=region)
    assert found.verdict == expected


def test_the_partition_is_left_open_in_what_other_stacks_give(tmp_path: Path) -> None:
    """What a nested stack is passed, and what is imported, is of the partition that all of them are deployed to."""
    given = {"A": here(ROOT)}
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "child.json", "Parameters": given}}
    child = {"Parameters": {"A": {"Type": "String"}}, **template(allow({"Ref": "A"}), BY_ARN)}
    exported = {"Resources": {}, "Outputs": {"O": {"Value": here(ROOT), "Export": {"Name": "x"}}}}
    files = {
        "child.json": child,
        "parent.json": {"Resources": {"C": stack}},
        "exporting.json": exported,
        "importing.json": template(allow({"Fn::ImportValue": "x"}), BY_ARN),
    }
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([str(tmp_path)], config=CONFIG, properties=["inside-boundary"])
    assert [(Path(one.template).name, one.verdict) for one in report.results] == [
        ("importing.json", REFUTED),
        ("child.json", REFUTED),
    ]


def test_iam_refuses_the_resources_of_another_partition(tmp_path: Path) -> None:
    """A policy of a user that names them can be deployed to their partition only."""
    assert {one.verdict for one in checked(tmp_path, {"Resources": GROUP}, "assume-role-scoped")} == {PROVED}


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_a_request_elsewhere_is_about_a_resource_there(tmp_path: Path, region: str) -> None:
    """What an example of a resource reads like there, and no Region that is none."""
    statements: list[Json] = [
        {"Effect": "Deny", "Action": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
    ]
    own = [{"PolicyName": "p", "PolicyDocument": policy(*statements)}]
    content: Json = {"Resources": {"U": {"Type": "AWS::IAM::User", "Properties": {"Policies": own}}}}
    found = checked(tmp_path, content, "sensitive-actions-require-mfa", region)[0]
    assert found.counterexample is not None
    assert str(found.counterexample.request.resource).split(":")[3] == region


def test_what_is_only_deployed_elsewhere_says_so(tmp_path: Path) -> None:
    """A policy names another partition than its resource is deployed to: nothing that anybody has to report."""
    only: Json = {"InVirginia": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}
    there = {**role(allow(f"arn:aws-cn:iam::{OUTSIDE}:root")), "Condition": "InVirginia"}
    content: Json = {"Conditions": only, "Resources": {"R": there}}
    found = checked(tmp_path, content, "inside-boundary")[0]
    assert found.verdict == UNKNOWN
    assert found.reasons == ("this part is only deployed to the partition aws, where it lets in nobody who was found",)


@pytest.mark.parametrize("parts", [["arn:aws-us-gov", ":iam::"], ["arn", ":aws-us-gov:iam::"]])
def test_an_arn_of_parts_says_the_partition(tmp_path: Path, parts: list[str]) -> None:
    """A local value ``arn:aws-us-gov`` is no ARN by itself, and the role that it names was of no caller in ``aws``."""
    arn = {"Fn::Join": ["", [*parts, {"Ref": "AWS::AccountId"}, ":role/x"]]}
    assert {one.verdict for one in checked(tmp_path, template(allow(arn)), "statement-usable")} == {PROVED}


def test_what_one_partition_can_use_is_usable(tmp_path: Path) -> None:
    """A condition that names a partition is for deployments to it, and no mistake in others."""
    content = template(allow(here(f"arn:iam::{OWN}:root"), ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/x"}))
    assert {one.verdict for one in checked(tmp_path, content, "statement-usable")} == {PROVED}


BY_PLACE: Json = {"aws": {"Id": OWN}, "aws-cn": {"Id": OUTSIDE}}
IN_PARTITION: Json = {"Fn::FindInMap": ["Accounts", {"Ref": "AWS::Partition"}, "Id"]}
KEYS = [f"k{number}" for number in range(60)]
IN_REGION: Json = {"Fn::FindInMap": ["Accounts", {"Ref": "Key"}, {"Ref": "AWS::Region"}]}


@pytest.mark.parametrize(
    ("found", "mapping", "verdicts"),
    [
        # There is no deployment to GovCloud, for which the mapping has nothing.
        (IN_PARTITION, BY_PLACE, {REFUTED}),
        (IN_PARTITION, {"aws": {"Id": OWN}}, {PROVED}),
        # What is not known by another key is not missing, and is the same for each.
        (IN_REGION, {key: {"us-east-1": OWN, "eu-west-1": OUTSIDE} for key in KEYS}, {REFUTED}),
    ],
)
def test_what_a_mapping_has_not_for_a_place(tmp_path: Path, found: Json, mapping: Json, verdicts: set[str]) -> None:
    """CloudFormation refuses a template whose mapping has no row for where it is deployed to."""
    statements = [allow([OWN, OUTSIDE]), deny("*", StringNotEquals={"aws:PrincipalAccount": found})]
    key = {"Key": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/key"}}
    content: Json = {"Parameters": key, "Mappings": {"Accounts": mapping}, **template(*statements)}
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content))
    report = trustproof.check([str(file)], account=OWN, config=CONFIG, properties=["inside-boundary"], certify=True)
    assert {result.verdict for result in report.results} == verdicts


OWN_TOO = "222233334444"
#: What a mapping has for Regions, what is asked of it besides, and the verdict.
REGIONAL: list[tuple[Json, list[object], str]] = [
    ({"us-east-1": {"Id": OWN}, "eu-west-1": {"Id": OWN_TOO}}, [], PROVED),
    ({"us-east-1": {"Id": OWN}, "cn-north-1": {"Id": OWN}}, [], PROVED),
    ({"us-east-1": {"Id": OWN}, "cn-north-1": {"Id": OUTSIDE}}, [], REFUTED),
    ({"us-east-1": {"Id": OWN}, "us-gov-west-1": {"Id": OUTSIDE}}, [], REFUTED),
    # There is a value for any other Region.
    ({"us-east-1": {"Id": OWN}}, [{"DefaultValue": {"Ref": "Other"}}], UNKNOWN),
]


@pytest.mark.parametrize(("mapping", "more", "expected"), REGIONAL)
def test_a_mapping_without_a_row_for_any_region_of_a_partition(
    tmp_path: Path, mapping: Json, more: list[object], expected: str
) -> None:
    """CloudFormation refuses the template in that partition, as there are accounts of load balancers in no other."""
    account: Json = {"Fn::FindInMap": ["Accounts", {"Ref": "AWS::Region"}, "Id", *more]}
    trusted: Json = {"Fn::Sub": ["arn:${AWS::Partition}:iam::${account}:root", {"account": account}]}
    content: Json = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"Other": {"Type": "String"}},
        "Mappings": {"Accounts": mapping},
        **template(allow(trusted)),
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content))
    config = {"boundary": {"accounts": [OWN, OWN_TOO]}}
    report = trustproof.check([str(file)], account=OWN, config=config, properties=["inside-boundary"], certify=True)
    assert {result.verdict for result in report.results} == {expected}


PARTITION_KEY: Json = {"Ref": "AWS::Partition"}
REGION_KEY: Json = {"Ref": "AWS::Region"}
#: The same written as texts.
PARTITION_TEXT: Json = {"Fn::Sub": "${AWS::Partition}"}
REGION_TEXT: Json = {"Fn::Sub": "${AWS::Region}"}
STAGE: Json = {"Ref": "Stage"}
#: The keys of a mapping that has nothing for other partitions, what it has, and the verdict.
TOGETHER: list[tuple[Json, Json, Json, str]] = [
    (PARTITION_KEY, STAGE, {"aws": {"dev": OWN, "prod": OWN_TOO}}, PROVED),
    (PARTITION_KEY, STAGE, {"aws": {"dev": OWN, "prod": OWN}, "aws-cn": {"dev": OWN, "prod": OUTSIDE}}, REFUTED),
    (PARTITION_KEY, STAGE, {"aws": {"dev": OWN}, "aws-cn": {"prod": OWN}}, PROVED),
    (STAGE, PARTITION_KEY, {"dev": {"aws": OWN}, "prod": {"aws": OWN_TOO}}, PROVED),
    (STAGE, PARTITION_KEY, {"dev": {"aws": OWN}, "prod": {"aws-cn": OUTSIDE}}, REFUTED),
    (REGION_KEY, STAGE, {"us-east-1": {"dev": OWN, "prod": OWN_TOO}}, PROVED),
    (STAGE, REGION_KEY, {"dev": {"us-east-1": OWN}, "prod": {"us-east-1": OWN_TOO}}, PROVED),
    (STAGE, REGION_KEY, {"dev": {"us-east-1": OWN}, "prod": {"us-east-1": OUTSIDE}}, REFUTED),
    (PARTITION_TEXT, STAGE, {"aws": {"dev": OWN, "prod": OWN_TOO}}, PROVED),
    (REGION_TEXT, STAGE, {"us-east-1": {"dev": OWN, "prod": OWN_TOO}}, PROVED),
    ({"Fn::Sub": "in-${AWS::Region}"}, STAGE, {"in-us-east-1": {"dev": OWN, "prod": OWN_TOO}}, PROVED),
    (
        {"Fn::Sub": "in-${AWS::Region}"},
        STAGE,
        {"in-us-east-1": {"dev": OWN}, "in-cn-north-1": {"dev": OUTSIDE}},
        REFUTED,
    ),
    (STAGE, REGION_TEXT, {"dev": {"us-east-1": OWN}, "prod": {"us-east-1": OWN_TOO, "cn-north-1": OWN}}, PROVED),
]


@pytest.mark.parametrize(("place", "row"), [(PARTITION_KEY, "aws"), (REGION_TEXT, "us-east-1")])
def test_a_default_that_is_no_entry_of_the_row_of_a_place(tmp_path: Path, place: Json, row: str) -> None:
    """No deployment has it: the parameter is one of the keys that there are, in whatever row."""
    account: Json = {"Fn::FindInMap": ["Accounts", place, STAGE]}
    content: Json = {
        "Parameters": {"Stage": {"Type": "String", "Default": "nobody"}},
        "Mappings": {"Accounts": {row: {"dev": OWN, "prod": OUTSIDE}}},
        **template(allow({"Fn::Sub": ["arn:${AWS::Partition}:iam::${account}:root", {"account": account}]})),
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content))
    report = trustproof.check([str(file)], account=OWN, config=CONFIG, properties=["inside-boundary"])
    assert {result.verdict for result in report.results} == {REFUTED}


@pytest.mark.parametrize("default", [{}, {"Default": "dev"}])
@pytest.mark.parametrize(("first", "second", "mapping", "expected"), TOGETHER)
def test_a_place_and_a_parameter_are_keys_together(
    tmp_path: Path, first: Json, second: Json, mapping: Json, expected: str, default: Json
) -> None:
    """Where a mapping has nothing for a partition, whatever the parameter is, there is no deployment to it."""
    account: Json = {"Fn::FindInMap": ["Accounts", first, second]}
    trusted: Json = {"Fn::Sub": ["arn:${AWS::Partition}:iam::${account}:root", {"account": account}]}
    content: Json = {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"], **default}},
        "Mappings": {"Accounts": mapping},
        **template(allow(trusted)),
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content))
    config = {"boundary": {"accounts": [OWN, OWN_TOO]}}
    report = trustproof.check([str(file)], account=OWN, config=config, properties=["inside-boundary"], certify=True)
    assert {result.verdict for result in report.results} == {expected}


BY_REGION: Json = {"Fn::FindInMap": ["Accounts", REGION_KEY, "Id"]}
#: What is denied, and the Region in which an outsider is let in; None where that is none.
REGIONS_APART: list[tuple[Json, list[str], str | None]] = [
    (deny(BY_REGION), [OUTSIDE, OUTSIDE, OWN], "eu-central-1"),
    (deny(BY_REGION), [OUTSIDE, OUTSIDE, OUTSIDE], None),
    (deny("*", StringNotEquals={"aws:PrincipalAccount": BY_REGION}), [OWN, OUTSIDE, OWN], "eu-west-1"),
    (deny("*", StringNotEquals={"aws:PrincipalAccount": BY_REGION}), [OWN, OWN_TOO, OWN], None),
]


@pytest.mark.parametrize(("denied", "accounts", "region"), REGIONS_APART)
def test_rows_for_regions_are_told_apart(tmp_path: Path, denied: Json, accounts: list[str], region: str | None) -> None:
    """Where nobody says the Region it is one of those that there are: not every text is tried for it."""
    rows = {name: {"Id": one} for name, one in zip(("us-east-1", "eu-west-1", "eu-central-1"), accounts, strict=True)}
    content: Json = {"Mappings": {"Accounts": rows}, **template(allow(OUTSIDE), denied)}
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content))
    config = {"boundary": {"accounts": [OWN, OWN_TOO]}}
    report = trustproof.check([str(file)], account=OWN, config=config, properties=["inside-boundary"], certify=True)
    (found,) = report.results
    assert found.verdict == (REFUTED if region else PROVED)
    named = {} if found.counterexample is None else found.counterexample.parameters
    assert named.get("AWS::Region") == region


def test_a_default_that_a_mapping_refuses_in_a_partition(tmp_path: Path) -> None:
    """
    Outside of us-east-1 the lookup of the Deny fails, so that Size is not what it is by default, which no condition of
    the statement that lets in speaks of.
    """
    by_size: Json = {"Fn::If": ["IsBig", deny(BY_REGION), {"Ref": "AWS::NoValue"}]}
    by_stage: Json = {"Fn::If": ["IsDev", OWN_TOO, OUTSIDE]}
    content: Json = {
        "Parameters": {"Size": {"Type": "String", "Default": "2"}, "Stage": {"Type": "String"}},
        "Conditions": {
            "IsBig": {"Fn::Equals": [{"Ref": "Size"}, "2"]},
            "IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]},
            "InVirginia": {"Fn::Equals": [REGION_KEY, "us-east-1"]},
        },
        "Mappings": {"Accounts": {"us-east-1": {"Id": OWN_TOO}}},
        **template(allow(by_stage), by_size),
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content))
    config = {"boundary": {"accounts": [OWN, OWN_TOO]}}
    report = trustproof.check([str(file)], account=OWN, config=config, properties=["inside-boundary"])
    assert {result.verdict for result in report.results} == {REFUTED}

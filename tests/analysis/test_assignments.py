"""
A proof is one at every assignment of the parameters, and a refutation names the one that it is for.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trustproof import Report, check

OWN, OTHER, THIRD = "111122223333", "222233334444", "999988887777"
CONFIG = {"boundary": {"accounts": [OTHER]}}
DEV = {"IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}}
LISTED = {"Stage": {"Type": "String", "Default": "prod", "AllowedValues": ["prod", "dev"]}}
OPEN = {"Stage": {"Type": "String", "Default": "prod"}}
ACCOUNTS = {"Acc": {"prod": {"Id": OTHER}, "dev": {"Id": THIRD}}}
OF_STAGE = {"Fn::FindInMap": ["Acc", {"Ref": "Stage"}, "Id"]}

Json = dict[str, object]


def _allow(account: object) -> Json:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": account}}


def _deny(account: object) -> Json:
    return {"Effect": "Deny", "Action": "*", "Principal": {"AWS": account}}


def _deny_by_arn(callers: str) -> Json:
    return {**_deny("*"), "Condition": {"ArnLike": {"aws:PrincipalArn": callers}}}


def _in_dev(statement: Json) -> Json:
    return {"Fn::If": ["IsDev", statement, {"Ref": "AWS::NoValue"}]}


def _template(*statements: Json, parameters: Json = LISTED, **sections: object) -> Json:
    trust = {"Version": "2012-10-17", "Statement": list(statements)}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    return {"Parameters": parameters, "Mappings": ACCOUNTS, "Conditions": DEV, "Resources": {"R": role}, **sections}


def _check(tmp_path: Path, template: Json, *properties: str, parameters: dict[str, str] | None = None) -> Report:
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template))
    return check([str(file)], config=CONFIG, properties=properties, parameters=parameters, account=OWN)


#: What is asked, of which template, the verdict, and the parameters that a refutation names.
CASES: list[tuple[str, str, Json, str, dict[str, str]]] = [
    (
        "an Allow under a condition, a Deny by a mapping",
        "mfa-required",
        _template(_in_dev(_allow(OTHER)), _deny(OF_STAGE)),
        "refuted",
        {"Stage": "dev"},
    ),
    (
        "the same without AllowedValues",
        "mfa-required",
        _template(_in_dev(_allow(OTHER)), _deny(OF_STAGE), parameters=OPEN),
        "refuted",
        {"Stage": "dev"},
    ),
    (
        "the Deny holds wherever the Allow is",
        "mfa-required",
        _template(_in_dev(_allow(THIRD)), _deny(OF_STAGE)),
        "proved",
        {},
    ),
    (
        "what is listed is judged at each value, without any condition",
        "inside-boundary",
        _template(_allow(OF_STAGE)),
        "refuted",
        {"Stage": "dev"},
    ),
    (
        "by Ref",
        "inside-boundary",
        _template(
            _allow({"Ref": "Account"}),
            parameters={"Account": {"Type": "String", "Default": OTHER, "AllowedValues": [OTHER, THIRD]}},
        ),
        "refuted",
        {"Account": THIRD},
    ),
    (
        "by Fn::Sub",
        "inside-boundary",
        _template(
            _allow({"Fn::Sub": "arn:aws:iam::${Account}:root"}),
            parameters={"Account": {"Type": "String", "Default": OTHER, "AllowedValues": [OTHER, THIRD]}},
        ),
        "refuted",
        {"Account": THIRD},
    ),
    (
        "what is not listed and not compared is judged at its default",
        "inside-boundary",
        _template(_allow({"Ref": "Account"}), parameters={"Account": {"Type": "String", "Default": OTHER}}),
        "proved",
        {},
    ),
    (
        "what a condition compares is judged in each class",
        "inside-boundary",
        _template(
            {"Fn::If": ["Given", _allow({"Ref": "Account"}), _allow(OTHER)]},
            parameters={"Account": {"Type": "String", "Default": ""}},
            Conditions={"Given": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Account"}, ""]}]}},
        ),
        "unknown",
        {},
    ),
    (
        "a statement that somebody can use at one assignment",
        "statement-usable",
        _template(_allow(OTHER), _deny(OF_STAGE)),
        "proved",
        {},
    ),
    (
        "a statement that nobody can use where it is",
        "statement-usable",
        _template(_in_dev(_allow(THIRD)), _deny(OF_STAGE)),
        "refuted",
        {"Stage": "dev"},
    ),
]


@pytest.mark.parametrize(("about", "asked", "template", "verdict", "named"), CASES, ids=[case[0] for case in CASES])
def test_a_policy_is_judged_at_each_assignment(
    tmp_path: Path, about: str, asked: str, template: Json, verdict: str, named: dict[str, str]
) -> None:
    """What is wrong at one assignment is wrong, and the counterexample names the assignment."""
    (found,) = _check(tmp_path, template, asked).results
    assert found.verdict == verdict, about
    if found.counterexample is not None:
        assert named.items() <= dict(found.counterexample.parameters).items()
        again = _check(tmp_path, template, asked, parameters=dict(found.counterexample.parameters))
        assert [result.verdict for result in again.results] == ["refuted"]


@pytest.mark.parametrize("certify", [False, True])
@pytest.mark.parametrize(
    ("rows", "verdict"),
    [(("true", "false"), "refuted"), (("false", "true"), "refuted"), (("false", "false"), "proved")],
)
def test_a_row_that_makes_a_deny_harmless_is_found_whatever_chooses_it(
    rows: tuple[str, str], verdict: str, certify: bool
) -> None:
    """A parameter that has neither a default nor a list of values is judged at each row of its mapping."""
    operand = {"Fn::FindInMap": ["M", {"Ref": "Stage"}, "V"]}
    deny = {**_deny("*"), "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": operand}}}
    mapping = {"M": {name: {"V": value} for name, value in zip(("dev", "prod"), rows, strict=True)}}
    template = _template(_allow(OTHER), deny, parameters={"Stage": {"Type": "String"}}, Mappings=mapping)
    (found,) = check([template], account=OWN, config=CONFIG, properties=["mfa-required"], certify=certify).results
    assert found.verdict == verdict
    if found.counterexample is not None:
        assert dict(found.counterexample.parameters) == {"Stage": ("dev", "prod")[rows.index("true")]}


@pytest.mark.parametrize(
    ("key", "verdict"),
    [({"Ref": "Stage"}, "proved"), ({"Fn::Sub": "${Stage}"}, "proved"), ({"Fn::Sub": "pr${Stage}"}, "unknown")],
)
def test_whether_a_parameter_may_be_in_no_row_is_said(key: object, verdict: str) -> None:
    """Where no row lets anybody in, a parameter that is itself the key is in one, as CloudFormation has no other."""
    entry = {"Fn::FindInMap": ["Acc", key, "Id"]}
    deny = {**_deny("*"), "Condition": {"StringNotEquals": {"aws:PrincipalAccount": entry}}}
    accounts = {"Acc": {"prod": {"Id": OWN}, "dev": {"Id": OTHER}}}
    template = _template(_allow("*"), deny, parameters={"Stage": {"Type": "String"}}, Mappings=accounts)
    (found,) = check([template], account=OWN, config=CONFIG, properties=["inside-boundary"]).results
    assert found.verdict == verdict


CHINA = {"China": {"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws-cn"]}}
REGIONAL = {"ByRegion": {"us-east-1": {"Id": OTHER}, "cn-north-1": {"Id": THIRD}}}
OF_REGION = {"Fn::FindInMap": ["ByRegion", {"Ref": "AWS::Region"}, "Id"]}


def _in_china(account: str, otherwise: object = None) -> Json:
    trusted = _allow(f"arn:aws-cn:iam::{account}:root")
    return {"Fn::If": ["China", trusted, otherwise or {"Ref": "AWS::NoValue"}]}


#: What is asked, of which template, the verdict, and the partition that a refutation names.
PARTITIONS: list[tuple[str, str, Json, str, str]] = [
    (
        "the Deny is of the same partition",
        "mfa-required",
        _template(_in_china(OTHER), _deny({"Fn::Sub": f"arn:${{AWS::Partition}}:iam::{OTHER}:root"}), Conditions=CHINA),
        "proved",
        "",
    ),
    (
        "the Deny is of another partition",
        "mfa-required",
        _template(_in_china(OTHER), _deny_by_arn(f"arn:aws:iam::{OTHER}:*"), Conditions=CHINA),
        "refuted",
        "aws-cn",
    ),
    (
        "IAM refuses a principal of another partition",
        "mfa-required",
        _template(_in_china(OTHER), _deny(f"arn:aws:iam::{OTHER}:root"), Conditions=CHINA),
        "proved",
        "",
    ),
    (
        "a mapping by the partition",
        "inside-boundary",
        _template(
            _allow({"Fn::FindInMap": ["By", {"Ref": "AWS::Partition"}, "Id"]}),
            Mappings={"By": {"aws": {"Id": OTHER}, "aws-cn": {"Id": THIRD}, "aws-us-gov": {"Id": OTHER}}},
            Conditions=CHINA,
        ),
        "refuted",
        "aws-cn",
    ),
    (
        "a Deny by a mapping of Regions holds in each of them",
        "mfa-required",
        _template(_allow(OTHER), _deny(OTHER), _deny(OF_REGION), Mappings=REGIONAL, Conditions=CHINA),
        "proved",
        "",
    ),
    (
        "a Deny by a mapping of Regions does not hold in one of them",
        "mfa-required",
        _template(_allow(OTHER), _deny(OF_REGION), Mappings=REGIONAL, Conditions=CHINA),
        "refuted",
        "aws-cn",
    ),
]


@pytest.mark.parametrize(
    ("about", "asked", "template", "verdict", "partition"), PARTITIONS, ids=[case[0] for case in PARTITIONS]
)
def test_each_partition_is_a_world_of_its_own(
    tmp_path: Path, about: str, asked: str, template: Json, verdict: str, partition: str
) -> None:
    """A caller, a Region and what is deployed are of one partition, and a counterexample names it."""
    (found,) = _check(tmp_path, template, asked).results
    assert found.verdict == verdict, about
    if found.counterexample is not None:
        named = found.counterexample.parameters
        assert named["AWS::Partition"] == partition
        assert found.counterexample.caller.startswith(f"arn:{partition}:")
        assert named.get("AWS::Region", "cn-north-1").startswith("cn-")


def test_a_region_that_is_given_is_the_only_one(tmp_path: Path) -> None:
    """With ``region``, what is for other partitions plays no part."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps(_template(_in_china(OTHER), Conditions=CHINA)))
    verdicts = {
        region: [one.verdict for one in check([str(file)], properties=["mfa-required"], region=region).results]
        for region in ("eu-west-1", "cn-north-1")
    }
    assert verdicts == {"eu-west-1": ["proved"], "cn-north-1": ["refuted"]}


def test_a_role_chain_is_walked_at_each_assignment(tmp_path: Path) -> None:
    """Whoever reaches a role at one value of a parameter reaches it."""
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    root = f"arn:aws:iam::{OWN}:root"

    def role(*statements: Json) -> Json:
        trust = {"Version": "2012-10-17", "Statement": list(statements)}
        return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "x", "AssumeRolePolicyDocument": trust}}

    hub = role(_in_dev(_allow(root)), {**_allow(root), "Condition": mfa})
    target = role(
        {**_allow(root), "Condition": mfa},
        _allow({"Fn::GetAtt": ["Hub", "Arn"]}),
        {
            "Effect": "Deny",
            "Action": "sts:AssumeRole",
            "Principal": "*",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": {"Fn::FindInMap": ["Hubs", {"Ref": "Stage"}, "Arn"]}}},
        },
    )
    hub["Properties"]["RoleName"], target["Properties"]["RoleName"] = "hub", "target"  # type: ignore[index]
    arns = {"prod": f"arn:aws:iam::{OWN}:role/hub", "dev": f"arn:aws:iam::{OWN}:role/other"}
    template = {
        "Parameters": LISTED,
        "Conditions": DEV,
        "Mappings": {"Hubs": {stage: {"Arn": arn} for stage, arn in arns.items()}},
        "Resources": {"Hub": hub, "Target": target},
    }
    found = {one.logical_id: one for one in _check(tmp_path, template, "mfa-survives-chaining").results}
    assert found["Target"].verdict == "refuted"
    assert found["Target"].counterexample is not None
    assert found["Target"].counterexample.parameters["Stage"] == "dev"


def test_values_that_say_the_same_are_one_case(tmp_path: Path) -> None:
    """Of three hundred values of which one is different, the different one is found, and so it is in a product."""
    values = [f"v{number}" for number in range(300)]
    template = _template(
        _allow(OF_STAGE),
        parameters={"Stage": {"Type": "String", "Default": "v0", "AllowedValues": values}},
        Mappings={"Acc": {value: {"Id": THIRD if value == "v299" else OTHER} for value in values}},
    )
    (found,) = _check(tmp_path, template, "inside-boundary").results
    assert found.counterexample is not None
    assert found.counterexample.parameters["Stage"] == "v299"


def test_a_certificate_names_each_assignment(tmp_path: Path) -> None:
    """Each line of a certificate says at which assignment it was checked."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps(_template(_in_dev(_allow(THIRD)), _deny(OF_STAGE))))
    (found,) = check([str(file)], properties=["mfa-required"], certify=True).results
    searched = [line.partition(":")[0] for line in found.certificate if line.startswith("where")]
    assert searched == ["where Stage=prod", "where Stage=dev"]


def test_what_stands_around_a_policy_is_judged_at_every_listed_value() -> None:
    """A parameter that only the settings of the bucket read, or only an attachment, is judged at each of its values."""
    open_bucket = {
        "Parameters": {"E": {"Type": "String", "Default": "true", "AllowedValues": ["true", "false"]}},
        "Resources": {
            "B": {
                "Type": "AWS::S3::Bucket",
                "Properties": {
                    "PublicAccessBlockConfiguration": {
                        "BlockPublicPolicy": {"Ref": "E"},
                        "RestrictPublicBuckets": {"Ref": "E"},
                    }
                },
            },
            "R": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {
                    "Bucket": {"Ref": "B"},
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": {
                            "Effect": "Allow",
                            "Principal": "*",
                            "Action": "s3:GetObject",
                            "Resource": {"Fn::Sub": "${B.Arn}/*"},
                        },
                    },
                },
            },
        },
    }
    whoever = {
        "Parameters": {"U": {"Type": "String", "Default": "bob", "AllowedValues": ["bob", "eve"]}},
        "Resources": {
            "Bob": {
                "Type": "AWS::IAM::User",
                "Properties": {
                    "UserName": "bob",
                    "Policies": [
                        {
                            "PolicyName": "p",
                            "PolicyDocument": {
                                "Version": "2012-10-17",
                                "Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
                            },
                        }
                    ],
                },
            },
            "D": {
                "Type": "AWS::IAM::Policy",
                "Properties": {
                    "PolicyName": "d",
                    "Users": [{"Ref": "U"}],
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": {
                            "Effect": "Deny",
                            "Action": "*",
                            "Resource": "*",
                            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
                        },
                    },
                },
            },
        },
    }
    for template, asked in ((open_bucket, "inside-boundary"), (whoever, "sensitive-actions-require-mfa")):
        found = check([template], account="111122223333", region="us-east-1", properties=[asked]).results
        assert "refuted" in {result.verdict for result in found}


def test_what_exists_nowhere(tmp_path: Path) -> None:
    """A role that names a principal of one partition, under a condition that holds in another one, is no crash."""
    china = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws-cn:iam::999988887777:root"}}
    by_region = {"Fn::FindInMap": ["ByRegion", {"Ref": "AWS::Region"}, "Id"]}
    other = {**china, "Principal": {"AWS": by_region}}
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [china, other]}}
    template = {
        "Mappings": {"ByRegion": {name: {"Id": "222233334444"} for name in ("us-east-1", "cn-north-1")}},
        "Conditions": {"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Condition": "Here", "Properties": role}},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template))
    assert not check([str(file)], account="111122223333", properties=["inside-boundary"]).errors


@pytest.mark.parametrize(
    ("principals", "named"),
    [
        ([OF_STAGE, OTHER], False),
        ([OF_STAGE], True),
        ([{"Fn::Sub": ["arn:aws:iam::${Id}:root", {"Id": OF_STAGE}]}, OTHER], False),
    ],
)
def test_a_value_that_changes_nothing_is_not_named(tmp_path: Path, principals: list[object], named: bool) -> None:
    """Who gets in whatever the parameter is needs no value of it; who gets in by one of its values needs that."""
    report = _check(tmp_path, _template(_allow(principals)), "mfa-required")
    shown = [one.counterexample for one in report.results if one.verdict == "refuted" and OTHER in one.message]
    assert shown
    assert all(one is not None and ("Stage" in one.parameters) is named for one in shown)


def test_a_value_without_which_the_resource_is_not_there_is_named(tmp_path: Path) -> None:
    """What is the same at all values at which there is a role is not the same at the others."""
    told = {"StringLike": {"aws:RequestedRegion": {"Ref": "AWS::Region"}}}
    statements = [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": {"Ref": "Account"}}, "Condition": told},
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "999988887777"}, "Condition": told},
    ]
    document = {"Version": "2012-10-17", "Statement": statements}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}, "Condition": "Elsewhere"}
    content = {
        "Parameters": {
            "Stage": {"Type": "String", "AllowedValues": ["prod", "dev", "test"], "Default": "prod"},
            "Account": {"Type": "String", "AllowedValues": ["111122223333", "222233334444"]},
        },
        "Conditions": {"Elsewhere": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "prod"]}]}},
        "Resources": {"R": role},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content))
    report = check([str(file)], properties=["inside-boundary"], account=OWN, config=CONFIG)
    shown = [one.counterexample.parameters for one in report.results if one.counterexample]
    assert shown
    assert all(one.get("Stage") in ("dev", "test") for one in shown)

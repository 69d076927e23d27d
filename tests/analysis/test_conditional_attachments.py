"""
What is attached under a condition of the template is there in some deployments, and protects nobody in the others.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trustproof import check

Json = dict[str, object]

NO_VALUE = {"Ref": "AWS::NoValue"}
NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
DENY = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": NO_MFA}
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def _policy(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _sometimes(value: object) -> Json:
    return {"Fn::If": ["C", value, NO_VALUE]}


GROUP = {"Type": "AWS::IAM::Group", "Properties": {"Policies": [{"PolicyName": "d", "PolicyDocument": _policy(DENY)}]}}
MANAGED = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": _policy(DENY)}}


def _user(**more: object) -> Json:
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": "ann", "ManagedPolicyArns": [ADMIN], **more}}


def _members(users: object, **more: object) -> Json:
    properties = {"GroupName": {"Ref": "G"}, "Users": users}
    return {"Type": "AWS::IAM::UserToGroupAddition", "Properties": properties, **more}


WITHOUT = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ALWAYS: list[Json] = [
    {"G": GROUP, "Ann": _user(Groups=[{"Ref": "G"}])},
    {"G": GROUP, "Ann": _user(), "M": _members([{"Ref": "Ann"}])},
    {"D": MANAGED, "Ann": _user(ManagedPolicyArns=[ADMIN, {"Ref": "D"}])},
    {"G": {**GROUP, "Condition": "C"}, "Ann": {**_user(Groups=[{"Ref": "G"}]), "Condition": "C"}},
]
SOMETIMES: list[Json] = [
    {"G": GROUP, "Ann": _user(Groups=[_sometimes({"Ref": "G"})])},
    {"G": GROUP, "Ann": _user(Groups=_sometimes([{"Ref": "G"}]))},
    {"G": GROUP, "Ann": _user(), "M": _members([{"Ref": "Ann"}], Condition="C")},
    {"G": GROUP, "Ann": _user(), "M": _members([_sometimes({"Ref": "Ann"})])},
    {"D": MANAGED, "Ann": _user(ManagedPolicyArns=[ADMIN, _sometimes({"Ref": "D"})])},
]


def _verdict(folder: Path, resources: Json, parameter: Json) -> tuple[str, dict[str, str]]:
    conditions = {"C": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}, "NotC": {"Fn::Not": [{"Condition": "C"}]}}
    parameters = {"Env": {"Type": "String", **parameter}}
    path = folder / "template.json"
    path.write_text(
        json.dumps({"Parameters": parameters, "Conditions": conditions, "Resources": resources}), encoding="utf-8"
    )
    asked = ["sensitive-actions-require-mfa"]
    results = check([str(path)], account="111122223333", properties=asked).results
    worst = min(results, key=lambda result: ("refuted", "unknown", "proved").index(result.verdict))
    return worst.verdict, worst.counterexample.parameters if worst.counterexample is not None else {}


@pytest.mark.parametrize("parameter", [{"Default": "prod"}, {"Default": "dev"}, {"AllowedValues": ["dev", "prod"]}, {}])
@pytest.mark.parametrize("resources", SOMETIMES)
def test_a_deny_that_is_sometimes_attached_does_not_always_deny(
    tmp_path: Path, resources: Json, parameter: Json
) -> None:
    """The counterexample is a deployment without it, whatever the default of the parameter."""
    verdict, parameters = _verdict(tmp_path, resources, parameter)
    assert verdict == "refuted"
    assert parameters.get("Env", parameter.get("Default")) != "prod"


INLINE = {"PolicyName": "d", "PolicyDocument": _policy(DENY)}


@pytest.mark.parametrize(
    "resources",
    [
        *SOMETIMES,
        {"Ann": _user(Policies=[_sometimes(INLINE)])},
        {"Ann": _user(Policies=_sometimes([INLINE]))},
        {
            "Ann": {
                "Type": "AWS::IAM::User",
                "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": _policy(WITHOUT, _sometimes(DENY))}]},
            }
        },
    ],
)
def test_the_default_that_leaves_a_deny_out_is_shown(tmp_path: Path, resources: Json) -> None:
    """A deployment at the default is one deployment, and the counterexample says which."""
    if "M" not in resources:
        assert _verdict(tmp_path, resources, {"Default": "dev"}) == ("refuted", {"Env": "dev"})
    # Nothing depends on a parameter that decides something else.
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "Env"}}}
    plain = {"Ann": _user(), "B": bucket}
    assert _verdict(tmp_path, plain, {"Default": "dev"}) == ("refuted", {})


@pytest.mark.parametrize("resources", ALWAYS)
def test_a_deny_that_is_there_whenever_the_user_is_counts(tmp_path: Path, resources: Json) -> None:
    """Membership that holds in every deployment with the user is as good as membership without a condition."""
    assert _verdict(tmp_path, resources, {"Default": "dev"})[0] == "proved"


def _managed(*statements: Json, **more: object) -> Json:
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": _policy(*statements), **more}}


WITH_MFA = {
    "Effect": "Allow",
    "Action": "*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
}
ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
#: Boundaries: two that demand MFA, one that demands nothing, one that lets do nothing of what is asked about.
BOUNDS: Json = {
    "One": _managed(WITH_MFA),
    "Two": _managed(ANYTHING, DENY),
    "None": _managed(ANYTHING),
    "Logs": _managed({**ANYTHING, "Action": "logs:Get*"}),
}
ELSEWHERE = "arn:aws:iam::111122223333:policy/limit"


def _if(yes: object, no: object) -> Json:
    return {"Fn::If": ["C", yes, no]}


def _ref(name: str) -> Json:
    return {"Ref": name}


BOUNDED: list[tuple[object, str, bool | None]] = [
    (_if(_ref("One"), _ref("Two")), "proved", None),
    (_if(_ref("One"), _ref("Logs")), "proved", None),
    (_if(_ref("One"), _ref("None")), "refuted", False),
    (_if(_ref("None"), _ref("One")), "refuted", True),
    (_if(_ref("One"), NO_VALUE), "refuted", False),
    (_if(NO_VALUE, _ref("One")), "refuted", True),
    (_if(_ref("One"), _if(_ref("None"), _ref("Two"))), "proved", None),
    (_if(_if(_ref("One"), _ref("None")), _ref("Two")), "proved", None),
    (_if(NO_VALUE, NO_VALUE), "refuted", None),
    (_if(_ref("One"), ADMIN), "refuted", False),
    (_if(_ref("One"), f"{ADMIN.rpartition('/')[0]}/AmazonEC2FullAccess"), "refuted", False),
    (_if(_ref("One"), ELSEWHERE), "unknown", None),
    (_if(ELSEWHERE, NO_VALUE), "refuted", False),
    (_if(ELSEWHERE, _ref("Two")), "unknown", None),
    (_if({"Fn::GetAtt": ["One", "PolicyArn"]}, _ref("Two")), "proved", None),
]


@pytest.mark.parametrize("parameter", [{"Default": "prod"}, {"Default": "dev"}, {"AllowedValues": ["dev", "prod"]}, {}])
@pytest.mark.parametrize(("boundary", "expected", "in_prod"), BOUNDED)
def test_a_boundary_that_a_condition_decides(
    tmp_path: Path, boundary: object, expected: str, in_prod: bool | None, parameter: Json
) -> None:
    """Each outcome is asked about; the counterexample is a deployment that has the wrong one."""
    resources = {**BOUNDS, "Ann": _user(PermissionsBoundary=boundary)}
    verdict, parameters = _verdict(tmp_path, resources, parameter)
    assert verdict == expected
    if in_prod is not None:
        assert (parameters.get("Env", parameter.get("Default")) == "prod") is in_prod


def test_a_boundary_that_is_there_whenever_it_is_named(tmp_path: Path) -> None:
    """The policy stands under the condition that decides whether it is the boundary."""
    resources = {
        "One": {**_managed(WITH_MFA), "Condition": "C"},
        "Ann": _user(PermissionsBoundary=_sometimes(_ref("One"))),
    }
    verdict, parameters = _verdict(tmp_path, resources, {"Default": "prod"})
    assert verdict == "refuted"
    assert parameters["Env"] != "prod"
    resources["Ann"] = {**_user(PermissionsBoundary=_sometimes(_ref("One"))), "Condition": "C"}
    assert _verdict(tmp_path, resources, {"Default": "prod"})[0] == "proved"


def test_a_boundary_by_a_name_that_two_policies_share(tmp_path: Path) -> None:
    """Conditions decide which of them is deployed, and each is asked about."""
    arn = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/limit"}
    for other, expected in ((DENY, "proved"), (ANYTHING, "refuted")):
        resources = {
            "One": {**_managed(WITH_MFA, ManagedPolicyName="limit"), "Condition": "C"},
            "Two": {**_managed(ANYTHING, other, ManagedPolicyName="limit"), "Condition": "NotC"},
            "Ann": _user(PermissionsBoundary=arn),
        }
        assert _verdict(tmp_path, resources, {})[0] == expected


OPTIONAL: list[tuple[list[object], str]] = [
    ([_if(ADMIN, NO_VALUE)], "refuted"),
    ([_if(ADMIN, NO_VALUE), _if(_ref("D"), NO_VALUE)], "proved"),
    ([_if(ADMIN, NO_VALUE), _if(NO_VALUE, _ref("D"))], "refuted"),
    ([ADMIN, ELSEWHERE], "unknown"),
    ([ADMIN, _if(ELSEWHERE, NO_VALUE)], "refuted"),
    ([ADMIN, _if(ELSEWHERE, NO_VALUE), _if(_ref("D"), NO_VALUE)], "refuted"),
    ([ADMIN, _if(ELSEWHERE, NO_VALUE), _if(NO_VALUE, _ref("D"))], "unknown"),
    ([_if(ADMIN, NO_VALUE), _if(ELSEWHERE, NO_VALUE)], "unknown"),
]


@pytest.mark.parametrize("parameter", [{"Default": "prod"}, {"Default": "dev"}, {}])
@pytest.mark.parametrize(("attached", "expected"), OPTIONAL)
def test_policies_that_are_not_in_the_template_may_be_optional(
    tmp_path: Path, attached: list[object], expected: str, parameter: Json
) -> None:
    """What a condition gives counts where it holds, and what it takes away denies nothing there."""
    assert _verdict(tmp_path, {"D": MANAGED, "Ann": _user(ManagedPolicyArns=attached)}, parameter)[0] == expected


def test_a_user_under_a_condition_with_a_policy_of_aws(tmp_path: Path) -> None:
    """The policy is there whenever the user is."""
    verdict, parameters = _verdict(tmp_path, {"Ann": {**_user(), "Condition": "C"}}, {})
    assert (verdict, parameters["Env"]) == ("refuted", "prod")

"""
What stops the sessions of a role and may be taken away, or may be there: chains through it are *unknown*.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN, Resource, plan, policy, trust

Json = dict[str, Any]
R = Resource

_MFA: Json = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
_DENY: Json = {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}
_ALLOW: Json = {**_DENY, "Effect": "Allow"}
_HARMLESS = policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
_ARN = f"arn:aws:iam::{OWN}:policy/D"


def _trust(*principals: tuple[object, Json]) -> Json:
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    return {
        "Version": "2012-10-17",
        "Statement": [{**allow, "Principal": {"AWS": w}, **more} for w, more in principals],
    }


def _role(name: str, document: Json, **more: object) -> Json:
    properties = {"RoleName": name, "AssumeRolePolicyDocument": document, **more}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def _policies(*statements: Json) -> list[Json]:
    return [{"PolicyName": "d", "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}]


_DOCUMENT = {"PolicyDocument": _policies(_DENY)[0]["PolicyDocument"]}
_B = _role("b", _trust((f"arn:aws:iam::{OWN}:role/a", {}), (OWN, _MFA)))
_OPEN = _trust((OWN, {}))
_MANAGED = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": "D", **_DOCUMENT}}
#: Templates in which a Deny, or a boundary, is all that keeps the sessions of the role a from the role b.
INLINE = [{"A": _role("a", _OPEN, Policies=_policies(_DENY)), "B": _B}]
MIXED = [{"A": _role("a", _OPEN, Policies=_policies(_DENY, {**_ALLOW, "Action": "sts:*"})), "B": _B}]
ATTACHED = [{"A": _role("a", _OPEN, ManagedPolicyArns=[{"Ref": "D"}]), "B": _B, "D": _MANAGED}]
BY_NAME = [
    {"A": _role("a", _OPEN), "B": _B},
    {"P": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "d", "Roles": ["a"], **_DOCUMENT}}},
]
BY_ARN = [{"A": _role("a", _OPEN, ManagedPolicyArns=[_ARN]), "B": _B}, {"D": _MANAGED}]
_IF_ON = {"Fn::If": ["On", _ARN, {"Ref": "AWS::NoValue"}]}
_ON: Json = {
    "Parameters": {"On": {"Type": "String"}},
    "Conditions": {"On": {"Fn::Equals": [{"Ref": "On"}, "yes"]}},
}
_SAME = R("aws_iam_role_policy.p", {"role": "a", "name": "d", "policy": _HARMLESS})
_UNKNOWN_ROLE = R("aws_iam_role_policy.p", {"name": "d", "policy": _HARMLESS}, {"role": True})
_NO_INLINE = R("aws_iam_role_policies_exclusive.p", {"role_name": "a", "policy_names": []})
_NONE_ATTACHED = R("aws_iam_role_policy_attachments_exclusive.p", {"role_name": "a", "policy_arns": []})
_OTHERS = R("aws_iam_policy_attachment.p", {"name": "p", "policy_arn": _ARN, "roles": ["z"]})
_ELSEWHERE = R("aws_iam_role_policies_exclusive.p", {"role_name": "z", "policy_names": []})


@pytest.mark.parametrize(
    ("templates", "taking", "verdict"),
    [
        (INLINE, (), "proved"),
        (INLINE, (_ELSEWHERE,), "proved"),
        (INLINE, (_NONE_ATTACHED,), "proved"),
        (INLINE, (_SAME,), "unknown"),
        (INLINE, (_UNKNOWN_ROLE,), "unknown"),
        (INLINE, (_NO_INLINE,), "unknown"),
        (MIXED, (), "proved"),
        (MIXED, (_NO_INLINE,), "unknown"),
        (ATTACHED, (), "proved"),
        (ATTACHED, (_NONE_ATTACHED,), "unknown"),
        (ATTACHED, (_OTHERS,), "unknown"),
        (BY_NAME, (), "proved"),
        (BY_NAME, (_NO_INLINE,), "unknown"),
        (BY_ARN, (), "proved"),
        (BY_ARN, (_NONE_ATTACHED,), "unknown"),
    ],
)
def test_a_deny_that_others_take_away_stops_nobody(
    tmp_path: Path, templates: list[Json], taking: tuple[Resource, ...], verdict: str
) -> None:
    """What a template denies to a role and a plan removes, or replaces, is there and is not: it proves nothing."""
    inputs: list[Any] = [{"Resources": one} for one in templates]
    if taking:
        (tmp_path / "plan.json").write_text(json.dumps(plan(*taking)), encoding="utf-8")
        inputs.append(str(tmp_path / "plan.json"))
    report = trustproof.check(inputs, config={}, account=OWN, properties=["mfa-survives-chaining"], certify=True)
    assert [one.verdict for one in report.results] == [verdict]


def test_a_deny_of_another_template_that_a_condition_attaches() -> None:
    """Where the condition does not hold, it stops nobody."""
    resources = {"A": _role("a", _OPEN, ManagedPolicyArns=[_IF_ON]), "B": _B}
    inputs: list[Any] = [{**_ON, "Resources": resources}, {"Resources": {"D": _MANAGED}}]
    report = trustproof.check(inputs, config={}, account=OWN, properties=["mfa-survives-chaining"])
    assert [one.verdict for one in report.results] == ["unknown"]
    assert any("a condition decides whether" in reason for reason in report.results[0].reasons)


def test_an_allow_that_others_take_away_lets_in_those_it_did(tmp_path: Path) -> None:
    """The template gives it again with each deployment: who comes through by it is found, as without the plan."""
    resources = {"A": _role("a", _OPEN, Policies=_policies(_ALLOW)), "B": _B}
    (tmp_path / "plan.json").write_text(json.dumps(plan(_NO_INLINE)), encoding="utf-8")
    report = trustproof.check(
        [{"Resources": resources}, str(tmp_path / "plan.json")],
        config={},
        account=OWN,
        properties=["mfa-survives-chaining"],
    )
    assert [one.verdict for one in report.results] == ["refuted"]


@pytest.mark.parametrize(
    ("attached", "verdict"),
    [
        ([], "refuted"),
        (["arn:aws:iam::aws:policy/ReadOnlyAccess"], "refuted"),
        ([{"Ref": "P"}], "unknown"),
        ([_ARN], "unknown"),
    ],
)
def test_a_policy_that_nobody_knows_may_deny_the_next_step(attached: list[object], verdict: str) -> None:
    """A role that has it may go no further: whoever trusts the role is not refuted through it."""
    template = {
        "Parameters": {"P": {"Type": "String"}},
        "Resources": {"A": _role("a", _OPEN, ManagedPolicyArns=attached), "B": _B},
    }
    report = trustproof.check([template], config={}, account=OWN, properties=["mfa-survives-chaining"])
    assert [one.verdict for one in report.results] == [verdict]


def test_what_a_plan_attaches_before_it_is_made_may_deny_the_next_step(tmp_path: Path) -> None:
    """Which policy it is shows only when it is there."""
    attachment = R("aws_iam_role_policy_attachment.x", {"role": "a"}, {"policy_arn": True})
    roles = [
        R("aws_iam_role.a", {"name": "a", "assume_role_policy": trust({"AWS": f"arn:aws:iam::{OWN}:root"})}),
        R(
            "aws_iam_role.b",
            {"name": "b", "assume_role_policy": json.dumps(_B["Properties"]["AssumeRolePolicyDocument"])},
        ),
    ]
    for more, verdict in (((), "refuted"), ((attachment,), "unknown")):
        (tmp_path / "plan.json").write_text(json.dumps(plan(*roles, *more)), encoding="utf-8")
        path = str(tmp_path / "plan.json")
        report = trustproof.check([path], config={}, account=OWN, properties=["mfa-survives-chaining"])
        assert [one.verdict for one in report.results] == [verdict]


_ROLES: Json = {"Condition": {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/*"}}}


@pytest.mark.parametrize(
    ("arn", "more", "verdict"),
    [
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", {}, "proved"),
        ("arn:aws:iam::aws:policy/AdministratorAccess", {}, "refuted"),
        (_ARN, {}, "unknown"),
        (_ARN, {"D": _MANAGED}, "proved"),
    ],
)
def test_what_a_plan_attaches_to_a_role_of_a_template_counts(
    tmp_path: Path, arn: str, more: Json, verdict: str
) -> None:
    """A managed policy that another input attaches by the name of the role may open a chain through it."""
    template = {"Resources": {"A": _role("a", _OPEN), "B": _role("b", _trust((OWN, _ROLES), (OWN, _MFA))), **more}}
    attachment = R("aws_iam_role_policy_attachment.x", {"role": "a", "policy_arn": arn})
    (tmp_path / "plan.json").write_text(json.dumps(plan(attachment)), encoding="utf-8")
    inputs = [template, str(tmp_path / "plan.json")]
    report = trustproof.check(inputs, config={}, account=OWN, properties=["mfa-survives-chaining"])
    assert [one.verdict for one in report.results] == [verdict]

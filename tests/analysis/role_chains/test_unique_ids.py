"""
A role that a trust policy names by its unique id: the id is the role.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
OWN = "111122223333"
MFA: Json = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
ANY_ROLE = [
    {
        "PolicyName": "p",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
        },
    }
]


def _role(*principals: tuple[object, Json], policies: list[Json] | None = None) -> Json:
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    said = [{**allow, "Principal": {"AWS": who}, **more} for who, more in principals]
    properties: Json = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": said}}
    return {"Type": "AWS::IAM::Role", "Properties": properties | ({"Policies": policies} if policies else {})}


@pytest.mark.parametrize("attribute", ["Arn", "RoleId"])
@pytest.mark.parametrize(
    ("entered", "policies", "verdict"),
    [
        ({}, None, "refuted"),
        ({}, ANY_ROLE, "refuted"),
        (MFA, None, "proved"),
        (MFA, ANY_ROLE, "proved"),
    ],
)
def test_whoever_trusts_a_unique_id_trusts_the_role(
    attribute: str, entered: Json, policies: list[Json] | None, verdict: str
) -> None:
    """It is the same whether a trust policy names a role by its ARN or by its unique id."""
    resources = {
        "A": _role((OWN, entered), policies=policies),
        "B": _role((OWN, MFA), ({"Fn::GetAtt": ["A", attribute]}, {})),
    }
    report = trustproof.check(
        [{"Resources": resources}], config={}, account=OWN, properties=["mfa-survives-chaining"], certify=True
    )
    assert [one.verdict for one in report.results if one.logical_id == "B"] == [verdict]


def test_a_unique_id_is_that_of_one_role() -> None:
    """A role that may assume any other is not let in by the unique id of a third one."""
    resources = {
        "A": _role((OWN, {}), policies=ANY_ROLE),
        "B": _role((OWN, MFA), ({"Fn::GetAtt": ["C", "RoleId"]}, {})),
        "C": _role((OWN, MFA)),
    }
    report = trustproof.check([{"Resources": resources}], config={}, account=OWN, properties=["mfa-survives-chaining"])
    assert {one.verdict for one in report.results} == {"proved"}


@pytest.mark.parametrize(("named", "verdict"), [("A", "refuted"), ("C", "proved")])
def test_sessions_by_the_id_of_a_role(named: str, verdict: str) -> None:
    """A role has no session with the id of another one of its template."""
    sessions = {"Condition": {"StringLike": {"aws:userid": {"Fn::Sub": f"${{{named}.RoleId}}:*"}}}}
    resources = {
        "A": _role((OWN, {}), policies=ANY_ROLE),
        "B": _role((OWN, MFA), (OWN, sessions)),
        "C": _role((OWN, MFA)),
    }
    report = trustproof.check(
        [{"Resources": resources}], config={}, account=OWN, properties=["mfa-survives-chaining"], certify=True
    )
    assert [one.verdict for one in report.results if one.logical_id == "B"] == [verdict]


@pytest.mark.parametrize(("exported", "verdict"), [("Role", "refuted"), ("Other", "proved")])
def test_an_id_of_another_template_is_that_of_its_role(exported: str, verdict: str) -> None:
    """What is exported is the id of that role, also where the template that takes it has one of the same logical id."""
    first: Json = {
        "Resources": {"Role": _role((OWN, {}), policies=ANY_ROLE), "Other": _role((OWN, MFA))},
        "Outputs": {"Id": {"Value": {"Fn::GetAtt": [exported, "RoleId"]}, "Export": {"Name": "role-id"}}},
    }
    second = {"Role": _role((OWN, MFA)), "B": _role((OWN, MFA), ({"Fn::ImportValue": "role-id"}, {}))}
    report = trustproof.check(
        [first, {"Resources": second}], config={}, account=OWN, properties=["mfa-survives-chaining"]
    )
    (found,) = [one for one in report.results if one.logical_id == "B"]
    assert (found.verdict, found.reasons) == (verdict, ())


def test_an_id_that_a_parent_passes_on_is_that_of_its_role(tmp_path: Path) -> None:
    """So it is in a nested stack that has a role of the same logical id."""
    passed = {"TemplateURL": "child.json", "Parameters": {"Id": {"Fn::GetAtt": ["Role", "RoleId"]}}}
    parent = {"Role": _role((OWN, {})), "Child": {"Type": "AWS::CloudFormation::Stack", "Properties": passed}}
    child: Json = {
        "Parameters": {"Id": {"Type": "String"}},
        "Resources": {"Role": _role((OWN, MFA)), "B": _role((OWN, MFA), ({"Ref": "Id"}, {}))},
    }
    files = [tmp_path / "parent.json", tmp_path / "child.json"]
    for file, content in zip(files, ({"Resources": parent}, child), strict=True):
        file.write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(map(str, files), config={}, account=OWN, properties=["mfa-survives-chaining"])
    assert {one.logical_id: one.verdict for one in report.results} == {"Role": "proved", "B": "refuted"}


def test_a_proof_rests_on_an_id_that_is_written_down() -> None:
    """Nobody knows which role has it: one that may be reached without MFA, perhaps."""
    ident = "AROAJQABLZS4A3QDU576Q"
    resources = {"A": _role((OWN, {})), "B": _role((OWN, MFA), (ident, {}))}
    report = trustproof.check([{"Resources": resources}], config={}, account=OWN, properties=["mfa-survives-chaining"])
    (found,) = report.results
    assert found.verdict == "proved"
    assert [ident in one for one in found.reasons] == [True]

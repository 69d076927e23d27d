"""
What was not asked or not decided is not proved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

import trustproof

ACCOUNT = "111122223333"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
#: A condition that nobody can read before the template is deployed.
UNREADABLE = {"Fn::Transform": {"Name": "Macro"}}


def trust(name: str, *statements: Mapping[str, object], policies: object = ()) -> dict[str, object]:
    """A role; each statement lets principals assume it."""
    allowed = [{"Effect": "Allow", "Action": "sts:AssumeRole", **statement} for statement in statements]
    document = {"Version": "2012-10-17", "Statement": allowed}
    properties = {"RoleName": name, "AssumeRolePolicyDocument": document, "Policies": policies}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def verdicts(folder: Path, resources: Mapping[str, object], ident: str, **more: object) -> dict[str, trustproof.Result]:
    """Logical id to the result of one property."""
    file = folder / "template.json"
    file.write_text(json.dumps({**more, "Resources": resources}))
    report = trustproof.check([str(file)], account=ACCOUNT, properties=[ident])
    return {result.logical_id: result for result in report.results}


def test_a_chain_from_a_role_that_is_not_decided_is_unknown(tmp_path: Path) -> None:
    """Whoever may enter the first role may reach the last one, and who that is, nobody knows."""
    people = {"Principal": {"AWS": ACCOUNT}}
    resources = {
        "Entry": trust("entry", {**people, "Condition": UNREADABLE}),
        "Admin": trust("admin", {**people, "Condition": MFA}, {"Principal": {"AWS": {"Fn::GetAtt": ["Entry", "Arn"]}}}),
    }
    found = verdicts(tmp_path, resources, "mfa-survives-chaining")["Admin"]
    assert found.verdict == trustproof.UNKNOWN
    assert found.reasons[0].startswith(
        f"whether a user without MFA may assume arn:aws:iam::{ACCOUNT}:role/entry is not"
    )


@pytest.mark.parametrize("where", ["trust", "identity"])
def test_a_chain_over_a_step_that_is_not_decided_is_unknown(tmp_path: Path, where: str) -> None:
    """A step that may be possible is not taken for impossible."""
    hop = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*", "Condition": UNREADABLE}
    policy = {"PolicyName": "hop", "PolicyDocument": {"Version": "2012-10-17", "Statement": [hop]}}
    entry = {"Principal": {"AWS": {"Fn::GetAtt": ["Entry", "Arn"]}}, "Condition": UNREADABLE}
    roles = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}}
    account = {"Principal": {"AWS": ACCOUNT}, "Condition": roles}
    resources = {
        "Entry": trust("entry", {"Principal": {"AWS": ACCOUNT}}, policies=[policy] if where == "identity" else []),
        "Admin": trust(
            "admin", {"Principal": {"AWS": ACCOUNT}, "Condition": MFA}, entry if where == "trust" else account
        ),
    }
    found = verdicts(tmp_path, resources, "mfa-survives-chaining")["Admin"]
    assert found.verdict == trustproof.UNKNOWN
    assert any("role/entry may assume" in reason for reason in found.reasons)


def test_managed_policies_of_aws_are_asked_as_their_text(tmp_path: Path) -> None:
    """That of an administrator is not reported as one that lets nobody assume foreign roles; one that reads is."""
    for name, expected in (("AdministratorAccess", trustproof.REFUTED), ("IAMReadOnlyAccess", trustproof.PROVED)):
        user = {
            "Type": "AWS::IAM::User",
            "Properties": {"ManagedPolicyArns": [f"arn:aws:iam::aws:policy/{name}"]},
        }
        assert verdicts(tmp_path, {"User": user}, "assume-role-scoped")["User"].verdict == expected


def test_template_conditions_are_true_or_false(tmp_path: Path) -> None:
    """Two conditions of a template that are always equal never leave a third possibility to search."""
    stage = [{"Ref": "Stage"}, "dev"]
    statement = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    nothing = {"Ref": "AWS::NoValue"}
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Fn::If": ["Open", statement, nothing]},
            {"Fn::If": ["Closed", {**statement, "Effect": "Deny", "Principal": "*"}, nothing]},
        ],
    }
    found = verdicts(
        tmp_path,
        {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
        "mfa-required",
        Parameters={"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
        Conditions={"Open": {"Fn::Equals": stage}, "Closed": {"Fn::Equals": stage[::-1]}},
    )
    assert found["Role"].verdict == trustproof.PROVED

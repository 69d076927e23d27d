"""
Roles that demand MFA where a condition of their template holds: chains to them are asked there, as with the parameter
given.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
ACCOUNT = "111122223333"
ASKED = "mfa-survives-chaining"
MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
SWITCHED: Json = {"Fn::If": ["Demanded", MFA, {"Ref": "AWS::NoValue"}]}


def role(name: str, *trusted: Json, **more: object) -> Json:
    statements = [{"Effect": "Allow", "Action": "sts:AssumeRole", **one} for one in trusted]
    trust = {"Version": "2012-10-17", "Statement": statements}
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": trust, **more}}


def template(entry: object, target: object, default: str) -> Json:
    """A role that people enter, and one that trusts it, and people; each under a condition of its statement."""
    people: Json = {"Principal": {"AWS": ACCOUNT}}
    onwards = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{ACCOUNT}:role/target"}
    inline = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [onwards]}}]
    let_in = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/entry"}}
    return {
        "Parameters": {"RequireMfa": {"Type": "String", "AllowedValues": ["true", "false"], "Default": default}},
        "Conditions": {"Demanded": {"Fn::Equals": [{"Ref": "RequireMfa"}, "true"]}},
        "Resources": {
            "Entry": role("entry", {**people, **({"Condition": entry} if entry else {})}, Policies=inline),
            "Target": role("target", {**people, "Condition": target}, let_in),
        },
    }


@pytest.mark.parametrize("default", ["true", "false"])
@pytest.mark.parametrize(
    ("entry", "target", "verdicts"),
    [
        (None, SWITCHED, ["refuted"]),
        (None, MFA, ["refuted"]),
        # Where one demands MFA, the other does.
        (SWITCHED, SWITCHED, []),
        (MFA, SWITCHED, []),
        (MFA, MFA, ["proved"]),
    ],
)
def test_where_a_role_demands_mfa(
    entry: object, target: object, verdicts: list[str], default: str, tmp_path: Path
) -> None:
    """Nothing is said of a role that never demands it, or is not reached where it does."""
    (tmp_path / "t.json").write_text(json.dumps(template(entry, target, default)))
    report = trustproof.check([str(tmp_path)], account=ACCOUNT, properties=[ASKED], certify=True)
    assert not report.errors
    assert [one.verdict for one in report.results if one.logical_id == "Target"] == verdicts
    for one in report.results:
        if one.counterexample is not None and target == SWITCHED:
            assert one.counterexample.parameters == {"RequireMfa": "true"}

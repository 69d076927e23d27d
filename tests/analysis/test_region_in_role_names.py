"""
Role chains where the name of a role has the Region in it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

USERS = "111122223333"
UNNAMED = (
    "the name of the role Entry is not known before deployment: it depends on AWS::Region, which --region REGION says"
)
BOUNDARY = {"boundary": {"accounts": [USERS]}}


def _role(name: object, principal: object, *, mfa: bool) -> dict[str, object]:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}} if mfa else {}
    allow = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", "Condition": condition}
    trust = {"Version": "2012-10-17", "Statement": [allow]}
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": trust}}


def _found(tmp_path: Path, *, mfa: bool, region: str | None) -> dict[str, trustproof.Result]:
    both = [f"arn:aws:iam::{USERS}:root", {"Fn::GetAtt": ["Entry", "Arn"]}]
    resources = {
        "Entry": _role({"Fn::Sub": "Entry-${AWS::Region}"}, both[0], mfa=mfa),
        "Target": _role("Target", both[1], mfa=False),
        "Guarded": _role("Guarded", both[0], mfa=True),
    }
    guarded = resources["Guarded"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]  # type: ignore[index]
    guarded.append({"Effect": "Allow", "Principal": {"AWS": both[1]}, "Action": "sts:AssumeRole"})
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Resources": resources}))
    report = trustproof.check([str(template)], config=BOUNDARY, account="222233334444", region=region)
    return {one.logical_id: one for one in report.results if one.property == "mfa-survives-chaining"}


@pytest.mark.parametrize("region", [None, "eu-central-1", "us-east-1"])
def test_chain_is_proved_where_the_region_is_said(tmp_path: Path, region: str | None) -> None:
    """Without it the verdict is unknown, and the reason has the option that resolves it."""
    found = _found(tmp_path, mfa=True, region=region)["Guarded"]
    assert found.verdict == ("unknown" if region is None else "proved")
    assert found.reasons == (() if region else (UNNAMED,))


@pytest.mark.parametrize("region", [None, "eu-central-1"])
def test_chain_is_refuted_in_any_region(tmp_path: Path, region: str | None) -> None:
    """A way without MFA that is there in one Region is found also where none is said."""
    assert _found(tmp_path, mfa=False, region=region)["Guarded"].verdict == "refuted"


@pytest.mark.parametrize(("name", "expected"), [("other", "proved"), ("entry", "refuted")])
def test_chain_is_judged_at_each_region_for_which_a_mapping_has_a_name(name: str, expected: str) -> None:
    """In any other Region CloudFormation refuses the template, so that the names are all known."""
    guarded = _role("Guarded", f"arn:aws:iam::{USERS}:root", mfa=True)
    trust = guarded["Properties"]["AssumeRolePolicyDocument"]  # type: ignore[index]
    through = {"AWS": f"arn:aws:iam::{USERS}:role/entry"}
    trust["Statement"].append({"Effect": "Allow", "Principal": through, "Action": "sts:AssumeRole"})
    entry = _role({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "N"]}, f"arn:aws:iam::{USERS}:root", mfa=False)
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    entry["Properties"]["Policies"] = [{"PolicyName": "p", "PolicyDocument": document}]  # type: ignore[index]
    template = {
        "Mappings": {"M": {"us-east-1": {"N": "other"}, "eu-west-1": {"N": name}}},
        "Resources": {"Entry": entry, "Guarded": guarded},
    }
    report = trustproof.check([template], config=BOUNDARY, account=USERS, properties=["mfa-survives-chaining"])
    assert {one.verdict for one in report.results if one.logical_id == "Guarded"} == {expected}

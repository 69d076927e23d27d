"""
Policies that say the same: what is found of one is told of each as if it stood alone.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof import Result

Json = dict[str, object]

OWN, OUTSIDE = "111122223333", "999988887777"
SOME: Json = {"Ref": "Some"}
ONE_OF_TWO: Json = {"Ref": "OneOfTwo"}
PARTNERS: Json = {"Fn::If": ["ForPartners", {"AWS": f"arn:aws:iam::{OUTSIDE}:root"}, {"AWS": OWN}]}
PARAMETERS: Json = {
    "Some": {"Type": "String"},
    "OneOfTwo": {"Type": "String", "AllowedValues": [OWN, OUTSIDE]},
    "Partners": {"Type": "String", "AllowedValues": ["yes", "no"], "Default": "no"},
}
CONDITIONS: Json = {"ForPartners": {"Fn::Equals": [{"Ref": "Partners"}, "yes"]}}


def allow(principal: object, **condition: object) -> Json:
    """Somebody may assume the role."""
    found: Json = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {**found, **({"Condition": condition} if condition else {})}


#: Trust policies that are refuted, proved or open, by what is known of them.
POLICIES: dict[str, list[Json]] = {
    "everything is known": [allow({"AWS": OUTSIDE})],
    "everybody, without MFA": [allow("*", BoolIfExists={"aws:MultiFactorAuthPresent": "true"})],
    "everybody by an external id": [allow("*", StringEquals={"sts:ExternalId": "customer-1"})],
    "services too": [allow({"AWS": "*", "Service": "lambda.amazonaws.com"})],
    "a parameter names the principal": [allow({"AWS": SOME})],
    "it may be one of two": [allow({"AWS": ONE_OF_TWO})],
    "a parameter is the external id": [allow({"AWS": OUTSIDE}, StringEquals={"sts:ExternalId": SOME})],
    "a condition decides": [allow(PARTNERS)],
    "what is denied is not known": [allow({"AWS": OUTSIDE}), {**allow({"AWS": SOME}), "Effect": "Deny"}],
    "two of whom nobody says whose": [allow({"AWS": [OWN, f"arn:aws:iam::{OUTSIDE}:role/r", "444455556666"]})],
    "nobody can say who": [allow({"AWS": {"Fn::ImportValue": "somebody"}})],
}


#: With a boundary, and where nobody has said what is one's own.
CONFIGS: dict[str, Json] = {"declared": {"boundary": {"accounts": [OWN]}}, "nobody says": {}}


def found(
    folder: Path, statements: list[Json], roles: list[str], config: Json, condition: str | None = None
) -> list[Result]:
    """What is said of roles with one trust policy, of which the last may exist in some deployments only."""
    policy = {"Version": "2012-10-17", "Statement": statements}
    resources: dict[str, Json] = {
        role: {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}} for role in roles
    }
    if condition is not None:
        resources[roles[-1]]["Condition"] = condition
    file = folder / "template.json"
    template = {"Parameters": PARAMETERS, "Conditions": CONDITIONS, "Resources": resources}
    file.write_text(json.dumps(template), encoding="utf-8")
    report = trustproof.check([str(file)], config=config, account=OWN)
    return [one for one in report.results if one.logical_id == roles[-1]]


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("condition", [None, "ForPartners"])
@pytest.mark.parametrize("said", POLICIES)
def test_a_policy_is_judged_as_if_it_stood_alone(said: str, condition: str | None, config: str, tmp_path: Path) -> None:
    """Verdict, words, counterexample and remedy are those that the policy has where no other says the same."""
    alone = found(tmp_path, POLICIES[said], ["Second"], CONFIGS[config], condition)
    assert alone
    assert found(tmp_path, POLICIES[said], ["First", "Second"], CONFIGS[config], condition) == alone

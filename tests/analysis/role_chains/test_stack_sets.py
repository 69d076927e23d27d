"""
Chains between roles of a template that does not say its account, as that of a StackSet, and those of another template.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.analysis.stacks import assembly

Json = dict[str, object]
OWN, OTHER = "111122223333", "222233334444"
HERE = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}
WITH_MFA: Json = {"Principal": {"AWS": HERE}, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
UNITS: Json = {"OrganizationalUnitIds": ["ou-1"]}
ASKED = ["mfa-survives-chaining"]


def role(name: str, *statements: Json, may: str = "") -> Json:
    """A role of a name, which may assume another one."""
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **one} for one in statements]}
    resource = may if may == "*" else {"Fn::Sub": f"arn:aws:iam::${{AWS::AccountId}}:role/{may}"}
    own = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource}]}
    policies = [{"PolicyName": "next", "PolicyDocument": own}] if may else []
    properties = {"RoleName": name, "AssumeRolePolicyDocument": trust, "Policies": policies}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


DOOR: Json = {"Door": role("door", {"Principal": {"AWS": HERE}}, may="vault")}
VAULT: Json = {
    "Vault": role("vault", WITH_MFA, {"Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/door"}}})
}
#: It names no role.
OPEN_VAULT: Json = {
    "Vault": role(
        "vault",
        WITH_MFA,
        {
            "Principal": {"AWS": HERE},
            "Condition": {"ArnLike": {"aws:PrincipalArn": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/d*"}}},
        },
    )
}


def stack_set(resources: Json, targets: Json) -> Json:
    """A StackSet; it does not say where its stacks are where there are no targets."""
    properties = {
        "StackSetName": "roles",
        "PermissionModel": "SELF_MANAGED",
        "TemplateBody": json.dumps({"Resources": resources}),
        **({"StackInstancesGroup": [{"DeploymentTargets": targets, "Regions": ["eu-west-1"]}]} if targets else {}),
    }
    return {"Roles": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}


def verdict_of(*resources: Json, account: str | None = OWN) -> str:
    """What is said of the only role that demands MFA."""
    config = {"boundary": {"accounts": [OWN, OTHER]}} if account else {}
    templates = [{"Resources": one} for one in resources]
    (found,) = trustproof.check(templates, account=account, config=config, properties=ASKED, certify=True).results
    return found.verdict


@pytest.mark.parametrize(
    ("around", "inside", "accounts", "verdict"),
    [
        (DOOR, VAULT, [OWN], "refuted"),
        (VAULT, DOOR, [OTHER, OWN], "refuted"),
        (DOOR, VAULT, [OTHER], "proved"),
    ],
)
def test_an_account_that_the_stack_set_names(around: Json, inside: Json, accounts: list[str], verdict: str) -> None:
    """There, its roles are beside those of the template that goes to that account."""
    assert verdict_of(around, stack_set(inside, {"Accounts": accounts})) == verdict


@pytest.mark.parametrize(
    ("targets", "verdict"),
    [
        ({}, "unknown"),
        (UNITS, "unknown"),
        ({**UNITS, "Accounts": [OWN], "AccountFilterType": "INTERSECTION"}, "refuted"),
        ({**UNITS, "Accounts": [OTHER], "AccountFilterType": "INTERSECTION"}, "proved"),
        ({**UNITS, "Accounts": [OWN], "AccountFilterType": "DIFFERENCE"}, "proved"),
    ],
)
def test_accounts_that_nobody_lists(targets: Json, verdict: str) -> None:
    """Where a StackSet may go to the account of the other template, nothing is proved of a chain that is there then."""
    assert verdict_of(DOOR, stack_set(VAULT, targets)) == verdict


def test_the_template_that_has_the_stack_set() -> None:
    """What it makes itself is a door to what its StackSet makes; what has nothing to do with that changes nothing."""
    assert verdict_of({**DOOR, **stack_set(VAULT, UNITS)}) == "unknown"
    other = {"Other": role("other", {"Principal": {"AWS": HERE}}, may="another")}
    assert verdict_of({**other, **stack_set(VAULT, UNITS)}) == "proved"


@pytest.mark.parametrize(("more", "verdict"), [("other", "unknown"), ("door", "proved")])
def test_stacks_of_an_assembly(tmp_path: Path, more: str, verdict: str) -> None:
    """
    A stack without an environment may go to the account of another one, though to no certain one of AWS's examples, and
    not where each has a role of one name.
    """
    other = role(more, {"Principal": {"Service": "ec2.amazonaws.com"}})
    nowhere = ("aws://unknown-account/unknown-region", {"Resources": {**VAULT, "Other": other}})
    path = assembly(tmp_path, {"Vault": nowhere, "Door": (f"aws://{OWN}/eu-west-1", {"Resources": DOOR})})
    (found,) = trustproof.check([path], config={}, properties=ASKED).results
    assert found.verdict == verdict


@pytest.mark.parametrize("named", [(OWN, ""), ("", OWN), (OWN, "444455556666")])
def test_accounts_that_policies_name(named: tuple[str, str]) -> None:
    """Two templates that do not say their account may be in one, whatever accounts each of them speaks of."""
    door_to_all = {"Door": role("door", {"Principal": {"AWS": HERE}}, may="*")}
    vault, door = (
        {**roles, **({"Other": role("other", {"Principal": {"AWS": one}})} if one else {})}
        for roles, one in zip((OPEN_VAULT, door_to_all), named, strict=True)
    )
    assert verdict_of(vault, door, account=None) == "refuted"

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


@pytest.mark.parametrize(
    ("trusted", "condition", "verdict"),
    [
        (f"arn:aws:iam::{OTHER}:role/door", {}, "refuted"),
        ("*", {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/*"}}, "refuted"),
        ("*", {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/do*"}}, "refuted"),
        (OTHER, {"StringLike": {"aws:PrincipalArn": "*:role/door"}}, "refuted"),
        (HERE, {"StringEquals": {"aws:PrincipalAccount": OTHER, "aws:PrincipalType": "AssumedRole"}}, "refuted"),
        ("*", {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/deploy*"}}, "proved"),
    ],
)
def test_a_chain_in_the_account_that_a_template_names(trusted: object, condition: Json, verdict: str) -> None:
    """Whoever writes out an account may deploy there: what is proved for no account holds in that one as well."""
    vault = role("vault", WITH_MFA, {"Principal": {"AWS": trusted}, "Condition": condition})
    door = role("door", {"Principal": {"AWS": HERE}}, may="*")
    assert verdict_of({"Vault": vault, "Door": door}, account=None) == verdict


@pytest.mark.parametrize(("pattern", "verdict"), [("*", "unknown"), ("do*", "unknown"), ("deploy*", "proved")])
def test_a_pattern_for_roles_of_an_account_that_nobody_says(pattern: str, verdict: str) -> None:
    """A role of another template may be there, if a pattern is one of its name."""
    theirs = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/{pattern}"}}
    vault = {"Vault": role("vault", WITH_MFA, {"Principal": {"AWS": "*"}, "Condition": theirs})}
    assert verdict_of(vault, stack_set({"Door": role("door", {"Principal": {"AWS": HERE}}, may="*")}, {})) == verdict


def test_an_account_that_another_template_names_stands_for_no_other(tmp_path: Path) -> None:
    """A Deny of what is in one account says nothing of a template that may be in any."""
    roles = {"StringLike": {"aws:PrincipalArn": "*:role/door"}}
    vault = role("vault", WITH_MFA, {"Principal": {"AWS": "*"}, "Condition": roles})
    door = role("door", {"Principal": {"AWS": HERE}}, may="*")
    (policy,) = door["Properties"]["Policies"]  # type: ignore[index]
    policy["PolicyDocument"]["Statement"].append(
        {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{OWN}:role/*"}
    )
    taken = {"Taken": role("vault", WITH_MFA)}
    files = [("vault", None, {"Vault": vault}), ("door", OTHER, {"Door": door, **taken})]
    for name, _, resources in files:
        (tmp_path / f"{name}.json").write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    given = [(str(tmp_path / f"{name}.json"), account, None) for name, account, _ in files]
    found = trustproof.check_templates(given, properties=ASKED).results
    assert {one.logical_id: one.verdict for one in found} == {"Vault": "refuted", "Taken": "proved"}


@pytest.mark.parametrize("is_named", [True, False])
def test_a_chain_at_another_value_in_the_account_of_another_template(is_named: bool, tmp_path: Path) -> None:
    """Where there is no such role beside the template itself, its proof rests on the default all the same."""
    theirs = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${Who}"}
    vault = {
        "Vault": role(
            "vault", WITH_MFA, {"Principal": {"AWS": HERE}, "Condition": {"ArnEquals": {"aws:PrincipalArn": theirs}}}
        )
    }
    named = {"Other": role("other", {"Principal": {"AWS": OWN}})} if is_named else {}
    parameters = {"Who": {"Type": "String", "Default": "nobody"}}
    door = {"Door": role("door", {"Principal": {"AWS": HERE}}, may="*")}
    given = []
    for name, account, template in (
        ("vault", None, {"Parameters": parameters, "Resources": {**vault, **named}}),
        ("door", OWN, {"Resources": door}),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(template), encoding="utf-8")
        given.append((str(tmp_path / f"{name}.json"), account, None))
    (found,) = trustproof.check_templates(given, properties=ASKED).results
    assert (found.verdict, found.at_defaults) == ("proved", (("Who", "nobody"),))

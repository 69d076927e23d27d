"""
Chains between roles of a StackSet's template and those of another template, in an account that the StackSet names.
"""

from __future__ import annotations

import json

import pytest

import trustproof

Json = dict[str, object]
OWN, OTHER = "111122223333", "222233334444"
HERE = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}


def role(name: str, *statements: Json, may: str = "") -> Json:
    """A role of a name, which may assume another one."""
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **one} for one in statements]}
    resource = {"Fn::Sub": f"arn:aws:iam::${{AWS::AccountId}}:role/{may}"}
    own = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource}]}
    policies = [{"PolicyName": "next", "PolicyDocument": own}] if may else []
    properties = {"RoleName": name, "AssumeRolePolicyDocument": trust, "Policies": policies}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


DOOR: Json = {"Door": role("door", {"Principal": {"AWS": HERE}}, may="vault")}
VAULT: Json = {
    "Vault": role(
        "vault",
        {"Principal": {"AWS": HERE}, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
        {"Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/door"}}},
    )
}


def in_accounts(resources: Json, *accounts: str) -> Json:
    """A template with a StackSet for some accounts."""
    group = {"DeploymentTargets": {"Accounts": [*accounts]}, "Regions": ["eu-west-1"]}
    properties = {
        "StackSetName": "roles",
        "PermissionModel": "SELF_MANAGED",
        "TemplateBody": json.dumps({"Resources": resources}),
        "StackInstancesGroup": [group],
    }
    return {"Resources": {"Roles": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}}


@pytest.mark.parametrize(
    ("templates", "verdict"),
    [
        ([{"Resources": DOOR}, in_accounts(VAULT, OWN)], "refuted"),
        ([{"Resources": VAULT}, in_accounts(DOOR, OTHER, OWN)], "refuted"),
        ([{"Resources": DOOR}, in_accounts(VAULT, OTHER)], "proved"),
    ],
)
def test_an_account_that_the_stack_set_names(templates: list[Json], verdict: str) -> None:
    """There, its roles are beside those of the template that goes to that account."""
    config = {"boundary": {"accounts": [OWN, OTHER]}}
    asked = ["mfa-survives-chaining"]
    (found,) = trustproof.check(templates, account=OWN, config=config, properties=asked, certify=True).results
    assert found.verdict == verdict

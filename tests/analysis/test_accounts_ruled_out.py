"""
Policies that compare who calls with an account in which the template does not make them.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

OTHER = "999988887777"
IS_OTHER = {"Fn::Equals": [{"Ref": "AWS::AccountId"}, OTHER]}
CONDITIONS = {"Here": IS_OTHER, "Elsewhere": {"Fn::Not": [IS_OTHER]}}
TESTED = {"StringEquals": {"aws:PrincipalAccount": OTHER}}


def verdicts(resources: dict[str, Any], asked: str) -> set[str]:
    """What is found of a template, where nobody says its account."""
    template = {"Conditions": CONDITIONS, "Resources": resources}
    report = trustproof.check([template], config={"boundary": {"accounts": ["111122223333"]}}, properties=[asked])
    assert not report.errors
    return {one.verdict for one in report.results}


@pytest.mark.parametrize(("condition", "verdict"), [("Here", "refuted"), ("Elsewhere", "proved")])
def test_what_is_attached_in_other_accounts_only(condition: str, verdict: str) -> None:
    """It is asked of no user of the account that it is compared with."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*", "Condition": TESTED}
    users = [{"Fn::If": [condition, {"Ref": "User"}, {"Ref": "AWS::NoValue"}]}]
    policy = {"PolicyDocument": {"Version": "2012-10-17", "Statement": statement}, "Users": users}
    resources = {"User": {"Type": "AWS::IAM::User"}, "P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": policy}}
    assert verdicts(resources, "assume-role-scoped") == {verdict}


@pytest.mark.parametrize(("condition", "verdict"), [("Here", "proved"), ("Elsewhere", "refuted")])
def test_a_role_that_is_in_other_accounts_only(condition: str, verdict: str) -> None:
    """Nobody is of its own account and of the one in which it is never made."""
    principal = {"AWS": {"Ref": "AWS::AccountId"}}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, "Condition": TESTED}
    trust = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": statement}}
    role = {"Type": "AWS::IAM::Role", "Condition": condition, "Properties": trust}
    assert verdicts({"Role": role}, "statement-usable") == {verdict}

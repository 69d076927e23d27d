"""
``aws:ResourceAccount`` next to Resource: both say whose the resource is.
"""

from __future__ import annotations

import pytest

import trustproof

HERE, THERE = "111122223333", "999988887777"
ANY = "arn:aws:iam::*:role/x"
OURS = f"arn:aws:iam::{HERE}:role/x"
CONFIG = {"boundary": {"accounts": []}}


def prove(asked: str, *statements: dict[str, object]) -> trustproof.Result:
    """The result for the policy of a user."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return trustproof.prove(policy, asked, account=HERE, kind="identity", config=CONFIG)


def allow(action: str, resource: str, operator: str, account: object) -> dict[str, object]:
    """A statement with a condition on whose the resource is."""
    condition = {operator: {"aws:ResourceAccount": account}}
    return {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}


@pytest.mark.parametrize(
    ("resource", "operator", "account", "scoped", "usable"),
    [
        (ANY, "StringEquals", THERE, f"arn:aws:iam::{THERE}:role/x", "proved"),
        (ANY, "StringEquals", HERE, None, "proved"),
        (ANY, "StringLike", THERE, f"arn:aws:iam::{THERE}:role/x", "proved"),
        (ANY, "StringNotEquals", HERE, "arn:aws:iam::444455556666:role/x", "proved"),
        ("*", "StringEquals", THERE, f"arn:aws:iam::{THERE}:role/app", "proved"),
        (OURS, "StringEquals", THERE, None, "refuted"),
        (OURS, "StringEquals", HERE, None, "proved"),
        # The key may be absent.
        (OURS, "StringNotEquals", HERE, None, "proved"),
        ("arn:aws:iam::9999*:role/x", "StringEquals", [HERE, THERE], f"arn:aws:iam::{THERE}:role/x", "proved"),
        ("arn:aws:iam::9999*:role/x", "StringEquals", HERE, None, "refuted"),
    ],
)
def test_roles(resource: str, operator: str, account: object, scoped: str | None, usable: str) -> None:
    """The role that is shown is of the account that the condition asks for."""
    statement = allow("sts:AssumeRole", resource, operator, account)
    found = prove("assume-role-scoped", statement)
    assert (found.verdict, found.reasons) == ("proved" if scoped is None else "refuted", ())
    assert (found.counterexample.resource if found.counterexample else None) == scoped
    assert prove("statement-usable", statement).verdict == usable


@pytest.mark.parametrize(
    ("operator", "account", "verdict"),
    [("StringEquals", HERE, "proved"), ("StringEquals", THERE, "refuted"), ("StringNotEquals", THERE, "refuted")],
)
def test_a_deny_in_the_account(operator: str, account: str, verdict: str) -> None:
    """A Deny on the resources of one account covers what the condition leaves."""
    action = "lambda:UpdateFunctionCode"
    mfa = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    resource = f"arn:aws:lambda:*:{HERE}:function:*"
    deny = {"Effect": "Deny", "Action": action, "Resource": resource, "Condition": mfa}
    statement = allow(action, "arn:aws:lambda:*:*:function:*", operator, account)
    assert prove("sensitive-actions-require-mfa", statement, deny).verdict == verdict


@pytest.mark.parametrize(
    ("action", "operator", "account", "denied", "verdict"),
    [
        ("lambda:InvokeFunction", "StringEquals", HERE, None, "proved"),
        ("lambda:InvokeFunction", "StringEquals", HERE, "lambda:us-east-1", "proved"),
        ("lambda:InvokeFunction", "StringLike", "1111*", "lambda:us-east-1", "proved"),
        ("lambda:InvokeFunction", "StringEquals", THERE, "lambda:us-east-1", "proved"),
        ("lambda:InvokeFunction", "StringEquals", "${aws:PrincipalAccount}", "lambda:us-east-1", "proved"),
        ("secretsmanager:GetSecretValue", "StringEquals", HERE, "secretsmanager:*", "refuted"),
        ("secretsmanager:GetSecretValue", "StringEquals", HERE, "secretsmanager:us-east-1", "proved"),
        ("execute-api:Invoke", "StringEquals", HERE, "execute-api:eu-west-1", "proved"),
        # No role is passed across accounts, and no user of another one is removed.
        ("iam:PassRole", "StringEquals", THERE, None, "refuted"),
        ("iam:PassRole", "StringEquals", HERE, None, "proved"),
        ("iam:DeleteUser", "StringNotEquals", HERE, None, "proved"),
        ("ec2:TerminateInstances", "StringLike", "9999*", None, "refuted"),
    ],
)
def test_whose_is_said_and_not_what(action: str, operator: str, account: str, denied: str | None, verdict: str) -> None:
    """Where Resource says nothing, what the action is about is looked for in the account that the condition says."""
    statement = allow(action, "*", operator, account)
    deny = {"Effect": "Deny", "Action": "*", "Resource": f"arn:aws:{denied}:{HERE}:*"}
    found = prove("statement-usable", statement, *([deny] if denied else []))
    assert (found.verdict, found.reasons) == (verdict, ())

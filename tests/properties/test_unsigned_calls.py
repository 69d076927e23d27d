"""
Calls without a signature: who has no account sends a few calls only.
"""

from __future__ import annotations

import pytest

import trustproof
from trustproof.aws import published
from trustproof.aws.unsigned_calls import UNSIGNED
from trustproof.model.request import ANONYMOUS, Caller, Request
from trustproof.spec.realism import impossibilities

OWN = "111122223333"
ANYONE, WITH_AN_ACCOUNT = "anyone, without credentials,", "anyone with an AWS account"


@pytest.mark.parametrize(
    ("action", "who"),
    [
        ("s3:GetObject", ANYONE),
        ("sqs:SendMessage", ANYONE),
        ("sns:Publish", ANYONE),
        ("execute-api:Invoke", ANYONE),
        ("execute-api:ManageConnections", WITH_AN_ACCOUNT),
        ("es:ESHttpGet", ANYONE),
        ("lambda:InvokeFunctionUrl", ANYONE),
        ("elasticfilesystem:ClientMount", ANYONE),
        ("lambda:InvokeFunction", WITH_AN_ACCOUNT),
        ("codeartifact:ReadFromRepository", WITH_AN_ACCOUNT),
        ("backup:CopyIntoBackupVault", WITH_AN_ACCOUNT),
        ("cloudtrail-data:PutAuditEvents", WITH_AN_ACCOUNT),
        ("ecr:BatchGetImage", WITH_AN_ACCOUNT),
        ("kms:Decrypt", WITH_AN_ACCOUNT),
        ("secretsmanager:GetSecretValue", WITH_AN_ACCOUNT),
        ("events:PutEvents", WITH_AN_ACCOUNT),
        ("glue:GetTable", WITH_AN_ACCOUNT),
        ("es:DescribeDomain", WITH_AN_ACCOUNT),
    ],
)
def test_who_gets_in(action: str, who: str) -> None:
    """What is open to everybody is open to whoever can send the call."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    found = trustproof.prove(policy, "inside-boundary", account=OWN, kind="resource")
    assert found.verdict == trustproof.REFUTED
    assert found.message.startswith(who)


@pytest.mark.parametrize(("action", "verdict"), [("s3:GetObject", "refuted"), ("ecr:BatchGetImage", "proved")])
def test_a_policy_that_keeps_accounts_out(action: str, verdict: str) -> None:
    """Who denies everybody that has an account has left in who needs none."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"},
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "*",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalAccount": [OWN, "anonymous"]}},
            },
        ],
    }
    assert trustproof.prove(policy, "inside-boundary", account=OWN, kind="resource").verdict == verdict


@pytest.mark.parametrize(("action", "possible"), [("s3:GetObject", True), ("lambda:InvokeFunction", False)])
def test_the_evaluator_knows_it_too(action: str, possible: bool) -> None:
    """A request without a signature is impossible where the service takes none."""
    caller = Caller(ANONYMOUS, "", "", "")
    found = impossibilities(Request(caller, action, "*", {}))
    assert any("cannot call" in reason for reason in found) is not possible


@pytest.mark.parametrize("head", UNSIGNED)
def test_these_actions_exist(head: str) -> None:
    """Each beginning is one of an action that AWS publishes."""
    service, _, name = head.partition(":")
    known = published.service(service)
    assert known is not None
    assert any(action.startswith(name) for action in known.actions)

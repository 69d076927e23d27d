"""
`session_policy`: a text for STS, as long as STS takes.
"""

from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from trustproof_cdk import mfa_conditions, session_policy

READ = {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::ledger/*"]}


def test_text_is_the_policy(stack: cdk.Stack) -> None:
    """What is known is JSON already, and what is not is filled in."""
    text = session_policy(stack, statements=[iam.PolicyStatement(**READ)])
    assert json.loads(stack.resolve(text)) == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::ledger/*"}],
    }
    own = iam.PolicyStatement(actions=["s3:GetObject"], resources=[f"arn:aws:s3:::logs-{cdk.Aws.ACCOUNT_ID}/*"])
    assert {"Ref": "AWS::AccountId"} in stack.resolve(session_policy(stack, statements=[own]))["Fn::Join"][1]


def test_size_is_measured(app: cdk.App, stack: cdk.Stack) -> None:
    """A longer one would be refused by STS, with every call."""
    buckets = [f"arn:aws:s3:::a-bucket-{number:03}/*" for number in range(100)]
    session_policy(stack, statements=[iam.PolicyStatement(actions=["s3:GetObject"], resources=buckets)])
    with pytest.raises(RuntimeError, match=r"the session policy has \d+ characters .* at most 2048"):
        app.synth()


@pytest.mark.parametrize("conditions", [mfa_conditions(), {"StringEquals": {"aws:PrincipalTag/mfa": "totp"}}])
def test_no_session_with_a_session_policy_carries_mfa(
    app: cdk.App, stack: cdk.Stack, conditions: dict[str, Any]
) -> None:
    """What demands it would allow nothing; a session tag that says it may be there."""
    session_policy(stack, statements=[iam.PolicyStatement(conditions=conditions, **READ)])
    if "Bool" not in conditions:
        app.synth()
        return
    with pytest.raises(RuntimeError, match=r"session_policy\(\): statements cannot demand MFA"):
        app.synth()


@pytest.mark.parametrize(
    ("statements", "error", "message"),
    [
        ([], ValueError, "statements must have at least one entry, got none"),
        ("s3:GetObject", TypeError, "statements must be a list of statements, got 's3:GetObject'"),
        ([READ], TypeError, "statements must be a list of statements, got {'actions'"),
        (
            [iam.PolicyStatement(effect=iam.Effect.DENY, **READ)],
            ValueError,
            "statements must have one that allows something, got none",
        ),
        (
            [iam.PolicyStatement(actions=["s3:GetObject"])],
            ValueError,
            "statements must be what STS takes of a session: A PolicyStatement used in an identity-based policy must",
        ),
        (
            [iam.PolicyStatement(actions=["s3:GetObject", "sts:GetCallerIdentity"], resources=["*"])],
            ValueError,
            "statements cannot be 'sts:GetCallerIdentity', since no policy can allow or deny sts:GetCallerIdentity",
        ),
        (
            [iam.PolicyStatement(principals=[iam.StarPrincipal()], **READ)],
            ValueError,
            "statements cannot have a principal",
        ),
    ],
)
def test_refuses(stack: cdk.Stack, statements: Any, error: type[Exception], message: str) -> None:
    """What is no session policy."""
    with pytest.raises(error, match=re.escape(message)):
        session_policy(stack, statements=statements)


@pytest.mark.parametrize("scope", [None, "Stack"])
def test_scope_is_a_construct(scope: Any) -> None:
    """As of every construct."""
    with pytest.raises(TypeError, match=f"scope must be a construct like a Stack, got {scope!r}"):
        session_policy(scope, statements=[iam.PolicyStatement(**READ)])

"""
Names in a configuration that AWS has published nothing of are said, with what was meant.
"""

from __future__ import annotations

import pytest

from trustproof.config.invariants import Invariant
from trustproof.config.model import Config
from trustproof.config.unknown_names import unknown_names
from trustproof.properties.shared.sensitive_actions import DEFAULT_ACTIONS


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("ec2:TerminateInstanes", "did you mean ec2:TerminateInstances?"),
        ("EC2:terminateinstanes", "did you mean EC2:TerminateInstances?"),
        ("ec2:Terminat3*", "is about nothing"),
        ("ecc2:StopInstances", "is of no service"),
        ("dynamo:*", "is of no service"),
        ("s3:ListObjects", "is about nothing"),
        ("sts:GetSessionToken", "no policy decides"),
        ("STS:GetCaller*", "no policy decides"),
        ("iam:**a*b*c*d*e*f*g*h*i*j*k*l*m*n*o*p*q*r*s*t*", "is about nothing"),
    ],
)
def test_an_action_that_there_is_not_is_said(action: str, said: str) -> None:
    """A sensitive action that no action of its service is like is about nothing."""
    (name,) = unknown_names(Config(sensitive_actions=("iam:*", action)))
    assert name.called == f"sensitive action {action}"
    assert name.is_about_nothing
    assert said in name.said


def test_actions_that_there_are_are_not_said() -> None:
    """Actions in any case, patterns that some action is like, and those of the default list are known."""
    known = (
        "*",
        "iam:*",
        "IAM:createuser",
        "ec2:?unInstances",
        "s3:Put*",
        "execute-api:Invoke",
        "sts:Get*",
        *DEFAULT_ACTIONS,
    )
    assert list(unknown_names(Config(sensitive_actions=known))) == []


@pytest.mark.parametrize(
    ("principal", "said"),
    [
        ("lamda.amazonaws.com", "is no service principal that is known; did you mean lambda.amazonaws.com?"),
        ("lambda.amazonaws.com", None),
        ("states.eu-central-1.amazonaws.com", None),
        ("*.amazonaws.com", None),
    ],
)
def test_a_service_that_there_is_not_is_said(principal: str, said: str | None) -> None:
    """A service that an invariant lets in is one that is known, or a pattern."""
    invariant = Invariant("builders", ("*",), says_who=True, services=(principal,))
    found = [name.said for name in unknown_names(Config(invariants=(invariant,)))]
    assert found == ([] if said is None else [said])

"""
Who may assume the deploy roles of CDK bootstrap stacks.
"""

from __future__ import annotations

import pytest

import trustproof
from trustproof.errors import ConfigError

OWN = "111122223333"
ALLOW_EVERYTHING = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
CASES = [
    (f"arn:aws:iam::{OWN}:role/cdk-hnb659fds-deploy-role-{OWN}-eu-central-1", {}, "refuted"),
    (f"arn:aws:iam::{OWN}:role/cdk-*", {}, "refuted"),
    ("arn:aws:iam::222233334444:role/cdk-hnb659fds-deploy-role-*", {}, "refuted"),
    ("*", {}, "refuted"),
    # What the CDK's pipelines write.
    (f"arn:*:iam::{OWN}:role/*", {"StringEquals": {"iam:ResourceTag/aws-cdk:bootstrap-role": "deploy"}}, "refuted"),
    (f"arn:aws:iam::{OWN}:role/cdk-hnb659fds-lookup-role-*", {}, "proved"),
    ("arn:aws:iam::*:role/OrgReader", {}, "proved"),
    ("arn:aws:iam::*:role/team/*", {}, "proved"),
]


@pytest.mark.parametrize(("resource", "condition", "expected"), CASES)
def test_verdict(resource: str, condition: dict[str, object], expected: str) -> None:
    """A policy that covers a deploy role, of whatever account, is refuted; other roles of the stack are not meant."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource, "Condition": condition}
    config = {"properties": {"deployers-declared": {"administrators": ["Deployer"]}}}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    result = trustproof.prove(policy, "deployers-declared", account=OWN, config=config)
    assert result.verdict == expected


@pytest.mark.parametrize("value", ["Deployer", [1], [""]])
def test_administrators_are_names(value: object) -> None:
    """What is none is refused."""
    config = {"properties": {"deployers-declared": {"administrators": value}}}
    with pytest.raises(ConfigError, match=r"deployers-declared\.administrators must be an array of names"):
        trustproof.prove(ALLOW_EVERYTHING, "deployers-declared", config=config)


def test_who_is_an_administrator_anyway_is_no_finding() -> None:
    """Everything on everything is no detour."""
    config = {"properties": {"deployers-declared": {"administrators": []}}}
    assert trustproof.prove(ALLOW_EVERYTHING, "deployers-declared", config=config).verdict == "proved"

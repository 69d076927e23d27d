"""
Managed policies that AWS does not have are said once of a template, whoever names them.
"""

from __future__ import annotations

from typing import Any

import trustproof
from trustproof.results.groups import groups

Json = dict[str, Any]
OWN = "111122223333"


def roles(*policies: str) -> Json:
    """Roles with a managed policy each."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    content = {"Version": "2012-10-17", "Statement": [trust]}
    return {
        "Resources": {
            f"R{number}": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": content, "ManagedPolicyArns": [arn]},
            }
            for number, arn in enumerate(policies)
        }
    }


def unknown(*policies: str) -> list[tuple[str, ...]]:
    """The reasons of the first of each group of unknowns."""
    report = trustproof.check([roles(*policies)], account=OWN, properties=["assume-role-scoped"])
    return [group.lead.reasons for group in groups(report.results)]


def test_withdrawn_policies_are_one_unknown() -> None:
    """Whichever policy of AWS's it is that nobody can attach, there is one block of it."""
    names = ("AWSLambdaFullAccess", "service-role/AWSConfigRole", "AWSDataPipelineRole")
    (reasons,) = unknown(*(f"arn:aws:iam::aws:policy/{name}" for name in names))
    assert reasons[-1].startswith("none of AWS's policies")


def test_a_path_that_is_missing_is_another_unknown() -> None:
    """What the reader can put right is not hidden behind what nobody can."""
    first, second = unknown(
        "arn:aws:iam::aws:policy/AWSLambdaFullAccess", "arn:aws:iam::aws:policy/AWSConfigRulesExecutionRole"
    )
    assert {first[-1][:8], second[-1][:8]} == {"none of ", "AWS has "}


def test_a_dollar_that_is_missing_is_named() -> None:
    """A partition in braces without a dollar sign is no partition, and its path is right."""
    (reasons,) = unknown("arn:{AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    said = "a name in braces needs a $ before it, in a text that is filled in"
    assert reasons[-1] == f"no partition is called {{AWS::Partition}}: {said}"

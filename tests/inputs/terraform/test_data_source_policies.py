"""
Managed policies that a plan does not make, and whose documents a data source has read before it.
"""

from __future__ import annotations

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN, Resource, allow, plan, policy, state

ARN = f"arn:aws:iam::{OWN}:policy/ops"
ANYTHING = policy(allow("*"))
READING = policy(allow("s3:GetObject"))
USER = Resource("aws_iam_user.u", {"name": "u"})
ATTACHED = Resource("aws_iam_user_policy_attachment.a", {"user": "u", "policy_arn": ARN})


def read(document: str, arn: str = ARN, name: str = "x") -> Resource:
    """What a data source has read."""
    values = {"arn": arn, "id": arn, "name": arn.rpartition("/")[2], "policy": document}
    return Resource(f"data.aws_iam_policy.{name}", {}, values)


def verdicts(*resources: Resource, in_state: bool = False) -> dict[str, str]:
    """Those on sensitive actions without MFA, by whose they are."""
    content = state(*resources) if in_state else plan(*resources)
    report = trustproof.check([content], account=OWN, properties=["sensitive-actions-require-mfa"])
    assert not report.errors
    return {one.logical_id: one.verdict for one in report.results if one.logical_id}


@pytest.mark.parametrize("in_state", [False, True])
@pytest.mark.parametrize(("document", "verdict"), [(ANYTHING, "refuted"), (READING, "proved")])
def test_a_policy_that_was_read_is_had_by_whom_it_is_attached_to(document: str, verdict: str, in_state: bool) -> None:
    """Its document decides, as that of a policy which is declared."""
    assert verdicts(USER, ATTACHED, read(document), in_state=in_state) == {"data.aws_iam_policy.x": verdict}


def test_a_policy_that_is_read_twice_is_one() -> None:
    """Modules that look up the same policy give one finding."""
    found = verdicts(USER, ATTACHED, read(ANYTHING), read(ANYTHING, name="y"))
    assert found == {"data.aws_iam_policy.x": "refuted"}


def test_a_policy_that_is_declared_is_what_it_will_be() -> None:
    """What was read of it before the plan is applied no longer counts."""
    declared = Resource("aws_iam_policy.p", {"name": "ops", "policy": READING}, {"arn": ARN})
    assert verdicts(USER, ATTACHED, declared, read(ANYTHING)) == {"aws_iam_policy.p": "proved"}


def test_a_policy_of_aws_is_known_anyway() -> None:
    """One of AWS's that a data source looks up gives no finding of its own."""
    aws = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert "data.aws_iam_policy.x" not in verdicts(USER, read(ANYTHING, aws))

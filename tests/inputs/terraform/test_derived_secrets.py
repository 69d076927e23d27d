"""
What is made of sensitive values: a request that a pattern admits says what the pattern is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN, Resource, Secret, plan, policy, raw_state, state, trust
from trustproof.output.explanation import render_explanations
from trustproof.output.formats import FORMATS, render
from trustproof.output.reproduce import commands
from trustproof.output.style import Style
from trustproof.results.report import Report

PLAIN = Style(coloured=False)
OUTSIDE = "999988887777"
INSIDE = {"boundary": {"accounts": [OWN]}}


def role(condition: dict[str, Any]) -> Resource:
    return Resource(
        "aws_iam_role.a",
        {"name": "a", "assume_role_policy": Secret(trust({"AWS": f"arn:aws:iam::{OUTSIDE}:root"}, condition))},
    )


def bucket(resource: str, condition: dict[str, Any]) -> Resource:
    statement = {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": "s3:GetObject", "Resource": resource}
    return Resource(
        "aws_s3_bucket_policy.a", {"bucket": "b", "policy": Secret(policy({**statement, "Condition": condition}))}
    )


#: A resource with a secret, and texts that stand in nothing but it.
CASES = [
    (role({"StringLike": {"sts:ExternalId": "hush-*"}}), ["hush"]),
    (role({"StringLike": {"sts:ExternalId": "*hush?pst"}}), ["hush", "pst"]),
    (role({"StringLike": {"sts:ExternalId": "QX*"}}), ["QX"]),
    (role({"StringLike": {"sts:RoleSessionName": "hush-?-*"}}), ["hush"]),
    (role({"StringLike": {"aws:PrincipalArn": "*hush*"}}), ["hush"]),
    (role({"StringNotLike": {"sts:ExternalId": "hush-*"}}), ["hush"]),
    (role({"NumericLessThan": {"aws:MultiFactorAuthAge": "4711"}}), ["471"]),
    (role({"IpAddress": {"aws:SourceIp": "198.51.100.64/27"}}), ["198.51"]),
    (role({"NotIpAddress": {"aws:SourceIp": "198.51.100.64/27"}}), ["198.51"]),
    (role({"DateLessThan": {"aws:CurrentTime": "2031-05-06T07:08:09Z"}}), ["2031-05"]),
    (bucket("arn:aws:s3:::b/hush-*", {"StringLike": {"aws:UserAgent": "shh*"}}), ["hush", "shh"]),
    (bucket("arn:aws:s3:::b/hu?h*", {"StringLike": {"aws:UserAgent": ["psst", "*"]}}), ["b/hu", "psst"]),
]


def text(report: Report, form: str) -> str:
    return render(form, report, PLAIN)


@pytest.mark.parametrize("write", [plan, state, raw_state])
@pytest.mark.parametrize(("resource", "secrets"), CASES)
def test_no_request_says_what_a_secret_is(
    check: Callable[..., Report], write: Callable[..., Any], resource: Resource, secrets: list[str], tmp_path: Path
) -> None:
    """Neither a value that a hidden pattern admits, nor one that it does not, stands in any form of a report."""
    report = check(write(resource), account=OWN, config=INSIDE)
    assert "refuted" in {one.verdict for one in report.results}
    for form in FORMATS:
        # Directories for tests are numbered.
        shown = text(report, form).replace(str(tmp_path), "")
        assert [secret for secret in secrets if secret in shown] == []
    explained = trustproof.explain([write(resource)], resource.address, account=OWN)
    for form in ("text", "json"):
        shown = render_explanations(explained, None, form, PLAIN)
        assert [secret for secret in secrets if secret in shown] == []


@pytest.mark.parametrize("write", [plan, state, raw_state])
@pytest.mark.parametrize("name", ["user/hush", "user/shh/hush", "role/hush"])
def test_a_sentence_does_not_name_whom_a_sensitive_policy_admits(
    check: Callable[..., Report], write: Callable[..., Any], name: str
) -> None:
    """A name is a part of an ARN that is hidden; the addresses of resources are shown, and commands are made."""

    def trusting(who: str) -> Any:
        held = trust({"AWS": f"arn:aws:iam::{OWN}:{who}"})
        return write(Resource("aws_iam_role.hush", {"name": "a", "assume_role_policy": Secret(held)}))

    report = check(trusting(name), account=OWN, config={})
    report = report.replace(results=tuple(one._replace(reproduce=commands(one)) for one in report.results))
    shown = text(report, "text").replace("aws_iam_role.hush", "ADDRESS")
    assert "ADDRESS" in shown or name.startswith("role/")
    compared = trustproof.diff(trusting("user/other"), trusting(name), config={}, account=OWN)
    for one in (shown, text(report, "json").replace("aws_iam_role.hush", ""), repr(compared.gained)):
        assert "hush" not in one.replace("aws_iam_role.hush", "")


def test_what_is_made_of_nothing_secret_is_shown(check: Callable[..., Report]) -> None:
    """A request has its values where the policy is hidden for another one."""
    report = check(plan(role({"StringLike": {"sts:ExternalId": "hush-*"}})), account=OWN, config=INSIDE)
    shown = text(report, "text")
    assert "user/alice calls sts:AssumeRole" in shown
    assert 'sts:ExternalId is "(sensitive)"' in shown

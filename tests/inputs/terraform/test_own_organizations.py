"""
Plans and states that say which organization the account is in.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.inputs.terraform.builders import HUB, OWN, Resource, plan, policy, raw_state, state
from trustproof.results.report import Report

R = Resource
_OWN, _OTHER = "o-a1b2c3d4e5", "o-b1b2c3d4e5"
_HUB = {
    "aws": {},
    "aws.hub": {"alias": {"constant_value": "hub"}, "assume_role": [{"role_arn": {"constant_value": "x"}}]},
}


def _organization(address: str, provider: str = "aws") -> Resource:
    # A member account sees the ARN of the account that manages the organization.
    arn = f"arn:aws:organizations::{HUB}:organization/{_OWN}"
    return R(address, {}, {"id": _OWN, "arn": arn}, provider)


def _role(organization: str) -> Resource:
    inside = {"StringEquals": {"aws:PrincipalOrgID": organization}}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*", "Condition": inside}
    name = {"arn": f"arn:aws:iam::{OWN}:role/r", "id": "r"}
    return R("aws_iam_role.r", {"name": "r", "assume_role_policy": policy(statement)}, name)


def _verdict(report: Report) -> str:
    assert report.errors == ()
    (found,) = (one for one in report.results if one.logical_id == "aws_iam_role.r")
    return found.verdict


@pytest.mark.parametrize("read", [plan, state, raw_state])
@pytest.mark.parametrize("address", ["data.aws_organizations_organization.o", "aws_organizations_organization.o"])
def test_the_own_organization_is_the_one_that_is_known(
    check: Callable[..., Report], read: Callable[..., object], address: str
) -> None:
    """As in a configuration, which does not know its id; no other one is."""
    options = {"properties": ["inside-boundary"], "config": {"boundary": {"accounts": [OWN]}}}
    assert _verdict(check(read(_organization(address), _role(_OWN)), **options)) == "proved"
    assert _verdict(check(read(_organization(address), _role(_OTHER)), **options)) == "refuted"
    assert _verdict(check(read(_role(_OWN)), **options)) == "refuted"


def test_the_organization_of_another_account_is_not(check: Callable[..., Report]) -> None:
    """It may be another one."""
    found = _organization("data.aws_organizations_organization.o", "aws.hub")
    options = {"properties": ["inside-boundary"], "config": {"boundary": {"accounts": [OWN]}}}
    assert _verdict(check(plan(found, _role(_OWN), providers=_HUB), **options)) == "refuted"

"""
States that say no provider configuration, of resources in several accounts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.inputs.terraform.builders import HUB, MFA, OTHER, OWN, Resource, allow, policy, state, trust
from trustproof.results.report import Report

R = Resource


def role(account: str, name: str, trusted: str, **condition: Any) -> Resource:
    return R(
        f"aws_iam_role.{name}",
        {"name": name, "assume_role_policy": trust({"AWS": trusted}, condition or None)},
        {"arn": f"arn:aws:iam::{account}:role/{name}", "id": name},
    )


def inline(name: str, holder: str, document: str) -> Resource:
    return R(f"aws_iam_role_policy.{name}", {"name": name, "role": holder, "policy": document}, {"id": name})


def verdicts(report: Report, property_: str) -> dict[str, str]:
    assert report.errors == ()
    return {one.logical_id: one.verdict for one in report.results if one.property == property_}


def test_each_resource_is_judged_in_its_account(check: Callable[..., Report]) -> None:
    """The account is that of the ARN; a policy without one is in the account of the role that it names."""
    here = role(OWN, "here", f"arn:aws:iam::{HUB}:root")
    there = role(HUB, "there", f"arn:aws:iam::{OTHER}:root", **MFA)
    report = check(state(here, there, inline("p", "there", policy(allow("*")))))
    found = {one.logical_id: one.account for one in report.results}
    assert found == {"aws_iam_role.here": OWN, "aws_iam_role.there": HUB, "aws_iam_role_policy.p": HUB}
    assert verdicts(report, "mfa-required") == {"aws_iam_role.here": "refuted", "aws_iam_role.there": "proved"}


def test_chains_are_followed_from_one_account_to_the_other(check: Callable[..., Report]) -> None:
    """A role that people reach without MFA may assume one that demands it, in the other account."""
    here = role(OWN, "here", f"arn:aws:iam::{OWN}:root")
    there = role(HUB, "there", "")
    assume = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    people = {**assume, "Principal": {"AWS": f"arn:aws:iam::{HUB}:root"}, "Condition": MFA}
    there.arguments["assume_role_policy"] = policy(
        people, {**assume, "Principal": {"AWS": f"arn:aws:iam::{OWN}:role/here"}}
    )
    go = inline("go", "here", policy(allow("sts:AssumeRole", Resource=f"arn:aws:iam::{HUB}:role/there")))
    both = check(state(here, there, go))
    assert verdicts(both, "mfa-survives-chaining")["aws_iam_role.there"] == "refuted"


def test_what_is_in_no_account_leaves_chains_open(check: Callable[..., Report]) -> None:
    """Where nothing tells the account of a policy, no proof rests on several resources."""
    here = role(OWN, "same", f"arn:aws:iam::{OWN}:root", **MFA)
    there = role(HUB, "same", f"arn:aws:iam::{HUB}:root", **MFA)
    there.address = there.address.replace(".same", ".other")
    there.name = "other"
    told = check(state(here, there))
    assert set(verdicts(told, "mfa-survives-chaining").values()) == {"proved"}
    open_ = check(state(here, there, inline("p", "same", policy(allow("sts:AssumeRole")))))
    assert set(verdicts(open_, "mfa-survives-chaining").values()) <= {"unknown", "refuted"}
    assert any(
        "the state has several accounts, and does not say which aws_iam_role_policy.p is in" in reason
        for one in open_.results
        for reason in one.reasons
    )


def test_what_a_resource_depends_on_tells_its_account(check: Callable[..., Report]) -> None:
    """A bucket has no account in its ARN: the only one of what it was made of is its."""
    here, there = role(OWN, "here", f"arn:aws:iam::{OWN}:root"), role(HUB, "there", f"arn:aws:iam::{HUB}:root")
    statement = allow("s3:GetObject", Principal={"AWS": f"arn:aws:iam::{HUB}:role/there"})
    bucket = R("aws_s3_bucket_policy.b", {"bucket": "b", "policy": policy(statement)}, {"id": "b"})
    content = state(here, there, bucket)
    resources = content["values"]["root_module"]["resources"]
    next(one for one in resources if one["address"] == "aws_s3_bucket_policy.b")["depends_on"] = ["aws_iam_role.there"]
    report = check(content)
    assert {one.account for one in report.results if one.logical_id == "aws_s3_bucket_policy.b"} == {HUB}


def test_the_account_that_is_given_is_that_of_the_rest(check: Callable[..., Report]) -> None:
    """Resources of other accounts are judged in these all the same."""
    here = role(OWN, "here", f"arn:aws:iam::{OWN}:root")
    there = role(HUB, "there", f"arn:aws:iam::{HUB}:root")
    report = check(state(here, there), account=OWN)
    assert {one.logical_id: one.account for one in report.results} == {
        "aws_iam_role.here": OWN,
        "aws_iam_role.there": HUB,
    }


def test_an_account_that_nothing_is_in_is_refused(check: Callable[..., Report]) -> None:
    """Another account than all that the resources are in is a state taken for another one."""
    both = state(role(OWN, "here", OWN), role(HUB, "there", HUB))
    assert check(both, account=OWN).errors == ()
    (error,) = check(both, account=OTHER).errors
    assert f"the account {OTHER} is given, and what the state has is in {', '.join(sorted((OWN, HUB)))}" in str(error)

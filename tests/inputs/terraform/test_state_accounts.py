"""
States of resources in several accounts, or in accounts that nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.inputs.terraform.builders import HUB, MFA, OTHER, OWN, Resource, allow, policy, raw_state, state, trust
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


_ARN = f"arn:aws:iam::{OWN}:"
_USER = R("aws_iam_user.u", {"name": "u"}, {"arn": f"{_ARN}user/u"})
_ADMIN = R("aws_iam_user_policy.adm", {"user": "u", "name": "adm", "policy": policy(allow("iam:*"))})
_WITHOUT = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
_DENY = policy({"Effect": "Deny", "Action": "iam:*", "Resource": "*", "Condition": _WITHOUT})
_MANAGED = R("aws_iam_policy.d", {"name": "d", "policy": _DENY}, {"arn": f"{_ARN}policy/d"})
_GROUP = R("aws_iam_group.g", {"name": "g"}, {"arn": f"{_ARN}group/g"})
_BUCKET = R("aws_s3_bucket.b", {"bucket": "bkt"}, {"id": "bkt", "arn": "arn:aws:s3:::bkt"})
_PUBLIC = policy(allow("s3:GetObject", Principal="*", Resource="arn:aws:s3:::bkt/*"))
_OFF = dict.fromkeys(
    ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), False
)
_ON = dict.fromkeys(_OFF, True)


def _block(of: str, **arguments: Any) -> Resource:
    return R(f"aws_s3_{of}_public_access_block.{of}", arguments)


_PUBLIC_BUCKET = [
    _BUCKET,
    R("aws_s3_bucket_policy.b", {"bucket": "bkt", "policy": _PUBLIC}),
    _block("bucket", bucket="bkt", **_OFF),
]


def of_user(kind: str, user: str, **arguments: Any) -> Resource:
    return R(f"aws_iam_user_{kind}.{kind}", {"user": user, **arguments})


@pytest.mark.parametrize(
    ("own", "by_alias", "differs"),
    [
        ([_USER, _ADMIN], [of_user("policy", "u", name="d", policy=_DENY)], True),
        ([_USER, of_user("policy", "u", name="d", policy=_DENY)], [_ADMIN], True),
        ([_USER, _ADMIN, _MANAGED], [of_user("policy_attachment", "u", policy_arn=f"{_ARN}policy/d")], True),
        (
            [_USER, _ADMIN, _GROUP, R("aws_iam_group_policy.d", {"group": "g", "name": "d", "policy": _DENY})],
            [of_user("group_membership", "u", groups=["g"])],
            True,
        ),
        ([_USER, _ADMIN], [of_user("policy", "v", name="d", policy=_DENY)], False),
        ([_USER, _block("account", account_id=OWN, **_ON)], _PUBLIC_BUCKET, True),
        ([_USER, *_PUBLIC_BUCKET], [_block("account", account_id=None, **_ON)], True),
        ([_USER, _block("account", account_id=OWN, **_OFF)], _PUBLIC_BUCKET, False),
    ],
)
def test_an_alias_may_be_of_the_same_account_or_of_another_one(
    check: Callable[..., Report], own: list[Resource], by_alias: list[Resource], *, differs: bool
) -> None:
    """What is refuted of two accounts, and not of one, is unknown until somebody says which they are."""
    others = [R(row.address, row.arguments, row.computed, "aws.us") for row in by_alias]
    content = raw_state(*own, *others)
    asked = "inside-boundary" if "s3" in own[-1].type else "sensitive-actions-require-mfa"
    address = next(row.address for row in (*own, *by_alias) if "Allow" in str(row.values))

    def verdict(**given: Any) -> str:
        return verdicts(check(content, account=OWN, **given), asked).get(address, "")

    assert verdict() == ("unknown" if differs else "refuted")
    assert (verdict(provider_accounts={"aws.us": OWN}) == "refuted") is not differs
    assert verdict(provider_accounts={"aws.us": HUB}) == "refuted"
    reasons = [reason for one in check(content, account=OWN).results for reason in one.reasons]
    assert any("--provider-account aws.us=... says which account that is for" in one for one in reasons) is differs


def test_a_role_without_a_name_leaves_chains_open(check: Callable[..., Report]) -> None:
    """A state has the name of each: of one that has none, nobody knows which it is."""
    first, second = role(OWN, "a", OWN, **MFA), role(OWN, "b", OWN)
    assume = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    people = {**assume, "Principal": {"AWS": OWN}, "Condition": MFA}
    first.arguments["assume_role_policy"] = policy(people, {**assume, "Principal": {"AWS": f"{_ARN}role/b"}})
    asked = "mfa-survives-chaining"
    assert verdicts(check(raw_state(first, second)), asked)["aws_iam_role.a"] == "refuted"
    second.arguments["name"] = None
    assert verdicts(check(raw_state(first, second)), asked)["aws_iam_role.a"] in ("unknown", "refuted")


def test_what_an_alias_leaves_to_a_user_may_be_of_the_same_account(check: Callable[..., Report]) -> None:
    """Where it takes a Deny away that is in the state, nothing is proved by that."""
    kept = R("aws_iam_user_policies_exclusive.e", {"user_name": "u", "policy_names": ["adm"]}, provider="aws.us")
    content = raw_state(_USER, _ADMIN, of_user("policy", "u", name="d", policy=_DENY), kept)
    found = {
        account: verdicts(check(content, account=OWN, provider_accounts=given), "sensitive-actions-require-mfa")
        for account, given in (("", {}), (OWN, {"aws.us": OWN}), (HUB, {"aws.us": HUB}))
    }
    by_account = {account: one["aws_iam_user_policy.adm"] for account, one in found.items()}
    assert by_account == {"": "unknown", OWN: "refuted", HUB: "proved"}

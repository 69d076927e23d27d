"""
What a policy says of its own resource points to the account of the template, and proves nothing.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.output.formats import render
from trustproof.output.style import Style

OWN, OTHER = "999988887777", "444455556666"
_QUEUE = f"arn:aws:sqs:us-east-1:{OWN}:orders"


def allow(account: str, action: str | list[str], resource: str = "*") -> dict[str, object]:
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}


def check(type_: str, *statements: dict[str, object], account: str | None = None) -> trustproof.Report:
    document = {"Version": "2012-10-17", "Statement": statements}
    properties = {"KeyPolicy": document} if type_ == "AWS::KMS::Key" else {"PolicyDocument": document}
    resource = {"Type": type_, "Properties": {**properties, "Queues": ["orders"]}}
    template = {"Resources": {"It": resource}}
    return trustproof.check([template], account=account, config={}, properties=["inside-boundary"])


#: Of the statements, those about a queue of one account admit that account, or another one.
_ABOUT_ONE_QUEUE = [
    ([allow(OWN, "sqs:*", _QUEUE)], set[str]()),
    ([allow(OWN, "sqs:*", _QUEUE), allow(OTHER, "sqs:SendMessage", _QUEUE)], {OTHER}),
    ([allow(OWN, "sqs:*"), allow(OTHER, "sqs:SendMessage", _QUEUE)], {OWN, OTHER}),
]


@pytest.mark.parametrize(("statements", "undeclared"), _ABOUT_ONE_QUEUE)
def test_who_may_use_a_queue_of_its_own_account(statements: list[dict[str, object]], undeclared: set[str]) -> None:
    """A statement is about the queue only where the account is that of its Resource, which may use its own queue."""
    report = check("AWS::SQS::QueuePolicy", *statements)
    found = {there.ident for one in report.results if one.verdict != "proved" for there in one.undeclared}
    assert found == undeclared
    assert (report.results[0].verdict == "proved") is not bool(undeclared)


_USE = allow(OTHER, ["kms:Decrypt", "kms:DescribeKey"])
_NOT_SAID: dict[str, tuple[str, list[dict[str, object]]]] = {
    "several accounts may change the policy": ("AWS::KMS::Key", [allow(OWN, "kms:*"), allow(OTHER, "kms:Put*")]),
    "somebody whom nobody knows may change it": (
        "AWS::KMS::Key",
        [allow(OWN, "kms:*"), {**_USE, "Action": "*", "Principal": "*"}],
    ),
    "nobody may change it": ("AWS::KMS::Key", [allow(OWN, "kms:Decrypt")]),
    "what may be done is all but something": (
        "AWS::KMS::Key",
        [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"},
                "NotAction": "kms:Decrypt",
                "Resource": "*",
            }
        ],
    ),
    "queues of several accounts": (
        "AWS::SQS::QueuePolicy",
        [allow(OWN, "sqs:*", _QUEUE), allow(OWN, "sqs:SendMessage", _QUEUE.replace(OWN, OTHER))],
    ),
    "a queue of any account": ("AWS::SQS::QueuePolicy", [allow(OWN, "sqs:*", "arn:aws:sqs:*:*:orders")]),
    "no ARN at all": ("AWS::SQS::QueuePolicy", [allow(OWN, "sqs:*")]),
}


@pytest.mark.parametrize(
    ("type_", "statements"),
    [
        ("AWS::KMS::Key", [allow(OWN, "kms:*")]),
        ("AWS::KMS::Key", [allow(OWN, "kms:*"), _USE]),
        ("AWS::KMS::Key", [allow(f"{OWN}", ["kms:Create*", "kms:Put*"])]),
        ("AWS::SQS::QueuePolicy", [allow(OWN, "sqs:*"), allow(OWN, "sqs:*", _QUEUE)]),
        ("AWS::SQS::QueuePolicy", [allow(OWN, "sqs:*"), allow(OTHER, "sqs:SendMessage", _QUEUE)]),
    ],
)
def test_the_account_of_the_resource_is_named_and_stays_unknown(
    type_: str, statements: list[dict[str, object]]
) -> None:
    """Who alone may change a key policy, or has the queue that the policy names, is most likely the own account."""
    report = check(type_, *statements)
    found = {one.undeclared[0].ident: one for one in report.results}
    assert {one.verdict for one in report.results} == {"unknown"}
    assert found[OWN].likely_own == OWN
    assert f"which --account {OWN} says" in found[OWN].reasons[-1]
    assert not any(one.likely_own for account, one in found.items() if account != OWN)
    shown = render("text", report, Style(coloured=False))
    assert f"if {OWN} is the account of the templates, give --account {OWN}" in shown


@pytest.mark.parametrize("case", _NOT_SAID)
def test_what_does_not_point_to_one_account_is_no_hint(case: str) -> None:
    """A hint that might as well be about somebody else is not given."""
    type_, statements = _NOT_SAID[case]
    assert not any(one.likely_own for one in check(type_, *statements).results)


def test_a_known_account_is_not_guessed() -> None:
    """Where the account is given, another one is not called the own one."""
    report = check("AWS::KMS::Key", allow(OTHER, "kms:*"), account=OWN)
    assert not any(one.likely_own for one in report.results)
    report = check("AWS::KMS::Key", allow(OWN, "kms:*"), account=OWN)
    assert [one.verdict for one in report.results] == ["proved"]


def test_whoever_deploys_to_an_account_most_likely_owns_it(tmp_path: Path) -> None:
    """Where a manifest says that another stack is deployed to it, the list of accounts says so."""
    trust = {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    contents = {"Hub": {"R": role}, "Member": {"T": {"Type": "AWS::SNS::Topic"}}}
    for name, content in contents.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"Resources": content}), encoding="utf-8")
    accounts = {"Hub": "111122223333", "Member": "222222222222"}
    artifacts = {
        name: {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://{account}/eu-west-1",
            "properties": {"templateFile": f"{name}.json"},
        }
        for name, account in accounts.items()
    }
    manifest = {"version": "38.0.1", "artifacts": artifacts}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    text = render("text", trustproof.check([tmp_path], config={}), Style(coloured=False))
    assert f"account 222222222222: most likely yours, since {tmp_path}/Member.json is deployed to it: " in text


def test_a_request_is_about_a_resource_of_the_account_that_a_condition_asks_for() -> None:
    """A queue that is only made in one account is in no other, whatever stands for an account that nobody says."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    queue = {
        "Type": "AWS::SQS::QueuePolicy",
        "Condition": "IsDev",
        "Properties": {"Queues": ["q"], "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}},
    }
    template = {
        "Conditions": {"IsDev": {"Fn::Equals": [{"Ref": "AWS::AccountId"}, OTHER]}},
        "Resources": {"It": queue},
    }
    report = trustproof.check([template], properties=["inside-boundary"])
    (found,) = [one.counterexample for one in report.results if one.counterexample is not None]
    assert found.resource.split(":")[4] == OTHER

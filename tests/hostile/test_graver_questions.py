"""
Wherever a budget comes to its end, what is graver is not called milder for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.engine import allowance

Json = dict[str, Any]

_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
#: So many units are enough for each of these.
_ALL = 100_000


def _trust(**more: object) -> Json:
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", **more}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": statement}}}


def _user(*actions: str) -> Json:
    document = {"Statement": {"Effect": "Allow", "Action": [*actions], "Resource": "*"}}
    return {"Type": "AWS::IAM::User", "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": document}]}}


def _queue(*statements: Mapping[str, object]) -> Json:
    every = {"Effect": "Allow", "Resource": "*"}
    document = {"Statement": [{**every, **one} for one in statements]}
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": ["q"], "PolicyDocument": document}}


@pytest.mark.parametrize(
    "resource",
    [
        _trust(),
        _trust(Condition=_MFA),
        _trust(Condition={**_MFA, "StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}),
        _user("iam:*"),
        _user("s3:GetObject", "iam:CreateUser", "cloudformation:CreateStack"),
        _queue(
            {"Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage"},
            {"Principal": "*", "Action": "sqs:*"},
        ),
    ],
    ids=["everybody", "everybody with MFA", "a role of any account", "all of IAM", "some of IAM", "a queue"],
)
def test_an_error_is_an_error_at_any_budget(resource: Json, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A property that asks a graver question first, and comes to the end of its budget there, does not answer with what
    is milder: thousands of roles beside an open one made a warning, and a green run, of it.
    """
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"R": resource}}), encoding="utf-8")

    def found(units: int) -> dict[str, set[tuple[str, str]]]:
        monkeypatch.setattr(allowance, "TEMPLATE_UNITS", units)
        said: dict[str, set[tuple[str, str]]] = {}
        for one in trustproof.check([file]).results:
            said.setdefault(one.property, set()).add((one.verdict, one.severity))
        return said

    wrong = [name for name, said in found(_ALL).items() if ("refuted", "error") in said]
    assert wrong
    for step in range(36):
        said = found(int(20 * 1.25**step))
        for name in wrong:
            assert said[name] & {("refuted", "error"), ("unknown", "error")}, (name, step)

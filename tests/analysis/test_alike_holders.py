"""
Users, groups and roles that hold the same are answered alike, and only where nothing tells their names apart.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.results.report import Report
from trustproof.results.result import REFUTED, UNKNOWN

_ACCOUNT = "arn:aws:iam::111122223333"
_AWS = "arn:aws:iam::aws:policy"
#: Of one that can be told from the others by its name, and of others.
_NAMES = ("carol", "bob", "u1", None, None)


def _policy(*statements: object) -> object:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(actions: object, resources: object = "*", **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


_DENY_BOB = {"Effect": "Deny", "Action": "*", "Resource": f"{_ACCOUNT}:user/bob"}
_NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}

#: What every user of a template holds.
_HELD: dict[str, dict[str, object]] = {
    "everything": {"policy": _policy(_allow("*"))},
    "policies of AWS": {"managed": [f"{_AWS}/ReadOnlyAccess", f"{_AWS}/PowerUserAccess"]},
    "a policy of AWS with variables": {"managed": [f"{_AWS}/IAMUserChangePassword"]},
    "one user is named": {"policy": _policy(_allow("iam:*", f"{_ACCOUNT}:user/bob"))},
    "users are named by a pattern": {"policy": _policy(_allow("iam:*", f"{_ACCOUNT}:user/u1*"))},
    "a device is named": {"policy": _policy(_allow("iam:*", f"{_ACCOUNT}:mfa/bob"))},
    "a user in a path with a colon": {"policy": _policy(_allow("iam:*", f"{_ACCOUNT}:user/a:b/bob"))},
    "any user": {"policy": _policy(_allow("iam:*", f"{_ACCOUNT}:user/*"))},
    "one is denied": {"policy": _policy(_allow("iam:*"), _DENY_BOB)},
    "a service by a wildcard": {"policy": _policy(_allow("iam:*", "arn:aws:*:*:*:user/bob"))},
    "by a colon less": {"policy": _policy(_allow("iam:*", "arn:aws:iam*bob"))},
    "own name": {"policy": _policy(_allow("iam:*", _ACCOUNT + ":user/${aws:username}"))},
    "a condition on the name": {
        "policy": _policy(_allow("iam:*", Condition={"StringEquals": {"aws:username": "bob"}}))
    },
    "a condition on the ARN": {
        "policy": _policy(_allow("*", Condition={"ArnLike": {"aws:PrincipalArn": f"{_ACCOUNT}:user/b*"}}))
    },
    "a condition on tags": {
        "policy": _policy(
            _allow("iam:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}}),
            _allow("iam:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "b"}}),
        )
    },
    "never without MFA": {"policy": _policy(_allow("*"), {**_allow("*"), "Effect": "Deny", "Condition": _NO_MFA})},
    "roles elsewhere": {"policy": _policy(_allow("sts:AssumeRole", "arn:aws:iam::444455556666:role/*"))},
    "nobody can use it": {
        "policy": _policy(_allow("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": ["maybe"]}}))
    },
}


def _user(name: str | None, held: dict[str, object]) -> object:
    properties: dict[str, object] = {} if name is None else {"UserName": name}
    if "policy" in held:
        properties["Policies"] = [{"PolicyName": "p", "PolicyDocument": held["policy"]}]
    if "managed" in held:
        properties["ManagedPolicyArns"] = held["managed"]
    return {"Type": "AWS::IAM::User", "Properties": properties}


def _checked(folder: Path, resources: dict[str, object]) -> Report:
    file = folder / "t.json"
    file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    return trustproof.check([file], account="111122223333")


def _said(report: Report) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for one in report.results:
        shown = None if one.counterexample is None else (one.counterexample.action, one.counterexample.resource)
        found.setdefault(one.logical_id, []).append(
            (one.property, one.verdict, one.severity, one.path, one.message, one.fingerprint, one.reasons, shown)
        )
    return {logical_id: sorted(results, key=repr) for logical_id, results in found.items()}


@pytest.mark.parametrize("held", _HELD.values(), ids=_HELD)
def test_each_is_answered_as_if_it_were_alone(tmp_path: Path, held: dict[str, object]) -> None:
    """What is said of a user does not depend on who else holds the same."""
    users = {f"U{number}": _user(name, held) for number, name in enumerate(_NAMES)}
    together = _said(_checked(tmp_path, users))
    # The first and the last are as the one beside them.
    for logical_id, user in [*users.items()][1:-1]:
        assert together.get(logical_id) == _said(_checked(tmp_path, {logical_id: user})).get(logical_id)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("by", ["own", "group"])
def test_each_of_several_policies_that_say_the_same_is_answered(tmp_path: Path, by: str, count: int) -> None:
    """None is called proved because what is refuted stands in another one of the same user."""
    policies = [{"PolicyName": name, "PolicyDocument": _policy(_allow("*"))} for name in ("a", "b", "c")]
    own = {"Policies": policies} if by == "own" else {"Groups": [{"Ref": "G"}]}
    resources: dict[str, object] = {
        f"U{number}": {"Type": "AWS::IAM::User", "Properties": own} for number in range(count)
    }
    if by == "group":
        resources["G"] = {"Type": "AWS::IAM::Group", "Properties": {"Policies": policies}}
    results = _checked(tmp_path, resources).results
    asked = [one for one in results if one.property == "sensitive-actions-require-mfa"]
    places = {(one.logical_id, one.path[:5]) for one in asked}
    assert len(places) == (3 if by == "group" else 3 * count)
    assert {one.verdict for one in asked} == {REFUTED}


def test_the_caller_shown_is_the_holder(tmp_path: Path) -> None:
    """The counterexample to a policy of one user is sent by that user, though it was found of another one."""
    users = {f"U{name}": _user(name, _HELD["everything"]) for name in ("alice", "bob", "carol")}
    report = _checked(tmp_path, users)
    refuted = [one for one in report.results if one.verdict == REFUTED]
    for one in refuted:
        assert one.counterexample is not None
        assert one.counterexample.caller.endswith(f"user/{one.logical_id[1:]}")
    assert {one.logical_id for one in refuted} == set(users)


def test_the_same_policies_of_many_are_the_work_of_one(tmp_path: Path) -> None:
    """Policies of AWS that hundreds of users have are decided for all of them."""
    users = {f"U{number}": _user(f"u{number}", _HELD["policies of AWS"]) for number in range(400)}
    report = _checked(tmp_path, users)
    assert [one for one in report.results if one.verdict == UNKNOWN] == []


def test_the_same_inline_policy_many_times_is_the_work_of_one(tmp_path: Path) -> None:
    """A user with hundreds of policies that say the same is decided."""
    many = [{"PolicyName": f"p{number}", "PolicyDocument": _policy(_allow("iam:*"))} for number in range(150)]
    users = {"U": {"Type": "AWS::IAM::User", "Properties": {"Policies": many}}}
    report = _checked(tmp_path, users)
    assert [one for one in report.results if one.verdict == UNKNOWN] == []


def test_the_same_policy_beside_others_is_answered_for_each(tmp_path: Path) -> None:
    """What refutes a policy of one user refutes it of whoever sends it too, and of nobody whom a Deny stops."""
    deny_bob = {**_allow("iam:*"), "Effect": "Deny", "Condition": {"StringEquals": {"aws:username": "bob"}}}
    beside = {
        "alice": _allow("s3:GetObject"),
        "bob": deny_bob,
        "carol": deny_bob,
        "dave": {**_allow("*"), "Effect": "Deny", "Condition": _NO_MFA},
        "erin": _allow("sqs:SendMessage"),
    }
    resources: dict[str, object] = {name: _user(name, {"policy": _policy(one)}) for name, one in beside.items()}
    attached = {"PolicyDocument": _policy(_allow("iam:*")), "Users": [{"Ref": name} for name in beside]}
    resources["Shared"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": attached}
    found = [one for one in _checked(tmp_path, resources).results if one.logical_id == "Shared"]
    assert [one.holders for one in found if one.property == "sensitive-actions-require-mfa"] == [
        ("user alice", "user carol", "user erin")
    ]

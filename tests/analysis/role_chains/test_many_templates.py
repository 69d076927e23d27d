"""
Many templates with parameters of their own: what one is read at makes no difference to chains that it is not of.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.role_chains.templates import HUB, MFA, ROLES_ONLY, Json, arn, assuming, check, role, statement
from trustproof.analysis.role_chains import judging, other_accounts

USERS: Json = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}
ROOT = f"arn:aws:iam::{HUB}:root"


def stack(number: int, *, also: Json | None = None, entry: Json | None = None) -> Json:
    """
    A stack with a role that people enter with MFA, by a parameter without or with a further condition.

    Args:
        also: a further statement of its trust policy.
        entry: the trust policy of a role that it has, too, which may assume any other one at one value.
    """
    further: Json = {"StringLike": {"aws:userid": "*"}}
    trust: Json = {"Fn::If": ["Is", statement(ROOT, USERS | MFA), statement(ROOT, USERS | MFA | further)]}
    resources: Json = {f"Admin{number}": role(f"admin{number}", trust, *([] if also is None else [also]))}
    if entry is not None:
        assumes = {"Fn::If": ["Is", arn(HUB, "nothing"), "*"]}
        policy = {"PolicyName": "p", "PolicyDocument": assuming(assumes)}
        resources[f"Entry{number}"] = role(f"entry{number}", entry, Policies=[policy])
    return {
        "Parameters": {"P": {"Type": "String", "AllowedValues": ["x", "y"]}},
        "Conditions": {"Is": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
        "Resources": resources,
    }


def test_what_others_are_read_at_makes_no_difference(tmp_path: Path) -> None:
    """So many have 2**75 assignments, and three of them have to do with each other."""
    templates = [stack(number) for number in range(72)]
    templates += [
        stack(72, entry=statement(ROOT, USERS)),
        stack(73, also=statement(arn(HUB, "entry72"))),
        stack(74, also=statement(arn(HUB, "entry"))),
    ]
    found = check(tmp_path, *templates, certify=False)
    verdicts = {key: one.verdict for key, one in found.items()}
    assert verdicts.pop("Admin73") == "refuted"
    assert set(verdicts.values()) == {"proved"}
    assert len(verdicts) == 74


def test_a_role_that_too_many_may_lead_to_is_left_open_and_no_other_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As many as there may be take a minute.
    monkeypatch.setattr(judging, "MAX_TOGETHER", 8)
    # People enter it without MFA at the value at which it may assume nothing.
    entry: Json = {"Fn::If": ["Is", statement(ROOT, USERS), statement(ROOT, USERS | MFA)]}
    templates = [stack(number, entry=entry) for number in range(4)]
    found = check(tmp_path, *templates, stack(9, also=statement(ROOT, ROLES_ONLY)), stack(10), certify=False)
    assert {key: one.verdict for key, one in found.items() if one.verdict != "proved"} == {"Admin9": "unknown"}


def named_by_parameter(number: int) -> Json:
    """A stack with a role of a service that may assume any other one, and has one of two names."""
    policy = {"PolicyName": "p", "PolicyDocument": assuming("*")}
    service = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    name = {"Fn::If": ["Is", f"entry{number}", f"other{number}"]}
    entry = role(f"entry{number}", service, Policies=[policy])
    properties = entry["Properties"]
    assert isinstance(properties, dict)
    return {**stack(number), "Resources": {f"Entry{number}": {**entry, "Properties": {**properties, "RoleName": name}}}}


@pytest.mark.parametrize("is_", ["there", "where it demands MFA"])
@pytest.mark.parametrize("at", ["x", "y"])
def test_a_role_is_left_open_at_whichever_value_it_is_there_or_demands_mfa(is_: str, at: str, tmp_path: Path) -> None:
    """Nothing was said of one that the first value does not make, or not with a demand."""
    people = statement(ROOT, USERS | MFA)
    if is_ == "there":
        target = {**role("admin", people, statement(ROOT, ROLES_ONLY)), "Condition": "Is"}
    else:
        target = role("admin", {"Fn::If": ["Is", people, statement(ROOT, USERS)]}, statement(ROOT, ROLES_ONLY))
    properties = target["Properties"]
    assert isinstance(properties, dict)
    target["Properties"] = {**properties, "RoleName": {"Fn::If": ["Is", "admin", "other"]}}
    conditions = {"Is": {"Fn::Equals": [{"Ref": "P"}, at]}}
    admin = {**stack(9), "Conditions": conditions, "Resources": {"Admin": target}}
    found = check(tmp_path, *map(named_by_parameter, range(9)), admin, certify=False)
    assert {key: one.verdict for key, one in found.items()} == {"Admin": "unknown"}


@pytest.mark.parametrize(("named", "verdict"), [("admin0", "refuted"), ("admin1", "proved")])
def test_what_another_template_attaches_by_name_counts(named: str, verdict: str, tmp_path: Path) -> None:
    """At one of its values, and beside so many others."""
    policy = {
        "PolicyName": "p",
        "PolicyDocument": assuming(arn(HUB, named)),
        "Roles": [{"Fn::If": ["Is", "nobody", "entry"]}],
    }
    attaching = {**stack(20), "Resources": {"P": {"Type": "AWS::IAM::Policy", "Properties": policy}}}
    entry = {"Entry": role("entry", statement(ROOT, USERS))}
    target = stack(0, also=statement(ROOT, ROLES_ONLY))
    others = [stack(number) for number in range(1, 10)]
    found = check(tmp_path, target, entry, attaching, *others, certify=False)
    assert found["Admin0"].verdict == verdict


def test_roles_of_many_accounts_are_read_there_for_who_demands_mfa(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A template without such a role, and without an account, is read in those that it names once another one asks."""
    assumes = {"PolicyName": "p", "PolicyDocument": assuming(arn(HUB, "admin"))}
    worker: Json = {"Resources": {"Worker": role("worker", statement(ROOT, USERS), Policies=[assumes])}}
    trusted = (statement(ROOT, USERS | MFA), statement(arn(HUB, "worker")))
    admin: Json = {"Resources": {"Admin": role("admin", *trusted)}}
    at_once = check(tmp_path, worker, admin, certify=False)
    monkeypatch.setattr(other_accounts, "_MOST_ROLES", 0)
    assert check(tmp_path, worker, admin, certify=False) == at_once
    assert at_once["Admin"].verdict == "refuted"

"""
What it costs to find whom a template sends to its roles, where there are many.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import trustproof
from trustproof.analysis.remedies import senders
from trustproof.inputs.cloudformation.values import deployable_references

ROLES = 60


def role(number: int, resource: str) -> dict[str, object]:
    """A role whose sessions may assume something."""
    root = {"AWS": "arn:aws:iam::111122223333:root"}
    assumed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource}
    policy = {"PolicyName": "p", "PolicyDocument": {"Statement": [assumed]}}
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": root}]}
    properties = {"RoleName": f"r{number}", "AssumeRolePolicyDocument": trust, "Policies": [policy]}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The entries that roles are held against, each time."""
    compared: list[object] = []
    means = senders.means

    def counted(entry: object, *arguments: object) -> bool:
        compared.append(entry)
        return means(entry, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(senders, "means", counted)
    return compared


@pytest.mark.parametrize("resource", ["*", "arn:aws:iam::111122223333:role/r{}"], ids=["any", "next"])
def test_each_role_is_held_against_each_entry_once(
    tmp_path: Path, resource: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Roles that may assume each other, or the next, are not each compared with all of the others."""
    compared = _counted(monkeypatch)
    roles = {f"R{number}": role(number, resource.format(number + 1)) for number in range(ROLES)}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": roles}))
    report = trustproof.check([tmp_path], config={}, account="111122223333", properties=["mfa-required"])
    assert len(compared) <= 2 * ROLES
    found = {one.logical_id: one.remedy.text for one in report.results if one.remedy is not None}
    assert len(found) == ROLES
    assert "R1 " in found["R2"]


@pytest.mark.parametrize("resource", ["*", "arn:aws:iam::111122223333:role/r{}"], ids=["any", "next"])
def test_what_a_role_refers_to_is_looked_up_once(
    tmp_path: Path, resource: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each role that may be sent to all of the others was followed for each of them, which took minutes."""
    followed: list[object] = []
    refers_to = deployable_references._refers_to

    def counted(there: object) -> Iterator[str]:
        followed.append(there)
        return refers_to(there)

    monkeypatch.setattr(deployable_references, "_refers_to", counted)
    roles = {f"R{number}": role(number, resource.format(number + 1)) for number in range(ROLES)}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": roles}))
    trustproof.check([tmp_path], config={}, account="111122223333", properties=["mfa-required"])
    assert ROLES - 1 <= len(followed) <= 2 * ROLES


def test_in_an_account_that_is_told_apart_for_one_role_no_other_is_held_against_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the roles has accounts of its own, and all of them were held against all entries in each of these."""
    compared, few = _counted(monkeypatch), ROLES // 3
    anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    roles: dict[str, object] = {}
    for number in range(few):
        in_account = {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::*{number}:role/*"}}
        trust = {"Statement": [{**anybody, "Condition": in_account}]}
        roles[f"R{number}"] = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    assumed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": [f"arn:aws:*a{n}*" for n in range(20)]}
    user = {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [assumed]}}]}
    roles["U"] = {"Type": "AWS::IAM::User", "Properties": user}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": roles}))
    accounts = [f"{200_000_000_000 + n}" for n in range(10 * few)]
    trustproof.check([tmp_path], config={"boundary": {"accounts": accounts}})
    assert 0 < len(compared) <= 20 * few * 4

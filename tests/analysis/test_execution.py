"""
Several processes: the report is the same, whoever has read the templates.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trustproof import TrustproofError, UsageError, check
from trustproof.analysis.execution import pool
from trustproof.results.report import Report

MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ROLES_ONLY = {"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:role/*"}}
OWN = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
#: From so many files on, a second process is worth its start here: what is sent is the same with half of them.
MIN_SHARE = pool.MIN_SHARE // 2


@pytest.fixture(autouse=True)
def _smaller_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MIN_SHARE", MIN_SHARE)


def _role(*statements: object, name: str | None = None) -> dict[str, object]:
    properties = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    return {"Type": "AWS::IAM::Role", "Properties": {**properties, **({"RoleName": name} if name else {})}}


def _allow(principal: object, condition: object = None) -> dict[str, object]:
    found = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}
    return {**found, "Condition": condition} if condition else found


def _template(number: int) -> dict[str, object]:
    """
    Every seventh has a hole, and every tenth a role that is reached through the hole of another template; one template
    attaches a policy to a role of a second one, which then reaches a role of a third.
    """
    condition = MFA if number % 7 else {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    resources: dict[str, object] = {"Entry": _role(_allow(OWN, condition), name=f"entry-{number}")}
    if number % 10 == 0:
        entry = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/entry-7"}
        resources["Goal"] = _role(_allow(OWN, MFA), _allow(entry))
    if number == 20:
        resources["Far"] = _role(_allow(OWN, MFA), _allow(OWN, ROLES_ONLY), name="far")
    if number == 40:
        hop = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": {"Fn::Sub": "arn:*:iam::*:role/far"}}
        policy = {
            "PolicyName": "hop",
            "Roles": ["entry-7"],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": hop},
        }
        resources["Hop"] = {"Type": "AWS::IAM::Policy", "Properties": policy}
    if number % 5 == 0:
        parameters = {"Who": {"Type": "String", "Default": "111122223333"}}
        resources["Named"] = _role(_allow({"Ref": "Who"}, MFA))
        return {"Parameters": parameters, "Resources": resources}
    if number % 9 == 0:
        inner = json.dumps({"Resources": {"Inside": _role(_allow("*"))}})
        resources["Set"] = {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": inner}}
    return {"Resources": resources}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """More templates than one process is given, and among them what is none and what is broken."""
    for number in range(3 * MIN_SHARE):
        (tmp_path / f"{number:03d}.json").write_text(json.dumps(_template(number)), encoding="utf-8")
    (tmp_path / "005-package.json").write_text('{"name": "something else"}', encoding="utf-8")
    (tmp_path / "017-broken.json").write_text('{"Resources": {"A": {}, "A": {}}}', encoding="utf-8")
    (tmp_path / "empty").mkdir()
    return tmp_path


def _told(report: Report) -> tuple[object, ...]:
    """Everything that a report says, with the positions of its results."""
    errors = [(type(e), e.message, e.file, e.line, e.column) for e in report.errors]
    places = [report.sources.position(r.template, r.path) for r in report.results]
    return (
        (report.results, report.templates, report.policies, report.skipped),
        errors,
        report.notes,
        report.certified,
        places,
    )


@pytest.mark.parametrize("certify", [False, True])
def test_several_processes_say_the_same(folder: Path, certify: bool) -> None:
    """Results, their order, places, errors and counts do not depend on the number of processes."""
    paths = [str(folder), str(folder / "empty"), str(folder / "007.json")]
    one, three = (check(paths, parameters={"Who": "222222222222"}, certify=certify, jobs=jobs) for jobs in (1, 3))
    assert _told(three) == _told(one)
    refuted = {(r.property, r.logical_id) for r in one.results if r.verdict == "refuted"}
    assert {
        ("mfa-required", "Entry"),
        ("inside-boundary", "Set/Inside"),
        ("mfa-survives-chaining", "Goal"),
        ("mfa-survives-chaining", "Far"),
    } <= refuted
    assert len(one.errors) == 2
    assert len(one.skipped) == 1


def test_root_modules_are_judged_in_several_processes(tmp_path: Path) -> None:
    """What is kept of a configuration for the chains of the run can be sent from one process to another."""
    role = """resource "aws_iam_role" "r" {
      assume_role_policy = jsonencode({ Statement = [
        { Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "sts:AssumeRole" }
      ] })
    }
    """
    for number in range(MIN_SHARE + 1):
        (tmp_path / f"r{number}").mkdir()
        (tmp_path / f"r{number}" / "main.tf").write_text(role, encoding="utf-8")
    alone, together = (check([tmp_path], account="111122223333", jobs=jobs) for jobs in (1, 2))
    assert _told(together) == _told(alone)
    assert together.templates == MIN_SHARE + 1


def test_progress_tells_how_many_there_are(folder: Path) -> None:
    """With several processes the files are counted first, and the last one completes the bar."""
    calls: list[tuple[int, int | None]] = []
    check([str(folder)], jobs=2, progress=lambda done, total: calls.append((done, total)))
    assert calls[-1][0] == calls[-1][1] == len(calls)


def test_a_parameter_that_no_template_has_is_an_error(folder: Path) -> None:
    """What the other processes have read of parameters is known here."""
    # Of a template that cannot be read, nobody knows what parameters it has.
    (folder / "017-broken.json").unlink()
    with pytest.raises(UsageError, match="the parameters there are: Who"):
        check([str(folder)], parameters={"Whom": "222222222222"}, jobs=2)


def test_a_process_that_dies_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates of a process that was killed do not pass in silence."""
    monkeypatch.setattr("trustproof.analysis.execution.pool._check_batch", _die)
    with pytest.raises(TrustproofError, match="a process that checked templates was killed"):
        check([str(folder)], jobs=2)


def test_no_process_at_all_is_refused() -> None:
    """There is nothing that zero processes could prove."""
    with pytest.raises(UsageError, match="jobs must be at least 1, got 0"):
        check(["x.json"], jobs=0)


def _die(batch: object) -> None:
    import os

    os._exit(9)

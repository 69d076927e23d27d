"""
Diffs of several properties for one statement: one at a time, since one may undo another, or leave nobody.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.laws.remedying import edited
from trustproof.results.baseline import entries, to_json

Json = dict[str, Any]
OWN = "111122223333"
OURS: Json = {"boundary": {"accounts": [OWN]}}
ARN: Json = {"Fn::GetAtt": ["Q", "Arn"]}
ROOT = f"arn:aws:iam::{OWN}:root"
SAML = f"arn:aws:iam::{OWN}:saml-provider/x"


def queue(*statements: Json) -> Json:
    """A queue with a policy."""
    content = {"Version": "2012-10-17", "Statement": [{**one, "Resource": ARN} for one in statements]}
    policy = {"Queues": [{"Ref": "Q"}], "PolicyDocument": content}
    return {
        "Resources": {"Q": {"Type": "AWS::SQS::Queue"}, "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}}
    }


def role(statement: Json) -> Json:
    """A role with a trust policy of one statement."""
    content = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Resources": {"Admins": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": content}}}}


EVENTS: Json = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
WORLD: Json = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:SendMessage"}
BOTH: Json = {**EVENTS, "Principal": {**EVENTS["Principal"], **WORLD["Principal"]}}
FEDERATED: Json = {
    "Effect": "Allow",
    "Principal": {"AWS": ROOT, "Federated": SAML},
    "Action": ["sts:AssumeRole", "sts:AssumeRoleWithSAML"],
}


@pytest.mark.parametrize(
    ("template", "kept", "others"),
    [
        (queue(BOTH), "inside-boundary", {"no-confused-deputy"}),
        (role({**WORLD, "Action": "sts:AssumeRole"}), "inside-boundary", {"mfa-required"}),
        (role(FEDERATED), "saml-audience-bound", {"mfa-required"}),
    ],
    ids=["split twice", "two conditions", "a provider and an account"],
)
def test_one_statement_is_changed_by_one_finding(template: Json, kept: str, others: set[str]) -> None:
    """The worst finding keeps its diff, the others say that it comes first, and each has its diff when it has been."""
    todo = {kept, *others}
    while todo:
        report = trustproof.check([template], config=OURS, account=OWN)
        found = {one.property: one for one in report.results if one.verdict == trustproof.REFUTED}
        assert set(found) == todo
        with_diff = [name for name, one in found.items() if one.remedy is not None and one.remedy.edits]
        assert with_diff == [kept]
        for name in todo - {kept}:
            said = found[name].remedy
            assert said is not None
            assert f"{kept} has a change of the same statement: make that one first" in said.text
        remedy = found[kept].remedy
        assert remedy is not None
        template = edited(template, remedy.edits)
        todo.discard(kept)
        kept = next(iter(todo), "")


def test_changes_of_two_statements_stand_next_to_each_other() -> None:
    """What changes another statement collides with nothing."""
    report = trustproof.check([queue(EVENTS, WORLD)], config=OURS, account=OWN)
    found = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert {one.property for one in found} == {"inside-boundary", "no-confused-deputy"}
    assert all(one.remedy is not None and one.remedy.edits for one in found)


@pytest.mark.parametrize("way", ["waiver", "baseline"])
def test_what_nobody_changes_is_in_nobodys_way(way: str, tmp_path: Path) -> None:
    """A finding that is waived or in the baseline keeps no diff from another one, and has none itself beside that."""
    file, baseline = tmp_path / "t.json", tmp_path / "baseline.json"
    file.write_text(json.dumps(queue(BOTH)), encoding="utf-8")
    config = tmp_path / "trustproof.toml"
    declared = f'[boundary]\naccounts = ["{OWN}"]\n'
    config.write_text(declared, encoding="utf-8")
    before = trustproof.check([file], config=trustproof.load_config(config), account=OWN)
    public = next(one for one in before.results if one.property == "inside-boundary")
    if way == "waiver":
        settled = f'[[waiver]]\nproperty = "inside-boundary"\nresource = "{public.logical_id}"\nreason = "meant"\n'
    else:
        settled = 'baseline = "baseline.json"\n'
        only = before.replace(results=(public,))
        baseline.write_text(to_json(entries(only, str(baseline))), encoding="utf-8")
    config.write_text(settled + declared if way == "baseline" else declared + settled, encoding="utf-8")
    loaded = trustproof.load_config(config)
    report = trustproof.check([file], config=loaded, account=OWN)
    report = trustproof.with_baseline(report, loaded)
    found = {one.property: one for one in report.results if one.verdict == trustproof.REFUTED}
    assert {name for name, one in found.items() if one.suppression is not None} == {"inside-boundary"}
    assert {name for name, one in found.items() if one.remedy is not None and one.remedy.edits} == {
        "no-confused-deputy"
    }
    other = found["no-confused-deputy"].remedy
    assert other is not None
    assert "make that one first" not in other.text

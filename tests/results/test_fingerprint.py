"""
Fingerprints of results: under which edits of a template they stay, and under which they change.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.results import baseline, fingerprint
from trustproof.results.result import REFUTED, Result

TRUSTED, OTHER = "arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"
MFA = "aws:MultiFactorAuthPresent"


def allow(principal: object, **condition: object) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return {**statement, "Condition": condition} if condition else statement


def template() -> dict[str, Any]:
    """A role with two statements that let in without MFA, and one that does not."""
    weak = allow([TRUSTED, OTHER], BoolIfExists={MFA: "true"}, StringEquals={"aws:PrincipalOrgID": "o-exampleorg1"})
    good = allow(TRUSTED, Bool={MFA: "true"})
    policy = {"Version": "2012-10-17", "Statement": [weak, allow(OTHER), good]}
    return {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}}}


def statements(document: dict[str, Any]) -> Any:
    return document["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]


def results(
    folder: Path, document: object, *, name: str = "a.template.json", indent: int = 1, **more: Any
) -> list[Result]:
    file = folder / name
    file.write_text(json.dumps(document, indent=indent), encoding="utf-8")
    report = trustproof.check([str(file)], **{"properties": ["mfa-required"], **more})
    return [result for result in report.results if result.verdict == REFUTED]


def fingerprints(folder: Path, document: object, **more: Any) -> list[str]:
    return sorted(result.fingerprint for result in results(folder, document, **more))


def reorder(document: dict[str, Any]) -> None:
    statements(document).reverse()


def insert(document: dict[str, Any]) -> None:
    statements(document).insert(0, {**allow("*"), "Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::4:root"}})
    statements(document)[0]["Principal"] = {"AWS": "arn:aws:iam::444444444444:root"}


def sid(document: dict[str, Any]) -> None:
    statements(document)[0]["Sid"] = "People"


def keys(document: dict[str, Any]) -> None:
    statements(document)[0] = dict(reversed(statements(document)[0].items()))
    statements(document)[0]["Condition"] = dict(reversed(statements(document)[0]["Condition"].items()))


def lists(document: dict[str, Any]) -> None:
    statements(document)[0]["Principal"]["AWS"].reverse()
    statements(document)[1]["Action"] = ["sts:AssumeRole"]


def case(document: dict[str, Any]) -> None:
    statements(document)[0]["Action"] = "sts:assumerole"
    statements(document)[0]["Condition"]["BoolIfExists"] = {MFA.lower(): "true"}


def resource_before(document: dict[str, Any]) -> None:
    document["Resources"] = {"Topic": {"Type": "AWS::SNS::Topic"}, **document["Resources"]}


def another_statement_fixed(document: dict[str, Any]) -> None:
    statements(document)[2]["Condition"]["NumericLessThan"] = {"aws:MultiFactorAuthAge": "3600"}


STAYS: dict[str, Callable[[dict[str, Any]], None]] = {
    "statements in another order": reorder,
    "a Deny before them": insert,
    "a Sid": sid,
    "keys in another order": keys,
    "lists in another order": lists,
    "another spelling": case,
    "a resource before it": resource_before,
    "another statement": another_statement_fixed,
}


@pytest.mark.parametrize("edit", STAYS.values(), ids=STAYS)
def test_it_stays(tmp_path: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """An edit that leaves property, resource and meaning of the statement leaves the fingerprint."""
    before, after = template(), template()
    edit(after)
    found = fingerprints(tmp_path, before)
    assert len(set(found)) == 2
    assert fingerprints(tmp_path, after) == found


def test_it_stays_where_files_are_renamed_and_lines_move(tmp_path: Path) -> None:
    """Neither the name of the file nor the lines are a part of it, nor whether the account is known."""
    (tmp_path / "deep").mkdir()
    found = fingerprints(tmp_path, template())
    assert fingerprints(tmp_path, template(), name="deep/b.json", indent=4) == found
    assert fingerprints(tmp_path, template(), account="444444444444") == found


def test_the_own_account_is_the_same_known_or_not(tmp_path: Path) -> None:
    """A statement about the template's own account says the same where a run is told which it is."""
    document = template()
    statements(document)[1]["Principal"]["AWS"] = {"Ref": "AWS::AccountId"}
    found = fingerprints(tmp_path, document)
    assert fingerprints(tmp_path, document, account="444444444444") == found


def renamed(document: dict[str, Any]) -> None:
    document["Resources"] = {"Other": document["Resources"]["Role"]}


CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "another resource": renamed,
    "another principal": lambda document: statements(document)[0].update(Principal={"AWS": [TRUSTED]}),
    "another operator": lambda document: statements(document)[0].update(
        Condition={"BoolIfExists": {MFA: "true"}, "StringLike": {"aws:PrincipalOrgID": "o-exampleorg1"}}
    ),
    "another value": lambda document: statements(document)[0].update(
        Condition={"BoolIfExists": {MFA: "true"}, "StringEquals": {"aws:PrincipalOrgID": "o-exampleorg2"}}
    ),
    "another action": lambda document: statements(document)[0].update(Action=["sts:AssumeRole", "sts:TagSession"]),
}


@pytest.mark.parametrize("edit", CHANGES.values(), ids=CHANGES)
def test_it_changes(tmp_path: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """What somebody has looked at is not taken for what says something else."""
    after = template()
    edit(after)
    (before,) = [found.fingerprint for found in results(tmp_path, template()) if 0 in found.path]
    assert before not in fingerprints(tmp_path, after)


def test_another_property_has_another_one(tmp_path: Path) -> None:
    """Two properties that are refuted of one statement are two results."""
    document = template()
    statements(document)[1]["Principal"] = "*"
    found = results(tmp_path, document, properties=None)
    assert len({result.property for result in found}) > 1
    assert len({result.fingerprint for result in found}) == len(found)


def test_equal_statements_are_told_apart_by_a_number(tmp_path: Path) -> None:
    """Two statements that say the same have two fingerprints, and the first keeps the one that it has alone."""
    alone, twice = template(), template()
    statements(twice).append(deepcopy(statements(twice)[1]))
    first = fingerprints(tmp_path, alone)
    both = fingerprints(tmp_path, twice)
    assert set(first) < set(both)
    (added,) = set(both) - set(first)
    assert added.removesuffix("-2") in first


@pytest.mark.parametrize(("written", "is_same"), [("${aws:username}", False), ("bob", True)])
def test_whether_there_are_variables_is_what_a_statement_says(tmp_path: Path, written: str, is_same: bool) -> None:
    """Without them, whoever is called otherwise than the text of the variable is let in: everybody."""
    document = template()
    statements(document)[1]["Condition"] = {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::*:user/{written}"}}
    statements(document).append({**allow(OTHER, ArnLike={"aws:PrincipalArn": f"*:user/{written}"}), "Effect": "Deny"})
    before = results(tmp_path, document)
    document["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"]["Version"] = "2008-10-17"
    after = results(tmp_path, document)
    known = {one.fingerprint for one in before} | {one.former_fingerprint for one in before}
    assert len(before) == len(after) == 2
    assert ({one.fingerprint for one in after} <= known) is is_same
    assert ({one.around for one in after} == {one.around for one in before}) is is_same


def test_a_proof_is_of_a_whole_policy(tmp_path: Path) -> None:
    """A proof has a fingerprint too, and of the library's one policy every result has one."""
    policy = {"Version": "2012-10-17", "Statement": [allow(TRUSTED, Bool={MFA: "true"})]}
    one = trustproof.prove(policy)
    policy["Statement"] = [allow(OTHER, Bool={MFA: "true"})]
    other = trustproof.prove(policy)
    assert one.verdict == other.verdict == "proved"
    assert len(one.fingerprint) == 32
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    "principal",
    [
        "222222222222",
        "arn:aws:iam::222222222222:root",
        {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"},
        {"Fn::Sub": "arn:aws:iam::222222222222:user/${AWS::Region}-deployer"},
        {"Fn::If": ["IsAbroad", "arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:root"]},
    ],
)
def test_what_a_run_is_given_is_no_part_of_it(tmp_path: Path, principal: object) -> None:
    """A baseline from a laptop that does not say the account is that of the run that does, whichever it is."""
    document = template()
    statements(document)[:] = [allow(principal)]
    document["Conditions"] = {"IsAbroad": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}
    places = [
        {},
        {"account": "222222222222"},
        {"account": "555555555555", "region": "eu-west-1"},
        {"region": "sa-east-1"},
    ]
    found = [one for place in places for one in fingerprints(tmp_path, document, **place)]
    assert len(found) >= len(places)
    # In several deployments, one statement may be found several times.
    assert len({one.partition("-")[0] for one in found}) == 1


def test_an_account_that_is_written_out_is_a_part_of_it(tmp_path: Path) -> None:
    """Another account is another finding, also where it is the template's own."""
    document = template()
    found = []
    for principal in (TRUSTED, OTHER, {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}):
        statements(document)[:] = [allow(principal)]
        found += fingerprints(tmp_path, document, account="222222222222")
    assert len(set(found)) == 3


def as_before(folder: Path, monkeypatch: pytest.MonkeyPatch, document: object) -> trustproof.Report:
    """What was found when an account as a principal was its id or its ARN."""
    with monkeypatch.context() as then:
        then.setattr(fingerprint, "_account_in", lambda principal: principal)
        fingerprint._words.cache_clear()
        found = trustproof.check([str(folder / "a.template.json")])
    fingerprint._words.cache_clear()
    return found


@pytest.mark.parametrize(
    "ways",
    [
        ("222222222222", "arn:aws:iam::222222222222:root", {"Fn::Sub": "arn:${AWS::Partition}:iam::222222222222:root"}),
        ({"Ref": "AWS::AccountId"}, {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}),
        ({"Ref": "Vendor"}, {"Fn::Sub": "arn:aws:iam::${Vendor}:root"}),
    ],
)
def test_an_account_is_one_principal_however_it_is_written(tmp_path: Path, ways: tuple[object, ...]) -> None:
    """IAM makes the ARN of an id when it stores a policy; that brings no finding back."""
    found = set()
    for way in ways:
        document = template()
        document["Parameters"] = {"Vendor": {"Type": "String"}}
        statements(document)[1] = allow(way)
        found.add(tuple(fingerprints(tmp_path, document)))
    assert len(found) == 1


def test_a_finding_is_known_by_the_fingerprint_that_it_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a baseline or a waiver calls by a former fingerprint is still covered, and nothing else is."""
    document = template()
    results(tmp_path, document)
    then = as_before(tmp_path, monkeypatch, document)
    now = trustproof.check([str(tmp_path / "a.template.json")])
    before, after = ([one for one in report.results if one.verdict == REFUTED] for report in (then, now))
    assert [one.former_fingerprint for one in after] == [one.fingerprint for one in before]
    assert not {one.fingerprint for one in after} & {one.fingerprint for one in before}
    entries = baseline.entries(then, str(tmp_path / "baseline.json"))
    compared = baseline.compare(now, entries, str(tmp_path / "baseline.json"))
    assert not compared.gone
    assert all(one.suppression for one in compared.report.results if one.verdict != "proved")
    waived = [
        {"property": one.property, "fingerprint": one.fingerprint, "template": "*", "reason": "agreed"}
        for one in before[:1]
    ]
    report = trustproof.check([str(tmp_path / "a.template.json")], config={"waiver": waived})
    assert [one.former_fingerprint for one in report.results if one.suppression] == [before[0].fingerprint]

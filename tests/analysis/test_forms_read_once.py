"""
What a policy is at each assignment of the parameters is read once for a question, however much there is to say of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.engine import allowance
from trustproof.inputs.cloudformation.template import Template
from trustproof.proving.prover import Prover

VALUES = ("none", "read", "write", "both")
OWN = "111122223333"
PROPERTIES = {"session-duration-bounded": "proved", "statement-usable": "refuted"}


def policy(statements: int) -> dict[str, object]:
    """A bucket that is open to so many requests at one of the values of a parameter, with a test of the network."""
    opened = [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"{number:012d}"},
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::b/{number}",
            "Condition": {"Bool": {"aws:SecureTransport": {"Ref": "P"}}},
        }
        for number in range(1, statements + 1)
    ]
    switched = [{"Fn::If": ["Is", one, {"Ref": "AWS::NoValue"}]} for one in opened]
    properties = {"Bucket": "b", "PolicyDocument": {"Version": "2012-10-17", "Statement": switched}}
    return {
        "Parameters": {
            "P": {"Type": "String", "AllowedValues": ["true", "false"]},
            "Q": {"Type": "String", "AllowedValues": [*VALUES]},
        },
        "Conditions": {"Is": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Q"}, "none"]}]}},
        "Resources": {"B": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}},
    }


def readings(folder: Path, patch: pytest.MonkeyPatch, statements: int) -> int:
    """How often the policy is read at some assignment."""
    file = folder / f"{statements}.json"
    file.write_text(json.dumps(policy(statements)), encoding="utf-8")
    count = 0
    read = Template.documents_at

    def documents_at(template: Template, logical_id: str, path: tuple[str | int, ...]) -> object:
        nonlocal count
        count += 1
        return read(template, logical_id, path)

    with patch.context() as patched:
        patched.setattr(Template, "documents_at", documents_at)
        report = trustproof.check([file], config={}, account="111122223333", properties=["inside-boundary"])
    assert sum(one.verdict != "proved" for one in report.results) >= statements
    return count


def test_what_is_found_reads_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = (readings(tmp_path, monkeypatch, statements) for statements in (1, 12))
    assert few == many > 0


def _switched_roles(count: int, conditions: int) -> dict[str, object]:
    """So many roles with two of so many conditions each, of which none looks at what another one says."""
    root = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}
    names = [f"C{number}" for number in range(conditions)]
    return {
        "Parameters": {name: {"Type": "String", "AllowedValues": ["a", "b"], "Default": "a"} for name in names},
        "Conditions": {name: {"Fn::Equals": [{"Ref": name}, "a"]} for name in names},
        "Resources": {
            f"R{number}": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {"Fn::If": [names[number % conditions], root, {"Ref": "AWS::NoValue"}]},
                            {"Fn::If": [names[(number + 1) % conditions], {**root, "Principal": "*"}, root]},
                        ],
                    }
                },
            }
            for number in range(count)
        },
    }


def test_a_policy_is_judged_at_other_values_without_the_whole_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which defaults a proof rests on takes the policy itself: all of the template is read as often for 12 as for 3."""
    read = Template.read_contents

    def readings_of(count: int) -> int:
        file = tmp_path / f"{count}.json"
        file.write_text(json.dumps(_switched_roles(count, count)), encoding="utf-8")
        asked: set[int] = set()

        def counted(template: Template) -> object:
            asked.add(id(template))
            kept.append(template)
            return read(template)

        kept: list[Template] = []
        with monkeypatch.context() as patched:
            patched.setattr(Template, "read_contents", counted)
            report = trustproof.check([file], config={}, account="111122223333")
        assert {one.verdict for one in report.results} == {"proved", "refuted"}
        return len(asked)

    assert readings_of(3) == readings_of(12)


def test_policies_under_the_same_conditions_are_searched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that gets in at the defaults is replayed against each further policy that says the same."""
    settle = Prover.settle
    searched = 0

    def counted(prover: Prover, *given: object) -> object:
        nonlocal searched
        searched += 1
        return settle(prover, *given)  # type: ignore[arg-type]

    found: list[int] = []
    for count in (3, 30):
        file = tmp_path / f"{count}.json"
        file.write_text(json.dumps(_switched_roles(count, 3)), encoding="utf-8")
        searched = 0
        with monkeypatch.context() as patched:
            patched.setattr(Prover, "settle", counted)
            patched.setattr("trustproof.proving.trial.Prover", Trusting)
            report = trustproof.check([file], config={}, account="111122223333", properties=["inside-boundary"])
        assert sum(one.verdict == "refuted" for one in report.results) >= count
        found.append(searched)
    assert found[0] == found[1]


class Trusting(Prover):
    """What tries out remedies, whose searches are not counted."""

    settle = Prover.settle


def roles(count: int) -> dict[str, Any]:
    """Roles that each ask for an external id which a parameter of their own lists."""
    names = [f"P{number}" for number in range(count)]

    def role(name: str) -> dict[str, object]:
        asked = {"StringEquals": {"sts:ExternalId": {"Ref": name}}}
        statement = {"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "sts:AssumeRole", "Condition": asked}
        trust = {"Version": "2012-10-17", "Statement": [statement]}
        return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}

    return {
        "Parameters": {name: {"Type": "String", "AllowedValues": ["a", "b"], "Default": "a"} for name in names},
        "Resources": {f"R{name}": role(name) for name in names},
    }


def test_the_rest_of_a_template_is_not_read_at_each_value_of_one_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Roles with parameters of their own: at the values of one, nobody asks for the others. Fifty kilobytes of them took
    a minute and 750 MiB.
    """
    read = whole_readings(monkeypatch)
    counts = []
    for several in (2, 8):
        read.clear()
        report = trustproof.check([roles(several)], config={}, account=OWN, properties=[*PROPERTIES])
        assert {(one.property, one.verdict) for one in report.results} == {*PROPERTIES.items()}
        counts.append(len(read))
    assert counts[0] == counts[1]


def test_the_rest_of_a_template_is_not_read_for_what_a_proof_rests_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Nor where that is not decided, for which too little of the work is left: nobody reads what such a finding is found
    next to. A megabyte of roles that let in one by the value of a parameter took two minutes and a gigabyte.
    """
    read = whole_readings(monkeypatch)
    counts = []
    for several in (2, 8):
        template = roles(several)
        for name, role in zip(template["Parameters"], template["Resources"].values(), strict=True):
            (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
            statement["Principal"] = {"AWS": {"Fn::Sub": f"arn:aws:iam::${{AWS::AccountId}}:role/${{{name}}}"}}
            template["Parameters"][name] = {"Type": "String", "Default": "a"}
            del statement["Condition"]
        monkeypatch.setattr(allowance, "TEMPLATE_UNITS", 2_000 * several)
        read.clear()
        report = trustproof.check([template], config={}, properties=["statement-usable"])
        assert {(one.verdict, len(one.at_defaults)) for one in report.results} == {("proved", 1)}
        counts.append(len(read))
    assert counts[0] == counts[1]


def whole_readings(monkeypatch: pytest.MonkeyPatch) -> list[Template]:
    """Whatever template is read as a whole from now on, as often as that is done."""
    read = Template.read_as_deployable
    found: list[Template] = []

    def read_as_deployable(template: Template, malformed: object) -> object:
        found.append(template)
        return read(template, malformed)  # type: ignore[arg-type]

    monkeypatch.setattr(Template, "read_as_deployable", read_as_deployable)
    return found

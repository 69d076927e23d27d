"""
Certificates are about the template: what was judged is held against a second reading of it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.errors import CertificateError
from trustproof.inputs.cloudformation.evaluation.functions import branches, functions
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver

Json = dict[str, object]
OWN, INSIDE, OUTSIDE = "111122223333", "222233334444", "999988887777"
CONFIG = {"boundary": {"accounts": [OWN, INSIDE]}}
STAGE: Json = {"Type": "String", "AllowedValues": ["dev", "prod"], "Default": "prod"}
IS_DEV: Json = {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}
BY_STAGE: Json = {"Fn::FindInMap": ["Acc", {"Ref": "Stage"}, "Id"]}
READ = "read again where AWS::AccountId=111122223333, AWS::Partition=aws, AWS::Region="


def allow(account: object, **more: object) -> Json:
    """A statement of a trust policy."""
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": account}, **more}


def check(folder: Path, *statements: object, region: str | None = "eu-west-1", **more: object) -> trustproof.Report:
    """What inside-boundary says of a role, with every proof checked again."""
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}
    template = {
        "Parameters": {"Stage": STAGE},
        "Mappings": {"Acc": {"dev": {"Id": OWN}, "prod": {"Id": INSIDE}}},
        "Conditions": {"IsDev": IS_DEV},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role, **more}},
    }
    file = folder / "template.json"
    file.write_text(json.dumps(template))
    asked = ["inside-boundary"]
    return trustproof.check([str(file)], account=OWN, region=region, config=CONFIG, properties=asked, certify=True)


def lines(report: trustproof.Report) -> list[str]:
    """What the certificate of the one proof says of readings."""
    (found,) = report.results
    assert found.verdict == "proved"
    return [line for line in found.certificate if line.startswith(("read again", "not read again"))]


BRANCH: Json = {"Fn::If": ["IsDev", allow(OWN), {"Ref": "AWS::NoValue"}]}
#: Statements, and the values of Stage at which the policy is read again.
CASES: list[tuple[str, list[object], list[str]]] = [
    ("plain", [allow(OWN)], ["prod", "dev"]),
    ("mapping", [allow(BY_STAGE)], ["prod", "dev"]),
    ("branch", [allow(INSIDE), BRANCH], ["prod", "dev"]),
    ("both", [allow(BY_STAGE), BRANCH], ["prod", "dev"]),
    ("sub", [allow({"Fn::Sub": ["arn:aws:iam::${X}:root", {"X": BY_STAGE}]})], ["prod", "dev"]),
    ("join", [allow({"Fn::Join": ["", ["arn:aws:iam::", BY_STAGE, ":role/", {"Ref": "Stage"}]]})], ["prod", "dev"]),
]


def test_a_policy_that_is_text(tmp_path: Path) -> None:
    """Its text is read again too, whatever stands in the holes of it."""
    text = json.dumps({"Statement": [allow("arn:aws:iam::${Own}:role/x", Condition={"StringEquals": {"k": "${R}"}})]})
    file = tmp_path / "template.json"
    own = {"Own": {"Ref": "AWS::AccountId"}}
    role = {"AssumeRolePolicyDocument": {"Fn::Sub": [text.replace("${k}", ""), own]}}
    other = {"Type": "AWS::SNS::Topic"}
    file.write_text(json.dumps({"Resources": {"R": other, "Role": {"Type": "AWS::IAM::Role", "Properties": role}}}))
    asked = ["inside-boundary"]
    report = trustproof.check([str(file)], account=OWN, config=CONFIG, properties=asked, certify=True)
    assert lines(report) == [f"{READ}us-east-1"]


@pytest.mark.parametrize(("statements", "stages"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_certificate_names_its_assignments(statements: list[object], stages: list[str], tmp_path: Path) -> None:
    """There is a line for each full assignment at which the policy was read again."""
    found = lines(check(tmp_path, *statements))
    assert sorted(found) == sorted(f"{READ}eu-west-1, Stage={stage}" for stage in stages)


def test_an_empty_value(tmp_path: Path) -> None:
    """A parameter that a condition tells from the empty text is read again where it is empty, too."""
    has_account: Json = {"Fn::Not": [{"Fn::Equals": [{"Ref": "Account"}, ""]}]}
    role = {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                allow({"Fn::If": ["HasAccount", {"Ref": "Account"}, OWN]}),
            ],
        }
    }
    template = {
        "Parameters": {"Account": {"Type": "String", "Default": INSIDE}},
        "Conditions": {"HasAccount": has_account},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template))
    asked = ["inside-boundary"]
    report = trustproof.check([str(file)], account=OWN, config=CONFIG, properties=asked, certify=True)
    assert [line.rpartition("Account=")[2] for line in lines(report)] == [INSIDE, ""]


def test_a_resource_under_a_condition(tmp_path: Path) -> None:
    """Where it is not there, nothing was judged."""
    assert len(lines(check(tmp_path, allow(OWN), Condition="IsDev"))) == 2


def test_what_is_left_open_is_said(tmp_path: Path) -> None:
    """A policy of which a part is known at deployment only is not read again where that matters."""
    unknown = {"Fn::If": ["Missing", OWN, INSIDE]}
    report = check(tmp_path, allow({"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/x"}), allow(OWN, Sid="x"))
    assert len(lines(report)) == 2
    assert check(tmp_path, allow(unknown)).errors


#: What goes wrong in the first reading: a module, the name of a function in it, and statements that would show it.
def _other_branch(*arguments: object) -> object:
    scope, condition, guards = arguments
    del scope, condition
    yield 2, guards


def _first_in_map(scope: object, argument: object) -> object:
    del scope, argument
    return INSIDE


def _always(resolver: object, name: str) -> bool:
    del resolver, name
    return True


def test_a_branch_that_is_misread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that takes the wrong branch of an Fn::If proves something else, and the certificate says so."""
    statements = [allow(INSIDE), {"Fn::If": ["IsDev", allow(OUTSIDE), {"Ref": "AWS::NoValue"}]}]
    assert check(tmp_path, *statements).results[0].verdict == "refuted"
    monkeypatch.setattr(branches, "outcomes", _other_branch)
    with pytest.raises(CertificateError, match="1 statements were judged, and 2 stand there"):
        check(tmp_path, *statements)


def test_a_mapping_that_is_misread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So does one that takes another value of a mapping."""
    monkeypatch.setitem(functions.HANDLERS, "Fn::FindInMap", _first_in_map)
    with pytest.raises(CertificateError, match=f"judged as AWS, {INSIDE}, and is AWS, {OWN}"):
        check(tmp_path, allow(BY_STAGE))


def test_a_condition_that_is_misread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that decides a condition wrongly."""
    monkeypatch.setattr(Resolver, "decide", _always)
    with pytest.raises(CertificateError, match="is not what stands there where"):
        check(tmp_path, allow({"Fn::If": ["IsDev", OWN, OUTSIDE]}))


def test_nothing_is_read_again_without_a_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second reading is for those who ask for certificates."""
    monkeypatch.setitem(functions.HANDLERS, "Fn::FindInMap", _first_in_map)
    file = tmp_path / "template.json"
    with pytest.raises(CertificateError):
        check(tmp_path, allow(BY_STAGE))
    report = trustproof.check([str(file)], account=OWN, config=CONFIG, properties=["inside-boundary"])
    assert report.results[0].verdict == "proved"


CONFIGURATION = """
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "111122223333" } }]
  })
}
"""


def test_what_was_made_of_another_language(tmp_path: Path) -> None:
    """Of what is no file of its own, what was made is read again."""
    (tmp_path / "main.tf").write_text(CONFIGURATION)
    asked = ["inside-boundary"]
    report = trustproof.check([str(tmp_path)], account=OWN, config=CONFIG, properties=asked, certify=True)
    assert [line.partition(" where")[0] for line in lines(report)] == ["read again"]

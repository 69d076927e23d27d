"""
``aws:userid`` compared with the unique ids of roles and users that the template makes.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.model.names import is_made_up, seen_by_others, unique_id

Json = dict[str, object]
ACCOUNT = "111122223333"
VENDOR = "444455556666"
CONFIG: Json = {
    "boundary": {"accounts": [ACCOUNT]},
    "third-party": [{"name": "vendor", "accounts": [VENDOR]}],
}


def role(*statements: Json) -> Json:
    """A role with a trust policy."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}


def trust(principal: object, condition: Json | None = None, effect: str = "Allow") -> Json:
    """A statement of a trust policy."""
    more = {} if condition is None else {"Condition": condition}
    return {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole", **more}


APP = role(trust({"Service": "ec2.amazonaws.com"}))
FUNCTION: Json = {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "a.b", "Runtime": "python3.12"}}
ANYBODY: Json = {"AWS": "*"}
SESSIONS: Json = {"Fn::Sub": "${App.RoleId}:*"}


def answers(folder: Path, *statements: Json) -> dict[str, str]:
    """The verdicts about a role with these statements, by property."""
    resources = {"App": APP, "Worker": FUNCTION, "Access": role(*statements)}
    file = folder / "template.json"
    file.write_text(json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}), encoding="utf-8")
    report = trustproof.check([str(file)], account=ACCOUNT, region="us-east-1", config=CONFIG, certify=True)
    assert report.errors == ()
    return {result.property: result.verdict for result in report.results if result.logical_id == "Access"}


#: The statements of a trust policy, and whether only those of the own account get in.
CASES: list[tuple[str, tuple[Json, ...], bool]] = [
    ("an Allow of its sessions", (trust(ANYBODY, {"StringLike": {"aws:userid": SESSIONS}}),), True),
    (
        "an Allow of the sessions of a function's role",
        (
            trust(
                ANYBODY, {"StringLike": {"aws:userId": {"Fn::Join": [":", [{"Fn::GetAtt": "WorkerRole.RoleId"}, "*"]]}}}
            ),
        ),
        True,
    ),
    (
        "a Deny of all others",
        (
            trust(ANYBODY),
            trust(ANYBODY, {"StringNotLike": {"aws:userid": [SESSIONS, {"Ref": "AWS::AccountId"}]}}, "Deny"),
        ),
        True,
    ),
    (
        "a Deny of its sessions",
        (trust(ANYBODY), trust(ANYBODY, {"StringLike": {"aws:userid": SESSIONS}}, "Deny")),
        False,
    ),
    (
        "an Allow of all others",
        (trust(ANYBODY, {"StringNotLike": {"aws:userid": SESSIONS}}),),
        False,
    ),
    ("ids that begin like it", (trust(ANYBODY, {"StringLike": {"aws:userid": "AROA*"}}),), False),
]


@pytest.mark.parametrize(("statements", "is_ours"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_sessions_of_a_role_of_the_template(statements: tuple[Json, ...], is_ours: bool, tmp_path: Path) -> None:
    """The sessions of a role of the template are of its account, and of no third party; all others may be foreign."""
    found = answers(tmp_path, *statements)
    assert found["inside-boundary"] == (trustproof.PROVED if is_ours else trustproof.REFUTED)
    assert found["external-id-required"] == (trustproof.PROVED if is_ours else trustproof.REFUTED)
    assert found["statement-usable"] == trustproof.PROVED


def test_an_id_that_is_written_out(tmp_path: Path) -> None:
    """Whether a role that is only named by its id is one's own, or of a third party, stays unknown."""
    found = answers(tmp_path, trust(ANYBODY, {"StringLike": {"aws:userid": "AROAJQABLZS4A3QDU576Q:*"}}))
    assert found["inside-boundary"] == trustproof.UNKNOWN
    assert found["external-id-required"] == trustproof.UNKNOWN


TERRAFORM = """
resource "aws_iam_role" "app" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
resource "aws_iam_user" "ci" { name = "ci" }
resource "aws_iam_role" "access" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "sts:AssumeRole"
      Condition = { StringLike = { "aws:userid" = ["${aws_iam_role.app.unique_id}:*", aws_iam_user.ci.unique_id] } }
    }]
  })
}
"""


def test_ids_in_terraform(tmp_path: Path) -> None:
    """In Terraform a role and a user give their ids by ``unique_id``."""
    (tmp_path / "main.tf").write_text(TERRAFORM, encoding="utf-8")
    report = trustproof.check([str(tmp_path)], account=ACCOUNT, region="us-east-1", config=CONFIG, certify=True)
    assert report.errors == ()
    found = {r.property: r.verdict for r in report.results if r.logical_id == "aws_iam_role.access"}
    assert found["inside-boundary"] == trustproof.PROVED


def test_no_two_are_the_same() -> None:
    """Ids that stand for others differ, also where the logical ids differ in case or in punctuation, or are cut off."""
    names = ("App", "APP", "a_pp", "app", "x" * 40, "x" * 41, 'aws_iam_role.x["a"]', 'aws_iam_role.x["b"]')
    found = {unique_id("AROA", name) for name in names}
    assert len(found) == len(names)
    assert all(is_made_up(one) and one.isalnum() and one.isupper() for one in found)
    of_others = {unique_id("AROA", "Prod/Access/App"), unique_id("AROA", "Dev/Access/App"), unique_id("AROA", "App")}
    assert len(of_others) == 3
    assert seen_by_others(unique_id("AROA", "App"), "Prod/Access") in of_others
    assert all(map(is_made_up, of_others))

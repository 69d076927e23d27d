"""
Managed policies that are in no file of a run: they may allow anything, so that nothing is proved over what is read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

OWN = "111122223333"
THEIRS = f"arn:aws:iam::{OWN}:policy/platform/Admin"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
CONFIG = {"properties": {"deployers-declared": {"administrators": []}}}
ASKED = ["assume-role-scoped", "deployers-declared"]
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "*"}]}

#: A managed policy that nobody has read, as templates name one, and what a message calls it.
NAMED: dict[str, tuple[object, str]] = {
    "ARN": (THEIRS, THEIRS),
    "parameter": ({"Ref": "P"}, "<P>"),
    "import": ({"Fn::ImportValue": "admin"}, "<Fn::ImportValue admin>"),
    "condition": ({"Fn::If": ["C", THEIRS, {"Ref": "AWS::NoValue"}]}, THEIRS),
    "newer": ("arn:aws:iam::aws:policy/OfTomorrow", "arn:aws:iam::aws:policy/OfTomorrow"),
}
#: What a holder has besides, that can be read.
BESIDE: dict[str, tuple[list[object], dict[str, Any]]] = {
    "nothing": ([], {}),
    "a policy of AWS": ([READ_ONLY], {}),
    "an inline policy": ([], {"Policies": [{"PolicyName": "p", "PolicyDocument": READ}]}),
}
KINDS: dict[str, dict[str, Any]] = {"Role": {"AssumeRolePolicyDocument": TRUST}, "User": {}, "Group": {}}


def _template(kind: str, arns: list[object], **properties: object) -> dict[str, Any]:
    return {
        "Parameters": {"P": {"Type": "String"}, "Stage": {"Type": "String"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {
            "R": {"Type": f"AWS::IAM::{kind}", "Properties": {"ManagedPolicyArns": arns, **KINDS[kind], **properties}}
        },
    }


def _found(*templates: Any, asked: list[str]) -> list[trustproof.Result]:
    report = trustproof.check(list(templates), properties=asked, config=CONFIG, account=OWN)
    return [one for one in report.results if one.resource_type != "AWS::IAM::ManagedPolicy"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("named", NAMED)
def test_nothing_is_proved_beside_a_policy_that_nobody_has_read(named: str, beside: str, kind: str) -> None:
    """A holder of such a policy is unknown, with the policy named, whatever else it has."""
    arn, called = NAMED[named]
    more, properties = BESIDE[beside]
    asked = [*ASKED, *([] if kind == "Role" else ["sensitive-actions-require-mfa"])]
    found = _found(_template(kind, [arn, *more], **properties), asked=asked)
    open_ones = [one for one in found if called in " ".join(one.reasons)]
    assert {one.property for one in open_ones} == {*asked}
    assert {one.verdict for one in found} <= {"unknown", "refuted"}
    assert {one.severity for one in open_ones if one.property in ASKED} == {"note"}


@pytest.mark.parametrize(("group", "called"), [("ops", "the group ops"), ({"Ref": "P"}, "the group <P>")])
def test_nothing_is_proved_of_a_member_of_a_group_that_nobody_has_read(group: object, called: str) -> None:
    """The group may allow anything."""
    template = _template("User", [READ_ONLY], Groups=[group])
    asked = [*ASKED, "sensitive-actions-require-mfa"]
    found = [one for one in _found(template, asked=asked) if one.logical_id == "R"]
    assert {one.property for one in found} == {*asked}
    assert {one.verdict for one in found} == {"unknown"}
    assert all(f"{called} is not in the template, and" in " ".join(one.reasons) for one in found)


def test_what_a_member_may_do_by_other_policies_is_found() -> None:
    """Of a group that nobody has read, nothing more is said then."""
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    found = _found(_template("User", [administrator], Groups=["ops"]), asked=["sensitive-actions-require-mfa"])
    assert [one.verdict for one in found] == ["refuted"]


@pytest.mark.parametrize("properties", [{}, {"deployers-declared": {"administrators": ["Ops"]}}])
def test_nothing_is_open_that_is_not_asked(properties: dict[str, Any]) -> None:
    """Without declared administrators, and of one of them, nobody asks who is one."""
    template = _template("Role", [THEIRS], RoleName="Ops")
    report = trustproof.check([template], properties=["deployers-declared"], config={"properties": properties})
    assert report.results == ()


def test_it_is_said_once() -> None:
    """Of what may be denied by such a policy nobody says once more that it may be allowed by it, too."""
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    found = _found(_template("Role", [THEIRS, administrator]), asked=ASKED)
    assert [one.property for one in found] == ASKED
    assert {one.reasons for one in found} == {
        (f"the managed policy {THEIRS} is not in the template, and may deny this",)
    }


MODULE = """
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "sts:AssumeRole" }]
  })
}
resource "aws_iam_role_policy_attachment" "ours" {
  role       = aws_iam_role.r.name
  policy_arn = "arn:aws:iam::111122223333:policy/platform/Admin"
}
resource "aws_iam_role_policy_attachment" "theirs" {
  role       = aws_iam_role.r.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
"""


def test_what_is_attached_elsewhere_proves_nothing_of_its_holder(tmp_path: Path) -> None:
    """In Terraform too, where an attachment is a resource of its own."""
    (tmp_path / "main.tf").write_text(MODULE)
    assert {one.verdict for one in _found(tmp_path, asked=ASKED)} == {"unknown"}


def test_a_boundary_that_nobody_has_read_leaves_a_proof() -> None:
    """It allows nothing."""
    found = _found(_template("Role", [READ_ONLY], PermissionsBoundary=THEIRS), asked=ASKED)
    assert {one.verdict for one in found} == {"proved"}


DETAILS = {
    "UserDetailList": [],
    "GroupDetailList": [],
    "RoleDetailList": [],
    "Policies": [
        {
            "PolicyName": "Admin",
            "Arn": THEIRS,
            "Path": "/platform/",
            "DefaultVersionId": "v1",
            "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": READ}],
        }
    ],
}
MADE = {
    "Resources": {
        "P": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"ManagedPolicyName": "Admin", "Path": "/platform/", "PolicyDocument": READ},
        }
    }
}


@pytest.mark.parametrize("given", [DETAILS, MADE], ids=["account details", "a template"])
def test_what_is_given_besides_settles_it(given: dict[str, Any], tmp_path: Path) -> None:
    """The reason says which files do, and with them it is proved."""
    template = _template("Role", [THEIRS, READ_ONLY])
    (first, *_) = _found(template, asked=ASKED)
    assert "the template that makes it, or what 'trustproof pull' saves of its account" in first.reasons[1]
    paths = [tmp_path / "t.json", tmp_path / "besides.json"]
    for path, content in zip(paths, (template, given), strict=True):
        path.write_text(json.dumps(content))
    assert {one.verdict for one in _found(*paths, asked=ASKED)} == {"proved"}

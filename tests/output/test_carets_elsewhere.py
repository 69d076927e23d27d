"""
Where the caret stands when what admits is written in a text, in another template, or is a bare reference.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

OWN = "111122223333"
ROOT = f"arn:aws:iam::{OWN}:root"


def marked(folder: Path, ident: str) -> list[str]:
    """What stands over the carets of what is refuted of a property."""
    report = trustproof.check([str(folder)], account=OWN, config={}, properties=[ident])
    out = []
    for found in report.results:
        if found.verdict == trustproof.REFUTED:
            position = report.sources.position(found.template, (*found.path, *found.caret))
            assert position is not None
            line = report.sources.line(found.template, position.line, position.file)
            out.append(line[position.column - 1 : position.end_column - 1])
    return out


def role(name: str, *statements: object, **more: object) -> dict[str, object]:
    """A role that these statements let in."""
    trust = {"Version": "2012-10-17", "Statement": [*statements]}
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": trust, **more}}


def admits(arn: object, **more: object) -> dict[str, object]:
    """A statement that lets in a principal."""
    return {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole", **more}


YAML = f"""\
Resources:
  Audit:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: ["arn:aws:iam::{OWN}:role/other", "{ROOT}"]
            Action: sts:AssumeRole
"""
BODIES = {
    "yaml": (YAML, f'"{ROOT}"'),
    "json": (json.dumps({"Resources": {"Audit": role("audit", admits(ROOT))}}, indent=2), f'"{ROOT}"'),
}
CARRIER = """\
Resources:
  Set:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: s
      PermissionModel: SERVICE_MANAGED
      TemplateBody: {mark}
{body}
  After:
    Type: AWS::SNS::Topic
"""


@pytest.mark.parametrize("mark", ["|", "|-", "|  # the template"])
@pytest.mark.parametrize("form", BODIES)
@pytest.mark.parametrize("indent", [8, 12])
def test_a_text_in_lines_of_its_own(tmp_path: Path, form: str, mark: str, indent: int) -> None:
    """In a template that a StackSet carries as a block of lines the caret is where the principal stands."""
    body, expected = BODIES[form]
    indented = "\n".join(" " * indent + line if line else line for line in body.splitlines())
    (tmp_path / "t.yaml").write_text(CARRIER.format(mark=mark, body=indented), encoding="utf-8")
    assert marked(tmp_path, "mfa-required") == [expected]


@pytest.mark.parametrize("mark", [">", ">-"])
def test_a_text_whose_lines_are_folded(tmp_path: Path, mark: str) -> None:
    """The caret is on who is admitted where a text is folded, too."""
    body = json.dumps({"Resources": {"Audit": role("audit", admits(ROOT))}})
    (tmp_path / "t.yaml").write_text(CARRIER.format(mark=mark, body=" " * 8 + body), encoding="utf-8")
    assert marked(tmp_path, "mfa-required") == [f'"{ROOT}"']


def test_what_nobody_can_be(tmp_path: Path) -> None:
    """The caret is on the principal that cannot exist."""
    ghost = "arn:aws:iam::999999999:role/x"
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"R": role("r", admits([ghost]))}}, indent=1))
    assert marked(tmp_path, "statement-usable") == [f'"{ghost}"']


def test_a_chain_through_another_template(tmp_path: Path) -> None:
    """The caret of a chain is on the role that is trusted, though that stands in another template."""
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{OWN}:role/admin"}
    policies = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [may]}}]
    support = f"arn:aws:iam::{OWN}:role/support"
    first = {"Resources": {"Support": role("support", admits(ROOT), Policies=policies)}}
    mfa = admits(ROOT, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    second = {"Resources": {"Admin": role("admin", mfa, admits([f"arn:aws:iam::{OWN}:role/other", support]))}}
    for name, content in (("a", first), ("b", second)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    assert marked(tmp_path, "mfa-survives-chaining") == [f'"{support}"']


BOT = """\
resource "aws_iam_user" "bot" {
  name = "bot"
}
"""
REFERENCES = [
    "Principal = { AWS = aws_iam_user.bot.arn }",
    "Principal = { AWS = [aws_iam_user.bot.arn] }",
    f'Principal = {{ AWS = ["arn:aws:iam::{OWN}:role/other", aws_iam_user.bot.arn] }}',
]


@pytest.mark.parametrize("principal", REFERENCES)
def test_a_bare_reference(tmp_path: Path, principal: str) -> None:
    """In Terraform the caret is on the expression, and never on the resource that it refers to."""
    (tmp_path / "main.tf").write_text(
        f"""{BOT}
resource "aws_iam_role" "r" {{
  name = "r"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect = "Allow"
      {principal}
      Action = "sts:AssumeRole"
    }}]
  }})
}}
""",
        encoding="utf-8",
    )
    assert marked(tmp_path, "mfa-required") == ["aws_iam_user.bot.arn"]


def test_a_bare_reference_in_a_document(tmp_path: Path) -> None:
    """The same in a data source for policies."""
    (tmp_path / "main.tf").write_text(
        f"""{BOT}
data "aws_iam_policy_document" "d" {{
  statement {{
    actions = ["sts:AssumeRole"]
    principals {{
      type        = "AWS"
      identifiers = [aws_iam_user.bot.arn]
    }}
  }}
}}
resource "aws_iam_role" "r" {{
  name = "r"
  assume_role_policy = data.aws_iam_policy_document.d.json
}}
""",
        encoding="utf-8",
    )
    assert marked(tmp_path, "mfa-required") == ["aws_iam_user.bot.arn"]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    ("ident", "statement", "covering"),
    [
        ("sensitive-actions-require-mfa", {"Action": ["s3:Get*", "iam:Create*"], "Resource": "*"}, '"iam:Create*"'),
        ("sensitive-actions-require-mfa", {"Action": "iam:PassRole", "Resource": "*"}, '"iam:PassRole"'),
        (
            "assume-role-scoped",
            {"Action": "sts:AssumeRole", "Resource": ["arn:aws:iam::111122223333:role/a", "*"]},
            '"*"',
        ),
        (
            "assume-role-scoped",
            {"Action": "sts:AssumeRole", "Resource": [{"Fn::Sub": "arn:aws:iam::*:role/${Name}"}]},
            '"Fn::Sub": "arn:aws:iam::*:role/${Name}"',
        ),
    ],
    ids=str,
)
def test_what_is_allowed(
    tmp_path: Path, ident: str, statement: dict[str, object], covering: str, indent: int | None
) -> None:
    """Of an Action or a Resource with several values it is the one that covers what is asked for."""
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    group = {"Type": "AWS::IAM::Group", "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": policy}]}}
    template = {"Parameters": {"Name": {"Type": "String"}}, "Resources": {"Group": group}}
    (tmp_path / "template.json").write_text(json.dumps(template, indent=indent), encoding="utf-8")
    assert marked(tmp_path, ident) == [covering]

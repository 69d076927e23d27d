"""
Where the caret stands: on the value that lets in, in each form in which a policy is written.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
OWN, OTHER = "111122223333", "444455556666"
ROLE, ROOT = f"arn:aws:iam::{OWN}:role/app", f"arn:aws:iam::{OTHER}:root"
SUB = "arn:aws:iam::${AWS::AccountId}:root"
JOIN = {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":root"]]}


SPLIT = {"Fn::Split": [",", f"{ROLE},{ROOT}"]}


def marked(path: Path) -> str:
    """What stands over the carets of the one finding about MFA."""
    report = trustproof.check([str(path)], account=OWN, config={}, properties=["mfa-required"])
    (found,) = report.results
    assert found.verdict == trustproof.REFUTED
    position = report.sources.position(found.template, (*found.path, *found.caret))
    assert position is not None
    line = report.sources.line(found.template, position.line, position.file)
    return line[position.column - 1 : position.end_column - 1]


#: Part of a statement, and what is marked of it where it is written on one line, and over several.
PRINCIPALS: list[tuple[Json, str, str]] = [
    ({"Principal": "*"}, '"*"', '"*"'),
    ({"Principal": {"AWS": "*"}}, '"*"', '"*"'),
    ({"Principal": {"AWS": [ROLE, ROOT]}}, f'"{ROOT}"', f'"{ROOT}"'),
    ({"Principal": {"Service": "ec2.amazonaws.com", "AWS": [ROOT]}}, f'"{ROOT}"', f'"{ROOT}"'),
    ({"Principal": {"AWS": {"Fn::Sub": SUB}}}, f'"Fn::Sub": "{SUB}"', f'"Fn::Sub": "{SUB}"'),
    ({"Principal": {"AWS": [{"Ref": "AWS::AccountId"}]}}, '"Ref": "AWS::AccountId"', '"Ref": "AWS::AccountId"'),
    ({"Principal": {"AWS": JOIN}}, json.dumps(JOIN)[1:-1], '"Ref": "AWS::AccountId"'),
    ({"Principal": {"AWS": SPLIT}}, json.dumps(SPLIT)[1:-1], f'"{ROLE},{ROOT}"'),
    ({"NotPrincipal": {"AWS": ROLE}}, f'"{ROLE}"', f'"{ROLE}"'),
    ({"NotPrincipal": {"AWS": [ROLE]}}, f'"{ROLE}"', f'"{ROLE}"'),
]


@pytest.mark.parametrize(("part", "on_one_line", "on_several"), PRINCIPALS, ids=str)
def test_json(part: Json, on_one_line: str, on_several: str, tmp_path: Path) -> None:
    """In JSON it is the text of the list, or the function with its argument."""
    statement = {"Effect": "Allow", **part, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    file = tmp_path / "template.json"
    for indent, expected in ((None, on_one_line), (1, on_several)):
        file.write_text(json.dumps({"Resources": {"Role": role}}, indent=indent), encoding="utf-8")
        assert marked(file) == expected


def test_of_two_values_of_a_condition_the_one_that_lets_in(tmp_path: Path) -> None:
    """A caller that the other one lets in as well is shown at the value of the parameter, and so is the place."""
    chosen = {"Fn::If": ["Prod", f"arn:aws:iam::{OTHER}:root", "*"]}
    statement = {"Effect": "Allow", "Principal": {"AWS": chosen}, "Action": "sts:AssumeRole"}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [statement]}}}
    template = {
        "Parameters": {"Env": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]}},
        "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}},
        "Resources": {"Role": role},
    }
    (tmp_path / "t.json").write_text(json.dumps(template), encoding="utf-8")
    report = trustproof.check([str(tmp_path / "t.json")], account=OWN, config={}, properties=["inside-boundary"])
    (found,) = (one for one in report.results if one.verdict == trustproof.REFUTED)
    position = report.sources.position(found.template, (*found.path, *found.caret))
    assert position is not None
    line = report.sources.line(found.template, position.line)
    assert line[position.column - 1 : position.end_column - 1] == '"*"'


YAML = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            %s
            Action: sts:AssumeRole
"""


ONE_LINE = "!Join ['', ['arn:aws:iam::', !Ref AWS::AccountId, ':root']]"
SEVERAL = "'arn:aws:iam::',\n                !Ref AWS::AccountId"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("Principal: '*'", "'*'"),
        ("Principal: {AWS: [!Ref AWS::AccountId]}", "!Ref AWS::AccountId"),
        (f"Principal: {{AWS: !Sub '{SUB}'}}", f"!Sub '{SUB}'"),
        (f"Principal:\n              AWS:\n                Fn::Sub: {SUB}", f"Fn::Sub: {SUB}"),
        (f"Principal:\n              AWS:\n                - {ROLE}\n                - {ROOT}", ROOT),
        (f"NotPrincipal:\n              AWS:\n                - {ROLE}", ROLE),
        (f"Principal:\n              AWS: !Sub\n                - '{SUB}'\n                - {{}}", f"'{SUB}'"),
        ("Principal: {AWS: !Join ['', ['arn:aws:iam::', !Ref AWS::AccountId, ':root']]}", ONE_LINE),
        (f"Principal:\n              AWS: !Join ['', [{SEVERAL}, ':root']]", "!Ref AWS::AccountId"),
    ],
)
def test_yaml(part: str, expected: str, tmp_path: Path) -> None:
    """In YAML likewise, also with the tags of functions."""
    file = tmp_path / "template.yaml"
    file.write_text(YAML % part, encoding="utf-8")
    assert marked(file) == expected


CHOICE = """\
Conditions:
  C: !Equals [!Ref "AWS::StackName", c]
  D: !Equals [!Ref "AWS::StackName", d]
"""


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        (f"{{AWS: !If [C, {ROLE}, '*']}}", "'*'"),
        (f"{{AWS: !If [C, !Ref AWS::NoValue, [{ROLE}, '*']]}}", "'*'"),
        (f"{{AWS: !If [C, {ROLE}, !If [D, {ROOT}, {ROLE}]]}}", ROOT),
        (f"{{AWS: !If [C, {ROLE}, !Ref AWS::AccountId]}}", "!Ref AWS::AccountId"),
        (f"{{AWS: [{ROLE}, !If [C, '*', {ROLE}]]}}", "'*'"),
        (f"!If [C, {{AWS: {ROLE}}}, '*']", "'*'"),
    ],
)
def test_a_choice_is_marked_where_it_lets_in(principal: str, expected: str, tmp_path: Path) -> None:
    """Of Fn::If it is the branch, or the item of it, that names the caller."""
    file = tmp_path / "template.yaml"
    file.write_text(CHOICE + YAML % f"Principal: {principal}", encoding="utf-8")
    assert marked(file) == expected


ENCODED = """
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = %s }, Action = "sts:AssumeRole" }]
  })
}
"""
HEREDOC = """
data "aws_caller_identity" "me" {}
resource "aws_iam_role" "r" {
  assume_role_policy = <<%s
%s
EOF
}
"""
TEXT = """\
    {
      "Version": "2012-10-17",
      "Statement": [{
        "Effect": "Allow",
        "Principal": {
          "AWS": [
            "%s"
          ]
        },
        "Action": "sts:AssumeRole"
      }]
    }"""
DOCUMENT = """
data "aws_caller_identity" "me" {}
data "aws_iam_policy_document" "d" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["%s"]
    }
  }
}
resource "aws_iam_role" "r" {
  assume_role_policy = data.aws_iam_policy_document.d.json
}
"""
CONDITION = """
    condition {
      test     = "%s"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["%s"]
    }
  }
}
resource"""
OF_CALLER = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (ENCODED % '"*"', '"*"'),
        (ENCODED % f'["{ROLE}", "{ROOT}"]', f'"{ROOT}"'),
        (DOCUMENT % ROOT, f'"{ROOT}"'),
        (DOCUMENT % OF_CALLER, f'"{OF_CALLER}"'),
        # What holds without the key, or holds of what the key says.
        ((DOCUMENT % ROOT).replace("  }\n}\nresource", CONDITION[1:] % ("BoolIfExists", "true")), "test"),
        ((DOCUMENT % ROOT).replace("  }\n}\nresource", CONDITION[1:] % ("Bool", "false")), "values"),
        (HEREDOC % ("EOF", TEXT % ROOT), f'"{ROOT}"'),
        (HEREDOC % ("-EOF", TEXT % ROOT), f'"{ROOT}"'),
        (HEREDOC % ("EOF", TEXT % OF_CALLER), f'"{OF_CALLER}"'),
        (HEREDOC % ("-EOF", TEXT % OF_CALLER), f'"{OF_CALLER}"'),
    ],
)
def test_terraform(content: str, expected: str, tmp_path: Path) -> None:
    """In a configuration it is the value too, also in a text with expressions."""
    (tmp_path / "main.tf").write_text(content, encoding="utf-8")
    assert marked(tmp_path) == expected

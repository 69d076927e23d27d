"""
Resources of Terraform that grant something without a policy document.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from trustproof.inputs.cloudformation.resources.access import grants

pytest.importorskip("tree_sitter_hcl")

FOREIGN = "arn:aws:iam::999988887777:role/x"
#: A resource of each kind that lets a foreign role in.
TABLE = {
    "aws_lambda_permission": f'action = "lambda:InvokeFunction"\n function_name = "f"\n principal = "{FOREIGN}"',
    "aws_lambda_layer_version_permission": 'action = "lambda:GetLayerVersion"\n layer_name = "l"\n principal = "*"\n'
    " version_number = 1",
    "aws_cloudwatch_event_permission": 'principal = "999988887777"\n statement_id = "s"',
    "aws_signer_signing_profile_permission": 'profile_name = "p"\n action = "signer:StartSigningJob"\n'
    ' principal = "999988887777"',
    "aws_kms_grant": f'key_id = "k"\n grantee_principal = "{FOREIGN}"\n operations = ["Decrypt"]',
}


@pytest.mark.parametrize("type_", TABLE)
def test_a_grant_to_somebody_else_is_refuted(tmp_path: Path, type_: str) -> None:
    """Whatever form a grant has, it is judged like the statement that AWS makes of it, with a remedy or without."""
    (tmp_path / "main.tf").write_text(f'resource "{type_}" "g" {{\n {TABLE[type_]}\n}}\n')
    report = trustproof.check(
        [tmp_path], config={"boundary": {"accounts": ["111122223333"]}}, account="111122223333", region="us-east-1"
    )
    assert report.errors == ()
    assert [one.verdict for one in report.results if one.property == "inside-boundary"] == ["refuted"]


@pytest.mark.parametrize("type_", grants.TYPES)
def test_every_grant_says_how_it_takes_a_condition(type_: str) -> None:
    """What reads a grant and what mends it know the same types."""
    assert grants.is_grant(type_)
    assert grants.form(type_) is not None


def test_a_context_that_is_a_part_admits_more_than_one_that_is_all(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html"""
    for name in ("equals", "subset"):
        constraint = f'constraints {{\n  encryption_context_{name} = {{ a = "b" }}\n }}'
        (tmp_path / name).mkdir()
        text = f'resource "aws_kms_grant" "g" {{\n {TABLE["aws_kms_grant"]}\n {constraint}\n}}\n'
        (tmp_path / name / "main.tf").write_text(text)
    equal, part = tmp_path / "equals", tmp_path / "subset"
    assert [len(trustproof.diff(equal, part, account="111122223333").gained)] == [1]
    back = trustproof.diff(part, equal, account="111122223333")
    assert (len(back.gained), len(back.lost)) == (0, 1)
    assert trustproof.diff(part, part, account="111122223333").is_empty

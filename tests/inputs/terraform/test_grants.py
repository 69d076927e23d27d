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

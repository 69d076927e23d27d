"""
`trustproof.diff` of resources of Terraform that say which key or queue a policy is for, by what nobody knows.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN

pytest.importorskip("tree_sitter_hcl")

BLOCKS = """
variable "key" { type = string }
data "aws_kms_alias" "d" { name = "alias/x" }
data "aws_sqs_queue" "d" { name = "jobs" }
resource "aws_kms_key" "k" {}
resource "aws_kms_alias" "a" {
  name          = "alias/x"
  target_key_id = aws_kms_key.k.key_id
}
"""
GRANT = """
resource "aws_kms_grant" "g" {
  key_id            = "%s"
  grantee_principal = "arn:aws:iam::999988887777:role/x"
  operations        = ["Decrypt"]
}
"""
_POLICY = """
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "%s", Principal = { AWS = "arn:aws:iam::999988887777:role/x" }, Resource = "*" }] })
}
"""
KEY_POLICY = 'resource "aws_kms_key_policy" "g" {\n  key_id = "%s"' + _POLICY % "kms:Decrypt"
QUEUE_POLICY = 'resource "aws_sqs_queue_policy" "g" {\n  queue_url = "%s"' + _POLICY % "sqs:SendMessage"

ID = "1111aaaa-22bb-33cc-44dd-555555eeeeee"
ALIAS_ARN = f"arn:aws:kms:us-east-1:{OWN}:alias/x"
QUEUE = f"https://sqs.us-east-1.amazonaws.com/{OWN}/other"
OTHERS = ["gained", "lost"]


@pytest.mark.parametrize(
    ("block", "old", "new", "expected"),
    [
        (GRANT, None, "alias/x", ["gained"]),
        (GRANT, None, ALIAS_ARN, ["gained"]),
        (GRANT, "alias/x", ID, OTHERS),
        (GRANT, "alias/x", "${aws_kms_key.k.key_id}", OTHERS),
        (GRANT, ID, "${data.aws_kms_alias.d.target_key_id}", OTHERS),
        (GRANT, "${var.key}", ID, OTHERS),
        (GRANT, "alias/x", ALIAS_ARN, []),
        (GRANT, "alias/x", "${aws_kms_alias.a.name}", []),
        (GRANT, "${aws_kms_key.k.key_id}", "${aws_kms_alias.a.target_key_id}", []),
        (KEY_POLICY, None, "alias/x", ["gained"]),
        (KEY_POLICY, "alias/x", ID, OTHERS),
        (KEY_POLICY, ALIAS_ARN, ID, OTHERS),
        (KEY_POLICY, "${data.aws_kms_alias.d.target_key_id}", "${aws_kms_key.k.id}", OTHERS),
        (KEY_POLICY, "${var.key}", "${var.key}", []),
        (QUEUE_POLICY, QUEUE, "${data.aws_sqs_queue.d.url}", OTHERS),
        (QUEUE_POLICY, "${data.aws_sqs_queue.d.url}", "${data.aws_sqs_queue.d.id}", []),
    ],
)
def test_a_policy_for_what_has_another_name_is_another_policy(
    tmp_path: Path, block: str, old: str | None, new: str, expected: list[str]
) -> None:
    """Access to the one is lost and to the other gained, though neither may have an ARN that is known."""
    for side, name in (("old", old), ("new", new)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "main.tf").write_text(BLOCKS + ("" if name is None else block % name))
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account=OWN, region="us-east-1")
    assert sorted(one.direction for one in found.access) == expected

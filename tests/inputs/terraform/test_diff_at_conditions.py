"""
Differences between configurations that depend on conditions over variables without a value.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inputs.terraform.builders import OWN
from trustproof import diff

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

START = """
variable "x" { type = string }
variable "y" { type = string }
resource "aws_iam_user" "u" { name = "u" }
"""
POLICY = 'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "%s", Resource = "*" }] })'
GUARDED = """
resource "aws_iam_user_policy" "b" {
  count  = startswith(var.x, "y") ? 1 : 0
  name   = "b"
  user   = aws_iam_user.u.name
  policy = %s ? %s : %s
}
"""


@pytest.mark.parametrize(("condition", "is_given"), [('var.x == "x"', False), ('var.y == "x"', True)])
def test_what_contradictory_conditions_give_is_not_known(tmp_path: Path, condition: str, is_given: bool) -> None:
    """
    What is given only where two conditions over one value hold, which may contradict each other, is neither gained nor
    lost; over two values it is. A side that has no such variable is compared all the same.
    """
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    (old / "main.tf").write_text(START)
    (new / "main.tf").write_text(START + GUARDED % (condition, POLICY % "iam:*", POLICY % "s3:GetObject"))
    for found, given in (
        (one := diff(old, new, config={}, account=OWN), one.gained),
        (other := diff(new, old, config={}, account=OWN), other.lost),
    ):
        assert any("iam:" in str(one) for one in given) == is_given
        assert bool(found.undecided) != is_given


def test_a_variable_that_is_empty_by_default_is_given_a_value(tmp_path: Path) -> None:
    """What names nothing at the default gives something at another value."""
    variable = 'variable "queue" {\n  type    = string\n  default = ""\n}\n'
    held = POLICY.replace('Resource = "*"', "Resource = var.queue") % "sqs:SendMessage"
    folders = [tmp_path / name for name in ("old", "new")]
    for folder, policy in zip(folders, (POLICY % "iam:GetUser", held), strict=True):
        folder.mkdir()
        (folder / "main.tf").write_text(
            START + variable + f'resource "aws_iam_user_policy" "b" {{\n  user = "u"\n  policy = {policy}\n}}\n'
        )
    (gained,) = diff(*folders, config={}, account=OWN).gained
    assert gained.counterexample.parameters == {"var.queue": f"arn:aws:sqs:us-east-1:{OWN}:app"}


def test_what_a_policy_gave_is_not_lost_where_nobody_can_read_it(tmp_path: Path) -> None:
    """IAM refuses the new one for another statement, at the default alone; at other values it gives that besides."""
    variable = 'variable "queues" {\n  type    = list(string)\n  default = []\n}\n'
    more = '{ Effect = "Allow", Action = "sqs:SendMessage", Resource = var.queues }, { Effect'
    folders = [tmp_path / name for name in ("old", "new")]
    policy = POLICY % "iam:GetUser"
    for folder, written in zip(folders, (policy, policy.replace("{ Effect", more)), strict=True):
        folder.mkdir()
        (folder / "main.tf").write_text(
            START + variable + f'resource "aws_iam_user_policy" "b" {{\n  user = "u"\n  policy = {written}\n}}\n'
        )
    found = diff(*folders, config={}, account=OWN)
    assert not found.lost
    assert [one.counterexample.action for one in found.gained] == ["sqs:SendMessage"]
    assert "var.queues" in str(found.undecided)


MOVED = """
moved {
  from = aws_s3_bucket.a
  to   = aws_s3_bucket.b
}
resource "aws_s3_bucket" "b" { bucket = "b" }
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [%s] })
}
"""
STATEMENT = '{ Effect = "Allow", Principal = "%s", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }'
PUBLIC = STATEMENT % "*"
PARTNER = STATEMENT.replace('"%s"', f'{{ AWS = "{OWN[::-1]}" }}')


@pytest.mark.parametrize(("new", "is_said"), [(f"{PUBLIC}, {PARTNER}", True), (PUBLIC, False)])
def test_a_policy_is_another_one_though_nobody_knows_what_is_around_it(tmp_path: Path, new: str, is_said: bool) -> None:
    """It is not known whether a bucket that has moved refuses public policies, before and after."""
    old, other = (tmp_path / name for name in ("old", "new"))
    for folder, statements in ((old, PUBLIC), (other, new)):
        folder.mkdir()
        (folder / "main.tf").write_text(MOVED % statements)
    assert bool(diff(old, other, config={}, account=OWN).undecided) == is_said


def test_a_variable_that_the_other_side_does_not_have_is_compared_at_values(tmp_path: Path) -> None:
    """As a new parameter of a template is: nothing of the other side is called so."""
    old, new = tmp_path / "old", tmp_path / "new"
    held = POLICY.replace('"*"', "[var.%s]")
    start = START + 'resource "aws_iam_user_policy" "a" {\n  user = "u"\n  policy = %s\n}\n' % (held % ("s3:Get*", "x"))
    more = 'variable "z" {}\nresource "aws_iam_user_policy" "b" {\n  user = "u"\n  policy = %s\n}\n'
    more %= held % ("sqs:SendMessage", "z")
    for folder, written in ((old, start), (new, start + more)):
        folder.mkdir()
        (folder / "main.tf").write_text(written)
    found, back = diff(old, new, config={}, account=OWN), diff(new, old, config={}, account=OWN)
    assert [one.counterexample.action for one in (*found.gained, *back.lost)] == ["sqs:SendMessage"] * 2
    assert not [*found.undecided, *back.undecided]

"""
What is open without a policy: that one goes is no loss there, and that one comes no gain.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.comparison.test_diff import diff

Json = dict[str, Any]
STATEMENT: Json = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*"}
POLICY: Json = {"Version": "2012-10-17", "Statement": [STATEMENT]}
QUEUE: Json = {"Type": "AWS::SQS::Queue"}


def template(type_: str, properties: Json) -> Json:
    """A resource, and another one that stays."""
    return {"Resources": {"R": {"Type": type_, "Properties": properties}, "Q": QUEUE}}


@pytest.mark.parametrize(
    ("type_", "key", "said"),
    [
        ("AWS::EFS::FileSystem", "FileSystemPolicy", "lets in every client that reaches a mount target"),
        ("AWS::ApiGateway::RestApi", "Policy", "lets in whom its methods let in"),
        ("AWS::KMS::Key", "KeyPolicy", "has the key policy of KMS's own"),
    ],
)
def test_a_policy_of_what_is_open_without_is_no_gain_and_no_loss(type_: str, key: str, said: str) -> None:
    """The resource lets somebody in either way, and whom it lets in without a policy is not compared."""
    held, bare = template(type_, {key: POLICY}), template(type_, {})
    for old, new, has in ((held, bare, "has"), (bare, held, "had")):
        found = diff(old, new)
        assert not found.gained
        assert not found.lost
        (open_,) = found.undecided
        assert open_.reasons[0].startswith(f"R {has} no policy, and without one it {said}")


def test_what_is_gone_lets_nobody_in() -> None:
    """A file system that is taken away is lost, with its policy."""
    found = diff(template("AWS::EFS::FileSystem", {"FileSystemPolicy": POLICY}), {"Resources": {"Q": QUEUE}})
    assert found.lost
    assert not found.undecided


@pytest.mark.parametrize(("policy", "is_kept"), [("Retain", True), ("Delete", False)])
def test_what_is_retained_stays_with_its_policy(policy: str, is_kept: bool) -> None:
    """It goes out of the template only, which is said; not of one that is still there, and says less."""
    held = template("AWS::KMS::Key", {"KeyPolicy": POLICY})
    held["Resources"]["R"]["DeletionPolicy"] = policy
    (lost, *_) = diff(held, {"Resources": {"Q": QUEUE}}).lost
    assert any("stays in AWS" in note for note in lost.notes) is is_kept
    less = {**POLICY, "Statement": [{**STATEMENT, "Action": "kms:Decrypt"}]}
    there = template("AWS::KMS::Key", {"KeyPolicy": less})
    there["Resources"]["R"]["DeletionPolicy"] = policy
    assert not any("stays in AWS" in note for one in diff(held, there).lost for note in one.notes)


@pytest.mark.parametrize(
    ("address", "notes", "unknown"),
    [
        ("aws_iam_user_policy.p", 1, 0),
        ("aws_iam_user_policy.q", 0, 1),
        ("aws_iam_user.u", 0, 0),
    ],
)
def test_what_a_block_removed_forgets_stays(tmp_path: Path, address: str, notes: int, unknown: int) -> None:
    """It is no longer managed: that is said of what is lost, and of what the other side does not have nothing else."""
    policy = '{Version = "2012-10-17", Statement = [{Effect = "Allow", Action = "s3:GetObject", Resource = "*"}]}'
    user = 'resource "aws_iam_user" "u" {\n  name = "u"\n}\n'
    own = f'resource "aws_iam_user_policy" "p" {{\n  user = aws_iam_user.u.name\n  policy = jsonencode({policy})\n}}\n'
    removed = f"removed {{\n  from = {address}\n  lifecycle {{\n    destroy = false\n  }}\n}}\n"
    for side, text in {"old": user + own, "new": removed}.items():
        (tmp_path / side).mkdir()
        (tmp_path / side / "main.tf").write_text(text)
    found = diff(str(tmp_path / "old"), str(tmp_path / "new"))
    assert len(found.lost) == 1
    assert sum("still there" in note for note in found.lost[0].notes) == notes
    assert len(found.undecided) == unknown


def test_a_queue_without_a_policy_is_closed_to_others() -> None:
    """So the policy that comes is what lets them in."""
    policy = {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Q"}], "PolicyDocument": POLICY}}
    found = diff({"Resources": {"Q": QUEUE}}, {"Resources": {"Q": QUEUE, "P": policy}})
    assert found.gained
    assert not found.undecided

"""
Buckets that were there before: S3 turns the settings against public policies on for those only that are made now.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN, Resource, plan, policy, raw_state, state
from trustproof.results.report import Report

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

ASKED = "inside-boundary"
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
BUCKET = Resource("aws_s3_bucket.b", {"bucket": "b"}, {"id": "b", "arn": "arn:aws:s3:::b"})
POLICY = Resource("aws_s3_bucket_policy.b", {"bucket": "b", "policy": policy(EVERYBODY)})
ON = {"block_public_policy": True, "restrict_public_buckets": True}
BLOCK = Resource("aws_s3_bucket_public_access_block.b", {"bucket": "b", **ON})
ACCOUNT = Resource("aws_s3_account_public_access_block.a", ON)


def verdicts(report: Report) -> set[str]:
    assert report.errors == ()
    return {one.verdict for one in report.results if one.property == ASKED}


def reasons(report: Report) -> set[str]:
    return {reason for one in report.results if one.property == ASKED for reason in one.reasons}


def changed(*resources: Resource, **actions: Any) -> dict[str, Any]:
    """
    A plan of some resources.

    Args:
        actions: by ``type_name``, what is done with a resource; those that are not named are made.
    """
    content = plan(*resources)
    for change in content["resource_changes"]:
        given = actions.get(f"{change['type']}_{change['name']}")
        if given == "import":
            change["change"]["importing"] = {"id": "b"}
            given = ["no-op"]
        if given is not None:
            change["change"]["actions"] = given
            change["change"]["before"] = change["change"]["after"]
    return content


def deleting(content: dict[str, Any], resource: Resource, *actions: str) -> dict[str, Any]:
    """The plan that deletes a resource besides."""
    before = {**resource.change, "address": resource.address.replace(".b", ".old"), "name": "old"}
    before["change"] = {"actions": list(actions or ("delete",)), "before": resource.values, "after": None}
    return {**content, "resource_changes": [*content["resource_changes"], before]}


PLANS = [
    (changed(BUCKET, POLICY), "proved"),
    (changed(BUCKET, POLICY, aws_s3_bucket_b=["delete", "create"]), "proved"),
    (changed(BUCKET, POLICY, aws_s3_bucket_b=["no-op"]), "unknown"),
    (changed(BUCKET, POLICY, aws_s3_bucket_b=["update"], aws_s3_bucket_policy_b=["no-op"]), "unknown"),
    (changed(BUCKET, POLICY, aws_s3_bucket_b="import"), "unknown"),
    (changed(BUCKET, POLICY, BLOCK, aws_s3_bucket_b=["no-op"]), "proved"),
    (changed(BUCKET, POLICY, ACCOUNT, aws_s3_bucket_b=["no-op"]), "proved"),
    (deleting(changed(BUCKET, POLICY, aws_s3_bucket_b=["no-op"]), BLOCK), "refuted"),
    (deleting(changed(BUCKET, POLICY, ACCOUNT, aws_s3_bucket_b=["no-op"]), BLOCK), "proved"),
    (deleting(changed(BUCKET, POLICY), BLOCK), "proved"),
    (deleting(changed(BUCKET, POLICY, aws_s3_bucket_b=["no-op"]), BLOCK, "forget"), "proved"),
    # Which of the two is done first, nobody knows.
    (deleting(changed(BUCKET, POLICY, BLOCK, aws_s3_bucket_b=["no-op"]), BLOCK), "unknown"),
]


@pytest.mark.parametrize(("content", "verdict"), PLANS)
def test_a_plan_says_which_buckets_are_made(
    check: Callable[..., Report], content: dict[str, Any], verdict: str
) -> None:
    """Of one that stays, nobody knows what is around it; of one whose block is deleted, nothing is, and a block that is
    forgotten stays."""
    report = check(content, account=OWN)
    assert verdicts(report) == {verdict}
    assert not any("--source" in reason for reason in reasons(report))


NO_TLS = {"Bool": {"aws:SecureTransport": "false"}}
OF_ORGANIZATION = {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}
#: What a policy says of everybody, and whether it depends on the settings around its bucket who gets in.
SAID_OF_EVERYBODY: list[tuple[dict[str, object], bool]] = [
    ({}, True),
    ({"Effect": "Deny", "Condition": NO_TLS}, False),
    ({"Condition": {"StringEquals": OF_ORGANIZATION}}, False),
    ({"Condition": {"StringEquals": {"aws:principalaccount": [OWN]}}}, False),
    ({"Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}}}, True),
    ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}}, True),
    ({"Condition": {"StringEqualsIfExists": OF_ORGANIZATION}}, True),
    ({"Condition": {"StringEquals": {"aws:PrincipalTag/Team": "a"}}}, True),
]


@pytest.mark.parametrize(("more", "is_open"), SAID_OF_EVERYBODY)
def test_only_what_may_let_everybody_in_depends_on_the_settings(
    check: Callable[..., Report], more: dict[str, object], is_open: bool
) -> None:
    """What is denied to everybody, or names whose they are, says the same whatever is around the bucket."""
    given = Resource("aws_s3_bucket_policy.b", {"bucket": "b", "policy": policy({**EVERYBODY, **more})})
    config = {"boundary": {"accounts": [OWN], "organizations": ["o-a1b2c3d4e5"]}}
    report = check(changed(BUCKET, given, **SAME), account=OWN, config=config)
    assert verdicts(report) == {"unknown" if is_open else "proved"}


REFUSING = Resource("aws_s3_bucket_public_access_block.b", {"bucket": "b", "block_public_policy": True})
OF_ACCOUNT = Resource("aws_s3_account_public_access_block.a", {"block_public_policy": True})
STAYS = {"aws_s3_bucket_b": ["no-op"]}
SAME = {**STAYS, "aws_s3_bucket_policy_b": ["no-op"]}


def turned_on(content: dict[str, Any]) -> dict[str, Any]:
    """A plan that turns the setting on, of a block that was there."""
    for change in content["resource_changes"]:
        if "public_access_block" in change["type"]:
            change["change"] |= {"actions": ["update"], "before": {"bucket": "b", "block_public_policy": False}}
    return content


def rewritten(content: dict[str, Any]) -> dict[str, Any]:
    """A plan that gives the policy another text."""
    for change in content["resource_changes"]:
        if change["type"] == "aws_s3_bucket_policy":
            change["change"] |= {"actions": ["update"], "before": {"bucket": "b", "policy": policy()}}
    return content


KEPT = {"aws_s3_bucket_public_access_block_b": ["no-op"], "aws_s3_account_public_access_block_a": ["no-op"]}
REFUSALS = [
    # What is there was not refused, whenever the setting came.
    (changed(BUCKET, POLICY, REFUSING, **SAME), "refuted"),
    (changed(BUCKET, POLICY, REFUSING, **SAME, **KEPT), "refuted"),
    # What is around the bucket itself, nobody knows.
    (changed(BUCKET, POLICY, OF_ACCOUNT, **SAME), "unknown"),
    (changed(BUCKET, POLICY, OF_ACCOUNT, **SAME, **KEPT), "unknown"),
    (turned_on(changed(BUCKET, POLICY, REFUSING, **SAME)), "refuted"),
    # What is put now is refused by what is there.
    (changed(BUCKET, POLICY, REFUSING, **STAYS, **KEPT), "proved"),
    (changed(BUCKET, POLICY, OF_ACCOUNT, REFUSING, **STAYS, aws_s3_account_public_access_block_a=["no-op"]), "proved"),
    (rewritten(changed(BUCKET, POLICY, REFUSING, **SAME, **KEPT)), "proved"),
    # Which of the two comes first, nobody knows.
    (changed(BUCKET, POLICY, REFUSING, **STAYS), "unknown"),
    (turned_on(changed(BUCKET, POLICY, REFUSING, **STAYS)), "unknown"),
    (turned_on(rewritten(changed(BUCKET, POLICY, REFUSING, **SAME))), "unknown"),
    # A new bucket refuses by itself.
    (changed(BUCKET, POLICY, REFUSING), "proved"),
    (changed(BUCKET, POLICY, BLOCK, **SAME), "proved"),
]


@pytest.mark.parametrize(("content", "verdict"), REFUSALS)
def test_what_refuses_policies_refuses_what_comes_after_it(
    check: Callable[..., Report], content: dict[str, Any], verdict: str
) -> None:
    assert verdicts(check(content, account=OWN)) == {verdict}


@pytest.mark.parametrize("write", [state, raw_state])
def test_what_a_state_has_was_not_refused(check: Callable[..., Report], write: Callable[..., Any]) -> None:
    name = "terraform.tfstate"
    assert verdicts(check(write(BUCKET, POLICY, REFUSING), name=name, account=OWN)) == {"refuted"}
    assert verdicts(check(write(BUCKET, POLICY, OF_ACCOUNT), name=name, account=OWN)) == {"unknown"}


@pytest.mark.parametrize("write", [state, raw_state])
def test_a_state_makes_nothing(check: Callable[..., Report], write: Callable[..., Any]) -> None:
    """A public policy that is there was not refused; a block that is there keeps people out."""
    name = "terraform.tfstate"
    assert verdicts(check(write(BUCKET, POLICY), name=name, account=OWN)) == {"unknown"}
    assert verdicts(check(write(BUCKET, POLICY, BLOCK), name=name, account=OWN)) == {"proved"}


CONFIGURATION = f"""
resource "aws_s3_bucket" "b" {{
  bucket = "b"
}}
resource "aws_s3_bucket_policy" "b" {{
  bucket = aws_s3_bucket.b.id
  policy = {json.dumps(policy(EVERYBODY))}
}}
"""


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ("", "proved"),
        ('import {\n  to = aws_s3_bucket.b\n  id = "b"\n}\n', "unknown"),
        ('import {\n  to = aws_s3_bucket_policy.b\n  id = "b"\n}\n', "proved"),
        ("moved {\n  from = aws_s3_bucket.a\n  to = aws_s3_bucket.b\n}\n", "unknown"),
        ("moved {\n  from = aws_s3_bucket.b\n  to = aws_s3_bucket.c\n}\n", "proved"),
    ],
)
def test_a_configuration_may_say_it(tmp_path: Path, more: str, verdict: str) -> None:
    """What is imported or moved was there before."""
    (tmp_path / "main.tf").write_text(CONFIGURATION + more)
    assert verdicts(trustproof.check([tmp_path], config={}, account=OWN)) == {verdict}


def test_what_a_module_is_given(tmp_path: Path) -> None:
    """Whoever calls a module may import what it declares, or have moved all of it."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(CONFIGURATION)
    call = 'module "m" {\n  source = "./m"\n}\n'
    for more, verdict in (
        ("", "proved"),
        ('import {\n  to = module.m.aws_s3_bucket.b\n  id = "b"\n}\n', "unknown"),
        ("moved {\n  from = module.a\n  to = module.m\n}\n", "unknown"),
        ("moved {\n  from = module.a\n  to = module.mm\n}\n", "proved"),
    ):
        (tmp_path / "main.tf").write_text(call + more)
        assert verdicts(trustproof.check([tmp_path], config={}, account=OWN)) == {verdict}


SECRET = """
data "aws_x" "y" {}
variable "v" { type = bool }
resource "aws_secretsmanager_secret_policy" "s" {
  secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-AbCdEf"
  block_public_policy = %s
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = "*", Action = "secretsmanager:GetSecretValue", Resource = "*"
  }] })
}
"""


@pytest.mark.parametrize(
    ("setting", "verdict"),
    [("true", "proved"), ("false", "refuted"), ("var.v", "refuted"), ("data.aws_x.y.z", "unknown")],
)
def test_a_setting_that_nobody_knows(tmp_path: Path, setting: str, verdict: str) -> None:
    """A policy of a secret is neither proved nor refuted by it."""
    (tmp_path / "main.tf").write_text(SECRET % setting)
    assert verdicts(trustproof.check([tmp_path], config={}, account=OWN)) == {verdict}

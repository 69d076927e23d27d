"""
Plans that forget resources: these stay in AWS, and count as what is kept does.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.inputs.terraform.builders import OWN, Resource, allow, plan, policy, trust
from trustproof.results.report import Report

OTHER = "222233334444"
READS, ALL = policy(allow("s3:GetObject")), policy(allow("*"))
NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
DENIES = policy({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": NO_MFA})
GROUP = Resource("aws_iam_group.g", {"name": "people"}, {"id": "people"})
BOB = Resource("aws_iam_user.bob", {"name": "bob"}, {"id": "bob"})
MEMBER = Resource("aws_iam_user_group_membership.m", {"user": "bob", "groups": ["people"]})
ADMIN = {"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
ATTACHED = Resource("aws_iam_group_policy_attachment.a", {"group": "people", **ADMIN})


def inline(name: str, document: str, called: str = "", kind: str = "group", holder: str = "people") -> Resource:
    return Resource(f"aws_iam_{kind}_policy.{name}", {"name": called or name, kind: holder, "policy": document})


def forgetting(kept: list[Resource], *forgotten: Resource, **actions: Any) -> dict[str, Any]:
    """
    A plan that forgets resources.

    Args:
        kept: what is there behind it.
        actions: by ``type_name``, what is done with those that are kept, with what they were before; else nothing is.
    """
    content = plan(*kept)
    for change, one in zip(content["resource_changes"], kept, strict=True):
        given = actions.get(f"{change['type']}_{change['name']}", (["no-op"], one.values))
        change["change"] |= {"actions": given[0], "before": given[1]}
    for one in forgotten:
        change = one.change
        change["change"] |= {"actions": ["forget"], "before": one.values, "after": None, "after_unknown": {}}
        content["resource_changes"].append(change)
    return content


#: Plans, and what is then to be said of whether sensitive actions need MFA.
PLANS = {
    "what lets in is forgotten": (forgetting([GROUP, inline("ro", READS)], ATTACHED), "refuted"),
    "a membership is forgotten": (
        forgetting([BOB, inline("own", READS, kind="user", holder="bob")], GROUP, ATTACHED, MEMBER),
        "refuted",
    ),
    "what denies is forgotten": (forgetting([GROUP, ATTACHED], inline("deny", DENIES)), "proved"),
    "a replacement leaves the old one": (
        forgetting(
            [GROUP, inline("p", READS, "new")],
            aws_iam_group_policy_p=(["create", "forget"], inline("p", ALL, "old").values),
        ),
        "refuted",
    ),
    "a replacement of OpenTofu's does": (
        forgetting(
            [GROUP, inline("p", READS, "new")],
            aws_iam_group_policy_p=(["forget", "create"], inline("p", ALL, "old").values),
        ),
        "refuted",
    ),
    "a replacement leaves what denies": (
        forgetting(
            [GROUP, ATTACHED, inline("p", READS, "new")],
            aws_iam_group_policy_p=(["create", "forget"], inline("p", DENIES, "old").values),
        ),
        "proved",
    ),
    "it is written again under another address": (
        forgetting(
            [GROUP, inline("new", READS, "x")],
            inline("old", ALL, "x"),
            aws_iam_group_policy_new=(["create"], None),
        ),
        "proved",
    ),
    "what denies is written over": (
        forgetting(
            [GROUP, ATTACHED, inline("new", READS, "x")],
            inline("old", DENIES, "x"),
            aws_iam_group_policy_new=(["create"], None),
        ),
        "refuted",
    ),
    "an argument of the role writes over it": (
        forgetting(
            [
                Resource(
                    "aws_iam_role.r",
                    {
                        "name": "r",
                        "assume_role_policy": trust({"AWS": OWN}),
                        "inline_policy": [{"name": "x", "policy": READS}],
                    },
                    {"arn": f"arn:aws:iam::{OWN}:role/r", "id": "r"},
                )
            ],
            inline("old", ALL, "x", "role", "r"),
        ),
        "proved",
    ),
    "whoever has it is deleted": (
        {
            **(found := forgetting([GROUP, inline("ro", READS)], inline("old", ALL, kind="user", holder="bob"))),
            "resource_changes": [
                *found["resource_changes"],
                {**BOB.change, "change": {"actions": ["delete"], "before": BOB.values, "after": None}},
            ],
        },
        "proved",
    ),
    "whoever has it is another one then": (
        forgetting([GROUP, inline("ro", READS)], ATTACHED, aws_iam_group_g=(["delete", "create"], GROUP.values)),
        "proved",
    ),
    "the same user under another address": (
        forgetting(
            [BOB, inline("own", READS, kind="user", holder="bob")],
            Resource("aws_iam_user.old", {"name": "bob"}, {"id": "bob"}),
            inline("old", ALL, kind="user", holder="bob"),
        ),
        "refuted",
    ),
}


@pytest.mark.parametrize(("content", "verdict"), PLANS.values(), ids=list(PLANS))
def test_what_a_plan_forgets_counts(check: Callable[..., Report], content: dict[str, Any], verdict: str) -> None:
    """It stays in AWS, and lets in and denies as before, but where what the plan makes takes its place."""
    report = check(content, account=OWN, properties=["sensitive-actions-require-mfa"])
    assert report.errors == ()
    found = {one.verdict for one in report.results}
    assert ("refuted" in found) == (verdict == "refuted"), report.results
    assert found <= {"proved", "refuted"}


def test_what_may_be_written_over_is_there_or_not(check: Callable[..., Report]) -> None:
    """Where nobody knows the name of what is made, it may be that of what denies."""
    new = inline("new", READS, "x")
    content = forgetting(
        [GROUP, ATTACHED, new], inline("old", DENIES, "x"), aws_iam_group_policy_new=(["create"], None)
    )
    for values in (content["planned_values"]["root_module"]["resources"][2]["values"], new.values):
        values.pop("name")
    change = content["resource_changes"][2]["change"]
    change["after"] = {name: value for name, value in change["after"].items() if name != "name"}
    change["after_unknown"] = {"name": True}
    report = check(content, account=OWN, properties=["sensitive-actions-require-mfa"])
    (found,) = (one for one in report.results if one.verdict == "refuted")
    assert found.counterexample is not None
    assert dict(found.counterexample.parameters) == {
        "aws_iam_group_policy.new replaces aws_iam_group_policy.old, if they have one name": "true"
    }


#: Providers of a plan for two accounts, and how the forgotten role is told to be in the other one.
PROVIDERS = {
    "aws": {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws"},
    "aws.spoke": {
        "name": "aws",
        "alias": "spoke",
        "full_name": "registry.terraform.io/hashicorp/aws",
        "expressions": {"assume_role": [{"role_arn": {"constant_value": f"arn:aws:iam::{OTHER}:role/tf"}}]},
    },
}


@pytest.mark.parametrize("stays", [[], ["aws.spoke"]])
def test_what_is_forgotten_is_in_its_own_account(check: Callable[..., Report], stays: list[str]) -> None:
    """The block with the provider of a role is gone from the configuration: its ARN says which account it is in."""
    hub = Resource(
        "aws_iam_role.hub",
        {"name": "hub", "assume_role_policy": trust({"AWS": f"arn:aws:iam::{OTHER}:role/entry"}, {})},
        {"arn": f"arn:aws:iam::{OWN}:role/hub", "id": "hub"},
    )
    entry = Resource(
        "aws_iam_role.entry",
        {"name": "entry", "assume_role_policy": trust({"AWS": OTHER}, {})},
        {"arn": f"arn:aws:iam::{OTHER}:role/entry", "id": "entry"},
    )
    goes_on = inline("goes_on", policy(allow("sts:AssumeRole")), "n", "role", "entry")
    others = [Resource("aws_iam_user.other", {"name": "other"}, {}, one) for one in stays]
    content = forgetting([hub, *others], entry, goes_on)
    content["configuration"]["provider_config"] = PROVIDERS
    report = check(content, account=OWN, properties=["mfa-required", "mfa-survives-chaining"])
    assert report.errors == ()
    assert {one.logical_id for one in report.results if one.verdict == "refuted"} >= {"aws_iam_role.entry"}


def test_what_a_block_removed_forgets_is_named_once(check: Callable[..., Report], tmp_path: Path) -> None:
    """With the configuration at hand, which has the block, the plan says what it was."""
    pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed")
    (tmp_path / "main.tf").write_text(
        'resource "aws_iam_group" "g" {\n  name = "people"\n}\n'
        "removed {\n  from = aws_iam_group_policy_attachment.a\n  lifecycle {\n    destroy = false\n  }\n}\n"
    )
    report = check(forgetting([GROUP], ATTACHED), account=OWN, source=str(tmp_path))
    assert report.errors == ()
    (note,) = (note for note in report.notes if "aws_iam_group_policy_attachment.a" in note)
    assert "is forgotten by the plan, and read as it was" in note

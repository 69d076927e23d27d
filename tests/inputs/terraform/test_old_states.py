"""
States that Terraform 0.12 and 0.13 have taken over from versions before: flat attributes, and providers of nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.inputs.terraform.builders import OWN, Resource, allow, policy, raw_state, trust
from trustproof.results.report import Report

R = Resource
USER = R("aws_iam_user.u", {"name": "u"}, {"arn": f"arn:aws:iam::{OWN}:user/u", "id": "u"})
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def old(state: dict[str, Any], type_: str, flat: dict[str, str]) -> dict[str, Any]:
    """A state in which a resource of a type has the attributes that a provider has written before Terraform 0.12."""
    for resource in state["resources"]:
        if resource["type"] == type_:
            resource["instances"] = [{"schema_version": 0, "attributes_flat": flat}]
    return state


@pytest.mark.parametrize(
    ("type_", "flat"),
    [
        (
            "aws_iam_policy_attachment",
            {"id": "a", "name": "a", "users.#": "1", "users.2347823": "u", "policy_arn": ADMINISTRATOR},
        ),
        (
            "aws_iam_group_membership",
            {"id": "m", "name": "m", "group": "g", "users.#": "1", "users.2347823": "u"},
        ),
    ],
)
def test_lists_are_read(check: Callable[..., Report], type_: str, flat: dict[str, str]) -> None:
    """Whom something is given to stands in a list, of which each item has a name of its own."""
    group = R("aws_iam_group.g", {"name": "g"}, {"arn": f"arn:aws:iam::{OWN}:group/g", "id": "g"})
    own = R("aws_iam_group_policy.p", {"name": "p", "group": "g", "policy": policy(allow("iam:*"))}, {"id": "g:p"})
    report = check(old(raw_state(USER, group, own, R(f"{type_}.a", {}, {})), type_, flat))
    assert report.errors == ()
    found = [one for one in report.results if one.property == "sensitive-actions-require-mfa"]
    assert any(one.verdict == "refuted" and "user aws_iam_user.u" in one.message for one in found)


def test_blocks_are_read(check: Callable[..., Report]) -> None:
    """An inline policy of a role stands in a block."""
    flat = {
        "arn": f"arn:aws:iam::{OWN}:role/r",
        "name": "r",
        "assume_role_policy": trust({"AWS": OWN}),
        "inline_policy.#": "1",
        "inline_policy.0.name": "x",
        "inline_policy.0.policy": policy(allow("sts:AssumeRole", Resource="arn:aws:iam::999988887777:role/x")),
    }
    report = check(old(raw_state(R("aws_iam_role.r", {}, {})), "aws_iam_role", flat))
    # Nobody has said which accounts are trusted.
    assert [one.verdict for one in report.results if one.property == "assume-role-scoped"] == ["unknown"]


def test_what_is_missing_is_said(check: Callable[..., Report]) -> None:
    """A list with fewer items than it says is an error, and no shorter list."""
    flat = {"id": "a", "name": "a", "users.#": "2", "users.1": "u", "policy_arn": ADMINISTRATOR}
    state = old(raw_state(R("aws_iam_policy_attachment.a", {}, {})), "aws_iam_policy_attachment", flat)
    (error,) = check(state).errors
    assert "users of aws_iam_policy_attachment.a has 1 items, and 2 by attributes_flat" in str(error)


def test_a_provider_of_nobody_is_read(check: Callable[..., Report]) -> None:
    """What Terraform 0.13 writes for a provider until somebody says whose it is."""
    role = R("aws_iam_role.r", {"name": "r", "assume_role_policy": trust({"AWS": "*"})}, {"id": "r"})
    state = raw_state(role)
    state["resources"][0]["provider"] = 'provider["registry.terraform.io/-/aws"]'
    assert "refuted" in [one.verdict for one in check(state).results]

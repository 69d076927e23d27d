"""
Exclusive resources in plans: one that goes detaches nothing, and takes nothing away; one that is applied takes away
what the plan forgets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.inputs.terraform.builders import OWN, Resource
from tests.inputs.terraform.test_forgotten_resources import ALL, DENIES, READS, forgetting, inline
from trustproof.results.report import Report

ADMIN, READ_ONLY = "arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"
MADE = f"arn:aws:iam::{OWN}:policy/made"
USER = Resource("aws_iam_user.u", {"name": "u"}, {"id": "u"})
OTHER = Resource("aws_iam_user.v", {"name": "v"}, {"id": "v"})
ATTACHED = Resource("aws_iam_user_policy_attachment.a", {"user": "u", "policy_arn": ADMIN})
POLICY = Resource("aws_iam_policy.p", {"name": "made", "policy": ALL}, {"arn": MADE})
CREATED = (["create"], None)


def own(name: str, document: str, user: str = "u") -> Resource:
    return inline(name, document, kind="user", holder=user)


def policies(*names: str) -> Resource:
    return Resource("aws_iam_user_policies_exclusive.x", {"user_name": "u", "policy_names": list(names)})


def attachments(*arns: str, user: str = "u") -> Resource:
    return Resource("aws_iam_user_policy_attachments_exclusive.x", {"user_name": user, "policy_arns": list(arns)})


def updated(before: Resource) -> tuple[list[str], dict[str, Any]]:
    return ["update"], dict(before.values)


def deleting(content: dict[str, Any], *deleted: Resource) -> dict[str, Any]:
    """A plan that deletes resources besides."""
    for one in deleted:
        change = one.change
        change["change"] |= {"actions": ["delete"], "before": one.values, "after": None, "after_unknown": {}}
        content["resource_changes"].append(change)
    return content


READER = [USER, own("ro", READS)]
#: Plans, and what is then to be said of whether sensitive actions need MFA.
PLANS = {
    "it is forgotten and removes no Deny": (
        forgetting([USER, own("allow", ALL), own("deny", DENIES)], policies("allow")),
        "proved",
    ),
    "it is forgotten and removes no Allow": (forgetting([USER, own("allow", ALL)], policies()), "refuted"),
    "it is created and removes what is forgotten": (
        forgetting([*READER, policies("ro")], own("allow", ALL), aws_iam_user_policies_exclusive_x=CREATED),
        "proved",
    ),
    "it is changed and removes what is forgotten": (
        forgetting(
            [*READER, policies("ro")],
            own("allow", ALL),
            aws_iam_user_policies_exclusive_x=updated(policies("ro", "allow")),
        ),
        "proved",
    ),
    "it is changed and removes a Deny": (
        forgetting(
            [USER, own("allow", ALL), policies("allow")],
            own("deny", DENIES),
            aws_iam_user_policies_exclusive_x=updated(policies("allow", "deny")),
        ),
        "refuted",
    ),
    "it lists what is forgotten": (forgetting([*READER, policies("ro", "allow")], own("allow", ALL)), "refuted"),
    "it lists a Deny that is forgotten": (
        forgetting([USER, own("allow", ALL), policies("allow", "deny")], own("deny", DENIES)),
        "proved",
    ),
    "it is of somebody else": (
        forgetting(
            [*READER, OTHER, policies("ro")],
            own("allow", ALL, "v"),
            aws_iam_user_policies_exclusive_x=CREATED,
        ),
        "refuted",
    ),
    "it is created and detaches what is forgotten": (
        forgetting([*READER, attachments()], ATTACHED, aws_iam_user_policy_attachments_exclusive_x=CREATED),
        "proved",
    ),
    "it attaches what is forgotten": (forgetting([*READER, attachments(ADMIN)], ATTACHED), "refuted"),
    "it attaches and is forgotten": (forgetting(READER, attachments(ADMIN)), "refuted"),
    "it attaches and is deleted": (deleting(forgetting(READER), attachments(ADMIN)), "refuted"),
    "it is deleted with what it attaches": (deleting(forgetting(READER), attachments(ADMIN), ATTACHED), "proved"),
    "it is deleted with one of what it attaches": (
        deleting(forgetting(READER), attachments(ADMIN, READ_ONLY), ATTACHED),
        "proved",
    ),
    "it is deleted with another one": (deleting(forgetting(READER), attachments(ADMIN, MADE), POLICY), "refuted"),
    "it is deleted with the policy": (deleting(forgetting(READER), attachments(MADE), POLICY), "proved"),
    "it is deleted with whom it is of": (
        deleting(forgetting([OTHER, own("ro", READS, "v")]), attachments(ADMIN), USER),
        "proved",
    ),
    "it is made again for somebody else": (
        forgetting(
            [*READER, OTHER, attachments(user="v")],
            aws_iam_user_policy_attachments_exclusive_x=(["delete", "create"], attachments(ADMIN).values),
        ),
        "refuted",
    ),
}


@pytest.mark.parametrize(("content", "verdict"), PLANS.values(), ids=list(PLANS))
def test_an_exclusive_resource_is_what_is_applied(
    check: Callable[..., Report], content: dict[str, Any], verdict: str
) -> None:
    """What it has attached stays where it goes, and what it does not list goes where it is applied."""
    report = check(content, account=OWN, properties=["sensitive-actions-require-mfa"])
    assert report.errors == ()
    found = {one.verdict for one in report.results}
    assert ("refuted" in found) == (verdict == "refuted"), report.results
    assert found <= {"proved", "refuted"}


SET = "arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-1111222233334444"
INSTANCE = {"instance_arn": "arn:aws:sso:::instance/ssoins-1111222233334444"}
PERMISSION_SET = Resource("aws_ssoadmin_permission_set.s", {"name": "s", **INSTANCE}, {"arn": SET})
OF_SET = Resource(
    "aws_ssoadmin_managed_policy_attachments_exclusive.x",
    {
        **INSTANCE,
        "permission_set_arn": SET,
        "managed_policy_arns": [ADMIN],
    },
)


def test_what_is_attached_to_a_permission_set_stays(check: Callable[..., Report]) -> None:
    """Unless the permission set is deleted too."""
    asked: dict[str, Any] = {"account": OWN, "properties": ["assume-role-scoped"]}
    report = check(deleting(forgetting([PERMISSION_SET]), OF_SET), **asked)
    assert [(one.verdict, one.logical_id) for one in report.results] == [("refuted", "aws_ssoadmin_permission_set.s")]
    assert any("detaches nothing" in note for note in report.notes)
    report = check(deleting(forgetting([USER, own("ro", READS)]), OF_SET, PERMISSION_SET), **asked)
    assert {one.verdict for one in report.results} == {"proved"}

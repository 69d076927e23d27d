"""
Plans of what is there already: attributes that show what the plan changes, and resources that it leaves alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.inputs.terraform.builders import MFA, OWN, After, Resource, allow, plan, policy, trust
from trustproof.results.report import Report

ALICE, ROOT = f"arn:aws:iam::{OWN}:user/alice", f"arn:aws:iam::{OWN}:root"
GOES_ON = policy(allow("sts:AssumeRole"))
STAYS = policy({"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"})
DENY_ARN = f"arn:aws:iam::{OWN}:policy/deny"


def changed(found: Resource, before: dict[str, Any] | None = None, actions: tuple[str, ...] = ("no-op",)) -> Any:
    """A resource of a plan that was there before."""
    change = found.change
    change["change"] |= {"actions": [*actions], "before": found.values if before is None else before}
    if actions == ("delete",):
        change["change"] |= {"after": None, "after_unknown": {}}
    return change


def planned(kept: list[Resource], changes: list[Any], **more: Any) -> dict[str, Any]:
    """A plan in which some resources are there behind it, with the changes that are given besides no-ops."""
    given = {change["address"] for change in changes}
    return plan(*kept, **more) | {
        "resource_changes": [*changes, *(changed(one) for one in kept if one.address not in given)]
    }


def hub(**shown: Any) -> list[Resource]:
    """A role that a user may assume without MFA, with what it shows, and one that it may go on to."""
    return [
        Resource(
            "aws_iam_role.hub",
            {"name": "hub", "assume_role_policy": trust({"AWS": ALICE})},
            {"arn": f"arn:aws:iam::{OWN}:role/hub", "id": "hub", **shown},
        ),
        Resource(
            "aws_iam_role.prod",
            {
                "name": "prod",
                "assume_role_policy": policy(
                    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROOT}, "Condition": MFA},
                    {
                        "Effect": "Allow",
                        "Action": "sts:AssumeRole",
                        "Principal": {"AWS": f"arn:aws:iam::{OWN}:role/hub"},
                    },
                ),
            },
            {"arn": f"arn:aws:iam::{OWN}:role/prod", "id": "prod"},
        ),
        inline("goes_on", GOES_ON),
    ]


def inline(name: str, document: str) -> Resource:
    return Resource(f"aws_iam_role_policy.{name}", {"name": name, "role": "hub", "policy": document})


def attached(type_: str = "aws_iam_role_policy_attachment", **arguments: Any) -> Resource:
    return Resource(f"{type_}.deny", {"policy_arn": DENY_ARN, **(arguments or {"role": "hub"})})


SHOWN = [{"name": "goes_on", "policy": GOES_ON}, {"name": "stays", "policy": STAYS}]
MANAGED = Resource("aws_iam_policy.deny", {"name": "deny", "policy": STAYS}, {"arn": DENY_ARN})
#: What the role shows, what stays of the rest, what the plan does, and what is then to be said of the chain.
OF_ROLES = [
    ({"inline_policy": SHOWN}, [inline("stays", STAYS)], [], "proved"),
    ({"inline_policy": SHOWN}, [], [], "proved"),
    ({"inline_policy": SHOWN}, [], [changed(inline("stays", STAYS), None, ("delete",))], "refuted"),
    (
        {"inline_policy": SHOWN},
        [inline("stays", GOES_ON)],
        [changed(inline("stays", GOES_ON), inline("stays", STAYS).values, ("update",))],
        "refuted",
    ),
    (
        {"inline_policy": SHOWN},
        [inline("other", GOES_ON)],
        [changed(inline("other", GOES_ON), inline("stays", STAYS).values, ("delete", "create"))],
        "refuted",
    ),
    ({"inline_policy": SHOWN}, [], [changed(inline("stays", STAYS), None, ("forget",))], "proved"),
    (
        {"inline_policy": SHOWN},
        [],
        [changed(inline("stays", STAYS), inline("stays", STAYS).values | {"role": "other"}, ("delete",))],
        "proved",
    ),
    ({"managed_policy_arns": [DENY_ARN]}, [MANAGED, attached()], [], "proved"),
    ({"managed_policy_arns": [DENY_ARN]}, [MANAGED], [changed(attached(), None, ("delete",))], "refuted"),
    (
        {"managed_policy_arns": [DENY_ARN]},
        [],
        [changed(attached(), None, ("delete",)), changed(MANAGED, None, ("delete",))],
        "refuted",
    ),
    (
        {"managed_policy_arns": [DENY_ARN]},
        [MANAGED, attached("aws_iam_policy_attachment", roles=["prod"])],
        [
            changed(
                attached("aws_iam_policy_attachment", roles=["prod"]),
                attached("aws_iam_policy_attachment", roles=["hub", "prod"]).values,
                ("update",),
            )
        ],
        "refuted",
    ),
]


@pytest.mark.parametrize(("shown", "kept", "changes", "expected"), OF_ROLES)
def test_what_a_plan_takes_away_is_not_shown_any_more(
    check: Callable[..., Report], shown: dict[str, Any], kept: list[Resource], changes: list[Any], expected: str
) -> None:
    """What a role shows of other resources is there where the plan does not change, replace or delete it."""
    report = check(planned([*hub(**shown), *kept], changes), account=OWN, properties=["mfa-survives-chaining"])
    assert [one.verdict for one in report.results if one.logical_id == "aws_iam_role.prod"] == [expected]


def to(account: str) -> str:
    return policy({"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*", "Resource": "*"})


INSIDE = {"boundary": {"accounts": [OWN]}}
OPEN, CLOSED = to("999988887777"), to(OWN)
#: What shows a policy, and what has it, with the argument that names the former.
OF_RESOURCES = [
    ("aws_s3_bucket", {"bucket": "x"}, "aws_s3_bucket_policy", "bucket", "x"),
    ("aws_sqs_queue", {"name": "x"}, "aws_sqs_queue_policy", "queue_url", "https://sqs/x"),
    ("aws_sns_topic", {"name": "x"}, "aws_sns_topic_policy", "arn", f"arn:aws:sns:eu-west-1:{OWN}:x"),
    ("aws_kms_key", {}, "aws_kms_key_policy", "key_id", "11111111-2222-3333-4444-555555555555"),
    ("aws_secretsmanager_secret", {"name": "x"}, "aws_secretsmanager_secret_policy", "secret_arn", "arn:aws:x"),
]


@pytest.mark.parametrize(("type_", "arguments", "other", "named", "name"), OF_RESOURCES)
@pytest.mark.parametrize(
    ("action", "before", "after", "expected"),
    [
        ("update", OPEN, CLOSED, ["proved"]),
        ("update", CLOSED, OPEN, ["refuted"]),
        ("delete", OPEN, None, []),
        ("create", OPEN, CLOSED, ["proved"]),
        ("no-op", OPEN, OPEN, ["refuted"]),
    ],
)
def test_a_policy_that_a_plan_mends_is_not_shown_any_more(
    check: Callable[..., Report],
    type_: str,
    arguments: dict[str, Any],
    other: str,
    named: str,
    name: str,
    action: str,
    before: str,
    after: str | None,
    expected: list[str],
) -> None:
    """A resource that shows the policy that it had is judged by the one that the plan gives it."""
    computed = {"id": name, "policy": before} | ({named: name} if named not in ("bucket", "queue_url") else {})
    shows = Resource(f"{type_}.a", arguments, computed)
    has = Resource(f"{other}.a", {named: name, "policy": after or before}, {"arn": name})
    change = changed(has, None if action == "create" else {named: name, "policy": before}, (action,))
    if action == "create":
        change["change"]["before"] = None
    kept = [shows] if after is None else [shows, has]
    report = check(planned(kept, [change]), account=OWN, config=INSIDE, properties=["inside-boundary"])
    assert [one.verdict for one in report.results] == expected


ADMIN = Resource(
    "aws_iam_user_policy_attachment.admin",
    {"user": "alice", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
    {"id": "x"},
)
USER = Resource("aws_iam_user.alice", {"name": "alice"}, {"arn": ALICE, "id": "alice"})


@pytest.mark.parametrize(
    ("more", "is_read"),
    [
        ([], True),
        ([changed(ADMIN, None, ("delete",))], False),
        ([changed(ADMIN, None, ("forget",))], None),
        (
            [{**changed(ADMIN), "address": "aws_iam_user_policy_attachment.new", "previous_address": ADMIN.address}],
            None,
        ),
    ],
)
def test_what_a_plan_leaves_alone_is_there(check: Callable[..., Report], more: list[Any], is_read: bool | None) -> None:
    """
    A resource of the prior state that a plan says nothing of, as one for some targets only, is read as it was, and
    that is said.
    """
    found = planned([USER], [changed(USER), *more])
    found["prior_state"]["values"] = {"root_module": {"resources": [USER.planned, ADMIN.planned]}}
    del found["complete"]
    report = check(found, account=OWN, properties=["sensitive-actions-require-mfa"])
    verdicts = {one.verdict for one in report.results}
    assert verdicts == ({"refuted"} if is_read in (True, None) else set())
    assert any("aws_iam_user_policy_attachment.admin: is not planned" in note for note in report.notes) == (
        is_read is True
    )


def renamed(found: Resource, more: dict[str, Any] | None = None, type_: str = "") -> list[Any]:
    """What a plan does that deletes a resource under another address, with the arguments that were other there."""
    computed = {name: value for name, value in found.computed.items() if name not in (more or {})}
    old = Resource(f"{type_ or found.type}.old", {**found.arguments, **computed, **(more or {})}, computed)
    old.computed = computed
    return [found.change, changed(old, None, ("delete",))]


DETACHED = "aws_iam_policy_attachment"
#: What is there besides, what the plan makes, what it does, and what is to be said of the chain.
RENAMES = [
    ([], inline("stays", STAYS), renamed(inline("stays", STAYS)), "refuted"),
    ([], inline("stays", STAYS), renamed(inline("stays", STAYS), {"name": "other"}), "proved"),
    ([], inline("stays", STAYS), renamed(inline("stays", STAYS), {"role": "other"}), "proved"),
    ([MANAGED], attached(), renamed(attached()), "refuted"),
    (
        [MANAGED],
        attached(),
        renamed(attached(), {"policy_arn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}),
        "proved",
    ),
    ([MANAGED], attached(), renamed(attached(), {"roles": ["hub"], "role": None}, DETACHED), "refuted"),
    ([MANAGED], attached(DETACHED, roles=["hub"]), renamed(attached(DETACHED, roles=["hub"])), "refuted"),
    (
        [],
        inline("stays", STAYS),
        [changed(inline("stays", STAYS), None, ("create", "delete"))],
        "refuted",
    ),
    ([], inline("stays", STAYS), [changed(inline("stays", STAYS), None, ("delete", "create"))], "proved"),
    (
        [],
        inline("stays", STAYS),
        [changed(inline("stays", STAYS)), {**changed(inline("stays", STAYS), None, ("delete",)), "deposed": "1a2b"}],
        "refuted",
    ),
]


@pytest.mark.parametrize(("kept", "made", "changes", "expected"), RENAMES)
def test_what_is_deleted_under_another_address_may_be_gone(
    check: Callable[..., Report], kept: list[Resource], made: Resource, changes: list[Any], expected: str
) -> None:
    """What a plan makes, and deletes under another address, is there or not, since Terraform does not order the two."""
    report = check(planned([*hub(), *kept, made], changes), account=OWN, properties=["mfa-survives-chaining"])
    assert [one.verdict for one in report.results if one.logical_id == "aws_iam_role.prod"] == [expected]
    assert any("which is the same to AWS" in note for note in report.notes) == (expected == "refuted")


IN_GROUP = Resource("aws_iam_user_group_membership.new", {"user": "alice", "groups": ["guarded"]})
#: What stands on what is named by an argument, or is in it: the same for AWS under each address.
SAME = [
    (IN_GROUP, {}, True),
    (IN_GROUP, {"groups": ["guarded", "other"]}, True),
    (IN_GROUP, {"groups": ["other"]}, False),
    (IN_GROUP, {"user": "bob"}, False),
    *(
        (Resource(f"{other}.new", {named: name, "policy": CLOSED}, {named: name}), change, not change)
        for _, _, other, named, name in OF_RESOURCES
        for change in ({}, {named: "other"})
    ),
    (Resource("aws_ecr_registry_policy.new", {"policy": CLOSED}), {}, True),
    (Resource("aws_ses_identity_policy.new", {"identity": "a", "name": "b", "policy": CLOSED}), {"name": "c"}, False),
]


@pytest.mark.parametrize(("made", "more", "is_same"), SAME)
def test_what_names_the_same_in_aws_is_said(
    check: Callable[..., Report], made: Resource, more: dict[str, Any], is_same: bool
) -> None:
    """A delete is said to be able to come last where what it names is what the plan makes under another address."""
    report = check(planned([made], renamed(made, more)), account=OWN, config=INSIDE)
    assert any("which is the same to AWS" in note for note in report.notes) == is_same


OWN_POLICY = [{"name": "goes_on", "policy": GOES_ON}, {"name": "stays", "policy": STAYS}]
UNKNOWN_NAME = Resource("aws_iam_role_policy.new", {"name": After("data.x.y.z"), "role": "hub", "policy": STAYS})
OLD_INLINE = {**changed(inline("stays", STAYS), None, ("delete",)), "address": "aws_iam_role_policy.old"}
OLD_OTHER = {**changed(inline("other", STAYS), None, ("delete",)), "address": "aws_iam_role_policy.old"}
OLD_ATTACHED = {**changed(attached(), None, ("delete",)), "address": "aws_iam_role_policy_attachment.old"}
EXCLUSIVE = Resource("aws_iam_role_policy_attachments_exclusive.e", {"role_name": "hub", "policy_arns": [DENY_ARN]})
#: Arguments of the role, what it was before, what is there besides, what the plan does, and what is then to be said.
OF_OWN_ARGUMENTS: list[tuple[dict[str, Any], dict[str, Any] | None, list[Resource], list[Any], str]] = [
    ({"inline_policy": OWN_POLICY}, None, [], [], "proved"),
    ({"inline_policy": OWN_POLICY}, None, [], [OLD_INLINE], "refuted"),
    ({"inline_policy": OWN_POLICY}, {"inline_policy": SHOWN}, [], [OLD_INLINE], "refuted"),
    ({"inline_policy": OWN_POLICY}, None, [], [OLD_OTHER], "proved"),
    ({"inline_policy": []}, {"inline_policy": OWN_POLICY[1:]}, [inline("stays", STAYS)], [], "refuted"),
    ({"inline_policy": []}, {"inline_policy": []}, [inline("stays", STAYS)], [], "proved"),
    ({}, None, [UNKNOWN_NAME], [], "unknown"),
    ({}, None, [UNKNOWN_NAME], [UNKNOWN_NAME.change, OLD_OTHER], "refuted"),
    ({"managed_policy_arns": [DENY_ARN]}, None, [MANAGED], [], "proved"),
    ({"managed_policy_arns": [DENY_ARN]}, None, [MANAGED], [OLD_ATTACHED], "refuted"),
    ({}, None, [MANAGED, EXCLUSIVE], [], "proved"),
    ({}, None, [MANAGED, EXCLUSIVE], [OLD_ATTACHED], "refuted"),
    ({}, None, [MANAGED, EXCLUSIVE], [{**changed(EXCLUSIVE, None, ("delete",)), "address": "x.old"}], "proved"),
]


@pytest.mark.parametrize(("arguments", "before", "more", "changes", "expected"), OF_OWN_ARGUMENTS)
def test_what_a_role_has_by_its_own_arguments_may_be_deleted_behind_it(
    check: Callable[..., Report],
    arguments: dict[str, Any],
    before: dict[str, Any] | None,
    more: list[Resource],
    changes: list[Any],
    expected: str,
) -> None:
    """
    A policy that a role has by an argument of its own is the same to AWS as one of a resource of its own: either is
    judged both ways where the plan deletes the other, and so is one whose name nobody knows.
    """
    role, prod, goes_on = hub()
    role = Resource(role.address, {**role.arguments, **arguments}, role.computed)
    own = changed(role, {**role.values, **before}, ("update",)) if before is not None else changed(role)
    rest = [] if arguments.get("inline_policy") else [goes_on]
    report = check(
        planned([role, prod, *rest, *more], [own, *changes]), account=OWN, properties=["mfa-survives-chaining"]
    )
    assert [one.verdict for one in report.results if one.logical_id == "aws_iam_role.prod"] == [expected]


@pytest.mark.parametrize(("type_", "arguments", "other", "named", "name"), OF_RESOURCES)
@pytest.mark.parametrize("is_of_the_same", [True, False])
def test_a_policy_that_a_resource_has_itself_may_be_deleted_behind_it(
    check: Callable[..., Report],
    type_: str,
    arguments: dict[str, Any],
    other: str,
    named: str,
    name: str,
    is_of_the_same: bool,
) -> None:
    """A policy that moves into the resource itself, or out of it, is there or not, and that is said."""
    computed = {"id": name} | ({named: name} if named not in ("bucket", "queue_url") else {})
    about = {named: name if is_of_the_same else "other"}
    has = Resource(f"{other}.a", {**about, "policy": CLOSED}, {"arn": about[named]})
    moved_in = Resource(f"{type_}.a", {**arguments, "policy": CLOSED}, computed)
    moved_out = Resource(f"{type_}.a", {**arguments, "policy": ""}, computed)
    for kept, changes in (
        (
            [moved_in],
            [changed(has, None, ("delete",)), changed(moved_in, {**moved_in.values, "policy": ""}, ("update",))],
        ),
        ([moved_out, has], [has.change, changed(moved_out, {**moved_out.values, "policy": CLOSED}, ("update",))]),
    ):
        report = check(planned(kept, changes), account=OWN, config=INSIDE, properties=["inside-boundary"])
        assert [one.verdict for one in report.results] == ["proved"]
        assert any("which is the same to AWS" in note for note in report.notes) == is_of_the_same


@pytest.mark.parametrize(("deleted", "verdict"), [("", "unknown"), ("else", "unknown"), ("deny", "refuted")])
def test_a_policy_named_to_a_permission_set_may_be_taken_away_last(
    check: Callable[..., Report], deleted: str, verdict: str
) -> None:
    """Where the plan deletes the attachment of the same policy under another address, the set may be left without."""
    of_set = {"permission_set_arn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1"}

    def attachment(address: str, name: str) -> Resource:
        reference = [{"name": name, "path": "/"}]
        arguments = {**of_set, "customer_managed_policy_reference": reference}
        return Resource(f"aws_ssoadmin_customer_managed_policy_attachment.{address}", arguments)

    kept = [
        Resource(
            "aws_ssoadmin_permission_set.p",
            {"name": "p", "instance_arn": "arn:aws:sso:::instance/ssoins-1"},
            {"arn": of_set["permission_set_arn"], "id": of_set["permission_set_arn"]},
        ),
        Resource("aws_ssoadmin_permission_set_inline_policy.i", {**of_set, "inline_policy": GOES_ON}),
    ]
    new = attachment("new", "deny")
    changes = [new.change]
    if deleted:
        changes.append(changed(attachment("old", deleted), actions=("delete",)))
    report = check(planned([*kept, new], changes), account=OWN, properties=["assume-role-scoped"])
    assert {one.verdict for one in report.results} == {verdict}

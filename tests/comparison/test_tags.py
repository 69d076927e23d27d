"""
Tags of users, roles and resources that are not what they were, and the policies elsewhere that look at them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.comparison.test_diff import HUB, OTHER, allow, diff, messages, policy, template, trusting

Json = dict[str, Any]
SERVICE = allow(Principal={"Service": "ec2.amazonaws.com"})


def tags(**values: Any) -> Json:
    """A property with tags."""
    return {"Tags": [{"Key": key, "Value": value} for key, value in values.items()]}


def app(*, team: Any = None, name: str = "r") -> Json:
    """A role with a tag."""
    return {"R": trusting(SERVICE, RoleName=name, **({} if team is None else tags(team=team)))}


def queue(*statements: Json) -> Json:
    """A queue with a policy."""
    return {
        "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}},
        "P": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [{"Ref": "Q"}], "PolicyDocument": policy(*statements)},
        },
    }


def sending(operator: str = "StringEquals", value: str = "ops", effect: str = "Allow", who: Any = None) -> Json:
    """Sending is about the role, if it has a tag."""
    principal = {"AWS": who or f"arn:aws:iam::{HUB}:role/r"}
    condition = {operator: {"aws:PrincipalTag/team": value}}
    return {**allow("sqs:SendMessage", Principal=principal, Resource="*", Condition=condition), "Effect": effect}


def test_a_role_gains_what_its_new_tag_opens_elsewhere() -> None:
    """The policy of the queue says the same, and lets in the role with its tag of today, and not of before."""
    (change,) = diff(
        template({**app(team="dev"), **queue(sending())}),
        template({**app(team="ops"), **queue(sending())}),
        account=HUB,
    ).access
    assert (change.direction, change.where.logical_id) == ("gained", "P")
    assert change.counterexample.caller == f"arn:aws:sts::{HUB}:assumed-role/r/session"
    assert change.counterexample.context["aws:PrincipalTag/team"] == "ops"
    assert change.notes == ('the tag team of role R was "dev", is "ops"',)


def test_a_user_gains_a_role() -> None:
    """By the tag that its trust policy asks for."""
    admin = {"Admin": trusting(allow(Principal={"AWS": HUB}, Condition=sending()["Condition"]), RoleName="admin")}

    def user(team: str) -> Json:
        return template(
            {"U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "bob", **tags(team=team)}}, **admin}
        )

    assert messages(diff(user("dev"), user("ops"), account=HUB)) == ["gained: bob's access key may assume admin"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (sending("StringNotEquals", "ops"), ["lost"]),
        (sending("StringLike", "d*"), ["lost"]),
        (sending(value="other"), []),
        (sending(who=f"arn:aws:iam::{HUB}:role/another"), []),
        (allow("sqs:SendMessage", Principal={"AWS": OTHER}, Resource="*"), []),
    ],
)
def test_what_a_tag_opens_and_closes(statement: Json, expected: list[str]) -> None:
    """A tag may close too; one that nothing asks for, or that is asked of somebody else, changes nothing."""
    old, new = (template({**app(team=team), **queue(statement)}) for team in ("dev", "ops"))
    found = diff(old, new, account=HUB)
    assert [one.direction for one in found.access] == expected
    assert not found.undecided


def test_a_deny_that_the_new_tag_escapes() -> None:
    """What was denied to the old tag and is allowed by another statement is gained."""
    own = allow("sqs:SendMessage", Principal={"AWS": f"arn:aws:iam::{HUB}:role/r"}, Resource="*")
    statements = (own, sending(value="dev", effect="Deny"))
    old, new = (template({**app(team=team), **queue(*statements)}) for team in ("dev", "ops"))
    assert [one.direction for one in diff(old, new, account=HUB).access] == ["gained"]


@pytest.mark.parametrize(("old", "new"), [(None, "ops"), ("ops", None), ({"Ref": "Team"}, "ops")])
def test_a_tag_that_may_have_been_there(old: Any, new: Any) -> None:
    """Where it is not known whether the tag was there, the difference is unknown, and says which tag it is."""
    parameters = {"Parameters": {"Team": {"Type": "String"}}}
    found = diff(
        template({**app(team=old), **queue(sending())}, **parameters),
        template({**app(team=new), **queue(sending())}, **parameters),
        account=HUB,
    )
    reasons = [reason for one in found.undecided for reason in one.reasons]
    assert found.access or any(
        "the tag team of role R was" in reason and "P looks at it" in reason for reason in reasons
    )


def test_a_policy_in_a_template_that_is_written_alike(tmp_path: Path) -> None:
    """The role is in one template, and the policy that looks at its tag in another one, which has not changed."""
    for team in ("dev", "ops"):
        (tmp_path / team).mkdir()
        (tmp_path / team / "role.json").write_text(json.dumps(template(app(team=team))))
        (tmp_path / team / "queue.json").write_text(json.dumps(template(queue(sending()))))
    found = trustproof.diff(tmp_path / "dev", tmp_path / "ops", account=HUB)
    assert [(one.direction, one.where.logical_id) for one in found.access] == [("gained", "P")]


def test_a_variable_of_the_tag() -> None:
    """A policy that is about what the tag names is not compared by the tag, and that is said."""
    statement = allow("sqs:SendMessage", Principal={"AWS": HUB}, Resource="*")
    statement["Condition"] = {"StringEquals": {"aws:PrincipalTag/unit": "${aws:PrincipalTag/team}"}}
    old, new = (template({**app(team=team), **queue(statement)}) for team in ("dev", "ops"))
    found = diff(old, new, account=HUB)
    assert not found.access
    (one,) = found.undecided
    assert one.reasons == ('the tag team of role R was "dev", is "ops", and P looks at it',)


def test_a_tag_of_a_resource() -> None:
    """Whom a policy lets in that looks at the tags of resources is unknown where such a tag has changed."""

    def key(value: str, named: str = "open") -> Json:
        condition = {"StringEquals": {f"aws:ResourceTag/{named}": "yes"}}
        own = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{HUB}:root"}, Resource="*")
        other = allow("kms:Decrypt", Principal={"AWS": OTHER}, Resource="*", Condition=condition)
        properties = {"KeyPolicy": policy(own, other), **tags(open=value)}
        return template({"K": {"Type": "AWS::KMS::Key", "Properties": properties}})

    (one,) = diff(key("no"), key("yes"), account=HUB).undecided
    assert one.reasons == ("the tag open of K is not what it was, and K looks at it",)
    assert diff(key("no", "other"), key("yes", "other"), account=HUB).is_empty


def tagged(team: str | None, **condition: Any) -> Json:
    """A role that may do what its tag opens."""
    statement = allow("s3:GetObject", Resource="arn:aws:s3:::data/*", Condition=condition)
    held = [{"PolicyName": "p", "PolicyDocument": policy(statement)}]
    return template({"R": trusting(SERVICE, RoleName="r", Policies=held, **({} if team is None else tags(team=team)))})


DEV = {"StringEquals": {"aws:PrincipalTag/team": "ops"}}


def test_a_role_gains_what_its_own_policies_give_another_tag() -> None:
    """With the request that carries it; a tag that is not known to be there decides nothing."""
    found = diff(tagged("dev", **DEV), tagged("ops", **DEV), account=HUB)
    (change,) = found.access
    assert (change.direction, change.message) == ("gained", "role r may call s3:GetObject on arn:aws:s3:::data/app")
    assert change.counterexample.context["aws:PrincipalTag/team"] == "ops"
    assert change.notes == ('of its own tags, aws:principaltag/team was "dev", is "ops"',)
    assert not found.undecided
    open_ = diff(tagged(None, **DEV), tagged("ops", **DEV), account=HUB)
    assert [one.reasons for one in open_.undecided] == [
        ("its tags are not what they were, and its policies look at tags",)
    ]
    assert not diff(tagged("dev", **DEV), tagged("test", **DEV), account=HUB).access


def test_what_another_policy_gives_is_said_once() -> None:
    """Where the policy and the tag are others, and the policy is why."""
    found = diff(tagged("dev", **DEV), tagged("ops"), account=HUB)
    assert len(found.gained) == 1


def test_a_trust_policy_looks_at_the_tags_of_its_role() -> None:
    """Another one lets others in."""

    def admin(value: str) -> Json:
        held = allow(Principal={"AWS": HUB}, Condition={"StringEquals": {"aws:ResourceTag/open": "yes"}})
        return template({"R": trusting(held, RoleName="r", **tags(open=value))})

    found = diff(admin("no"), admin("yes"), account=HUB)
    assert messages(found) == ["gained: alice's access key may assume r"]

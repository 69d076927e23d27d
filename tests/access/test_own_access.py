"""
`trustproof.explain` of callers in the account of a resource, whom a policy of their own may let in.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

OWN, OTHER = "111122223333", "222233334444"
Json = dict[str, Any]


def policy(**statement: Any) -> Json:
    """A policy of one statement."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


def user(name: str, action: str | None) -> Json:
    """A user with one permission, or with none."""
    document = policy(Action=action or "ec2:StartInstances", Resource="*")
    held = [] if action is None else [{"PolicyName": "p", "PolicyDocument": document}]
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": name, "Policies": held}}


def of_another(type_: str, **properties: Any) -> Json:
    """A policy that lets in a role of another account."""
    named = policy(Principal={"AWS": f"arn:aws:iam::{OTHER}:role/x"}, Action="*", Resource="*")
    key = "KeyPolicy" if type_ == "AWS::KMS::Key" else "PolicyDocument"
    return {"Type": type_, "Properties": {**properties, key: named}}


TEMPLATE = {
    "Resources": {
        "Admin": user("admin", "*"),
        "Reader": user("reader", "s3:Get*"),
        "Operator": user("operator", "ec2:*"),
        "Nobody": user("nobody", None),
        "B": of_another("AWS::S3::BucketPolicy", Bucket="b"),
        "Q": of_another("AWS::SQS::QueuePolicy", Queues=["q"]),
        "K": of_another("AWS::KMS::Key"),
        "R": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": policy(Principal={"AWS": OTHER}, Action="sts:AssumeRole"),
            },
        },
    }
}


def explained(resource: str | None, who: str, account: str = OWN) -> list[tuple[str, bool]]:
    """What is said, by logical id, and whether it is that nobody knows."""
    caller = who if ":" in who else f"arn:aws:iam::{account}:user/{who}"
    found = trustproof.explain([TEMPLATE], resource, caller=caller, account=OWN)
    return [(one.logical_id, any("of the caller's own" in said for said in one.undecided)) for one in found]


@pytest.mark.parametrize(
    ("resource", "who", "account", "is_open"),
    [
        ("B", "admin", OWN, True),
        ("B", "reader", OWN, True),
        ("Q", "reader", OWN, False),
        ("Q", "admin", OWN, True),
        ("B", "operator", OWN, False),
        ("B", "nobody", OWN, False),
        # Nobody knows what else it holds.
        ("B", "stranger", OWN, True),
        ("B", "admin", OTHER, False),
        # A key and a role let in nobody by the caller's policies alone.
        ("K", "admin", OWN, False),
        ("R", "admin", OWN, False),
    ],
)
def test_a_policy_of_the_caller_is_enough_in_one_account(resource: str, who: str, account: str, is_open: bool) -> None:
    """Whoever is not let in by the policy of a resource is not said to be kept out where one of its own may do."""
    assert explained(resource, who, account) == [(resource, is_open)]


def test_who_has_no_account_has_no_policy() -> None:
    """A service is let in by nothing but the policy of the resource."""
    (found,) = trustproof.explain([TEMPLATE], "B", caller="lambda.amazonaws.com", account=OWN)
    assert not found.undecided


def test_where_a_caller_may_get_in_is_listed_where_its_policies_are_known() -> None:
    """Asked about everything, what somebody may do by policies of the templates is named, and no more."""
    assert explained(None, "reader") == [("B", True)]
    assert explained(None, "stranger") == []

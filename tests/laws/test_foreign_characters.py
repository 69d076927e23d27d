"""
What has characters that AWS has nowhere in its place is no text: no proof rests on it, whatever tool writes like that.

What AWS has in each place is written down here a second time, from its own pages.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import NamedTuple

from hypothesis import assume, example, given
from hypothesis import strategies as st

import trustproof
from tests.strategies import examples

Json = dict[str, object]

OUTSIDE = "999988887777"
ROOT = f"arn:aws:iam::{OUTSIDE}:root"
CONFIG = {"boundary": {"accounts": ["111122223333"], "organizations": ["o-a1b2c3d4e5"]}}
LETTERS = string.ascii_letters + string.digits
#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html
NAMES = LETTERS + "_+=,.@-"
#: Wildcards are none of a placeholder: what begins with them may be anything.
SIGNS = " " + "".join(sorted({*string.punctuation} - {*"*?"}))
ALLOW: Json = {
    "Effect": "Allow",
    "Principal": {"AWS": ROOT},
    "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
}


class Place(NamedTuple):
    """Where a text stands, and the characters that AWS has there."""

    policy: Callable[[str], list[Json]]
    characters: str


def spared(operator: str, key: str, before: str = "", behind: str = "") -> Callable[[str], list[Json]]:
    """An outsider is let in, and a Deny spares who has a value."""

    def written(text: str) -> list[Json]:
        condition = {operator: {key: f"{before}{text}{behind}"}}
        return [ALLOW, {**ALLOW, "Effect": "Deny", "Principal": "*", "Condition": condition}]

    return written


def let_in(operator: str, key: str, before: str = "", behind: str = "") -> Callable[[str], list[Json]]:
    """Whoever has a value is let in."""
    return lambda text: [
        {**ALLOW, "Principal": {"AWS": "*"}, "Condition": {operator: {key: f"{before}{text}{behind}"}}}
    ]


def principal(before: str, behind: str = "") -> Callable[[str], list[Json]]:
    """Somebody is let in by an ARN."""
    return lambda text: [{**ALLOW, "Principal": {"AWS": f"{before}{text}{behind}"}}]


_USER, _ROLE = f"arn:aws:iam::{OUTSIDE}:user/", f"arn:aws:iam::{OUTSIDE}:role/team/"
PLACES = {
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    "session": Place(spared("StringNotEquals", "sts:RoleSessionName"), NAMES),
    "end of session": Place(spared("StringNotLike", "sts:RoleSessionName", "a-"), NAMES),
    "source identity": Place(let_in("StringEquals", "sts:SourceIdentity"), NAMES),
    "external id": Place(spared("StringNotEquals", "sts:ExternalId"), NAMES + ":/"),
    "external id let in": Place(let_in("StringEqualsIgnoreCase", "sts:ExternalId"), NAMES + ":/"),
    "user": Place(spared("StringNotEquals", "aws:username"), NAMES),
    "end of user": Place(spared("StringNotLike", "aws:username", "a-"), NAMES),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    "id of user": Place(spared("StringNotLike", "aws:userid"), NAMES + ":"),
    "account": Place(spared("StringNotEquals", "aws:PrincipalAccount"), string.digits),
    "account let in": Place(let_in("StringLike", "aws:PrincipalAccount"), string.digits),
    # https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
    "organization": Place(
        spared("StringNotEquals", "aws:PrincipalOrgID", "o-"), string.ascii_lowercase + string.digits
    ),
    "root": Place(
        let_in("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-x1y2z3a4b5/r-", "/*"),
        string.ascii_lowercase + string.digits + "/-",
    ),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules
    "tag": Place(spared("StringNotEquals", "aws:PrincipalTag/team"), LETTERS + " _.:/=+-@"),
    "tag of request": Place(let_in("StringEquals", "aws:RequestTag/team"), LETTERS + " _.:/=+-@"),
    "kind": Place(spared("StringNotEquals", "aws:PrincipalType"), LETTERS),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
    "ARN of a user": Place(spared("ArnNotEquals", "aws:PrincipalArn", _USER), NAMES + "/"),
    "ARN of a role": Place(spared("StringNotLike", "aws:PrincipalArn", _ROLE), NAMES + "/"),
    "ARN of roles": Place(spared("ArnNotLike", "aws:PrincipalArn", _ROLE, "*"), NAMES + "/"),
    "resource of an ARN": Place(spared("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{OUTSIDE}:"), NAMES + "/"),
    "account of an ARN": Place(spared("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::", ":user/a"), LETTERS + ":"),
    "partition of an ARN": Place(
        let_in("StringLike", "aws:PrincipalArn", "arn:", f":iam::{OUTSIDE}:user/a"), LETTERS + "-"
    ),
    "ARN": Place(spared("ArnNotLike", "aws:PrincipalArn"), LETTERS + "_-"),
    "principal": Place(principal(""), LETTERS + "_-"),
    "user as principal": Place(principal(_USER), NAMES + "/"),
    "account as principal": Place(principal("arn:aws:iam::", ":root"), LETTERS + ":"),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    "action": Place(lambda text: [{**ALLOW, "Action": f"sts:{text}"}], LETTERS),
    "whole action": Place(lambda text: [{**ALLOW, "Action": f"{text}:x"}], LETTERS + "-"),
    "key": Place(lambda text: spared("StringNotEquals", f"aws:{text}")("a"), LETTERS + "/_.:=+@-"),
}


def texts() -> st.SearchStrategy[str]:
    """Words with signs around them, and between them."""
    signs = st.text(SIGNS, max_size=3)
    word = st.text(string.ascii_letters, min_size=1, max_size=5)
    return st.tuples(signs, word, signs, word, signs).map("".join)


@given(st.sampled_from(sorted(PLACES)), texts())
@examples(400)
@example("ARN of a user", "$env:X")
@example("account as principal", "$env:X")
@example("action", "$env:X")
@example("organization", "__x__")
@example("user", "&acct;")
@example("external id", "vault:secret/path#key")
@example("tag", "$user")
@example("id of user", "=acct=")
@example("external id", "Fn::ImportValue: x")
@example("partition of an ARN", "ssm:/acct")
@example("organization", "op://v/i")
@example("user", "::acct::")
def test_no_proof_rests_on_characters_that_aws_has_not(place: str, text: str) -> None:
    """Whoever a tool writes there in the end may be let in."""
    policy, characters = PLACES[place]
    assume(not {*text} <= {*characters})
    document = {"Version": "2012-10-17", "Statement": policy(text)}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    report = trustproof.check([{"Resources": {"R": role}}], config=CONFIG, properties=["inside-boundary"])
    assert all(one.verdict != trustproof.PROVED for one in report.results)

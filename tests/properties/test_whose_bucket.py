"""
Sources whose ARN does not say whose they are: one's own where nothing else in the policy says whose.
"""

from __future__ import annotations

import pytest

import trustproof
from trustproof import PROVED, REFUTED, UNKNOWN

Json = dict[str, object]

OWN, OTHER, VENDOR, OUTSIDE = "111122223333", "222233334444", "444455556666", "999988887777"
ID, FOREIGN_ID = "o-a1b2c3d4e5", "o-zzzzzzzzzz"
CONFIG = {
    "boundary": {"accounts": [OWN, OTHER], "organizations": [ID]},
    "third-party": [{"name": "vendor", "accounts": [VENDOR]}],
}
BUCKET = {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::x"}}


def of(key: str, value: object, operator: str = "StringEquals") -> Json:
    """A test of one key."""
    return {operator: {f"aws:Source{key}": value}}


#: A test beside that of the bucket, and the verdict.
TESTS: list[tuple[Json, str]] = [
    ({}, PROVED),
    (of("Account", OWN), PROVED),
    (of("Account", [OWN, OTHER, VENDOR]), PROVED),
    (of("Account", OUTSIDE), REFUTED),
    (of("Account", [OWN, OUTSIDE]), REFUTED),
    (of("Account", OUTSIDE, "StringEqualsIfExists"), REFUTED),
    (of("Account", OWN, "StringEqualsIfExists"), PROVED),
    (of("Account", OWN, "StringNotEquals"), REFUTED),
    (of("Account", OUTSIDE, "StringNotEquals"), PROVED),
    (of("Account", "99998888*", "StringLike"), REFUTED),
    (of("Account", "*", "StringLike"), PROVED),
    (of("Account", "false", "Null"), PROVED),
    (of("OrgID", ID), PROVED),
    (of("OrgID", ID, "StringEqualsIfExists"), PROVED),
    (of("OrgID", FOREIGN_ID), REFUTED),
    (of("OrgID", ID, "StringNotEquals"), REFUTED),
    (of("OrgPaths", f"{ID}/r-ab12/*", "ForAnyValue:StringLike"), PROVED),
    (of("OrgPaths", f"{FOREIGN_ID}/*", "ForAnyValue:StringLike"), REFUTED),
]
#: A Deny beside a statement that tests the bucket only.
DENIES: list[tuple[Json, str]] = [
    (of("Account", OWN), REFUTED),
    (of("Account", OUTSIDE), PROVED),
    (of("Account", [OWN, OTHER, VENDOR], "StringNotEquals"), PROVED),
    (of("Account", [OWN, OUTSIDE], "StringNotEquals"), REFUTED),
    (of("OrgID", ID), REFUTED),
]


def verdict(principal: Json | str, condition: Json, deny: Json | None = None, *, config: Json | None = None) -> str:
    """Whether a queue is held to us."""
    call = {"Action": "sqs:SendMessage", "Resource": "*"}
    statements = [{"Effect": "Allow", "Principal": principal, **call, "Condition": condition}]
    if deny is not None:
        statements.append({"Effect": "Deny", "Principal": principal, **call, "Condition": deny})
    policy = {"Version": "2012-10-17", "Statement": statements}
    ident = "no-confused-deputy" if isinstance(principal, dict) and "Service" in principal else "inside-boundary"
    given = CONFIG if config is None else config
    return trustproof.prove(policy, ident, kind="resource", account=OWN, config=given).verdict


@pytest.mark.parametrize("principal", [{"Service": "s3.amazonaws.com"}, "*", {"AWS": "*"}], ids=str)
@pytest.mark.parametrize(("test", "expected"), TESTS)
def test_all_conditions_hold_of_one_request(principal: Json | str, test: Json, expected: str) -> None:
    """A bucket is somebody else's where a test beside it lets in the accounts of others, or keeps out one's own."""
    condition = {**BUCKET}
    for operator, tested in test.items():
        condition[operator] = {**condition.get(operator, {}), **tested}  # type: ignore[dict-item]
    assert verdict(principal, condition) == expected


@pytest.mark.parametrize(("deny", "expected"), DENIES)
def test_what_a_deny_leaves_over_is_whose_it_is(deny: Json, expected: str) -> None:
    """Where one's own account is denied, a bucket of that name is another account's."""
    assert verdict({"Service": "s3.amazonaws.com"}, BUCKET, deny) == expected


def test_without_a_boundary_nobody_knows_whose_a_named_account_is() -> None:
    """It may be one's own, and so may the bucket."""
    condition = {**BUCKET, **of("Account", OUTSIDE)}
    assert verdict({"Service": "s3.amazonaws.com"}, condition, config={}) == UNKNOWN

"""
Most pairs of roles are told apart by the names in their policies, and are not asked about.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.analysis.role_chains.templates import (
    HUB,
    MFA,
    PROD,
    Json,
    arn,
    check,
    document,
    role,
    session,
    statement,
    steps_asked_about,
)
from trustproof.analysis.role_chains import graph

ROOT = f"arn:aws:iam::{HUB}:root"


@pytest.mark.parametrize("by", ["trust", "policies"])
def test_pairs_that_do_not_name_each_other_are_not_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """Of 40 roles each of which leads to the next one, so many are as there are roles, not as there are pairs."""
    asked = steps_asked_about(monkeypatch)
    trust = {n: arn(HUB, f"r{(n + 1) % 40}x") if by == "trust" else ROOT for n in range(40)}
    # A condition that users do not meet.
    only: Json = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}
    resources = {
        f"R{n}": role(f"r{n}x", statement(ROOT, MFA), statement(trust[n], only), assumes=arn(HUB, f"r{(n - 1) % 40}?"))
        for n in range(40)
    }
    found = check(tmp_path, {"Resources": resources}, certify=False)
    assert {one.verdict for one in found.values()} == {"proved"}
    assert len(asked) == 40


NAMES = ("a", "A", "ab", "b")
PRINCIPALS: list[object] = [
    *(arn(account, name) for account in (HUB, PROD) for name in NAMES),
    arn(HUB, "path/a"),
    *(session(HUB, "s", of) for of in NAMES),
    f"arn:aws:iam::{HUB}:user/a",
    f"arn:aws:iam::{HUB}:root",
    HUB,
    PROD,
    "*",
    {"Fn::GetAtt": ["A", "Arn"]},
    {"Ref": "P"},
]
RESOURCES = [
    "*",
    arn(HUB, "*"),
    arn(HUB, "a*"),
    arn(HUB, "a?"),
    arn(HUB, "b"),
    arn("*", "b"),
    arn(HUB, "${aws:PrincipalTag/x}"),
]
USERS: Json = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}


@st.composite
def templates(draw: st.DrawFn) -> Json:
    """Roles that let in each other by some form of their names, and may assume some."""

    def one(name: str | None) -> Json:
        trusted = [statement(draw(st.sampled_from(PRINCIPALS)))] if draw(st.booleans()) else []
        entered = [statement(ROOT, USERS)] if draw(st.booleans()) else []
        policy = {"Action": draw(st.sampled_from(["sts:AssumeRole", "sts:*", "s3:*"]))}
        resources: Json = {"Resource": draw(st.sampled_from(RESOURCES))}
        if draw(st.integers(0, 5)) == 0:
            resources = {"NotResource": arn(HUB, "b")}
        allowed = document({"Effect": "Allow", **policy, **resources})
        policies = [{"PolicyName": "p", "PolicyDocument": allowed}] if draw(st.booleans()) else []
        return role(name, statement(ROOT, MFA), *entered, *trusted, Policies=policies)

    names = {"A": "a", "B": "b", "C": "ab", "D": draw(st.sampled_from([None, "d"]))}
    parameter = {"Type": "String", "AllowedValues": [arn(HUB, "a"), arn(HUB, "d"), ROOT]}
    return {"Parameters": {"P": parameter}, "Resources": {key: one(name) for key, name in names.items()}}


@given(templates())
def test_what_names_tell_changes_no_result(template: Json) -> None:
    """Asking about all pairs gives the same."""
    asked = {"properties": ["mfa-survives-chaining"], "config": {}, "account": HUB}
    by_names = trustproof.check([template], **asked).results
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph, "surely_may_not", lambda *_: False)
        assert trustproof.check([template], **asked).results == by_names

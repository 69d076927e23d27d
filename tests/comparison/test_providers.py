"""
Identity providers and grants of keys that are not what they were.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.comparison.test_diff import HUB, diff, messages, template, trusting
from trustproof.results.difference import Difference

Json = dict[str, Any]
GITHUB = "token.actions.githubusercontent.com"


def provider(*clients: Any, **more: Any) -> Json:
    """An identity provider for tokens of GitHub."""
    properties = {"Url": f"https://{GITHUB}", "ClientIdList": list(clients), **more}
    return {"P": {"Type": "AWS::IAM::OIDCProvider", "Properties": properties}}


def deployer(**bound: str) -> Json:
    """A role for a workflow, which may ask for an audience."""
    condition = {f"{GITHUB}:{name}": value for name, value in {"sub": "repo:o/r:ref:refs/heads/main", **bound}.items()}
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": {"Ref": "P"}},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": condition},
    }
    return {"R": trusting(statement)}


def changed(old: Json, new: Json) -> Difference:
    """The difference of two templates in one account."""
    return diff(template(old), template(new), account=HUB)


@pytest.mark.parametrize(
    ("bound", "new", "gained", "lost"),
    [
        ({}, ("a", "b"), True, False),
        ({}, ("b",), True, True),
        ({"aud": "a"}, ("a", "b"), False, False),
        ({"aud": "b"}, ("a", "b"), True, False),
        ({"aud": "a"}, ("b",), False, True),
    ],
)
def test_tokens_for_another_audience_get_in_where_the_role_takes_them(
    bound: dict[str, str], new: tuple[str, ...], gained: bool, lost: bool
) -> None:
    """An identity provider refuses tokens for others before the trust policy is asked."""
    found = changed({**provider("a"), **deployer(**bound)}, {**provider(*new), **deployer(**bound)})
    assert (bool(found.gained), bool(found.lost)) == (gained, lost)
    assert not found.undecided
    for change in found.access:
        audience = change.counterexample.context[f"{GITHUB}:aud"]
        assert audience == ("b" if change.direction == "gained" else "a")
        assert any(f'takes tokens for "{audience}"' in note for note in change.notes)


def test_a_role_of_another_template_is_asked_too(tmp_path: Path) -> None:
    """Also where that template is written alike on both sides."""
    arn = f"arn:aws:iam::{HUB}:oidc-provider/{GITHUB}"
    role = deployer()
    role["R"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] = {"Federated": arn}
    for name, clients in (("old", ("a",)), ("new", ("a", "b"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "base.json").write_text(json.dumps(template(provider(*clients))))
        (tmp_path / name / "app.json").write_text(json.dumps(template(role)))
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account=HUB)
    assert messages(found) == [f"gained: a token of {GITHUB} for repo:o/r:ref:refs/heads/main may assume R"]


def test_what_is_not_compared_is_named() -> None:
    """Thumbprints, metadata, audiences that no role in sight asks for, and those that are not known."""
    alone = changed(provider("a"), provider("a", "b"))
    assert [one.reasons for one in alone.undecided] == [
        ("the audiences of the identity provider: not what it was, and not compared",)
    ]
    prints = changed(provider("a", ThumbprintList=["aa"]), provider("a", ThumbprintList=["bb"]))
    assert "the thumbprints" in prints.undecided[0].reasons[0]

    def saml(document: str) -> Json:
        return {"S": {"Type": "AWS::IAM::SAMLProvider", "Properties": {"SamlMetadataDocument": document}}}

    assert "the metadata" in changed(saml("a"), saml("b")).undecided[0].reasons[0]
    parameter = {"Parameters": {"X": {"Type": "String"}}}
    open_ = template({**provider("a", {"Ref": "X"}), **deployer()}, **parameter)
    assert trustproof.diff(open_, open_, account=HUB).is_empty
    found = trustproof.diff(template({**provider("a"), **deployer()}), open_, account=HUB)
    assert f"which audiences the identity provider {GITHUB} registers is not known" in found.undecided[0].reasons


def test_another_order_is_no_difference() -> None:
    """Of audiences, as of anything else that is a set."""
    assert changed({**provider("a", "b"), **deployer()}, {**provider("b", "a"), **deployer()}).is_empty


def test_who_may_retire_a_grant_is_named(tmp_path: Path) -> None:
    """It is not compared, and not passed over."""
    for name, account in (("old", HUB), ("new", "999988887777")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(
            f"""
            resource "aws_kms_key" "k" {{}}
            resource "aws_kms_grant" "g" {{
              key_id             = aws_kms_key.k.key_id
              grantee_principal  = "arn:aws:iam::{HUB}:role/x"
              retiring_principal = "arn:aws:iam::{account}:role/x"
              operations         = ["Decrypt"]
            }}
            """
        )
    found = trustproof.diff(tmp_path / "old", tmp_path / "new", account=HUB)
    assert not found.access
    assert ["who may retire the grant" in reason for one in found.undecided for reason in one.reasons] == [True]

"""
What keeps somebody out on the other side, as `trustproof.diff` names it: a Deny or a permissions boundary that is gone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.cli.main import main

OWN, HUB = "111122223333", "222233334444"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
Json = dict[str, Any]


def policy(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}


def role(*statements: Json, **more: Any) -> Json:
    """A role that lets the hub in, by these statements besides."""
    trust = policy({"Principal": {"AWS": HUB}, "Action": "sts:AssumeRole"}, *statements)
    return _template("AWS::IAM::Role", RoleName="r", AssumeRolePolicyDocument=trust, **more)


def user(*statements: Json, **more: Any) -> Json:
    """A user with these statements."""
    return _template("AWS::IAM::User", UserName="u", Policies=[_named(policy(*statements))], **more)


def _named(document: Json) -> Json:
    return {"PolicyName": "p", "PolicyDocument": document}


def _template(kind: str, **properties: Any) -> Json:
    return {"Parameters": {"Id": {"Type": "String"}}, "Resources": {"R": {"Type": kind, "Properties": properties}}}


ALL = {"Action": "ec2:*", "Resource": "*"}
ABROAD = {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}
NO_CONTRACTOR = {
    "Effect": "Deny",
    "Principal": {"AWS": f"arn:aws:iam::{HUB}:user/contractor"},
    "Action": "sts:AssumeRole",
}
NO_WEB = {"Effect": "Deny", "Principal": {"AWS": f"arn:aws:iam::{HUB}:user/web"}, "Action": "sts:AssumeRole"}
NOT_ABROAD = {**ALL, "Effect": "Deny", "Condition": ABROAD}
OWN_LIMIT = {"PermissionsBoundary": READ_ONLY}
CASES = [
    ("a Deny of a trust policy", role(NO_CONTRACTOR), role(), ["Deny"]),
    ("one of two Denies", role(NO_WEB, NO_CONTRACTOR), role(NO_WEB), ["Deny"]),
    ("a Deny that says less", role({**NO_CONTRACTOR, "Principal": "*"}), role(NO_CONTRACTOR), ["Deny"]),
    ("a Deny of a user", user(ALL, NOT_ABROAD), user(ALL), ["Deny"]),
    ("a permissions boundary", user(ALL, **OWN_LIMIT), user(ALL), ["permissions boundary"]),
    ("a Deny within a permissions boundary", user(ALL, NOT_ABROAD), user(ALL), ["Deny"]),
    ("two that said the same", user(ALL, NOT_ABROAD, NOT_ABROAD), user(ALL), ["Deny", "Deny"]),
    ("a Deny beside which nothing was allowed", user(NOT_ABROAD), user(ALL), []),
    ("nothing that was denied", user({**ALL, "Action": "s3:*"}), user(ALL), []),
    (
        "a Deny of what is known only when it is deployed",
        user(ALL, {**NOT_ABROAD, "Condition": {"StringNotEquals": {"aws:RequestedRegion": {"Ref": "Id"}}}}),
        user(ALL),
        ["Deny"],
    ),
]


@pytest.mark.parametrize(("old", "new", "kinds"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_what_is_gone_is_named(old: Json, new: Json, kinds: list[str]) -> None:
    """What kept a request out that is let in now is named with its place on its side, and swapping sides swaps."""
    for first, second, is_gain in ((old, new, True), (new, old, False)):
        found = trustproof.diff(first, second, account=OWN)
        changes = found.gained if is_gain else found.lost
        assert changes
        assert [stop.kind for stop in changes[0].stopped_by] == kinds
        assert all(stop.where.logical_id == "R" for stop in changes[0].stopped_by)
        assert (", which " in changes[0].message) == bool(kinds)


def test_it_is_named_where_it_stood(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The headline says that it was denied, and an arrow leads to the line of the Deny that is gone."""
    allow = "\n".join(
        (
            "Resources:",
            "  R:",
            "    Type: AWS::IAM::User",
            "    Properties:",
            "      Policies:",
            "        - PolicyName: p",
            "          PolicyDocument:",
            "            Statement:",
            '              - {Effect: Allow, Action: "ec2:*", Resource: "*"}',
            "",
        )
    )
    deny = '              - {Effect: Deny, Action: "ec2:TerminateInstances", Resource: "*"}\n'
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(allow + deny, encoding="utf-8")
    new.write_text(allow, encoding="utf-8")
    assert main(["diff", str(old), str(new), "--account", OWN]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith(", which was denied")
    assert said[1].strip() == f"--> {new}:9:17 (R)"
    assert said[2].strip() == f"--> {old}:10:17 (R): Deny"
    assert main(["diff", str(new), str(old), "--account", OWN, "--fail-on", "lost", "--format", "markdown"]) == 1
    assert f"Deny at `{old}:10:17 (R)`" in capsys.readouterr().out

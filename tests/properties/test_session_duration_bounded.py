"""
How long sessions may last.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

PEOPLE = {"AWS": "111122223333"}
ONLY_A_ROLE = {"AWS": "arn:aws:iam::111122223333:role/entry"}
A_SERVICE = {"Service": "ec2.amazonaws.com"}


def ask(tmp_path: Path, principal: object, duration: object, **more: object) -> trustproof.Result:
    """The result about one role."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    properties: dict[str, object] = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }
    if duration is not None:
        properties["MaxSessionDuration"] = duration
    content = {
        "Parameters": {"Long": {"Type": "Number", "Default": 43200}, "Open": {"Type": "Number"}},
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([str(file)], properties=["session-duration-bounded"], **more)  # type: ignore[arg-type]
    (result,) = report.results
    return result


@pytest.mark.parametrize(
    ("principal", "duration", "expected"),
    [
        (PEOPLE, None, "proved"),
        (PEOPLE, 3600, "proved"),
        (PEOPLE, "3600", "proved"),
        (PEOPLE, 3601, "refuted"),
        (PEOPLE, 43200, "refuted"),
        (PEOPLE, {"Ref": "Long"}, "refuted"),
        (PEOPLE, {"Ref": "Open"}, "unknown"),
        (ONLY_A_ROLE, 7200, "refuted"),
        (A_SERVICE, 43200, "proved"),
    ],
)
def test_an_hour_is_the_most(principal: object, duration: object, expected: str, tmp_path: Path) -> None:
    """More than an hour is refuted, where the property bounds anybody."""
    assert ask(tmp_path, principal, duration).verdict == expected


def test_limit_is_the_project_s_choice(tmp_path: Path) -> None:
    """`max-seconds` raises the limit for people, and not for chained sessions, which AWS ends after an hour."""
    config = {"properties": {"session-duration-bounded": {"max-seconds": 28800}}}
    assert ask(tmp_path, PEOPLE, 28800, config=config).verdict == "proved"
    assert ask(tmp_path, PEOPLE, 28801, config=config).verdict == "refuted"
    assert ask(tmp_path, ONLY_A_ROLE, 28800, config=config).verdict == "refuted"


def statement(principal: object, action: str = "sts:AssumeRole", **condition: object) -> dict[str, object]:
    """An Allow statement of a trust policy."""
    more = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


ROLES = {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}
PERMISSION_SETS = {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*"}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([statement(PEOPLE)], "proved"),
        ([statement({"Federated": "arn:aws:iam::111122223333:saml-provider/idp"}, "sts:AssumeRoleWithSAML")], "proved"),
        # Two hours are what the project allows, and not what AWS does where all come from other roles.
        ([statement(ONLY_A_ROLE)], "refuted"),
        ([statement({"AWS": "arn:aws:sts::111122223333:assumed-role/entry/me"})], "refuted"),
        ([statement(PEOPLE, ArnLike=ROLES)], "refuted"),
        ([statement(PEOPLE, ArnNotLike=ROLES)], "proved"),
        ([statement(PEOPLE, ArnLike=PERMISSION_SETS)], "refuted"),
        ([statement(PEOPLE, StringEquals={"aws:PrincipalType": "AssumedRole"})], "refuted"),
        ([statement(PEOPLE, StringEquals={"aws:PrincipalType": "User"})], "proved"),
        ([statement(PEOPLE, Bool={"aws:MultiFactorAuthPresent": "true"})], "proved"),
        ([statement(ONLY_A_ROLE), statement({"AWS": "arn:aws:iam::111122223333:user/alice"})], "proved"),
        ([statement(ONLY_A_ROLE), statement(A_SERVICE)], "refuted"),
        ([statement(A_SERVICE)], "proved"),
        ([{**statement(PEOPLE), "Effect": "Deny", "Condition": {"ArnNotLike": ROLES}}, statement(PEOPLE)], "refuted"),
    ],
)
def test_a_chained_session_ends_after_an_hour(statements: object, expected: str, tmp_path: Path) -> None:
    """Whether only role sessions may assume a role is decided by its trust policy, not by its looks."""
    document = {"Version": "2012-10-17", "Statement": statements}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document, "MaxSessionDuration": 7200}}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"Role": role}}), encoding="utf-8")
    config = {"properties": {"session-duration-bounded": {"max-seconds": 7200}}}
    report = trustproof.check(
        [str(file)], properties=["session-duration-bounded"], account="111122223333", config=config
    )
    (result,) = report.results
    assert result.verdict == expected
    if expected == "refuted":
        assert result.path == ("Resources", "Role", "Properties", "MaxSessionDuration")

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


def ask(
    tmp_path: Path, principal: object, duration: object, *, parameters: dict[str, object] | None = None, **more: object
) -> trustproof.Result:
    """The result about one role."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    properties: dict[str, object] = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }
    if duration is not None:
        properties["MaxSessionDuration"] = duration
    content = {
        "Parameters": {"Long": {"Type": "Number", "Default": 43200}, **(parameters or {})},
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
        (PEOPLE, {"Fn::ImportValue": "duration"}, "unknown"),
        (ONLY_A_ROLE, 7200, "refuted"),
        (A_SERVICE, 43200, "proved"),
    ],
)
def test_an_hour_is_the_most(principal: object, duration: object, expected: str, tmp_path: Path) -> None:
    """More than an hour is refuted, where the property bounds anybody."""
    assert ask(tmp_path, principal, duration).verdict == expected


def test_a_duration_is_an_error_where_the_project_says_how_long() -> None:
    """Whoever has written a duration has chosen it; it fails a build where a project declares the most."""
    statement = {"Effect": "Allow", "Principal": PEOPLE, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"AssumeRolePolicyDocument": trust, "MaxSessionDuration": 43200}
    template = {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}}
    for options, severity in (({}, "note"), ({"max-seconds": 7200}, "error"), ({"max-seconds": 43200}, "")):
        config = {"properties": {"session-duration-bounded": options}}
        report = trustproof.check([template], properties=["session-duration-bounded"], config=config)
        assert [r.severity for r in report.results if r.verdict == trustproof.REFUTED] == (
            [severity] if severity else []
        )


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({"Type": "Number"}, 43200),
        ({"Type": "Number", "MinValue": 3600, "MaxValue": 7200}, 7200),
        ({"Type": "Number", "MaxValue": 100000}, 43200),
        ({"Type": "Number", "MinValue": 3600, "MaxValue": 3600}, None),
        ({"Type": "Number", "MaxValue": 3600.5}, None),
        ({"Type": "String"}, 43200),
        ({"Type": "String", "AllowedPattern": "[1-3]?[0-9]{4}"}, 39999),
        ({"Type": "String", "AllowedPattern": "3600|1h"}, None),
        ({"Type": "String", "MaxLength": 4}, 9999),
        ({"Type": "String", "AllowedValues": [str(3600 + n) for n in range(10)]}, 3609),
    ],
)
def test_a_parameter_may_be_the_most_that_it_admits(
    parameter: dict[str, object], expected: int | None, tmp_path: Path
) -> None:
    """Without a default a parameter is any value that its declaration admits; the counterexample has the longest."""
    found = ask(tmp_path, PEOPLE, {"Ref": "Open"}, parameters={"Open": parameter})
    if expected is None:
        assert found.verdict == "proved"
        return
    assert found.verdict == "refuted"
    listed = "" if "AllowedValues" in parameter else ", as the parameter Open says"
    assert found.message == f"sessions of Role may last {expected} seconds{listed}"
    assert found.severity == "note"
    limit = {"properties": {"session-duration-bounded": {"max-seconds": 3600}}}
    # Whoever deploys the template chooses.
    assert ask(tmp_path, PEOPLE, {"Ref": "Open"}, parameters={"Open": parameter}, config=limit).severity == "warning"
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"Open": str(expected)}


@pytest.mark.parametrize(
    "parameter",
    [
        {"Type": "AWS::SSM::Parameter::Value<String>"},
        {"Type": "CommaDelimitedList"},
        {"Type": "String", "AllowedPattern": "[0-9]+h"},
        {"Type": "Number", "MaxValue": 60},
    ],
)
def test_a_parameter_that_says_nothing_of_seconds_is_unknown(parameter: dict[str, object], tmp_path: Path) -> None:
    """What stands in Systems Manager is not known, nor is a value that IAM would refuse."""
    found = ask(tmp_path, PEOPLE, {"Ref": "Open"}, parameters={"Open": parameter})
    assert found.verdict == "unknown"
    assert found.reasons == ("MaxSessionDuration is <Open>, which is not known before deployment",)


def test_a_parameter_is_no_matter_for_a_service(tmp_path: Path) -> None:
    """A role that only services assume is not held to any duration, whoever decides it."""
    assert ask(tmp_path, A_SERVICE, {"Ref": "Open"}, parameters={"Open": {"Type": "Number"}}).verdict == "proved"


def test_a_given_parameter_is_judged_as_given(tmp_path: Path) -> None:
    """A value on the command line wins over what the parameter might be."""
    parameters: dict[str, object] = {"Open": {"Type": "Number"}}
    assert ask(tmp_path, PEOPLE, {"Ref": "Open"}, parameters=parameters).verdict == "refuted"
    for value, verdict in (("3600", "proved"), ("7200", "refuted")):
        file = str(tmp_path / "template.json")
        report = trustproof.check([file], properties=["session-duration-bounded"], parameters={"Open": value})
        assert [result.verdict for result in report.results] == [verdict]


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


def sessions(tmp_path: Path, type_: str, key: str, duration: object, **config: object) -> trustproof.Result:
    """The result about a permission set, or about a profile of Roles Anywhere."""
    properties: dict[str, object] = {"Name": "ops"}
    if duration is not None:
        properties[key] = duration
    content = {
        "Parameters": {
            "Long": {"Type": "String", "Default": "PT8H"},
            "Open": {"Type": "Number", "MaxValue": 7200},
            "Text": {"Type": "String"},
            "Stage": {"Type": "String"},
        },
        "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {"It": {"Type": type_, "Properties": properties}},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([str(file)], properties=["session-duration-bounded"], config=config)
    return min(report.results, key=lambda result: ("refuted", "unknown", "proved").index(result.verdict))


PERMISSION_SET, PROFILE = "AWS::SSO::PermissionSet", "AWS::RolesAnywhere::Profile"
NO_VALUE = {"Ref": "AWS::NoValue"}


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (None, "proved"),
        ("PT1H", "proved"),
        ("PT60M", "proved"),
        ("PT3600S", "proved"),
        ("PT30M", "proved"),
        ("PT1H1S", "refuted"),
        ("PT3600.5S", "refuted"),
        ("PT61M", "refuted"),
        ("PT12H", "refuted"),
        ("P1D", "refuted"),
        ("P1DT1H", "refuted"),
        ("P1W", "refuted"),
        (NO_VALUE, "proved"),
        ({"Ref": "Long"}, "refuted"),
        ({"Ref": "Text"}, "unknown"),
        ({"Fn::Sub": "PT${Open}S"}, "unknown"),
        ({"Fn::If": ["Prod", "PT1H", "PT8H"]}, "refuted"),
        ({"Fn::If": ["Prod", "PT1H", NO_VALUE]}, "proved"),
    ],
)
def test_permission_sets(duration: object, expected: str, tmp_path: Path) -> None:
    """The sessions of a permission set are held to the same hour."""
    assert sessions(tmp_path, PERMISSION_SET, "SessionDuration", duration).verdict == expected


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (None, "proved"),
        (3600, "proved"),
        ("900", "proved"),
        (3601, "refuted"),
        ("43200", "refuted"),
        ({"Ref": "Open"}, "refuted"),
        ({"Fn::ImportValue": "duration"}, "unknown"),
        ({"Fn::If": ["Prod", 900, 43200]}, "refuted"),
    ],
)
def test_profiles_of_roles_anywhere(duration: object, expected: str, tmp_path: Path) -> None:
    """The sessions of a profile are held to the same hour; the role's own maximum does not bound them."""
    assert sessions(tmp_path, PROFILE, "DurationSeconds", duration).verdict == expected


def test_the_project_decides_for_all_of_them(tmp_path: Path) -> None:
    """One option is for roles, permission sets and profiles; the remedy is written as the property is."""
    config = {"properties": {"session-duration-bounded": {"max-seconds": 5400}}}
    assert sessions(tmp_path, PERMISSION_SET, "SessionDuration", "PT90M", **config).verdict == "proved"
    found = sessions(tmp_path, PERMISSION_SET, "SessionDuration", "PT8H", **config)
    assert found.resource_type == PERMISSION_SET
    assert found.path[-1] == "SessionDuration"
    assert found.remedy is not None
    assert found.remedy.diff == ("- SessionDuration: PT8H", "+ SessionDuration: PT1H30M")
    found = sessions(tmp_path, PROFILE, "DurationSeconds", {"Ref": "Open"}, **config)
    assert found.remedy is not None
    assert found.remedy.text == "let the parameter Open be 5400 at most"


@pytest.mark.parametrize("duration", ["8h", "PT", "P", "-PT1H", "1H", "PT1X", ""])
def test_a_duration_that_is_none_is_an_error(duration: str, tmp_path: Path) -> None:
    """What AWS would refuse is reported as such."""
    properties = {"Name": "ops", "SessionDuration": duration}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"It": {"Type": PERMISSION_SET, "Properties": properties}}}))
    report = trustproof.check([str(file)], properties=["session-duration-bounded"])
    assert [error.message for error in report.errors] == [
        f'SessionDuration is "{duration}", expected a duration such as PT1H'
    ]


def test_nobody_lowers_by_a_diff_what_somebody_chose() -> None:
    """Only where a project says how long sessions may last, the remedy is a diff: long jobs would stop."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": PEOPLE, "Action": "sts:AssumeRole"}],
    }
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, "MaxSessionDuration": 43200}}
    for options, has_edits in (({}, False), ({"max-seconds": 7200}, True)):
        config = {"properties": {"session-duration-bounded": options}}
        asked = ["session-duration-bounded"]
        (found,) = trustproof.check([{"Resources": {"R": role}}], properties=asked, config=config).results
        assert found.remedy is not None
        assert bool(found.remedy.edits) is has_edits


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (None, "proved"),
        (3600, "proved"),
        ({"Ref": "Longest"}, "refuted"),
        ({"Fn::If": ["IsLong", 43200, {"Ref": "AWS::NoValue"}]}, "refuted"),
    ],
)
def test_what_roles_are_called_is_nothing_to_how_long_sessions_last(duration: object, expected: str) -> None:
    """Names that are made of many parameters are not multiplied out, and a parameter that decides is looked at."""
    stages = {f"P{n}": {"Type": "String", "AllowedValues": ["a", "b", "c", "d"], "Default": "a"} for n in range(10)}
    longest = {"Type": "Number", "AllowedValues": [3600, 43200], "Default": 3600}
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}},
    }
    properties: dict[str, object] = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        **({} if duration is None else {"MaxSessionDuration": duration}),
    }
    roles = {
        f"R{n}": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": {"Fn::Sub": f"r{n}-${{P{n}}}-${{P{(n + 1) % 10}}}-${{P{(n + 2) % 10}}}"},
                **properties,
            },
        }
        for n in range(10)
    }
    template = {
        "Parameters": {**stages, "Longest": longest},
        "Conditions": {"IsLong": {"Fn::Equals": [{"Ref": "P0"}, "d"]}},
        "Resources": roles,
    }
    config = {"properties": {"session-duration-bounded": {}}}
    report = trustproof.check([template], config=config, properties=["session-duration-bounded"])
    # A branch in which they are short has a result of its own.
    verdicts = {one.verdict for one in report.results}
    assert verdicts - {"proved"} == {expected} - {"proved"}
    assert len({one.logical_id for one in report.results if one.verdict == expected}) == len(roles)

"""
Every way to write an MFA condition, in an Allow and in a Deny next to an open Allow.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
MFA, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
ACCOUNT = {"AWS": "111122223333"}

#: Condition, verdict as the condition of an Allow, verdict as the condition of a Deny next to an open Allow.
CASES: list[tuple[Json, str, str]] = [
    ({"Bool": {MFA: "true"}}, "proved", "refuted"),
    ({"Bool": {MFA: True}}, "proved", "refuted"),
    ({"Bool": {MFA.lower(): "true"}}, "proved", "refuted"),
    ({"BoolIfExists": {MFA: "true"}}, "refuted", "refuted"),
    ({"Bool": {MFA: "false"}}, "refuted", "refuted"),
    ({"BoolIfExists": {MFA: "false"}}, "refuted", "proved"),
    ({"Null": {MFA: "false"}}, "refuted", "refuted"),
    ({"Null": {MFA: "true"}}, "refuted", "refuted"),
    ({"ForAllValues:Bool": {MFA: "true"}}, "refuted", "refuted"),
    ({"ForAllValues:Bool": {MFA: "false"}}, "refuted", "proved"),
    ({"ForAnyValue:Bool": {MFA: "true"}}, "proved", "refuted"),
    ({"ForAnyValue:Bool": {MFA: "false"}}, "refuted", "refuted"),
    ({"Bool": {MFA: ["true", "false"]}}, "refuted", "refuted"),
    ({"StringNotEquals": {MFA: "false"}}, "refuted", "refuted"),
    # Whether text is compared with a key of type Bool as text is not documented; if not, it matches even less.
    ({"StringEquals": {MFA: "true"}}, "proved", "refuted"),
    ({"StringEquals": {MFA: "True"}}, "proved", "refuted"),
    ({"StringEquals": {MFA: "false"}}, "refuted", "refuted"),
    ({"StringNotEquals": {MFA: "true"}}, "refuted", "proved"),
    ({"StringLike": {MFA: "*"}}, "refuted", "refuted"),
    ({"Bool": {MFA: "True"}}, "proved", "refuted"),
    ({"BoolIfExists": {MFA: ["true", "false"]}}, "refuted", "proved"),
    ({"ForAllValues:Bool": {MFA: ["true", "false"]}}, "refuted", "proved"),
    ({"Bool": {MFA: []}}, "proved", "refuted"),
    # With a set operator, Null tests nothing.
    ({"ForAllValues:Null": {MFA: "false"}}, "refuted", "proved"),
    ({"ForAnyValue:Null": {MFA: "false"}}, "proved", "refuted"),
    ({"Bool": {"aws:MultiFactorAuthPresnt": "true"}}, "proved", "refuted"),
    ({"BoolIfExists": {"aws:MultiFactorAuthPresnt": "true"}}, "refuted", "proved"),
    ({"NumericLessThan": {AGE: "3600"}}, "proved", "refuted"),
    ({"NumericLessThanEquals": {AGE: 3600}}, "proved", "refuted"),
    ({"NumericLessThanIfExists": {AGE: "3600"}}, "refuted", "proved"),
    ({"NumericGreaterThan": {AGE: "3600"}}, "proved", "refuted"),
    ({"NumericGreaterThanIfExists": {AGE: "3600"}}, "refuted", "proved"),
    ({"NumericGreaterThanEqualsIfExists": {AGE: "3600"}}, "refuted", "proved"),
    ({"NumericNotEquals": {AGE: "0"}}, "refuted", "proved"),
    ({"NumericEquals": {AGE: "0"}}, "proved", "refuted"),
    ({"ForAllValues:NumericLessThan": {AGE: "3600"}}, "refuted", "proved"),
    ({"ForAllValues:NumericGreaterThan": {AGE: "3600"}}, "refuted", "proved"),
    ({"ForAnyValue:NumericLessThan": {AGE: "3600"}}, "proved", "refuted"),
    ({"Null": {AGE: "false"}}, "proved", "refuted"),
    ({"Null": {AGE: "true"}}, "refuted", "proved"),
    # An operator that an absent key meets is sound next to one that it does not meet.
    ({"Null": {MFA: "false"}, "BoolIfExists": {MFA: "true"}}, "proved", "refuted"),
    ({"Null": {MFA: "false"}, "ForAllValues:Bool": {MFA: "true"}}, "proved", "refuted"),
    ({"Null": {AGE: "false"}, "BoolIfExists": {MFA: "true"}}, "proved", "refuted"),
    ({"NumericLessThanIfExists": {AGE: "3600"}, "Bool": {MFA: "true"}}, "proved", "refuted"),
    ({"Null": {MFA: "false"}, "Bool": {MFA: "false"}}, "refuted", "refuted"),
    ({"NumericLessThan": {AGE: "300"}, "Bool": {MFA: "true"}}, "proved", "refuted"),
    ({"Bool": {MFA: "true"}, "BoolIfExists": {MFA: "true"}}, "proved", "refuted"),
    ({"Bool": {MFA: "false", "aws:ViaAWSService": "false"}}, "refuted", "refuted"),
    ({"BoolIfExists": {MFA: "false"}, "StringNotEquals": {"aws:username": "admin"}}, "refuted", "refuted"),
    ({"BoolIfExists": {MFA: "false"}, "ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:user/*"}}, "refuted", "proved"),
    # STS is called with TLS only.
    ({"BoolIfExists": {MFA: "false"}, "Bool": {"aws:SecureTransport": "true"}}, "refuted", "proved"),
    ({"BoolIfExists": {MFA: "false"}, "Bool": {"aws:SecureTransport": "false"}}, "proved", "refuted"),
    # A Deny that has begun, and one that has not.
    (
        {"BoolIfExists": {MFA: "false"}, "DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
        "refuted",
        "proved",
    ),
    (
        {"BoolIfExists": {MFA: "false"}, "DateGreaterThan": {"aws:CurrentTime": "2035-01-01T00:00:00Z"}},
        "refuted",
        "refuted",
    ),
    ({"BoolIfExists": {MFA: "false"}, "Null": {"aws:TokenIssueTime": "true"}}, "refuted", "refuted"),
    ({"BoolIfExists": {MFA: "false"}, "StringNotEquals": {"aws:PrincipalType": "AssumedRole"}}, "refuted", "proved"),
    ({"BoolIfExists": {MFA: "false"}, "NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, "refuted", "refuted"),
]


def allow(condition: Json | None = None, principal: Json = ACCOUNT, action: str = "sts:AssumeRole") -> Json:
    """An Allow statement of a trust policy."""
    more = {"Condition": condition} if condition is not None else {}
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def deny(condition: Json, principal: object = "*", action: str = "sts:AssumeRole") -> Json:
    """A Deny statement of a trust policy."""
    return {"Effect": "Deny", "Principal": principal, "Action": action, "Condition": condition}


def verdict(*statements: Json, **config: object) -> str:
    """The verdict on a trust policy."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return trustproof.prove(policy, "mfa-required", account="111122223333", config=config).verdict


@pytest.mark.parametrize(("condition", "as_allow", "as_deny"), CASES, ids=[str(case[0]) for case in CASES])
def test_pattern(condition: Json, as_allow: str, as_deny: str) -> None:
    """The truth table of MFA conditions."""
    assert verdict(allow(condition)) == as_allow
    assert verdict(allow(), deny(condition)) == as_deny


WITHOUT: Json = {"BoolIfExists": {MFA: "false"}}
STATEMENTS: list[tuple[str, list[Json], str]] = [
    ("second open statement", [allow({"Bool": {MFA: "true"}}), allow()], "refuted"),
    (
        "two denies that only together close",
        [allow(), deny({"Bool": {MFA: "false"}}), deny({"Null": {MFA: "true"}})],
        "proved",
    ),
    ("deny of another action", [allow(), deny(WITHOUT, action="sts:TagSession")], "refuted"),
    ("deny by wildcard", [allow(), deny(WITHOUT, action="sts:*")], "proved"),
    ("deny of another account", [allow(), deny(WITHOUT, {"AWS": "222233334444"})], "refuted"),
    ("deny of the account", [allow(), deny(WITHOUT, ACCOUNT)], "proved"),
    ("only a role is trusted", [allow(None, {"AWS": "arn:aws:iam::111122223333:role/app"})], "proved"),
    ("only roles of the account", [allow({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}})], "proved"),
    ("only a service is trusted", [allow(None, {"Service": "ec2.amazonaws.com"})], "proved"),
    ("a user is trusted", [allow(None, {"AWS": "arn:aws:iam::111122223333:user/alice"})], "refuted"),
    ("no credentials", [allow(None, action="sts:TagSession")], "proved"),
    ("all actions", [allow(None, action="*")], "refuted"),
    ("session tokens only", [allow({"Null": {"aws:TokenIssueTime": "false"}})], "refuted"),
    ("wildcard in an exact operator", [allow({"StringEquals": {"aws:username": "*"}})], "proved"),
    ("variable of the caller", [allow({"StringLike": {"sts:RoleSessionName": "${aws:username}"}})], "refuted"),
    ("contradiction", [allow({"StringEquals": {"aws:username": "a"}, "StringLike": {"aws:username": "b*"}})], "proved"),
]


@pytest.mark.parametrize(("statements", "expected"), [case[1:] for case in STATEMENTS], ids=[c[0] for c in STATEMENTS])
def test_statements(statements: list[Json], expected: str) -> None:
    """Statements decide together."""
    assert verdict(*statements) == expected


@pytest.mark.parametrize(
    ("condition", "limit", "expected"),
    [
        # A code that is passed in the call is of that moment, and no session is older than a day and a half.
        ({"Bool": {MFA: "true"}, "Null": {"aws:TokenIssueTime": "true"}}, 3600, "proved"),
        ({"Bool": {MFA: "true"}, "Null": {"aws:TokenIssueTime": "true"}}, 60, "proved"),
        ({"Bool": {MFA: "true"}, "Null": {"aws:TokenIssueTime": "true"}}, 30, "refuted"),
        ({"Bool": {MFA: "true"}, "Null": {"aws:TokenIssueTime": "false"}}, 3600, "refuted"),
        ({"Bool": {MFA: "true"}}, 129600, "proved"),
        ({"Bool": {MFA: "true"}}, 129599, "refuted"),
    ],
)
def test_max_age_of_a_code_and_of_a_session(condition: Json, limit: int, expected: str) -> None:
    """With `max-age`, only an MFA that can be that old is too old."""
    assert verdict(allow(condition), properties={"mfa-required": {"max-age": limit}}) == expected


def test_third_party_is_a_machine() -> None:
    """A declared third party is not asked for MFA."""
    vendor = [{"name": "vendor", "accounts": ["444455556666"]}]
    assert verdict(allow(None, {"AWS": "444455556666"})) == "refuted"
    assert verdict(allow(None, {"AWS": "444455556666"}), **{"third-party": vendor}) == "proved"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Bool": {MFA: "true"}}, "refuted"),
        ({"NumericLessThanEquals": {AGE: "900"}}, "proved"),
        ({"NumericLessThan": {AGE: "901"}}, "proved"),
        ({"NumericLessThan": {AGE: "902"}}, "refuted"),
    ],
)
def test_max_age_asks_for_a_recent_code(condition: Json, expected: str) -> None:
    """With `max-age`, an MFA that is older is as good as none."""
    assert verdict(allow(condition), properties={"mfa-required": {"max-age": 900}}) == expected


def test_whoever_passes_an_external_id_is_likely_a_vendor() -> None:
    """That an account which has to pass an external id has no MFA is a note; one of one's own is asked for it."""
    asked = {"StringEquals": {"sts:ExternalId": "customer-0815"}}
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "444455556666"},
        "Action": "sts:AssumeRole",
        "Condition": asked,
    }
    properties = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {"Resources": {"Admins": {"Type": "AWS::IAM::Role", "Properties": properties}}}
    own = {"boundary": {"accounts": ["444455556666"]}}
    for config, severity, has_edits in (({}, "note", False), (own, "error", True)):
        report = trustproof.check([template], properties=["mfa-required"], config=config)
        (found,) = report.results
        assert found.remedy is not None
        assert (found.severity, bool(found.remedy.edits)) == (severity, has_edits)


@pytest.mark.parametrize(
    ("parameter", "severities"),
    [
        ({}, {"note"}),
        ({"AllowedValues": ["111122223333"]}, {"error"}),
        ({"AllowedValues": ["111122223333"], "Default": "111122223333"}, {"error"}),
        ({"AllowedValues": ["111122223333", "222233334444"]}, {"error"}),
        ({"AllowedValues": ["111122223333", "444455556666"]}, {"error", "note"}),
        ({"AllowedValues": ["444455556666"]}, {"note"}),
    ],
)
def test_an_account_that_a_parameter_lists_is_known(parameter: Json, severities: set[str]) -> None:
    """Who has to pass an external id is a vendor where anybody may be given, and not where one's own accounts are."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${Who}:root"}},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": {"Ref": "Id"}}},
    }
    properties = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {
        "Parameters": {"Who": {"Type": "String", **parameter}, "Id": {"Type": "String"}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    config = {"boundary": {"accounts": ["222233334444"]}}
    report = trustproof.check([template], properties=["mfa-required"], config=config, account="111122223333")
    assert {found.severity for found in report.results if found.verdict == trustproof.REFUTED} == severities


@pytest.mark.parametrize(
    ("principals", "severity"),
    [
        (["444455556666"], "error"),
        (["111122223333", "444455556666"], "error"),
        (["111122223333", {"Fn::Sub": "arn:aws:iam::444455556666:user/${Given}"}], "error"),
        ("*", "error"),
        (["111122223333", "222233334444"], "warning"),
        ({"Ref": "Trusted"}, "warning"),
    ],
)
def test_the_name_of_a_role_of_cdk_bootstrap_hides_nobody_else(principals: object, severity: str) -> None:
    """Who calls a role so, and gives it to another account, has written that; whom a deployment names is not known."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "sts:AssumeRole"}
    properties = {
        "RoleName": "cdk-hnb659fds-deploy-role-111122223333-eu-west-1",
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }
    given = {"Trusted": {"Type": "CommaDelimitedList"}, "Given": {"Type": "String"}}
    template = {
        "Parameters": given,
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    config = {"boundary": {"accounts": ["222233334444"]}}
    report = trustproof.check(
        [template], properties=["mfa-required", "inside-boundary"], account="111122223333", config=config
    )
    worst = min((one.severity for one in report.results if one.verdict != "proved"), key=["error", "warning"].index)
    assert worst == severity


@pytest.mark.parametrize(
    ("values", "severity", "whose"),
    [
        ({}, "warning", "the account that TrustedAccounts gives"),
        ({"TrustedAccounts": "222233334444"}, "warning", "account 222233334444"),
        ({"TrustedAccounts": "444455556666"}, "error", "account 444455556666"),
        ({"TrustedAccounts": "222233334444,444455556666"}, "error", "account "),
    ],
)
def test_the_template_of_cdk_bootstrap_is_a_warning(values: dict[str, str], severity: str, whose: str) -> None:
    """
    It names by a parameter whom it trusts, which is empty by default, and keeps out who acts for others: whoever is to
    pass no external id is no vendor, in a deployment that takes any either.

    https://github.com/aws/aws-cdk-cli/blob/main/packages/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml
    """

    def unless(condition: str, value: object) -> object:
        return {"Fn::If": [condition, value, {"Ref": "AWS::NoValue"}]}

    condition = unless("ShouldDeny", {"Null": {"sts:ExternalId": "true"}})
    own, trusted = (
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": {"Ref": who}}, "Condition": condition}
        for who in ("AWS::AccountId", "TrustedAccounts")
    )
    statements = [own, unless("HasTrusted", trusted)]
    template = {
        "Parameters": {
            "TrustedAccounts": {"Type": "CommaDelimitedList", "Default": ""},
            "DenyExternalId": {"Type": "String", "Default": "true", "AllowedValues": ["true", "false"]},
        },
        "Conditions": {
            "HasTrusted": {"Fn::Not": [{"Fn::Equals": ["", {"Fn::Join": ["", {"Ref": "TrustedAccounts"}]}]}]},
            "ShouldDeny": {"Fn::Equals": ["true", {"Ref": "DenyExternalId"}]},
        },
        "Resources": {
            "R": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": {"Fn::Sub": "cdk-hnb659fds-deploy-role-${AWS::AccountId}-${AWS::Region}"},
                    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": statements},
                },
            }
        },
    }
    report = trustproof.check(
        [template],
        properties=["mfa-required"],
        account="111122223333",
        parameters=values,
        config={"boundary": {"accounts": ["222233334444"]}},
    )
    found = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert {one.severity for one in found} == {"warning", severity}
    assert any(whose in one.message for one in found)
    assert not any("external id" in f"{one.message} {one.remedy} {one.why}" for one in found)


def test_who_is_to_pass_no_external_id_is_no_vendor() -> None:
    """So nobody is told to declare it as one, whose machines are asked for no MFA."""
    null = allow({"Null": {"sts:ExternalId": "true"}}, {"AWS": "444455556666"})
    found = trustproof.prove({"Version": "2012-10-17", "Statement": [null]}, "mfa-required", account="111122223333")
    assert found.remedy is not None
    assert "third-party" not in found.remedy.text


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("cdk-hnb659fds-deploy-role-111122223333-eu-west-1", "warning"),
        ({"Fn::Sub": "cdk-${Qualifier}-lookup-role-${AWS::AccountId}-${AWS::Region}"}, "warning"),
        ("cdk-hnb659fds-admin", "error"),
        ("deploy-role", "error"),
    ],
)
def test_roles_that_cdk_bootstrap_makes_are_a_warning(name: object, severity: str) -> None:
    """Nobody edits what ``cdk bootstrap`` writes; anybody may call a role so, which a strict gate stops."""
    statement = {"Effect": "Allow", "Principal": {"AWS": {"Ref": "AWS::AccountId"}}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": trust}}
    qualifier = {"Type": "String", "Default": "hnb659fds"}
    template = {"Parameters": {"Qualifier": qualifier}, "Resources": {"R": role}}
    (one,) = trustproof.check([template], properties=["mfa-required"], account="111122223333").results
    assert (one.verdict, one.severity) == ("refuted", severity)

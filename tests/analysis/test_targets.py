"""
The template's own account and organization, where it does not say them: whichever they are, what is proved holds.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.output import builders
from trustproof import Result, check
from trustproof.analysis.assignments.targets import merge_deployments
from trustproof.properties.base import StatementProperty
from trustproof.properties.registry import find
from trustproof.results.result import Undeclared

NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ORGANIZATION = "o-a1b2c3d4e5"
CONFIG = {"boundary": {"organizations": [ORGANIZATION]}}

Json = dict[str, object]


def _user(*statements: Json) -> Json:
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    properties = {"Path": "/team/", "Policies": [policy]}
    return {"Resources": {"U": {"Type": "AWS::IAM::User", "Properties": properties}}}


def _results(folder: Path, template: Json, account: str | None = None) -> dict[str, Result]:
    path = folder / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    return {result.property: result for result in check([str(path)], account=account, config=CONFIG).results}


#: A condition of the Deny that lets a user of the named account go without MFA.
EXEMPT = [
    {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/team/breakglass-*"}},
    {"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}},
]


@pytest.mark.parametrize("condition", EXEMPT)
def test_the_account_may_be_one_that_a_condition_names(tmp_path: Path, condition: Json) -> None:
    """A Deny that spares somebody of an account has a hole if the template goes there, and the finding says so."""
    allow: Json = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
    deny: Json = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {**NO_MFA, **condition}}
    template = _user(allow, deny)
    found = _results(tmp_path, template)["sensitive-actions-require-mfa"]
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"AWS::AccountId": "123456789012"}
    assert _results(tmp_path, template, "111122223333")["sensitive-actions-require-mfa"].verdict == "proved"
    assert _results(tmp_path, template, "123456789012")["sensitive-actions-require-mfa"].verdict == "refuted"


@pytest.mark.parametrize("key", ["aws:ResourceAccount", "aws:PrincipalAccount"])
def test_the_account_may_be_one_that_a_condition_names_at_another_allowed_value(tmp_path: Path, key: str) -> None:
    """The row of the default alone was tried, which the Deny closes."""
    rows = {"a": {"Id": "123456789012"}, "b": {"Id": "210987654321"}}
    row = {"Fn::FindInMap": ["Accounts", {"Ref": "Stage"}, "Id"]}
    allow = {**MAKES_USERS, "Condition": {"StringEquals": {key: row}}}
    deny = {**DENIES_ALL, "Condition": {"StringEquals": {key: "123456789012"}}}
    stages = {"Type": "String", "Default": "a", "AllowedValues": ["a", "b"]}
    template = {"Parameters": {"Stage": stages}, "Mappings": {"Accounts": rows}, **_user(allow, deny)}
    found = _results(tmp_path, template)["sensitive-actions-require-mfa"]
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"AWS::AccountId": "210987654321", "Stage": "b"}
    assert _results(tmp_path, template, "123456789012")["sensitive-actions-require-mfa"].verdict == "proved"


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotLike": {"aws:PrincipalAccount": "7654*"}},
        {"StringNotLike": {"aws:PrincipalAccount": "7*5*4*"}},
        {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::76540000????:user/*"}},
        # What some of a pattern are refused, others are not.
        {"StringNotLike": {"aws:PrincipalAccount": "7654*"}, "StringLike": {"aws:PrincipalAccount": ["*9"]}},
    ],
)
def test_the_account_may_be_one_that_a_pattern_matches(tmp_path: Path, condition: Json) -> None:
    """A Deny that spares the accounts that a pattern matches has a hole in these, and no id is written out."""
    allow: Json = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
    some = [{operator: test} for operator, test in condition.items()]
    template = _user(allow, *({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": one} for one in some))
    found = _results(tmp_path, template)["sensitive-actions-require-mfa"]
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    account = found.counterexample.parameters["AWS::AccountId"]
    assert _results(tmp_path, template, account)["sensitive-actions-require-mfa"].verdict == "refuted"
    assert _results(tmp_path, template, "111122223333")["sensitive-actions-require-mfa"].verdict == "proved"


def test_the_account_in_a_name_of_which_a_part_is_not_known(tmp_path: Path) -> None:
    """Whoever is spared may be of the account that the template goes to, whatever the rest of the ARN is."""
    allow: Json = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
    spared = {"ArnNotLike": {"aws:PrincipalArn": {"Fn::Sub": "arn:aws:iam::123456789012:user/team/${Who}*"}}}
    deny: Json = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {**NO_MFA, **spared}}
    template = {"Parameters": {"Who": {"Type": "String", "AllowedPattern": "[a-z]+"}}, **_user(allow, deny)}
    found = _results(tmp_path, template)["sensitive-actions-require-mfa"]
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.parameters["AWS::AccountId"] == "123456789012"
    assert _results(tmp_path, template, "111122223333")["sensitive-actions-require-mfa"].verdict == "proved"


def test_a_statement_is_usable_in_the_account_that_it_names(tmp_path: Path) -> None:
    """Nobody is accused of a condition that holds where the template is meant to go."""
    condition = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/team/*"}, **MFA}
    allow: Json = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*", "Condition": condition}
    assert _results(tmp_path, _user(allow))["statement-usable"].verdict == "proved"
    assert _results(tmp_path, _user(allow), "111122223333")["statement-usable"].verdict == "refuted"


#: What stands beside a statement about its own account, with the verdict where nobody says the account.
BESIDE: list[tuple[list[Json], str]] = [
    ([], "proved"),
    ([{"Effect": "Allow", "Action": "ec2:*", "Resource": "*", "Condition": MFA}], "proved"),
    # Which actions a Deny names may decide of each statement; then it does so in the right account too.
    (
        [
            {"Effect": "Allow", "Action": "ec2:*", "Resource": "*", "Condition": MFA},
            {"Effect": "Deny", "Action": {"Ref": "Denied"}, "Resource": "*"},
        ],
        "unknown",
    ),
]


@pytest.mark.parametrize(("beside", "expected"), BESIDE)
def test_a_statement_about_one_account_is_used_there(tmp_path: Path, beside: list[Json], expected: str) -> None:
    """What nobody can use in an account that was made up is judged in the one that it names."""
    resource = "arn:aws:iam::123456789012:mfa/${aws:username}"
    own: Json = {"Effect": "Allow", "Action": "iam:CreateVirtualMFADevice", "Resource": resource, "Condition": MFA}
    template = {**_user(own, *beside), "Parameters": {"Denied": {"Type": "String"}}}
    for account, verdict in ((None, expected), ("123456789012", expected), ("111122223333", "refuted")):
        path = tmp_path / "template.json"
        path.write_text(json.dumps(template), encoding="utf-8")
        found = check([str(path)], account=account, properties=["statement-usable"]).results
        assert ("refuted" in {result.verdict for result in found}) is (verdict == "refuted")
        assert verdict in {result.verdict for result in found}


#: Statements that do something sensitive where they are in the account 123456789012, or about it.
ABOUT = [
    ("iam:CreateAccessKey", "arn:aws:iam::123456789012:user/*"),
    ("*", "arn:aws:iam::123456789012:user/*"),
    ("kms:*", "arn:aws:kms:us-east-1:123456789012:key/*"),
    ("iam:CreateAccessKey", "arn:aws:iam::1234*:user/*"),
    ("iam:CreateAccessKey", "arn:aws:iam::12345678901?:user/*"),
]


@pytest.mark.parametrize(("action", "resource"), ABOUT)
def test_the_account_may_be_one_that_a_resource_is_of(tmp_path: Path, action: str, resource: str) -> None:
    """What only its own account reaches is reached where the template goes there."""
    statement: Json = {"Effect": "Allow", "Action": action, "Resource": resource}
    for account, expected in ((None, "refuted"), ("123456789012", "refuted"), ("111122223333", "proved")):
        found = _results(tmp_path, _user(statement), account)
        assert found["sensitive-actions-require-mfa"].verdict == expected
        policy: Json = {"Version": "2012-10-17", "Statement": [statement]}
        alone = trustproof.prove(policy, "sensitive-actions-require-mfa", account=account)
        assert alone.verdict == expected
    assert _results(tmp_path, _user(statement))["statement-usable"].verdict == "proved"


def _queue(condition: Json, *more: Json) -> Json:
    statement: Json = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [{**statement, **condition}, *more]}


def _deny(condition: Json) -> Json:
    return {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}


#: The organization that the resource is in says nothing of the caller's.
RESOURCE_ORGANIZATION = [
    (_queue({"Condition": {"StringEquals": {"aws:ResourceOrgID": ORGANIZATION}}}), "refuted"),
    (_queue({}, _deny({"StringNotEquals": {"aws:ResourceOrgID": ORGANIZATION}})), "refuted"),
    (_queue({}, _deny({"StringEquals": {"aws:ResourceOrgID": ORGANIZATION}})), "refuted"),
    (_queue({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}}), "proved"),
    (
        _queue(
            {
                "Condition": {
                    "StringEquals": {
                        "aws:ResourceOrgID": ORGANIZATION,
                        "aws:PrincipalOrgID": ["${aws:ResourceOrgID}", ORGANIZATION],
                    }
                }
            }
        ),
        "proved",
    ),
]


@pytest.mark.parametrize(("policy", "expected"), RESOURCE_ORGANIZATION)
def test_the_organization_may_be_the_one_that_is_named_or_another(tmp_path: Path, policy: Json, expected: str) -> None:
    """A literal aws:ResourceOrgID is true for some organization, and bounds nobody."""
    resource = {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": ["q"], "PolicyDocument": policy}}
    found = _results(tmp_path, {"Resources": {"Q": resource}}, "111122223333")
    assert found["inside-boundary"].verdict == expected
    assert trustproof.prove(policy, "inside-boundary", kind="resource", config=CONFIG).verdict == expected


def test_a_role_that_names_its_organization_is_usable_and_needs_mfa(tmp_path: Path) -> None:
    """In the organization that the condition names, people get in; with MFA where it is demanded."""
    for condition, expected in ((MFA, "proved"), ({}, "refuted")):
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": "111122223333"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:ResourceOrgID": ORGANIZATION}, **condition},
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
        found = _results(tmp_path, {"Resources": {"R": role}}, "111122223333")
        assert found["mfa-required"].verdict == expected
        assert found["statement-usable"].verdict == "proved"


@pytest.mark.parametrize("switched", [False, True])
def test_whoever_is_undeclared_in_one_of_two_readings_is_listed(switched: bool) -> None:
    """Results over two deployments that say the same leave out none of the accounts that are to be declared."""
    ours, theirs = Undeclared("accounts", "111122223333"), Undeclared("accounts", "444455556666")
    one = builders.result(verdict="unknown", undeclared=(ours,))
    other = one._replace(undeclared=(theirs, ours))
    given = ([other], [one]) if switched else ([one], [other])
    asked = find("inside-boundary")
    assert isinstance(asked, StatementProperty)
    (merged,) = merge_deployments(asked, *given)
    assert {*merged.undeclared} == {ours, theirs}
    assert len(merged.undeclared) == 2


OF_OWN = {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}
OWN_USERS = {"ArnLike": {"aws:PrincipalArn": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:user/*"}}}
OF_OTHERS = {"StringNotEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}
DENY_ALL_OTHERS: Json = {"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": OF_OTHERS}
OWN_USER = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:user/a"}
OF_ANOTHER = {"StringNotEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}
DENY_ALL_BUT_OWN: Json = {
    "Effect": "Deny",
    "NotPrincipal": {"AWS": [{"Ref": "AWS::AccountId"}, OWN_USER]},
    "Action": "*",
}
NAMED = {"Parameters": {"Named": {"Type": "String", "AllowedValues": ["333344445555", "222233334444"]}}}


@pytest.mark.parametrize(
    ("principal", "condition", "more", "sections"),
    [
        ("222233334444", OF_OWN, [], {}),
        ("arn:aws:iam::222233334444:root", OF_OWN, [], {}),
        ("222233334444", OWN_USERS, [], {}),
        ("222233334444", {}, [DENY_ALL_OTHERS], {}),
        ("222233334444", {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}, [], {}),
        ("222233334444", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::${AWS:resourceAccount}:*"}}, [], {}),
        ("222233334444", {}, [{**DENY_ALL_OTHERS, "Condition": OF_ANOTHER}], {}),
        ("arn:aws:iam::222233334444:user/a", {}, [DENY_ALL_BUT_OWN], {}),
        ({"Ref": "Named"}, OF_OWN, [], NAMED),
    ],
)
def test_the_account_may_be_one_that_is_let_in(
    tmp_path: Path, principal: object, condition: Json, more: list[Json], sections: Json
) -> None:
    """Who is let in if it is of the own account gets in where that is the account that is named; it was proved."""
    allow = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", "Condition": condition}
    document = {"Version": "2012-10-17", "Statement": [allow, *more]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    template: Json = {"Resources": {"R": role}, **sections}
    assert _results(tmp_path, template)["mfa-required"].verdict == "refuted"
    assert _results(tmp_path, template, "111122223333")["mfa-required"].verdict == "proved"
    if condition:
        assert _results(tmp_path, template)["statement-usable"].verdict == "proved"


@pytest.mark.parametrize("vendor", ["464622532012", "127311923021"])
def test_nobody_deploys_to_a_vendor(tmp_path: Path, vendor: str) -> None:
    """What is known to be an account of a vendor, or of AWS, is not the template's own."""
    allow = {"Effect": "Allow", "Principal": {"AWS": vendor}, "Action": "sts:AssumeRole", "Condition": OF_OWN}
    document = {"Version": "2012-10-17", "Statement": [allow]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    assert _results(tmp_path, {"Resources": {"R": role}})["mfa-required"].verdict == "proved"


ACC: Json = {"Acc": {"Type": "String", "Default": "999988887777"}}
MAKES_USERS: Json = {"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"}
DENIES_ALL: Json = {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}


@pytest.mark.parametrize("key", ["aws:ResourceAccount", "aws:PrincipalAccount"])
def test_a_default_that_matters_in_an_account_that_a_condition_names(tmp_path: Path, key: str) -> None:
    """What a user may do is asked at other values in each account too: the default was not named without --account."""
    allow = {**MAKES_USERS, "Condition": {"StringEquals": {key: "111122223333"}}}
    deny = {**DENIES_ALL, "Condition": {"StringNotEquals": {key: {"Ref": "Acc"}}}}
    template = {"Parameters": ACC, **_user(allow, deny)}
    for account in (None, "111122223333"):
        found = _results(tmp_path, template, account)["sensitive-actions-require-mfa"]
        assert (found.verdict, dict(found.at_defaults)) == ("proved", {"Acc": "999988887777"})
    elsewhere = _results(tmp_path, template, "444455556666")["sensitive-actions-require-mfa"]
    assert (elsewhere.verdict, elsewhere.at_defaults) == ("proved", ())


def _long(*denied: Json) -> Json:
    let_in = {"Bool": {"aws:MultiFactorAuthPresent": "true"}, **OF_OWN}
    principal = {"AWS": "111122223333"}
    allow: Json = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": let_in}
    document = {"Version": "2012-10-17", "Statement": [allow, *denied]}
    properties = {"AssumeRolePolicyDocument": document, "MaxSessionDuration": 43200}
    return {"Parameters": ACC, "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}}


def test_how_long_sessions_last_of_an_account_that_is_let_in(tmp_path: Path) -> None:
    """Who may assume a role for long is asked in each account that its trust policy is compared with."""
    assert _results(tmp_path, _long())["session-duration-bounded"].verdict == "refuted"
    assert _results(tmp_path, _long(), "444455556666")["session-duration-bounded"].verdict == "proved"
    others = {"StringNotEquals": {"aws:PrincipalAccount": {"Ref": "Acc"}}}
    deny: Json = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Condition": others}
    found = _results(tmp_path, _long(deny))["session-duration-bounded"]
    assert (found.verdict, dict(found.at_defaults)) == ("proved", {"Acc": "999988887777"})

"""
Roles that an identity policy lets somebody assume.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.properties.applying import applied
from trustproof.aws.partitions import REGIONS
from trustproof.engine import query

OWN = "111122223333"

CASES: list[tuple[object, dict[str, object], str]] = [
    (f"arn:aws:iam::{OWN}:role/deploy", {}, "proved"),
    # What the CDK's pipelines write; the path of a role may hold a colon, and a wildcard still stays in its segment.
    (
        f"arn:*:iam::{OWN}:role/*",
        {"ForAnyValue:StringEquals": {"iam:ResourceTag/aws-cdk:bootstrap-role": "deploy"}},
        "proved",
    ),
    ("arn:aws:iam::*:role/deploy", {}, "refuted"),
    ("arn:aws:iam::*:role/deploy", {"StringEquals": {"aws:ResourceAccount": OWN}}, "proved"),
    # The organization is the caller's, and not that of the role.
    ("arn:aws:iam::*:role/deploy", {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, "refuted"),
    ("arn:aws:iam::*:role/deploy", {"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}, "proved"),
    ("*", {}, "refuted"),
    ("*", {"StringEqualsIfExists": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}, "refuted"),
    ("arn:aws:iam::444455556666:role/deploy", {}, "unknown"),
]


@pytest.mark.parametrize(("resource", "condition", "expected"), CASES)
def test_verdict(resource: object, condition: dict[str, object], expected: str) -> None:
    """The resource, or a condition on whose it is, confines the roles."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource, "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    assert trustproof.prove(policy, "assume-role-scoped", account=OWN).verdict == expected


ADMINISTRATOR = {"Effect": "Allow", "Action": "*", "Resource": "*"}
POWER_USER = {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@pytest.mark.parametrize(
    ("policy", "statement"), [("AdministratorAccess", ADMINISTRATOR), ("PowerUserAccess", POWER_USER)]
)
@pytest.mark.parametrize("kind", ["Role", "User", "Group"])
def test_a_policy_of_aws_is_asked_as_its_text_is(kind: str, policy: str, statement: dict[str, object]) -> None:
    """Whether a policy is attached by its name or written out, it gets the same verdict and severity."""
    document = {"Version": "2012-10-17", "Statement": [statement]}
    trust = {"AssumeRolePolicyDocument": TRUST} if kind == "Role" else {}
    attached = {"ManagedPolicyArns": [f"arn:aws:iam::aws:policy/{policy}"], **trust}
    inline = {"Policies": [{"PolicyName": "p", "PolicyDocument": document}], **trust}
    found = []
    for properties in (attached, inline):
        resource = {"Type": f"AWS::IAM::{kind}", "Properties": properties}
        report = trustproof.check(
            [{"Resources": {"R": resource}}], account=OWN, config={"boundary": {}}, properties=["assume-role-scoped"]
        )
        (one,) = report.results
        found.append((one.verdict, one.severity, one.message))
    assert found[0] == found[1]
    assert found[0][0] == "refuted"


def test_a_deny_beside_a_policy_of_aws_bounds_it() -> None:
    """What is suggested beside a policy of AWS is proved."""
    condition = {"StringNotEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}
    deny = {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*", "Condition": condition}
    document = {"Version": "2012-10-17", "Statement": [deny]}
    properties = {
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/PowerUserAccess"],
        "Policies": [{"PolicyName": "p", "PolicyDocument": document}],
        "AssumeRolePolicyDocument": TRUST,
    }
    template = {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}}
    report = trustproof.check([template], account=OWN, config={"boundary": {}}, properties=["assume-role-scoped"])
    assert {one.verdict for one in report.results} == {"proved"}


DECLARED = {"boundary": {"organizations": ["o-a1b2c3d4e5"]}}
PATHS: list[tuple[str, str, str, str]] = [
    ("Allow", "ForAnyValue:StringLike", "o-a1b2c3d4e5/*", "proved"),
    ("Allow", "ForAnyValue:StringLike", "o-a1b2c3d4e5/r-ab12/*", "proved"),
    ("Allow", "ForAnyValue:StringLike", "o-*", "refuted"),
    ("Allow", "ForAnyValue:StringLike", "*/ou-ab12-11111111/*", "refuted"),
    ("Allow", "ForAnyValue:StringLike", "o-zzzzzzzzzz/*", "refuted"),
    ("Allow", "ForAllValues:StringLike", "o-a1b2c3d4e5/*", "refuted"),
    ("Deny", "ForAllValues:StringNotLike", "o-a1b2c3d4e5/*", "proved"),
    ("Deny", "ForAnyValue:StringNotLike", "o-a1b2c3d4e5/*", "refuted"),
]


@pytest.mark.parametrize(("effect", "operator", "paths", "expected"), PATHS)
def test_paths_of_an_organization(effect: str, operator: str, paths: str, expected: str) -> None:
    """The paths of an organization say whose a role is, as its id does, where the condition needs one of them."""
    condition = {operator: {"aws:ResourceOrgPaths": paths}}
    statements = [{"Effect": effect, "Action": "sts:AssumeRole", "Resource": "*", "Condition": condition}]
    if effect == "Deny":
        statements.insert(0, {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
    policy = {"Version": "2012-10-17", "Statement": statements}
    assert trustproof.prove(policy, "assume-role-scoped", account=OWN, config=DECLARED).verdict == expected


ORGANIZED = {"boundary": {"organizations": ["o-a1b2c3d4e5"]}}
VERSION = "2012-10-17"


@pytest.mark.parametrize("config", [{"boundary": {}}, ORGANIZED])
@pytest.mark.parametrize("version", [None, "2008-10-17", VERSION])
@pytest.mark.parametrize(
    "condition",
    [
        None,
        {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        {"Bool": {"aws:SecureTransport": "true"}, "StringLike": {"aws:ResourceAccount": "*"}},
        {"StringEqualsIfExists": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}},
        {"StringEquals": {"aws:ResourceTag/team": "a"}},
    ],
)
def test_the_remedy_is_applied(condition: object, version: str | None, config: dict[str, object]) -> None:
    """
    Whoever applies the diff has a policy that is proved and can be used, also next to a Condition, and in a document
    that has no policy variables.
    """
    statement: dict[str, object] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    policy: dict[str, object] = {"Statement": [statement]}
    if condition is not None:
        statement["Condition"] = condition
    if version is not None:
        policy["Version"] = version
    found = trustproof.prove(policy, "assume-role-scoped", kind="identity", account=OWN, config=config)
    assert found.verdict == "refuted"
    assert found.remedy is not None
    given = version == VERSION or f'+ "Version": "{VERSION}"' in found.remedy.diff
    assert given or not any("${" in line for line in found.remedy.diff)
    fixed = applied(policy, found)
    for asked in ("assume-role-scoped", "statement-usable"):
        assert trustproof.prove(fixed, asked, kind="identity", account=OWN, config=config).verdict == "proved"


def test_the_remedy_can_be_used() -> None:
    """What is suggested is no statement that nobody can use."""
    condition = {"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    assert trustproof.prove(policy, "statement-usable", kind="identity", account=OWN).verdict == trustproof.PROVED


@pytest.mark.parametrize(("action", "is_words"), [("sts:*", True), ("sts:Assume*", False)])
def test_a_bound_of_roles_takes_no_action_away_that_is_about_none(action: str, is_words: bool) -> None:
    """To sts:GetFederationToken a test of whose a role is says no, so that ``sts:*`` gets words and no diff."""
    policy = {"Version": VERSION, "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}
    found = trustproof.prove(policy, "assume-role-scoped", kind="identity", account=OWN)
    assert found.remedy is not None
    assert bool(found.remedy.edits) is not is_words


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17"])
def test_who_has_accounts_only_bounds_roles_to_these(version: str) -> None:
    """Where nothing but accounts is declared, nobody needs an organization to assume a role of them."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    policy = {"Version": version, "Statement": [statement]}
    config = {"boundary": {"accounts": ["222233334444"]}}
    found = trustproof.prove(policy, "assume-role-scoped", kind="identity", account=OWN, config=config)
    assert found.remedy is not None
    assert "accounts of the boundary" in found.remedy.text
    (statement,) = applied(policy, found)["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:ResourceAccount": [OWN, "222233334444"]}}


@pytest.mark.parametrize(("config", "expected"), [({"boundary": {}}, "refuted"), ({}, "unknown")])
def test_long_list_of_undeclared_accounts_is_decided(config: dict[str, object], expected: str) -> None:
    """As many exact ARNs as a policy has room for, none of them declared: an answer that names one, and no budget."""
    arns = [f"arn:aws:iam::{200_000_000_000 + 7919 * number}:role/OrgReader" for number in range(110)]
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arns}],
    }
    result = trustproof.prove(policy, "assume-role-scoped", account=OWN, config=config)
    assert result.verdict == expected
    assert "200000000000" in result.message


@pytest.mark.parametrize("action", ["*", "*:*", "**"])
def test_every_way_to_allow_everything_is_an_administrator(action: str) -> None:
    """It is a note in words: a condition on roles would take the rest away."""
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}
    found = trustproof.prove(policy, "assume-role-scoped", account="111122223333", kind="identity")
    assert (found.verdict, found.severity) == ("refuted", "note")
    assert found.remedy is not None
    assert found.remedy.edits == ()


@pytest.mark.parametrize(
    ("resources", "severity"),
    [
        (["arn:aws:iam::*:role/Member"], "note"),
        (["arn:aws:iam::*:role/Member", "arn:aws:iam::222222222222:role/*"], "note"),
        (["arn:aws:iam::*:role/Member", {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/*"}], "note"),
        (["arn:aws:iam::*:role/Member", "arn:aws:iam::*:role/*"], "error"),
        (["arn:aws:iam::*:role/Member", "*"], "error"),
    ],
    ids=str,
)
def test_roles_of_an_account_that_is_named_do_not_make_it_worse(resources: list[object], severity: str) -> None:
    """How bad it is depends on the entries that leave the account open."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resources}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document, "Users": ["alice"]}}
    report = trustproof.check([{"Resources": {"P": policy}}], config={}, properties=["assume-role-scoped"])
    found = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert [one.severity for one in found] == [severity]


def test_a_role_that_is_called_by_the_region_is_shown_in_one() -> None:
    """The account of the template is in the place of what may be anything, and no Region is called so."""
    resource = {"Fn::Sub": "arn:aws:iam::*:role/audit-${AWS::Region}"}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource}
    properties = {"PolicyName": "p", "Users": ["u"], "PolicyDocument": {"Statement": [statement]}}
    template = {"Resources": {"P": {"Type": "AWS::IAM::Policy", "Properties": properties}}}
    (found,) = trustproof.check([template], config={}, properties=["assume-role-scoped"]).results
    assert found.counterexample is not None
    assert found.counterexample.parameters["AWS::Region"] in REGIONS


def test_an_account_that_a_pattern_leaves_open_is_not_made_up() -> None:
    """
    Whose the role is says who gives the parameter, also under a condition that keeps out the one text (here the empty
    one) by which it is not given.
    """
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": {"Ref": "Lake"}}
    properties = {"PolicyName": "p", "Users": ["u"], "PolicyDocument": {"Statement": [statement]}}
    template = {
        "Parameters": {"Lake": {"Type": "String", "AllowedPattern": "^(|arn:aws:iam::[0-9]{12}:role/Lake-.*)$"}},
        "Conditions": {"HasLake": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Lake"}, ""]}]}},
        "Resources": {"P": {"Type": "AWS::IAM::Policy", "Condition": "HasLake", "Properties": properties}},
    }
    (found,) = trustproof.check([template], config={}, account=OWN, properties=["assume-role-scoped"]).results
    assert found.reasons == ("give the value of Lake: --parameter Lake=VALUE",)


def test_whoever_has_roles_of_certain_accounts_left_is_not_of_any_account() -> None:
    """A boundary and a Deny say whose the roles are; a change of the policy that all have takes them from nobody."""
    assuming = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    only = "arn:aws:iam::222233334444:role/audit"

    def policy(statement: object, **more: object) -> dict[str, object]:
        text = {"Version": VERSION, "Statement": statement}
        return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": text, **more}}

    ec2 = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    resources: dict[str, object] = {
        "B": policy({**assuming, "Resource": only}),
        "D": policy({**assuming, "Effect": "Deny", "NotResource": only}, Roles=[{"Ref": "R"}]),
        "U": {"Type": "AWS::IAM::User", "Properties": {"PermissionsBoundary": {"Ref": "B"}}},
        "R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": ec2}}},
        "G": {"Type": "AWS::IAM::Group"},
    }
    held = {"Users": [{"Ref": "U"}], "Roles": [{"Ref": "R"}]}
    for more, verdict in (({}, "unknown"), ({"Groups": [{"Ref": "G"}]}, "refuted")):
        template = {"Resources": {**resources, "P": policy({**assuming, "Resource": "*"}, **held, **more)}}
        report = trustproof.check([template], account=OWN, config={})
        (found,) = (one for one in report.results if one.property == "assume-role-scoped" and one.verdict != "proved")
        assert found.verdict == verdict
        if verdict == "unknown":
            assert [one.ident for one in found.undeclared] == ["222233334444"]
        else:
            assert found.holders == ("group G",)
            assert found.remedy is not None
            assert found.remedy.edits == ()
            assert "leave user U and role R the accounts" in found.remedy.text


@pytest.mark.parametrize(("others", "severity"), [((), "note"), (("bob",), "error")])
def test_what_an_administrator_may_do_besides_is_one_note(others: tuple[str, ...], severity: str) -> None:
    """Beside PowerUserAccess a statement for sts:AssumeRole does not matter, unless somebody else has it too."""
    text = {
        "Version": VERSION,
        "Statement": {"Effect": "Allow", "Action": ["sts:AssumeRole", "iam:PassRole"], "Resource": "*"},
    }
    powerful = {"UserName": "ann", "ManagedPolicyArns": ["arn:aws:iam::aws:policy/PowerUserAccess"]}
    users: dict[str, object] = {"Ann": {"Type": "AWS::IAM::User", "Properties": powerful}}
    for name in others:
        users[name.title()] = {"Type": "AWS::IAM::User", "Properties": {"UserName": name}}
    policy = {"PolicyName": "p", "PolicyDocument": text, "Users": [{"Ref": name} for name in users]}
    template = {"Resources": {**users, "P": {"Type": "AWS::IAM::Policy", "Properties": policy}}}
    report = trustproof.check([template], account=OWN, config={})
    found = [one for one in report.results if one.property == "assume-role-scoped" and one.logical_id == "P"]
    assert [one.severity for one in found] == [severity]


def test_what_bounds_whoever_has_a_policy_is_searched_once_for_all_accounts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Deny of roles outside the organization, in each account of a company, is the work of one."""
    asked: list[object] = []
    ask = query.ask

    def counted(*arguments: Any, **named: Any) -> object:
        asked.append(arguments)
        return ask(*arguments, **named)

    monkeypatch.setattr(query, "ask", counted)
    outside = {"StringNotEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}
    statements = [
        {"Effect": "Allow", "Action": "sts:Assume*", "Resource": "*"},
        {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*", "Condition": outside},
    ]
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice", "Policies": [policy]}}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"User": user}}))
    accounts = [f"20000000000{number}" for number in range(3)]
    config = {"boundary": {"accounts": accounts, "organizations": ["o-a1b2c3d4e5"]}}
    work: list[int] = []
    for account in accounts:
        before = len(asked)
        report = trustproof.check([tmp_path], config=config, account=account, properties=["assume-role-scoped"])
        assert [one.verdict for one in report.results] == ["proved"]
        work.append(len(asked) - before)
    assert work[0] > 0
    assert work[1:] == [0, 0]

"""
A remedy for a statement that nobody can use: whoever applies it has not let in whom another property keeps out.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.properties.applying import applied, opened

Json = dict[str, object]
OWN, OTHER, VENDOR, ORGANIZATION = "111122223333", "222233334444", "444455556666", "o-a1b2c3d4e5"
CONFIG: Json = {
    "boundary": {"organizations": [ORGANIZATION]},
    "third-party": [{"name": "vendor", "accounts": [VENDOR]}],
}
KNOWN: Json = {"account": OWN, "config": CONFIG}
GITHUB = "token.actions.githubusercontent.com"
OIDC: Json = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}"}
IDP: Json = {"Federated": f"arn:aws:iam::{OWN}:saml-provider/idp"}
SCHEDULER: Json = {"Service": "scheduler.amazonaws.com"}
ROLE: Json = {"AWS": f"arn:aws:iam::{OWN}:role/app"}
ANYONE, US, THEM = {"AWS": "*"}, {"AWS": OWN}, {"AWS": VENDOR}
MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
FOR_US: Json = {"StringEquals": {"aws:SourceAccount": OWN}}
LASTING: Json = {"NumericLessThan": {"sts:DurationSeconds": "3600"}}
BEGUN: Json = {"StringLike": {f"{GITHUB}:sub": "repo:acme*"}}
WITH_TOKEN, WITH_SAML = "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"


def allow(principal: Json, condition: Json | None = None, action: str = "sts:AssumeRole") -> Json:
    """An Allow statement of a trust policy."""
    more = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


#: A statement that nobody can use, and what the remedy says last.
CASES: list[tuple[str, Json, str]] = [
    (
        "the account of a source, of anybody",
        allow(ANYONE, FOR_US),
        (
            "test aws:PrincipalAccount, which this kind of caller has, instead of aws:SourceAccount; and allow "
            "only requests that were authenticated with MFA"
        ),
    ),
    (
        "the organization of a source, of anybody",
        allow(ANYONE, {"StringEquals": {"aws:SourceOrgID": ORGANIZATION}, **MFA}),
        "test aws:PrincipalOrgID, which this kind of caller has, instead of aws:SourceOrgID",
    ),
    (
        "the ARN of a source, of anybody",
        allow(ANYONE, {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{OWN}"}}),
        (
            "test a key that this kind of caller sends instead of aws:SourceArn, or take it out; and allow only "
            "requests that were authenticated with MFA; and name the account, or test the organization"
        ),
    ),
    (
        "the organization of a service",
        allow({"Service": "config.amazonaws.com"}, {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}),
        "test aws:SourceOrgID, by which a service says for whom it calls, instead of aws:PrincipalOrgID",
    ),
    (
        "MFA of a service",
        allow(SCHEDULER, MFA),
        (
            "remove the MFA condition here, and ask for MFA where a person signs in; and say for whom the service may "
            "call, with aws:SourceAccount"
        ),
    ),
    (
        "the action of a federated user, of a service",
        allow(SCHEDULER, None, WITH_SAML),
        (
            "allow sts:AssumeRole, which is what this principal calls; and say for whom the service may call, with "
            "aws:SourceAccount"
        ),
    ),
    (
        "the duration, of an account",
        allow(US, LASTING),
        (
            "take it out; MaxSessionDuration of the role bounds its sessions; and allow only requests that were "
            "authenticated with MFA"
        ),
    ),
    (
        "MFA and the account of a source, of a role",
        allow(ROLE, {**MFA, **FOR_US}),
        (
            "remove the MFA condition here, and ask for MFA where a person signs in; and test "
            "aws:PrincipalAccount, which this kind of caller has, instead of aws:SourceAccount"
        ),
    ),
    (
        "MFA of a token",
        allow(OIDC, {**MFA, **BEGUN}, WITH_TOKEN),
        "remove the MFA condition here, and ask for MFA where a person signs in; and name the tenant in full",
    ),
    (
        "the action of a role, of a token",
        allow(OIDC, BEGUN),
        "allow sts:AssumeRoleWithWebIdentity, which is what this principal calls; and name the tenant in full",
    ),
    (
        "MFA of an assertion",
        allow(IDP, MFA, WITH_SAML),
        (
            "remove the MFA condition here, and ask for MFA where a person signs in; and admit only assertions "
            "that were made out to AWS"
        ),
    ),
    ("MFA of a role", allow(ROLE, MFA), "remove the MFA condition here, and ask for MFA where a person signs in"),
]


@pytest.mark.parametrize(("statement", "text"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_a_remedy_opens_nothing(statement: Json, text: str) -> None:
    """Applied, it makes the statement usable, and what was proved of the policy still is."""
    written: Json = {"Version": "2012-10-17", "Statement": [statement]}
    found = trustproof.prove(written, "statement-usable", **KNOWN)  # type: ignore[arg-type]
    assert found.remedy is not None
    assert found.remedy.text == text
    fixed = applied(written, found)
    assert trustproof.prove(fixed, "statement-usable", **KNOWN).verdict == "proved"  # type: ignore[arg-type]
    assert opened(written, fixed, **KNOWN) == []


def test_a_property_that_is_off() -> None:
    """What a project does not ask for, a remedy does not ask for either."""
    written: Json = {"Version": "2012-10-17", "Statement": [allow(US, LASTING)]}
    config: Json = {"properties": {"mfa-required": {"severity": "off"}}}
    found = trustproof.prove(written, "statement-usable", account=OWN, config=config)
    assert found.remedy is not None
    assert found.remedy.diff == ('- "Condition": {"NumericLessThan": {"sts:DurationSeconds": "3600"}}',)


@pytest.mark.parametrize(
    "statement",
    [allow({"AWS": "999988887777"}, {**LASTING, **MFA}), allow(THEM, LASTING)],
    ids=["a stranger", "a vendor, whose external id nobody has written"],
)
def test_no_diff_where_none_is_found(statement: Json) -> None:
    """A remedy that would open something, and of which nothing is known that holds it, is no diff."""
    written: Json = {"Version": "2012-10-17", "Statement": [statement]}
    found = trustproof.prove(written, "statement-usable", **KNOWN)  # type: ignore[arg-type]
    text = "take it out; MaxSessionDuration of the role bounds its sessions; what is left must let in nobody else"
    assert found.remedy == trustproof.Remedy(text)


def test_in_a_template(tmp_path: Path) -> None:
    """Where a part of the policy is known at deployment only, a remedy is tried out all the same."""
    statement = allow({"AWS": {"Ref": "Who"}}, {"StringEquals": {"aws:PrincipalTag/team": {"Ref": "Id"}}, **LASTING})
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {
        "Parameters": {"Who": {"Type": "String", "AllowedValues": [OWN]}, "Id": {"Type": "String"}},
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}},
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    found, *_ = trustproof.check([str(path)], account=OWN, properties=["statement-usable"]).results
    assert found.remedy is not None
    assert found.remedy.diff == (
        '- "NumericLessThan": {"sts:DurationSeconds": "3600"}',
        '+ "Bool": {"aws:MultiFactorAuthPresent": "true"}',
    )


def test_of_an_identity_policy(tmp_path: Path) -> None:
    """A remedy for what a user may do asks for MFA where an action is sensitive."""
    condition = {"StringEquals": {"aws:RequestedRegions": "us-east-1"}}
    statement = {"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*", "Condition": condition}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {"Resources": {"User": {"Type": "AWS::IAM::User", "Properties": {"Policies": [policy]}}}}
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    (found,) = trustproof.check([str(path)], account=OWN, properties=["statement-usable"]).results
    assert found.remedy is not None
    assert found.remedy.diff == (
        '- "StringEquals": {"aws:RequestedRegions": "us-east-1"}',
        '+ "StringEquals": {"aws:RequestedRegion": "us-east-1"}',
        '+ "Bool": {"aws:MultiFactorAuthPresent": "true"}',
    )


@pytest.mark.parametrize(
    ("trust", "is_shown"), [(allow(US, MFA), True), (allow(ROLE), True), (allow(SCHEDULER), True), (allow(US), False)]
)
def test_of_a_role_that_people_enter_without_mfa(trust: Json, is_shown: bool) -> None:
    """The demand in its permissions does not go before there is one in its trust policy."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": MFA}
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}],
    }
    template = {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}}
    report = trustproof.check([template], **KNOWN, properties=["statement-usable"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    assert bool(found.remedy.edits) is is_shown
    assert ("in the trust policy of Role" in found.remedy.text) is not is_shown


@pytest.mark.parametrize(
    ("test", "is_diff"),
    [
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, True),
        # It keeps out roles and programs, whose requests have no such key; a Deny of users in its place would not.
        ({"Null": {"aws:MultiFactorAuthPresent": "true"}}, False),
    ],
)
def test_of_a_deny_of_requests_without_the_key(test: Json, is_diff: bool) -> None:
    """A Deny that holds without MFA and without the key stays, and users are denied beside it."""
    deny = {"Effect": "Deny", "Principal": ANYONE, "Action": "sts:AssumeRole", "Condition": test}
    policy = {"Version": "2012-10-17", "Statement": [allow(US), deny]}
    found = trustproof.prove(policy, "mfa-required", **KNOWN)  # type: ignore[arg-type]
    assert found.remedy is not None
    assert bool(found.remedy.diff) is is_diff
    assert ("keep this Deny" in found.remedy.text) is not is_diff

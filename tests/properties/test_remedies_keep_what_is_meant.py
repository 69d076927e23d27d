"""
A remedy leaves what somebody has written on purpose: the own user with a path, good values of a list, a Deny.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import trustproof
from tests.laws.remedying import edited
from trustproof import Result
from trustproof.inputs.policy_json import parse_policy
from trustproof.model.document import IDENTITY, TRUST
from trustproof.model.request import ROLE_SESSION, USER_KEY, Caller, Request
from trustproof.spec.decision import decide

Json = dict[str, Any]
OWN = "111122223333"
ROOT = f"arn:aws:iam::{OWN}:root"
MFA = "aws:MultiFactorAuthPresent"


def role(*statements: Json, **sections: Json) -> Json:
    """A template with one role that these statements let in."""
    trust = {"Version": "2012-10-17", "Statement": list(statements)}
    return {
        **sections,
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}},
    }


def refuted(template: Json, ident: str, config: Json | None = None) -> list[Result]:
    """The refutations of a property."""
    report = trustproof.check([template], config=config or {}, account=OWN)
    assert not report.errors
    return [r for r in report.results if r.verdict == trustproof.REFUTED and r.property == ident]


def remedied(template: Json, found: Result) -> Json:
    """The template with the remedy of a finding."""
    assert found.remedy is not None
    assert found.remedy.edits
    return edited(template, found.remedy.edits)


@pytest.mark.parametrize("path", ["/", "/eng/", "/eng/west/"])
def test_a_user_with_a_path_still_enrols_a_device(path: str) -> None:
    """The Deny that is for other users spares the own one, whatever its path is."""
    deny = {
        "Effect": "Deny",
        "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"],
        "Resource": "*",
        "Condition": {"BoolIfExists": {MFA: "false"}},
    }
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow, deny]}}
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "bg1", "Path": path, "Policies": [policy]}}
    template = {"Resources": {"U": user}}
    (found,) = refuted(template, "sensitive-actions-require-mfa")
    after = remedied(template, found)
    assert not refuted(after, "sensitive-actions-require-mfa")
    own = f"arn:aws:iam::{OWN}:user{path}bg1"
    statements = after["Resources"]["U"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    policy_after = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": statements}), kind=IDENTITY)
    caller = Caller(USER_KEY, own)
    names = {"aws:username": "bg1"}
    assert decide(policy_after, Request(caller, "iam:EnableMFADevice", own, names)).allowed
    other = f"arn:aws:iam::{OWN}:user/bob"
    assert not decide(policy_after, Request(caller, "iam:EnableMFADevice", other, names)).allowed


@pytest.mark.parametrize("effect", [{"Ref": "E"}, {"Fn::If": ["Opens", "Allow", "Deny"]}])
def test_a_statement_that_denies_elsewhere_is_not_changed(effect: Json) -> None:
    """Where the template decides whether a statement allows, there is no diff: it would open the Deny."""
    template = role(
        {
            "Effect": effect,
            "Principal": {"AWS": ROOT},
            "Action": "sts:AssumeRole",
            "Condition": {"BoolIfExists": {MFA: "false"}},
        },
        Parameters={"E": {"Type": "String", "AllowedValues": ["Deny", "Allow"], "Default": "Deny"}},
        Conditions={"Opens": {"Fn::Equals": [{"Ref": "E"}, "Allow"]}},
    )
    (found,) = refuted(template, "mfa-required")
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "write a statement for each" in found.remedy.text


GITHUB = "token.actions.githubusercontent.com"
SUBJECT = f"{GITHUB}:sub"
AUDIENCE = "SAML:aud"
EAST, WEST = (f"https://{region}.signin.aws.amazon.com/saml" for region in ("us-east-1", "eu-west-1"))
ELSEWHERE = "https://app.example.com/saml"
PLACEHOLDER = "repo:ORGANIZATION/REPOSITORY:ref:refs/heads/main"


@pytest.mark.parametrize(
    ("ident", "condition", "after"),
    [
        (
            "web-identity-bound",
            {"StringLike": {SUBJECT: ["repo:our/a:*", "repo:our/b:environment:prod", "repo:our*/d:*"]}},
            {"StringLike": {SUBJECT: ["repo:our/a:*", "repo:our/b:environment:prod", PLACEHOLDER]}},
        ),
        (
            "web-identity-bound",
            {"ForAllValues:StringLike": {SUBJECT: ["repo:our/*"]}},
            {"StringLike": {SUBJECT: ["repo:our/*"]}},
        ),
        (
            "web-identity-bound",
            {"StringLikeIfExists": {SUBJECT: ["repo:our/a:*", "repo:our*"]}},
            {"StringLike": {SUBJECT: ["repo:our/a:*", PLACEHOLDER]}},
        ),
        (
            "web-identity-bound",
            {"StringLike": {SUBJECT: ["*:ref:refs/heads/main"]}},
            {"StringLike": {SUBJECT: [PLACEHOLDER]}},
        ),
        (
            "saml-audience-bound",
            {"StringEqualsIfExists": {AUDIENCE: [EAST, WEST]}},
            {"StringEquals": {AUDIENCE: [EAST, WEST]}},
        ),
        (
            "saml-audience-bound",
            {"StringEquals": {AUDIENCE: [EAST, ELSEWHERE]}},
            {"StringEquals": {AUDIENCE: [EAST]}},
        ),
        (
            "saml-audience-bound",
            {"StringEqualsIfExists": {AUDIENCE: [EAST, ELSEWHERE]}},
            {"StringEquals": {AUDIENCE: [EAST]}},
        ),
        (
            "saml-audience-bound",
            {"StringEquals": {AUDIENCE: [ELSEWHERE]}},
            {"StringEquals": {AUDIENCE: ["https://signin.aws.amazon.com/saml"]}},
        ),
    ],
)
def test_good_values_of_a_list_are_left(ident: str, condition: Json, after: Json) -> None:
    """Of the values of a condition, those stay that name whom they should, and the operator but for its end."""
    template = _federated(ident, condition)
    (found,) = refuted(template, ident)
    changed = remedied(template, found)
    statement = changed["Resources"]["R"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert statement["Condition"] == after
    assert not refuted(changed, ident)


def _federated(ident: str, condition: Json) -> Json:
    saml = ident == "saml-audience-bound"
    provider = "saml-provider/idp" if saml else f"oidc-provider/{GITHUB}"
    return role(
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{OWN}:{provider}"},
            "Action": "sts:AssumeRoleWithSAML" if saml else "sts:AssumeRoleWithWebIdentity",
            "Condition": condition,
        }
    )


def test_endpoints_of_regions_are_not_replaced_by_another() -> None:
    """A pattern for the endpoints of Regions is to be written out, in words, and is a warning."""
    template = _federated("saml-audience-bound", {"StringLike": {AUDIENCE: ["https://*.signin.aws.amazon.com/saml"]}})
    (found,) = refuted(template, "saml-audience-bound")
    assert found.severity == "warning"
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "name each endpoint in full" in found.remedy.text


@pytest.mark.parametrize(
    "condition",
    [{"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}, {"Bool": {MFA: "false"}}],
)
def test_a_deny_that_asks_for_mfa_is_for_users(condition: Json) -> None:
    """Roles never carry MFA and a Deny of everybody reaches a role that is named too, so it is for users only."""
    everybody = {"AWS": "*"}
    template = role(
        {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "Principal": everybody, "Action": "sts:AssumeRole", "Condition": condition},
    )
    (found,) = refuted(template, "mfa-required")
    after = remedied(template, found)
    assert not refuted(after, "mfa-required")
    policy = after["Resources"]["R"]["Properties"]["AssumeRolePolicyDocument"]
    arn = f"arn:aws:iam::{OWN}:role/ci"
    request = Request(Caller(ROLE_SESSION, arn, "s"), "sts:AssumeRole", "*", {"aws:principalarn": arn})
    assert decide(parse_policy(json.dumps(policy), kind=TRUST), request).allowed


def test_roles_that_a_statement_names_are_not_asked_for_mfa() -> None:
    """A statement that says which users and which roles may call is to be split, in words."""
    named = [f"arn:aws:iam::{OWN}:user/*", f"arn:aws:iam::{OWN}:role/aws-reserved/sso.amazonaws.com/*"]
    template = role(
        {
            "Effect": "Allow",
            "Principal": {"AWS": ROOT},
            "Action": "sts:AssumeRole",
            "Condition": {"ArnLike": {"aws:PrincipalArn": named}},
        }
    )
    (found,) = refuted(template, "mfa-required")
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "a statement each" in found.remedy.text

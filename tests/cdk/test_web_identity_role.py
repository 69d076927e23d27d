"""
`WebIdentityRole`: the documents it writes, what it refuses, and issuers that only a deployment knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from tests.cdk.federated import ACCOUNT, ISSUER, lets_token_in, provider
from tests.cdk.policies import concrete
from trustproof_cdk import GitHubActionsRole, WebIdentityRole

Resources = Callable[[str], list[dict[str, Any]]]

PINNED: dict[str, Any] = {"issuer": ISSUER, "audiences": ["aws"], "subjects": ["job:1"]}


def test_document_pins_audience_and_subject(stack: cdk.Stack) -> None:
    """Plain equality of both, of the provider in the account of the stack."""
    role = WebIdentityRole(stack, "Role", **PINNED)
    assert concrete(role.trust_policy) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": provider(ISSUER)},
                "Condition": {"StringEquals": {f"{ISSUER}:aud": "aws", f"{ISSUER}:sub": "job:1"}},
            }
        ],
    }


CONDITIONS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    # arguments beside issuer and audience, conditions beside the audience
    ({"subjects": ["a", "b"]}, {"StringEquals": {"sub": ["a", "b"]}}),
    ({"subject_patterns": ["job:*"]}, {"StringLike": {"sub": "job:*"}}),
    ({"subjects": ["a"], "subject_patterns": ["job:?"]}, {"StringLike": {"sub": ["a", "job:?"]}}),
    (
        {"subjects": ["a"], "claims": {"email": "x@example.com", "amr": ["mfa", "pwd"]}},
        {"StringEquals": {"sub": "a", "email": "x@example.com"}, "ForAnyValue:StringEquals": {"amr": ["mfa", "pwd"]}},
    ),
    (
        {"subjects": ["a", "b"], "conditions": {"StringEquals": {f"{ISSUER}:sub": ["b", "c"]}}},
        {"StringEquals": {"sub": "b"}},
    ),
]


@pytest.mark.parametrize(("arguments", "conditions"), CONDITIONS)
def test_conditions_are(stack: cdk.Stack, arguments: dict[str, Any], conditions: dict[str, Any]) -> None:
    """Wildcards only where they were asked for, set operators only for lists, and what is added narrows."""
    role = WebIdentityRole(stack, "Role", issuer=ISSUER, audiences=["aws"], **arguments)
    wanted = {
        operator: {f"{ISSUER}:{key}": value for key, value in keys.items()} for operator, keys in conditions.items()
    }
    wanted.setdefault("StringEquals", {})[f"{ISSUER}:aud"] = "aws"
    (statement,) = role.trust_policy["Statement"]
    assert statement["Condition"] == wanted


def test_session_tags_need_an_action_of_their_own(stack: cdk.Stack) -> None:
    """A token with session tags is refused as a whole unless they may be set."""
    role = WebIdentityRole(stack, "Role", **PINNED, session_tags={"team": ["red"]})
    (statement,) = role.trust_policy["Statement"]
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
    assert statement["Condition"]["StringEquals"]["aws:RequestTag/team"] == "red"


@pytest.mark.parametrize(
    "given",
    [
        {"issuer": f"https://{ISSUER}"},
        {"provider": provider(ISSUER)},
        {"issuer": ISSUER, "provider": provider(ISSUER)},
        {"provider": f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:oidc-provider/{ISSUER}"},
    ],
)
def test_issuer_and_provider_say_the_same(stack: cdk.Stack, given: dict[str, Any]) -> None:
    """The provider can be given by URL or by ARN, and the end of an ARN says the issuer."""
    role = WebIdentityRole(stack, "Role", **given, audiences=["aws"], subjects=["job:1"])
    assert concrete(role.trust_policy)["Statement"][0]["Principal"] == {"Federated": provider(ISSUER)}
    assert lets_token_in(role.trust_policy, provider(ISSUER), {"aud": "aws", "sub": "job:1"})


def test_provider_of_the_app_is_trusted_by_reference(stack: cdk.Stack) -> None:
    """The role is made after the provider, and the literal issuer names the claims."""
    found = iam.OidcProviderNative(stack, "Provider", url=f"https://{ISSUER}")
    role = WebIdentityRole(stack, "Role", **PINNED, provider=found)
    (statement,) = role.trust_policy["Statement"]
    assert statement["Principal"] == {"Federated": stack.resolve(found.oidc_provider_arn)}
    assert f"{ISSUER}:sub" in statement["Condition"]["StringEquals"]


@pytest.mark.parametrize(
    ("claims", "gets_in"),
    [
        ({"aud": "aws", "sub": "job:1"}, True),
        ({"aud": "aws", "sub": "job:2"}, False),
        ({"aud": "other", "sub": "job:1"}, False),
        ({"aud": "aws"}, False),
        ({"sub": "job:1"}, False),
        ({}, False),
    ],
)
def test_token_gets_in_only_with_both_claims(stack: cdk.Stack, claims: dict[str, str], gets_in: bool) -> None:
    """A claim that is missing is as good as a wrong one."""
    role = WebIdentityRole(stack, "Role", **PINNED)
    assert lets_token_in(role.trust_policy, provider(ISSUER), claims) is gets_in


def test_token_of_another_issuer_does_not_get_in(stack: cdk.Stack) -> None:
    """The claims are those of one issuer."""
    role = WebIdentityRole(stack, "Role", **PINNED)
    assert not lets_token_in(role.trust_policy, provider("evil.example.com"), {"aud": "aws", "sub": "job:1"})


REFUSED: list[tuple[dict[str, Any], str]] = [
    # arguments, part of the message
    ({"issuer": None}, "issuer or provider must be given, got neither"),
    ({"issuer": "https://login.microsoftonline.com/common/v2.0"}, "their iss, with the id of the tenant, got"),
    ({"issuer": "https://oidc.circleci.com"}, "with the id of the organization, after '/org/'"),
    ({"subjects": ["job:nightly "]}, "subjects cannot begin or end with a blank"),
    ({"audiences": [" aws"]}, "audiences cannot begin or end with a blank"),
    ({"issuer": "http://idp.example.com"}, "issuer must be the URL of an OpenID Connect provider like"),
    ({"issuer": "idp.example.com:8443"}, "issuer must be the URL of an OpenID Connect provider like"),
    (
        {"provider": provider("other.example.com")},
        "got a provider of 'other.example.com'; where that is meant, give issuer='other.example.com'",
    ),
    ({"provider": "arn:aws:iam::1:oidc-provider/x"}, "provider must be the ARN of a provider like"),
    ({"issuer": "accounts.google.com"}, "IAM knows without a provider: use GoogleRole"),
    ({"issuer": "cognito-identity.amazonaws.com"}, "IAM knows without a provider: use CognitoIdentityPoolRole"),
    ({"subjects": None}, "subjects or subject_patterns must have at least one entry, got none"),
    ({"subjects": []}, "subjects must have at least one entry, got none"),
    (
        {"subjects": ["*"]},
        "subjects must be 1 to 256 characters of ASCII without wildcards and policy variables, got '*'",
    ),
    ({"subjects": ["${aws:userid}"]}, "without wildcards and policy variables, got '${aws:userid}'"),
    ({"subject_patterns": ["*"]}, "subject_patterns must be literal text with a wildcard (* or ?) somewhere after"),
    ({"subject_patterns": ["*:prod"]}, "somewhere after its beginning, got '*:prod'"),
    ({"subject_patterns": ["job:1"]}, "somewhere after its beginning, got 'job:1'"),
    ({"audiences": []}, "audiences must have at least one entry, got none"),
    ({"audiences": ["aws*"]}, "audiences must be 1 to 256 characters of ASCII without wildcards"),
    ({"claims": {"sub": "a"}}, "claims cannot have 'sub', which has an argument of its own: audiences or subjects"),
    ({"claims": {"em ail": "a"}}, "claims must be the name of a claim like 'email', got 'em ail'"),
    ({"claims": {"email": "*"}}, "claims['email'] must be 1 to 256 characters of ASCII without wildcards"),
    (
        {"conditions": {"ForAllValues:StringLike": {f"{ISSUER}:groups": "ops"}}},
        f"conditions cannot test {ISSUER}:groups with ForAllValues:StringLike, which is true of everybody without it",
    ),
    (
        {"conditions": {"StringEqualsIfExists": {f"{ISSUER.upper()}:email": "a"}}},
        "with StringEqualsIfExists, which is true of everybody without it",
    ),
    (
        {"conditions": {"StringEquals": {f"{ISSUER}:sub": "job:2"}}},
        f"StringEquals {ISSUER}:sub cannot be both 'job:1' and 'job:2': no value satisfies both",
    ),
    ({"role_name": "my role"}, "role_name must be 1 to 64 letters"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_constructor_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """A bad argument fails where it is given, and the message shows it."""
    with pytest.raises(ValueError, match=re.escape(message)):
        WebIdentityRole(stack, "Role", **{**PINNED, **arguments})


def test_provider_must_be_one(stack: cdk.Stack) -> None:
    """An object that has no ARN of a provider is none."""
    with pytest.raises(TypeError, match="provider must be an ARN, an IOidcProvider or an IOpenIdConnectProvider, got"):
        WebIdentityRole(stack, "Role", **PINNED, provider=stack)  # type: ignore[arg-type]


def test_provider_may_be_the_resource_itself(stack: cdk.Stack) -> None:
    """Of an app that makes its providers by their type."""
    plain = iam.CfnOIDCProvider(stack, "Plain", url=f"https://{ISSUER}", client_id_list=["sts.amazonaws.com"])
    role = WebIdentityRole(stack, "Role", **PINNED, provider=plain)
    assert role.trust_policy["Statement"][0]["Principal"] == {"Federated": stack.resolve(plain.attr_arn)}


SHARED = [
    # issuer, pattern that stays with one customer, patterns that do not
    (
        "token.actions.githubusercontent.com",
        "repo:acme/shop*:ref:refs/heads/main",
        ["repo:*", "repo:acme*", "repo:ac?e/x"],
    ),
    ("token.actions.githubusercontent.com/acme", "repo:acme/*", ["repo:acme*"]),
    ("gitlab.com", "project_path:acme/*:ref_type:branch:ref:main", ["project_path:acme*", "project_path:*/shop:x"]),
    ("app.terraform.io", "organization:acme:*", ["organization:acme*", "organization:*:project:x"]),
    ("agent.buildkite.com", "organization:acme:pipeline:*", ["organization:acme*"]),
]


@pytest.mark.parametrize(("issuer", "inside", "outside"), SHARED)
def test_wildcards_stay_with_one_customer(stack: cdk.Stack, issuer: str, inside: str, outside: list[str]) -> None:
    """Where everybody gets tokens, the customer stands in the pattern before the first wildcard."""
    WebIdentityRole(stack, "Inside", issuer=issuer, audiences=["aws"], subject_patterns=[inside])
    for number, pattern in enumerate(outside):
        with pytest.raises(ValueError, match="issues tokens to everybody, got"):
            WebIdentityRole(stack, f"Outside{number}", issuer=issuer, audiences=["aws"], subject_patterns=[pattern])


def test_issuer_known_in_a_deployment_stands_in_condition_keys(stack: cdk.Stack, resources: Resources) -> None:
    """The template has the trust policy as JSON text, with references where the issuer belongs."""
    issuer = cdk.CfnParameter(stack, "Issuer").value_as_string
    role = WebIdentityRole(stack, "Role", issuer=issuer, audiences=["aws"], subjects=["job:1"])
    assert role.trust_policy["Statement"][0]["Condition"]["StringEquals"] == {
        "${Issuer}:aud": "aws",
        "${Issuer}:sub": "job:1",
    }
    (properties,) = resources("AWS::IAM::Role")
    parts = properties["AssumeRolePolicyDocument"]["Fn::Join"][1]
    for given in (ISSUER, f"https://{ISSUER}"):
        known = json.loads(json.dumps(parts).replace('{"Ref": "Issuer"}', json.dumps(given)))
        (statement,) = json.loads(concrete({"Fn::Join": ["", known]}))["Statement"]
        assert statement["Principal"] == {"Federated": provider(ISSUER)}
        assert statement["Condition"] == {"StringEquals": {f"{ISSUER}:aud": "aws", f"{ISSUER}:sub": "job:1"}}


def test_conditions_and_later_statements_reach_the_text(stack: cdk.Stack, resources: Resources) -> None:
    """Conditions may name claims of the unknown issuer, and the text is written when everything is there."""
    found = iam.OidcProviderNative(stack, "Provider", url=f"https://{ISSUER}", client_ids=["aws"])
    claim = f"{found.oidc_provider_issuer}:email"
    role = WebIdentityRole(
        stack,
        "Role",
        provider=found,
        audiences=["aws"],
        subjects=["job:1"],
        conditions={"StringEquals": {claim: "x@example.com"}},
    )
    assert role.assume_role_policy is not None
    role.assume_role_policy.add_statements(
        iam.PolicyStatement(effect=iam.Effect.DENY, actions=["sts:*"], principals=[iam.StarPrincipal()], sid="Later")
    )
    (properties,) = resources("AWS::IAM::Role")
    text = "".join(part for part in properties["AssumeRolePolicyDocument"]["Fn::Join"][1] if isinstance(part, str))
    assert ':email":"x@example.com"' in text
    assert '"Sid":"Later"' in text
    assert "${Issuer}" not in text


def test_tokens_pass(stack: cdk.Stack) -> None:
    """Audiences and subjects may be known only in a deployment."""
    subject = cdk.CfnParameter(stack, "Subject").value_as_string
    role = WebIdentityRole(stack, "Role", issuer=ISSUER, audiences=[cdk.Aws.STACK_NAME], subjects=[subject])
    (statement,) = role.trust_policy["Statement"]
    assert statement["Condition"]["StringEquals"] == {
        f"{ISSUER}:aud": {"Ref": "AWS::StackName"},
        f"{ISSUER}:sub": {"Ref": "Subject"},
    }


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_providers_of_all_partitions(stack: cdk.Stack, partition: str) -> None:
    """The ARN says the partition."""
    arn = f"arn:{partition}:iam::{ACCOUNT}:oidc-provider/{ISSUER}"
    role = WebIdentityRole(stack, "Role", **PINNED, provider=arn)
    assert role.trust_policy["Statement"][0]["Principal"] == {"Federated": arn}


def test_works_in_stages_and_nested_stacks(app: cdk.App) -> None:
    """Where the construct stands makes no difference, whether the issuer is known or not."""
    for scope in (cdk.Stack(cdk.Stage(app, "Prod"), "Access"), cdk.NestedStack(cdk.Stack(app, "Parent"), "Nested")):
        WebIdentityRole(scope, "Known", **PINNED)
        issuer = cdk.CfnParameter(scope, "Issuer", default="x.example.com").value_as_string
        WebIdentityRole(scope, "Unknown", issuer=issuer, audiences=["aws"], subjects=["job:1"])
    app.synth()


ENTRA = "https://sts.windows.net/8f1d4c0e-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("url", "issuer"), [(f"{ENTRA}/", ENTRA), (ENTRA, f"{ENTRA}/"), (ENTRA, "https://idp.example.com")]
)
def test_the_issuer_is_that_of_the_provider(url: str, issuer: str) -> None:
    """IAM keeps the slash at the end of an issuer, as its tokens have it: with another one nobody gets in."""
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "S")
    provider = iam.OidcProviderNative(stack, "P", url=url, client_ids=["api://AWS"])
    with pytest.raises(ValueError, match=r"that of the issuer of the role, .*, got S/P/Resource of") as raised:
        WebIdentityRole(stack, "R", provider=provider, issuer=issuer, audiences=["api://AWS"], subjects=["abc"])
    assert ("the slash at the end counts" in str(raised.value)) == ("idp" not in issuer)
    WebIdentityRole(stack, "Right", provider=provider, issuer=url, audiences=["api://AWS"], subjects=["abc"])


def test_the_arn_of_a_provider_has_the_slash_too(stack: cdk.Stack) -> None:
    """Nobody wrote the issuer, so the message speaks of the provider, and of what differs."""
    arn = provider("token.actions.githubusercontent.com/")
    with pytest.raises(ValueError, match=r"^provider must be that of .*; the slash at the end counts"):
        GitHubActionsRole(stack, "R", organization="acme", repository="shop", branches=["main"], provider=arn)


def test_the_issuer_of_a_provider_in_the_stack_has_its_slash() -> None:
    """The same where the role finds the provider by its issuer."""
    app = cdk.App(builtin_cloud_formation_validation=False, analytics_reporting=False)
    stack = cdk.Stack(app, "S")
    iam.OidcProviderNative(stack, "P", url=f"{ENTRA}/", client_ids=["api://AWS"])
    WebIdentityRole(stack, "R", issuer=ENTRA, audiences=["api://AWS"], subjects=["abc"])
    with pytest.raises(RuntimeError, match=r"got S/P/Resource of .*the slash at the end counts"):
        app.synth()

"""
`CognitoIdentityPoolRole`, `GoogleRole`, `FacebookRole` and `AmazonRole`: users of our apps, at providers for everybody.
"""

from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cognito as cognito

from tests.cdk.federated import lets_token_in
from trustproof_cdk import AmazonRole, CognitoIdentityPoolRole, FacebookRole, GoogleRole, TrustproofChecks

POOL = "eu-central-1:11111111-2222-3333-4444-555555555555"
COGNITO = "cognito-identity.amazonaws.com"


@pytest.mark.parametrize(
    ("authenticated", "claims", "gets_in"),
    [
        (True, {"aud": POOL, "amr": ("authenticated", "graph.facebook.com")}, True),
        (True, {"aud": POOL, "amr": ("unauthenticated",)}, False),
        (True, {"aud": POOL}, False),
        (True, {"aud": f"{POOL[:-1]}6", "amr": ("authenticated",)}, False),
        (True, {"amr": ("authenticated",)}, False),
        (False, {"aud": POOL, "amr": ("unauthenticated",)}, True),
        (False, {"aud": POOL, "amr": ("authenticated", "graph.facebook.com")}, False),
        (False, {"amr": ("unauthenticated",)}, False),
    ],
)
def test_user_of_a_pool_gets_in(stack: cdk.Stack, authenticated: bool, claims: dict[str, Any], gets_in: bool) -> None:
    """Only of our pool, and only users of the kind that the role is for."""
    role = CognitoIdentityPoolRole(stack, "Role", identity_pool_id=POOL, authenticated=authenticated)
    assert lets_token_in(role.trust_policy, COGNITO, claims) is gets_in


@pytest.mark.parametrize(
    ("takes_guests", "override", "authenticated", "said"),
    [
        (False, None, False, "Role is for guests .authenticated=False., and the identity pool Stack/Pool takes none"),
        (True, False, False, "Role is for guests .authenticated=False., and the identity pool Stack/Pool takes none"),
        (True, None, True, "Role is for users who signed in, and the identity pool Stack/Pool has nothing by which"),
        (True, None, False, ""),
    ],
)
def test_a_pool_of_the_app_has_the_users_of_its_role(
    takes_guests: bool, override: bool | None, authenticated: bool, said: str
) -> None:
    """A pool that takes no guests gives nobody a role for guests."""
    app = cdk.App(builtin_cloud_formation_validation=False)
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}))
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    pool = cognito.CfnIdentityPool(stack, "Pool", allow_unauthenticated_identities=takes_guests)
    if override is not None:
        pool.add_property_override("AllowUnauthenticatedIdentities", override)
    CognitoIdentityPoolRole(stack, "Role", identity_pool_id=pool.ref, authenticated=authenticated)
    if not said:
        app.synth()
        return
    with pytest.raises(RuntimeError, match=said):
        app.synth()


@pytest.mark.parametrize(
    ("region", "provider"),
    [
        ("eu-central-1", COGNITO),
        ("us-gov-west-1", "cognito-identity-us-gov.amazonaws.com"),
        ("us-gov-east-1", "cognito-identity.us-gov-east-1.amazonaws.com"),
        ("cn-north-1", "cognito-identity.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_provider_is_that_of_the_region(app: cdk.App, region: str, provider: str) -> None:
    """Identity pools have another name in other partitions, in the principal and in the keys."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(region=region))
    pool = f"{region}:{POOL.partition(':')[2]}"
    role = CognitoIdentityPoolRole(stack, "Role", identity_pool_id=pool, authenticated=True)
    (statement,) = role.trust_policy["Statement"]
    assert statement["Principal"] == {"Federated": provider}
    assert statement["Condition"] == {
        "StringEquals": {f"{provider}:aud": pool},
        "ForAnyValue:StringLike": {f"{provider}:amr": "authenticated"},
    }


def test_attributes_of_users_may_be_passed_on(stack: cdk.Stack) -> None:
    """What the pool passes as session tags needs an action, and is what was asked for."""
    role = CognitoIdentityPoolRole(
        stack, "Role", identity_pool_id=POOL, authenticated=True, session_tags={"tenant": ["*"]}
    )
    (statement,) = role.trust_policy["Statement"]
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
    assert statement["Condition"]["StringLike"] == {"aws:RequestTag/tenant": "*"}


def test_pool_may_be_a_token(stack: cdk.Stack) -> None:
    """The pool of the same app."""
    pool = cdk.CfnResource(stack, "Pool", type="AWS::Cognito::IdentityPool", properties={})
    role = CognitoIdentityPoolRole(stack, "Role", identity_pool_id=pool.ref, authenticated=False)
    (statement,) = role.trust_policy["Statement"]
    assert statement["Condition"]["StringEquals"] == {f"{COGNITO}:aud": {"Ref": "Pool"}}


def test_authenticated_is_a_decision(stack: cdk.Stack) -> None:
    """An empty setting must not open the role to guests."""
    with pytest.raises(TypeError, match="authenticated must be True or False, got None"):
        CognitoIdentityPoolRole(stack, "Role", identity_pool_id=POOL, authenticated=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("construct", "arguments", "provider", "equals"),
    [
        (
            GoogleRole,
            {"client_ids": ["1.apps.googleusercontent.com"]},
            "accounts.google.com",
            {"aud": "1.apps.googleusercontent.com"},
        ),
        (
            GoogleRole,
            {"client_ids": ["108"], "subjects": ["108"], "audiences": ["https://api.example.com"]},
            "accounts.google.com",
            {"aud": "108", "sub": "108", "oaud": "https://api.example.com"},
        ),
        (FacebookRole, {"app_ids": ["1", "2"]}, "graph.facebook.com", {"app_id": ["1", "2"]}),
        (FacebookRole, {"app_ids": ["1"], "user_ids": ["9"]}, "graph.facebook.com", {"app_id": "1", "id": "9"}),
        (
            AmazonRole,
            {"app_ids": ["amzn1.application-oa2-123456"], "user_ids": ["amzn1.account.A"]},
            "www.amazon.com",
            {"app_id": "amzn1.application-oa2-123456", "user_id": "amzn1.account.A"},
        ),
    ],
)
def test_document_pins_the_app(
    stack: cdk.Stack, construct: Any, arguments: dict[str, Any], provider: str, equals: dict[str, Any]
) -> None:
    """The claim that says whose app it is, compared as it stands, and the user where that is asked for."""
    (statement,) = construct(stack, "Role", **arguments).trust_policy["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": provider},
        "Condition": {"StringEquals": {f"{provider}:{claim}": value for claim, value in equals.items()}},
    }


@pytest.mark.parametrize(
    ("construct", "arguments", "message"),
    [
        (
            CognitoIdentityPoolRole,
            {"identity_pool_id": "*", "authenticated": True},
            "identity_pool_id must be the id of an identity pool like 'eu-central-1:11111111-",
        ),
        (GoogleRole, {"client_ids": []}, "client_ids must have at least one entry, got none"),
        (GoogleRole, {"client_ids": ["*"]}, "client_ids must be the client id of an app"),
        (GoogleRole, {"client_ids": ["1"], "subjects": ["x@example.com"]}, "subjects must be a unique id in digits"),
        (FacebookRole, {"app_ids": ["*"]}, "app_ids must be the id of an app in digits, got '*'"),
        (AmazonRole, {"app_ids": ["123"]}, "app_ids must be the id of an app like 'amzn1.application-oa2-123456', got"),
        (
            FacebookRole,
            {"app_ids": ["1"], "conditions": {"ForAllValues:StringEquals": {"graph.facebook.com:id": "9"}}},
            "conditions cannot test graph.facebook.com:id with ForAllValues:StringEquals",
        ),
    ],
)
def test_constructor_refuses(stack: cdk.Stack, construct: Any, arguments: dict[str, Any], message: str) -> None:
    """What would let users of other apps in fails where it is given."""
    with pytest.raises(ValueError, match=re.escape(message)):
        construct(stack, "Role", **arguments)

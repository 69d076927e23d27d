"""
The sensitive actions by name: changes that exist, and no reading.
"""

from __future__ import annotations

import pytest

import trustproof

OWN_LIST = {"sensitive": {"actions": ["organizations:*", "sso:*"]}}
PROVIDERS = "arn:aws:iam::*"


def shown(action: str, resource: str = "*", config: object = None) -> str | None:
    """The action that is shown where one is allowed; None where the property is proved."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    found = trustproof.prove(
        policy,
        "sensitive-actions-require-mfa",
        account="111122223333",
        kind="identity",
        config=config,  # type: ignore[arg-type]
    )
    assert not found.reasons
    return found.counterexample.action if found.counterexample is not None else None


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("organizations:List*", None),
        ("organizations:Describe*", None),
        ("organizations:ListAccounts", None),
        ("sso:Get*", None),
        ("sso:Search*", None),
        ("iam:CreateServiceLinkedRole", None),
        ("iam:*ServiceLinkedRole", None),
        ("iam:Create*Role", "iam:CreateRole"),
        ("organizations:*", "organizations:LeaveOrganization"),
        ("organizations:Create*", "organizations:CreateAccount"),
        ("organizations:De*", "organizations:DetachPolicy"),
        ("sso:*", "sso:CreateAccountAssignment"),
        ("sso:Put*", "sso:PutInlinePolicyToPermissionSet"),
    ],
)
def test_the_default_list_is_about_changes(action: str, expected: str | None) -> None:
    """Reading is not sensitive, nor are roles of services, and what is shown exists."""
    assert shown(action) == expected


@pytest.mark.parametrize("action", ["s3:DeleteBucket", "iam:CreateUser", "sqs:SendMessage", "*"])
def test_everything_may_be_sensitive(action: str) -> None:
    """A wildcard for all actions holds those of every service."""
    assert shown(action, config={"sensitive": {"actions": ["*"]}}) is not None


@pytest.mark.parametrize(
    ("action", "is_asked"),
    [("sts:GetSessionToken", False), ("sts:GetCallerIdentity", False), ("sts:GetFederationToken", True)],
)
def test_what_no_policy_decides_is_not_asked_about(action: str, is_asked: bool) -> None:
    """A finding about it could not be mended, and a proof would be wrong."""
    assert (shown(action, config={"sensitive": {"actions": ["sts:*"]}}) is not None) is is_asked


def test_a_list_of_the_projects_own_is_taken_at_its_word() -> None:
    """Whoever lists all actions of a service means all of them."""
    assert shown("organizations:ListAccounts", config=OWN_LIST) == "organizations:ListAccounts"
    listed = {"sensitive": {"actions": ["iam:Create*"]}}
    assert shown("iam:CreateServiceLinkedRole", config=listed) == "iam:CreateServiceLinkedRole"
    assert shown("organizations:*", config=OWN_LIST) == "organizations:LeaveOrganization"


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("saml-provider", "iam:CreateSAMLProvider"),
        ("oidc-provider", "iam:AddClientIDToOpenIDConnectProvider"),
        ("delegation-request", "iam:CreateDelegationRequest"),
    ],
)
def test_an_action_of_the_account_is_about_no_provider(type_: str, expected: str) -> None:
    """The settings of the account have no ARN."""
    assert shown("iam:*", f"{PROVIDERS}:{type_}/*") == expected


def test_what_sets_the_properties_of_the_account() -> None:
    """It is about everything, and so allowed by a policy on everything only."""
    assert shown("iam:PutAccountProperties") == "iam:PutAccountProperties"
    assert shown("iam:PutAccountProperties", f"{PROVIDERS}:saml-provider/*") is None

"""
Arguments of everything that the package exports, all of them somewhere: what is true of all arguments walks these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations
from aws_cdk import aws_sns as sns

import trustproof_cdk
from tests.cdk.federated import METADATA
from tests.cdk.generated import ACCOUNT, ALICE, ANCHOR, CLUSTER, ENTRY, HUB, INSTANCE, ORGANIZATION, POOL, SAML
from trustproof_cdk import CrossAccountRole, Trusted

Arguments = dict[str, Any]
#: Where a value is inside of arguments: keys and indexes.
Place = tuple[Any, ...]

UNIT = f"{ORGANIZATION}/r-ab12/ou-ab12-11111111"
OWN_ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
TAGGED = {"StringEquals": {"aws:PrincipalTag/team": "ops"}}
EKS = "oidc.eks.eu-central-1.amazonaws.com/id/AB"
IDP = "idp.example.com/tenant"
AGE = cdk.Duration.minutes(5)


class Call(NamedTuple):
    """
    What is made by a call, so that its arguments can be walked too.
    """

    function: Callable[..., Any]
    given: list[Any]
    named: dict[str, Any]


def call(function: Callable[..., Any], *given: Any, **named: Any) -> Call:
    """A call that is still to be made."""
    return Call(function, list(given), named)


def _options(stack: cdk.Stack) -> Arguments:
    return {
        "role_name": "Deployer",
        "path": "/ops/",
        "description": "For the tests",
        "max_session_duration": cdk.Duration.hours(2),
        "session_duration_reason": "restores take half a day",
        "managed_policies": [iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAccess")],
        "inline_policies": {"Read": iam.PolicyDocument(statements=[_read()])},
        "permissions_boundary": iam.ManagedPolicy.from_aws_managed_policy_name("PowerUserAccess"),
        "max_trust_policy_size": 4096,
        "max_managed_policies": 12,
    }


def _read() -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=["s3:GetObject"], resources=["arn:aws:s3:::reports/*"])


def _held(stack: cdk.Stack) -> Arguments:
    return {
        "managed_policy_name": "Policy",
        "path": "/ops/",
        "description": "For the tests",
        "groups": [iam.Group(stack, "Group")],
        "users": [iam.User(stack, "User")],
    }


def _caller(stack: cdk.Stack) -> iam.IRole:
    return iam.Role(stack, "Caller", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))


#: Of each construct and function, arguments that it takes together.
SAMPLES: dict[str, list[Callable[[cdk.Stack], Arguments]]] = {
    "AmazonRole": [
        lambda _: {"app_ids": ["amzn1.application-oa2-123456"], "user_ids": ["amzn1.account.AB"], "conditions": TAGGED}
    ],
    "ApprovalGrant": [
        lambda stack: {
            "for_users": [OWN_ALICE],
            "approvals": ["INC-42"],
            "approval_tag": "approved",
            **_held(stack),
        }
    ],
    "AssumeRoleGrant": [
        lambda stack: {
            "target_roles": [ENTRY],
            "roles": [_caller(stack)],
            "session_tags": True,
            "source_identity": True,
            **_held(stack),
        },
        lambda stack: {"role_names": ["ops/Auditor"], "organization": ORGANIZATION, "source_roles": [_caller(stack)]},
        lambda stack: {"role_names": ["Auditor"], "organizational_units": [UNIT]},
    ],
    "BreakGlassAlarm": [lambda stack: {"roles": [ENTRY], "alarm_topic": sns.Topic(stack, "Topic")}],
    "BreakGlassRole": [
        lambda stack: {
            "users": [ALICE],
            "alarm_topic": sns.Topic(stack, "Topic"),
            "regions": ["eu-central-1"],
            "max_mfa_age": AGE,
            "source_ips": ["198.51.100.0/24"],
            "conditions": TAGGED,
        }
    ],
    "CognitoIdentityPoolRole": [
        lambda _: {
            "identity_pool_id": POOL,
            "authenticated": True,
            "session_tags": {"tenant": ["a"]},
            "conditions": TAGGED,
        }
    ],
    "CrossAccountRole": [
        lambda stack: {
            "trusted": [
                call(Trusted.accounts, HUB),
                call(Trusted.users, ALICE),
                call(Trusted.organization, ORGANIZATION),
            ],
            "mfa": True,
            "max_mfa_age": AGE,
            "session_name_is_user_name": True,
            "source_identities": ["alice"],
            "session_tags": {"team": ["red", "blue"]},
            "transitive_tags": ["team"],
            "source_ips": ["198.51.100.0/24"],
            "valid_from": datetime(2026, 1, 1, tzinfo=UTC),
            "valid_until": datetime(2027, 1, 1, tzinfo=UTC),
            "conditions": TAGGED,
            **_options(stack),
        },
        lambda _: {"trusted": call(Trusted.organizational_unit, UNIT), "vpc_endpoints": ["vpce-0a1b2c3d"]},
        lambda _: {"trusted": call(Trusted.roles, ENTRY), "mfa": False},
        lambda _: {"trusted": call(Trusted.permission_sets, "Admin", accounts=[HUB]), "mfa": False},
    ],
    "DecodeAuthorizationGrant": [
        lambda stack: {"mfa": True, **_held(stack)},
        lambda stack: {"mfa": False, "roles": [_caller(stack)]},
    ],
    "EksPodIdentityRole": [
        lambda _: {"namespace": "pay", "service_account": "ledger", "clusters": [CLUSTER], "conditions": TAGGED},
        lambda _: {"service_accounts": ["pay/ledger", "pay/cash"], "clusters": [CLUSTER]},
    ],
    "EksServiceAccountRole": [
        lambda _: {
            "issuer": EKS,
            "namespace": "pay",
            "service_account": "ledger",
            "audience": "sts.amazonaws.com",
            "conditions": TAGGED,
        },
        lambda _: {"provider": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{EKS}", "service_accounts": ["pay/ledger"]},
        lambda _: {"clusters": [EKS], "service_accounts": ["pay/ledger"]},
        lambda _: {
            "issuer": f"https://{IDP}",
            "service_accounts": ["pay/ledger"],
            "claims": {"email": "a@example.com"},
        },
    ],
    "FacebookRole": [lambda _: {"app_ids": ["1"], "user_ids": ["9"], "conditions": TAGGED}],
    "FederationBroker": [
        lambda stack: {
            "federated_users": ["report-*"],
            "session_permissions": [_read()],
            "allow_unknown_actions": True,
            **_held(stack),
        }
    ],
    "GitHubActionsRole": [
        lambda _: {
            "organization": "acme",
            "repository": "shop",
            "branches": ["main"],
            "tags": ["v*"],
            "environments": ["prod"],
            "pull_requests": True,
            "organization_id": "42",
            "repository_id": "43",
            "accept_names": True,
            "job_workflow_refs": ["acme/ci/.github/workflows/a.yml@refs/heads/main"],
            "claims": {"actor_id": "7"},
            "audience": "sts.amazonaws.com",
            "conditions": TAGGED,
        },
        lambda _: {
            "organization": "acme",
            "repositories": ["shop", "cart"],
            "branches": ["main"],
            "issuer": "https://token.actions.acme.ghe.com",
            "provider": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.acme.ghe.com",
        },
    ],
    "GitLabRole": [
        lambda _: {
            "group": "acme",
            "project": "shop",
            "branches": ["main"],
            "tags": ["v*"],
            "project_id": "42",
            "audience": "https://gitlab.com",
            "issuer": "https://gitlab.com",
            "provider": f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com",
            "claims": {"namespace_id": "7"},
            "claim_patterns": {"user_login": "a*"},
            "conditions": TAGGED,
        }
    ],
    "GoogleRole": [
        lambda _: {
            "client_ids": ["1.apps.googleusercontent.com"],
            "subjects": ["108"],
            "audiences": ["https://api.example.com"],
            "conditions": TAGGED,
        }
    ],
    "JustInTimeRole": [
        lambda _: {
            "users": [ALICE],
            "valid_from": datetime(2098, 12, 31, tzinfo=UTC),
            "valid_until": datetime(2099, 1, 1, tzinfo=UTC),
            "approval": "INC-42",
            "approval_tag": "approved",
            "max_mfa_age": AGE,
            "source_ips": ["198.51.100.0/24"],
            "conditions": TAGGED,
        }
    ],
    "MfaEnforcedGroup": [
        lambda stack: {
            "group_name": "people",
            "path": "/people/",
            "managed_policies": [iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAccess")],
            "users": ["ann", iam.User(stack, "User")],
            "password_change": True,
            "re_enrolment": True,
            "self_management": ["password"],
        }
    ],
    "MfaPolicy": [
        lambda stack: {
            "actions": ["ec2:StopInstances"],
            "allow_unknown_actions": True,
            "resources": ["arn:aws:ec2:eu-central-1:222233334444:instance/*"],
            "max_mfa_age": AGE,
            "conditions": TAGGED,
            **_held(stack),
        }
    ],
    "OrganizationRole": [
        lambda _: {
            "organizational_units": ["ou-ab12-11111111"],
            "role": _with_parameter,
            "include_accounts": [HUB, "333344445555"],
            "parameters": {"Team": "ops"},
            "account_parameters": {HUB: {"Team": "hub"}},
            "stack_set_name": "Auditors",
            "description": "For the tests",
            "call_as": "DELEGATED_ADMIN",
        },
        lambda _: {
            "organizational_units": ["r-ab12"],
            "role": _with_parameter,
            "exclude_accounts": [HUB],
            "parameters": {"Team": "ops"},
        },
    ],
    "PermissionSet": [
        lambda _: {
            "name": "Audit",
            "instance_arn": INSTANCE,
            "description": "For the tests",
            "session_duration": cdk.Duration.hours(1),
            "managed_policies": [iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAccess")],
            "customer_managed_policies": ["ops/Deploy"],
            "inline_policy": iam.PolicyDocument(statements=[_read()]),
            "permissions_boundary": "Boundary",
        }
    ],
    "RequireMfaGuardrail": [
        lambda _: {
            "targets": ["r-ab12"],
            "policy_type": "SERVICE_CONTROL_POLICY",
            "exempt_actions": ["iam:ListUsers"],
            "exempt_users": [ALICE],
            "policy_name": "Guardrail",
            "description": "For the tests",
        },
        lambda _: {
            "targets": ["ou-ab12-11111111"],
            "policy_type": "RESOURCE_CONTROL_POLICY",
            "actions": ["s3:*"],
            "allow_other_services": True,
            "allow_unknown_actions": True,
        },
    ],
    "RoleChain": [
        lambda _: {
            "entry": ENTRY,
            "carries_source_identity": True,
            "carries_session_tags": True,
            "conditions": TAGGED,
        }
    ],
    "RolesAnywhereRole": [
        lambda _: {
            "trust_anchors": [ANCHOR],
            "certificate": {"x509Subject/CN": ["build-1"]},
            "conditions": TAGGED,
        }
    ],
    "SamlProvider": [
        lambda _: {"metadata": METADATA, "name": "Corporate"},
        lambda _: {"metadata": METADATA, "provider_name": "Former"},
    ],
    "SamlRole": [
        lambda _: {
            "provider": SAML,
            "audiences": ["https://eu-central-1.signin.aws.amazon.com/saml"],
            "subject_type": "persistent",
            "subjects": ["alice"],
            "attributes": {"mail": "a@example.com"},
            "session_tags": {"team": ["red"]},
            "source_identities": ["alice"],
            "conditions": TAGGED,
        },
        lambda _: {"providers": [SAML, f"{SAML}2"]},
    ],
    "ServiceRole": [
        lambda _: {
            "service": "states.amazonaws.com",
            "allow_unknown_service": True,
            "session_tags": True,
            "source_identity": True,
            "source_account": ACCOUNT,
            "source_arns": [f"arn:aws:states:*:{ACCOUNT}:stateMachine:*"],
            "conditions": TAGGED,
        }
    ],
    "TerraformCloudRole": [
        lambda _: {
            "organization": "acme",
            "project": "Network",
            "workspace": "dns",
            "run_phases": ["plan"],
            "audience": "aws.workload.identity",
            "issuer": "https://app.terraform.io",
            "provider": f"arn:aws:iam::{ACCOUNT}:oidc-provider/app.terraform.io",
            "claims": {"email": "a@example.com"},
            "claim_patterns": {"email": "a*"},
            "conditions": TAGGED,
        }
    ],
    "ThirdPartyRole": [
        lambda _: {
            "vendor": "Observability",
            "trusted": call(Trusted.accounts, "888899990000"),
            "external_id": "customer-42",
            "source_ips": ["198.51.100.0/24"],
            "conditions": TAGGED,
        },
        lambda _: {
            "vendor": "Observability",
            "trusted": call(Trusted.accounts, "888899990000"),
            "external_ids": ["dev-42", "prod-42"],
        },
        lambda _: {
            "vendor": "Observability",
            "trusted": call(Trusted.accounts, "888899990000"),
            "external_id_salt": "0123456789abcdef",
        },
    ],
    "WebIdentityRole": [
        lambda _: {
            "issuer": f"https://{IDP}",
            "audiences": ["aws"],
            "subjects": ["job"],
            "claims": {"email": "a@example.com"},
            "claim_patterns": {"oaud": "a*"},
            "session_tags": {"team": ["red"]},
            "conditions": TAGGED,
        },
        lambda _: {
            "provider": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{IDP}",
            "audiences": ["aws"],
            "subject_patterns": ["job:*"],
        },
    ],
    "allow_with_mfa": [
        lambda _: {
            "trusted": call(Trusted.accounts, HUB),
            "actions": ["sns:Publish"],
            "allow_unknown_actions": True,
            "resources": ["arn:aws:sns:eu-central-1:222233334444:alarms"],
            "max_mfa_age": AGE,
            "conditions": TAGGED,
        }
    ],
    "deny_users_without_mfa": [
        lambda _: {
            "actions": ["sns:Publish"],
            "allow_unknown_actions": True,
            "resources": ["arn:aws:sns:eu-central-1:222233334444:alarms"],
            "max_mfa_age": AGE,
        }
    ],
    "mfa_resource_control_policy": [
        lambda _: {
            "actions": ["s3:*"],
            "exempt_users": [ALICE],
            "allow_other_services": True,
            "allow_unknown_actions": True,
        }
    ],
    "mfa_service_control_policy": [lambda _: {"exempt_actions": ["iam:ListUsers"], "exempt_users": [ALICE]}],
    "require_mfa": [
        lambda stack: {"role": iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal(HUB)), "max_mfa_age": AGE}
    ],
    "session_policy": [lambda _: {"statements": [_read()], "allow_unknown_actions": True}],
    "waive": [
        lambda stack: {
            "construct": iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal(HUB)),
            "property_id": "mfa-required",
            "reason": "break glass",
            "owner": "platform",
            "expires": "2099-01-01",
        }
    ],
}


def _with_parameter(stack: cdk.Stack) -> iam.IRole:
    team = cdk.CfnParameter(stack, "Team").value_as_string
    conditions = {"StringEquals": {"aws:PrincipalTag/team": team}}
    return CrossAccountRole(stack, "Role", trusted=Trusted.accounts(HUB), role_name="Auditor", conditions=conditions)


#: How what is no construct comes into a template.
_PLACED: dict[str, Callable[[cdk.Stack, Arguments], object]] = {
    "allow_with_mfa": lambda stack, given: _publish(stack, trustproof_cdk.allow_with_mfa(**given)),
    "deny_users_without_mfa": lambda stack, given: _publish(stack, [trustproof_cdk.deny_users_without_mfa(**given)]),
    "mfa_resource_control_policy": lambda stack, given: _control(
        stack, "RESOURCE_CONTROL_POLICY", trustproof_cdk.mfa_resource_control_policy(**given)
    ),
    "mfa_service_control_policy": lambda stack, given: _control(
        stack, "SERVICE_CONTROL_POLICY", trustproof_cdk.mfa_service_control_policy(**given)
    ),
    "require_mfa": lambda _, given: trustproof_cdk.require_mfa(given.pop("role"), **given),
    "session_policy": lambda stack, given: cdk.CfnOutput(
        stack, "Policy", value=trustproof_cdk.session_policy(stack, **given)
    ),
    "waive": lambda _, given: trustproof_cdk.waive(given.pop("construct"), given.pop("property_id"), **given),
}


def _publish(stack: cdk.Stack, statements: list[iam.PolicyStatement]) -> None:
    topic = sns.Topic(stack, "Alarms")
    for statement in statements:
        topic.add_to_resource_policy(statement)


def _control(stack: cdk.Stack, kind: str, document: Mapping[str, Any]) -> None:
    organizations.CfnPolicy(stack, "Policy", content=document, name="Policy", type=kind)


def placed(name: str, stack: cdk.Stack, arguments: Arguments) -> None:
    """Put a construct, or what a function makes, into a stack."""
    given = {argument: _made(value) for argument, value in arguments.items()}
    if name in _PLACED:
        _PLACED[name](stack, given)
    else:
        getattr(trustproof_cdk, name)(stack, "It", **given)


def _made(value: Any) -> Any:
    if isinstance(value, Call):
        return value.function(*_made(value.given), **_made(value.named))
    if isinstance(value, list):
        return [_made(one) for one in value]
    if isinstance(value, dict):
        return {key: _made(one) for key, one in value.items()}
    return value


def texts(value: Any, place: Place = ()) -> Iterator[Place]:
    """Where the texts are that an author may write as a value: keys of mappings are left."""
    if isinstance(value, str):
        yield place
    for key, one in _members(value):
        yield from texts(one, (*place, key))


def lists(value: Any, place: Place = ()) -> Iterator[Place]:
    """Where lists of texts are."""
    if isinstance(value, list) and any(isinstance(one, str) for one in value):
        yield place
    for key, one in _members(value):
        yield from lists(one, (*place, key))


def keys(value: Any, place: Place = ()) -> Iterator[Place]:
    """Where the names are that an author chooses: the keys of mappings."""
    if isinstance(value, dict) and place and place[-1] != "named":
        yield from ((*place, key) for key in value)
    for key, one in _members(value):
        yield from keys(one, (*place, key))


def rekeyed(value: Any, place: Place, other: str) -> Any:
    """The same value with another key at a place."""
    around = value
    for key in place[:-1]:
        around = getattr(around, key) if isinstance(around, Call) else around[key]
    return replaced(value, place[:-1], {other if key == place[-1] else key: one for key, one in around.items()})


def _members(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, list):
        return list(enumerate(value))
    return [("given", value.given), ("named", value.named)] if isinstance(value, Call) else []


def replaced(value: Any, place: Place, other: Any) -> Any:
    """The same value with another one at a place."""
    if not place:
        return other
    first, rest = place[0], place[1:]
    if isinstance(value, Call):
        return value._replace(**{first: replaced(getattr(value, first), rest, other)})
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[first] = replaced(value[first], rest, other)
    return copy

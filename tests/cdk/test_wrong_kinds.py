"""
Values of the wrong kind, as they come out of configuration files: a `TypeError` that names the argument.

Most of them would be taken by Python: a text is a list of its characters, "no" is true, and a mapping is its keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from tests.cdk.federated import ISSUER
from tests.cdk.generated import ENVIRONMENT
from tests.cdk.samples import SAMPLES, placed
from trustproof_cdk import (
    AssumeRoleGrant,
    BreakGlassRole,
    CognitoIdentityPoolRole,
    CrossAccountRole,
    DecodeAuthorizationGrant,
    FederationBroker,
    GitHubActionsRole,
    JustInTimeRole,
    MfaEnforcedGroup,
    MfaPolicy,
    OrganizationRole,
    RequireMfaGuardrail,
    RoleChain,
    RolesAnywhereRole,
    SamlRole,
    ServiceRole,
    ThirdPartyRole,
    Trusted,
    WebIdentityRole,
    conjoin,
    waive,
)

HUB = Trusted.accounts("111122223333")
ROLE = "arn:aws:iam::111122223333:role/Entry"
ANCHOR = "arn:aws:rolesanywhere:eu-central-1:222233334444:trust-anchor/11111111-2222-3333-4444-555555555555"
POOL = "eu-central-1:11111111-2222-3333-4444-555555555555"

#: The least that each construct takes.
LEAST: dict[Any, dict[str, Any]] = {
    AssumeRoleGrant: {"target_roles": [ROLE]},
    CognitoIdentityPoolRole: {"identity_pool_id": POOL, "authenticated": True},
    CrossAccountRole: {"trusted": HUB},
    DecodeAuthorizationGrant: {},
    GitHubActionsRole: {"organization": "acme", "repository": "shop", "branches": ["main"]},
    MfaPolicy: {"actions": ["ec2:StopInstances"], "resources": ["*"]},
    OrganizationRole: {"organizational_units": ["ou-ab12-11111111"]},
    RequireMfaGuardrail: {"targets": ["r-ab12"]},
    RoleChain: {"entry": ROLE},
    RolesAnywhereRole: {"trust_anchors": [ANCHOR], "certificate": {"x509Subject/CN": ["build-1"]}},
    SamlRole: {"provider": "arn:aws:iam::222233334444:saml-provider/Corporate"},
    ThirdPartyRole: {"vendor": "Observability", "trusted": HUB, "external_id": "42-1"},
    WebIdentityRole: {"issuer": ISSUER, "audiences": ["aws"], "subjects": ["job"]},
}

WRONG: list[tuple[Any, str, object, str]] = [
    # construct, argument, value, what the message says of it
    (AssumeRoleGrant, "session_tags", "no", "must be True or False, got 'no'"),
    (AssumeRoleGrant, "source_identity", None, "must be True or False, got None"),
    (AssumeRoleGrant, "target_roles", [1], "must be a list of ARNs or roles, got 1"),
    (CognitoIdentityPoolRole, "authenticated", "", "must be True or False, got ''"),
    (CrossAccountRole, "mfa", "", "must be True or False, got ''"),
    (CrossAccountRole, "session_name_is_user_name", "no", "must be True or False, got 'no'"),
    (
        CrossAccountRole,
        "trusted",
        "111122223333",
        "must be Trusted.accounts(...), Trusted.users(...) and the like, got",
    ),
    (
        CrossAccountRole,
        "trusted",
        iam.AccountPrincipal("111122223333"),
        "must be Trusted.accounts(...), Trusted.users(...) and the like, got an object of the class AccountPrincipal",
    ),
    (SamlRole, "source_identities", 1, "must be a list of strings, got 1"),
    (SamlRole, "source_identities", "alice", "must be a list of strings, got 'alice'"),
    (WebIdentityRole, "audiences", {"aws": 1}, "must be a list of strings, got {'aws': 1}"),
    (CrossAccountRole, "max_mfa_age", 900, "must be a Duration, got 900"),
    (CrossAccountRole, "max_session_duration", 3600, "must be a Duration, got 3600"),
    (CrossAccountRole, "valid_until", "2027-01-01", "must be a datetime with a time zone, got '2027-01-01'"),
    (CrossAccountRole, "source_ips", "198.51.100.0/24", "must be a list of strings, got '198.51.100.0/24'"),
    (CrossAccountRole, "source_ips", [3325256704], "must be a public address or prefix like '192.0.2.0/24'"),
    (CrossAccountRole, "source_identities", {"alice": True}, "must be a list of strings, got {'alice': True}"),
    (CrossAccountRole, "session_tags", ["team"], "must be a mapping of names to values, got ['team']"),
    (CrossAccountRole, "inline_policies", ["x"], "must be a mapping of names to values, got ['x']"),
    (CrossAccountRole, "conditions", "", "must be a mapping like {'StringEquals': {'aws:PrincipalTag/team': 'ops'}}"),
    (CrossAccountRole, "conditions", [], "must be a mapping like {'StringEquals': {'aws:PrincipalTag/team': 'ops'}}"),
    (DecodeAuthorizationGrant, "mfa", None, "must be True or False, got None"),
    (GitHubActionsRole, "pull_requests", "no", "must be True or False, got 'no'"),
    (GitHubActionsRole, "branches", "main", "must be a list of strings, got 'main'"),
    (GitHubActionsRole, "branches", [None], "must be the name of a branch or tag like 'main' or 'release/*', got None"),
    (GitHubActionsRole, "environments", [1], "must be the name of an environment of 1 to 255 characters of ASCII"),
    (MfaPolicy, "actions", 1, "must be a list of strings, got 1"),
    (OrganizationRole, "role", ROLE, "must be a function that makes a role in the stack it is given, got"),
    (OrganizationRole, "role", iam.Role, "must be a function that makes a role in the stack it is given, and is given"),
    (OrganizationRole, "role", lambda: None, "must be a function that makes a role in the stack it is given, and is"),
    (RequireMfaGuardrail, "exempt_users", "", "must be a list of ARNs or users, got the string ''"),
    (RequireMfaGuardrail, "exempt_actions", "iam:ChangePassword", "must be a list of strings, got 'iam:ChangePass"),
    (RoleChain, "carries_source_identity", "no", "must be True or False, got 'no'"),
    (RoleChain, "entry", [ROLE], "must be the ARN of an IAM role, or a role, got ['arn:"),
    (RolesAnywhereRole, "certificate", ["x509Subject/CN"], "must be a mapping of names to values, got ['x509"),
    (SamlRole, "provider", None, "must be the ARN of a SAML provider like"),
    (SamlRole, "attributes", ["mail"], "must be a mapping of names to values, got ['mail']"),
    (SamlRole, "attributes", {1: "a"}, "must have names that are strings, got 1"),
    (ThirdPartyRole, "trusted", [HUB], "must be one of Trusted.accounts(...), Trusted.users(...) and the like, got ["),
    (WebIdentityRole, "issuer", 1, "must be the URL of an OpenID Connect provider like"),
    (WebIdentityRole, "claims", ["email"], "must be a mapping of names to values, got ['email']"),
]


@pytest.mark.parametrize(("construct", "argument", "value", "message"), WRONG)
def test_constructor_refuses(stack: cdk.Stack, construct: Any, argument: str, value: object, message: str) -> None:
    """Nothing is decided by what Python makes of it."""
    with pytest.raises(TypeError, match=re.escape(f"{argument} {message}")):
        construct(stack, "It", **{**LEAST[construct], argument: value})


def test_names_and_tags_refuse(stack: cdk.Stack) -> None:
    """What the CDK has no kind for is an error of it, if it is asked."""
    until = datetime(2099, 1, 1, tzinfo=UTC)
    user = "arn:aws:iam::111122223333:user/alice"
    with pytest.raises(TypeError, match="approval_tag must be the key of a tag"):
        JustInTimeRole(stack, "It", users=[user], approval="1", valid_until=until, approval_tag=b"x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="group_name must be 1 to 128 letters"):
        MfaEnforcedGroup(stack, "It", group_name=1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown condition operator 1; IAM knows"):
        CrossAccountRole(stack, "It", trusted=HUB, conditions={1: {"aws:SourceIp": "198.51.100.1"}})  # type: ignore[dict-item]


def test_a_name_is_no_member(stack: cdk.Stack) -> None:
    """What is added later is a user; the names of users are for the constructor."""
    with pytest.raises(TypeError, match=r"user must be a user like .*, got 'alice'"):
        MfaEnforcedGroup(stack, "It").add_user("alice")  # type: ignore[arg-type]


def test_what_has_a_role_is_none(stack: cdk.Stack) -> None:
    """Nor does a message have the address of an object, which is another one in each run."""
    project = codebuild.PipelineProject(stack, "Build")
    message = "roles must be a list of ARNs or roles, got 'Stack/Build' (PipelineProject): give its role (.role)"
    with pytest.raises(TypeError, match=re.escape(message)):
        Trusted.roles(project)  # type: ignore[arg-type]


def test_emergency_role_and_broker_refuse(stack: cdk.Stack) -> None:
    """These take objects of the CDK."""
    with pytest.raises(TypeError, match="users must be a list of ARNs or users, got 7"):
        BreakGlassRole(stack, "Role", users=[7], alarm_topic=sns.Topic(stack, "Topic"))  # type: ignore[list-item]
    with pytest.raises(TypeError, match="session_permissions must be a list of statements, got 's3:GetObject'"):
        FederationBroker(stack, "It", federated_users=["app"], session_permissions="s3:GetObject")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"StringEquals": "aws:userid"}, "StringEquals must be a mapping like {'aws:PrincipalTag/team': 'ops'}, got"),
        ({"StringEquals": {"aws:userid": None}}, "StringEquals aws:userid must have texts, whole numbers or booleans"),
        ({"StringEquals": {"aws:userid": ["a", None]}}, "as operands, got None"),
        ({"StringNotEquals": {"aws:userid": b"a"}}, "as operands, got b'a'"),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": 0.5}}, "as operands, got 0.5"),
    ],
)
def test_conjoin_refuses(block: Any, message: str) -> None:
    """The shape of a condition block is IAM's."""
    with pytest.raises(TypeError, match=re.escape(message)):
        conjoin(block)


def test_sets_are_written_in_one_order(stack: cdk.Stack) -> None:
    """A set has another order in every process; the template has not."""
    role = CrossAccountRole(
        stack,
        "Role",
        trusted=HUB,
        source_identities={"carol", "alice", "bob"},
        conditions={"StringEquals": {"aws:PrincipalTag/team": {"red", "blue"}}},  # type: ignore[dict-item]
    )
    (statement,) = role.trust_policy["Statement"]
    assert statement["Condition"]["StringEquals"] == {
        "sts:SourceIdentity": ["alice", "bob", "carol"],
        "aws:PrincipalTag/team": ["blue", "red"],
    }


#: In the place of any argument.
OBJECTS: list[Callable[[], object]] = [
    lambda: [iam.ServicePrincipal("lambda.amazonaws.com")],
    lambda: iam.ServicePrincipal("lambda.amazonaws.com"),
    lambda: object(),
]


@pytest.mark.filterwarnings("ignore:.* is deprecated. its name is:DeprecationWarning")
@pytest.mark.parametrize("name", SAMPLES)
def test_an_object_in_the_place_of_any_argument(name: str) -> None:
    """It is refused in words, without where it is in memory, which is another place in each run."""
    app = cdk.App(builtin_cloud_formation_validation=False)
    for number, argument in enumerate(SAMPLES[name][0](cdk.Stack(app, "Probe", env=ENVIRONMENT))):
        stack = cdk.Stack(app, f"Stack{number}", env=ENVIRONMENT)
        given = {**SAMPLES[name][0](stack), argument: OBJECTS[number % len(OBJECTS)]()}
        with pytest.raises((TypeError, ValueError)) as refused:
            placed(name, stack, given)
        assert not re.search("0x[0-9a-f]{6}", str(refused.value)), argument


def test_a_service_principal_is_no_service(stack: cdk.Stack) -> None:
    """An object of the CDK may have conditions, which would be lost."""
    message = "got an object of the class ServicePrincipal: give 'lambda.amazonaws.com'"
    with pytest.raises(TypeError, match=re.escape(message)):
        ServiceRole(stack, "Role", service=iam.ServicePrincipal("lambda.amazonaws.com"))  # type: ignore[arg-type]


def test_a_policy_of_aws_has_no_place_in_the_app(stack: cdk.Stack) -> None:
    """Of one the CDK lets nobody ask for its node, and says so in words of its own."""
    policy, message = iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAccess"), "object of the class IManaged"
    with pytest.raises(TypeError, match=f"^managed_policies must be a list .*{message}"):
        CrossAccountRole(stack, "Role", trusted=HUB, managed_policies=policy)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=f"^groups must be a list of groups .*{message}"):
        MfaPolicy(stack, "Policy", actions=["s3:GetObject"], resources=["*"], groups=[policy])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=f"^scope must be a construct .*{message}"):
        CrossAccountRole(policy, "Role", trusted=HUB)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^construct must be a resource"):
        waive(policy, "mfa-required", reason="None")  # type: ignore[arg-type]

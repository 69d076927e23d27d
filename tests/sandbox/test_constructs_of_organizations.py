"""
Constructs of an organization, deployed: roles in every account of a unit, guardrails, and providers of SAML.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aws_cdk", reason="the constructs need the cdk extra")

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from botocore import UNSIGNED
from botocore.config import Config

from tests.sandbox.cast import HOME, OTHER, Cast, allow, refusal, root, trust
from tests.sandbox.deploying import deploy
from tests.sandbox.test_identity_center import enter, roles
from trustproof.sandbox import Sandbox
from trustproof.sandbox.credentials.issuers import AssertionRequest
from trustproof_cdk import CrossAccountRole, OrganizationRole, PermissionSet, SamlProvider, SamlRole, Trusted
from trustproof_cdk.require_mfa_guardrail import mfa_resource_control_policy, mfa_service_control_policy

UNIT = "ou-ab12-22222222"
SECOND, OUTSIDE = "333344445555", "444455556666"
REFUSED = "AccessDenied"
ACCOUNTS = f"""
[organization]
id = "o-a1b2c3d4e5"
[organization.units]
production = "{UNIT}"
[organization.service-control-policies]
production = ["FullAWSAccess", "service.json"]
[organization.resource-control-policies]
production = ["resource.json"]
[accounts.hub]
kind = "hub"
id = "{HOME}"
region = "eu-central-1"
[accounts.prod]
id = "{OTHER}"
region = "eu-central-1"
unit = "production"
[accounts.second]
id = "{SECOND}"
region = "eu-central-1"
unit = "production"
[accounts.outside]
id = "{OUTSIDE}"
region = "eu-central-1"
"""


@pytest.fixture
def organization(tmp_path: Path) -> Iterator[Sandbox]:
    """An organization whose unit has both guardrails."""
    (tmp_path / "service.json").write_text(json.dumps(mfa_service_control_policy()))
    (tmp_path / "resource.json").write_text(json.dumps(mfa_resource_control_policy()))
    path = tmp_path / "accounts.toml"
    path.write_text(ACCOUNTS)
    with Sandbox(path) as running:
        yield running


class Troupe(Cast):
    """
    Everybody who calls; the root user makes them, whom a guardrail for users does not stop.
    """

    def iam(self, account: str = HOME) -> Any:
        return self.aws.client("iam", self.aws.root_keys(account))


def with_mfa(cast: Cast, user: dict[str, str]) -> Any:
    """Keys of a session with MFA."""
    serial = cast.device(user)
    given = {"SerialNumber": serial, "TokenCode": cast.code(serial)}
    return cast.sts(user).get_session_token(**given)["Credentials"]


def test_a_guardrail_stops_users_without_mfa_and_nobody_else(organization: Sandbox) -> None:
    """Users of the unit work with MFA, enrol without it, and roles and other accounts are as they were."""
    cast = Troupe(organization)
    user = cast.user(allow("*"), account=OTHER)
    assert refusal(organization.client("s3", user).list_buckets)[0] == REFUSED
    mine = organization.client("iam", user)
    assert mine.create_virtual_mfa_device(VirtualMFADeviceName="first")["VirtualMFADevice"]
    assert refusal(lambda: mine.create_access_key(UserName=user["Name"]))[0] == REFUSED
    assert organization.client("s3", with_mfa(cast, user)).list_buckets()
    role = cast.role(trust(root(OTHER)), account=OTHER, may=[allow("s3:*")])
    session = cast.assume(with_mfa(cast, cast.user(allow("*"), account=OTHER)), role)["Credentials"]
    assert organization.client("s3", session).list_buckets()
    assert organization.client("s3", cast.user(allow("*"), account=OUTSIDE)).list_buckets()


def test_a_guardrail_of_resources_stops_users_of_other_accounts_too(organization: Sandbox) -> None:
    """Whoever comes to the roles of the unit without MFA is refused there, whatever their trust policies say."""
    cast = Troupe(organization)
    role = cast.role(trust(root(HOME)), account=OTHER)
    user = cast.user(allow("sts:AssumeRole"))
    assert refusal(lambda: cast.assume(user, role))[1].endswith("with an explicit deny in a resource control policy")
    assert cast.assume(with_mfa(cast, user), role)


def everywhere(stack: cdk.Stack) -> OrganizationRole:
    """A role in all accounts of the unit, which trusts another account in one of them."""

    def role(inner: cdk.Stack) -> CrossAccountRole:
        hub = cdk.CfnParameter(inner, "Hub", default=HOME)
        return CrossAccountRole(inner, "Role", trusted=Trusted.accounts(hub.value_as_string), role_name="Audit")

    own = {SECOND: {"Hub": OUTSIDE}}
    return OrganizationRole(stack, "Wide", organizational_units=[UNIT], role=role, account_parameters=own)


def test_an_organization_role_is_in_every_account_of_its_units(organization: Sandbox, tmp_path: Path) -> None:
    """People of the account that it trusts there get in with MFA; it is nowhere else."""
    deploy(organization, tmp_path, HOME, everywhere)
    cast = Troupe(organization)
    arns = {account: f"arn:aws:iam::{account}:role/Audit" for account in (OTHER, SECOND, OUTSIDE)}
    auditor, stranger = cast.user(allow("sts:*")), cast.user(allow("sts:*"), account=OUTSIDE)
    assert refusal(lambda: cast.assume(auditor, arns[OTHER]))[0] == REFUSED
    auditing, strange = with_mfa(cast, auditor), with_mfa(cast, stranger)
    assert cast.assume(auditing, arns[OTHER])
    assert cast.assume(strange, arns[SECOND])
    for keys, account in ((auditing, SECOND), (strange, OTHER), (auditing, OUTSIDE)):
        assert refusal(partial(cast.assume, keys, arns[account]))[0] == REFUSED


def test_people_of_a_saml_provider(aws: Sandbox, tmp_path: Path) -> None:
    """The provider of the stack lets its people into the role, and no other provider does."""
    metadata = aws.new_provider("Staff")
    there = aws.client("iam", account=HOME)
    other = there.create_saml_provider(Name="Others", SAMLMetadataDocument=aws.new_provider("Others"))

    def made(stack: cdk.Stack) -> iam.Role:
        provider = SamlProvider(stack, "Provider", metadata=metadata, name="Staff")
        return SamlRole(stack, "Role", provider=provider, role_name="Staff")

    deploy(aws, tmp_path, HOME, made)
    role = f"arn:aws:iam::{HOME}:role/Staff"
    sts = aws.client("sts", config=Config(signature_version=UNSIGNED))

    def enter(provider: str) -> Any:
        arn = f"arn:aws:iam::{HOME}:saml-provider/{provider}"
        recipient = "https://signin.aws.amazon.com/saml"
        wanted = AssertionRequest(provider, role, arn, "ann", recipient=recipient, attributes={})
        return sts.assume_role_with_saml(RoleArn=role, PrincipalArn=arn, SAMLAssertion=aws.assertion(wanted))

    assert enter("Staff")["Credentials"]
    assert other["SAMLProviderArn"].endswith("/Others")
    assert refusal(lambda: enter("Others"))[0] == REFUSED


def test_people_of_a_permission_set(aws: Sandbox, tmp_path: Path) -> None:
    """Who has the set where it is assigned gets into the role that trusts it, and nobody with another set does."""
    (instance,) = aws.client("sso-admin").list_instances()["Instances"]
    management = aws.client("sts").get_caller_identity()["Account"]

    def made(stack: cdk.Stack) -> tuple[PermissionSet, ...]:
        sets = tuple(
            PermissionSet(
                stack,
                name,
                name=name,
                instance_arn=instance["InstanceArn"],
                managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name("PowerUserAccess")],
            )
            for name in ("Audit", "Build")
        )
        for one in sets:
            one.assign("People", accounts=[HOME], principal_id="11111111-2222-3333-4444-555555555555")
        return sets

    _, (audit, _) = deploy(aws, tmp_path, management, made)
    trusted = audit.trusted(accounts=[HOME])
    deploy(
        aws,
        tmp_path,
        OTHER,
        lambda stack: CrossAccountRole(stack, "It", trusted=trusted, mfa=False, role_name="Ledger"),
    )
    for name, gets_in in (("Audit", True), ("Build", False)):
        (reserved,) = roles(aws, name)
        call = partial(Cast(aws).assume, enter(aws, reserved), f"arn:aws:iam::{OTHER}:role/Ledger")
        assert call() if gets_in else refusal(call)[0] == REFUSED

"""
A landing zone: ten stacks in five accounts, as a company divides them that has a team for each.

    cd examples/landing-zone && cdk synth --quiet

People sign in to the hub and go on from there; workflows enter the account for continuous integration; guardrails and
roles in every account of a unit are deployed from the audit account; and there are two accounts for applications.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk import (
    AssumeRoleGrant,
    CrossAccountRole,
    GitHubActionsRole,
    MfaEnforcedGroup,
    OrganizationRole,
    RequireMfaGuardrail,
    RoleChain,
    ServiceRole,
    ThirdPartyRole,
    Trusted,
    TrustproofChecks,
)

REGION = "eu-central-1"
HUB = "111122223333"
DEVELOPMENT = "222233334444"
PRODUCTION = "333344445555"
AUDIT = "555566667777"
CI = "777788889999"
ORGANIZATION = "o-a1b2c3d4e5"
WORKLOADS = "ou-ab12-11111111"

#: Names are the contract between accounts: no stack waits for one of another account.
READER, DEPLOYER, ENTRY, WORKFLOWS = "Reader", "Deployer", "WorkflowEntry", "WorkflowDeployer"
SECURITY = "SecurityAuditor"


def role_arn(account: str, name: str) -> str:
    """The ARN of a role of another stack."""
    return f"arn:aws:iam::{account}:role/{name}"


def aws_policy(name: str) -> iam.IManagedPolicy:
    """A managed policy of AWS."""
    return iam.ManagedPolicy.from_aws_managed_policy_name(name)


class People(cdk.Stack):
    """Groups of the hub, who can do nothing before they have used MFA, and where they go from there."""

    def __init__(self, scope: Construct, construct_id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        self._group("developers", [role_arn(DEVELOPMENT, DEPLOYER), role_arn(PRODUCTION, READER)])
        self._group("operators", [role_arn(PRODUCTION, DEPLOYER)])

    def _group(self, name: str, roles: Sequence[str]) -> None:
        group = MfaEnforcedGroup(self, name, group_name=name)
        AssumeRoleGrant(group, "Roles", target_roles=roles, groups=[group])


class Auditors(cdk.Stack):
    """The group of the security team, in a stack that only they deploy."""

    def __init__(self, scope: Construct, construct_id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        group = MfaEnforcedGroup(self, "auditors", group_name="auditors")
        AssumeRoleGrant(group, "Roles", role_names=[SECURITY], organization=ORGANIZATION, groups=[group])


class Guardrails(cdk.Stack):
    """What no user of any account below the root can go around."""

    def __init__(self, scope: Construct, construct_id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        RequireMfaGuardrail(self, "Users", targets=["r-ab12"])
        RequireMfaGuardrail(self, "Resources", targets=[WORKLOADS], policy_type="RESOURCE_CONTROL_POLICY")


class SecurityRoles(cdk.Stack):
    """A role in every account of a unit, those of tomorrow too."""

    def __init__(self, scope: Construct, construct_id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        OrganizationRole(
            self,
            "Security",
            organizational_units=[WORKLOADS],
            role=lambda stack: CrossAccountRole(
                stack,
                "Role",
                trusted=Trusted.accounts(HUB),
                role_name=SECURITY,
                managed_policies=[aws_policy("SecurityAudit")],
            ),
            call_as="DELEGATED_ADMIN",
        )


def roles_of_ours() -> dict[str, iam.PolicyDocument]:
    """What PowerUserAccess leaves open: whoever is tricked into assuming a role of others hands over what it has."""
    whose = {"StringNotEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}
    deny = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["sts:AssumeRole"], resources=["*"], conditions=whose)
    return {"RolesOfTheOrganization": iam.PolicyDocument(statements=[deny])}


class Access(cdk.Stack):
    """The roles for people of the hub in an account."""

    def __init__(self, scope: Construct, construct_id: str, *, env: cdk.Environment, roles: dict[str, str]) -> None:
        super().__init__(scope, construct_id, env=env)
        for name, policy in roles.items():
            CrossAccountRole(
                self,
                name,
                trusted=Trusted.accounts(HUB),
                role_name=name,
                managed_policies=[aws_policy(policy)],
                inline_policies=roles_of_ours() if policy == "PowerUserAccess" else None,
            )


class WorkflowEntry(cdk.Stack):
    """Where workflows enter: one provider to watch, and one role that may do nothing but go on."""

    def __init__(self, scope: Construct, construct_id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        entry = GitHubActionsRole(
            self, "Entry", organization="acme", repository="shop", environments=["production"], role_name=ENTRY
        )
        AssumeRoleGrant(self, "Onward", target_roles=[role_arn(PRODUCTION, WORKFLOWS)], roles=[entry])


class WorkflowTarget(cdk.Stack):
    """What workflows may be in an account, once they have entered."""

    def __init__(self, scope: Construct, construct_id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        RoleChain(
            self,
            "Deployer",
            entry=role_arn(CI, ENTRY),
            role_name=WORKFLOWS,
            managed_policies=[aws_policy("PowerUserAccess")],
            inline_policies=roles_of_ours(),
        )


class Vendors(cdk.Stack):
    """Machines of others."""

    def __init__(self, scope: Construct, construct_id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        ThirdPartyRole(
            self,
            "Observability",
            vendor="Observability Inc.",
            trusted=Trusted.accounts("888899990000"),
            external_id="customer-0815",
            managed_policies=[aws_policy("job-function/ViewOnlyAccess")],
        )


class Application(cdk.Stack):
    """What an application runs as."""

    def __init__(self, scope: Construct, construct_id: str, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        machines = f"arn:aws:states:{REGION}:{PRODUCTION}:stateMachine:*"
        ServiceRole(self, "Workflow", service="states.amazonaws.com", source_arns=[machines])


def build_app(outdir: str | None = None) -> cdk.App:
    """The app, ready for `synth()`; the gate reads the `trustproof.toml` beside this file."""
    app = cdk.App(outdir=outdir, builtin_cloud_formation_validation=False)
    here = os.path.dirname(os.path.abspath(__file__))
    config = os.path.join(here, "trustproof.toml")
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config, strict=True))

    def account(number: str) -> cdk.Environment:
        return cdk.Environment(account=number, region=REGION)

    People(app, "hub-people", env=account(HUB))
    Auditors(app, "hub-auditors", env=account(HUB))
    guardrails = Guardrails(app, "audit-guardrails", env=account(AUDIT))
    SecurityRoles(app, "audit-security-roles", env=account(AUDIT))
    entry = WorkflowEntry(app, "ci-entry", env=account(CI))
    Access(app, "development-access", env=account(DEVELOPMENT), roles={DEPLOYER: "PowerUserAccess"})
    target = WorkflowTarget(app, "production-workflows", env=account(PRODUCTION))
    # IAM refuses to trust a role that does not exist.
    target.add_stack_dependency(entry)
    Access(
        app,
        "production-access",
        env=account(PRODUCTION),
        roles={READER: "ReadOnlyAccess", DEPLOYER: "PowerUserAccess"},
    )
    Vendors(app, "production-vendors", env=account(PRODUCTION))
    Application(app, "production-application", env=account(PRODUCTION))
    # From then on whoever deploys with the access key of a user needs MFA, in the middle of a deployment too.
    for stack in app.node.children:
        if isinstance(stack, cdk.Stack) and stack is not guardrails:
            guardrails.add_stack_dependency(stack)
    return app


if __name__ == "__main__":
    build_app().synth()

"""
A role for runs of HCP Terraform, which was Terraform Cloud.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Unpack

from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._constructor import construct
from trustproof_cdk._roles.role import RoleOptions
from trustproof_cdk._trust import claims as claimed
from trustproof_cdk._trust import issuers
from trustproof_cdk._trust.issuers import Provider
from trustproof_cdk.conditions import ConditionBlock
from trustproof_cdk.web_identity_role import WebIdentityRole

_PHASES = ("plan", "apply")


@construct
class TerraformCloudRole(WebIdentityRole):
    """
    A role that runs of one organization's workspaces in HCP Terraform (Terraform Cloud) or Terraform Enterprise may
    assume.

    The issuer is the same for all customers: only the subject of the token says whose run it is.
    https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/aws-configuration

    Speculative plans run for every pull request: give ``run_phases=["apply"]`` a role of its own where a plan must not
    be able to change anything.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        organization: without wildcards.
        project: ``*`` stands for any run of characters.
        workspace: ``*`` as above.
        run_phases: ``plan``, ``apply`` or both.
        audience: the ``aud`` of the token, as the workspace asks for it (``TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE``).
        issuer: of a Terraform Enterprise of your own.
        provider: the provider in IAM, by ARN or as an object. Default: that of the issuer in the account of the stack.
        claims: further claims to accepted values.
        claim_patterns: further claims to accepted values with wildcards, after literal text.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: a wildcard in the organization, or an argument that HCP Terraform or IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        organization: str,
        project: str,
        workspace: str,
        run_phases: Iterable[str] = _PHASES,
        audience: str = "aws.workload.identity",
        issuer: str = "app.terraform.io",
        provider: Provider | None = None,
        claims: Mapping[str, str | Iterable[str]] | None = None,
        claim_patterns: Mapping[str, str | Iterable[str]] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        accepted = "the name of one organization like 'acme', since a wildcard would let others in"
        arguments.matching(organization, "organization", r"[\w-]{1,100}", accepted)
        arguments.matching(project, "project", r"[\w *-]{1,100}", "the name of a project like 'Network' or 'prod-*'")
        arguments.matching(workspace, "workspace", r"[\w*-]{1,100}", "the name of a workspace like 'dns' or 'dns-*'")
        claimed.as_it_stands(project, "project")
        claimed.as_it_stands(workspace, "workspace")
        phases = arguments.each(run_phases, "run_phases", lambda value, name: arguments.one_of(value, name, _PHASES))
        run = f"organization:{organization}:project:{project}:workspace:{workspace}"
        super().__init__(
            scope,
            construct_id,
            issuer=issuers.without_slash(issuer, "HCP Terraform and Terraform Enterprise"),
            provider=provider,
            audiences=[audience],
            # Each phase is named, so that without wildcards elsewhere the subject is one of two texts.
            **claimed.subject_arguments(f"{run}:run_phase:{phase}" for phase in phases),
            claims=claims,
            claim_patterns=claim_patterns,
            conditions=conditions,
            **options,
        )

"""
Who gets in by arguments that are no policies of IAM's language.
"""

from __future__ import annotations

from trustproof.inputs.cloudformation.resources.access_by_property import LETS_IN
from trustproof.inputs.cloudformation.resources.identity_providers import TOKEN_ISSUER
from trustproof.inputs.terraform.instances import Instance
from trustproof.inputs.terraform.lowering import Lowering

#: Types of resources to the arguments that say who gets in; of a block, all of it.
#: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
LETTING_IN: dict[str, tuple[str, ...]] = {
    "aws_ami_launch_permission": ("account_id", "group", "organization_arn", "organizational_unit_arn"),
    "aws_config_aggregate_authorization": ("account_id", "authorized_account_id"),
    "aws_db_cluster_snapshot": ("shared_accounts",),
    "aws_db_snapshot": ("shared_accounts",),
    "aws_eks_access_entry": ("principal_arn",),
    "aws_eks_access_policy_association": ("principal_arn",),
    "aws_lakeformation_data_lake_settings": ("admins", "read_only_admins", "external_data_filtering_allow_list"),
    "aws_lakeformation_permissions": ("principal",),
    "aws_network_interface_permission": ("aws_account_id",),
    "aws_opensearchserverless_access_policy": ("policy",),
    "aws_organizations_delegated_administrator": ("account_id",),
    "aws_ram_principal_association": ("principal",),
    "aws_redshift_data_share_authorization": ("consumer_identifier",),
    "aws_redshift_endpoint_authorization": ("account",),
    "aws_s3control_access_grant": ("grantee",),
    "aws_servicecatalog_portfolio_share": ("principal_id",),
    "aws_snapshot_create_volume_permission": ("account_id",),
    "aws_ssm_document": ("permissions",),
    "aws_vpc_endpoint_service": ("allowed_principals",),
    "aws_vpc_endpoint_service_allowed_principal": ("principal_arn",),
}
#: What signs for somebody, by the type of CloudFormation's that has it.
SIGNING = {
    "aws_iot_ca_certificate": ("AWS::IoT::CACertificate", {"CACertificatePem": "ca_certificate_pem"}),
    "aws_rolesanywhere_trust_anchor": ("AWS::RolesAnywhere::TrustAnchor", {"Source": "source"}),
    "aws_transfer_ssh_key": ("AWS::Transfer::User", {"SshPublicKeys": "body"}),
}
_TOKEN_ISSUER = "aws_ssoadmin_trusted_token_issuer"
TYPES = frozenset((*LETTING_IN, *SIGNING, _TOKEN_ISSUER))


def name_access(made: Lowering, instance: Instance) -> None:
    """Declare a resource by which others may get in, with who they are."""
    if instance.type in SIGNING:
        type_, names = SIGNING[instance.type]
        made.add(instance, type_, made.properties(instance, names))
        return
    if instance.type == _TOKEN_ISSUER:
        name = "trusted_token_issuer_configuration"
        made.add(instance, TOKEN_ISSUER, made.properties(instance, {name: name}))
        return
    found = made.properties(instance, {name: name for name in LETTING_IN[instance.type]})
    if found:
        made.add(instance, LETS_IN, found)

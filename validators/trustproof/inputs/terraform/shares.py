"""
Resources of Terraform that give access without a policy: shares, permissions of images and snapshots, entries of
clusters, permissions of Lake Formation. Nobody reads what they come to; where they are not what they were, it is not
known whether access changed.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.inputs.cloudformation.values.catalogue import GIVES, SHARE
from trustproof.inputs.terraform.expressions import lower_value
from trustproof.inputs.terraform.instances import Instance
from trustproof.inputs.terraform.lowering import Lowering

#: Types to the arguments that say who gets what.
TYPES: Mapping[str, tuple[str, ...]] = {
    "aws_ami_launch_permission": (
        "image_id",
        "account_id",
        "group",
        "organization_arn",
        "organizational_unit_arn",
    ),
    "aws_db_cluster_snapshot": ("shared_accounts",),
    "aws_db_snapshot": ("shared_accounts",),
    "aws_db_snapshot_copy": ("shared_accounts",),
    "aws_directory_service_shared_directory": ("directory_id", "target"),
    "aws_eks_access_entry": ("cluster_name", "principal_arn", "kubernetes_groups", "type", "user_name"),
    "aws_eks_access_policy_association": ("cluster_name", "principal_arn", "policy_arn", "access_scope"),
    "aws_eks_pod_identity_association": (
        "cluster_name",
        "namespace",
        "service_account",
        "role_arn",
        "target_role_arn",
    ),
    "aws_identitystore_group_membership": ("identity_store_id", "group_id", "member_id"),
    "aws_iot_policy": ("policy",),
    "aws_iot_policy_attachment": ("policy", "target"),
    "aws_lakeformation_data_lake_settings": (
        "admins",
        "read_only_admins",
        "create_database_default_permissions",
        "create_table_default_permissions",
        "trusted_resource_owners",
        "allow_external_data_filtering",
        "external_data_filtering_allow_list",
        "allow_full_table_external_data_access",
        "authorized_session_tag_value_list",
    ),
    "aws_lakeformation_permissions": (
        "principal",
        "permissions",
        "permissions_with_grant_option",
        "catalog_id",
        "catalog_resource",
        "data_cells_filter",
        "data_location",
        "database",
        "lf_tag",
        "lf_tag_policy",
        "table",
        "table_with_columns",
    ),
    "aws_lakeformation_resource_lf_tag": ("lf_tag", "database", "table", "table_with_columns"),
    "aws_lakeformation_resource_lf_tags": ("lf_tag", "database", "table", "table_with_columns"),
    "aws_network_interface_permission": ("network_interface_id", "aws_account_id", "permission"),
    "aws_opensearch_authorize_vpc_endpoint_access": ("domain_name", "account"),
    "aws_opensearchserverless_access_policy": ("name", "type", "policy"),
    "aws_ram_permission": ("policy_template", "resource_type"),
    "aws_ram_principal_association": ("principal", "resource_share_arn"),
    "aws_ram_resource_association": ("resource_arn", "resource_share_arn"),
    "aws_ram_resource_share": ("allow_external_principals", "permission_arns"),
    "aws_redshift_data_share_authorization": ("data_share_arn", "consumer_identifier", "allow_writes"),
    "aws_redshift_endpoint_authorization": ("account", "cluster_identifier", "vpc_ids"),
    "aws_route53_vpc_association_authorization": ("vpc_id", "zone_id"),
    "aws_s3control_access_grant": (
        "access_grants_location_id",
        "access_grants_location_configuration",
        "account_id",
        "grantee",
        "permission",
        "s3_prefix_type",
    ),
    "aws_s3control_access_grants_location": ("account_id", "iam_role_arn", "location_scope"),
    "aws_servicecatalog_portfolio_share": ("portfolio_id", "principal_id", "type", "share_principals"),
    "aws_servicecatalog_principal_portfolio_association": ("portfolio_id", "principal_arn", "principal_type"),
    "aws_snapshot_create_volume_permission": ("snapshot_id", "account_id"),
    "aws_ssm_document": ("permissions",),
    "aws_transfer_access": ("external_id", "server_id", "policy", "role"),
    "aws_transfer_ssh_key": ("server_id", "user_name", "body"),
    "aws_transfer_user": ("policy", "role"),
    "aws_verifiedaccess_endpoint": ("policy_document",),
    "aws_verifiedaccess_group": ("policy_document",),
    "aws_vpc_endpoint": ("policy",),
    "aws_vpc_endpoint_policy": ("vpc_endpoint_id", "policy"),
    "aws_vpc_endpoint_service": ("allowed_principals",),
    "aws_vpc_endpoint_service_allowed_principal": ("vpc_endpoint_service_id", "principal_arn"),
}
#: Those of which nothing is given where these arguments are not set.
_MAY_GIVE_NOTHING = frozenset(
    """
    aws_db_cluster_snapshot aws_db_snapshot aws_db_snapshot_copy aws_ssm_document aws_transfer_access aws_transfer_user
    aws_verifiedaccess_endpoint aws_verifiedaccess_group aws_vpc_endpoint aws_vpc_endpoint_service
    """.split()
)


def share(made: Lowering, instance: Instance) -> None:
    """Say of one of these resources what says who gets what, beside what else is known of it."""
    found = {
        name: lower_value(value, made)
        for name in TYPES.get(instance.type, ())
        if (value := made.value(instance, name)) is not None
    }
    if found or (instance.type in TYPES and instance.type not in _MAY_GIVE_NOTHING):
        resource = made.resources.get(instance.address) or made.add(instance, SHARE, {})
        resource[GIVES] = found

"""
Resources of Terraform that give access without a policy of IAM's: shares, permissions of images and snapshots, entries
of clusters, permissions of Lake Formation, policies in another language.

Nobody reads what these come to. Whom their arguments name is said, and where they are not what they were, it is not
known whether access changed.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trustproof.inputs.cloudformation.resources.access.access_by_property import LETS_IN
from trustproof.inputs.cloudformation.resources.access.identity_providers import TOKEN_ISSUER
from trustproof.inputs.cloudformation.values.catalogue import GIVES
from trustproof.inputs.terraform.lowering.expressions import lower_value
from trustproof.inputs.terraform.lowering.lowering import Lowering, Root
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.values import Fields, Items, Known, Value


class Access(NamedTuple):
    """The arguments of a type that say who gets what; of a block, all of it."""

    #: Those that say who gets in, and may name somebody else.
    callers: tuple[str, ...]
    #: Those that say what they get, or which of one's own get it.
    rest: tuple[str, ...] = ()


_TOKEN_ISSUER = "aws_ssoadmin_trusted_token_issuer"
TYPES: Mapping[str, Access] = {
    "aws_ami_launch_permission": Access(
        ("account_id", "group", "organization_arn", "organizational_unit_arn"), ("image_id",)
    ),
    "aws_auditmanager_account_registration": Access(("delegated_admin_account",)),
    **dict.fromkeys(
        ("aws_chatbot_slack_channel_configuration", "aws_chatbot_teams_channel_configuration"),
        Access((), ("guardrail_policy_arns", "iam_role_arn", "user_authorization_required")),
    ),
    # Whoever is a member of an environment has a shell in it, with credentials of its owner.
    "aws_cloud9_environment_membership": Access(("user_arn",), ("environment_id", "permissions")),
    # Whose pushes run with the role of the project.
    "aws_codebuild_webhook": Access((), ("project_name", "filter_group", "scope_configuration")),
    "aws_appsync_graphql_api": Access(
        (),
        (
            "authentication_type",
            "additional_authentication_provider",
            "lambda_authorizer_config",
            "openid_connect_config",
            "user_pool_config",
        ),
    ),
    "aws_bedrockagentcore_agent_runtime": Access((), ("authorizer_configuration",)),
    "aws_bedrockagentcore_gateway": Access((), ("authorizer_type", "authorizer_configuration")),
    "aws_cognito_identity_pool_provider_principal_tag": Access(
        (), ("principal_tags", "identity_pool_id", "identity_provider_name", "use_defaults")
    ),
    "aws_cognito_identity_pool_roles_attachment": Access((), ("identity_pool_id", "roles", "role_mapping")),
    "aws_cognito_identity_provider": Access((), ("user_pool_id", "provider_details", "attribute_mapping")),
    "aws_cognito_user_group": Access((), ("role_arn",)),
    "aws_cognito_user_in_group": Access((), ("user_pool_id", "group_name", "username")),
    "aws_config_aggregate_authorization": Access(("account_id", "authorized_account_id")),
    "aws_db_cluster_snapshot": Access(("shared_accounts",)),
    "aws_db_snapshot": Access(("shared_accounts",)),
    "aws_db_snapshot_copy": Access(("shared_accounts",)),
    "aws_directory_service_shared_directory": Access((), ("directory_id", "target")),
    "aws_eks_access_entry": Access(("principal_arn",), ("cluster_name", "kubernetes_groups", "type", "user_name")),
    "aws_eks_access_policy_association": Access(("principal_arn",), ("cluster_name", "policy_arn", "access_scope")),
    "aws_eks_identity_provider_config": Access((), ("cluster_name", "oidc")),
    "aws_eks_pod_identity_association": Access(
        (), ("cluster_name", "namespace", "service_account", "role_arn", "target_role_arn")
    ),
    "aws_emr_studio_session_mapping": Access(
        (), ("studio_id", "identity_id", "identity_name", "identity_type", "session_policy_arn")
    ),
    "aws_identitystore_group_membership": Access((), ("identity_store_id", "group_id", "member_id")),
    "aws_globalaccelerator_cross_account_attachment": Access(("principals",), ("resource",)),
    # Whose administrator sees and settles what a service finds in this account, or in all of the organization.
    **dict.fromkeys(
        (
            "aws_cloudtrail_organization_delegated_admin_account",
            "aws_detective_organization_admin_account",
            "aws_fms_admin_account",
            "aws_inspector2_delegated_admin_account",
            "aws_organizations_delegated_administrator",
        ),
        Access(("account_id",)),
    ),
    **dict.fromkeys(
        (
            "aws_auditmanager_organization_admin_account_registration",
            "aws_guardduty_organization_admin_account",
            "aws_macie2_organization_admin_account",
            "aws_securityhub_organization_admin_account",
        ),
        Access(("admin_account_id",)),
    ),
    "aws_guardduty_invite_accepter": Access(("master_account_id",)),
    "aws_iot_policy": Access((), ("policy",)),
    "aws_iot_policy_attachment": Access((), ("policy", "target")),
    "aws_iot_role_alias": Access((), ("role_arn",)),
    "aws_lakeformation_data_lake_settings": Access(
        ("admins", "read_only_admins", "external_data_filtering_allow_list"),
        (
            "create_database_default_permissions",
            "create_table_default_permissions",
            "trusted_resource_owners",
            "allow_external_data_filtering",
            "allow_full_table_external_data_access",
            "authorized_session_tag_value_list",
        ),
    ),
    "aws_lakeformation_permissions": Access(
        ("principal",),
        (
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
    ),
    "aws_lakeformation_resource_lf_tag": Access((), ("lf_tag", "database", "table", "table_with_columns")),
    "aws_lakeformation_resource_lf_tags": Access((), ("lf_tag", "database", "table", "table_with_columns")),
    "aws_licensemanager_grant": Access(("principal",), ("license_arn", "allowed_operations")),
    "aws_macie2_invitation_accepter": Access(("administrator_account_id",)),
    "aws_network_interface_permission": Access(("aws_account_id",), ("network_interface_id", "permission")),
    "aws_oam_link": Access(("sink_identifier",), ("resource_types", "link_configuration")),
    "aws_opensearch_authorize_vpc_endpoint_access": Access(("account",), ("domain_name",)),
    **dict.fromkeys(
        ("aws_elasticsearch_domain_saml_options", "aws_opensearch_domain_saml_options"),
        Access((), ("domain_name", "saml_options")),
    ),
    "aws_opensearchserverless_access_policy": Access(("policy",), ("name", "type")),
    # Whether the networks of others reach a collection.
    "aws_opensearchserverless_security_policy": Access((), ("name", "type", "policy")),
    # What it takes away, its policy gives back where it is no longer attached.
    "aws_organizations_policy_attachment": Access((), ("policy_id", "target_id")),
    "aws_ram_permission": Access((), ("policy_template", "resource_type")),
    "aws_ram_principal_association": Access(("principal",), ("resource_share_arn",)),
    "aws_ram_resource_association": Access((), ("resource_arn", "resource_share_arn")),
    "aws_ram_resource_share": Access((), ("allow_external_principals", "permission_arns")),
    "aws_rds_cluster_snapshot_copy": Access(("shared_accounts",)),
    "aws_redshift_data_share_authorization": Access(("consumer_identifier",), ("data_share_arn", "allow_writes")),
    "aws_redshift_endpoint_authorization": Access(("account",), ("cluster_identifier", "vpc_ids")),
    "aws_route53_vpc_association_authorization": Access((), ("vpc_id", "zone_id")),
    "aws_s3control_access_grant": Access(
        ("grantee",),
        (
            "access_grants_location_id",
            "access_grants_location_configuration",
            "account_id",
            "permission",
            "s3_prefix_type",
        ),
    ),
    "aws_s3control_access_grants_location": Access((), ("account_id", "iam_role_arn", "location_scope")),
    "aws_securityhub_invite_accepter": Access(("master_id",)),
    # As which role whoever may launch a product does it.
    "aws_servicecatalog_constraint": Access((), ("type", "portfolio_id", "product_id", "parameters")),
    "aws_servicecatalog_portfolio_share": Access(("principal_id",), ("portfolio_id", "type", "share_principals")),
    "aws_servicecatalog_principal_portfolio_association": Access(
        (), ("portfolio_id", "principal_arn", "principal_type")
    ),
    "aws_snapshot_create_volume_permission": Access(("account_id",), ("snapshot_id",)),
    # Which role machines have that are managed.
    "aws_ssm_activation": Access((), ("iam_role",)),
    "aws_ssm_document": Access(("permissions",)),
    "aws_ssm_service_setting": Access((), ("setting_id", "setting_value")),
    "aws_ssoadmin_instance_access_control_attributes": Access((), ("attribute",)),
    _TOKEN_ISSUER: Access(("trusted_token_issuer_configuration",)),
    "aws_transfer_access": Access((), ("external_id", "server_id", "policy", "role")),
    "aws_transfer_ssh_key": Access((), ("server_id", "user_name", "body")),
    "aws_transfer_user": Access((), ("policy", "role")),
    "aws_verifiedaccess_endpoint": Access((), ("policy_document",)),
    "aws_verifiedaccess_group": Access((), ("policy_document",)),
    "aws_vpc_endpoint": Access((), ("policy",)),
    "aws_vpc_endpoint_policy": Access((), ("vpc_endpoint_id", "policy")),
    "aws_vpc_endpoint_service": Access(("allowed_principals",)),
    "aws_vpc_endpoint_service_allowed_principal": Access(("principal_arn",), ("vpc_endpoint_service_id",)),
    "aws_vpc_ipam_organization_admin_account": Access(("delegated_admin_account_id",)),
}
#: Those of which nothing is given where these arguments are not set.
_MAY_GIVE_NOTHING = frozenset(
    """
    aws_auditmanager_account_registration aws_bedrockagentcore_agent_runtime aws_cognito_user_group
    aws_db_cluster_snapshot aws_db_snapshot aws_db_snapshot_copy aws_rds_cluster_snapshot_copy aws_ssm_document
    aws_transfer_access aws_transfer_user aws_verifiedaccess_endpoint aws_verifiedaccess_group aws_vpc_endpoint
    aws_vpc_endpoint_service
    """.split()
)
#: What signs for somebody, by the type of CloudFormation's that has it.
SIGNING = {
    "aws_iot_ca_certificate": ("AWS::IoT::CACertificate", {"CACertificatePem": "ca_certificate_pem"}),
    "aws_rolesanywhere_trust_anchor": ("AWS::RolesAnywhere::TrustAnchor", {"Source": "source", "Enabled": "enabled"}),
    "aws_transfer_ssh_key": ("AWS::Transfer::User", {"SshPublicKeys": "body"}),
}


#: Blocks and arguments inside of others that say who gets in.
_INSIDE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "aws_cleanrooms_collaboration": (("member", "account_id"),),
    # Whose root user may sign addresses of what is private.
    "aws_cloudfront_distribution": (
        ("default_cache_behavior", "trusted_signers"),
        ("ordered_cache_behavior", "trusted_signers"),
    ),
    "aws_directory_service_shared_directory": (("target", "id"),),
    "aws_dlm_lifecycle_policy": (("policy_details", "schedule", "share_rule", "target_accounts"),),
    "aws_glue_catalog_database": (("create_table_default_permission", "principal"),),
    "aws_imagebuilder_distribution_configuration": (
        ("distribution", "ami_distribution_configuration", "launch_permission"),
    ),
    "aws_lakeformation_data_lake_settings": (
        ("create_database_default_permissions", "principal"),
        ("create_table_default_permissions", "principal"),
    ),
    "aws_quicksight_data_source": (("permission", "principal"),),
    **dict.fromkeys(
        (
            "aws_quicksight_analysis",
            "aws_quicksight_dashboard",
            "aws_quicksight_data_set",
            "aws_quicksight_folder",
            "aws_quicksight_template",
            "aws_quicksight_theme",
        ),
        (("permissions", "principal"),),
    ),
    # Who may put data into the lake by a role that the service makes.
    "aws_securitylake_custom_log_source": (("configuration", "provider_identity", "principal"),),
    "aws_securitylake_subscriber": (("subscriber_identity", "principal"),),
}
#: Those of which a first plan does not know whether anybody set them: the provider computes them where nobody does.
_COMPUTED_INSIDE = ("aws_cloudfront_distribution",)
#: Who is the master user of a domain, and may do anything in it, and whether it lets in whoever is nobody: what blocks
#: inside of others say of a resource that others get into by its policy.
_OPTIONS, _MASTER_USER, _ANONYMOUS = "advanced_security_options", "master_user_options", "anonymous_auth_enabled"
_DOMAINS = ("aws_elasticsearch_domain", "aws_opensearch_domain")
#: Blocks that say whose users sign in, and what switches each on.
_SIGN_IN = {"cognito_options": "enabled", "identity_center_options": "enabled_api_access"}


def name_access(made: Lowering, instance: Instance) -> None:
    """Declare a resource by which others may get in, with who they are and what says what they get."""
    if instance.type in SIGNING:
        type_, names = SIGNING[instance.type]
        made.add(instance, type_, made.properties(instance, names))
    inside: dict[str, object] = {}
    for name, *steps in _INSIDE.get(instance.type, ()):
        blocks = _inside(made.value(instance, name), steps)
        if instance.type in _COMPUTED_INSIDE and isinstance(instance.values, KnownValues):
            blocks = _without_unknown(blocks)
        if blocks is not None:
            # By the last step, or where several end in the same one, by what it stands in.
            called = name if len(_INSIDE[instance.type]) > 1 else steps[-1]
            inside[called] = lower_value(blocks, made)
            made.roots[instance.address, (called,)] = Root(instance.address, (name,), instance.values[name])
    if instance.type not in TYPES:
        if inside:
            made.add(instance, LETS_IN, inside)[GIVES] = inside
        return
    access = TYPES[instance.type]
    given = inside | {
        name: lower_value(value, made)
        for name in (*access.callers, *access.rest)
        if (value := made.value(instance, name)) is not None
    }
    if not given and instance.type in _MAY_GIVE_NOTHING:
        return
    callers = made.properties(instance, {name: name for name in access.callers}) | inside
    resource = made.resources.get(instance.address) or made.add(
        instance, TOKEN_ISSUER if instance.type == _TOKEN_ISSUER else LETS_IN, callers
    )
    resource[GIVES] = given


def name_master_user(made: Lowering, instance: Instance) -> None:
    """Say who is the master user of a domain, into which others get by its policy, and whose users sign in."""
    if instance.type in _DOMAINS and instance.address in made.resources:
        options = made.value(instance, _OPTIONS)
        found = {name: _inside(options, (_MASTER_USER, f"master_user_{name}")) for name in ("arn", "name", "password")}
        found[_ANONYMOUS] = _inside(options, (_ANONYMOUS,))
        for name, switch in _SIGN_IN.items():
            block = made.value(instance, name)
            is_on = _inside(block, (switch,)) if isinstance(block, Fields | Items) else block
            found[name] = None if is_on is None or _is_off(is_on) else block
        on = {name: value for name, value in found.items() if value is not None and not _is_off(value)}
        if gives := {name: lower_value(value, made) for name, value in on.items()}:
            made.resources[instance.address][GIVES] = gives


def _is_off(value: Value) -> bool:
    """Whether a value switches off what it is of."""
    if isinstance(value, Items):
        return all(map(_is_off, value.items))
    return isinstance(value, Known) and value.value in (None, False, "false")


def _without_unknown(value: Value | None) -> Value | None:
    """What is known of a list, or of one within another; None where nothing is."""
    if isinstance(value, Items):
        found = tuple(inner for item in value.items if (inner := _without_unknown(item)) is not None)
        return Items(found, False, value.place) if found else None
    return value if isinstance(value, Known) else None


def _inside(value: Value | None, steps: Sequence[str]) -> Value | None:
    """The blocks that are inside of others, or what is not known of those; None where there are none."""
    if isinstance(value, Items):
        found = tuple(inner for item in value.items if (inner := _inside(item, steps)) is not None)
        return Items(found, False, value.place) if found else None
    if isinstance(value, Fields) and steps:
        return _inside(value.by_key.get(steps[0]), steps[1:])
    return None if isinstance(value, Known) and (steps or value.value is None) else value

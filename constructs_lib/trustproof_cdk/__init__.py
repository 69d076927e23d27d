"""
CDK constructs for cross-account roles and multi-factor authentication: safe by default, and proved by `trustproof`.
"""

from __future__ import annotations

from trustproof_cdk._roles.role import RoleOptions
from trustproof_cdk.amazon_role import AmazonRole
from trustproof_cdk.approval_grant import ApprovalGrant
from trustproof_cdk.assume_role_grant import AssumeRoleGrant
from trustproof_cdk.break_glass_alarm import BreakGlassAlarm
from trustproof_cdk.break_glass_role import BreakGlassRole
from trustproof_cdk.checks import TrustproofChecks
from trustproof_cdk.cognito_identity_pool_role import CognitoIdentityPoolRole
from trustproof_cdk.conditions import ConditionBlock, conjoin
from trustproof_cdk.cross_account_role import CrossAccountRole
from trustproof_cdk.decode_authorization_grant import DecodeAuthorizationGrant
from trustproof_cdk.eks_pod_identity_role import EksPodIdentityRole
from trustproof_cdk.eks_service_account_role import EksServiceAccountRole
from trustproof_cdk.facebook_role import FacebookRole
from trustproof_cdk.federation_broker import FederationBroker
from trustproof_cdk.github_actions_role import GitHubActionsRole
from trustproof_cdk.gitlab_role import GitLabRole
from trustproof_cdk.google_role import GoogleRole
from trustproof_cdk.just_in_time_role import JustInTimeRole
from trustproof_cdk.mfa import mfa_conditions
from trustproof_cdk.mfa_enforced_group import MfaEnforcedGroup
from trustproof_cdk.mfa_policy import MfaPolicy
from trustproof_cdk.mfa_statements import allow_with_mfa, deny_users_without_mfa
from trustproof_cdk.organization_role import OrganizationRole
from trustproof_cdk.permission_set import PermissionSet
from trustproof_cdk.require_mfa import require_mfa
from trustproof_cdk.require_mfa_guardrail import (
    RequireMfaGuardrail,
    mfa_resource_control_policy,
    mfa_service_control_policy,
)
from trustproof_cdk.role_chain import RoleChain
from trustproof_cdk.roles_anywhere_role import RolesAnywhereRole
from trustproof_cdk.saml_provider import SamlProvider
from trustproof_cdk.saml_role import SamlRole
from trustproof_cdk.service_role import ServiceRole
from trustproof_cdk.session_policy import session_policy
from trustproof_cdk.terraform_cloud_role import TerraformCloudRole
from trustproof_cdk.third_party_role import ThirdPartyRole
from trustproof_cdk.trusted import Trusted
from trustproof_cdk.waive import waive
from trustproof_cdk.web_identity_role import WebIdentityRole

__all__ = [
    "AmazonRole",
    "ApprovalGrant",
    "AssumeRoleGrant",
    "BreakGlassAlarm",
    "BreakGlassRole",
    "CognitoIdentityPoolRole",
    "ConditionBlock",
    "CrossAccountRole",
    "DecodeAuthorizationGrant",
    "EksPodIdentityRole",
    "EksServiceAccountRole",
    "FacebookRole",
    "FederationBroker",
    "GitHubActionsRole",
    "GitLabRole",
    "GoogleRole",
    "JustInTimeRole",
    "MfaEnforcedGroup",
    "MfaPolicy",
    "OrganizationRole",
    "PermissionSet",
    "RequireMfaGuardrail",
    "RoleChain",
    "RoleOptions",
    "RolesAnywhereRole",
    "SamlProvider",
    "SamlRole",
    "ServiceRole",
    "TerraformCloudRole",
    "ThirdPartyRole",
    "Trusted",
    "TrustproofChecks",
    "WebIdentityRole",
    "allow_with_mfa",
    "conjoin",
    "deny_users_without_mfa",
    "mfa_conditions",
    "mfa_resource_control_policy",
    "mfa_service_control_policy",
    "require_mfa",
    "session_policy",
    "waive",
]

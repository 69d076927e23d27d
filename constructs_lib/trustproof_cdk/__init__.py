"""
CDK constructs for cross-account roles and multi-factor authentication: safe by default, and proved by `trustproof`.
"""

from __future__ import annotations

from trustproof_cdk.assume_role_grant import AssumeRoleGrant
from trustproof_cdk.break_glass_role import BreakGlassRole
from trustproof_cdk.checks import TrustproofChecks
from trustproof_cdk.conditions import conjoin
from trustproof_cdk.cross_account_role import CrossAccountRole
from trustproof_cdk.mfa import mfa_conditions
from trustproof_cdk.mfa_enforced_group import MfaEnforcedGroup
from trustproof_cdk.mfa_policy import MfaPolicy
from trustproof_cdk.require_mfa import require_mfa
from trustproof_cdk.role_chain import RoleChain
from trustproof_cdk.roles_anywhere_role import RolesAnywhereRole
from trustproof_cdk.service_role import ServiceRole
from trustproof_cdk.third_party_role import ThirdPartyRole
from trustproof_cdk.trusted import Trusted

__all__ = [
    "AssumeRoleGrant",
    "BreakGlassRole",
    "CrossAccountRole",
    "MfaEnforcedGroup",
    "MfaPolicy",
    "RoleChain",
    "RolesAnywhereRole",
    "ServiceRole",
    "ThirdPartyRole",
    "Trusted",
    "TrustproofChecks",
    "conjoin",
    "mfa_conditions",
    "require_mfa",
]

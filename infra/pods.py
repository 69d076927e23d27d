"""
Roles for pods of EKS.
"""

from __future__ import annotations

import aws_cdk as cdk

from infra._roles import role_arguments, within
from infra.accounts import Account, Accounts, levels_in
from trustproof_cdk import EksPodIdentityRole, EksServiceAccountRole


def add_roles(stack: cdk.Stack, accounts: Accounts, account: Account) -> None:
    """
    Add a role for each level that pods have in the account, by clusters of this account or by issuers.

    An association of EKS Pod Identity, in the cluster, says which of its pods get the role; where issuers are given,
    an annotation of the service account does, and the provider of each issuer must be in the account.
    """
    for pods in accounts.pods:
        for level in levels_in(account, [pods.grants]):
            name = accounts.role_names.pods(pods.name, level)
            scope = within(stack, "pods", pods.name)
            arguments = role_arguments(stack, name, level, f"Pods {pods.name}")
            if pods.issuers:
                EksServiceAccountRole(
                    scope,
                    level.name,
                    service_accounts=pods.service_accounts,
                    clusters=[account.provider_arn(issuer) for issuer in pods.issuers[account.name]],
                    **arguments,
                )
            else:
                EksPodIdentityRole(
                    scope,
                    level.name,
                    service_accounts=pods.service_accounts,
                    clusters=[account.cluster_arn(cluster) for cluster in pods.clusters] or None,
                    **arguments,
                )

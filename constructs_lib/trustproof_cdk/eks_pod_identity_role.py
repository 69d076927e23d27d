"""
A role for pods of EKS clusters, by EKS Pod Identity.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from constructs import Construct

from trustproof_cdk._arguments import arguments, kubernetes, regions
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import own_account
from trustproof_cdk._roles.role import RoleOptions, TrustingRole
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._trust.trust import ASSUME_ROLE, TAG_SESSION, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin

_SERVICE = "pods.eks.amazonaws.com"


@construct
class EksPodIdentityRole(TrustingRole):
    """
    A role that pods with certain service accounts may assume through EKS Pod Identity, in clusters of our account.

    The service calls with the same principal for every cluster. It says for which account it calls, and passes session
    tags that say for which cluster, namespace and service account:
    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html

    An association with ``disableSessionTags`` passes none, so it cannot use this role.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        namespace: of the service account.
        service_account: its name.
        service_accounts: several instead, each with its namespace: ``payments/ledger``.
        clusters: ARNs of the clusters. Default: every cluster of the account.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: a wildcard, a name that Kubernetes would refuse, or the ARN of something else.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        namespace: str | None = None,
        service_account: str | None = None,
        service_accounts: Iterable[str] | None = None,
        clusters: Iterable[str] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        confined: dict[str, str | list[str]] = {"aws:SourceAccount": stacks.stack_of(scope).account}
        if clusters is not None:
            confined["aws:RequestTag/eks-cluster-arn"] = own_account.of_stack(
                scope,
                arguments.each(clusters, "clusters", _cluster),
                "clusters",
                "EKS Pod Identity gives pods roles of their cluster's account only",
            )
        spaces: dict[str, list[str]] = {}
        for space, name in kubernetes.accounts(namespace, service_account, service_accounts):
            spaces.setdefault(space, []).append(name)
        super().__init__(
            scope,
            construct_id,
            # A statement for each namespace: in one, a service account of one could be in the other.
            statements=[
                TrustStatement(
                    {"Service": [_SERVICE]},
                    [ASSUME_ROLE, TAG_SESSION],
                    conjoin({"StringEquals": {**confined, **_tags(space, names)}}, conditions),
                )
                for space, names in spaces.items()
            ],
            **options,
        )

    @property
    def passes_tags_on(self) -> bool:
        """
        Always: all tags that EKS gives to sessions of pods are transitive.

        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
        """
        return True


def _tags(space: str, names: list[str]) -> dict[str, str | list[str]]:
    return {"aws:RequestTag/kubernetes-namespace": space, "aws:RequestTag/kubernetes-service-account": names}


def _cluster(value: str, argument: str) -> str:
    pattern = r"arn:(aws|aws-[a-z-]+):eks:[a-z0-9-]+:[0-9]{12}:cluster/[a-zA-Z0-9][\w-]{0,99}"
    accepted = "the ARN of a cluster like 'arn:aws:eks:eu-central-1:111122223333:cluster/prod'"
    givers = {"AWS::EKS::Cluster": ("Arn",)}
    return regions.of_arn(arguments.matching(value, argument, pattern, accepted, givers), argument)

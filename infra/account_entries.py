"""
What the accounts file says, as values: the accounts, and who may be what in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import aws_cdk as cdk

from infra._partitions import partition_of
from infra._shapes import Place
from infra.access import ORDER, Level
from infra.control_policies import ControlPolicies
from infra.names import RoleNames


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account, and the Region its stacks are in."""

    name: str
    id: str
    region: str
    #: One of `infra.schema.KINDS`.
    kind: str
    unit: str | None
    #: Whether an administrator of it reaches the others: people or workflows go on from it, or it administers StackSets
    #: or Identity Center for the organization. Levels that deploy are never meant there by the way.
    leads_on: bool = False

    @property
    def environment(self) -> cdk.Environment:
        """Where the CDK deploys the stacks of this account."""
        return cdk.Environment(account=self.id, region=self.region)

    def role_arn(self, role: str) -> str:
        """The ARN of a role here. Names are the contract between accounts, so that no stack waits for another."""
        return f"arn:{partition_of(self.region)}:iam::{self.id}:role/{role}"

    def cluster_arn(self, cluster: str) -> str:
        """The ARN of a cluster of EKS here, in the Region of the stacks."""
        return f"arn:{partition_of(self.region)}:eks:{self.region}:{self.id}:cluster/{cluster}"

    def provider_arn(self, issuer: str) -> str:
        """The ARN of the identity provider here of an issuer of tokens, by its URL."""
        return f"arn:{partition_of(self.region)}:iam::{self.id}:oidc-provider/{issuer.removeprefix('https://')}"

    def role_anywhere(self, role: str) -> str:
        """The pattern of a role's ARN in any account of this partition."""
        return f"arn:{partition_of(self.region)}:iam::*:role/{role}"


@dataclass(frozen=True, slots=True)
class Grants:
    """What somebody may be, and where."""

    #: Name of an account to what somebody may be there, from the least to the most. Accounts without are left out.
    levels: Mapping[str, tuple[Level, ...]]
    #: Level to what stands in the file: accounts, units, `EVERYWHERE`.
    targets: Mapping[Level, tuple[str, ...]]

    def at(self, account: str) -> tuple[Level, ...]:
        """What somebody may be in an account, by its name."""
        return self.levels.get(account, ())


@dataclass(frozen=True, slots=True)
class Group:
    """A group of IAM users in the hub."""

    name: str
    grants: Grants
    #: Name of a level to the name of the role that is the group's own; other levels have the role that all share.
    role_names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A permission set of Identity Center, assigned in the hub."""

    name: str
    grants: Grants
    #: Ids of the identity store. With none of either, permission set and assignments are somebody else's.
    assigned_groups: tuple[str, ...]
    assigned_users: tuple[str, ...]

    @property
    def is_made_here(self) -> bool:
        """Whether the app makes and assigns it."""
        return bool(self.assigned_groups or self.assigned_users)


@dataclass(frozen=True, slots=True)
class IdentityCenter:
    """Where permission sets are made."""

    instance_arn: str
    #: Name of the account that administers it.
    account: str


@dataclass(frozen=True, slots=True)
class Vendor:
    """A third party whose machines come in."""

    name: str
    title: str
    accounts: tuple[str, ...]
    #: Account and name of a level to the external id of the role there.
    external_ids: Mapping[tuple[str, str], str]
    grants: Grants


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on GitHub, and which of its workflows come in."""

    name: str
    organization: str
    repository: str
    organization_id: str | None
    repository_id: str | None
    branches: tuple[str, ...]
    tags: tuple[str, ...]
    environments: tuple[str, ...]
    #: Whether those that a pull request starts do.
    pull_requests: bool
    #: Names of more repositories of the organization that come in alike.
    also: tuple[str, ...]
    job_workflow_refs: tuple[str, ...]
    grants: Grants

    @property
    def full_name(self) -> str:
        """What GitHub calls it."""
        return f"{self.organization}/{self.repository}"


@dataclass(frozen=True, slots=True)
class Pods:
    """Pods of EKS, by their service accounts and clusters."""

    name: str
    #: Each with its namespace: ``payments/ledger``.
    service_accounts: tuple[str, ...]
    #: Names of clusters, in whatever account; empty for every cluster of an account.
    clusters: tuple[str, ...]
    #: Account to the issuers of the clusters whose pods have roles there; empty for those of EKS Pod Identity.
    issuers: Mapping[str, tuple[str, ...]]
    grants: Grants


@dataclass(frozen=True, slots=True)
class SamlPeople:
    """People of SAML identity providers who come in alike."""

    name: str
    #: The texts of the metadata documents: of the provider, and of those beside it.
    metadata: tuple[str, ...]
    grants: Grants
    #: Where the entry stands, for what turns out to be wrong with the documents.
    place: Place


@dataclass(frozen=True, slots=True)
class OrganizationRole:
    """A role in every account of organizational units, known here by name or not."""

    name: str
    level: Level
    #: Ids of the units.
    units: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Accounts:
    """
    The organization, as the accounts file describes it. Everything in it is sorted by name, the hub first.
    """

    organization: str
    #: Name to id.
    units: Mapping[str, str]
    role_names: RoleNames
    hub: Account
    #: All of them, the hub too.
    accounts: tuple[Account, ...]
    groups: tuple[Group, ...]
    #: Group to the names of its users; groups that the file gives no users are left out.
    members: Mapping[str, tuple[str, ...]]
    permission_sets: tuple[PermissionSet, ...]
    identity_center: IdentityCenter | None
    saml: tuple[SamlPeople, ...]
    vendors: tuple[Vendor, ...]
    repositories: tuple[Repository, ...]
    pods: tuple[Pods, ...]
    organization_roles: tuple[OrganizationRole, ...]
    #: What is attached to the root, to units and to accounts.
    control_policies: ControlPolicies

    def of_kind(self, kind: str) -> Account | None:
        """The account of a kind of which there is at most one."""
        return next((account for account in self.accounts if account.kind == kind), None)

    def leading_on(self) -> list[str]:
        """The ids of the accounts that `Account.leads_on` is true of, in order."""
        return sorted(account.id for account in self.accounts if account.leads_on)

    def reach(self, grants: Grants) -> list[tuple[Account, Level]]:
        """Where somebody may go, and as what."""
        return [(account, level) for account in self.accounts for level in grants.at(account.name)]

    def member_role(self, group: Group, level: Level) -> str:
        """The name of the role that members of a group may be at a level."""
        return group.role_names.get(level.name) or self.role_names.members(level)


def levels_in(account: Account, grants: Iterable[Grants]) -> list[Level]:
    """What anybody of several may be in an account, from the least to the most."""
    wanted = {level for granted in grants for level in granted.at(account.name)}
    return sorted(wanted, key=lambda level: ORDER[level.name])

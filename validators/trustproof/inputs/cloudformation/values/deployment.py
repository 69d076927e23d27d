"""
Where a template is deployed to, and with which values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.aws.partitions import is_region, partition_of, url_suffix
from trustproof.inputs.cloudformation.values.bucket_settings import ALL_BUCKETS
from trustproof.inputs.cloudformation.values.linked_values import LinkedValues
from trustproof.inputs.cloudformation.values.passed_defaults import NO_DEFAULTS, AtDefault
from trustproof.inputs.cloudformation.values.presence import ALWAYS, Presence
from trustproof.inputs.cloudformation.values.resolved_values import with_resolved_values
from trustproof.model.stack_sets import TargetGroup, Targets
from trustproof.model.text import ACCOUNT_ID, PARTITION, REGION, Text


class StackSetTargets(NamedTuple):
    """
    Where a StackSet deploys, and what it passes to each group of accounts.
    """

    targets: Targets = Targets()
    #: The values of parameters, for each group.
    passed: tuple[Mapping[str, Text], ...] = ()

    def of(self, numbers: tuple[int, ...]) -> StackSetTargets:
        """Some of the groups, by their numbers."""
        groups: tuple[TargetGroup, ...] = tuple(self.targets.groups[number] for number in numbers)
        return StackSetTargets(self.targets._replace(groups=groups), tuple(self.passed[number] for number in numbers))


#: The names of the pseudo parameters that say where a stack is.
PLACES = (ACCOUNT_ID, PARTITION, REGION)
#: Of no StackSet.
NO_STACK_SET = StackSetTargets()
#: Of a stack that has none nested in it.
NO_DEMANDS: Mapping[str, object] = {}


class Deployment:
    """
    Where a template goes and with which parameters, as far as it is known; None is not known.
    """

    __slots__ = (
        "account",
        "at_default",
        "bindings",
        "demands",
        "is_in_stack_set",
        "linked_values",
        "organization",
        "parameters",
        "partition",
        "presence",
        "region",
        "stack_name",
        "stack_set",
    )

    def __init__(
        self,
        account: str | None = None,
        region: str | None = None,
        stack_name: str | None = None,
        parameters: Mapping[str, str] | None = None,
        bindings: Mapping[str, Text] | None = None,
        linked_values: LinkedValues | None = None,
        partition: str | None = None,
        stack_set: StackSetTargets = NO_STACK_SET,
        *,
        is_in_stack_set: bool = False,
        presence: Presence = ALWAYS,
        demands: Mapping[str, object] = NO_DEMANDS,
        at_default: AtDefault = NO_DEFAULTS,
    ) -> None:
        self.account: str | None = account
        self.region: str | None = region
        #: That of the Region; it may be known where that is not.
        self.partition: str | None = partition_of(region) if region is not None else partition
        self.stack_name: str | None = stack_name
        #: Parameters that the user pinned.
        self.parameters: dict[str, str] = with_resolved_values(parameters or {})
        #: What a parent stack passes to a nested one.
        self.bindings: dict[str, Text] = dict(bindings or {})
        #: What the other templates of the run give to this one; None before that is known, and where it is nothing.
        self.linked_values: LinkedValues | None = linked_values
        #: The accounts that a StackSet deploys to.
        self.stack_set: StackSetTargets = stack_set
        #: Whether a StackSet makes it, or what it stands inside of: there may be none of it, or any number.
        self.is_in_stack_set: bool = is_in_stack_set
        #: What decides whether it is there.
        self.presence: Presence = presence
        #: What the stacks nested in it demand: conditions, by names that no condition of a template has.
        self.demands: Mapping[str, object] = demands
        #: By the parameters that are passed what is made of defaults of the stacks around it.
        self.at_default: AtDefault = at_default
        #: The organization that the account is in.
        self.organization: str | None = None

    @property
    def place(self) -> dict[str, str]:
        """The pseudo parameters that say where it is, as far as that is known."""
        known = ((ACCOUNT_ID, self.account), (PARTITION, self.partition), (REGION, self.region))
        return {name: value for name, value in known if value is not None}

    @property
    def pseudo_parameters(self) -> dict[str, str]:
        """The pseudo parameters that have one value; where the Region is not known, not those that it decides."""
        known = {ACCOUNT_ID: self.account, "AWS::StackName": self.stack_name, REGION: self.region}
        if self.region is not None:
            partition = partition_of(self.region)
            known |= {PARTITION: partition, "AWS::URLSuffix": url_suffix(partition)}
        return {name: value for name, value in known.items() if value is not None}

    def with_linked_values(self, linked_values: LinkedValues | None) -> Deployment:
        """The same deployment, next to stacks that give it something."""
        found = Deployment(
            self.account,
            self.region,
            self.stack_name,
            self.parameters,
            self.bindings,
            linked_values,
            self.partition,
            self.stack_set,
            is_in_stack_set=self.is_in_stack_set,
            presence=self.presence,
            demands=self.demands,
            at_default=self.at_default,
        )
        found.organization = self.organization
        return found

    def in_organization(self, organization: str | None) -> Deployment:
        """The same, where the organization of the account is known; None for not known."""
        found = self.with_linked_values(self.linked_values)
        found.organization = organization
        return found

    def placed(self, account: str | None, region: str | None) -> Deployment:
        """The same in an account and a Region; None where they are not known."""
        linked_values = self.linked_values
        if linked_values is not None and account != self.account:
            # What others say of all buckets of an account is about those of one alone.
            around = {name: one for name, one in linked_values.bucket_settings.items() if name != ALL_BUCKETS}
            linked_values = linked_values._replace(bucket_settings=around)
        found = self.with_linked_values(linked_values)
        found.account, found.region = account, region
        found.partition = partition_of(region) if region is not None else None
        return found

    def anywhere(self) -> Deployment:
        """The same deployment, before anybody said to which account and Region."""
        return self.placed(None, None)

    def alone(self) -> Deployment:
        """The same place, where nobody passes anything."""
        found = Deployment(self.account, self.region, partition=self.partition, is_in_stack_set=self.is_in_stack_set)
        return found.in_organization(self.organization)

    def of_stack_set(
        self,
        parameters: Mapping[str, str],
        bindings: Mapping[str, Text],
        stack_set: StackSetTargets,
        at_default: AtDefault = NO_DEFAULTS,
    ) -> Deployment:
        """
        Where a StackSet of this deployment has its stacks: in accounts and Regions of its own, of the same partition.
        The Region is known where the StackSet names one only.

        Args:
            parameters: those that the user pinned.
            bindings: what the StackSet passes to its stacks.
            stack_set: which accounts these are.
            at_default: the defaults that what it passes is made of.
        """
        here = {self.region if one == REGION else one for one in stack_set.targets.regions}
        # No StackSet reaches into another partition.
        partitions = {partition_of(one) for one in here if one is not None and is_region(one)}
        partition = partitions.pop() if self.partition is None and len(partitions) == 1 else self.partition
        only = here.pop() if len(here) == 1 else None
        return Deployment(
            None,
            only if only is not None and is_region(only) else None,
            None,
            parameters,
            bindings,
            None,
            partition,
            stack_set,
            is_in_stack_set=True,
            presence=self.presence,
            at_default=at_default,
        )

    def where(self, presence: Presence) -> Deployment:
        """The same, where something decides whether it is there."""
        found = self.with_linked_values(self.linked_values)
        found.presence = presence
        return found

    def demanding(self, demands: Mapping[str, object]) -> Deployment:
        """The same, where stacks nested in it demand something."""
        found = self.with_linked_values(self.linked_values)
        found.demands = demands
        return found

    def in_region(self, region: str) -> Deployment:
        """The same in one of the Regions that a StackSet deploys to."""
        return self.placed(self.account, region)

    def in_other_region(self, region: object) -> Deployment:
        """The same in a Region that the template around it is not in; what is no Region's name is not known."""
        found = self.with_linked_values(self.linked_values)
        found.region = region if isinstance(region, str) and is_region(region) else None
        if found.region is not None:
            found.partition = partition_of(found.region)
        return found

    def in_groups(self, numbers: tuple[int, ...]) -> Deployment:
        """The same in some groups of accounts, by number, to which a StackSet passes the same."""
        stack_set = self.stack_set.of(numbers)
        passed = stack_set.passed[0]
        return Deployment(
            self.account,
            self.region,
            self.stack_name,
            self.parameters,
            passed,
            self.linked_values,
            self.partition,
            stack_set,
            is_in_stack_set=True,
            presence=self.presence,
            demands=self.demands,
            at_default={n: one for n, one in self.at_default.items() if passed.get(n) == self.bindings.get(n)},
        )

    def of_stack(
        self,
        bindings: Mapping[str, Text],
        parameters: Mapping[str, str] | None = None,
        at_default: AtDefault = NO_DEFAULTS,
    ) -> Deployment:
        """
        Where a stack inside this deployment goes.

        Args:
            bindings: what it is passed.
            parameters: those that the user pinned.
            at_default: the defaults that what it is passed is made of.
        """
        found = Deployment(
            self.account,
            self.region,
            None,
            parameters,
            bindings,
            partition=self.partition,
            is_in_stack_set=self.is_in_stack_set,
            presence=self.presence,
            at_default=at_default,
        )
        return found.in_organization(self.organization)

"""
Where a template is deployed to, and with which values.
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.aws.partitions import partition_of
from trustproof.inputs.cloudformation.values.linked_values import LinkedValues
from trustproof.model.text import Text


class Deployment:
    """
    Where a template goes and with which parameters, as far as it is known; None is not known.
    """

    __slots__ = ("account", "bindings", "linked_values", "parameters", "partition", "place", "region", "stack_name")

    def __init__(
        self,
        account: str | None = None,
        region: str | None = None,
        stack_name: str | None = None,
        parameters: Mapping[str, str] | None = None,
        bindings: Mapping[str, Text] | None = None,
        linked_values: LinkedValues | None = None,
        partition: str | None = None,
        place: str = "",
    ) -> None:
        self.account: str | None = account
        self.region: str | None = region
        #: That of the Region; it may be known where that is not.
        self.partition: str | None = partition_of(region) if region is not None else partition
        self.stack_name: str | None = stack_name
        #: Parameters that the user pinned.
        self.parameters: dict[str, str] = dict(parameters or {})
        #: What a parent stack passes to a nested one.
        self.bindings: dict[str, Text] = dict(bindings or {})
        #: What the other templates of the run give to this one; None before that is known, and where it is nothing.
        self.linked_values: LinkedValues | None = linked_values
        #: The accounts that a StackSet deploys to, in words; empty where they are not said.
        self.place: str = place

    def with_linked_values(self, linked_values: LinkedValues | None) -> Deployment:
        """The same deployment, next to stacks that give it something."""
        return Deployment(
            self.account,
            self.region,
            self.stack_name,
            self.parameters,
            self.bindings,
            linked_values,
            self.partition,
            self.place,
        )

    def anywhere(self) -> Deployment:
        """The same deployment, before anybody said to which account and Region."""
        return Deployment(
            None, None, self.stack_name, self.parameters, self.bindings, self.linked_values, None, self.place
        )

    def of_stack_set(self, parameters: Mapping[str, str], bindings: Mapping[str, Text], place: str = "") -> Deployment:
        """
        Where a StackSet of this deployment has its stacks: in accounts and Regions of its own, of the same partition.

        Args:
            parameters: those that the user pinned.
            bindings: what the StackSet passes to its stacks.
            place: which accounts these are, in words.
        """
        return Deployment(None, None, None, parameters, bindings, partition=self.partition, place=place)

    def of_stack(self, bindings: Mapping[str, Text]) -> Deployment:
        """
        Where a stack inside this deployment goes.

        Args:
            bindings: what it is passed.
        """
        return Deployment(self.account, self.region, None, {}, bindings, partition=self.partition)

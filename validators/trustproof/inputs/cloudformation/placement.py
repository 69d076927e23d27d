"""
Where a template goes, and what it says wherever it goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from trustproof.aws.partitions import is_region
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.cloudformation.values.intrinsics import is_literal
from trustproof.inputs.cloudformation.values.presence import NOT_KNOWN, Presence
from trustproof.model.construct_paths import construct_path
from trustproof.model.document import RESOURCE, Document
from trustproof.model.policy import Path
from trustproof.model.stack_sets import Targets
from trustproof.model.text import Text

_T = TypeVar("_T", bound="PlacedTemplate")


class _Origin(Protocol):
    @property
    def deployment(self) -> Deployment: ...
    @property
    def construct_paths(self) -> Mapping[str, str]: ...


class PlacedTemplate:
    """
    Something that is read for one deployment.
    """

    _anywhere: PlacedTemplate | None = None

    @property
    def placed(self) -> _Origin:
        """What it takes to read it again."""
        raise NotImplementedError

    @property
    def account(self) -> str | None:
        """The account it is deployed to; None where that is not known."""
        return self.placed.deployment.account

    @property
    def organization(self) -> str | None:
        """The id of the organization that the account is in; None where that is not known."""
        return self.placed.deployment.organization

    @property
    def region(self) -> str | None:
        """The Region it is deployed to; None where that is not known."""
        return self.placed.deployment.region

    @property
    def stack_name(self) -> str | None:
        """The name of the stack that it makes; None where nobody says it."""
        return self.placed.deployment.stack_name

    @property
    def is_optional(self) -> bool:
        """Whether something that it stands inside of decides whether it is there."""
        return bool(self.placed.deployment.presence.conditions)

    @property
    def resources(self) -> dict[str, dict[str, object]]:
        """The resources by logical id."""
        raise NotImplementedError

    def linked_names(self) -> Mapping[str, str]:
        """What stands, in role chains, for the names that other stacks give to this one."""
        linked = self.placed.deployment.linked_values
        return {} if linked is None else linked.generated

    def linked_role_ids(self) -> Mapping[str, Text]:
        """What stands for the unique ids of roles of other stacks that give something to this one, to their ARNs."""
        linked = self.placed.deployment.linked_values
        return {} if linked is None else linked.role_ids

    def nested_nowhere(self: _T) -> _T:
        """The same, where it is not known whether anybody deploys it."""
        deployment = self.placed.deployment
        is_there = {"Condition": f"{NOT_KNOWN}{self.name} is deployed"}
        return self.deployed(deployment.where(Presence((is_there,))))

    @property
    def name(self) -> str:
        """The file as the user named it."""
        raise NotImplementedError

    @property
    def targets(self) -> Targets:
        """The accounts that a StackSet deploys it to; no groups where there is none, or nobody knows which."""
        return self.placed.deployment.stack_set.targets

    def deployed(self: _T, deployment: Deployment) -> _T:
        """The same, read for another deployment."""
        raise NotImplementedError

    def in_groups(self: _T, numbers: tuple[int, ...]) -> _T:
        """The same in some groups of the accounts of a StackSet, which passes them the same values."""
        return self.deployed(self.placed.deployment.in_groups(numbers))

    def in_each_group(self: _T) -> Sequence[_T]:
        """The same once for each group of accounts that a StackSet passes other values; itself where all are alike."""
        passed = self.placed.deployment.stack_set.passed
        found: dict[frozenset[tuple[str, Text]], list[int]] = {}
        for number, values in enumerate(passed):
            found.setdefault(frozenset(values.items()), []).append(number)
        return [self.in_groups(tuple(numbers)) for numbers in found.values()] if len(found) > 1 else [self]

    def in_each_region(self: _T) -> Sequence[_T]:
        """The same once for each Region that a StackSet deploys it to; itself where these are not known."""
        regions = self.targets.regions
        if self.region is not None or not all(map(is_region, regions)):
            return [self]
        return [self.deployed(self.placed.deployment.in_region(region)) for region in regions] or [self]

    def constructs(self) -> dict[str, tuple[str, str]]:
        """The type and the construct path of each resource, by logical id; that stands for a path where none is."""
        paths, found = self.placed.construct_paths, self.resources
        return {
            logical_id: (self.resource_type(logical_id), construct_path(one, paths.get(logical_id)) or logical_id)
            for logical_id, one in found.items()
        }

    def resource_type(self, logical_id: str) -> str:
        """The ``Type`` of a resource; empty where the template has no such resource."""
        return found if isinstance(found := self.resources.get(logical_id, {}).get("Type"), str) else ""

    def documents_at(self, logical_id: str, path: Path) -> tuple[Document, ...]:
        """What the document of a resource at a path may be."""
        raise NotImplementedError

    def document(self, logical_id: str, path: Path, place: int = 0) -> Document | None:
        """
        The document of a resource at a path; reads no other resource.

        For a template from `at`: the same document as deployed, or None where this deployment does not have it.

        Args:
            place: which of the resources that it stands on is meant.
        """
        return next((found for found in self.documents_at(logical_id, path) if found.place == place), None)

    def documents_anywhere(self, logical_id: str, path: Path) -> tuple[Document, ...]:
        """The same before anybody said where it goes."""
        if self.account is None and self.region is None:
            return self.documents_at(logical_id, path)
        if self._says_the_same_anywhere(logical_id, path):
            found = self.documents_at(logical_id, path)
            # What a policy is put on has the account in its ARN.
            if all(one.kind != RESOURCE for one in found):
                return found
        self._anywhere = self._anywhere or self.deployed(self.placed.deployment.anywhere())
        return self._anywhere.documents_at(logical_id, path)

    def _says_the_same_anywhere(self, logical_id: str, path: Path) -> bool:
        """Whether a part of a resource is plain values under no condition, as most trust policies are."""
        found: object = self.resources.get(logical_id)
        if not isinstance(found, Mapping) or "Condition" in found or self.is_optional:
            return False
        if path[:2] != ("Resources", logical_id) or any(str(key).startswith("Fn::") for key in path):
            return False
        try:
            for key in path[2:]:
                found = found[key]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            # What stands there is made of something else.
            return False
        return is_literal(found)

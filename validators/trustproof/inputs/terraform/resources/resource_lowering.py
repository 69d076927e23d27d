"""
From the resources of Terraform to the template that the reader of CloudFormation takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from trustproof.inputs.cloudformation.values.catalogue import AROUND_BUCKETS, EXCLUSIVE, OUTWARD
from trustproof.inputs.terraform.accounts.providers import Home, Homes
from trustproof.inputs.terraform.lowering.lowering import Lowering, Root
from trustproof.inputs.terraform.resources import (
    access_by_argument,
    access_without_policies,
    cloud_control,
    control_policies,
    exclusive_attachments,
    identities,
    members_by_stacks,
    outward_mentions,
    policies_of_stacks,
    public_access,
    resources,
    senders,
    unknown_accounts,
    unknown_types,
)
from trustproof.inputs.terraform.resources.account_names import account_names, place_names
from trustproof.inputs.terraform.resources.outward_changes import outward_changes
from trustproof.inputs.terraform.resources.own_organization import own_organization
from trustproof.inputs.terraform.resources.replaced_policies import replaced_policies
from trustproof.inputs.terraform.resources.settings_of_account import settings_of_account, switched_off_for_account
from trustproof.inputs.terraform.resources.taken_from_others import taken_from_others
from trustproof.inputs.terraform.snapshots.data_source_policies import data_source_policies
from trustproof.inputs.terraform.snapshots.snapshot import Snapshot
from trustproof.inputs.terraform.types.table import RESOURCE, SHAPES, policies, restricting
from trustproof.inputs.terraform.types.types_of_aws import CLOUD_CONTROL
from trustproof.inputs.terraform.values.instances import Instance, Note, without_keys
from trustproof.inputs.terraform.values.values import Value, is_sensitive
from trustproof.model.policy import Path
from trustproof.model.presentation import PlaceNames

_LOWER = {**identities.LOWER, **resources.LOWER, **access_without_policies.LOWER, **control_policies.LOWER}


class LoweredTemplate(NamedTuple):
    """
    A template, for one of the places that a plan deploys to.
    """

    home: Home
    data: Mapping[str, object]
    #: Logical id, and the path from its properties, to what stands there.
    roots: Mapping[tuple[str, Path], Root]
    notes: tuple[Note, ...]
    #: Logical id to the type of the resource as Terraform calls it.
    types: Mapping[str, str]
    #: Reasons why something is not known that only the configuration says.
    hidden: frozenset[str] = frozenset()
    #: Logical id to what the module of the resource calls the account of its provider, if anything.
    account_names: Mapping[str, str] = {}
    place_names: Mapping[str, PlaceNames] = {}
    #: The id of the organization that its account is in; None where that is not known.
    organization: str | None = None
    #: What its resources are given that is sensitive, or has a part that is: a request is about a resource by its name.
    sensitive: tuple[Value, ...] = ()

    def without_resources(self) -> LoweredTemplate:
        """That of the same place where nothing is deployed to it."""
        return LoweredTemplate(self.home, {**self.data, "Resources": {}}, {}, (), {}, organization=self.organization)


def lower(snapshot: Snapshot, homes: Homes, hint: str = "") -> tuple[LoweredTemplate, ...]:
    """
    The templates, one for each place that resources are deployed to.

    Args:
        hint: what would make known what is not, a clause; empty where nothing would.
    """
    by_home: dict[Home, list[Instance]] = {home: [] for home in homes.homes}
    for instance in snapshot.instances:
        if not instance.is_data:
            by_home[homes.of(instance.provider)].append(instance)
    for instance in data_source_policies(snapshot.instances):
        by_home[homes.of(instance.provider)].append(instance)
    made = partial(_home, snapshot, homes, hint=hint, mentions=outward_mentions.Mentions())
    return tuple(made(home, instances) for home, instances in by_home.items())


def together(lowered: Sequence[LoweredTemplate]) -> tuple[Mapping[str, object], Mapping[tuple[str, Path], Root]]:
    """The templates of all places as one, and what their parts were made of: an address stands in one of them."""
    if len(lowered) == 1:
        return lowered[0].data, lowered[0].roots
    resources: dict[str, object] = {}
    roots: dict[tuple[str, Path], Root] = {}
    for one in lowered:
        found = one.data["Resources"]
        assert isinstance(found, dict)
        resources.update(found)
        roots.update(one.roots)
    return {"Resources": resources}, roots


def _home(
    snapshot: Snapshot,
    homes: Homes,
    home: Home,
    instances: Sequence[Instance],
    *,
    hint: str,
    mentions: outward_mentions.Mentions,
) -> LoweredTemplate:
    made = Lowering(snapshot, homes, home, hint)
    for instance in instances:
        _resource(made, instance)
    members_by_stacks.add_members(made)
    unknown_accounts.leave_open(made, instances)
    control_policies.attach(made, instances)
    _wait(made, instances)
    exclusive = exclusive_attachments.exclude(made, instances)
    exclusive += (*identities.replaced(made, instances), *public_access.switched_off(made, instances))
    policies_of_stacks.leave_open_replaced(made)
    exclusive += (*replaced_policies(made), *taken_from_others(made, homes, instances))
    exclusive += policies_of_stacks.claims_of_stacks(made)
    around = settings_of_account(made, homes, instances)
    exclusive += (*switched_off_for_account(around),)
    public_access.surround(made, instances)
    senders.lower(made, instances, snapshot.handed_on)
    outward_mentions.lower(made, instances, homes, mentions)
    if home is homes.homes[0]:
        senders.lower_outside(made, snapshot.handed_on)
    notes = made.notes if home is homes.homes[0] else made.notes[len(snapshot.notes) :]
    data: dict[str, object] = {"Resources": made.resources}
    if made.parameters:
        data["Parameters"] = made.parameters
    if made.conditions:
        data["Conditions"] = made.conditions
    if made.mappings:
        data["Mappings"] = made.mappings
    if exclusive:
        data[EXCLUSIVE] = exclusive
    if any(changed := outward_changes(made)):
        data[OUTWARD] = changed
    if around is not None:
        data[AROUND_BUCKETS] = around
    types = {instance.address: instance.type for instance in instances if instance.address in made.resources}
    types |= {key: types[root.address] for (key, _), root in made.roots.items() if root.address in types}
    names = account_names(instances, snapshot.instances, home.providers)
    places = place_names(instances, snapshot.instances, home.providers)
    parts = {key: root.address for (key, _), root in made.roots.items() if root.address != key}
    names |= {key: names[address] for key, address in parts.items() if address in names}
    places |= {key: places[address] for key, address in parts.items() if address in places}
    organization = own_organization(made, homes)
    hidden, sensitive = frozenset(made.hidden), tuple(_sensitive(instances, made))
    return LoweredTemplate(home, data, made.roots, tuple(notes), types, hidden, names, places, organization, sensitive)


def _sensitive(instances: Sequence[Instance], made: Lowering) -> Iterator[Value]:
    """What is sensitive of the arguments of resources that are in a template."""
    for instance in instances:
        if instance.address in made.resources:
            yield from filter(is_sensitive, instance.values.values())


def _wait(made: Lowering, instances: Sequence[Instance]) -> None:
    """Say what has to be there before a resource: what is to refer to that can be nothing that it waits for."""
    if not any(instance.waits_for for instance in instances):
        return
    logical_ids: dict[str, list[str]] = {}
    for logical_id in made.resources:
        address = without_keys(logical_id.partition("#")[0])
        parts = address.split(".")
        modules = (".".join(parts[:end]) for end in range(2, len(parts), 2) if parts[end - 2] == "module")
        for name in (*modules, address):
            logical_ids.setdefault(name, []).append(logical_id)
    for instance in instances:
        waits = [found for name in instance.waits_for for found in logical_ids.get(name, ())]
        if waits and instance.address in made.resources:
            made.resources[instance.address]["DependsOn"] = waits


def _resource(made: Lowering, instance: Instance) -> None:
    special = _LOWER.get(instance.type)
    if special is not None:
        special(made, instance)
    elif instance.type.startswith(CLOUD_CONTROL):
        cloud_control.lower(made, instance)
    elif instance.type in SHAPES or any(one.kind == RESOURCE for one in policies(instance.type)):
        resources.resource_policies(made, instance)
        access_by_argument.name_access(made, instance)
        access_by_argument.name_master_user(made, instance)
        if instance.type in unknown_types.CALLING:
            unknown_types.name_policy(made, instance)
    else:
        for argument in restricting(instance.type):
            # It is not judged, and a file that it is read from is no policy of something else.
            made.value(instance, argument)
        unknown_types.name_policy(made, instance)
        access_by_argument.name_access(made, instance)

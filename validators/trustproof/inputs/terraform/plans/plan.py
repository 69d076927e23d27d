"""
Plans, as ``terraform show -json tfplan`` writes them: what will be there when the plan has been applied.

https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trustproof.errors import InputError
from trustproof.inputs.terraform.plans.forgotten_resources import FORGOTTEN_OBJECT, is_exclusive
from trustproof.inputs.terraform.plans.plan_configuration import PlanConfiguration, read_configured
from trustproof.inputs.terraform.plans.unplanned_resources import deferred_changes, left_out
from trustproof.inputs.terraform.snapshots.assignments import gives
from trustproof.inputs.terraform.snapshots.deposed_objects import DEPOSED, instance_name, still_there
from trustproof.inputs.terraform.snapshots.detect import list_of_objects, object_of, text
from trustproof.inputs.terraform.snapshots.planned_changes import check_change
from trustproof.inputs.terraform.snapshots.snapshot import Snapshot, is_read
from trustproof.inputs.terraform.types.table import required_arguments
from trustproof.inputs.terraform.types.types_of_aws import OF_AWS
from trustproof.inputs.terraform.values.instances import Instance, Key, Note, check_mode, keys_of, without_keys
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.plain_values import from_json_value
from trustproof.inputs.terraform.values.values import Value

#: What every policy has, and the attributes that lead to one or say who is let in.
_STATEMENT, _LEADING = "Statement", ("permissions_boundary", "policy_arn", "principal")
#: What a plan does with a resource that stays in AWS, and leaves the state.
_FORGET = "forget"


class Plan:
    """
    A plan.

    Args:
        content: of the file.
        file: as the user named it.

    Raises:
        InputError: it is malformed, or Terraform could not finish it.
    """

    def __init__(self, content: Mapping[str, object], file: str) -> None:
        self._file = file
        if content.get("errored") is True:
            raise InputError(
                "the plan is errored: Terraform has not finished it, so it does not say what will be", file
            )
        if not isinstance(content.get("complete", True), bool):
            raise InputError("whether the plan is complete is neither true nor false", file)
        self._notes: list[Note] = []
        self._deleted: list[Instance] = []
        self._replaced: list[Instance] = []
        self._drifted: list[Instance] = []
        self._forgotten: list[Instance] = []
        self._changes: dict[str, Mapping[str, object]] = {}
        deposed: list[tuple[str, Mapping[str, object]]] = []
        for change in list_of_objects(content.get("resource_changes"), "resource_changes", file):
            address = text(change.get("address"), "the address of a resource change", file)
            check_change(change, address, file)
            if "deposed" not in change:
                if self._changes.setdefault(address, change) != change:
                    raise InputError(f"the plan contradicts itself: {address} is in resource_changes twice", file)
            else:
                deposed.append((instance_name(address, change["deposed"]), change))
        drifted = list_of_objects(content.get("resource_drift"), "resource_drift", file)
        self.configured: PlanConfiguration = read_configured(content.get("configuration"), file)
        self._content = content
        #: Objects that a failed replacement has left, and of which the plan says what becomes of them.
        self._deposed: frozenset[str] = frozenset(address for address, change in deposed if self._goes(address, change))
        #: Of resources that give on what they are given, by address: what that is.
        self.inputs: dict[str, KnownValues] = {}
        instances: dict[str, Instance] = {}
        prior = object_of(content.get("prior_state"), "prior_state", file)
        for resource in _resources(prior.get("values"), "prior_state.values", file):
            # What is read again while the plan is applied had another value before.
            if resource.get("mode") == "data" and not self._reads(str(resource.get("address"))):
                self._add(instances, resource)
        planned = list(_resources(content.get("planned_values"), "planned_values", file))
        for resource in planned:
            self._add(instances, resource)
            self._see_agreement(resource)
        for address, change in self._changes.items():
            self._changed(instances, address, change)
        for change in drifted:
            self._has_drifted(change)
        #: The addresses of all that it says something of.
        self.spoken_of: frozenset[str] = frozenset()
        #: The addresses of what it makes anew.
        self.made: tuple[str, ...] = tuple(one for one in instances if one in self._changes and self._creates(one))
        #: Whether it says what there will be.
        self.has_planned: bool = bool(planned)
        self._left_alone(instances, list(_resources(prior.get("values"), "prior_state.values", file)), planned)
        self.instances: tuple[Instance, ...] = tuple(instances.values())
        self._by_address = instances
        self._keys: dict[str, tuple[Key, ...]] | None = None

    def snapshot(self) -> Snapshot:
        """All that it says."""
        return Snapshot(
            self.instances,
            self.configured.providers(self._variables()),
            tuple(self._notes),
            self._doubt(),
            self.configured.references,
            self._variables(),
            tuple(self._deleted),
            tuple(self._replaced),
            tuple(self._drifted),
            tuple(self._forgotten),
            waits_for=self.configured.waits_for,
            handed_on=self.configured.handed_on,
            is_aws_before_3=self.configured.is_aws_before_3,
        )

    def _variables(self) -> dict[str, Value]:
        given = object_of(self._content.get("variables"), "variables", self._file)
        sensitive = self.configured.sensitive_variables
        return {
            name: from_json_value(variable["value"], name in sensitive)
            for name, variable in given.items()
            if isinstance(variable, Mapping) and "value" in variable
        }

    def _doubt(self) -> str:
        if list_of_objects(self._content.get("deferred_changes"), "deferred_changes", self._file):
            return "the plan has deferred changes: resources that nobody knows may still come"
        if self._content.get("complete") is False:
            return "the plan is not complete: another one has to follow, with resources that nobody knows"
        return ""

    @property
    def outputs(self) -> Mapping[str, object]:
        """The outputs that there will be, by name; what is not known yet has no value in it."""
        planned = object_of(self._content.get("planned_values"), "planned_values", self._file)
        return object_of(planned.get("outputs"), "planned_values.outputs", self._file)

    # -- what a plan knows, for whoever evaluates its configuration

    def variable(self, name: str) -> Value | None:
        """The value of a variable of the root module."""
        return self._variables().get(name)

    def attribute(self, address: str, name: str) -> Value | None:
        """An attribute of a resource or data source, as far as it is known."""
        found = self._by_address.get(address)
        values = found.values if found is not None else self.inputs.get(address, {})
        if found is None and name == "output":
            # What is stored is what is given, once it is applied.
            name = "input"
        value = values.get(name)
        return value if value is not None and value.is_known else None

    def keys(self, block: str) -> tuple[Key, ...] | None:
        """The keys of the instances of a block, or of a module call."""
        if self._keys is None:
            self._keys = keys_of(self._by_address)
        return self._keys.get(block)

    # -- reading

    def _add(self, instances: dict[str, Instance], resource: Mapping[str, object]) -> None:
        address = text(resource.get("address"), "the address of a resource", self._file)
        change = object_of(self._changes.get(address, {}).get("change"), f"the change of {address}", self._file)
        values = object_of(resource.get("values"), f"the values of {address}", self._file)
        sensitive = change.get("after_sensitive", resource.get("sensitive_values"))
        self._instance(instances, address, resource, values, change.get("after_unknown"), sensitive)

    def _see_agreement(self, resource: Mapping[str, object]) -> None:
        """
        Refuse a plan that says in two places what a resource will be, and not the same: Terraform writes both of one.

        Raises:
            InputError: what is planned of a resource is not what its change says.
        """
        address = resource.get("address")
        change = object_of(self._changes.get(str(address), {}).get("change"), f"the change of {address}", self._file)
        after, values = change.get("after"), resource.get("values")
        if not isinstance(after, Mapping) or not isinstance(values, Mapping):
            return
        # One of the two may leave out what is not known. What is no policy, and leads to none, is not looked at.
        for name in sorted(after.keys() & values.keys()):
            one, other = after[name], values[name]
            is_given = gives(str(resource.get("type"))) and isinstance(one, (str, bool, list)) and other is not None
            if one == other or not (is_given or (isinstance(one, str) and isinstance(other, str))):
                continue
            if is_given or name in _LEADING or _STATEMENT in one or _STATEMENT in other:
                said = f"{address} has two values of {name}, one in planned_values and one in resource_changes"
                raise InputError(f"the plan contradicts itself: {said}", self._file)

    def _changed(self, instances: dict[str, Instance], address: str, change: Mapping[str, object]) -> None:
        """What the changes say besides: what goes and stays in AWS, and resources that stand nowhere else."""
        inner = object_of(change.get("change"), f"the change of {address}", self._file)
        given = _actions(change, address, self._file)
        # What only looks that others are attached detaches nothing when it is deleted.
        leaves = "delete" in given and is_exclusive(str(change.get("type")))
        if ("delete" in given or "update" in given) and not leaves:
            # One that is made first is deleted last.
            is_last = given in (["delete"], ["create", "delete"])
            self._were(self._deleted if is_last else self._replaced, address, change, inner.get("before"))
        after = inner.get("after")
        if _FORGET in given or leaves:
            self._forget(f"{address}{FORGOTTEN_OBJECT}" if "create" in given else address, change)
        if address not in instances and isinstance(after, Mapping) and given not in (["delete"], [_FORGET]):
            unknown, sensitive = inner.get("after_unknown"), inner.get("after_sensitive")
            self._instance(instances, address, change, after, unknown, sensitive)

    def _has_drifted(self, change: Mapping[str, object]) -> None:
        """Keep what was there before somebody else has changed or deleted it: a state from before says it still."""
        address = text(change.get("address"), "the address of a resource that has drifted", self._file)
        check_change(change, address, self._file)
        inner = object_of(change.get("change"), f"the change of {address}", self._file)
        if "deposed" not in change and {"delete", "update"} & {*_actions(change, address, self._file)}:
            self._were(self._drifted, address, change, inner.get("before"))

    def _goes(self, address: str, change: Mapping[str, object]) -> bool:
        """
        Whether an object that a failed replacement has left is deleted, or forgotten; with what follows of that.

        Args:
            address: with the key of the object.
        """
        given = _actions(change, address, self._file)
        if _FORGET in given or ("delete" in given and is_exclusive(str(change.get("type")))):
            self._forget(address, change)
        elif "delete" in given:
            inner = object_of(change.get("change"), f"the change of {address}", self._file)
            self._were(self._deleted, address, change, inner.get("before"))
        return _FORGET in given or "delete" in given

    def _left_alone(
        self,
        instances: dict[str, Instance],
        before: Sequence[Mapping[str, object]],
        planned: Sequence[Mapping[str, object]],
    ) -> None:
        """
        What is there, and nothing is planned of: where only some resources were asked for, by ``-target`` or
        ``-exclude``, the others stay as they are; with ``-refresh-only`` all do.
        """
        moved = {change.get("previous_address") for change in self._changes.values()}
        refreshes = not planned and not self._changes
        later = list(deferred_changes(self._content, self._file))
        self._notes += later
        put_off = {note.what for note in later}
        named = (one for one in (*moved, *(resource.get("address") for resource in planned)) if isinstance(one, str))
        there = {*instances, *self._changes, *put_off, *named}
        for resource in before:
            address = text(resource.get("address"), "the address of a resource", self._file)
            there.add(address)
            key = resource.get("deposed_key")
            is_planned = address in instances or address in self._changes or address in moved
            address = instance_name(address, key)
            if resource.get("mode") != "managed" or (address in self._deposed if key else is_planned):
                continue
            self._add(instances, {**resource, "address": address})
            if address in instances and not refreshes and address not in put_off:
                reason = "is not planned, and read as it was before: the plan was made of other resources"
                self._notes.append(Note(address, reason))
        if refreshes and not all(one.is_data for one in instances.values()):
            self._notes.append(Note("the plan", "changes nothing, and what is there is read as it is"))
        self.spoken_of = frozenset(there)
        if planned:
            is_partial = self._content.get("complete") is False and not later
            self._notes += left_out(self.configured, there, is_partial=is_partial)

    def _forget(self, address: str, change: Mapping[str, object]) -> None:
        """Keep what stays in AWS as it is, though it leaves the state."""
        type_, provider = change.get("type"), change.get("provider_name")
        inner = object_of(change.get("change"), f"the change of {address}", self._file)
        before = inner.get("before")
        is_of_aws = isinstance(type_, str) and type_.startswith(OF_AWS)
        if not isinstance(type_, str) or not is_of_aws or change.get("mode") == "data":
            return
        if not isinstance(before, Mapping) or not is_read(provider if isinstance(provider, str) else ""):
            reason = "the plan forgets: it stays in AWS with its policies, and nobody looks at it any more"
            self._notes.append(Note(address, reason, is_left_out=True))
            return
        block = without_keys(text(change.get("address"), "the address of a resource change", self._file))
        is_configured = self.configured.arguments(block) is not None
        name = self._provider(block, type_, change) if is_configured else ""
        values = KnownValues(address, before, None, inner.get("before_sensitive"))
        self._forgotten.append(Instance(address, type_, name, values, existed=True))

    def _were(self, found: list[Instance], address: str, change: Mapping[str, object], before: object) -> None:
        """Keep what a resource was: others show it, or were surrounded by it."""
        type_, source = change.get("type"), change.get("provider_name")
        is_ours = is_read(source if isinstance(source, str) else "")
        if isinstance(type_, str) and isinstance(before, Mapping) and is_ours:
            provider = self._provider(without_keys(address.partition(DEPOSED)[0]), type_, change)
            found.append(Instance(address, type_, provider, KnownValues(address, before), existed=True))

    def _instance(
        self,
        instances: dict[str, Instance],
        address: str,
        resource: Mapping[str, object],
        values: Mapping[str, object],
        unknown: object,
        sensitive: object,
    ) -> None:
        type_ = text(resource.get("type"), f"the type of {address}", self._file)
        check_mode(resource.get("mode"), address, self._file)
        provider = resource.get("provider_name")
        if type_ == "terraform_data":
            self.inputs[address] = KnownValues(address, values, unknown, sensitive)
        if not type_.startswith(OF_AWS):
            return
        if not is_read(provider if isinstance(provider, str) else ""):
            reason, given = (
                f"is of the provider {provider}, which is not read",
                KnownValues(address, values, unknown).given,
            )
            self._notes.append(Note(address, reason, is_left_out=True, given=given))
            return
        block = without_keys(address.partition(DEPOSED)[0])
        is_set = self.configured.arguments(block)
        known = KnownValues(
            address, values, unknown, sensitive, None if is_set is None else is_set | required_arguments(type_)
        )
        key = resource.get("index")
        instances[address] = Instance(
            address,
            type_,
            self._provider(block, type_, resource),
            known,
            key=key if isinstance(key, (str, int)) else None,
            condition=still_there(address),
            existed=not self._creates(address),
        )

    def _provider(self, block: str, type_: str, resource: Mapping[str, object]) -> str:
        return self.configured.provider(block, type_, resource.get("provider_name"))

    def _reads(self, address: str) -> bool:
        """Whether a data source is read while the plan is applied."""
        change = self._changes.get(address)
        return change is not None and "read" in _actions(change, address, self._file)

    def _creates(self, address: str) -> bool:
        """Whether the plan makes a resource anew, and does not import it, or replaces what it imports."""
        change = self._changes.get(address, {}).get("change")
        actions = change.get("actions") if isinstance(change, Mapping) else None
        if not isinstance(change, Mapping) or not isinstance(actions, list) or "create" not in actions:
            return False
        return not change.get("importing") or "delete" in actions


def _actions(change: Mapping[str, object], address: str, file: str) -> list[object]:
    found = object_of(change.get("change"), f"the change of {address}", file).get("actions")
    return found if isinstance(found, list) else []


def _resources(values: object, what: str, file: str) -> Iterator[Mapping[str, object]]:
    """The resources of all modules."""
    root = object_of(values, what, file).get("root_module")
    yield from module_resources(object_of(root, f"{what}.root_module", file), file)


def module_resources(module: Mapping[str, object], file: str) -> Iterator[Mapping[str, object]]:
    """The resources of a module and of those it calls."""
    yield from list_of_objects(module.get("resources"), "resources", file)
    for child in list_of_objects(module.get("child_modules"), "child_modules", file):
        yield from module_resources(child, file)

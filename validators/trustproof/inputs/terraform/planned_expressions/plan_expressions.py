"""
A plan together with the configuration that it was made of: what the plan does not know, the expressions say.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.modules.files import DiskFiles, Files, PlanFiles
from trustproof.inputs.terraform.configuration.modules.lifecycle import ignored_changes
from trustproof.inputs.terraform.configuration.modules.modules import Loader
from trustproof.inputs.terraform.configuration.modules.static_references import blocks, waits_for
from trustproof.inputs.terraform.configuration.policy_documents import policy_document
from trustproof.inputs.terraform.configuration.reading import RootConfiguration, configuration
from trustproof.inputs.terraform.planned_expressions.joined_values import JoinedValues
from trustproof.inputs.terraform.planned_expressions.same_source import difference, other_difference
from trustproof.inputs.terraform.planned_expressions.same_values import difference as other_value
from trustproof.inputs.terraform.planned_expressions.same_values import is_same_policy
from trustproof.inputs.terraform.plans.plan import Plan
from trustproof.inputs.terraform.plans.unplanned_resources import never_made, not_made
from trustproof.inputs.terraform.snapshots.snapshot import Snapshot
from trustproof.inputs.terraform.types.table import policies
from trustproof.inputs.terraform.values.instances import Instance, Key, without_keys
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import Fields, Items, Value
from trustproof.model.policy import Path
from trustproof.model.stored_values import StoredValue


class PlannedConfiguration:
    """
    The configuration that a plan was made of.

    Args:
        plan: which it has to be that of.
        source: its directory, or the plan file, which holds the sources.
        file: the plan, as the user named it.

    Raises:
        InputError: the configuration cannot be read, or is not the one that was planned.
    """

    def __init__(self, plan: Plan, source: str, file: str) -> None:
        self._file = file
        self._source = source
        self._plan = plan
        files, root = _files(source)
        loader = Loader(files)
        self._read: RootConfiguration = configuration(root, {}, facts=plan, loader=loader)
        module = loader.load(root)
        assert module is not None
        self._blocks, others, absent = blocks(loader, module)
        found = difference(plan.configured, self._blocks, absent) or other_difference(plan.configured, others)
        if found:
            self._refuse(found)
        self.instances: tuple[Instance, ...] = tuple(self._instance(instance) for instance in plan.instances)
        self._written: dict[str, Instance | None] = {}
        self._planned = {instance.address: instance for instance in plan.instances}
        self._compare()
        made = tuple(configuration(root, {}, facts=_WithoutKeys(plan), loader=loader).instances())
        never = never_made(made, plan.made, self._blocks)
        if never:
            self._refuse(f"{never} is in the plan, and not in the configuration")
        self._absent = tuple(not_made(made, plan.spoken_of)) if plan.has_planned else ()

    def snapshot(self, plan: Snapshot) -> Snapshot:
        """What the plan says, with what it does not know."""
        # What a block removed forgets is in the plan.
        judged = tuple(
            f"{block}." for one in plan.forgotten if (block := without_keys(one.address)) not in self._blocks
        )
        # The plan has the resources of modules that are not at hand.
        said = (
            note._replace(reason=f"which {note.reason}", is_left_out=False) if note.is_left_out else note
            for note in self._read.notes
            if not f"{note.what}.".startswith(judged)
        )
        named = {note.what for note in plan.notes}
        absent = (note for note in self._absent if note.what not in named and without_keys(note.what) not in named)
        return plan._replace(instances=self.instances, notes=(*plan.notes, *said, *absent))

    def value(self, address: str, argument: Path) -> Value | None:
        """What the configuration says of an argument, for the place of it; None where it says nothing."""
        instance = self.written(address)
        if instance is None or not argument or argument[0] not in instance.values:
            return None
        if self._has_kept(address, str(argument[0])):
            return None
        value = instance.values[str(argument[0])]
        for step in argument[1:]:
            if isinstance(value, Items) and isinstance(step, int) and step < len(value.items):
                value = value.items[step]
            elif isinstance(value, Fields) and step in value.by_key:
                value = value.by_key[str(step)]
            else:
                return value
        return value

    def block(self, address: str) -> Place | None:
        """Where the block of a resource stands."""
        found = self._blocks.get(without_keys(address))
        return None if found is None else found.place

    def calls(self, address: str) -> Sequence[Place]:
        """Where the modules are called that a resource came through, outermost first."""
        instance = self.written(address)
        return () if instance is None else instance.calls

    def made_of(self, name: str) -> str:
        """What a value is made of that is only known when the plan is applied."""
        return self._read.made_of(name)

    def look_up(self, name: str) -> str:
        """What a data source is given whose value has a name, without its address; empty for anything else."""
        return self._read.look_up(name)

    def stored_values(self) -> Mapping[str, StoredValue]:
        """What the configuration puts where others read it, by name."""
        return self._read.stored_values

    def read_from(self, name: str) -> Mapping[str, bool]:
        """Under which of these names what is kept that a value is made of, each with whether it is the whole of it."""
        return self._read.read_from(name)

    def may_be_pattern(self, name: str) -> bool:
        """Whether a value that has a name is made of what is written with a wildcard, or of a file that may be any."""
        return self._read.may_be_pattern(name)

    def text(self, file: str) -> str:
        """The text of one of its files."""
        return self._read.text(file)

    def written(self, address: str) -> Instance | None:
        """The instance of an address, as the configuration makes it."""
        if address not in self._written:
            self._written[address] = self._read.instance(address)
        return self._written[address]

    def _instance(self, planned: Instance) -> Instance:
        values = planned.values
        assert isinstance(values, KnownValues)
        joined = JoinedValues(values, _Written(self, planned.address))
        address = without_keys(planned.address)
        block = self._blocks.get(address)
        prefix = ".".join([*address.split(".")[:-2], ""])
        return Instance(
            planned.address,
            planned.type,
            planned.provider,
            joined,
            key=planned.key,
            condition=planned.condition,
            place=None if block is None else block.place,
            existed=planned.existed,
            waits_for=() if block is None else waits_for(block, prefix),
        )

    def _compare(self) -> None:
        """See that the policies that the plan knows are those that the configuration makes."""
        for planned in self._plan.instances:
            if not planned.is_data:
                names = [argument.name for argument in policies(planned.type) if "." not in argument.name]
            else:
                # What is made of a document that the plan has read is what the plan says.
                names = ["json"] if planned.type == policy_document.TYPE else []
            for name in names:
                known = planned.values.raw(name) if isinstance(planned.values, KnownValues) else None
                written = self.value(planned.address, (name,)) if isinstance(known, str) else None
                if written is not None and isinstance(known, str) and not is_same_policy(known, written):
                    self._refuse(f"{planned.address}.{name} is another policy")
            self._compare_arguments(planned.address, planned.values, _compared(planned))
        for address, values in self._plan.inputs.items():
            block = self._blocks.get(without_keys(address))
            if block is not None and not ignored_changes(block).leaves("input"):
                self._compare_arguments(address, values, ("input",))

    def _compare_arguments(self, address: str, planned: Mapping[str, Value], arguments: Iterable[str]) -> None:
        """See that what the plan knows of arguments is what the configuration gives them."""
        for name in arguments:
            written = self.value(address, (name,)) if name in planned else None
            found = other_value(name, planned[name], written) if written is not None else ""
            if found:
                self._refuse(f"{address}: {found}")

    def _has_kept(self, address: str, argument: str) -> bool:
        """Whether the plan has another value than the configuration, because Terraform leaves it as it is."""
        block = self._blocks.get(without_keys(address))
        if block is None or not ignored_changes(block).leaves(argument):
            return False
        planned, written = self._planned.get(address), self.written(address)
        if planned is None or written is None or not isinstance(planned.values, KnownValues):
            return False
        known = planned.values.raw(argument)
        return known is not None and not (isinstance(known, str) and is_same_policy(known, written.values[argument]))

    def _refuse(self, found: str) -> None:
        raise InputError(f"the configuration in {self._source} is not the one that was planned: {found}", self._file)


class _WithoutKeys:
    """What a plan knows, but for which instances there are: these are made as the configuration says."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def variable(self, name: str) -> Value | None:
        """As the plan has it."""
        return self._plan.variable(name)

    def attribute(self, address: str, name: str) -> Value | None:
        """As the plan has it."""
        return self._plan.attribute(address, name)

    def keys(self, block: str) -> tuple[Key, ...] | None:
        """None: as the configuration has them."""
        return None


class _Written(Mapping[str, Value]):
    """The arguments of an instance as the configuration has them; evaluated when somebody asks."""

    def __init__(self, configuration_: PlannedConfiguration, address: str) -> None:
        self._configuration = configuration_
        self._address = address

    def _values(self) -> Mapping[str, Value]:
        found = self._configuration.written(self._address)
        return {} if found is None else found.values

    def __getitem__(self, name: str) -> Value:
        return self._values()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())

    def __len__(self) -> int:
        return len(self._values())

    def __contains__(self, name: object) -> bool:
        return name in self._values()


def _compared(planned: Instance) -> Iterable[str]:
    """
    The arguments of an instance, besides policies, that have to be what the configuration says: of what the plan does
    not know all else is taken from there.
    """
    if planned.is_data:
        is_read = planned.type == policy_document.TYPE and "json" in planned.values and planned.values["json"].is_known
        # A document that is only made later has blocks that the plan knows.
        return () if planned.type != policy_document.TYPE or is_read else tuple(planned.values)
    # The provider leaves the names of IAM as they are.
    return ("name",) if planned.type.startswith("aws_iam_") else ()


def _files(source: str) -> tuple[Files, str]:
    """The files of a configuration, and its root module."""
    if os.path.isdir(source):
        return DiskFiles(source), source
    found = PlanFiles(source)
    return found, found.root

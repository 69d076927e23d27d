"""
A plan together with the configuration that it was made of: what the plan does not know, the expressions say.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration import convert, policy_document
from trustproof.inputs.terraform.configuration.files import DiskFiles, Files, PlanFiles
from trustproof.inputs.terraform.configuration.lifecycle import ignored_changes
from trustproof.inputs.terraform.configuration.modules import Loader
from trustproof.inputs.terraform.configuration.reading import RootConfiguration, configuration
from trustproof.inputs.terraform.configuration.static_references import blocks, waits_for
from trustproof.inputs.terraform.configuration.work import Fault
from trustproof.inputs.terraform.instances import Instance, Key, Note, without_keys
from trustproof.inputs.terraform.joined_values import JoinedValues
from trustproof.inputs.terraform.known_values import KnownValues
from trustproof.inputs.terraform.plan import Plan
from trustproof.inputs.terraform.same_source import difference, other_difference
from trustproof.inputs.terraform.snapshot import Snapshot
from trustproof.inputs.terraform.table import policies
from trustproof.inputs.terraform.unplanned_resources import not_made
from trustproof.inputs.terraform.values import Fields, Items, JsonText, Known, Place, Value
from trustproof.model.policy import Path


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
        self._absent = tuple(self._not_planned(root, loader)) if plan.may_leave_out else ()

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

    def _not_planned(self, root: str, loader: Loader) -> Iterator[Note]:
        """What the configuration makes, by what it says of how many there are, and the plan says nothing of."""
        read = configuration(root, {}, facts=_WithoutKeys(self._plan), loader=loader)
        return not_made(read.instances(), self._plan.spoken_of)

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
                if written is not None and isinstance(known, str) and not _is_same(known, written):
                    self._refuse(f"{planned.address}.{name} is another policy")

    def _has_kept(self, address: str, argument: str) -> bool:
        """Whether the plan has another value than the configuration, because Terraform leaves it as it is."""
        block = self._blocks.get(without_keys(address))
        if block is None or not ignored_changes(block).leaves(argument):
            return False
        planned, written = self._planned.get(address), self.written(address)
        if planned is None or written is None or not isinstance(planned.values, KnownValues):
            return False
        known = planned.values.raw(argument)
        return known is not None and not (isinstance(known, str) and _is_same(known, written.values[argument]))

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


def _files(source: str) -> tuple[Files, str]:
    """The files of a configuration, and its root module."""
    if os.path.isdir(source):
        return DiskFiles(source), source
    found = PlanFiles(source)
    return found, found.root


def _is_same(known: str, written: Value) -> bool:
    """
    Whether a policy that a plan knows may be what the configuration makes: what is known of both is the same, as far as
    that says anything to the provider, which keeps what AWS has made of a policy.
    """
    try:
        found = convert.plain(written.of if isinstance(written, JsonText) else written)
        document = json.loads(found) if isinstance(found, str) else found
        return bool(_normal(json.loads(known)) == _normal(document))
    except Fault:
        return True
    except ValueError:
        return isinstance(written, Known) and written.value == known


def _normal(value: object) -> object:
    """A part of a policy without what makes no difference: https://github.com/hashicorp/awspolicyequivalence"""
    if isinstance(value, dict):
        # The url of an OIDC provider, of which keys are made, has a scheme only until the provider is made.
        return {key.removeprefix("https://"): _normal(inner) for key, inner in value.items() if inner not in ("", None)}
    if isinstance(value, list):
        items = [_normal(item) for item in value]
        return items[0] if len(items) == 1 else sorted(items, key=repr)
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    root = re.fullmatch(r"arn:aws[\w-]*:iam::(\d{12}):root", text)
    return text if root is None else root[1]

"""
States: what is there, as ``terraform show -json`` writes it, and as Terraform keeps it (version 4).

https://developer.hashicorp.com/terraform/internals/json-format#state-representation
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from trustproof.errors import InputError
from trustproof.inputs.terraform.accounts.state_accounts import told_apart
from trustproof.inputs.terraform.plans.plan import module_resources
from trustproof.inputs.terraform.snapshots.deposed_objects import instance_name, still_there
from trustproof.inputs.terraform.snapshots.detect import list_of_objects, object_of, text
from trustproof.inputs.terraform.snapshots.flat_attributes import with_parts
from trustproof.inputs.terraform.snapshots.holders import HOLDERS
from trustproof.inputs.terraform.snapshots.snapshot import Snapshot, is_read
from trustproof.inputs.terraform.types.types_of_aws import OF_AWS
from trustproof.inputs.terraform.values.instances import Instance, Note, check_mode, without_keys
from trustproof.inputs.terraform.values.known_values import KnownValues

#: ``module.a.provider["registry.terraform.io/hashicorp/aws"].hub``; before version 0.13 ``provider.aws.hub``.
_PROVIDER = re.compile(
    r'(?:(?P<module>module\..*)\.)?provider(?:\["(?P<source>[^"]+)"\]|\.(?P<name>\w+))(?:\.(?P<alias>.+))?'
)


def read_state(content: Mapping[str, object], file: str) -> Snapshot:
    """
    A state as ``terraform show -json`` writes it.

    Raises:
        InputError: it is malformed.
    """
    root = object_of(object_of(content.get("values"), "values", file).get("root_module"), "values.root_module", file)
    found = _Found(file)
    for resource in module_resources(root, file):
        address = text(resource.get("address"), "the address of a resource", file)
        type_ = text(resource.get("type"), f"the type of {address}", file)
        values = object_of(resource.get("values"), f"the values of {address}", file)
        check_mode(resource.get("mode"), address, file)
        provider = resource.get("provider_name")
        address = instance_name(address, resource.get("deposed_key"))
        known = KnownValues(address, values, _unknown(type_, values), resource.get("sensitive_values"))
        source = provider if isinstance(provider, str) else ""
        found.add(address, type_, type_.partition("_")[0], source, known)
        depends = resource.get("depends_on")
        if isinstance(depends, list):
            found.depends[address] = [without_keys(one) for one in depends if isinstance(one, str)]
    return found.told_apart()


def read_raw_state(content: Mapping[str, object], file: str) -> Snapshot:
    """
    A state as Terraform keeps it.

    Raises:
        InputError: it is malformed.
    """
    found = _Found(file)
    for resource in list_of_objects(content.get("resources"), "resources", file):
        type_ = text(resource.get("type"), "the type of a resource", file)
        name = text(resource.get("name"), f"the name of a resource of the type {type_}", file)
        module = resource.get("module")
        steps = (module if isinstance(module, str) else "", "data" if resource.get("mode") == "data" else "", type_)
        block = ".".join((*filter(None, steps), name))
        provider = _PROVIDER.fullmatch(str(resource.get("provider", "")))
        source = (provider["source"] or "") if provider is not None else ""
        for instance in list_of_objects(resource.get("instances"), f"the instances of {block}", file):
            address = instance_name(block + _key(instance.get("index_key")), instance.get("deposed"))
            given = instance.get("attributes")
            flat = instance.get("attributes_flat")
            values = given if given is not None else with_parts(flat, address, file)
            attributes = object_of(values, f"the attributes of {address}", file)
            hidden = _marks(instance.get("sensitive_attributes"))
            known = KnownValues(address, attributes, _unknown(type_, attributes), hidden)
            found.add(address, type_, _provider_name(provider, type_), source, known)
    return found.snapshot()


def outputs_of_state(content: Mapping[str, object]) -> Mapping[str, object]:
    """The outputs of a state in either form, each with its value, by name; what is none says nothing."""
    shown = content.get("values")
    outputs = (shown if isinstance(shown, Mapping) else content).get("outputs")
    return outputs if isinstance(outputs, Mapping) else {}


class _Found:
    """What has been read so far."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._values: dict[str, KnownValues] = {}
        self._instances: list[Instance] = []
        self._notes: list[Note] = []
        #: Address to the addresses, without keys, of what it depends on.
        self.depends: dict[str, list[str]] = {}

    def add(self, address: str, type_: str, provider: str, source: str, values: KnownValues) -> None:
        """
        Keep an instance.

        Raises:
            InputError: another one has its address, and says something else: which of them is there nobody knows.
        """
        first = self._values.setdefault(address, values)
        if first is not values and first.given != values.given:
            raise InputError(f"the state contradicts itself: {address} is in it twice", self._file)
        if not type_.startswith(OF_AWS):
            return
        if is_read(source):
            there = still_there(address)
            self._instances.append(Instance(address, type_, provider, values, condition=there, existed=True))
        else:
            reason = f"is of the provider {source}, which is not read"
            self._notes.append(Note(address, reason, is_left_out=True, given=values.given))

    def told_apart(self) -> Snapshot:
        """All of it, where the provider configurations are not known."""
        found = told_apart(self._instances, self.depends)
        return Snapshot(found.instances, notes=tuple(self._notes), doubt=found.doubt)

    def snapshot(self) -> Snapshot:
        """All of it."""
        return Snapshot(tuple(self._instances), notes=tuple(self._notes), has_credentials=False)


def _provider_name(found: re.Match[str] | None, type_: str) -> str:
    """What the root module calls a provider configuration."""
    if found is None:
        return type_.partition("_")[0]
    name = found["name"] or found["source"].rpartition("/")[2]
    called = f"{name}.{found['alias']}" if found["alias"] else name
    return f"{found['module']}:{called}" if found["module"] else called


def _unknown(type_: str, values: Mapping[str, object]) -> Mapping[str, bool]:
    """The marks of what a state does not say and AWS knows: a holder has a name, whoever made it up."""
    name = HOLDERS.get(type_)
    return {name: True} if name is not None and values.get(name) is None else {}


def _key(key: object) -> str:
    if isinstance(key, bool) or key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    escaped = str(key).replace("\\", "\\\\").replace('"', '\\"')
    return f'["{escaped}"]'


def _marks(paths: object) -> Mapping[str, object]:
    """The marks of sensitive attributes, of which a state has the paths: here, of the whole attribute."""
    return dict.fromkeys(_first_steps(paths), True)


def _first_steps(paths: object) -> Iterator[str]:
    for path in paths if isinstance(paths, list) else ():
        first = path[0] if isinstance(path, list) and path else path
        value = first.get("value") if isinstance(first, Mapping) else None
        if isinstance(value, str):
            yield value

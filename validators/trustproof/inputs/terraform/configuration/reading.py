"""
Configurations: a root module, what is given to its variables, and all resources that it makes.
"""

from __future__ import annotations

import json
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from trustproof.errors import InputError
from trustproof.files.paths import real_path
from trustproof.inputs.terraform.accounts.providers import place_of
from trustproof.inputs.terraform.configuration.block_contents.block_instances import with_key
from trustproof.inputs.terraform.configuration.module_instances.exported_attributes import exported_attributes
from trustproof.inputs.terraform.configuration.module_instances.module_instance import ModuleInstance
from trustproof.inputs.terraform.configuration.module_instances.stored_values import (
    may_be_pattern,
    read_from,
    stored_values,
)
from trustproof.inputs.terraform.configuration.module_instances.value_origins import (
    arguments_of,
    look_up,
    made_of,
    modules_from,
)
from trustproof.inputs.terraform.configuration.module_values import variables
from trustproof.inputs.terraform.configuration.module_values.module_context import ModuleContext
from trustproof.inputs.terraform.configuration.module_values.providers import configurations
from trustproof.inputs.terraform.configuration.module_values.variables import GivenVariables
from trustproof.inputs.terraform.configuration.modules.circular_locals import errors_of_modules
from trustproof.inputs.terraform.configuration.modules.files import DiskFiles
from trustproof.inputs.terraform.configuration.modules.modules import Loader, ResourceName
from trustproof.inputs.terraform.configuration.modules.passed_providers import needs_caller
from trustproof.inputs.terraform.configuration.modules.provider_versions import is_aws_before_3
from trustproof.inputs.terraform.configuration.modules.variables_behind import VariablesBehind
from trustproof.inputs.terraform.configuration.syntax.source_text import SourceText
from trustproof.inputs.terraform.configuration.validations.validations import (
    is_refused,
    passed_patterns,
    undecided_references,
    variables_validated_by,
)
from trustproof.inputs.terraform.configuration.validations.witnesses import Witnesses
from trustproof.inputs.terraform.configuration.values.expression_names import value_text
from trustproof.inputs.terraform.snapshots.snapshot import ProviderConfiguration
from trustproof.inputs.terraform.values.conditions import Condition
from trustproof.inputs.terraform.values.instances import Facts, Instance, Note, RootVariable, steps
from trustproof.inputs.terraform.values.values import Value, is_sensitive
from trustproof.model.stored_values import StoredValue

#: Validations are asked about so many texts.
_MOST_TEXTS = 1000


def configuration(
    root: str,
    given: Mapping[str, str],
    *,
    var_files: Sequence[str] = (),
    facts: Facts | None = None,
    loader: Loader | None = None,
    roots: int = 1,
    unset: frozenset[str] = frozenset(),
    accounts: Mapping[str, str] | None = None,
    region: str | None = None,
) -> RootConfiguration:
    """
    The configuration of a root module.

    Args:
        root: its directory, as the user calls it.
        given: values of variables by name, as they are given on a command line.
        var_files: files with values of variables; a later one wins, and `given` over all of them.
        facts: what a plan knows, which wins over what expressions say.
        loader: of modules, where some have been loaded already.
        roots: how many root modules the run has, which share what it may cost.
        unset: variables whose defaults are not read.
        accounts: that the user says, by provider configuration.
        region: of providers that do not say theirs.

    Raises:
        InputError: a file is not what it claims to be, a variable does not admit what it is given, or there are no
            sources in the directory.
    """
    loader = loader or Loader(DiskFiles(root))
    module = loader.load(root)
    if module is not None and module.is_empty and module.errors:
        raise module.errors[0]
    if module is None or module.is_empty:
        raise InputError("no .tf files in the directory", root)
    values = GivenVariables(loader.files, root, given, var_files, unset, goes_on=loader.goes_on)
    shared = ModuleContext(loader, module, values, facts, roots)
    read = RootConfiguration(shared, ModuleInstance(shared, module), values)
    shared.places = Places(read.providers, accounts or {}, region)
    return read


class Places:
    """
    Where provider configurations deploy to, as far as that is known without resources.

    Args:
        providers: gives the arguments of all of them.
        accounts: that the user says, by provider configuration.
        region: of those that do not say theirs.
    """

    def __init__(
        self,
        providers: Callable[[], Mapping[str, Mapping[str, Value]]],
        accounts: Mapping[str, str],
        region: str | None,
    ) -> None:
        self._providers = providers
        self._accounts = accounts
        self._region = region
        self._found: dict[str, Mapping[str, str]] = {}
        self._is_asking: bool = False

    def __call__(self, name: str) -> Mapping[str, str]:
        """What is known of one; nothing while that is looked for."""
        if name not in self._found and not self._is_asking:
            self._is_asking = True
            try:
                told = {one: ProviderConfiguration(one, given) for one, given in self._providers().items()}
            finally:
                self._is_asking = False
            self._found[name] = place_of(name, told, self._accounts, self._region)
        return self._found.get(name, {})


class RootConfiguration:
    """
    A root module, evaluated as far as somebody asks.

    Args:
        shared: what its modules share.
        root: the root module.
        given: what is given to its variables.
    """

    def __init__(self, shared: ModuleContext, root: ModuleInstance, given: GivenVariables) -> None:
        self._shared = shared
        self._root = root
        self._given = given
        self._instances: list[Instance] | None = None
        self._declared: dict[str, RootVariable] | None = None
        self._real_files: dict[str, str] = {}
        self._made_of: dict[str, str] = {}
        self._refusals: dict[tuple[str, str], Sequence[Condition | None]] = {}

    @property
    def files(self) -> Sequence[str]:
        """The files that it was read from, so far: those of modules that are called, too."""
        return list(self.sources())

    @property
    def real_files(self) -> frozenset[str]:
        """Where these files are behind all symbolic links: each is looked for once, whoever asks."""
        for file in self.sources():
            if file not in self._real_files:
                self._real_files[file] = real_path(file)
        return frozenset(self._real_files.values())

    @property
    def variables(self) -> Mapping[str, RootVariable]:
        """The variables of the root module, by name without ``var.``."""
        if self._declared is None:
            self._declared = {
                name: variables.read_variable(name, block, self._root.evaluator)
                for name, block in self._root.module.variables.items()
            }
        return self._declared

    def secrets(self) -> Sequence[Value]:
        """What is sensitive so far, whether or not it is in a policy: a reason says what it is about."""
        named = (name for name, one in self.variables.items() if one.sensitive)
        return [*map(self._root.variable, named), *self._shared.functions.sensitive]

    @property
    def defaults(self) -> Mapping[str, str]:
        """The variables that are read at their defaults, by name with ``var.``, and these as they might be written."""
        return {
            f"var.{name}": "(sensitive)" if one.sensitive or is_sensitive(one.default) else value_text(one.default)
            for name, one in self.variables.items()
            if one.default is not None and not self._given.is_given(name) and not self._given.is_unset(name)
        }

    @property
    def refused_defaults(self) -> Mapping[str, Note]:
        """
        The variables, without ``var.``, at whose defaults a precondition does not hold, which Terraform refuses; and
        what is said of that.
        """
        self.instances()
        return self._shared.refused_defaults

    def note(self, note: Note) -> None:
        """Say something more of it."""
        self._shared.note(note)

    @property
    def notes(self) -> Sequence[Note]:
        """Modules that are not at hand, and whatever else nobody has looked into."""
        self.instances()
        loaded = self._shared.loader.loaded
        unread = [Note(file, reason, is_left_out=True) for module in loaded for file, reason in module.notes]
        return [*unread, *self._shared.notes]

    @property
    def errors(self) -> Sequence[InputError]:
        """What is wrong with files, or with what they say, beside which the rest was read."""
        self.instances()
        return [*self._given.errors, *errors_of_modules(self._shared.loader.loaded, self._shared.errors)]

    @property
    def lacks(self) -> str:
        """What of the resources of its modules is not read, as a clause; empty where all are."""
        self.instances()
        return next((module.lacks for module in self._shared.loader.loaded if module.lacks), "")

    @property
    def needs_caller(self) -> bool:
        """Whether the root module leaves provider configurations to a caller: see `needs_caller`."""
        return needs_caller(self._root.module)

    @property
    def absent(self) -> Mapping[str, tuple[str, str]]:
        """The blocks that make no instance, by address: the type of the resource, empty for a module, and why."""
        self.instances()
        return self._shared.absent

    @property
    def never(self) -> Mapping[str, Sequence[Condition]]:
        """What never holds, since a validation refuses it, by what refuses it."""
        self.instances()
        return self._shared.never

    @property
    def never_valued(self) -> Sequence[Condition]:
        """What cannot be, since an expression that is evaluated has no value: of null, or at a key that is none."""
        return list(self._shared.never_valued.values())

    def refusals(self, name: str, text: str) -> Sequence[Condition | None]:
        """
        Where validations are known not to admit a text, or a list of texts with commas, as the value of a variable of
        the root module: under which conditions, None in any case. Those of modules that it is passed to count, too.
        """
        if (name, text) not in self._refusals:
            self._refusals[name, text] = self._refused(name, text)
        return self._refusals[name, text]

    def _refused(self, name: str, text: str) -> Sequence[Condition | None]:
        declared = self.variables.get(name)
        if declared is None or self._shared.facts is not None or len(self._refusals) >= _MOST_TEXTS:
            return ()
        if declared.type.startswith(("list(string", "set(string")):
            text = json.dumps(text.split(","))
        elif declared.type not in ("", "any", "string", "number"):
            return ()
        found: list[Condition | None] = []
        for module in self._undecided.get(f"var.{name}", ()):
            shared = self._shared.with_variables(self._given.with_text(name, text))
            # Of thousands of variables with validations, another text of one changes what its own come to.
            names = module.module.variables if module.address else self._validated_by(name)
            try:
                if is_refused(module.with_shared(shared), names):
                    found.append(module.condition)
            except InputError:
                found.append(None)
        return found

    def _validated_by(self, name: str) -> Iterable[str]:
        """The variables of the root module whose validations a variable of it may decide about."""
        return dict.fromkeys((*self._validated_with.get(name, ()), *self._validated_with.get("", ())))

    @cached_property
    def _validated_with(self) -> Mapping[str, Sequence[str]]:
        return variables_validated_by(self._root.module.variables)

    @cached_property
    def patterns(self) -> Mapping[str, str]:
        """
        The regular expressions that the variables of the root module have to match, by name without ``var.``: what
        modules that are called in any case demand of what they are passed, too.
        """
        found: dict[str, str] = {}
        for module in modules_from(self._root):
            if module.condition is None and "[*]" not in module.address:
                for name, pattern in passed_patterns(module):
                    found.setdefault(name, pattern)
        return found

    @cached_property
    def _undecided(self) -> Mapping[str, Sequence[ModuleInstance]]:
        """The modules whose validations a variable of the root module decides about, by its name with ``var.``."""
        found: dict[str, list[ModuleInstance]] = {}
        for module in modules_from(self._root):
            for name in sorted(undecided_references(module)):
                found.setdefault(".".join(name.split(".")[:2]), []).append(module)
        return {name: list(dict.fromkeys(modules)) for name, modules in found.items()}

    @cached_property
    def witnesses(self) -> Witnesses | None:
        """Who looks for values at which expressions come to something; None where a plan has them."""
        if self._shared.facts is not None:
            return None
        return Witnesses(self._root, self._given, self.variables, self._undecided)

    def instances(self) -> Sequence[Instance]:
        """All resources and data sources, in the order of files and blocks."""
        if self._instances is None:
            self._instances = list(self._root.instances())
        return self._instances

    def instance(self, address: str) -> Instance | None:
        """The instance of an address; None where no block gives it."""
        found = steps(address)
        module = self._root
        while len(found) > 1 and found[0] == "module":
            name = found[1].partition("[")[0]
            if name not in module.module.calls:
                return None
            wanted = f"{module.address}module.{found[1]}."
            child = next((child for child in module.children(name) if child.address == wanted), None)
            if child is None:
                return None
            module = child
            found = found[2:]
        is_data = found[0] == "data"
        if len(found) != 2 + is_data:
            return None
        resource = ResourceName(is_data, found[-2], found[-1].partition("[")[0])
        block = module.module.resources.get(resource)
        if block is None:
            return None
        plain = f"{module.address}{resource}"
        for made in module.expansion(resource, block, plain).instances:
            if with_key(plain, made.key) == address and not made.is_open:
                return module.instance(resource, block, made)
        return None

    def providers(self) -> Mapping[str, Mapping[str, Value]]:
        """
        The arguments of each provider configuration, by ``aws`` and ``aws.hub``; those of a module by ``module.a:aws``.
        """
        found: dict[str, Mapping[str, Value]] = {}
        is_any = any("ephemeral" in block.body.arguments for block in self._root.module.variables.values())
        waiting = [ModuleInstance(self._shared.for_providers(), self._root.module)] if is_any else [self._root]
        while waiting:
            module = waiting.pop()
            prefix = f"{module.address[:-1]}:" if module.address else ""
            found.update((prefix + name, given) for name, given in configurations(module.module, module.evaluator))
            # A module with configurations of its own is made once: Terraform refuses any other. How many there are of
            # others may hang on where a provider deploys to, which is asked here.
            calls = module.module.calls.items()
            once = (call for call, block in calls if {"count", "for_each"}.isdisjoint(block.body.arguments))
            waiting += (child for call in once for child in module.children(call))
        return found

    def is_aws_before_3(self) -> bool | None:
        """Whether its provider of AWS is older than version 3.0: see `is_aws_before_3`."""
        return is_aws_before_3(self._root.module.directory, self._shared.loader.loaded, self._shared.loader.files)

    @cached_property
    def variables_behind(self) -> VariablesBehind:
        """Who follows what is written in blocks to the variables of the root module."""
        return self._shared.variables_behind

    def handed_on(self) -> Mapping[str, str]:
        """The attributes that others get, without keys, each to who gets it: see `handed_on`."""
        return exported_attributes(self._root)

    def made_of(self, name: str) -> str:
        """What a value is made of that is not known: see `made_of` of the module beside this one."""
        if name not in self._made_of:
            self._made_of[name] = made_of(self._root, name)
        return self._made_of[name]

    def look_up(self, name: str) -> str:
        """What a data source is given whose value has a name, without its address; empty for anything else."""
        return look_up(self._root, name)

    @cached_property
    def stored_values(self) -> Mapping[str, StoredValue]:
        """What it puts into the Parameter Store, by the names under which it is read there."""
        return stored_values(self._root)

    def read_from(self, name: str) -> Mapping[str, bool]:
        """Under which of these names what is kept that a value is made of, each with whether it is the whole of it."""
        return read_from(self._root, name, self.stored_values)

    def may_be_pattern(self, name: str) -> bool:
        """Whether a value that has a name is made of what is written with a wildcard, or of a file that may be any."""
        return may_be_pattern(self._root, name)

    def arguments_of(self, address: str) -> str:
        """What a resource or module is given, and what that is made of; empty where nothing has that address."""
        return arguments_of(self._root, address)

    def called(self) -> list[str]:
        """The directories of the modules that are called, whether or not any instance of them is made."""
        found: dict[str, None] = {}
        waiting = [self._root]
        while waiting:
            module = waiting.pop()
            for call in module.module.calls:
                found.update(dict.fromkeys(filter(None, (module.directory_of_call(call),))))
                waiting += module.children(call)
        return list(found)

    def text(self, file: str) -> str:
        """The text of one of the files."""
        return self.sources()[file].text

    def sources(self) -> Mapping[str, SourceText]:
        """The files that have been read so far, by what they are called."""
        return ChainMap(self._shared.functions.texts, self._given.sources, self._shared.loader.sources)

"""
What configurations say, as templates: at the defaults of their variables, and where some have other values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

from trustproof.errors import InputError
from trustproof.inputs.settings import Settings
from trustproof.inputs.terraform.accounts.providers import DEFAULT, Homes
from trustproof.inputs.terraform.configuration.evaluation.expansion import together as both
from trustproof.inputs.terraform.configuration.modules.files import DiskFiles
from trustproof.inputs.terraform.configuration.modules.modules import Loader, Module
from trustproof.inputs.terraform.configuration.reading import RootConfiguration, configuration
from trustproof.inputs.terraform.lowering.template_conditions import (
    comparisons,
    texts_compared,
    texts_left,
    validation_rules,
    value_rules,
)
from trustproof.inputs.terraform.resources.resource_lowering import LoweredTemplate, lower
from trustproof.inputs.terraform.snapshots.snapshot import ProviderConfiguration, Snapshot
from trustproof.inputs.terraform.types.table import LOG_GROUP, table
from trustproof.inputs.terraform.types.types_of_aws import OF_AWS
from trustproof.inputs.terraform.values.conditions import NULL, Equal
from trustproof.inputs.terraform.values.instances import Facts, Instance, Note
from trustproof.inputs.terraform.values.values import Items

#: Arguments that name users, roles and groups, of resources that are there where they name nobody.
_NAMING = {
    "aws_iam_policy_attachment": ("users", "roles", "groups"),
    "aws_iam_group_membership": ("users",),
    "aws_iam_user_group_membership": ("groups",),
}
_OF_CLOUD_CONTROL = "awscc_"
#: So many instances are kept of readings at other values, and so many of these at least.
_KEPT, _FEW_KEPT = 2_000, 4
#: Names of provider configurations of theirs: ``aws``, ``module.a:aws.hub``, ``aws.by["key"]``.
_IS_READ = re.compile(r"(?:^|:)(?:aws|awscc)(?:\.[\w-]+(?:\[.*\])?)?$")


class ConfigurationReadings:
    """
    What a configuration says at the defaults of its variables, and where some have other values: the templates for all
    places that it deploys to ask for the same.

    Another process reads for itself.

    Args:
        root: the directory of the root module.
        named: the directory that was named.
        roots: how many root modules the run has.
    """

    def __init__(self, root: str, named: str, settings: Settings, roots: int) -> None:
        self.root = root
        self.named = named
        self.settings = settings
        self.roots = roots
        self._modules: dict[str, Module | None] = {}
        self._found: dict[frozenset[str], tuple[RootConfiguration, Sequence[LoweredTemplate]] | InputError] = {}
        self._empty: Sequence[LoweredTemplate] | None = None

    def __reduce__(self) -> tuple[type[ConfigurationReadings], tuple[str, str, Settings, int]]:
        return ConfigurationReadings, (self.root, self.named, self.settings, self.roots)

    def at(self, unset: frozenset[str]) -> tuple[RootConfiguration, Sequence[LoweredTemplate]]:
        """
        What it says, and its templates.

        Args:
            unset: the variables whose defaults are not read.

        Raises:
            InputError: a source is not what it claims to be, or there are two accounts for one provider.
        """
        if unset not in self._found:
            self._forget_one()
            loader = Loader(DiskFiles(self.named), self._modules, goes_on=True)
            try:
                self._found[unset] = lowered_of(self.root, loader, self.settings, self.roots, unset)
            except InputError as error:
                self._found[unset] = error
        found = self._found[unset]
        if isinstance(found, InputError):
            raise found
        read, made = found
        there = {name for one in made for name in one.home.providers}
        return read, [*made, *(one for one in self._made_otherwise() if there.isdisjoint(one.home.providers))]

    def _forget_one(self) -> None:
        """Drop the first reading at other values where as many are kept as there may be: each has all instances."""
        first = self._found.get(frozenset())
        others = [one for one in self._found if one]
        if isinstance(first, tuple) and len(others) >= max(_KEPT // max(len(first[0].instances()), 1), _FEW_KEPT):
            del self._found[others[0]]

    def _made_otherwise(self) -> Sequence[LoweredTemplate]:
        """Templates without resources, for places to which only other values than the defaults deploy something."""
        if self._empty is None:
            self._empty = ()
            read, made = self.at(frozenset())
            there = {name for one in made for name in one.home.providers}
            named = {name for name in read.providers() if _IS_READ.search(name)}
            # What is in a module that is not called may be of any provider, and one need not be written.
            absent = {type_ for type_, _ in read.absent.values()}
            if read.defaults and (
                named - there or any(one == "" or one.startswith(_OF_CLOUD_CONTROL) for one in absent)
            ):
                with suppress(InputError):
                    _, others = self.at(frozenset(name.removeprefix("var.") for name in read.defaults))
                    self._empty = tuple(
                        one.without_resources() for one in others if there.isdisjoint(one.home.providers)
                    )
        return self._empty


def lowered_of(
    root: str,
    loader: Loader,
    settings: Settings,
    roots: int = 1,
    unset: frozenset[str] = frozenset(),
    facts: Facts | None = None,
) -> tuple[RootConfiguration, list[LoweredTemplate]]:
    """
    What a root module says, and its templates: one for each account.

    Args:
        roots: how many root modules the run has.
        unset: the variables whose defaults are not read.
        facts: what a plan knows; it knows the variables, too.

    Raises:
        InputError: a source is not what it claims to be, or there are two accounts for one provider.
    """
    values = {} if facts is not None else variable_values(settings.parameters)
    files = () if facts is not None else settings.var_files
    accounts = dict(settings.provider_accounts)
    if settings.account is not None:
        accounts.setdefault(DEFAULT, settings.account)
    make = partial(configuration, root, values, var_files=files, facts=facts, loader=loader, roots=roots)
    read = make(unset=unset, accounts=accounts, region=settings.region)
    if refused := read.refused_defaults:
        # Nobody applies it at these defaults, so nothing is asked of it there.
        unset |= refused.keys()
        read = make(unset=unset, accounts=accounts, region=settings.region)
        for note in refused.values():
            read.note(note)
    snapshot = snapshot_of(read)
    homes = Homes(snapshot, accounts, settings.region, root)
    made = lower(snapshot, homes)
    for one in made:
        _declare(one, read, settings.parameters)
    full = [one for one in made if one.data["Resources"] or one.notes]
    return read, full or list(made[:1])


def variable_values(parameters: Mapping[str, str]) -> Mapping[str, str]:
    """Values of variables by name, of parameters that are called ``var.x`` or ``x``."""
    return {name.removeprefix("var."): value for name, value in parameters.items()}


def snapshot_of(read: RootConfiguration) -> Snapshot:
    """What a configuration says, as plans and states say it."""
    there = [one for one in read.instances() if one.type.startswith(OF_AWS)]
    sources = [one.provider.rpartition(":")[2].partition(".")[0] for one in there]
    instances = tuple(one for one, source in zip(there, sources, strict=True) if "/" not in source)
    providers = {
        name: ProviderConfiguration(name, arguments)
        for name, arguments in read.providers().items()
        if _IS_READ.search(name)
    }
    aside = (
        Note(one.address, f"is of the provider {source}, which is not read", one.place, is_left_out=True)
        for one, source in zip(there, sources, strict=True)
        if "/" in source
    )
    notes = (*read.notes, *aside, *_notes_of_absent(read, instances))
    is_before_3 = any(one.type == LOG_GROUP for one in instances) and read.is_aws_before_3()
    return Snapshot(instances, providers, notes, read.lacks, handed_on=read.handed_on(), is_aws_before_3=is_before_3)


def absent_blocks(read: RootConfiguration) -> list[tuple[str, str]]:
    """What may hold policies, and is in no deployment with these values, with the reason."""
    return [(address, why) for address, (type_, why) in read.absent.items() if not type_ or type_ in table()]


def _notes_of_absent(read: RootConfiguration, instances: Iterable[Instance]) -> Iterator[Note]:
    absent = [f"{address} ({why})" for address, why in absent_blocks(read)]
    # What names somebody at other values gives nothing to anybody at these.
    absent += [
        f"{one.address} ({argument} = [])"
        for one in instances
        for argument in _NAMING.get(one.type, ())
        if argument in one.values and isinstance(value := one.values[argument], Items) and not value.items
    ]
    if absent:
        yield Note("in no deployment, and so not asked about", ", ".join(absent))


def _declare(lowered: LoweredTemplate, read: RootConfiguration, pinned: Mapping[str, str]) -> None:
    """Say of the parameters of a template what the variables that they stand for admit."""
    assert isinstance(lowered.data, dict)
    variables = read.variables
    parameters = lowered.data.setdefault("Parameters", {})
    never = {variable: list(found) for variable, found in read.never.items()}
    for name, text in texts_compared(parameters, variables, lowered.data.get("Conditions")):
        for condition in read.refusals(name, text):
            refused = both(condition, Equal(f"var.{name}", text))
            assert refused is not None
            never.setdefault(f"the validation of var.{name}", []).append(refused)
    if rules := {**validation_rules(never, parameters), **value_rules(read.never_valued, parameters)}:
        lowered.data["Rules"] = rules
    left = texts_left(read.never_valued)
    for name in pinned:
        if name.removeprefix("var.") in variables:
            # Nothing refers to it any more, and somebody wants to know whether it is used.
            parameters[name] = {"Type": "String"}
    for name in sorted(read.patterns.keys() - variables.keys()):
        # A part of a variable is passed to a module.
        if f"var.{name}" in parameters:
            parameters[f"var.{name}"]["AllowedPattern"] = read.patterns[name]
    for name, declared in variables.items():
        parameter = parameters.get(f"var.{name}")
        if parameter is not None:
            if declared.type == "bool":
                parameter["AllowedValues"] = ["true", "false"]
                if [{"Ref": f"var.{name}"}, NULL] in comparisons(lowered.data.get("Conditions")):
                    parameter["AllowedValues"] = ["true", "false", NULL]
            if declared.allowed is not None:
                parameter["AllowedValues"] = list(declared.allowed)
            elif (texts := left.get(f"var.{name}")) and parameter.get("Default", texts[0]) in texts:
                parameter["AllowedValues"] = texts
            if name in read.patterns:
                parameter["AllowedPattern"] = read.patterns[name]

"""
Modules: the files of a directory as one, with what override files change.

https://developer.hashicorp.com/terraform/language/files
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

from trustproof.errors import InputError
from trustproof.files.paths import real_path
from trustproof.files.read import encryption
from trustproof.inputs.reader import REMOVED
from trustproof.inputs.terraform.configuration.modules.files import Files, InstalledModules, RefusedFile, TooLong
from trustproof.inputs.terraform.configuration.modules.lifecycle import argument_of
from trustproof.inputs.terraform.configuration.syntax import json_syntax, syntax
from trustproof.inputs.terraform.configuration.syntax.blocks import Argument, Block, Body, refuse_unknown
from trustproof.inputs.terraform.configuration.syntax.expressions import Literal, ObjectOf
from trustproof.inputs.terraform.configuration.syntax.source_text import SourceText
from trustproof.inputs.terraform.configuration.values.expression_names import block_address
from trustproof.inputs.terraform.snapshots.snapshot import by_source
from trustproof.inputs.terraform.snapshots.source_names import (
    is_override,
    only_of_opentofu,
    replaced_names,
    source_names,
)
from trustproof.inputs.terraform.types.types_of_aws import OF_AWS
from trustproof.inputs.terraform.values.instances import without_keys
from trustproof.inputs.terraform.values.place import Place

#: How the addresses begin of what may have policies.
_MAY_HAVE_POLICIES = (*OF_AWS, "module.")
_Name = TypeVar("_Name")
_Declared = TypeVar("_Declared", Argument, Block)
LOCAL = ("./", "../", ".\\", "..\\")


class ResourceName(NamedTuple):
    """
    A resource or data source as its module calls it.
    """

    is_data: bool
    type: str
    name: str

    def __str__(self) -> str:
        return f"{'data.' if self.is_data else ''}{self.type}.{self.name}"


class Module:
    """
    What stands in one directory.

    Args:
        directory: as the user would call it.
        files: by name, the override files last; each with what it says.
        notes: file and reason of what was not read.
        errors: what is wrong with the files that cannot be read; of what is read later, it gets more.
        is_whole: whether all of its files are read: what another one declares is not known.
        lacks: what of its resources and calls is not read, as a clause; empty where all are.
        goes_on: whether what is declared twice is one of its errors, and not declared.

    Raises:
        InputError: something is declared twice, and that is an error at once.
    """

    def __init__(
        self,
        directory: str,
        files: Mapping[str, tuple[SourceText, Body]],
        notes: Sequence[tuple[str, str]],
        errors: list[InputError],
        *,
        is_whole: bool = True,
        lacks: str = "",
        goes_on: bool = False,
    ) -> None:
        self.directory = directory
        self.files: Mapping[str, SourceText] = {name: source for name, (source, _) in files.items()}
        self.notes: list[tuple[str, str]] = [*notes]
        self.errors: list[InputError] = errors
        self.is_whole = is_whole
        self.lacks = lacks
        self._goes_on = goes_on
        #: How to take away again what is declared twice: nobody knows which one is meant.
        self._twice: list[Callable[[], object]] = []
        self.variables: dict[str, Block] = {}
        self.locals: dict[str, Argument] = {}
        self.outputs: dict[str, Block] = {}
        self.calls: dict[str, Block] = {}
        self.resources: dict[ResourceName, Block] = {}
        self.providers: dict[str, Block] = {}
        self.checks: list[Block] = []
        #: The blocks ``terraform``: what keeps the state, and may assume a role for it.
        self.settings: list[Block] = []
        #: What says of a resource that it was there before: ``import``, ``moved``.
        self.taken_over: list[Block] = []
        #: What the module calls providers, to their addresses, as far as they are written.
        self._sources: dict[str, str] = {}
        for name, (_, body) in files.items():
            self._add(body, overrides=is_override(name))
        for take_away in self._twice:
            take_away()
        self._imported_only()
        self.providers = {self.provider_named(name): block for name, block in self.providers.items()}

    @cached_property
    def real_directory(self) -> str:
        """
        Where it stands behind all symbolic links.

        Raises:
            InputError: these change while they are followed.
        """
        return real_path(self.directory)

    @cached_property
    def says_how_many(self) -> bool:
        """Whether any of its resources says how many there are of it: of each other one there is one, in any case."""
        return any(
            block.body.argument("count") or block.body.argument("for_each") or argument_of(block, "enabled")
            for block in self.resources.values()
        )

    def provider_named(self, local: str) -> str:
        """A provider configuration that the module calls in some way, by its provider: see `by_source`."""
        return by_source(local, self._sources.get(local.partition(".")[0], ""))

    def _add(self, body: Body, *, overrides: bool) -> None:
        for block in body.blocks():
            kind, labels = block.type, block.labels
            if kind == "locals":
                for argument in block.body.arguments.values():
                    what = f"local.{argument.name}"
                    if overrides and argument.name not in self.locals:
                        self._not_declared(self.locals, argument.name, what, argument.place)
                        continue
                    if argument.name in self.locals and not overrides:
                        self._declared_twice(self.locals, argument.name, what, argument.place)
                    self.locals[argument.name] = argument
            elif kind in ("resource", "data") and len(labels) == 2:
                self._put(self.resources, ResourceName(kind == "data", *labels), block, overrides)
            elif kind in ("import", "moved"):
                self.taken_over.append(block)
            elif kind == "removed":
                self._removed(block)
            elif kind == "terraform":
                self._sources.update(_sources(block))
                self.settings.append(block)
            elif kind == "check":
                self.checks.append(block)
            elif kind == "provider" and len(labels) == 1:
                self._put(self.providers, _provider_name(block), block, overrides)
            elif len(labels) == 1 and kind in ("variable", "output", "module"):
                found = {"variable": self.variables, "output": self.outputs, "module": self.calls}[kind]
                self._put(found, labels[0], block, overrides)

    def _put(self, found: dict[_Name, Block], name: _Name, block: Block, overrides: bool) -> None:
        what = f"{block.type} {'.'.join(block.labels)}"
        # A provider that no file configures has a configuration without arguments.
        is_default = found is self.providers and name == block.labels[0]
        if name not in found and (is_default or not overrides):
            found[name] = block
        elif name not in found:
            self._not_declared(found, name, what, block.place)
        elif overrides:
            found[name] = found[name].overridden(block)
        else:
            self._declared_twice(found, name, what, block.place)

    def _declared_twice(self, found: dict[_Name, _Declared], name: _Name, what: str, place: Place) -> None:
        self._refuse(found, name, f"{what} is declared twice", "nobody knows which one is meant", place)
        self._twice.append(lambda: found.pop(name, None))

    def _not_declared(self, found: dict[_Name, _Declared], name: _Name, what: str, place: Place) -> None:
        """An override file changes what another file declares, and declares nothing itself."""
        self._refuse(found, name, f"{what} is not declared in a file that this one overrides", "it is not made", place)

    def _refuse(self, found: object, name: object, message: str, lacks: str, place: Place) -> None:
        error = InputError(message, place.file, place.line, place.column)
        if not self._goes_on:
            raise error
        self.errors.append(error)
        self.is_whole = False
        if found is self.calls or (isinstance(name, ResourceName) and not name.is_data):
            self.lacks = self.lacks or f"{message}, and {lacks}"

    def _removed(self, block: Block) -> None:
        """Note what goes out of the configuration, and stays in AWS: with OpenTofu where nothing says otherwise."""
        address, destroy = block.body.argument("from"), argument_of(block, "destroy")
        is_kept = destroy is None or getattr(destroy.expression, "value", None) is not True
        named = block_address(address.expression) if address is not None else ""
        if is_kept and named.startswith(_MAY_HAVE_POLICIES):
            forgets = "forgets" if destroy is not None else "forgets in OpenTofu, since it does not say destroy = true"
            stays = "it stays in AWS with its policies, and nobody looks at it any more"
            self.notes.append((named, f"{REMOVED}{forgets}: {stays}"))

    @cached_property
    def addresses_taken_over(self) -> frozenset[str]:
        """What the module says was there before, without keys, as it names it: each of its resources asks for it."""
        targets = (block.body.argument("to") for block in self.taken_over)
        return frozenset(without_keys(block_address(to.expression)) for to in targets if to is not None) - {""}

    def _imported_only(self) -> None:
        """Note what comes from AWS, and is not written down yet."""
        for block in self.taken_over:
            to = block.body.argument("to") if block.type == "import" else None
            named = block_address(to.expression) if to is not None else ""
            type_, _, name = named.partition(".")
            if type_.startswith(OF_AWS) and ResourceName(False, type_, name) not in self.resources:
                reason = "a block import takes over, and no block describes: the plan has it, with its policies"
                self.notes.append((named, reason))

    @property
    def is_empty(self) -> bool:
        """Whether there are no sources in it."""
        return not self.files


def _sources(block: Block) -> Iterator[tuple[str, str]]:
    """What ``required_providers`` calls providers, with their addresses."""
    for required in block.body.blocks("required_providers"):
        for name, argument in required.body.arguments.items():
            entries = argument.expression.entries if isinstance(argument.expression, ObjectOf) else ()
            for key, value in entries:
                called = key.value if isinstance(key, Literal) else None
                if called == "source" and isinstance(value, Literal) and isinstance(value.value, str):
                    yield name, value.value


def _provider_name(block: Block) -> str:
    alias = block.body.argument("alias")
    value = getattr(alias.expression, "value", None) if alias is not None else None
    return f"{block.labels[0]}.{value}" if isinstance(value, str) else block.labels[0]


class Loader:
    """
    Reads each module once.

    Args:
        files: where they are.
        parsed: the modules that other readings of the same files have parsed, by their directories; these, too, get
            what this one parses.
        goes_on: whether what is wrong with one file is kept for whoever asks for it, and the others are read all the
            same.
    """

    def __init__(self, files: Files, parsed: dict[str, Module | None] | None = None, *, goes_on: bool = False) -> None:
        self.files = files
        self.goes_on = goes_on
        self._parsed = {} if parsed is None else parsed
        self._loaded: dict[str, Module | None] = {}
        #: The files of the modules that have been read, by what they are called.
        self.sources: dict[str, SourceText] = {}

    def load(self, directory: str) -> Module | None:
        """
        The module in a directory; None where there is no such directory.

        Raises:
            InputError: a file of it is not what it claims to be, or something is declared twice.
        """
        if directory not in self._loaded:
            if directory not in self._parsed:
                self._parsed[directory] = self._load(directory)
            module = self._loaded[directory] = self._parsed[directory]
            self.sources.update((source.file, source) for source in (module.files.values() if module else ()))
        return self._loaded[directory]

    @property
    def loaded(self) -> list[Module]:
        """The modules that have been read."""
        return [module for module in self._loaded.values() if module is not None]

    def _load(self, directory: str) -> Module | None:
        names = self.files.names(directory)
        if names is None:
            return None
        found: dict[str, tuple[SourceText, Body]] = {}
        notes: list[tuple[str, str]] = []
        errors: list[InputError] = []
        is_whole, lacks = True, ""
        for name in source_names(names):
            path = os.path.join(directory, name) if directory != "." else name
            try:
                source = source_text(self.files, path)
                found[name] = source, _body(source, errors if self.goes_on else None)
            except TooLong as error:
                if not self.goes_on or is_override(name):
                    raise InputError(str(error), path) from None
                errors.append(InputError(str(error), path))
                is_whole, lacks = False, lacks or f"{path} is not read, and nobody knows what it declares"
            except RefusedFile as error:
                notes.append((path, f"is not read: {error}"))
                is_whole, lacks = False, lacks or f"{path} is not read, and nobody knows what it declares"
            except InputError as error:
                # One that overrides may change whatever the others say, and one without a file is about all of them.
                if not self.goes_on or not error.file or is_override(name):
                    raise
                errors.append(error)
                is_whole, lacks = False, lacks or f"{path} cannot be read, and nobody knows what it declares"
        for name, instead in replaced_names(names).items():
            path = os.path.join(directory, name) if directory != "." else name
            notes.append((path, f"is not read: OpenTofu reads {instead} in its place, and Terraform does not"))
        for name in only_of_opentofu(names):
            path = os.path.join(directory, name) if directory != "." else name
            notes.append((path, "is read by OpenTofu only, and what Terraform makes without it is not looked into"))
        return Module(directory, found, notes, errors, is_whole=is_whole, lacks=lacks, goes_on=self.goes_on)


def _body(source: SourceText, errors: list[InputError] | None) -> Body:
    """
    What a file says.

    Args:
        errors: gets what is wrong with single arguments of JSON, which are read when somebody asks; None where that is
            an error at once.

    Raises:
        InputError: it is not what it claims to be.
    """
    found = json_syntax.parse(source, errors) if source.file.endswith(".json") else syntax.parse(source)
    refuse_unknown(found)
    return found


def source_text(files: Files, path: str) -> SourceText:
    """
    The text of a file.

    Raises:
        Refused: it is not read.
        InputError: it is not UTF-8.
    """
    content = files.read(path).removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        if encrypted := encryption(content):
            raise InputError(encrypted, path) from None
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"not UTF-8: byte 0x{content[error.start]:02x}", path, line) from None
    return SourceText(path, content)


def source_of(call: Block) -> str | None:
    """The ``source`` of a module call; None where it is no plain text."""
    argument = call.body.argument("source")
    value = getattr(argument.expression, "value", None) if argument is not None else None
    return value if isinstance(value, str) else None


def directory_of(installed: InstalledModules, parent: str, path: Sequence[str], source: str) -> str | None:
    """
    The directory of a module that is called; None where it is not at hand.

    A local module is where its source says: what is written down of it may be from another day, or another author, and
    ``terraform init`` goes by the source wherever nothing is written down.
    https://developer.hashicorp.com/terraform/language/modules/sources#local-paths

    Args:
        installed: see `Files.installed`.
        parent: the directory of the module that calls.
        path: the names of the calls that lead there, outermost first.
        source: as it is written.
    """
    if source.startswith(LOCAL) and not installed.has_local:
        return os.path.normpath(os.path.join(parent, source.replace("\\", "/")))
    return installed.directories.get(".".join(path))


def other_installation(installed: InstalledModules, path: Sequence[str], directory: str) -> str | None:
    """Where a module is said to be installed, if that is not the directory that is read."""
    recorded = installed.directories.get(".".join(path))
    if recorded is None or real_path(recorded) == real_path(directory):
        return None
    return recorded


def is_taken_over(address: str, module: Module, at: str) -> bool:
    """
    Whether a resource was there before, by what a module says that it is in.

    Args:
        address: of the resource.
        at: the address of the module, with a dot behind it.
    """
    whole, before = without_keys(address), without_keys(at)
    steps = whole.removeprefix(before).split(".")
    beginnings = (".".join(steps[:count]) for count in range(1, len(steps) + 1))
    return whole.startswith(before) and any(map(module.addresses_taken_over.__contains__, beginnings))

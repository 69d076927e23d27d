"""
From the paths a user names to templates, one at a time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module

from trustproof.errors import InputError, NothingToProve, TemplateError
from trustproof.files.paths import real_path
from trustproof.files.read import STDIN
from trustproof.inputs import template_detection
from trustproof.inputs.arguments import check_place
from trustproof.inputs.assembly import stack_reader
from trustproof.inputs.assembly.environments import read_stack
from trustproof.inputs.cloudformation.linking.linking import TemplateLinking
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.discovery.directories import Directory
from trustproof.inputs.discovery.left_out import of_terraform, unparsed, without_reader
from trustproof.inputs.discovery.own_outputs import is_own_output
from trustproof.inputs.discovery.units import ReadTemplate, SkippedPath, Unit, named_file, once, with_nesting
from trustproof.inputs.linking import Linking
from trustproof.inputs.nested_stacks.composition import Share
from trustproof.inputs.reader import Input, Reader
from trustproof.inputs.settings import RESOLVED, Settings
from trustproof.inputs.terraform import reader as terraform
from trustproof.inputs.text.given_values import given_source
from trustproof.inputs.text.source import EncryptedFile, Source, read
from trustproof.inputs.walk import ExcludedPaths, PassedOver

#: Every kind of file that is read: the first that takes a content reads it, and the first of all words the refusal.
#: Each is a module with a `READER`, which is imported when none before it has taken a content.
READERS = ("cloudformation.reader", "terraform.reader", "documents.policy_files", "documents.account_details")
#: What stands at the top of a template, and of nothing else that is read.
_SECTIONS = frozenset(
    "AWSTemplateFormatVersion Description Metadata Parameters Rules Mappings Conditions Transform Globals Resources "
    "Outputs Hooks".split()
)
#: Of those kinds whose inputs speak of each other.
LINKING: Linking = TemplateLinking()


@cache
def _reader(name: str) -> Reader:
    reader: Reader = import_module(f"trustproof.inputs.{name}").READER
    return reader


@cache
def suffixes() -> tuple[str, ...]:
    """How the names of all files end that are looked at in a directory."""
    own = (suffix for name in READERS for suffix in _reader(name).suffixes)
    return tuple(dict.fromkeys((*own, *terraform.SOURCES)))


class Inputs:
    """
    The templates of the named paths, read when they are asked for.

    `skipped`, `errors` and `count` are complete once `templates` is at its end.

    Args:
        paths: files, directories, cloud assemblies, or ``-``.
        settings: what is known of the deployment of every template.
        excluded: what the configuration leaves out of directories.
    """

    def __init__(
        self, paths: Sequence[str | Mapping[str, object]], settings: Settings, excluded: ExcludedPaths | None = None
    ) -> None:
        self.skipped: list[SkippedPath] = []
        #: What nobody has looked into.
        self.passed_over: list[PassedOver] = []
        self._excluded = excluded or ExcludedPaths()
        self.errors: list[InputError] = []
        #: Other names of files that are read, as symbolic links are, each with the name by which the file is judged.
        self.other_names: tuple[tuple[str, str], ...] = ()
        self.count: int = 0
        self.settings = settings
        self._paths = paths
        self._used: set[str] = set()
        #: The names of all parameters that the templates read so far declare.
        self.declared_parameters: set[str] = set()
        #: What the directory at hand has given so far: templates and errors, and files that are no template.
        self._some = 0
        self._none = 0
        #: Of each template given so far: the path of the stack of an assembly that it belongs to; empty for any other.
        self.stacks: list[str] = []
        self.templates: Iterator[Input] = self._templates()

    @property
    def unused_parameters(self) -> tuple[str, ...]:
        """The pinned parameters that no template read so far declares, sorted."""
        return tuple(sorted(self.settings.parameters.keys() - self._used))

    def units(self) -> Iterator[Unit]:
        """What there is to read, in order; a file in a directory need not be a template."""
        found = once(list(self._units()))
        self.other_names = found.other_names
        return with_nesting(found.units, self.settings.parameters)

    def _units(self) -> Iterator[Unit]:
        given = 0
        for path in self._paths:
            if isinstance(path, Mapping):
                given += 1
                yield Unit("", f"<template {given}>", content=path)
            elif path != STDIN and os.path.isdir(path):
                yield from Directory(path, suffixes(), self._excluded, self.settings).units()
                yield Unit(path)
            else:
                yield named_file(path)

    def take(self, unit: Unit, found: Input | ReadTemplate | InputError | SkippedPath | PassedOver) -> None:
        """Keep account of what a unit has given."""
        if isinstance(found, SkippedPath):
            self._none += 1
            self.skipped.append(found)
            return
        if isinstance(found, PassedOver):
            self.passed_over.append(found)
            return
        self._some += bool(unit.directory)
        if isinstance(found, InputError):
            # What several root modules call is read for each of them, and what has met a walk is met by its module too.
            if _said(found) not in map(_said, self.errors):
                self.errors.append(found)
        else:
            self.count += 1
            declared = found.parameter_names
            self._used |= {one for one in self.settings.parameters if one.removesuffix(RESOLVED) in declared}
            self.declared_parameters |= found.parameter_names
            self.errors.extend(found.errors)

    def finish(self, unit: Unit) -> None:
        """Say that a unit has given all; a directory without any template is an error."""
        self._some += unit.is_nested
        if unit.is_end:
            if not self._some:
                self.errors.append(_nothing_in(unit.directory, self._none, is_some_excluded=bool(self._excluded)))
            self._some = self._none = 0

    def _templates(self) -> Iterator[Input]:
        for unit in self.units():
            for found in read_unit(unit, self.settings):
                self.take(unit, found)
                if not isinstance(found, (InputError, SkippedPath, PassedOver)):
                    self.stacks.append(unit.stack.path if unit.stack is not None else "")
                    yield found
            self.finish(unit)


def _said(error: InputError) -> tuple[object, ...]:
    """What tells an error from others, also where one path begins with ``./``."""
    return os.path.normpath(error.file), error.line, error.column, error.message


def _nothing_in(directory: str, skipped: int, *, is_some_excluded: bool) -> NothingToProve:
    files = f"{skipped} file{'' if skipped == 1 else 's'} that {'is' if skipped == 1 else 'are'} no template"
    message = f"no template in the directory ({files})" if skipped else "no template in the directory"
    if is_some_excluded:
        message += ", but for what the configuration excludes"
    return NothingToProve(f"{message}, expected files ending in {', '.join(suffixes())}", directory)


# -- reading it


def read_unit(unit: Unit, settings: Settings) -> Iterator[Input | InputError | SkippedPath | PassedOver]:
    """The inputs of a unit, each with those that stand inside it; an error for each that cannot be read."""
    for found in _read_unit(unit, settings):
        yield found
        if not isinstance(found, (InputError, SkippedPath, PassedOver)):
            yield from found.embedded()


def _read_unit(unit: Unit, settings: Settings) -> Iterator[Input | InputError | SkippedPath | PassedOver]:
    if unit.passed_over is not None:
        yield unit.passed_over
    elif unit.error is not None:
        yield unit.error
    elif unit.stack is not None:
        yield from read_stack(unit.stack, settings, unit.share)
    elif unit.content is not None or unit.is_configuration:
        read_so_far = frozenset[str]()
        try:
            if unit.content is not None:
                yield from _given(unit.file, unit.content, settings)
            else:
                made, read_so_far = terraform.read_directory(unit.file, unit.directory, settings, unit.roots)
                yield from made
        except InputError as error:
            yield error
        # A policy that the configuration reads is judged where it is attached.
        for file in unit.left_to_it:
            if real_path(file) not in read_so_far:
                yield from _read_file(unit._replace(file=file), settings)
    elif unit.file and not unit.is_nested:
        read_nested: set[str] = set()
        for one in _read_file(unit, settings):
            if isinstance(one, Template) and unit.inside:
                for inner in stack_reader.with_nested(one, unit.inside, unit.share):
                    read_nested.add(_place(inner))
                    yield inner
            else:
                yield one
        for file in unit.left_to_it:
            if file not in read_nested:
                yield from _nested_nowhere(unit._replace(file=file), settings)


def _read_file(unit: Unit, settings: Settings) -> Iterator[Input | InputError | SkippedPath | PassedOver]:
    try:
        yield from _candidate(unit.file, settings) if unit.directory else _named(unit.file, settings)
    except InputError as error:
        yield error


def _nested_nowhere(unit: Unit, settings: Settings) -> Iterator[Input | InputError | SkippedPath | PassedOver]:
    """The template of nested stacks that nobody makes here."""
    for one in _read_file(unit, settings):
        yield one.nested_nowhere() if isinstance(one, Template) else one


def _place(found: Input | InputError | PassedOver) -> str:
    """The file that something is said of."""
    if isinstance(found, InputError):
        return found.file or ""
    return found.path if isinstance(found, PassedOver) else found.name


def _given(name: str, content: Mapping[str, object], settings: Settings) -> Sequence[Input]:
    """
    A template that a program has given: read as the JSON that it would be written as.

    Raises:
        InputError: it is no template, or holds what JSON cannot.
    """
    source = given_source(name, content)
    loaded = source.load()
    return _read_by(_reader_of(loaded, source), source, loaded, settings)


def _named(path: str, settings: Settings) -> Sequence[Input]:
    # A template of CloudFormation may have the name of one, and is judged by itself.
    if terraform.is_source(path) and not (path.endswith(".json") and template_detection.looks_like_template(path)):
        raise InputError("a source of Terraform's is read with the others: name its directory", path)
    source = read(path)
    content = _loaded(source)
    return _read_by(_reader_of(content, source), source, content, settings)


def _loaded(source: Source) -> object:
    try:
        return source.load()
    except InputError:
        if why := terraform.why_no_json(source.text):
            raise TemplateError(why, source.name) from None
        raise


def _candidate(path: str, settings: Settings) -> Sequence[Input | SkippedPath | PassedOver]:
    """
    A file of a directory.

    Raises:
        InputError: it looks like a template, and is none.
    """
    try:
        source = read(path)
    except EncryptedFile as error:
        return (PassedOver(path, error.message),)
    try:
        content = _loaded(source)
    except InputError as error:
        if left := of_terraform(path, source.text):
            return (left,)
        # What looks like a template must not pass in silence because it is broken.
        plain = template_detection.unescape(source.text)
        if path.lower().endswith(suffixes()) and any(_reader(name).resembles(plain) for name in READERS):
            if template_detection.has_directives(plain) or template_detection.is_filled_in(source.text):
                return (PassedOver(path, f"templatefile of Terraform's fills it in first, and it is {error.message}"),)
            raise
        if path.lower().endswith(suffixes()) and template_detection.look(path) == "":
            # Under another name, the same text is read as YAML.
            raise
        return (unparsed(path, source.text, error),)
    try:
        reader = _reader_of(content, source)
    except TemplateError as error:
        return () if is_own_output(content) else (without_reader(path, source.text, content, error),)
    return _read_by(reader, source, content, settings)


def is_input(path: str) -> bool:
    """Whether a file is something that is read here, or tries to be: a template, a plan, a policy, a source."""
    if terraform.is_source(path):
        return True
    try:
        content = read(path).load()
    except InputError:
        return template_detection.looks_like_template(path)
    return any(_reader(name).reads(content) for name in READERS)


def _reader_of(content: object, source: Source) -> Reader:
    """
    Who reads a file's content.

    Raises:
        TemplateError: nobody does.
        InputError: several would, and what one reads the other would leave unread.
    """
    for number, name in enumerate(READERS):
        if _reader(name).reads(content):
            more = sorted(map(str, set(content) - _SECTIONS)) if isinstance(content, Mapping) else []
            # Most templates have nothing else, and nobody else is asked about them.
            if more and any(_reader(other).reads(content) for other in READERS[number + 1 :]):
                raise InputError(f"it is several kinds of input at once, by {', '.join(more)}", source.name)
            return _reader(name)
    why_not = terraform.why_not_read(content, source.name) or _reader(READERS[0]).refusal(content)
    raise TemplateError(why_not, source.name)


def _read_by(reader: Reader, source: Source, content: object, settings: Settings) -> Sequence[Input]:
    assert isinstance(content, Mapping)
    if settings.policy_kind is not None and reader is not _reader("documents.policy_files"):
        raise TemplateError(f"is no policy document, which --as {settings.policy_kind} is for", source.name)
    return reader.read(source, content, settings)


def read_paths(
    paths: Sequence[str],
    *,
    account: str | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Inputs:
    """
    The templates of files, directories of templates, cloud assemblies, and standard input (``-``).

    Nothing is raised for what cannot be read: it is in the result's `errors`, so that the others can be judged.

    Args:
        paths: as the user named them.
        account: 12 digits; of templates that do not say theirs (a cloud assembly's own environment wins).
        region: likewise.
        parameters: values of template parameters.
    """
    return Inputs(paths, Settings(account, region, parameters or {}))


def read_template(
    path: str,
    *,
    account: str | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Input:
    """
    One template file, or standard input for ``-``.

    Raises:
        InputError: it cannot be read, is not a template, or refuses a parameter's value.
        PolicySyntaxError: AWS would refuse one of its policies.
    """
    template, *_ = _named(path, Settings(account, region, parameters or {}))
    for error in template.errors:
        raise error
    return template


def reopened(path: str) -> Input:
    """
    A template that has been read before; what is wrong with parts of it has been reported then.

    Raises:
        InputError: it is gone by now.
    """
    for found in read_unit(named_file(path), Settings(None, None, {})):
        if isinstance(found, InputError):
            raise found
        if not isinstance(found, (SkippedPath, PassedOver)):
            return found
    raise InputError("is no template any more", path)


def read_templates(given: Iterable[tuple[str, str | None, str | None]]) -> Iterator[Input]:
    """
    Template files, each with its account and Region; one that a nested stack of another one has is read as that.

    Raises:
        InputError: one cannot be read, or is not a template.
        PolicySyntaxError: AWS would refuse one of their policies.
        UsageError: an account or a Region is none.
    """
    listed = list(given)
    for _, account, region in listed:
        check_place(account, region)
    files = {real_path(path): path for path, _, _ in listed}
    seen: set[str] = set()
    for path, account, region in listed:
        if real_path(path) in seen:
            continue
        template = read_template(path, account=account, region=region)
        found: Iterable[Input | InputError | PassedOver] = (template,)
        if isinstance(template, Template) and stack_reader.has_nested(template):
            found = stack_reader.with_nested(template, files, Share(fresh=files))
        before = frozenset(seen)
        for one in found:
            if isinstance(one, InputError):
                raise one
            for error in () if isinstance(one, PassedOver) else one.errors:
                raise error
            if not isinstance(one, PassedOver) and real_path(one.name) not in before:
                seen.add(real_path(one.name))
                yield one

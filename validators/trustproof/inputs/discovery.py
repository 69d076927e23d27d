"""
From the paths a user names to templates, one at a time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.errors import InputError, NothingToProve, PolicySyntaxError, TemplateError
from trustproof.inputs import cdk_assembly as assembly
from trustproof.inputs.cdk_assembly import StackArtifact
from trustproof.inputs.cloudformation.linking.linking import TemplateLinking
from trustproof.inputs.cloudformation.reader import TemplateReader
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.nested_files import Nesting
from trustproof.inputs.reader import Input, Linking, Reader
from trustproof.inputs.settings import Settings
from trustproof.inputs.text.source import STDIN, Source, read

#: Every kind of file that is read: the first that takes a content reads it, and the first of all words the refusal.
READERS: tuple[Reader, ...] = (TemplateReader(),)
#: Of those kinds whose inputs speak of each other.
LINKING: Linking = TemplateLinking()
SUFFIXES = tuple(dict.fromkeys(suffix for reader in READERS for suffix in reader.suffixes))
#: Directories that hold other people's files.
_SKIPPED_DIRECTORIES = ("__pycache__", "node_modules", "site-packages", "venv")


class Skipped(NamedTuple):
    """A file in a directory that is no template, and why."""

    path: str
    reason: str


class Unit(NamedTuple):
    """
    What is read in one go, and has not been read yet: a file, or a stack of an assembly with those nested in it.
    """

    #: The directory that was named; empty for a file that was named itself.
    directory: str
    #: Empty at the end of a directory, where nothing is left to read.
    file: str = ""
    stack: StackArtifact | None = None
    #: Why there is nothing to read.
    error: InputError | None = None
    #: The real paths of the files that are nested in this one, to what the user calls them.
    inside: Mapping[str, str] = {}
    #: Whether it is read with the file that it is nested in.
    is_nested: bool = False

    @property
    def is_end(self) -> bool:
        """Whether it only says that a directory is at its end."""
        return not self.file

    @property
    def is_plain_file(self) -> bool:
        """Whether it is a file of its own that can be read."""
        return bool(self.file) and self.file != STDIN and self.stack is None and self.error is None


class Inputs:
    """
    The templates of the named paths, read when they are asked for.

    `skipped`, `errors` and `count` are complete once `templates` is at its end.

    Args:
        paths: files, directories, cloud assemblies, or ``-``.
        settings: what is known of the deployment of every template.
    """

    def __init__(self, paths: Sequence[str], settings: Settings) -> None:
        self.skipped: list[Skipped] = []
        self.errors: list[InputError] = []
        self.count = 0
        self.settings = settings
        self._paths = paths
        self._used: set[str] = set()
        #: The names of all parameters that the templates read so far declare.
        self.declared_parameters: set[str] = set()
        #: What the directory at hand has given so far: templates and errors, and files that are no template.
        self._some = 0
        self._none = 0
        self.templates: Iterator[Input] = self._templates()

    @property
    def unused_parameters(self) -> tuple[str, ...]:
        """The pinned parameters that no template read so far declares, sorted."""
        return tuple(sorted(self.settings.parameters.keys() - self._used))

    def units(self) -> Iterator[Unit]:
        """What there is to read, in order; a file in a directory need not be a template."""
        units = list(self._units())
        nesting = Nesting([unit.file for unit in units if unit.is_plain_file])
        for unit in units:
            if unit.is_plain_file:
                unit = unit._replace(inside=nesting.inside(unit.file), is_nested=nesting.is_nested(unit.file))
            yield unit

    def _units(self) -> Iterator[Unit]:
        for path in self._paths:
            if path != STDIN and os.path.isdir(path):
                yield from _walk(path, path)
                yield Unit(path)
            else:
                yield Unit("", path)

    def take(self, unit: Unit, found: Input | Declared | InputError | Skipped) -> None:
        """Keep account of what a unit has given."""
        if isinstance(found, Skipped):
            self._none += 1
            self.skipped.append(found)
            return
        self._some += bool(unit.directory)
        if isinstance(found, InputError):
            self.errors.append(found)
        else:
            self.count += 1
            self._used |= found.parameter_names & self.settings.parameters.keys()
            self.declared_parameters |= found.parameter_names
            self.errors.extend(found.errors)

    def finish(self, unit: Unit) -> None:
        """Say that a unit has given all; a directory without any template is an error."""
        self._some += unit.is_nested
        if unit.is_end:
            if not self._some:
                self.errors.append(_nothing_in(unit.directory, self._none))
            self._some = self._none = 0

    def _templates(self) -> Iterator[Input]:
        for unit in self.units():
            for found in read_unit(unit, self.settings):
                self.take(unit, found)
                if not isinstance(found, (InputError, Skipped)):
                    yield found
            self.finish(unit)


class Declared(NamedTuple):
    """
    What is to be known of a template that was read elsewhere.
    """

    parameter_names: frozenset[str]
    errors: tuple[PolicySyntaxError, ...]


def _nothing_in(directory: str, skipped: int) -> NothingToProve:
    files = f"{skipped} file{'' if skipped == 1 else 's'} that {'is' if skipped == 1 else 'are'} no template"
    message = f"no template in the directory ({files})" if skipped else "no template in the directory"
    return NothingToProve(f"{message}, expected files ending in {', '.join(SUFFIXES)}", directory)


# -- what there is to read


def _walk(named: str, directory: str) -> Iterator[Unit]:
    try:
        if assembly.is_assembly(directory):
            yield from (Unit(named, stack.file, stack) for stack in assembly.stacks(directory))
            return
        with os.scandir(directory) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except InputError as error:
        yield Unit(named, directory, error=error)
        return
    except OSError as error:
        unreadable = InputError(f"cannot be read: {(error.strerror or str(error)).lower()}", directory)
        yield Unit(named, directory, error=unreadable)
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if not _is_foreign(entry):
                yield from _walk(named, entry.path)
        elif entry.name.endswith(SUFFIXES) and not entry.name.startswith(".") and not entry.is_dir():
            yield Unit(named, entry.path)


def _is_foreign(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith(".") or entry.name in _SKIPPED_DIRECTORIES:
        return True
    return os.path.isfile(os.path.join(entry.path, "pyvenv.cfg"))


# -- reading it


def read_unit(unit: Unit, settings: Settings) -> Iterator[Input | InputError | Skipped]:
    """The inputs of a unit, each with those that stand inside it; an error for each that cannot be read."""
    for found in _read_unit(unit, settings):
        yield found
        if not isinstance(found, (InputError, Skipped)):
            yield from found.embedded()


def _read_unit(unit: Unit, settings: Settings) -> Iterator[Input | InputError | Skipped]:
    if unit.error is not None:
        yield unit.error
    elif unit.stack is not None:
        yield from assembly.StackReader(unit.stack, settings).templates()
    elif unit.file and not unit.is_nested:
        try:
            found = _candidate(unit.file, settings) if unit.directory else _named(unit.file, settings)
        except InputError as error:
            yield error
            return
        for one in found:
            if unit.inside and isinstance(one, Template):
                yield from assembly.with_nested(one, unit.inside)
            else:
                yield one


def _named(path: str, settings: Settings) -> Sequence[Input]:
    source = read(path)
    content = source.load()
    return _read_by(_reader_of(content, source), source, content, settings)


def _candidate(path: str, settings: Settings) -> Sequence[Input | Skipped]:
    """
    A file of a directory.

    Raises:
        InputError: it looks like a template, and is none.
    """
    source = read(path)
    try:
        content = source.load()
    except InputError as error:
        # What looks like a template must not pass in silence because it is broken.
        if any(reader.resembles(source.text) for reader in READERS):
            raise
        return (Skipped(path, error.message),)
    try:
        reader = _reader_of(content, source)
    except TemplateError as error:
        return (Skipped(path, error.message),)
    return _read_by(reader, source, content, settings)


def _reader_of(content: object, source: Source) -> Reader:
    """
    Who reads a file's content.

    Raises:
        TemplateError: nobody does.
    """
    for reader in READERS:
        if reader.reads(content):
            return reader
    raise TemplateError(READERS[0].refusal(content), source.name)


def _read_by(reader: Reader, source: Source, content: object, settings: Settings) -> Sequence[Input]:
    assert isinstance(content, Mapping)
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


def read_templates(given: Iterable[tuple[str, str | None, str | None]]) -> Iterator[Input]:
    """
    Template files, each with its account and Region; one that a nested stack of another one has is read as that.

    Raises:
        InputError: one cannot be read, or is not a template.
        PolicySyntaxError: AWS would refuse one of their policies.
    """
    listed = list(given)
    files = {os.path.realpath(path): path for path, _, _ in listed}
    seen: set[str] = set()
    for path, account, region in listed:
        if os.path.realpath(path) in seen:
            continue
        template = read_template(path, account=account, region=region)
        found: Iterable[Input | InputError] = (template,)
        if isinstance(template, Template) and assembly.has_nested(template):
            found = assembly.with_nested(template, files)
        before = frozenset(seen)
        for one in found:
            if isinstance(one, InputError):
                raise one
            for error in one.errors:
                raise error
            if os.path.realpath(one.name) not in before:
                seen.add(os.path.realpath(one.name))
                yield one

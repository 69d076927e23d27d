"""
What there is to read below a directory: stacks, templates, configurations of Terraform.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from trustproof.errors import InputError, NothingToProve
from trustproof.files.paths import real_path
from trustproof.inputs.assembly import cdk_assembly as assembly
from trustproof.inputs.assembly.leftovers import is_left_over_stage, is_part, why_left_over
from trustproof.inputs.assembly.missing_context import MANIFEST, missing_context
from trustproof.inputs.assembly.stack_reader import nested_files
from trustproof.inputs.assembly.uploaded_template import UploadedTemplates
from trustproof.inputs.discovery.units import Unit
from trustproof.inputs.settings import Settings
from trustproof.inputs.template_detection import look, looks_like_template
from trustproof.inputs.terraform import reader as terraform
from trustproof.inputs.walk import ExcludedPaths, PassedOver, walk
from trustproof.results.result import BUDGET


class Directory:
    """
    The stacks of each cloud assembly below a directory, and every other file that is written as a template: but for
    what an earlier synthesis has left there.

    Args:
        named: the directory, as the user named it.
        suffixes: how the names of templates end.
        excluded: what the configuration leaves out.
        settings: with the values of variables, which say what a configuration of Terraform calls.
    """

    def __init__(self, named: str, suffixes: tuple[str, ...], excluded: ExcludedPaths, settings: Settings) -> None:
        self._settings = settings
        self._named = named
        self._suffixes = suffixes
        self._excluded = excluded
        #: Real paths of what has been given already.
        self._given: set[str] = set()
        #: Directory to the assembly that it is, or is inside of; the empty string for none.
        self._assemblies: dict[str, str] = {}
        #: Real paths of the assemblies whose stacks have been given, with those of the assembly around them.
        self._covered: set[str] = set()
        #: Those with sources of Terraform.
        self._modules: dict[str, None] = {}
        #: How many other files have been given.
        self._files = 0

    def units(self) -> Iterator[Unit]:
        """What there is to read, in order."""
        yield from self._stacks(self._named)
        for found in walk(self._named, self._suffixes, self._excluded):
            if isinstance(found, PassedOver):
                yield Unit(self._named, passed_over=found)
            elif isinstance(found, InputError):
                yield Unit(self._named, found.file, error=found)
            elif terraform.is_source(found):
                self._modules[os.path.dirname(found)] = None
                # Terraform refuses what else such a file holds.
                if found.endswith(".json") and looks_like_template(found):
                    yield from self._file(found)
            else:
                yield from self._file(found)
        roots, aside = terraform.root_modules(self._named, list(self._modules), self._settings)
        for path, why in aside:
            yield Unit(self._named, passed_over=PassedOver(path, why))
        is_any_named = roots and self._files
        names = terraform.names_of_files(self._named, list(self._modules)) if is_any_named else frozenset[str]()
        for root in roots:
            yield Unit(self._named, root, is_configuration=True, may_read=names)

    def _stacks(self, directory: str) -> Iterator[Unit]:
        """The stacks of a directory that is an assembly, and has not been met."""
        if directory in self._assemblies:
            return
        outer = self._assemblies.get(os.path.dirname(directory), "")
        self._assemblies[directory] = outer
        if not assembly.is_assembly(directory) or is_left_over_stage(directory, self._covered):
            return
        self._assemblies[directory] = directory
        if real_path(directory) in self._covered:
            return
        covered: set[str] = set()
        try:
            stacks = assembly.stacks(directory, covered)
        except InputError as error:
            if error.message.startswith(BUDGET):
                # Those inside of it would come to the same end.
                self._covered |= covered
            # An application may have stages without stacks.
            if directory == self._named or not isinstance(error, NothingToProve):
                yield Unit(self._named, directory, error=error)
            return
        self._covered |= covered
        for one in dict.fromkeys(stack.directory for stack in stacks):
            if why := missing_context(one):
                yield Unit(self._named, passed_over=PassedOver(os.path.join(one, MANIFEST), why))
        uploaded: dict[str, UploadedTemplates] = {}
        for stack in stacks:
            if stack.directory not in uploaded:
                uploaded[stack.directory] = UploadedTemplates(stack.directory)
            yield from self._another_template(stack, uploaded[stack.directory])
        nested: set[str] = set()
        for stack in stacks:
            inside = nested_files(stack)
            nested |= inside
            self._given.add(real_path(stack.file))
            yield Unit(self._named, stack.file, stack, inside={file: file for file in sorted(inside)})
        self._given |= nested

    def _another_template(self, stack: assembly.StackArtifact, uploaded: UploadedTemplates) -> Iterator[Unit]:
        try:
            why = uploaded.why_another(stack.template_url, stack.file)
        except InputError as error:
            yield Unit(self._named, stack.directory, error=error)
            return
        if why:
            yield Unit(self._named, passed_over=PassedOver(os.path.join(stack.directory, MANIFEST), why))

    def _not_met(self, directory: str) -> list[str]:
        """A directory and those around it that have not been met: an assembly is asked before those inside of it."""
        found: list[str] = []
        around = self._named.rstrip(os.sep)
        while directory not in self._assemblies:
            found.append(directory)
            if len(directory) <= len(around):
                break
            directory = os.path.dirname(directory)
        return found[::-1]

    def _file(self, path: str) -> Iterator[Unit]:
        directory = os.path.dirname(path)
        for one in self._not_met(directory):
            yield from self._stacks(one)
        try:
            if real_path(path) in self._given:
                return
        except InputError as error:
            yield Unit(self._named, path, error=error)
            return
        if (around := self._assemblies[directory]) and (why_not := why_left_over(path, around)):
            yield Unit(self._named, passed_over=PassedOver(path, why_not))
        elif not around or not is_part(path, around) or look(path) is not None:
            self._files += 1
            yield Unit(self._named, path)


def may_be_read(path: str) -> bool:
    """Whether a file is something that is read here, by its name or by a look at its content."""
    return terraform.is_source(path) or look(path) is not None


def sources_in(directory: str) -> frozenset[str]:
    """The names of the files in a directory that are sources of Terraform's, and of none below it."""
    return frozenset(name for name in os.listdir(directory) if terraform.is_source(os.path.join(directory, name)))

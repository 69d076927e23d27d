"""
From the paths a user names to templates, one at a time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from trustproof._typing import NamedTuple
from trustproof.errors import InputError, NothingToProve, TemplateError
from trustproof.templates.environment import Deployment
from trustproof.templates.source import STDIN, Source, is_template, read, why_no_template
from trustproof.templates.template import Template

SUFFIXES = (".json", ".template", ".yaml", ".yml")
#: Directories that hold other people's files.
_SKIPPED_DIRECTORIES = ("__pycache__", "node_modules", "site-packages", "venv")
_SIGNS = ("AWSTemplateFormatVersion", "Resources:", '"Resources"', "Resources :")


class Skipped(NamedTuple):
    """A file in a directory that is no template, and why."""

    path: str
    reason: str


class Inputs:
    """
    The templates of the named paths, read when they are asked for.

    `skipped`, `errors` and `count` are complete once `templates` is at its end.

    Args:
        paths: files, directories, cloud assemblies, or ``-``.
        account: of templates that do not say theirs.
        region: of templates that do not say theirs.
        parameters: pinned values, by the name of the parameter.
    """

    def __init__(
        self,
        paths: Sequence[str],
        account: str | None,
        region: str | None,
        parameters: Mapping[str, str],
    ) -> None:
        self.skipped: list[Skipped] = []
        self.errors: list[InputError] = []
        self.count = 0
        self._account = account
        self._region = region
        self._parameters = dict(parameters)
        self._used: set[str] = set()
        #: The names of all parameters that the templates read so far declare.
        self.declared_parameters: set[str] = set()
        self.templates: Iterator[Template] = self._templates(paths)

    @property
    def unused_parameters(self) -> tuple[str, ...]:
        """The pinned parameters that no template read so far declares, sorted."""
        return tuple(sorted(set(self._parameters) - self._used))

    def _templates(self, paths: Sequence[str]) -> Iterator[Template]:
        for path in paths:
            for found in self._with_embedded(self._path(path)):
                if isinstance(found, InputError):
                    self.errors.append(found)
                    continue
                self.count += 1
                self._used |= found.parameter_names & self._parameters.keys()
                self.declared_parameters |= found.parameter_names
                self.errors.extend(found.errors)
                yield found

    def _with_embedded(self, templates: Iterator[Template | InputError]) -> Iterator[Template | InputError]:
        for found in templates:
            yield found
            if isinstance(found, Template):
                yield from found.embedded()

    def _path(self, path: str) -> Iterator[Template | InputError]:
        if path != STDIN and os.path.isdir(path):
            yield from self._directory(path)
            return
        try:
            yield self._file(path)
        except InputError as error:
            yield error

    def _file(self, path: str) -> Template:
        source = read(path)
        return template_from(source, source.load(), Deployment(self._account, self._region, None, self._parameters))

    # -- directories

    def _directory(self, directory: str) -> Iterator[Template | InputError]:
        before = len(self.skipped)
        found_any = False
        for found in self._walk(directory):
            found_any = True
            yield found
        if not found_any:
            skipped = len(self.skipped) - before
            files = f"{skipped} file{'' if skipped == 1 else 's'} that {'is' if skipped == 1 else 'are'} no template"
            message = f"no template in the directory ({files})" if skipped else "no template in the directory"
            yield NothingToProve(f"{message}, expected files ending in {', '.join(SUFFIXES)}", directory)

    def _walk(self, directory: str) -> Iterator[Template | InputError]:
        from trustproof.templates import assembly

        if assembly.is_assembly(directory):
            yield from self._assembly(directory)
            return
        try:
            with os.scandir(directory) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield InputError(f"cannot be read: {(error.strerror or str(error)).lower()}", directory)
            return
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not _is_foreign(entry):
                    yield from self._walk(entry.path)
            elif entry.name.endswith(SUFFIXES) and not entry.name.startswith(".") and not entry.is_dir():
                yield from self._candidate(entry.path)

    def _candidate(self, path: str) -> Iterator[Template | InputError]:
        """A file of a directory: a template, an error, or neither."""
        try:
            source = read(path)
        except InputError as error:
            yield error
            return
        try:
            content = source.load()
        except InputError as error:
            # What looks like a template must not pass in silence because it is broken.
            if any(sign in source.text for sign in _SIGNS):
                yield error
            else:
                self.skipped.append(Skipped(path, error.message))
            return
        if not is_template(content):
            self.skipped.append(Skipped(path, why_no_template(content)))
            return
        try:
            yield template_from(source, content, Deployment(self._account, self._region, None, self._parameters))
        except InputError as error:
            yield error

    def _assembly(self, directory: str) -> Iterator[Template | InputError]:
        from trustproof.templates import assembly

        try:
            artifacts = assembly.stacks(directory)
        except InputError as error:
            yield error
            return
        for artifact in artifacts:
            artifact.region = artifact.region or self._region
            yield from assembly.StackReader(artifact, self._account, self._parameters).templates()


def _is_foreign(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith(".") or entry.name in _SKIPPED_DIRECTORIES:
        return True
    return os.path.isfile(os.path.join(entry.path, "pyvenv.cfg"))


def template_from(
    source: Source,
    content: object,
    deployment: Deployment,
    stack: str = "",
    construct_paths: Mapping[str, str] | None = None,
) -> Template:
    """
    The template of a file's content.

    Raises:
        TemplateError: the content is not a template.
        InputError: a pinned parameter has a value that the template does not admit.
    """
    if not is_template(content) or not isinstance(content, Mapping):
        raise TemplateError(why_no_template(content), source.name)
    return Template(source, content, deployment, stack=stack, construct_paths=construct_paths)


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
    return Inputs(paths, account, region, parameters or {})


def read_template(
    path: str,
    *,
    account: str | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
) -> Template:
    """
    One template file, or standard input for ``-``.

    Raises:
        InputError: it cannot be read, is not a template, or refuses a parameter's value.
        PolicySyntaxError: AWS would refuse one of its policies.
    """
    source = read(path)
    template = template_from(source, source.load(), Deployment(account, region, None, parameters))
    for error in template.errors:
        raise error
    return template

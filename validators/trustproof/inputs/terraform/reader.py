"""
Terraform's plans and states, as a kind of input; and the door to directories of configurations.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from trustproof.errors import InputError
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.reader import Reader
from trustproof.inputs.settings import Settings
from trustproof.inputs.terraform.snapshots.detect import kind_of, refusal, refusal_of_text, resembles, values_refusal
from trustproof.inputs.terraform.snapshots.source_names import SUFFIXES, is_source_name
from trustproof.inputs.text.source import Source
from trustproof.results.edit import Edit
from trustproof.results.report import Replacement

#: How the names of sources end.
SOURCES = SUFFIXES


def is_source(path: str) -> bool:
    """Whether a file is a source of a configuration, by its name."""
    return is_source_name(os.path.basename(path))


def why_values_are_not_read(path: str) -> str:
    """Why a file with values of variables is not read, by its name: a clause; empty for other files."""
    return values_refusal(path)


def why_not_read(content: object, name: str) -> str:
    """What a file is that Terraform writes or reads, and that is not read here: a clause; empty for other files."""
    return refusal(content, name)


def why_no_json(text: str) -> str:
    """The same for a text that is no JSON as a whole."""
    return refusal_of_text(text)


def root_modules(
    named: str, directories: Sequence[str], settings: Settings
) -> tuple[Sequence[str], Sequence[tuple[str, str]]]:
    """
    Which directories are root modules: those that no other one calls; and which are left out, with the reason.

    Args:
        named: the directory that was named.
        directories: those at and below it that hold sources.
        settings: with the values of variables.
    """
    if not directories:
        return (), ()
    from trustproof.inputs.terraform.configuration import roots

    given = {name.removeprefix("var."): value for name, value in settings.parameters.items()}
    return roots.root_modules(named, directories, roots.Values(given, settings.var_files))


def names_of_files(named: str, directories: Sequence[str]) -> frozenset[str]:
    """
    Regular expressions for the names of the files that sources read by ``file`` and ``templatefile``.

    Args:
        named: the directory that was named.
        directories: those at and below it that hold the sources.
    """
    from trustproof.inputs.terraform.sources import files_to_read

    return files_to_read.names(named, directories, SOURCES)


def read_directory(
    root: str, named: str, settings: Settings, roots: int = 1
) -> tuple[Sequence[Template | InputError], frozenset[str]]:
    """
    The templates of a root module, one for each account that it deploys to, and what is wrong with some of its files;
    and the real paths of what was read.

    Args:
        root: its directory.
        named: the directory that was named.
        roots: how many root modules the run has.

    Raises:
        InputError: nothing of it can be read; or the extra is not installed.
    """
    from trustproof.inputs.terraform.sources import directory

    found = directory.read_root(root, named, settings, roots)
    return (*found.templates, *found.errors), found.files


def replacements(maker: object, edits: Sequence[Edit]) -> tuple[Replacement, ...]:
    """
    What to replace in sources so that they say what edits say; empty where that cannot be told, or there are none.

    Args:
        maker: of the template that the edits are about.
    """
    from trustproof.inputs.terraform.sources import directory, with_source

    of_sources = (directory.ConfigurationMaker, with_source.PlannedMaker)
    return maker.replacements(edits) if isinstance(maker, of_sources) else ()


class TerraformReader:
    """
    Reads plans and states of Terraform and OpenTofu: JSON.
    """

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How the names of plans and states end, in a directory."""
        return (".json", ".tfstate")

    def reads(self, content: object) -> bool:
        """Whether a file's content is a plan or a state."""
        return bool(kind_of(content))

    def resembles(self, text: str) -> bool:
        """Whether a text that cannot be parsed looks like one."""
        return resembles(text)

    def refusal(self, content: object) -> str:
        """What was expected: a clause for an error."""
        return "expected a plan or a state of Terraform" if not isinstance(content, Mapping) else "no plan and no state"

    def read(self, source: Source, content: Mapping[str, object], settings: Settings) -> Sequence[Template]:
        """
        The templates: one for each account that a plan deploys to.

        Raises:
            InputError: it is malformed.
        """
        # Whoever reads templates of CloudFormation need not wait for what reads Terraform.
        from trustproof.inputs.terraform.sources import source as plain

        if settings.source is None:
            return plain.templates(source, content, settings)
        # Nor need whoever has a plan alone wait for what evaluates configurations.
        from trustproof.inputs.terraform.sources import with_source

        return with_source.templates(source, content, settings)


READER: Reader = TerraformReader()

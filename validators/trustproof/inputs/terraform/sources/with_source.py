"""
Plans with the configurations that they were made of, as sources of templates.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.settings import Settings
from trustproof.inputs.terraform.configuration.modules.files import DiskFiles
from trustproof.inputs.terraform.configuration.modules.modules import Loader
from trustproof.inputs.terraform.planned_expressions.plan_expressions import PlannedConfiguration
from trustproof.inputs.terraform.plans.plan import Plan
from trustproof.inputs.terraform.sources import directory
from trustproof.inputs.terraform.sources import source as plain
from trustproof.inputs.terraform.sources.configuration_readings import lowered_of
from trustproof.inputs.terraform.values.instances import Key
from trustproof.inputs.terraform.values.values import Value
from trustproof.inputs.text.source import Source, read_again
from trustproof.results.edit import Edit
from trustproof.results.report import Replacement


class PlannedMaker(NamedTuple):
    """
    Reads a plan and its configuration again, and gives the template for one of the places that it deploys to.
    """

    file: str
    settings: Settings
    #: Which of them.
    number: int

    def make(self) -> tuple[Source, Mapping[str, object]]:
        """
        Its source and its content.

        Raises:
            InputError: it is no longer what it was.
        """
        source, content = read_again(self.file)
        found = plain.made(source, content, self.settings, PlannedConfiguration)
        return plain.made_again(source, found, self.number, self)

    def replacements(self, edits: Sequence[Edit]) -> tuple[Replacement, ...]:
        """
        What to replace in the sources so that they say what edits say; empty where that cannot be told, and where the
        sources are those in a plan file.
        """
        root = self.settings.source
        if root is None or not os.path.isdir(root):
            return ()
        source, content = read_again(self.file)
        facts = _WithoutDocuments(Plan(content, source.name))
        return directory.source_replacements(
            root,
            DiskFiles(root),
            lambda files: lowered_of(root, Loader(files), self.settings, facts=facts),
            edits,
        )


class _WithoutDocuments:
    """What a plan knows besides policy documents: these are read as they are written, since that is what is changed."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def variable(self, name: str) -> Value | None:
        """As the plan has it."""
        return self._plan.variable(name)

    def attribute(self, address: str, name: str) -> Value | None:
        """As the plan has it."""
        return None if ".aws_iam_policy_document." in address else self._plan.attribute(address, name)

    def keys(self, block: str) -> tuple[Key, ...] | None:
        """As the plan has them."""
        return self._plan.keys(block)


def templates(source: Source, content: Mapping[str, object], settings: Settings) -> list[Template]:
    """
    The templates of a plan: one for each account that it deploys to.

    Raises:
        InputError: it is malformed, says two accounts for one provider, or is not of the configuration that is given.
    """
    found = plain.made(source, content, settings, PlannedConfiguration)
    return plain.made_templates(source, found, settings, lambda number: PlannedMaker(source.name, settings, number))

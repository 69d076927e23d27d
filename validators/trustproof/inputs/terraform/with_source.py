"""
Plans with the configurations that they were made of, as sources of templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.settings import Settings
from trustproof.inputs.terraform import source as plain
from trustproof.inputs.terraform.plan_expressions import PlannedConfiguration
from trustproof.inputs.text.source import Source, read_again


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


def templates(source: Source, content: Mapping[str, object], settings: Settings) -> list[Template]:
    """
    The templates of a plan: one for each account that it deploys to.

    Raises:
        InputError: it is malformed, says two accounts for one provider, or is not of the configuration that is given.
    """
    found = plain.made(source, content, settings, PlannedConfiguration)
    return plain.made_templates(source, found, settings, lambda number: PlannedMaker(source.name, settings, number))

"""
``trustproof properties``: what can be proved, and the page of one property.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

from trustproof.cli.command import Commands
from trustproof.cli.terminal import EXIT_OK
from trustproof.files.write import write
from trustproof.output.terminal import draw_table
from trustproof.output.terminal.screen import Cell, Column, screen_for
from trustproof.properties import registry
from trustproof.properties.page import render_page
from trustproof.results.rules import RULES, Rule

#: On a terminal.
_COLUMNS = (Column("PROPERTY", is_whole=True), Column("SEVERITY", is_whole=True), Column("WHERE IT IS REFUTED"))


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    properties = commands.add_parser(
        "properties", help=summary, description="List the properties, or explain one.", allow_abbrev=False
    )
    properties.set_defaults(make=PropertiesArguments)
    properties.add_argument("ident", nargs="?", metavar="ID", help="print the page of this property")


class PropertiesArguments(NamedTuple):
    """
    What ``trustproof properties`` is told.
    """

    #: Of the property to explain; None to list them.
    ident: str | None

    def run(self) -> int:
        """List or explain, and return the exit code."""
        return _properties(self)


def _properties(arguments: PropertiesArguments) -> int:
    """``trustproof properties``."""
    if arguments.ident is not None:
        rule = next((one for one in RULES if one.ident == arguments.ident), None)
        write(render_page(registry.find(arguments.ident)) if rule is None else _rule_page(rule))
        return EXIT_OK
    screen = screen_for(sys.stdout)
    if screen is not None:
        found = registry.PROPERTIES
        rows = [(Cell(one.ident, "strong"), Cell(one.severity, one.severity), Cell(one.summary)) for one in found]
        write(draw_table(_COLUMNS, rows, screen))
        return EXIT_OK
    width = max(len(found.ident) for found in registry.PROPERTIES)
    write("".join(f"{found.ident:<{width}}  {found.summary}\n" for found in registry.PROPERTIES))
    return EXIT_OK


def _rule_page(rule: Rule) -> str:
    """What is to be known of a finding that is about no policy."""
    return f"# {rule.ident}\n\nWhat it says: {rule.summary} ({rule.severity}).\n\n{rule.page}\n"

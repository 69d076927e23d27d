"""
``trustproof who``: its arguments.
"""

from __future__ import annotations

from trustproof.access.command import WhoArguments
from trustproof.cli import values
from trustproof.cli.command import Commands


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    who = commands.add_parser(
        "who",
        help=summary,
        description="List who may assume which roles of CloudFormation templates, with MFA or without, for how long.",
        allow_abbrev=False,
    )
    who.set_defaults(make=WhoArguments)
    add = who.add_argument
    add("paths", nargs="*", metavar="PATH", help="as for check: templates, directories, assemblies (default: cdk.out)")
    add("--account", type=values.account, metavar="ID", help="the account of templates that do not say theirs")
    add("--config", metavar="FILE", help="read this file instead of the nearest trustproof.toml or pyproject.toml")
    add("--format", choices=("text", "json"), default="text", help="the form of the list (default: text)")

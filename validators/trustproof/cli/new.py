"""
``trustproof new``: its arguments.
"""

from __future__ import annotations

from trustproof.cli.command import Commands
from trustproof.scaffold.project import NewArguments


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    new = commands.add_parser(
        "new",
        help=summary,
        description="Write a project of your own: the CDK app for all accounts of an organization, and its gate.",
        allow_abbrev=False,
    )
    new.set_defaults(make=NewArguments)
    add = new.add_argument
    add("directory", metavar="DIRECTORY", help="where the project comes; must be new, or empty but for .git")
    add(
        "--organizations",
        metavar="FILE",
        help="what aws organizations list-accounts printed, or - for standard input; asked for where it is missing",
    )
    add("--hub", metavar="ACCOUNT", help="name or id of the account where people sign in")
    add("--region", metavar="REGION", help="where the stacks of the accounts are")
    add(
        "--ci", choices=("github", "gitlab", "none"), default="github", help="whose pipeline to write (default: github)"
    )

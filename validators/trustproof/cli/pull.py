"""
``trustproof pull``: its arguments, and the door to the extra that it needs.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.cli.command import Commands
from trustproof.cli.extras import demand

_NEEDED = ("boto3",)
_ASSEMBLY = "cdk.out"


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    pull = commands.add_parser(
        "pull",
        help=summary,
        description="Save what GetAccountAuthorizationDetails says of an account, as JSON.",
        allow_abbrev=False,
    )
    pull.set_defaults(make=PullArguments)
    pull.add_argument("file", metavar="FILE", help="where to; - is the standard output")
    pull.add_argument("--profile", help="credentials of the account (default: those of the environment)")


class PullArguments(NamedTuple):
    """
    What ``trustproof pull`` is told.
    """

    file: str
    profile: str | None = None

    def run(self) -> int:
        """Save an account, and return the exit code."""
        demand("pull", "live", _NEEDED)
        from trustproof.live.command import run_pull

        return run_pull(self.file, self.profile)

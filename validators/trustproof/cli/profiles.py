"""
``trustproof profiles``: its arguments, and the door to the extra that it needs.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.cli.command import Commands
from trustproof.cli.extras import demand

_NEEDED = ("boto3",)
_ASSEMBLY = "cdk.out"


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    profiles = commands.add_parser(
        "profiles",
        help=summary,
        description="Print a profile for each role of the app that lets a user in. No call is made.",
        allow_abbrev=False,
    )
    profiles.set_defaults(make=ProfilesArguments)
    profiles.add_argument("user", metavar="ARN", help="the ARN of an IAM user")
    profiles.add_argument("path", nargs="?", default=_ASSEMBLY, help="a cloud assembly (default: cdk.out)")
    profiles.add_argument("--source-profile", default="default", help="the profile that has the access key of the user")
    profiles.add_argument(
        "--mfa-serial", metavar="ARN", help="of the device (default: a virtual one with the name of the user)"
    )


class ProfilesArguments(NamedTuple):
    """
    What ``trustproof profiles`` is told.
    """

    user: str
    path: str = _ASSEMBLY
    source_profile: str = "default"
    mfa_serial: str | None = None

    def run(self) -> int:
        """Print the profiles, and return the exit code: 2 where there is none."""
        demand("profiles", "live", _NEEDED)
        from trustproof.live.command import run_profiles

        return run_profiles(self.user, self.path, source=self.source_profile, serial=self.mfa_serial)

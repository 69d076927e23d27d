"""
``trustproof verify``, ``pull`` and ``profiles``: their arguments, and the door to the extra that they need.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NamedTuple

from trustproof.cli.extras import demand

_NEEDED = ("boto3",)
_ASSEMBLY = "cdk.out"


class VerifyArguments(NamedTuple):
    """
    What ``trustproof verify`` is told.
    """

    path: str = _ASSEMBLY
    #: Of AWS's configuration; None stands for the credentials of the environment.
    profiles: Sequence[str] | None = None
    others: bool = False
    probe: str | None = None
    mfa_serial: str | None = None
    format: str = "text"

    def run(self) -> int:
        """Compare, and return the exit code: 0 same, 1 something differs, 2 something could not be checked."""
        demand("verify", "live", _NEEDED)
        from trustproof.live.command import run_verify

        return run_verify(
            self.path,
            self.profiles or (None,),
            others=self.others,
            probe=self.probe,
            mfa_serial=self.mfa_serial,
            form=self.format,
        )


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


def add_live(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to those of the program."""
    verify = commands.add_parser(
        "verify",
        help="compare what is deployed with what was proved",
        description="Compare deployed policies with those of the templates, by what they mean. Nothing is changed. "
        "Exit status: 0 same, 1 differs, 2 could not check.",
        allow_abbrev=False,
    )
    verify.add_argument("path", nargs="?", default=_ASSEMBLY, help="a cloud assembly (default: cdk.out)")
    verify.add_argument(
        "--profile",
        action="append",
        dest="profiles",
        metavar="PROFILE",
        help="credentials of an account; once for each (default: those of the environment)",
    )
    verify.add_argument(
        "--others", action="store_true", help="also show roles that no template makes, and whom they let in"
    )
    verify.add_argument(
        "--probe", metavar="PROFILE", help="try every role with the access key of this IAM user as well"
    )
    verify.add_argument(
        "--mfa-serial",
        metavar="ARN",
        help="the user's MFA device: with it, the probe tries with MFA, and asks for a code",
    )
    verify.add_argument("--format", choices=("text", "json"), default="text", help="the form of the report")
    pull = commands.add_parser(
        "pull",
        help="save the users, groups, roles and policies of an account",
        description="Save what GetAccountAuthorizationDetails says of an account, as JSON.",
        allow_abbrev=False,
    )
    pull.add_argument("file", metavar="FILE", help="where to; - is the standard output")
    pull.add_argument("--profile", help="credentials of the account (default: those of the environment)")
    profiles = commands.add_parser(
        "profiles",
        help="print the AWS configuration of a person for the roles of an app",
        description="Print a profile for each role of the app that lets a user in. No call is made.",
        allow_abbrev=False,
    )
    profiles.add_argument("user", metavar="ARN", help="the ARN of an IAM user")
    profiles.add_argument("path", nargs="?", default=_ASSEMBLY, help="a cloud assembly (default: cdk.out)")
    profiles.add_argument("--source-profile", default="default", help="the profile that has the access key of the user")
    profiles.add_argument(
        "--mfa-serial", metavar="ARN", help="of the device (default: a virtual one with the name of the user)"
    )

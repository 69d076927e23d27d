"""
``trustproof verify``: its arguments, and the door to the extra that it needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trustproof.cli.command import Commands
from trustproof.cli.extras import demand

_NEEDED = ("boto3",)
_ASSEMBLY = "cdk.out"


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    verify = commands.add_parser(
        "verify",
        help=summary,
        description="Compare deployed policies with those of the templates, by what they mean. Nothing is changed. "
        "Exit status: 0 same, 1 differs, 2 could not check.",
        allow_abbrev=False,
    )
    verify.set_defaults(make=VerifyArguments)
    verify.add_argument("path", nargs="?", default=_ASSEMBLY, help="a cloud assembly (default: cdk.out)")
    verify.add_argument(
        "--profile",
        action="append",
        dest="profiles",
        metavar="PROFILE",
        help="credentials of an account; once for each (default: those of the environment)",
    )
    verify.add_argument(
        "--others",
        action="store_true",
        help="also show roles that no template makes and whom they let in, and who else holds their policies",
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

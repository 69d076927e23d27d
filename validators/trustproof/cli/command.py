"""
What each command of the program is to the command line.
"""

from __future__ import annotations

import argparse
from typing import Protocol, TypeAlias

#: The commands of the program, to which a module adds its own.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

EXIT_CODES = """\
exit codes:
  0  nothing is refuted or unknown with the severity error
  1  something is (with --fail-on, or --strict: with a milder one), or with --strict
     something was passed over, or is not checked, or none of the policies was asked about
  2  wrong usage, unreadable or malformed input, no template found, or a proof
     that --certify does not confirm
  70 a bug of Trustproof: there is a traceback, and no verdict
  129, 130, 143 ended by SIGHUP, Ctrl-C or SIGTERM: no verdict; standard error says how far it was
"""


class Arguments(Protocol):
    """
    What a command has been told.
    """

    def run(self) -> int:
        """Do it, and return the exit code."""

"""
``trustproof init``: the beginning of a configuration.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from trustproof.api import check
from trustproof.cli.command import Commands
from trustproof.cli.terminal import EXIT_ERROR, EXIT_OK, complain
from trustproof.config.loader import FILE_NAME
from trustproof.errors import UsageError
from trustproof.files import write
from trustproof.output.declarations import render_declarations
from trustproof.output.escaping import printable


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    init = commands.add_parser(
        "init", help=summary, description=summary[0].upper() + summary[1:] + ".", allow_abbrev=False
    )
    init.set_defaults(make=InitArguments)
    add = init.add_argument
    add("paths", nargs="*", metavar="PATH", help="as for check: templates, directories, assemblies (default: .)")
    add("--account", metavar="ID", help="the account of templates that do not say theirs")
    add(
        "--output", default=FILE_NAME, metavar="FILE", help=f"where to, or - for standard output (default: {FILE_NAME})"
    )


class InitArguments(NamedTuple):
    """
    What ``trustproof init`` is told.
    """

    #: Files and directories.
    paths: Sequence[str]
    #: 12 digits; of templates that do not say theirs.
    account: str | None
    #: The file to write; ``-`` for standard output.
    output: str

    def run(self) -> int:
        """
        Write the file, and return the exit code.

        Raises:
            UsageError: the file is there, or cannot be written.
        """
        if self.output != "-" and os.path.lexists(self.output):
            raise UsageError(f"{self.output} is there already; --output names another file")
        report = check(self.paths or ["."], account=self.account, config={})
        text = render_declarations(report)
        if self.output == "-":
            write(text)
        else:
            try:
                with open(self.output, "x", encoding="utf-8") as stream:
                    stream.write(text)
            except OSError as error:
                raise UsageError(f"{self.output} cannot be written: {(error.strerror or str(error)).lower()}") from None
            write(f"{printable(self.output)} is written: read it, and take away the # before what is yours\n")
        for wrong in report.errors:
            complain(wrong)
        return EXIT_ERROR if report.errors else EXIT_OK

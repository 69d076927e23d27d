"""
``trustproof completion``: what a shell needs to complete commands and options.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

from trustproof.cli.extras import demand
from trustproof.cli.terminal import EXIT_OK, write

SHELLS = ("bash", "zsh", "tcsh")


class CompletionArguments(NamedTuple):
    """
    What ``trustproof completion`` is told.
    """

    #: One of `SHELLS`.
    shell: str
    #: Of the program.
    parser: argparse.ArgumentParser

    def run(self) -> int:
        """Print the script, and return the exit code."""
        demand("completion", "completion", ("shtab",))
        from trustproof.integrations.shells import completion_script

        write(completion_script(self.parser, self.shell))
        return EXIT_OK


def add_completion(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], parser: argparse.ArgumentParser
) -> None:
    """The command's parser."""
    completion = commands.add_parser(
        "completion",
        help="print the script with which a shell completes commands and options",
        description=(
            "Print the script with which a shell completes commands and options. For bash: "
            'eval "$(trustproof completion bash)"'
        ),
        allow_abbrev=False,
    )
    completion.add_argument("shell", choices=SHELLS, help="whose script")
    completion.set_defaults(parser=parser)

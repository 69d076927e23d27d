"""
``trustproof completion``: what a shell needs to complete commands and options.
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.aws.partitions import PARTITIONS, regions_in
from trustproof.cli.arguments import whole_parser
from trustproof.cli.command import Commands
from trustproof.cli.extras import demand
from trustproof.cli.terminal import EXIT_OK
from trustproof.files.write import write
from trustproof.properties import registry

SHELLS = ("bash", "zsh", "fish", "tcsh")


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    completion = commands.add_parser(
        "completion",
        help=summary,
        description=(
            "Print the script with which a shell completes commands and options. For bash: "
            'eval "$(trustproof completion bash)"; for zsh, behind compinit: eval "$(trustproof completion zsh)"; '
            "for fish: trustproof completion fish | source"
        ),
        allow_abbrev=False,
    )
    completion.set_defaults(make=CompletionArguments)
    completion.add_argument("shell", choices=SHELLS, help="whose script")


class CompletionArguments(NamedTuple):
    """
    What ``trustproof completion`` is told.
    """

    #: One of `SHELLS`.
    shell: str

    def run(self) -> int:
        """Print the script, and return the exit code."""
        demand("completion", "completion", ("shtab",))
        from trustproof.integrations.shells import completion_script

        idents = [one.ident for one in registry.PROPERTIES]
        regions = [region for partition in PARTITIONS for region in regions_in(partition)]
        values = {"properties": idents, "ident": idents, "region": regions}
        write(completion_script(whole_parser(), self.shell, values))
        return EXIT_OK

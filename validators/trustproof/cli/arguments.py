"""
The commands of the program, and the arguments of the one that is chosen.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

from trustproof.cli.command import EXIT_CODES, Arguments, Commands
from trustproof.escaping.text import printable
from trustproof.files.write import write
from trustproof.output.style import COLOR_CHOICES, choose_color
from trustproof.results.version import version

#: Each command to what it does, in the order of the help. Its module has its name, and is imported when it is chosen:
#: its `add_command` adds what the command is told, and says by the default ``make`` what becomes of that.
COMMANDS: Mapping[str, str] = {
    "check": "prove the properties of templates",
    "baseline": "keep what is found today in a file, so that only what is new fails",
    "config": "show which configuration holds for which templates",
    "diff": "compare two sides by meaning: who gained access, and who lost it",
    "explain": "say who gets into a role or resource, and why somebody does not",
    "properties": "list the properties, or explain one",
    "who": "list who may be what, where, with MFA or without, and for how long",
    "new": "write a project: the app for all accounts of an organization",
    "init": "write the beginning of a trustproof.toml from what stands in the templates",
    "doctor": "say whether what the gate and the app stand on is there",
    "completion": "print the script with which a shell completes commands and options",
    "sandbox": "run an AWS of several accounts in which trust is enforced",
    "verify": "compare what is deployed with what was proved",
    "pull": "save the users, groups, roles and policies of an account",
    "profiles": "print the AWS configuration of a person for the roles of an app",
}


def parse(argv: Sequence[str]) -> Arguments:
    """
    The arguments of a command.

    Args:
        argv: without the program's name.

    Raises:
        SystemExit: help or the version was asked for, or the usage is wrong; what there is to say is written.
    """
    argv = list(argv)
    chosen = next((argument for argument in argv if not argument.startswith("-")), "")
    # Where the command comes first, nobody is shown the others.
    parser, commands = _program([chosen], shown=argv[:1] if chosen in COMMANDS and argv[0] == chosen else COMMANDS)
    choose_color(COLOR_CHOICES[0])
    own, program = _split_program(argv)
    found, unknown = parser.parse_known_args(own)
    given = {**vars(found), **program}
    if unknown:
        # `parse_args` would say it with the usage of the program, and not of the command.
        commands.choices[given["command"]].error(f"unrecognized arguments: {' '.join(unknown)}")
    del given["command"]
    choose_color(given.pop("color"))
    made: Arguments = given.pop("make")(**given)
    return made


def whole_parser() -> argparse.ArgumentParser:
    """The parser of the program, with the arguments of all commands."""
    return _program(COMMANDS)[0]


def _program(chosen: Collection[str], shown: Collection[str] = COMMANDS) -> tuple[argparse.ArgumentParser, Commands]:
    """The parser of the program, with the arguments of some commands, and the names of those that are shown."""
    parser: argparse.ArgumentParser = _Parser(
        prog="trustproof",
        description="Prove who can get what from AWS IAM policies, offline, or show the request that gets through.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, default=argparse.SUPPRESS, help="print the version")
    commands: Commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        if name in chosen:
            import_module(f"trustproof.cli.{name}").add_command(commands, summary)
            commands.choices[name].add_argument(
                "--color",
                choices=COLOR_CHOICES,
                default=COLOR_CHOICES[0],
                help="whether to write in colours (default: on a terminal, or as NO_COLOR and FORCE_COLOR say)",
            )
        elif name in shown:
            commands.add_parser(name, help=summary)
    return parser, commands


class _Parser(argparse.ArgumentParser):
    """Shows what was typed so that it is no command to anybody: the name of a file may stand where an option may."""

    _intermixed = False

    def error(self, message: str) -> NoReturn:
        super().error(printable(message))

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """
        The same as for any parser; where a command has an action before its paths, options may stand between these.
        """
        if self._intermixed or not self.get_default("options_between"):
            return super().parse_known_args(args, namespace)
        self._intermixed = True
        try:
            found, left = self.parse_known_intermixed_args(args, namespace)
        finally:
            self._intermixed = False
        del found.options_between
        return found, left


class _Version(argparse.Action):
    """Prints the version."""

    def __call__(self, *_: object) -> NoReturn:
        write(f"trustproof {version()}\n")
        raise SystemExit(0)


def _split_program(argv: Sequence[str]) -> tuple[Sequence[str], dict[str, Sequence[str]]]:
    """The arguments of the sandbox itself, and behind a ``--`` the program to run in it, whose they are not."""
    if argv[:1] != ["sandbox"] or "--" not in argv:
        return argv, {}
    place = argv.index("--")
    return argv[:place], {"program": argv[place + 1 :]}

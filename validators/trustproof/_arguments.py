"""
The arguments of the command line, where there is more than paths to parse.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from trustproof._typing import TYPE_CHECKING, NoReturn, TypeAlias
from trustproof.cli import CheckArguments, PropertiesArguments

if TYPE_CHECKING:
    from trustproof.access.command import WhoArguments
    from trustproof.scaffold.project import NewArguments

Arguments: TypeAlias = "CheckArguments | NewArguments | PropertiesArguments | WhoArguments"

_EXIT_CODES = """\
exit codes:
  0  nothing is refuted but warnings (with --strict: nothing is refuted or unknown)
  1  something is refuted (with --strict: warnings and what is unknown count too)
  2  wrong usage, unreadable or malformed input, no template found, or a proof
     that --certify does not confirm
  70 a bug of Trustproof: there is a traceback, and no verdict
"""


def parse(argv: Sequence[str]) -> Arguments:
    """
    The arguments; a parser costs something to make, so that of the other commands is not made.

    Args:
        argv: without the program's name.

    Raises:
        SystemExit: help or the version was asked for, or the usage is wrong; what there is to say is written.
    """
    if argv and argv[0] in _COMMANDS:
        _, description, arguments, add = _COMMANDS[argv[0]]
        parser = argparse.ArgumentParser(
            prog=f"trustproof {argv[0]}",
            description=description,
            epilog=_EXIT_CODES if argv[0] == "check" else None,
            formatter_class=_Formatter,
            allow_abbrev=False,
            argument_default=argparse.SUPPRESS,
        )
        add(parser)
        return parser.parse_args(argv[1:], namespace=arguments())
    _parser().parse_args(argv)
    raise AssertionError("a command is required, and each has a parser of its own")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """
    Help for a terminal of 80 columns.

    A formatter is made for every option of every run, and one that measures the terminal costs more than the parser.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=80)


class _Version(argparse.Action):
    """Prints the version; an action of our own, so that only those who ask for the metadata wait for it."""

    def __call__(self, *_: object) -> NoReturn:
        from importlib.metadata import version

        sys.stdout.write(f"trustproof {version('trustproof')}\n")
        raise SystemExit(0)


def _parser() -> argparse.ArgumentParser:
    """The parser for help, the version, and what is no command."""
    parser = argparse.ArgumentParser(
        prog="trustproof",
        description="Prove who can get what from AWS IAM policies, offline, or show the request that gets through.",
        epilog=_EXIT_CODES,
        formatter_class=_Formatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (words, *_) in _COMMANDS.items():
        commands.add_parser(name, help=words, formatter_class=_Formatter)
    return parser


def _add_properties(properties: argparse.ArgumentParser) -> None:
    properties.add_argument("ident", nargs="?", metavar="ID", help="print the page of this property")


def _add_check(check: argparse.ArgumentParser) -> None:
    add = check.add_argument
    add(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a template (JSON or YAML), a directory, a cloud assembly, or - for standard input (default: cdk.out)",
    )
    add("--config", metavar="FILE", help="read this file instead of the nearest trustproof.toml or pyproject.toml")
    add("--account", type=_account, metavar="ID", help="the account of templates that do not say theirs")
    add(
        "--parameter",
        action="append",
        dest="parameters",
        metavar="NAME=VALUE",
        help="judge a template parameter at this value; may be repeated",
    )
    add(
        "--parameters-file",
        metavar="FILE",
        help="read parameter values from a JSON or YAML file; --parameter wins over it",
    )
    add(
        "--property",
        action="append",
        dest="properties",
        metavar="ID",
        help="prove only this property; may be repeated (see: trustproof properties)",
    )
    add("--format", choices=("text", "json"), help="the form of the report (default: text)")
    add("--certify", action="store_true", help="check every proof again, by a small checker that does not search")
    add(
        "--jobs",
        type=_jobs,
        metavar="N",
        help="processes that share many templates, or a large one (default: one per core)",
    )
    add("--strict", action="store_true", help="fail on what is unknown and on warnings too")


def _who_arguments() -> WhoArguments:
    from trustproof.access.command import WhoArguments

    return WhoArguments()


def _new_arguments() -> NewArguments:
    from trustproof.scaffold.project import NewArguments

    return NewArguments()


def _add_who(who: argparse.ArgumentParser) -> None:
    add = who.add_argument
    add("paths", nargs="*", metavar="PATH", help="as for check: templates, directories, assemblies (default: cdk.out)")
    add("--account", type=_account, metavar="ID", help="the account of templates that do not say theirs")
    add("--config", metavar="FILE", help="read this file instead of the nearest trustproof.toml or pyproject.toml")
    add("--format", choices=("text", "json"), help="the form of the list (default: text)")


def _add_new(new: argparse.ArgumentParser) -> None:
    add = new.add_argument
    add("directory", metavar="DIRECTORY", help="where the project comes; must be new, or empty")
    add(
        "--organizations",
        metavar="FILE",
        help="what aws organizations list-accounts printed, or - for standard input; asked for where it is missing",
    )
    add("--hub", metavar="ACCOUNT", help="name or id of the account where people sign in")
    add("--region", metavar="REGION", help="where the stacks of the accounts are")
    add("--ci", choices=("github", "gitlab", "none"), help="whose pipeline to write (default: github)")


def _account(text: str) -> str:
    """An account id from the command line."""
    if len(text) == 12 and text.isascii() and text.isdigit():
        return text
    raise argparse.ArgumentTypeError(f'must be 12 digits, got "{text}"')


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes: 1 or more")
    return int(text)


#: Each command: what it does in a few words and in a sentence, its defaults, and what adds its arguments to its parser.
_COMMANDS: dict[str, tuple[str, str, Callable[[], Arguments], Callable[[argparse.ArgumentParser], None]]] = {
    "check": (
        "prove the properties of templates",
        "Prove the properties of every policy in CloudFormation templates.",
        CheckArguments,
        _add_check,
    ),
    "properties": (
        "list the properties, or explain one",
        "List the properties, or explain one.",
        PropertiesArguments,
        _add_properties,
    ),
    "who": (
        "list who may be what, where, with MFA or without, and for how long",
        "List who may assume which roles of CloudFormation templates, with MFA or without, and for how long.",
        _who_arguments,
        _add_who,
    ),
    "new": (
        "write a project: the app for all accounts of an organization",
        "Write a project of your own: the CDK app for all accounts of an organization, with the gate in it.",
        _new_arguments,
        _add_new,
    ),
}

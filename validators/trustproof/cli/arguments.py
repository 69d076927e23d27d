"""
The arguments of the command line.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import date
from typing import NoReturn, TypeAlias

from trustproof.access.command import WhoArguments
from trustproof.aws.partitions import is_region
from trustproof.cli.baseline import DEFAULT_FILE, BaselineArguments
from trustproof.cli.check import CheckArguments
from trustproof.cli.live import ProfilesArguments, PullArguments, VerifyArguments, add_live
from trustproof.cli.outputs import parse_output
from trustproof.cli.properties import PropertiesArguments
from trustproof.cli.run import Run
from trustproof.cli.sandbox import (
    SandboxArguments,
    SandboxCallArguments,
    add_sandbox,
    sandbox_arguments,
    split_program,
)
from trustproof.files import write
from trustproof.output import FORMATS
from trustproof.results.result import SEVERITIES
from trustproof.scaffold.project import NewArguments

Arguments: TypeAlias = (
    BaselineArguments
    | CheckArguments
    | NewArguments
    | ProfilesArguments
    | PropertiesArguments
    | PullArguments
    | SandboxArguments
    | SandboxCallArguments
    | VerifyArguments
    | WhoArguments
)
#: Command to what its arguments become, for those that do not check.
_COMMANDS: dict[str, Callable[..., Arguments]] = {
    "new": NewArguments,
    "profiles": ProfilesArguments,
    "properties": PropertiesArguments,
    "pull": PullArguments,
    "sandbox": sandbox_arguments,
    "verify": VerifyArguments,
    "who": WhoArguments,
}

_EXIT_CODES = """\
exit codes:
  0  nothing is refuted or unknown with the severity error
  1  something is (with --fail-on, or --strict: with a milder one), or with --strict
     something was passed over
  2  wrong usage, unreadable or malformed input, no template found, or a proof
     that --certify does not confirm
  70 a bug of Trustproof: there is a traceback, and no verdict
  130 interrupted (Ctrl-C): no verdict; 143 where it was asked to end (SIGTERM)
"""


def parse(argv: Sequence[str]) -> Arguments:
    """
    The arguments of a command.

    Args:
        argv: without the program's name.

    Raises:
        SystemExit: help or the version was asked for, or the usage is wrong; what there is to say is written.
    """
    parser = argparse.ArgumentParser(
        prog="trustproof",
        description="Prove who can get what from AWS IAM policies, offline, or show the request that gets through.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, default=argparse.SUPPRESS, help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    check = commands.add_parser(
        "check",
        help="prove the properties of templates",
        description="Prove the properties of every policy in CloudFormation templates.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_check(check)
    baseline = commands.add_parser(
        "baseline",
        help="keep what is found today in a file, so that only what is new fails",
        description="Keep what is refuted or unknown today in a file, so that only what is new fails.",
        allow_abbrev=False,
    )
    _add_baseline(baseline)
    properties = commands.add_parser(
        "properties",
        help="list the properties, or explain one",
        description="List the properties, or explain one.",
        allow_abbrev=False,
    )
    _add_properties(properties)
    who = commands.add_parser(
        "who",
        help="list who may be what, where, with MFA or without, and for how long",
        description="List who may assume which roles of CloudFormation templates, with MFA or without, for how long.",
        allow_abbrev=False,
    )
    _add_who(who)
    new = commands.add_parser(
        "new",
        help="write a project: the app for all accounts of an organization",
        description="Write a project of your own: the CDK app for all accounts of an organization, and its gate.",
        allow_abbrev=False,
    )
    _add_new(new)
    add_sandbox(commands)
    add_live(commands)
    own, program = split_program(argv)
    found, unknown = parser.parse_known_args(own)
    values = {**vars(found), **program}
    command = values.pop("command")
    if unknown:
        # `parse_args` would say it with the usage of the program, and not of the command.
        commands.choices[command].error(f"unrecognized arguments: {' '.join(unknown)}")
    if command in ("check", "baseline"):
        what = Run(**{name: values.pop(name) for name in Run._fields})
        return CheckArguments(what, **values) if command == "check" else BaselineArguments(what=what, **values)
    return _COMMANDS[command](**values)


class _Version(argparse.Action):
    """Prints the version; nothing else needs the metadata of an installation, or waits for it to be read."""

    def __call__(self, *_: object) -> NoReturn:
        from importlib.metadata import version

        write(f"trustproof {version('trustproof')}\n")
        raise SystemExit(0)


def _add_properties(properties: argparse.ArgumentParser) -> None:
    properties.add_argument("ident", nargs="?", metavar="ID", help="print the page of this property")


def _add_run(command: argparse.ArgumentParser) -> None:
    """What several commands are told: what to check, and how."""
    add = command.add_argument
    add(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a template (JSON or YAML), a directory, a cloud assembly, or - for standard input (default: cdk.out)",
    )
    add("--config", metavar="FILE", help="read this file instead of the nearest trustproof.toml or pyproject.toml")
    add("--account", type=_account, metavar="ID", help="the account of templates that do not say theirs")
    add("--region", type=_region, metavar="REGION", help="the Region of templates that do not say theirs")
    add(
        "--parameter",
        action="append",
        default=[],
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
        default=[],
        dest="properties",
        metavar="ID",
        help="prove only this property; may be repeated (see: trustproof properties)",
    )
    add(
        "--jobs",
        type=_jobs,
        metavar="N",
        help="processes that share many templates, or a large one (default: one per core)",
    )
    add(
        "--today", type=_day, metavar="YYYY-MM-DD", help="the day that waivers are judged at (default: the present one)"
    )


def _add_check(check: argparse.ArgumentParser) -> None:
    _add_run(check)
    add = check.add_argument
    add(
        "--output",
        action="append",
        default=[],
        dest="outputs",
        type=parse_output,
        metavar="FORMAT[=FILE]",
        help=f"write the report in this form, to standard output or to a file; may be repeated: {', '.join(FORMATS)}",
    )
    add("--format", choices=tuple(FORMATS), help="the form of the report on standard output (default: text)")
    add("--certify", action="store_true", help="check every proof again, by a small checker that does not search")
    add(
        "--fail-on",
        choices=SEVERITIES,
        default=None,
        help="the mildest severity of what is refuted or unknown that fails the run (default: error)",
    )
    add(
        "--strict",
        action="store_true",
        help="fail on warnings too, and on files and directories that nobody has looked into",
    )
    add("--verbose", action="store_true", help="list everything that was passed over")
    add("--baseline", metavar="FILE", help="let pass what this file of known findings has (see: trustproof baseline)")


def _add_baseline(baseline: argparse.ArgumentParser) -> None:
    add = baseline.add_argument
    add("action", choices=("write", "show", "prune"), help="write what is found, show it, or take out what is gone")
    _add_run(baseline)
    add("--baseline", metavar="FILE", help=f"the file (default: that of the configuration, else {DEFAULT_FILE})")


def _add_who(who: argparse.ArgumentParser) -> None:
    add = who.add_argument
    add("paths", nargs="*", metavar="PATH", help="as for check: templates, directories, assemblies (default: cdk.out)")
    add("--account", type=_account, metavar="ID", help="the account of templates that do not say theirs")
    add("--config", metavar="FILE", help="read this file instead of the nearest trustproof.toml or pyproject.toml")
    add("--format", choices=("text", "json"), default="text", help="the form of the list (default: text)")


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
    add(
        "--ci", choices=("github", "gitlab", "none"), default="github", help="whose pipeline to write (default: github)"
    )


def _account(text: str) -> str:
    """An account id from the command line."""
    if len(text) == 12 and text.isascii() and text.isdigit():
        return text
    raise argparse.ArgumentTypeError(f'must be 12 digits, got "{text}"')


def _region(text: str) -> str:
    """A Region from the command line."""
    if is_region(text):
        return text
    raise argparse.ArgumentTypeError(f'must be the name of a Region, as eu-west-1, got "{text}"')


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'must be a day such as 2027-01-31, got "{text}"') from None


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes: 1 or more")
    return int(text)

"""
The command line: arguments in, a report and an exit code out.

The gate runs in front of every commit and every deployment, so nothing is imported before it is needed.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence

from trustproof._typing import TYPE_CHECKING, NoReturn
from trustproof.errors import TrustproofError, UsageError

if TYPE_CHECKING:
    from trustproof._check import Report

#: What is checked where no path is named: the output of ``cdk synth``.
DEFAULT_PATH = "cdk.out"

EXIT_OK = 0
EXIT_REFUTED = 1
EXIT_ERROR = 2
#: A bug, as `sysexits.h` calls it: after a traceback Python exits with 1, which here says that something is refuted.
EXIT_BUG = 70
#: Objects that are made, and not dropped, before garbage is looked for.
_GARBAGE = 100_000
#: As shells report a program that was interrupted: 128 and the number of the signal.
EXIT_INTERRUPTED = 130

_EXIT_CODES = """\
exit codes:
  0  nothing is refuted but warnings (with --strict: nothing is refuted or unknown)
  1  something is refuted (with --strict: warnings and what is unknown count too)
  2  wrong usage, unreadable or malformed input, no template found, or a proof
     that --certify does not confirm
  70 a bug of Trustproof: there is a traceback, and no verdict
"""


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the command line.

    Args:
        argv: the arguments without the program's name; those of the process where it is None.

    Returns:
        The exit code.
    """
    if argv is None:
        # This process is ours. What a run makes, it drops without cycles, or needs to the end: looking for garbage
        # would be a tenth of its time.
        gc.set_threshold(_GARBAGE, 10, 100)
    for stream in (sys.stdout, sys.stderr):
        # Templates and reports are UTF-8 whatever the locale says; what is not text at all arrives as an escape.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        return _run(argv)
    except TrustproofError as error:
        _complain(error)
        return EXIT_ERROR
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception:  # noqa: BLE001
        # Nothing is mended here: the traceback is the report of a bug, and only the status is not Python's own.
        import traceback

        traceback.print_exc()
        sys.stderr.write(
            "error: this is a bug of Trustproof, and nothing is decided; please report it with the lines above\n"
        )
        return EXIT_BUG
    finally:
        if argv is None:
            # The interpreter looks for garbage once more at its end.
            gc.freeze()


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = _parse(sys.argv[1:] if argv is None else argv)
    except SystemExit as stop:
        # Help, the version or a usage error: the parser has written it, though it may not have arrived.
        _write("")
        return stop.code if isinstance(stop.code, int) else EXIT_OK
    code: int = arguments.run(arguments)
    return code


def exit_code(report: Report, *, strict: bool) -> int:
    """The exit code for a report; an input that could not be read outweighs every verdict."""
    from trustproof._verdict import ERROR, REFUTED, UNKNOWN

    if report.errors:
        return EXIT_ERROR
    for result in report.results:
        if result.verdict == REFUTED and (strict or result.severity == ERROR):
            return EXIT_REFUTED
        if result.verdict == UNKNOWN and strict:
            return EXIT_REFUTED
    return EXIT_OK


def _check(arguments: argparse.Namespace) -> int:
    """``trustproof check``."""
    from trustproof._check import check
    from trustproof.config import load_config
    from trustproof.properties import registry
    from trustproof.report.progress import ProgressLine

    paths = arguments.paths
    if not paths:
        paths = [DEFAULT_PATH]
        if not os.path.isdir(DEFAULT_PATH):
            raise UsageError(f"there is no {DEFAULT_PATH} here: run cdk synth first, or name a template")
    progress = ProgressLine(sys.stderr)
    try:
        report = check(
            paths,
            config=load_config(arguments.config, known=registry.options()),
            account=arguments.account,
            parameters=_parameters(arguments),
            properties=arguments.properties or None,
            certify=arguments.certify,
            jobs=arguments.jobs or _cores(),
            progress=progress,
        )
    finally:
        progress.clear()
    _write(_render(report, arguments.format))
    for error in report.errors:
        _complain(error)
    return exit_code(report, strict=arguments.strict)


def _cores() -> int:
    """How many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _parameters(arguments: argparse.Namespace) -> dict[str, str]:
    if not arguments.parameters and arguments.parameters_file is None:
        return {}
    from trustproof._parameters import collect_parameters

    return collect_parameters(arguments.parameters, arguments.parameters_file)


def _render(report: Report, form: str) -> str:
    if form == "json":
        from trustproof.report.json import render_json

        return render_json(report)
    from trustproof.report.style import style_for
    from trustproof.report.text import render_text

    return render_text(report, style_for(sys.stdout))


def _properties(arguments: argparse.Namespace) -> int:
    """``trustproof properties``."""
    from trustproof.properties import registry
    from trustproof.properties._page import render_page

    if arguments.ident is not None:
        _write(render_page(registry.find(arguments.ident)))
        return EXIT_OK
    width = max(len(found.ident) for found in registry.PROPERTIES)
    _write("".join(f"{found.ident:<{width}}  {found.summary}\n" for found in registry.PROPERTIES))
    return EXIT_OK


def _write(text: str) -> None:
    """
    Write to standard output; quietly stop where the reader has closed it (``| head``).

    The exit code stays the answer of the gate, however much of the report somebody wanted to read.

    Raises:
        UsageError: standard output cannot be written: a report that is lost is not a pass.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # What is still buffered must not be written once more when the interpreter shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            message = (error.strerror or str(error)).lower()
            raise UsageError(f"standard output cannot be written: {message}") from None


def _complain(error: TrustproofError) -> None:
    from trustproof.report.style import style_for
    from trustproof.report.words import printable

    sys.stderr.write(f"{style_for(sys.stderr)('error', 'error')}: {printable(str(error))}\n")


def _account(text: str) -> str:
    """An account id from the command line."""
    if len(text) == 12 and text.isascii() and text.isdigit():
        return text
    raise argparse.ArgumentTypeError(f'must be 12 digits, got "{text}"')


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

        _write(f"trustproof {version('trustproof')}\n")
        raise SystemExit(EXIT_OK)


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; a parser costs something to make, so that of the other commands is not made."""
    if argv and argv[0] in _COMMANDS:
        _, description, add = _COMMANDS[argv[0]]
        parser = argparse.ArgumentParser(
            prog=f"trustproof {argv[0]}",
            description=description,
            epilog=_EXIT_CODES if argv[0] == "check" else None,
            formatter_class=_Formatter,
            allow_abbrev=False,
        )
        add(parser)
        return parser.parse_args(argv[1:])
    return _parser().parse_args(argv)


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
    for name, (words, _, _) in _COMMANDS.items():
        commands.add_parser(name, help=words, formatter_class=_Formatter)
    return parser


def _add_properties(properties: argparse.ArgumentParser) -> None:
    properties.add_argument("ident", nargs="?", metavar="ID", help="print the page of this property")
    properties.set_defaults(run=_properties)


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
    add("--format", choices=("text", "json"), default="text", help="the form of the report (default: text)")
    add("--certify", action="store_true", help="check every proof again, by a small checker that does not search")
    add(
        "--jobs",
        type=_jobs,
        metavar="N",
        help="processes that check templates, where there are many (default: one per core)",
    )
    add("--strict", action="store_true", help="fail on what is unknown and on warnings too")
    check.set_defaults(run=_check)


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes: 1 or more")
    return int(text)


#: Each command: what it does in a few words and in a sentence, and what adds its arguments to its parser.
_COMMANDS: dict[str, tuple[str, str, Callable[[argparse.ArgumentParser], None]]] = {
    "check": (
        "prove the properties of templates",
        "Prove the properties of every policy in CloudFormation templates.",
        _add_check,
    ),
    "properties": ("list the properties, or explain one", "List the properties, or explain one.", _add_properties),
}

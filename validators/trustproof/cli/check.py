"""
``trustproof check``: its arguments, and the exit status of what it finds.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NamedTuple

from trustproof.cli import values
from trustproof.cli.command import EXIT_CODES, Commands
from trustproof.cli.outputs import Output, parse_output, plan_outputs, refuse_inputs, write_error, write_outputs
from trustproof.cli.run import Run, add_run, taken_run
from trustproof.cli.terminal import EXIT_ERROR, EXIT_OK, EXIT_REFUTED, complain
from trustproof.config.baseline_file import configured_baseline, read_baseline
from trustproof.errors import TrustproofError, UsageError
from trustproof.output.formats import FORMATS
from trustproof.results.baseline import compare
from trustproof.results.report import STRICT, Report
from trustproof.results.result import ERROR, SEVERITIES, Severity

#: The forms of a report that have the commands of counterexamples.
_WITH_COMMANDS = ("text", "json")


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    check = commands.add_parser(
        "check",
        help=summary,
        description="Prove the properties of every policy in CloudFormation templates and in plans of Terraform.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    check.set_defaults(make=_made)
    add_run(check)
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
    add("--format", choices=FORMATS, help="the form of the report on standard output (default: text)")
    add(
        "--category",
        type=values.category,
        metavar="NAME",
        help="what tells the report from others about the same commit, in SARIF and in a comment in Markdown",
    )
    add("--certify", action="store_true", help="check every proof again, by a small checker that does not search")
    add(
        "--reproduce",
        action="store_true",
        help="print the commands that reproduce each counterexample, for a sandbox or AWS (text and JSON)",
    )
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


def _made(**given: Any) -> CheckArguments:
    return CheckArguments(taken_run(given), **given)


class CheckArguments(NamedTuple):
    """
    What ``trustproof check`` is told.
    """

    what: Run
    #: One of `FORMATS`, for standard output; None where nothing is said.
    format: str | None
    #: Where else, and in which form, the report is written.
    outputs: Sequence[Output]
    #: Which of several reports about one commit it is; None where nothing is said.
    category: str | None
    #: The file of findings that were there before; None for that of the configuration, if it has one.
    baseline: str | None
    certify: bool
    #: Whether the commands of each counterexample are given too.
    reproduce: bool
    #: The mildest severity that the exit status minds; None where nothing is said.
    fail_on: Severity | None
    strict: bool
    verbose: bool

    def run(self) -> int:
        """Check, and return the exit code."""
        return _check(self)


def exit_code(report: Report, fail_on: Severity = ERROR, *, strict: bool = False) -> int:
    """
    The exit code for a report; an input that could not be read outweighs every verdict.

    Args:
        fail_on: the mildest severity of what is refuted or unknown that counts.
        strict: whether what was passed over, or not checked, counts as well.
    """
    if report.errors:
        return EXIT_ERROR
    failed = report.failures(fail_on) or (strict and (report.passed_over or report.not_checked))
    return EXIT_REFUTED if failed else EXIT_OK


def _check(arguments: CheckArguments) -> int:
    """``trustproof check``."""
    outputs = plan_outputs(arguments.format, arguments.outputs)
    if arguments.reproduce and not any(output.format in _WITH_COMMANDS for output in outputs):
        raise UsageError(f"--reproduce is for {' and '.join(_WITH_COMMANDS)}: ask for one of them as well")
    try:
        report = _report(arguments, outputs)
    except TrustproofError as error:
        write_error(error, outputs, arguments.what.files(), category=arguments.category or "")
        raise
    fail_on = arguments.fail_on or (STRICT if arguments.strict else ERROR)
    write_outputs(report, outputs, verbose=arguments.verbose, fail_on=fail_on, strict=arguments.strict)
    for unread in report.errors:
        complain(unread)
    return exit_code(report, fail_on, strict=arguments.strict)


def _report(arguments: CheckArguments, outputs: Sequence[Output]) -> Report:
    """What there is to write."""
    config = arguments.what.configuration()
    baseline = arguments.baseline or configured_baseline(config)
    refuse_inputs(outputs, [*arguments.what.files(), *config.extends, *filter(None, (config.file, baseline))])
    # Read before the work: a gate whose baseline is gone says so at once.
    known = () if baseline is None else read_baseline(baseline)
    report = arguments.what.report(config, certify=arguments.certify)
    if baseline is not None:
        report = compare(report, known, baseline).report
    if arguments.reproduce:
        from trustproof.output.reproduce import commands

        report = report.replace(results=tuple(one._replace(reproduce=commands(one)) for one in report.results))
    return report.replace(category=arguments.category or "")

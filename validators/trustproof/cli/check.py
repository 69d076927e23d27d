"""
``trustproof check``: its arguments, and the exit status of what it finds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

from trustproof.api import check, load_config
from trustproof.cli.parameters import collect_parameters
from trustproof.cli.terminal import EXIT_ERROR, EXIT_OK, EXIT_REFUTED, complain, write
from trustproof.errors import UsageError
from trustproof.output import FORMATS
from trustproof.output.progress import ProgressLine
from trustproof.output.style import style_for
from trustproof.results.report import STRICT, Report
from trustproof.results.result import ERROR, Severity

#: What is checked where no path is named: the output of ``cdk synth``.
DEFAULT_PATH = "cdk.out"


class CheckArguments(NamedTuple):
    """
    What ``trustproof check`` is told.
    """

    paths: Sequence[str]
    config: str | None
    account: str | None
    region: str | None
    #: ``NAME=VALUE`` each.
    parameters: Sequence[str]
    parameters_file: str | None
    #: Identifiers; empty for all properties.
    properties: Sequence[str]
    #: One of `FORMATS`.
    format: str
    certify: bool
    #: As many as there are cores, where it is None.
    jobs: int | None
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
        strict: whether what was passed over counts as well.
    """
    if report.errors:
        return EXIT_ERROR
    failed = report.failures(fail_on) or (strict and report.passed_over)
    return EXIT_REFUTED if failed else EXIT_OK


def _check(arguments: CheckArguments) -> int:
    """``trustproof check``."""
    paths = arguments.paths
    if not paths:
        paths = [DEFAULT_PATH]
        if not os.path.isdir(DEFAULT_PATH):
            raise UsageError(f"there is no {DEFAULT_PATH} here: run cdk synth first, or name a template")
    progress = None
    if sys.stderr.isatty():
        progress = ProgressLine(sys.stderr)
    try:
        report = check(
            paths,
            config=load_config(arguments.config),
            account=arguments.account,
            region=arguments.region,
            parameters=_parameters(arguments),
            properties=arguments.properties or None,
            certify=arguments.certify,
            jobs=arguments.jobs or _cores(),
            progress=progress,
        )
    finally:
        if progress is not None:
            progress.clear()
    write(FORMATS[arguments.format](report, style_for(sys.stdout), verbose=arguments.verbose))
    for error in report.errors:
        complain(error)
    fail_on = arguments.fail_on or (STRICT if arguments.strict else ERROR)
    return exit_code(report, fail_on, strict=arguments.strict)


def _cores() -> int:
    """How many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _parameters(arguments: CheckArguments) -> dict[str, str]:
    if not arguments.parameters and arguments.parameters_file is None:
        return {}

    return collect_parameters(arguments.parameters, arguments.parameters_file)

"""
``trustproof check``: its arguments, and the exit status of what it finds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

from trustproof.api import check
from trustproof.cli.parameters import collect_parameters
from trustproof.cli.terminal import EXIT_ERROR, EXIT_OK, EXIT_REFUTED, complain, write
from trustproof.config.loader import load_config
from trustproof.errors import UsageError
from trustproof.output import FORMATS
from trustproof.output.progress import ProgressLine
from trustproof.output.style import style_for
from trustproof.properties import registry
from trustproof.results.report import Report
from trustproof.results.result import ERROR, REFUTED, UNKNOWN

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
    strict: bool

    def run(self) -> int:
        """Check, and return the exit code."""
        return _check(self)


def exit_code(report: Report, *, strict: bool) -> int:
    """The exit code for a report; an input that could not be read outweighs every verdict."""
    if report.errors:
        return EXIT_ERROR
    for result in report.results:
        if result.verdict == REFUTED and (strict or result.severity == ERROR):
            return EXIT_REFUTED
        if result.verdict == UNKNOWN and strict:
            return EXIT_REFUTED
    return EXIT_OK


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
            config=load_config(arguments.config, known=registry.options()),
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
    write(FORMATS[arguments.format](report, style_for(sys.stdout)))
    for error in report.errors:
        complain(error)
    return exit_code(report, strict=arguments.strict)


def _cores() -> int:
    """How many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _parameters(arguments: CheckArguments) -> dict[str, str]:
    if not arguments.parameters and arguments.parameters_file is None:
        return {}

    return collect_parameters(arguments.parameters, arguments.parameters_file)

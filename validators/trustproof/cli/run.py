"""
What a command checks, and with which configuration: the arguments that several commands share.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from trustproof.analysis.processes.child_processes import cores
from trustproof.api import check, load_config
from trustproof.cli import values
from trustproof.cli.parameters import collect_parameters, collect_provider_accounts
from trustproof.config.model import Config
from trustproof.errors import UsageError
from trustproof.model.document import POLICY_KINDS
from trustproof.output.progress import ProgressLine
from trustproof.output.terminal import progress_bar
from trustproof.output.terminal.screen import screen_for
from trustproof.results.report import Report

#: What is checked where no path is named: the output of ``cdk synth``.
DEFAULT_PATH = "cdk.out"


class Run(NamedTuple):
    """
    One run of the gate.
    """

    paths: Sequence[str]
    config: str | None
    account: str | None
    region: str | None
    #: ``NAME=VALUE`` each.
    parameters: Sequence[str]
    parameters_file: str | None
    #: ``PROVIDER=ACCOUNT`` each, of Terraform.
    provider_accounts: Sequence[str]
    #: The configuration that a plan of Terraform was made of.
    source: str | None
    #: Files with values of Terraform's variables.
    var_files: Sequence[str]
    #: What policy documents by themselves are: ``trust``, ``identity`` or ``resource``; None where they tell.
    policy_kind: str | None
    #: Identifiers; empty for all properties.
    properties: Sequence[str]
    #: As many as there are cores, where it is None.
    jobs: int | None
    #: The day of the run; None for the present one.
    today: date | None

    def files(self) -> list[str]:
        """What is named to be read."""
        return [*self.paths, *self.var_files, *filter(None, (self.config, self.parameters_file, self.source))]

    def configuration(self) -> Config:
        """
        The configuration that is named, or the nearest one.

        Raises:
            ConfigError: it is none.
        """
        return load_config(self.config)

    def report(self, config: Config, *, certify: bool = False) -> Report:
        """
        Check what is named, with a line of progress where somebody is looking on.

        Raises:
            UsageError: nothing is named and there is no `DEFAULT_PATH`, or what `trustproof.check` raises.
        """
        paths = self.paths
        if not paths:
            paths = [DEFAULT_PATH]
            if not os.path.isdir(DEFAULT_PATH):
                raise UsageError(
                    f"there is no {DEFAULT_PATH} here: run cdk synth first, or name a template "
                    "(. for those of this directory)"
                )
        progress = _progress() if sys.stderr.isatty() else None
        try:
            return check(
                paths,
                config=config,
                account=self.account,
                region=self.region,
                parameters=self._parameter_values(),
                provider_accounts=collect_provider_accounts(self.provider_accounts),
                source=self.source,
                var_files=self.var_files,
                policy_kind=self.policy_kind,
                properties=self.properties or None,
                certify=certify,
                jobs=self.jobs or cores(),
                progress=progress,
                # The only look at a clock, and only where nobody has said what day it is.
                today=self.today or date.today(),
            )
        finally:
            if progress is not None:
                progress.clear()

    def _parameter_values(self) -> dict[str, str]:
        if not self.parameters and self.parameters_file is None:
            return {}
        return collect_parameters(self.parameters, self.parameters_file)


def _progress() -> ProgressLine:
    """How far the run has come, on the terminal."""
    screen = screen_for(sys.stderr)
    return ProgressLine(sys.stderr, None if screen is None else lambda: progress_bar(sys.stderr, screen))


def add_run(command: argparse.ArgumentParser) -> None:
    """Add what several commands are told: what to check, and how."""
    add = command.add_argument
    add(
        "paths",
        nargs="*",
        default=(),
        metavar="PATH",
        help="a template (JSON or YAML), a plan or state of Terraform (JSON), a directory, a cloud assembly, or - for "
        "standard input (default: cdk.out)",
    )
    add_reading(command)
    add(
        "--jobs",
        type=values.jobs,
        metavar="N",
        help="processes that share many templates, or a large one (default: one per core)",
    )
    add(
        "--today",
        type=values.day,
        metavar="YYYY-MM-DD",
        help="the day that waivers are judged at (default: the present one)",
    )


def add_reading(command: argparse.ArgumentParser, *, properties: bool = True) -> None:
    """Add how templates are read, and where wanted which properties are asked of them."""
    add = command.add_argument
    add("--config", metavar="FILE", help="read this file instead of the nearest trustproof.toml or pyproject.toml")
    add("--account", type=values.account, metavar="ID", help="the account of templates that do not say theirs")
    add("--region", type=values.region, metavar="REGION", help="the Region of templates that do not say theirs")
    add(
        "--parameter",
        action="append",
        default=[],
        dest="parameters",
        metavar="NAME=VALUE",
        help="judge a template parameter at this value, or NAME.ResolvedValue, which SSM has; may be repeated",
    )
    add(
        "--parameters-file",
        metavar="FILE",
        help="read parameter values from a JSON or YAML file; --parameter wins over it",
    )
    add(
        "--provider-account",
        action="append",
        default=[],
        dest="provider_accounts",
        metavar="PROVIDER=ID",
        help="the account of a provider configuration of Terraform (aws.hub=111122223333); may be repeated",
    )
    add(
        "--var-file",
        action="append",
        default=[],
        dest="var_files",
        metavar="FILE",
        help="values of the variables of Terraform configurations; may be repeated, and a later one wins",
    )
    add(
        "--source",
        metavar="DIR|FILE",
        help="the configuration that a plan of Terraform was made of: its directory, or the file that plan -out wrote",
    )
    add(
        "--as",
        choices=POLICY_KINDS,
        dest="policy_kind",
        help="what policy documents that stand by themselves are attached to: a role, a user, or a resource",
    )
    if properties:
        add(
            "--property",
            action="append",
            default=[],
            dest="properties",
            metavar="ID",
            help="prove only this property; may be repeated (see: trustproof properties)",
        )


def taken_run(given: dict[str, Any]) -> Run:
    """The arguments of `add_run`, taken out of those of a command."""
    return Run(**{name: given.pop(name) for name in Run._fields})

"""
``trustproof explain``: who gets into one role or resource, or where one caller gets in.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from trustproof.access.explain import explain
from trustproof.api import load_config
from trustproof.cli.command import Commands
from trustproof.cli.parameters import collect_parameters, collect_provider_accounts
from trustproof.cli.run import DEFAULT_PATH, add_reading
from trustproof.cli.terminal import EXIT_OK
from trustproof.errors import UsageError
from trustproof.files.write import write
from trustproof.output.explanation import render_explanations
from trustproof.output.style import style_for
from trustproof.output.terminal import draw_explanations
from trustproof.output.terminal.screen import screen_for


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    explain_ = commands.add_parser(
        "explain",
        help=summary,
        description="Say who gets into a role or resource: by which statement, with MFA or without, from outside, over "
        "which chain of roles; or where a caller gets in, and which condition stands in its way.",
        allow_abbrev=False,
    )
    explain_.set_defaults(make=_made, options_between=True)
    add = explain_.add_argument
    add(
        "resource",
        nargs="?",
        metavar="RESOURCE",
        help="a role, resource or permission set: name, logical id, ARN or construct path",
    )
    add(
        "named",
        nargs="*",
        metavar="PATH",
        help="as for check: a template, directory or assembly (default: cdk.out)",
    )
    add(
        "--from",
        dest="caller",
        metavar="PRINCIPAL",
        help="ask about this caller: an account, an ARN, the host of a service, or anonymous",
    )
    add(
        "--in",
        action="append",
        default=[],
        dest="paths",
        metavar="PATH",
        help="the same, where no RESOURCE stands before it; may be repeated",
    )
    add_reading(explain_, properties=False)
    add("--format", choices=("text", "json"), default="text", help="the form of the answer (default: text)")


class ExplainArguments(NamedTuple):
    """
    What ``trustproof explain`` is told.
    """

    #: None for every role and resource.
    resource: str | None
    #: None for everybody.
    caller: str | None
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
    #: What policy documents by themselves are; None where they tell.
    policy_kind: str | None
    format: str

    def run(self) -> int:
        """Explain, and return the exit code."""
        paths = self.paths
        if not paths:
            paths = [DEFAULT_PATH]
            if not os.path.isdir(DEFAULT_PATH):
                raise UsageError(
                    f"there is no {DEFAULT_PATH} here: run cdk synth first, or name a template with --in"
                    " (--in . for those of this directory)"
                )
        found = explain(
            paths,
            self.resource,
            caller=self.caller,
            config=load_config(self.config),
            account=self.account,
            region=self.region,
            parameters=collect_parameters(self.parameters, self.parameters_file),
            provider_accounts=collect_provider_accounts(self.provider_accounts),
            source=self.source,
            var_files=self.var_files,
            policy_kind=self.policy_kind,
        )
        screen = screen_for(sys.stdout) if self.format == "text" else None
        if screen is None:
            write(render_explanations(found, self.caller, self.format, style_for(sys.stdout)))
        else:
            write(draw_explanations(found, self.caller, screen))
        return EXIT_OK


def _made(named: Sequence[str], paths: Sequence[str], **given: Any) -> ExplainArguments:
    """The arguments, with the paths that stand behind the resource and those of ``--in`` as one list."""
    return ExplainArguments(paths=[*named, *paths], **given)

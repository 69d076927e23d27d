"""
``trustproof explain``: who gets into one role or resource, or where one caller gets in.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

from trustproof.access.explain import explain
from trustproof.api import load_config
from trustproof.cli.parameters import collect_parameters
from trustproof.cli.run import DEFAULT_PATH
from trustproof.cli.terminal import EXIT_OK, write
from trustproof.errors import UsageError
from trustproof.output.explanation import render_explanations
from trustproof.output.style import style_for


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
    format: str

    def run(self) -> int:
        """Explain, and return the exit code."""
        paths = self.paths
        if not paths:
            paths = [DEFAULT_PATH]
            if not os.path.isdir(DEFAULT_PATH):
                raise UsageError(f"there is no {DEFAULT_PATH} here: run cdk synth first, or name a template with --in")
        found = explain(
            paths,
            self.resource,
            caller=self.caller,
            config=load_config(self.config),
            account=self.account,
            region=self.region,
            parameters=collect_parameters(self.parameters, self.parameters_file),
        )
        write(render_explanations(found, self.caller, self.format, style_for(sys.stdout)))
        return EXIT_OK

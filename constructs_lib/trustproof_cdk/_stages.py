"""
What fails in the stages of an app: the command line looks at the stacks that it has selected, and of itself at those of
no stage, so that a finding in a stage would fail nothing.

https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-synth.html
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import aws_cdk as cdk
from constructs import IConstruct

#: How the CDK calls the directory of a stage, in that of the app.
_ASSEMBLY = "assembly-"
#: The type of the metadata of a construct that has what is acknowledged for all below it.
_ACKNOWLEDGED = "aws:cdk:acknowledged-rules"


def fails_in_stages(
    app: IConstruct, violations: Iterable[cdk.PolicyViolation], failing: tuple[str, ...]
) -> list[cdk.PolicyViolation]:
    """
    A violation of no resource, which fails the synthesis whatever is selected; none where nothing in a stage fails.

    Args:
        app: the construct that was synthesized.
        violations: all of them.
        failing: the severities that fail a synthesis.
    """
    count = sum(
        one.severity in failing and not (one.severity == "error" and _is_acknowledged(app, one))
        for one in violations
        if any(_is_in_stage(resource.template_path) for resource in one.violating_resources)
    )
    if not count:
        return []
    findings = "1 finding" if count == 1 else f"{count} findings"
    said = f"{findings} in stages: cdk synth '**' shows what is in them, and validation-report.json has it"
    # The command line counts it, and shows only what it is about.
    sys.stderr.write(f"trustproof: {said}\n")
    return [cdk.PolicyViolation(rule_name="in-stages", description=said, severity="error", violating_resources=[])]


def _is_in_stage(template: str | None) -> bool:
    return template is not None and Path(template).parent.name.startswith(_ASSEMBLY)


def _is_acknowledged(app: IConstruct, violation: cdk.PolicyViolation) -> bool:
    """Whether the author of the construct, or of one around it, has accepted it."""
    construct: IConstruct | None = app
    for name in ("", *(violation.rule_metadata or {}).get("construct path", "").split("/")):
        construct = construct if not name else construct.node.try_find_child(name) if construct is not None else None
        if construct is None:
            return False
        for entry in construct.node.metadata:
            if entry.type == _ACKNOWLEDGED and f"trustproof::{violation.rule_name}" in entry.data:
                return True
    return False

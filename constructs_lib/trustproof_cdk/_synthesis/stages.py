"""
What fails in the stages of an app: the command line looks at the stacks that it has selected, and of itself at those of
no stage, so that a finding in a stage would fail nothing.

https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-synth.html
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import aws_cdk as cdk
from constructs import IConstruct

from trustproof_cdk._synthesis import stacks

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
    path = (violation.rule_metadata or {}).get("construct path", "")
    return bool(acknowledging_constructs(app, path, violation.rule_name))


def acknowledging_constructs(app: IConstruct, path: str, rule: str) -> list[IConstruct]:
    """
    The constructs at which a rule is acknowledged, of one and those around it.

    Args:
        app: the construct that was synthesized.
        path: of the construct; nothing is acknowledged of one that is not there.
        rule: the identifier of a property.
    """
    construct: IConstruct | None = app
    found: list[IConstruct] = []
    for name in ("", *path.split("/")):
        construct = (
            construct if not name else stacks.node_of(construct).try_find_child(name) if construct is not None else None
        )
        if construct is None:
            return []
        if any(
            one.type == _ACKNOWLEDGED and f"trustproof::{rule}" in one.data
            for one in stacks.node_of(construct).metadata
        ):
            found.append(construct)
    return found


def outside_of_stacks(constructs: Sequence[IConstruct]) -> str | None:
    """
    The path of the innermost of some constructs, where all of them are around stacks; None where one is in a stack.

    A cloud assembly keeps what is acknowledged in a stack, and nothing of what is around.
    """
    if not constructs or any(cdk.Stack.is_stack(scope) for one in constructs for scope in one.node.scopes):
        return None
    return constructs[-1].node.path or "the app"

"""
What nobody has looked into, acknowledged by the author of a stack: it counts where the assembly keeps it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import aws_cdk as cdk
import pytest
from constructs import Construct

from trustproof_cdk import TrustproofChecks

RULE = cdk.Acknowledgment(id="trustproof::not-checked", reason="somebody else proves it")


def placed(scope: Construct) -> dict[str, Construct]:
    """A stack with a stack nested in it whose template is elsewhere, and what is around."""
    stack = cdk.Stack(scope, "Stack", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    properties = {"TemplateURL": "https://templates.s3.amazonaws.com/network.json"}
    nested = cdk.CfnResource(stack, "Nested", type="AWS::CloudFormation::Stack", properties=properties)
    return {"resource": nested, "stack": stack}


@pytest.mark.parametrize(
    ("at", "staged", "severity", "refused"),
    [
        ("resource", False, "error", None),
        ("stack", False, "error", None),
        ("resource", True, "error", None),
        ("app", False, "error", "what is acknowledged of the app does not count"),
        ("app", True, "error", "what is acknowledged of the app does not count"),
        ("stage", True, "error", "what is acknowledged of Stage does not count"),
        ("stack", False, "fatal", "nothing is proved: the nested stack Nested"),
    ],
)
def test_what_is_not_checked_is_acknowledged_in_a_stack(
    app: cdk.App, at: str, staged: bool, severity: str, refused: str | None
) -> None:
    """As findings are: what stands around the stacks is in no template, and with `fatal` nobody may acknowledge."""
    stage = cdk.Stage(app, "Stage") if staged else app
    around = {**placed(stage), "app": app, "stage": stage}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}, strict=True, severity=severity))
    cdk.Validations.of(around[at]).acknowledge(RULE)
    # By itself, an app whose validation fails raises; the command line reads the report.
    with suppress(RuntimeError):
        app.synth()
    report = json.loads((Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8"))
    (checks,) = report["pluginReports"]
    fatal = [one["description"] for one in checks["violations"] if one["severity"] == "fatal"]
    in_stages = [one for one in checks["violations"] if one["ruleName"] == "in-stages"]
    assert (len(fatal), len(in_stages)) == ((0, 0) if refused is None else (1, int(staged)))
    assert refused is None or refused in fatal[0]

"""
`TrustproofChecks` in apps with stages, of which the command line of the CDK looks at no stack that is not selected.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from trustproof_cdk import TrustproofChecks

OURS = {"boundary": {"accounts": ["111122223333"]}}


def app_with(tmp_path: Path, **checks: Any) -> cdk.App:
    """An app that asks the plugin."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), builtin_cloud_formation_validation=False)
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=OURS, **checks))
    return app


def role_in(scope: Any, name: str = "Access", *, is_open: bool = True) -> iam.Role:
    """A role in a stack, which lets users in without MFA or is a machine's."""
    environment = cdk.Environment(account="222233334444", region="eu-central-1")
    principal = iam.AccountPrincipal("111122223333") if is_open else iam.ServicePrincipal("ec2.amazonaws.com")
    return iam.Role(cdk.Stack(scope, name, env=environment), "Role", assumed_by=principal)


def of_no_resource(app: cdk.App) -> list[str]:
    """What the plugin says fails the synthesis, whichever stacks are selected."""
    # By itself, an app whose validation fails raises; the command line reads the report.
    with suppress(RuntimeError):
        app.synth()
    file = Path(app.outdir) / "validation-report.json"
    if not file.is_file():
        return []
    found = [one for each in json.loads(file.read_text())["pluginReports"] for one in each["violations"]]
    return [f"{one['severity']} {one['description']}" for one in found if not one["violatingConstructs"]]


@pytest.mark.parametrize("beside", [True, False])
def test_what_is_refuted_in_a_stage_fails_whatever_is_selected(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], beside: bool
) -> None:
    """With a stack beside the stages and without one, the synthesis fails and says how the findings are shown."""
    app = app_with(tmp_path)
    role_in(cdk.Stage(app, "Prod"))
    role_in(cdk.Stage(cdk.Stage(app, "Outer"), "Inner"))
    if beside:
        role_in(app, "Pipeline", is_open=False)
    (said,) = of_no_resource(app)
    assert said.startswith("error 2 findings in stages: cdk synth '**' shows what is in them")
    assert "trustproof: 2 findings in stages" in capfd.readouterr().err


def test_what_stands_in_no_stage_is_shown_by_itself(tmp_path: Path) -> None:
    """A finding in a stack that the command line selects needs no other one."""
    app = app_with(tmp_path)
    role_in(app)
    role_in(cdk.Stage(app, "Prod"), is_open=False)
    assert of_no_resource(app) == []


@pytest.mark.parametrize("around", ["role", "stack", "stage"])
@pytest.mark.parametrize("severity", ["error", "fatal"])
def test_what_is_acknowledged_fails_nothing(tmp_path: Path, around: str, severity: str) -> None:
    """What somebody has accepted at the role or its stack counts only where nobody may; a stage is in no template."""
    app = app_with(tmp_path, severity=severity)
    role = role_in(stage := cdk.Stage(app, "Prod"))
    scope = {"role": role, "stack": role.node.scope, "stage": stage}[around]
    cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id="trustproof::mfa-required", reason="accepted"))
    assert len(of_no_resource(app)) == (severity == "fatal" or around == "stage")

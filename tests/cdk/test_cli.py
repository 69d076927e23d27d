"""
The gate in the real CDK CLI: a refuted role stops `cdk synth` and `cdk deploy`, a proved one does not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
CDK = shutil.which("cdk", path=str(BIN))

APP = """
import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from trustproof_cdk import TrustproofChecks, require_mfa

app = cdk.App(builtin_cloud_formation_validation=False)
cdk.Validations.of(app).add_plugins(TrustproofChecks(config={"boundary": {"accounts": ["111122223333"]}}))
stack = cdk.Stack(app, "Access", env=cdk.Environment(account="222233334444", region="eu-central-1"))
role = iam.Role(stack, "Deployer", assumed_by=iam.AccountPrincipal("111122223333"))
"""

pytestmark = pytest.mark.skipif(CDK is None, reason="the CDK CLI is not installed beside this Python")


def cdk(folder: Path, app: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run the CDK CLI on an app, with nothing of AWS and of this test in its environment."""
    assert CDK is not None
    (folder / "app.py").write_text(app, encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_", "PYTEST_"))}
    environment |= {
        "PATH": os.pathsep.join((str(BIN), environment["PATH"])),
        "CDK_HOME": str(folder / "home"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    run = [CDK, *command, "--app", f"{sys.executable} app.py", "--no-notices"]
    return subprocess.run(run, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_refuted_role_stops_the_command(tmp_path: Path) -> None:
    """The message names the construct and the caller who gets in; deployment begins with synthesis, and ends there."""
    done = cdk(tmp_path, f"{APP}\napp.synth()\n", "deploy", "--require-approval", "never")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Access/Deployer/Resource" in said
    assert "aws:MultiFactorAuthPresent is absent" in said
    assert "trustproof::mfa-required" in said
    assert "deploying" not in said


def test_proved_role_passes(tmp_path: Path) -> None:
    """With MFA demanded there is nothing to say."""
    done = cdk(tmp_path, f"{APP}\nrequire_mfa(role)\napp.synth()\n", "synth", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "cdk.out" / "Access.template.json").is_file()

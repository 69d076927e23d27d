"""
Accounts that are bootstrapped for the CDK, beside guardrails that demand MFA of users: those of the landing zone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("aws_cdk", reason="the example needs the cdk extra")

from aws_cdk import cx_api

from tests.sandbox.cast import allow
from tests.sandbox.test_landing_zone import DEVELOPMENT, Zone, accounts_file, role, synthesized
from trustproof.sandbox import Sandbox
from trustproof.sandbox.organization import MANAGEMENT_ACCOUNT


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> cx_api.CloudAssembly:
    """The example, synthesized once."""
    return synthesized(tmp_path_factory.mktemp("zone"))


@pytest.mark.parametrize(
    ("guarded", "with_mfa", "is_bootstrapped"), [(False, False, True), (True, False, False), (True, True, True)]
)
def test_accounts_are_bootstrapped_before_the_guardrails_or_with_mfa(
    tmp_path: Path, assembly: cx_api.CloudAssembly, guarded: bool, with_mfa: bool, is_bootstrapped: bool
) -> None:
    """The CLI of the CDK with the bare access key of an administrator is what the guardrails of the example stop."""
    with Sandbox(accounts_file(tmp_path, assembly, guarded=guarded)) as aws:
        environment = aws.environment() | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "NO_COLOR": "1",
        }
        profile = ["--profile", "development"]
        if with_mfa:
            zone = Zone(aws)
            session = zone.with_mfa(zone.user(allow("sts:AssumeRole"), account=MANAGEMENT_ACCOUNT))
            keys = zone.assume(session, role(DEVELOPMENT, "OrganizationAccountAccessRole"))["Credentials"]
            environment["AWS_ACCESS_KEY_ID"] = keys["AccessKeyId"]
            environment["AWS_SECRET_ACCESS_KEY"] = keys["SecretAccessKey"]
            environment["AWS_SESSION_TOKEN"] = keys["SessionToken"]
            profile = []
        done = subprocess.run(
            ["cdk", "bootstrap", f"aws://{DEVELOPMENT}/eu-central-1", *profile, "--no-notices"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        said = done.stdout + done.stderr
        assert (done.returncode == 0) == is_bootstrapped, said
        # All that the CLI says of an AssumeRole that is refused.
        assert ("no credentials have been configured" in said) != is_bootstrapped

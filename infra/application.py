"""
Put the app together.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import aws_cdk as cdk

from infra.accounts import Accounts, read_accounts
from infra.boundary import boundary
from infra.hub_stack import HubStack
from infra.workload_stack import WorkloadStack
from trustproof_cdk import TrustproofChecks

_CDK_JSON = Path(__file__).parent.parent / "cdk.json"


def build_app(accounts: Accounts | None = None, *, outdir: str | None = None) -> cdk.App:
    """
    The app, ready for `synth()`: a hub stack, and a stack for each workload account; the gate is part of it.

    Args:
        accounts: default: `infra/accounts.toml`.
        outdir: where to synthesize to. Default: where the CDK CLI says, or ``cdk.out``.
    """
    accounts = read_accounts() if accounts is None else accounts
    app = cdk.App(
        outdir=outdir or os.environ.get("CDK_OUTDIR", "cdk.out"),
        # The CLI passes the context of cdk.json; without the CLI the templates shall be the same.
        context=json.loads(_CDK_JSON.read_text(encoding="utf-8"))["context"],
        # The built-in check of resource properties takes longer than everything else here together (one to five
        # seconds and 300 MB). The tests run cfn-lint on the same templates; the gate below is not affected.
        builtin_cloud_formation_validation=False,
    )
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=boundary(accounts)))
    HubStack(app, "access-hub", accounts=accounts)
    for account in accounts.workloads:
        WorkloadStack(app, f"access-{account.name}", accounts=accounts, account=account)
    return app

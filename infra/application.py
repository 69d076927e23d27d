"""
Put the app together.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from infra._files import read_text, shown_path
from infra.account_stack import AccountStack
from infra.accounts import Accounts, AccountsError, read_accounts
from infra.boundary import boundary, check_boundary
from infra.empty_grants import comes_to_nothing
from infra.in_vain import in_vain
from infra.kept_out import kept_out
from infra.management_account import unsaid_management
from infra.own_policies import called_like_those_of_aws
from trustproof_cdk import TrustproofChecks

_CDK_JSON = Path(__file__).parent.parent / "cdk.json"


def build_app(accounts: Accounts | None = None, *, outdir: str | None = None) -> cdk.App:
    """
    The app, ready for `synth()`: a stack for each account; the gate is part of it.

    Args:
        accounts: default: `infra/accounts.toml`, and the gate has the configuration that the command line has,
            `trustproof.toml`, which must be what the accounts file says. For other accounts it has what they say.
        outdir: where to synthesize to. Default: where the CDK CLI says, or ``cdk.out``.

    Raises:
        AccountsError: the accounts file is not what it must be, or `trustproof.toml` is not what it says, or cdk.json
            cannot be read.
    """
    config: Path | dict[str, object]
    if accounts is None:
        accounts = read_accounts()
        config = check_boundary(accounts)
    else:
        config = boundary(accounts)
    app = cdk.App(
        outdir=outdir or os.environ.get("CDK_OUTDIR", "cdk.out"),
        # The CLI passes the context of cdk.json; without the CLI the templates shall be the same.
        context=_context(_CDK_JSON),
        # The built-in check of resource properties takes longer than everything else here together (one to five
        # seconds and 300 MB). cfn-lint says as much of the templates when it is asked; the gate below is not affected.
        builtin_cloud_formation_validation=False,
    )
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config, strict=True))
    add_stacks(app, accounts)
    return app


def _context(file: Path) -> dict[str, Any]:
    """
    The context that a cdk.json has.

    Raises:
        AccountsError: it cannot be read, or has none; with its line where it is no JSON.
    """
    shown = shown_path(file)
    try:
        found = json.loads(read_text(file))
    except FileNotFoundError:
        raise AccountsError(
            f"{shown}: is not there: it has the settings of the CDK that templates are made with; take it back from "
            "version control, or from what 'trustproof new' writes"
        ) from None
    except json.JSONDecodeError as error:
        raise AccountsError(f"{shown}:{error.lineno}: is no JSON: {error.msg}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise AccountsError(f"{shown}: cannot be read: {error}") from None
    context = found.get("context") if isinstance(found, dict) else None
    if not isinstance(context, dict):
        raise AccountsError(f"{shown}: context must be an object, as 'trustproof new' writes it, got {context!r}")
    return context


def add_stacks(scope: Construct, accounts: Accounts) -> None:
    """
    Add a stack for each account to an app or a stage.

    Raises:
        AccountsError: control policies of the accounts file keep everybody out of a role.
    """
    stacks = {
        account.name: AccountStack(scope, f"access-{account.name}", accounts=accounts, account=account)
        # An account that nobody has access in has a stack too, an empty one: if it had a role, the CDK CLI deletes it.
        for account in accounts.accounts
    }
    for message in comes_to_nothing(accounts):
        cdk.Annotations.of(stacks[accounts.hub.name]).add_warning_v2("access-of-nobody", message)
    for message in unsaid_management(accounts):
        cdk.Annotations.of(stacks[accounts.hub.name]).add_warning_v2("management-account", message)
    for message in called_like_those_of_aws(accounts):
        cdk.Annotations.of(stacks[accounts.hub.name]).add_warning_v2("policies-of-your-own", message)
    for message in (*kept_out(accounts), *in_vain(accounts)):
        cdk.Annotations.of(stacks[accounts.hub.name]).add_warning_v2("control-policies", message)
    _deploy_entries_first(stacks, accounts)


def _deploy_entries_first(stacks: dict[str, AccountStack], accounts: Accounts) -> None:
    """The one order there is: a role that another one trusts must exist."""
    entry = accounts.of_kind("ci")
    trusting = {account for repository in accounts.repositories for account in repository.grants.levels}
    for name in sorted(trusting):
        if entry is not None and name != entry.name:
            stacks[name].add_stack_dependency(stacks[entry.name])

"""
What an account costs to synthesize: the app of this repository against plain roles of the CDK that do the same.

    python benchmarks/synthesis.py

Both are built and synthesized in turn, in one process, and the fastest of several runs of each counts. Milliseconds
depend on the machine; what is to be compared with another day are the ratios.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# Run as a file, Python looks for imports beside it; the app stands beside its folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from infra._grants import Assumable, split
from infra.accounts import Account, Accounts, levels_in, parse_accounts
from infra.application import add_stacks
from infra.boundary import boundary
from infra.groups import ROOM_FOR_ARNS
from trustproof_cdk import TrustproofChecks

#: Workload accounts to how many runs the fastest one is taken of.
SIZES = {3: 9, 30: 5, 100: 3, 300: 3, 1000: 3}
_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
_GITHUB = "token.actions.githubusercontent.com"

Fill = Callable[[cdk.App, Accounts], None]


def organization(size: int) -> Accounts:
    """People, a vendor and a repository, with access by unit: three to five roles in an account."""
    units = {"development": "ou-ab12-11111111", "production": "ou-ab12-22222222"}
    accounts = {
        f"account-{number}": {
            "id": f"{200_000_000_000 + number}",
            "region": "eu-central-1",
            "unit": sorted(units)[number % 2],
        }
        for number in range(size)
    }
    hub = {"kind": "hub", "id": "111122223333", "region": "eu-central-1"}
    vendor = {"name": "Observability Inc.", "accounts": ["444455556666"], "audit": ["production"]}
    mapping = {
        "organization": {"id": "o-a1b2c3d4e5", "units": units, "external-id-salt": "salt-of-the-benchmark"},
        "accounts": {"hub": hub, **accounts},
        "groups": {
            "developers": {"deploy": ["development"], "read": ["*"]},
            "operators": {"deploy": ["production"]},
            "auditors": {"audit": ["*"]},
        },
        "vendors": {"observability": vendor},
        "repositories": {"shop": {"github": "acme/shop", "branches": ["main"], "deploy": ["production"]}},
    }
    return parse_accounts(mapping, Path("accounts.toml"))


def ours(app: cdk.App, accounts: Accounts) -> None:
    """The stacks of the app."""
    add_stacks(app, accounts)


def gated(app: cdk.App, accounts: Accounts) -> None:
    """The same, and the gate proves every policy while they are synthesized."""
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=boundary(accounts), strict=True))
    add_stacks(app, accounts)


def plain(app: cdk.App, accounts: Accounts) -> None:
    """The same resources, of the CDK's own constructs."""
    for account in accounts.accounts:
        stack = cdk.Stack(app, f"plain-{account.name}", env=account.environment)
        _roles_for_people(stack, accounts, account)
        _roles_for_machines(stack, accounts, account)
        if account == accounts.hub:
            _groups(stack, accounts)


def _managed(policies: tuple[str, ...]) -> list[iam.IManagedPolicy]:
    return [iam.ManagedPolicy.from_aws_managed_policy_name(policy) for policy in policies]


def _roles_for_people(stack: cdk.Stack, accounts: Accounts, account: Account) -> None:
    for level in levels_in(account, (group.grants for group in accounts.groups)):
        age = level.mfa_age_minutes
        demanded = dict(_MFA)
        if age is not None:
            demanded["NumericLessThanEquals"] = {"aws:MultiFactorAuthAge": str(60 * age)}
        iam.Role(
            stack,
            level.name,
            role_name=accounts.role_names.members(level),
            description=level.description,
            assumed_by=iam.PrincipalWithConditions(iam.AccountPrincipal(accounts.hub.id), demanded),
            max_session_duration=cdk.Duration.hours(1),
            managed_policies=_managed(level.managed_policies),
        )


def _roles_for_machines(stack: cdk.Stack, accounts: Accounts, account: Account) -> None:
    for vendor in accounts.vendors:
        for level in levels_in(account, [vendor.grants]):
            iam.Role(
                stack,
                f"{vendor.name}-{level.name}",
                role_name=f"OrgVendor-{vendor.name}-{level.name}",
                description=level.description,
                assumed_by=iam.AccountPrincipal(vendor.accounts[0]),
                external_ids=["0815"],
                managed_policies=_managed(level.managed_policies),
            )
            cdk.CfnOutput(stack, f"{vendor.name}-{level.name}-arn", value=vendor.name)
            cdk.CfnOutput(stack, f"{vendor.name}-{level.name}-id", value=level.name)
    for repository in accounts.repositories:
        for level in levels_in(account, [repository.grants]):
            provider = iam.OidcProviderNative(
                stack, "GitHub", url=f"https://{_GITHUB}", client_ids=["sts.amazonaws.com"]
            )
            subject = f"repo:{repository.full_name}:ref:refs/heads/{repository.branches[0]}"
            claims = {f"{_GITHUB}:aud": "sts.amazonaws.com", f"{_GITHUB}:sub": subject}
            iam.Role(
                stack,
                f"{repository.name}-{level.name}",
                role_name=f"OrgCi-{repository.name}-{level.name}",
                description=level.description,
                assumed_by=iam.WebIdentityPrincipal(provider.oidc_provider_arn, {"StringEquals": claims}),
                managed_policies=_managed(level.managed_policies),
            )


def _groups(stack: cdk.Stack, accounts: Accounts) -> None:
    for entry in accounts.groups:
        group = iam.Group(stack, entry.name, group_name=entry.name)
        iam.ManagedPolicy(
            group,
            "Mfa",
            groups=[group],
            statements=[
                iam.PolicyStatement(
                    effect=iam.Effect.DENY,
                    not_actions=["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"],
                    resources=["*"],
                    conditions={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
                )
            ],
        )
        roles = Assumable(accounts, entry.grants, accounts.role_names.members)
        shares = list(split(roles.arns()))
        if len(shares) > ROOM_FOR_ARNS:
            iam.ManagedPolicy(group, "AssumeByName", groups=[group], statements=roles.by_name())
            continue
        for path, arns in shares:
            statement = iam.PolicyStatement(actions=["sts:AssumeRole"], resources=arns)
            iam.ManagedPolicy(group, f"Assume{path}", groups=[group], statements=[statement])


def seconds(fill: Fill, accounts: Accounts) -> tuple[float, int]:
    """How long it takes to build and synthesize, and how many resources come out."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        app = cdk.App(outdir=folder, builtin_cloud_formation_validation=False)
        fill(app, accounts)
        assembly = app.synth()
        took = time.perf_counter() - start
        return took, sum(len(stack.template.get("Resources", {})) for stack in assembly.stacks)


def main() -> None:
    """Print the table."""
    print("accounts  resources  plain CDK        the app       with the gate   (ms per account; times plain)")
    # The first app of a process pays for what is loaded once.
    for fill in (plain, gated):
        seconds(fill, organization(1))
    for size, runs in SIZES.items():
        accounts = organization(size)
        fastest: dict[Fill, float] = {}
        resources: dict[Fill, int] = {}
        for _ in range(runs):
            for fill in (plain, ours, gated):
                took, resources[fill] = seconds(fill, accounts)
                fastest[fill] = min(took, fastest.get(fill, took))
        assert len(set(resources.values())) == 1, f"not the same resources: {resources}"
        each = {fill: 1000 * took / len(accounts.accounts) for fill, took in fastest.items()}
        print(
            f"{size:8}  {resources[plain]:9}  {each[plain]:6.1f}"
            f"       {each[ours]:6.1f}  {each[ours] / each[plain]:4.2f}x"
            f"     {each[gated]:6.1f}  {each[gated] / each[plain]:4.2f}x"
        )


if __name__ == "__main__":
    main()

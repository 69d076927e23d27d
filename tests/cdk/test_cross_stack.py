"""
Apps of several stacks: what the CDK makes of a reference from one to another is followed.
"""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

import trustproof
from tests.analysis.stacks import verdicts
from trustproof_cdk import TrustproofChecks

HUB, OWN = "111122223333", "333344445555"
CONFIG = {"boundary": {"accounts": [HUB, OWN]}}
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}


def people(stack: cdk.Stack, *, mfa: bool) -> iam.Role:
    """A role for the people of an account."""
    account = iam.AccountPrincipal(HUB)
    return iam.Role(stack, "Entry", assumed_by=iam.PrincipalWithConditions(account, WITH_MFA) if mfa else account)


def stacks(app: cdk.App, *, env: cdk.Environment | None) -> tuple[cdk.Stack, cdk.Stack]:
    """Two stacks of one environment."""
    return cdk.Stack(app, "First", env=env), cdk.Stack(app, "Second", env=env)


ENVIRONMENTS = [cdk.Environment(account=OWN, region="eu-central-1"), None]


def logical_ids(report: trustproof.Report, construct: str) -> set[str]:
    """The logical ids of a construct's resource."""
    return {r.logical_id for r in report.results if (r.construct_path or "").endswith(f"/{construct}/Resource")}


@pytest.mark.parametrize("env", ENVIRONMENTS, ids=["known", "agnostic"])
@pytest.mark.parametrize("mfa", [True, False])
def test_a_role_that_trusts_one_of_another_stack(app: cdk.App, env: cdk.Environment | None, mfa: bool) -> None:
    """The imported ARN is that of the role, and the chain of both is walked."""
    first, second = stacks(app, env=env)
    entry = people(first, mfa=mfa)
    trusted = iam.CompositePrincipal(
        iam.PrincipalWithConditions(iam.AccountPrincipal(HUB), WITH_MFA), iam.ArnPrincipal(entry.role_arn)
    )
    iam.Role(second, "Target", assumed_by=trusted)
    report = trustproof.check([app.synth().directory], config=CONFIG)
    (target,) = logical_ids(report, "Target")
    assert verdicts(report, target) == {
        "mfa-required": "proved",
        "inside-boundary": "proved",
        "statement-usable": "proved",
        "session-duration-bounded": "proved",
        "mfa-survives-chaining": "proved" if mfa else "refuted",
    }


@pytest.mark.parametrize("right", [True, False])
def test_a_policy_of_another_stack(app: cdk.App, right: bool) -> None:
    """A managed policy that is attached across stacks denies there, and the plugin says the same as the command."""
    first, second = stacks(app, env=ENVIRONMENTS[0])
    conditions = WITHOUT_MFA if right else {"Bool": WITHOUT_MFA["BoolIfExists"]}
    deny = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["*"], resources=["*"], conditions=conditions)
    policy = iam.ManagedPolicy(first, "Mfa", statements=[deny])
    administrator = iam.ManagedPolicy.from_aws_managed_policy_name("AdministratorAccess")
    iam.User(second, "Ann", managed_policies=[administrator, policy])
    config = {**CONFIG, "properties": {"assume-role-scoped": {"severity": "off"}}}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config))
    if right:
        app.synth()
    else:
        with pytest.raises(RuntimeError, match="a user without MFA may call"):
            app.synth()
    report = trustproof.check([app.outdir], config=config)
    (ann,) = {result.logical_id for result in report.results if result.resource_type == "AWS::IAM::User"}
    assert verdicts(report, ann)["sensitive-actions-require-mfa"] == ("proved" if right else "refuted")


@pytest.mark.parametrize("mfa", [True, False])
def test_nested_stacks(app: cdk.App, mfa: bool) -> None:
    """A role of one nested stack that a role of another one trusts comes by way of the parent."""
    parent = cdk.Stack(app, "Parent", env=ENVIRONMENTS[0])
    entry = people(cdk.NestedStack(parent, "One"), mfa=mfa)
    trusted = iam.CompositePrincipal(
        iam.PrincipalWithConditions(iam.AccountPrincipal(HUB), WITH_MFA), iam.ArnPrincipal(entry.role_arn)
    )
    iam.Role(cdk.NestedStack(parent, "Two"), "Target", assumed_by=trusted)
    directory = app.synth().directory
    report = trustproof.check([directory], config=CONFIG)
    (target,) = logical_ids(report, "Target")
    wanted = "proved" if mfa else "refuted"
    assert verdicts(report, target)["mfa-required"] == "proved"
    assert verdicts(report, target)["mfa-survives-chaining"] == wanted
    # As the plugin is given them: those of nested stacks behind their parent.
    files = sorted(map(str, Path(directory).glob("*.template.json")), key=lambda file: (".nested." in file, file))
    by_hand = trustproof.check_templates([(file, OWN, "eu-central-1") for file in files], config=CONFIG)
    assert verdicts(by_hand, target)["mfa-survives-chaining"] == wanted

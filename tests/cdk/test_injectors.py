"""
Property injectors of the CDK (blueprints), which change the properties of what the constructs here make: what these
vouch for holds, or the synthesis says which injector is against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from trustproof_cdk import (
    AssumeRoleGrant,
    BreakGlassRole,
    CrossAccountRole,
    GitHubActionsRole,
    JustInTimeRole,
    MfaEnforcedGroup,
    MfaPolicy,
    OrganizationRole,
    RoleChain,
    ServiceRole,
    Trusted,
    TrustproofChecks,
)

OWN, HUB, OTHER = "222233334444", "111122223333", "333344445555"
ALICE = f"arn:aws:iam::{OWN}:user/alice"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
HARMLESS = iam.PolicyStatement(actions=["iam:GetUser"], resources=["*"])
ROLE, POLICY, MANAGED = (one.PROPERTY_INJECTION_ID for one in (iam.Role, iam.Policy, iam.ManagedPolicy))

Change = Callable[[dict[str, Any]], object]


def injector(kind: str, change: Change) -> cdk.IPropertyInjector:
    """One that changes the properties, by their names in the CDK, of a kind of constructs."""

    @jsii.implements(cdk.IPropertyInjector)
    class Blueprint:
        @property
        def construct_unique_id(self) -> str:
            return kind

        def inject(self, original_props: Any, *, scope: Any, id: str) -> Any:  # noqa: A002
            properties = dict(original_props)
            change(properties)
            return properties

    made: cdk.IPropertyInjector = Blueprint()  # type: ignore[assignment]
    return made


def blueprint(folder: Path, kind: str, change: Change) -> cdk.Stack:
    """A stack of an app with an injector, and with the gate."""
    app = cdk.App(outdir=str(folder), builtin_cloud_formation_validation=False, tree_metadata=False)
    config = {"boundary": {"accounts": [OWN, HUB, OTHER]}}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config, jobs=1))
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account=OWN, region="eu-central-1"))
    cdk.PropertyInjectors.of(stack).add(injector(kind, change))
    return stack


def trusts(principal: iam.IPrincipal) -> Change:
    return lambda properties: properties.update(assumedBy=principal)


def others_with_mfa() -> iam.IPrincipal:
    return iam.PrincipalWithConditions(iam.AccountPrincipal(OTHER), MFA)


def beside(properties: dict[str, Any]) -> None:
    properties["assumedBy"] = iam.CompositePrincipal(properties["assumedBy"], others_with_mfa())


def just_in_time(stack: cdk.Stack) -> iam.Role:
    end = datetime(2099, 1, 1, tzinfo=UTC)
    return JustInTimeRole(stack, "Made", users=[ALICE], approval="INC-1", valid_until=end, role_name="Made")


ROLES: dict[str, Callable[[cdk.Stack], object]] = {
    "accounts": lambda stack: CrossAccountRole(stack, "Made", trusted=Trusted.accounts(HUB)),
    "several": lambda stack: CrossAccountRole(stack, "Made", trusted=Trusted.accounts(HUB, OWN)),
    "users": lambda stack: CrossAccountRole(stack, "Made", trusted=Trusted.users(ALICE)),
    "a user of the app": lambda stack: CrossAccountRole(stack, "Made", trusted=Trusted.users(iam.User(stack, "User"))),
    "just in time": just_in_time,
    "break glass": lambda stack: BreakGlassRole(
        stack, "Made", users=[ALICE], alarm_topic=sns.Topic(stack, "Topic"), role_name="Made"
    ),
    "workflow": lambda stack: GitHubActionsRole(
        stack, "Made", organization="acme", repository="shop", environments=["production"]
    ),
    "service": lambda stack: ServiceRole(stack, "Made", service="ec2.amazonaws.com"),
}


@pytest.mark.parametrize("change", [trusts(others_with_mfa()), beside], ids=["instead", "beside"])
@pytest.mark.parametrize("role", ROLES)
def test_an_injector_that_has_a_role_trust_others_fails_the_synthesis(
    tmp_path: Path, role: str, change: Change
) -> None:
    """As many statements as the role was made with are not those."""
    stack = blueprint(tmp_path / "cdk.out", ROLE, change)
    ROLES[role](stack)
    said = f"another Allow by the property injector Blueprint of Stack, or after the role was made, for AWS {OTHER}"
    with pytest.raises(RuntimeError, match=said):
        synthesized(stack)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "change",
    [
        lambda properties: properties.update(description="By the blueprint"),
        lambda properties: properties.update(path="/blueprint/"),
        lambda properties: properties.update(permissionsBoundary=iam.ManagedPolicy.from_aws_managed_policy_name("X")),
    ],
    ids=["description", "path", "boundary"],
)
def test_an_injector_may_change_what_nobody_vouches_for(tmp_path: Path, role: str, change: Change) -> None:
    """A boundary takes from what the role may do, and from nobody that it gets in."""
    stack = blueprint(tmp_path / "cdk.out", ROLE, change)
    ROLES[role](stack)
    synthesized(stack)


def synthesized(stack: cdk.Stack) -> list[str]:
    """What a synthesis says of a stack."""
    root = stack.node.root
    assert isinstance(root, cdk.App)
    return [str(one.entry.data) for one in root.synth().get_stack_by_name(stack.stack_name).messages]


def test_an_injector_that_takes_the_mfa_away_fails_the_synthesis(tmp_path: Path) -> None:
    """Whom the role was made for gets in otherwise than it says."""
    stack = blueprint(tmp_path / "cdk.out", ROLE, trusts(iam.AccountPrincipal(HUB)))
    ROLES["accounts"](stack)
    with pytest.raises(RuntimeError, match=f"another Allow by the property injector .*, for AWS {HUB}"):
        synthesized(stack)


@pytest.mark.parametrize("trusted", [[HUB], [HUB, OWN]])
def test_an_injector_that_leaves_somebody_out_is_warned_of(tmp_path: Path, trusted: list[str]) -> None:
    """It lets in nobody else, and locks people out."""
    stack = blueprint(tmp_path / "cdk.out", ROLE, trusts(iam.PrincipalWithConditions(iam.ArnPrincipal(HUB), MFA)))
    CrossAccountRole(stack, "Made", trusted=Trusted.accounts(*trusted), role_name="Made")
    said = [one for one in synthesized(stack) if "no more, for whom it was made: the property injector" in one]
    assert [f"lets in AWS {OWN} no more" in one for one in said] == [True] * (len(trusted) - 1)


#: What makes a policy, and the kind of it.
POLICIES: dict[str, tuple[str, Callable[[cdk.Stack], object]]] = {
    "enforcement": (MANAGED, lambda stack: MfaEnforcedGroup(stack, "Made", users=["alice"])),
    "with MFA": (MANAGED, lambda stack: MfaPolicy(stack, "Made", actions=["ec2:StopInstances"], resources=["*"])),
    "grant": (
        MANAGED,
        lambda stack: AssumeRoleGrant(stack, "Made", target_roles=[f"arn:aws:iam::{OTHER}:role/Made"]),
    ),
    "end": (POLICY, just_in_time),
}


@pytest.mark.parametrize(
    "change",
    [
        lambda properties: properties.update(document=iam.PolicyDocument(statements=[HARMLESS])),
        lambda properties: properties.update(statements=[HARMLESS]),
    ],
    ids=["document", "statements"],
)
@pytest.mark.parametrize("policy", POLICIES)
def test_an_injector_that_gives_a_policy_other_statements_is_refused(
    tmp_path: Path, policy: str, change: Change
) -> None:
    """Of these the constructs vouch for what they allow and deny."""
    kind, make = POLICIES[policy]
    stack = blueprint(tmp_path / "cdk.out", kind, change)
    said = "which vouches for nothing else, and the property injector Blueprint of Stack gives it another document"
    with pytest.raises(ValueError, match=re.escape(said)):
        make(stack)


@pytest.mark.parametrize("policy", POLICIES)
def test_an_injector_may_give_a_policy_another_description(tmp_path: Path, policy: str) -> None:
    """Likewise."""
    kind, make = POLICIES[policy]
    stack = blueprint(tmp_path / "cdk.out", kind, lambda properties: properties.update(policyName="Other"))
    make(stack)
    synthesized(stack)


def test_the_grant_of_a_chain_is_its_own(tmp_path: Path) -> None:
    """Over stacks it is a policy of the chain."""
    stack = blueprint(tmp_path / "cdk.out", POLICY, lambda properties: properties.update(statements=[HARMLESS]))
    hub = cdk.Stack(stack.node.root, "Hub", env=cdk.Environment(account=OWN, region="eu-central-1"))
    entry = CrossAccountRole(hub, "Entry", trusted=Trusted.accounts(HUB), role_name="Entry")
    with pytest.raises(ValueError, match="must have the statements of RoleChain"):
        RoleChain(stack, "Chain", entry=entry)


@pytest.mark.parametrize(("properties", "is_heard"), [({"enabled": False}, True), ({"targets": []}, False)])
def test_an_injector_silences_no_alarm(tmp_path: Path, properties: dict[str, Any], is_heard: bool) -> None:
    """The construct has the last word of the state of its rule, and a rule without its target fails the synthesis."""
    kind = events.Rule.PROPERTY_INJECTION_ID
    stack = blueprint(tmp_path / "cdk.out", kind, lambda given: given.update(properties))
    ROLES["break glass"](stack)
    if is_heard:
        synthesized(stack)
    else:
        with pytest.raises(RuntimeError, match="Validation"):
            synthesized(stack)


def test_the_injectors_around_are_asked_in_the_template_of_a_role_for_every_account(tmp_path: Path) -> None:
    """As aspects around are."""
    stack = blueprint(tmp_path / "cdk.out", ROLE, lambda properties: properties.update(path="/blueprint/"))

    def role(inner: cdk.Stack) -> iam.IRole:
        return CrossAccountRole(inner, "Role", trusted=Trusted.accounts(HUB), role_name="Made")

    made = OrganizationRole(
        stack, "Everywhere", organizational_units=["ou-ab12-11111111"], role=role, call_as="DELEGATED_ADMIN"
    )
    (properties,) = (one["Properties"] for one in made.template["Resources"].values())
    assert properties["Path"] == "/blueprint/"


def test_one_that_has_it_trust_others_is_refused_there(tmp_path: Path) -> None:
    """The template is made at once."""
    stack = blueprint(tmp_path / "cdk.out", ROLE, trusts(others_with_mfa()))

    def role(inner: cdk.Stack) -> iam.IRole:
        return CrossAccountRole(inner, "Role", trusted=Trusted.accounts(HUB), role_name="Made")

    with pytest.raises(ValueError, match="was given another Allow by the property injector Blueprint"):
        OrganizationRole(stack, "Everywhere", organizational_units=["ou-ab12-11111111"], role=role)


@pytest.mark.parametrize(("hours", "said"), [(2, False), (12, True)])
def test_a_reason_is_for_the_duration_that_it_was_given_for(tmp_path: Path, hours: int, said: bool) -> None:
    """The gate accepts the role with it, for as long as that."""
    lasting = cdk.Duration.hours(hours)
    stack = blueprint(tmp_path / "cdk.out", ROLE, lambda given: given.update(maxSessionDuration=lasting))
    CrossAccountRole(
        stack,
        "Made",
        trusted=Trusted.accounts(HUB),
        max_session_duration=cdk.Duration.hours(4),
        session_duration_reason="restores take half a day",
    )
    if not said:
        synthesized(stack)
        return
    with pytest.raises(RuntimeError, match="Validation"):
        synthesized(stack)
    report = (tmp_path / "cdk.out" / "validation-report.json").read_text(encoding="utf-8")
    assert "Stack/Made may last 12 hours, by an override or a property injector, and its" in report

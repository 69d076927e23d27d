"""
What is changed of a construct after it was made, in its template: the plugin sees it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from trustproof_cdk import (
    ApprovalGrant,
    BreakGlassRole,
    CrossAccountRole,
    DecodeAuthorizationGrant,
    FederationBroker,
    GitHubActionsRole,
    JustInTimeRole,
    MfaEnforcedGroup,
    OrganizationRole,
    RequireMfaGuardrail,
    Trusted,
    TrustproofChecks,
)

ALICE = "arn:aws:iam::111122223333:user/alice"
HUB = Trusted.accounts("111122223333")


def _just_in_time(stack: cdk.Stack) -> JustInTimeRole:
    return JustInTimeRole(
        stack, "Made", users=[ALICE], approval="INC-1", valid_until=datetime(2099, 1, 1, tzinfo=UTC)
    )  # fmt: skip


def _break_glass(stack: cdk.Stack) -> BreakGlassRole:
    return BreakGlassRole(stack, "Made", users=[ALICE], alarm_topic=sns.Topic(stack, "Topic"))


def _group(stack: cdk.Stack) -> MfaEnforcedGroup:
    return MfaEnforcedGroup(stack, "Made", users=["alice"])


def _approval(stack: cdk.Stack) -> ApprovalGrant:
    return ApprovalGrant(stack, "Made", for_users=[ALICE], groups=[iam.Group(stack, "Approvers")])


def _broker(stack: cdk.Stack) -> FederationBroker:
    upload = iam.PolicyStatement(actions=["s3:PutObject"], resources=["arn:aws:s3:::uploads/*"])
    users = [iam.User(stack, "User")]
    return FederationBroker(stack, "Made", federated_users=["up-*"], session_permissions=[upload], users=users)


def _decode(stack: cdk.Stack) -> DecodeAuthorizationGrant:
    return DecodeAuthorizationGrant(stack, "Made", groups=[iam.Group(stack, "Group")])


def _guardrail(stack: cdk.Stack) -> RequireMfaGuardrail:
    return RequireMfaGuardrail(stack, "Made", targets=["r-ab12"])


def _everywhere(stack: cdk.Stack) -> OrganizationRole:
    def role(inner: cdk.Stack) -> CrossAccountRole:
        return CrossAccountRole(inner, "Role", trusted=HUB, role_name="Auditor")

    return OrganizationRole(stack, "Made", organizational_units=["ou-ab12-11111111"], role=role)


def _resource(made: Any, *path: str) -> Any:
    for one in path:
        made = made.node.find_child(one)
    return made if isinstance(made, cdk.CfnResource) else made.node.default_child


def _never(made: Any) -> cdk.CfnCondition:
    return cdk.CfnCondition(cdk.Stack.of(made), "Never", expression=cdk.Fn.condition_equals("a", "b"))


def _under_condition(*path: str) -> Callable[[Any], Any]:
    def change(made: Any) -> None:
        _resource(made, *path).cfn_options.condition = _never(made)

    return change


def _rule(made: Any) -> events.CfnRule:
    found = _resource(made, "OnUse")
    assert isinstance(found, events.CfnRule)
    return found


def _other_trust(made: Any) -> None:
    made.template_body = made.template_body.replace("111122223333", "333344445555")


ADMIN = [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]
CHANGED: list[tuple[Callable[[cdk.Stack], Any], Callable[[Any], Any], str]] = [
    (_just_in_time, lambda it: _resource(it, "End").add_override("Properties.PolicyDocument.Statement", ADMIN), "End"),
    (
        _just_in_time,
        lambda it: _resource(it, "End").add_property_override("Roles", ["other"]),
        "is attached to Stack/Made no more",
    ),
    (_just_in_time, lambda it: it.node.try_remove_child("End"), "made without Stack/Made/End"),
    (_just_in_time, _under_condition("End"), "End/Resource is not in every deployment"),
    (_break_glass, lambda it: _rule(it).add_property_override("State", "DISABLED"), "another State than"),
    (_break_glass, lambda it: _rule(it).add_property_deletion_override("Targets"), "another Targets than"),
    (_break_glass, lambda it: _rule(it).add_property_override("EventPattern", {"source": ["x"]}), "EventPattern"),
    (_break_glass, lambda it: it.node.try_remove_child("OnUse"), "made without Stack/Made/OnUse"),
    (_group, lambda it: it.node.try_remove_child("MfaEnforcement"), "made without Stack/Made/MfaEnforcement"),
    (_group, _under_condition("MfaEnforcement"), "MfaEnforcement/Resource is not in every deployment"),
    (_group, _under_condition("Members"), "Members is not in every deployment"),
    (_approval, lambda it: _resource(it).add_property_override("PolicyDocument.Statement.0.Resource", "*"), "allows"),
    (_approval, lambda it: _resource(it).add_property_deletion_override("PolicyDocument.Statement.2"), "denies less"),
    (_broker, lambda it: _resource(it).add_property_override("PolicyDocument.Statement.0.Resource", "*"), "allows"),
    (_decode, lambda it: _resource(it).add_property_deletion_override("PolicyDocument.Statement.0.Condition"), "allow"),
    (_guardrail, lambda it: it.add_property_override("Content.Statement.0.Effect", "Allow"), "another Content than"),
    (_guardrail, lambda it: it.add_property_override("TargetIds", []), "another TargetIds than"),
    (_everywhere, _other_trust, "another TemplateBody than"),
]


def _synthesize(make: Callable[[cdk.Stack], Any], change: Callable[[Any], Any]) -> None:
    app = cdk.App()
    boundary = {"accounts": ["111122223333", "222233334444", "333344445555"]}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={"boundary": boundary}))
    env = cdk.Environment(account="111122223333", region="eu-central-1")
    change(make(cdk.Stack(app, "Stack", env=env)))
    app.synth()


@pytest.mark.parametrize(("make", "change", "said"), CHANGED)
def test_a_change_that_weakens_a_construct_fails_the_synthesis(
    make: Callable[[cdk.Stack], Any], change: Callable[[Any], Any], said: str
) -> None:
    with pytest.raises(RuntimeError, match="construct-unchanged") as failed:
        _synthesize(make, change)
    assert re.search(said, " ".join(str(failed.value).split()))


def _narrower(made: Any) -> None:
    condition = {"aws:SourceIp": "198.51.100.0/24"}
    _resource(made).add_property_override("PolicyDocument.Statement.0.Condition.IpAddress", condition)


def _described(made: Any) -> None:
    _rule(made).add_property_override("Description", "Who broke the glass?")
    _rule(made).add_property_override("Targets.1", {"Arn": "arn:aws:sqs:eu-central-1:111122223333:log", "Id": "Log"})


@pytest.mark.parametrize(
    ("make", "change"),
    [
        (_approval, _narrower),
        (_break_glass, _described),
        # Who takes away all of it, wants none of it.
        (_group, lambda it: cdk.Stack.of(it).node.try_remove_child("Made")),
    ],
)
def test_what_weakens_nothing_may_be_changed(make: Callable[[cdk.Stack], Any], change: Callable[[Any], Any]) -> None:
    _synthesize(make, change)


@pytest.mark.parametrize(
    ("kind", "registered", "name"),
    [
        (iam.OpenIdConnectProvider, "https://github.com/acme", None),
        (iam.OpenIdConnectProvider, "sts.amazonaws.com", "ClientIDList"),
        (iam.OidcProviderNative, "sts.amazonaws.com", "ClientIdList"),
    ],
)
def test_a_provider_without_the_audience_lets_nobody_in(kind: Any, registered: str, name: str | None) -> None:
    """What a custom resource registers is in the template only, as what an override takes away is."""
    app = cdk.App()
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={"boundary": {"accounts": ["111122223333"]}}))
    provider = kind(stack, "Provider", url="https://token.actions.githubusercontent.com", client_ids=[registered])
    made = {"organization": "acme", "repository": "shop", "branches": ["main"], "provider": provider}
    GitHubActionsRole(stack, "Role", **made)
    if name is not None:
        resource = provider.node.default_child
        resource = resource if isinstance(resource, cdk.CfnResource) else resource.node.default_child
        resource.add_property_override(name, ["other"])
    with pytest.raises(RuntimeError, match="audience must be one that the provider Stack/Provider"):
        app.synth()

"""
What is changed of a construct after it was made, in its template: the plugin sees it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from trustproof_cdk import (
    ApprovalGrant,
    AssumeRoleGrant,
    BreakGlassRole,
    CrossAccountRole,
    DecodeAuthorizationGrant,
    FederationBroker,
    GitHubActionsRole,
    JustInTimeRole,
    MfaEnforcedGroup,
    OrganizationRole,
    PermissionSet,
    RequireMfaGuardrail,
    Trusted,
    TrustproofChecks,
    allow_with_mfa,
    deny_users_without_mfa,
    require_mfa,
)

GROUPS, UNIT = "StackInstancesGroup", "ou-ab12-11111111"
ALICE = "arn:aws:iam::111122223333:user/alice"
HUB = Trusted.accounts("111122223333")


def _just_in_time(stack: cdk.Stack) -> JustInTimeRole:
    return JustInTimeRole(
        stack, "Made", users=[ALICE], approval="INC-1", valid_until=datetime(2099, 1, 1, tzinfo=UTC)
    )  # fmt: skip


def _break_glass(stack: cdk.Stack) -> BreakGlassRole:
    return BreakGlassRole(stack, "Made", users=[ALICE], alarm_topic=sns.Topic(stack, "Topic"))


def _ledger(stack: cdk.Stack) -> s3.BucketPolicy:
    bucket, age = s3.Bucket(stack, "Made"), cdk.Duration.minutes(15)
    objects = [bucket.arn_for_objects("*")]
    for one in allow_with_mfa(trusted=HUB, actions=["s3:GetObject"], resources=objects, max_mfa_age=age):
        bucket.add_to_resource_policy(one)
    bucket.add_to_resource_policy(deny_users_without_mfa(actions=["s3:DeleteObject"], resources=objects))
    assert bucket.policy is not None
    return bucket.policy


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

    return OrganizationRole(
        stack, "Made", organizational_units=[UNIT], exclude_accounts=["444455556666"], role=role
    )  # fmt: skip


def _parametrized(stack: cdk.Stack) -> OrganizationRole:
    def role(inner: cdk.Stack) -> CrossAccountRole:
        hub = cdk.CfnParameter(inner, "Hub", allowed_values=["111122223333", "333344445555"])
        audit = cdk.CfnParameter(inner, "Audit", default="no", allowed_values=["no", "yes"])
        assert audit
        return CrossAccountRole(inner, "Role", trusted=Trusted.accounts(hub.value_as_string), role_name="Auditor")

    return OrganizationRole(
        stack,
        "Made",
        organizational_units=[UNIT],
        role=role,
        parameters={"Hub": "111122223333", "Audit": "yes"},
        account_parameters={"555566667777": {"Hub": "333344445555"}},
    )


def _value(hub: str) -> dict[str, str]:
    return {"ParameterKey": "Hub", "ParameterValue": hub}


def _trusted_set(stack: cdk.Stack) -> cdk.CfnResource:
    statement = iam.PolicyStatement(actions=["sts:AssumeRole"], resources=["arn:aws:iam::111122223333:role/Ledger"])
    made = PermissionSet(
        stack,
        "Made",
        name="Audit",
        instance_arn="arn:aws:sso:::instance/ssoins-0123456789abcdef",
        inline_policy=iam.PolicyDocument(statements=[statement]),
    )
    made.assign("Auditors", accounts=["222233334444"], principal_id="11111111-2222-3333-4444-555555555555")
    people = made.trusted(accounts=["222233334444"])
    CrossAccountRole(stack, "Ledger", trusted=people, mfa=False, role_name="Ledger")
    return made


def _deployed(unit: str, *by: str) -> dict[str, Any]:
    """The accounts of a unit; filtered, with how, by some."""
    filtered = {"AccountFilterType": by[0], "Accounts": list(by[1:])} if by else {}
    return {"DeploymentTargets": {"OrganizationalUnitIds": [unit], **filtered}, "Regions": ["eu-central-1"]}


def _assigned(stack: cdk.Stack) -> cdk.CfnResource:
    made = PermissionSet(stack, "Made", name="Audit", instance_arn="arn:aws:sso:::instance/ssoins-0123456789abcdef")
    (assignment,) = made.assign(
        "Auditors", accounts=["222233334444"], principal_id="11111111-2222-3333-4444-555555555555"
    )
    return assignment


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


def _hardened(stack: cdk.Stack) -> iam.Role:
    role = iam.Role(stack, "Made", assumed_by=iam.AccountPrincipal("111122223333"))
    require_mfa(role, max_mfa_age=cdk.Duration.minutes(5))
    return role


def _grant(stack: cdk.Stack) -> AssumeRoleGrant:
    target = "arn:aws:iam::222233334444:role/Deployer"
    return AssumeRoleGrant(stack, "Made", users=[iam.User(stack, "User")], target_roles=[target])


def _to_group(stack: cdk.Stack) -> AssumeRoleGrant:
    target = "arn:aws:iam::222233334444:role/Deployer"
    users = [iam.User(stack, "User")]
    return AssumeRoleGrant(stack, "Made", groups=[MfaEnforcedGroup(stack, "Group", users=users)], target_roles=[target])


def _trusting(stack: cdk.Stack) -> CrossAccountRole:
    return CrossAccountRole(stack, "Made", trusted=Trusted.users(iam.User(stack, "User")))


def _granted_by_name(stack: cdk.Stack) -> AssumeRoleGrant:
    role = CrossAccountRole(stack, "Trusting", trusted=Trusted.users(ALICE), role_name="Role")
    users = [iam.User(stack, "User", user_name="alice")]
    return AssumeRoleGrant(stack, "Made", users=users, target_roles=[role])


def _cross_account(stack: cdk.Stack) -> CrossAccountRole:
    return CrossAccountRole(stack, "Made", trusted=HUB)


def _beside(made: Any, *path: str) -> Any:
    return _resource(cdk.Stack.of(made), *path)


def _either(made: Any, one: Any, other: Any = None) -> dict[str, Any]:
    """One value or another one, or none, as a deployment has it."""
    stack = cdk.Stack.of(made)
    given = cdk.CfnParameter(stack, "Given", default="", allowed_values=["", "x"])
    condition = cdk.CfnCondition(stack, "Is", expression=cdk.Fn.condition_equals(given.value_as_string, "x"))
    return {"Fn::If": [condition.logical_id, one, other or {"Ref": "AWS::NoValue"}]}


def _set(made: Any, name: str, change: Callable[[Any, Any], Any], *path: str) -> None:
    """Give a resource, below a construct or beside it, what becomes of the document that it has in the template."""
    found = _beside(made, *path) if path else _resource(made)
    attribute = {"AssumeRolePolicyDocument": "assume_role_policy_document", "KeyPolicy": "key_policy"}.get(name)
    written = found.stack.resolve(getattr(found, attribute or "policy_document"))
    # An override of a map is put into the one that is there.
    found.add_property_override(name, "")
    found.add_property_override(name, change(made, written))


def _as_text(_made: Any, document: Any) -> str:
    return json.dumps(document)


def _with(statement: dict[str, Any]) -> Callable[[Any, Any], Any]:
    return lambda _, document: document | {"Statement": [*document["Statement"], statement]}


def _with_text(statement: dict[str, Any]) -> Callable[[Any, Any], Any]:
    return lambda made, document: json.dumps(_with(statement)(made, document))


def _two_alike(stack: cdk.Stack) -> CrossAccountRole:
    CrossAccountRole(stack, "Other", trusted=HUB)
    return CrossAccountRole(stack, "Made", trusted=HUB)


def _exchange(made: Any) -> None:
    """Each of two roles gets the trust of the other one."""
    both = [_resource(made), _beside(made, "Third")]
    written = [made.stack.resolve(one.assume_role_policy_document) for one in both]
    for one, its in zip(both, reversed(written), strict=True):
        one.assume_role_policy_document = its


def _two_others(stack: cdk.Stack) -> CrossAccountRole:
    CrossAccountRole(stack, "Third", trusted=Trusted.accounts("333344445555"))
    return CrossAccountRole(stack, "Made", trusted=HUB)


def _encrypted(stack: cdk.Stack) -> BreakGlassRole:
    topic = sns.Topic(stack, "Topic", master_key=kms.Key(stack, "Key"))
    return BreakGlassRole(stack, "Made", users=[ALICE], alarm_topic=topic)


FIRST, SECOND = "PolicyDocument.Statement.0", "PolicyDocument.Statement.1"
READ = {"Effect": "Allow", "Action": "s3:*", "Principal": {"AWS": "333344445555"}, "Resource": "arn:aws:s3:::ledger/*"}
TRUST = "AssumeRolePolicyDocument"
OTHERS: dict[str, Any] = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Principal": {"AWS": "333344445555"},
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
}
DENIED = {"Effect": "Deny", "Action": "*", "Principal": "*", "Resource": "*"}
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
DENIED_ROLE = {
    "Effect": "Deny",
    "Action": "sts:AssumeRole",
    "Principal": "*",
    "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "red"}},
}
AT_ALL = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
NO_ROLES = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}}
NO_ROLES_INLINE = [{"PolicyName": "no-roles", "PolicyDocument": NO_ROLES}]
AGE = "AssumeRolePolicyDocument.Statement.0.Condition.NumericLessThanEquals"
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
    (
        _break_glass,
        lambda it: _beside(it, "Topic", "Policy").add_property_override("PolicyDocument.Statement.0.Effect", "Deny"),
        "the policy of its topic, Stack/Topic/Policy/Resource, denies events.amazonaws.com sns:Publish",
    ),
    (_break_glass, lambda it: _rule(it).add_property_override("EventBusName", "own"), "another EventBusName than"),
    (
        _break_glass,
        lambda it: _beside(it, "Topic").add_property_override("FifoTopic", True),
        "its topic, Stack/Topic/Resource, is a FIFO topic",
    ),
    (
        _break_glass,
        lambda it: _beside(it, "Topic").add_property_override("KmsMasterKeyId", "alias/aws/sns"),
        "is encrypted with 'alias/aws/sns'",
    ),
    (
        _break_glass,
        lambda it: _beside(it, "Topic", "Policy").add_property_override("Topics", ["other"]),
        "is of other topics than it was made for",
    ),
    (
        _break_glass,
        lambda it: _beside(it, "Topic", "Policy").add_override("Type", "AWS::CloudFormation::WaitConditionHandle"),
        "Stack/Topic/Resource is made without Stack/Topic/Policy/Resource",
    ),
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
    (_everywhere, lambda it: it.add_property_override(GROUPS, [_deployed("r-ab12")]), "another StackInstancesGroup"),
    (_everywhere, lambda it: it.add_property_override(GROUPS, [_deployed(UNIT)]), "another StackInstancesGroup"),
    (
        _everywhere,
        lambda it: it.add_property_override(GROUPS, [_deployed(UNIT, "UNION", "333344445555")]),
        "another StackInstancesGroup",
    ),
    (
        _parametrized,
        lambda it: it.add_property_override("Parameters", [_value("333344445555")]),
        "other Parameters than",
    ),
    (_parametrized, lambda it: it.add_property_deletion_override("Parameters"), "other Parameters than"),
    (
        _parametrized,
        lambda it: it.add_property_override(f"{GROUPS}.0.ParameterOverrides", [_value("333344445555")]),
        "another StackInstancesGroup than it was made with",
    ),
    (
        _parametrized,
        lambda it: it.add_property_deletion_override(f"{GROUPS}.1.ParameterOverrides"),
        "another StackInstancesGroup",
    ),
    (_trusted_set, lambda it: it.add_property_override("Name", "Other"), "another Name than it was made with, by whi"),
    (_assigned, lambda it: it.add_property_override("TargetId", "333344445555"), "another TargetId than"),
    (
        _assigned,
        lambda it: it.add_property_override("PrincipalId", "22222222-2222-3333-4444-555555555555"),
        "another PrincipalId than it was made with, and somebody else has it",
    ),
    (_hardened, lambda it: _resource(it).add_property_deletion_override(AGE), "what require_mfa.. demands"),
    (
        _ledger,
        lambda it: _resource(it).add_property_deletion_override(f"{FIRST}.Condition.NumericLessThanEquals"),
        r"a statement of allow_with_mfa\(\), and it lets in whom that does not",
    ),
    (
        _ledger,
        lambda it: _resource(it).add_property_override(f"{SECOND}.Action", "s3:DeleteBucket"),
        r"a statement of deny_users_without_mfa\(\), and it denies less than that",
    ),
    (
        _grant,
        lambda it: _beside(it, "User").add_property_override("PermissionsBoundary", READ_ONLY),
        "boundary ReadOnlyAccess, which does not allow sts:AssumeRole",
    ),
    (
        _to_group,
        lambda it: _beside(it, "User").add_property_override("PermissionsBoundary", {"Fn::Sub": READ_ONLY}),
        "no member of Stack/Group/Resource gets anything by Stack/Made",
    ),
    (
        _to_group,
        lambda it: _beside(it, "Group").add_property_override("Policies", NO_ROLES_INLINE),
        "inline policy no-roles, which denies sts:AssumeRole",
    ),
    (
        _trusting,
        lambda it: _beside(it, "User").add_property_override("Policies", NO_ROLES_INLINE),
        "against what Stack/Made is for: Stack/User/Resource has the inline policy no-roles",
    ),
    (
        _granted_by_name,
        lambda it: _beside(it, "User").add_property_override("UserName", "bob"),
        "Stack/User/Resource is called 'bob' by an override, and Stack/Trusting, which it is granted",
    ),
    (
        _granted_by_name,
        lambda it: _beside(it, "User").add_property_override("Path", "/ops/"),
        "Stack/User/Resource is called 'ops/alice' by an override",
    ),
]


_TRUST_CHANGES: list[tuple[Callable[[cdk.Stack], Any], Callable[[Any], Any], str]] = [
    (_cross_account, lambda it: _set(it, TRUST, _with_text(OTHERS)), "AWS 333344445555"),
    (
        _cross_account,
        lambda it: _resource(it).add_property_override(f"{TRUST}.Statement.1", _either(it, OTHERS)),
        "AWS 333344445555",
    ),
    (
        _cross_account,
        lambda it: _set(it, TRUST, lambda made, own: _either(made, own, _with_text(OTHERS)(made, own))),
        "AWS 333344445555",
    ),
    (_cross_account, lambda it: _set(it, TRUST, _with({"Fn::GetAtt": ["X", "Y"]})), "that cannot be read"),
    (_two_alike, lambda it: _resource(it).add_property_override(f"{TRUST}.Statement.1", OTHERS), "AWS 333344445555"),
    (_two_others, _exchange, "AWS 333344445555"),
]
_POLICY_CHANGES: list[tuple[Callable[[cdk.Stack], Any], Callable[[Any], Any], str]] = [
    (_grant, lambda it: _set(it, "PolicyDocument", _with_text(AT_ALL)), "allows what it was not made for"),
    (_grant, lambda it: _set(it, "PolicyDocument", lambda made, own: _either(made, own, ALL)), "allows what it was"),
    (
        _grant,
        lambda it: _resource(it).add_property_override("PolicyDocument.Statement.0.Effect", "Deny"),
        "denies what",
    ),
    (_just_in_time, lambda it: _resource(it, "End").add_property_override("PolicyDocument", json.dumps(ALL)), "allows"),
    (
        _break_glass,
        lambda it: _set(it, "PolicyDocument", lambda _, __: json.dumps({"Statement": [DENIED]}), "Topic", "Policy"),
        "denies events.amazonaws.com",
    ),
    (
        _break_glass,
        lambda it: _beside(it, "Topic", "Policy").add_property_override(f"{SECOND}", _either(it, DENIED)),
        "denies events.amazonaws.com",
    ),
    (
        _encrypted,
        lambda it: _set(it, "KeyPolicy", lambda _, __: json.dumps({"Statement": [DENIED]}), "Key"),
        "denies events.amazonaws.com",
    ),
    (_encrypted, lambda it: _beside(it, "Key").add_property_override("Enabled", False), "which is disabled"),
    (
        _encrypted,
        lambda it: _beside(it, "Topic").add_property_override("KmsMasterKeyId", "alias/other"),
        "by an override with another key",
    ),
    (_ledger, lambda it: _set(it, "PolicyDocument", lambda _, __: json.dumps({"Statement": [READ]})), "lets in whom"),
    (_ledger, lambda it: _resource(it).add_property_override(f"{SECOND}", _either(it, READ)), "less|lets in whom"),
    (_everywhere, lambda it: it.add_property_override("AutoDeployment.Enabled", False), "another AutoDeployment"),
]


def _synthesize(make: Callable[[cdk.Stack], Any], change: Callable[[Any], Any]) -> None:
    app = cdk.App(builtin_cloud_formation_validation=False)
    boundary = {"accounts": ["111122223333", "222233334444", "333344445555"]}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={"boundary": boundary}))
    env = cdk.Environment(account="111122223333", region="eu-central-1")
    change(make(cdk.Stack(app, "Stack", env=env)))
    app.synth()


@pytest.mark.parametrize(("make", "change", "said"), [*CHANGED, *_TRUST_CHANGES, *_POLICY_CHANGES])
def test_a_change_that_weakens_a_construct_fails_the_synthesis(
    make: Callable[[cdk.Stack], Any], change: Callable[[Any], Any], said: str
) -> None:
    with pytest.raises(RuntimeError, match="construct-unchanged") as failed:
        _synthesize(make, change)
    assert re.search(said, " ".join(str(failed.value).split()))


def test_nobody_vouches_for_what_has_the_place_of_a_construct_that_was_taken_out() -> None:
    """The role is judged by what it is, and by no promise of another one with its path."""
    app = cdk.App(builtin_cloud_formation_validation=False)
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}))
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    CrossAccountRole(stack, "Role", trusted=HUB)
    stack.node.try_remove_child("Role")
    iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    app.synth()


def test_so_does_one_in_a_nested_stack() -> None:
    """Its template is none that the CDK hands to plugins."""
    with pytest.raises(RuntimeError, match="construct-unchanged"):
        _synthesize(
            lambda stack: _trusting(cdk.NestedStack(stack, "Nested")),
            lambda it: _beside(it, "User").add_property_override("Policies", NO_ROLES_INLINE),
        )


def _narrower(made: Any) -> None:
    condition = {"aws:SourceIp": "198.51.100.0/24"}
    _resource(made).add_property_override("PolicyDocument.Statement.0.Condition.IpAddress", condition)


def _described(made: Any) -> None:
    _rule(made).add_property_override("Description", "Who broke the glass?")
    _rule(made).add_property_override("Targets.1", {"Arn": "arn:aws:sqs:eu-central-1:111122223333:log", "Id": "Log"})


def _respelt(made: Any) -> None:
    """Every statement, with its actions as a list in other letters and under another name, in another order."""
    written = cdk.Stack.of(made).resolve(made.document)["Statement"]
    actions = [one["Action"] if isinstance(one["Action"], list) else [one["Action"]] for one in written]
    lowered = [[action.lower() for action in reversed(each)] for each in actions]
    changed = [one | {"Sid": f"S{index}", "Action": lowered[index]} for index, one in enumerate(written)]
    _resource(made).add_property_override("PolicyDocument.Statement", changed[::-1])


YOUNGER = {"aws:MultiFactorAuthAge": "60"}
ANYTHING = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.mark.parametrize(
    ("make", "change"),
    [
        (_approval, _narrower),
        (_break_glass, _described),
        (_break_glass, lambda it: _rule(it).add_property_override("EventBusName", "default")),
        (_break_glass, lambda it: _beside(it, "Topic", "Policy").add_property_override("Topics.1", "other")),
        (
            _everywhere,
            lambda it: it.add_property_override(
                GROUPS, [_deployed(UNIT, "DIFFERENCE", "444455556666", "555566667777")]
            ),
        ),
        (
            _everywhere,
            lambda it: it.add_property_override(GROUPS, [_deployed(UNIT, "INTERSECTION", "555566667777")]),
        ),
        (_approval, _respelt),
        (
            _group,
            lambda it: _resource(it, "MfaEnforcement").add_property_override("PolicyDocument.Statement.1.Sid", "X"),
        ),
        (_hardened, lambda it: _resource(it).add_property_override("AssumeRolePolicyDocument.Statement.0.Sid", "X")),
        (_ledger, lambda it: _resource(it).add_property_override(f"{FIRST}.Sid", "X")),
        (_ledger, lambda it: _resource(it).add_property_override(f"{FIRST}.Condition.NumericLessThanEquals", YOUNGER)),
        (_ledger, lambda it: _resource(it).add_property_deletion_override(f"{SECOND}.Condition")),
        (_ledger, lambda it: _resource(it).add_property_deletion_override(FIRST)),
        (_grant, lambda it: _beside(it, "User").add_property_override("PermissionsBoundary", ANYTHING)),
        # A user whom a role of its own account names needs no other policy.
        (_trusting, lambda it: _beside(it, "User").add_property_override("PermissionsBoundary", READ_ONLY)),
        (_granted_by_name, lambda it: _beside(it, "User").add_property_override("UserName", "alice")),
        # The same as a text, or in either deployment.
        (_cross_account, lambda it: _set(it, TRUST, _as_text)),
        (_cross_account, lambda it: _set(it, TRUST, lambda made, own: _either(made, own, json.dumps(own)))),
        (_two_alike, lambda it: _resource(it).add_property_override(f"{TRUST}.Statement.1", _either(it, DENIED_ROLE))),
        (_encrypted, lambda it: _beside(it, "Key").add_property_override("Enabled", True)),
        (_guardrail, lambda it: it.add_property_override("Content", json.dumps(it.stack.resolve(it.content)))),
        # Who takes away all of it, wants none of it.
        (_group, lambda it: cdk.Stack.of(it).node.try_remove_child("Made")),
    ],
)
def test_what_weakens_nothing_may_be_changed(make: Callable[[cdk.Stack], Any], change: Callable[[Any], Any]) -> None:
    _synthesize(make, change)


@pytest.mark.parametrize("given", ["itself", "by reference", "by ARN", "not"])
@pytest.mark.parametrize(
    ("kind", "registered", "name"),
    [
        (iam.OpenIdConnectProvider, "https://github.com/acme", None),
        (iam.OpenIdConnectProvider, "sts.amazonaws.com", "ClientIDList"),
        (iam.OidcProviderNative, "sts.amazonaws.com", "ClientIdList"),
    ],
)
def test_a_provider_without_the_audience_lets_nobody_in(
    kind: Any, registered: str, name: str | None, given: str
) -> None:
    """What a custom resource registers is in the template only, as what an override takes away is."""
    app = cdk.App(builtin_cloud_formation_validation=False)
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={"boundary": {"accounts": ["111122223333"]}}))
    provider = kind(stack, "Provider", url="https://token.actions.githubusercontent.com", client_ids=[registered])
    made: dict[str, Any] = {"organization": "acme", "repository": "shop", "branches": ["main"]}
    by_reference = provider.node.default_child
    by_reference = by_reference if isinstance(by_reference, cdk.CfnResource) else by_reference.node.default_child
    made |= {
        "itself": {"provider": provider},
        "by reference": {"provider": by_reference.ref},
        "by ARN": {"provider": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
        "not": {},
    }[given]
    GitHubActionsRole(stack, "Role", **made)
    if name is not None:
        by_reference.add_property_override(name, ["other"])
    with pytest.raises(RuntimeError, match="audience must be one that the provider Stack/Provider"):
        app.synth()

"""
Tokens that come out in the synthesis as a text that is refused, or as nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from trustproof_cdk import (
    ApprovalGrant,
    AssumeRoleGrant,
    BreakGlassAlarm,
    CrossAccountRole,
    EksPodIdentityRole,
    EksServiceAccountRole,
    FederationBroker,
    GitHubActionsRole,
    JustInTimeRole,
    MfaPolicy,
    PermissionSet,
    RequireMfaGuardrail,
    RoleChain,
    RolesAnywhereRole,
    SamlRole,
    ServiceRole,
    TerraformCloudRole,
    ThirdPartyRole,
    Trusted,
    WebIdentityRole,
    allow_with_mfa,
    deny_users_without_mfa,
    session_policy,
)

HUB = Trusted.accounts("111122223333")
UUID = "11111111-2222-3333-4444-555555555555"
ALICE = "arn:aws:iam::111122223333:user/alice"


@jsii.implements(cdk.IStableStringProducer)
class _Text:
    def __init__(self, text: str | None) -> None:
        self._text = text

    def produce(self) -> str | None:
        return self._text


def _lazy(text: str | None) -> str:
    return cdk.Lazy.string(_Text(text))


@jsii.implements(cdk.IStableListProducer)
class _Texts:
    def __init__(self, *texts: str) -> None:
        self._texts = list(texts)

    def produce(self) -> list[str]:
        return self._texts


def _lazy_list(*texts: str) -> list[str]:
    """Left out of the template where it has none."""
    return cdk.Lazy.list(_Texts(*texts), omit_empty=True)


def _hub(stack: cdk.Stack) -> str:
    return cdk.CfnParameter(stack, "Hub", default="111122223333", allowed_values=["111122223333"]).value_as_string


def _or_nothing(text: str) -> str:
    return cdk.Token.as_string(cdk.Fn.condition_if("Production", text, cdk.Aws.NO_VALUE))


def _synthesized(make: Callable[[cdk.Stack], Any]) -> cdk.Stack:
    app = cdk.App(builtin_cloud_formation_validation=False)
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    parameter = cdk.CfnParameter(stack, "Stage")
    cdk.CfnCondition(stack, "Production", expression=cdk.Fn.condition_equals(parameter, "prod"))
    make(stack)
    app.synth()
    return stack


NOTHING: dict[str, Callable[[cdk.Stack, str], Any]] = {
    "source_ips": lambda stack, value: CrossAccountRole(stack, "Role", trusted=HUB, source_ips=[value]),
    "external_id": lambda stack, value: ThirdPartyRole(
        stack, "Role", vendor="V", trusted=Trusted.accounts("444455556666"), external_id=value
    ),
    "approval": lambda stack, value: JustInTimeRole(
        stack, "Role", users=[ALICE], approval=value, valid_until=datetime(2099, 1, 1, tzinfo=UTC)
    ),
    "subjects": lambda stack, value: WebIdentityRole(
        stack, "Role", issuer="https://idp.example.com", audiences=["aws"], subjects=[value]
    ),
    "service_account": lambda stack, value: EksPodIdentityRole(stack, "Role", namespace="a", service_account=value),
    "organization": lambda stack, value: CrossAccountRole(stack, "Role", trusted=Trusted.organization(value)),
    "StringEquals aws:PrincipalTag/team": lambda stack, value: CrossAccountRole(
        stack, "Role", trusted=HUB, conditions={"StringEquals": {"aws:PrincipalTag/team": value}}
    ),
}


@pytest.mark.parametrize("argument", NOTHING)
def test_what_keeps_somebody_out_cannot_be_taken_out_of_the_template(argument: str) -> None:
    with pytest.raises(RuntimeError, match=rf"Stack/Role: {argument} cannot be AWS::NoValue"):
        _synthesized(lambda stack: NOTHING[argument](stack, cdk.Aws.NO_VALUE))


def test_nor_under_a_condition_of_the_template() -> None:
    with pytest.raises(RuntimeError, match="source_ips cannot be AWS::NoValue, also not of a condition"):
        _synthesized(lambda stack: NOTHING["source_ips"](stack, _or_nothing("198.51.100.0/24")))


@pytest.mark.parametrize("argument", ["source_ips", "StringEquals aws:PrincipalTag/team"])
def test_nor_be_what_a_producer_leaves_out(argument: str) -> None:
    with pytest.raises(RuntimeError, match=rf"Stack/Role: {argument} cannot be .* nor nothing \(None of a cdk.Lazy\)"):
        _synthesized(lambda stack: NOTHING[argument](stack, _lazy(None)))


@pytest.mark.parametrize(
    ("teams", "is_nothing"),
    [
        (_lazy_list, True),
        (lambda: cdk.Lazy.list(_Texts()), True),
        (lambda: cdk.Token.as_list(cdk.Fn.condition_if("Production", ["ops"], cdk.Aws.NO_VALUE)), True),
        (lambda: _lazy_list("ops"), False),
        (lambda: cdk.Fn.split(",", cdk.Fn.import_value("Teams")), False),
    ],
)
def test_nor_be_a_list_that_comes_to_nothing(teams: Callable[[], list[str]], is_nothing: bool) -> None:
    def make(stack: cdk.Stack) -> None:
        conditions = {"StringEquals": {"aws:PrincipalTag/team": teams()}}
        CrossAccountRole(stack, "Role", trusted=HUB, conditions=conditions)

    if not is_nothing:
        _synthesized(make)
        return
    with pytest.raises(RuntimeError, match="Stack/Role: StringEquals aws:PrincipalTag/team cannot be AWS::NoValue"):
        _synthesized(make)


STATEMENTS: dict[str, Callable[[cdk.Stack], Any]] = {
    r"allow_with_mfa\(\): resources cannot be AWS::NoValue": lambda stack: allow_with_mfa(
        trusted=HUB, actions=["s3:GetObject"], resources=[_or_nothing("arn:aws:s3:::ledger/*")]
    ),
    r"allow_with_mfa\(\): StringEquals aws:PrincipalTag/team cannot be AWS::NoValue": lambda stack: allow_with_mfa(
        trusted=HUB,
        actions=["s3:GetObject"],
        resources=["*"],
        conditions={"StringEquals": {"aws:PrincipalTag/team": cdk.Aws.NO_VALUE}},
    ),
    r"allow_with_mfa\(\): StringEquals aws:PrincipalTag/unit cannot be": lambda stack: allow_with_mfa(
        trusted=HUB,
        actions=["s3:GetObject"],
        resources=["*"],
        conditions={"StringEquals": {"aws:PrincipalTag/unit": _lazy(None)}},
    ),
    r"allow_with_mfa\(\): StringEquals aws:PrincipalTag/site cannot be": lambda stack: allow_with_mfa(
        trusted=HUB,
        actions=["s3:GetObject"],
        resources=["*"],
        conditions={"StringEquals": {"aws:PrincipalTag/site": _lazy_list()}},
    ),
    r"allow_with_mfa\(\): organization cannot be AWS::NoValue": lambda stack: allow_with_mfa(
        trusted=Trusted.organization(cdk.Aws.NO_VALUE), actions=["s3:GetObject"], resources=["*"]
    ),
    r"deny_users_without_mfa\(\): actions cannot have 's3:GetObjekt'": lambda stack: [
        deny_users_without_mfa(actions=[_lazy("s3:GetObjekt")], resources=["*"])
    ],
}


@pytest.mark.parametrize("message", STATEMENTS)
def test_nor_in_statements_of_resource_policies(message: str) -> None:
    """They are made outside of constructs, and held to it where they come into a template."""

    def make(stack: cdk.Stack) -> None:
        bucket = s3.Bucket(stack, "Bucket")
        for statement in STATEMENTS[message](stack):
            bucket.add_to_resource_policy(statement)

    with pytest.raises(RuntimeError, match=rf"/Bucket/Policy/Resource\] {message}"):
        _synthesized(make)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (lambda: _reading(resource=cdk.Aws.NO_VALUE), "statements cannot have AWS::NoValue"),
        (lambda: _reading(resource=_or_nothing("*")), "statements cannot have AWS::NoValue"),
        (lambda: _reading(action=_lazy("s3:GetObjekt")), "did you mean 's3:GetObject'"),
    ],
)
def test_nor_in_session_policies(statement: Callable[[], iam.PolicyStatement], message: str) -> None:
    """Of a text CloudFormation takes nothing out: what is left is no JSON."""

    def make(stack: cdk.Stack) -> None:
        cdk.CfnOutput(stack, "Policy", value=session_policy(stack, statements=[statement()]))

    with pytest.raises(RuntimeError, match=rf"Stack: session_policy\(\): .*{message}"):
        _synthesized(make)


def _reading(action: str = "s3:GetObject", resource: str = "*") -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=[action], resources=[resource])


def test_a_list_that_comes_to_something_is_that_list_in_a_statement() -> None:
    def make(stack: cdk.Stack) -> None:
        conditions = {"StringEquals": {"aws:PrincipalTag/team": _lazy_list("ops", "dev")}}
        (statement,) = allow_with_mfa(
            trusted=HUB, actions=["s3:GetObject"], resources=["arn:aws:s3:::b/*"], conditions=conditions
        )
        condition = stack.resolve(statement.to_statement_json())["Condition"]
        assert condition["StringEquals"] == {"aws:PrincipalTag/team": ["ops", "dev"]}

    _synthesized(make)


def test_one_of_several_and_a_name_may_come_to_nothing() -> None:
    _synthesized(
        lambda stack: CrossAccountRole(
            stack,
            "Role",
            trusted=HUB,
            source_ips=["203.0.113.0/24", _or_nothing("198.51.100.0/24")],
            role_name=_or_nothing("Operator"),
        )
    )


REFUSED: dict[str, Callable[[cdk.Stack], Any]] = {
    "source_ips must be .* got '0.0.0.0/0', which is every address": lambda stack: CrossAccountRole(
        stack, "Role", trusted=HUB, source_ips=[_lazy("0.0.0.0/0")]
    ),
    "source_ips must be .* got '0.0.0.0/0'": lambda stack: CrossAccountRole(
        stack, "Role", trusted=HUB, source_ips=[cdk.Fn.join("", ["0.0.0.0", "/0"])]
    ),
    "source_ips must be .* got '::/0'": lambda stack: CrossAccountRole(
        stack, "Role", trusted=HUB, source_ips=[cdk.Token.as_string(cdk.Fn.condition_if("Production", "::/0", "::1"))]
    ),
    "users must be the ARN of an IAM user": lambda stack: CrossAccountRole(
        stack, "Role", trusted=Trusted.users(_lazy("arn:aws:iam::111122223333:root"))
    ),
    "source_ips must be .* got '0.0.0.0/0', .*": lambda stack: CrossAccountRole(
        stack, "Role", trusted=HUB, source_ips=[cdk.Token.as_string({"Fn::Select": [0, ["0.0.0.0/0"]]})]
    ),
    "users must be the ARN of an IAM user like .*, got '.*:root'": lambda stack: CrossAccountRole(
        stack, "Role", trusted=Trusted.users(f"arn:aws:iam::{_hub(stack)}:root")
    ),
    "subjects cannot begin or end with a blank": lambda stack: WebIdentityRole(
        stack, "Role", issuer="https://idp.example.com", audiences=["aws"], subjects=[_lazy(" job")]
    ),
    "branches must be .* say 'main', the rest is added": lambda stack: GitHubActionsRole(
        stack, "Role", organization="acme", repository="shop", branches=[_lazy("refs/heads/main")]
    ),
    "workspace cannot be 'dns-.*' in a value that only a deployment knows": lambda stack: TerraformCloudRole(
        stack,
        "Role",
        organization="acme",
        project="net",
        workspace=cdk.CfnParameter(stack, "Workspace", default="dns-*").value_as_string,
    ),
    "branches cannot be 'release/.*' in a value": lambda stack: GitHubActionsRole(
        stack, "Role", organization="acme", repository="shop", branches=["main", _lazy("release/*")]
    ),
    "job_workflow_refs must be .* tokens have the full ref after the @": lambda stack: GitHubActionsRole(
        stack,
        "Role",
        organization="acme",
        repository="shop",
        branches=["main"],
        job_workflow_refs=[_lazy("acme/ci/.github/workflows/release.yml@main")],
    ),
    "issuer must be the URL of an OpenID Connect provider": lambda stack: WebIdentityRole(
        stack, "Role", issuer=_lazy("http://idp.example.com"), audiences=["aws"], subjects=["job"]
    ),
    "principal_id must be": lambda stack: PermissionSet(
        stack, "Role", name="Audit", instance_arn="arn:aws:sso:::instance/ssoins-0123456789abcdef"
    ).assign("Auditors", accounts=["222233334444"], principal_id=_lazy("Auditors")),
    r"target_roles must be .*, got '\$\{…\}\*'": lambda stack: AssumeRoleGrant(
        stack, "Role", target_roles=[cdk.Fn.import_value("RoleArn") + "*"]
    ),
    "repository must be the name of one repository": lambda stack: GitHubActionsRole(
        stack, "Role", organization="acme", repository=_lazy("*"), branches=["main"]
    ),
    "target_roles must be the ARN of an IAM role": lambda stack: AssumeRoleGrant(
        stack,
        "Role",
        groups=[iam.Group(stack, "Group")],
        target_roles=[cdk.Fn.sub("arn:aws:iam::222233334444:role/*")],
    ),
    "actions cannot be 'sts:GetCallerIdentity', since no policy": lambda stack: MfaPolicy(
        stack, "Role", actions=[_lazy("sts:GetCallerIdentity")], resources=["*"]
    ),
    "actions cannot have 'ec2:.*', since RCPs reach": lambda stack: RequireMfaGuardrail(
        stack,
        "Role",
        targets=["r-ab12"],
        policy_type="RESOURCE_CONTROL_POLICY",
        actions=[cdk.CfnParameter(stack, "Reached", default="ec2:*").value_as_string],
    ),
    "session_permissions cannot allow 'iam:CreateUser'": lambda stack: FederationBroker(
        stack,
        "Role",
        federated_users=["bob"],
        session_permissions=[iam.PolicyStatement(actions=[_lazy("iam:CreateUser")], resources=["*"])],
    ),
    "statements cannot be 'sts:GetSessionToken', since no policy": lambda stack: session_policy(
        Construct(stack, "Role"), statements=[_reading(_lazy("sts:GetSessionToken"))]
    ),
    "did you mean 's3:GetObject'": lambda stack: MfaPolicy(
        stack, "Role", actions=[_lazy("s3:GetObjekt")], resources=["*"]
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_comes_out_as_a_text_is_refused_as_that_text(message: str) -> None:
    with pytest.raises(RuntimeError, match=f"Stack/Role: .*{message}"):
        _synthesized(REFUSED[message])


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"default": "0.0.0.0/0"}, "got '0.0.0.0/0', which is every address (of the parameter Address, as its default"),
        ({"allowed_values": ["198.51.100.0/24", "::/0"]}, "got '::/0', which is every address"),
        ({"default": "198.51.100.0/24"}, ""),
        ({"default": ""}, ""),
        ({"default": "your address"}, ""),
    ],
)
def test_a_parameter_is_held_to_what_it_is_where_nobody_says_it(values: dict[str, Any], refused: str) -> None:
    """A default that is there to be replaced is none."""

    def make(stack: cdk.Stack) -> None:
        NOTHING["source_ips"](stack, cdk.CfnParameter(stack, "Address", **values).value_as_string)

    if not refused:
        _synthesized(make)
        return
    with pytest.raises(RuntimeError, match=re.escape(refused)):
        _synthesized(make)


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"default": "0.0.0.0/0"}, "got '0.0.0.0/0', which is every address (of the parameter Address, as its default"),
        ({"allowed_values": ["198.51.100.0/24", "::/0"]}, "got '::/0', which is every address"),
        ({"type": "CommaDelimitedList", "default": "198.51.100.0/24, 0.0.0.0/0"}, "got '0.0.0.0/0'"),
        ({"default": "198.51.100.0/24"}, ""),
        ({}, ""),
    ],
)
@pytest.mark.parametrize("deep", [1, 2])
@pytest.mark.parametrize("is_said", [True, False], ids=["as its parameter", "as a reference"])
def test_so_is_one_that_a_nested_stack_is_given(values: dict[str, Any], refused: str, deep: int, is_said: bool) -> None:
    """A default of its own is none where the stack around gives a value; a name may mean another parameter there."""
    is_list = values.get("type") == "CommaDelimitedList"

    def make(stack: cdk.Stack) -> None:
        parameter = cdk.CfnParameter(stack, "Address", **values)
        for number in range(deep):
            if not is_said:
                stack = cdk.NestedStack(stack, f"Inner{number}")
                continue
            given = cdk.Fn.join(",", parameter.value_as_list) if is_list else parameter.value_as_string
            stack = cdk.NestedStack(stack, f"Inner{number}", parameters={"Address": given})
            parameter = cdk.CfnParameter(stack, "Address", **{**values, "default": "0.0.0.0/0"})
            parameter.allowed_values = None
        found = cdk.Fn.select(1, parameter.value_as_list) if is_list else parameter.value_as_string
        CrossAccountRole(stack, "Role", trusted=HUB, source_ips=[found])

    if not refused:
        _synthesized(make)
        return
    with pytest.raises(RuntimeError, match=re.escape(refused)):
        _synthesized(make)


def test_a_token_is_no_name_with_colons_in_it() -> None:
    """GitHub writes the colons of a name in another way, and the CDK writes some into its tokens."""

    def make(stack: cdk.Stack) -> None:
        role = GitHubActionsRole(
            stack, "Role", organization="acme", repository="shop", environments=[cdk.Fn.join("-", ["live", "eu"])]
        )
        (statement,) = stack.resolve(role.assume_role_policy.to_json())["Statement"]
        subject = statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
        assert subject == "repo:acme/shop:environment:live-eu"

    _synthesized(make)


def test_a_provider_may_be_that_of_a_cluster_in_the_region_of_the_deployment() -> None:
    stack = cdk.Stack()
    host = f"oidc.eks.{cdk.Aws.REGION}.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
    provider = f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:oidc-provider/{host}"
    role = EksServiceAccountRole(stack, "Role", provider=provider, namespace="payments", service_account="reports")

    text = stack.resolve(role.node.default_child.assume_role_policy_document)["Fn::Join"][1]
    assert {"Ref": "AWS::Region"} in text


def test_a_pattern_is_one_also_where_only_a_deployment_knows_it() -> None:
    """Not at a provider that serves everybody, where it could let in other customers."""
    stack = cdk.Stack()
    known = cdk.CfnParameter(stack, "Jobs").value_as_string
    for issuer, operator in (
        ("idp.example.com", "StringLike"),
        ("token.actions.githubusercontent.com", "StringEquals"),
    ):
        role = WebIdentityRole(stack, issuer, issuer=f"https://{issuer}", audiences=["aws"], subject_patterns=[known])

        assert stack.resolve(role.trust_policy)["Statement"][0]["Condition"][operator][f"{issuer}:sub"] == {
            "Ref": "Jobs"
        }


def _policy(stack: cdk.Stack, arn: str) -> iam.IManagedPolicy:
    return iam.ManagedPolicy.from_managed_policy_arn(stack, "Policy", arn)


def _bounded(stack: cdk.Stack, arn: str) -> None:
    CrossAccountRole(stack, "Role", trusted=HUB, permissions_boundary=_policy(stack, arn))


def _alarmed(stack: cdk.Stack, arn: str) -> None:
    topic = sns.Topic.from_topic_arn(stack, "Topic", arn)
    BreakGlassAlarm(stack, "Role", roles=["arn:aws:iam::222233334444:role/Emergency"], alarm_topic=topic)


def _granted(stack: cdk.Stack, arn: str) -> None:
    AssumeRoleGrant(stack, "Role", groups=[iam.Group(stack, "Group")], target_roles=[arn])


#: By what is said, what takes an ARN, one that is of no use in account 222233334444 in eu-central-1, and one that is.
PLACES: dict[str, tuple[Callable[[cdk.Stack, str], Any], str, str]] = {
    "permissions_boundary must be of account 222233334444": (
        _bounded,
        "arn:aws:iam::111122223333:policy/Limits",
        "arn:aws:iam::222233334444:policy/Limits",
    ),
    "permissions_boundary must be of partition aws": (
        _bounded,
        "arn:aws-cn:iam::222233334444:policy/Limits",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
    ),
    "permissions_boundary must be the ARN of a managed policy": (
        _bounded,
        "arn:aws:iam::222233334444:role/Limits",
        "arn:aws:iam::222233334444:policy/team/Limits",
    ),
    "did you mean 'ReadOnlyAccess'": (
        _bounded,
        "arn:aws:iam::aws:policy/ReadOnlyAcess",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
    ),
    "managed_policies must be of account 222233334444": (
        lambda stack, arn: CrossAccountRole(stack, "Role", trusted=HUB, managed_policies=[_policy(stack, arn)]),
        "arn:aws:iam::111122223333:policy/Limits",
        "arn:aws:iam::222233334444:policy/Limits",
    ),
    "target_roles must be of partition aws": (
        _granted,
        "arn:aws-cn:iam::111122223333:role/Deployer",
        "arn:aws:iam::111122223333:role/Deployer",
    ),
    "source_arns must be of account 222233334444": (
        lambda stack, arn: ServiceRole(stack, "Role", service="states.amazonaws.com", source_arns=[arn]),
        "arn:aws:states:eu-central-1:111122223333:stateMachine:*",
        "arn:aws:states:eu-central-1:222233334444:stateMachine:*",
    ),
    "source_arns must be of partition aws": (
        lambda stack, arn: ServiceRole(stack, "Role", service="states.amazonaws.com", source_arns=[arn]),
        "arn:aws-cn:states:*:222233334444:stateMachine:*",
        "arn:aws:states:*:222233334444:stateMachine:*",
    ),
    "source_account must be 222233334444": (
        lambda stack, arn: ServiceRole(stack, "Role", service="states.amazonaws.com", source_account=arn),
        "111122223333",
        "222233334444",
    ),
    "trust_anchors must be of account 222233334444": (
        lambda stack, arn: RolesAnywhereRole(
            stack, "Role", trust_anchors=[arn], certificate={"x509Subject/CN": ["build"]}
        ),
        f"arn:aws:rolesanywhere:eu-central-1:111122223333:trust-anchor/{UUID}",
        f"arn:aws:rolesanywhere:eu-central-1:222233334444:trust-anchor/{UUID}",
    ),
    "provider must be of account 222233334444": (
        lambda stack, arn: SamlRole(stack, "Role", provider=arn),
        "arn:aws:iam::111122223333:saml-provider/Corporate",
        "arn:aws:iam::222233334444:saml-provider/Corporate",
    ),
    "alarm_topic must be in eu-central-1": (
        _alarmed,
        "arn:aws:sns:us-east-1:222233334444:Alarms",
        "arn:aws:sns:eu-central-1:222233334444:Alarms",
    ),
    "alarm_topic cannot be a FIFO topic": (
        _alarmed,
        "arn:aws:sns:eu-central-1:222233334444:Alarms.fifo",
        "arn:aws:sns:eu-central-1:222233334444:Alarms",
    ),
    "alarm_topic must be the ARN of a topic of Amazon SNS": (
        _alarmed,
        "arn:aws:sqs:eu-central-1:222233334444:Alarms",
        "arn:aws:sns:eu-central-1:222233334444:Alarms",
    ),
}
SPELT: dict[str, Callable[[cdk.Stack, str], str]] = {
    "a producer": lambda stack, arn: _lazy(arn),
    "a function": lambda stack, arn: cdk.Token.as_string({"Fn::Select": [0, [arn]]}),
    "a parameter": lambda stack, arn: cdk.CfnParameter(stack, "Arn", allowed_values=[arn]).value_as_string,
    "the partition of the deployment": lambda stack, arn: cdk.Fn.sub(arn.replace("arn:aws:", "arn:${AWS::Partition}:")),
}


@pytest.mark.parametrize("spelt", SPELT)
@pytest.mark.parametrize("message", PLACES)
def test_what_is_elsewhere_is_refused_where_a_token_comes_to_it(message: str, spelt: str) -> None:
    make, elsewhere, here = PLACES[message]
    _synthesized(lambda stack: make(stack, SPELT[spelt](stack, here)))
    with pytest.raises(RuntimeError, match=f"Stack/Role: .*{re.escape(message)}"):
        _synthesized(lambda stack: make(stack, SPELT[spelt](stack, elsewhere)))


def test_where_only_a_deployment_knows_the_place_anything_passes() -> None:
    def make(stack: cdk.Stack) -> None:
        account = cdk.CfnParameter(stack, "Account").value_as_string
        imported = cdk.Fn.import_value("Policy")
        _bounded(stack, cdk.Fn.sub("arn:${AWS::Partition}:iam::${Account}:policy/Limits"))
        target = f"arn:{cdk.Aws.PARTITION}:iam::{account}:role/Deployer"
        AssumeRoleGrant(stack, "Grant", groups=[iam.Group(stack, "Group")], target_roles=[target])
        inner = cdk.Stack(stack, "Agnostic")
        CrossAccountRole(inner, "Role", trusted=HUB, managed_policies=[_policy(inner, imported)])
        SamlRole(inner, "Staff", provider=cdk.Fn.import_value("Provider"))

    _synthesized(make)


def test_what_only_a_deployment_knows_passes() -> None:
    def make(stack: cdk.Stack) -> None:
        parameter = cdk.CfnParameter(stack, "Address").value_as_string
        user = iam.User(stack, "User")
        bucket = s3.Bucket(stack, "Bucket")
        for statement in allow_with_mfa(
            trusted=Trusted.users(user),
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects("*"), f"{_lazy('arn:aws:s3:::ledger')}/{parameter}"],
        ):
            bucket.add_to_resource_policy(statement)
        CrossAccountRole(
            stack, "Role", trusted=Trusted.users(user, f"arn:{cdk.Aws.PARTITION}:iam::111122223333:user/bob"),
            source_ips=[parameter, _lazy("198.51.100.0/24")],
        )  # fmt: skip

    _synthesized(make)


def test_nor_is_a_secret_held_to_its_name() -> None:
    """CloudFormation puts its value there."""
    secret = cdk.SecretValue.secrets_manager("vendor").unsafe_unwrap()
    _synthesized(lambda stack: NOTHING["external_id"](stack, secret))


PARTITION, ACCOUNT = cdk.Aws.PARTITION, cdk.Aws.ACCOUNT_ID

#: How an app writes ARNs, by where it is; of an account that stands for itself.
WRITTEN: dict[str, Callable[[cdk.Stack, str], str]] = {
    "partition": lambda stack, resource: f"arn:{PARTITION}:iam::222233334444:{resource}",
    "partition and account": lambda stack, resource: f"arn:{PARTITION}:iam::{ACCOUNT}:{resource}",
    "CloudFormation": lambda stack, resource: cdk.Fn.sub(
        f"arn:${{AWS::Partition}}:iam::${{Account}}:{resource}", {"Account": ACCOUNT}
    ),
    "parameter": lambda stack, resource: (
        f"arn:{PARTITION}:iam::{cdk.CfnParameter(stack, 'Account').value_as_string}:{resource}"
    ),
}

#: By what is wrong: the resource of the ARN, and who is given it.
IN_PART: dict[str, tuple[str, Callable[[cdk.Stack, str], Any]]] = {
    "users must be the ARN of an IAM user": (
        "root", lambda stack, arn: CrossAccountRole(stack, "Role", trusted=Trusted.users(arn))
    ),
    "roles must be the ARN of an IAM role": (
        "root", lambda stack, arn: CrossAccountRole(stack, "Role", trusted=Trusted.roles(arn), mfa=False)
    ),
    "entry must be the ARN of an IAM role": ("root", lambda stack, arn: RoleChain(stack, "Role", entry=arn)),
    "target_roles must be the ARN of an IAM role": (
        "role/*",
        lambda stack, arn: AssumeRoleGrant(stack, "Role", groups=[iam.Group(stack, "G")], target_roles=[arn]),
    ),
    "for_users must be the ARN of an IAM user": (
        "user/*", lambda stack, arn: ApprovalGrant(stack, "Role", groups=[iam.Group(stack, "G")], for_users=[arn])
    ),
    "exempt_users must be the ARN of an IAM user": (
        "user/*", lambda stack, arn: RequireMfaGuardrail(stack, "Role", targets=["r-ab12"], exempt_users=[arn])
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WRITTEN)
@pytest.mark.parametrize("message", IN_PART)
def test_what_is_known_of_an_arn_is_enough_to_refuse_it(message: str, way: str) -> None:
    """An ARN of an account in the place of a user's lets in everybody there."""
    resource, make = IN_PART[message]
    with pytest.raises((ValueError, RuntimeError), match=f"{message} .*got 'arn:.*:{re.escape(resource)}'") as caught:
        _synthesized(lambda stack: make(stack, WRITTEN[way](stack, resource)))
    assert "arn:${AWS::Partition}:iam::" in str(caught.value)
    assert "Token[" not in str(caught.value)


@pytest.mark.parametrize("way", WRITTEN)
def test_and_what_may_be_right_passes(way: str) -> None:
    def make(stack: cdk.Stack) -> None:
        name = cdk.CfnParameter(stack, "Name").value_as_string
        called = cdk.Fn.sub("arn:aws:iam::111122223333:role/path/${Name}", {"Name": name})
        named = [WRITTEN[way](stack, "role/Builder"), f"arn:{PARTITION}:iam::111122223333:role/{name}", called]
        AssumeRoleGrant(stack, "Grant", groups=[iam.Group(stack, "Group")], target_roles=named)
        machine = f"arn:{PARTITION}:states:{cdk.Aws.REGION}:{ACCOUNT}:stateMachine:{name}"
        ServiceRole(stack, "Service", service="states.amazonaws.com", source_arns=[machine])
        CrossAccountRole(
            stack, "Role", trusted=Trusted.users(cdk.Fn.import_value("Alice"), f"arn:aws:iam::111122223333:{name}")
        )

    _synthesized(make)


#: Ids that have a shape of their own, each behind what says of what it is one.
SHAPED: dict[str, Callable[[cdk.Stack, str], Any]] = {
    "trust anchor": lambda stack, name: RolesAnywhereRole(
        stack,
        "Role",
        trust_anchors=[f"arn:{PARTITION}:rolesanywhere:{cdk.Aws.REGION}:{ACCOUNT}:trust-anchor/{name}"],
        certificate={"x509Subject/CN": ["build-1"]},
    ),
    "instance": lambda stack, name: PermissionSet(
        stack, "Role", name="Audit", instance_arn=f"arn:{PARTITION}:sso:::instance/{name}"
    ),
    "end of an instance": lambda stack, name: PermissionSet(
        stack, "Role", name="Audit", instance_arn=f"arn:aws:sso:::instance/ssoins-{name}"
    ),
    "issuer": lambda stack, name: EksServiceAccountRole(
        stack,
        "Role",
        provider=f"arn:{PARTITION}:iam::{ACCOUNT}:oidc-provider/{name}",
        issuer="https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
        namespace="payments",
        service_account="reports",
    ),
}


@pytest.mark.parametrize("of", SHAPED)
def test_an_id_that_only_a_deployment_knows_is_no_name(of: str) -> None:
    """A parameter or an import gives the id alone, as whoever made it has exported it."""
    _synthesized(lambda stack: SHAPED[of](stack, cdk.Fn.import_value("Id")))

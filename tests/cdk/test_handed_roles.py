"""
Roles that a resource is handed, and that its service does not get into: the plugin sees it in the templates.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_eks as eks
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk import (
    CognitoIdentityPoolRole,
    CrossAccountRole,
    EksPodIdentityRole,
    EksServiceAccountRole,
    OrganizationRole,
    RoleChain,
    RolesAnywhereRole,
    ServiceRole,
    Trusted,
)
from trustproof_cdk._arguments.service_principals import SERVICE_PRINCIPALS
from trustproof_cdk._roles import handed_roles
from trustproof_cdk._roles.handed_places import PLACES

OWN = "222233334444"
ARN = f"arn:aws:{{}}:eu-central-1:{OWN}:{{}}"
WHERE = f"arn:*:{{}}:eu-central-1:{OWN}"
CLUSTERS = [ARN.format("eks", f"cluster/{name}") for name in ("prod", "dev")]

Make: TypeAlias = "Callable[[Construct], iam.Role]"
Use: TypeAlias = "Callable[[Construct, iam.Role], cdk.CfnResource]"


def _service(name: str, *source_arns: str) -> Make:
    sources = {"source_arns": source_arns} if source_arns else {}
    return lambda scope: ServiceRole(scope, "Role", service=f"{name}.amazonaws.com", **sources)  # type: ignore[arg-type]


def _people(scope: Construct) -> iam.Role:
    return CrossAccountRole(scope, "Role", trusted=Trusted.accounts("111122223333"))


def _pods(scope: Construct) -> iam.Role:
    return EksPodIdentityRole(scope, "Role", service_accounts=["shop/web", "pay/ledger"], clusters=CLUSTERS)


def _pods_by_principal(scope: Construct) -> iam.Role:
    return _for_pods(scope, {})


def _pods_by_tags_if_there(scope: Construct) -> iam.Role:
    return _for_pods(scope, {"StringEqualsIfExists": {"aws:RequestTag/kubernetes-namespace": "shop"}})


def _for_pods(scope: Construct, conditions: dict[str, Any], name: str = "Role") -> EksPodIdentityRole:
    """The constructs demand the tags: what they have made is overridden, as some must who leave the tags out."""
    role = EksPodIdentityRole(scope, name, namespace="shop", service_account="web")
    made = role.node.default_child
    assert isinstance(made, iam.CfnRole)
    made.add_property_override("AssumeRolePolicyDocument.Statement.0.Condition", conditions)
    made.add_property_deletion_override("AssumeRolePolicyDocument.Statement.0.Condition.StringEquals")
    return role


def _by_token(scope: Construct) -> iam.Role:
    issuer = "https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
    return EksServiceAccountRole(scope, "Role", issuer=issuer, namespace="shop", service_account="web")


def _plain(scope: Construct) -> iam.Role:
    return iam.Role(scope, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))


def _resource(kind: str, role_at: Callable[[str], dict[str, Any]], **given: Any) -> Use:
    def use(scope: Construct, role: iam.Role) -> cdk.CfnResource:
        return cdk.CfnResource(scope, "User", type=f"AWS::{kind}", properties={**role_at(role.role_arn), **given})

    return use


def _association(cluster: str, namespace: str, service_account: str, **given: Any) -> Use:
    def use(scope: Construct, role: iam.Role) -> cdk.CfnResource:
        return eks.CfnPodIdentityAssociation(
            scope,
            "User",
            cluster_name=cluster,
            namespace=namespace,
            service_account=service_account,
            role_arn=role.role_arn,
            **given,
        )

    return use


def _association_by_condition(scope: Construct, role: iam.Role) -> cdk.CfnResource:
    is_off = cdk.CfnCondition(scope, "IsOff")
    use = _association("dev", "pay", "ledger", disable_session_tags=cdk.Fn.condition_if(is_off.logical_id, True, False))
    return use(scope, role)


def _chained(*, has_tags: bool) -> Make:
    def make(scope: Construct) -> iam.Role:
        entry = EksPodIdentityRole(scope, "Pods", namespace="shop", service_account="web")
        return RoleChain(scope, "Role", entry=entry, carries_session_tags=has_tags)

    return make


def _chained_without_tags(scope: Construct) -> iam.Role:
    entry = _for_pods(scope, {}, "Pods")
    return RoleChain(scope, "Role", entry=entry, carries_session_tags=False)


def _onward(**given: Any) -> Use:
    def use(scope: Construct, role: iam.Role) -> cdk.CfnResource:
        pods = scope.node.try_find_child("Pods")
        if not isinstance(pods, iam.Role):
            pods = EksPodIdentityRole(scope, "Pods", namespace="shop", service_account="web")
        given_always = {"cluster_name": "prod", "namespace": "shop", "service_account": "web"}
        return eks.CfnPodIdentityAssociation(
            scope, "User", role_arn=pods.role_arn, target_role_arn=role.role_arn, **given_always, **given
        )

    return use


def _profile(scope: Construct, role: iam.Role) -> cdk.CfnResource:
    return iam.CfnInstanceProfile(scope, "User", roles=[role.role_name])


def _guests(scope: Construct) -> iam.Role:
    pool = cognito.CfnIdentityPool(scope, "Pool", allow_unauthenticated_identities=True)
    return CognitoIdentityPoolRole(scope, "Role", identity_pool_id=pool.ref, authenticated=False)


def _signed_in(scope: Construct) -> iam.Role:
    pool = cognito.CfnIdentityPool(scope, "Pool", allow_unauthenticated_identities=True)
    return CognitoIdentityPoolRole(scope, "Role", identity_pool_id=pool.ref, authenticated=True)


def _attachment(kind: str, pool: str = "Pool") -> Use:
    def use(scope: Construct, role: iam.Role) -> cdk.CfnResource:
        found: Any = scope.node.try_find_child(pool)
        if found is None:
            found = cognito.CfnIdentityPool(scope, pool, allow_unauthenticated_identities=True)
        return cognito.CfnIdentityPoolRoleAttachment(
            scope, "User", identity_pool_id=found.ref, roles={kind: role.role_arn}
        )

    return use


def _mapped(scope: Construct, role: iam.Role) -> cdk.CfnResource:
    pool = scope.node.find_child("Pool")
    assert isinstance(pool, cognito.CfnIdentityPool)
    rule = {"Claim": "admin", "MatchType": "Equals", "Value": "yes", "RoleARN": role.role_arn}
    rules = {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": [rule]}}
    mapping = {"Company": {"IdentityProvider": "idp.example.com", **rules}}
    properties = {"IdentityPoolId": pool.ref, "RoleMappings": mapping}
    return cdk.CfnResource(scope, "User", type="AWS::Cognito::IdentityPoolRoleAttachment", properties=properties)


def _named(scope: Construct) -> iam.Role:
    name = f"{scope.node.id}Role"
    return ServiceRole(scope, "Role", service="ec2.amazonaws.com", role_name=name, path="/app/")


def _function_by_name(scope: Construct, role: iam.Role) -> cdk.CfnResource:
    named = iam.Role.from_role_name(scope, "Imported", f"app/Named{OWN}Role")
    return FUNCTION(scope, named)  # type: ignore[arg-type]


FUNCTION = _resource("Lambda::Function", lambda arn: {"Role": arn})
MACHINE = _resource("StepFunctions::StateMachine", lambda arn: {"RoleArn": arn}, StateMachineName="payments")
SCHEDULE = _resource("Scheduler::Schedule", lambda arn: {"Target": {"RoleArn": arn}})
RULE = _resource("Events::Rule", lambda arn: {"Targets": [{"Id": "None"}, {"RoleArn": arn}]})

JOB = _resource("Batch::JobDefinition", lambda arn: {"ContainerProperties": {"JobRoleArn": arn}})


def _addon(cluster: str, service_account: str, **given: Any) -> Use:
    def associations(arn: str) -> dict[str, Any]:
        return {
            "PodIdentityAssociations": [{"RoleArn": arn, "ServiceAccount": service_account}],
            "ClusterName": cluster,
        }

    return _resource("EKS::Addon", associations, **given)


ADDON = _addon("dev", "ledger")

ADDON_BY_TOKEN = _resource("EKS::Addon", lambda arn: {"ServiceAccountRoleArn": arn}, ClusterName="dev")


def _machines(*attributes: str, regions: tuple[str, ...] = ("eu-central-1",)) -> Make:
    def make(scope: Construct) -> iam.Role:
        anchor = f"arn:aws:rolesanywhere:{{}}:{OWN}:trust-anchor/11111111-2222-3333-4444-555555555555"
        anchors = [anchor.format(one) for one in regions]
        certificate = {one: ["build"] for one in attributes}
        return RolesAnywhereRole(scope, "Role", trust_anchors=anchors, certificate=certificate)

    return make


def _mapping(field: str, *specifiers: str) -> Use:
    rules = {"CertificateField": field, "MappingRules": [{"Specifier": one} for one in specifiers]}
    return _machine_profile(AttributeMappings=[rules])


def _machine_profile(**given: Any) -> Use:
    return _resource("RolesAnywhere::Profile", lambda arn: {"RoleArns": [arn]}, Name="It", **given)


MEMBERS = _resource("Cognito::UserPoolGroup", lambda arn: {"RoleArn": arn}, UserPoolId="eu-central-1_Abcdefghi")

#: The role, whom it is handed, and the end of what is said; nothing where it works, or need not fail.
USES: list[tuple[Make, Use, str]] = [
    (_service("lambda"), FUNCTION, ""),
    (_service("ec2"), FUNCTION, "which does not let lambda.amazonaws.com in: give it a role that does, as ServiceRole"),
    (_people, FUNCTION, "which does not let lambda.amazonaws.com in"),
    (_plain, FUNCTION, ""),
    (_service("ec2"), _profile, ""),
    (_service("lambda"), _profile, "which does not let ec2.amazonaws.com in"),
    (_service("events"), RULE, ""),
    (_service("scheduler"), RULE, "which does not let events.amazonaws.com in"),
    (_service("states.eu-central-1"), MACHINE, ""),
    (_service("states", ARN.format("states", "stateMachine:pay*")), MACHINE, ""),
    (_service("states", ARN.format("states", "stateMachine:shop")), MACHINE, "in for others only: the call has arn:*"),
    (_service("scheduler", ARN.format("scheduler", "schedule-group/default")), SCHEDULE, ""),
    (_service("scheduler", ARN.format("scheduler", "schedule-group/pay")), SCHEDULE, "in for others only"),
    (_service("ecs-tasks"), JOB, ""),
    (_service("batch"), JOB, "which does not let ecs-tasks.amazonaws.com in"),
    (_pods, ADDON, ""),
    (_pods, _addon("dev", "web"), ""),
    (_pods, _addon("dev", "api"), "which is for other pods"),
    (_pods, _addon("test", "ledger"), "cluster/test as aws:RequestTag/eks-cluster-arn"),
    (_pods, _addon("dev", "ledger", NamespaceConfig={"Namespace": "pay"}), ""),
    (_pods, _addon("dev", "ledger", AddonName="vpc-cni", NamespaceConfig={"Namespace": "pay"}), ""),
    (_pods, _addon("dev", "ledger", AddonName="vpc-cni"), "which is for other pods"),
    (_pods, _addon("dev", "ledger", AddonName="acme_ledger"), ""),
    (_pods, _addon("dev", "ledger", NamespaceConfig={"Namespace": "shop"}), "which is for other pods"),
    (_machines("x509Subject/CN"), _mapping("x509Subject", "CN"), ""),
    (_machines("x509Subject/CN"), _mapping("x509Subject", "*"), ""),
    (_machines("x509Subject/CN"), _mapping("x509SAN", "URI"), ""),
    (_machines("x509SAN/Name/CN"), _mapping("x509SAN", "Name"), ""),
    (_machines("x509SAN/Name/CN"), _mapping("x509SAN", "DNS", "URI", "Name/*"), ""),
    (_machines("x509SAN/URI"), _mapping("x509SAN", "Name/*"), "which may let no machine in"),
    (
        _machines("x509Subject/CN", regions=("us-east-1",)),
        _mapping("x509Subject", "CN"),
        "in for others only: the call has arn:*:rolesanywhere:eu-central-1:222233334444:trust-anchor/* as",
    ),
    (_machines("x509Subject/CN", regions=("us-east-1", "eu-central-1")), _mapping("x509Subject", "CN"), ""),
    (_by_token, ADDON_BY_TOKEN, ""),
    (_plain, ADDON_BY_TOKEN, ""),
    (_pods, ADDON_BY_TOKEN, "which lets no pod in by a token of its cluster"),
    (_people, ADDON_BY_TOKEN, "as EksServiceAccountRole makes one"),
    (
        _machines("x509Subject/CN"),
        _mapping("x509Subject", "OU"),
        "which may let no machine in: it demands x509Subject/CN of",
    ),
    (
        _machines("x509Subject/CN", "x509Subject/OU"),
        _mapping("x509Subject", "CN"),
        "it demands x509Subject/OU of the certificate",
    ),
    (_by_token, ADDON, "in: give it a role that does, as EksPodIdentityRole makes one"),
    (_pods, _association("dev", "pay", "ledger"), ""),
    (_pods, _association("dev", "pay", "web"), "which is for other pods"),
    (
        _pods,
        _association("test", "pay", "ledger"),
        f"has {WHERE.format('eks')}:cluster/test as aws:RequestTag/eks-cluster-arn",
    ),
    (
        _pods,
        _association("dev", "pay", "ledger", disable_session_tags=True),
        "that the association does not send (Disable",
    ),
    (_pods, _association("dev", "pay", "ledger", disable_session_tags=False), ""),
    (_pods, _association_by_condition, ""),
    (_pods_by_principal, _association("dev", "pay", "ledger", disable_session_tags=True), ""),
    (_pods_by_tags_if_there, _association("dev", "pay", "ledger", disable_session_tags=True), ""),
    (_by_token, _association("dev", "shop", "web"), "in: give it a role that does, as EksPodIdentityRole makes one"),
    (_guests, _attachment("unauthenticated"), ""),
    (_guests, _attachment("authenticated"), "which is for unauthenticated users"),
    (_guests, _attachment("unauthenticated", "Other"), "which is for another identity pool"),
    (_signed_in, _mapped, ""),
    (_guests, _mapped, "which is for unauthenticated users"),
    (_service("lambda"), _attachment("authenticated"), "which does not let cognito-identity.amazonaws.com in"),
    (_signed_in, MEMBERS, ""),
    (_machines("x509Subject/CN"), _machine_profile(Enabled=True), ""),
    (_machines("x509Subject/CN"), _machine_profile(Enabled=False), "the profile is disabled (Enabled)"),
    (_guests, MEMBERS, "which is for unauthenticated users"),
    (_people, MEMBERS, "which does not let cognito-identity.amazonaws.com in"),
    (_people, _onward(), "to which EKS Pod Identity goes on with a session of the role of the association"),
    (_service("lambda"), _onward(), "and which does not let that in: trust that role, as RoleChain does"),
    (_chained(has_tags=True), _onward(), ""),
    (_chained(has_tags=False), _onward(), "which refuses sts:TagSession"),
    (_chained_without_tags, _onward(), "which refuses sts:TagSession"),
    (_chained_without_tags, _onward(disable_session_tags=True), ""),
]


def test_a_role_that_does_not_let_in_whom_it_is_handed_to(app: cdk.App) -> None:
    """Also in a stack of its own, a stage and a nested stack, and by its name."""
    environment = cdk.Environment(account=OWN, region="eu-central-1")
    own, elsewhere = (cdk.Stack(app, name, env=environment) for name in ("Own", "Elsewhere"))
    stage = cdk.Stack(cdk.Stage(app, "Stage", env=environment), "Stack")
    scopes = [*((Construct(own, f"Use{number}"),) * 2 for number in range(len(USES)))]
    uses = list(USES)
    for inner in (stage, cdk.NestedStack(own, "Nested")):
        uses.append((_people, FUNCTION, "which does not let lambda.amazonaws.com in"))
        scopes.append((inner, inner))
    uses.append((_people, FUNCTION, "which does not let lambda.amazonaws.com in"))
    scopes.append((Construct(own, "Role"), elsewhere))
    # Into a nested stack by a parameter, and out of one as an output.
    into, out = cdk.NestedStack(own, "Into"), cdk.NestedStack(own, "Out")
    ways = ((Construct(own, "Given"), into), (out, Construct(own, "Taken")), (out, cdk.NestedStack(into, "Deeper")))
    for make, said in ((_people, "which does not let lambda.amazonaws.com in"), (_service("lambda"), "")):
        for number, (there, here) in enumerate(ways):
            uses.append((make, FUNCTION, said))
            scopes.append((Construct(there, f"From{bool(said)}{number}"), Construct(here, f"To{bool(said)}{number}")))
    for account, said in ((OWN, "which does not let lambda.amazonaws.com in"), ("333344445555", "")):
        uses.append((_named, _function_by_name, said))
        by_name = cdk.Stack(app, f"In{account}", env=cdk.Environment(account=account, region="eu-central-1"))
        scopes.append((Construct(own, f"Named{account}"), by_name))
    expected = {}
    for (make, use, said), (there, here) in zip(uses, scopes, strict=True):
        role = make(there)
        user = use(here, role)
        if said:
            expected[user.node.path] = f"{user.node.path} is handed {role.node.path}, ", said
    assembly = Path(app.synth().directory)
    found = {
        one.construct_path: one for one in handed_roles.handed_in_vain(app, sorted(assembly.rglob("*.template.json")))
    }
    assert found.keys() == expected.keys()
    for path, (begin, said) in expected.items():
        assert found[path].said.startswith(begin)
        assert said in found[path].said
    assert {one.rule for one in found.values()} == {"statement-usable"}


def _cluster(scope: Construct, name: str) -> eks.CfnCluster:
    network = {"subnetIds": ["subnet-1", "subnet-2"]}
    return eks.CfnCluster(scope, name, role_arn=f"arn:aws:iam::{OWN}:role/eks", resources_vpc_config=network)


def _pod_of_the_app(scope: Construct, cluster: eks.CfnCluster, used: eks.CfnCluster) -> None:
    role = EksPodIdentityRole(scope, "R", namespace="a", service_account="b", clusters=[cluster.attr_arn])
    given = {"cluster_name": used.ref, "namespace": "a", "service_account": "b", "role_arn": role.role_arn}
    eks.CfnPodIdentityAssociation(scope, "Use", **given)


def _schedule_of_the_app(scope: Construct, group: str, used: str) -> None:
    made = {one: cdk.CfnResource(scope, one, type="AWS::Scheduler::ScheduleGroup") for one in {group, used}}
    arn = made[group].get_att("Arn").to_string()
    role = ServiceRole(scope, "R", service="scheduler.amazonaws.com", source_arns=[arn])
    properties = {"GroupName": made[used].ref, "Target": {"RoleArn": role.role_arn}}
    cdk.CfnResource(scope, "Use", type="AWS::Scheduler::Schedule", properties=properties)


def test_a_role_for_another_resource_of_the_template(app: cdk.App) -> None:
    """Neither has a name at synthesis, and they are two, unless a condition leaves one of them out."""
    stack = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    one, other, conditional = (_cluster(stack, name) for name in ("One", "Other", "Conditional"))
    conditional.cfn_options.condition = cdk.CfnCondition(stack, "Is")
    for name, used in (("Same", one), ("Two", other), ("Unknown", conditional)):
        _pod_of_the_app(Construct(stack, name), one, used)
    _schedule_of_the_app(Construct(stack, "Group"), "A", "A")
    _schedule_of_the_app(Construct(stack, "Groups"), "A", "B")
    assembly = Path(app.synth().directory)
    found = list(handed_roles.handed_in_vain(app, sorted(assembly.rglob("*.template.json"))))
    assert [one.construct_path for one in found] == ["Own/Two/Use", "Own/Groups/Use"]
    assert "the call has the ARN of Other as aws:RequestTag/eks-cluster-arn" in found[0].said


def test_an_arn_that_is_exported_as_a_text(app: cdk.App) -> None:
    """It is that of the role of the app, in whichever stack that is."""
    roles, exporting, using = (
        cdk.Stack(app, name, env=cdk.Environment(account=OWN, region="eu-central-1"))
        for name in ("Roles", "Exporting", "Using")
    )
    CrossAccountRole(roles, "Wrong", trusted=Trusted.accounts("111122223333"), role_name="Wrong")
    ServiceRole(roles, "Right", service="lambda.amazonaws.com", role_name="Right")
    for name in ("Wrong", "Right"):
        arn = f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:role/{name}"
        cdk.CfnOutput(exporting, name, value=arn, export_name=f"{name}Arn")
        properties = {"Role": cdk.Fn.import_value(f"{name}Arn"), "Code": {"ZipFile": "x"}}
        cdk.CfnResource(using, f"For{name}", type="AWS::Lambda::Function", properties=properties)
    assembly = Path(app.synth().directory)
    found = list(handed_roles.handed_in_vain(app, sorted(assembly.rglob("*.template.json"))))
    assert [one.construct_path for one in found] == ["Using/ForWrong"]


@pytest.mark.parametrize("strength", ["strong", "weak", "both"])
def test_a_role_of_another_stack(tmp_path: Path, strength: str) -> None:
    """However the CDK refers to it: by an export, or by the output of the stack, which nothing exports."""
    app = cdk.App(
        outdir=str(tmp_path),
        context={"@aws-cdk/core:defaultCrossStackReferences": strength},
        builtin_cloud_formation_validation=False,
    )
    roles, using = (
        cdk.Stack(app, name, env=cdk.Environment(account=OWN, region="eu-central-1")) for name in ("Roles", "Using")
    )
    for service in ("ec2", "lambda"):
        arn = ServiceRole(roles, service, service=f"{service}.amazonaws.com").role_arn
        properties = {"Role": arn, "Code": {"ZipFile": "x"}}
        cdk.CfnResource(using, f"With-{service}", type="AWS::Lambda::Function", properties=properties)
    assembly = Path(app.synth().directory)
    found = list(handed_roles.handed_in_vain(app, sorted(assembly.rglob("*.template.json"))))
    assert [one.construct_path for one in found] == ["Using/With-ec2"]


def test_an_own_arn_where_only_a_deployment_knows_the_account(app: cdk.App) -> None:
    """It is that of the role of the stack, and of what is nested in it, and not of one that is deployed elsewhere."""
    own, other = cdk.Stack(app, "Own"), cdk.Stack(app, "Other")
    nested = cdk.NestedStack(own, "Nested")
    CrossAccountRole(own, "Wrong", trusted=Trusted.accounts("111122223333"), role_name="Wrong")
    ServiceRole(own, "Right", service="lambda.amazonaws.com", role_name="Right")
    for stack in (own, nested, other):
        for name in ("Wrong", "Right"):
            arn = f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:role/{name}"
            properties = {"Role": arn, "Code": {"ZipFile": "x"}}
            cdk.CfnResource(stack, f"For{name}", type="AWS::Lambda::Function", properties=properties)
    assembly = Path(app.synth().directory)
    found = list(handed_roles.handed_in_vain(app, sorted(assembly.glob("*.template.json"))))
    assert sorted(one.construct_path for one in found) == ["Own/ForWrong", "Own/Nested/ForWrong"]


@pytest.mark.parametrize("account", [OWN, None])
def test_an_arn_of_nobody(app: cdk.App, account: str | None) -> None:
    """IAM takes a name once in an account, so that an ARN with another path, or in other letters, is nobody's."""
    environment = None if account is None else cdk.Environment(account=account, region="eu-central-1")
    own, other = cdk.Stack(app, "Own", env=environment), cdk.Stack(app, "Other")
    for name, service in (("Job", "ecs-tasks"), ("Work", "lambda")):
        ServiceRole(own, name, service=f"{service}.amazonaws.com", role_name=name, path="/shop/")
    ServiceRole(own, "Maybe", service="lambda.amazonaws.com", role_name="Maybe", path="/shop/")
    maybe = own.node.find_child("Maybe").node.default_child
    assert isinstance(maybe, cdk.CfnResource)
    maybe.cfn_options.condition = cdk.CfnCondition(own, "Is")
    written = {"Path": "Work", "Letters": "shop/work", "Right": "shop/Work", "Maybe": "Maybe", "Unknown": "Wort"}
    for stack in (own, other):
        for name, called in written.items():
            arn = f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:role/{called}"
            cdk.CfnResource(stack, f"For{name}", type="AWS::Lambda::Function", properties={"Role": arn})
    arn = f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:role/Job"
    properties = {"PodIdentityAssociations": [{"RoleArn": arn, "ServiceAccount": "a"}], "ClusterName": "dev"}
    cdk.CfnResource(own, "ForPods", type="AWS::EKS::Addon", properties=properties)
    assembly = Path(app.synth().directory)
    found = list(handed_roles.handed_in_vain(app, sorted(assembly.glob("*.template.json"))))
    assert sorted(one.construct_path for one in found) == ["Own/ForLetters", "Own/ForPath", "Own/ForPods"]
    assert all("by an ARN that is nobody's, since the role is /shop/" in one.said for one in found)


def test_a_role_in_the_template_of_a_stack_set(app: cdk.App) -> None:
    """What has the role stands beside it there, and the StackSet is what the app has."""
    stack = cdk.Stack(app, "Management", env=cdk.Environment(account=OWN, region="eu-central-1"))

    def inside(make: Make) -> Callable[[cdk.Stack], iam.Role]:
        def made(inner: cdk.Stack) -> iam.Role:
            role = make(inner)
            FUNCTION(inner, role)
            return CrossAccountRole(inner, "Returned", trusted=Trusted.accounts("111122223333"), role_name="Returned")

        return made

    ways = {"Wrong": _people, "Right": _service("lambda"), "Other": _service("ec2")}
    for account, (name, make) in zip(("333344445555", "444455556666", "555566667777"), ways.items(), strict=True):
        OrganizationRole(
            stack,
            name,
            stack_set_name=name,
            organizational_units=["ou-ab12-11111111"],
            include_accounts=[account],
            role=inside(make),
        )
    assembly = Path(app.synth().directory)
    found = list(handed_roles.handed_in_vain(app, sorted(assembly.rglob("*.template.json"))))
    assert [one.construct_path for one in found] == ["Management/Wrong", "Management/Other"]
    assert all(one.template.name == "Management.template.json" for one in found)
    assert all("which does not let lambda.amazonaws.com in" in one.said for one in found)


#: The stack that has the resource, what the role is for, and what is said.
ENVIRONMENTS = [
    ("West", f"arn:aws:states:eu-west-1:{OWN}:stateMachine:*", ""),
    ("West", f"arn:aws:states:*:{OWN}:stateMachine:pay*", ""),
    ("West", f"arn:aws:states:eu-central-1:{OWN}:stateMachine:*", f"has arn:*:states:eu-west-1:{OWN}:stateMachine:pay"),
    ("Nested", f"arn:aws:states:eu-central-1:{OWN}:stateMachine:*", f"has arn:*:states:eu-west-1:{OWN}:"),
    ("Deeper", f"arn:aws:states:eu-central-1:{OWN}:stateMachine:*", f"has arn:*:states:eu-west-1:{OWN}:"),
    ("Staged", f"arn:aws:states:eu-central-1:{OWN}:stateMachine:*", f"has arn:*:states:eu-west-1:{OWN}:"),
    ("Nested", f"arn:aws:states:eu-west-1:{OWN}:stateMachine:*", ""),
    # Where the stack goes is not known, nor its account.
    ("Anywhere", f"arn:aws:states:eu-central-1:{OWN}:stateMachine:*", ""),
    ("Region", f"arn:aws:states:eu-central-1:{OWN}:stateMachine:*", "has arn:*:states:eu-west-1:*:stateMachine:pay"),
    ("Region", f"arn:aws:states:eu-west-1:{OWN}:stateMachine:*", ""),
    ("Account", f"arn:aws:states:eu-central-1:{OWN}:stateMachine:*", ""),
]


def test_a_role_for_another_region(app: cdk.App) -> None:
    """A service calls for what is in the Region and account of the stack that has it."""

    def stack(name: str, scope: Construct = app, **given: str) -> cdk.Stack:
        return cdk.Stack(scope, name, env=cdk.Environment(**given) if given else None)  # type: ignore[arg-type]

    west = {"account": OWN, "region": "eu-west-1"}
    nested = cdk.NestedStack(stack("Around", **west), "Nested")
    scopes = {
        "West": stack("West", **west),
        "Nested": nested,
        "Deeper": cdk.NestedStack(nested, "Deeper"),
        "Staged": stack("Stack", cdk.Stage(app, "Stage"), **west),
        "Anywhere": stack("Anywhere"),
        "Region": stack("Region", region="eu-west-1"),
        "Account": stack("Account", account=OWN),
    }
    expected = {}
    for number, (name, arn, said) in enumerate(ENVIRONMENTS):
        scope = Construct(scopes[name], f"Use{number}")
        user = MACHINE(scope, _service("states", arn)(scope))
        if said:
            expected[user.node.path] = said
    pods = Construct(scopes["West"], "Pods")
    in_cluster = _association("prod", "shop", "web")(pods, _pods(pods))
    expected[in_cluster.node.path] = f"has arn:*:eks:eu-west-1:{OWN}:cluster/prod as aws:RequestTag/eks-cluster-arn"
    assembly = Path(app.synth().directory)
    found = {
        one.construct_path: one.said
        for one in handed_roles.handed_in_vain(app, sorted(assembly.rglob("*.template.json")))
    }
    assert found.keys() == expected.keys()
    assert all(said in found[path] for path, said in expected.items())


@pytest.mark.parametrize("account", ["333344445555", OWN, None])
def test_a_role_of_another_account(app: cdk.App, account: str | None) -> None:
    """Nobody can pass a role to a service of another account."""
    own = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    where = None if account is None else cdk.Environment(account=account, region="eu-central-1")
    there = cdk.Stack(app, "There", env=where)
    ServiceRole(own, "Role", service="lambda.amazonaws.com", role_name="Works")
    role = iam.Role.from_role_arn(there, "Role", f"arn:aws:iam::{OWN}:role/Works", mutable=False)
    user = FUNCTION(there, role)  # type: ignore[arg-type]
    assembly = Path(app.synth().directory)
    found = [one.said for one in handed_roles.handed_in_vain(app, sorted(assembly.rglob("*.template.json")))]
    said = f"{user.node.path} is handed Own/Role, which is of account {OWN}: nobody can pass a role to a service"
    assert [one.startswith(said) for one in found] == ([True] if account not in (None, OWN) else [])


def test_services_that_are_handed_roles_are_known() -> None:
    """One that is misspelt would be let in by no role."""
    named = {place.service.removesuffix(".amazonaws.com") for places in PLACES.values() for place in places}
    assert named - {"pods.eks", "rolesanywhere"} <= SERVICE_PRINCIPALS

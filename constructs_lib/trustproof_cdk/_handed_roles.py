"""
Roles that a template hands to a service that they do not let in: it is deployed, or refused at the end of a deployment,
and does not work.

The templates say it, those of all stacks: who is handed a role need not be a construct that knows it as a role.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk import _stacks as stacks
from trustproof_cdk._calls import Call, arn_pattern, may_allow, may_be_one, statements_of
from trustproof_cdk._known_keys import KnownKey
from trustproof_cdk._promises import Broken
from trustproof_cdk._service_principals import everywhere

_ASSUME, _BY_TOKEN = "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"
_ROLE, _ASSOCIATION = "AWS::IAM::Role", "AWS::EKS::PodIdentityAssociation"
_ATTACHMENT, _POOL = "AWS::Cognito::IdentityPoolRoleAttachment", "AWS::Cognito::IdentityPool"
_COGNITO, _SUFFIX = "cognito-identity.amazonaws.com", ".amazonaws.com"
#: What makes roles for a service that needs more than a principal.
_CONSTRUCTS = {
    "pods.eks.amazonaws.com": "EksPodIdentityRole",
    "rolesanywhere.amazonaws.com": "RolesAnywhereRole",
}
_NESTED = "*.nested.template.json"
#: What is acknowledged of a role that nobody it is for can use.
_USABLE = "statement-usable"

#: Type of resource, where it is handed roles (`*` is each of a list), and the service that assumes them.
_TABLE = """
    ApiGateway::Account CloudWatchRoleArn apigateway
    AppRunner::Service InstanceConfiguration.InstanceRoleArn tasks.apprunner
    AppRunner::Service SourceConfiguration.AuthenticationConfiguration.AccessRoleArn build.apprunner
    AppSync::DataSource ServiceRoleArn appsync
    Backup::BackupSelection BackupSelection.IamRoleArn backup
    Batch::ComputeEnvironment ServiceRole batch
    Bedrock::Agent AgentResourceRoleArn bedrock
    CloudFormation::StackSet AdministrationRoleARN cloudformation
    CloudTrail::Trail CloudWatchLogsRoleArn cloudtrail
    CodeBuild::Project ServiceRole codebuild
    CodeDeploy::DeploymentGroup ServiceRoleArn codedeploy
    CodePipeline::Pipeline RoleArn codepipeline
    Cognito::UserPool SmsConfiguration.SnsCallerArn cognito-idp
    Config::ConfigurationRecorder RoleARN config
    DLM::LifecyclePolicy ExecutionRoleArn dlm
    EC2::FlowLog DeliverLogsPermissionArn vpc-flow-logs
    ECS::TaskDefinition ExecutionRoleArn ecs-tasks
    ECS::TaskDefinition TaskRoleArn ecs-tasks
    EKS::Cluster RoleArn eks
    EKS::FargateProfile PodExecutionRoleArn eks-fargate-pods
    EKS::Nodegroup NodeRole ec2
    EKS::PodIdentityAssociation RoleArn pods.eks
    Events::Rule Targets.*.RoleArn events
    Glue::Crawler Role glue
    Glue::Job Role glue
    IAM::InstanceProfile Roles.* ec2
    IoT::RoleAlias RoleArn credentials.iot
    KinesisAnalyticsV2::Application ServiceExecutionRole kinesisanalytics
    KinesisFirehose::DeliveryStream ExtendedS3DestinationConfiguration.RoleARN firehose
    KinesisFirehose::DeliveryStream KinesisStreamSourceConfiguration.RoleARN firehose
    KinesisFirehose::DeliveryStream S3DestinationConfiguration.RoleARN firehose
    Lambda::Function Role lambda
    Logs::SubscriptionFilter RoleArn logs
    Pipes::Pipe RoleArn pipes
    RDS::DBInstance MonitoringRoleArn monitoring.rds
    RDS::DBProxy RoleArn rds
    RolesAnywhere::Profile RoleArns.* rolesanywhere
    S3::Bucket ReplicationConfiguration.Role s3
    SageMaker::Model ExecutionRoleArn sagemaker
    SageMaker::NotebookInstance RoleArn sagemaker
    Scheduler::Schedule Target.RoleArn scheduler
    StepFunctions::StateMachine RoleArn states
    Synthetics::Canary ExecutionRoleArn lambda
    Transfer::User Role transfer
"""
#: By type, what a service says of whom it calls for: the beginning of the ARN, and the property that it ends with.
_SOURCES = {
    "AWS::CodeBuild::Project": ("arn:*:codebuild:*:*:project/", "Name", "*"),
    "AWS::Pipes::Pipe": ("arn:*:pipes:*:*:pipe/", "Name", "*"),
    "AWS::Scheduler::Schedule": ("arn:*:scheduler:*:*:schedule-group/", "GroupName", "default"),
    "AWS::StepFunctions::StateMachine": ("arn:*:states:*:*:stateMachine:", "StateMachineName", "*"),
}
#: Operators that no value outside of their lists meets.
_NAMING = ("stringequals", "stringlike", "arnequals", "arnlike")


class _Place(NamedTuple):
    """
    Where a type of resource is handed a role.
    """

    steps: tuple[str, ...]
    service: str


class _Role(NamedTuple):
    """
    A role of a template.
    """

    template: Path
    logical_id: str
    properties: Mapping[str, Any]


class _User(NamedTuple):
    """
    A resource that is handed a role.
    """

    type_name: str
    properties: Mapping[str, Any]
    #: All of its template, by their logical ids.
    resources: Mapping[str, Any]


def _places() -> dict[str, list[_Place]]:
    found: dict[str, list[_Place]] = {}
    for row in _TABLE.strip().splitlines():
        type_name, steps, service = row.split()
        place = _Place(tuple(steps.split(".")), f"{service}{_SUFFIX}")
        found.setdefault(f"AWS::{type_name}", []).append(place)
    return found


_PLACES = _places()
#: What the text of a template has where something in it is handed a role, and where it exports something.
_HANDED, _EXPORT = re.compile("|".join(f'"{one}"' for one in (*_PLACES, _ATTACHMENT))), '"Export"'
#: By stack, the roles that constructs of this library have made.
_MADE: WeakKeyDictionary[cdk.Stack, list[iam.Role]] = WeakKeyDictionary()


def note_made(role: iam.Role) -> None:
    """Have the plugin look whether those whom a role is handed to are let in by it."""
    _MADE.setdefault(stacks.stack_of(role), []).append(role)


def handed_in_vain(app: IConstruct, templates: Sequence[Path]) -> Iterator[Broken]:
    """
    Where roles of this library are handed to a service that surely does not get in.

    Args:
        app: the construct that was synthesized.
        templates: the files.
    """
    ours, paths = None, None
    for folder in sorted({template.parent for template in templates}) if _MADE else ():
        # The CDK gives no files of nested stacks. One that an earlier synthesis has left has no role of this one.
        files = [*(one for one in templates if one.parent == folder), *sorted(folder.glob(_NESTED))]
        texts = {one: one.read_text("utf-8") for one in dict.fromkeys(files)}
        users = [one for one, text in texts.items() if _HANDED.search(text)]
        exporting = {one: json.loads(text) for one, text in texts.items() if users and _EXPORT in text}
        exports = dict(_exports(exporting))
        for template in users:
            for logical_id, handed, why in _in_template(template, json.loads(texts[template]), exports):
                ours = _ours(app) if ours is None else ours
                path = ours.get((handed.template.resolve(), handed.logical_id))
                if path is not None:
                    paths = _paths(app) if paths is None else paths
                    user = paths.get((template.resolve(), logical_id), logical_id)
                    yield Broken(template, logical_id, user, f"{user} is handed {path}, {why}", _USABLE)


def _ours(app: IConstruct) -> dict[tuple[Path | None, str], str]:
    """The paths of the roles of an app that this library has made, by template and logical id."""
    found = {}
    for stack, roles in list(_MADE.items()):
        stage = stacks.stage_of(stack)
        if stage is not None and stacks.root_of(stage) is app.node.root:
            for role in roles:
                made = role.node.default_child
                if isinstance(made, cdk.CfnResource):
                    found[_file_of(stack), str(stack.resolve(made.logical_id))] = role.node.path
    return found


def _file_of(stack: cdk.Stack) -> Path | None:
    stage = stacks.stage_of(stack)
    return None if stage is None else (Path(stage.outdir) / stack.template_file).resolve()


def _paths(app: IConstruct) -> dict[tuple[Path | None, str], str]:
    """Likewise, of all resources of an app that may be handed a role."""
    found = {}
    for one in app.node.find_all():
        # What only has a type by its argument is asked too.
        if isinstance(one, cdk.CfnResource) and one.cfn_resource_type in (*_PLACES, _ATTACHMENT):
            stack = stacks.stack_of(one)
            found[_file_of(stack), str(stack.resolve(one.logical_id))] = one.node.path
    return found


def _exports(read: Mapping[Path, Any]) -> Iterator[tuple[str, _Role]]:
    """What templates export of roles, by name."""
    for template, written in read.items():
        for one in written.get("Outputs", {}).values():
            name = one.get("Export", {}).get("Name")
            if isinstance(name, str) and (role := _referred(one.get("Value"), template, written)) is not None:
                yield name, role


def _in_template(
    template: Path, written: Mapping[str, Any], exports: Mapping[str, _Role]
) -> Iterator[tuple[str, _Role, str]]:
    resources = written.get("Resources", {})
    for logical_id, one in resources.items():
        for place in _PLACES.get(one.get("Type"), ()):
            user = _User(one["Type"], one.get("Properties", {}), resources)
            for value in _at(user.properties, place.steps):
                imported = value.get("Fn::ImportValue") if isinstance(value, Mapping) else None
                role = exports.get(imported) if isinstance(imported, str) else _referred(value, template, written)
                if role is not None and (why := _why(role, user, place.service)):
                    yield logical_id, role, why
        if one.get("Type") == _ATTACHMENT:
            user = _User(_ATTACHMENT, one.get("Properties", {}), resources)
            for kind in ("authenticated", "unauthenticated"):
                for value in _at(user.properties, ("Roles", kind)):
                    role = _referred(value, template, written)
                    if role is not None and (why := _why_not_of_pool(role, user, kind)):
                        yield logical_id, role, why


def _at(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    """The values at a place."""
    if not steps:
        yield value
    elif steps[0] == "*":
        for one in value if isinstance(value, list) else ():
            yield from _at(one, steps[1:])
    elif isinstance(value, Mapping) and steps[0] in value:
        yield from _at(value[steps[0]], steps[1:])


def _referred(value: Any, template: Path, written: Mapping[str, Any]) -> _Role | None:
    """The role of a template that a value of it means, by its name or its ARN."""
    if not isinstance(value, Mapping):
        return None
    named = value.get("Fn::GetAtt")
    logical_id = named[0] if isinstance(named, list) and named[1:] == ["Arn"] else value.get("Ref")
    found = written.get("Resources", {}).get(logical_id) if isinstance(logical_id, str) else None
    if found is None or found.get("Type") != _ROLE:
        return None
    return _Role(template, str(logical_id), found.get("Properties", {}))


def _why(role: _Role, user: _User, service: str) -> str:
    """Why a service does not get into a role for a resource, in words; empty where it may."""
    statements = statements_of(role.properties.get("AssumeRolePolicyDocument"))
    if statements is None:
        return ""
    own = [one for one in statements if _is_about(one, "Service", service)]
    if not may_allow({"Statement": own}, Call(_ASSUME)):
        makes = _CONSTRUCTS.get(service, "ServiceRole")
        return f"which does not let {service} in: give it a role that does, as {makes} makes one"
    if not may_allow({"Statement": own}, Call(_ASSUME, None, _tags(user))):
        return (
            "which is for other pods: the namespace, the service account or the cluster of the association is none of "
            "those that it trusts"
        )
    for key, expected in _said_by_service(user):
        kept = [one for one in own if not _excludes(one, key, expected)]
        if not may_allow({"Statement": kept}, Call(_ASSUME)):
            return f"which lets {service} in for others only: the call has {expected} as {key}"
    return ""


def _tags(user: _User) -> tuple[KnownKey, ...]:
    """What EKS says by session tags of a pod."""
    if user.type_name != _ASSOCIATION:
        return ()
    tags = {
        "eks-cluster-name": "ClusterName",
        "kubernetes-namespace": "Namespace",
        "kubernetes-service-account": "ServiceAccount",
    }
    given = {tag: user.properties.get(name) for tag, name in tags.items()}
    return tuple(
        KnownKey(f"aws:RequestTag/{tag}", ((value,),)) for tag, value in given.items() if isinstance(value, str)
    )


def _said_by_service(user: _User) -> Iterator[tuple[str, str]]:
    """Keys that a service sends, and a pattern of what each is."""
    if user.type_name == _ASSOCIATION:
        name = user.properties.get("ClusterName")
        if isinstance(name, str):
            yield "aws:RequestTag/eks-cluster-arn", f"arn:*:eks:*:*:cluster/{name}"
    if user.type_name in _SOURCES:
        start, name, usual = _SOURCES[user.type_name]
        yield "aws:SourceArn", f"{start}{arn_pattern(user.properties.get(name, usual))}"


def _excludes(statement: Any, key: str, expected: str) -> bool:
    """Whether a statement demands another value of a key than a pattern has."""
    return any(
        not any(may_be_one(arn_pattern(one), expected) for one in values) for values in _demanded(statement, key)
    )


def _demanded(statement: Any, key: str) -> Iterator[list[Any]]:
    """The lists of which a key has to be one."""
    conditions = statement.get("Condition") if isinstance(statement, Mapping) else None
    for operator, keys in conditions.items() if isinstance(conditions, Mapping) else ():
        if str(operator).lower().removeprefix("foranyvalue:") in _NAMING and isinstance(keys, Mapping):
            yield from (_listed(values) for name, values in keys.items() if str(name).lower() == key.lower())


def _why_not_of_pool(role: _Role, user: _User, kind: str) -> str:
    """Why people of an identity pool do not get into a role, likewise."""
    statements = statements_of(role.properties.get("AssumeRolePolicyDocument"))
    if statements is None:
        return ""
    own = [one for one in statements if _is_about(one, "Federated", _COGNITO)]
    if not may_allow({"Statement": own}, Call(_BY_TOKEN)):
        return f"which does not let {_COGNITO} in: give it a role that does, as CognitoIdentityPoolRole makes one"
    # Who has signed in has more methods than this one.
    other = {"authenticated": "unauthenticated", "unauthenticated": "authenticated"}[kind]
    of_kind = [one for one in own if [other] not in _demanded(one, f"{_COGNITO}:amr")]
    if not may_allow({"Statement": of_kind}, Call(_BY_TOKEN)):
        return f"which is for {other} users: hand it over as their role"
    pool = user.properties.get("IdentityPoolId")
    of_pool = [one for one in of_kind if not _is_of_other(one, pool, user.resources)]
    if not may_allow({"Statement": of_pool}, Call(_BY_TOKEN)):
        return "which is for another identity pool"
    return ""


def _is_of_other(statement: Any, pool: Any, resources: Mapping[str, Any]) -> bool:
    """Whether a statement demands tokens of other pools than one."""
    return any(
        all(_are_two(one, pool, resources) for one in values) for values in _demanded(statement, f"{_COGNITO}:aud")
    )


def _are_two(one: Any, other: Any, resources: Mapping[str, Any]) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one != other and not any(mark in one for mark in "*?$")
    # Of two pools that the template makes, each has its own id.
    both = [value.get("Ref") if isinstance(value, Mapping) else None for value in (one, other)]
    return both[0] != both[1] and all(
        isinstance(name, str) and resources.get(name, {}).get("Type") == _POOL for name in both
    )


def _is_about(statement: Any, kind: str, asked: str) -> bool:
    """Whether a statement of a trust policy may be about a service or provider; what cannot be read may."""
    principal = statement.get("Principal") if isinstance(statement, Mapping) else None
    if not isinstance(principal, Mapping):
        return True
    listed = _listed(principal.get(kind, []))
    # What is not written out may be any, as an account or an ARN of somebody may not.
    return any(not isinstance(one, str) or _may_be(one, asked) for one in listed)


def _may_be(written: str, asked: str) -> bool:
    """Whether a principal is a service or provider, in whichever partition: some have other domains."""
    name = everywhere(written)
    is_elsewhere = not name.endswith(_SUFFIX) and name.startswith(f"{asked.removesuffix(_SUFFIX)}.")
    return name in (asked, "*") or is_elsewhere


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

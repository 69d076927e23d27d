"""
The roles that resources act with: whether a resource that was to act as one role acts as another.

One row for a type says which properties hand over roles, and by which call AWS tells the roles that are there. A type
that is handed a role and has no row is said not to be compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from trustproof.live.references import in_answer
from trustproof.live.settings import Setting
from trustproof.sandbox.cloudformation.errors import RefusedRequest

#: What holds a role, or the profile of an instance, and what of names and properties does under other names.
_ROLE = re.compile(
    r"role(arns?|name)?s?$|^(authorizer)?credentials$|^deliverlogspermissionarn$|^iaminstanceprofile$|^iamrolearn$",
    re.IGNORECASE,
)
#: Properties of other types that hold what people write.
_WRITTEN = frozenset(("Body", "Definition", "DefinitionString", "Environment", "Parameters", "Tags"))
#: Types whose properties are for a function, and those that are compared as identities are.
_NOT_HANDED = ("Custom::", "AWS::CloudFormation::CustomResource", "AWS::IAM::", "AWS::RolesAnywhere::", "AWS::SSO::")
_ARN = re.compile(r"arn:[^:]+:iam::(?P<account>[0-9]{12}):(?:role|instance-profile)/(?P<name>\S+)", re.ASCII)
#: What tells the items of a list apart.
_LABELS = ("Id", "Name", "id", "name")
#: Roles that are AWS's own: nobody hands over another one in their place.
_LINKED = "/aws-service-role/"
_NONE = "none"


class Row(NamedTuple):
    """
    The call that tells with which roles a resource acts.
    """

    #: The properties that hand over roles.
    properties: tuple[str, ...]
    #: Whether AWS is asked only where the template hands over a role.
    said: bool
    #: As boto3 calls it.
    service: str
    operation: str
    #: `Name=value` of each parameter, and `Name[]=value` of a list of one; one without a value is left out.
    parameters: tuple[str, ...]
    #: Where the roles stand in the answer.
    place: str


def _rows(table: str) -> dict[str, Row]:
    """
    The rows of a table: type, properties, service and operation, parameters, place.

    A `?` before the properties: AWS is asked only where the template has one of them.
    """
    found = {}
    words = table.split()
    for begin in range(0, len(words), 5):
        type_name, properties, call, parameters, place = words[begin : begin + 5]
        service, _, operation = call.partition(".")
        names = tuple(properties.removeprefix("?").split(","))
        given = () if parameters == "-" else tuple(parameters.split(","))
        found[f"AWS::{type_name}"] = Row(names, properties.startswith("?"), service, operation, given, place)
    return found


#: `{id}` is the physical id, `{last}` its last part, `{id0}` the first; the rest are properties.
ROWS = _rows(
    """
    ApiGateway::Account ?CloudWatchRoleArn apigateway.GetAccount - cloudwatchRoleArn
    ApiGateway::Authorizer ?AuthorizerCredentials apigateway.GetAuthorizer restApiId={RestApiId},authorizerId={id} @
    ApiGateway::Method ?Integration apigateway.GetMethod
        restApiId={RestApiId},resourceId={ResourceId},httpMethod={HttpMethod} methodIntegration
    AppRunner::Service AuthenticationConfiguration,InstanceConfiguration,SourceConfiguration apprunner.DescribeService
        ServiceArn={id} Service
    AppSync::DataSource ServiceRoleArn appsync.GetDataSource apiId={ApiId},name={Name} dataSource.serviceRoleArn
    Backup::BackupSelection BackupSelection backup.GetBackupSelection
        BackupPlanId={BackupPlanId},SelectionId={id0} BackupSelection
    Batch::ComputeEnvironment ?ServiceRole batch.DescribeComputeEnvironments
        computeEnvironments[]={id} computeEnvironments[0].serviceRole
    Batch::JobDefinition ContainerProperties batch.DescribeJobDefinitions
        jobDefinitions[]={id} jobDefinitions[0].containerProperties
    Bedrock::Agent AgentResourceRoleArn bedrock-agent.GetAgent agentId={id} agent.agentResourceRoleArn
    CloudFormation::StackSet ?AdministrationRoleARN cloudformation.DescribeStackSet
        StackSetName={id},CallAs={CallAs} StackSet.AdministrationRoleARN
    CloudTrail::Trail CloudWatchLogsRoleArn cloudtrail.GetTrail Name={id} Trail.CloudWatchLogsRoleArn
    CodeBuild::Project ServiceRole codebuild.BatchGetProjects names[]={id} projects[0].serviceRole
    CodeDeploy::DeploymentGroup ServiceRoleArn codedeploy.GetDeploymentGroup
        applicationName={ApplicationName},deploymentGroupName={id} deploymentGroupInfo.serviceRoleArn
    CodePipeline::Pipeline RoleArn,Stages codepipeline.GetPipeline name={id} pipeline
    Cognito::IdentityPoolRoleAttachment Roles,RoleMappings cognito-identity.GetIdentityPoolRoles
        IdentityPoolId={IdentityPoolId} @
    Cognito::UserPoolGroup RoleArn cognito-idp.GetGroup UserPoolId={UserPoolId},GroupName={id} Group
    Config::ConfigurationRecorder RoleARN config.DescribeConfigurationRecorders
        ConfigurationRecorderNames[]={id} ConfigurationRecorders[0].roleARN
    DAX::Cluster IAMRoleARN dax.DescribeClusters ClusterNames[]={id} Clusters[0].IamRoleArn
    EC2::FlowLog DeliverLogsPermissionArn ec2.DescribeFlowLogs
        FlowLogIds[]={id} FlowLogs[0].DeliverLogsPermissionArn
    EC2::Instance IamInstanceProfile ec2.DescribeInstances InstanceIds[]={id} Reservations[0].Instances[0]
    EC2::LaunchTemplate LaunchTemplateData ec2.DescribeLaunchTemplateVersions
        LaunchTemplateId={id},Versions[]=$Latest LaunchTemplateVersions[0].LaunchTemplateData
    ECS::TaskDefinition ExecutionRoleArn,TaskRoleArn ecs.DescribeTaskDefinition taskDefinition={id} taskDefinition
    EKS::Cluster RoleArn eks.DescribeCluster name={id} cluster.roleArn
    EKS::FargateProfile PodExecutionRoleArn eks.DescribeFargateProfile
        clusterName={ClusterName},fargateProfileName={last} fargateProfile.podExecutionRoleArn
    EKS::Nodegroup NodeRole eks.DescribeNodegroup clusterName={ClusterName},nodegroupName={last} nodegroup.nodeRole
    EKS::PodIdentityAssociation RoleArn,TargetRoleArn eks.DescribePodIdentityAssociation
        clusterName={ClusterName},associationId={last} association
    Events::Rule Targets events.ListTargetsByRule Rule={last},EventBusName={EventBusName} @
    Glue::Crawler Role glue.GetCrawler Name={id} Crawler.Role
    Glue::Job Role glue.GetJob JobName={id} Job.Role
    IoT::RoleAlias RoleArn iot.DescribeRoleAlias roleAlias={id} roleAliasDescription.roleArn
    IoT::TopicRule TopicRulePayload iot.GetTopicRule ruleName={id} rule
    KinesisAnalyticsV2::Application ServiceExecutionRole kinesisanalyticsv2.DescribeApplication
        ApplicationName={id} ApplicationDetail.ServiceExecutionRole
    Lambda::Function Role lambda.GetFunctionConfiguration FunctionName={id} Role
    Logs::SubscriptionFilter RoleArn logs.DescribeSubscriptionFilters
        logGroupName={LogGroupName},filterNamePrefix={id} subscriptionFilters[0].roleArn
    MWAA::Environment ExecutionRoleArn mwaa.GetEnvironment Name={id} Environment.ExecutionRoleArn
    Pipes::Pipe RoleArn pipes.DescribePipe Name={id} RoleArn
    RDS::DBInstance ?MonitoringRoleArn rds.DescribeDBInstances
        DBInstanceIdentifier={id} DBInstances[0].MonitoringRoleArn
    RDS::DBProxy RoleArn rds.DescribeDBProxies DBProxyName={id} DBProxies[0].RoleArn
    Redshift::Cluster ?IamRoles redshift.DescribeClusters ClusterIdentifier={id} Clusters[0].IamRoles
    S3::Bucket ?ReplicationConfiguration s3.GetBucketReplication Bucket={id} ReplicationConfiguration
    SageMaker::Model ExecutionRoleArn sagemaker.DescribeModel ModelName={last} ExecutionRoleArn
    SageMaker::NotebookInstance RoleArn sagemaker.DescribeNotebookInstance NotebookInstanceName={last} RoleArn
    Scheduler::Schedule Target scheduler.GetSchedule Name={id},GroupName={GroupName} Target
    StepFunctions::StateMachine RoleArn stepfunctions.DescribeStateMachine stateMachineArn={id} roleArn
    Synthetics::Canary ExecutionRoleArn synthetics.GetCanary Name={id} Canary.ExecutionRoleArn
    Transfer::Server ?LoggingRole transfer.DescribeServer ServerId={last} Server.LoggingRole
    Transfer::User Role transfer.DescribeUser ServerId={ServerId},UserName={last} User.Role
    """
)


def hands_over(type_name: str, properties: Mapping[str, Any]) -> bool:
    """
    Whether a resource may be one that acts with a role.

    Args:
        type_name: `AWS::Lambda::Function`.
        properties: as the template has them.
    """
    if type_name.startswith(_NOT_HANDED):
        return False
    row = ROWS.get(type_name)
    return bool(_handing(row, properties)) if row is None or row.said else True


def setting_of(
    type_name: str,
    physical_id: str,
    given: Mapping[str, Any],
    resolve: Callable[[Any], Any],
    account: str,
    region: str,
) -> Setting | None:
    """
    The roles that a resource is to act with.

    Args:
        type_name: of which `hands_over` is true.
        physical_id: of the resource.
        given: its properties, as the template has them.
        resolve: a value of the template with its functions evaluated; of nothing else any is asked for.
        account: where the resource is.
        region: likewise.

    Returns:
        None where it is handed no role.

    Raises:
        RefusedRequest: which roles they are is not known, or the type has no row.
    """
    row = ROWS.get(type_name)
    wanted = _shown(resolve(_pruned({name: given[name] for name in _handing(row, given)})), account)
    if row is None:
        if wanted:
            roles = ", ".join(sorted(set(wanted.values())))
            raise RefusedRequest(f"the role of a resource of type {type_name} is not compared ({roles})")
        return None
    parameters: dict[str, Any] = {}
    parts = {f"id{number}": part for number, part in enumerate(re.split(r"[|_]", physical_id))}
    known = {"id": physical_id, "last": re.split(r"[|/]", physical_id)[-1], **parts}
    for one in row.parameters:
        name, _, template = one.partition("=")
        value = template
        for variable in re.findall(r"\{(\w+)\}", template):
            found = known.get(variable) or resolve({variable: given.get(variable)}).get(variable)
            value = value.replace(f"{{{variable}}}", "" if found is None else str(found))
        if value:
            parameters[name.removesuffix("[]")] = [value] if name.endswith("[]") else value
    return Setting(
        f"{type_name.rpartition('::')[2]} {known['last']}",
        wanted,
        (row.service, row.operation, parameters, region),
        _reader(row, wanted, account),
    )


def _handing(row: Row | None, given: Mapping[str, Any]) -> list[str]:
    """The properties that may hand over a role."""
    if row is not None:
        return [name for name in row.properties if name in given]
    return [name for name in given if name not in _WRITTEN and _mentions({name: given[name]})]


def _mentions(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_ROLE.search(str(name)) or _mentions(one) for name, one in value.items())
    return isinstance(value, list) and any(_mentions(one) for one in value)


def _pruned(value: Any) -> Any:
    """What of a property hands over roles: the rest need not be known."""
    if isinstance(value, Mapping) and not any(str(name) == "Ref" or str(name).startswith("Fn::") for name in value):
        return {
            name: one if _ROLE.search(str(name)) or name in _LABELS else _pruned(one)
            for name, one in value.items()
            if _ROLE.search(str(name)) or _mentions(one) or name in _LABELS
        }
    return [_pruned(one) for one in value] if isinstance(value, list) else value


def _reader(row: Row, wanted: dict[str, str], account: str) -> Callable[[Mapping[str, Any]], Mapping[str, str]]:
    def read(answer: Mapping[str, Any]) -> Mapping[str, str]:
        there = in_answer(answer, row.place)
        if not isinstance(there, Mapping):
            # A role by itself, or a list of some.
            there = {row.properties[0]: there}
        found = _by_places(_shown(there, account), wanted)
        if set(wanted) - set(found):
            rest = sorted(set(found.values()) - set(wanted.values()))
            found |= dict.fromkeys(set(wanted) - set(found), ", ".join(rest) or _NONE)
        for name in sorted(set(found) - set(wanted)):
            # Nothing was to act with a role there.
            wanted.setdefault(name, _NONE)
        return found

    return read


def _by_places(found: dict[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """
    The roles that are there, by the places that the template calls them by.

    AWS leaves out the name of a property that holds them all, and calls items of lists otherwise. What is left of the
    place tells two roles apart that may have changed places; where nothing does, they are a set.
    """
    for alike in (_inside, _numbers_and_name):
        here = _unique(alike, (one for one in wanted if one not in found))
        there = _unique(_whole if alike is _inside else alike, (one for one in found if one not in wanted))
        names = {place: here[key] for key, place in there.items() if key in here}
        found = {names.get(place, place): role for place, role in found.items()}
    here_only = [one for one in wanted if one not in found]
    there_only = [one for one in found if one not in wanted]
    if sorted(wanted[one] for one in here_only) != sorted(found[one] for one in there_only):
        return found
    return {place: role for place, role in found.items() if place in wanted} | {one: wanted[one] for one in here_only}


def _unique(alike: Callable[[str], str], places: Iterable[str]) -> dict[str, str]:
    """The places by what they have in common with others; without those that are not alone in that."""
    listed = [(alike(place), place) for place in places]
    keys = [key for key, _ in listed]
    return {key: place for key, place in listed if keys.count(key) == 1}


def _whole(place: str) -> str:
    return place


def _inside(place: str) -> str:
    return place.partition("/")[2]


def _numbers_and_name(place: str) -> str:
    steps = place.split("/")
    return "/".join([*(one for one in steps[:-1] if one.isdigit()), steps[-1]])


def _shown(value: Any, account: str) -> dict[str, str]:
    """Every role by where it stands, in words: its name, and the account where that is another one."""
    found: dict[str, str] = {}
    for place, role in _roles(value, ""):
        if _LINKED in role:
            continue
        match = _ARN.fullmatch(role)
        name = role if match is None else match["name"]
        whose = "" if match is None or match["account"] == account else f" of {match['account']}"
        found[place] = name.rpartition("/")[2] + whose
    return found


def _roles(value: Any, place: str, *, named: bool = False) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            whole = f"{place}/{name}".lower().lstrip("/")
            if named and str(name).lower() in ("id", "type"):
                # Of the association of a profile with an instance.
                continue
            yield from _roles(one, whole, named=named or bool(_ROLE.search(str(name))))
    elif isinstance(value, (list, tuple)):
        for number, one in enumerate(value):
            label = next((one[key] for key in _LABELS if key in one), number) if isinstance(one, Mapping) else number
            yield from _roles(one, f"{place}/{label}".lower(), named=named)
    elif isinstance(value, str) and value and named and not value.startswith("${"):
        yield place, value

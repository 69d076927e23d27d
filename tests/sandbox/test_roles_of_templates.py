"""
The roles that resources of templates hand over: whoever deploys may pass them, and they let the service in.
"""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest

from tests.sandbox.cast import HOME, OTHER, Cast, allow, root, trust
from trustproof.aws.handed_roles import HANDED
from trustproof.aws.known_services import is_known_service

DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
CODE = {"ZipFile": "def a(b, c): pass"}
#: Type to its properties, with a role in one place; what moto makes of the rest does not matter.
LOGIN = {"MasterUsername": "a", "MasterUserPassword": "longer-than-8"}
RESOURCES: dict[str, Any] = {
    "AWS::ApiGateway::Account": lambda role: {"CloudWatchRoleArn": role},
    "AWS::ApiGateway::Authorizer": lambda role: {"RestApiId": "a", "Name": "a", "AuthorizerCredentials": role},
    "AWS::ApiGateway::Method": lambda role: {
        "RestApiId": "a",
        "ResourceId": "r",
        "HttpMethod": "GET",
        "Integration": {"Type": "AWS", "Credentials": role},
    },
    "AWS::ApiGatewayV2::Authorizer": lambda role: {"ApiId": "a", "Name": "a", "AuthorizerCredentialsArn": role},
    "AWS::ApiGatewayV2::Integration": lambda role: {"ApiId": "a", "IntegrationType": "AWS", "CredentialsArn": role},
    "AWS::AutoScaling::AutoScalingGroup": lambda role: {"LifecycleHookSpecificationList": [{"RoleARN": role}]},
    "AWS::AutoScaling::LaunchConfiguration": lambda role: {"IamInstanceProfile": role},
    "AWS::Batch::ComputeEnvironment": lambda role: {"ServiceRole": role},
    "AWS::Batch::JobDefinition": lambda role: {"ContainerProperties": {"JobRoleArn": role}},
    "AWS::CodeBuild::Project": lambda role: {"Source": {}, "Environment": {}, "Artifacts": {}, "ServiceRole": role},
    "AWS::Cognito::UserPool": lambda role: {"SmsConfiguration": {"SnsCallerArn": role}},
    "AWS::EC2::FlowLog": lambda role: {"DeliverLogsPermissionArn": role},
    "AWS::EC2::Instance": lambda role: {"IamInstanceProfile": role},
    "AWS::EC2::SpotFleet": lambda role: {"SpotFleetRequestConfigData": {"IamFleetRole": role}},
    "AWS::ECS::Service": lambda role: {"Role": role},
    "AWS::ECS::TaskDefinition": lambda role: {"Family": "f", "TaskRoleArn": role, "ContainerDefinitions": []},
    "AWS::EFS::FileSystem": lambda role: {"ReplicationConfiguration": {"ReplicationDestinations": [{"RoleArn": role}]}},
    "AWS::EMR::Cluster": lambda role: {"ServiceRole": role.rpartition("/")[2]},
    "AWS::Events::Rule": lambda role: {
        "EventPattern": {"source": ["a"]},
        "Targets": [{"Id": "a", "Arn": f"arn:aws:states:eu-central-1:{HOME}:stateMachine:m", "RoleArn": role}],
    },
    "AWS::IoT::JobTemplate": lambda role: {"PresignedUrlConfig": {"RoleArn": role}},
    "AWS::IoT::RoleAlias": lambda role: {"RoleAlias": "a", "RoleArn": role},
    "AWS::Lambda::Function": lambda role: {"Runtime": "python3.13", "Handler": "i.a", "Role": role, "Code": CODE},
    "AWS::Logs::SubscriptionFilter": lambda role: {
        "LogGroupName": "g",
        "FilterPattern": "",
        "DestinationArn": f"arn:aws:kinesis:eu-central-1:{HOME}:stream/s",
        "RoleArn": role,
    },
    "AWS::Glue::Crawler": lambda role: {"Role": role, "Targets": {"S3Targets": [{"Path": "s3://b/p"}]}},
    "AWS::Glue::Job": lambda role: {"Role": role, "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/k"}},
    "AWS::RDS::DBCluster": lambda role: {"Engine": "aurora-mysql", "MonitoringRoleArn": role, **LOGIN},
    "AWS::RDS::DBInstance": lambda role: {"MonitoringRoleArn": role},
    "AWS::Redshift::Cluster": lambda role: {"IamRoles": [role]},
    "AWS::S3::Bucket": lambda role: {"ReplicationConfiguration": {"Role": role, "Rules": []}},
    "AWS::SNS::Topic": lambda role: {"DeliveryStatusLogging": [{"Protocol": "sqs", "SuccessFeedbackRoleArn": role}]},
    "AWS::SageMaker::EndpointConfig": lambda role: {"ExecutionRoleArn": role},
    "AWS::SageMaker::Model": lambda role: {"ExecutionRoleArn": role},
    "AWS::SageMaker::NotebookInstance": lambda role: {"RoleArn": role},
    "AWS::Scheduler::Schedule": lambda role: {"Target": {"Arn": f"arn:aws:sqs:::{HOME}", "RoleArn": role}},
    "AWS::StepFunctions::StateMachine": lambda role: {"DefinitionString": DEFINITION, "RoleArn": role},
}
#: Those of which moto makes the resource with these properties.
MADE = ("AWS::ECS::TaskDefinition", "AWS::Events::Rule", "AWS::Lambda::Function", "AWS::StepFunctions::StateMachine")
_numbers = count()


def deployed(cast: Cast, kind: str, properties: dict[str, Any], *, passes: bool) -> tuple[str, str]:
    """The status of a stack with one resource, and why it is not made, as somebody who may pass roles or not."""
    may = [allow("*")] if passes else [allow("*"), {**allow("iam:PassRole"), "Effect": "Deny"}]
    client = cast.aws.client("cloudformation", cast.user(*may))
    name = f"hands{next(_numbers)}"
    template = {"Resources": {"R": {"Type": kind, "Properties": properties}}}
    client.create_stack(StackName=name, TemplateBody=json.dumps(template))
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    reasons = [one["ResourceStatusReason"] for one in events if one["ResourceStatus"] == "CREATE_FAILED"]
    return str(client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]), " ".join(reasons)


def test_the_table_has_every_type() -> None:
    """There is a resource for each type that is handed a role, and each service is one."""
    assert set(RESOURCES) == set(HANDED)
    assert all(is_known_service(one.service) for rows in HANDED.values() for one in rows)


@pytest.mark.parametrize("kind", sorted(HANDED))
def test_whoever_deploys_passes_the_role(cast: Cast, kind: str) -> None:
    """A resource with a role is made by nobody who may not pass it; it is let in where the role trusts the service."""
    row = HANDED[kind][-1 if HANDED[kind][0].property not in str(RESOURCES[kind]("r")) else 0]
    role = cast.role(trust({"Service": row.service}))
    given = role
    if row.profile:
        given = role.rpartition("/")[2]
        cast.iam().create_instance_profile(InstanceProfileName=given)
        cast.iam().add_role_to_instance_profile(InstanceProfileName=given, RoleName=given)
    status, reason = deployed(cast, kind, RESOURCES[kind](given), passes=False)
    assert (status, "iam:PassRole" in reason, role in reason) == ("ROLLBACK_COMPLETE", True, True), reason
    status, reason = deployed(cast, kind, RESOURCES[kind](given), passes=True)
    assert "iam:PassRole" not in reason
    assert "sts:AssumeRole" not in reason
    if kind in MADE:
        assert (status, reason) == ("CREATE_COMPLETE", "")


@pytest.mark.parametrize("kind", sorted(kind for kind, rows in HANDED.items() if not rows[0].profile))
def test_the_role_lets_the_service_in(cast: Cast, kind: str) -> None:
    """A role that trusts another service, or nobody of AWS, is handed to none."""
    other = "glue" if "lambda" in HANDED[kind][0].service else "lambda"
    for principal in ({"Service": f"{other}.amazonaws.com"}, root(HOME)):
        status, reason = deployed(cast, kind, RESOURCES[kind](cast.role(trust(principal))), passes=True)
        assert status == "ROLLBACK_COMPLETE"
        assert any(one in reason for one in ("assume", "is authorized to")), reason


FLOW_LOG = f"arn:aws:ec2:eu-central-1:{HOME}:vpc-flow-log/"


@pytest.mark.parametrize(
    ("condition", "let_in"),
    [
        ({"StringEquals": {"aws:SourceAccount": HOME}, "ArnLike": {"aws:SourceArn": f"{FLOW_LOG}*"}}, True),
        ({"StringEquals": {"aws:SourceAccount": OTHER}}, False),
        ({"ArnLike": {"aws:SourceArn": f"{FLOW_LOG}*".replace(HOME, OTHER)}}, False),
        ({"ArnEquals": {"aws:SourceArn": f"{FLOW_LOG}fl-0123456789abcdef0"}}, False),
        ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, False),
    ],
)
def test_a_role_for_the_flow_logs_of_one_account(cast: Cast, condition: dict[str, Any], let_in: bool) -> None:
    """Flow logs come from the account of the stack, and no role trusts one before it is made."""
    role = cast.role(trust({"Service": "vpc-flow-logs.amazonaws.com"}, Condition=condition))
    _, reason = deployed(cast, "AWS::EC2::FlowLog", {"DeliverLogsPermissionArn": role}, passes=True)
    assert ("sts:AssumeRole" in reason or "may not assume" in reason) is not let_in, reason


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::RDS::DBInstance", lambda role: {"DomainIAMRoleName": role.rpartition("/")[2]}),
        ("AWS::EC2::FlowLog", lambda role: {"DeliverCrossAccountRole": role}),
    ],
)
def test_a_role_for_nobody_knows_whom(cast: Cast, kind: str, properties: Any) -> None:
    """Where it is not known to whom a property hands a role, nothing is made with it, whomever the role trusts."""
    role = cast.role(trust({"Service": ["rds.amazonaws.com", "vpc-flow-logs.amazonaws.com"]}))
    status, reason = deployed(cast, kind, properties(role), passes=True)
    assert (status, "is not known here" in reason, role in reason) == ("ROLLBACK_COMPLETE", True, True), reason


def test_a_role_that_is_not_kept(cast: Cast) -> None:
    """A database has no roles here: none is made as if it had."""
    role = cast.role(trust({"Service": "rds.amazonaws.com"}))
    given = {"AssociatedRoles": [{"RoleArn": role, "FeatureName": "s3Import"}]}
    status, reason = deployed(cast, "AWS::RDS::DBInstance", given, passes=True)
    assert (status, "AssociatedRoles" in reason) == ("ROLLBACK_COMPLETE", True), reason


def test_a_role_that_a_program_reads(cast: Cast) -> None:
    """What is told to a program is handed to no service, though it is the name of a role."""
    own, other = cast.role(trust({"Service": "lambda.amazonaws.com"})), cast.role(trust(root(HOME)))
    told = {"Environment": {"Variables": {"RoleArn": other}}, **RESOURCES["AWS::Lambda::Function"](own)}
    assert deployed(cast, "AWS::Lambda::Function", told, passes=True)[0] == "CREATE_COMPLETE"


def test_a_role_that_is_only_looked_for(cast: Cast) -> None:
    """A rule whose pattern names a role is handed none."""
    role = cast.role(trust(root(HOME)))
    pattern = {"detail": {"requestParameters": {"roleArn": [role], "RoleArn": [role]}}}
    assert deployed(cast, "AWS::Events::Rule", {"EventPattern": pattern}, passes=False) == ("CREATE_COMPLETE", "")

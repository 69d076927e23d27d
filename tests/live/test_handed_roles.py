"""
The roles that resources act with: each way of asking for them, held to AWS's models, and what is made of the answers.
"""

from __future__ import annotations

import json
import re
from typing import Any

import botocore.loaders
import pytest
from botocore.model import ServiceModel, Shape

from tests.live.test_besides_policies import HOME, OTHER, found, resource
from trustproof.live.role_calls import ROWS, Row

A, B = (f"arn:aws:iam::{HOME}:role/team/{name}" for name in ("a", "b"))
ELSEWHERE = f"arn:aws:iam::{OTHER}:role/a"
LINKED = f"arn:aws:iam::{HOME}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"


@pytest.mark.parametrize("row", [row for rows in ROWS.values() for row in rows], ids=lambda row: str(row.operation))
def test_a_row_is_an_operation_of_aws(row: Row) -> None:
    """Service, operation, parameters and the place of the answer are there, and something in it can hold a role."""
    model = ServiceModel(botocore.loaders.Loader().load_service_model(row.service, "service-2"), row.service)
    operation = model.operation_model(row.operation)
    members = {} if operation.input_shape is None else operation.input_shape.members
    for parameter in row.parameters:
        name = parameter.partition("=")[0]
        assert members[name.removesuffix("[]")].type_name == ("list" if name.endswith("[]") else "string")
    required = [] if operation.input_shape is None else operation.input_shape.required_members
    assert set(required) <= {one.partition("=")[0].removesuffix("[]") for one in row.parameters}
    assert operation.output_shape is not None
    place: Shape = operation.output_shape
    for step in () if row.place == "@" else row.place.replace("[0]", ".0").split("."):
        place = place.member if step == "0" else place.members[step]
    assert _holds_text(place, set())


def _holds_text(shape: Shape, seen: set[str]) -> bool:
    if shape.name in seen:
        return False
    inner = [*getattr(shape, "members", {}).values()] if shape.type_name == "structure" else []
    inner += [shape.member] if shape.type_name == "list" else [shape.value] if shape.type_name == "map" else []
    return shape.type_name == "string" or any(_holds_text(one, {*seen, shape.name}) for one in inner)


FUNCTION = resource("Lambda::Function", Role=A)
TASK = resource("ECS::TaskDefinition", TaskRoleArn=A, ExecutionRoleArn=B)
RULE = resource("Events::Rule", Targets=[{"Id": "x", "Arn": "q", "RoleArn": A}, {"Id": "y", "Arn": "q", "RoleArn": B}])
BUCKET = resource("S3::Bucket", ReplicationConfiguration={"Role": A, "Rules": []})


def targets(**roles: str) -> dict[str, Any]:
    there = [{"Id": name, "RoleArn": role} for name, role in roles.items()]
    return {"DescribeRule": {"Name": "R"}, "ListTargetsByRule": {"Targets": there}}


def described(operation: str, list_name: str, **there: Any) -> dict[str, Any]:
    return {operation: {list_name: [there]}}


def replicated(role: str | None) -> dict[str, Any]:
    return {
        "GetBucketPolicy": "NoSuchBucketPolicy",
        "GetBucketOwnershipControls": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
        "GetPublicAccessBlock": "AccessDenied",
        "GetBucketReplication": {"ReplicationConfiguration": {"Role": role}}
        if role
        else "ReplicationConfigurationNotFoundError",
    }


PROFILE = f"arn:aws:iam::{HOME}:instance-profile/p"
FOR_IMPORT = {"FeatureName": "s3Import", "RoleArn": A, "Status": "ACTIVE"}
OTHER_ROLE = FOR_IMPORT | {"RoleArn": B}
DATABASE = resource("RDS::DBInstance", AssociatedRoles=[{"FeatureName": "s3Import", "RoleArn": A}])
IAM_ROLES = resource("Redshift::Cluster", IamRoles=[A, B])
#: What a template calls by a name of its own AWS calls by that of the provider.
POOL = resource(
    "Cognito::IdentityPoolRoleAttachment",
    IdentityPoolId="i",
    Roles={"authenticated": A, "unauthenticated": B},
    RoleMappings={
        "own": {"IdentityProvider": "p", "RulesConfiguration": {"Rules": [{"Claim": "c", "RoleARN": A}]}},
    },
)
TOPIC_RULE = resource(
    "IoT::TopicRule", TopicRulePayload={"Sql": "", "Actions": [{"S3": {"RoleArn": A}}, {"S3": {"RoleArn": B}}]}
)


FILTER = resource("Logs::SubscriptionFilter", LogGroupName="l", RoleArn=A)


def filters(**roles: str) -> dict[str, Any]:
    """Those of a log group whose names begin alike."""
    there = [{"filterName": name, "logGroupName": "l", "roleArn": role} for name, role in roles.items()]
    return {"DescribeSubscriptionFilters": {"subscriptionFilters": there}}


def clusters(*roles: str) -> dict[str, Any]:
    there = {
        "ClusterNamespaceArn": "arn:x",
        "IamRoles": [{"IamRoleArn": role, "ApplyStatus": "in-sync"} for role in roles],
    }
    return {"GetResourcePolicy": "ResourceNotFoundFault", "DescribeClusters": {"Clusters": [there]}}


def pool(authenticated: str, unauthenticated: str, by_rule: str) -> dict[str, Any]:
    roles = {"authenticated": authenticated, "unauthenticated": unauthenticated}
    rules = {"p": {"Type": "Rules", "RulesConfiguration": {"Rules": [{"Claim": "c", "RoleARN": by_rule}]}}}
    return {"GetIdentityPoolRoles": {"Roles": roles, "RoleMappings": rules}}


def topic_rule(*roles: str) -> dict[str, Any]:
    return {"GetTopicRule": {"rule": {"sql": "", "actions": [{"s3": {"roleArn": role}} for role in roles]}}}


@pytest.mark.parametrize(
    ("made", "answers", "verdict"),
    [
        (FUNCTION, {"GetFunctionConfiguration": {"Role": A}}, "same"),
        (FUNCTION, {"GetFunctionConfiguration": {"Role": B}}, "differs"),
        (FILTER, filters(R=A, Rest=B), "same"),
        (FILTER, filters(Rest=B, R=A), "same"),
        (FILTER, filters(Rest=A, R=B), "differs"),
        (FILTER, filters(Rest=A), "differs"),
        (resource("Logs::SubscriptionFilter", LogGroupName="l"), filters(Rest=A), ""),
        (FUNCTION, {"GetFunctionConfiguration": {"Role": ELSEWHERE}}, "differs"),
        (FUNCTION, {"GetFunctionConfiguration": "AccessDeniedException"}, "unknown"),
        (resource("Lambda::Function", Role={"Ref": "NoSuchResource"}), {}, "unknown"),
        (TASK, {"DescribeTaskDefinition": {"taskDefinition": {"taskRoleArn": A, "executionRoleArn": B}}}, "same"),
        (TASK, {"DescribeTaskDefinition": {"taskDefinition": {"taskRoleArn": B, "executionRoleArn": A}}}, "differs"),
        (TASK, {"DescribeTaskDefinition": {"taskDefinition": {"taskRoleArn": A}}}, "differs"),
        (RULE, targets(x=A, y=B), "same"),
        (RULE, targets(x=B, y=A), "differs"),
        (RULE, targets(x=A, y=B, z=A), "differs"),
        (resource("Events::Rule", Targets=[{"Id": "x", "Arn": "q"}]), targets(x=B), "differs"),
        (BUCKET, replicated(A), "same"),
        (BUCKET, replicated(B), "differs"),
        (resource("S3::Bucket"), replicated(B), "differs"),
        (resource("Events::Rule"), targets() | {"DescribeRule": {"RoleArn": B}}, "differs"),
        (DATABASE, described("DescribeDBInstances", "DBInstances", AssociatedRoles=[FOR_IMPORT]), "same"),
        (DATABASE, described("DescribeDBInstances", "DBInstances", AssociatedRoles=[OTHER_ROLE]), "differs"),
        (resource("RDS::DBInstance"), described("DescribeDBInstances", "DBInstances", MonitoringRoleArn=A), "differs"),
        (resource("RDS::DBCluster"), described("DescribeDBClusters", "DBClusters", MonitoringRoleArn=A), "differs"),
        (
            resource("RDS::DBInstance", MonitoringRoleArn=A, Other={"RoleArn": B}),
            described("DescribeDBInstances", "DBInstances", MonitoringRoleArn=B),
            "differs unknown",
        ),
        (
            resource("EC2::Instance", LaunchTemplate={"Version": "1"}),
            {"DescribeInstances": {"Reservations": [{"Instances": [{"IamInstanceProfile": {"Arn": PROFILE}}]}]}},
            "unknown",
        ),
        (
            resource("CloudFormation::StackSet", TemplateBody="{}"),
            {"DescribeStackSet": {"StackSet": {"ExecutionRoleName": "stacksets-admin"}}},
            "differs",
        ),
        (
            resource("RedshiftServerless::Namespace", NamespaceName="n", IamRoles=[A]),
            {"GetNamespace": {"namespace": {"iamRoles": [f"IamRole(applyStatus=in-sync, iamRoleArn={A})"]}}},
            "same",
        ),
        (
            resource("EC2::Instance", IamInstanceProfile="p"),
            {
                "DescribeInstances": {
                    "Reservations": [
                        {"Instances": [{"IamInstanceProfile": {"Arn": f"arn:aws:iam::{HOME}:instance-profile/p"}}]}
                    ]
                }
            },
            "same",
        ),
        (
            resource("EC2::Instance"),
            {
                "DescribeInstances": {
                    "Reservations": [
                        {"Instances": [{"IamInstanceProfile": {"Arn": f"arn:aws:iam::{HOME}:instance-profile/p"}}]}
                    ]
                }
            },
            "differs",
        ),
        (
            resource("AutoScaling::LaunchConfiguration", IamInstanceProfile="p"),
            described("DescribeLaunchConfigurations", "LaunchConfigurations", IamInstanceProfile="p"),
            "same",
        ),
        (
            resource("AutoScaling::LaunchConfiguration", IamInstanceProfile="p"),
            described(
                "DescribeLaunchConfigurations",
                "LaunchConfigurations",
                IamInstanceProfile=f"arn:aws:iam::{HOME}:instance-profile/other",
            ),
            "differs",
        ),
        (
            resource("Cognito::IdentityPoolRoleAttachment", IdentityPoolId="i", Roles={"authenticated": A}),
            {"GetIdentityPoolRoles": {"Roles": {"authenticated": A, "unauthenticated": B}}},
            "differs",
        ),
        (
            resource("Redshift::Cluster", IamRoles=[A]),
            {
                "GetResourcePolicy": "ResourceNotFoundFault",
                "DescribeClusters": {"Clusters": [{"ClusterNamespaceArn": "arn:x", "IamRoles": [{"IamRoleArn": A}]}]},
            },
            "same",
        ),
        (IAM_ROLES, clusters(A, B), "same"),
        (IAM_ROLES, clusters(B, A), "same"),
        (IAM_ROLES, clusters(A, ELSEWHERE), "differs"),
        (POOL, pool(A, B, A), "same"),
        (POOL, pool(B, A, A), "differs"),
        (POOL, pool(A, A, B), "differs"),
        (TOPIC_RULE, topic_rule(A, B), "same"),
        (TOPIC_RULE, topic_rule(B, A), "differs"),
        (TOPIC_RULE, topic_rule(A, B, A), "differs"),
        (resource("DataSync::LocationS3", S3Config={"BucketAccessRoleArn": A}), {}, "unknown"),
    ],
)
def test_the_roles_that_resources_act_with(made: dict[str, Any], answers: dict[str, Any], verdict: str) -> None:
    """A resource that acts as another role than the template says differs; one that cannot be told is unknown."""
    findings = found({"R": made}, {"GetPolicy": "ResourceNotFoundException", **answers})
    said = [one for one in findings if re.search(r": (its )?role\b", one.subject)]
    assert sorted(one.comparison.verdict for one in said) == verdict.split()
    if verdict == "differs":
        assert "deployed: " in said[0].comparison.lines[0]


@pytest.mark.parametrize(
    "made",
    [
        resource("ApplicationAutoScaling::ScalableTarget", RoleARN=LINKED),
        resource("DataSync::LocationS3", S3Config={}),
        {"Type": "Custom::Thing", "Properties": {"RoleArn": A}},
        resource("StepFunctions::Activity", Name="a"),
        resource("EKS::Addon", Labels={"role": "worker"}),
        resource("RDS::DBInstance", DBClusterIdentifier="c"),
    ],
)
def test_what_is_handed_no_role(made: dict[str, Any]) -> None:
    """
    AWS's own roles are not handed over, nor is what a function of somebody's is told or what labels say; an instance of
    a cluster may have the role of that.
    """
    assert found({"R": made}, described("DescribeDBInstances", "DBInstances", MonitoringRoleArn=A)) == []


SERVICE = resource("ECS::Service", Cluster="c", TaskDefinition="app:1")
ALIAS = resource("Lambda::Alias", FunctionName="f", FunctionVersion="1", Name="live")

OVERRIDE = json.dumps({"taskRoleArn": B})
BY_MAP = {"InputTemplate": '{"taskRoleArn": "' + B + '", "cpu": <size>}'}


def task(name: Any, **members: Any) -> dict[str, Any]:
    """A target of a rule, or of a schedule, that starts tasks."""
    return {"Id": "x", "Arn": "c", "RoleArn": A, "EcsParameters": {"TaskDefinitionArn": name}, **members}


def piped(name: str, **overrides: Any) -> dict[str, Any]:
    return {"EcsTaskParameters": {"TaskDefinitionArn": name, **({"Overrides": overrides} if overrides else {})}}


#: By what stands in the same template.
BY_REF = resource("ECS::Service", Cluster="c", TaskDefinition={"Ref": "app:1"})
BY_REF_NIGHTLY = resource("Events::Rule", Targets=[task({"Ref": "app:1"})])
NIGHTLY = resource("Events::Rule", Targets=[{"Id": "q", "Arn": {"Fn::GetAtt": ["Q", "Arn"]}}, task("app:1")])
OVERRIDDEN = resource("Events::Rule", Targets=[task("app:1", Input=OVERRIDE)])
SCHEDULE = resource("Scheduler::Schedule", Target=task("app:1"), GroupName="g")
PIPE = resource("Pipes::Pipe", RoleArn=A, TargetParameters=piped("app:1"))


def by_name(**roles: str) -> Any:
    """The roles of task definitions, or of versions of a function, each by its name."""

    def answer(**given: str) -> dict[str, Any]:
        name = given.get("taskDefinition") or f"v{given['Qualifier']}"
        role = roles[name.partition(":")[0]]
        return {"taskDefinition": {"taskRoleArn": role}, "Role": role}

    return answer


@pytest.mark.parametrize(
    ("made", "there", "expected"),
    [
        (SERVICE, {"taskDefinition": "app:1"}, "same"),
        (SERVICE, {"taskDefinition": "evil:1"}, "differs"),
        # A tool of deployment points at the next image.
        (SERVICE, {"taskDefinition": "app:2"}, "same"),
        (SERVICE, {"taskSets": [{"taskDefinition": "app:1"}, {"taskDefinition": "evil:1"}]}, "differs"),
        (SERVICE, None, "unknown"),
        (BY_REF, {"taskDefinition": "app:1"}, "same"),
        (BY_REF, {"taskDefinition": "evil:1"}, "differs"),
        (BY_REF_NIGHTLY, {"Targets": [task("app:1")]}, "same"),
        (BY_REF_NIGHTLY, {"Targets": [task("evil:1")]}, "differs"),
        (ALIAS, {"FunctionVersion": "1"}, "same"),
        (ALIAS, {"FunctionVersion": "3"}, "same"),
        (ALIAS, {"FunctionVersion": "2"}, "differs"),
        (ALIAS, {"FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}}}, "differs"),
        (NIGHTLY, {"Targets": [task("app:1"), {"Id": "q"}]}, "same"),
        (NIGHTLY, {"Targets": [task("app:2", Input='{"cpu": "256"}')]}, "same"),
        (NIGHTLY, {"Targets": [task("evil:1")]}, "differs"),
        # The input of a target says what a task has in place of its definition's.
        (NIGHTLY, {"Targets": [task("app:1", Input=OVERRIDE)]}, "differs"),
        (NIGHTLY, {"Targets": [task("app:1", InputTransformer=BY_MAP)]}, "differs"),
        (OVERRIDDEN, {"Targets": [task("app:2", Input=OVERRIDE)]}, "same"),
        (SCHEDULE, {"Target": task("app:1")}, "same"),
        (SCHEDULE, {"Target": task("evil:1")}, "differs"),
        (PIPE, {"RoleArn": A, "TargetParameters": piped("app:2")}, "same"),
        (PIPE, {"RoleArn": A, "TargetParameters": piped("app:1", TaskRoleArn=B)}, "differs"),
    ],
)
def test_what_runs_with_another_role(made: dict[str, Any], there: dict[str, Any] | None, expected: str) -> None:
    """What was pointed elsewhere differs where that runs with another role."""
    answers: dict[str, Any] = {
        "DescribeServices": {"services": [] if there is None else [there]},
        "DescribeTaskDefinition": by_name(app=A, evil=B),
        "GetAlias": there,
        "DescribeRule": {"Name": "X"},
        **dict.fromkeys(("ListTargetsByRule", "GetSchedule", "DescribePipe"), there),
        "GetFunctionConfiguration": by_name(v1=A, v2=B, v3=A),
        "GetPolicy": "ResourceNotFoundException",
    }
    findings = {
        one.subject: one.comparison for one in found({"X": made}, answers, more={"app:1": "AWS::ECS::TaskDefinition"})
    }
    (compared,) = (one for subject, one in findings.items() if subject.endswith("roles of what runs"))
    assert compared.verdict == expected
    assert expected != "differs" or compared.lines[0].endswith(f"template: {A}; deployed: {B}")

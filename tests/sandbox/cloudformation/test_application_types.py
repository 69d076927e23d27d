"""
Types of resources that ordinary applications have and moto makes by operations only: made, changed and deleted as the
template says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto.apigateway.models import apigateway_backends
from moto.apigatewayv2.models import apigatewayv2_backends
from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.athena.models import athena_backends
from moto.autoscaling.models import autoscaling_backends
from moto.awslambda.models import lambda_backends
from moto.cloudfront.models import cloudfront_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.codebuild.models import codebuild_backends
from moto.cognitoidp.models import cognitoidp_backends
from moto.dynamodb.models import dynamodb_backends
from moto.ec2.models import ec2_backends
from moto.ecs.models import ecs_backends
from moto.events.models import events_backends
from moto.glue.models import glue_backends
from moto.kinesis.models import kinesis_backends
from moto.kms.models import kms_backends
from moto.logs.models import logs_backends
from moto.rds.models import rds_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.ssm.models import ssm_backends

from tests.sandbox.cloudformation.conftest import ACCOUNT, REGION, Stacks, resource, template, trust
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto import resource_tags
from trustproof.sandbox.moto.operations import operation

BACKENDS = (
    apigateway_backends,
    apigatewayv2_backends,
    athena_backends,
    applicationautoscaling_backends,
    autoscaling_backends,
    cloudfront_backends,
    cloudwatch_backends,
    cognitoidp_backends,
    dynamodb_backends,
    ec2_backends,
    ecs_backends,
    events_backends,
    glue_backends,
    kinesis_backends,
    kms_backends,
    lambda_backends,
    logs_backends,
    rds_backends,
    s3_backends,
    secretsmanager_backends,
    sns_backends,
    sqs_backends,
    ssm_backends,
)


@pytest.fixture(autouse=True)
def _with_nothing() -> Iterator[None]:
    yield
    for one in BACKENDS:
        one.reset()


def of(name: str, attribute: str = "") -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}


def told(*values: Any, **resources: Any) -> dict[str, Any]:
    """A template that tells values as its outputs."""
    outputs = {f"O{index}": {"Value": value} for index, value in enumerate(values)}
    return {**template(**resources), "Outputs": outputs}


def alarm(**properties: Any) -> dict[str, Any]:
    given = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "MetricName": "m", "Namespace": "n"}
    more = {"Period": 60, "Statistic": "Sum", "Threshold": "1", **properties}
    return resource("CloudWatch::Alarm", **given, **more)


def test_an_alarm(stacks: Stacks) -> None:
    """Its numbers may be texts; a change and its tags reach it, another name makes another one."""
    held = cloudwatch_backends[ACCOUNT][REGION]
    assert stacks.deploy(told(of("A"), of("A", "Arn"), A=alarm())) == "CREATE_COMPLETE"
    (name,) = held.alarms
    arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"
    assert stacks.outputs() == {"O0": name, "O1": arn}
    assert held.alarms[name].threshold == 1.0
    assert stacks.deploy(template(A=alarm(Threshold=2, Tags=[{"Key": "k", "Value": "v"}]))) == "UPDATE_COMPLETE"
    assert (list(held.alarms), held.alarms[name].threshold) == ([name], 2.0)
    assert held.tagger.get_tag_dict_for_resource(arn) == {"k": "v"}
    assert stacks.deploy(template(A=alarm(AlarmName="other"))) == "UPDATE_COMPLETE"
    assert list(held.alarms) == ["other"]
    assert stacks.deploy(template(A=alarm()), "second") == "CREATE_COMPLETE"
    assert stacks.deploy(template(B=alarm(AlarmName="other")), "third") == "ROLLBACK_COMPLETE"
    assert "already exists" in stacks.reasons("third")[0]
    assert stacks.delete() == "DELETE_COMPLETE"
    assert "other" not in held.alarms


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"Nonsense": 1}, "no property Nonsense"),
        ({"Threshold": "much"}, "expected type: Number"),
        ({"AlarmActions": ["arn:aws:automate:eu-central-1:ec2:stop"]}, "needs besides"),
    ],
)
def test_alarms_that_are_refused(stacks: Stacks, properties: dict[str, Any], reason: str) -> None:
    """What the service has not, or takes more than the alarm, fails it."""
    assert stacks.deploy(template(A=alarm(**properties))) == "ROLLBACK_COMPLETE"
    assert reason in stacks.reasons()[0]


def rule(kind: str, **properties: Any) -> dict[str, Any]:
    given = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": "443", "GroupId": of("G", "GroupId"), **properties}
    return resource(f"EC2::SecurityGroup{kind}", **given)


GROUP = resource("EC2::SecurityGroup", GroupDescription="g")


@pytest.mark.parametrize(
    ("kind", "other"), [("Egress", "DestinationSecurityGroupId"), ("Ingress", "SourceSecurityGroupId")]
)
def test_rules_of_security_groups(stacks: Stacks, kind: str, other: str) -> None:
    """Made, described anew in place, replaced and deleted one by one."""

    def rules() -> list[tuple[Any, ...]]:
        groups = ec2_backends[ACCOUNT][REGION].describe_security_groups(group_ids=[stacks.resources()["G"]])
        found = getattr(groups[0], f"{kind.lower()}_rules")
        return sorted(
            (one.cidr_ipv4 or one.cidr_ipv6 or "group", one.description) for one in found if one.ip_protocol == "tcp"
        )

    one, two = rule(kind, CidrIp="10.0.0.0/24"), rule(kind, **{other: of("G", "GroupId")})
    assert stacks.deploy(told(of("R", "Id"), G=GROUP, R=one, S=two)) == "CREATE_COMPLETE"
    assert stacks.outputs()["O0"] == stacks.resources()["R"]
    assert rules() == [("10.0.0.0/24", None), ("group", None)]
    before = stacks.resources()["R"]
    described = rule(kind, CidrIp="10.0.0.0/24", Description="d")
    assert stacks.deploy(template(G=GROUP, R=described)) == "UPDATE_COMPLETE"
    assert (stacks.resources()["R"], rules()) == (before, [("10.0.0.0/24", "d")])
    wide = rule(kind, CidrIpv6="2001:db8::/32")
    assert stacks.deploy(template(G=GROUP, R=wide)) == "UPDATE_COMPLETE"
    assert rules() == [("2001:db8::/32", None)]
    both = rule(kind, CidrIp="10.0.0.0/24", CidrIpv6="2001:db8::/32")
    assert stacks.deploy(template(G=GROUP, R=both)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_user_pool(stacks: Stacks) -> None:
    """A pool and its client, by all that a template may ask of them."""
    held = cognitoidp_backends[ACCOUNT][REGION].user_pools
    pool = resource("Cognito::UserPool", UsernameAttributes=["email"], EnabledMfas=["SOFTWARE_TOKEN_MFA"])
    client = resource("Cognito::UserPoolClient", UserPoolId=of("P"), GenerateSecret=True)
    asked = (of("P"), of("P", "Arn"), of("P", "ProviderURL"), of("C"), of("C", "ClientSecret"))
    assert stacks.deploy(told(*asked, P=pool, C=client)) == "CREATE_COMPLETE"
    (identifier,) = held
    found = stacks.outputs()
    assert (found["O0"], found["O1"]) == (identifier, f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{identifier}")
    assert found["O2"] == f"https://cognito-idp.{REGION}.amazonaws.com/{identifier}"
    assert list(held[identifier].clients) == [found["O3"]]
    assert held[identifier].clients[found["O3"]].secret == found["O4"]
    assert held[identifier].token_mfa_config == {"Enabled": True}
    kept = {**pool["Properties"], "DeletionProtection": "ACTIVE"}
    assert stacks.deploy(template(P=resource("Cognito::UserPool", **kept), C=client)) == "UPDATE_COMPLETE"
    assert list(held) == [identifier]
    assert stacks.deploy(template(P=resource("Cognito::UserPool"), C=client)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.delete() == "DELETE_FAILED"
    assert "deletion protection" in stacks.reasons()[-2]
    assert list(held) == [identifier]


API = resource("ApiGateway::RestApi", Name="a")
PART = resource("ApiGateway::Resource", RestApiId=of("Api"), ParentId=of("Api", "RootResourceId"), PathPart="p")


def method(**properties: Any) -> dict[str, Any]:
    given = {"RestApiId": of("Api"), "ResourceId": of("Part"), "HttpMethod": "GET", "AuthorizationType": "AWS_IAM"}
    mock = {"Type": "MOCK", "RequestTemplates": {"application/json": "{}"}}
    answers = {**mock, "IntegrationResponses": [{"StatusCode": "200"}]}
    return resource(
        "ApiGateway::Method",
        **{**given, "Integration": answers, "MethodResponses": [{"StatusCode": 200}], **properties},
    )


def stage(**properties: Any) -> dict[str, Any]:
    given = {"RestApiId": of("Api"), "DeploymentId": of("Now"), "StageName": "prod", **properties}
    return resource("ApiGateway::Stage", **given)


NOW = {**resource("ApiGateway::Deployment", RestApiId=of("Api")), "DependsOn": "Get"}


def test_an_api(stacks: Stacks) -> None:
    """An API with a method, a deployment and a stage is made, changed, and deleted in its order."""
    held = apigateway_backends[ACCOUNT][REGION].apis
    all_of_it = {"Api": API, "Part": PART, "Get": method(), "Now": NOW, "Prod": stage(Variables={"a": "1"})}
    assert stacks.deploy(told(of("Api"), of("Prod"), of("Part"), **all_of_it)) == "CREATE_COMPLETE"
    (identifier,) = held
    api, found = held[identifier], stacks.outputs()
    assert (found["O0"], found["O1"]) == (identifier, "prod")
    made = api.resources[found["O2"]].resource_methods["GET"]
    assert (made.authorization_type, made.method_integration.integration_type) == ("AWS_IAM", "MOCK")
    next_ = {**NOW, "Properties": {**NOW["Properties"], "Description": "next"}}
    changed = {**all_of_it, "Get": method(AuthorizationType="NONE"), "Next": next_}
    changed["Prod"] = stage(DeploymentId=of("Next"), Variables={"b": "2"})
    del changed["Now"]
    assert stacks.deploy(template(**changed)) == "UPDATE_COMPLETE"
    assert api.resources[found["O2"]].resource_methods["GET"].authorization_type == "NONE"
    assert list(api.deployments) == [stacks.resources()["Next"]] == [api.stages["prod"].deployment_id]
    assert api.stages["prod"].variables == {"b": "2"}
    assert stacks.delete() == "DELETE_COMPLETE"
    assert not held


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        ("RestApi", {"Name": "a", "Policy": {"Statement": []}}, "Invalid policy document"),
        ("RestApi", {"Name": "a", "Body": {"openapi": "3.0.1"}}, "not looked at"),
        ("Account", {"CloudWatchRoleArn": of("Role", "Arn")}, "may not assume"),
    ],
)
def test_apis_that_are_refused(stacks: Stacks, kind: str, properties: dict[str, Any], reason: str) -> None:
    """What would decide who calls an API, and a role that does not let the service in."""
    role = resource("IAM::Role", AssumeRolePolicyDocument=trust())
    refused = resource(f"ApiGateway::{kind}", **properties)
    assert stacks.deploy(template(Role=role, Api=refused)) == "ROLLBACK_COMPLETE"
    assert reason in stacks.reasons()[0]


def test_the_role_of_the_logs(stacks: Stacks) -> None:
    """The account keeps a role that lets API Gateway in, and keeps it after the stack."""
    role = resource("IAM::Role", AssumeRolePolicyDocument=trust({"Service": "apigateway.amazonaws.com"}))
    account = resource("ApiGateway::Account", CloudWatchRoleArn=of("Role", "Arn"))
    assert stacks.deploy(template(Role=role, Account=account)) == "CREATE_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"
    assert "role/" in str(apigateway_backends[ACCOUNT][REGION].account.cloudwatch_role_arn)


OWN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}],
}


def test_a_key(stacks: Stacks) -> None:
    """Its tags are made and changed with it, and what else operations change; what it is from its beginning stays."""
    backend = kms_backends[ACCOUNT][REGION]

    def key(**properties: Any) -> dict[str, Any]:
        return template(K=resource("KMS::Key", KeyPolicy=OWN, **properties))

    assert stacks.deploy(key(Tags=[{"Key": "a", "Value": "b"}]), Tags=[{"Key": "s", "Value": "t"}]) == "CREATE_COMPLETE"
    name = stacks.resources()["K"]
    assert backend.list_resource_tags(name)["Tags"] == [
        {"TagKey": "a", "TagValue": "b"},
        {"TagKey": "s", "TagValue": "t"},
    ]
    changed = key(Tags=[{"Key": "a", "Value": "c"}], Description="d", EnableKeyRotation=True, Enabled=False)
    assert stacks.deploy(changed, Tags=[]) == "UPDATE_COMPLETE"
    held = backend.keys[name]
    assert (held.description, held.key_rotation_status, held.enabled) == ("d", True, False)
    assert backend.list_resource_tags(name)["Tags"] == [{"TagKey": "a", "TagValue": "c"}]
    assert stacks.deploy(key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"
    assert held.key_state == "PendingDeletion"


def test_a_definition_of_tasks_has_its_roles(stacks: Stacks) -> None:
    """All that a definition says arrives; a change is another revision, of which a service takes hold."""
    lets_in = {"AssumeRolePolicyDocument": trust({"Service": "ecs-tasks.amazonaws.com"})}
    containers = [{"Name": "a", "Image": "a", "LogConfiguration": {"LogDriver": "awslogs", "Options": {"a-B": "c"}}}]

    def app(memory: str) -> dict[str, Any]:
        given = {"ExecutionRoleArn": of("R", "Arn"), "TaskRoleArn": of("R", "Arn"), "Cpu": 256, "Memory": memory}
        task = resource(
            "ECS::TaskDefinition", Family="f", NetworkMode="awsvpc", ContainerDefinitions=containers, **given
        )
        service = resource("ECS::Service", Cluster=of("C"), TaskDefinition=of("T"), DesiredCount=1)
        return template(R=resource("IAM::Role", **lets_in), C=resource("ECS::Cluster"), T=task, S=service)

    held = ecs_backends[ACCOUNT][REGION]
    assert stacks.deploy(app("512")) == "CREATE_COMPLETE"
    one = held.describe_task_definition("f:1")
    (role,) = stacks.iam.get_roles()
    assert (one.task_role_arn, one.execution_role_arn, one.network_mode) == (role.arn, role.arn, "awsvpc")
    assert one.container_definitions[0]["logConfiguration"]["options"] == {"a-B": "c"}
    assert stacks.deploy(app("1024")) == "UPDATE_COMPLETE"
    assert stacks.resources()["T"].endswith("/f:2")
    (service,) = held.services.values()
    assert service.task_definition == stacks.resources()["T"]
    assert stacks.delete() == "DELETE_COMPLETE"
    assert service.status == "INACTIVE"


def test_what_belongs_to_a_function(stacks: Stacks) -> None:
    """`Ref` of a version and an alias is an ARN; the address is changed with its template, and there is one."""
    lets_in = {"AssumeRolePolicyDocument": trust({"Service": "lambda.amazonaws.com"})}
    role = resource("IAM::Role", **lets_in)
    code = {"Runtime": "python3.12", "Handler": "index.h", "Code": {"ZipFile": "x = 1"}}
    function = resource("Lambda::Function", FunctionName="f", Role=of("R", "Arn"), **code)
    version = resource("Lambda::Version", FunctionName=of("F"))
    alias = resource("Lambda::Alias", FunctionName=of("F"), FunctionVersion=of("V", "Version"), Name="live")

    def url(kind: str, **more: Any) -> dict[str, Any]:
        return resource("Lambda::Url", TargetFunctionArn=of("F", "Arn"), AuthType=kind, **more)

    all_of_it = {"R": role, "F": function, "V": version, "A": alias, "U": url("NONE")}
    asked = (of("V"), of("A"), of("U"))
    assert stacks.deploy(told(*asked, **all_of_it)) == "CREATE_COMPLETE"
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
    assert list(stacks.outputs().values()) == [f"{arn}:1", f"{arn}:live", arn]
    held = lambda_backends[ACCOUNT][REGION]
    assert stacks.deploy(told(*asked, **{**all_of_it, "U": url("AWS_IAM")})) == "UPDATE_COMPLETE"
    assert held.get_function_url_config("f").config["AuthType"] == "AWS_IAM"
    assert stacks.deploy(told(*asked, **all_of_it, W=url("NONE"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert (
        stacks.deploy(told(*asked, **{**all_of_it, "U": url("NONE", Qualifier="live")})) == "UPDATE_ROLLBACK_COMPLETE"
    )
    assert stacks.delete() == "DELETE_COMPLETE"
    assert held.list_functions() == []


def test_attributes_that_moto_leaves_out(stacks: Stacks) -> None:
    """The ARN of a log group ends in `:*`, by which its streams are named; others are what CloudFormation says."""
    resources = {
        "L": resource("Logs::LogGroup", LogGroupName="/a"),
        "P": resource("SSM::Parameter", Type="String", Value="v", Tags={"a": "b"}),
        "T": resource("SNS::Topic"),
        "E": resource("EC2::EIP"),
        "F": resource("EFS::FileSystem"),
        "A": resource("EFS::AccessPoint", FileSystemId=of("F")),
    }
    asked = (of("L", "Arn"), of("P", "Value"), of("T", "TopicArn"), of("E", "AllocationId"), of("A", "Arn"))
    assert stacks.deploy(told(*asked, **resources)) == "CREATE_COMPLETE"
    found = list(stacks.outputs().values())
    assert found[:3] == [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/a:*", "v", stacks.resources()["T"]]
    assert found[3].startswith("eipalloc-")
    points = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:access-point/"
    assert found[4] == points + stacks.resources()["A"]
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_bucket_that_is_replicated(stacks: Stacks) -> None:
    """Its role arrives; where S3 refuses the configuration, no bucket is left."""
    role = resource("IAM::Role", AssumeRolePolicyDocument=trust({"Service": "s3.amazonaws.com"}))
    kept = resource("S3::Bucket", VersioningConfiguration={"Status": "Enabled"})
    rules = [{"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": of("D", "Arn")}}]
    copied = {"ReplicationConfiguration": {"Role": of("R", "Arn"), "Rules": rules}}
    whole = resource("S3::Bucket", **kept["Properties"], **copied)
    assert stacks.deploy(template(R=role, D=kept, S=resource("S3::Bucket", **copied))) == "ROLLBACK_COMPLETE"
    held = s3_backends[ACCOUNT]["aws"].buckets
    assert held == {}
    assert stacks.deploy(template(R=role, D=kept, S=whole), "second") == "CREATE_COMPLETE"
    source = held[stacks.resources("second")["S"]]
    (one,) = stacks.iam.get_roles()
    assert source.replication["Role"] == one.arn
    assert stacks.deploy(template(R=role, D=kept, S=kept), "second") == "UPDATE_COMPLETE"
    assert not source.replication
    assert stacks.delete("second") == "DELETE_COMPLETE"


def test_tags_reach_what_a_template_makes(stacks: Stacks) -> None:
    """Those of the template and of the stack, when it is made and when they change: policies ask for them."""

    def tagged(*keys: str) -> dict[str, Any]:
        own = {"Tags": [{"Key": key, "Value": "a"} for key in keys]} if keys else {}
        lets_in = {"AssumeRolePolicyDocument": trust({"Service": "lambda.amazonaws.com"})}
        code = {"Runtime": "python3.12", "Handler": "index.h", "Code": {"ZipFile": "x = 1"}}
        return template(
            R=resource("IAM::Role", **lets_in),
            F=resource("Lambda::Function", FunctionName="f", Role=of("R", "Arn"), **code, **own),
            T=resource("SNS::Topic", TopicName="t", **own),
            Q=resource("SQS::Queue", QueueName="q", **own),
            V=resource("EC2::VPC", CidrBlock="10.0.0.0/16", **own),
            B=resource("S3::Bucket", BucketName="of-tags", **own),
            L=resource("Logs::LogGroup", LogGroupName="l", **own),
            P=resource("SSM::Parameter", Name="p", Type="String", Value="v", Tags=dict.fromkeys(keys, "a")),
        )

    def found() -> list[set[str]]:
        at = (ACCOUNT, REGION)
        topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:t"
        held = (
            resource_tags.of_function(*at, "f"),
            resource_tags.of_topic(*at, topic),
            resource_tags.of_queue(*at, "q"),
            resource_tags.of_ec2(*at, "vpc", stacks.resources()["V"]),
            {one["Key"]: one for one in s3_backends[ACCOUNT]["aws"].get_bucket_tagging("of-tags")["Tags"]},
            logs_backends[ACCOUNT][REGION].list_tags_for_resource(f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:l"),
            ssm_backends[ACCOUNT][REGION].list_tags_for_resource("Parameter", "p"),
        )
        return [set(one or ()) for one in held]

    assert stacks.deploy(tagged("own"), Tags=[{"Key": "stack", "Value": "b"}]) == "CREATE_COMPLETE"
    assert found() == [{"own", "stack"}] * 7
    assert stacks.deploy(tagged("other"), Tags=[]) == "UPDATE_COMPLETE"
    assert found() == [{"other"}] * 7
    assert stacks.deploy(tagged()) == "UPDATE_COMPLETE"
    assert found() == [set()] * 7
    assert stacks.delete() == "DELETE_COMPLETE"


def test_an_update_changes_and_makes_nothing_anew(stacks: Stacks) -> None:
    """A topic keeps its policy, a queue and a stream get their keys; what cannot be changed fails."""

    def app(*, key: bool, **topic: Any) -> dict[str, Any]:
        named = {"KmsMasterKeyId": "alias/own"} if key else {}
        encrypted = {"StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/own"}} if key else {}
        allowed = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sns:Publish", "Resource": of("T")}
        policy = {"Version": "2012-10-17", "Statement": [allowed]}
        return template(
            T=resource("SNS::Topic", TopicName="t", **topic),
            P=resource("SNS::TopicPolicy", Topics=[of("T")], PolicyDocument=policy),
            Q=resource("SQS::Queue", QueueName="q", VisibilityTimeout=50 if key else None, **named),
            S=resource("Kinesis::Stream", Name="s", ShardCount=1, **encrypted),
        )

    def without_nothing(found: dict[str, Any]) -> dict[str, Any]:
        for one in found["Resources"].values():
            one["Properties"] = {name: value for name, value in one["Properties"].items() if value is not None}
        return found

    def keys() -> tuple[Any, ...]:
        queue = sqs_backends[ACCOUNT][REGION].get_queue("q")
        stream = kinesis_backends[ACCOUNT][REGION].streams["s"]
        return queue.kms_master_key_id or None, queue.visibility_timeout, stream.key_id

    assert stacks.deploy(without_nothing(app(key=False))) == "CREATE_COMPLETE"
    (topic,) = sns_backends[ACCOUNT][REGION].topics.values()
    before = topic.policy
    assert keys() == (None, 30, None)
    assert (
        stacks.deploy(without_nothing(app(key=True, DisplayName="d", KmsMasterKeyId="alias/own"))) == "UPDATE_COMPLETE"
    )
    (changed,) = sns_backends[ACCOUNT][REGION].topics.values()
    assert (changed.policy, changed.kms_master_key_id) == (before, "alias/own")
    assert keys() == ("alias/own", 50, "alias/own")
    assert stacks.deploy(without_nothing(app(key=False))) == "UPDATE_COMPLETE"
    assert (keys(), changed.kms_master_key_id) == ((None, 30, None), "")
    fails = app(key=False, Subscription=[{"Protocol": "email", "Endpoint": "a@example.com"}])
    assert stacks.deploy(without_nothing(fails)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"


def test_what_a_security_group_lets_out(stacks: Stacks) -> None:
    """What the template says, and everything where it says nothing."""

    def out(**properties: Any) -> list[str]:
        stacks.deploy(template(G=resource("EC2::SecurityGroup", GroupDescription="g", **properties)))
        (group,) = ec2_backends[ACCOUNT][REGION].describe_security_groups(group_ids=[stacks.resources()["G"]])
        return [str(one.cidr_ipv4) for one in group.egress_rules]

    assert out(SecurityGroupEgress=[{"IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}]) == ["10.0.0.0/8"]
    assert out(SecurityGroupEgress=[]) == []
    assert out() == ["0.0.0.0/0"]
    assert stacks.delete() == "DELETE_COMPLETE"


def test_what_belongs_to_apis(stacks: Stacks) -> None:
    """Authorizers, models, keys and plans of a REST API, and an HTTP API, are made and deleted with their stack."""
    key = resource("ApiGateway::UsagePlanKey", KeyId=of("K"), KeyType="API_KEY", UsagePlanId=of("U"))
    pools = {"Type": "COGNITO_USER_POOLS", "ProviderARNs": [of("Pool", "Arn")], "Name": "a"}
    rest = {
        "Api": API,
        "Pool": resource("Cognito::UserPool"),
        "Asks": resource("ApiGateway::Authorizer", RestApiId=of("Api"), **pools),
        "Form": resource("ApiGateway::Model", RestApiId=of("Api"), Schema={"type": "object"}),
        "Looks": resource("ApiGateway::RequestValidator", RestApiId=of("Api"), ValidateRequestBody=True),
        "K": resource("ApiGateway::ApiKey", Enabled=True),
        "U": resource("ApiGateway::UsagePlan", Throttle={"RateLimit": 1, "BurstLimit": 1}),
        "UK": key,
    }

    def http(**more: Any) -> dict[str, Any]:
        target = {"Fn::Join": ["/", ["integrations", of("I")]]}
        route = {"ApiId": of("H"), "RouteKey": "GET /", "AuthorizationType": "AWS_IAM", "Target": target}
        web = {"ApiId": of("H"), "IntegrationType": "HTTP_PROXY", "IntegrationMethod": "GET"}
        return {
            "H": resource("ApiGatewayV2::Api", Name="h", ProtocolType="HTTP", **more),
            "I": resource("ApiGatewayV2::Integration", IntegrationUri="https://example.com", **web),
            "Way": resource("ApiGatewayV2::Route", **route),
            "On": resource("ApiGatewayV2::Stage", ApiId=of("H"), StageName="$default"),
        }

    assert stacks.deploy(template(**rest, **http())) == "CREATE_COMPLETE", stacks.reasons()
    held, web = apigateway_backends[ACCOUNT][REGION], apigatewayv2_backends[ACCOUNT][REGION]
    (api,) = held.apis.values()
    assert list(api.authorizers) == [stacks.resources()["Asks"]]
    assert stacks.deploy(template(**rest, **http(Description="d"))) == "UPDATE_COMPLETE"
    assert [one.description for one in web.apis.values()] == ["d"]
    assert stacks.delete() == "DELETE_COMPLETE"
    assert (held.apis, held.keys, held.usage_plans, web.apis) == ({}, {}, {}, {})


def test_schedules_and_projects(stacks: Stacks) -> None:
    """Both are handed a role that has to let their service in; groups and domains of pools, and filters, go along."""

    def app(principal: str, rate: str) -> dict[str, Any]:
        lets_in = {"AssumeRolePolicyDocument": trust({"Service": [principal, "codebuild.amazonaws.com"]})}
        target = {"Arn": of("Q", "Arn"), "RoleArn": of("R", "Arn")}
        machine = {"Type": "LINUX_CONTAINER", "ComputeType": "BUILD_GENERAL1_SMALL", "Image": "a"}
        metric = {"MetricName": "m", "MetricNamespace": "n", "MetricValue": "1"}
        return template(
            R=resource("IAM::Role", **lets_in),
            Q=resource("SQS::Queue"),
            S=resource(
                "Scheduler::Schedule", FlexibleTimeWindow={"Mode": "OFF"}, ScheduleExpression=rate, Target=target
            ),
            P=resource(
                "CodeBuild::Project",
                ServiceRole=of("R", "Arn"),
                Source={"Type": "NO_SOURCE", "BuildSpec": "{}"},
                Artifacts={"Type": "NO_ARTIFACTS"},
                Environment=machine,
            ),
            Pool=resource("Cognito::UserPool"),
            D=resource("Cognito::UserPoolDomain", UserPoolId=of("Pool"), Domain="mine"),
            G=resource("Cognito::UserPoolGroup", UserPoolId=of("Pool"), GroupName="g"),
            L=resource("Logs::LogGroup"),
            M=resource("Logs::MetricFilter", LogGroupName=of("L"), FilterPattern="a", MetricTransformations=[metric]),
        )

    mine = "scheduler.amazonaws.com"
    assert stacks.deploy(app("lambda.amazonaws.com", "rate(1 hour)"), "other") == "ROLLBACK_COMPLETE"
    assert "must allow AWS EventBridge Scheduler to assume the role" in " ".join(stacks.reasons("other"))
    assert stacks.deploy(app(mine, "rate(1 hour)")) == "CREATE_COMPLETE", stacks.reasons()
    assert stacks.deploy(app(mine, "rate(2 hours)")) == "UPDATE_COMPLETE"
    (role,) = stacks.iam.get_roles()
    (project,) = codebuild_backends[ACCOUNT][REGION].codebuild_projects.values()
    assert project.project_metadata["serviceRole"] == role.arn
    assert stacks.delete() == "DELETE_COMPLETE"


def test_what_scales_and_what_it_scales(stacks: Stacks) -> None:
    """Targets and policies of scaling, what a cluster runs on, and parts of logs and APIs come, change and go."""
    linked = (
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForX"
    )
    task = {"ContainerDefinitions": [{"Name": "c", "Image": "a", "Memory": 128}]}
    target = {
        "ResourceId": {"Fn::Join": ["/", ["service", of("C"), of("S", "Name")]]},
        "RoleARN": linked,
        "ScalableDimension": "ecs:service:DesiredCount",
        "ServiceNamespace": "ecs",
    }
    measured = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}
    group = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
    zone = f"{REGION}a"

    def app(most: int) -> dict[str, Any]:
        tracked = {"TargetTrackingScalingPolicyConfiguration": {**measured, "TargetValue": most}}
        return template(
            C=resource("ECS::Cluster"),
            On=resource(
                "ECS::ClusterCapacityProviderAssociations",
                Cluster=of("C"),
                CapacityProviders=["FARGATE"],
                DefaultCapacityProviderStrategy=[],
            ),
            D=resource("ECS::TaskDefinition", **task),
            S=resource("ECS::Service", Cluster=of("C"), TaskDefinition=of("D")),
            T=resource("ApplicationAutoScaling::ScalableTarget", MinCapacity=1, MaxCapacity=most, **target),
            P=resource(
                "ApplicationAutoScaling::ScalingPolicy",
                PolicyName="p",
                PolicyType="TargetTrackingScaling",
                ScalingTargetId=of("T"),
                **tracked,
            ),
            L=resource("AutoScaling::LaunchConfiguration", **group),
            G=resource(
                "AutoScaling::AutoScalingGroup",
                MinSize="1",
                MaxSize="2",
                LaunchConfigurationName=of("L"),
                AvailabilityZones=[zone],
            ),
            GP=resource("AutoScaling::ScalingPolicy", AutoScalingGroupName=of("G"), ScalingAdjustment=most),
            Api=API,
            Answer=resource("ApiGateway::GatewayResponse", RestApiId=of("Api"), ResponseType="DEFAULT_4XX"),
            Logs=resource("Logs::LogGroup"),
            Stream=resource("Logs::LogStream", LogGroupName=of("Logs")),
        )

    assert stacks.deploy(app(2)) == "CREATE_COMPLETE", stacks.reasons()
    assert stacks.deploy(app(3)) == "UPDATE_COMPLETE", stacks.reasons()
    (found,) = applicationautoscaling_backends[ACCOUNT][REGION].describe_scalable_targets("ecs", None, None)
    assert (found.max_capacity, stacks.resources()["T"].split("|")[1]) == (3, "ecs:service:DesiredCount")
    assert stacks.delete() == "DELETE_COMPLETE"
    assert not applicationautoscaling_backends[ACCOUNT][REGION].describe_scalable_targets("ecs", None, None)


def test_a_database_and_its_secret(stacks: Stacks) -> None:
    """Its role and its authentication are those of the template; its secret says where it is, as long as it does."""
    lets_in = {"AssumeRolePolicyDocument": trust({"Service": "monitoring.rds.amazonaws.com"})}
    given = {"SecretStringTemplate": '{"username": "a"}', "GenerateStringKey": "password", "ExcludePunctuation": True}
    login = {"Fn::Sub": "{{resolve:secretsmanager:${S}:SecretString:password}}"}

    def app(size: str, **more: Any) -> dict[str, Any]:
        return told(
            of("D", "Endpoint.Address"),
            R=resource("IAM::Role", **lets_in),
            S=resource("SecretsManager::Secret", GenerateSecretString=given),
            D=resource(
                "RDS::DBInstance",
                Engine="postgres",
                DBInstanceClass="db.t3.micro",
                AllocatedStorage=size,
                EnableIAMDatabaseAuthentication=True,
                MonitoringInterval=60,
                MonitoringRoleArn=of("R", "Arn"),
                MasterUsername="a",
                MasterUserPassword=login,
                Tags=[{"Key": size, "Value": "v"}],
            ),
            **more,
        )

    def said() -> set[str]:
        secret = {"SecretId": stacks.resources()["S"]}
        return set(json.loads(operation("secretsmanager", "GetSecretValue", ACCOUNT, REGION, secret)["SecretString"]))

    kind = "AWS::RDS::DBInstance"
    joined = resource("SecretsManager::SecretTargetAttachment", SecretId=of("S"), TargetId=of("D"), TargetType=kind)
    assert stacks.deploy(app("20", A=joined)) == "CREATE_COMPLETE", stacks.reasons()
    assert said() >= {"engine", "host", "password", "port", "username"}
    assert stacks.deploy(app("30")) == "UPDATE_COMPLETE", stacks.reasons()
    (found,) = operation("rds", "DescribeDBInstances", ACCOUNT, REGION, {})["DBInstances"]
    (role,) = stacks.iam.get_roles()
    assert (found["MonitoringRoleArn"], found["IAMDatabaseAuthenticationEnabled"]) == (role.arn, True)
    assert (found["TagList"], said()) == ([{"Key": "30", "Value": "v"}], {"password", "username"})
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_table_of_one_replica(stacks: Stacks) -> None:
    """A table as any other, by its own and by its replica's properties; others are refused."""
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/one"

    def table(*regions: str, **more: Any) -> dict[str, Any]:
        mine = {"SSESpecification": {"KMSMasterKeyId": key}, "Tags": [{"Key": "k", "Value": "v"}]}
        return resource(
            "DynamoDB::GlobalTable",
            AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            SSESpecification={"SSEEnabled": True, "SSEType": "KMS"},
            Replicas=[{"Region": region, **mine, **more} for region in regions],
        )

    assert stacks.deploy(told(of("T", "Arn"), T=table(REGION))) == "CREATE_COMPLETE", stacks.reasons()
    name = stacks.resources()["T"]
    found = dynamodb_backends[ACCOUNT][REGION].tables[name]
    assert stacks.outputs() == {"O0": found.table_arn}
    assert (found.sse_specification["KMSMasterKeyId"], found.tags) == (key, [{"Key": "k", "Value": "v"}])
    assert stacks.deploy(template(T=table(REGION, DeletionProtectionEnabled=True))) == "UPDATE_COMPLETE"
    assert found.deletion_protection_enabled
    assert stacks.deploy(template(T=table(REGION))) == "UPDATE_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"
    for index, wrong in enumerate(
        (table("eu-west-1"), table(REGION, "eu-west-1"), table(REGION, ResourcePolicy={1: 1}))
    ):
        assert stacks.deploy(template(T=wrong), f"wrong{index}") == "ROLLBACK_COMPLETE"
    tagged = [{"Key": "other", "Value": "v"}]
    assert stacks.deploy(template(T=table(REGION)), "tagged", Tags=tagged) == "ROLLBACK_COMPLETE"


def test_a_rule_of_another_bus(stacks: Stacks) -> None:
    """Its id says the bus before its name, which an update keeps."""

    def app(pattern: str) -> dict[str, Any]:
        rule = {"Name": "r", "EventBusName": of("B"), "EventPattern": {"source": [pattern]}}
        return told(of("R", "Arn"), B=resource("Events::EventBus", Name="b"), R=resource("Events::Rule", **rule))

    for pattern in ("one", "two"):
        assert stacks.deploy(app(pattern)).endswith("E_COMPLETE")
        assert stacks.resources()["R"] == "b|r"
        assert stacks.outputs() == {"O0": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/b/r"}
        (found,) = operation("events", "ListRules", ACCOUNT, REGION, {"EventBusName": "b"})["Rules"]
        assert pattern in found["EventPattern"]
    assert stacks.delete() == "DELETE_COMPLETE"


def test_the_policy_of_a_bus(stacks: Stacks) -> None:
    """Each resource has its statement of it, in either form; the bus itself may have one, too."""
    other = "222233334444"

    def policy() -> dict[str, Any]:
        found = operation("events", "DescribeEventBus", ACCOUNT, REGION, {"Name": "b"}).get("Policy", "{}")
        return {one["Sid"]: one["Principal"] for one in json.loads(found).get("Statement", [])}

    def statement(sid: str, *accounts: str, action: str = "events:PutEvents") -> dict[str, Any]:
        given = {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": list(accounts)}, "Action": action}
        return {**given, "Resource": of("B", "Arn")}

    def added(sid: str, *accounts: str, **more: Any) -> dict[str, Any]:
        given = {"EventBusName": of("B"), "StatementId": sid, "Statement": statement("other", *accounts, **more)}
        return resource("Events::EventBusPolicy", **given)

    bus = resource("Events::EventBus", Name="b")
    plain = resource(
        "Events::EventBusPolicy",
        EventBusName=of("B"),
        StatementId="plain",
        Action="events:PutEvents",
        Principal="*",
        Condition={"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-a1b2c3d4e5"},
    )
    assert stacks.deploy(template(B=bus, A=added("a", ACCOUNT), P=plain)) == "CREATE_COMPLETE", stacks.reasons()
    assert policy() == {"a": {"AWS": [ACCOUNT]}, "plain": "*"}
    assert stacks.deploy(template(B=bus, A=added("a", other), P=plain)) == "UPDATE_COMPLETE"
    assert policy() == {"a": {"AWS": [other]}, "plain": "*"}
    wrong = added("c", other, action="events:PutRule")
    assert stacks.deploy(template(B=bus, A=added("a", ACCOUNT), C=wrong)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "events:putevents only" in stacks.reasons()[-1]
    assert policy() == {"a": {"AWS": [other]}, "plain": "*"}
    again = {**plain["Properties"], "EventBusName": "b", "StatementId": "a"}
    assert stacks.deploy(template(D=resource("Events::EventBusPolicy", **again)), "twice") == "ROLLBACK_COMPLETE"
    document = {"Version": "2012-10-17", "Statement": [{**statement("own", other), "Resource": "*"}]}
    assert stacks.deploy(template(B=resource("Events::EventBus", Name="b", Policy=document))) == "UPDATE_COMPLETE"
    assert policy() == {"own": {"AWS": [other]}}
    assert stacks.deploy(template(B=bus)) == "UPDATE_COMPLETE"
    assert policy() == {}
    assert stacks.delete() == "DELETE_COMPLETE"


def test_the_policy_of_an_endpoint(stacks: Stacks) -> None:
    """It is kept as AWS tells it, changes, and is that of AWS where the template has none."""
    vpc = {"V": resource("EC2::VPC", CidrBlock="10.0.0.0/16"), "T": resource("EC2::RouteTable", VpcId=of("V"))}
    service = {"VpcId": of("V"), "ServiceName": f"com.amazonaws.{REGION}.s3", "RouteTableIds": [of("T")]}

    def deploy(action: str = "") -> Any:
        document = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}]}
        more = {"PolicyDocument": document} if action else {}
        given = {**service, **more, "VpcEndpointType": "Gateway"}
        status = stacks.deploy(template(**vpc, E=resource("EC2::VPCEndpoint", **given)))
        assert "ROLLBACK" not in status, stacks.reasons()
        (found,) = operation("ec2", "DescribeVpcEndpoints", ACCOUNT, REGION, {})["VpcEndpoints"]
        return json.loads(found["PolicyDocument"])["Statement"][0]["Action"]

    assert [deploy("s3:GetObject"), deploy("s3:*"), deploy()] == ["s3:GetObject", "s3:*", "*"]
    assert stacks.delete() == "DELETE_COMPLETE"


def statements(arn: str, qualifier: str = "") -> list[dict[str, Any]]:
    """Of the policy of a function, or of its alias."""
    given = {"FunctionName": arn, **({"Qualifier": qualifier} if qualifier else {})}
    try:
        found = operation("lambda", "GetPolicy", ACCOUNT, REGION, given)["Policy"]
    except RefusedRequest:
        return []
    return list(json.loads(found)["Statement"])


FUNCTION_ROLE = resource("IAM::Role", AssumeRolePolicyDocument=trust({"Service": "lambda.amazonaws.com"}))
CODE = {"Runtime": "python3.12", "Handler": "index.h", "Code": {"ZipFile": "x = 1"}, "Role": of("R", "Arn")}
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"


def test_a_permission_of_an_alias(stacks: Stacks) -> None:
    """It is for the alias alone; one for none that is there fails."""
    version = resource("Lambda::Version", FunctionName=of("F"))
    alias = resource("Lambda::Alias", FunctionName=of("F"), FunctionVersion=of("V", "Version"), Name="live")
    given = {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
    function = resource("Lambda::Function", FunctionName="f", **CODE)
    app = {"R": FUNCTION_ROLE, "F": function, "V": version, "A": alias}
    may = resource("Lambda::Permission", FunctionName=of("A"), **given)
    assert stacks.deploy(template(**app, P=may)) == "CREATE_COMPLETE", stacks.reasons()
    assert [one["Resource"] for one in statements(ARN, "live")] == [f"{ARN}:live"]
    assert statements(ARN) == []
    for name in (
        f"{ARN}:other",
        ARN.replace(ACCOUNT, "222233334444"),
        "222233334444:f",
        ARN.replace(REGION, "eu-west-1"),
    ):
        other = resource("Lambda::Permission", FunctionName=name, **given)
        assert stacks.deploy(template(**app, P=other)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.deploy(template(**app)) == "UPDATE_COMPLETE"
    assert statements(ARN, "live") == []
    assert stacks.delete() == "DELETE_COMPLETE"


def may_invoke(service: str, **more: Any) -> dict[str, Any]:
    given = {"Action": "lambda:InvokeFunction", "FunctionName": of("F"), "Principal": f"{service}.amazonaws.com"}
    return resource("Lambda::Permission", **given, **more)


def test_what_becomes_of_calls(stacks: Stacks) -> None:
    """Where they go is where the function's role may send, and is changed and taken away."""

    def config(queue: str, **more: Any) -> dict[str, Any]:
        sent = {"OnFailure": {"Destination": of(queue, "Arn")}}
        given = {"FunctionName": of("F"), "Qualifier": "$LATEST", "DestinationConfig": sent, **more}
        return resource("Lambda::EventInvokeConfig", **given)

    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": of("Q", "Arn")}
    document = {"Version": "2012-10-17", "Statement": [send]}
    policy = resource("IAM::Policy", PolicyName="p", Roles=[of("R")], PolicyDocument=document)
    queues = {"Q": resource("SQS::Queue"), "O": resource("SQS::Queue")}
    app = {"R": FUNCTION_ROLE, "P": policy, **queues}
    app["F"] = {**resource("Lambda::Function", FunctionName="f", **CODE), "DependsOn": "P"}
    held = lambda_backends[ACCOUNT][REGION]
    for retries in (0, 1):
        assert stacks.deploy(template(**app, C=config("Q", MaximumRetryAttempts=retries))).endswith("E_COMPLETE")
        assert held.get_function_event_invoke_config("f")["MaximumRetryAttempts"] == retries
    assert stacks.deploy(template(**app, C=config("O"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert "may not send" in stacks.reasons()[-1]
    assert held.get_function_event_invoke_config("f")["MaximumRetryAttempts"] == 1
    assert stacks.deploy(template(**app)) == "UPDATE_COMPLETE"
    assert held.list_function_event_invoke_configs("f")["FunctionEventInvokeConfigs"] == []
    assert stacks.deploy(template(**app, C=config("Q", Qualifier="live"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"


def test_where_logs_are_sent(stacks: Stacks) -> None:
    """To a function that lets the service in for this log group, or with a role that may write."""
    group = resource("Logs::LogGroup", LogGroupName="g")
    stream = resource("Kinesis::Stream", Name="s", ShardCount=1)
    function = resource("Lambda::Function", FunctionName="f", **CODE)
    send = {"Effect": "Allow", "Action": "kinesis:PutRecord", "Resource": of("S", "Arn")}
    policies = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [send]}}]
    lets_in = {"AssumeRolePolicyDocument": trust({"Service": "logs.amazonaws.com"})}
    roles = {
        "R": FUNCTION_ROLE,
        "W": resource("IAM::Role", **lets_in, Policies=policies),
        "N": resource("IAM::Role", **lets_in),
    }
    may = may_invoke("logs", SourceArn=of("G", "Arn"), SourceAccount=ACCOUNT)
    app = {**roles, "G": group, "F": function, "S": stream, "M": may}

    def sent(to: str, pattern: str = "a", **more: Any) -> dict[str, Any]:
        given = {"LogGroupName": of("G"), "FilterPattern": pattern, "DestinationArn": of(to, "Arn"), **more}
        return {**resource("Logs::SubscriptionFilter", **given), "DependsOn": ["M"]}

    def there() -> list[tuple[str, str]]:
        found = logs_backends[ACCOUNT][REGION].groups["g"].subscription_filters.values()
        return [(one.destination_arn.rpartition(":")[2], one.filter_pattern) for one in found]

    assert stacks.deploy(template(**app, L=sent("F"))) == "CREATE_COMPLETE", stacks.reasons()
    assert stacks.deploy(template(**app, L=sent("F", "b"))) == "UPDATE_COMPLETE"
    assert there() == [("f", "b")]
    assert stacks.deploy(template(**app, L=sent("S", RoleArn=of("W", "Arn")))) == "UPDATE_COMPLETE"
    assert there() == [("stream/s", "a")]
    for wrong in (sent("S", RoleArn=of("N", "Arn")), sent("S"), sent("S", RoleArn=of("R", "Arn"))):
        assert stacks.deploy(template(**app, L=wrong)) == "UPDATE_ROLLBACK_COMPLETE"
        assert there() == [("stream/s", "a")]
    # Many permissions call the service by its name in the Region.
    regional = resource("Lambda::Permission", **may["Properties"] | {"Principal": f"logs.{REGION}.amazonaws.com"})
    assert stacks.deploy(template(**app | {"M": regional}, L=sent("F"))) == "UPDATE_COMPLETE", stacks.reasons()
    assert stacks.deploy(template(**app, L=sent("S", RoleArn=of("W", "Arn")))) == "UPDATE_COMPLETE"
    shut = {**app, "O": resource("Lambda::Function", FunctionName="other", **CODE)}
    assert stacks.deploy(template(**shut, L=sent("O"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert "permission to execute" in stacks.reasons()[-1]
    assert stacks.deploy(template(**app)) == "UPDATE_COMPLETE"
    assert there() == []
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_function_that_rotates_a_secret(stacks: Stacks) -> None:
    """It lets Secrets Manager call it; the secret says so, until it is rotated no more."""
    secret, function = resource("SecretsManager::Secret"), resource("Lambda::Function", FunctionName="f", **CODE)
    app = {"R": FUNCTION_ROLE, "S": secret, "F": function}

    def rotated(days: int, by: str = "F") -> dict[str, Any]:
        rules = {"AutomaticallyAfterDays": days}
        given = {"SecretId": of("S"), "RotationLambdaARN": of(by, "Arn"), "RotationRules": rules}
        return {**resource("SecretsManager::RotationSchedule", **given), "DependsOn": "M"}

    def told_of() -> tuple[Any, ...]:
        (found,) = operation("secretsmanager", "ListSecrets", ACCOUNT, REGION, {})["SecretList"]
        days = (found.get("RotationRules") or {}).get("AutomaticallyAfterDays")
        return found["RotationEnabled"], found["RotationLambdaARN"], days

    may = may_invoke("secretsmanager", SourceAccount=ACCOUNT)
    for days in (30, 60):
        assert stacks.deploy(template(**app, M=may, S2=rotated(days))).endswith("E_COMPLETE"), stacks.reasons()
        assert told_of() == (True, ARN, days)
    other = resource("Lambda::Function", FunctionName="other", **CODE)
    assert stacks.deploy(template(**app, M=may, O=other, S2=rotated(90, "O"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert told_of() == (True, ARN, 60)
    hosted = {"SecretId": of("S"), "HostedRotationLambda": {"RotationType": "MySQLSingleUser"}}
    hosted = resource("SecretsManager::RotationSchedule", **hosted)
    assert stacks.deploy(template(**app, M=may, S2=hosted)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "only those with RotationLambdaARN" in stacks.reasons()[-1]
    assert stacks.deploy(template(**app)) == "UPDATE_COMPLETE"
    assert not told_of()[0]
    assert stacks.delete() == "DELETE_COMPLETE"


def test_an_alarm_of_alarms(stacks: Stacks) -> None:
    """Made, changed and deleted by its rule; what acts on more than the alarm fails it."""
    held = cloudwatch_backends[ACCOUNT][REGION].alarms

    def both(rule: str, **more: Any) -> dict[str, Any]:
        alarms = resource("CloudWatch::CompositeAlarm", AlarmName="both", AlarmRule=rule, **more)
        return told(of("B", "Arn"), A=alarm(AlarmName="one"), B={**alarms, "DependsOn": "A"})

    for rule in ("ALARM(one)", "NOT ALARM(one)"):
        assert stacks.deploy(both(rule)).endswith("E_COMPLETE"), stacks.reasons()
        assert held["both"].rule == rule
    assert stacks.outputs()["O0"].endswith(":alarm:both")
    stopped = both("TRUE", AlarmActions=["arn:aws:automate:eu-central-1:ec2:stop"])
    assert stacks.deploy(stopped) == "UPDATE_ROLLBACK_COMPLETE"
    assert held["both"].rule == "NOT ALARM(one)"
    assert stacks.delete() == "DELETE_COMPLETE"
    assert not held


def test_the_policy_of_an_api(stacks: Stacks) -> None:
    """It is put, changed and taken away."""

    def api(*accounts: str) -> dict[str, Any]:
        principal = {"AWS": [f"arn:aws:iam::{one}:root" for one in accounts]}
        statement = {"Effect": "Allow", "Principal": principal, "Action": "execute-api:Invoke"}
        statement["Resource"] = ["*", "execute-api:/prod/*"]
        policy = {"Policy": {"Version": "2012-10-17", "Statement": [statement]}} if accounts else {}
        return template(A=resource("ApiGateway::RestApi", Name="a", **policy))

    for accounts in ([ACCOUNT], ["222233334444"], []):
        assert stacks.deploy(api(*accounts)).endswith("E_COMPLETE"), stacks.reasons()
        (held,) = apigateway_backends[ACCOUNT][REGION].apis.values()
        statement = json.loads(held.policy)["Statement"][0] if held.policy else {}
        assert statement.get("Principal", {}).get("AWS", []) == [f"arn:aws:iam::{one}:root" for one in accounts]
        if statement:
            assert statement["Resource"] == ["*", f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{held.id}/prod/*"]
    assert stacks.delete() == "DELETE_COMPLETE"


def asked(service: str, name: str, **given: Any) -> dict[str, Any]:
    return operation(service, name, ACCOUNT, REGION, given)


def test_a_data_catalog(stacks: Stacks) -> None:
    """Databases, tables, jobs, crawlers and work groups are made, changed under their names, and deleted."""
    lets_in = {"AssumeRolePolicyDocument": trust({"Service": "glue.amazonaws.com"})}

    def app(said: str) -> dict[str, Any]:
        mine = {"CatalogId": of("AWS::AccountId")}
        columns = {"Columns": [{"Name": "a", "Type": "string"}], "Location": "s3://b/p"}
        table = {"Name": "t", "Description": said, "StorageDescriptor": columns}
        script = {"Name": "glueetl", "ScriptLocation": "s3://b/k"}
        return template(
            R=resource("IAM::Role", **lets_in),
            D=resource("Glue::Database", DatabaseInput={"Name": "Data", "Description": said}, **mine),
            T=resource("Glue::Table", DatabaseName=of("D"), TableInput=table, **mine),
            J=resource("Glue::Job", Role=of("R"), Command=script, Description=said, Tags={"k": said}),
            C=resource(
                "Glue::Crawler",
                Role=of("R", "Arn"),
                Description=said,
                Targets={"S3Targets": [{"Path": "s3://b/p"}]},
                Schedule={"ScheduleExpression": "cron(0 1 * * ? *)"},
            ),
            W=resource("Athena::WorkGroup", Name="w", Description=said, WorkGroupConfiguration={}),
        )

    def told_of() -> list[Any]:
        crawler, job = stacks.resources()["C"], stacks.resources()["J"]
        return [
            asked("glue", "GetDatabase", Name="data")["Database"]["Description"],
            asked("glue", "GetTable", DatabaseName="data", Name="t")["Table"]["Description"],
            asked("glue", "GetJob", JobName=job)["Job"]["Description"],
            asked("glue", "GetCrawler", Name=crawler)["Crawler"]["Description"],
            asked("athena", "GetWorkGroup", WorkGroup="w")["WorkGroup"]["Description"],
        ]

    assert stacks.deploy(app("a")) == "CREATE_COMPLETE", stacks.reasons()
    first, said = stacks.resources(), told_of()
    assert stacks.deploy(app("b")) == "UPDATE_COMPLETE", stacks.reasons()
    assert (said, told_of(), stacks.resources()) == (["a"] * 5, ["b"] * 5, first)
    assert stacks.delete() == "DELETE_COMPLETE"
    left = asked("glue", "GetDatabases")["DatabaseList"], asked("glue", "GetJobs")["Jobs"]
    assert (*left, asked("glue", "GetCrawlers")["Crawlers"]) == ([], [], [])


def test_a_cluster_of_databases_and_its_secret(stacks: Stacks) -> None:
    """A cluster is changed in place, takes no other's name, and its secret says where it is."""
    given = {"SecretStringTemplate": '{"username": "a"}', "GenerateStringKey": "password"}

    def app(days: int) -> dict[str, Any]:
        login = {"MasterUsername": "a", "MasterUserPassword": "longer-than-8", "DBClusterIdentifier": "Mine"}
        kind = "AWS::RDS::DBCluster"
        return told(
            of("C", "Endpoint.Address"),
            C=resource("RDS::DBCluster", Engine="aurora-mysql", BackupRetentionPeriod=days, **login),
            I=resource(
                "RDS::DBInstance", Engine="aurora-mysql", DBInstanceClass="db.serverless", DBClusterIdentifier=of("C")
            ),
            S=resource("SecretsManager::Secret", GenerateSecretString=given),
            A=resource("SecretsManager::SecretTargetAttachment", SecretId=of("S"), TargetId=of("C"), TargetType=kind),
        )

    assert stacks.deploy(app(2)) == "CREATE_COMPLETE", stacks.reasons()
    assert stacks.deploy(app(3), "second") == "ROLLBACK_COMPLETE"
    assert "already exists" in stacks.reasons("second")[0]
    said = json.loads(asked("secretsmanager", "GetSecretValue", SecretId=stacks.resources()["S"])["SecretString"])
    assert (said["host"], said["dbClusterIdentifier"]) == (stacks.outputs()["O0"], "mine")
    assert stacks.deploy(app(4)) == "UPDATE_COMPLETE", stacks.reasons()
    assert [one["BackupRetentionPeriod"] for one in asked("rds", "DescribeDBClusters")["DBClusters"]] == [4]
    assert stacks.delete() == "DELETE_COMPLETE"
    assert asked("rds", "DescribeDBClusters")["DBClusters"] == []


def writing(*services: str, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "logs:PutLogEvents", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [{**statement, **more}]}


def test_the_policy_of_logs(stacks: Stacks) -> None:
    """It is that of the template, as text or not; one that is for others than services is refused, as it is unknown."""

    def app(document: Any) -> dict[str, Any]:
        return template(P=resource("Logs::ResourcePolicy", PolicyName="p", PolicyDocument=document))

    def held() -> list[Any]:
        found = asked("logs", "DescribeResourcePolicies")["resourcePolicies"]
        return [json.loads(one["policyDocument"])["Statement"][0]["Principal"] for one in found]

    assert stacks.deploy(app(json.dumps(writing("events.amazonaws.com")))) == "CREATE_COMPLETE", stacks.reasons()
    assert stacks.deploy(app(writing("es.amazonaws.com"))) == "UPDATE_COMPLETE", stacks.reasons()
    assert held() == [{"Service": ["es.amazonaws.com"]}]
    for refused in (writing(Principal="*"), writing("es.amazonaws.com") | {"Version": "2008-10-17"}):
        assert stacks.deploy(app(refused)) == "UPDATE_ROLLBACK_COMPLETE"
    assert (held(), stacks.delete()) == ([{"Service": ["es.amazonaws.com"]}], "DELETE_COMPLETE")
    assert held() == []


def distribution(said: str, **more: Any) -> dict[str, Any]:
    methods = {"AllowedMethods": ["GET", "HEAD", "OPTIONS"], "CachedMethods": ["GET", "HEAD"]}
    origins = [
        {"Id": "o", "DomainName": "b.s3.amazonaws.com", "OriginAccessControlId": of("A", "Id"), "S3OriginConfig": {}},
        {"Id": "p", "DomainName": "x.example.com", "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"}},
    ]
    config = {
        "Comment": said,
        "Enabled": True,
        "IPV6Enabled": True,
        "Aliases": ["a.example.com"],
        "Origins": origins,
        "Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Locations": ["DE"]}},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only", **methods},
        **more,
    }
    return resource("CloudFront::Distribution", DistributionConfig=config, Tags=[{"Key": "k", "Value": said}])


CONTROL = {"Name": "c", "OriginAccessControlOriginType": "s3", "SigningBehavior": "always", "SigningProtocol": "sigv4"}


def test_a_distribution(stacks: Stacks) -> None:
    """It is changed in place, with its tags, and its lists are those of the template; two controls have two names."""
    control = resource("CloudFront::OriginAccessControl", OriginAccessControlConfig=CONTROL)
    assert stacks.deploy(template(A=control, D=distribution("a"))) == "CREATE_COMPLETE", stacks.reasons()
    assert stacks.deploy(template(A=control), "second") == "ROLLBACK_COMPLETE"
    assert "same name" in stacks.reasons("second")[0]
    first = stacks.resources()
    assert stacks.deploy(template(A=control, D=distribution("b"))) == "UPDATE_COMPLETE", stacks.reasons()
    found = asked("cloudfront", "GetDistribution", Id=first["D"])["Distribution"]
    tags = asked("cloudfront", "ListTagsForResource", Resource=found["ARN"])["Tags"]["Items"]
    found = found["DistributionConfig"]
    assert (stacks.resources(), tags) == (first, [{"Key": "k", "Value": "b"}])
    assert [one["Id"] for one in found["Origins"]["Items"]] == ["o", "p"]
    assert found["DefaultCacheBehavior"]["AllowedMethods"]["CachedMethods"]["Items"] == ["GET", "HEAD"]
    assert (found["Comment"], found["Aliases"]["Items"]) == ("b", ["a.example.com"])
    refused = distribution("c", Logging={"Bucket": "b.s3.amazonaws.com"})
    assert stacks.deploy(template(A=control, D=refused)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"
    assert not asked("cloudfront", "ListDistributions")["DistributionList"].get("Items")
    assert not asked("cloudfront", "ListOriginAccessControls")["OriginAccessControlList"].get("Items")

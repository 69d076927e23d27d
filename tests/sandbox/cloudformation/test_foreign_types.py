"""
Resources that are as moto makes them: what it cannot do fails the resource, and the stack is rolled back.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest

from tests.sandbox.cast import HOME, policy, trust
from trustproof.sandbox import Sandbox
from trustproof.sandbox.moto import deletions
from trustproof.sandbox.moto.cloudformation import foreign_model

USER = {"Type": "AWS::IAM::User"}
TRUST = policy(
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
)


def template(code: str, **more: Any) -> dict[str, Any]:
    function = {
        "Code": {"ZipFile": code},
        "Handler": "index.h",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Runtime": "python3.13",
    }
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": json.loads(TRUST)}}
    resources = {"Role": role, "Function": {"Type": "AWS::Lambda::Function", "Properties": function}, **more}
    return {"StackName": "inline", "TemplateBody": json.dumps({"Resources": resources}), "Capabilities": CAPABILITIES}


CAPABILITIES = ["CAPABILITY_IAM"]


def test_a_function_with_inline_code(aws: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays as it is in an update of something else, changes with its text, and what fails is rolled back."""
    cloudformation = aws.client("cloudformation", account=HOME)

    def status() -> str:
        return str(cloudformation.describe_stacks(StackName="inline")["Stacks"][0]["StackStatus"])

    def code() -> str:
        function = cloudformation.describe_stack_resource(StackName="inline", LogicalResourceId="Function")
        name = function["StackResourceDetail"]["PhysicalResourceId"]
        found = aws.client("lambda", account=HOME).get_function(FunctionName=name)["Configuration"]["CodeSha256"]
        return str(found)

    cloudformation.create_stack(**template("def h(e, c): return 1"))
    first = code()
    cloudformation.update_stack(**template("def h(e, c): return 1", User=USER))
    assert (status(), code()) == ("UPDATE_COMPLETE", first)
    events = cloudformation.describe_stack_events(StackName="inline")["StackEvents"]
    assert not [one for one in events if one["LogicalResourceId"] == "Function" and "UPDATE" in one["ResourceStatus"]]
    cloudformation.update_stack(**template("def h(e, c): return 2", User=USER))
    second = code()
    assert (status(), second == first) == ("UPDATE_COMPLETE", False)

    def bug(*_given: Any, **_named: Any) -> None:
        raise ValueError("a bug of moto's")

    from moto.awslambda.models import LambdaFunction

    monkeypatch.setattr(LambdaFunction, "update_configuration", bug)
    cloudformation.update_stack(**template("def h(e, c): return 3"))
    events = cloudformation.describe_stack_events(StackName="inline")["StackEvents"]
    assert any("a bug of moto's" in str(one.get("ResourceStatusReason")) for one in events)
    monkeypatch.undo()
    assert status().startswith("UPDATE_ROLLBACK")
    cloudformation.delete_stack(StackName="inline")
    assert "inline" not in str(cloudformation.describe_stacks()["Stacks"])


def test_names_that_a_service_takes(aws: Sandbox) -> None:
    """A resource without a name gets one that its service takes: in lower case, or with the end that is asked for."""
    resources = {
        "Repository": {"Type": "AWS::ECR::Repository"},
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True}},
    }
    cloudformation = aws.client("cloudformation", account=HOME)
    cloudformation.create_stack(StackName="Nameless", TemplateBody=json.dumps({"Resources": resources}))
    made = cloudformation.describe_stack_resources(StackName="Nameless")["StackResources"]
    names = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in made}
    assert names["Repository"].startswith("nameless-repository-")
    assert names["Bucket"].startswith("nameless-bucket-")
    assert names["Queue"].endswith(".fifo")
    cloudformation.delete_stack(StackName="Nameless")


def test_the_arn_of_what_is_referred_to_by_it(aws: Sandbox) -> None:
    """Where `Ref` is an ARN, so is the attribute of that name, also where moto does not have it."""
    role = {"AssumeRolePolicyDocument": {"Statement": [trust({"Service": "states.amazonaws.com"})]}}
    machine = {"DefinitionString": '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'}
    resources = {
        "R": {"Type": "AWS::IAM::Role", "Properties": role},
        "M": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {**machine, "RoleArn": {"Fn::GetAtt": ["R", "Arn"]}},
        },
    }
    outputs = {"Ref": {"Value": {"Ref": "M"}}, "Arn": {"Value": {"Fn::GetAtt": ["M", "Arn"]}}}
    cloudformation = aws.client("cloudformation", account=HOME)
    body = json.dumps({"Resources": resources, "Outputs": outputs})
    cloudformation.create_stack(StackName="machine", TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
    (stack,) = cloudformation.describe_stacks(StackName="machine")["Stacks"]
    values = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
    assert stack["StackStatus"] == "CREATE_COMPLETE", cloudformation.describe_stack_events(StackName="machine")
    assert values["Ref"] == values["Arn"]
    cloudformation.delete_stack(StackName="machine")


KEY_POLICY = json.loads(
    policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{HOME}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    )
)
OTHER_POLICY = {**KEY_POLICY, "Id": "other"}


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize(
    ("kind", "before", "after", "named"),
    [
        ("KMS::Key", {"KeyPolicy": KEY_POLICY}, {"KeyPolicy": OTHER_POLICY}, None),
        ("Logs::LogGroup", {"LogGroupName": "g"}, {"LogGroupName": "g", "KmsKeyId": "k"}, "KmsKeyId"),
    ],
)
def test_what_cannot_be_changed_is_as_it_was(
    aws: Sandbox, kind: str, before: dict[str, Any], after: dict[str, Any], named: str | None, kept: bool
) -> None:
    """A change that moto cannot make fails before anything is done: the stack is rolled back, and can be updated."""
    cloudformation = aws.client("cloudformation", account=HOME)
    name = f"unchanged-{kind.split('::')[0]}-{named}-{kept}"

    def body(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
        resources = {"R": {"Type": f"AWS::{kind}", "Properties": properties}, **more}
        return {"StackName": name, "TemplateBody": json.dumps({"Resources": resources}), "Capabilities": CAPABILITIES}

    def status() -> str:
        return str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    cloudformation.create_stack(**body(before))
    cloudformation.update_stack(**body(after), DisableRollback=kept)
    if named is None:
        assert status() == "UPDATE_COMPLETE"
    else:
        assert status() == ("UPDATE_FAILED" if kept else "UPDATE_ROLLBACK_COMPLETE")
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        reasons = [one.get("ResourceStatusReason", "") for one in events]
        assert f"the sandbox cannot change {named} of a resource of type AWS::{kind}" in reasons
    cloudformation.update_stack(**body(before, User=USER), DisableRollback=kept)
    assert status() == "UPDATE_COMPLETE"
    cloudformation.delete_stack(StackName=name)


def made(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def of(name: str, attribute: str = "") -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}


CIDR, ANYWHERE = "10.0.0.0/24", "0.0.0.0/0"
MOST = {
    "Vpc": made("EC2::VPC", CidrBlock="10.0.0.0/16"),
    "One": made("EC2::Subnet", VpcId=of("Vpc"), CidrBlock=CIDR),
    "Two": made("EC2::Subnet", VpcId=of("Vpc"), CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1b"),
    "Internet": made("EC2::InternetGateway"),
    "Attached": made("EC2::VPCGatewayAttachment", VpcId=of("Vpc"), InternetGatewayId=of("Internet")),
    "Table": made("EC2::RouteTable", VpcId=of("Vpc")),
    "Route": made("EC2::Route", RouteTableId=of("Table"), DestinationCidrBlock=ANYWHERE, GatewayId=of("Internet")),
    "InTable": made("EC2::SubnetRouteTableAssociation", SubnetId=of("One"), RouteTableId=of("Table")),
    "Address": made("EC2::EIP", Domain="vpc"),
    "Nat": made("EC2::NatGateway", SubnetId=of("One"), AllocationId=of("Address", "AllocationId")),
    "Group": made("EC2::SecurityGroup", GroupDescription="g", VpcId=of("Vpc")),
    "Rule": made(
        "EC2::SecurityGroupIngress",
        GroupId=of("Group", "GroupId"),
        IpProtocol="tcp",
        FromPort=443,
        ToPort=443,
        CidrIp=CIDR,
    ),
    "Volume": made("EC2::Volume", Size=1, AvailabilityZone="us-east-1a"),
    "Cluster": made("ECS::Cluster"),
    "Task": made("ECS::TaskDefinition", ContainerDefinitions=[{"Name": "a", "Image": "a", "Memory": 64}]),
    "Balancer": made("ElasticLoadBalancingV2::LoadBalancer", Subnets=[of("One"), of("Two")]),
    "Targets": made("ElasticLoadBalancingV2::TargetGroup", Port=80, Protocol="HTTP", VpcId=of("Vpc")),
    "Listener": made(
        "ElasticLoadBalancingV2::Listener",
        LoadBalancerArn=of("Balancer"),
        Port=80,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": of("Targets")}],
    ),
    "Zone": made("Route53::HostedZone", Name="example.com"),
    "Api": made("ApiGateway::RestApi", Name="a"),
    "Part": made("ApiGateway::Resource", RestApiId=of("Api"), ParentId=of("Api", "RootResourceId"), PathPart="a"),
}


def test_most_is_deleted_with_its_stack(aws: Sandbox) -> None:
    """What moto does not delete by itself is deleted by the operations of its services, and is gone."""
    cloudformation = aws.client("cloudformation", account=HOME, region="us-east-1")
    resources = {**MOST, "Route": {**MOST["Route"], "DependsOn": "Attached"}}
    cloudformation.create_stack(StackName="most", TemplateBody=json.dumps({"Resources": resources}))
    stack = cloudformation.describe_stacks(StackName="most")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    cloudformation.delete_stack(StackName="most")
    events = cloudformation.describe_stack_events(StackName=stack["StackId"])["StackEvents"]
    assert [one["ResourceStatusReason"] for one in events if one["ResourceStatus"] == "DELETE_FAILED"] == []
    ec2 = aws.client("ec2", account=HOME, region="us-east-1")
    assert [one for one in ec2.describe_vpcs()["Vpcs"] if not one["IsDefault"]] == []
    assert ec2.describe_addresses()["Addresses"] == []
    assert aws.client("route53", account=HOME).list_hosted_zones()["HostedZones"] == []


def test_what_deletes_is_there() -> None:
    """Each row of the table of deletions names a type and a function of moto's."""
    for type_name, (service, function, *_) in deletions._ROWS.items():
        backends = getattr(
            import_module(f"moto.{service}.models"), deletions._BACKENDS.get(service, f"{service}_backends")
        )
        assert foreign_model(type_name) is not None
        assert callable(getattr(backends[HOME]["aws" if service in deletions._GLOBAL else "us-east-1"], function))

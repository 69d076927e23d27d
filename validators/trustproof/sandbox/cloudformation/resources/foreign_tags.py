"""
Tags of resources that moto makes of templates: it leaves out those of many types, and changes those of few. They are
given by the operations of the services.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from trustproof.sandbox.cloudformation.resource_type import Place, Properties, changed_tags
from trustproof.sandbox.moto.operations import operation


class _Tagging(NamedTuple):
    """How a type is tagged."""

    service: str
    #: The operations that give tags and take them, and the parameter that names the resource.
    gives: str
    takes: str
    resource: str
    #: The parameters with the tags, and with the keys of those that go.
    tags: str
    keys: str
    #: `map`, or how a tag in a list has its key and value: `Key` or `key`.
    form: str
    #: The attribute by which the resource is named, or `Ref`.
    by: str


_TABLE = """
    DynamoDB::Table dynamodb TagResource UntagResource ResourceArn Tags TagKeys Key Arn
    ECR::Repository ecr TagResource UntagResource resourceArn tags tagKeys Key Arn
    ECS::Cluster ecs TagResource UntagResource resourceArn tags tagKeys key Arn
    EFS::FileSystem efs TagResource UntagResource ResourceId Tags TagKeys Key Ref
    ElasticLoadBalancingV2::LoadBalancer elbv2 AddTags RemoveTags ResourceArns Tags TagKeys Key Ref
    ElasticLoadBalancingV2::TargetGroup elbv2 AddTags RemoveTags ResourceArns Tags TagKeys Key Ref
    Events::EventBus events TagResource UntagResource ResourceARN Tags TagKeys Key Arn
    Events::Rule events TagResource UntagResource ResourceARN Tags TagKeys Key Arn
    Kinesis::Stream kinesis AddTagsToStream RemoveTagsFromStream StreamName Tags TagKeys map Ref
    Lambda::Function lambda TagResource UntagResource Resource Tags TagKeys map Arn
    Logs::LogGroup logs TagResource UntagResource resourceArn tags tagKeys map Arn
    SNS::Topic sns TagResource UntagResource ResourceArn Tags TagKeys Key Ref
    SQS::Queue sqs TagQueue UntagQueue QueueUrl Tags TagKeys map Ref
    StepFunctions::StateMachine stepfunctions TagResource UntagResource resourceArn tags tagKeys key Ref
"""
#: Types of EC2 whose resources have tags.
_OF_EC2 = "FlowLog Instance InternetGateway NatGateway NetworkInterface RouteTable SecurityGroup Subnet VPC"
#: Parameters with a list of resources, of which this is one.
_LISTED = ("ResourceArns", "Resources")
_TAGGED = {f"AWS::{kind}": _Tagging(*rest) for kind, *rest in map(str.split, _TABLE.strip().splitlines())}
_EC2 = ("ec2", "CreateTags", "DeleteTags", "Resources", "Tags", "Tags", "Key")
_TAGGED |= {f"AWS::EC2::{kind}": _Tagging(*_EC2, "Ref") for kind in _OF_EC2.split()}
_TAGGED["AWS::EC2::EIP"] = _Tagging(*_EC2, "AllocationId")


def are_given(kind: str) -> bool:
    """Whether the tags of a type are given here, and moto is told of none."""
    return kind in _TAGGED


def named_by(kind: str) -> str:
    """The attribute by which a resource of such a type is named where its tags are given, or `Ref`."""
    return _TAGGED[kind].by


def give(kind: str, place: Place, name: str, old: Properties, new: Properties) -> None:
    """
    Bring the tags of a resource to what its template says.

    Args:
        kind: one whose tags are given here.
        place: of the resource.
        name: of it, as `named_by` says.
        old: its properties so far.
        new: those that it shall have.

    Raises:
        RefusedRequest: the service refuses them.
    """
    how = _TAGGED[kind]
    about: dict[str, Any] = {how.resource: [name] if how.resource in _LISTED else name}
    removed, added = changed_tags(old, new)
    if removed:
        gone: list[Any] = [{"Key": key} for key in removed] if how.service == "ec2" else list(removed)
        operation(how.service, how.takes, place.account, place.region, {**about, how.keys: gone})
    if added:
        tags = {tag["Key"]: tag["Value"] for tag in added}
        operation(how.service, how.gives, place.account, place.region, {**about, how.tags: _formed(how.form, tags)})


def _formed(form: str, tags: Mapping[str, str]) -> Any:
    if form == "map":
        return dict(tags)
    value = "Value" if form == "Key" else "value"
    return [{form: key, value: one} for key, one in tags.items()]

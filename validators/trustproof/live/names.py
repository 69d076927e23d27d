"""
Names that a template gives to its resources, compared with what they are called in the deployed stack.

Policies name a resource by its ARN: one of another name is another one to them, however alike the two are.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-resource-name.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustproof.live.policy_comparison import DIFFERS, Comparison
from trustproof.sandbox.cloudformation.errors import RefusedRequest

_SECRET = "AWS::SecretsManager::Secret"
#: Types to the property with their name, where that is the physical id, or the end of it.
_NAMES = {
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::Events::EventBus": "Name",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::SAMLProvider": "Name",
    "AWS::IAM::User": "UserName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    _SECRET: "Name",
}


def compare_name(type_name: str, physical_id: str, properties: Mapping[str, Any]) -> Comparison | None:
    """
    Compare the name that a template gives to a resource with its physical id.

    Args:
        type_name: `AWS::IAM::Role`.
        physical_id: the id that CloudFormation has of what is deployed.
        properties: of the resource, with their values.

    Returns:
        the difference; None where there is none, the template gives no name, or it is not known.
    """
    try:
        name = properties.get(_NAMES.get(type_name, ""))
    except RefusedRequest:
        return None
    if not isinstance(name, str) or not name or physical_id == name:
        return None
    # Of a secret the physical id is its ARN, at whose end Secrets Manager adds six characters.
    end = physical_id[: -len("-123456")] if type_name == _SECRET else physical_id
    if end.endswith((f":{name}", f"/{name}")):
        return None
    return Comparison(DIFFERS, (f"template: {name}; deployed: {physical_id}",))

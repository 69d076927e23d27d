"""
The ARNs that a statement in the policy of a resource is about, as far as the stack says: of the resource itself, whose
name may be CloudFormation's, but whose account and Region are those of the stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import aws_cdk as cdk
from constructs import IConstruct

from trustproof_cdk._arguments import arguments, known_texts, regions
from trustproof_cdk._policies import written_out
from trustproof_cdk._policies.calls import arn_pattern
from trustproof_cdk._synthesis import stacks

#: By the type of a resource: what the CDK calls its name (empty where it has none), and its ARN after the partition.
_ARNS = {
    "AWS::DynamoDB::Table": ("table_name", "dynamodb:{place}:table/{name}"),
    "AWS::ECR::Repository": ("repository_name", "ecr:{place}:repository/{name}"),
    "AWS::KMS::Key": ("", "kms:{place}:key/{name}"),
    "AWS::S3::Bucket": ("bucket_name", "s3:::{name}"),
    "AWS::SNS::Topic": ("topic_name", "sns:{place}:{name}"),
    "AWS::SQS::Queue": ("queue_name", "sqs:{place}:{name}"),
    # AWS Secrets Manager adds a random text.
    "AWS::SecretsManager::Secret": ("name", "secretsmanager:{place}:secret:{name}-*"),
}
#: By the type of a policy, what it is of, and what the CDK calls that.
_OWNERS = {
    "AWS::S3::BucketPolicy": ("AWS::S3::Bucket", "bucket"),
    "AWS::SNS::TopicPolicy": ("AWS::SNS::Topic", "topics"),
    "AWS::SQS::QueuePolicy": ("AWS::SQS::Queue", "queues"),
    "AWS::SecretsManager::ResourcePolicy": ("AWS::SecretsManager::Secret", "secret_id"),
}
#: A reference to others is their name, id or URL.
_REFERRED = re.compile(r"arn:[^:]*:(sns|secretsmanager):")


def patterns(construct: cdk.CfnResource, entries: list[Any]) -> list[str]:
    """
    What the resources of a statement are, as patterns of ARNs; ``*`` where nothing is known of one.

    Args:
        construct: that has the policy.
        entries: of ``Resource``, resolved.
    """
    stack = stacks.stack_of(construct)
    arns = _arns(stack)
    found = _granted(stack, entries, arns)
    own = list(_own(construct, {**_places(stack), **arns}))
    return [arn for one in found for arn in (own if one.startswith("*") else [one])]


def granted(stack: cdk.Stack, entries: list[Any]) -> list[str]:
    """
    The same of a statement that is in no policy of a resource, like one of a user.

    Args:
        stack: of the policy.
        entries: of ``Resource``, resolved.
    """
    return _granted(stack, entries, _arns(stack))


def _granted(stack: cdk.Stack, entries: list[Any], arns: Mapping[str, str]) -> list[str]:
    referred = {name: arn for name, arn in arns.items() if _REFERRED.match(arn)}
    given = {**_places(stack), **referred}
    return [arn_pattern(written_out.with_references(one, stack, given, arns)) for one in entries]


def _places(stack: cdk.Stack) -> dict[str, str]:
    """Of a stack, the Region and the partition, as far as it says."""
    region, partition = stacks.region_of(stack), regions.partition_of(stack)
    found = {} if arguments.is_token(region) else {"AWS::Region": region}
    return found if partition is None else {**found, "AWS::Partition": partition}


def _arns(stack: cdk.Stack) -> dict[str, str]:
    """By logical id, the ARNs of resources of a stack."""
    there = (one for one in stacks.node_of(stack).find_all() if isinstance(one, cdk.CfnResource) and _is_in(one, stack))
    return {stack.resolve(one.logical_id): _arn(one) for one in there}


def _is_in(one: cdk.CfnResource, stack: cdk.Stack) -> bool:
    return one.cfn_resource_type in _ARNS and stacks.stack_of(one) is stack


def _own(construct: cdk.CfnResource, given: Mapping[str, str]) -> Iterator[str]:
    """Of what a policy is: no statement there is about anything else."""
    kind = construct.cfn_resource_type
    if kind in _ARNS:
        yield _arn(construct)
    elif kind not in _OWNERS:
        yield "*"
    else:
        owner, attribute = _OWNERS[kind]
        stack, owned = stacks.stack_of(construct), getattr(construct, attribute, None)
        resolved = stack.resolve(owned)
        for one in resolved if isinstance(resolved, list) else [resolved]:
            text = written_out.with_references(one, stack, given)
            is_known = isinstance(text, str) and text.startswith("arn:")
            yield text if is_known else _written(construct, _ARNS[owner][1], "*")


def _arn(made: Any) -> str:
    attribute, arn = _ARNS[made.cfn_resource_type]
    name = getattr(made, attribute, None) if attribute else None
    text = None if name is None else known_texts.text(name, made)
    return _written(made, arn, "*" if text is None or arguments.is_token(text) else text)


def _written(scope: IConstruct, arn: str, name: str) -> str:
    stack = stacks.stack_of(scope)
    place = (stacks.region_of(stack), stacks.account_of(stack))
    written = ":".join("*" if arguments.is_token(one) else one for one in place)
    return f"arn:{regions.partition_of(stack) or '*'}:{arn.format(place=written, name=name)}"

"""
What the policies of resources stand on: a statement there about anything else is about nothing.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import aws_cdk as cdk
from constructs import IConstruct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._policies import useless_actions as useless
from trustproof_cdk._policies import written_out
from trustproof_cdk._policies.calls import arn_pattern, may_be_one
from trustproof_cdk._synthesis import stacks

#: Types of policies, the property that has what they stand on, and how the ARN of that is written from its name: what
#: stands for Region and account are those of the stack.
_OWNERS = {
    "AWS::S3::BucketPolicy": ("Bucket", "BucketName", "arn:*:s3:::{name}"),
    "AWS::SQS::QueuePolicy": ("Queues", "QueueName", "arn:*:sqs:{region}:{account}:{name}"),
    "AWS::SNS::TopicPolicy": ("Topics", "TopicName", "arn:*:sns:{region}:{account}:{name}"),
    "AWS::SecretsManager::ResourcePolicy": (
        "SecretId",
        "Name",
        "arn:*:secretsmanager:{region}:{account}:secret:{name}-??????",
    ),
}
#: What the actions of policies of resources begin with, by the type that has the policy.
_SERVICES = {
    "AWS::DynamoDB::GlobalTable": "dynamodb",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::ECR::Repository": "ecr",
    "AWS::KMS::Key": "kms",
    "AWS::S3::BucketPolicy": "s3",
    "AWS::SNS::TopicPolicy": "sns",
    "AWS::SQS::QueuePolicy": "sqs",
    "AWS::SecretsManager::ResourcePolicy": "secretsmanager",
}
_AWS = "AWS::"
#: Of these, types that give values of anywhere.
_GIVING = ("AWS::CloudFormation::", "AWS::SSM::")
#: A name that CloudFormation makes.
_GENERATED = "*-*-*"


def why_about_nothing(
    statement: Mapping[str, Any],
    logical_id: str,
    resources: Mapping[str, Any],
    stack: cdk.Stack,
    there: Iterable[IConstruct],
) -> str:
    """
    Why a statement of the policy of a resource is about nothing, in words; empty where that is not plain.

    Args:
        statement: as it is in the template.
        logical_id: of the resource that has the policy.
        resources: of the template, by their logical ids.
        stack: of the template.
        there: all that is in the stack.
    """
    if said := _of_another_service(statement, resources.get(logical_id, {}).get("Type")):
        return said
    entries = statement.get("Resource")
    listed = entries if isinstance(entries, list) else [entries]
    if "*" in listed or entries is None:
        return ""
    owners = list(_owners(logical_id, resources, stack))
    if owners and not any(_may_be_about(one, owners, stack, resources) for one in listed):
        shown = ", ".join(json.dumps(one) if not isinstance(one, str) else one for one in listed)
        return (
            f"is about {shown}, and the policy it was added to is of {' and '.join(name for name, _ in owners)}: there "
            "it does nothing; name that in resources"
        )
    actions = statement.get("Action")
    asked = actions if isinstance(actions, list) else [actions]
    found = list(useless.useless_actions(asked, useless.with_buckets(stack, there, listed)))
    if len(found) < len(asked):
        return ""
    action, expected = found[0]
    return f"does nothing: {action} is about {expected}, and its resources have none of these; name one"


def _of_another_service(statement: Mapping[str, Any], kind: object) -> str:
    """Likewise, of actions of another service than that which asks the policy."""
    service, actions = _SERVICES.get(str(kind)), statement.get("Action")
    asked = actions if isinstance(actions, list) else [actions]
    known = [one for one in asked if isinstance(one, str) and ":" in one and not set("*?$") & set(one.split(":")[0])]
    if service is None or len(known) < len(asked) or any(one.split(":")[0].lower() == service for one in known):
        return ""
    return (
        f"does nothing: {' and '.join(known)} {'are' if len(known) > 1 else 'is'} never asked of the policy it was "
        f"added to, which is about actions of {service}; name these"
    )


def _owners(logical_id: str, resources: Mapping[str, Any], stack: cdk.Stack) -> Iterator[tuple[str, str]]:
    """Of what a policy is, by logical id or name, and the pattern of its ARN; none where one is not known."""
    resource = resources.get(logical_id, {})
    if resource.get("Type") not in _OWNERS:
        return
    property_name, naming, arn = _OWNERS[resource["Type"]]
    given = resource.get("Properties", {}).get(property_name)
    place = {
        "region": "*" if arguments.is_token(stack.region) else stack.region,
        "account": "*" if arguments.is_token(stacks.account_of(stack)) else stacks.account_of(stack),
    }
    owners = []
    for one in given if isinstance(given, list) else [given]:
        owner = one.get("Ref") if isinstance(one, Mapping) else None
        if isinstance(owner, str) and owner in resources:
            name = resources[owner].get("Properties", {}).get(naming)
            called = _GENERATED if name is None else arn_pattern(name)
            owners.append((owner, arn.format(name=called, **place)))
        elif isinstance(one, str) and property_name == "Bucket":
            owners.append((one, arn.format(name=one, **place)))
        else:
            return
    yield from owners


def _may_be_about(
    entry: Any, owners: Sequence[tuple[str, str]], stack: cdk.Stack, resources: Mapping[str, Any]
) -> bool:
    """Whether an entry may be about one of what a policy stands on, or what is in it."""
    named = _named(entry)
    if named & {name for name, _ in owners}:
        return True
    types = {resources[name].get("Type", "") for name in named if name in resources}
    alike = {resources[name].get("Type") for name, _ in owners if name in resources}
    pattern = arn_pattern(written_out.with_references(entry, stack, {}))
    if pattern.startswith("*"):
        # The ARN of another resource; of a parameter, or what a program gives, nobody knows.
        return not types or not all(one.startswith(_AWS) and not one.startswith(_GIVING) for one in types)
    bucket, slash, _ = pattern.partition("/")
    if slash and ":s3:::" in bucket and not set("*?") & set(bucket.rpartition(":")[2]):
        # Whatever is in it.
        pattern = bucket
    if types & alike and all("*" in arn.partition("::")[2] for _, arn in owners):
        return False
    return any(may_be_one(pattern, one) or may_be_one(pattern, f"{one}/*") for _, one in owners)


def _named(value: Any) -> set[str]:
    """The logical ids that a value of a template refers to, pseudo parameters left out."""
    if isinstance(value, list):
        return set().union(*map(_named, value))
    if not isinstance(value, Mapping):
        return set()
    if value.keys() == {"Ref"}:
        return {value["Ref"]} if not str(value["Ref"]).startswith("AWS::") else set()
    if value.keys() == {"Fn::GetAtt"}:
        return {value["Fn::GetAtt"][0]} if isinstance(value["Fn::GetAtt"], list) else set()
    return set().union(*map(_named, value.values()))

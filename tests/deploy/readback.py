"""
What IAM gives back of the policies that were deployed, and their meaning.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.text.source import Source
from trustproof.model.policy import Policy

#: A policy document, as IAM returns it.
Json: TypeAlias = "dict[str, Any]"


def trust_policies(iam: Any) -> dict[str, Json]:
    """Name of every role of an account to its trust policy."""
    names = [role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]]
    return {name: iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] for name in names}


def managed_policies(iam: Any, role: str) -> list[str]:
    """ARNs of the managed policies of a role."""
    return [attached["PolicyArn"] for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]]


def group_policies(iam: Any) -> dict[str, list[Json]]:
    """Name of every group of an account to the policies of its members, inline and attached."""
    names = [group["GroupName"] for page in iam.get_paginator("list_groups").paginate() for group in page["Groups"]]
    return {name: [*_inline(iam, name), *_attached(iam, name)] for name in names}


def _inline(iam: Any, group: str) -> list[Json]:
    names = iam.list_group_policies(GroupName=group)["PolicyNames"]
    return [iam.get_group_policy(GroupName=group, PolicyName=name)["PolicyDocument"] for name in names]


def _attached(iam: Any, group: str) -> list[Json]:
    documents = []
    for attached in iam.list_attached_group_policies(GroupName=group)["AttachedPolicies"]:
        arn = attached["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        documents.append(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    return documents


def trust(document: Json) -> Policy:
    """A trust policy, for the evaluator."""
    return _read("AWS::IAM::Role", {"AssumeRolePolicyDocument": document})


def identity(document: Json) -> Policy:
    """An identity policy, for the evaluator."""
    return _read("AWS::IAM::ManagedPolicy", {"PolicyDocument": document})


def _read(resource_type: str, properties: Json) -> Policy:
    data = {"Resources": {"ReadBack": {"Type": resource_type, "Properties": properties}}}
    (document,) = Template(Source("read back", ""), data, Deployment()).documents
    return document.policy

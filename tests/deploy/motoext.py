"""
CloudFormation support for what the test server knows of IAM only by its API: groups, OpenID Connect providers, and the
managed policies of roles.

The server passes over a resource of a type it has no model for, and the stack is complete all the same.
So the models below must exist before the first stack does: import this module before starting a server.

The server derives a service name from the second part of a model's module name, which is why this module is imported
as ``tests.deploy.motoext`` and never by a name without dots.
"""

from __future__ import annotations

import json
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.iam.models import IAMBackend, Role, iam_backends
from moto.utilities.utils import get_partition


def backend(account_id: str, region_name: str) -> IAMBackend:
    """IAM of one account."""
    return iam_backends[account_id][get_partition(region_name)]


class _WithArn:
    """
    What CloudFormation knows of a resource: what a reference to it is, and its ARN.

    No model itself: the server knows the immediate subclasses of its own base class only.
    """

    def __init__(self, name: str, arn: str) -> None:
        self.physical_resource_id = name
        self.arn = arn

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        assert attribute_name == "Arn"
        return self.arn

    def is_created(self) -> bool:
        return True


class CloudFormationGroup(_WithArn, CloudFormationModel):
    """``AWS::IAM::Group``, with its inline and attached policies."""

    @staticmethod
    def cloudformation_name_type() -> str:
        return "GroupName"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::IAM::Group"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> CloudFormationGroup:
        properties = cloudformation_json["Properties"]
        iam = backend(account_id, region_name)
        group = iam.create_group(resource_name, properties.get("Path", "/"))
        for arn in properties.get("ManagedPolicyArns", []):
            iam.attach_group_policy(arn, resource_name)
        for policy in properties.get("Policies", []):
            iam.put_group_policy(resource_name, policy["PolicyName"], json.dumps(policy["PolicyDocument"]))
        return cls(resource_name, group.arn)


class CloudFormationOpenIdConnectProvider(_WithArn, CloudFormationModel):
    """``AWS::IAM::OIDCProvider``; a reference to it is its ARN."""

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::IAM::OIDCProvider"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> CloudFormationOpenIdConnectProvider:
        properties = cloudformation_json["Properties"]
        provider = backend(account_id, region_name).create_open_id_connect_provider(
            url=properties["Url"],
            thumbprint_list=properties.get("ThumbprintList", []),
            client_id_list=properties.get("ClientIdList", []),
            tags=[],
        )
        return cls(provider.arn, provider.arn)


def _attach_managed_policies() -> None:
    """Let a role of a template keep its ``ManagedPolicyArns``, which the server's own model drops."""
    create = Role.create_from_cloudformation_json

    def create_and_attach(
        resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> Role:
        role = create(resource_name, cloudformation_json, account_id, region_name, **kwargs)
        for arn in cloudformation_json["Properties"].get("ManagedPolicyArns", []):
            backend(account_id, region_name).attach_role_policy(arn, role.name)
        return role

    Role.create_from_cloudformation_json = staticmethod(create_and_attach)  # type: ignore[method-assign]


_attach_managed_policies()

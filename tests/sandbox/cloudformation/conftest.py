"""
CloudFormation of one sandbox, without a server in front.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from trustproof.sandbox.cloudformation.cloud import Cloud
from trustproof.sandbox.cloudformation.service import CloudFormation
from trustproof.sandbox.iam import iam
from trustproof.sandbox.moto import server as moto_server
from trustproof.sandbox.moto.iam import iam_backends
from trustproof.sandbox.organization import Account, Organization

ACCOUNT = "111122223333"
REGION = "eu-central-1"
UNIT = "ou-ab12-11111111"
ACKNOWLEDGED = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]


class Stacks:
    """
    The service, with less to say: stacks of one account, from templates that are dictionaries of resources.
    """

    def __init__(self) -> None:
        accounts = {
            "111122223333": Account("111122223333", "hub"),
            "222233334444": Account("222233334444", "dev", unit=UNIT),
            "333344445555": Account("333344445555", "prod", unit="ou-ab12-22222222"),
        }
        units = {"development": UNIT, "production": "ou-ab12-22222222"}
        self.organization = Organization(accounts=accounts, units=units)
        self.service = CloudFormation(Cloud(self.organization))

    @property
    def iam(self) -> Any:
        return iam_backends[ACCOUNT]["aws"]

    def call(self, operation: str, account: str = ACCOUNT, **parameters: Any) -> dict[str, Any]:
        return self.service.answer(account, REGION, operation, parameters)

    def deploy(self, template: Mapping[str, Any], name: str = "stack", **more: Any) -> str:
        """Create a stack, or update it; return the status that it then has."""
        exists = any(stack["StackName"] == name for stack in self.call("DescribeStacks")["Stacks"])
        self.call(
            "UpdateStack" if exists else "CreateStack",
            StackName=name,
            TemplateBody=json.dumps(template),
            **{"Capabilities": ACKNOWLEDGED, **more},
        )
        return self.stack(name)["StackStatus"]

    def stack(self, name: str = "stack") -> dict[str, Any]:
        (found,) = self.call("DescribeStacks", StackName=name)["Stacks"]
        return dict(found)

    def outputs(self, name: str = "stack") -> dict[str, str]:
        return {output["OutputKey"]: output["OutputValue"] for output in self.stack(name)["Outputs"]}

    def resources(self, name: str = "stack") -> dict[str, str]:
        found = self.call("ListStackResources", StackName=name)["StackResourceSummaries"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}

    def events(self, name: str = "stack") -> list[tuple[str, str]]:
        """What happened, the oldest first."""
        found = self.call("DescribeStackEvents", StackName=name)["StackEvents"]
        return [(event["LogicalResourceId"], event["ResourceStatus"]) for event in reversed(found)]

    def reasons(self, name: str = "stack") -> list[str]:
        """Why something failed."""
        found = self.call("DescribeStackEvents", StackName=name)["StackEvents"]
        return [
            event["ResourceStatusReason"] for event in reversed(found) if event["ResourceStatus"].endswith("_FAILED")
        ]

    def delete(self, name: str = "stack", **more: Any) -> str:
        identifier = self.stack(name)["StackId"]
        self.call("DeleteStack", StackName=name, **more)
        return self.stack(identifier)["StackStatus"]


def inventory(account: str = ACCOUNT) -> dict[str, Any]:
    """All that IAM of an account holds, but for ids and dates: what a deployment is for."""
    backend = iam_backends[account]["aws"]

    def held(identity: Any) -> dict[str, Any]:
        return {
            "policies": {name: json.loads(text) for name, text in sorted(identity.policies.items())},
            "attached": sorted(identity.managed_policies),
            "path": identity.path,
        }

    own = [policy for policy in backend.managed_policies.values() if ":aws:policy/" not in policy.arn]
    return {
        "roles": {
            role.name: held(role)
            | {
                "trust": json.loads(role.assume_role_policy_document),
                "description": role.description,
                "duration": int(role.max_session_duration),
                "boundary": role.permissions_boundary_arn,
                "tags": sorted((tag["Key"], tag["Value"]) for tag in role.tags),
            }
            for role in backend.roles.values()
        },
        "users": {
            user.name: held(user)
            | {
                "groups": sorted(group.name for group in backend.get_groups_for_user(user.name)),
                "boundary": iam.boundary_arn(user),
                "password": user.password,
                "tags": sorted((tag["Key"], tag["Value"]) for tag in backend.list_user_tags(user.name)),
            }
            for user in backend.users.values()
        },
        "groups": {group.name: held(group) for group in backend.groups.values()},
        "managed": {
            policy.arn: json.loads(
                next(one.document for one in policy.versions if one.version_id == policy.default_version_id)
            )
            for policy in own
        },
        "profiles": {
            profile.name: [role.name for role in profile.roles] for profile in backend.instance_profiles.values()
        },
        "oidc": {
            arn: (sorted(provider.client_id_list), sorted(provider.thumbprint_list))
            for arn, provider in backend.open_id_providers.items()
        },
        "saml": {name: provider.saml_metadata_document for name, provider in backend.saml_providers.items()},
        "devices": sorted(backend.virtual_mfa_devices),
        "certificates": sorted((one.cert_name, one.path) for one in backend.certificates.values()),
        "keys": sorted((key.user_name, key.status) for key in backend.access_keys.values()),
    }


@pytest.fixture(scope="session")
def _installed() -> None:
    moto_server.prepare()
    iam.install()


@pytest.fixture
def stacks(_installed: None) -> Iterator[Stacks]:
    """CloudFormation, and an IAM of which nobody has made anything yet."""
    iam_backends.clear()
    yield Stacks()
    iam_backends.clear()


def trust(principal: Any = None, **condition: Any) -> dict[str, Any]:
    """A trust policy."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": principal or {"AWS": ACCOUNT},
    }
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}


def policy(action: str = "s3:GetObject") -> dict[str, Any]:
    """An identity policy."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


def resource(type_name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{type_name}", "Properties": properties}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


@functools.cache
def nothing() -> dict[str, Any]:
    """The inventory of an account in which nobody has made anything."""
    return inventory("999900001111")

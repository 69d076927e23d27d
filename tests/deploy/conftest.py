"""
AWS accounts on a server of this process, and the app deployed to them.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

# Before the first stack: this brings the resource types that the server lacks.
import tests.deploy.motoext  # noqa: F401

#: On a machine with much to do a stack takes its time, and one that is asked for again is there already.
_PATIENT = Config(read_timeout=600, retries={"total_max_attempts": 1})


class Cloud:
    """
    Several AWS accounts behind one endpoint.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._sessions: dict[str, boto3.Session] = {}

    def client(self, service: str, account: str, region: str = "us-east-1") -> Any:
        """A client that acts in an account, with a role that an organization has in each of its accounts."""
        if account not in self._sessions:
            management = boto3.Session("testing", "testing", region_name=region)
            sts = management.client("sts", endpoint_url=self._endpoint)
            role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
            keys = sts.assume_role(RoleArn=role, RoleSessionName="deploy")["Credentials"]
            self._sessions[account] = boto3.Session(
                keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=region
            )
        session = self._sessions[account]
        return session.client(service, region_name=region, endpoint_url=self._endpoint, config=_PATIENT)

    def deploy(self, name: str, template: Mapping[str, Any], account: str, region: str = "us-east-1") -> None:
        """Create a stack, and see that it is complete and holds every resource of its template."""
        # The one trace of `cdk bootstrap` that a template asks for.
        self.client("ssm", account, region).put_parameter(
            Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String", Overwrite=True
        )
        stacks = self.client("cloudformation", account, region)
        stacks.create_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
        )
        (stack,) = stacks.describe_stacks(StackName=name)["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        created = stacks.describe_stack_resources(StackName=name)["StackResources"]
        assert {found["LogicalResourceId"]: found["ResourceType"] for found in created} == {
            logical_id: resource["Type"] for logical_id, resource in template["Resources"].items()
        }


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """A server on the loopback interface, for as long as the tests of this folder run."""
    with pytest.MonkeyPatch.context() as patch:
        # The policies that AWS manages exist on the server only on request, and a fixed account would be everybody's.
        patch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
        patch.delenv("MOTO_ACCOUNT_ID", raising=False)
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        # The server's log has a line for each request; unless it has a level already, it asks for that.
        patch.setattr(logging.getLogger("werkzeug"), "level", logging.WARNING)
        server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        yield Cloud(f"http://{host}:{port}")
        server.stop()

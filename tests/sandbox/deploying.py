"""
Stacks of the CDK, deployed into a sandbox by a real client.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from trustproof.sandbox import Sandbox

REGION = "eu-central-1"
_numbers = count()


class Deployed:
    """
    A stack that is there.
    """

    def __init__(self, aws: Sandbox, stack: cdk.Stack, account: str) -> None:
        self._cloudformation = aws.client("cloudformation", account=account, region=REGION)
        self._stack = stack

    def name_of(self, construct: Construct) -> str:
        """What the resource of a construct is called in the account."""
        logical_id = self._stack.resolve(construct.node.default_child.logical_id)  # type: ignore[union-attr]
        asked = {"StackName": self._stack.stack_name, "LogicalResourceId": logical_id}
        found = self._cloudformation.describe_stack_resource(**asked)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])


def deploy(aws: Sandbox, folder: Path, account: str, made: Callable[[cdk.Stack], Any]) -> tuple[Deployed, Any]:
    """
    A stack with what a function puts into it, and what that gives back.

    Raises:
        AssertionError: the stack is refused, or rolled back.
    """
    number = next(_numbers)
    app = cdk.App(outdir=str(folder / f"out{number}"), builtin_cloud_formation_validation=False)
    # Nobody has bootstrapped the account.
    synthesizer = cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
    environment = cdk.Environment(account=account, region=REGION)
    stack = cdk.Stack(app, f"Stack{number}", env=environment, synthesizer=synthesizer)
    found = made(stack)
    artifact = app.synth().get_stack_artifact(stack.artifact_id)
    template = Path(artifact.template_full_path).read_text(encoding="utf-8")
    cloudformation = aws.client("cloudformation", account=account, region=REGION)
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
    cloudformation.create_stack(StackName=stack.stack_name, TemplateBody=template, Capabilities=capabilities)
    (there,) = cloudformation.describe_stacks(StackName=stack.stack_name)["Stacks"]
    events = cloudformation.describe_stack_events(StackName=stack.stack_name)["StackEvents"]
    reasons = [event["ResourceStatusReason"] for event in events if event.get("ResourceStatusReason")]
    assert there["StackStatus"] == "CREATE_COMPLETE", reasons
    return Deployed(aws, stack, account), found

"""
Resources that are as moto makes them: what it cannot do fails the resource, and the stack is rolled back.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.cast import HOME, policy
from trustproof.sandbox import Sandbox

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

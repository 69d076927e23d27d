"""
Stacks in stacks: what was acknowledged for the outer one, and what becomes of it when the inner one fails.
"""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest

from tests.sandbox.cast import HOME, Cast, allow, policy, refusal, root, trust

TRUST = json.loads(policy(trust(root(HOME))))
NAMED, UNNAMED = "CAPABILITY_NAMED_IAM", "CAPABILITY_IAM"
_numbers = count()


def role(name: str, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, "RoleName": name, **more}}


def nested(cast: Cast, **resources: Any) -> dict[str, Any]:
    """A nested stack of these resources."""
    s3 = cast.aws.client("s3", account=HOME)
    bucket = f"nested{next(_numbers)}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket=bucket, Key="t.json", Body=json.dumps({"Resources": resources}))
    url = f"https://{bucket}.s3.eu-central-1.amazonaws.com/t.json"
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}


class Outer:
    """
    A stack that may have others in it.
    """

    def __init__(self, cast: Cast) -> None:
        self._client = cast.aws.client("cloudformation", account=HOME)
        self.name = f"outer{next(_numbers)}"

    def deploy(self, operation: str, given: list[str], **resources: Any) -> str:
        """Create or update it; the status that it then has."""
        body = json.dumps({"Resources": resources})
        call = getattr(self._client, f"{operation}_stack")
        call(StackName=self.name, TemplateBody=body, Capabilities=given)
        return str(self._client.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"])

    def reasons(self) -> list[str]:
        events = self._client.describe_stack_events(StackName=self.name)["StackEvents"]
        return [event["ResourceStatusReason"] for event in events if event.get("ResourceStatusReason")]

    def delete(self) -> None:
        self._client.delete_stack(StackName=self.name)


@pytest.mark.parametrize("depth", [1, 2])
def test_acknowledgements_are_handed_on(cast: Cast, depth: int) -> None:
    """A named role deep inside is made where named ones were acknowledged, and not where others were, or none."""
    inner = nested(cast, R=role(f"acknowledged{depth}"))
    for _ in range(1, depth):
        inner = nested(cast, Inner=inner)
    for given, status in (([], "ROLLBACK"), ([UNNAMED], "ROLLBACK"), ([NAMED], "CREATE")):
        outer = Outer(cast)
        assert outer.deploy("create", given, Inner=inner) == f"{status}_COMPLETE"
        refused = any("Requires capabilities : [CAPABILITY_NAMED_IAM]" in reason for reason in outer.reasons())
        assert refused is (status == "ROLLBACK")
        outer.delete()


@pytest.mark.parametrize("depth", [1, 2])
def test_termination_protection_is_that_of_the_root(cast: Cast, depth: int) -> None:
    """A nested stack is protected with the outermost one, by nothing else; the outer one takes it with it."""
    inner = nested(cast, R=role(f"protected{depth}"))
    for _ in range(1, depth):
        inner = nested(cast, Inner=inner)
    outer = Outer(cast)
    outer.deploy("create", [NAMED], Inner=inner)
    client = cast.aws.client("cloudformation", account=HOME)
    name = outer.name
    for _ in range(depth):
        found = client.describe_stack_resource(StackName=name, LogicalResourceId="Inner")
        name = found["StackResourceDetail"]["PhysicalResourceId"]

    def protect(stack: str, protected: bool) -> Any:
        return client.update_termination_protection(StackName=stack, EnableTerminationProtection=protected)

    assert refusal(lambda: protect(name, True))[0] == "ValidationError"
    protect(outer.name, True)
    found = client.describe_stacks(StackName=name)["Stacks"][0]
    assert (found["EnableTerminationProtection"], found["RootId"].split("/")[1]) == (True, outer.name)
    for stack in (name, outer.name):
        assert (
            "TerminationProtection is enabled" in refusal(lambda stack=stack: client.delete_stack(StackName=stack))[1]
        )
    assert outer.deploy("update", [NAMED], Other={"Type": "AWS::IAM::Group"}) == "UPDATE_COMPLETE"
    assert client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
    protect(outer.name, False)
    outer.delete()
    assert outer.name not in [one["StackName"] for one in client.describe_stacks()["Stacks"]]


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("where", ["inner", "outer"])
def test_a_failure_is_taken_back_everywhere(cast: Cast, depth: int, where: str) -> None:
    """Whichever stack has what fails, all are as before; and the outer one can be updated again."""
    name = f"taken-back-{depth}-{where}"
    wrong = {"Type": "AWS::IAM::User", "Properties": {"UserName": cast.user()["Name"]}}
    first: dict[str, Any] = {"R": role(name)}
    second: dict[str, Any] = {"R": role(name, MaxSessionDuration=7200)}
    if where == "inner":
        second["Wrong"] = {**wrong, "DependsOn": "R"}
    for _ in range(depth):
        first, second = {"Inner": nested(cast, **first)}, {"Inner": nested(cast, **second)}
    if where == "outer":
        second["Wrong"] = {**wrong, "DependsOn": "Inner"}
    outer = Outer(cast)

    def duration() -> int:
        return int(cast.iam().get_role(RoleName=name)["Role"]["MaxSessionDuration"])

    assert outer.deploy("create", [NAMED], **first) == "CREATE_COMPLETE"
    assert outer.deploy("update", [NAMED], **second) == "UPDATE_ROLLBACK_COMPLETE"
    assert duration() == 3600
    for resources in (first, second):
        resources.pop("Wrong", None)
    assert outer.deploy("update", [NAMED], **first, More={"Type": "AWS::IAM::Group"}) == "UPDATE_COMPLETE"
    if where == "outer":
        assert outer.deploy("update", [NAMED], **second) == "UPDATE_COMPLETE"
        assert duration() == 7200
    outer.delete()


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("skips", [True, False])
def test_a_rollback_that_failed_inside_goes_on(cast: Cast, depth: int, skips: bool) -> None:
    """It goes on by the outer stack, which skips what is inside by the name of the inner one, and nothing else."""
    user = cast.user(allow("*"))
    owner, name = user["Name"], f"outer{next(_numbers)}"
    mine, admin = cast.aws.client("cloudformation", user), cast.aws.client("cloudformation", account=HOME)

    def template(*denied: str) -> str:
        limit = {"Effect": "Deny", "Action": ["iam:DeleteUser", *denied], "Resource": "*"}
        document = {"PolicyName": "limit", "UserName": owner, "PolicyDocument": json.loads(policy(limit))}
        inner: dict[str, Any] = {"Limit": {"Type": "AWS::IAM::UserPolicy", "Properties": document}}
        if denied:
            taken = {"Type": "AWS::IAM::User", "Properties": {"UserName": owner}, "DependsOn": "Limit"}
            inner["Wrong"] = taken
        for _ in range(depth):
            inner = {"Inner": nested(cast, **inner)}
        return json.dumps({"Resources": inner})

    def status(of: str) -> str:
        return str(admin.describe_stacks(StackName=of)["Stacks"][0]["StackStatus"])

    mine.create_stack(StackName=name, TemplateBody=template(), Capabilities=[NAMED])
    mine.update_stack(StackName=name, TemplateBody=template("iam:PutUserPolicy"), Capabilities=[NAMED])
    inner = name
    for _ in range(depth):
        inner = admin.describe_stack_resource(StackName=inner, LogicalResourceId="Inner")["StackResourceDetail"][
            "PhysicalResourceId"
        ]
    assert [status(name), status(inner)] == ["UPDATE_ROLLBACK_FAILED"] * 2
    called = inner.split("/")[1]
    mine.continue_update_rollback(StackName=name)
    assert [status(name), status(inner)] == ["UPDATE_ROLLBACK_FAILED"] * 2
    for wrong in ("Limit", "Inner", "Inner.Limit", f"{called}.Wrong", f"{called}.", f"{name}.Inner"):
        code, _ = refusal(lambda wrong=wrong: admin.continue_update_rollback(StackName=name, ResourcesToSkip=[wrong]))
        assert code == "ValidationError"
    assert refusal(lambda: admin.continue_update_rollback(StackName=inner))[0] == "ValidationError"
    (mine if skips else admin).continue_update_rollback(
        StackName=name, ResourcesToSkip=[f"{called}.Limit"] if skips else []
    )
    assert [status(name), status(inner)] == ["UPDATE_ROLLBACK_COMPLETE"] * 2
    document = cast.iam().get_user_policy(UserName=owner, PolicyName="limit")["PolicyDocument"]
    assert ("iam:PutUserPolicy" in document["Statement"][0]["Action"]) is skips
    admin.delete_stack(StackName=name)

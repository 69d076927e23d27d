"""
Service principals that nobody knows: IAM refuses a policy that names a service which there is not.
"""

from __future__ import annotations

import json

import pytest

from tests.sandbox.cast import HOME, Cast, allow, policy, refusal, trust
from trustproof.aws import service_principals
from trustproof.aws.known_services import is_known_service
from trustproof.sandbox.errors import SandboxError

KNOWN = [
    "ecs-tasks.amazonaws.com",
    "edgelambda.amazonaws.com",
    "lambda.amazonaws.com",
    "logs.eu-central-1.amazonaws.com",
    "member.org.stacksets.cloudformation.amazonaws.com",
    "pods.eks.amazonaws.com",
    "states.eu-central-1.amazonaws.com",
]
UNKNOWN = [
    "ec2.amazonaws.com.cn",
    "eu-central-1.amazonaws.com",
    "lamda.amazonaws.com",
    "nosuch.amazonaws.com",
    "pods.eksx.amazonaws.com",
]


@pytest.mark.parametrize("principal", KNOWN)
def test_services_of_aws(cast: Cast, principal: str) -> None:
    """A service that there is may be trusted, by its regional name as well."""
    assert cast.role(trust({"Service": principal}))


@pytest.mark.parametrize("principal", UNKNOWN)
def test_services_of_nobody(cast: Cast, principal: str) -> None:
    """A name that is misspelt is told, in trust policies, policies of resources and templates, and nobody plays it."""
    code, message = refusal(lambda: cast.role(trust({"Service": ["ec2.amazonaws.com", principal]})))
    assert (code, principal in message) == ("NotImplemented", True)
    s3 = cast.aws.client("s3", account=HOME)
    bucket = f"of-{principal}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    lets = {**allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"), "Principal": {"Service": principal}}
    assert refusal(lambda: s3.put_bucket_policy(Bucket=bucket, Policy=policy(lets)))[0] == "NotImplemented"
    document = json.loads(policy(trust({"Service": principal})))
    stacks = cast.aws.client("cloudformation", account=HOME)
    made = {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}}
    name = principal.partition(".")[0]
    stacks.create_stack(
        StackName=f"of-{name}", TemplateBody=json.dumps({"Resources": made}), Capabilities=["CAPABILITY_IAM"]
    )
    events = stacks.describe_stack_events(StackName=f"of-{name}")["StackEvents"]
    assert any(principal in one.get("ResourceStatusReason", "") for one in events)
    with pytest.raises(SandboxError, match=principal):
        cast.aws.as_service(principal)


def test_services_of_our_tables() -> None:
    """Whatever a table here says of a service, the service is known."""
    tables = (
        service_principals.IN_TRUST_POLICIES,
        service_principals.IN_RESOURCE_POLICIES,
        service_principals.IN_FUNCTION_POLICIES,
        service_principals.IN_KEY_POLICIES,
    )
    assert [name for table in tables for name in table if not is_known_service(name)] == []

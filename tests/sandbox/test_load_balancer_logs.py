"""
The bucket of the logs of a load balancer has to let these in before they are switched on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.cast import HOME, Cast, policy, refusal

REGION = "eu-central-1"
#: Of eu-central-1 and of us-east-1:
#: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
ACCOUNT, ELSEWHERE = "arn:aws:iam::054676820928:root", "arn:aws:iam::127311923021:root"
SERVICE = "logdelivery.elasticloadbalancing.amazonaws.com"
REFUSED, UNDECIDED = "InvalidConfigurationRequest", "NotImplemented"


@pytest.fixture(scope="module")
def subnets(cast: Cast) -> list[str]:
    found = cast.aws.client("ec2", account=HOME).describe_subnets()["Subnets"]
    return [str(one["SubnetId"]) for one in found[:2]]


@pytest.fixture(scope="module")
def switch_on(cast: Cast, subnets: list[str]) -> Callable[..., str]:
    """Switch the access logs on: the code of the refusal, or nothing."""
    cast.aws.client("s3", account=HOME).create_bucket(
        Bucket="lb-logs", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    client = cast.aws.client("elbv2", account=HOME)
    arns = {
        kind: client.create_load_balancer(Name=kind, Type=kind, Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
        for kind in ("application", "network")
    }

    def switch(kind: str = "application", logs: str = "access_logs", bucket: str = "lb-logs", prefix: str = "") -> str:
        given = {"enabled": "true", "bucket": bucket, "prefix": prefix}
        attributes = [{"Key": f"{logs}.s3.{name}", "Value": value} for name, value in given.items()]
        call = client.modify_load_balancer_attributes
        try:
            call(LoadBalancerArn=arns[kind], Attributes=attributes)
        except client.exceptions.ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    return switch


def lets_in(cast: Cast, principal: Any, below: str = "", **more: Any) -> None:
    resource = f"arn:aws:s3:::lb-logs/{below}AWSLogs/{HOME}/*"
    statement = {"Effect": "Allow", "Principal": principal, "Action": "s3:PutObject", "Resource": resource, **more}
    cast.aws.client("s3", account=HOME).put_bucket_policy(Bucket="lb-logs", Policy=policy(statement))


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ({"AWS": ACCOUNT}, ""),
        ({"Service": SERVICE}, ""),
        ({"AWS": ELSEWHERE}, REFUSED),
        ({"Service": "delivery.logs.amazonaws.com"}, REFUSED),
    ],
)
@pytest.mark.parametrize("logs", ["access_logs", "connection_logs"])
def test_who_may_write(
    cast: Cast, switch_on: Callable[..., str], logs: str, principal: dict[str, str], expected: str
) -> None:
    """The account of the Region or the service is let in, by whichever of the logs."""
    lets_in(cast, principal)
    assert switch_on(logs=logs) == expected


def test_where_it_may_write(cast: Cast, switch_on: Callable[..., str]) -> None:
    """The prefix is a part of what the policy has to allow."""
    lets_in(cast, {"AWS": ACCOUNT}, "app/")
    assert (switch_on(prefix="app"), switch_on(), switch_on(prefix="web")) == ("", REFUSED, REFUSED)


def test_a_bucket_that_is_not_there(switch_on: Callable[..., str]) -> None:
    """Nobody writes to it."""
    assert switch_on(bucket="no-such-bucket") == REFUSED


def test_what_the_manual_does_not_say(cast: Cast, switch_on: Callable[..., str]) -> None:
    """For whom the service says that it calls is not known, nor who writes for a network load balancer."""
    source = {"ArnLike": {"aws:SourceArn": f"arn:aws:elasticloadbalancing:{REGION}:{HOME}:loadbalancer/*"}}
    lets_in(cast, {"Service": SERVICE}, Condition=source)
    assert (switch_on(), switch_on("network")) == (UNDECIDED, UNDECIDED)


def test_a_classic_load_balancer(cast: Cast, switch_on: Callable[..., str]) -> None:
    """The same holds of it."""
    client = cast.aws.client("elb", account=HOME)
    listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
    client.create_load_balancer(LoadBalancerName="old", Listeners=[listener], AvailabilityZones=[f"{REGION}a"])
    log = {"Enabled": True, "S3BucketName": "lb-logs", "EmitInterval": 5}

    def switch() -> Any:
        return client.modify_load_balancer_attributes(LoadBalancerName="old", LoadBalancerAttributes={"AccessLog": log})

    lets_in(cast, {"AWS": ELSEWHERE})
    assert refusal(switch) == (REFUSED, "Access Denied for bucket: lb-logs. Please check S3bucket permission")
    lets_in(cast, {"AWS": ACCOUNT})
    assert switch()


def test_a_load_balancer_of_a_template(cast: Cast, subnets: list[str], switch_on: Callable[..., str]) -> None:
    """A stack fails where the bucket does not let its logs in."""
    client = cast.aws.client("cloudformation", account=HOME)
    given = {"access_logs.s3.enabled": True, "access_logs.s3.bucket": "lb-logs"}
    attributes = [{"Key": key, "Value": value} for key, value in given.items()]
    resources = {
        "New": {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {"Subnets": subnets, "LoadBalancerAttributes": attributes},
        },
        "Old": {
            "Type": "AWS::ElasticLoadBalancing::LoadBalancer",
            "Properties": {
                "AvailabilityZones": [f"{REGION}a"],
                "Listeners": [{"Protocol": "HTTP", "LoadBalancerPort": "80", "InstancePort": "80"}],
                "AccessLoggingPolicy": {"Enabled": True, "S3BucketName": "lb-logs"},
            },
        },
    }
    for principal, expected in (({"AWS": ELSEWHERE}, "ROLLBACK_COMPLETE"), ({"AWS": ACCOUNT}, "CREATE_COMPLETE")):
        lets_in(cast, principal)
        for name, resource in resources.items():
            stack = f"logs-{name}-{expected.split('_')[0]}"
            client.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": {name: resource}}))
            assert client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"] == expected, name

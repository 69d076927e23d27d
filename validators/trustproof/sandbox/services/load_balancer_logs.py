"""
Whether a load balancer may write its logs to a bucket, which Elastic Load Balancing tries before it switches them on.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/enable-access-logs.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trustproof.aws.accounts import LOAD_BALANCING_ACCOUNTS
from trustproof.model.request import ROOT, SERVICE, Caller
from trustproof.sandbox.authorization.authorize import decide_need
from trustproof.sandbox.authorization.context import FORWARDED, Need
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import PARTITION, Credentials
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.moto.load_balancers import load_balancer
from trustproof.sandbox.moto.server import bucket_owner, bucket_policy
from trustproof.sandbox.requests.wire import Call

_CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"
_TYPE = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"
#: What begins the attributes of each kind of logs.
_LOGS = ("access_logs.s3.", "connection_logs.s3.", "health_check_logs.s3.")
#: Of these alone the pages above say who writes.
_KINDS = ("application", "classic")
#: The pages show policies without these, and do not say whether they are sent.
_UNKNOWN = (*FORWARDED, "aws:sourceaccount", "aws:sourcearn")


def check_call(state: State, call: Call) -> None:
    """
    See that the bucket lets the logs in that ModifyLoadBalancerAttributes switches on.

    Args:
        state: of the sandbox.
        call: any, which is allowed.

    Raises:
        Refused: it does not, as Elastic Load Balancing says.
        Undecided: nobody here knows.
    """
    if call.operation != "ModifyLoadBalancerAttributes":
        return
    account, region, given = call.account, call.region, call.parameters
    if call.service == "elb":
        log = (given.get("LoadBalancerAttributes") or {}).get("AccessLog") or {}
        if str(log.get("Enabled")).lower() == "true":
            prefix = str(log.get("S3BucketPrefix") or "")
            _check(state, "classic", account, region, str(log.get("S3BucketName") or ""), prefix)
        return
    found = load_balancer(account, region, str(given.get("LoadBalancerArn") or ""))
    changed = {str(one.get("Key")): str(one.get("Value")) for one in given.get("Attributes") or ()}
    if found is not None:
        kind, kept = found
        touched = tuple(logs for logs in _LOGS if any(key.startswith(logs) for key in changed))
        given_now = {key: value for key, value in {**kept, **changed}.items() if key.startswith(touched)}
        _check_attributes(state, kind, account, region, given_now)


def check_resource(state: State, kind: str, account: str, region: str, given: Mapping[str, Any]) -> None:
    """
    The same of a load balancer in a template.

    Args:
        state: of the sandbox.
        kind: the type of the resource; of any other than a load balancer there is nothing to see.
        account: in which it is made.
        region: likewise.
        given: its properties.

    Raises:
        Refused: the bucket does not let the logs in, as Elastic Load Balancing says.
        Undecided: nobody here knows.
    """
    if kind == _CLASSIC:
        log = given.get("AccessLoggingPolicy") or {}
        if str(log.get("Enabled")).lower() == "true":
            prefix = str(log.get("S3BucketPrefix") or "")
            _check(state, "classic", account, region, str(log.get("S3BucketName") or ""), prefix)
    elif kind == _TYPE:
        attributes = {str(one.get("Key")): str(one.get("Value")) for one in given.get("LoadBalancerAttributes") or ()}
        _check_attributes(state, str(given.get("Type") or "application"), account, region, attributes)


def _check_attributes(state: State, kind: str, account: str, region: str, attributes: Mapping[str, str]) -> None:
    for logs in _LOGS:
        if attributes.get(f"{logs}enabled", "").lower() == "true":
            bucket, prefix = attributes.get(f"{logs}bucket", ""), attributes.get(f"{logs}prefix", "")
            _check(state, kind, account, region, bucket, prefix)


def _check(state: State, kind: str, account: str, region: str, bucket: str, prefix: str) -> None:
    if kind not in _KINDS:
        raise Undecided(f"whether {bucket} lets the logs of a load balancer of type {kind} in is not asked here")
    owner = bucket_owner(bucket)
    name = "/".join(part for part in (prefix.strip("/"), "AWSLogs", account, "ELBAccessLogTestFile") if part)
    resource = f"arn:{PARTITION}:s3:::{bucket}/{name}"
    need = Need("s3:PutObject", resource, owner, bucket_policy(bucket), unknown=_UNKNOWN, delegated=True)
    denials = (decide_need(state, one.caller, one, need, {}, region) for one in _writers(region))
    if owner is None or all(denials):
        text = f"Access Denied for bucket: {bucket}. Please check S3bucket permission"
        raise RefusedRequest(text, "InvalidConfigurationRequest")


def _writers(region: str) -> Iterator[Credentials]:
    """Who writes the logs: the service, and in older Regions an account of its own, which most policies name."""
    if region in LOAD_BALANCING_ACCOUNTS:
        account = LOAD_BALANCING_ACCOUNTS[region]
        yield Credentials("", "", Caller(ROOT, f"arn:{PARTITION}:iam::{account}:root", userid=account))
    yield Credentials("", "", Caller(SERVICE, _DELIVERY))

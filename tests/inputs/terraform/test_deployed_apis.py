"""
REST APIs that a plan gives another policy: the one in force is that of the last deployment.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.inputs.terraform.builders import OWN, Resource, plan, policy
from trustproof.results.report import Report

ASKED = "inside-boundary"
ID = {"id": "abc123", "execution_arn": f"arn:aws:execute-api:us-east-1:{OWN}:abc123"}
INVOKE = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
OURS = policy({**INVOKE, "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"}})
ANYBODY = policy({**INVOKE, "Principal": "*"})
BODY = json.dumps({"openapi": "3.0.1", "x-amazon-apigateway-policy": json.loads(OURS)})
API = Resource("aws_api_gateway_rest_api.a", {"name": "a"}, ID)
POLICY = Resource("aws_api_gateway_rest_api_policy.p", {"rest_api_id": "abc123", "policy": OURS})
OPEN = Resource("aws_api_gateway_rest_api_policy.p", {"rest_api_id": "abc123", "policy": ANYBODY})
WITHIN = Resource("aws_api_gateway_rest_api.a", {"name": "a", "policy": OURS}, ID)
DEFINED = Resource("aws_api_gateway_rest_api.a", {"name": "a", "body": BODY}, ID)
DEPLOYMENT = Resource("aws_api_gateway_deployment.d", {"rest_api_id": "abc123"})
ANOTHER = Resource("aws_api_gateway_deployment.d", {"rest_api_id": "other"})


def changed(*resources: Resource, **done: list[str]) -> dict[str, Any]:
    """A plan in which things stay as they are, but for those of which something else is said: ``p=["update"]``."""
    content = plan(*resources)
    for change in content["resource_changes"]:
        inner = change["change"]
        inner["actions"] = done.get(change["name"], ["no-op"])
        if "create" not in inner["actions"]:
            is_same = inner["actions"] == ["no-op"]
            inner["before"] = {**inner["after"]} if is_same else {**inner["after"], "policy": ANYBODY, "body": None}
    return content


UPDATE, CREATE, REPLACE = ["update"], ["create"], ["create", "delete"]
TABLE = [
    ("as it is", changed(API, POLICY, DEPLOYMENT), "proved"),
    ("changed", changed(API, POLICY, DEPLOYMENT, p=UPDATE), "unknown"),
    ("made", changed(API, POLICY, DEPLOYMENT, p=CREATE), "unknown"),
    ("changed, of an API of another configuration", changed(POLICY, p=UPDATE), "unknown"),
    ("changed at the API", changed(WITHIN, DEPLOYMENT, a=UPDATE), "unknown"),
    ("changed in the definition", changed(DEFINED, DEPLOYMENT, a=UPDATE), "unknown"),
    ("changed, and deployed", changed(API, POLICY, DEPLOYMENT, p=UPDATE, d=REPLACE), "proved"),
    ("changed, and deployed for the first time", changed(API, POLICY, DEPLOYMENT, p=UPDATE, d=CREATE), "proved"),
    ("changed, and another deployed", changed(API, POLICY, ANOTHER, p=UPDATE, d=CREATE), "unknown"),
    ("changed at the API, and deployed", changed(WITHIN, DEPLOYMENT, a=UPDATE, d=REPLACE), "proved"),
    ("a new API", changed(WITHIN, a=CREATE), "proved"),
    # What is put there is wrong whenever it is deployed.
    ("opened", changed(API, OPEN, DEPLOYMENT, p=CREATE), "refuted"),
]


@pytest.mark.parametrize(("content", "verdict"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_policy_is_in_force_when_it_is_deployed(
    check: Callable[..., Report], content: dict[str, Any], verdict: str
) -> None:
    """A plan that changes the policy of an API and does not deploy the API leaves the former one in force."""
    report = check(content, account=OWN)
    assert report.errors == ()
    found = {one.verdict for one in report.results if one.property == ASKED}
    # Either policy of a definition has a verdict of its own.
    assert next(one for one in ("refuted", "unknown", "proved") if one in found) == verdict

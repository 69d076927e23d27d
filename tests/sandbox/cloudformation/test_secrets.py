"""
Secrets of stacks: made, changed, replaced and deleted as the template says.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.secretsmanager.models import secretsmanager_backends

from tests.sandbox.cloudformation.conftest import ACCOUNT, REGION, Stacks
from trustproof.sandbox.cloudformation.errors import RefusedRequest


@pytest.fixture(autouse=True)
def _without_secrets() -> None:
    secretsmanager_backends.reset()


def template(policy: Any = None, **properties: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"S": {"Type": "AWS::SecretsManager::Secret", "Properties": properties}}
    if policy is not None:
        given = {"SecretId": {"Ref": "S"}, "ResourcePolicy": policy}
        made["P"] = {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": given}
    return {
        "Resources": made,
        "Outputs": {"Arn": {"Value": {"Ref": "S"}}, "Id": {"Value": {"Fn::GetAtt": ["S", "Id"]}}},
    }


def held() -> dict[str, Any]:
    """By its ARN each secret with its text and tags."""
    secrets = secretsmanager_backends[ACCOUNT][REGION].secrets
    return {
        one.arn: {
            "text": one.versions[one.default_version_id]["secret_string"],
            "description": one.description,
            "key": one.kms_key_id,
            "tags": {tag["Key"]: tag["Value"] for tag in one.tags or ()},
            "policy": one.policy,
        }
        for one in list(secrets.values())
    }


def only() -> dict[str, Any]:
    ((_, found),) = held().items()
    return dict(found)


def test_from_its_making_to_its_end(stacks: Stacks) -> None:
    """A secret has what its template says; what is generated stays, and everything else changes with the template."""
    generated = {"SecretStringTemplate": '{"user": "a"}', "GenerateStringKey": "password", "PasswordLength": 20}
    assert (
        stacks.deploy(template(GenerateSecretString=generated, Tags=[{"Key": "a", "Value": "b"}])) == "CREATE_COMPLETE"
    )
    arn = stacks.outputs()["Arn"]
    assert arn == stacks.outputs()["Id"] == stacks.resources()["S"]
    first = only()
    assert json.loads(first["text"])["user"] == "a"
    assert len(json.loads(first["text"])["password"]) == 20
    assert first["tags"].items() >= {"a": "b"}.items()
    assert (
        stacks.deploy(template(GenerateSecretString=generated, Description="d", KmsKeyId="alias/k"))
        == "UPDATE_COMPLETE"
    ), stacks.reasons()
    assert (only()["text"], only()["description"], only()["key"]) == (first["text"], "d", "alias/k")
    assert "a" not in only()["tags"]
    stacks.deploy(template(SecretString="plain", Description="d"))
    assert (only()["text"], stacks.outputs()["Arn"]) == ("plain", arn)
    stacks.deploy(template(SecretString="plain", Name="named"))
    assert stacks.outputs()["Arn"] != arn
    assert len(held()) == 1
    assert stacks.delete() == "DELETE_COMPLETE"
    assert held() == {}


def test_the_policy_of_a_secret(stacks: Stacks) -> None:
    """A policy names the secret of its stack, and goes with it."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "222233334444"},
                "Action": "secretsmanager:GetSecretValue",
                "Resource": "*",
            }
        ],
    }
    stacks.deploy(template(policy, SecretString="a"))
    assert json.loads(only()["policy"]) == policy
    stacks.deploy(template(SecretString="a"))
    assert only()["policy"] is None


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"SecretString": "a", "GenerateSecretString": {}}, "both SecretString and GenerateSecretString"),
        ({"GenerateSecretString": {"GenerateStringKey": "a"}}, "given together"),
        ({"GenerateSecretString": {"GenerateStringKey": "a", "SecretStringTemplate": "[]"}}, "no JSON object"),
        ({"SecretString": "a", "ReplicaRegions": [{"Region": "us-east-1"}]}, "no replicas"),
        ({"Secret": "a"}, "extraneous key"),
    ],
)
def test_what_is_no_secret(stacks: Stacks, properties: dict[str, Any], said: str) -> None:
    """What Secrets Manager would refuse, and what the sandbox does not have, fails the stack, and nothing is left."""
    assert stacks.deploy(template(**properties)) == "ROLLBACK_COMPLETE"
    assert said in stacks.reasons()[0]
    assert held() == {}


def test_types_with_a_reason(stacks: Stacks) -> None:
    """An account in a template is refused with what is to be done instead."""
    made = {"Resources": {"P": {"Type": "AWS::Organizations::Account", "Properties": {}}}}
    with pytest.raises(RefusedRequest, match=r"\[AWS::Organizations::Account\]; .* are those of the accounts file"):
        stacks.deploy(made)


@pytest.mark.parametrize(("blocked", "status"), [(True, "ROLLBACK_COMPLETE"), (False, "CREATE_COMPLETE")])
def test_a_policy_for_everybody(stacks: Stacks, blocked: bool, status: str) -> None:
    """A policy that lets everybody in is refused where the template says that there is to be none."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    made = template({"Version": "2012-10-17", "Statement": [statement]}, SecretString="a")
    made["Resources"]["P"]["Properties"]["BlockPublicPolicy"] = blocked
    assert stacks.deploy(made) == status

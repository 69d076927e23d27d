"""
Types of resources that ordinary applications have and moto makes by operations only: made, changed and deleted as the
template says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.apigateway.models import apigateway_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.cognitoidp.models import cognitoidp_backends
from moto.ec2.models import ec2_backends

from tests.sandbox.cloudformation.conftest import ACCOUNT, REGION, Stacks, resource, template, trust

BACKENDS = (apigateway_backends, cloudwatch_backends, cognitoidp_backends, ec2_backends)


@pytest.fixture(autouse=True)
def _with_nothing() -> Iterator[None]:
    yield
    for one in BACKENDS:
        one.reset()


def of(name: str, attribute: str = "") -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}


def told(*values: Any, **resources: Any) -> dict[str, Any]:
    """A template that tells values as its outputs."""
    outputs = {f"O{index}": {"Value": value} for index, value in enumerate(values)}
    return {**template(**resources), "Outputs": outputs}


def alarm(**properties: Any) -> dict[str, Any]:
    given = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "MetricName": "m", "Namespace": "n"}
    more = {"Period": 60, "Statistic": "Sum", "Threshold": "1", **properties}
    return resource("CloudWatch::Alarm", **given, **more)


def test_an_alarm(stacks: Stacks) -> None:
    """Its numbers may be texts; a change and its tags reach it, another name makes another one."""
    held = cloudwatch_backends[ACCOUNT][REGION]
    assert stacks.deploy(told(of("A"), of("A", "Arn"), A=alarm())) == "CREATE_COMPLETE"
    (name,) = held.alarms
    arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"
    assert stacks.outputs() == {"O0": name, "O1": arn}
    assert held.alarms[name].threshold == 1.0
    assert stacks.deploy(template(A=alarm(Threshold=2, Tags=[{"Key": "k", "Value": "v"}]))) == "UPDATE_COMPLETE"
    assert (list(held.alarms), held.alarms[name].threshold) == ([name], 2.0)
    assert held.tagger.get_tag_dict_for_resource(arn) == {"k": "v"}
    assert stacks.deploy(template(A=alarm(AlarmName="other"))) == "UPDATE_COMPLETE"
    assert list(held.alarms) == ["other"]
    assert stacks.deploy(template(A=alarm()), "second") == "CREATE_COMPLETE"
    assert stacks.deploy(template(B=alarm(AlarmName="other")), "third") == "ROLLBACK_COMPLETE"
    assert "already exists" in stacks.reasons("third")[0]
    assert stacks.delete() == "DELETE_COMPLETE"
    assert "other" not in held.alarms


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"Nonsense": 1}, "no property Nonsense"),
        ({"Threshold": "much"}, "expected type: Number"),
        ({"AlarmActions": ["arn:aws:automate:eu-central-1:ec2:stop"]}, "needs besides"),
    ],
)
def test_alarms_that_are_refused(stacks: Stacks, properties: dict[str, Any], reason: str) -> None:
    """What the service has not, or takes more than the alarm, fails it."""
    assert stacks.deploy(template(A=alarm(**properties))) == "ROLLBACK_COMPLETE"
    assert reason in stacks.reasons()[0]


def rule(kind: str, **properties: Any) -> dict[str, Any]:
    given = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": "443", "GroupId": of("G", "GroupId"), **properties}
    return resource(f"EC2::SecurityGroup{kind}", **given)


GROUP = resource("EC2::SecurityGroup", GroupDescription="g")


@pytest.mark.parametrize(
    ("kind", "other"), [("Egress", "DestinationSecurityGroupId"), ("Ingress", "SourceSecurityGroupId")]
)
def test_rules_of_security_groups(stacks: Stacks, kind: str, other: str) -> None:
    """Made, described anew in place, replaced and deleted one by one."""

    def rules() -> list[tuple[Any, ...]]:
        groups = ec2_backends[ACCOUNT][REGION].describe_security_groups(group_ids=[stacks.resources()["G"]])
        found = getattr(groups[0], f"{kind.lower()}_rules")
        return sorted(
            (one.cidr_ipv4 or one.cidr_ipv6 or "group", one.description) for one in found if one.ip_protocol == "tcp"
        )

    one, two = rule(kind, CidrIp="10.0.0.0/24"), rule(kind, **{other: of("G", "GroupId")})
    assert stacks.deploy(told(of("R", "Id"), G=GROUP, R=one, S=two)) == "CREATE_COMPLETE"
    assert stacks.outputs()["O0"] == stacks.resources()["R"]
    assert rules() == [("10.0.0.0/24", None), ("group", None)]
    before = stacks.resources()["R"]
    described = rule(kind, CidrIp="10.0.0.0/24", Description="d")
    assert stacks.deploy(template(G=GROUP, R=described)) == "UPDATE_COMPLETE"
    assert (stacks.resources()["R"], rules()) == (before, [("10.0.0.0/24", "d")])
    wide = rule(kind, CidrIpv6="2001:db8::/32")
    assert stacks.deploy(template(G=GROUP, R=wide)) == "UPDATE_COMPLETE"
    assert rules() == [("2001:db8::/32", None)]
    both = rule(kind, CidrIp="10.0.0.0/24", CidrIpv6="2001:db8::/32")
    assert stacks.deploy(template(G=GROUP, R=both)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"


def test_a_user_pool(stacks: Stacks) -> None:
    """A pool and its client, by all that a template may ask of them."""
    held = cognitoidp_backends[ACCOUNT][REGION].user_pools
    pool = resource("Cognito::UserPool", UsernameAttributes=["email"], EnabledMfas=["SOFTWARE_TOKEN_MFA"])
    client = resource("Cognito::UserPoolClient", UserPoolId=of("P"), GenerateSecret=True)
    asked = (of("P"), of("P", "Arn"), of("P", "ProviderURL"), of("C"), of("C", "ClientSecret"))
    assert stacks.deploy(told(*asked, P=pool, C=client)) == "CREATE_COMPLETE"
    (identifier,) = held
    found = stacks.outputs()
    assert (found["O0"], found["O1"]) == (identifier, f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{identifier}")
    assert found["O2"] == f"https://cognito-idp.{REGION}.amazonaws.com/{identifier}"
    assert list(held[identifier].clients) == [found["O3"]]
    assert held[identifier].clients[found["O3"]].secret == found["O4"]
    assert held[identifier].token_mfa_config == {"Enabled": True}
    kept = {**pool["Properties"], "DeletionProtection": "ACTIVE"}
    assert stacks.deploy(template(P=resource("Cognito::UserPool", **kept), C=client)) == "UPDATE_COMPLETE"
    assert list(held) == [identifier]
    assert stacks.deploy(template(P=resource("Cognito::UserPool"), C=client)) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.delete() == "DELETE_FAILED"
    assert "deletion protection" in stacks.reasons()[-2]
    assert list(held) == [identifier]


API = resource("ApiGateway::RestApi", Name="a")
PART = resource("ApiGateway::Resource", RestApiId=of("Api"), ParentId=of("Api", "RootResourceId"), PathPart="p")


def method(**properties: Any) -> dict[str, Any]:
    given = {"RestApiId": of("Api"), "ResourceId": of("Part"), "HttpMethod": "GET", "AuthorizationType": "AWS_IAM"}
    mock = {"Type": "MOCK", "RequestTemplates": {"application/json": "{}"}}
    answers = {**mock, "IntegrationResponses": [{"StatusCode": "200"}]}
    return resource(
        "ApiGateway::Method",
        **{**given, "Integration": answers, "MethodResponses": [{"StatusCode": 200}], **properties},
    )


def stage(**properties: Any) -> dict[str, Any]:
    given = {"RestApiId": of("Api"), "DeploymentId": of("Now"), "StageName": "prod", **properties}
    return resource("ApiGateway::Stage", **given)


NOW = {**resource("ApiGateway::Deployment", RestApiId=of("Api")), "DependsOn": "Get"}


def test_an_api(stacks: Stacks) -> None:
    """An API with a method, a deployment and a stage is made, changed, and deleted in its order."""
    held = apigateway_backends[ACCOUNT][REGION].apis
    all_of_it = {"Api": API, "Part": PART, "Get": method(), "Now": NOW, "Prod": stage(Variables={"a": "1"})}
    assert stacks.deploy(told(of("Api"), of("Prod"), of("Part"), **all_of_it)) == "CREATE_COMPLETE"
    (identifier,) = held
    api, found = held[identifier], stacks.outputs()
    assert (found["O0"], found["O1"]) == (identifier, "prod")
    made = api.resources[found["O2"]].resource_methods["GET"]
    assert (made.authorization_type, made.method_integration.integration_type) == ("AWS_IAM", "MOCK")
    next_ = {**NOW, "Properties": {**NOW["Properties"], "Description": "next"}}
    changed = {**all_of_it, "Get": method(AuthorizationType="NONE"), "Next": next_}
    changed["Prod"] = stage(DeploymentId=of("Next"), Variables={"b": "2"})
    del changed["Now"]
    assert stacks.deploy(template(**changed)) == "UPDATE_COMPLETE"
    assert api.resources[found["O2"]].resource_methods["GET"].authorization_type == "NONE"
    assert list(api.deployments) == [stacks.resources()["Next"]] == [api.stages["prod"].deployment_id]
    assert api.stages["prod"].variables == {"b": "2"}
    assert stacks.delete() == "DELETE_COMPLETE"
    assert not held


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        ("RestApi", {"Name": "a", "Policy": {"Statement": []}}, "not enforced"),
        ("RestApi", {"Name": "a", "Body": {"openapi": "3.0.1"}}, "not looked at"),
        ("Account", {"CloudWatchRoleArn": of("Role", "Arn")}, "may not assume"),
    ],
)
def test_apis_that_are_refused(stacks: Stacks, kind: str, properties: dict[str, Any], reason: str) -> None:
    """What would decide who calls an API, and a role that does not let the service in."""
    role = resource("IAM::Role", AssumeRolePolicyDocument=trust())
    refused = resource(f"ApiGateway::{kind}", **properties)
    assert stacks.deploy(template(Role=role, Api=refused)) == "ROLLBACK_COMPLETE"
    assert reason in stacks.reasons()[0]


def test_the_role_of_the_logs(stacks: Stacks) -> None:
    """The account keeps a role that lets API Gateway in, and keeps it after the stack."""
    role = resource("IAM::Role", AssumeRolePolicyDocument=trust({"Service": "apigateway.amazonaws.com"}))
    account = resource("ApiGateway::Account", CloudWatchRoleArn=of("Role", "Arn"))
    assert stacks.deploy(template(Role=role, Account=account)) == "CREATE_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"
    assert "role/" in str(apigateway_backends[ACCOUNT][REGION].account.cloudwatch_role_arn)

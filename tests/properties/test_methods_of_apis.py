"""
Who calls an API that everybody is let in to: what its methods ask for, wherever a template writes that.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.results.result import Result

Json = dict[str, Any]

OWN = "111122223333"
SIGNED, UNSIGNED = "anyone with an AWS account", "anyone, without credentials,"
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
POLICY = {"Version": "2012-10-17", "Statement": [ALLOW]}


def by_methods(*types: Any) -> Json:
    """An API with a method of each type, as resources of CloudFormation."""
    resources: Json = {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "x", "Policy": POLICY}}}
    for number, type_ in enumerate(types):
        asked = {} if type_ is None else {"AuthorizationType": type_}
        method = {"RestApiId": {"Ref": "Api"}, "ResourceId": f"r{number}", "HttpMethod": "GET", **asked}
        resources[f"M{number}"] = {"Type": "AWS::ApiGateway::Method", "Properties": method}
    return {"Parameters": {"Asked": {"Type": "String"}}, "Resources": resources}


SIGV4 = {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}
COGNITO = {**SIGV4, "x-amazon-apigateway-authtype": "cognito_user_pools"}
METERED = {"type": "apiKey", "name": "x-api-key", "in": "header"}
QUERY = {"type": "apiKey", "name": "key", "in": "query"}
SCHEMES = {"sigv4": SIGV4, "pool": COGNITO, "metered": METERED, "query": QUERY}


def by_definition(*methods: Json, version: int = 3, **more: Any) -> Json:
    """The same API by a definition with a path for each method."""
    schemes = {"components": {"securitySchemes": SCHEMES}} if version == 3 else {"securityDefinitions": SCHEMES}
    paths = {f"/{number}": {"get": method} for number, method in enumerate(methods)}
    body = {"paths": paths, "x-amazon-apigateway-policy": POLICY, **schemes, **more}
    return {"Resources": {"Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": body}}}}


def by_sam(auth: Json, *methods: Json, common: bool = False, **more: Any) -> Json:
    """The same API by SAM, with an event of a function for each method."""
    events = {
        f"E{number}": {"Type": "Api", "Properties": {"Path": "/", "Method": "get", "RestApiId": {"Ref": "Api"}, **one}}
        for number, one in enumerate(methods)
    }
    function = {"CodeUri": "s", "Handler": "a.h", "Runtime": "python3.12", "Events": events}
    own: Json = {"ResourcePolicy": {"CustomStatements": [ALLOW]}, **({} if common else auth)}
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        **({"Globals": {"Api": {"Auth": auth}}} if common else {}),
        "Resources": {
            "Api": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "p", "Auth": own, **more}},
            "F": {"Type": "AWS::Serverless::Function", "Properties": function},
        },
    }


KEPT = {"StringNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/r"}}
DENY = {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Condition": KEPT}


@pytest.mark.parametrize(
    ("path", "operator", "expected"),
    [
        ("execute-api:/*/POST/tenant", "StringNotEquals", "warning"),
        ("execute-api:/*", "StringEquals", "error"),
        ("execute-api:/*/*/*", "StringEquals", "error"),
    ],
)
def test_what_keeps_callers_out_of_a_path_leaves_the_others_open(path: str, operator: str, expected: str) -> None:
    """An API without a policy is open too; what is about all of it and has a hole is a mistake."""
    deny = {**DENY, "Resource": path, "Condition": {operator: KEPT["StringNotEquals"]}}
    policy = {**POLICY, "Statement": [ALLOW, deny]}
    api = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "x", "Policy": policy}}
    found = trustproof.check([{"Resources": {"Api": api}}], account=OWN, properties=["inside-boundary"]).results
    assert [one.severity for one in found if one.verdict == trustproof.REFUTED] == [expected]


IAM = {"DefaultAuthorizer": "AWS_IAM"}
POOL = {
    "DefaultAuthorizer": "P",
    "Authorizers": {"P": {"UserPoolArn": "arn:aws:cognito-idp:a:111122223333:userpool/u"}},
}
ASKED_SIGV4, ASKED_POOL, ASKED_KEY = (
    {"security": [{"sigv4": []}]},
    {"security": [{"pool": []}]},
    {"security": [{"metered": []}]},
)
#: Who is said to call, and how bad it is.
APIS: dict[str, tuple[Json, str, str]] = {
    "methods that ask for a signature": (by_methods("AWS_IAM", "AWS_IAM"), SIGNED, "error"),
    "an open method beside one": (by_methods("AWS_IAM", "NONE"), SIGNED, "error"),
    "a method that does not say beside one": (by_methods("AWS_IAM", None), SIGNED, "error"),
    "a method that is given beside one": (by_methods("AWS_IAM", {"Ref": "Asked"}), SIGNED, "error"),
    "a method that is given": (by_methods({"Ref": "Asked"}), UNSIGNED, "error"),
    "open methods": (by_methods("NONE"), UNSIGNED, "warning"),
    "authorizers": (by_methods("CUSTOM", "COGNITO_USER_POOLS"), UNSIGNED, "warning"),
    "no method": (by_methods(), UNSIGNED, "error"),
    "a definition": (by_definition(ASKED_SIGV4), SIGNED, "error"),
    "a definition of version 2": (by_definition(ASKED_SIGV4, version=2), SIGNED, "error"),
    "a definition as a whole": (by_definition({}, **ASKED_SIGV4), SIGNED, "error"),
    "a definition with another method": (by_definition(ASKED_SIGV4, ASKED_POOL), SIGNED, "error"),
    "a definition's extension": (by_definition({"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}), SIGNED, "error"),
    "a definition with a pool": (by_definition(ASKED_POOL), UNSIGNED, "warning"),
    "a definition with a key": (by_definition(ASKED_KEY), UNSIGNED, "warning"),
    "a definition with a key for one": (by_definition(ASKED_KEY, {}), UNSIGNED, "error"),
    "a definition with a key or a signature": (by_definition(ASKED_KEY, ASKED_SIGV4), SIGNED, "error"),
    "a definition with a key in the address": (by_definition({"security": [{"query": []}]}), UNSIGNED, "error"),
    "either way in a definition": (by_definition({"security": [{"sigv4": []}, {}]}), UNSIGNED, "error"),
    "a definition that does not say": (by_definition({}), UNSIGNED, "error"),
    "a definition with a snippet": (by_definition({"Fn::Transform": {"Name": "AWS::Include"}}), UNSIGNED, "error"),
    "an unknown scheme": (by_definition({"security": [{"elsewhere": []}]}), UNSIGNED, "error"),
    "SAM's default": (by_sam(IAM, {}), SIGNED, "error"),
    "SAM's default for all APIs": (by_sam(IAM, {}, common=True), SIGNED, "error"),
    "an event of SAM": (by_sam({}, {"Auth": {"Authorizer": "AWS_IAM"}}), SIGNED, "error"),
    "an event that asks for nothing": (by_sam(IAM, {}, {"Auth": {"Authorizer": "NONE"}}), SIGNED, "error"),
    "only events that ask for nothing": (by_sam(IAM, {"Auth": {"Authorizer": "NONE"}}), UNSIGNED, "warning"),
    "a pool of SAM": (by_sam(POOL, {}), UNSIGNED, "warning"),
    "SAM that does not say": (by_sam({}, {}), UNSIGNED, "error"),
    "SAM that asks for a key": (by_sam({"ApiKeyRequired": True}, {}), UNSIGNED, "warning"),
    "SAM that asks for no key": (by_sam({"ApiKeyRequired": False}, {}), UNSIGNED, "error"),
    "SAM that is given whether it asks for a key": (
        by_sam({"ApiKeyRequired": {"Fn::If": ["C", True, False]}}, {}),
        UNSIGNED,
        "error",
    ),
    "an event of SAM that asks for a key": (by_sam({}, {"Auth": {"ApiKeyRequired": True}}), UNSIGNED, "warning"),
    "an event without a key": (
        by_sam({"ApiKeyRequired": True}, {}, {"Auth": {"ApiKeyRequired": False}}),
        UNSIGNED,
        "error",
    ),
    "SAM with a definition and a key": (
        by_sam({"ApiKeyRequired": True}, {}, DefinitionUri="api.yaml"),
        UNSIGNED,
        "warning",
    ),
    "SAM with a definition": (by_sam(IAM, {}, DefinitionUri="api.yaml"), UNSIGNED, "error"),
}


def refuted(source: object) -> Result:
    """The finding about the API."""
    report = trustproof.check([source], config={}, account=OWN, properties=["inside-boundary"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    return found


@pytest.mark.parametrize("name", APIS)
def test_who_calls_an_api_that_lets_in_everybody(name: str) -> None:
    """Where a method asks for a signature, the policy is what lets in other accounts, which is an error."""
    template, who, severity = APIS[name]
    found = refuted(template)
    assert found.message.startswith(who)
    assert found.severity == severity


@pytest.mark.parametrize("name", [name for name, (_, who, _) in APIS.items() if who == SIGNED])
def test_no_remedy_demands_what_is_there(name: str) -> None:
    """Methods that ask for a signature are not told to ask for one, and no test of a caller shuts out the others."""
    found = refuted(APIS[name][0])
    assert found.remedy is not None
    assert "let the methods" not in found.remedy.text
    assert "organization" in found.remedy.text


@pytest.mark.parametrize(
    ("preflight", "is_mixed"), [({}, False), ({"AddDefaultAuthorizerToCorsPreflight": False}, True)]
)
def test_what_browsers_ask_first_is_a_method_too(preflight: Json, is_mixed: bool) -> None:
    """The methods that SAM adds for ``Cors`` ask for what the default asks for, unless they are told not to."""
    found = refuted(by_sam({**IAM, **preflight}, {}, Cors="'*'"))
    assert found.remedy is not None
    assert ("for the methods that ask for signed requests" in found.remedy.text) is is_mixed


TERRAFORM = """
variable "asked" { type = string }
resource "aws_api_gateway_rest_api" "api" {
  name = "billing"
  %s
}
resource "aws_api_gateway_method" "m" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_rest_api.api.root_resource_id
  http_method   = "ANY"
  authorization = %s
}
resource "aws_api_gateway_rest_api_policy" "p" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  policy      = jsonencode(%s)
}
"""


@pytest.mark.parametrize(
    ("body", "asked", "who", "severity"),
    [
        ("", '"AWS_IAM"', SIGNED, "error"),
        ("", '"NONE"', UNSIGNED, "warning"),
        ("", "var.asked", UNSIGNED, "error"),
        ('body = file("api.json")', '"AWS_IAM"', UNSIGNED, "error"),
        ('endpoint_configuration { types = ["PRIVATE"] }', '"NONE"', UNSIGNED, "error"),
    ],
)
def test_methods_of_terraform(tmp_path: Path, body: str, asked: str, who: str, severity: str) -> None:
    """Terraform's methods say who may call as those of CloudFormation do."""
    (tmp_path / "main.tf").write_text(TERRAFORM % (body, asked, json.dumps(POLICY)))
    (tmp_path / "api.json").write_text('{"paths": {}}')
    found = refuted(tmp_path)
    assert found.message.startswith(who)
    assert found.severity == severity


@pytest.mark.parametrize(("types", "severity"), [(("NONE",), "warning"), (("AWS_IAM",), "error")])
def test_a_deny_of_addresses_makes_no_open_api_of_one_that_asks_for_a_signature(
    types: tuple[str, ...], severity: str
) -> None:
    """That a Deny hardens an API that is open anyway excuses it only where the API is open without a policy."""
    template = by_methods(*types)
    deny = {**ALLOW, "Effect": "Deny", "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}}
    properties = template["Resources"]["Api"]["Properties"]
    properties["Policy"] = {"Version": "2012-10-17", "Statement": [ALLOW, deny]}
    assert refuted(template).severity == severity


def test_an_empty_text_is_no_policy() -> None:
    """As the Serverless Framework writes it for an API that has none; of another resource it is an error."""
    texts: Json = {}
    for type_, name in (("AWS::ApiGateway::RestApi", "Policy"), ("AWS::SQS::QueuePolicy", "PolicyDocument")):
        texts[type_] = {"Resources": {"A": {"Type": type_, "Properties": {"Name": "x", "Queues": ["q"], name: ""}}}}
    reports = [trustproof.check([template]) for template in texts.values()]
    assert [len(report.errors) for report in reports] == [0, 1]
    assert reports[0].results == ()


@pytest.mark.parametrize(("types", "is_diff"), [((), False), (("AWS_IAM",), True), (("AWS_IAM", "NONE"), False)])
def test_nobody_without_a_signature_is_asked_for_an_organization(types: tuple[str, ...], *, is_diff: bool) -> None:
    """A test that lets in whoever has no organization keeps the unsigned methods open: without it they are closed."""
    template = by_methods(*types)
    optional = {**ALLOW, "Condition": {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}
    template["Resources"]["Api"]["Properties"]["Policy"] = {"Version": "2012-10-17", "Statement": [optional]}
    report = trustproof.check([template], properties=["inside-boundary"], config={})
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    assert bool(found.remedy.edits) is is_diff


@pytest.mark.parametrize(
    ("resource", "severity"),
    [
        ("execute-api:/*/GET/health", "warning"),
        (["execute-api:/prod/GET/v1/ping", "execute-api:/prod/HEAD/healthz"], "warning"),
        ("arn:aws:execute-api:*:*:*/prod/GET/health", "warning"),
        ("execute-api:/*/POST/health", "error"),
        ("execute-api:/*/*/health", "error"),
        ("execute-api:/*/GET/*/health", "error"),
        ("execute-api:/*/GET/healthy-people", "error"),
        (["execute-api:/*/GET/health", "execute-api:/*/GET/orders"], "error"),
    ],
)
def test_a_health_check_is_meant_for_everybody(resource: object, severity: str) -> None:
    """What only says whether an API answers is no hole, whatever its other methods ask for."""
    source = by_methods("AWS_IAM", "NONE")
    allow = {**ALLOW, "Resource": resource}
    source["Resources"]["Api"]["Properties"]["Policy"] = {"Version": "2012-10-17", "Statement": [allow]}
    found = refuted(source)
    assert found.severity == severity
    assert found.remedy is not None
    assert found.remedy.text.startswith("if this is not meant: ") is (severity == "warning")

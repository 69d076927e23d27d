"""
The permission by which an API of the template calls a function: the remedy names that API.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
URI = {"Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}
ARN = {"Fn::GetAtt": ["F", "Arn"]}
#: What calls the function, by the type of the API.
CALLING: list[tuple[str, str, Json]] = [
    ("AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Integration", {"ApiId": {"Ref": "Api"}, "IntegrationUri": URI}),
    ("AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Integration", {"ApiId": {"Ref": "Api"}, "IntegrationUri": ARN}),
    ("AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Authorizer", {"ApiId": {"Ref": "Api"}, "AuthorizerUri": URI}),
    ("AWS::ApiGateway::RestApi", "AWS::ApiGateway::Method", {"RestApiId": {"Ref": "Api"}, "Integration": {"Uri": URI}}),
    ("AWS::ApiGateway::RestApi", "AWS::ApiGateway::Authorizer", {"RestApiId": {"Ref": "Api"}, "AuthorizerUri": URI}),
]


def template(api: str, type_: str, properties: Json, **more: Json) -> Json:
    """A function, an API that calls it, and the permission for that."""
    permission = {"Action": "lambda:InvokeFunction", "FunctionName": ARN, "Principal": "apigateway.amazonaws.com"}
    code = {"Code": {"ZipFile": "x"}, "Handler": "index.handler", "Runtime": "python3.12", "Role": "arn:aws:iam::1:r"}
    return {
        "Resources": {
            "F": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "f", **code}},
            "Api": {"Type": api, "Properties": {"Name": "front"}},
            "Calls": {"Type": type_, "Properties": properties},
            "P": {"Type": "AWS::Lambda::Permission", "Properties": permission},
            **more,
        }
    }


def diff_of(given: Json) -> tuple[str, ...]:
    """The lines of the remedy for the permission."""
    results = trustproof.check([given], config={}, properties=["no-confused-deputy"]).results
    (found,) = (one for one in results if one.verdict == trustproof.REFUTED)
    assert found.remedy is not None
    return found.remedy.diff


@pytest.mark.parametrize(("api", "type_", "properties"), CALLING)
def test_the_remedy_names_the_api(api: str, type_: str, properties: Json) -> None:
    """Whatever stage, method and path, or authorizer, of that API calls goes on."""
    source = "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"
    assert diff_of(template(api, type_, properties)) == (f'+ "SourceArn": {{"Fn::Sub": "{source}"}}',)


def test_of_two_apis_none_is_shut_out() -> None:
    """A permission has one source: where two call by it, the account of both is the bound."""
    api, type_, properties = CALLING[0]
    second: Json = {
        "Other": {"Type": api, "Properties": {"Name": "back"}},
        "CallsToo": {"Type": type_, "Properties": {**properties, "ApiId": {"Ref": "Other"}}},
    }
    (line,) = diff_of(template(api, type_, properties, **second))
    assert ":execute-api:${AWS::Region}:${AWS::AccountId}:*" in line


def test_an_api_that_calls_another_function_says_nothing() -> None:
    """Who calls something else is not meant here."""
    api, type_, properties = CALLING[0]
    other = {"Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}-other/invocations"}
    (line,) = diff_of(template(api, type_, {**properties, "IntegrationUri": other}))
    assert "${Api}" not in line


def test_an_api_made_by_quick_create_calls_too() -> None:
    """What an HTTP API has as Target it calls, so that another API is not named alone."""
    api, type_, properties = CALLING[-1]
    quick: Json = {"Quick": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "q", "Target": ARN}}}
    (line,) = diff_of(template(api, type_, properties, **quick))
    assert ":execute-api:${AWS::Region}:${AWS::AccountId}:*" in line
    alone = template(api, type_, properties, **quick)
    del alone["Resources"]["Calls"]
    (line,) = diff_of(alone)
    assert ":${AWS::AccountId}:${Quick}/*" in line


def test_the_region_of_a_run_stands_in_no_template() -> None:
    """A template that is deployed to another Region than that of the run lets its API in there."""
    given = template(*CALLING[-1])
    results = trustproof.check([given], config={}, properties=["no-confused-deputy"], region="eu-central-1").results
    (found,) = (one for one in results if one.verdict == trustproof.REFUTED)
    assert found.remedy is not None
    (line,) = found.remedy.diff
    assert "${AWS::Region}" in line
    assert "eu-central-1" not in line

"""
What the SAM transform makes: roles with what ``Globals`` says, resource policies of APIs, permissions of URLs.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.inputs.cloudformation.evaluation.functions import arns

Json = dict[str, object]

BOUNDARY = {"boundary": {"accounts": ["111122223333"]}}
OPEN: Json = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
OWN: Json = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
CALL: Json = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}


def policy(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def check(folder: Path, resource: Json, globals_: Json | None = None) -> list[trustproof.Result]:
    """The results about whether outsiders get in."""
    sections = {"Globals": globals_} if globals_ else {}
    content = {"Transform": "AWS::Serverless-2016-10-31", **sections, "Resources": {"F": resource}}
    file = folder / "template.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([str(file)], properties=["inside-boundary"], config=BOUNDARY)
    assert report.errors == ()
    return [r for r in report.results if r.verdict != "proved"]


def function(**properties: object) -> Json:
    return {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "a.b", **properties}}


def api(resource_policy: object) -> Json:
    return {
        "Type": "AWS::Serverless::Api",
        "Properties": {"StageName": "v1", "Auth": {"ResourcePolicy": resource_policy}},
    }


def test_lists_of_globals_come_first(tmp_path: Path) -> None:
    """The statements of both are there, and a finding stands where its statement stands."""
    shared = {"Function": {"AssumeRolePolicyDocument": policy(OWN, OPEN)}}
    (found,) = check(tmp_path, function(AssumeRolePolicyDocument=policy(OWN)), shared)
    assert found.verdict == "refuted"
    place = ("Globals", "Function", "AssumeRolePolicyDocument", "Statement", 1)
    assert found.path[:5] == place

    shared = {"Function": {"AssumeRolePolicyDocument": policy(OWN)}}
    (found,) = check(tmp_path, function(AssumeRolePolicyDocument=policy(OPEN)), shared)
    assert found.path[:6] == ("Resources", "F", "Properties", "AssumeRolePolicyDocument", "Statement", 0)


@pytest.mark.parametrize("ignored", ["*", ["AssumeRolePolicyDocument"], ["Timeout", "AssumeRolePolicyDocument"]])
def test_ignored_globals_are_not_there(tmp_path: Path, ignored: object) -> None:
    """A resource may leave out what ``Globals`` says."""
    shared = {"Function": {"AssumeRolePolicyDocument": policy(OPEN)}}
    assert check(tmp_path, {**function(), "IgnoreGlobals": ignored}, shared) == []


@pytest.mark.parametrize(
    ("declared", "verdict", "defaults"),
    [
        ({"AllowedValues": ["111122223333", "999988887777"]}, "refuted", ()),
        ({}, "proved", (("P", "111122223333"),)),
    ],
)
@pytest.mark.parametrize(
    ("section", "properties"),
    [
        ("Function", {"AssumeRolePolicyDocument": policy({**OPEN, "Principal": {"AWS": {"Ref": "P"}}})}),
        ("Api", {"Auth": {"ResourcePolicy": {"AwsAccountWhitelist": [{"Ref": "P"}]}}}),
    ],
)
def test_a_parameter_in_globals_is_read_where_it_lands(
    tmp_path: Path, section: str, properties: Json, declared: Json, verdict: str, defaults: object
) -> None:
    """It is judged at each value that it may have, or at its default, which is named."""
    content = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"P": {"Type": "String", "Default": "111122223333", **declared}},
        "Globals": {section: properties},
        "Resources": {"F": {"Type": f"AWS::Serverless::{section}", "Properties": {"StageName": "v1"}}},
    }
    (tmp_path / "t.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([tmp_path / "t.json"], properties=["inside-boundary"], config=BOUNDARY)
    assert [(one.verdict, one.at_defaults) for one in report.results] == [(verdict, defaults)]


def test_an_intrinsic_function_is_not_merged(tmp_path: Path) -> None:
    """SAM takes it for a value, and the resource's own wins."""
    shared = {"Function": {"AssumeRolePolicyDocument": policy(OPEN)}}
    own: Json = {"Fn::If": ["C", policy(OWN), policy(OWN)]}
    content = {**function(AssumeRolePolicyDocument=own)}
    file = tmp_path / "template.json"
    sections = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Globals": shared,
        "Parameters": {"P": {"Type": "String"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
    }
    file.write_text(json.dumps({**sections, "Resources": {"F": content}}), encoding="utf-8")
    report = trustproof.check([str(file)], properties=["inside-boundary"], config=BOUNDARY)
    assert [r.verdict for r in report.results] == ["proved"]


@pytest.mark.parametrize(
    ("resource_policy", "verdict"),
    [
        ({"CustomStatements": [CALL]}, "refuted"),
        ({"CustomStatements": CALL}, "refuted"),
        ({"AwsAccountWhitelist": ["999988887777"]}, "refuted"),
        ({"AwsAccountWhitelist": ["111122223333"]}, None),
        ({"AwsAccountBlacklist": ["999988887777"]}, None),
        ({"IpRangeBlacklist": ["203.0.113.0/24"]}, "refuted"),
        ({"IpRangeWhitelist": ["203.0.113.0/24"]}, None),
        ({"SourceVpcBlacklist": ["vpc-1234"]}, "refuted"),
        ({"SourceVpcWhitelist": ["vpce-1234"]}, None),
        ({"IntrinsicVpcWhitelist": [{"Ref": "Vpc"}]}, None),
        # The Deny of a list counts for the other statements too.
        ({"CustomStatements": [CALL], "IpRangeWhitelist": ["203.0.113.0/24"]}, None),
        ({"CustomStatements": [{**CALL, "Effect": "Deny"}], "IpRangeBlacklist": ["203.0.113.0/24"]}, None),
    ],
    ids=lambda value: str(value)[:60],
)
@pytest.mark.parametrize("where", ["api", "globals", "implicit", "event"])
def test_resource_policy_of_an_api(tmp_path: Path, resource_policy: Json, verdict: str | None, where: str) -> None:
    """What SAM writes for each list is judged, wherever the policy stands."""
    auth = {"Auth": {"ResourcePolicy": resource_policy}}
    if where == "event":
        event = {"Type": "Api", "Properties": {"Path": "/", "Method": "get", **auth}}
        found = check(tmp_path, function(Events={"E": event}))
    elif where == "implicit":
        # Of events that name no API, SAM makes one.
        found = check(tmp_path, function(Events={"E": {"Type": "Api", "Properties": {"Path": "/"}}}), {"Api": auth})
    elif where == "globals":
        found = check(tmp_path, {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "v1"}}, {"Api": auth})
    else:
        found = check(tmp_path, api(resource_policy))
    assert [r.verdict for r in found] == ([verdict] if verdict else [])
    assert all(set(found[0].path) & {*resource_policy} for _ in found)


@pytest.mark.parametrize(
    ("conditions", "named", "expected"),
    [
        ((None,), None, ["refuted"]),
        (("Dev",), None, ["refuted"]),
        (("Prod",), None, []),
        (("Prod", "Dev"), None, ["refuted"]),
        (("Prod", None), None, ["refuted"]),
        ((None,), "ServerlessRestApi", ["refuted"]),
        ((None,), "Other", []),
    ],
)
def test_the_api_of_events_without_one(
    tmp_path: Path, conditions: tuple[str | None, ...], named: str | None, expected: list[str]
) -> None:
    """It is there where one of its functions is; here it lets in outsiders in development only."""
    api_of = {} if named is None else {"RestApiId": {"Ref": named}}
    made = function(Events={"E": {"Type": "Api", "Properties": {"Path": "/", **api_of}}})
    functions = {f"F{n}": made if one is None else {**made, "Condition": one} for n, one in enumerate(conditions)}
    who = {"Fn::If": ["Dev", "999988887777", "111122223333"]}
    content = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"Stage": {"Type": "String", "Default": "prod", "AllowedValues": ["prod", "dev"]}},
        "Conditions": {one.title(): {"Fn::Equals": [{"Ref": "Stage"}, one]} for one in ("prod", "dev")},
        "Globals": {"Api": {"Auth": {"ResourcePolicy": {"AwsAccountWhitelist": [who]}}}},
        "Resources": functions,
    }
    (tmp_path / "t.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([tmp_path / "t.json"], properties=["inside-boundary"], config=BOUNDARY)
    assert [one.verdict for one in report.results if one.logical_id == "ServerlessRestApi"] == (
        expected or (["proved"] if named is None else [])
    )


@pytest.mark.parametrize("name", ["IpRangeBlacklist", "IpRangeWhitelist", "AwsAccountBlacklist"])
def test_a_list_of_an_api_that_is_not_there(tmp_path: Path, name: str) -> None:
    """SAM makes a list of what a function gives; where that is nothing, a Deny denies nothing."""
    listed = "444455556666" if name == "AwsAccountBlacklist" else "203.0.113.0/24"
    given = {"Fn::If": ["C", [listed], {"Ref": "AWS::NoValue"}]}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"P": {"Type": "String", "AllowedValues": ["x", "y"], "Default": "y"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
        "Resources": {"A": api({"CustomStatements": [CALL], name: given})},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template), encoding="utf-8")
    report = trustproof.check([str(file)], properties=["inside-boundary"], config=BOUNDARY)
    assert {result.verdict for result in report.results} == {"refuted"}


@pytest.mark.parametrize("where", ["own", "globals"])
def test_the_policy_of_a_private_domain_is_not_passed_over(where: str, tmp_path: Path) -> None:
    """SAM makes a domain with it, which nobody looks into."""
    domain = {"Domain": {"DomainName": "a.example.com", "EndpointConfiguration": "PRIVATE", "Policy": policy(CALL)}}
    resource = {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "v", **(domain if where == "own" else {})}}
    found = check(tmp_path, resource, {"Api": domain} if where == "globals" else None)
    assert [one.verdict for one in found] == ["unknown"]


def test_resource_policy_that_is_not_known(tmp_path: Path) -> None:
    """A policy that comes from elsewhere is not passed over."""
    (found,) = check(tmp_path, api({"Fn::Transform": {"Name": "AWS::Include"}}))
    assert found.verdict == "unknown"


@pytest.mark.parametrize(
    ("config", "verdicts"),
    [
        ({"AuthType": "NONE"}, ["refuted"]),
        ({"AuthType": "AWS_IAM"}, []),
        # SAM adds the permission for the literal alone.
        ({"AuthType": {"Ref": "Auth"}}, []),
    ],
    ids=str,
)
@pytest.mark.parametrize("role", [{}, {"Role": "arn:aws:iam::111122223333:role/app"}], ids=["generated", "given"])
def test_url_of_a_function(tmp_path: Path, config: Json, verdicts: list[str], role: Json) -> None:
    """A URL that asks for no signature is open to everybody."""
    found = check(tmp_path, function(FunctionUrlConfig=config, **role))
    assert [r.verdict for r in found] == verdicts
    for one in found:
        assert one.path == ("Resources", "F", "Properties", "FunctionUrlConfig", "AuthType")
        assert one.remedy is not None
        assert one.remedy.diff == ('- "AuthType": "NONE"', '+ "AuthType": "AWS_IAM"')


def test_url_of_globals(tmp_path: Path) -> None:
    """``Globals`` may open every function, and the finding stands there."""
    (found,) = check(tmp_path, function(), {"Function": {"FunctionUrlConfig": {"AuthType": "NONE"}}})
    assert found.path == ("Globals", "Function", "FunctionUrlConfig", "AuthType")


#: Policies that let anybody in, without what they stand on: property that says it, and the others.
OPEN_POLICIES: dict[str, tuple[str, bool, Json]] = {
    "AWS::Lambda::Permission": ("FunctionName", False, {"Action": "lambda:InvokeFunction", "Principal": "*"}),
    "AWS::Lambda::LayerVersionPermission": (
        "LayerVersionArn",
        False,
        {"Action": "lambda:GetLayerVersion", "Principal": "*"},
    ),
    **{
        type_: (
            property_,
            is_list,
            {"PolicyDocument": policy({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"})},
        )
        for type_, property_, is_list, action in (
            ("AWS::SNS::TopicPolicy", "Topics", True, "sns:Publish"),
            ("AWS::SQS::QueuePolicy", "Queues", True, "sqs:SendMessage"),
        )
    },
}


@pytest.mark.parametrize("reference", ["Ref", "Arn"])
@pytest.mark.parametrize("type_", OPEN_POLICIES)
def test_what_a_policy_stands_on_does_not_close_it(tmp_path: Path, type_: str, reference: str) -> None:
    """Whatever the resource is called by, and of whatever type it is, a policy for everybody lets in somebody."""
    place, is_list, properties = OPEN_POLICIES[type_]
    wrong: list[str] = []
    for other in (*arns.TYPES, "AWS::Serverless::StateMachine", "AWS::Serverless::SimpleTable", "Custom::Thing"):
        stands_on = {"Ref": "F"} if reference == "Ref" else {"Fn::GetAtt": ["F", "Arn"]}
        content = {
            "Transform": "AWS::Serverless-2016-10-31",
            "Resources": {
                "F": {"Type": other, "Properties": {}},
                "P": {"Type": type_, "Properties": {**properties, place: [stands_on] if is_list else stands_on}},
            },
        }
        (tmp_path / "template.json").write_text(json.dumps(content), encoding="utf-8")
        report = trustproof.check([tmp_path / "template.json"], properties=["inside-boundary"], config=BOUNDARY)
        found = {result.verdict for result in report.results if result.logical_id == "P"}
        wrong += [] if found == {"refuted"} else [f"{other}: {found}"]
    assert wrong == []


def test_a_trust_policy_of_a_function_stands_on_its_role(tmp_path: Path) -> None:
    """The role that a function makes has the trust policy, and a Deny on its ARN stops callers."""
    role_ = {"Fn::GetAtt": ["FRole", "Arn"]}
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sts:*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": role_}},
    }
    (found,) = check(tmp_path, function(AssumeRolePolicyDocument=policy(OPEN, deny)))
    assert found.verdict == "refuted"

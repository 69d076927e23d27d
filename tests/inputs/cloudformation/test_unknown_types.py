"""
Resources of types that are not known here, with what looks like a policy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from trustproof.cli.main import main
from trustproof.inputs.cloudformation.resources.unread.unknown_types import CALLING, LEFT_UNREAD, holds_policy
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.reader import ExternalTemplate

#: What asks for the functions that few templates may use.
EXTENDED: dict[str, object] = {"Transform": "AWS::LanguageExtensions"}
Read = Callable[..., Template]

STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
POLICY = {"Version": "2012-10-17", "Statement": [STATEMENT]}
TEXT = json.dumps(POLICY)
#: Texts of a policy in two halves.
HALVES = [TEXT[:40], TEXT[40:]]


def _found(
    read: Read, type_: str, properties: object, parameters: Mapping[str, object] | None = None
) -> list[ExternalTemplate]:
    """What nobody has looked into, of a resource ``A``."""
    resources = {"A": {"Type": type_, "Properties": properties}}
    template = read({**EXTENDED, "Parameters": dict(parameters or {}), "Resources": resources})
    assert template.documents == ()
    return [*template.external_templates()]


def _of(read: Read, type_: str, properties: object, parameters: Mapping[str, object] | None = None) -> list[str]:
    """The same, in words."""
    return [one.what for one in _found(read, type_, properties, parameters)]


@pytest.mark.parametrize(
    "value",
    [
        POLICY,
        STATEMENT,
        [STATEMENT],
        {"statement": {"effect": "Allow", "notaction": "s3:*", "resource": "*"}},
        {"Deep": [{"In": {"It": POLICY}}]},
        {"Fn::If": ["C", POLICY, {"Ref": "AWS::NoValue"}]},
        TEXT,
        json.dumps({"service": "S3", "parameters": {"Policy": TEXT}}),
        {"Fn::Join": ["", HALVES]},
        {"Fn::Sub": TEXT},
        {"Fn::ToJsonString": POLICY},
        {"Ref": "Default"},
        json.dumps([STATEMENT]),
        json.dumps({"Grants": [{"effect": "deny", "NotPrincipal": "*"}]}),
        {"Fn::Sub": json.dumps([STATEMENT])},
    ],
)
@pytest.mark.parametrize("type_", ["AWS::Future::Thing", "Custom::Thing", "AWS::CloudFormation::CustomResource"])
def test_what_looks_like_a_policy_is_not_looked_into(read: Read, type_: str, value: object) -> None:
    """A statement below a property of a type that is not known is named, however it is written."""
    given = {"Default": {"Type": "String", "Default": TEXT}}
    assert _of(read, type_, {"Name": "a", "Access": value}, given) == ["Access of A"]


@pytest.mark.parametrize(
    ("call", "named"),
    [
        ('{"service":"IAM","action":"attachRolePolicy"}', True),
        ('{"service":"@aws-sdk/client-sso-admin","action":"CreateAccountAssignmentCommand"}', True),
        ('{"service":"Lambda","action":"addPermission"}', True),
        ('{"service":"SQS","action":"setQueueAttributes","parameters":{"Attributes":{"Policy":"x"}}}', True),
        ({"Fn::Join": ["", ['{"service":"EKS","action":"', 'createAccessEntry"}', {"Ref": "A"}]]}, True),
        ('{"service":"EC2","action":"modifySnapshotAttribute"}', True),
        ('{"service":"EC2","action":"modifyImageAttribute","parameters":{"LaunchPermission":{}}}', True),
        ('{"service":"EC2","action":"modifyImageAttribute","parameters":{"Description":{}}}', False),
        ('{"service":"EC2","action":"modifyVpcEndpoint","parameters":{"PolicyDocument":"{}"}}', True),
        ('{"service":"@aws-sdk/client-docdb","action":"ModifyDBClusterSnapshotAttributeCommand"}', True),
        ('{"service":"CognitoIdentity","action":"setIdentityPoolRoles"}', True),
        ('{"service":"CognitoIdentityServiceProvider","action":"adminCreateUser"}', True),
        ('{"service":"Lambda","action":"updateFunctionUrlConfig","parameters":{"AuthType":"NONE"}}', True),
        ('{"service":"Lambda","action":"updateFunctionConfiguration","parameters":{"Role":"r"}}', True),
        ('{"service":"Lambda","action":"updateFunctionConfiguration","parameters":{"Timeout":"3"}}', False),
        ('{"service":"OpenSearch","action":"updateDomainConfig","parameters":{"AccessPolicies":"{}"}}', True),
        ('{"service":"RDSDataService","action":"executeStatement","parameters":{"sql":"GRANT ALL ON t TO u"}}', True),
        ('{"service":"@aws-sdk/client-rds-data","action":"executeStatement","parameters":{"sql":"SELECT 1"}}', False),
        ('{"service":"CloudWatchLogs","action":"putRetentionPolicy"}', False),
        ('{"service":"IAM","action":"getRole"}', False),
        ('{"service":"IAM","action":"updateAccountPasswordPolicy"}', False),
        ('{"service":"SES","action":"setActiveReceiptRuleSet"}', False),
        ('{"service":"SQS","action":"setQueueAttributes","parameters":{"Attributes":{"DelaySeconds":"1"}}}', False),
        ("attachRolePolicy", False),
    ],
)
def test_a_call_that_gives_access_is_not_looked_into(read: Read, call: object, named: bool) -> None:
    """What a custom resource of the CDK calls stands in no policy of the template."""
    assert _of(read, "Custom::AWS", {"Create": call}, {}) == (["Create of A"] if named else [])
    assert _of(read, "AWS::SSM::Thing", {"Create": call}, {}) == []


def test_a_call_with_a_policy_is_named_as_a_call(read: Read) -> None:
    """Which call puts it into effect says more than that it may be a policy."""
    call = f'{{"service":"IAM","action":"updateAssumeRolePolicy","parameters":{json.dumps(TEXT)}}}'
    (found,) = _found(read, "Custom::AWS", {"Create": call})
    assert found.which.startswith("calls iam:updateAssumeRolePolicy ")


#: What a macro makes of a file that is not at hand.
INCLUDED = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/k"}}}


@pytest.mark.parametrize(
    ("type_", "properties", "expected"),
    [
        ("AWS::S3::Bucket", INCLUDED, ["the properties of A"]),
        ("AWS::RAM::ResourceShare", {"Name": "a", **INCLUDED}, ["the properties of A"]),
        ("AWS::IAM::SAMLProvider", INCLUDED, ["the properties of A"]),
        ("AWS::Future::Thing", INCLUDED, ["the properties of A"]),
        ("AWS::S3::Bucket", {"Fn::If": ["C", {"AccessControl": "PublicRead"}, {}]}, ["the properties of A"]),
        ("AWS::S3::Bucket", {"Fn::ForEach::L": ["K", {"Ref": "P"}, {"${K}": "PublicRead"}]}, ["the properties of A"]),
        ("AWS::IAM::SAMLProvider", {"SamlMetadataDocument": INCLUDED}, ["the metadata of A"]),
        ("AWS::IAM::OIDCProvider", {"Url": INCLUDED}, ["an issuer of A"]),
        # Nothing of these lets anybody in, or whoever deploys the template says who it is.
        ("AWS::EC2::Instance", INCLUDED, []),
        ("AWS::S3::Bucket", {"Tags": INCLUDED}, []),
        ("AWS::IAM::SAMLProvider", {"SamlMetadataDocument": {"Ref": "P"}}, []),
    ],
)
def test_what_a_macro_makes_of_properties_is_not_looked_into(
    read: Read, type_: str, properties: object, expected: list[str]
) -> None:
    """A resource whose properties nobody can read may let anybody in, and is named."""
    assert _of(read, type_, properties, {"P": {"Type": "CommaDelimitedList"}}) == expected


#: The same as the manual writes it in short.
SHORT = {"Transform": INCLUDED["Fn::Transform"]}


@pytest.mark.parametrize(
    ("resource", "is_named"),
    [
        ({"Type": "AWS::S3::Bucket", **INCLUDED}, True),
        ({"Type": "AWS::RAM::ResourceShare", "Properties": {"Name": "a"}, **INCLUDED}, True),
        ({"Type": "AWS::EC2::Instance", **INCLUDED}, False),
        ({"Type": "AWS::S3::Bucket", **SHORT}, True),
        ({"Type": "AWS::S3::Bucket", "Properties": SHORT}, True),
        ({"Type": "AWS::IAM::User", "Properties": SHORT}, True),
        ({"Type": "AWS::IAM::User", "Properties": {"Transform": {"Name": "a", "Expression": "b"}}}, False),
        ({"Type": "AWS::IoTSiteWise::AssetModel", "Properties": {"Transform": {"Expression": "b"}}}, False),
    ],
)
def test_what_is_included_beside_the_type_is_not_looked_into(
    read: Read, resource: Mapping[str, object], is_named: bool
) -> None:
    """A macro that is called beside the type may write all properties, and so may one that is called in short."""
    found = [one.what for one in read({"Resources": {"A": resource}}).external_templates()]
    assert found == (["the properties of A"] if is_named else [])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PolicyDocument", ["PolicyDocument of A"]),
        ("BucketPolicyText", ["BucketPolicyText of A"]),
        ("PolicyArn", []),
        ("SecurityPolicy", []),
        ("Name", []),
    ],
)
def test_what_nobody_knows_goes_by_its_name(read: Read, name: str, expected: list[str]) -> None:
    """A value that is known at deployment only may be a policy where the property is called like one."""
    assert _of(read, "Custom::Thing", {name: {"Ref": "P"}}, {"P": {"Type": "String"}}) == expected


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("AWS::WAFv2::WebACL", {"Rules": [{"Action": {"Allow": {}}, "Statement": {"GeoMatchStatement": {}}}]}),
        ("AWS::SNS::Subscription", {"FilterPolicy": {"Effect": ["Allow"]}}),
        ("AWS::SQS::Queue", {"RedrivePolicy": {"maxReceiveCount": 3}}),
        ("AWS::ElasticLoadBalancingV2::Listener", {"SslPolicy": {"Ref": "P"}}),
        ("Custom::Thing", {"Text": "an Effect: and a Statement: of Action:"}),
    ],
)
def test_look_alikes_are_no_policies(read: Read, type_: str, properties: object) -> None:
    """What has some of the words of a policy, or the name of one, and is none, is passed in silence."""
    assert _of(read, type_, properties, {"P": {"Type": "String"}}) == []


#: What they have is read, or out of reach, as a template.
TEMPLATES = {"AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet"}


@pytest.mark.parametrize("type_", [type_ for type_ in LEFT_UNREAD if type_ not in TEMPLATES])
def test_types_left_unread_on_purpose_have_a_reason(read: Read, type_: str) -> None:
    """A type that is known to grant nothing is passed, and the table says why."""
    assert LEFT_UNREAD[type_]
    assert _of(read, type_, {"PolicyDocument": POLICY}) == []


#: What no role is made for.
OWN = {"Role": "arn:aws:iam::111122223333:role/r"}
CALLS = {"PolicyDocument": TEXT, "RoleName": "r"}
TASK = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:iam:updateAssumeRolePolicy", "Parameters": CALLS}
STEP = {"action": "aws:executeAwsApi", "inputs": {"Service": "iam", "Api": "UpdateAssumeRolePolicy", **CALLS}}


@pytest.mark.parametrize("definition", [{"States": {"A": TASK}}, {"mainSteps": [STEP]}])
@pytest.mark.parametrize(("type_", "name"), [(type_, name) for type_, names in CALLING.items() for name in names])
def test_a_policy_that_a_definition_calls_aws_with_is_not_looked_into(
    read: Read, type_: str, name: str, definition: object
) -> None:
    """A policy in a state machine or an automation is named, as an object, a text, and a text that a function makes."""
    for written in (definition, json.dumps(definition), {"Fn::Sub": json.dumps(definition)}):
        assert _of(read, type_, {**OWN, name: written}) == [f"{name} of A"]
        assert _of(read, type_, {**OWN, "Comment": written}) == []


@pytest.mark.parametrize(("call", "is_named"), [("iam:attachRolePolicy", True), ("sqs:sendMessage", False)])
@pytest.mark.parametrize(("type_", "name"), [(type_, name) for type_, names in CALLING.items() for name in names])
def test_a_call_that_gives_access_when_it_runs_is_not_looked_into(
    read: Read, type_: str, name: str, call: str, is_named: bool
) -> None:
    """What attaches a policy that stands elsewhere has no policy in it: it is named by what it calls."""
    service, action = call.split(":")
    step = {"action": "aws:executeAwsApi", "inputs": {"Service": service, "Api": action[:1].upper() + action[1:]}}
    definitions: list[dict[str, object]] = [
        {"Resource": f"arn:aws:states:::aws-sdk:{call}"},
        {"Arn": {"Fn::Sub": f"arn:${{AWS::Partition}}:scheduler:::aws-sdk:{call}"}},
        {"mainSteps": [step]},
    ]
    pieces = {"Fn::Join": ["", ['{"Resource": "arn:', {"Ref": "AWS::Partition"}, f':states:::aws-sdk:{call}"}}']]}
    for written in (*definitions, *map(json.dumps, definitions), pieces):
        assert _of(read, type_, {**OWN, name: written}) == ([f"{name} of A"] if is_named else [])


_TASK = "arn:aws:states:::aws-sdk"


@pytest.mark.parametrize(
    "call",
    [
        {"Fn::Join": [":", [_TASK, "iam", "attachRolePolicy"]]},
        {"Fn::Join": [":", [_TASK, {"Ref": "Service"}, "getObject"]]},
        {"Fn::Join": ["", [f"{_TASK}:", {"Ref": "Call"}]]},
        {"Fn::Sub": f"{_TASK}:${{Call}}"},
        {"Fn::Sub": [f"{_TASK}:${{X}}", {"X": "iam:attachRolePolicy"}]},
        {"Fn::Sub": "arn:aws:states:::${Integration}"},
        {"Fn::If": ["C", f"{_TASK}:iam:attachRolePolicy", f"{_TASK}:s3:getObject"]},
        {"Fn::Join": ["", [f"{_TASK}:", {"Fn::If": ["C", "iam", "s3"]}, ":getObject"]]},
    ],
)
def test_a_call_that_functions_put_together_is_not_looked_into(read: Read, call: object) -> None:
    """What is called is known by no text: a value may say that it gives access."""
    definition = {"States": {"A": {"Type": "Task", "Resource": call}}}
    found = _of(read, "AWS::StepFunctions::StateMachine", {**OWN, "Definition": definition})
    assert found == ["Definition of A"]


@pytest.mark.parametrize("service", ["{{ Service }}", {"Ref": "Service"}, {"Fn::Sub": "${Service}"}])
def test_a_step_of_a_service_that_a_value_names_is_not_looked_into(read: Read, service: object) -> None:
    """A parameter of an automation, or of the template, may be the service of a call."""
    inputs = {"Service": service, "Api": "AssociateThing"}
    content: dict[str, object] = {"mainSteps": [{"action": "aws:executeAwsApi", "inputs": inputs}]}
    assert _of(read, "AWS::SSM::Document", {"Content": content}) == ["Content of A"]
    if isinstance(service, str):
        assert _of(read, "AWS::SSM::Document", {"Content": json.dumps(content)}) == ["Content of A"]


def test_tasks_of_other_kinds_are_passed(read: Read) -> None:
    """Functions are tasks of most state machines, and give nobody access."""
    tasks: list[object] = [
        {"Fn::GetAtt": ["Function", "Arn"]},
        {"Fn::Sub": "arn:${AWS::Partition}:states:::lambda:invoke"},
        {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":states:::sns:publish"]]},
        "arn:aws:states:::aws-sdk:s3:getObject",
    ]
    states = {f"S{n}": {"Type": "Task", "Resource": one} for n, one in enumerate(tasks)}
    assert _of(read, "AWS::StepFunctions::StateMachine", {**OWN, "Definition": {"States": states}}) == []


@pytest.mark.parametrize(
    ("definition", "is_named"),
    [
        ({"IamActionDefinition": {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess", "Roles": ["a"]}}, True),
        ({"IamActionDefinition": {"PolicyArn": {"Ref": "Policy"}, "Roles": ["a"]}}, True),
        ({"IamActionDefinition": {"Fn::If": ["C", {}, {}]}}, True),
        ({"Fn::Transform": {"Name": "AWS::Include"}}, True),
        ({"IamActionDefinition": {"PolicyArn": "arn:aws:iam::aws:policy/AWSDenyAll", "Groups": ["a"]}}, False),
        ({"ScpActionDefinition": {"PolicyId": "p-1", "TargetIds": ["r-a1b2"]}}, False),
        ({"SsmActionDefinition": {"Subtype": "STOP_EC2_INSTANCES"}}, False),
    ],
)
def test_what_a_budget_attaches_is_not_looked_into(read: Read, definition: object, is_named: bool) -> None:
    """A policy that is attached once a budget is exceeded is one that its users, groups and roles then have."""
    found = _of(read, "AWS::Budgets::BudgetsAction", {"BudgetName": "b", "Definition": definition})
    assert found == (["Definition of A"] if is_named else [])


@pytest.mark.parametrize("type_", CALLING)
def test_a_definition_without_a_policy_is_passed(read: Read, type_: str) -> None:
    """What calls AWS with anything else than a policy is passed in silence."""
    harmless = {"States": {"A": {"Resource": "arn:aws:states:::aws-sdk:iam:getRole", "Parameters": {"RoleName": "r"}}}}
    for name in CALLING[type_]:
        assert _of(read, type_, {"Role": "arn:aws:iam::111122223333:role/r", name: json.dumps(harmless)}) == []


def test_aliases_are_looked_at_once() -> None:
    """A value that aliases repeat more often than anybody could walk it is looked at once."""
    value: list[object] = ["x"]
    for _ in range(200):
        value = [value, value]
    assert not holds_policy(value)
    assert holds_policy([value, POLICY])


def test_strict_fails_on_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--strict`` fails, with the file, the property, the resource and its type; what is excluded is not there."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"A": {"Type": "Custom::Thing", "Properties": {"Access": POLICY}}}}))
    assert main(["check", "--strict", str(file)]) == 1
    said = capsys.readouterr().out
    which = "Access of A, which may be a policy, and is of a type that is not known here, Custom::Thing"
    assert f"t.json: not checked: {which}" in said
    assert "1 not checked" in said
    assert main(["check", str(file)]) == 0
    (tmp_path / "other.json").write_text('{"Resources": {"B": {"Type": "AWS::SNS::Topic"}}}')
    (tmp_path / "trustproof.toml").write_text('exclude = ["t.json"]\n')
    capsys.readouterr()
    assert main(["check", "--strict", "--config", str(tmp_path / "trustproof.toml"), str(tmp_path)]) == 0
    assert "not checked" not in capsys.readouterr().out

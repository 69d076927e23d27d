"""
A remedy leaves what somebody has written on purpose: the own user with a path, good values of a list, a Deny.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

import trustproof
from tests.laws.remedying import edited
from trustproof import Result
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import IDENTITY, TRUST
from trustproof.model.request import ROLE_SESSION, USER_KEY, Caller, Request
from trustproof.model.text import Symbolic
from trustproof.spec.decision import decide

Json = dict[str, Any]
OWN = "111122223333"
ROOT = f"arn:aws:iam::{OWN}:root"
MFA = "aws:MultiFactorAuthPresent"


def role(*statements: Json, **sections: Json) -> Json:
    """A template with one role that these statements let in."""
    trust = {"Version": "2012-10-17", "Statement": list(statements)}
    return {
        **sections,
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}},
    }


def refuted(template: Json, ident: str, config: Json | None = None) -> list[Result]:
    """The refutations of a property."""
    report = trustproof.check([template], config=config or {}, account=OWN)
    assert not report.errors
    return [r for r in report.results if r.verdict == trustproof.REFUTED and r.property == ident]


def remedied(template: Json, found: Result) -> Json:
    """The template with the remedy of a finding."""
    assert found.remedy is not None
    assert found.remedy.edits
    return edited(template, found.remedy.edits)


def test_each_of_many_roles_is_named_once() -> None:
    """Each is to be let in, so that the remedy names each; the reason names the first, for nobody reads 14 twice."""
    template = role({"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"})
    entering = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": {"Fn::GetAtt": ["R", "Arn"]}}
    lets_lambda = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    for number in range(5):
        sending = role(lets_lambda)["Resources"]["R"]
        document = {"Version": "2012-10-17", "Statement": [entering]}
        sending["Properties"]["Policies"] = [{"PolicyName": "p", "PolicyDocument": document}]
        template["Resources"][f"S{number}"] = sending
    (found,) = refuted(template, "mfa-required")
    assert "the template lets S0, S1, S2 and 2 more assume it, and sessions of roles never carry MFA" in found.why
    assert found.remedy is not None
    assert "S0, S1, S2, S3 and S4" in found.remedy.text


@pytest.mark.parametrize("path", ["/", "/eng/", "/eng/west/"])
def test_a_user_with_a_path_still_enrols_a_device(path: str) -> None:
    """The Deny that is for other users spares the own one, whatever its path is."""
    deny = {
        "Effect": "Deny",
        "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"],
        "Resource": "*",
        "Condition": {"BoolIfExists": {MFA: "false"}},
    }
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow, deny]}}
    user = {"Type": "AWS::IAM::User", "Properties": {"UserName": "bg1", "Path": path, "Policies": [policy]}}
    template = {"Resources": {"U": user}}
    (found,) = refuted(template, "sensitive-actions-require-mfa")
    after = remedied(template, found)
    assert not refuted(after, "sensitive-actions-require-mfa")
    own = f"arn:aws:iam::{OWN}:user{path}bg1"
    statements = after["Resources"]["U"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    policy_after = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": statements}), kind=IDENTITY)
    caller = Caller(USER_KEY, own)
    names = {"aws:username": "bg1"}
    assert decide(policy_after, Request(caller, "iam:EnableMFADevice", own, names)).allowed
    other = f"arn:aws:iam::{OWN}:user/bob"
    assert not decide(policy_after, Request(caller, "iam:EnableMFADevice", other, names)).allowed


@pytest.mark.parametrize("effect", [{"Ref": "E"}, {"Fn::If": ["Opens", "Allow", "Deny"]}])
def test_a_statement_that_denies_elsewhere_is_not_changed(effect: Json) -> None:
    """Where the template decides whether a statement allows, there is no diff: it would open the Deny."""
    template = role(
        {
            "Effect": effect,
            "Principal": {"AWS": ROOT},
            "Action": "sts:AssumeRole",
            "Condition": {"BoolIfExists": {MFA: "false"}},
        },
        Parameters={"E": {"Type": "String", "AllowedValues": ["Deny", "Allow"], "Default": "Deny"}},
        Conditions={"Opens": {"Fn::Equals": [{"Ref": "E"}, "Allow"]}},
    )
    (found,) = refuted(template, "mfa-required")
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "write a statement for each" in found.remedy.text


GITHUB = "token.actions.githubusercontent.com"
SUBJECT = f"{GITHUB}:sub"
AUDIENCE = "SAML:aud"
EAST, WEST = (f"https://{region}.signin.aws.amazon.com/saml" for region in ("us-east-1", "eu-west-1"))
ELSEWHERE = "https://app.example.com/saml"


@pytest.mark.parametrize(
    ("ident", "condition", "after"),
    [
        (
            "web-identity-bound",
            {"StringLike": {SUBJECT: ["repo:our/a:*", "repo:our/b:environment:prod", "repo:our*/d:*"]}},
            {"StringLike": {SUBJECT: ["repo:our/a:*", "repo:our/b:environment:prod", "repo:our/d:*"]}},
        ),
        (
            "web-identity-bound",
            {"ForAllValues:StringLike": {SUBJECT: ["repo:our/*"]}},
            {"StringLike": {SUBJECT: ["repo:our/*"]}},
        ),
        (
            "web-identity-bound",
            {"StringLikeIfExists": {SUBJECT: ["repo:our/a:*", "repo:our*"]}},
            {"StringLike": {SUBJECT: ["repo:our/a:*", "repo:our/*"]}},
        ),
        (
            "web-identity-bound",
            {"StringLike": {SUBJECT: "repo:acme*"}},
            {"StringLike": {SUBJECT: ["repo:acme/*"]}},
        ),
        (
            "saml-audience-bound",
            {"StringEqualsIfExists": {AUDIENCE: [EAST, WEST]}},
            {"StringEquals": {AUDIENCE: [EAST, WEST]}},
        ),
        (
            "saml-audience-bound",
            {"StringEquals": {AUDIENCE: [EAST, ELSEWHERE]}},
            {"StringEquals": {AUDIENCE: [EAST]}},
        ),
        (
            "saml-audience-bound",
            {"StringEqualsIfExists": {AUDIENCE: [EAST, ELSEWHERE]}},
            {"StringEquals": {AUDIENCE: [EAST]}},
        ),
        (
            "saml-audience-bound",
            {"StringEquals": {AUDIENCE: [ELSEWHERE]}},
            {"StringEquals": {AUDIENCE: ["https://signin.aws.amazon.com/saml"]}},
        ),
        (
            "saml-audience-bound",
            {"StringLike": {AUDIENCE: ["https://signin.aws.amazon.com*", EAST]}},
            {"StringLike": {AUDIENCE: ["https://signin.aws.amazon.com/saml*", EAST]}},
        ),
    ],
)
def test_good_values_of_a_list_are_left(ident: str, condition: Json, after: Json) -> None:
    """Of the values of a condition, those stay that name whom they should, and the operator but for its end."""
    template = _federated(ident, condition)
    (found,) = refuted(template, ident)
    changed = remedied(template, found)
    statement = changed["Resources"]["R"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert statement["Condition"] == after
    assert not refuted(changed, ident)


def _federated(ident: str, condition: Json) -> Json:
    saml = ident == "saml-audience-bound"
    provider = "saml-provider/idp" if saml else f"oidc-provider/{GITHUB}"
    return role(
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{OWN}:{provider}"},
            "Action": "sts:AssumeRoleWithSAML" if saml else "sts:AssumeRoleWithWebIdentity",
            "Condition": condition,
        }
    )


ENDPOINT = "https://signin.aws.amazon.com/saml"


@pytest.mark.parametrize(
    ("recipients", "severity"),
    [
        ("*", "error"),
        ("https://*", "error"),
        ("*.aws.amazon.com/saml*", "warning"),
        ("https://*signin.aws.amazon.com/saml", "warning"),
        ("https://*.signin.aws.amazon.com/saml", "warning"),
        (["https://*.signin.aws.amazon.com/saml", ENDPOINT], "warning"),
        (["https://eu-*.signin.aws.amazon.com/saml", ENDPOINT, ELSEWHERE], "error"),
    ],
)
def test_endpoints_of_regions_are_not_replaced_by_another(recipients: str | list[str], severity: str) -> None:
    """Which endpoints of Regions a pattern means nobody knows: it is to be written out, in words, in a Deny too."""
    template = _federated("saml-audience-bound", {"StringLike": {AUDIENCE: recipients}})
    policy = template["Resources"]["R"]["Properties"]["AssumeRolePolicyDocument"]
    (allow,) = policy["Statement"]
    denied = {**allow, "Effect": "Deny", "Condition": {"StringNotLike": {AUDIENCE: recipients}}}
    for number, statements in enumerate(([allow], [{**allow, "Condition": {}}, denied])):
        policy["Statement"] = statements
        (found,) = refuted(template, "saml-audience-bound")
        assert number or found.severity == severity
        assert found.remedy is not None
        assert not found.remedy.edits
        assert "name each endpoint in full" in found.remedy.text


@pytest.mark.parametrize(
    "condition",
    [{"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}, {"Bool": {MFA: "false"}}],
)
def test_a_deny_that_asks_for_mfa_is_for_users(condition: Json) -> None:
    """Roles never carry MFA and a Deny of everybody reaches a role that is named too, so it is for users only."""
    everybody = {"AWS": "*"}
    template = role(
        {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"},
        {"Effect": "Deny", "Principal": everybody, "Action": "sts:AssumeRole", "Condition": condition},
    )
    (found,) = refuted(template, "mfa-required")
    after = remedied(template, found)
    assert not refuted(after, "mfa-required")
    policy = after["Resources"]["R"]["Properties"]["AssumeRolePolicyDocument"]
    arn = f"arn:aws:iam::{OWN}:role/ci"
    request = Request(Caller(ROLE_SESSION, arn, "s"), "sts:AssumeRole", "*", {"aws:principalarn": arn})
    assert decide(parse_policy(json.dumps(policy), kind=TRUST), request).allowed


def test_roles_that_a_statement_names_are_not_asked_for_mfa() -> None:
    """A statement that says which users and which roles may call is to be split, in words."""
    named = [f"arn:aws:iam::{OWN}:user/*", f"arn:aws:iam::{OWN}:role/aws-reserved/sso.amazonaws.com/*"]
    template = role(
        {
            "Effect": "Allow",
            "Principal": {"AWS": ROOT},
            "Action": "sts:AssumeRole",
            "Condition": {"ArnLike": {"aws:PrincipalArn": named}},
        }
    )
    (found,) = refuted(template, "mfa-required")
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "a statement each" in found.remedy.text


def policy(type_: str, about: Json, *statements: Json) -> Json:
    """The resource of a policy."""
    return {
        "Type": type_,
        "Properties": {**about, "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}},
    }


def for_everybody(actions: Any, resource: Any = "*", **more: Any) -> Json:
    """A statement that lets everybody in."""
    return {"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": resource, **more}


OBJECTS = {"Fn::Sub": "${B.Arn}/*"}


@pytest.mark.parametrize(
    ("actions", "severity", "shown", "text"),
    [
        (["s3:GetObject", "s3:DeleteObject"], "error", "s3:DeleteObject", "leave visitors s3:GetObject here"),
        (["s3:Get*", "s3:PutObject*"], "error", "s3:PutObject", "leave visitors s3:GetObject here"),
        (["s3:GetObject", "s3:ListBucket"], "warning", "s3:GetObject", "which lists nothing"),
        ("s3:GetObject", "warning", "s3:GetObject", "CloudFront"),
    ],
)
def test_a_website_is_not_closed(actions: Any, severity: str, shown: str, text: str) -> None:
    """Of a website the finding shows what visitors do besides reading, and no diff keeps them from reading."""
    blocked = {"BlockPublicPolicy": False, "RestrictPublicBuckets": False}
    settings = {"WebsiteConfiguration": {"IndexDocument": "i"}, "PublicAccessBlockConfiguration": blocked}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": settings}
    allow = for_everybody(actions, [{"Fn::GetAtt": "B.Arn"}, OBJECTS])
    template = {"Resources": {"B": bucket, "P": policy("AWS::S3::BucketPolicy", {"Bucket": {"Ref": "B"}}, allow)}}
    (found,) = refuted(template, "inside-boundary")
    assert found.counterexample is not None
    assert (found.severity, found.counterexample.action) == (severity, shown)
    assert found.remedy is not None
    assert not found.remedy.edits
    assert text in found.remedy.text


@pytest.mark.parametrize(
    ("kind", "action", "target"),
    [("Topic", "sns:Publish", {"Ref": "T"}), ("Queue", "sqs:SendMessage", {"Fn::GetAtt": ["T", "Arn"]})],
)
def test_notifications_of_a_bucket_still_arrive(kind: str, action: str, target: Json) -> None:
    """What a bucket of the template notifies is given to S3, since a service has no organization."""
    named = {f"{kind}Configurations": [{"Event": "s3:ObjectCreated:*", kind: target}]}
    type_ = {"Topic": "AWS::SNS::Topic", "Queue": "AWS::SQS::Queue"}[kind]
    resources = {
        "T": {"Type": type_},
        "B": {"Type": "AWS::S3::Bucket", "Properties": {"NotificationConfiguration": named}},
        "P": policy(f"{type_}Policy", {f"{kind}s": [{"Ref": "T"}]}, for_everybody(action, target)),
    }
    (found,) = refuted({"Resources": resources}, "inside-boundary")
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "s3.amazonaws.com, with aws:SourceArn and aws:SourceAccount" in found.remedy.text
    ours = {"boundary": {"organizations": ["o-a1b2c3d4e5"]}}
    (alone,) = refuted({"Resources": {name: resources[name] for name in "TP"}}, "inside-boundary", ours)
    assert alone.remedy is not None
    assert alone.remedy.edits
    assert "a service has no organization" in alone.remedy.text


def url(auth_type: Any, **more: Any) -> Json:
    """A permission for the URL of a function."""
    given = {"FunctionName": "f", "Principal": "*", "Action": "lambda:InvokeFunctionUrl"}
    return {"Type": "AWS::Lambda::Permission", "Properties": {**given, "FunctionUrlAuthType": auth_type, **more}}


def by_url(function: Any = "f") -> Json:
    """The second permission that a URL needs."""
    given = {
        "FunctionName": function,
        "Principal": "*",
        "Action": "lambda:InvokeFunction",
        "InvokedViaFunctionUrl": True,
    }
    return {"Type": "AWS::Lambda::Permission", "Properties": given}


def test_both_permissions_of_a_public_url_are_meant() -> None:
    """What lets everybody invoke a function through its public URL is as much meant as the URL, and only with one."""
    both = refuted({"Resources": {"P": url("NONE"), "Q": by_url()}}, "inside-boundary")
    assert {found.severity for found in both} == {"warning"}
    second = next(found for found in both if found.logical_id == "Q")
    assert second.remedy is not None
    assert not second.remedy.edits
    (alone,) = refuted({"Resources": {"Q": by_url()}}, "inside-boundary")
    assert alone.severity == "error"


def test_the_public_url_of_another_function_says_nothing() -> None:
    """What is meant of one function is not meant of the next."""
    function = {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "f"}}
    resources = {"F": function, "P": url("NONE"), "Q": by_url({"Fn::GetAtt": ["F", "Arn"]}), "R": by_url("g")}
    found = {one.logical_id: one.severity for one in refuted({"Resources": resources}, "inside-boundary")}
    assert found == {"P": "warning", "Q": "warning", "R": "error"}


def test_a_url_of_which_a_parameter_decides_is_not_written_out() -> None:
    """No diff takes the choice from whoever deploys the template."""
    choice = {"Type": "String", "AllowedValues": ["NONE", "AWS_IAM"], "Default": "NONE"}
    found = refuted({"Parameters": {"A": choice}, "Resources": {"P": url({"Ref": "A"})}}, "inside-boundary")
    assert found
    assert not any(one.remedy.edits for one in found if one.remedy is not None)


def test_reading_a_public_repository_is_meant() -> None:
    """ECR Public is for everybody to read, and not to write."""
    for action, severity in (("ecr-public:DescribeImages", "warning"), ("ecr-public:PutImage", "error")):
        text = {"Version": "2012-10-17", "Statement": [for_everybody(action)]}
        resource = {"Type": "AWS::ECR::PublicRepository", "Properties": {"RepositoryPolicyText": text}}
        (found,) = refuted({"Resources": {"E": resource}}, "inside-boundary")
        assert found.severity == severity
        assert found.remedy is not None


def test_sending_events_to_an_app_monitor_is_meant() -> None:
    """Browsers of visitors send what RUM monitors; whatever else everybody may do with a monitor is not meant."""
    for action, severity in (("rum:PutRumEvents", "warning"), ("rum:*", "error")):
        text = json.dumps({"Version": "2012-10-17", "Statement": [for_everybody(action)]})
        given = {"Name": "m", "ResourcePolicy": {"PolicyDocument": text}}
        (found,) = refuted(
            {"Resources": {"M": {"Type": "AWS::RUM::AppMonitor", "Properties": given}}}, "inside-boundary"
        )
        assert found.severity == severity


def test_an_api_whose_deny_keeps_addresses_out_is_a_warning() -> None:
    """An API without a policy lets everybody in too, so a Deny that hardens it is no error."""
    deny = for_everybody("execute-api:Invoke", "execute-api:/*/*/admin/*")
    deny |= {"Effect": "Deny", "Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}}
    allow = for_everybody("execute-api:Invoke", "execute-api:/*")
    for statements, severity in (([allow, deny], "warning"), ([allow], "error")):
        given = {"Name": "n", "Policy": {"Version": "2012-10-17", "Statement": statements}}
        api = {"Type": "AWS::ApiGateway::RestApi", "Properties": given}
        (found,) = refuted({"Resources": {"A": api}}, "inside-boundary")
        assert found.severity == severity


REST, SAM = "AWS::ApiGateway::RestApi", "AWS::Serverless::Api"
#: The type of an API, how its endpoints are written, and what of aws:SourceVpce and aws:SourceIp may bound its network.
ENDPOINTS: list[tuple[str, Any, set[str]]] = [
    (REST, {"Types": ["PRIVATE"]}, {"aws:SourceVpce"}),
    (REST, {"Types": ["REGIONAL"]}, {"aws:SourceIp"}),
    (REST, None, {"aws:SourceVpce", "aws:SourceIp"}),
    (REST, {"Types": [{"Ref": "Kind"}]}, {"aws:SourceVpce", "aws:SourceIp"}),
    (REST, {"Fn::If": ["Closed", {"Types": ["PRIVATE"]}, {"Types": ["EDGE"]}]}, {"aws:SourceVpce", "aws:SourceIp"}),
    (SAM, {"Type": "PRIVATE"}, {"aws:SourceVpce"}),
    (SAM, "PRIVATE", {"aws:SourceVpce"}),
    (SAM, {"Type": "EDGE"}, {"aws:SourceIp"}),
]


@pytest.mark.parametrize(("type_", "endpoints", "expected"), ENDPOINTS)
def test_the_network_of_an_api_is_bounded_by_what_its_endpoints_know(
    type_: str, endpoints: Any, expected: set[str]
) -> None:
    """A private API is called from endpoints of networks and a public one from addresses; either where nobody knows."""
    text = {"Version": "2012-10-17", "Statement": [for_everybody("execute-api:Invoke", "execute-api:/*")]}
    given: Json = {"Policy": text} if type_ == REST else {"StageName": "s", "Auth": {"ResourcePolicy": {}}}
    if type_ == SAM:
        given["Auth"]["ResourcePolicy"] = {"CustomStatements": text["Statement"]}
    if endpoints is not None:
        given["EndpointConfiguration"] = endpoints
    template: Json = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"Kind": {"Type": "String"}},
        "Conditions": {"Closed": {"Fn::Equals": [{"Ref": "Kind"}, "closed"]}},
        "Resources": {"A": {"Type": type_, "Properties": given}},
    }
    (found,) = refuted(template, "inside-boundary")
    assert found.remedy is not None
    assert {key for key in ("aws:SourceVpce", "aws:SourceIp") if key in found.remedy.text} == expected


def test_what_a_snippet_leaves_open_is_no_error() -> None:
    """A macro beside a policy leaves its proofs unknown, which is as bad as other unknowns of the property."""
    template = role({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    include = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/tags.yaml"}}}
    template["Resources"]["R"]["Properties"]["Tags"] = include
    report = trustproof.check([template], config={}, account=OWN)
    severities = {r.property: r.severity for r in report.results if r.verdict == trustproof.UNKNOWN}
    assert severities["mfa-required"] == "warning"
    assert severities["statement-usable"] == "note"
    assert severities["session-duration-bounded"] == "note"


QUEUE_ARN = {"Fn::GetAtt": ["Q", "Arn"]}
RULE = {"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Id": "a", "Arn": QUEUE_ARN}]}}
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"Subscription": [{"Protocol": "sqs", "Endpoint": QUEUE_ARN}]}}
FOREIGN_TOPIC = "arn:aws:sns:eu-central-1:222233334444:orders"
ALARM = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [{"Ref": "T"}]}}


def subscription(topic: Any) -> Json:
    """A subscription of the queue."""
    given = {"Protocol": "sqs", "TopicArn": topic, "Endpoint": QUEUE_ARN}
    return {"Type": "AWS::SNS::Subscription", "Properties": given}


def queue(principal: Any, **sections: Json) -> Json:
    """A queue to which a principal may send, with what else the template has."""
    sends = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": QUEUE_ARN}
    about = policy("AWS::SQS::QueuePolicy", {"Queues": [{"Ref": "Q"}]}, sends)
    return {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}, "P": about, **sections}}


@pytest.mark.parametrize(
    ("service", "source", "arn"),
    [
        ("events", RULE, {"Fn::GetAtt": ["S", "Arn"]}),
        ("sns", TOPIC, {"Fn::GetAtt": ["S", "TopicArn"]}),
        ("sns", subscription({"Ref": "S2"}), {"Fn::GetAtt": ["S2", "TopicArn"]}),
        ("sns", subscription(FOREIGN_TOPIC), FOREIGN_TOPIC),
    ],
)
def test_a_service_is_bound_by_what_the_template_has_it_send(service: str, source: Json, arn: Any) -> None:
    """The rule or topic of the template is the source that is meant, whoever owns it and whatever a sibling says."""
    template = queue({"Service": f"{service}.amazonaws.com"}, S=source, S2={"Type": "AWS::SNS::Topic"})
    held = template["Resources"]["P"]["Properties"]["PolicyDocument"]
    sends = held["Statement"][0]
    elsewhere = {"ArnEquals": {"aws:SourceArn": f"arn:aws:{service}:eu-central-1:333344445555:x"}}
    for siblings in ([], [{**sends, "Condition": elsewhere}]):
        held["Statement"] = [sends, *siblings]
        (found,) = refuted(template, "no-confused-deputy")
        after = remedied(template, found)
        assert not refuted(after, "no-confused-deputy")
        (first, *_) = after["Resources"]["P"]["Properties"]["PolicyDocument"]["Statement"]
        assert first["Condition"] == {"ArnLike": {"aws:SourceArn": [arn]}}


@pytest.mark.parametrize(("service", "source"), [("events", RULE), ("sns", TOPIC)])
def test_a_service_that_sends_is_not_asked_for_its_organization(service: str, source: Json) -> None:
    """Where everybody may send and a service does, it is named in words: no service has an organization."""
    (found,) = refuted(queue("*", S=source), "inside-boundary")
    assert found.remedy is not None
    assert not found.remedy.edits
    assert f"name the service {service}.amazonaws.com, with aws:SourceArn" in found.remedy.text
    assert "S sends notifications here" in found.remedy.text


def test_an_alarm_still_notifies() -> None:
    """An alarm has no organization either."""
    sends = for_everybody("sns:Publish", {"Ref": "T"})
    about = policy("AWS::SNS::TopicPolicy", {"Topics": [{"Ref": "T"}]}, sends)
    (found,) = refuted({"Resources": {"T": {"Type": "AWS::SNS::Topic"}, "A": ALARM, "P": about}}, "inside-boundary")
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "cloudwatch.amazonaws.com" in found.remedy.text


def test_a_distribution_still_calls_the_url_of_a_function() -> None:
    """CloudFront signs what it asks of the URL, and is of no organization."""
    domain = {"Fn::Select": [2, {"Fn::Split": ["/", {"Fn::GetAtt": ["U", "FunctionUrl"]}]}]}
    origin = {"Id": "o", "DomainName": domain, "OriginAccessControlId": "E1"}
    arn = f"arn:aws:lambda:us-east-1:{OWN}:function:job"
    signed = {"TargetFunctionArn": arn, "AuthType": "AWS_IAM"}
    given = {
        "Action": "lambda:InvokeFunctionUrl",
        "FunctionName": arn,
        "Principal": "*",
        "FunctionUrlAuthType": "AWS_IAM",
    }
    resources = {
        "U": {"Type": "AWS::Lambda::Url", "Properties": signed},
        "D": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {"Origins": [origin]}}},
        "P": {"Type": "AWS::Lambda::Permission", "Properties": given},
    }
    (found,) = refuted({"Resources": resources}, "inside-boundary")
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "name the service cloudfront.amazonaws.com, with SourceArn" in found.remedy.text


@pytest.mark.parametrize(
    ("operator", "key", "value", "said"),
    [
        ("StringNotEquals", "aws:SourceVpce", "vpce-1a2b", "test aws:SourceVpce with StringEquals"),
        ("NotIpAddressIfExists", "aws:SourceIp", "203.0.113.0/24", "test aws:SourceIp with IpAddress,"),
    ],
)
def test_an_allow_that_says_from_where_nobody_comes(operator: str, key: str, value: str, said: str) -> None:
    """Whoever wrote it as it stands in a Deny means the network, of which others are no part."""
    statement = for_everybody("sqs:SendMessage") | {"Condition": {operator: {key: value}}}
    resources = {"P": policy("AWS::SQS::QueuePolicy", {"Queues": ["q"]}, statement)}
    (found,) = refuted({"Resources": resources}, "inside-boundary")
    assert found.remedy is not None
    assert said in found.remedy.text


def test_whoever_else_may_come_is_spoken_of() -> None:
    """An alarm is not all that publishes to a topic to which a group's notifications are sent too."""
    resources = {
        "T": {"Type": "AWS::SNS::Topic"},
        "A": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [{"Ref": "T"}]}},
        "E": {
            "Type": "AWS::AutoScaling::AutoScalingGroup",
            "Properties": {"NotificationConfigurations": [{"TopicARN": [{"Ref": "T"}]}]},
        },
        "P": policy("AWS::SNS::TopicPolicy", {"Topics": [{"Ref": "T"}]}, for_everybody("sns:Publish")),
    }
    for has_more in (True, False):
        (found,) = refuted({"Resources": resources}, "inside-boundary")
        assert found.remedy is not None
        assert ("others may come here too" in found.remedy.text) is has_more
        resources.pop("E", None)


def test_a_distribution_still_reads() -> None:
    """What a distribution of the template reads is not left to an organization, whatever else the statement allows."""
    origin = {"Id": "o", "DomainName": {"Fn::GetAtt": ["B", "RegionalDomainName"]}, "OriginAccessControlId": "E1"}
    resources = {
        "B": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "PublicAccessBlockConfiguration": {"BlockPublicPolicy": False, "RestrictPublicBuckets": False}
            },
        },
        "D": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {"Origins": [origin]}}},
        "P": policy(
            "AWS::S3::BucketPolicy", {"Bucket": {"Ref": "B"}}, for_everybody(["s3:GetObject", "s3:ListBucket"])
        ),
    }
    (found,) = refuted({"Resources": resources}, "inside-boundary")
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "name the service cloudfront.amazonaws.com, with aws:SourceArn" in found.remedy.text


@pytest.mark.parametrize("has_rule", [True, False])
def test_a_rule_still_invokes_a_function(*, has_rule: bool) -> None:
    """EventBridge invokes no function whose permission tests the account, so the rules are named."""
    arn = f"arn:aws:lambda:us-east-1:{OWN}:function:job"
    given = {"Action": "lambda:InvokeFunction", "FunctionName": arn, "Principal": "events.amazonaws.com"}
    rule = {"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Id": "a", "Arn": arn}]}}
    permission = {"Type": "AWS::Lambda::Permission", "Properties": given}
    template = {"Resources": {"P": permission, **({"S": rule} if has_rule else {})}}
    (found,) = refuted(template, "no-confused-deputy")
    after = remedied(template, found)
    assert not refuted(after, "no-confused-deputy")
    said = after["Resources"]["P"]["Properties"]
    assert "SourceAccount" not in said
    # Lambda takes no wildcard for the Region.
    whole = {"Fn::Sub": f"arn:aws:events:${{AWS::Region}}:{OWN}:rule/*"}
    assert said["SourceArn"] == [{"Fn::GetAtt": ["S", "Arn"]} if has_rule else whole]


def holding(type_: str, resource: Any, action: str = "sts:AssumeRole", **more: Any) -> Json:
    """Something that may assume roles."""
    held = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": resource}}
    if type_ == "AWS::SSO::PermissionSet":
        return {"Type": type_, "Properties": {"InstanceArn": "i", "Name": "n", "InlinePolicy": held, **more}}
    return {"Type": type_, "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": held}], **more}}


def service_role(service: str) -> Json:
    """A trust policy for a service."""
    trusts = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": trusts}}


VENDOR, PIPELINE = "arn:aws:iam::222233334444:root", "arn:aws:iam::222233334444:role/pipeline"
NODE = holding("AWS::IAM::Role", "*", **service_role("ec2"))
RUNS = {
    "Type": "AWS::CodePipeline::Pipeline",
    "Properties": {
        "RoleArn": {"Fn::GetAtt": ["N", "Arn"]},
        "Stages": [{"Name": "s", "Actions": [{"Name": "a", "RoleArn": {"Fn::GetAtt": ["R", "Arn"]}}]}],
    },
}
KEY = {
    "Type": "AWS::KMS::Key",
    "Properties": {
        "KeyPolicy": {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"},
                {"Effect": "Allow", "Principal": {"AWS": PIPELINE}, "Action": "kms:Decrypt", "Resource": "*"},
            ],
        }
    },
}


@pytest.mark.parametrize(
    ("trusted", "condition", "name", "others", "text"),
    [
        (ROOT, {}, "ops", {"N": holding("AWS::SSO::PermissionSet", "arn:aws:iam::*:role/ops")}, "permission set N"),
        (ROOT, {}, "pod", {"N": NODE}, "name N as principal if this role is meant"),
        (
            ROOT,
            {},
            "act",
            {"N": holding("AWS::IAM::Role", "*", "*", **service_role("codepipeline")), "Pipe": RUNS},
            "name N as principal",
        ),
        (
            ROOT,
            {},
            "deploy",
            {
                "Bot": {"Type": "AWS::IAM::User", "Properties": {"Groups": [{"Ref": "Ci"}]}},
                "Key": {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": {"Ref": "Bot"}}},
                "Ci": holding("AWS::IAM::Group", f"arn:aws:iam::{OWN}:role/deploy"),
            },
            "let the program run as a role",
        ),
        (
            [VENDOR, ROOT],
            {"StringEquals": {"sts:ExternalId": "abcd1234"}},
            "vendor",
            {},
            f"give {VENDOR} a statement of its own, with its external id",
        ),
        (VENDOR, {}, "deploy", {"K": KEY}, f"name {PIPELINE} as principal in place of the account"),
        (
            ROOT,
            {},
            f"cdk-hnb659fds-deploy-role-{OWN}-eu-west-1",
            {},
            "name the roles of the pipelines as principals",
        ),
    ],
    ids=["permission set", "any role", "pipeline", "group", "third party", "key policy", "bootstrap"],
)
def test_callers_without_mfa_are_not_locked_out(
    trusted: Any, condition: Json, name: str, others: Json, text: str
) -> None:
    """Who is meant to get in and never has MFA is spoken of in words, whatever part of the template says so."""
    statement = {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole", "Condition": condition}
    if not condition:
        del statement["Condition"]
    template = role(statement)
    template["Resources"]["R"]["Properties"]["RoleName"] = name
    template["Resources"].update(others)
    found = [one for one in refuted(template, "mfa-required", {}) if one.logical_id == "R"]
    if trusted == VENDOR and not found:
        report = trustproof.check([template], config={}, account=OWN)
        found = [one for one in report.results if one.property == "mfa-required" and one.logical_id == "R"]
    (one,) = found
    assert one.remedy is not None
    assert not one.remedy.edits
    assert text in one.remedy.text


@pytest.mark.parametrize(
    ("options", "severity"),
    [
        ({"Enabled": True, "InternalUserDatabaseEnabled": True}, "warning"),
        ({"Enabled": True}, "warning"),
        ({"Enabled": "true", "AnonymousAuthEnabled": False}, "warning"),
        ({"Enabled": True, "AnonymousAuthEnabled": True}, "error"),
        ({"Enabled": True, "InternalUserDatabaseEnabled": True, "AnonymousAuthEnabled": True}, "error"),
        ({"Enabled": True, "AnonymousAuthEnabled": {"Ref": "Migrating"}}, "error"),
        ({"Enabled": False, "InternalUserDatabaseEnabled": True}, "error"),
        ({}, "error"),
    ],
)
def test_a_domain_with_access_control_of_its_own_is_open_on_purpose(options: Json, severity: str) -> None:
    """
    Whoever says to the domain who they are needs no policy for it, and a test of the organization locks out whoever
    signs nothing.
    """
    arn = f"arn:aws:es:us-east-1:{OWN}:domain/d/*"
    held = {"Version": "2012-10-17", "Statement": [for_everybody("es:ESHttp*", arn)]}
    given = {"DomainName": "d", "AccessPolicies": held, "AdvancedSecurityOptions": options}
    template = {
        "Parameters": {"Migrating": {"Type": "String"}},
        "Resources": {"D": {"Type": "AWS::OpenSearchService::Domain", "Properties": given}},
    }
    (found,) = refuted(template, "inside-boundary")
    assert found.severity == severity
    assert found.remedy is not None
    assert not found.remedy.edits


@pytest.mark.parametrize("named", [True, False])
def test_a_private_api_is_bound_to_the_endpoint_of_the_template(named: bool) -> None:
    """The remedy says which endpoint calls it: the one that the API names, or else the one for APIs in the template."""
    service = {"Fn::Sub": "com.amazonaws.${AWS::Region}.execute-api"}
    ends: Json = {"Types": ["PRIVATE"], **({"VpcEndpointIds": [{"Ref": "Mine"}]} if named else {})}
    policy = {"Version": "2012-10-17", "Statement": [for_everybody("execute-api:Invoke")]}
    resources: Json = {
        "Mine": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"VpcId": "vpc-1", "ServiceName": service}},
        "S3": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"VpcId": "vpc-1", "ServiceName": "com.amazonaws.x.s3"}},
        "Api": {"Type": REST, "Properties": {"Name": "a", "EndpointConfiguration": ends, "Policy": policy}},
    }
    (found,) = refuted({"Resources": resources}, "inside-boundary")
    assert found.remedy is not None
    assert "aws:SourceVpce (Mine)" in found.remedy.text


@pytest.mark.parametrize("key", ["kms:CallerAccount", "aws:PrincipalAccount"])
def test_the_account_of_a_neighbouring_statement_is_the_bound(key: str) -> None:
    """Where a statement of the policy says of which account callers are, and none names an organization, that is it."""
    bound = {"StringEquals": {key: "111122223333"}}
    statements = [{**for_everybody("kms:Encrypt"), "Condition": bound}, for_everybody("kms:Decrypt")]
    policy = {"Version": "2012-10-17", "Statement": statements}
    resource = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}
    (found,) = refuted({"Resources": {"K": resource}}, "inside-boundary")
    assert found.remedy is not None
    ((edit,),) = (found.remedy.edits,)
    assert edit.value == {"StringEquals": {key: ("111122223333",)}}


@pytest.mark.parametrize("other", [True, False])
def test_an_account_that_is_let_in_beside_is_not_kept_out(other: bool) -> None:
    """The bound of a neighbour that names another account too is no bound: that account's roles would stay outside."""
    bound = {"StringEquals": {"kms:CallerAccount": "111122223333"}}
    named = [f"arn:aws:iam::{one}:root" for one in ("111122223333", *(["444455556666"] if other else []))]
    first = {**for_everybody("kms:Encrypt"), "Principal": {"AWS": named}, "Condition": bound}
    policy = {"Version": "2012-10-17", "Statement": [first, for_everybody("kms:Decrypt")]}
    found = refuted(
        {"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}}}, "inside-boundary"
    )
    edits = [edit for one in found if one.remedy is not None for edit in one.remedy.edits]
    assert ("kms:CallerAccount" in str(edits)) is not other


@pytest.mark.parametrize("alike", [True, False])
def test_beside_a_statement_for_the_own_account_the_same_is_for_others(alike: bool) -> None:
    """Who lets the own account do what everybody may do beside it means others: sister accounts stay in."""
    bound = {"StringEquals": {"kms:CallerAccount": "111122223333"}}
    first = {**for_everybody("kms:Decrypt"), "Condition": bound}
    if not alike:
        first["Principal"] = {"AWS": "arn:aws:iam::111122223333:root"}
    policy = {"Version": "2012-10-17", "Statement": [first, for_everybody("kms:Decrypt")]}
    resource = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}
    (found,) = refuted({"Resources": {"K": resource}}, "inside-boundary")
    assert found.remedy is not None
    assert ("kms:CallerAccount" in str(found.remedy.edits)) is not alike


@pytest.mark.parametrize("account", [None, "111122223333"])
@pytest.mark.parametrize("declared", [{}, {"Default": ""}, {"Default": "x"}])
def test_a_statement_of_its_own_is_about_what_the_other_is(declared: Json, account: str | None) -> None:
    """A queue that a parameter names is what it is called, and not by the default: nothing could be sent to another."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": ["events.amazonaws.com", "sqs.amazonaws.com"]},
        "Action": "sqs:SendMessage",
        "Resource": {"Fn::GetAtt": ["Queue", "Arn"]},
    }
    policy = {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {
        "Parameters": {"Name": {"Type": "String", **declared}},
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "jobs-${Name}"}}},
            "Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy},
        },
    }
    report = trustproof.check(
        [template], config={"boundary": {"accounts": [OWN]}}, account=account, properties=["no-confused-deputy"]
    )
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    (added,) = [edit.value for edit in found.remedy.edits if edit.operation == "add"]
    assert isinstance(added, Mapping)
    resources = added["Resource"]
    assert isinstance(resources, tuple)
    assert [one.symbols[0].name for one in resources if isinstance(one, Symbolic)] == ["Queue.Arn"]

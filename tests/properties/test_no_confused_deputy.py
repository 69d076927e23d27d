"""
For whom a service may call: hard pairs.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.aws.examples import EXAMPLE_SOURCES
from trustproof.aws.service_principals import IN_FUNCTION_POLICIES, IN_RESOURCE_POLICIES, IN_TRUST_POLICIES

Json = dict[str, object]
CONFIG = {
    "boundary": {"accounts": [], "organizations": ["o-aaaabbbbcc"]},
    "third-party": [{"name": "vendor", "accounts": ["444455556666"]}],
}


def trust(principal: Json, action: str | list[str], condition: Json | None = None) -> Json:
    """A trust policy with one statement."""
    more = {"Condition": condition} if condition is not None else {}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, **more}],
    }


CASES: list[tuple[str, Json, str]] = [
    ("sched", trust({"Service": "scheduler.amazonaws.com"}, "sts:AssumeRole", None), "refuted"),
    (
        "sched acct",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        ),
        "proved",
    ),
    (
        "sched acctif",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}},
        ),
        "refuted",
    ),
    (
        "sched arn",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"ArnLike": {"aws:SourceArn": "arn:aws:scheduler:*:111122223333:schedule-group/*"}},
        ),
        "proved",
    ),
    (
        "sched arn any",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"ArnLike": {"aws:SourceArn": "arn:aws:scheduler:*:*:schedule-group/*"}},
        ),
        "refuted",
    ),
    (
        "sched foreign",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"StringEquals": {"aws:SourceAccount": "999988887777"}},
        ),
        "refuted",
    ),
    (
        "sched like",
        trust({"Service": "scheduler.amazonaws.com"}, "sts:AssumeRole", {"StringLike": {"aws:SourceAccount": "*"}}),
        "refuted",
    ),
    (
        "sched org",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"StringEquals": {"aws:SourceOrgID": "o-aaaabbbbcc"}},
        ),
        "proved",
    ),
    (
        "sched org other",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"StringEquals": {"aws:SourceOrgID": "o-zzzzzzzzzz"}},
        ),
        "refuted",
    ),
    (
        "sched notequals",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"StringNotEquals": {"aws:SourceAccount": "999988887777"}},
        ),
        "refuted",
    ),
    (
        "sched null",
        trust({"Service": "scheduler.amazonaws.com"}, "sts:AssumeRole", {"Null": {"aws:SourceAccount": "false"}}),
        "refuted",
    ),
    ("states", trust({"Service": ["states.amazonaws.com", "lambda.amazonaws.com"]}, "sts:AssumeRole", None), "refuted"),
]


@pytest.mark.parametrize(("policy", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_verdict(policy: Json, expected: str) -> None:
    """The verdict is the one of the table."""
    found = trustproof.prove(policy, "no-confused-deputy", account="111122223333", config=CONFIG)
    assert found.verdict == expected
    assert (found.counterexample is not None) == (expected == "refuted")


@pytest.mark.parametrize(
    "service",
    [
        "ec2.amazonaws.com",
        "lambda.amazonaws.com",
        # That these send the keys to a trust policy is not confirmed.
        *(f"{name}.amazonaws.com" for name in "backup batch bedrock comprehend config datasync ecs-tasks".split()),
        *(f"{name}.amazonaws.com" for name in "glue rds sagemaker transfer".split()),
    ],
)
def test_services_that_do_not_say_for_whom_they_call_are_left_alone(service: str) -> None:
    """The property has nothing to ask of a policy that names only such services."""
    with pytest.raises(trustproof.UsageError, match="not about"):
        trustproof.prove(trust({"Service": service}, "sts:AssumeRole"), "no-confused-deputy")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, "refuted"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:topic"}}, "proved"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:999988887777:topic"}}, "unknown"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:*:topic"}}, "refuted"),
        ({"StringEquals": {"aws:SourceAccount": "111122223333"}}, "proved"),
        ({"StringEquals": {"aws:SourceAccount": "999988887777"}}, "unknown"),
        ({"StringNotEquals": {"aws:SourceAccount": "999988887777"}}, "refuted"),
        ({"StringEquals": {"aws:SourceOrgID": "o-zzzzzzzzzz"}}, "unknown"),
        ({"StringLike": {"aws:SourceOrgID": "o-*"}}, "refuted"),
    ],
)
def test_resource_policies_are_held_too(condition: Json | None, expected: str) -> None:
    """A queue that admits a topic says whose topics; whether those are ours, a boundary says."""
    policy = trust({"Service": "sns.amazonaws.com"}, "sqs:SendMessage", condition)
    policy["Statement"][0]["Resource"] = "*"  # type: ignore[index]
    found = trustproof.prove(policy, "no-confused-deputy", account="111122223333", kind="resource")
    assert found.verdict == expected


@pytest.mark.parametrize(
    ("account", "boundary", "expected"),
    [
        ("444455556666", {"boundary": {"accounts": []}}, "proved"),
        ("444455556666", {}, "proved"),
        ("999988887777", {"boundary": {"accounts": []}}, "refuted"),
        ("999988887777", {}, "unknown"),
    ],
)
def test_a_third_party_is_inside(account: str, boundary: Json, expected: str) -> None:
    """A service may call for a vendor that is declared, as the vendor itself may."""
    policy = trust({"Service": "cloudtrail.amazonaws.com"}, "s3:PutObject", one("aws:SourceAccount", account))
    policy["Statement"][0]["Resource"] = "*"
    config = {**boundary, "third-party": [{"name": "vendor", "accounts": ["444455556666"]}]}
    for ident in ("no-confused-deputy", "inside-boundary"):
        policy["Statement"][0]["Principal"] = "*" if ident == "inside-boundary" else policy["Statement"][0]["Principal"]
        found = trustproof.prove(policy, ident, account="111122223333", kind="resource", config=config)
        assert found.verdict == expected


SCHEDULER: Json = {"Service": "scheduler.amazonaws.com"}
OWN: Json = {"aws:SourceAccount": "111122223333"}
NOT_NULL: Json = {"Null": {"aws:SourceAccount": "false"}}
GROUP = "arn:aws:scheduler:us-east-1:111122223333:schedule-group/default"


def one(key: str, value: object, operator: str = "StringEquals") -> Json:
    """A condition with one test."""
    return {operator: {key: value}}


def deny(condition: Json, principal: object = "*") -> Json:
    """A Deny statement."""
    return {"Effect": "Deny", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}


def allow(principal: Json, condition: Json | None = None, action: str = "sts:AssumeRole") -> Json:
    """An Allow statement."""
    (statement,) = trust(principal, action, condition)["Statement"]  # type: ignore[misc]
    return statement  # type: ignore[no-any-return]


#: Conditions of the Allow.
CONDITIONS: list[tuple[Json, str]] = [
    (one("aws:SourceAccount", "222233334444"), "proved"),
    (one("aws:SourceAccount", ["111122223333", "999988887777"]), "refuted"),
    (one("aws:SourceAccount", "1111*", "StringLike"), "refuted"),
    (one("aws:SourceAccount", "${aws:ResourceAccount}"), "proved"),
    (one("aws:SourceOrgID", "o-aaaabbbbcc", "StringEqualsIfExists"), "refuted"),
    (one("aws:SourceOrgID", "${aws:ResourceOrgID}"), "proved"),
    (one("aws:SourceOrgPaths", "o-aaaabbbbcc/*", "ForAnyValue:StringLike"), "proved"),
    (one("aws:SourceOrgPaths", "o-aaaabbbbcc/*", "ForAllValues:StringLike"), "refuted"),
    (one("aws:SourceOrgPaths", "*/ou-ab12-11111111/*", "ForAnyValue:StringLike"), "refuted"),
    (one("aws:SourceArn", GROUP), "proved"),
    # The keys are there only where the service passes them: a test that is true without them tests nothing.
    (one("aws:SourceArn", GROUP, "ArnLikeIfExists"), "refuted"),
    (one("aws:SourceAccount", "111122223333", "ForAllValues:StringEquals"), "refuted"),
    ({**one("aws:SourceAccount", "111122223333", "StringEqualsIfExists"), **one("aws:SourceArn", GROUP)}, "proved"),
    (
        {
            **one("aws:SourceAccount", "111122223333", "StringEqualsIfExists"),
            **one("aws:SourceArn", GROUP, "ArnLikeIfExists"),
        },
        "refuted",
    ),
    ({**one("aws:SourceAccount", "111122223333", "StringEqualsIfExists"), **NOT_NULL}, "proved"),
    (one("aws:SourceArn", "true", "Null"), "refuted"),
    ({"StringEquals": OWN, "Null": {"aws:SourceArn": "true"}}, "proved"),
    (one("aws:SourceAccount", "111122223333", "ForAnyValue:StringEquals"), "proved"),
    (one("aws:SourceArn", "arn:aws:scheduler:*:111122223333:*", "StringLike"), "proved"),
    (one("aws:SourceArn", "arn:aws:scheduler:us-east-1:*:schedule-group/prod", "ArnEquals"), "refuted"),
    # An exact operator knows no wildcard, and no ARN has this account, or this name.
    (one("aws:SourceArn", "arn:aws:scheduler:us-east-1:999988887777:schedule-group/*"), "proved"),
    (one("aws:SourceArn", "arn:aws:scheduler:us-east-1:*:schedule-group/prod"), "proved"),
    (one("aws:SourceVpc", "vpc-*"), "proved"),
    (one("aws:SourceArn", GROUP, "ArnNotLike"), "refuted"),
    ({**one("aws:SourceArn", "arn:aws:scheduler:*:*:*", "ArnLike"), "StringEquals": OWN}, "proved"),
    # Services are in no organization, and say nothing of themselves that tells customers apart.
    (one("aws:PrincipalOrgID", "o-aaaabbbbcc"), "proved"),
    (one("aws:PrincipalServiceName", "scheduler.amazonaws.com"), "refuted"),
    (one("aws:SourceIp", "192.0.2.0/24", "IpAddress"), "refuted"),
    (one("sts:ExternalId", "111122223333"), "refuted"),
]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS, ids=[str(case[0]) for case in CONDITIONS])
def test_condition(condition: Json, expected: str) -> None:
    """A condition holds the service to us where it tests for whom the service calls."""
    assert verdict(allow(SCHEDULER, condition)) == expected


STATEMENTS: list[tuple[str, list[Json], str]] = [
    ("others are denied", [allow(SCHEDULER), deny({"StringNotEquals": OWN})], "proved"),
    ("others are denied to services", [allow(SCHEDULER), deny({"StringNotEquals": OWN}, SCHEDULER)], "proved"),
    # {"AWS": "*"} speaks of no service.
    ("others are denied to principals", [allow(SCHEDULER), deny({"StringNotEquals": OWN}, {"AWS": "*"})], "refuted"),
    (
        "other organizations are denied",
        [allow(SCHEDULER), deny(one("aws:SourceOrgID", "o-aaaabbbbcc", "StringNotEquals"))],
        "proved",
    ),
    # A call that does not say for whom slips by both.
    (
        "others are denied if they say who they are",
        [allow(SCHEDULER), deny({"StringNotEqualsIfExists": OWN, **NOT_NULL})],
        "refuted",
    ),
    ("one is denied", [allow(SCHEDULER), deny(one("aws:SourceAccount", "999988887777"))], "refuted"),
    (
        "another service besides",
        [allow(SCHEDULER, {"StringEquals": OWN}), allow({"Service": "ec2.amazonaws.com"})],
        "proved",
    ),
    (
        "another service of the catalogue besides",
        [allow(SCHEDULER, {"StringEquals": OWN}), allow({"Service": "codebuild.amazonaws.com"})],
        "refuted",
    ),
    ("a name with a Region", [allow({"Service": "states.eu-west-1.amazonaws.com"})], "refuted"),
    ("a name of another partition", [allow({"Service": "states.amazonaws.com.cn"})], "refuted"),
    ("tags only", [allow(SCHEDULER, None, "sts:TagSession")], "proved"),
]


@pytest.mark.parametrize(("statements", "expected"), [case[1:] for case in STATEMENTS], ids=[c[0] for c in STATEMENTS])
def test_statements(statements: list[Json], expected: str) -> None:
    """Statements decide together."""
    assert verdict(*statements) == expected


def test_a_service_of_one_region_calls_for_what_is_there() -> None:
    """No such principal speaks for another Region."""
    policy = {"Version": "2012-10-17", "Statement": [allow({"Service": "states.af-south-1.amazonaws.com"})]}
    found = trustproof.prove(policy, "no-confused-deputy", account="111122223333").counterexample
    assert found is not None
    assert str(found.context["aws:SourceArn"]).split(":")[3] == "af-south-1"


def verdict(*statements: Json) -> str:
    """The verdict on a trust policy."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    config = {"boundary": {"accounts": ["222233334444"], "organizations": ["o-aaaabbbbcc"]}}
    return trustproof.prove(policy, "no-confused-deputy", account="111122223333", config=config).verdict


def context(statement: Json, *, kind: str = "trust", account: str = "111122223333") -> dict[str, object]:
    """What the counterexample to a policy sends."""
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    found = trustproof.prove(policy, "no-confused-deputy", account=account, kind=kind, config=CONFIG)
    assert found.counterexample is not None
    return dict(found.counterexample.context)


EXAMPLES = [
    ("appstream.amazonaws.com", "arn:aws:appstream:us-east-1:999988887777:fleet/app"),
    ("codebuild.amazonaws.com", "arn:aws:codebuild:us-east-1:999988887777:project/app"),
    ("iot.amazonaws.com", "arn:aws:iot:us-east-1:999988887777:rule/app"),
    ("personalize.amazonaws.com", "arn:aws:personalize:us-east-1:999988887777:dataset-group/app"),
    (
        "resources.cloudformation.amazonaws.com",
        "arn:aws:cloudformation:us-east-1:999988887777:type/resource/Other-App-Thing",
    ),
    ("scheduler.amazonaws.com", "arn:aws:scheduler:us-east-1:999988887777:schedule-group/default"),
    (
        "ssm-incidents.amazonaws.com",
        "arn:aws:ssm-incidents:us-east-1:999988887777:incident-record/app/00000000-1111-2222-3333-444444444444",
    ),
    ("states.amazonaws.com", "arn:aws:states:us-east-1:999988887777:stateMachine:app"),
    ("vpc-flow-logs.amazonaws.com", "arn:aws:ec2:us-east-1:999988887777:vpc-flow-log/fl-0123456789abcdef0"),
]


@pytest.mark.parametrize(("service", "arn"), EXAMPLES, ids=[case[0] for case in EXAMPLES])
def test_counterexample_is_something_of_another_customer(service: str, arn: str) -> None:
    """The request comes from a resource that the service may have, in an account that is not ours."""
    assert context(allow({"Service": service})) == {"aws:SourceAccount": "999988887777", "aws:SourceArn": arn}


def test_each_service_of_the_catalogue_has_an_example() -> None:
    """No counterexample shows a resource that the service cannot have."""
    assert set(EXAMPLE_SOURCES) >= {*IN_TRUST_POLICIES, *IN_RESOURCE_POLICIES}
    assert {service for service, _ in EXAMPLES} == set(IN_TRUST_POLICIES)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (
            one("aws:SourceAccount", "1111*", "StringLike"),
            {
                "aws:SourceAccount": "111199999999",
                "aws:SourceArn": "arn:aws:scheduler:us-east-1:111199999999:schedule-group/default",
            },
        ),
        (
            one("aws:SourceArn", "arn:aws:scheduler:eu-*:*:schedule-group/team-?", "ArnLike"),
            {
                "aws:SourceAccount": "999988887777",
                "aws:SourceArn": "arn:aws:scheduler:eu-west-1:999988887777:schedule-group/team-x",
            },
        ),
        (
            one("aws:SourceOrgPaths", "*/ou-ab12-11111111/*", "ForAnyValue:StringLike"),
            {
                "aws:SourceAccount": "999988887777",
                "aws:SourceArn": "arn:aws:scheduler:us-east-1:999988887777:schedule-group/default",
                "aws:SourceOrgPaths": ("o-exampleorg1/r-aaaa/ou-ab12-11111111/",),
            },
        ),
        # To StringLike a wildcard is any text, also several fields of an ARN.
        (
            one("aws:SourceArn", "arn:aws:scheduler:*:schedule-group/111122223333*", "StringLike"),
            {
                "aws:SourceAccount": "999988887777",
                "aws:SourceArn": "arn:aws:scheduler:us-east-1:999988887777:schedule-group/111122223333app",
            },
        ),
        (
            one("aws:SourceArn", "arn:aws:scheduler:*:schedule:111122223333*", "StringLike"),
            {
                "aws:SourceAccount": "999988887777",
                "aws:SourceArn": "arn:aws:scheduler:us-east-1:999988887777:schedule:111122223333app",
            },
        ),
        # What is left out shows as such.
        (
            one("aws:SourceAccount", "111122223333", "StringEqualsIfExists"),
            {
                "aws:SourceAccount": None,
                "aws:SourceArn": "arn:aws:scheduler:us-east-1:999988887777:schedule-group/default",
            },
        ),
    ],
)
def test_counterexample_has_values_that_the_keys_can_have(condition: Json, expected: Json) -> None:
    """An account, an ARN and a path look as AWS writes them, and speak of one account."""
    assert context(allow(SCHEDULER, condition)) == expected


@pytest.mark.parametrize(
    ("service", "condition", "expected"),
    [
        ({"Fn::Sub": "states.${AWS::Region}.amazonaws.com"}, None, "refuted"),
        ({"Fn::Sub": "states.${AWS::URLSuffix}"}, None, "refuted"),
        ("states.amazonaws.com", one("aws:SourceAccount", {"Ref": "AWS::AccountId"}), "proved"),
        ("states.amazonaws.com", one("aws:SourceArn", {"Ref": "Machine"}, "ArnEquals"), "proved"),
        ("states.amazonaws.com", one("aws:SourceArn", {"Fn::ImportValue": "machine"}, "ArnEquals"), "proved"),
        ("states.amazonaws.com", one("aws:SourceArn", {"Fn::GetAtt": ["Bucket", "Arn"]}, "ArnLike"), "proved"),
        ("states.amazonaws.com", one("aws:SourceArn", {"Fn::Sub": "${Bucket.Arn}*"}, "ArnLike"), "refuted"),
        # Nobody is accused of a guess.
        ("states.amazonaws.com", one("aws:SourceArn", {"Ref": "MachineArn"}, "ArnEquals"), "unknown"),
        ("states.amazonaws.com", one("aws:SourceAccount", {"Ref": "Account"}), "unknown"),
    ],
)
def test_what_the_template_makes_is_ours(
    service: object, condition: Json | None, expected: str, tmp_path: Path
) -> None:
    """A resource of the template, or one that it imports, is in its own account."""
    document = trust({"Service": service}, "sts:AssumeRole", condition)
    content = {
        "Parameters": {"Account": {"Type": "String"}, "MachineArn": {"Type": "String"}},
        "Resources": {
            "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": "..."}},
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}},
        },
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    (result,) = trustproof.check([str(file)], properties=["no-confused-deputy"]).results
    assert result.verdict == expected


OURS = one("aws:SourceAccount", "111122223333")


@pytest.mark.parametrize(
    ("parameter", "service", "condition", "expected"),
    [
        ({}, {"Ref": "Service"}, None, ["unknown"]),
        ({}, {"Ref": "Service"}, OURS, ["proved"]),
        ({}, {"Fn::Sub": "${Service}.amazonaws.com"}, None, ["unknown"]),
        # None of these says for whom it calls.
        ({}, {"Fn::Sub": "${Service}.example.com"}, None, []),
        ({"AllowedValues": ["lambda.amazonaws.com", "sns.amazonaws.com"]}, {"Ref": "Service"}, None, ["refuted"]),
        ({"AllowedValues": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}, {"Ref": "Service"}, None, []),
        # What one service alone says of whom it calls for holds no other.
        ({}, {"Ref": "Service"}, one("aws:Referer", "111122223333"), ["unknown"]),
        ({}, ["sns.amazonaws.com", {"Ref": "Service"}], OURS, ["proved"]),
        ({}, ["sns.amazonaws.com", {"Ref": "Service"}], None, ["refuted"]),
    ],
)
def test_a_service_that_only_a_deployment_knows(
    parameter: Json, service: object, condition: Json | None, expected: list[str]
) -> None:
    """It may be one that says for whom it calls; nobody has said that it is."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "s3:PutObject", "Resource": "*"}
    document = {
        "Version": "2012-10-17",
        "Statement": [{**statement, **({"Condition": condition} if condition else {})}],
    }
    template = {
        "Parameters": {"Service": {"Type": "String", **parameter}},
        "Resources": {
            "B": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "b", "PolicyDocument": document}}
        },
    }
    report = trustproof.check([template], account="111122223333", properties=["no-confused-deputy"])
    assert [result.verdict for result in report.results] == expected


@pytest.mark.parametrize(
    ("parameter", "service", "condition", "expected"),
    [
        ({}, {"Ref": "Service"}, None, [("unknown", "note")]),
        ({"Type": "AWS::SSM::Parameter::Value<String>"}, {"Ref": "Service"}, None, [("unknown", "note")]),
        ({}, {"Ref": "Service"}, OURS, [("proved", "error")]),
        ({}, {"Fn::Sub": "${Service}.amazonaws.com"}, None, [("unknown", "note")]),
        ({}, {"Fn::Sub": "lambda.${AWS::URLSuffix}"}, None, []),
        ({}, {"Fn::Sub": "states.${AWS::URLSuffix}"}, None, [("refuted", "note")]),
        # Of these none says for whom it assumes a role.
        ({"AllowedValues": ["lambda.amazonaws.com", "sns.amazonaws.com"]}, {"Ref": "Service"}, None, []),
    ],
)
def test_a_service_of_a_trust_policy_that_only_a_deployment_knows(
    parameter: Json, service: object, condition: Json | None, expected: list[tuple[str, str]]
) -> None:
    """It is asked about as in the policy of a resource, and never worse than one that is known."""
    role = {"AssumeRolePolicyDocument": trust({"Service": service}, "sts:AssumeRole", condition)}
    template = {
        "Parameters": {"Service": {"Type": "String", **parameter}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}},
    }
    report = trustproof.check([template], account="111122223333", properties=["no-confused-deputy"])
    assert [(result.verdict, result.severity) for result in report.results] == expected


def test_a_service_that_only_a_deployment_knows_is_shown_by_its_name() -> None:
    """A proof is about whatever it is."""
    statement = {"Effect": "Allow", "Principal": {"Service": {"Ref": "S"}}, "Action": "s3:PutObject", "Resource": "*"}
    policy = {"Statement": {**statement, "Condition": OURS}}
    template = {
        "Parameters": {"S": {"Type": "String"}},
        "Resources": {"B": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "b", "PolicyDocument": policy}}},
    }
    (result,) = trustproof.check([template], account="111122223333", properties=["no-confused-deputy"]).results
    assert result.message.startswith("<S> is let in by B for nobody else")


@pytest.mark.parametrize("service", IN_RESOURCE_POLICIES)
def test_each_service_of_resource_policies_is_held_to_the_account(service: str) -> None:
    """Without a condition it is let in for everybody, and the request shown is one for another account."""
    for condition, expected in (
        (None, "refuted"),
        (one("aws:SourceAccount", "111122223333"), "proved"),
        (one("aws:SourceAccount", "111122223333", "StringEqualsIfExists"), "refuted"),
        (one("aws:SourceArn", "arn:aws:*:*:111122223333:*", "ArnLike"), "proved"),
        (one("aws:SourceArn", "arn:aws:*:*:*:*", "ArnLike"), "refuted"),
    ):
        policy = trust({"Service": service}, "s3:PutObject", condition)
        policy["Statement"][0]["Resource"] = "arn:aws:s3:::logs/*"  # type: ignore[index]
        found = trustproof.prove(policy, "no-confused-deputy", kind="resource", account="111122223333", config=CONFIG)
        assert found.verdict == expected
        if condition is None:
            assert found.counterexample is not None
            assert found.counterexample.context["aws:SourceAccount"] == "999988887777"
            source = EXAMPLE_SOURCES[service].replace("{}", "999988887777")
            assert found.counterexample.context["aws:SourceArn"] == source


@pytest.mark.parametrize("service", [*IN_FUNCTION_POLICIES, "cognito-idp.amazonaws.com"])
def test_each_service_that_invokes_functions_is_held_to_the_account(service: str, tmp_path: Path) -> None:
    """The manual shows the keys for some services in the policies of functions; in other policies it may not."""
    invoke = {"Action": "lambda:InvokeFunction", "FunctionName": "f", "Principal": service}
    topic = trust({"Service": service}, "sns:Publish")
    topic["Statement"][0]["Resource"] = "*"
    resources = {
        "Open": {"Type": "AWS::Lambda::Permission", "Properties": invoke},
        "Ours": {"Type": "AWS::Lambda::Permission", "Properties": {**invoke, "SourceAccount": "111122223333"}},
        "Topic": {"Type": "AWS::SNS::TopicPolicy", "Properties": {"PolicyDocument": topic}},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    results = trustproof.check([str(file)], account="111122223333", properties=["no-confused-deputy"]).results
    found = {result.logical_id: result.verdict for result in results}
    asked = {"Open": "refuted", "Ours": "proved"}
    assert found == ({**asked, "Topic": "refuted"} if service in IN_RESOURCE_POLICIES else asked)


#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principaltag
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (one("aws:PrincipalTag/use", "read"), "proved"),
        (one("aws:PrincipalTag/use", "*", "StringLike"), "proved"),
        (one("aws:PrincipalTag/use", "read", "StringEqualsIfExists"), "refuted"),
        (one("aws:PrincipalTag/use", "read", "StringNotEquals"), "refuted"),
        (one("aws:ResourceTag/use", "read"), "refuted"),
    ],
    ids=str,
)
def test_a_service_that_comes_to_a_queue_has_no_tags(tmp_path: Path, condition: Json, expected: str) -> None:
    """Users, roles and their sessions have tags; what asks for one of a service lets in none."""
    statement = {**allow({"Service": "events.amazonaws.com"}, condition, "sqs:*"), "Resource": "*"}
    policy = {"Queues": ["q"], "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}}}))
    (result,) = trustproof.check([file], properties=["no-confused-deputy"], account="111122223333").results
    assert result.verdict == expected


def test_load_balancers_deliver_logs_without_the_keys(tmp_path: Path) -> None:
    """A service that sends the keys to functions is asked about in their policies, and not in those of buckets."""
    statement = {"Effect": "Allow", "Principal": {"Service": "elasticloadbalancing.amazonaws.com"}}
    bucket = {**statement, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*"}
    invoke = {"Action": "lambda:InvokeFunction", "FunctionName": "f", "Principal": "elasticloadbalancing.amazonaws.com"}
    resources = {
        "Logs": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": "logs", "PolicyDocument": {"Version": "2012-10-17", "Statement": [bucket]}},
        },
        "Invoke": {"Type": "AWS::Lambda::Permission", "Properties": invoke},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    results = trustproof.check([str(file)], account="111122223333", properties=["no-confused-deputy"]).results
    assert [(result.logical_id, result.verdict) for result in results] == [("Invoke", "refuted")]


@pytest.mark.parametrize("service", ["rolesanywhere.amazonaws.com", "pods.eks.amazonaws.com", "ec2.amazonaws.com"])
def test_services_that_stay_in_their_account_are_left_alone(service: str, tmp_path: Path) -> None:
    """They assume roles of their own account only, so that nobody outside gets in without a condition either."""
    policy = trust({"Service": service}, ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"Role": role}}), encoding="utf-8")
    assert trustproof.check([str(file)], account="111122223333", properties=["no-confused-deputy"]).results == ()


_GROUP = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/events/*:*"
_EVENTS, _DELIVERY = "events.amazonaws.com", "delivery.logs.amazonaws.com"
_RULE = {"ArnEquals": {"aws:SourceArn": "arn:aws:events:us-east-1:111122223333:rule/nightly"}}


def _to_logs(services: list[str], *actions: str, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": {"Service": services}, "Action": [*actions], "Resource": _GROUP, **more}


def _of_logs(*statements: dict[str, object]) -> trustproof.Result:
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    properties = {"PolicyName": "events", "PolicyDocument": policy}
    template = {"Resources": {"Logs": {"Type": "AWS::Logs::ResourcePolicy", "Properties": properties}}}
    report = trustproof.check([template], account="111122223333", properties=["no-confused-deputy"])
    (result,) = report.results
    return result


def test_log_groups_are_filled_by_rules_of_their_own_account() -> None:
    """A rule of EventBridge reaches no log group of another account, so that the condition is hardening."""
    result = _of_logs(_to_logs([_EVENTS], "logs:PutLogEvents"))
    assert (result.verdict, result.severity) == ("refuted", "note")
    assert result.remedy is not None
    assert any("arn:aws:events:*:111122223333:rule/*" in line for line in result.remedy.diff)


@pytest.mark.parametrize(
    "statement",
    [
        _to_logs([_EVENTS], "logs:CreateLogStream", "logs:PutLogEvents"),
        _to_logs([_EVENTS, _DELIVERY], "logs:CreateLogStream", "logs:PutLogEvents"),
        _to_logs([_DELIVERY, _EVENTS], "logs:PutLogEvents"),
        _to_logs([_EVENTS], "logs:*"),
    ],
)
def test_no_remedy_stops_the_log_streams_of_a_rule(statement: dict[str, object]) -> None:
    """EventBridge names the rule when it writes, and not when it makes a log stream: the remedy is words."""
    result = _of_logs(statement)
    assert result.verdict == "refuted"
    assert result.remedy is not None
    assert result.remedy.edits == ()
    assert f"let {_EVENTS} call logs:PutLogEvents in a statement of its own" in result.remedy.text
    # What delivers logs has no rules.
    asked = f"in another, with aws:SourceAccount, for whom {_DELIVERY} may call" in result.remedy.text
    assert asked == (_DELIVERY in str(statement["Principal"]))


def test_the_policy_of_the_manual_for_log_groups_is_proved() -> None:
    """Log streams that anybody may make are empty."""
    services = [_EVENTS, _DELIVERY]
    streams = _to_logs(services, "logs:CreateLogStream")
    events = _to_logs(services, "logs:PutLogEvents", Condition=_RULE)
    assert _of_logs(streams, events).verdict == "proved"


def test_a_statement_for_everybody_takes_no_words_of_another(tmp_path: Path) -> None:
    """Where one statement names a service and another lets everybody in, the finding is about the one that names it."""
    config = {"Service": "config.amazonaws.com"}
    write: Json = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"}
    read: Json = {**write, "Action": "s3:GetObject", "Principal": "*"}
    statements: list[Json] = [
        {**read, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-aaaabbbbcc"}}},
        {**write, "Principal": "*"},
        {**write, "Principal": config},
    ]
    file = tmp_path / "t.json"
    policy: Json = {"Version": "2012-10-17", "Statement": statements}
    resource: Json = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "b", "PolicyDocument": policy}}
    file.write_text(json.dumps({"Resources": {"P": resource}}))

    def asked() -> list[trustproof.Result]:
        report = trustproof.check([file], properties=["no-confused-deputy"], account="111122223333")
        return [one for one in report.results if one.verdict == "refuted"]

    (found,) = asked()
    assert found.path[-2:] == (2, "Principal")
    assert found.label == "admits config.amazonaws.com for every customer"
    assert found.remedy is not None
    # The organization of a neighbour is the one for which Config delivers.
    ((edit,),) = (found.remedy.edits,)
    assert edit.value == {"StringEquals": {"aws:SourceOrgID": ("o-aaaabbbbcc",)}}
    statements[2]["Condition"] = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    file.write_text(json.dumps({"Resources": {"P": resource}}))
    (beside,) = asked()
    assert beside.path[-2:] == (1, "Principal")
    assert beside.label == "admits everybody, and so config.amazonaws.com for every customer"


@pytest.mark.parametrize(
    ("services", "said"),
    [
        (["vpc-flow-logs.amazonaws.com", "scheduler.amazonaws.com"], "scheduler.amazonaws.com (and vpc-flow-logs.am"),
        (["ec2.amazonaws.com", "scheduler.amazonaws.com"], "scheduler.amazonaws.com is let in"),
        (["scheduler.amazonaws.com"], "scheduler.amazonaws.com is let in"),
    ],
)
def test_services_of_one_statement_are_named_together(services: list[str], said: str) -> None:
    """One condition is for all of them that say for whom they call; of the others, none is accused."""
    role = {"AssumeRolePolicyDocument": trust({"Service": services}, "sts:AssumeRole")}
    report = trustproof.check(
        [{"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}}}],
        properties=["no-confused-deputy"],
        account="111122223333",
    )
    (found,) = (one for one in report.results if one.verdict == "refuted")
    assert found.message.startswith(said)


@pytest.mark.parametrize(("is_apart", "expected"), [(True, ["proved"]), (False, ["refuted"])])
def test_a_service_is_not_asked_about_where_another_statement_names_it(is_apart: bool, expected: list[str]) -> None:
    """Everybody may get in where a deployment has that in the place of the service; of both at once one is too much."""
    reads: Json = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    source = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    service = {**reads, "Principal": {"Service": "cloudfront.amazonaws.com"}, "Condition": source}
    everybody = {**reads, "Principal": "*"}
    statements: list[object] = [{"Fn::If": ["C", service, everybody]}] if is_apart else [service, everybody]
    properties = {"Bucket": "b", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    template = {
        "Parameters": {"P": {"Type": "String"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
        "Resources": {"B": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}},
    }
    report = trustproof.check([template], properties=["no-confused-deputy"], account="111122223333")
    assert sorted({one.verdict for one in report.results}) == expected


@pytest.mark.parametrize(("logs", "verdict"), [("Logs", "proved"), ("Public", "refuted")])
def test_a_service_is_not_asked_about_that_no_deployment_names_beside_everybody(logs: str, verdict: str) -> None:
    """Two conditions exclude each other where they want different values of a parameter."""
    conditions = {
        name: {"Fn::Or": [{"Fn::Equals": [{"Ref": "Access"}, value]}, {"Fn::Equals": [{"Ref": "Access"}, other]}]}
        for name, value, other in (("A", "Public", "PublicToo"), ("B", logs, logs), ("C", "Private", "Private"))
    }
    key = {"s3:x-amz-server-side-encryption-aws-kms-key-id": {"Fn::ImportValue": "x"}}
    writes: Json = {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*", "Principal": "*"}
    delivers: Json = {"Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::b"}
    statements: list[tuple[str, Json]] = [
        ("C", {**writes, "Effect": "Deny", "Condition": {"StringNotEquals": key}}),
        ("A", {**writes, "Effect": "Allow"}),
        ("B", {**delivers, "Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"}}),
    ]
    chosen = [{"Fn::If": [name, statement, {"Ref": "AWS::NoValue"}]} for name, statement in statements]
    properties = {"Bucket": "b", "PolicyDocument": {"Version": "2012-10-17", "Statement": chosen}}
    allowed = ["Private", "Public", "PublicToo", "Logs"]
    template = {
        "Parameters": {"Access": {"Type": "String", "Default": "Private", "AllowedValues": allowed}},
        "Conditions": conditions,
        "Resources": {"B": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}},
    }
    report = trustproof.check([template], properties=["no-confused-deputy"], account="111122223333")
    assert {one.verdict for one in report.results} == {verdict}


def test_services_that_say_nothing_stay_apart_from_the_one_that_is_asked(tmp_path: Path) -> None:
    """A condition for one of them would keep out the others: the one gets a statement of its own."""
    named = [f"{one}.amazonaws.com" for one in ("cloudtrail", "cloudwatch", "events")]
    use = {"Effect": "Allow", "Principal": {"Service": named}, "Action": "kms:GenerateDataKey*", "Resource": "*"}
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": use}}}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"Key": key}}))
    (found,) = trustproof.check([tmp_path / "t.json"], properties=["no-confused-deputy"]).results
    assert found.remedy is not None
    own, *others = named
    assert found.remedy.text.startswith(f"give {own} a statement of its own, apart from {' and '.join(others)}, and")

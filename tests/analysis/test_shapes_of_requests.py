"""
A request to a resource policy is about an ARN of a shape that such a resource has, for every type with a policy.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED, REFUTED
from trustproof.aws import published
from trustproof.aws.resource_policies import CONSULTED_FOR
from trustproof.aws.resource_shapes import Shape, shapes_of, types
from trustproof.inputs.cloudformation.values import catalogue

Json = dict[str, object]

OWN, OUTSIDE = "111122223333", "999988887777"
CONFIG = {"boundary": {"accounts": [OWN]}}
REGION = "us-east-1"
#: Types with a policy by the CloudFormation resource that has it; grants and what SAM makes are asked for elsewhere.
TYPES = [type_ for type_ in types() if type_ in catalogue.RESOURCE_POLICIES and type_.startswith("AWS::")]
#: The prefix of the actions, where it is not that of the ARNs.
_ACTIONS = {"kafka": "kafka-cluster", "vpc-lattice": "vpc-lattice-svcs", "redshift-serverless": "redshift"}
#: What the reference calls types whose ARNs say something else.
_KINDS = {
    "events rule": "ruleoncustomeventbus",
    "elasticfilesystem fs": "filesystem",
    "s3tables bucket": "tablebucket",
    "s3vectors bucket": "vectorbucket",
}
#: Actions on shapes that the reference gives no type of, or several of.
_EXAMPLES = {
    "execute-api": "Invoke",
    "redshift": "CreateInboundIntegration",
    "s3express": "CreateSession",
    "vpc-lattice-svcs": "Invoke",
}


def arn(shape: Shape) -> str:
    """A pattern for all ARNs of a shape, in the own account and Region."""
    resource = re.sub(r"\{\w+\}", "*", shape.resource)
    region, account = REGION if shape.has_region else "", OWN if shape.has_account else ""
    account = "*" if shape.of_aws else account
    # A secret that is made elsewhere may have replicas.
    region = "*" if shape.service == "secretsmanager" else region
    return f"arn:aws:{shape.service}:{region}:{account}:{resource}"


def action(shape: Shape) -> str:
    """An action about things of a shape, as the reference has it."""
    service = _ACTIONS.get(shape.service, shape.service)
    if service in _EXAMPLES:
        return f"{service}:{_EXAMPLES[service]}"
    if "/object/" in shape.resource:
        return f"{service}:GetObject"
    if service == "es":
        return "es:ESHttpGet" if shape.inside else "es:DescribeDomain"
    found = published.service(service)
    assert found is not None
    parts = (re.sub("[^a-z]", "", part.lower()) for part in re.split(r"[/:]", shape.resource) if "{" not in part)
    # What has no type of its own (a version) is of that which it is in.
    wanted = [_KINDS.get(f"{service} {part}", part) for part in reversed([*parts])]

    def rank(one: published.Action) -> tuple[int, int, bool, str]:
        named = {re.sub("[^a-z]", "", type_.lower()) for type_ in one.resources}
        of = (number for number, part in enumerate(wanted) if part in named)
        return next(of, len(wanted)), len(named), not one.reads, one.name

    return f"{service}:{min((one for one in found.actions.values() if one.resources), key=rank).name}"


def resource(type_: str, *statements: Json) -> Json:
    """A resource with a policy, which says nothing else."""
    value: object = {"Version": "2012-10-17", "Statement": list(statements)}
    for step in reversed(catalogue.RESOURCE_POLICIES[type_][0]):
        value = [value] if step == "*" else {step: value}
    assert isinstance(value, dict)
    off = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), False)
    return {"Type": type_, "Properties": {**value, "PublicAccessBlockConfiguration": off}}


def check(folder: Path, type_: str, *statements: Json) -> trustproof.Result:
    """Whether somebody outside is let in."""
    (folder / "t.json").write_text(json.dumps({"Resources": {"R": resource(type_, *statements)}}))
    report = trustproof.check(
        [str(folder / "t.json")],
        account=OWN,
        region=REGION,
        config=CONFIG,
        properties=["inside-boundary"],
        certify=True,
    )
    (found,) = report.results
    return found


def allow(what: object, on: object) -> Json:
    """A statement for somebody outside."""
    return {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": what, "Resource": on}


@pytest.mark.parametrize("type_", TYPES)
def test_who_denies_all_of_them_denies_everything(tmp_path: Path, type_: str) -> None:
    """Nothing is refuted by a request about something that is of none of the shapes."""
    shapes = [shape for shape in shapes_of(type_) if shape.asked]
    denied = {**allow("*", [arn(shape) for shape in shapes]), "Effect": "Deny"}
    actions = sorted({action(shape) for shape in shapes})
    found = check(tmp_path, type_, allow(actions, "*"), denied)
    assert found.verdict == PROVED, found.counterexample


@pytest.mark.parametrize(
    ("type_", "shape"), [(type_, shape) for type_ in TYPES for shape in shapes_of(type_) if shape.asked]
)
def test_each_of_them_may_be_asked_for(tmp_path: Path, type_: str, shape: Shape) -> None:
    """Somebody outside who is let in to one of them is let in, and the request is about it."""
    found = check(tmp_path, type_, allow(action(shape), arn(shape)))
    assert found.verdict == REFUTED, found.reasons
    assert found.counterexample is not None
    asked = found.counterexample.resource
    assert re.fullmatch(re.escape(arn(shape)).replace(r"\*", ".*"), asked), asked


@pytest.mark.parametrize("type_", sorted(t for t in catalogue.RESOURCE_POLICIES if t.startswith("AWS::")))
def test_whatever_the_shape_everything_on_everything_is_let_in(tmp_path: Path, type_: str) -> None:
    """No type is proved since nobody knows what its requests are about, or refuted by a call of another service."""
    found = check(tmp_path, type_, allow("*", "*"))
    assert found.verdict == REFUTED
    assert found.counterexample is not None
    assert found.counterexample.action.partition(":")[0] in CONSULTED_FOR[type_].split()


def test_the_services_of_all_types_are_known() -> None:
    """Whose calls a policy is about, is said of each type."""
    assert catalogue.RESOURCE_POLICIES.keys() <= CONSULTED_FOR.keys()


@pytest.mark.parametrize("type_", types())
def test_the_shapes_are_published(type_: str) -> None:
    """Each is of a resource type that the reference lists for the service."""
    for shape in shapes_of(type_):
        found = published.service(shape.service)
        assert found is not None
        listed = [tuple(one.split(":", 5)[3:]) for arns in found.resources.values() for one in arns]
        region, account = "*" if shape.has_region else "", "*" if shape.has_account else ""
        start = shape.resource.partition("{")[0]
        alike = [
            rest
            for at, of, rest in listed
            if (at, of) == (region, account) and start.startswith(rest.partition("*")[0])
        ]
        assert alike, shape


#: Policies that say by an ARN what they stand on: the property, the ARN, another thing that such a policy may stand on,
#: and an action.
_NAMED = (
    ("AWS::Bedrock::KnowledgeBasePolicy", "KnowledgeBaseId", "bedrock:{}:knowledge-base/ABC", "", "bedrock:Retrieve"),
    (
        "AWS::Bedrock::ResourcePolicy",
        "ResourceArn",
        "bedrock:{}:guardrail/abc",
        "bedrock:{}:custom-model/abc",
        "bedrock:ApplyGuardrail",
    ),
    (
        "AWS::BedrockAgentCore::ResourcePolicy",
        "ResourceArn",
        "bedrock-agentcore:{}:runtime/abc",
        "bedrock-agentcore:{}:gateway/abc",
        "bedrock-agentcore:InvokeAgentRuntime",
    ),
    (
        "AWS::EventsV2::ResourcePolicy",
        "EventBusArn",
        "events:{}:event-busv2/b/0123456789abcdefghijklmno",
        "events:{}:event-busv2/c/0123456789abcdefghijklmno",
        "events:PutEvents",
    ),
    (
        "AWS::CloudTrail::ResourcePolicy",
        "ResourceArn",
        "cloudtrail:{}:channel/abc",
        "cloudtrail:{}:channel/b",
        "cloudtrail-data:PutAuditEvents",
    ),
    ("AWS::SSM::ResourcePolicy", "ResourceArn", "ssm:{}:parameter/p", "ssm:{}:parameter/q", "ssm:GetParameter"),
    (
        "AWS::SMSVOICE::ResourcePolicy",
        "ResourceArn",
        "sms-voice:{}:pool/p",
        "sms-voice:{}:opt-out-list/p",
        "sms-voice:SendTextMessage",
    ),
)


@pytest.mark.parametrize(("type_", "key", "own", "other", "what"), _NAMED)
def test_a_policy_is_about_what_it_is_put_on(
    tmp_path: Path, type_: str, key: str, own: str, other: str, what: str
) -> None:
    """Who denies that denies everything, and who denies another thing denies nothing."""

    def found(*statements: Json) -> str:
        made = resource(type_, *statements)
        properties = made["Properties"]
        assert isinstance(properties, dict)
        properties[key] = "ABC" if key == "KnowledgeBaseId" else f"arn:aws:{own.format(f'{REGION}:{OWN}')}"
        (tmp_path / "t.json").write_text(json.dumps({"Resources": {"R": made}}))
        report = trustproof.check(
            [str(tmp_path / "t.json")],
            account=OWN,
            region=REGION,
            config=CONFIG,
            properties=["inside-boundary"],
            certify=True,
        )
        return report.results[0].verdict

    def denied(named: str) -> Json:
        return {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": f"arn:aws:{named}"}

    place = f"{REGION}:{OWN}"
    assert found(allow(what, "*")) == REFUTED
    assert found(allow(what, "*"), denied(own.format(place))) == PROVED
    if other:
        assert found(allow(what, "*"), denied(other.format(place))) == REFUTED


@pytest.mark.parametrize(
    ("type_", "what"),
    [
        ("AWS::Bedrock::KnowledgeBasePolicy", "bedrock:Retrieve"),
        ("AWS::BedrockAgentCore::ResourcePolicy", "bedrock-agentcore:InvokeAgentRuntime"),
        ("AWS::Comprehend::DocumentClassifier", "comprehend:ImportModel"),
        ("AWS::Comprehend::EntityRecognizer", "comprehend:ImportModel"),
        ("AWS::EventsV2::ResourcePolicy", "events:PutEvents"),
        ("AWS::PaymentCryptography::Key", "payment-cryptography:DecryptData"),
        ("AWS::XRay::ResourcePolicy", "xray:PutTraceSegments"),
    ],
)
def test_who_is_let_in_to_everything_is_shown_with_a_call_that_there_is(tmp_path: Path, type_: str, what: str) -> None:
    """The request is one that is about such a resource."""
    found = check(tmp_path, type_, allow("*", "*")).counterexample
    assert found is not None
    assert found.action == what


@pytest.mark.parametrize("what", ["PutResourcePolicy", "GetResourcePolicy", "CreateKey", "ListKeys", "GetAlias"])
def test_calls_of_payment_cryptography_that_cross_no_account(tmp_path: Path, what: str) -> None:
    """Nobody outside gets them by the policy of a key, as the reference says of each."""
    assert (
        check(tmp_path, "AWS::PaymentCryptography::Key", allow(f"payment-cryptography:{what}", "*")).verdict == PROVED
    )


#: Types that say by properties what their policy is on: the properties, what is denied, an action, and whether that is
#: all that is asked for.
_MADE_OF_NAMES: tuple[tuple[str, dict[str, object], list[str], str, bool], ...] = (
    ("AWS::RUM::AppMonitor", {"Name": "m"}, ["rum:{}:appmonitor/m"], "rum:PutRumEvents", True),
    ("AWS::RUM::AppMonitor", {"Name": "n"}, ["rum:{}:appmonitor/m"], "rum:PutRumEvents", False),
    ("AWS::RUM::AppMonitor", {"Name": {"Ref": "P"}}, ["rum:{}:appmonitor/m"], "rum:PutRumEvents", False),
    ("AWS::OSIS::Pipeline", {"PipelineName": "p"}, ["osis:{}:pipeline/p"], "osis:Ingest", True),
    (
        "AWS::MediaPackageV2::ChannelPolicy",
        {"ChannelGroupName": "g", "ChannelName": "c"},
        ["mediapackagev2:{}:channelGroup/g/channel/c"],
        "mediapackagev2:PutObject",
        True,
    ),
    (
        "AWS::EventSchemas::RegistryPolicy",
        {"RegistryName": "r"},
        ["schemas:{}:registry/r", "schemas:{}:schema/r/*"],
        "schemas:*",
        True,
    ),
    ("AWS::EventSchemas::RegistryPolicy", {"RegistryName": "r"}, ["schemas:{}:registry/r"], "schemas:*", False),
    (
        "AWS::Comprehend::DocumentClassifier",
        {"DocumentClassifierName": "m"},
        ["comprehend:{}:document-classifier/m"],
        "comprehend:ImportModel",
        False,
    ),
    (
        "AWS::Comprehend::DocumentClassifier",
        {"DocumentClassifierName": "m"},
        ["comprehend:{}:document-classifier/m*"],
        "comprehend:ImportModel",
        True,
    ),
    (
        "AWS::FSx::S3AccessPointAttachment",
        {"Name": "a"},
        ["s3:{}:accesspoint/a", "s3:{}:accesspoint/a/object/*"],
        "s3:GetObject",
        True,
    ),
    ("AWS::FSx::S3AccessPointAttachment", {"Name": "a"}, ["s3:{}:accesspoint/a"], "s3:GetObject", False),
)


@pytest.mark.parametrize(("type_", "names", "denied", "what", "is_all"), _MADE_OF_NAMES)
def test_a_policy_is_about_what_its_resource_is_called(
    tmp_path: Path, type_: str, names: dict[str, object], denied: list[str], what: str, *, is_all: bool
) -> None:
    """Nobody asks for another one by it, and what is in it is asked for, too."""
    on = [f"arn:aws:{one.format(f'{REGION}:{OWN}')}" for one in denied]
    made = resource(type_, allow(what, "*"), {**allow("*", on), "Effect": "Deny"})
    properties = made["Properties"]
    assert isinstance(properties, dict)
    properties.update(names)
    parameters = {"P": {"Type": "String", "AllowedValues": ["m", "n"], "Default": "m"}}
    (tmp_path / "t.json").write_text(json.dumps({"Parameters": parameters, "Resources": {"R": made}}))
    report = trustproof.check(
        [str(tmp_path / "t.json")], account=OWN, region=REGION, config=CONFIG, properties=["inside-boundary"]
    )
    assert report.results[0].verdict == (PROVED if is_all else REFUTED)


#: How a template may say a name, and an ARN with it: the name, what stands for it there, and whether both are the same
#: in all deployments.
_SAID: tuple[tuple[object, object, bool], ...] = (
    ("m", "m", True),
    ("n", "m", False),
    ({"Ref": "P"}, {"Ref": "P"}, True),
    ({"Ref": "P"}, "m", False),
    ({"Fn::FindInMap": ["M", {"Ref": "P"}, "Name"]}, {"Fn::FindInMap": ["M", {"Ref": "P"}, "Name"]}, True),
    ({"Fn::FindInMap": ["M", {"Ref": "P"}, "Name"]}, "one", False),
    ({"Fn::If": ["IsM", "one", "two"]}, {"Fn::If": ["IsM", "one", "two"]}, True),
    ({"Fn::If": ["IsM", "one", "two"]}, {"Fn::If": ["IsM", "two", "one"]}, False),
)


@pytest.mark.parametrize(
    ("type_", "key", "start"),
    [
        ("AWS::RUM::AppMonitor", "Name", "rum:{}:appmonitor/"),
        ("AWS::OSIS::Pipeline", "PipelineName", "osis:{}:pipeline/"),
        ("AWS::MediaTailor::ChannelPolicy", "ChannelName", "mediatailor:{}:channel/"),
        ("AWS::ECR::Repository", "RepositoryName", "ecr:{}:repository/"),
    ],
)
@pytest.mark.parametrize(("name", "named", "is_same"), _SAID)
@pytest.mark.parametrize("region", [REGION, "cn-north-1"])
def test_a_policy_is_about_its_resource_however_that_is_named(
    tmp_path: Path,
    type_: str,
    key: str,
    start: str,
    name: object,
    named: object,
    region: str,
    *,
    is_same: bool,
) -> None:
    """A name by a parameter, a mapping or a condition is that name, in the ARN of the policy as in the resource."""
    denied = {"Fn::Sub": [f"arn:${{AWS::Partition}}:{start.format(f'{region}:{OWN}')}${{Name}}", {"Name": named}]}
    made = resource(type_, allow("*", "*"), {**allow("*", denied), "Effect": "Deny"})
    properties = made["Properties"]
    assert isinstance(properties, dict)
    properties[key] = name
    template = {
        "Parameters": {"P": {"Type": "String", "AllowedValues": ["m", "n"]}},
        "Mappings": {"M": {"m": {"Name": "one"}, "n": {"Name": "two"}}},
        "Conditions": {"IsM": {"Fn::Equals": [{"Ref": "P"}, "m"]}},
        "Resources": {"R": made},
    }
    (tmp_path / "t.json").write_text(json.dumps(template))
    report = trustproof.check(
        [str(tmp_path / "t.json")], account=OWN, region=region, config=CONFIG, properties=["inside-boundary"]
    )
    assert {one.verdict for one in report.results} == {PROVED if is_same else REFUTED}


QUEUE: Json = {"Ref": "Q"}
OTHER_QUEUE: Json = {"Ref": "Q2"}
ITS_ARN: Json = {"Fn::GetAtt": ["Q", "Arn"]}
OTHER_ARN: Json = {"Fn::GetAtt": ["Q2", "Arn"]}
NOTHING: Json = {"Ref": "AWS::NoValue"}


def either(one: object, other: object) -> Json:
    """The one where a condition holds, or the other."""
    return {"Fn::If": ["IsM", one, other]}


@pytest.mark.parametrize(
    ("queues", "denied", "refuted_at"),
    [
        ([QUEUE], ITS_ARN, None),
        ([either(QUEUE, OTHER_QUEUE)], either(ITS_ARN, OTHER_ARN), None),
        (either([QUEUE], [OTHER_QUEUE]), either(ITS_ARN, OTHER_ARN), None),
        ([either(QUEUE, OTHER_QUEUE)], ITS_ARN, "n"),
        (either([QUEUE], [OTHER_QUEUE]), OTHER_ARN, "m"),
        ([QUEUE, either(OTHER_QUEUE, NOTHING)], [ITS_ARN, OTHER_ARN], None),
        ([QUEUE, either(OTHER_QUEUE, NOTHING)], ITS_ARN, "m"),
    ],
)
def test_a_policy_is_about_the_queue_that_a_condition_chooses(
    tmp_path: Path, queues: object, denied: object, refuted_at: str | None
) -> None:
    """Which queue it is put on, and what it denies, is decided together; a refutation names where it is another one."""
    deny = {**allow("*", denied), "Effect": "Deny"}
    document = {"Version": "2012-10-17", "Statement": [allow("sqs:SendMessage", "*"), deny]}
    queue = "AWS::SQS::Queue"
    template = {
        "Parameters": {"P": {"Type": "String", "AllowedValues": ["m", "n"]}},
        "Conditions": {"IsM": {"Fn::Equals": [{"Ref": "P"}, "m"]}},
        "Resources": {
            "Q": {"Type": queue, "Properties": {"QueueName": "one"}},
            "Q2": {"Type": queue, "Properties": {"QueueName": "two"}},
            "R": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": queues, "PolicyDocument": document}},
        },
    }
    (tmp_path / "t.json").write_text(json.dumps(template))
    report = trustproof.check(
        [str(tmp_path / "t.json")], account=OWN, region=REGION, config=CONFIG, properties=["inside-boundary"]
    )
    named = [one.counterexample.parameters["P"] for one in report.results if one.counterexample is not None]
    assert [*dict.fromkeys(named)] == ([] if refuted_at is None else [refuted_at])
    assert report.results[0].verdict == (PROVED if refuted_at is None else REFUTED)

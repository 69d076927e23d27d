"""
What of a template has a service come to another resource of it: rules, topics, alarms, buckets and distributions.

Such a service has no organization and no account of its own, so a remedy may bind it by ``aws:SourceArn`` only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.resources.assuming_programs import (
    action_roles,
    programs_that_assume,
    role_name,
    roles_in,
)
from trustproof.inputs.cloudformation.resources.deliveries import deliveries_to, encrypted_with, uses_of_key
from trustproof.inputs.cloudformation.resources.distributions import (
    DISTRIBUTION,
    buckets_read_by,
    functions_called_by,
    may_read_any_bucket,
)
from trustproof.inputs.cloudformation.resources.identity_pools import given_to
from trustproof.inputs.cloudformation.resources.notifications import NOTIFYING
from trustproof.inputs.cloudformation.resources.public_access import PERMISSION
from trustproof.inputs.cloudformation.values.catalogue import FURTHER, SOURCE
from trustproof.inputs.cloudformation.values.deployable_references import why_not_deployable
from trustproof.inputs.cloudformation.values.intrinsics import names_in, sub_parts
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.document import TRUST, Document, Source
from trustproof.model.text import REGION, Symbol, Symbolic, Text, concat
from trustproof.results.edit import intrinsic

_BUCKET, _BUCKET_POLICY, _TOPIC = "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::SNS::Topic"
_KEY = "AWS::KMS::Key"
#: Types of policies on what a service may send something to.
_REACHED = ("AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", PERMISSION)
#: Where the notifications of a bucket name what they are sent to, and how:
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-notificationconfiguration.html
_NOTIFIED = (("TopicConfigurations", "Topic"), ("QueueConfigurations", "Queue"), ("LambdaConfigurations", "Function"))
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
_ON_ALARM = ("AlarmActions", "OKActions", "InsufficientDataActions")
_CLOUDFRONT = "cloudfront.amazonaws.com"
#: What the ARN of a distribution begins with.
_CDN = "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution"
#: What the ARN of something of a service begins with that is in the account and Region of the template.
_HERE = "arn:${{AWS::Partition}}:{}:${{AWS::Region}}:${{AWS::AccountId}}"
#: What the ARN of calls of an API begins with.
_API = _HERE.format("execute-api")
_PIPELINE = "AWS::CodePipeline::Pipeline"

#: Properties of policies that name what they stand on.
_ARNS = {"AWS::SNS::Topic": "TopicArn", "AWS::SQS::Queue": "Arn"}
_STANDS_ON = {"AWS::SNS::TopicPolicy": "Topics", "AWS::SQS::QueuePolicy": "Queues"}
#: How types begin that refer to queues and topics and have no service come there by itself: they have a role for that,
#: or are its policies, or read from it.
_SEND_NOTHING = (
    "AWS::IAM::",
    "AWS::KMS::",
    "AWS::Lambda::",
    "AWS::SQS::",
    "AWS::SNS::TopicPolicy",
    "AWS::ECS::",
    SOURCE,
)
#: The property by which a subscription refers to its topic, to which it sends nothing.
_OWN_TOPIC = "TopicArn"

#: Functions that give what has a name in the template.
_REFERENCES = {"Ref", "Fn::GetAtt", "Fn::Sub"}

#: Something that is written in a template.
_Raw = Mapping[str, object]


def sources_of(resolver: Resolver, document: Document) -> tuple[Source, ...]:
    """What of the template comes to what a policy is about, by a service, as far as no condition decides it."""
    found: list[Source] = []
    resources = resolver.environment.resources
    if document.resource_type in (*_REACHED, _BUCKET_POLICY, _KEY) or document.kind == TRUST:
        found += _said(resolver, document)
    if document.resource_type in _REACHED:
        for reached in _targets(resolver, document):
            for service, name, arn in _coming_to(resolver, reached):
                found.append(Source(service, name, _reference(resolver, arn, document.logical_id)))
        found += (
            Source(_CLOUDFRONT, name, _reference(resolver, {"Fn::Sub": f"{_CDN}/${{{name}}}"}))
            for name in resolver.environment.of_types((DISTRIBUTION,))
            if document.resource_type == PERMISSION
            and any(
                _is(resolver, one, document.resource_arn) for one in functions_called_by(resolver.environment, name)
            )
        )
    elif document.resource_type == _KEY:
        found += uses_of_key(resolver.environment, document.logical_id)
        for name in encrypted_with(resolver.environment, document.logical_id):
            attribute = "TopicArn" if resources[name].get("Type") == _TOPIC else "Arn"
            target = _text(resolver, {"Fn::GetAtt": [name, attribute]})
            if target is not None:
                found += (Source(service, by) for service, by, _ in _coming_to(resolver, target))
    elif document.resource_type == _BUCKET_POLICY:
        found.extend(
            Source(_CLOUDFRONT, name, _reference(resolver, {"Fn::Sub": f"{_CDN}/${{{name}}}"}))
            for name in resolver.environment.of_types((DISTRIBUTION,))
            if any(
                _text(resolver, {"Fn::GetAtt": [bucket, "Arn"]}) == document.resource_arn
                for bucket in buckets_read_by(resolver.environment, name)
            )
        )
        bucket = resolver.environment.properties(document.logical_id).get("Bucket")
        found += deliveries_to(resolver.environment, bucket, str(document.resource_arn))
    elif document.kind == TRUST:
        for name in resolver.environment.of_types((_PIPELINE,)):
            properties = resolver.environment.properties(name)
            if any(_is_about(document, _text(resolver, value)) for value in action_roles(properties)):
                found.append(Source("codepipeline.amazonaws.com", _own_name(properties.get("RoleArn")) or name))
        found += programs_that_assume(resolver, document)
        found += given_to(resolver.environment, document.logical_id, partial(_text, resolver))
    return tuple(dict.fromkeys(found))


def _targets(resolver: Resolver, document: Document) -> Iterator[Text]:
    """The ARN of what a policy stands on; of one policy of several queues or topics, of each."""
    yield document.resource_arn
    environment = resolver.environment
    listed = environment.properties(document.logical_id).get(_STANDS_ON.get(document.resource_type, ""))
    for name in dict.fromkeys(names_in(listed)):
        attribute = _ARNS.get(str(environment.resources.get(name, {}).get("Type")))
        arn = _text(resolver, {"Fn::GetAtt": [name, attribute]}) if attribute is not None else None
        if arn is not None and arn != document.resource_arn:
            yield arn


def _coming_to(resolver: Resolver, target: Text) -> Iterator[tuple[str, str, object]]:
    """The services that come to a resource, each with what has it come, and the ARN of that as it is written."""
    for name in resolver.environment.of_types(_KINDS):
        service, read = _KINDS[str(resolver.environment.resources[name].get("Type"))]
        for value, arn in read(name, resolver.environment.properties(name)):
            if _names(_text(resolver, value), target):
                yield service, name, arn


def has_further_senders(resolver: Resolver, document: Document) -> bool:
    """
    Whether more than its known sources may have services come to what a policy of a queue, topic or bucket is about: an
    output hands its ARN on to other stacks, something else of the template is given that, or a distribution reads a
    bucket that it does not refer to.
    """
    environment = resolver.environment
    if document.resource_type == _BUCKET_POLICY and any(
        may_read_any_bucket(environment, name) for name in environment.of_types((DISTRIBUTION,))
    ):
        return True
    listed = environment.properties(document.logical_id).get(_STANDS_ON.get(document.resource_type, ""))
    target = document.resource_arn
    for name in environment.of_types((SOURCE,)):
        said_by_reader = environment.properties(name)
        if said_by_reader.get("Service") != FURTHER:
            continue
        meant = said_by_reader.get("Target")
        if document.resource_type == _BUCKET_POLICY if meant is None else _is(resolver, meant, target):
            return True
    for own in dict.fromkeys(names_in(listed)):
        for name in environment.referring.get(own, ()):
            if not name:
                if any(_is(resolver, value, target) for value in _values(environment.outputs)):
                    return True
                continue
            type_ = str(environment.resources[name].get("Type"))
            if name == own or type_.startswith(_SEND_NOTHING):
                continue
            properties = environment.properties(name)
            known = [value for value, _ in _KINDS[type_][1](name, properties)] if type_ in _KINDS else []
            said = [value for value in _values(properties) if _is(resolver, value, target)]
            if len(said) > sum(_is(resolver, value, target) for value in known):
                return True
    return False


def _values(value: object) -> Iterator[object]:
    """What may be an ARN in a value, at any depth: functions and texts."""
    if isinstance(value, list):
        for item in value:
            yield from _values(item)
    elif (
        isinstance(value, dict)
        and len(value) == 1
        and next(iter(value)) in ("Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join")
    ):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key != _OWN_TOPIC:
                yield from _values(inner)


def _is(resolver: Resolver, value: object, target: Text) -> bool:
    return _text(resolver, value) == target


def _said(resolver: Resolver, document: Document) -> Iterator[Source]:
    """What a reader of another language says of a policy's sources."""
    for name in resolver.environment.of_types((SOURCE,)):
        if document.kind != TRUST and resolver.environment.resources[name].get("Condition") is not None:
            continue
        said = resolver.environment.properties(name)
        if said.get("Service") != FURTHER and _is_about(document, _text(resolver, said.get("Target"))):
            written = said.get("Reference")
            arn = _text(resolver, said["SourceArn"]) if "SourceArn" in said else None
            reference = concat((Symbol(str(written), "attribute"), str(said.get("Suffix", "")))) if written else arn
            named = str(written or "").rpartition(".")[0]
            if named and why_not_deployable(resolver.environment.resources, document.logical_id, named):
                reference = None
            yield Source(str(said["Service"]), str(said["Name"]), reference)


def _is_about(document: Document, target: Text | None) -> bool:
    """Whether something names what a policy is about: a role also by its name alone, in whichever account it is."""
    called = role_name(document.resource_arn) if document.kind == TRUST else ""
    if _names(target, document.resource_arn):
        return True
    return called != "" and target is not None and any(role_name(arn) == called for arn in roles_in(target))


def _own_name(value: object) -> str:
    """The logical id of a resource whose attribute a value is; empty for any other value."""
    attribute = value.get("Fn::GetAtt") if isinstance(value, dict) else None
    return str(attribute[0]) if isinstance(attribute, list) and attribute else ""


def _buckets(name: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    listed = properties.get("NotificationConfiguration")
    for several, one in _NOTIFIED:
        for entry in _entries(listed.get(several) if isinstance(listed, dict) else None):
            if one in entry:
                yield entry[one], {"Fn::GetAtt": [name, "Arn"]}


def _topics(name: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    for entry in _entries(properties.get("Subscription")):
        yield entry.get("Endpoint"), {"Fn::GetAtt": [name, "TopicArn"]}


def _subscriptions(_: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    """
    What a subscription sends to, and where it leaves what it cannot deliver, which SNS sends in the name of the topic.

    https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
    """
    redrive = properties.get("RedrivePolicy")
    for value in (
        properties.get("Endpoint"),
        redrive.get("deadLetterTargetArn") if isinstance(redrive, dict) else None,
    ):
        yield value, properties.get(_OWN_TOPIC)


def _rules(name: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    """
    The targets of a rule, and where it leaves the events that it cannot deliver.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    for entry in _entries(properties.get("Targets")):
        dead_letters = entry.get("DeadLetterConfig")
        for value in (entry.get("Arn"), dead_letters.get("Arn") if isinstance(dead_letters, dict) else None):
            yield value, {"Fn::GetAtt": [name, "Arn"]}


def _alarms(name: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    for key in _ON_ALARM:
        listed = properties.get(key)
        for entry in listed if isinstance(listed, list) else ():
            yield entry, {"Fn::GetAtt": [name, "Arn"]}


def _trails(_: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    """
    The topic of a trail, by its name or its ARN. The trail is not referred to, but named: it is only made where the
    policy of the topic lets it in already.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-trail.html
    """
    topic, called = properties.get("SnsTopicName"), properties.get("TrailName")
    attribute = topic.get("Fn::GetAtt") if isinstance(topic, dict) else None
    if isinstance(attribute, list) and attribute[1:] == ["TopicName"]:
        topic = {"Ref": attribute[0]}
    elif isinstance(topic, str) and ":" not in topic:
        topic = {"Fn::Sub": f"{_HERE.format('sns')}:{topic}"}
    yield topic, {"Fn::Sub": f"{_HERE.format('cloudtrail')}:trail/{called}"} if isinstance(called, str) else None


def _routes(api: str, *uri: str) -> Callable[[str, _Raw], Iterator[tuple[object, object]]]:
    """Reads what of an API calls a function: the properties that name the API, and that lead to the URI of the call."""

    def read(_: str, properties: _Raw) -> Iterator[tuple[object, object]]:
        value: object = properties
        for step in uri:
            value = value.get(step) if isinstance(value, dict) else None
        named = properties.get(api)
        called = named.get("Ref") if isinstance(named, dict) else None
        if isinstance(called, str):
            # Whatever stage, method and path it is, or which authorizer.
            yield value, {"Fn::Sub": f"{_API}:${{{called}}}/*"}

    return read


def _quick(name: str, properties: _Raw) -> Iterator[tuple[object, object]]:
    """
    What an HTTP API calls that is made by "quick create".

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-api.html
    """
    if "Target" in properties:
        yield properties["Target"], {"Fn::Sub": f"{_API}:${{{name}}}/*"}


def _names(value: Text | None, target: Text) -> bool:
    """Whether a value names a resource: by its ARN, or in the URI by which an API calls a function."""
    return value is not None and (value == target or f"{_INVOKED}{target}/invocations" in str(value))


#: What stands before the ARN of a function in the URI of an API's integration:
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-method-integration.html
_INVOKED = ":lambda:path/2015-03-31/functions/"
_APIS = "apigateway.amazonaws.com"


#: By its type, the service of a source, and how to read what it names and what it is called itself.
_KINDS: dict[str, tuple[str, Callable[[str, _Raw], Iterator[tuple[object, object]]]]] = {
    _BUCKET: ("s3.amazonaws.com", _buckets),
    _TOPIC: ("sns.amazonaws.com", _topics),
    "AWS::SNS::Subscription": ("sns.amazonaws.com", _subscriptions),
    "AWS::Events::Rule": ("events.amazonaws.com", _rules),
    "AWS::CloudTrail::Trail": ("cloudtrail.amazonaws.com", _trails),
    "AWS::CloudWatch::Alarm": ("cloudwatch.amazonaws.com", _alarms),
    "AWS::CloudWatch::CompositeAlarm": ("cloudwatch.amazonaws.com", _alarms),
    "AWS::ApiGateway::Method": (_APIS, _routes("RestApiId", "Integration", "Uri")),
    "AWS::ApiGateway::Authorizer": (_APIS, _routes("RestApiId", "AuthorizerUri")),
    "AWS::ApiGatewayV2::Api": (_APIS, _quick),
    "AWS::ApiGatewayV2::Integration": (_APIS, _routes("ApiId", "IntegrationUri")),
    "AWS::ApiGatewayV2::Authorizer": (_APIS, _routes("ApiId", "AuthorizerUri")),
    **NOTIFYING,
}


def _entries(listed: object) -> Iterator[_Raw]:
    return (entry for entry in (listed if isinstance(listed, list) else ()) if isinstance(entry, dict))


def _reference(resolver: Resolver, arn: object, holder: str = "") -> Text | None:
    """
    An ARN as a remedy can write it: the attribute of a resource of the template, or else what is known of it. None
    where it can write none, as an export of another stack, or what is not in every deployment.

    Args:
        holder: the logical id of what the remedy would write it in.
    """
    resources = resolver.environment.resources
    if isinstance(arn, dict):
        named = arn.get("Ref")
        if isinstance(named, str) and resources.get(named, {}).get("Type") == _TOPIC:
            arn = {"Fn::GetAtt": [named, "TopicArn"]}
        attribute = arn.get("Fn::GetAtt")
        if isinstance(attribute, list) and all(isinstance(part, str) for part in attribute):
            if holder and why_not_deployable(resources, holder, attribute[0]):
                return None
            return Symbolic((Symbol(".".join(attribute), "attribute"),))
    text = _with_region(resolver, arn) or _text(resolver, arn)
    is_reference = isinstance(arn, dict) and bool(_REFERENCES & arn.keys())
    return None if isinstance(text, Symbolic) and not is_reference and intrinsic(text) is None else text


def _with_region(resolver: Resolver, value: object) -> Text | None:
    """The text of an ``Fn::Sub`` that is of whatever Region the template is deployed to; None for another value."""
    said = value.get("Fn::Sub") if isinstance(value, dict) else None
    if not isinstance(said, str) or REGION not in said:
        return None
    region = Symbol(REGION, "pseudo-parameter")
    parts = [
        region if is_name and text == REGION else _text(resolver, {"Fn::Sub": f"${{{text}}}"}) if is_name else text
        for is_name, text in sub_parts(said)
    ]
    known = [part for part in parts if part is not None]
    return concat(part for part in known if part != "") if len(known) == len(parts) else None


def _text(resolver: Resolver, value: object) -> Text | None:
    try:
        found = resolver.text(value)
    except Unreadable:
        return None
    return found if isinstance(found, (str, Symbolic)) else None

"""
What of a template has a service come to another resource of it: rules, topics, alarms, buckets and distributions.

Such a service has no organization and no account of its own, so a remedy may bind it by ``aws:SourceArn`` only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.access.function_urls import PERMISSION
from trustproof.inputs.cloudformation.resources.access.identity_pools import given_to
from trustproof.inputs.cloudformation.resources.service_uses.arn_references import ArnReferences
from trustproof.inputs.cloudformation.resources.service_uses.assuming_programs import (
    action_roles,
    programs_that_assume,
)
from trustproof.inputs.cloudformation.resources.service_uses.deliveries import (
    deliveries_to,
    encrypted_with,
    uses_of_key,
)
from trustproof.inputs.cloudformation.resources.service_uses.distributions import (
    DISTRIBUTION,
    KEY_VALUE_STORE,
    buckets_imported_by,
    buckets_read_by,
    functions_called_by,
    may_read_any_bucket,
)
from trustproof.inputs.cloudformation.resources.service_uses.senders import OWN_TOPIC, senders_to, values_sent_to
from trustproof.inputs.cloudformation.values.catalogue import FURTHER, SOURCE
from trustproof.inputs.cloudformation.values.deployable_references import Needed, why_not_deployable
from trustproof.inputs.cloudformation.values.intrinsics import names_in, sub_parts
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.document import TRUST, Document, Source
from trustproof.model.text import REGION, Symbol, Symbolic, Text, concat
from trustproof.results.edit import intrinsic

_BUCKET, _BUCKET_POLICY, _TOPIC = "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::SNS::Topic"
_KEY = "AWS::KMS::Key"
#: Types of policies on what a service may send something to.
_REACHED = ("AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", PERMISSION)
_CLOUDFRONT = "cloudfront.amazonaws.com"
#: What the ARN of a distribution begins with.
_CDN = "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution"
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
#: In the place of an ARN: whatever bucket it is.
_ANY_BUCKET = "every bucket"

#: Functions that give what has a name in the template.
_REFERENCES = {"Ref", "Fn::GetAtt", "Fn::Sub"}


class _References:
    """
    Which references CloudFormation takes: many policies may be given one and the same resource.

    Args:
        environment: the declarations of the template.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._needed: Needed = {}

    def are_deployable(self, holder: str, referred: str) -> bool:
        """Whether one resource can refer to another one, by their logical ids."""
        return not why_not_deployable(self._environment.resources, holder, referred, self._needed)


def sources_of(resolver: Resolver, document: Document) -> tuple[Source, ...]:
    """What of the template comes to what a policy is about, by a service, as far as no condition decides it."""
    found: list[Source] = []
    resources = resolver.environment.resources
    if document.resource_type in (*_REACHED, _BUCKET_POLICY, _KEY) or document.kind == TRUST:
        found += _said(resolver, document)
    if document.resource_type in _REACHED:
        for reached in _targets(resolver, document):
            for service, name, arn in senders_to(resolver, reached):
                found.append(Source(service, name, _reference(resolver, arn, document.logical_id)))
        if document.resource_type == PERMISSION:
            found += _distributions(resolver, document, _calling)
    elif document.resource_type == _KEY:
        found += uses_of_key(resolver.environment, document.logical_id)
        for name in encrypted_with(resolver.environment, document.logical_id):
            attribute = "TopicArn" if resources[name].get("Type") == _TOPIC else "Arn"
            target = _text(resolver, {"Fn::GetAtt": [name, attribute]})
            if target is not None:
                found += (Source(service, by) for service, by, _ in senders_to(resolver, target))
    elif document.resource_type == _BUCKET_POLICY:
        found += _distributions(resolver, document, _reading)
        # In whose name CloudFront reads what it imports, no documentation says.
        imported = resolver.environment.indexes.of(resolver, _importing).get(document.resource_arn, ())
        found += (Source(_CLOUDFRONT, name) for name in imported)
        bucket = resolver.environment.properties(document.logical_id).get("Bucket")
        found += deliveries_to(resolver.environment, bucket, str(document.resource_arn))
    elif document.kind == TRUST:
        pipelines = resolver.environment.indexes.of(resolver, _pipelines).naming(document.resource_arn, is_role=True)
        for name in dict.fromkeys(pipelines):
            own_role = resolver.environment.properties(name).get("RoleArn")
            found.append(Source("codepipeline.amazonaws.com", _own_name(own_role) or name))
        found += programs_that_assume(resolver, document)
        found += given_to(resolver.environment, document.logical_id, partial(_text, resolver))
    conditions = [resources.get(one.logical_id, {}).get("Condition") or "" for one in found]
    known = (one._replace(condition=str(said)) for one, said in zip(found, conditions, strict=True))
    return tuple(dict.fromkeys(known))


def _distributions(
    resolver: Resolver, document: Document, read: Callable[[Resolver], Mapping[Text | None, Mapping[str, None]]]
) -> Iterator[Source]:
    """The distributions that come to what a policy is about."""
    for name in resolver.environment.indexes.of(resolver, read).get(document.resource_arn, ()):
        own = _reference(resolver, {"Fn::Sub": f"{_CDN}/${{{name}}}"}, document.logical_id)
        yield Source(_CLOUDFRONT, name, _reference(resolver, {"Fn::Sub": f"{_CDN}/*"}) if own is None else own)


def _calling(resolver: Resolver) -> Mapping[Text | None, Mapping[str, None]]:
    """By the ARNs of functions, the distributions that call them."""
    found: dict[Text | None, dict[str, None]] = {}
    for name in resolver.environment.of_types((DISTRIBUTION,)):
        for value in functions_called_by(resolver.environment, name):
            found.setdefault(_text(resolver, value), {})[name] = None
    return found


def _reading(resolver: Resolver) -> Mapping[Text | None, Mapping[str, None]]:
    """By the ARNs of buckets, the distributions that read them."""
    found: dict[Text | None, dict[str, None]] = {}
    for name in resolver.environment.of_types((DISTRIBUTION,)):
        for bucket in buckets_read_by(resolver.environment, name):
            found.setdefault(_text(resolver, {"Fn::GetAtt": [bucket, "Arn"]}), {})[name] = None
    return found


def _importing(resolver: Resolver) -> Mapping[Text | None, Mapping[str, None]]:
    """By the ARNs of buckets, the key value stores that import an object of them."""
    found: dict[Text | None, dict[str, None]] = {}
    for name in resolver.environment.of_types((KEY_VALUE_STORE,)):
        for bucket in buckets_imported_by(resolver.environment, name):
            found.setdefault(_text(resolver, {"Fn::GetAtt": [bucket, "Arn"]}), {})[name] = None
    return found


def _pipelines(resolver: Resolver) -> ArnReferences[str]:
    """What names the roles for the actions of pipelines, with the logical ids of these."""
    environment = resolver.environment
    return ArnReferences(
        (_text(resolver, value), name)
        for name in environment.of_types((_PIPELINE,))
        for value in action_roles(environment.properties(name))
    )


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


def has_further_senders(resolver: Resolver, document: Document) -> bool:
    """
    Whether more than its known sources may have services come to what a policy of a queue, topic or bucket is about: an
    output hands its ARN on to other stacks, something else of the template is given that, or a distribution reads a
    bucket that it does not refer to.
    """
    environment = resolver.environment
    if document.resource_type == _BUCKET_POLICY and environment.indexes.of(environment, _may_any_bucket_be_read):
        return True
    listed = environment.properties(document.logical_id).get(_STANDS_ON.get(document.resource_type, ""))
    target = document.resource_arn
    further = environment.indexes.of(resolver, _further)
    if target in further or (document.resource_type == _BUCKET_POLICY and _ANY_BUCKET in further):
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
            known = values_sent_to(type_, name, properties)
            said = [value for value in _values(properties) if _is(resolver, value, target)]
            if len(said) > sum(_is(resolver, value, target) for value in known):
                return True
    return False


def _may_any_bucket_be_read(environment: Environment) -> bool:
    return any(may_read_any_bucket(environment, name) for name in environment.of_types((DISTRIBUTION,)))


def _further(resolver: Resolver) -> frozenset[Text | None]:
    """The ARNs of what a reader of another language says has further senders; `_ANY_BUCKET` for every bucket."""
    environment = resolver.environment
    said = [environment.properties(name) for name in environment.of_types((SOURCE,))]
    meant = [one.get("Target") for one in said if one.get("Service") == FURTHER]
    return frozenset(_ANY_BUCKET if one is None else _text(resolver, one) for one in meant)


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
            if key != OWN_TOPIC:
                yield from _values(inner)


def _is(resolver: Resolver, value: object, target: Text) -> bool:
    return _text(resolver, value) == target


def _said(resolver: Resolver, document: Document) -> Iterator[Source]:
    """What a reader of another language says of a policy's sources."""
    environment, is_role = resolver.environment, document.kind == TRUST
    for name in environment.indexes.of(resolver, _targets_said).naming(document.resource_arn, is_role=is_role):
        if document.kind != TRUST and environment.resources[name].get("Condition") is not None:
            continue
        said = environment.properties(name)
        # The empty string is one that nobody can write.
        written = said.get("Reference")
        arn = _text(resolver, said["SourceArn"]) if "SourceArn" in said and written != "" else None
        reference = concat((Symbol(str(written), "attribute"), str(said.get("Suffix", "")))) if written else arn
        named = str(written or "").rpartition(".")[0]
        references = environment.indexes.of(environment, _References)
        if named and not references.are_deployable(document.logical_id, named):
            reference = None
        yield Source(str(said["Service"]), str(said["Name"]), reference)


def _targets_said(resolver: Resolver) -> ArnReferences[str]:
    """What a reader of another language says that something comes to, with the logical ids under which it says that."""
    environment = resolver.environment
    said = {name: environment.properties(name) for name in environment.of_types((SOURCE,))}
    meant = {name: one.get("Target") for name, one in said.items() if one.get("Service") != FURTHER}
    return ArnReferences((_text(resolver, value), name) for name, value in meant.items())


def _own_name(value: object) -> str:
    """The logical id of a resource whose attribute a value is; empty for any other value."""
    attribute = value.get("Fn::GetAtt") if isinstance(value, dict) else None
    return str(attribute[0]) if isinstance(attribute, list) and attribute else ""


def _reference(resolver: Resolver, arn: object, holder: str = "") -> Text | None:
    """
    An ARN as a remedy can write it: the attribute of a resource of the template, or else what is known of it. None
    where it can write none, as an export of another stack, or what is not in every deployment.

    Args:
        holder: the logical id of what the remedy would write it in.
    """
    resources = resolver.environment.resources
    if isinstance(arn, dict):
        made = (name for name in names_in(arn) if name in resources)
        references = resolver.environment.indexes.of(resolver.environment, _References)
        if holder and not all(references.are_deployable(holder, name) for name in made):
            return None
        named = arn.get("Ref")
        if isinstance(named, str) and resources.get(named, {}).get("Type") == _TOPIC:
            arn = {"Fn::GetAtt": [named, "TopicArn"]}
        attribute = arn.get("Fn::GetAtt")
        if isinstance(attribute, list) and all(isinstance(part, str) for part in attribute):
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

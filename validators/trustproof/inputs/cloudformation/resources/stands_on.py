"""
What a policy stands on: the ARNs of the resources that it is put on, as far as the template names them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from trustproof.aws.resource_policies import OWN_ARNS
from trustproof.inputs.cloudformation.evaluation.api_methods import named_by
from trustproof.inputs.cloudformation.evaluation.environment import Environment
from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.resources.public_access import bucket_of
from trustproof.inputs.cloudformation.values.catalogue import (
    BUCKET_POLICY,
    BUS_POLICY,
    REGION,
    REPLICAS,
    STANDS_ON,
    STANDS_ON_ARN,
)
from trustproof.inputs.grammar.values import NoValue, Unreadable
from trustproof.model.policy import Path
from trustproof.model.text import SECRET_ENDING, Symbol, Symbolic, Text, concat

#: Not known which.
_ANY = "*"
#: A queue by its URL: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
_QUEUE_URL = r"https://sqs\.([^./]+)\.[a-z.\x00-\x1f]+/([^/]+)/([^/]+)"
#: What Secrets Manager adds to the name of a secret: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
_RANDOM = Symbol("random", "attribute", holds=SECRET_ENDING)
#: So many resources of one policy are looked at one by one.
_MOST = 16


def place_of(environment: Environment, logical_id: str) -> object:
    """What a resource with a policy says of what this stands on; None where it says nothing."""
    type_ = environment.resources[logical_id].get("Type")
    key = "Bucket" if type_ == BUCKET_POLICY else STANDS_ON.get(str(type_), "")
    return environment.properties(logical_id).get(key)


def replica_region(environment: Environment, logical_id: str, path: Path) -> object:
    """
    The Region of the replica that a policy stands on; None for what is in the Region of the template.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-globaltable-replicaspecification.html
    """
    if REPLICAS not in path:
        return None
    value: object = environment.properties(logical_id)
    for step in path[path.index(REPLICAS) :]:
        if isinstance(value, dict) and "Region" in value:
            return value["Region"]
        inside = value.get(step) if isinstance(value, dict) else None
        value = value[step] if isinstance(value, list) and isinstance(step, int) else inside
    return None


def region_of(resolver: Resolver, logical_id: str, path: Path) -> str:
    """The Region of what a policy stands on; empty where it is not known."""
    here = replica_region(resolver.environment, logical_id, path) or resolver.environment.resources[logical_id].get(
        REGION
    )
    found = resolver.pseudo_text("AWS::Region") if here is None else _text(resolver, here)
    return found if isinstance(found, str) else ""


def stands_on(resolver: Resolver, logical_id: str, arn: Callable[[str], Text]) -> list[Text]:
    """
    The ARNs of what the policy of a resource stands on, each ``*`` where it is not known which.

    Args:
        arn: gives that of a resource of the template.
    """
    properties = resolver.environment.properties(logical_id)
    resource = resolver.environment.resources[logical_id]
    type_ = str(resource.get("Type"))
    if STANDS_ON_ARN in resource:
        return [_text(resolver, resource[STANDS_ON_ARN]) or _ANY]
    if type_ == BUCKET_POLICY:
        bucket = properties.get("Bucket")
        return [arn(found) if (found := bucket_of(resolver, bucket)) else _bucket(resolver, bucket)]
    place = STANDS_ON.get(type_, "")
    if place not in properties:
        return [_here(resolver, *OWN_ARNS[type_], "default") if type_ == BUS_POLICY else arn(logical_id)]
    value = properties[place]
    named = value if isinstance(value, list) else [value]
    if not 0 < len(named) <= _MOST:
        return [_ANY]
    return [_one(resolver, one, type_, properties.get("DomainName"), arn) for one in named]


def _one(resolver: Resolver, value: object, type_: str, domain: object, arn: Callable[[str], Text]) -> Text:
    if (logical_id := named_by(value)) in resolver.environment.resources:
        return _of_service(arn(logical_id), type_)
    found = _text(resolver, value)
    if found is None or type_ not in OWN_ARNS:
        return _ANY
    service, prefix = OWN_ARNS[type_]
    if service == "sqs":
        return _queue(resolver, found)
    if _shown(found).startswith("arn:") or (isinstance(found, Symbolic) and len(found.parts) == 1):
        # What is not known at all is one of these, whichever.
        return _of_service(found, type_)
    # The policy of a stream takes its ARN and no name.
    if not prefix or service == "kinesis" or ":" in _shown(found):
        return _ANY
    if type_ == "AWS::CodeArtifact::Repository":
        inside = _text(resolver, domain)
        return _ANY if inside is None else _here(resolver, service, prefix, inside, "/", found)
    end: tuple[Text, ...] = ("-", Symbolic((_RANDOM,))) if service == "secretsmanager" else ()
    return _here(resolver, service, prefix, found, *end)


def _of_service(arn: Text, type_: str) -> Text:
    """An ARN; ``*`` for one of another service, which is a mistake, or a name that is given for another thing."""
    parts = arn.parts if isinstance(arn, Symbolic) else (arn,)
    fields = "".join(part if isinstance(part, str) else "\0" for part in parts).split(":")
    is_known = type_ in OWN_ARNS and len(fields) > 5 and "\0" not in fields[2]
    return _ANY if is_known and fields[2] != OWN_ARNS[type_][0] else arn


def _here(resolver: Resolver, service: str, *name: Text) -> Text:
    """An ARN of the account and Region of the template."""
    partition, region, account = (resolver.pseudo_text(f"AWS::{one}") for one in ("Partition", "Region", "AccountId"))
    return concat(["arn:", partition, f":{service}:", region, ":", account, ":", *name])


def _bucket(resolver: Resolver, name: object) -> Text:
    found = _text(resolver, name)
    return _ANY if found is None else concat(["arn:", resolver.pseudo_text("AWS::Partition"), ":s3:::", found])


def _queue(resolver: Resolver, url: Text) -> Text:
    """The ARN of a queue of which the URL is given."""
    parts = url.parts if isinstance(url, Symbolic) else (url,)
    # Symbols are control characters in the meantime, of which a URL has none.
    symbols = [part for part in parts if isinstance(part, Symbol)]
    text = "".join(part if isinstance(part, str) else chr(symbols.index(part)) for part in parts)
    match = re.fullmatch(_QUEUE_URL, text) if len(symbols) < ord(" ") else None
    if match is None:
        return _ANY

    def restored(piece: str) -> Text:
        return concat(Symbolic((symbols[ord(char)],)) if char < " " else char for char in piece)

    region, account, name = (restored(piece) for piece in match.groups())
    return concat(["arn:", resolver.pseudo_text("AWS::Partition"), ":sqs:", region, ":", account, ":", name])


def _text(resolver: Resolver, value: object) -> Text | None:
    try:
        found = resolver.text(value)
    except Unreadable:
        return None
    return None if isinstance(found, NoValue) or not found else found


def _shown(text: Text) -> str:
    """A text, as far as it is known at its beginning."""
    first = text.parts[0] if isinstance(text, Symbolic) else text
    return first if isinstance(first, str) else ""

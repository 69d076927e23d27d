"""
What a request to a resource policy is about: the resource that the policy stands on, in its account and Region.

``"*"`` in the policy of a key means that key, and a Deny on the queue's own ARN is about every request to the queue.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html
"""

from __future__ import annotations

from trustproof.engine.domains import text
from trustproof.model.document import RESOURCE
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.properties.question import Subject
from trustproof.properties.regions import Constraints
from trustproof.sets.patterns import ANY_RUN, exact, join

#: A Region of each partition, for a resource whose Region is not known.
_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
#: How an entry of an API's policy may begin, which API Gateway completes:
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
_API, _OF_THE_API = "AWS::ApiGateway::RestApi", "execute-api:/"
#: What stands between the ARN of a resource and the name of what is in it (objects, methods, indexes, versions), by
#: service; of others a policy is about nothing else.
_INSIDE = {"dynamodb": "/", "es": "/", "execute-api": "/", "kinesis": "/", "lambda": ":", "logs": ":", "s3": "/"}
_BUCKET = tuple(f"arn:{partition}:s3:" for partition in _REGIONS)
#: How many fields the ARN of a resource has.
_FIELDS = 6


def with_own_resource(subject: Subject) -> Subject:
    """
    The subject with a name for what CloudFormation calls the resource, and for its Region: whichever it is, it is one.

    It stays as it is where an entry of Resource may or may not be about the resource, as the name decides.
    """
    if subject.document.kind != RESOURCE:
        return subject
    own = _own(subject)
    named = None if own is None else _with_name(own, subject)
    if own is None or named is None:
        return subject
    if not _is_settled(subject, own, named):
        return subject
    policy = subject.policy
    statements = tuple(
        s._replace(resources=_entries(s.resources, own, named), not_resources=_entries(s.not_resources, own, named))
        for s in policy.statements
    )
    document = subject.document._replace(policy=policy._replace(statements=statements), resource_arn=named)
    return subject._replace(document=document)


def about_the_resource(subject: Subject) -> Constraints:
    """The requests to the resource, or to what is in it, where `with_own_resource` has found out which it is."""
    own = subject.document.resource_arn
    if subject.document.kind != RESOURCE or not isinstance(own, str) or own.count(":") < _FIELDS - 1:
        return ()
    if not _is_settled(subject, own, own):
        return ()
    own = own.removesuffix(":*")
    inside = _INSIDE.get(own.split(":")[2])
    return (("resource", text(exact(own), *([join(own + inside, ANY_RUN)] if inside else ()))),)


def _is_settled(subject: Subject, own: Text, named: str) -> bool:
    """Whether it is known of each entry of Resource whether it is about the resource."""
    entries = (e for s in subject.policy.statements for e in (*(s.resources or ()), *(s.not_resources or ())))
    return all(_entry(entry, own, named) is not None for entry in entries)


def _own(subject: Subject) -> Text | None:
    """The ARN of what the policy stands on; None where it is not known which that is."""
    document = subject.document
    if document.resource_type == _API and document.resource_arn == "*":
        partition = subject.partition
        region = _REGIONS.get(partition)
        return region and f"arn:{partition}:execute-api:{region}:{subject.account}:{document.logical_id}"
    return None if document.resource_arn == "*" else document.resource_arn


def _with_name(own: Text, subject: Subject) -> str | None:
    """An ARN with a name for what is not known of it; None where what is not known may be anything."""
    if isinstance(own, str):
        return own if own.count(":") >= _FIELDS - 1 else None
    partition = subject.partition
    values: dict[str, str] = {}
    for symbol in own.symbols:
        value = _value(symbol, partition, subject.account)
        if value is None:
            return None
        values[symbol.name] = value
    found = own.bind(values)
    return found if isinstance(found, str) and found.count(":") >= _FIELDS - 1 else None


def _value(symbol: Symbol, partition: str, account: str) -> str | None:
    if symbol.name == "AWS::Region":
        return _REGIONS.get(partition)
    if symbol.name == "AWS::Partition":
        return partition or None
    if symbol.name == "AWS::AccountId":
        return account
    if symbol.kind != "attribute" or symbol.doubt:
        return None
    return "".join(char for char in symbol.name.lower() if char.isascii() and char.isalnum()) or None


def _entries(entries: tuple[Text, ...] | None, own: Text, named: str) -> tuple[Text, ...] | None:
    """Entries of Resource with the name."""
    return None if entries is None else tuple(_entry(entry, own, named) or entry for entry in entries)


def _entry(entry: Text, own: Text, named: str) -> Text | None:
    """
    An entry of Resource with the name; None where it is open whether it is about the resource.
    """
    shown, head = str(entry), str(own)
    if entry == "*":
        return entry
    if isinstance(entry, str) and entry.startswith(_OF_THE_API):
        return f"{named}/{entry.removeprefix(_OF_THE_API)}"
    if shown == head or (shown.startswith(head) and shown[len(head)] in "/:" and "<" not in shown[len(head) :]):
        return named + shown[len(head) :]
    if isinstance(entry, Symbolic) or "${" in entry:
        return None
    # Of the policy of a bucket, S3 refuses what is about another one.
    is_literal = isinstance(own, str) and not own.startswith(_BUCKET)
    return entry if is_literal or _is_alike(entry, named) else None


def _is_alike(entry: str, named: str) -> bool:
    """Whether an entry is about a resource whatever its name and its Region are, or about none."""
    fields, ours = entry.split(":", _FIELDS - 1), named.split(":", _FIELDS - 1)
    if len(fields) < _FIELDS:
        return False
    if not set(fields[2]) & set("*?") and fields[2] != ours[2]:
        return True
    if len(fields[4]) == len(ours[4]) and fields[4].isdigit() and fields[4] != ours[4]:
        return True
    name = ours[5].partition("/")[0] + "/*" if "/" in ours[5] else "*"
    return fields[3] in ("*", "") and fields[4] in ("*", ours[4]) and fields[5] in ("*", name)

"""
ARNs with characters that nothing of AWS has in the field where they stand, or with a field that has no form of its own.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re
from functools import cache, partial
from typing import Final

from trustproof.aws.published import service
from trustproof.inputs.grammar.odd_characters import (
    KNOWN_LATER,
    WILDCARDS,
    Span,
    as_a_mistake,
    first_places,
    may_begin,
    other_than,
    span_of,
    with_symbols,
)
from trustproof.model.text import Text

#: By what a field is, the characters that it cannot have.
NUMBER: Final = other_than("0-9")
REGION: Final = other_than("A-Za-z0-9-")
PROVIDER: Final = other_than(r"\w+=,.@:/~-")
#: Of a text that is no ARN where there is to be one.
_NO_ARN: Final = other_than(r"\w.-")
_IN_ARN: Final = other_than(r"\w+=,.@:/-")
#: The names of secrets that other services keep have an exclamation mark: ``rds!db-…``.
#: https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html
_IN_SECRETS: Final = other_than(r"\w+=,.@:/!-")
_IN_PEOPLE: Final = other_than(r"\w+=,.@/-")
#: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
_IN_CLOUDFRONT: Final = other_than(r"\w+=,.@/ -")
#: By what stands in the place of the account in ARNs of IAM; templates of roles have a version behind a colon.
_IN_OF_AWS: Final = {"cloudfront": _IN_CLOUDFRONT, "aws": _IN_ARN}
_BUCKET: Final = other_than(r"\w.-")

#: How many colons an ARN has before what it says of the resource.
_FIELDS: Final = 5
#: Services that have no colon in what their ARNs say of the resource, but for the keys of objects.
_WITHOUT_COLONS: Final = frozenset(("iam", "sts", "sqs", "kms", "s3"))
#: Those, and one in which only ids that a service gives out stand behind one.
_OF_ONE_NAME: Final = _WITHOUT_COLONS | {"sns"}
_OF_PEOPLE: Final = frozenset(("iam", "sts"))
#: Services in whose ARNs names have no other characters than those of IAM. Others have paths with braces
#: (``execute-api``), names of any characters (``cloudwatch``, ``logs``), versions such as ``$LATEST``, keys of objects.
_PLAIN_SERVICES: Final = frozenset(
    "iam sts sns sqs kms organizations ec2 dynamodb kinesis rds cloudformation codebuild codepipeline states "
    "secretsmanager cloudtrail cloudfront ecr ecs eks".split()
)
#: Resources of EC2 whose names are any text that their owner writes.
#: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateKeyPair.html
_ODD_NAMES: Final = ("key-pair/", "placement-group/")
#: Which of the fields of an ARN are the partition, the service, the Region and the account.
_PARTITION: Final = 1
_SERVICE: Final = 2
_REGION: Final = 3
_ACCOUNT: Final = 4
#: How ARNs begin, and partitions.
_ARN: Final = "arn:"
_AWS_PARTITION: Final = "aws"
#: What a partition and a Region look like, those to come too; many services have none.
_PARTITION_FORM: Final = re.compile(r"aws(?:-[a-z]+)*")
_REGION_FORM: Final = re.compile(r"(?:[a-z]+(?:-[a-z]+)+-\d+|(?:aws-)?global)?")
#: What stands in the place of an account where it is none of a customer: what AWS gives to everybody, partners of it,
#: and readers of origins of CloudFront.
_NO_CUSTOMER: Final = re.compile(r"(?:aws(?!-account)(?:-[a-z]+)*|amazon|third-party|partner|cloudfront)?")
_WORDS_OF_AWS: Final = ("aws", "amazon", "third-party", "partner", "cloudfront")
#: Actions of alarms, and what APIs hand requests on to, have a service in the place of an account, and offerings that
#: the service authorization reference lists have none.
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
#: https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html
_WITHOUT_ACCOUNTS: Final = frozenset(("automate", "apigateway", "mediaconnect"))
_DIGITS: Final = re.compile(r"[\d?]*", re.ASCII)
#: Where an ARN is to stand: an account, the id of one that is gone, or a word or host, which is a mistake.
_WORDS: Final = re.compile(r"[A-Za-z0-9]")
#: What IAM has in the place of a kind of resource, before the first slash.
_KINDS: Final = re.compile(
    r"(?:user|role|group|assumed-role|federated-user|saml-provider|oidc-provider|instance-profile|policy|mfa|u2f"
    r"|server-certificate|sms-mfa)/"
)
#: What stands behind this is the URL of an issuer.
_OPENID: Final = "oidc-provider/"
_URL: Final = "https://"
#: How a policy variable begins; with nothing that closes it, it is none.
_VARIABLE: Final = "${"

#: Most ARNs of people.
_ORDINARY: Final = re.compile(r"\d{12}|\*|arn:aws:(?:iam|sts)::\d{12}:[A-Za-z0-9_+=,.@/*?-]*")


def read_arn(text: Text, ends: str = WILDCARDS) -> Text:
    """
    An ARN, or the number of an account, with symbols for what cannot be in one.

    Args:
        ends: the characters that are wildcards.
    """
    if isinstance(text, str) and _ORDINARY.fullmatch(text):
        return text
    return with_symbols(text, _IN_ARN, partial(_spans_of_arn, ends=ends))


def _spans_of_arn(shape: str, ends: str) -> list[Span]:
    size = len(shape)
    if shape.startswith(_URL):
        return []
    if not shape.startswith(_ARN):
        if not (may_begin(shape, _ARN) or _WORDS.match(shape)):
            return span_of(shape, _NO_ARN, 0, size, ends, ends) or as_a_mistake(shape)
        is_open = shape.startswith((KNOWN_LATER, *WILDCARDS))
        return span_of(shape, _IN_ARN if is_open else _NO_ARN, 0, size, ends + (":/" if is_open else ""), ends)
    fields = shape.split(":", _FIELDS)
    spans: list[Span] = []
    begin = len(_ARN)
    is_reached = False
    for number, field in enumerate(fields[1:_FIELDS], 1):
        end = begin + len(field)
        # A wildcard may reach over colons: what stands behind it is in no field of its own.
        is_reached = is_reached or "*" in field
        found = span_of(shape, _impossible_in(fields, number, is_reached=is_reached), begin, end, ends, ends)
        if not found and not _has_form(fields, number):
            # Of a partition that is empty, what stands around it.
            found = [Span(begin, end, is_mistake=True) if field else Span(0, end + 1, is_mistake=True)]
        if found and not _is_counted(fields):
            # Nobody knows which of the colons are its own.
            stop = min([size, *first_places(shape, ends, found[-1].stop)])
            return [*spans, Span(min(begin, found[0].start), stop, found[-1].is_mistake)]
        spans += found
        begin = end + 1
    if len(fields) <= _FIELDS:
        return spans
    found = _spans_of_resource(shape, begin, fields, ends)
    if found and found[0].start == begin and fields[_SERVICE] in _OF_PEOPLE and not (fields[_ACCOUNT] or is_reached):
        # What has colons of its own may be the account that is missing.
        found[0] = found[0]._replace(start=begin - 1)
    return [*spans, *found]


def _impossible_in(fields: list[str], number: int, *, is_reached: bool) -> re.Pattern[str]:
    if is_reached:
        return _IN_ARN
    is_account = number == _ACCOUNT and fields[_SERVICE] in _OF_PEOPLE and len(fields) > _FIELDS
    return NUMBER if is_account and not _NO_CUSTOMER.fullmatch(fields[number]) else REGION


def _has_form(fields: list[str], number: int) -> bool:
    """Whether a field may be what is in its place, by its form; of an ARN that is too short, only the partition is."""
    field = fields[number]
    is_whole = not {*field} & {KNOWN_LATER, *WILDCARDS}
    if number == _PARTITION:
        if not is_whole:
            return may_begin(field, _AWS_PARTITION)
        return _PARTITION_FORM.fullmatch(field) is not None
    if len(fields) <= _FIELDS:
        return True
    if number == _REGION:
        return not is_whole or _REGION_FORM.fullmatch(field) is not None
    if number != _ACCOUNT or KNOWN_LATER in field or not _is_in_place(fields):
        return True
    # A wildcard in the account itself may reach over the colon behind it.
    head, star, _ = field.partition("*")
    if _DIGITS.fullmatch(head) or (is_whole and _NO_CUSTOMER.fullmatch(field)):
        return True
    return not is_whole and any(may_begin(head + star, word) for word in _WORDS_OF_AWS)


def _is_in_place(fields: list[str]) -> bool:
    """Whether what stands in the place of the account is the account, whatever the wildcards before it stand for."""
    _, _, name, region, _, resource = fields
    if {*name} & {KNOWN_LATER, *WILDCARDS} or name in _WITHOUT_ACCOUNTS:
        return False
    if "*" not in region:
        return True
    if name in _OF_ONE_NAME:
        return ":" not in (_bucket(resource) if name == "s3" else resource)
    return resource.startswith(_kinds_of(name))


@cache
def _kinds_of(name: str) -> tuple[str, ...]:
    """How what ARNs of a service say of the resource begins, where all of a kind begin alike: ``log-group:``."""
    found = service(name)
    arns = () if found is None else (arn for several in found.resources.values() for arn in several)
    begins = (arn.split(":", _FIELDS)[-1].partition("*")[0] for arn in arns if arn.count(":") >= _FIELDS)
    return tuple({begin for begin in begins if begin.endswith((":", "/"))})


def _is_counted(fields: list[str]) -> bool:
    """Whether an ARN has as many colons as those of its service have, so that each field is one."""
    *head, last = fields
    if len(head) < _FIELDS or head[_SERVICE] not in _WITHOUT_COLONS:
        return False
    return ":" not in (_bucket(last) if head[_SERVICE] == "s3" else last)


def _spans_of_resource(shape: str, begin: int, fields: list[str], ends: str) -> list[Span]:
    """What cannot be in what an ARN says of the resource, from where that begins."""
    size = len(shape)
    _, _, name, _, account, _ = fields
    if name == "s3" and shape.startswith(":::", begin - 3):
        end = begin + len(_bucket(shape[begin:]))
        found = span_of(shape, _BUCKET, begin, end, ends, ends)
        return found or _unclosed(shape, begin, ends)
    if name and name not in _PLAIN_SERVICES and not {*name} & {KNOWN_LATER, *WILDCARDS}:
        return _unclosed(shape, begin, ends)
    if name == "ec2" and shape.startswith(_ODD_NAMES, begin):
        return _unclosed(shape, begin, ends)
    if name not in _OF_PEOPLE or shape.startswith(_OPENID, begin):
        impossible = _IN_SECRETS if name == "secretsmanager" else PROVIDER if name in _OF_PEOPLE else _IN_ARN
        return span_of(shape, impossible, begin, size, ends + "/", ends)
    # The name of the kind of a resource is none of a placeholder; another word may be one.
    starts = ends + "/" if _KINDS.match(shape, begin) else ends
    impossible = _IN_OF_AWS.get(account, _IN_PEOPLE)
    return span_of(shape, impossible, begin, size, starts, ends)


def _unclosed(shape: str, begin: int, ends: str) -> list[Span]:
    """From a variable on that nothing closes, where else there may be any characters."""
    start = shape.find(_VARIABLE, begin)
    return [] if start == -1 else [Span(start, min([len(shape), *first_places(shape, ends, start)]))]


def _bucket(resource: str) -> str:
    """What stands before the first slash or wildcard: the name of a bucket; what a wildcard covers may be a slash."""
    return re.split("[/*?]", resource, maxsplit=1)[0]

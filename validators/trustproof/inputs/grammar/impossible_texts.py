"""
Texts with characters that nothing of AWS has in the place where they stand: placeholders of other tools whose form
nobody knows, or mistakes.

Whoever takes one for a value that nobody has proves that nobody is let in, or that a Deny spares nobody; what a tool
puts there in the end is somebody. So what decides is what AWS has in a place, and no list of what tools write: a part
that begins with such a character may end behind any other one, up to a wildcard.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from trustproof.aws.condition_keys import lookup
from trustproof.aws.published import service_prefixes
from trustproof.aws.tags import is_of_certificate
from trustproof.inputs.grammar.odd_characters import (
    KNOWN_LATER,
    Span,
    as_a_mistake,
    is_odd,
    is_slip,
    may_begin,
    other_than,
    span_of,
    with_symbols,
)
from trustproof.model.operators import parse_operator
from trustproof.model.text import Text

_WILDCARDS: Final = "*?"

#: By what a value is, the characters that it cannot have.
_NUMBER: Final = other_than("0-9")
_ID: Final = other_than(r"\w/-")
#: Of ids of organizations, and paths from them to units, with and without regard to case.
_ORGANIZATION: Final = other_than("a-z0-9-")
_PATH: Final = other_than("a-z0-9/-")
_ANY_CASE: Final = {_ORGANIZATION: other_than("A-Za-z0-9-"), _PATH: other_than("A-Za-z0-9/-")}
_REGION: Final = other_than("A-Za-z0-9-")
_SERVICE: Final = other_than(r"\w.-")
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_NAME: Final = other_than(r"\w+=,.@-")
_EXTERNAL_ID: Final = other_than(r"\w+=,.@:/-")
#: An id and a name.
_USER_ID: Final = other_than(r"\w+=,.@:-")
_PROVIDER: Final = other_than(r"\w+=,.@:/~-")
#: What RFC 3986 has in one, since an issuer may be any.
_URI: Final = other_than(r"\w.~:/#\[\]@!$&'()+,;=%-")
#: Of numbers, dates, addresses and truth values.
_TYPED: Final = other_than(r"\w:./+-")
#: Of letters, digits, spaces and some signs; those of other alphabets are letters.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules
_TAG: Final = re.compile(r"(?=[\x00-\x7f])[^*?\w .:/=+@-]")
#: Of words that a service has given out.
_WORD: Final = other_than(r"\w.:/-")
_LETTERS: Final = other_than("A-Za-z0-9")
#: Of a text that is no ARN where there is to be one.
_NO_ARN: Final = other_than(r"\w.-")

#: Of what stands before the colon of a condition key and behind it; what follows a slash or a second colon is a tag.
_KEY: Final = re.compile(r"[^\w\s:.*?-]")
_HEAD_OF_KEY: Final = re.compile(r"[^:/]*(?::[^:/]*)?")
#: The global keys have no other signs, and behind a slash those of tags; see below for a tag that is one.
_GLOBAL_KEY: Final = re.compile(
    r"(?is)aws:[^/]*(?:[^/a-z0-9\s]|(?<!:principaltag)(?<!:requesttag)(?<!:resourcetag)/.*[^\w\s.:/=+@-])"
)
#: What cannot be in the key of a tag of IAM; other services may have any characters. A comma is a slip of the pen.
_TAG_KEY: Final = re.compile(r"[^\w\s.:/=+@*?,-]")
#: What a dynamic reference of CloudFormation begins with.
_DYNAMIC: Final = "{{resolve:"

_SIDES: Final = ("principal", "source", "resource", "vpce")
#: Keys with a type of their own, which a policy may compare as texts.
_TYPED_KEYS: Final = (
    "aws:multifactorauthpresent aws:multifactorauthage aws:viaawsservice aws:principalisawsservice aws:securetransport "
    "aws:assumedroot aws:currenttime aws:epochtime aws:tokenissuetime aws:sourceip aws:vpcsourceip "
    "aws:ec2instancesourceprivateipv4"
).split()
#: Keys with values that a service lists: algorithms, kinds, classes.
#: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
_LISTED: Final = (
    "kms:customermasterkeyspec kms:customermasterkeyusage kms:datakeypairspec kms:encryptionalgorithm "
    "kms:expirationmodel kms:grantconstrainttype kms:grantoperations kms:keyagreementalgorithm kms:keyorigin "
    "kms:keyspec kms:keyusage kms:macalgorithm kms:messagetype kms:multiregionkeytype kms:primaryregion "
    "kms:replicaregion kms:signingalgorithm kms:wrappingalgorithm kms:wrappingkeyspec s3:authtype "
    "s3:locationconstraint s3:object-lock-mode s3:object-lock-legal-hold s3:objectownership s3:signatureversion "
    "s3:x-amz-acl s3:x-amz-metadata-directive s3:x-amz-server-side-encryption s3:x-amz-storage-class "
    "sts:signingalgorithm"
).split()
_BY_KEY: Final = {
    **dict.fromkeys((f"aws:{side}account" for side in _SIDES), _NUMBER),
    **dict.fromkeys(("kms:calleraccount", "s3:resourceaccount", "s3:dataaccesspointaccount"), _NUMBER),
    **dict.fromkeys(("aws:sourceowner", "events:creatoraccount", "aws:viacustomerdomain"), _NUMBER),
    **dict.fromkeys((f"aws:{side}orgid" for side in _SIDES), _ORGANIZATION),
    **dict.fromkeys((f"aws:{side}orgpaths" for side in _SIDES), _PATH),
    **dict.fromkeys(_TYPED_KEYS, _TYPED),
    **dict.fromkeys(_LISTED, _WORD),
    **dict.fromkeys(("aws:principaltype", "aws:requestedregion"), _REGION),
    **dict.fromkeys(("aws:sourcevpc", "aws:sourcevpce", "aws:ec2instancesourcevpc"), _ID),
    **dict.fromkeys(("aws:principalservicename", "aws:principalservicenameslist"), _SERVICE),
    **dict.fromkeys(("aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "kms:viaservice"), _SERVICE),
    **dict.fromkeys(("iam:passedtoservice", "iam:awsservicename", "sts:awsservicename"), _SERVICE),
    **dict.fromkeys(("aws:username", "aws:sourceidentity", "sts:rolesessionname", "sts:sourceidentity"), _NAME),
    "aws:userid": _USER_ID,
    "sts:externalid": _EXTERNAL_ID,
    "saml:doc": other_than(r"\w+=,.@/-"),
    **dict.fromkeys(("aws:federatedprovider", "saml:aud"), _PROVIDER),
    "saml:iss": _URI,
}
#: Keys that are ARNs whatever they are compared with, and are in no catalogue.
_ARNS: Final = "iam:policyarn iam:permissionsboundary lambda:functionarn s3:dataaccesspointarn".split()
_BY_PRINCIPAL: Final = {"Service": _SERVICE, "Federated": _PROVIDER, "CanonicalUser": _ID}
#: Tags of IAM and STS only, and those of any service.
_TAGS_OF_PEOPLE: Final = ("aws:principaltag/", "iam:resourcetag/")
_TAGS_OF_SERVICES: Final = ("aws:requesttag/", "aws:resourcetag/")
#: What requests without credentials have as an account.
_NO_NUMBERS: Final = ("anonymous",)

#: How many colons an ARN has before what it says of the resource.
_FIELDS: Final = 5
#: Services that have no colon in what their ARNs say of the resource, but for the keys of objects.
_WITHOUT_COLONS: Final = frozenset(("iam", "sts", "sqs", "kms", "s3"))
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
#: Which of the fields of an ARN are the partition and the account.
_PARTITION: Final = 1
_ACCOUNT: Final = 4
#: How ARNs begin, partitions, and ids of organizations.
_ARN: Final = "arn:"
_AWS_PARTITION: Final = "aws"
_ORGANIZATION_ID: Final = "o-"
#: Where an ARN is to stand: an account, the id of one that is gone, or a word or host, which is a mistake.
_WORDS: Final = re.compile(r"[A-Za-z0-9]")
#: What stands in the place of an account in ARNs of IAM.
_AWS: Final = re.compile(r"aws(?:-[a-z]+)*|cloudfront|")
_IN_ARN: Final = other_than(r"\w+=,.@:/-")
_IN_PEOPLE: Final = other_than(r"\w+=,.@/-")
#: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
_IN_CLOUDFRONT: Final = other_than(r"\w+=,.@/ -")
_BUCKET: Final = other_than(r"\w.-")
#: What IAM has in the place of a kind of resource, before the first slash.
_KINDS: Final = re.compile(
    r"(?:user|role|group|assumed-role|federated-user|saml-provider|oidc-provider|instance-profile|policy|mfa|u2f"
    r"|server-certificate|sms-mfa)/"
)
#: What stands behind this is the URL of an issuer.
_OPENID: Final = "oidc-provider/"
#: What is no ARN in a Resource: words of a service, as ``execute-api:/stage``.
_URL: Final = "https://"
_OF_SERVICE: Final = re.compile(r"([a-z][a-z\d-]*):")

#: Most actions, and most ARNs of people.
_ACTION: Final = re.compile(r"[a-z][a-z0-9-]*:[A-Za-z0-9*?]*|\*")
_ORDINARY_ARN: Final = re.compile(r"\d{12}|\*|arn:aws:(?:iam|sts)::\d{12}:[A-Za-z0-9_+=,.@/*?-]*")

_GITHUB: Final = "token.actions.githubusercontent.com"
#: How the subjects of issuers begin of which the proofs rest on the form: what none of the fields has that are looked
#: at, and how many these are; see `aws.oidc_subjects`. What follows, as the name of a branch, may have any characters.
_SUBJECTS: Final = {
    _GITHUB: (other_than(r"\w.@/:-"), 3),
    "oidc.eks": (other_than("A-Za-z0-9.:-"), 5),
    "app.terraform.io": (other_than(r"\w .:-"), 2),
    "app.eu.terraform.io": (other_than(r"\w .:-"), 2),
}
_REPOSITORY: Final = "repo:"
_EKS: Final = "oidc.eks."
#: ``system:serviceaccount:NAMESPACE:NAME`` has no more colons.
_COLONS_OF_EKS: Final = 3


def read_operand(operator: str, key: str, text: Text, *, is_of_sts: bool = False) -> Text:
    """
    A value that a condition compares, with symbols for what cannot be in one of its key.

    Args:
        is_of_sts: whether every request that is asked about is one to AWS STS.
    """
    parsed = parse_operator(operator)
    base = "" if parsed is None else parsed.base
    name = key.lower()
    if base and not base.startswith(("String", "Arn", "Binary")):
        # What is none of the type is a value that nothing matches.
        return _read(text, _TYPED)
    ends = _WILDCARDS if base in ("StringLike", "StringNotLike") or base.startswith("Arn") else ""
    if base.startswith("Arn") or name in _ARNS or lookup(name).type == "arn":
        return read_arn(text, ends)
    impossible = _BY_KEY.get(name)
    if impossible in _ANY_CASE:
        impossible = _ANY_CASE[impossible] if "IgnoreCase" in base else impossible
        return with_symbols(text, impossible, partial(_spans_of_organization, impossible=impossible, ends=ends))
    if impossible is None and _is_tag_of_people(name, is_of_sts=is_of_sts):
        impossible = None if is_of_certificate(name.partition("/")[2]) else _TAG
    if impossible is None and (issuer := _issuer_of_subject(name)):
        return with_symbols(text, _SUBJECTS[issuer][0], partial(_spans_of_subject, issuer=issuer, ends=ends))
    if impossible is None or text in _NO_NUMBERS:
        return text
    if name == "aws:userid":
        return with_symbols(text, impossible, partial(_spans_of_user_id, ends=ends))
    return _read(text, impossible, ends)


def read_principal(kind: str, text: Text) -> Text:
    """The name of a principal, with symbols for what cannot be in one of its kind."""
    if kind == "AWS" or (isinstance(text, str) and text.startswith("arn:")):
        return read_arn(text, "")
    return _read(text, _BY_PRINCIPAL.get(kind, _PROVIDER), "")


def read_action(text: Text) -> Text:
    """An action, with symbols for what cannot be in one: letters and digits behind the one colon."""
    if isinstance(text, str) and _ACTION.fullmatch(text):
        return text
    return with_symbols(text, _LETTERS, _spans_of_action)


def read_resource(text: Text) -> Text:
    """What a statement is about, with symbols for what cannot be in an ARN; what is no ARN has words of its service."""
    first = text if isinstance(text, str) else text.parts[0]
    if isinstance(first, str) and (words := _OF_SERVICE.match(first)) and words[1] != "arn" and _is_service(words[1]):
        return text
    return read_arn(text)


def read_arn(text: Text, ends: str = _WILDCARDS) -> Text:
    """
    An ARN, or the number of an account, with symbols for what cannot be in one.

    Args:
        ends: the characters that are wildcards.
    """
    if isinstance(text, str) and _ORDINARY_ARN.fullmatch(text):
        return text
    return with_symbols(text, _IN_ARN, partial(_spans_of_arn, ends=ends))


def is_impossible_key(key: str, *, is_of_sts: bool = False) -> bool:
    """
    Whether there are characters in a condition key that none of any service has, but behind a slash in a tag that is
    none of IAM; or a dynamic reference anywhere, since no page says whether CloudFormation fills in one that is no
    value.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html

    Args:
        is_of_sts: whether every request that is asked about is one to AWS STS.
    """
    if _DYNAMIC in key or _GLOBAL_KEY.match(key):
        return True
    if _is_tag_of_people(key.lower(), is_of_sts=is_of_sts) and _TAG_KEY.search(key.partition("/")[2]):
        return True
    head = _HEAD_OF_KEY.match(key)
    return head is not None and _KEY.search(head[0]) is not None


def _is_tag_of_people(key: str, *, is_of_sts: bool) -> bool:
    """Whether a condition key, lower-cased, is a tag of IAM or STS, and of no other service."""
    return key.startswith(_TAGS_OF_PEOPLE) or (is_of_sts and key.startswith(_TAGS_OF_SERVICES))


def _read(text: Text, impossible: re.Pattern[str], ends: str = _WILDCARDS) -> Text:
    """A value that is one: what stands beside a colon or a slash in it is none of its own."""
    if isinstance(text, str) and impossible.search(text) is None:
        return text
    return with_symbols(text, impossible, lambda shape: span_of(shape, impossible, 0, len(shape), ends, ends))


def _spans_of_organization(shape: str, impossible: re.Pattern[str], ends: str) -> list[Span]:
    found = span_of(shape, impossible, 0, len(shape), ends, ends)
    return found if found or may_begin(shape, _ORGANIZATION_ID) else as_a_mistake(shape)


def _issuer_of_subject(key: str) -> str:
    """Of whose tokens a key, lower-cased, is the subject, where that has a form; else nothing."""
    host, _, claim = key.rpartition(":")
    if claim != "sub":
        return ""
    issuer = _EKS[:-1] if host.startswith(_EKS) else host.partition("/")[0]
    return issuer if issuer in _SUBJECTS else ""


def _spans_of_subject(shape: str, issuer: str, ends: str) -> list[Span]:
    impossible, fields = _SUBJECTS[issuer]
    size = len(shape)
    if issuer == _GITHUB and not shape.startswith(_REPOSITORY):
        fields = 1
    looked_at = ":".join(shape.split(":", fields)[:fields])
    end = min([len(looked_at), *_places(shape, ends)])
    is_long = issuer == _EKS[:-1] and shape.count(":") > _COLONS_OF_EKS and end == size
    if not is_long and not is_odd(shape, impossible, 0, end):
        return []
    stop = min([size, *_places(shape, ends, end)])
    return [Span(0, stop, not is_long and is_slip(shape, impossible, 0, end))]


def _places(shape: str, characters: str, begin: int = 0) -> list[int]:
    """Where each of some characters is first, from a place on."""
    return [place for char in characters if (place := shape.find(char, begin)) != -1]


def _spans_of_user_id(shape: str, ends: str) -> list[Span]:
    """What cannot be in an id, or in the name of a session that stands behind a colon."""
    head = re.split("[:*?]", shape, maxsplit=1)[0]
    if is_odd(head, _LETTERS, 0, len(head)):
        stop = min([len(shape), *_places(shape, ends, len(head))])
        return [Span(0, stop, is_slip(head, _LETTERS, 0, len(head)))]
    found = span_of(shape, _USER_ID, 0, len(shape), ends, ends)
    # The name has no colon, and something stands before it.
    return found if found or (shape.count(":") < 2 and not shape.startswith(":")) else as_a_mistake(shape)


def _spans_of_action(shape: str) -> list[Span]:
    head, colon, _ = shape.partition(":")
    begin = len(head) + 1
    if not colon or not (KNOWN_LATER in head or {*head} & {*_WILDCARDS} or _is_service(head.lower())):
        # A name alone is refused elsewhere.
        return span_of(shape, _REGION, 0, len(shape), "", _WILDCARDS)
    if shape.startswith("/", begin):
        return [Span(0, len(shape))]
    return span_of(shape, _LETTERS, begin, len(shape), _WILDCARDS, _WILDCARDS)


def _is_service(prefix: str) -> bool:
    return prefix in service_prefixes()


def _spans_of_arn(shape: str, ends: str) -> list[Span]:
    size = len(shape)
    if shape.startswith(_URL):
        return []
    if not shape.startswith(_ARN):
        if not (may_begin(shape, _ARN) or _WORDS.match(shape)):
            return span_of(shape, _NO_ARN, 0, size, ends, ends) or as_a_mistake(shape)
        is_open = shape.startswith((KNOWN_LATER, *_WILDCARDS))
        return span_of(shape, _IN_ARN if is_open else _NO_ARN, 0, size, ends + (":/" if is_open else ""), ends)
    fields = shape.split(":", _FIELDS)
    service = fields[2] if len(fields) > 2 else ""
    spans: list[Span] = []
    begin = len(_ARN)
    is_reached = False
    for number, field in enumerate(fields[1:_FIELDS], 1):
        end = begin + len(field)
        # A wildcard may reach over colons: what stands behind it is in no field of its own.
        is_reached = is_reached or "*" in field
        impossible = _IN_ARN if is_reached else _REGION
        if number == _ACCOUNT and not is_reached and service in _OF_PEOPLE and len(fields) > _FIELDS:
            impossible = _REGION if _AWS.fullmatch(field) else _NUMBER
        found = span_of(shape, impossible, begin, end, ends, ends)
        if not found and number == _PARTITION and not (field and may_begin(field, _AWS_PARTITION)):
            # Of one that is empty, what stands around it.
            found = [Span(begin, end, is_mistake=True) if field else Span(0, end + 1, is_mistake=True)]
        if found and not _is_counted(fields):
            # Nobody knows which of the colons are its own.
            stop = min([size, *_places(shape, ends, found[-1].stop)])
            return [*spans, Span(min(begin, found[0].start), stop, found[-1].is_mistake)]
        spans += found
        begin = end + 1
    if len(fields) <= _FIELDS:
        return spans
    found = _spans_of_resource(shape, begin, fields, ends)
    if found and found[0].start == begin and service in _OF_PEOPLE and not (fields[_ACCOUNT] or is_reached):
        # What has colons of its own may be the account that is missing.
        found[0] = found[0]._replace(start=begin - 1)
    return [*spans, *found]


def _is_counted(fields: list[str]) -> bool:
    """Whether an ARN has as many colons as those of its service have, so that each field is one."""
    *head, last = fields
    if len(head) < _FIELDS or head[2] not in _WITHOUT_COLONS:
        return False
    return ":" not in (_bucket(last) if head[2] == "s3" else last)


def _spans_of_resource(shape: str, begin: int, fields: list[str], ends: str) -> list[Span]:
    """What cannot be in what an ARN says of the resource, from where that begins."""
    size = len(shape)
    _, _, service, _, account, _ = fields
    if service == "s3" and shape.startswith(":::", begin - 3):
        end = begin + len(_bucket(shape[begin:]))
        return span_of(shape, _BUCKET, begin, end, ends, ends)
    if service and service not in _PLAIN_SERVICES and not {*service} & {KNOWN_LATER, *_WILDCARDS}:
        return []
    if service == "ec2" and shape.startswith(_ODD_NAMES, begin):
        return []
    if service not in _OF_PEOPLE or shape.startswith(_OPENID, begin):
        impossible = _PROVIDER if service in _OF_PEOPLE else _IN_ARN
        return span_of(shape, impossible, begin, size, ends + "/", ends)
    # The name of the kind of a resource is none of a placeholder; another word may be one.
    starts = ends + "/" if _KINDS.match(shape, begin) else ends
    impossible = _IN_CLOUDFRONT if account == "cloudfront" else _IN_PEOPLE
    return span_of(shape, impossible, begin, size, starts, ends)


def _bucket(resource: str) -> str:
    """What stands before the first slash or wildcard: the name of a bucket; what a wildcard covers may be a slash."""
    return re.split("[/*?]", resource, maxsplit=1)[0]

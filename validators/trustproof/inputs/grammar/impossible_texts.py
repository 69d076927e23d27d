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
from trustproof.inputs.grammar.impossible_arns import NUMBER, PROVIDER, REGION, read_arn
from trustproof.inputs.grammar.impossible_keys import is_tag_of_people
from trustproof.inputs.grammar.odd_characters import (
    KNOWN_LATER,
    WILDCARDS,
    Span,
    as_a_mistake,
    first_places,
    is_choice,
    is_odd,
    is_slip,
    may_begin,
    other_than,
    span_of,
    with_symbols,
)
from trustproof.model.operators import parse_operator
from trustproof.model.text import Text

#: By what a value is, the characters that it cannot have.
_ID: Final = other_than(r"\w/-")
#: Of ids of organizations, and paths from them to units, with and without regard to case.
_ORGANIZATION: Final = other_than("a-z0-9-")
_PATH: Final = other_than("a-z0-9/-")
_ANY_CASE: Final = {_ORGANIZATION: other_than("A-Za-z0-9-"), _PATH: other_than("A-Za-z0-9/-")}
_SERVICE: Final = other_than(r"\w.-")
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_NAME: Final = other_than(r"\w+=,.@-")
_EXTERNAL_ID: Final = other_than(r"\w+=,.@:/-")
#: An id and a name.
_USER_ID: Final = other_than(r"\w+=,.@:-")
#: What RFC 3986 has in one, since an issuer may be any.
_URI: Final = other_than(r"\w.~:/#\[\]@!$&'()+,;=%-")
#: Of numbers, dates, addresses and truth values.
_TYPED: Final = other_than(r"\w:./+-")
#: Of letters, digits, spaces and some signs; those of other alphabets are letters.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules
_TAG: Final = re.compile(rf"[^*?{KNOWN_LATER}\w\s.:/=+@-]|[\x00-\x1f\x7f-\x9f]")
#: Of actions, but for the one colon.
_IN_ACTION: Final = other_than("A-Za-z0-9:-")
#: What the name of an action does not begin with.
_NO_NAME: Final = ("/", " ", "\t", "\n")
#: Of words that a service has given out.
_WORD: Final = other_than(r"\w.:/-")
_LETTERS: Final = other_than("A-Za-z0-9")
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
    **dict.fromkeys((f"aws:{side}account" for side in _SIDES), NUMBER),
    **dict.fromkeys(("kms:calleraccount", "s3:resourceaccount", "s3:dataaccesspointaccount"), NUMBER),
    **dict.fromkeys(("aws:sourceowner", "events:creatoraccount", "aws:viacustomerdomain"), NUMBER),
    **dict.fromkeys((f"aws:{side}orgid" for side in _SIDES), _ORGANIZATION),
    **dict.fromkeys((f"aws:{side}orgpaths" for side in _SIDES), _PATH),
    **dict.fromkeys(_TYPED_KEYS, _TYPED),
    **dict.fromkeys(_LISTED, _WORD),
    **dict.fromkeys(("aws:principaltype", "aws:requestedregion"), REGION),
    **dict.fromkeys(("aws:sourcevpc", "aws:sourcevpce", "aws:ec2instancesourcevpc"), _ID),
    **dict.fromkeys(("aws:principalservicename", "aws:principalservicenameslist"), _SERVICE),
    **dict.fromkeys(("aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "kms:viaservice"), _SERVICE),
    **dict.fromkeys(("iam:passedtoservice", "iam:awsservicename", "sts:awsservicename"), _SERVICE),
    **dict.fromkeys(("aws:username", "aws:sourceidentity", "sts:rolesessionname", "sts:sourceidentity"), _NAME),
    "aws:userid": _USER_ID,
    "sts:externalid": _EXTERNAL_ID,
    "saml:doc": other_than(r"\w+=,.@/-"),
    **dict.fromkeys(("aws:federatedprovider", "saml:aud"), PROVIDER),
    "saml:iss": _URI,
}
#: Keys that are ARNs whatever they are compared with, and are in no catalogue.
_ARNS: Final = "iam:policyarn iam:permissionsboundary lambda:functionarn s3:dataaccesspointarn".split()
_BY_PRINCIPAL: Final = {"Service": _SERVICE, "Federated": PROVIDER, "CanonicalUser": _ID}
#: What requests without credentials have as an account.
_NO_NUMBERS: Final = ("anonymous",)

#: How ids of organizations begin.
_ORGANIZATION_ID: Final = "o-"
#: What is no ARN in a Resource: words of a service, as ``execute-api:/stage``.
_OF_SERVICE: Final = re.compile(r"([a-z][a-z\d-]*):")

#: Most actions.
_ACTION: Final = re.compile(r"[a-z][a-z0-9-]*:[A-Za-z0-9*?]*|\*")

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
    ends = WILDCARDS if base in ("StringLike", "StringNotLike") or base.startswith("Arn") else ""
    if base.startswith("Arn") or name in _ARNS or lookup(name).type == "arn":
        return read_arn(text, ends)
    impossible = _BY_KEY.get(name)
    if impossible in _ANY_CASE:
        impossible = _ANY_CASE[impossible] if "IgnoreCase" in base else impossible
        return with_symbols(text, impossible, partial(_spans_of_organization, impossible=impossible, ends=ends))
    if impossible is None and is_tag_of_people(name, is_of_sts=is_of_sts):
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
    return _read(text, _BY_PRINCIPAL.get(kind, PROVIDER), "")


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


def _read(text: Text, impossible: re.Pattern[str], ends: str = WILDCARDS) -> Text:
    """A value that is one: what stands beside a colon or a slash in it is none of its own."""
    if isinstance(text, str) and impossible.search(text) is None and not is_choice(text):
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
    end = min([len(looked_at), *first_places(shape, ends)])
    is_long = issuer == _EKS[:-1] and shape.count(":") > _COLONS_OF_EKS and end == size
    if not is_long and not is_odd(shape, impossible, 0, end):
        return []
    stop = min([size, *first_places(shape, ends, end)])
    return [Span(0, stop, not is_long and is_slip(shape, impossible, 0, end))]


def _spans_of_user_id(shape: str, ends: str) -> list[Span]:
    """What cannot be in an id, or in the name of a session that stands behind a colon."""
    head = re.split("[:*?]", shape, maxsplit=1)[0]
    if is_odd(head, _LETTERS, 0, len(head)):
        # What is behind a wildcard may belong to it.
        behind = [one.stop for one in span_of(shape, _USER_ID, 0, len(shape), ends, ends)]
        stop = max([min([len(shape), *first_places(shape, ends, len(head))]), *behind])
        return [Span(0, stop, is_slip(head, _LETTERS, 0, len(head)))]
    found = span_of(shape, _USER_ID, 0, len(shape), ends, ends)
    # The name has no colon, and something stands before it.
    return found if found or (shape.count(":") < 2 and not shape.startswith(":")) else as_a_mistake(shape)


def _spans_of_action(shape: str) -> list[Span]:
    head, colon, _ = shape.partition(":")
    begin = len(head) + 1
    if not colon or not (KNOWN_LATER in head or {*head} & {*WILDCARDS} or _is_service(head.lower())):
        # A name alone is refused elsewhere.
        return span_of(shape, REGION, 0, len(shape), "", WILDCARDS)
    if is_odd(head, REGION, 0, len(head)) or shape[begin : begin + 1] in _NO_NAME:
        # What stands before the colon is none of a service then.
        return [Span(0, len(shape), is_slip(shape, _IN_ACTION, 0, len(shape)))]
    return span_of(shape, _LETTERS, begin, len(shape), WILDCARDS, WILDCARDS)


def _is_service(prefix: str) -> bool:
    return prefix in service_prefixes()

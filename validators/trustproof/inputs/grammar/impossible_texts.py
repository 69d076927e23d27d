"""
Texts with characters that nothing of AWS has in the place where they stand: placeholders of other tools whose form
nobody knows, or mistakes.

Whoever takes one for a value that nobody has proves that nobody is let in, or that a Deny spares nobody; what a tool
puts there in the end is somebody.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names
"""

from __future__ import annotations

import re
from typing import Final

from trustproof.model.operators import parse_operator
from trustproof.model.text import PLACEHOLDER, Symbol, Text, concat
from trustproof.model.wildcards import WILDCARDS

#: A policy variable, which stands for itself.
_VARIABLE: Final = re.compile(r"(\$\{[^{}]*\})")
#: Where what stands around a character that cannot be ends: a field of an ARN, a part of a path, a wildcard.
_ENDS: Final = frozenset(":/*?")
#: What a placeholder begins with, and what it ends with then.
_CLOSED_BY: Final = {**dict(zip("([{<«", ")]}>»", strict=True)), **{mark: mark for mark in "%#~|!`^&@\"'"}}
_BRACKETS: Final = frozenset("([{<")
#: A function of CloudFormation's that stands in quotes in YAML, and so is a text.
_QUOTED: Final = re.compile(r"!(?:Ref|Sub|GetAtt|If|Join|Select|Split|FindInMap|ImportValue|Base64|Transform)\s")
#: What begins a placeholder that nothing closes, or that is closed elsewhere.
_OPENS: Final = frozenset("$%([{<\\")


def _other_than(characters: str) -> re.Pattern[str]:
    """A character that is none of these, and no wildcard."""
    return re.compile(f"[^*?{characters}]")


#: By what a value is, the characters that it cannot have. Letters of other alphabets are nobody's placeholders.
_NUMBER: Final = _other_than("0-9")
_ID: Final = _other_than(r"\w/-")
_SERVICE: Final = _other_than(r"\w.-")
_ACTION: Final = _other_than(r"\w:.-")
#: Of the name of a bucket, and of the ARN before it.
_BUCKET: Final = _other_than(r"\w:.-")
#: Of names, sessions and external ids, and of ARNs of IAM.
_NAME: Final = _other_than(r"\w+=,.@:/-")
_URL: Final = _other_than(r"\w+=,.@:/~-")
#: Of numbers, dates, addresses and truth values.
_TYPED: Final = _other_than(r"\w:./+-")

#: Of what stands before the colon of a condition key and behind it; what follows a slash or a second colon is a tag.
_KEY: Final = _other_than(r"\w\s:.-")
_HEAD_OF_KEY: Final = re.compile(r"[^:/]*(?::[^:/]*)?")
#: What a dynamic reference of CloudFormation begins with.
_DYNAMIC: Final = "{{resolve:"

_SIDES: Final = ("principal", "source", "resource", "vpce")
#: Keys with a type of their own, which a policy may compare as texts.
_TYPED_KEYS: Final = (
    "aws:multifactorauthpresent aws:multifactorauthage aws:viaawsservice aws:principalisawsservice aws:securetransport "
    "aws:assumedroot aws:currenttime aws:epochtime aws:tokenissuetime aws:sourceip aws:vpcsourceip "
    "aws:ec2instancesourceprivateipv4"
).split()
_BY_KEY: Final = {
    **dict.fromkeys((f"aws:{side}account" for side in _SIDES), _NUMBER),
    **dict.fromkeys(("kms:calleraccount", "s3:resourceaccount", "s3:dataaccesspointaccount"), _NUMBER),
    **dict.fromkeys(("aws:sourceowner", "events:creatoraccount"), _NUMBER),
    **dict.fromkeys((f"aws:{side}org{what}" for side in _SIDES for what in ("id", "paths")), _ID),
    **dict.fromkeys(_TYPED_KEYS, _TYPED),
    **dict.fromkeys(("aws:principaltype", "aws:requestedregion"), _ID),
    **dict.fromkeys(("aws:sourcevpc", "aws:sourcevpce", "aws:ec2instancesourcevpc"), _ID),
    **dict.fromkeys(("aws:principalservicename", "aws:principalservicenameslist"), _SERVICE),
    **dict.fromkeys(("aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "kms:viaservice"), _SERVICE),
    **dict.fromkeys(("aws:username", "aws:userid", "aws:sourceidentity", "aws:federatedprovider"), _NAME),
    **dict.fromkeys(("sts:rolesessionname", "sts:sourceidentity", "sts:externalid", "iam:passedtoservice"), _NAME),
    **dict.fromkeys(("saml:aud", "saml:iss"), _URL),
}
#: Keys that are ARNs whatever they are compared with.
_ARNS: Final = (
    "aws:principalarn aws:sourcearn aws:sourcevpcarn iam:policyarn iam:permissionsboundary lambda:functionarn "
    "lambda:sourcefunctionarn ec2:sourceinstancearn s3:dataaccesspointarn"
).split()
_BY_PRINCIPAL: Final = {"Service": _SERVICE, "Federated": _URL, "CanonicalUser": _ID}
#: Keys whose values have parts: ``o-…/r-…/ou-…``, and addresses.
_WITH_PARTS: Final = frozenset((*(f"aws:{side}orgpaths" for side in _SIDES), "saml:aud", "saml:iss"))
#: What requests without credentials have as an account.
_NO_NUMBERS: Final = ("anonymous",)
#: Services in whose ARNs names have no other characters than those of IAM. Others have paths with braces
#: (``execute-api``), names of any characters (``cloudwatch``, ``logs``), versions such as ``$LATEST``, keys of objects.
_PLAIN_SERVICES: Final = frozenset(
    "iam sts sns sqs kms organizations ec2 dynamodb kinesis rds cloudformation codebuild codepipeline states "
    "secretsmanager cloudtrail cloudfront ecr ecs eks".split()
)
#: How many fields of an ARN stand before what it says of the resource.
_FIELDS: Final = 5
#: The service of an ARN, and whether it is one of a bucket or its objects.
_ARN: Final = re.compile(r"arn:[^:]*:([a-z\d-]+)(?=:)(:::)?")
#: What may stand behind the name of a bucket; what a wildcard covers may be a slash.
_BEHIND_A_BUCKET: Final = re.compile(r"[/*?].*", re.DOTALL)
#: Of more parts in one text that cannot be, all from the first to the last are one.
_MANY: Final = 16
#: How many characters are shown of one.
_SHOWN: Final = 60


def read_operand(operator: str, key: str, text: Text) -> Text:
    """A value that a condition compares, with symbols for what cannot be in one of its key."""
    parsed = parse_operator(operator)
    base = "" if parsed is None else parsed.base
    name = key.lower()
    if base and not base.startswith(("String", "Arn", "Binary")):
        # What is none of the type is a value that nothing matches.
        return _read(text, _TYPED)
    if base.startswith("Arn") or name in _ARNS:
        return read_arn(text)
    impossible = _BY_KEY.get(name)
    if impossible is None or text in _NO_NUMBERS:
        return text
    # A name or a number is one: what stands beside a colon in it is no name of its own.
    return _read(text, impossible, ends=_ENDS if name in _WITH_PARTS else WILDCARDS)


def read_principal(kind: str, text: Text) -> Text:
    """The name of a principal, with symbols for what cannot be in one of its kind."""
    return read_arn(text) if kind == "AWS" else _read(text, _BY_PRINCIPAL.get(kind, _NAME))


def read_action(text: Text) -> Text:
    """An action, with symbols for what cannot be in one."""
    return _read(text, _ACTION)


def read_resource(text: Text) -> Text:
    """What a statement is about, with symbols for what cannot be in an ARN; what is no ARN has words of its service."""
    first = text if isinstance(text, str) else text.parts[0]
    return read_arn(text) if not isinstance(first, str) or first.startswith("arn:") or ":" not in first else text


def read_arn(text: Text) -> Text:
    """An ARN, or the number of an account, with symbols for what cannot be in one."""
    shape = text if isinstance(text, str) else "".join(part if isinstance(part, str) else "-" for part in text.parts)
    found = _ARN.match(shape)
    if found is None or found[1] in _PLAIN_SERVICES:
        return _read(text, _NAME)
    if found[1] == "s3" and found[2] is not None:
        return _read(text, _BUCKET, fields=_FIELDS, with_bucket=True)
    return _read(text, _NAME, fields=_FIELDS)


def is_impossible_key(key: str) -> bool:
    """
    Whether there are characters in a condition key that none of any service has, but behind a slash in a tag; or a
    dynamic reference anywhere, since no page says whether CloudFormation fills in one that is no value.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
    """
    if _DYNAMIC in key:
        return True
    head = _HEAD_OF_KEY.match(key)
    return head is not None and _KEY.search(head[0]) is not None and bool(_spans(head[0], _KEY))


def _read(
    text: Text,
    impossible: re.Pattern[str],
    fields: int | None = None,
    with_bucket: bool = False,
    ends: frozenset[str] = _ENDS,
) -> Text:
    """
    Args:
        impossible: a character that cannot be in it.
        fields: how many fields of an ARN are looked at; None for all of it.
        with_bucket: whether the name of a bucket is looked at, which stands behind these.
        ends: where what stands around such a character ends.
    """
    if isinstance(text, str) and impossible.search(text) is None:
        return text
    if _QUOTED.match(text if isinstance(text, str) else str(text.parts[0])):
        return concat([_placeholder(str(text))])
    parts: list[object] = []
    before = 0
    is_looked_at = True
    for part in (text,) if isinstance(text, str) else text.parts:
        if isinstance(part, str):
            pieces = _VARIABLE.split(part) if "${" in part else [part]
            for index, piece in enumerate(pieces):
                if index % 2 or not is_looked_at:
                    parts.append(piece)
                    continue
                looked_at = piece if fields is None else _up_to_field(piece, fields - before, with_bucket)
                parts += [*_with_symbols(looked_at, impossible, ends), piece[len(looked_at) :]]
                is_looked_at = len(looked_at) == len(piece)
                before += piece.count(":")
        else:
            parts.append(part)
    return concat(parts)


def _up_to_field(text: str, fields: int, with_bucket: bool) -> str:
    """What stands before so many colons of a text, and the name of a bucket behind them."""
    heads = text.split(":", max(fields, 0))
    if len(heads) > fields:
        heads[-1] = _BEHIND_A_BUCKET.sub("", heads[-1]) if with_bucket else ""
    return ":".join(heads)


def _with_symbols(text: str, impossible: re.Pattern[str], ends: frozenset[str]) -> list[str | Symbol]:
    found: list[str | Symbol] = []
    end = 0
    for start, stop in _spans(text, impossible, ends):
        what = text[start:stop]
        found += [text[end:start], _placeholder(what)]
        end = stop
    return [*found, text[end:]]


def _spans(text: str, impossible: re.Pattern[str], ends: frozenset[str] = _ENDS) -> list[tuple[int, int]]:
    """
    Where parts of a text begin and end that cannot be: from a character to the one that closes it, with what stands
    around them in a field. Each character is looked for up to the last one of its kind, once.
    """
    found: list[tuple[int, int]] = []
    last: dict[str, int] = {}
    end = 0
    at = 0
    while (one := impossible.search(text, at)) is not None:
        start = one.start()
        at = stop = one.end()
        opening = one.group()
        if opening not in _CLOSED_BY and text[stop : stop + 1] in _BRACKETS:
            # ``$(a:b)``: what closes it is what closes the bracket.
            opening = text[stop]
            at = stop = stop + 1
        begun = stop
        if (closing := _CLOSED_BY.get(opening)) is not None:
            if closing not in last:
                last[closing] = text.rfind(closing)
            if last[closing] >= stop:
                at = stop = text.index(closing, stop) + 1
        if stop == begun and one.group() not in _OPENS:
            # Nothing is enclosed: a slip of the pen, which is no value.
            continue
        while start > end and text[start - 1] not in ends:
            start -= 1
        while stop < len(text) and text[stop] not in ends:
            stop += 1
        if found and start == end:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((start, stop))
        at = end = stop
    return found if len(found) <= _MANY else [(found[0][0], found[-1][1])]


def _placeholder(what: str) -> Symbol:
    return Symbol(what, "intrinsic", doubt=_reason(what), holds=PLACEHOLDER)


def _reason(what: str) -> str:
    shown = what if len(what) <= _SHOWN else f"{what[:_SHOWN]}…"
    return (
        f"{shown} stands where nothing of AWS has such characters: where another tool puts something in its place, "
        "check what it makes; else correct it"
    )

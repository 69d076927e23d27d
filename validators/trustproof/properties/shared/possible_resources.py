"""
The ARNs that a request to a resource policy may be about, where it is not known which resource that is.

Each is of a shape that AWS documents for the type, in the account of the policy and, where that is known, in its
Region; a part of the name that nobody knows before deployment may be anything that such a name can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from trustproof.aws.resource_shapes import Shape, shapes_of
from trustproof.engine.caller_records import ACCOUNT
from trustproof.engine.domains import Values
from trustproof.model.arn import Arn, is_account
from trustproof.model.document import Document
from trustproof.model.text import ACCOUNT_ID, PARTITION, REGION, SECRET_ENDING, Symbol, Text
from trustproof.properties.question import Subject
from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, join
from trustproof.sets.strings import StringSet

#: What the ARN of a log group ends with, of which those of its streams do not begin with this.
_ALL_INSIDE = ":*"
#: How many colons the ARN of a resource has at least.
_COLONS = 5
_FIELD = Wildcard(":", True, True)
_HEX, _LOWER = "0123456789abcdef", "abcdefghijklmnopqrstuvwxyz"
_LETTERS = f"{_LOWER}{_LOWER.upper()}0123456789"
#: Stand for the symbols of an ARN: for those of the place of the template, and for others.
_HERE, _SOMEWHERE = "\x01", "\x00"
_SIGNS = {REGION: _HERE, ACCOUNT_ID: _HERE}
#: A Region is any text of the form that Regions have: letters, a place and a number, with hyphens between.
#: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
_REGION = join(
    *(Wildcard(_LOWER, False, False),) * 2,
    Wildcard(f"{_LOWER}-", False, True),
    "-",
    Wildcard(_LOWER, False, True),
    "-",
    Wildcard("0123456789", False, False),
)


def _some(chars: str, *, but: bool = False) -> Pattern:
    return join(Wildcard(chars, but, False), Wildcard(chars, but, True))


#: What stands in braces in the table of shapes.
FORMATS: dict[str, Pattern] = {
    "any": _some("", but=True),
    "hex": _some(_HEX),
    "name": _some(":/", but=True),
    "own": _some(":", but=True),
    "path": _some(":", but=True),
    "six": (Wildcard(_LETTERS, False, False),) * 6,
    "some": (ANY_RUN,),
    "uuid": join(_some(_HEX), *("-", _some(_HEX)) * 4),
}


#: What SAM makes of the ``Api`` event of a function or state machine.
_EVENTS, _API_OF_SAM = "Events", "AWS::Serverless::Api"


def type_of(document: Document) -> str:
    """The type of what a resource policy stands on: of an event, the API that SAM makes for it."""
    is_of_event = _EVENTS in document.path and document.resource_type.startswith("AWS::Serverless::")
    return _API_OF_SAM if is_of_event else document.resource_type


def possible_resources(subject: Subject) -> Values | None:
    """What a request to the policy of a subject may be about; None where its type has ARNs of other shapes."""
    document = subject.document
    shapes = shapes_of(type_of(document))
    if not shapes:
        return None
    accounts = _accounts(subject)
    own = document.resource_arn
    known = _place(own)
    place = known or _Place()
    others = [join(entry) for entry in _misshapen(subject)] + [
        _pattern(shape, subject, account, place, _name(own))
        for shape in shapes
        if shape.asked and not shape.inside and not shape.instead and not _is_alike(shape, shapes[0])
        if not shape.beside or document.resource_form in ("", shape.beside)
        for account in accounts
    ]
    inside = [_formatted(s.resource[len(shapes[0].resource) :]) for s in shapes if s.inside]
    if isinstance(own, str) and known is not None:
        itself = [join(own)] if shapes[0].asked else []
        around = own.removesuffix(_ALL_INSIDE)
        return Values(False, StringSet.of([*itself, *(join(around, one) for one in inside), *others]))
    some = [_pattern(shape, subject, account, place) for shape in shapes if shape.asked for account in accounts]
    found = StringSet.of([*some, *others])
    if known is not None and not isinstance(own, str):
        *first, last = own.parts
        outside = (*first, last.removesuffix(_ALL_INSIDE)) if isinstance(last, str) else own.parts
        named, outer = (
            [join(*(_part(part, subject, account) for part in parts)) for account in accounts]
            for parts in (own.parts, outside)
        )
        found &= StringSet.of([*named, *(join(one, more) for one in outer for more in inside), *others])
    return Values(False, found)


def _misshapen(subject: Subject) -> Iterator[str]:
    """What the policy says that it is about, and is no ARN: whoever wrote it meant the resource."""
    for statement in subject.policy.statements:
        for entry in statement.resources or ():
            # API Gateway completes what begins with the name of its service.
            if isinstance(entry, str) and entry.count(":") < _COLONS and not entry.startswith("execute-api:"):
                yield from () if set(entry) & set("*?$") else (entry,)


def _is_alike(shape: Shape, first: Shape) -> bool:
    """Whether a shape is that of what a policy stands on, with a name of another form."""
    return shape.service == first.service and shape.resource.startswith(first.resource.partition("{")[0])


class _Place(NamedTuple):
    """Where a policy stands: its Region and account, each None where it is that of the template."""

    region: str | Pattern | None = None
    account: str | Pattern | None = None


def _place(own: Text) -> _Place | None:
    """Where what a policy stands on is, as far as its ARN says; None where there is no ARN."""
    parts = (own,) if isinstance(own, str) else own.parts
    shown = "".join(part if isinstance(part, str) else _SIGNS.get(part.name, _SOMEWHERE) for part in parts)
    fields = shown.split(":", 5)
    if len(fields) < 6:
        return None
    region, account = (
        None if field in ("", _HERE) else anywhere if _SOMEWHERE in field or _HERE in field else field
        for field, anywhere in zip(fields[3:5], (_REGION, ACCOUNT), strict=True)
    )
    return _Place(region, account)


def _accounts(subject: Subject) -> tuple[str, ...]:
    """The account of the policy; where nobody has said which it is, those in which entries of Resource are too."""
    if subject.account_known or subject.accounts_apart:
        return (subject.account,)
    entries = [str(e) for s in subject.policy.statements for e in (*(s.resources or ()), *(s.not_resources or ()))]
    named = {arn.account for entry in entries if (arn := Arn.parse(entry)) is not None and is_account(arn.account)}
    return (subject.account, *sorted(named - {subject.account}))


def _name(own: Text) -> str:
    """The name in the ARN of what a policy stands on; empty where it is not known."""
    return own.split(":", _COLONS)[-1].partition("/")[2] if isinstance(own, str) else ""


def _pattern(shape: Shape, subject: Subject, account: str, place: _Place, name: str = "") -> Pattern:
    region = (place.region or subject.document.region or _REGION) if shape.has_region else ""
    head = ("arn:", subject.partition or _FIELD, f":{shape.service}:", region, ":")
    of = ACCOUNT if shape.of_aws else (place.account or account) if shape.has_account else ""
    # What SageMaker makes of a name with capitals in the ARN of what is inside is not known.
    known = "" if shape.service == "sagemaker" and name != name.lower() else name
    return join(*head, of, ":", _formatted(shape.resource, known))


def _formatted(resource: str, name: str = "") -> Pattern:
    pieces = re.split(r"\{(\w+)\}", resource)
    formats = {**FORMATS, "own": join(name)} if name else FORMATS
    return join(*(formats[piece] if number % 2 else piece for number, piece in enumerate(pieces)))


def _part(part: str | Symbol, subject: Subject, account: str) -> str | Pattern | Wildcard:
    if isinstance(part, str):
        return part
    if part.name == PARTITION:
        return subject.partition or _FIELD
    if part.name == REGION:
        return subject.document.region or _REGION
    if part.holds == SECRET_ENDING:
        return FORMATS["six"]
    return account if part.name == ACCOUNT_ID else ANY_RUN

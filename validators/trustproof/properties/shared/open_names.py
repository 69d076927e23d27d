"""
Names that only a deployment says.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from math import prod
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

from trustproof.engine.caller_records import SEPARATOR
from trustproof.model.names import CERTAIN
from trustproof.model.regex import shapes
from trustproof.model.text import ACCOUNT_ID, PARTITION, REGION, STACK_NAME, Symbol, Symbolic
from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, join, like
from trustproof.sets.strings import StringSet

#: Stands for what is known only at deployment.
_OPEN = Wildcard(SEPARATOR, True, True)
_DIGIT = Wildcard(digits, False, False)
_LOWER, _LOWER_WORDS = Wildcard(ascii_lowercase, False, True), Wildcard(f"{ascii_lowercase}-", False, True)
#: The same of what AWS gives to a stack: twelve digits, ``aws-us-gov``, ``us-gov-west-1``, and letters, digits and
#: hyphens.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
_OF_STACKS: dict[str, Pattern] = {
    ACCOUNT_ID: (_DIGIT,) * 12,
    PARTITION: ("aws", _LOWER_WORDS),
    REGION: (_LOWER, "-", _LOWER_WORDS, "-", _DIGIT),
    STACK_NAME: (Wildcard(f"{ascii_letters}{digits}-", False, True),),
}
#: The functions of Terraform that make of a text one of one case, and what they make.
_CASE = re.compile(r"(upper|lower)\([^()]*\)")
_OF_ONE_CASE = {
    "upper": Wildcard(SEPARATOR + ascii_lowercase, True, True),
    "lower": Wildcard(SEPARATOR + ascii_uppercase, True, True),
}
_FIFO = ".fifo"
_WITH_FIFO = ("AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")
#: The characters that names have, and how many at most, by the type of the policy; a bucket from before 2018 may have
#: a name of other letters than a new one.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
#: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
_NAMES = {
    "": (r"\w+=,.@-", 64),
    "AWS::S3::BucketPolicy": (r"\w.-", 255),
    "AWS::SNS::TopicPolicy": (r"\w-", 256),
    "AWS::SQS::QueuePolicy": (r"\w-", 80),
}
#: What stands for an account in a pattern for ARNs.
_ACCOUNT = re.compile(r"[0-9*?]*")
#: What says something of a name, as a sign between two words does not.
_WORD = re.compile(r"[A-Za-z0-9]{2}")
#: So many values of a name are looked at one by one; of more, it is not looked at which there are.
_MAX_VALUES = 64


def named_by(one: str) -> Pattern:
    """
    What a pattern is for. Where all parts of an ARN are written, a wildcard stays between two colons; where there are
    fewer (`arn:aws:sqs:*:orders`), one stands for several.
    """
    *head, end = one.split(":", 5)
    if len(head) < 5 or head[0] != "arn" or _ACCOUNT.fullmatch(head[4]) is None:
        return like(one)
    return join(*(piece for part in head for piece in (*map(_between_colons, like(part)), ":")), like(end))


def _between_colons(piece: str | Wildcard) -> str | Wildcard:
    return piece if isinstance(piece, str) else Wildcard(":", True, piece.star)


def may_match(wanted: Pattern, text: Symbolic) -> bool:
    """Whether some value of an ARN or a name that is not known may match a pattern."""
    several: list[tuple[Pattern, ...]]
    several = [((one,),) if isinstance(one, str) else _values(one) for one in text.parts]
    if prod(map(len, several)) > _MAX_VALUES:
        several = [((one,),) if isinstance(one, str) else (_open(one),) for one in text.parts]
    wholes = [join(*(piece for part in parts for piece in part)) for parts in product(*several)]
    return (StringSet.of([wanted]) & StringSet.of(wholes)).sample() is not None


@lru_cache(maxsize=4096)
def may_be_generated(wanted: str, stack: str, logical_id: str) -> bool:
    """
    Whether a pattern is one of names that CloudFormation makes of the names of stack and resource and a random text.

    Where nobody says what the stack is called, the pattern has to say something of the resource: by what it says of
    stacks alone (``prod-*``), any resource without a name would be meant.

    Args:
        stack: its name; empty where nobody says it.
        logical_id: as it stands in such a name.
    """
    name: tuple[str | Wildcard, ...] = (logical_id[:CERTAIN], *([ANY_RUN] if len(logical_id) > CERTAIN else ()))
    if stack:
        whole = join(stack[:CERTAIN], *([ANY_RUN] if len(stack) > CERTAIN else ()), "-", *name, "-", ANY_RUN)
        return _is_met(wanted, whole)
    ends = (found.end() for found in re.finditer(r"[-*](?![*?])", wanted))
    return any(
        not {*":/"} & {*wanted[:end]} and wanted[:end] != "-" and _is_met(wanted[end:], join(*name, "-", ANY_RUN))
        for end in ends
    )


def _is_met(wanted: str, whole: Pattern) -> bool:
    return (StringSet.of([like(wanted)]) & StringSet.of([whole])).sample() is not None


def _values(symbol: Symbol) -> tuple[Pattern, ...]:
    if symbol.allowed:
        return tuple((one,) for one in symbol.allowed)
    if symbol.pattern is None or symbol.is_list:
        return (_open(symbol),)
    return tuple(
        join(*(piece for part in shape for piece in ((part,) if part is not None else _open(symbol))))
        for shape in shapes(symbol.pattern)
    )


def _open(symbol: Symbol) -> Pattern:
    return _OF_STACKS.get(symbol.name) or (of_one_case(symbol) or _OPEN,)


def writes_a_word(symbol: Symbol) -> bool:
    """Whether the ``AllowedPattern`` of a parameter writes something of all that it may be, as ``prod-[a-z]+`` does."""
    if symbol.pattern is None or symbol.is_list:
        return False
    return all(any(part and _WORD.search(part) for part in shape) for shape in shapes(symbol.pattern))


def may_be_name(one: str, resource_type: str) -> bool:
    """
    Whether what has a policy of some type may be called as a pattern says, as far as its letters and their number tell.

    Args:
        resource_type: of the policy; empty for a role.
    """
    characters, most = _NAMES.get(resource_type, ("", 0))
    written = one.removesuffix(_FIFO) if resource_type in _WITH_FIFO else one
    written = written.replace("*", "").replace("?", "")
    return not most or (len(written) <= most and re.fullmatch(f"[{characters}]*", written, re.ASCII) is not None)


def of_one_case(symbol: Symbol) -> Wildcard | None:
    """What stands for a text that a function makes, which has no letter of the other case; None for any other."""
    made = _CASE.fullmatch(symbol.name) if symbol.kind == "intrinsic" else None
    return _OF_ONE_CASE[made[1]] if made is not None else None

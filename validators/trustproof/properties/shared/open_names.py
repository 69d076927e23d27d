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
from trustproof.model.text import ACCOUNT_ID, PARTITION, REGION, STACK_NAME, Symbol, Symbolic
from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, join, like
from trustproof.sets.strings import StringSet

#: Stands for what is known only at deployment.
_OPEN = Wildcard(SEPARATOR, True, True)
#: The same of what AWS gives to a stack: letters, digits and hyphens.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
_OF_STACKS = Wildcard(f"{ascii_letters}{digits}-", False, True)
#: The functions of Terraform that make of a text one of one case, and what they make.
_CASE = re.compile(r"(upper|lower)\([^()]*\)")
_OF_ONE_CASE = {
    "upper": Wildcard(SEPARATOR + ascii_lowercase, True, True),
    "lower": Wildcard(SEPARATOR + ascii_uppercase, True, True),
}
_STACKS = (ACCOUNT_ID, PARTITION, REGION, STACK_NAME)
#: What stands for an account in a pattern for ARNs.
_ACCOUNT = re.compile(r"[0-9*?]*")
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
    several: list[tuple[str | Wildcard, ...]]
    several = [(one,) if isinstance(one, str) else one.allowed or (_open(one),) for one in text.parts]
    if prod(map(len, several)) > _MAX_VALUES:
        several = [(one,) if isinstance(one, str) else (_open(one),) for one in text.parts]
    wholes = [join(*parts) for parts in product(*several)]
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


def _open(symbol: Symbol) -> Wildcard:
    return _OF_STACKS if symbol.name in _STACKS else of_one_case(symbol) or _OPEN


def of_one_case(symbol: Symbol) -> Wildcard | None:
    """What stands for a text that a function makes, which has no letter of the other case; None for any other."""
    made = _CASE.fullmatch(symbol.name) if symbol.kind == "intrinsic" else None
    return _OF_ONE_CASE[made[1]] if made is not None else None

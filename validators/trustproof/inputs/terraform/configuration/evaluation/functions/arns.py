"""
What is taken out of ARNs of which not all is known before a resource is made.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import product

from trustproof.aws import published
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import Context
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.work import NotKnown
from trustproof.inputs.terraform.snapshots.data_sources import WHERE
from trustproof.inputs.terraform.values.instances import steps
from trustproof.inputs.terraform.values.parts_of_arns import ACCOUNT, NAME, NAME_BEHIND_ROOT, PARTITION, part, service
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import Attribute, Entry, Fields, Items, Known, Rest, Symbol, Text, Value

#: What stands between the colons of an ARN, behind ``arn``.
PARTS = ("partition", "service", "region", "account_id", "resource")
#: Expressions that capture the account of an ARN, which alone is all digits, or do not match.
_OF_ACCOUNT = re.compile(r":{1,2}\((?:\\d|\[0-9\])(?:\+|\{12\})\)(?::[^()]*)?")
#: Those that capture what is behind the first slash, and behind the last one.
_BEHIND_FIRST = re.compile(r"(?:(?::?(?:user|role|group|policy|instance-profile))?/)\(\.[*+]\)\$?")
_BEHIND_LAST = re.compile(r"/\(\[\^/\][*+]\)\$")
#: What `replace` takes away with all that is before the last slash.
_UP_TO_LAST = ("/.*\\//", "/^.*\\//", "/.*//", "/^.*//")
#: How the text ends that is taken away from an ARN, so that its name is left.
_BEFORE_NAME = re.compile(r":(?:user|role|group|policy|instance-profile)/")
#: What stands for accounts and for the Region, so that what comes out is seen to be the same for others; with each of
#: the partitions.
_SAMPLES = (("3141592653{:02d}", "eu-west-1"), ("8718281828{:02d}", "us-gov-west-1"))
#: What of an expression is about any digit alike, or says how many there are: every account has twelve.
_ANY_DIGIT = re.compile(r"\\d|0-9|\{\d+(?:,\d*)?\}")
_MARK = re.compile("\0(\\d+)\0")


def split_arn(value: Value, by: str, context: Context) -> Value:
    """
    What stands between the colons or the slashes of the ARN of a resource, as far as that is known.

    Raises:
        NotKnown: it is no such ARN, or nothing is.
    """
    wanted = {":": ACCOUNT, "/": NAME_BEHIND_ROOT}.get(by, "")
    found = part(value, wanted) if wanted else None
    if found is None:
        raise NotKnown("the text is not known")
    shown = found.shown.removesuffix(found.name) + "arn"
    before = [Symbol(f'split("{by}", {shown})[{index}]', place=context.place) for index in range(6)]
    if by == ":":
        known = parsed(value, context.place)
        first = [Known("arn", context.place), *(entry.value for entry in known.entries[:3])] if known else before[:4]
        return Items((*first, found, before[5]), False, context.place)
    return Items(
        (before[0], found, Rest(Symbol(f"what is behind /{shown}", place=context.place))), False, context.place
    )


def parsed(value: Value, place: Place | None) -> Fields | None:
    """The parts of the ARN of a resource, or of one that is put together; None for another value."""
    if isinstance(value, Text):
        found = at_samples(value, lambda text: _parts(text), place)
        return found if isinstance(found, Fields) else None
    account, partition = part(value, ACCOUNT), part(value, PARTITION)
    if account is None or partition is None:
        return None
    shown = f"{account.address}.arn"
    of = service(account)
    region = Known("") if of == "iam" else Symbol(f"the Region of {shown}", place=place)
    values = (partition, Known(of), region, account, Symbol(f"the resource of {shown}", place=place))
    return Fields(tuple(Entry(Known(name), one) for name, one in zip(PARTS, values, strict=True)), place)


def _parts(arn: str) -> dict[str, str]:
    parts = arn.split(":", len(PARTS))
    if parts[0] != "arn" or len(parts) != len(PARTS) + 1:
        raise ValueError("it is no ARN")
    return dict(zip(PARTS, parts[1:], strict=True))


def captured(value: Value, pattern: str) -> Attribute | None:
    """What an expression captures of the ARN of a resource; None where that is not known."""
    for known, name in ((_OF_ACCOUNT, ACCOUNT), (_BEHIND_FIRST, NAME_BEHIND_ROOT), (_BEHIND_LAST, NAME)):
        if known.fullmatch(pattern):
            return part(value, name)
    return None


def without(value: Value, old: Value) -> Attribute | None:
    """What is left of the ARN of a resource without a text, or what an expression matches; None where it is unknown."""
    if isinstance(old, Known) and old.value in _UP_TO_LAST:
        return part(value, NAME)
    if not isinstance(old, Text) or not isinstance(last := old.pieces[-1], Known):
        return None
    # Where the account or the partition is another one, nothing is taken away, and what is left is no name.
    places = [_place(piece) for piece in old.pieces if not isinstance(piece, Known)]
    is_head = isinstance(old.pieces[0], Known) and str(old.pieces[0].value).startswith("arn:")
    if is_head and all(places) and _BEFORE_NAME.fullmatch(str(last.value)):
        return part(value, NAME_BEHIND_ROOT)
    return None


def _place(piece: Value) -> str:
    """What of an account, a partition or a Region a piece of a text is; empty for anything else."""
    if not isinstance(piece, Attribute):
        return ""
    if piece.name == ACCOUNT:
        return "AWS::AccountId"
    if piece.name == PARTITION:
        return "AWS::Partition"
    found = steps(piece.address)
    place = WHERE.get(found[-2], {}).get(piece.name, "") if found[-3:-2] == ("data",) else ""
    return place if place != "AWS::URLSuffix" else ""


def at_samples(value: Value, call: Callable[[str], object], place: Place | None, expression: str = "") -> Value | None:
    """
    What a function makes of a text of which only accounts, partitions and Regions are not known, where it treats all
    of these alike; None where it does not, or for another text.

    Args:
        call: the function, of a text that is known.
        expression: what it looks for, by which it may tell one of them from another.
    """
    if not isinstance(value, Text):
        return None
    kinds = [_place(piece) if not isinstance(piece, Known) else "known" for piece in value.pieces]
    if not all(kinds) or value.sensitive or (expression and not _treats_alike(expression, kinds)):
        return None
    results: list[object] = []
    for (account, region), partition in product(_SAMPLES, sorted(published.partitions())):
        filled = {"AWS::Partition": partition, "AWS::Region": region}
        texts = [
            str(getattr(piece, "value", filled.get(kind, account.format(number))))
            for number, (piece, kind) in enumerate(zip(value.pieces, kinds, strict=True))
        ]
        unknown = {text: number for number, text in enumerate(texts) if kinds[number] != "known"}
        try:
            results.append(_marked(call("".join(texts)), unknown, partition))
        except (ValueError, IndexError, KeyError):
            return None
    if all(one == results[0] for one in results):
        return _value(results[0], value.pieces, place)
    return None


def _treats_alike(expression: str, kinds: Sequence[str]) -> bool:
    """
    Whether what is looked for is in all accounts or in none: that two have it alike tells nothing of a third one. Of
    partitions each is tried, and of Regions nobody knows the next.
    """
    is_about_regions = "AWS::Region" in kinds and any(one.isalnum() or one in ".{" for one in expression)
    return not is_about_regions and not any(map(str.isdigit, _ANY_DIGIT.sub("", expression)))


def _marked(found: object, unknown: dict[str, int], partition: str) -> object:
    """What a function has made, with a mark for each account and Region; a partition is marked by itself."""
    if isinstance(found, dict):
        return {key: _marked(inner, unknown, partition) for key, inner in found.items()}
    if isinstance(found, (list, tuple)):
        return [_marked(inner, unknown, partition) for inner in found]
    for text, number in unknown.items() if isinstance(found, str) else ():
        if text != partition or found == partition:
            found = str(found).replace(text, f"\0{number}\0")
    return found


def _value(found: object, pieces: Sequence[Value], place: Place | None) -> Value:
    if isinstance(found, dict):
        return Fields(tuple(Entry(Known(key), _value(inner, pieces, place)) for key, inner in found.items()), place)
    if isinstance(found, list):
        return Items(tuple(_value(inner, pieces, place) for inner in found), False, place)
    if not isinstance(found, str):
        return convert.value_of(found, place)
    parts = _MARK.split(found)
    made = [pieces[int(part)] if at % 2 else Known(part, place) for at, part in enumerate(parts)]
    if len(made) == 3 and not parts[0] and not parts[2]:
        return made[1]
    return convert.join_texts(made, place)

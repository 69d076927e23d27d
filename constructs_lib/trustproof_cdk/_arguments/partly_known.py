"""
Texts of which only a deployment knows a part, as it is in most ARNs of an app: the partition, an account, a name.

What is known of them may be enough to refuse them. A deployment's own partition, account and Region have a known shape,
and so has whatever stands in an ARN before the resource.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from trustproof_cdk._arguments.template_values import FILLED_IN

#: In the place of a part of which nothing is said.
UNKNOWN = "${…}"
#: What a part may be of each kind that has a known shape.
_ACCOUNT, _PARTITION, _REGION = "111122223333", "aws", "us-east-1"
_OF_DEPLOYMENTS = {
    "AWS::AccountId": _ACCOUNT,
    "AWS::Partition": _PARTITION,
    "AWS::Region": _REGION,
    "AWS::StackId": f"arn:aws:cloudformation:{_REGION}:{_ACCOUNT}:stack/Stack/11111111-2222-3333-4444-555555555555",
    "AWS::StackName": "Stack",
    "AWS::URLSuffix": "amazonaws.com",
}
#: By the number of colons before it, what a part of an ARN may be; the service is not for us to guess.
_IN_ARNS: Mapping[int, Sequence[str]] = {
    1: (_PARTITION,),
    3: (_REGION, ""),
    4: (_ACCOUNT, "aws", ""),
    5: ("name", "path/name"),
}
#: What it may be after texts that say of what it is the id: no name has its shape.
_IDS: Mapping[str, Sequence[str]] = {
    ":instance/": ("ssoins-0123456789abcdef",),
    ":instance/ssoins-": ("0123456789abcdef",),
    ":oidc-provider/": ("idp.example.com",),
    ":trust-anchor/": ("11111111-2222-3333-4444-555555555555",),
}
#: What a text may begin with of which nothing is known.
_WHOLE = (f"arn:aws:iam::{_ACCOUNT}:role/name", f"arn:aws:iam::{_ACCOUNT}:user/name", _ACCOUNT, "name")
#: More unknown parts than that are in no ARN, and each doubles the texts.
_MOST_PARTS = 6


class _Part(NamedTuple):
    """
    What only a deployment knows of a text.
    """

    #: As a template writes it in a text.
    shown: str


def refuse(value: Any, check: Callable[[str], object]) -> None:
    """
    Refuse a resolved value that a deployment can make nothing of but texts that are refused.

    Args:
        value: a text, or a function of CloudFormation; what nobody can say anything of passes.
        check: raises a ValueError (TypeError) for a text that is refused.

    Raises:
        ValueError: it is refused whatever the deployment knows; the message shows it as a template has it.
        TypeError: likewise.
    """
    parts = list(_parts(value))
    # What CloudFormation takes from a secret or a parameter store is a text only by its name.
    if any(isinstance(one, str) and "{{resolve:" in one for one in parts):
        return
    texts = _texts(parts) or _with_wildcard(parts, check)
    refused: ValueError | TypeError | None = None
    for text in texts:
        try:
            check(text)
        except (TypeError, ValueError) as error:
            refused = refused or error
        else:
            return
    if refused is not None:
        shown = "".join(one.shown if isinstance(one, _Part) else one for one in parts)
        raise type(refused)(str(refused).replace(repr(texts[0]), repr(shown)))


def _with_wildcard(parts: Sequence[str | _Part], check: Callable[[str], object]) -> list[str]:
    """
    What a deployment may make of an unknown beginning with a wildcard behind it, where the beginning alone would do.
    """
    beginning, *rest = parts
    end = "".join(one for one in rest if isinstance(one, str))
    if isinstance(beginning, str) or len(rest) != sum(isinstance(one, str) for one in rest) or not set(end) & set("*?"):
        return []
    return [text + end for text in _WHOLE if _is_taken(text, check)]


def _is_taken(text: str, check: Callable[[str], object]) -> bool:
    try:
        check(text)
    except (TypeError, ValueError):
        return False
    return True


def one_text(value: Any) -> str | None:
    """
    A text that a deployment makes of a resolved value, where all it knows of it is the partition, account and Region.
    """
    parts = list(_parts(value))
    if all(isinstance(one, str) or one.shown[2:-1] in _OF_DEPLOYMENTS for one in parts):
        return _texts(parts)[0]
    return None


def with_unknown(value: Any) -> str:
    """A resolved value as a text, with `UNKNOWN` in the place of each part that only a deployment knows."""
    return "".join(one if isinstance(one, str) else UNKNOWN for one in _parts(value))


def _parts(value: Any) -> Iterator[str | _Part]:
    """The texts and unknown parts that a resolved value is made of."""
    if isinstance(value, str):
        yield value
        return
    (name, inside), *others = value.items() if isinstance(value, dict) and value else ((None, None),)
    if name == "Fn::Join" and not others and isinstance(inside, list) and isinstance(inside[1], list):
        for number, one in enumerate(inside[1]):
            if number:
                yield inside[0]
            yield from _parts(one)
    elif name == "Fn::Sub" and not others:
        text, given = inside if isinstance(inside, list) else (inside, {})
        yield from _filled_in(text, given)
    elif name == "Ref" and not others and isinstance(inside, str):
        yield _Part(f"${{{inside}}}")
    else:
        yield _Part(UNKNOWN)


def _filled_in(text: str, given: Mapping[str, Any]) -> Iterator[str | _Part]:
    end = 0
    for found in FILLED_IN.finditer(text):
        yield text[end : found.start()]
        end = found.end()
        if found[1]:
            yield f"${{{found[2]}}}"
        elif found[2] in given:
            yield from _parts(given[found[2]])
        else:
            yield _Part(found[0])
    yield text[end:]


def _texts(parts: Sequence[str | _Part]) -> list[str]:
    """Texts that a deployment may make of the parts, of each shape one; none where they may be any."""
    choices: list[Sequence[str]] = []
    before = ""
    for one in parts:
        if isinstance(one, str):
            choices.append((one,))
        elif one.shown[2:-1] in _OF_DEPLOYMENTS:
            choices.append((_OF_DEPLOYMENTS[one.shown[2:-1]],))
        elif before.startswith("arn:") and (known := _in_arn(before)):
            choices.append(known)
        else:
            return []
        before += choices[-1][0]
    if sum(len(one) > 1 for one in choices) > _MOST_PARTS:
        return []
    # What has no resource yet has it in the part that is not known, and with it perhaps an account or its end.
    if before.startswith("arn:") and before.count(":") < 5 and not isinstance(parts[-1], str):
        return []
    return ["".join(chosen) for chosen in product(*choices)]


def _in_arn(before: str) -> Sequence[str] | None:
    """What the part of an ARN may be that comes next; None where it may be anything."""
    ids = (known for text, known in _IDS.items() if before.endswith(text))
    return next(ids, None) or _IN_ARNS.get(_field(before))


def _field(before: str) -> int:
    """
    Which part of an ARN comes next, by the number of colons before it, at most 5; 2, of which nothing is known, where
    that is the resource and its kind is not said yet.
    """
    *_, last = found = before.split(":", 6)
    return len(found) - 1 if len(found) < 6 else 2 if len(found) == 6 and "/" not in last else 5

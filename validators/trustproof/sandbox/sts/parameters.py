"""
The formats of the parameters of STS.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from trustproof.aws.tags import LONGEST_KEY, LONGEST_VALUE
from trustproof.model.document import IDENTITY
from trustproof.model.policy import Policy
from trustproof.sandbox.authorization.holdings import managed_text, read
from trustproof.sandbox.credentials.credentials import iam_of
from trustproof.sandbox.errors import RefusedRequest, Undecided

#: Bytes of session policies and tags together.
PACKED_LIMIT = 2_048
_FORMATS = {
    "RoleArn": re.compile(r"arn:aws(?:-[a-z-]+)?:iam::[0-9]{12}:role/[\x21-\x7e]{1,576}"),
    "PrincipalArn": re.compile(r"arn:aws(?:-[a-z-]+)?:iam::[0-9]{12}:saml-provider/[\w.-]{1,128}", re.ASCII),
    "RoleSessionName": re.compile(r"[\w+=,.@-]{2,64}", re.ASCII),
    "SourceIdentity": re.compile(r"(?!aws:)[\w+=,.@-]{2,64}", re.ASCII),
    "ExternalId": re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII),
    "SerialNumber": re.compile(r"[\w+=/:,.@-]{9,256}", re.ASCII),
    "TokenCode": re.compile(r"[0-9]{6}"),
    "Name": re.compile(r"[\w+=,.@-]{2,32}", re.ASCII),
}
#: In tags besides letters, digits and separators, whose categories of Unicode begin so.
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html
_TAG_MARKS, _TAG_CATEGORIES = "_.:/=+-@", "LNZ"


def invalid(name: str, value: object) -> RefusedRequest:
    """The refusal of a value that a parameter cannot have."""
    member = name[0].lower() + name[1:]
    return RefusedRequest(
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: the format of {name}"
    )


def text(parameters: Mapping[str, Any], name: str, *, required: bool = False) -> str | None:
    """
    A parameter of text, in the format that its name has.

    Raises:
        Refused: `ValidationError`.
    """
    value = parameters.get(name)
    if value is None:
        if required:
            member = name[0].lower() + name[1:]
            raise RefusedRequest(
                f"1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not"
                " be null"
            )
        return None
    if not isinstance(value, str) or not _FORMATS[name].fullmatch(value):
        raise invalid(name, "*" if name == "TokenCode" else value)
    return value


def required_parameter(parameters: Mapping[str, Any], name: str) -> str:
    """A parameter of text that has to be there."""
    found = text(parameters, name, required=True)
    assert found is not None
    return found


def duration(parameters: Mapping[str, Any], default: int, shortest: int, longest: int) -> int:
    """`DurationSeconds`."""
    value = parameters.get("DurationSeconds")
    if value is None:
        return default
    if not shortest <= int(value) <= longest:
        raise invalid("DurationSeconds", value)
    return int(value)


def tags(parameters: Mapping[str, Any]) -> dict[str, str]:
    """
    `Tags`: 50 at most, keys that differ by more than case.
    """
    found: dict[str, str] = {}
    for tag in parameters.get("Tags") or ():
        key, value = str(tag.get("Key", "")), str(tag.get("Value", ""))
        check_tag(key, value)
        if key.lower() in {one.lower() for one in found}:
            raise RefusedRequest(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.", "InvalidInput"
            )
        found[key] = value
    if len(found) > 50:
        raise invalid("Tags", f"{len(found)} tags")
    return found


def check_tag(key: str, value: str) -> None:
    """
    Raises:
        Refused: the key or the value is none of a session tag.
    """
    fits = 0 < len(key) <= LONGEST_KEY and len(value) <= LONGEST_VALUE and not key.lower().startswith("aws:")
    if not fits or not _is_of_tags(key + value):
        raise invalid("Tags", f"{key}={value}")


def _is_of_tags(text: str) -> bool:
    return all(one in _TAG_MARKS or unicodedata.category(one)[0] in _TAG_CATEGORIES for one in text)


def session_policies(parameters: Mapping[str, Any], account: str) -> tuple[tuple[Policy, ...] | None, int]:
    """
    `Policy` and `PolicyArns`.

    Args:
        parameters: of the call.
        account: whose managed policies may be named, besides AWS's.

    Returns:
        the policies, None where none are passed; and how many bytes their texts and names take.

    Raises:
        Refused: `MalformedPolicyDocument`, `PackedPolicyTooLarge`, `ValidationError`.
    """
    arns = [str(one.get("arn")) for one in parameters.get("PolicyArns") or ()]
    inline = parameters.get("Policy")
    if len(arns) > 10:
        raise invalid("PolicyArns", f"{len(arns)} policies")
    found = [_inline(str(inline))] if inline else []
    managed = iam_of(account).managed_policies
    for arn in arns:
        if arn not in managed:
            raise RefusedRequest(f"PolicyArn {arn} does not exist or is not attachable.")
        found.append(read(managed_text(managed[arn])))
    size = len((inline or "").encode()) + sum(len(arn) for arn in arns)
    return (tuple(found) if found else None), size


def _inline(text_: str) -> Policy:
    if len(text_) > PACKED_LIMIT:
        raise invalid("Policy", f"{len(text_)} characters")
    try:
        return read(text_, IDENTITY)
    except Undecided as error:
        raise RefusedRequest(f"Syntax errors in policy. {error}", "MalformedPolicyDocument") from None


def packed_size(bytes_: int) -> int | None:
    """
    `PackedPolicySize`, in percent; None where nothing was passed. What AWS packs how is not documented: the texts are
    counted as they are.

    Raises:
        Refused: `PackedPolicyTooLarge`.
    """
    if not bytes_:
        return None
    percent = -(-bytes_ * 100 // PACKED_LIMIT)
    if percent > 100:
        raise RefusedRequest(
            f"Packed policy consumes {percent}% of allotted space, please use smaller policy.", "PackedPolicyTooLarge"
        )
    return percent

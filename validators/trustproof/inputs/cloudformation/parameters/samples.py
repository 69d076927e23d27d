"""
A value that a symbol admits, for a counterexample that a person can act on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from trustproof.inputs.cloudformation.values.parameter import matches
from trustproof.model.text import BUCKET_NAME, Symbol

#: Account ids that AWS's documentation reserves for examples.
EXAMPLE_ACCOUNTS = ("111122223333", "444455556666", "777788889999", "123456789012", "999988887777", "888877776666")
_BY_NAME = (
    ("orgpath", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"),
    ("organization", "o-a1b2c3d4e5"),
    ("org", "o-a1b2c3d4e5"),
    ("partition", "aws"),
    ("region", "us-east-1"),
    ("urlsuffix", "amazonaws.com"),
    ("email", "someone@example.com"),
    ("cidr", "192.0.2.0/24"),
)
_BY_TYPE = (
    ("Number", "1"),
    ("AWS::EC2::VPC::Id", "vpc-0123456789abcdef0"),
    ("AWS::EC2::Subnet::Id", "subnet-0123456789abcdef0"),
    ("AWS::EC2::SecurityGroup::Id", "sg-0123456789abcdef0"),
    ("AWS::EC2::AvailabilityZone::Name", "us-east-1a"),
)
#: No parameter value is longer, in bytes.
_MAX_LENGTH = 4096
#: Preferred characters of a generated value, best first.
_ALPHABET = "1aA23bcdefghijkmnopqrstuvwxyzBCDEFGHIJKLMNPQRSTUVWXYZ04567890-_./:@=+, "


def is_account_like(symbol: Symbol) -> bool:
    """Whether a symbol's name says that it holds an account id."""
    lowered = symbol.name.lower().replace("-", "").replace("_", "")
    if "arn" in lowered:
        return False
    return "account" in lowered and not lowered.endswith(("name", "alias", "email", "role", "names", "emails"))


def candidates(symbol: Symbol, text: str) -> Iterator[str]:
    """
    Values that would suit a symbol, best first; not all of them need be admitted.

    Args:
        symbol: of which a value is wanted.
        text: of the template; an account id that stands in it is tried last.
    """
    if symbol.allowed:
        yield from symbol.allowed
        return
    accounts = sorted(EXAMPLE_ACCOUNTS, key=lambda account: account in text)
    lowered = symbol.name.lower().replace("-", "").replace("_", "")
    for type_, value in _BY_TYPE:
        if type_ in symbol.type:
            yield value
    if is_account_like(symbol):
        yield from accounts
    if "arn" in lowered:
        yield f"arn:aws:iam::{accounts[0]}:role/Example"
        yield f"arn:aws:iam::{accounts[0]}:root"
    if symbol.holds == BUCKET_NAME:
        # No two buckets have the same name.
        yield f"example-{lowered}"
    for part, value in _BY_NAME:
        if part in lowered:
            yield value
    yield from ("example", "Example1", "true", "1", accounts[0], f"arn:aws:iam::{accounts[0]}:role/Example")
    yield from ("us-east-1", "o-a1b2c3d4e5", "example.com", "")
    if symbol.pattern is not None:
        yield from generate(symbol.pattern)


def admits(symbol: Symbol, value: str) -> bool:
    """Whether a symbol may have a value, as far as its ``AllowedValues``, ``AllowedPattern`` and ``Type`` say."""
    items = [item.strip() for item in value.split(",")] if symbol.is_list else [value]
    if symbol.allowed is not None and not all(item in symbol.allowed for item in items):
        return False
    if symbol.pattern is not None and not all(matches(symbol.pattern, item) for item in items):
        return False
    return symbol.type != "Number" or re.fullmatch(r"-?\d+(\.\d+)?", value) is not None


def generate(pattern: str) -> list[str]:
    """
    Texts that a regular expression matches, made from its parse tree; empty where none was found.

    Look-arounds and back references are not followed; each text is checked, so what is returned does match.
    """
    try:
        tree = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        return []
    found = []
    for repeats in (0, 1, 3):
        for branch in (0, 1):
            text = _walk(tree, repeats, branch, {})
            if text not in found and matches(pattern, text):
                found.append(text)
    return found


def _walk(tree: Iterable[Any], repeats: int, branch: int, groups: dict[int, str]) -> str:
    return "".join(_part(str(code), argument, repeats, branch, groups) for code, argument in tree)


def _part(code: str, argument: Any, repeats: int, branch: int, groups: dict[int, str]) -> str:
    """The text for one node of a parse tree; nodes that match no characters give none."""
    text: str
    if code == "LITERAL":
        return chr(argument)
    if code in ("NOT_LITERAL", "ANY", "IN"):
        return _character(code, argument)
    if code == "BRANCH":
        branches = argument[1]
        return _walk(branches[min(branch, len(branches) - 1)], repeats, branch, groups)
    if code == "SUBPATTERN":
        text = _walk(argument[3], repeats, branch, groups)
        groups[argument[0]] = text
        return text
    if code == "ATOMIC_GROUP":
        return _walk(argument, repeats, branch, groups)
    if code == "GROUPREF":
        return groups.get(argument, "")
    if code in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, inner = argument
        text = _walk(inner, repeats, branch, groups)
        times: int = min(max(least, repeats), int(most), _MAX_LENGTH // max(len(text), 1))
        return text * times
    return ""


def _character(code: str, argument: Any) -> str:
    """One character of a class, digits and letters preferred."""
    if code == "ANY":
        return _ALPHABET[1]
    if code == "NOT_LITERAL":
        return next(char for char in _ALPHABET if ord(char) != argument)
    for char in _ALPHABET:
        if _in_class(char, argument):
            return char
    first_code, first = argument[0]
    if str(first_code) not in ("RANGE", "LITERAL"):
        return ""
    return chr(first[0] if str(first_code) == "RANGE" else first)


def _in_class(char: str, items: list[Any]) -> bool:
    negated = str(items[0][0]) == "NEGATE"
    return any(_in_item(char, str(code), argument) for code, argument in items) != negated


def _in_item(char: str, code: str, argument: Any) -> bool:
    if code == "LITERAL":
        return bool(ord(char) == argument)
    if code == "RANGE":
        return bool(argument[0] <= ord(char) <= argument[1])
    if code == "CATEGORY":
        name = str(argument)
        inside: bool = {
            "DIGIT": char.isdigit(),
            "SPACE": char.isspace(),
            "WORD": char.isalnum() or char == "_",
        }[name.rsplit("_", 1)[-1]]
        return inside != ("NOT" in name)
    return False

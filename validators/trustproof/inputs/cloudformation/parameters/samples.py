"""
A value that a symbol admits, for a counterexample that a person can act on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from math import ceil, floor

from trustproof.inputs.cloudformation.values.parameter import SSM, matches, number_of
from trustproof.model.names import example_name
from trustproof.model.regex_syntax import parse
from trustproof.model.regex_tree import (
    Alternatives,
    AnyCharacter,
    AtomicGroup,
    BackReference,
    Character,
    CharacterClass,
    CharacterRange,
    Group,
    Item,
    Node,
    Nodes,
    Repetition,
)
from trustproof.model.text import BUCKET_NAME, GENERATED_NAME, Symbol

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
    ("Number", "2"),
    ("AWS::EC2::VPC::Id", "vpc-0123456789abcdef0"),
    ("AWS::EC2::Subnet::Id", "subnet-0123456789abcdef0"),
    ("AWS::EC2::SecurityGroup::Id", "sg-0123456789abcdef0"),
    ("AWS::EC2::AvailabilityZone::Name", "us-east-1a"),
)
#: In names of what holds ARNs, and not in `LearnerRole`.
_ARN = re.compile(r"(?:Arn|(?<![a-z])arn)s?(?![a-z])|ARN|arns?$")
#: How many numbers are tried.
_NUMBERS = 4
#: Of so many alternatives each has a part in a generated value; of more, the last ones have none.
_BRANCHES = 8
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


def example_accounts(text: str) -> tuple[str, ...]:
    """The account ids that are tried, best first: those that stand in the text of the template come last."""
    return tuple(sorted(EXAMPLE_ACCOUNTS, key=lambda account: account in text))


def candidates(symbol: Symbol, accounts: Sequence[str] = EXAMPLE_ACCOUNTS) -> Iterator[str]:
    """
    Values that would suit a symbol, best first; not all of them need be admitted.

    Args:
        symbol: of which a value is wanted.
        accounts: the account ids that are tried, best first.
    """
    if symbol.allowed:
        yield from symbol.allowed
        return
    if symbol.holds == GENERATED_NAME:
        yield example_name(symbol.name.rpartition("/")[2])
    lowered = symbol.name.lower().replace("-", "").replace("_", "")
    for type_, value in _BY_TYPE:
        if type_ in symbol.type:
            yield value
    if is_account_like(symbol):
        yield from accounts
    if _ARN.search(symbol.name):
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
    if symbol.type == "Number":
        yield from _numbers(symbol)
    if symbol.pattern is not None:
        yield from generate(symbol.pattern)


def is_never_empty(symbol: Symbol) -> bool:
    """
    Whether a value stands in the Parameter Store of Systems Manager, which takes none without a character: the error of
    ``PutParameter`` is "Member must have length greater than or equal to 1" (https://github.com/getmoto/moto/issues/3794).
    """
    is_reference = symbol.kind == "dynamic-reference" and symbol.name.startswith(("ssm:", "ssm-secure:"))
    return is_reference or symbol.type.startswith(SSM)


def admits(symbol: Symbol, value: str) -> bool:
    """Whether a symbol may have a value, as far as its declaration says, but for its length."""
    if value == "" and is_never_empty(symbol):
        return False
    items = [item.strip() for item in value.split(",")] if symbol.is_list else [value]
    if symbol.allowed is not None and not all(item in symbol.allowed for item in items):
        return False
    if symbol.pattern is not None and not all(matches(symbol.pattern, item) for item in items):
        return False
    if symbol.type != "Number":
        return True
    number = number_of(value)
    if number is None:
        return False
    return (symbol.least is None or symbol.least <= number) and (symbol.most is None or number <= symbol.most)


def _numbers(symbol: Symbol) -> Iterator[str]:
    """Whole numbers that suit a symbol, from its bounds on."""
    first = 0 if symbol.least is None and symbol.most is None else symbol.least
    if first is None:
        yield from (str(floor(symbol.most or 0) - number) for number in range(_NUMBERS))
    else:
        yield from (str(ceil(first) + number) for number in range(_NUMBERS))


def generate(pattern: str) -> list[str]:
    """
    Texts that a regular expression matches, made from its parse tree; empty where none was found.

    Look-arounds and back references are not followed; each text is checked, so what is returned does match.
    """
    expression = parse(pattern)
    if expression is None:
        return []
    found: list[str] = []
    # A search may want another value than the one that it has found, and of the same alternative.
    for repeats, branch in (*product((0, 1, 3), (0, 1)), *product((1, 3), range(2, _BRANCHES))):
        text = _walk(expression.nodes, repeats, branch, {})
        if text not in found and matches(pattern, text):
            found.append(text)
    return found


def _walk(nodes: Nodes, repeats: int, branch: int, groups: dict[int, str]) -> str:
    return "".join(_part(node, repeats, branch, groups) for node in nodes)


def _part(node: Node, repeats: int, branch: int, groups: dict[int, str]) -> str:
    """The text for one part of an expression; what matches no characters gives none."""
    if isinstance(node, Character):
        return node.char
    if isinstance(node, AnyCharacter):
        return _ALPHABET[1]
    if isinstance(node, CharacterClass):
        return _character(node)
    if isinstance(node, Alternatives):
        return _walk(node.options[min(branch, len(node.options) - 1)], repeats, branch, groups)
    if isinstance(node, (Group, AtomicGroup)):
        text = _walk(node.inner, repeats, branch, groups)
        if isinstance(node, Group) and node.number is not None:
            groups[node.number] = text
        return text
    if isinstance(node, BackReference):
        return groups.get(node.number, "")
    if isinstance(node, Repetition):
        text = _walk(node.inner, repeats, branch, groups)
        times = min(max(node.least, repeats), _MAX_LENGTH // max(len(text), 1))
        return text * (times if node.most is None else min(times, node.most))
    return ""


def _character(node: CharacterClass) -> str:
    """One character of a class, digits and letters preferred."""
    for char in _ALPHABET:
        if any(_is_in(char, item) for item in node.items) is not node.negated:
            return char
    first = node.items[0]
    if node.negated or not isinstance(first, (Character, CharacterRange)):
        return ""
    return first[0]


def _is_in(char: str, item: Item) -> bool:
    if isinstance(item, Character):
        return char == item.char
    if isinstance(item, CharacterRange):
        return item.first <= char <= item.last
    inside = {"digit": char.isdigit(), "space": char.isspace(), "word": char.isalnum() or char == "_"}[item.category]
    return inside is not item.negated

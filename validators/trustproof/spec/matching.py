"""
The two wildcards of IAM.

``*`` stands for any run of characters, the empty run included, and ``?`` for exactly one character. Both match every
character: delimiters and line ends too.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TypeAlias


class Wildcard(Enum):
    """
    A wildcard that stands in the policy's own text; ``*`` and ``?`` that come from elsewhere are characters.
    """

    RUN = "*"
    ONE = "?"


#: One character, or a wildcard.
Token: TypeAlias = "str | Wildcard"
#: Text of a policy in which wildcards and characters are told apart.
TokenPattern: TypeAlias = "tuple[Token, ...]"


@lru_cache(maxsize=4096)
def pattern(text: str) -> TokenPattern:
    """Read text as the policy's author wrote it: every ``*`` and ``?`` is a wildcard."""
    return tuple(Wildcard(char) if char in "*?" else char for char in text)


def characters(text: str) -> TokenPattern:
    """Read text in which ``*`` and ``?`` are characters."""
    return tuple(text)


def text_of(tokens: TokenPattern) -> str:
    """The text of a pattern for an operator without wildcards: there ``*`` and ``?`` are characters again."""
    return "".join(token.value if isinstance(token, Wildcard) else token for token in tokens)


def matches_wildcards(value: str, tokens: TokenPattern) -> bool:
    """
    Whether a pattern matches the whole of a value, with regard to case.

    After a mismatch only the last ``*`` needs to be tried again: it takes one character more.
    """
    at = position = 0
    last_run = resume = -1
    while at < len(value):
        token = tokens[position] if position < len(tokens) else None
        if token is Wildcard.RUN:
            last_run, resume = position, at
            position += 1
            if position == len(tokens):
                # It takes all that is left.
                return True
        elif token is Wildcard.ONE or token == value[at]:
            at += 1
            position += 1
        elif last_run >= 0:
            resume += 1
            at, position = resume, last_run + 1
        else:
            return False
    return all(token is Wildcard.RUN for token in tokens[position:])


def fold(text: str) -> str:
    """
    Text for a comparison without regard to case.

    Only ASCII letters have case here (assumed; the manual does not say what happens to others).
    """
    if text.isascii():
        return text.lower()
    return "".join(char.lower() if char.isascii() else char for char in text)

"""
What identity providers say about a person or a machine: how values are checked and how they are demanded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias, TypedDict

from trustproof_cdk._arguments import arguments, known_later
from trustproof_cdk.conditions import ConditionBlock, conjoin

#: How `_arguments` checks one value: the value, the name of its argument.
Check: TypeAlias = "Callable[[str, str], str]"

_WILDCARDS = "*?"
#: What no name of a branch or tag has, whatever its wildcards stand for: https://git-scm.com/docs/git-check-ref-format
_NO_REF = re.compile(r"^/|/$|//|\.\.|(^|/)\.|\.$|\.lock(?=/|$)|@\{")


class Subjects(TypedDict, total=False):
    """
    The arguments of `WebIdentityRole` that say which subjects are accepted.
    """

    subjects: list[str]
    subject_patterns: list[str]


def literal(value: str, argument: str) -> str:
    """A value that is compared as it stands: without wildcards, which would never match, and policy variables."""
    accepted = "1 to 256 characters of ASCII without wildcards and policy variables"
    arguments.matching(value, argument, r"(?!.*\$\{)[^*?\x00-\x1f\x7f-\U0010ffff]{1,256}", accepted)
    if value != value.strip():
        raise ValueError(f"{argument} cannot begin or end with a blank, since nobody's does: {value!r}")
    known_later.note(value, argument, lambda text: literal(text, argument))
    return value


def pattern(value: str, argument: str) -> str:
    """A value with wildcards after a beginning that has none."""
    accepted = "literal text with a wildcard (* or ?) somewhere after its beginning"
    expression = r"(?!.*\$\{)(?=.*[*?])[^*?\x00-\x1f\x7f-\U0010ffff][\x20-\x7e]{1,255}"
    return arguments.matching(value, argument, expression, accepted)


def literal_or_pattern(value: str, argument: str) -> str:
    """A value that may have wildcards after its beginning."""
    return pattern(value, argument) if any_wildcard([value]) else literal(value, argument)


def ref_name(value: str, argument: str) -> str:
    """A branch or tag, in which ``*`` stands for any run of characters."""
    accepted = "the name of a branch or tag like 'main' or 'release/*'"
    if str(value).startswith("refs/"):
        # Such a branch could exist, as refs/heads/refs/heads/main.
        name = re.sub(r"^refs/(heads|tags)/", "", value)
        raise ValueError(f"{argument} must be {accepted}, got {value!r}: say {name!r}, the rest is added")
    known_later.note(value, argument, lambda text: ref_name(text, argument))
    as_it_stands(value, argument)
    arguments.matching(value, argument, r"(?!.*\$\{)[^\x00-\x20~^:\[\\\x7f-\U0010ffff]{1,200}", accepted)
    if not arguments.is_token(value) and (found := _NO_REF.search(value)):
        below = f"; {value + '*'!r} is all below it" if value.endswith("/") and len(found[0]) == 1 < len(value) else ""
        raise ValueError(f"{argument} must be {accepted}, got {value!r}: git takes none with {found[0]!r} there{below}")
    return value


def as_it_stands(value: str, argument: str) -> str:
    """
    A part of a subject: where only a deployment knows it, it is compared as it stands, and a wildcard in it fails the
    synthesis; one beside it is meant.
    """
    # What is no text is refused by whoever looks at its form.
    if not any_wildcard([value]):
        known_later.note(value, argument, lambda text: _refuse_wildcard(text, argument))
    return value


def _refuse_wildcard(text: str, argument: str) -> None:
    if has_wildcard(text):
        raise ValueError(
            f"{argument} cannot be {text!r} in a value that only a deployment knows, which is compared as it stands: "
            "nobody would get in; write what has a wildcard out"
        )


def numeric_id(value: str, argument: str) -> str:
    """The number by which a provider knows a customer, which outlives names."""
    return arguments.matching(value, argument, r"[1-9][0-9]{0,19}", "a number like '123456'")


def has_wildcard(value: str) -> bool:
    """Whether a text is meant for an operator with wildcards."""
    return any(wildcard in value for wildcard in _WILDCARDS)


def any_wildcard(values: object) -> bool:
    """Whether one of some values, which are still to be checked, is a text with a wildcard."""
    return isinstance(values, (list, tuple)) and any(isinstance(one, str) and has_wildcard(one) for one in values)


def subject_arguments(subjects: Iterable[str]) -> Subjects:
    """Subjects as arguments of `WebIdentityRole`: those with wildcards apart."""
    listed = list(subjects)
    found = Subjects()
    if literals := [subject for subject in listed if not has_wildcard(subject)]:
        found["subjects"] = literals
    if patterns := [subject for subject in listed if has_wildcard(subject)]:
        found["subject_patterns"] = patterns
    return found


def equals_or_like(key: str, values: Iterable[str], patterns: Iterable[str] = ()) -> ConditionBlock:
    """
    The key has one of the values: ``StringEquals``, and ``StringLike`` only where one of them has a wildcard.

    Args:
        key: of the condition.
        values: texts, or tokens.
        patterns: further values; a token in them is one whose wildcards are meant.
    """
    literals, patterns = list(values), list(patterns)
    is_pattern = any(map(has_wildcard, (*literals, *patterns))) or any(map(arguments.is_token, patterns))
    return {"StringLike" if is_pattern else "StringEquals": {key: [*literals, *patterns]}}


def several(values: str | Iterable[str]) -> Iterable[str]:
    """One text or several, as several."""
    return [values] if isinstance(values, str) else values


def refuse_optional(conditions: ConditionBlock | None, prefix: str) -> ConditionBlock:
    """
    The conditions of a user, unless one of them tests a claim in a way that is true of an identity without the claim.

    Args:
        conditions: what the user gave.
        prefix: how the condition keys of the claims begin, like ``saml:``.

    Raises:
        ValueError: ``ForAllValues`` or ``IfExists`` on a claim.
    """
    block = conjoin(conditions)
    for operator, keys in block.items():
        vacuous = operator.startswith("ForAllValues:") or operator.endswith("IfExists")
        for key in keys if vacuous else ():
            if key.lower().startswith(prefix.lower()):
                raise ValueError(
                    f"conditions cannot test {key} with {operator}, which is true of everybody without it; use "
                    f"ForAnyValue: for a claim with several values, and the plain operator for others"
                )
    return block

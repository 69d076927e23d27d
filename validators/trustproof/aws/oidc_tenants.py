"""
Whose a token is, by what somebody declares of their own tokens: which claims name a customer of an issuer, and which
patterns for them name one.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.aws.oidc_issuers import Tenancy
from trustproof.sets.patterns import like, matches

#: Claims that are numbers.
NUMBERS = ("google/organization_number",)
_WILDCARDS = frozenset("*?")
#: More than any number of an issuer has.
_DIGITS = 30
_SOMEBODY = "somebody-else"


def naming_claims(found: Tenancy) -> tuple[str, ...]:
    """The claims that name a customer of an issuer, lower-cased: any one of them does."""
    subject = ("sub",) if found.subject_parts else ()
    named = (*subject, *found.whole_claims, *found.prefix_claims, *found.loose_claims)
    return tuple(dict.fromkeys(one.lower() for one in named))


def why_not_one_customer(pattern: str, claim: str, found: Tenancy) -> str:
    """
    What is wrong with a pattern that is to name one's own tokens: somebody else's are like it. Empty where nothing is.

    Args:
        claim: lower-cased, one of `naming_claims`.
    """
    if claim in NUMBERS:
        return "" if pattern.isascii() and pattern.isdigit() and len(pattern) <= _DIGITS else "must be a number"
    if not set(pattern) - _WILDCARDS:
        return "names nobody"
    if claim == "sub" and found.subject_parts:
        if any(_names_in_full(pattern, part, end) for part, end in found.subject_parts):
            return ""
        part, end = found.subject_parts[0]
        return f'names nobody in full: the name follows "{part}:", without a wildcard, and ends with "{end}"'
    if claim in found.prefix_claims and not _is_name(pattern.partition("/")[0]):
        return 'names nobody in full: the name has no wildcard, and ends with "/"'
    if set(pattern[:1]) & _WILDCARDS or any(matches(like(pattern), one) for one in _of_others(claim, found)):
        return "names nobody in full: somebody else's tokens are like it too"
    return ""


def _names_in_full(pattern: str, part: str, end: str) -> bool:
    """Whether a part of a subject names a customer, by a name (behind which an id may be any) or by an id."""
    start = pattern.lower().find(f"{part}:")
    while start >= 0:
        # What stands before it is written out: a wildcard would stand for what others may choose.
        if start == 0 or (pattern[start - 1] == ":" and _is_name(pattern[:start])):
            name, closed, _ = pattern[start + len(part) + 1 :].partition(end)
            login, at, _ = name.partition("@")
            if (closed or end == ":") and _is_name(login if at else name):
                return True
        start = pattern.lower().find(f"{part}:", start + 1)
    return False


def _is_name(text: str) -> bool:
    return bool(text) and not set(text) & _WILDCARDS


def _of_others(claim: str, found: Tenancy) -> Sequence[str]:
    values = [value for name, value in found.outsiders if name.lower() == claim]
    values += [found.outsider] if claim == "sub" and found.outsider else []
    return [one.format(name) for one in values for name in ("evil", _SOMEBODY)]

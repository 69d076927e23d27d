"""
The services that a policy is asked about: those of the catalogue that it names, and those that may be in the place of
one that only a deployment knows.
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.aws.service_principals import (
    BY_OWNER,
    BY_REFERER,
    IN_FUNCTION_POLICIES,
    IN_KEY_POLICIES,
    IN_RESOURCE_POLICIES,
    IN_TRUST_POLICIES,
)
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.principals import cover
from trustproof.engine.request_space import RequestSpace
from trustproof.model.document import RESOURCE, TRUST
from trustproof.model.policy import ALLOW, Principal, Statement
from trustproof.model.query import operands
from trustproof.model.request import SERVICE
from trustproof.model.text import Symbolic, Text
from trustproof.properties.question import Subject
from trustproof.properties.shared.service_uses import KEYS, says_for_whom
from trustproof.sets.patterns import matches

#: Likely ones first.
_CATALOGUE = tuple(
    dict.fromkeys(
        (
            "sns.amazonaws.com",
            *IN_RESOURCE_POLICIES,
            *IN_FUNCTION_POLICIES,
            *IN_KEY_POLICIES,
            *BY_REFERER,
            *IN_TRUST_POLICIES,
        )
    )
)
_NAMES = ("aws:principalservicename", "aws:principalservicenameslist")
_ANYWHERE = RequestSpace(SERVICE, "", "")


def asked_services(subject: Subject) -> tuple[str, ...]:
    """
    The services of the catalogue that a policy names, sorted.

    So are those that a value may be which only a deployment knows. Of those that the policy treats alike one stands for
    all: a value may be any of dozens.
    """
    document = subject.document
    named = {one for one in services_in(document.policy.statements) if says_for_whom(document, one)}
    return tuple(sorted(named | _possible(subject)))


def services_in(statements: Iterable[Statement]) -> set[str]:
    """The services that statements name, as in one Region."""
    return {value for value in _values(statements) if isinstance(value, str)}


def in_one_region(service: Text) -> Text:
    """One Region is like another."""
    if not isinstance(service, Symbolic):
        return service
    return service.bind({symbol.name: "us-east-1" for symbol in service.symbols if symbol.is_region})


def shown_services(subject: Subject) -> str:
    """The same services in words: what only a deployment knows by its name."""
    document = subject.document
    named = {one for one in services_in(document.policy.statements) if says_for_whom(document, one)}
    return ", ".join([*sorted(named), *sorted(map(str, _unknown(subject)))])


def _values(statements: Iterable[Statement], *, left_out: bool = True) -> Iterable[Text]:
    for statement in statements:
        entries = (*(statement.principals or ()), *((statement.not_principals or ()) if left_out else ()))
        yield from (in_one_region(entry.value) for entry in entries if entry.kind == "Service")


def _unknown(subject: Subject) -> set[Symbolic]:
    """The services that only a deployment knows, where a trust policy, or that of a resource, lets them in."""
    if subject.document.kind not in (TRUST, RESOURCE):
        return set()
    allowing = [one for one in subject.policy.statements if one.effect == ALLOW]
    return {value for value in _values(allowing, left_out=False) if isinstance(value, Symbolic)}


def _possible(subject: Subject) -> set[str]:
    """Services that one of them may be."""
    document, policy, unknown = subject.document, subject.policy, _unknown(subject)
    if not unknown:
        return set()
    told_apart = services_in(policy.statements) | {str(one) for key in _NAMES for one in operands(policy, (key,))}
    found: set[str] = set()
    for value in unknown:
        patterns = cover(Principal("Service", value), _ANYWHERE).larger
        fitting = [
            one
            for one in _CATALOGUE
            if says_for_whom(document, one) and any(matches(pattern, one + SEPARATOR) for pattern in patterns)
        ]
        apart = [one for one in fitting if one in told_apart or _has_word_of_its_own(document.resource_type, one)]
        found |= {*apart, *[one for one in fitting if one not in apart][:1]}
    return found


def _has_word_of_its_own(resource_type: str, service: str) -> bool:
    """Whether a service says by a key of its own for whom it calls."""
    return resource_type in KEYS or any(resource_type in one.get(service, ()) for one in (BY_REFERER, BY_OWNER))

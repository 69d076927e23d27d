"""
What the other policies of a template say of whom they mean: bounds for a remedy that nobody has to make up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trustproof.model.policy import ALLOW, Condition, Path, Statement
from trustproof.model.text import Text
from trustproof.properties.question import Subject
from trustproof.properties.remedies.edits import Demand
from trustproof.properties.shared.sources import tests_of_sources

#: Keys that name an organization.
_ORGANIZATIONS = ("aws:principalorgid", "aws:resourceorgid", "aws:sourceorgid")
#: Services that have one source for whatever they write to: elsewhere the source of a neighbour is another one.
_OF_ONE_SOURCE = ("cloudtrail.amazonaws.com", "config.amazonaws.com")
_SOURCE = "aws:sourcearn"


def organization(subject: Subject) -> Text | None:
    """The one organization that the policies of the template name, and that is ours; None where there is no such."""
    elsewhere = subject.neighbours.once("organizations", _organizations)
    found = elsewhere | _organizations(subject.policy.statements)
    boundary = subject.config.boundary
    if boundary is not None:
        found = frozenset(one for one in found if one in boundary.organizations)
    return next(iter(found)) if len(found) == 1 else None


def _organizations(statements: Iterable[Statement]) -> frozenset[Text]:
    return frozenset(
        operand
        for statement in statements
        for condition in statement.conditions
        if condition.key.lower() in _ORGANIZATIONS
        for operand in condition.operands
        if not set(str(operand)) & set("*?$")
    )


def source_bounds(subject: Subject, statement: Statement, service: str) -> tuple[Demand, ...]:
    """
    For whom the same service may call by another statement, as that one says it: of the same policy, or else of
    another policy of the template.
    """
    own = subject.policy.statements
    for other in own:
        if other.path != statement.path and (found := _bounds(other, service)):
            return found
    everywhere = subject.neighbours.once(("bounds", service), lambda statements: _all_bounds(statements, service))
    elsewhere = {
        demands
        for demands, paths in everywhere.items()
        if paths - {statement.path}
        and (service in _OF_ONE_SOURCE or all(key.lower() != _SOURCE for _, key, _ in demands))
    }
    return elsewhere.pop() if len(elsewhere) == 1 else ()


def _all_bounds(statements: Iterable[Statement], service: str) -> Mapping[tuple[Demand, ...], set[Path]]:
    """For whom a service may call, to the statements that say it."""
    found: dict[tuple[Demand, ...], set[Path]] = {}
    for one in statements:
        if demands := _bounds(one, service):
            found.setdefault(demands, set()).add(one.path)
    return found


def _bounds(statement: Statement, service: str) -> tuple[Demand, ...]:
    named = {str(entry.value) for entry in statement.principals or () if entry.kind == "Service"}
    if statement.effect != ALLOW or service not in named:
        return ()
    found: list[Condition] = list(tests_of_sources(statement))
    if len({one.key.lower() for one in found}) != len(found):
        return ()
    return tuple((one.operator, one.key, one.operands) for one in found)

"""
Which properties are asked: those that there are, and the invariants of the project, as somebody names them.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from trustproof.config.invariants import Invariant
from trustproof.config.model import Config
from trustproof.errors import NothingToProve, UsageError
from trustproof.escaping.text import shown
from trustproof.properties import registry
from trustproof.properties.base import Property
from trustproof.results.report import Report
from trustproof.results.result import OFF, OWN_PROPERTY

_NO_MATCH = "no role or resource with a policy matches"


def select(config: Config, properties: Sequence[str] | None) -> tuple[Property, ...]:
    """
    The properties to ask, in the order of reports.

    Raises:
        UsageError: an identifier is unknown.
        NothingToProve: none is left.
    """
    found = tuple(p for p in named_properties(config, properties) if config.severity(p.ident, p.severity) != OFF)
    if not found:
        raise NothingToProve("every property is switched off, so nothing would be proved")
    return found


def identifiers(properties: Iterable[str] | None) -> tuple[str, ...] | None:
    """
    The identifiers that somebody names, to be looked at more than once; None where nobody names any.

    Raises:
        UsageError: it is one by itself.
    """
    if isinstance(properties, str):
        raise UsageError(f'properties must be a list of identifiers, got one by itself: "{properties}"')
    if properties is not None and not isinstance(properties, Iterable):
        raise UsageError(f"properties must be a list of identifiers, got {shown(properties)}")
    return None if properties is None else tuple(properties)


def named_properties(config: Config, properties: Sequence[str] | None) -> tuple[Property, ...]:
    """
    The properties that somebody names, in the order of reports; all where nobody names any.

    Raises:
        UsageError: an identifier is unknown.
    """
    there = (*registry.PROPERTIES, *registry.invariant_properties(config))
    idents = {registry.find(ident).ident for ident in properties} if properties is not None else None
    for unknown in sorted((idents or set()) - {p.ident for p in there}):
        raise UsageError(f'the configuration has no invariant "{unknown.removeprefix(OWN_PROPERTY)}"')
    return tuple(p for p in there if idents is None or p.ident in idents)


def switched_off(config: Config) -> tuple[str, ...]:
    """The identifiers of what a configuration does not ask."""
    there = (*registry.PROPERTIES, *registry.invariant_properties(config))
    return tuple(p.ident for p in there if config.severity(p.ident, p.severity) == OFF)


def asked_of_nothing(
    report: Report, configs: Iterable[Config], properties: Sequence[str] | None
) -> Iterator[tuple[str, str]]:
    """Each invariant that was asked, and matches nothing, and a line that says so: its patterns may be mistaken."""
    answered = {result.property for result in report.results}
    for one in _invariants(configs, properties):
        if one.ident not in answered:
            called = f"the invariant {one.name}"
            yield called, f"{called} was asked of nothing: {_NO_MATCH} {', '.join(one.resources)}"


def patterns_of_nothing(
    report: Report,
    configs: Iterable[Config],
    properties: Sequence[str] | None,
    matched: Container[tuple[str, str]],
) -> Iterator[str]:
    """
    A line for each invariant that was asked of something, and has patterns that match nothing.

    Args:
        matched: the identifiers of properties, each with a pattern that matches something.
    """
    answered = {result.property for result in report.results}
    for one in _invariants(configs, properties):
        left = [pattern for pattern in one.resources if (one.ident, pattern) not in matched]
        if left and one.ident in answered:
            yield f"the invariant {one.name}: {_NO_MATCH} {', '.join(left)}"


def _invariants(configs: Iterable[Config], properties: Sequence[str] | None) -> Iterable[Invariant]:
    """Those that were asked."""
    there = (one for config in configs for one in config.invariants if one.ident not in switched_off(config))
    return dict.fromkeys(one for one in there if properties is None or one.ident in properties)

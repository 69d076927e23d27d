"""
Remedies about a service that the default of a parameter names: one that another value names may never say what they
test. Where the value is the Region in the name of a service, it is the same service at each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.analysis.assignments.defaults import is_read_for_each
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.remedies.shared_statements import changed_statements, right_where
from trustproof.aws.partitions import is_region, named_partitions, regions_named
from trustproof.model.document import Document
from trustproof.model.policy import ALLOW, Path, Statement
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.results.result import REFUTED, Remedy, Result
from trustproof.sets.search import BudgetReached

_SERVICE = "Service"


class _Given(NamedTuple):
    """
    The parameters with defaults in the names of the services that a statement lets in.
    """

    #: Those that decide which services they are, with their defaults.
    services: dict[str, str]
    #: Those that are Regions only: it is the same service at each.
    regions: set[str]


def for_services_by_default(context: TemplateContext, document: Document, found: Sequence[Result]) -> list[Result]:
    """The results about a document, in words where a remedy is right for the default of a parameter only."""
    is_asked = any(one.verdict == REFUTED and one.remedy is not None and one.remedy.edits for one in found)
    is_asked = is_asked and not document.is_foreign and any(map(_services, document.policy.statements))
    if not is_asked or not is_read_for_each(context):
        return list(found)
    try:
        given = _given(context, document, context.template.defaults_of(document))
    except BudgetReached:
        return list(found)
    return [_in_words(one, given) for one in found]


def _given(context: TemplateContext, document: Document, defaults: Mapping[str, str]) -> Mapping[Path, _Given]:
    """What defaults decide of the services of each statement that has such ones."""
    found: dict[Path, _Given] = {}
    for statement in _statements_at_other_values(context, document, tuple(defaults)) if defaults else ():
        if statement.effect != ALLOW:
            continue
        for one in _services(statement):
            for name, is_only_region in _named(one, defaults):
                given = found.setdefault(statement.path, _Given({}, set()))
                if is_only_region:
                    given.regions.add(name)
                else:
                    given.services[name] = defaults[name]
    return found


def _named(service: Text, defaults: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """The parameters with defaults in the name of a service, and whether each is the Region in it and nothing else."""
    parts = service.parts if isinstance(service, Symbolic) else ()
    for before, one, after in zip(("", *parts), parts, (*parts[1:], ""), strict=False):
        if isinstance(one, Symbol) and one.name in defaults:
            is_label = str(before).endswith(".") and str(after).startswith(".")
            # Terraform's defaults are shown in quotes.
            yield one.name, is_label and is_region(defaults[one.name].strip('"'))


def _statements_at_other_values(
    context: TemplateContext, document: Document, names: tuple[str, ...]
) -> Iterator[Statement]:
    opened = context.at_other_values(names)
    if opened.assignment is not None:
        there = opened.template.documents_at(document.logical_id, document.path)
    else:
        there = tuple(opened.documents[number] for number in opened.template.numbers_of(document))
    for one in there:
        yield from one.policy.statements


def _services(statement: Statement) -> list[Text]:
    return [one.value for one in statement.principals or () if one.kind == _SERVICE]


def _in_words(result: Result, given: Mapping[Path, _Given]) -> Result:
    if result.verdict != REFUTED or result.remedy is None:
        return result
    changed = [given[path] for path in changed_statements(result.remedy, given)]
    if names := {name: value for one in changed for name, value in one.services.items()}:
        return result._replace(remedy=right_where(result.remedy, names.items()))
    if any(one.regions for one in changed):
        # Another Region has other ARNs, or another partition has, and the same keys.
        written = repr(result.remedy.edits)
        if named_partitions(written) or regions_named(written):
            return result._replace(remedy=Remedy(result.remedy.text))
    return result

"""
Remedies about a service that the default of a parameter names: one that another value names may never say what they
test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trustproof.analysis.shared_statements import changed_statements, right_where
from trustproof.analysis.template_context import TemplateContext
from trustproof.model.document import Document
from trustproof.model.policy import ALLOW, Path, Statement
from trustproof.model.text import Symbolic, Text
from trustproof.results.result import REFUTED, Result
from trustproof.sets.search import BudgetReached

_SERVICE = "Service"


def for_services_by_default(context: TemplateContext, document: Document, found: Sequence[Result]) -> list[Result]:
    """The results about a document, in words where a remedy is right for the default of a parameter only."""
    is_asked = any(one.verdict == REFUTED and one.remedy is not None and one.remedy.edits for one in found)
    if not is_asked or document.is_foreign or not any(map(_services, document.policy.statements)):
        return list(found)
    try:
        given = _given(context, document, context.template.defaults_of(document))
    except BudgetReached:
        return list(found)
    return [_in_words(one, given) for one in found]


def _given(
    context: TemplateContext, document: Document, defaults: Mapping[str, str]
) -> Mapping[Path, Mapping[str, str]]:
    """The defaults that name services, for each statement with such ones."""
    found: dict[Path, dict[str, str]] = {}
    for statement in _statements_at_other_values(context, document, tuple(defaults)) if defaults else ():
        symbols = (symbol for one in _services(statement) if isinstance(one, Symbolic) for symbol in one.symbols)
        names = [symbol.name for symbol in symbols if symbol.name in defaults]
        if statement.effect == ALLOW and names:
            found.setdefault(statement.path, {}).update({name: defaults[name] for name in names})
    return found


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


def _in_words(result: Result, given: Mapping[Path, Mapping[str, str]]) -> Result:
    if result.verdict != REFUTED or result.remedy is None:
        return result
    names = {n: value for path in changed_statements(result.remedy, given) for n, value in given[path].items()}
    return result._replace(remedy=right_where(result.remedy, names.items())) if names else result

"""
Remedies that test what another statement tests, where the default of a parameter makes that value: at another value of
it the change would keep out whom the other statement lets in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from trustproof.analysis.assignments.defaults import is_read_for_each
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.model.document import Document
from trustproof.model.policy import Guard
from trustproof.model.text import Symbolic, Text
from trustproof.results.edit import Value
from trustproof.results.result import REFUTED, Remedy, Result
from trustproof.sets.patterns import ANY_RUN, Pattern, exact, join, matches
from trustproof.sets.search import BudgetReached

#: By the key of a condition in lower case, what it is compared with, and what decides whether that is there.
_Tests: TypeAlias = "dict[str, set[tuple[Text, tuple[Guard, ...]]]]"


def in_words_where_copied(context: TemplateContext, document: Document, found: Sequence[Result]) -> list[Result]:
    """
    The results about a document, in words where a change copies a value that only a default chooses.

    A parameter that stands in the value itself is copied with it, and right at each of its values.
    """
    changing = [one for one in found if one.verdict == REFUTED and one.remedy is not None and one.remedy.edits]
    defaults = context.template.parameter_defaults()
    if not changing or not defaults or document.is_foreign or not is_read_for_each(context):
        return list(found)
    here = _tests(context.documents)
    if not any(_copied(one, here) for one in changing):
        return list(found)
    try:
        elsewhere = _tests(context.at_other_values(tuple(defaults)).documents)
    except BudgetReached:
        return list(found)
    chosen = {key for key, tests in elsewhere.items() if {g for _, g in tests} - {g for _, g in here.get(key, ())}}
    return [_in_words(one) if one in changing and _copied(one, here) & chosen else one for one in found]


def _tests(documents: Iterable[Document]) -> _Tests:
    found: _Tests = {}
    for document in documents:
        for statement in document.policy.statements:
            for one in statement.conditions:
                found.setdefault(one.key.lower(), set()).update((value, statement.guards) for value in one.operands)
    return found


def _copied(result: Result, tests: _Tests) -> set[str]:
    """The keys that a change tests in the way in which something tests them already."""
    edits = () if result.remedy is None else result.remedy.edits
    return {
        key
        for one in edits
        for key, value in {*_asked(str(one.path[-1]), one.value)} - {*_asked(str(one.path[-1]), one.before)}
        if any(isinstance(text, str) and matches(value, text) for text, _ in tests.get(key, ()))
    }


def _asked(key: str, value: Value | None) -> Iterator[tuple[str, Pattern]]:
    """The keys of conditions in what is put into a policy, with patterns for what each is compared with."""
    if isinstance(value, Mapping):
        for inner, one in value.items():
            yield from _asked(inner, one)
    elif isinstance(value, str):
        yield key.lower(), exact(value)
    elif isinstance(value, tuple) and not isinstance(value, Symbolic):
        for item in value:
            yield from _asked(key, item)
    elif isinstance(value, Symbolic):
        # A change is written as its source is, where conditions are compared with what that is worth.
        yield key.lower(), join(*(part if isinstance(part, str) else ANY_RUN for part in value.parts))


def _in_words(result: Result) -> Result:
    assert result.remedy is not None
    return result._replace(remedy=Remedy(result.remedy.text))

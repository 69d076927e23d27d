"""
Conditions that a template has only where something is given that is left out by default.
"""

from __future__ import annotations

from functools import partial

from trustproof.analysis.assignments.defaults import asked_at_most, deciding_defaults, is_read_for_each
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.model.document import Document
from trustproof.model.operators import admits_absence_alone
from trustproof.model.policy import Path


def asking_elsewhere(context: TemplateContext, document: Document, path: Path, key: str) -> dict[str, str]:
    """
    The parameters at whose other values a statement looks at a condition key, with their defaults, or with what they
    are here where the policy is judged at several values; empty where it does at none, or that is too much to ask.

    Args:
        document: as it is read at the defaults.
        path: of the statement.
        key: in lower case.
    """
    if document.is_foreign:
        return {}
    if context.assignment is not None:
        return _at_another_assignment(context, document, path, key)
    if not is_read_for_each(context):
        return {}
    defaults = context.template.defaults_of(document)
    names = tuple(defaults)
    without = partial(_is_never_asked, context, document, path, key)
    if not names or without(names):
        return {}
    deciding = deciding_defaults(names, without, asked_at_most(context, names))
    return {name: defaults[name] for name in deciding}


def _at_another_assignment(context: TemplateContext, document: Document, path: Path, key: str) -> dict[str, str]:
    """The fewest parameters that have other values where a statement looks at a key, with those that they have here."""
    outer, here = context.outer, context.assignment
    assert outer is not None
    assert here is not None
    found = [
        {name: value for name, value in here.named if dict(other.named).get(name, value) != value}
        for other, form in outer.forms(document)
        if _asks(form, path, key)
    ]
    return min(filter(None, found), key=len, default={})


def _asks(document: Document, path: Path, key: str) -> bool:
    """
    Whether a document asks for a key in a statement, and not for its absence; what a condition decides stands below the
    statement's place.
    """
    return any(
        condition.key.lower() == key and not admits_absence_alone(condition.operator, condition.operands)
        for statement in document.policy.statements
        if statement.path[: len(path)] == path
        for condition in statement.conditions
    )


def _is_never_asked(context: TemplateContext, document: Document, path: Path, key: str, names: tuple[str, ...]) -> bool:
    """Whether a statement does not look at a key whatever some parameters are."""
    opened = context.at_other_values(names)
    if opened.assignment is None:
        there = tuple(opened.documents[number] for number in opened.template.numbers_of(document))
    else:
        there = opened.template.documents_at(document.logical_id, document.path)
    return not any(_asks(form, path, key) for form in there)

"""
What the default of a variable opens, and whoever deploys a configuration may choose otherwise: ``public_read = true``.

A template of CloudFormation is read with its conditions open, and a configuration of Terraform at its defaults.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trustproof.analysis.assignments.stopping_defaults import ChangedDefaults, Without, place_of
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.model.document import TRUST, Document
from trustproof.results.result import ERROR, REFUTED, WARNING, WORLD, Result, Severity


def say_what_is_chosen(
    context: TemplateContext,
    document: Document,
    found: Sequence[Result],
    defaults: Mapping[str, str],
    without: Without,
) -> list[Result]:
    """
    The results of a property, where what lets in the world at the defaults of variables is at most as bad as where
    nobody has chosen yet: there the condition says whether it is meant.

    Args:
        found: at the defaults.
        defaults: the variables that the policy was judged at the default of.
    """
    if document.kind == TRUST or not defaults or context.assignment is not None:
        return list(found)
    # The conditions of a template have been looked at.
    there = [opened for opened in without(tuple(defaults)) if opened.context.assignment is None]
    return [_as_chosen(context, one, there) if _is(ERROR, one) else one for one in found]


def _is(severity: Severity, one: Result) -> bool:
    return (one.verdict, one.severity, one.reach) == (REFUTED, severity, WORLD)


def _as_chosen(context: TemplateContext, result: Result, there: Sequence[ChangedDefaults]) -> Result:
    """A result, with what is said of the same statement where nobody has chosen yet."""
    here = place_of(context.template, result.path)
    for opened in there:
        same = [one for one in opened.results if place_of(opened.context.template, one.path) == here]
        if any(_is(WARNING, one) for one in same) and not any(_is(ERROR, one) for one in same):
            meant = next(one for one in same if _is(WARNING, one))
            why = (*(line for line in meant.why if line not in result.why), *result.why)
            return result._replace(severity=WARNING, why=why)
    return result

"""
How often a template may have properties asked of its statements, and what is said of the policies behind that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from trustproof.analysis.assignments.assignments import undecided_result
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.templates.policies import PolicyTask
from trustproof.escaping.text import first_of
from trustproof.proving.answers import cut_short
from trustproof.results.fingerprint import fingerprint
from trustproof.results.result import Result
from trustproof.sets.search import BudgetReached

#: How often a property may be asked of a statement, in a template of up to a million characters. One that can be
#: deployed asks some thousand times.
MAX_QUESTIONS = 20_000
#: How many resources a reason names.
_NAMED = 3
#: The section of a template that all of its policies are in.
_SECTION = "Resources"


def _questions(asking: Sequence[PolicyTask]) -> int:
    """How often a property is asked of a statement."""
    return sum(len(one.properties) * len(one.subject.policy.statements) for one in asking)


def within_questions(asking: Sequence[PolicyTask], most: int) -> tuple[list[PolicyTask], list[PolicyTask]]:
    """
    Those documents about which no more is asked together than may be, in the order of the template, and the others.

    One that alone asks for more takes nothing from those behind it.
    """
    kept: list[PolicyTask] = []
    left_out: list[PolicyTask] = []
    left = most
    for one in asking:
        asked = _questions((one,))
        (kept if asked <= left else left_out).append(one)
        left -= asked if asked <= left else 0
    return kept, left_out


def not_asked(context: TemplateContext, left_out: Sequence[PolicyTask], most: int) -> dict[int, list[Result]]:
    """
    What is said of the documents for which no question is left: of all of them once, where the first one stands.

    It is about the template, and known by all that it leaves out: who waives it, or has it in a baseline, for one of
    these resources says nothing about the others, and nothing about what comes to them.
    """
    (reason,) = cut_short(BudgetReached("questions about the policies of a template", most)).reasons
    found: dict[int, list[Result]] = {one.number: [] for one in left_out}
    for asked in dict.fromkeys(asked for one in left_out for asked in one.properties):
        about = [context.documents[one.number] for one in left_out if asked in one.properties]
        undecided = undecided_result(asked, context.proof(asked, about[0]), reason)
        resources = [*dict.fromkeys(document.logical_id for document in about)]
        named = first_of(resources, _NAMED)
        said = f"{len(about):,} of its policies {'is' if len(about) == 1 else 'are'} not looked at: {named}"
        number = next(one.number for one in left_out if asked in one.properties)
        found[number].append(
            undecided._replace(
                logical_id=_SECTION,
                resource_type="",
                construct_path="",
                message=f"not decided whether {asked.summary}: {_SECTION}",
                reasons=(reason, said, *undecided.reasons[1:]),
                fingerprint=fingerprint(asked.ident, _SECTION, json.dumps(resources)),
                former_fingerprint="",
                content_digest="",
            )
        )
    return found

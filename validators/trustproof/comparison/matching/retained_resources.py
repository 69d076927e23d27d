"""
Resources that stay as they are when they go out of a template or of a configuration.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.comparison.gains import StatementGain
from trustproof.comparison.subjects.sides import ComparisonSide
from trustproof.comparison.subjects.subjects import Subject
from trustproof.inputs.reader import REMOVED
from trustproof.results.difference import LOST

_RETAINED = ("Retain", "RetainExceptOnCreate")


def with_retained(given: StatementGain, others: Sequence[Subject]) -> StatementGain:
    """
    The same, with a note where what is lost stands in a resource that stays, with its policy, and that no template has.

    Args:
        others: what there is on the new side.
    """
    logical_id, subject = given.place[0], given.subject
    policy = subject.context.template.written(("Resources", logical_id, "DeletionPolicy"))
    if given.direction != LOST or policy not in _RETAINED:
        return given
    there = (one.context.template for one in others if one.label == subject.label)
    if any(template.written(("Resources", logical_id)) is not None for template in there):
        return given
    note = f"{logical_id} has the DeletionPolicy {policy}: it stays in AWS with its policy, until somebody deletes it"
    return given._replace(notes=(*given.notes, note))


def with_forgotten(given: StatementGain, new: ComparisonSide) -> StatementGain:
    """
    The same, with a note where what is lost stands in a resource that a block ``removed`` of the new side forgets.
    """
    if given.direction != LOST:
        return given
    for named in new.templates:
        for what, which in named.template.presentation.left_out:
            if which.startswith(REMOVED) and is_of(given.place[0], what):
                return given._replace(
                    notes=(*given.notes, f"no longer managed, and still there: {what}, which {which}")
                )
    return given


def is_of(logical_id: str, address: str) -> bool:
    """Whether an address names a resource, all of several of which it is one, or the module that it is in."""
    rest = logical_id.removeprefix(address)
    return rest != logical_id and rest[:1] in ("", "[", ".")

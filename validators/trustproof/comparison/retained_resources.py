"""
Resources that CloudFormation leaves as they are when they go out of a template.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.comparison.gains import StatementGain
from trustproof.comparison.subjects import Subject
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

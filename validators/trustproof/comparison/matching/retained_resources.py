"""
Resources that stay as they are when they go out of a template or of a configuration.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trustproof.comparison.gains import StatementGain
from trustproof.comparison.subjects.sides import ComparisonSide
from trustproof.comparison.subjects.subjects import Subject
from trustproof.inputs.reader import REMOVED
from trustproof.model.document import RESOURCE
from trustproof.model.text import BUCKET_NAME, GENERATED_NAME, RESOURCE_NAME, Symbolic
from trustproof.results.difference import LOST

#: What stands for a name that AWS gives.
GIVEN_NAMES = (BUCKET_NAME, GENERATED_NAME, RESOURCE_NAME)
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


def goes_with_its_resource(policy: Subject, others: Sequence[Subject]) -> bool:
    """
    Whether CloudFormation deletes what a policy of the old side stands on, which AWS gave its name: no template of
    which something is compared has it any more, and it is not retained.

    Args:
        others: what there is on either side.
    """
    templates = [one.home for one in others if one.side_name != policy.side_name]
    if policy.kind != RESOURCE or not isinstance(policy.arn, Symbolic) or not templates:
        return False
    named = [one.name for one in policy.arn.symbols if one.holds in GIVEN_NAMES]
    made = [policy.home.written(("Resources", name)) for name in named if "." not in name]
    if not named or not all(isinstance(one, Mapping) and one.get("DeletionPolicy") not in _RETAINED for one in made):
        return False
    return len(made) == len(named) and not any(one.written(("Resources", name)) for one in templates for name in named)


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

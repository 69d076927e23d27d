"""
Answers that hang on whether a request carries a tag that its resource has.

"This key is included in the request context when the requested resource already has attached tags", and "only for
resources that support authorization based on tags": which calls of a service do is not documented of all.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourcetag
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from trustproof.aws.condition_keys import lookup
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values
from trustproof.engine.region import ClosedRegion, Region
from trustproof.model.document import RESOURCE
from trustproof.properties.question import Refutation, Subject
from trustproof.properties.shared.known_tags import tags_looked_at
from trustproof.proving.answers import Undecided
from trustproof.proving.passed_tags import NOT_LISTED
from trustproof.results.unknown_kinds import UNDOCUMENTED

_Answer: TypeAlias = "ClosedRegion | Refutation | Undecided"


def with_tags(subject: Subject, search: Callable[[Region], _Answer], region: Region) -> _Answer:
    """
    The answer about a region: where a request gets in only without a tag that the template gives the resource, it may
    be that none is without it.

    Args:
        search: answers about a region.
    """
    answer = search(region)
    tags = tags_looked_at(subject) if subject.document.kind == RESOURCE and isinstance(answer, Refutation) else ()
    if not isinstance(answer, Refutation) or not (left_out := [one for one in tags if one[0] not in _carried(answer)]):
        return answer
    dimensions = {key_dimension(key) for key, _ in tags}
    carrying = tuple(
        (dimension, Values(False, values.present) if dimension in dimensions else values)
        for dimension, values in region.constraints
    )
    found = search(region._replace(constraints=carrying))
    if isinstance(found, Refutation):
        return found
    action = answer.request.action
    reasons = (
        f'{NOT_LISTED}{action} carries {lookup(key).name}, which is "{value}" at the resource: without it this gets in'
        for key, value in left_out
    )
    return Undecided(tuple(reasons), UNDOCUMENTED)


def _carried(found: Refutation) -> frozenset[str]:
    return frozenset(found.request.context)

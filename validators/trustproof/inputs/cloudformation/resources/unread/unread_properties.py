"""
Resources whose properties are made as a whole by what nobody can read: what of them lets somebody in is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.collection.relevant_types import is_relevant
from trustproof.inputs.cloudformation.resources.unread.unknown_types import LEFT_UNREAD
from trustproof.inputs.cloudformation.values.intrinsics import FOREACH, TRANSFORM, intrinsic_name
from trustproof.inputs.reader import ExternalTemplate


def unread_properties(resolver: Resolver) -> Iterator[ExternalTemplate]:
    """
    The resources that hold no policies by themselves, and may be given any property by a macro, a loop or a function.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-transform.html

    Args:
        resolver: of the template that has them.
    """
    environment = resolver.environment
    for logical_id, resource in environment.resources.items():
        type_ = resource.get("Type")
        # What may hold policies is unknown with its reason, and what is left unread is so whatever it says.
        if isinstance(type_, str) and not is_relevant(type_) and type_ not in LEFT_UNREAD:
            made = _made_by(environment.properties(logical_id))
            if made:
                which = f"are made by {made}, and may let others in ({type_})"
                yield ExternalTemplate(f"the properties of {logical_id}", "", which, resource=logical_id)


def _made_by(properties: Mapping[str, object]) -> str:
    """What makes properties as a whole that nobody knows; empty where all of their names are written."""
    if TRANSFORM in properties:
        return "a macro"
    if any(str(name).startswith(FOREACH) for name in properties):
        return "a loop over what is known at deployment only"
    return intrinsic_name(properties) or ""

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

#: How the manual calls a macro in short, as a tag of YAML; of JSON it is not said where CloudFormation takes it.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-transform.html
_SHORT = TRANSFORM.removeprefix("Fn::")


def unread_properties(resolver: Resolver) -> Iterator[ExternalTemplate]:
    """
    The resources that hold no policies by themselves, and may be given any property by a macro, a loop or a function,
    and those of which nobody knows whether a macro is called.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-transform.html

    Args:
        resolver: of the template that has them.
    """
    environment = resolver.environment
    for logical_id, resource in environment.resources.items():
        type_ = resource.get("Type")
        if not isinstance(type_, str):
            continue
        properties = environment.properties(logical_id)
        # What may hold policies is unknown with its reason, and what is left unread is so whatever it says.
        is_said = is_relevant(type_) or type_ in LEFT_UNREAD
        made = "" if is_said else _made_by(resource, properties)
        if made or any(_is_short(one.get(_SHORT)) for one in (resource, properties)):
            which = f"are made by {made or 'a macro'}, and may let others in ({type_})"
            yield ExternalTemplate(f"the properties of {logical_id}", "", which, resource=logical_id)


def _made_by(resource: Mapping[str, object], properties: Mapping[str, object]) -> str:
    """What makes properties as a whole that nobody knows; empty where all of their names are written."""
    # Beside the type stands what adds properties to the resource, or all of them.
    if TRANSFORM in resource or TRANSFORM in properties:
        return "a macro"
    if any(str(name).startswith(FOREACH) for name in properties):
        return "a loop over what is known at deployment only"
    return intrinsic_name(properties) or ""


def _is_short(value: object) -> bool:
    """Whether a value is what the short form of a macro's call is given, which no property of a resource is."""
    return isinstance(value, Mapping) and isinstance(value.get("Name"), str) and value.keys() <= {"Name", "Parameters"}

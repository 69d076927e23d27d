"""
Resources that an update replaces: when CloudFormation makes no new one, and what becomes of the old one.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.stack import Resource

_POLICY = "UpdateReplacePolicy"


def check_replacement(old: Resource, declared: Mapping[str, Any], properties: Mapping[str, Any]) -> None:
    """
    See that a new resource may take the place of one.

    Args:
        old: the resource that is there.
        declared: as the new template has it.
        properties: of the new one, with their values.

    Raises:
        ResourceFailed: it may not, or what becomes of the old one is not known.
    """
    property_name = old.kind.name_property
    name = properties.get(property_name) if property_name else None
    if name and name == old.properties.get(str(property_name)):
        raise ResourceFailed(
            "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
            f"Rename {name} and update the stack again."
        )
    if is_retained(old.declared) is not is_retained(declared):
        raise ResourceFailed(
            f"NotImplemented: {_POLICY} is set and the resource replaced in one change; whether "
            f"{old.made.physical_id} is kept then is not documented: set it by a change of its own first"
        )


def is_retained(declared: Mapping[str, Any]) -> bool:
    """Whether what is replaced stays, by what a template says of the resource."""
    return declared.get(_POLICY) == "Retain"

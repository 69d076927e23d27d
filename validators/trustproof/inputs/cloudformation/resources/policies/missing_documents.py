"""
Policies that a template forgets: what AWS refuses without one, and types whose names are nearly those of AWS.
"""

from __future__ import annotations

from functools import cache

from trustproof.inputs.cloudformation.values import catalogue
from trustproof.inputs.grammar.malformed_policies import MalformedPolicy
from trustproof.model.policy import Path

_DOCUMENT = "PolicyDocument"


def is_given(properties: dict[str, object], key: str) -> bool:
    """Whether a property is written, and not as none: ``!Ref AWS::NoValue`` takes it away."""
    return key in properties and properties[key] != {"Ref": "AWS::NoValue"}


def missing_document(logical_id: str, type_: str, properties: dict[str, object], path: Path) -> list[MalformedPolicy]:
    """What is wrong with a resource that is a policy and has none."""
    # A cluster may have one.
    is_resource_policy = type_.endswith("Policy") and catalogue.RESOURCE_POLICIES.get(type_) == ((_DOCUMENT,),)
    is_policy = type_ in catalogue.ATTACHED or is_resource_policy
    missing = is_policy and not is_given(properties, _DOCUMENT)
    return [MalformedPolicy(f"the policy {logical_id} has no {_DOCUMENT}", path)] if missing else []


def mistaken_type(logical_id: str, type_: object, path: Path) -> list[MalformedPolicy]:
    """What is wrong with a type that is nearly one that holds policies; CloudFormation refuses it."""
    meant = _meant().get(type_.strip().lower(), type_) if isinstance(type_, str) else type_
    if meant == type_:
        return []
    return [
        MalformedPolicy(f'the Type of {logical_id} is "{type_}", and CloudFormation knows {meant}', (*path, "Type"))
    ]


@cache
def _meant() -> dict[str, str]:
    known = (*catalogue.ENTITIES, *catalogue.ATTACHED, *catalogue.RESOURCE_POLICIES, *catalogue.ROLE_MAKERS)
    return {name.lower(): name for name in known}

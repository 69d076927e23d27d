"""
Which types of resources say who may do what.
"""

from __future__ import annotations

from trustproof.inputs.cloudformation.resources.access import control_policies, grants
from trustproof.inputs.cloudformation.values import catalogue


def is_relevant(type_: str) -> bool:
    """Whether resources of a type hold policies, or say something of those who have them."""
    catalogues = (catalogue.ENTITIES, catalogue.ATTACHED, catalogue.RESOURCE_POLICIES, catalogue.SESSIONS)
    return (
        any(type_ in one for one in (*catalogues, catalogue.ROLE_MAKERS))
        or type_ in (catalogue.SERVERLESS_API, control_policies.CONTROL_POLICY)
        or grants.is_grant(type_)
    )

"""
The names of the provider awscc, of types that give access without a policy.
"""

from __future__ import annotations

import re

import pytest

from trustproof.inputs.cloudformation.resources.access.access_by_property import LETTING_IN
from trustproof.inputs.cloudformation.resources.access.access_without_policies import TYPES
from trustproof.inputs.cloudformation.resources.unread.unknown_types import ATTACHING, CALLING
from trustproof.inputs.terraform.types.cloud_control_names import cloudformation_type, property_name

OF_CLOUDFORMATION = sorted({*LETTING_IN, *TYPES, *ATTACHING, *CALLING})
PLACES = [(type_, place) for table in (LETTING_IN, TYPES) for type_, places in table.items() for place in places]


def _words(name: str) -> str:
    """A name as the provider writes it: ``PrincipalARN`` is ``principal_arn``, ``VPCOptions`` ``vpc_options``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


@pytest.mark.parametrize("type_", OF_CLOUDFORMATION)
def test_types_of_cloudformation_are_known_by_the_names_of_the_provider(type_: str) -> None:
    """What lets somebody in there does so here: a type that the provider does not know by name is passed in silence."""
    _, service, name = type_.split("::")
    assert cloudformation_type(f"awscc_{service.lower()}_{_words(name)}") == type_


@pytest.mark.parametrize(("type_", "place"), PLACES)
def test_properties_have_the_name_that_their_type_gives_them(type_: str, place: str) -> None:
    """One type says ``PrincipalARN``, another one ``PrincipalArn``."""
    for name in place.split("/"):
        assert property_name(_words(name), type_) == name

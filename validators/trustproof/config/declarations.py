"""
What the tables of a configuration say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

#: Identifier of every property to the options it has besides ``severity``. An option is a type (``int`` does not accept
#: booleans), or a function that returns the value to keep and raises ValueError with what is accepted in words
#: (``a whole number of seconds``).
Known: TypeAlias = "Mapping[str, Mapping[str, object]]"


class Boundary(NamedTuple):
    """
    Who is one of us, besides the account that a template is deployed to.
    """

    #: 12-digit account ids.
    accounts: tuple[str, ...] = ()
    #: Ids of organizations: ``o-a1b2c3d4e5``.
    organizations: tuple[str, ...] = ()
    #: Whether a fixed network (a VPC, an address range) bounds a resource policy, as it does for AWS.
    network_bounds: bool = True


class ThirdParty(NamedTuple):
    """
    A vendor whose machines assume roles; held by an external id, not by MFA.
    """

    name: str
    accounts: tuple[str, ...]


class PropertySettings(NamedTuple):
    """
    What a project says about one property.
    """

    #: ``error``, ``warning`` or ``off`` (the property is not asked); None where the project does not say.
    severity: str | None = None
    options: Mapping[str, object] = {}


class Declarations(NamedTuple):
    """
    All tables of a configuration, as the fields of a `Config`.
    """

    boundary: Boundary | None
    third_parties: tuple[ThirdParty, ...]
    sensitive_actions: tuple[str, ...] | None
    properties: Mapping[str, PropertySettings]
    file: str | None

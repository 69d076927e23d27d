"""
What a project declares: its boundary, third parties, sensitive actions and property settings.

The file is ``trustproof.toml``, or ``[tool.trustproof]`` in ``pyproject.toml``; both have the same tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from trustproof.results.result import ERROR, Severity
from trustproof.results.waivers import Waiver

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

    #: ``error``, ``warning``, ``note`` or ``off`` (the property is not asked); None where the project does not say.
    severity: Severity | None = None
    options: Mapping[str, object] = {}
    #: Whether a waiver may be about it.
    waivable: bool = True


class Config(NamedTuple):
    """
    The declarations of a project; ``Config()`` declares nothing.
    """

    #: None where no boundary is declared, which is not the same as an empty one.
    boundary: Boundary | None = None
    third_parties: tuple[ThirdParty, ...] = ()
    #: Action patterns; None where the project does not say.
    sensitive_actions: tuple[str, ...] | None = None
    properties: Mapping[str, PropertySettings] = {}
    #: What is left out of the directories that are checked: patterns as in a ``.gitignore``, relative to the file.
    exclude: tuple[str, ...] = ()
    #: Where the declarations were read from.
    file: str | None = None
    waivers: tuple[Waiver, ...] = ()
    #: Whether waivers count that stand in the templates themselves.
    template_waivers: bool = False
    #: The file of findings that were there before, as the file of the configuration names it; None where there is none.
    baseline: str | None = None

    def is_waivable(self, ident: str) -> bool:
        """Whether a waiver may be about a property."""
        return self.properties.get(ident, PropertySettings()).waivable

    def severity(self, ident: str, default: Severity = ERROR) -> Severity:
        """The severity of a property when it is refuted: ``error``, ``warning``, ``note`` or ``off``."""
        return self.properties.get(ident, PropertySettings()).severity or default

    def option(self, ident: str, name: str, default: object = None) -> object:
        """The value of a property's option; `default` where the project does not say."""
        return self.properties.get(ident, PropertySettings()).options.get(name, default)

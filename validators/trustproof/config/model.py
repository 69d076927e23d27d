"""
What a project declares: its boundary, third parties, sensitive actions and property settings.

The file is ``trustproof.toml``, or ``[tool.trustproof]`` in ``pyproject.toml``; both have the same tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.config.declarations import Boundary, Known, PropertySettings, ThirdParty
from trustproof.config.reader import ConfigReader
from trustproof.results.result import ERROR

__all__ = ["Boundary", "Config", "Known", "PropertySettings", "ThirdParty"]


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
    #: Where the declarations were read from.
    file: str | None = None

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object], *, known: Known) -> Config:
        """
        The configuration in a mapping of the same shape as ``trustproof.toml``.

        Args:
            mapping: tables as dictionaries, arrays as lists or tuples.
            known: the properties there are, and their options.

        Raises:
            ConfigError: an unknown table, key or value.
        """
        return cls(*ConfigReader(known).config(mapping))

    def severity(self, ident: str, default: str = ERROR) -> str:
        """The severity of a property: ``error``, ``warning`` or ``off``."""
        return self.properties.get(ident, PropertySettings()).severity or default

    def option(self, ident: str, name: str, default: object = None) -> object:
        """The value of a property's option; `default` where the project does not say."""
        return self.properties.get(ident, PropertySettings()).options.get(name, default)

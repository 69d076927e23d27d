"""
What a project declares: its boundary, third parties, sensitive actions and property settings.

The file is ``trustproof.toml``, or ``[tool.trustproof]`` in ``pyproject.toml``; both have the same tables.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from trustproof._typing import NamedTuple, TypeAlias
from trustproof._verdict import ERROR
from trustproof.errors import ConfigError

FILE_NAME = "trustproof.toml"

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
        from trustproof._config_reader import ConfigReader

        return ConfigReader(known).config(mapping)

    def severity(self, ident: str, default: str = ERROR) -> str:
        """The severity of a property: ``error``, ``warning`` or ``off``."""
        return self.properties.get(ident, PropertySettings()).severity or default

    def option(self, ident: str, name: str, default: object = None) -> object:
        """The value of a property's option; `default` where the project does not say."""
        return self.properties.get(ident, PropertySettings()).options.get(name, default)


def load_config(file: str | None, start: str = ".", *, known: Known) -> Config:
    """
    Read the configuration of a project.

    The nearest directory from `start` upward that has one wins; within a directory ``trustproof.toml`` wins over
    ``pyproject.toml``. Where there is none, nothing is declared.

    Args:
        file: read this file instead of searching; one named ``pyproject.toml`` is read as that.
        start: the directory to search from.
        known: the properties there are, and their options.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or has an unknown table, key or value.
    """
    if file is not None:
        pyproject = os.path.basename(file) == "pyproject.toml"
        found = _read_file(file, known, pyproject=pyproject)
        if found is None:
            raise ConfigError("has no [tool.trustproof] table", file)
        return found
    directory = os.path.abspath(start)
    while True:
        for name in (FILE_NAME, "pyproject.toml"):
            path = os.path.join(directory, name)
            if os.path.isfile(path):
                found = _read_file(_shown(path), known, pyproject=name != FILE_NAME)
                if found is not None:
                    return found
        parent = os.path.dirname(directory)
        if parent == directory:
            return Config()
        directory = parent


def _shown(path: str) -> str:
    """The path as a person in the working directory would write it."""
    here = os.getcwd() + os.sep
    return path.removeprefix(here)


def _read_file(file: str, known: Known, *, pyproject: bool) -> Config | None:
    """The configuration in a file; None for a ``pyproject.toml`` that has no table of ours."""
    try:
        with open(file, encoding="utf-8-sig") as stream:
            text = stream.read()
    except OSError as error:
        raise ConfigError(f"cannot be read: {(error.strerror or str(error)).lower()}", file) from None
    except UnicodeDecodeError:
        raise ConfigError("cannot be read: not UTF-8", file) from None
    # Other people's projects have a pyproject.toml too; do not make them pay for, or answer for, a parse.
    if pyproject and "trustproof" not in text:
        return None
    # Most runs of the gate on a laptop find no configuration at all: its reader is imported where one is found.
    from trustproof._config_reader import ConfigReader
    from trustproof._toml import parse_toml

    document: object = parse_toml(text, file)
    prefix = ("tool", "trustproof") if pyproject else ()
    for key in prefix:
        if not isinstance(document, dict) or key not in document:
            return None
        document = document[key]
    return ConfigReader(known, file, text, prefix).config(document)

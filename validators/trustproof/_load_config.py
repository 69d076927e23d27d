"""
The configuration of a project, read with the properties that there are; and where something stands in a TOML file.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from trustproof import _toml, config
from trustproof.config import Config
from trustproof.properties import registry


def load_config(file: str | os.PathLike[str] | None = None, start: str | os.PathLike[str] = ".") -> Config:
    """
    Read the configuration of a project, as the command line does.

    The nearest directory from `start` upward that has one wins; within a directory ``trustproof.toml`` wins over
    ``pyproject.toml``. Where there is none, nothing is declared.

    Args:
        file: read this file instead of searching; one named ``pyproject.toml`` is read as that.
        start: the directory to search from.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or has an unknown table, key or value; the message names
            file and line.
    """
    path = None if file is None else os.fspath(file)
    return config.load_config(path, os.fspath(start), known=registry.options())


def toml_line(text: str, keys: Sequence[str | int]) -> int | None:
    r"""
    The line where a key of a TOML document stands, for messages about its value.

    >>> toml_line('[accounts.hub]\nid = "1"', ("accounts", "hub", "id"))
    2

    Args:
        text: the document.
        keys: from the root; the index of an array of tables counts its ``[[headers]]``.

    Returns:
        From 1; that of the nearest table where the key is not there, and None where none of them is found.
    """
    return _toml.line_of(text, tuple(keys))

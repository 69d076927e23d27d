"""
The configuration of a project, read with the properties that there are.
"""

from __future__ import annotations

import os

from trustproof import config
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

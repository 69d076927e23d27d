"""
Finds and reads the configuration file.
"""

from __future__ import annotations

import os

from trustproof.config.model import Config, Known
from trustproof.config.reader import ConfigReader
from trustproof.config.toml import parse_toml
from trustproof.errors import ConfigError, InputError
from trustproof.files import read_bytes, reason

FILE_NAME = "trustproof.toml"


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
            if name == FILE_NAME and os.path.islink(path) and not os.path.exists(path):
                raise ConfigError("is a symbolic link to nothing", _shown(path))
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
        text = read_bytes(file).decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError as error:
        raise ConfigError(f"cannot be read: {reason(error)}", file) from None
    except InputError as error:
        raise ConfigError(error.message, file) from None
    except UnicodeDecodeError:
        raise ConfigError("cannot be read: not UTF-8", file) from None
    # Other people's projects have a pyproject.toml too; do not make them pay for, or answer for, a parse.
    if pyproject and "trustproof" not in text:
        return None

    document: object = parse_toml(text, file)
    prefix = ("tool", "trustproof") if pyproject else ()
    for key in prefix:
        if not isinstance(document, dict) or key not in document:
            return None
        document = document[key]
    return ConfigReader(known, file, text, prefix).config(document)

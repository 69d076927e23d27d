"""
Finds and reads the configuration file.
"""

from __future__ import annotations

import os

from trustproof.config.model import Config, Known
from trustproof.config.project_limits import apply_limits
from trustproof.config.reader import ConfigReader
from trustproof.config.toml import line_of, parse_toml
from trustproof.errors import ConfigError, InputError
from trustproof.files import not_utf8, read_bytes, real_path, reason
from trustproof.results.result import BUDGET

FILE_NAME = "trustproof.toml"
#: What a configuration is called, in the order in which one is taken.
CONFIGURATIONS = (FILE_NAME, "pyproject.toml")
#: How many files may extend each other in a row, and how many one may extend in all.
MAX_CHAIN, MAX_EXTENDED = 20, 200


def load_config(
    file: str | None,
    start: str = ".",
    *,
    known: Known,
    top: str | None = None,
    read: dict[str, Config | None] | None = None,
) -> Config:
    """
    Read the configuration of a project.

    The nearest directory from `start` upward that has one wins; a directory has its configuration in one file, or in
    a ``trustproof.toml`` that extends the ``pyproject.toml`` beside it. Where there is none, nothing is declared. What
    those above it have settled (``waivable = false``) holds there too.

    Args:
        file: read this file instead of searching; one named ``pyproject.toml`` is read as that.
        start: the directory to search from.
        known: the properties there are, and their options.
        top: the last directory to be searched; None for that of the file system.
        read: the files that a search has read before, which are not read again.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or has an unknown table, key or value; or a directory has
            two.
    """
    if file is not None:
        pyproject = os.path.basename(file) == "pyproject.toml"
        found = _read_file(file, known, pyproject=pyproject)
        if found is None:
            raise ConfigError("has no [tool.trustproof] table", file)
        return found
    directory, read = os.path.abspath(start), {} if read is None else read
    there: list[Config] = []
    while True:
        own: list[Config] = []
        for name in CONFIGURATIONS:
            path = os.path.join(directory, name)
            if name == FILE_NAME and os.path.islink(path) and not os.path.exists(path):
                raise ConfigError("is a symbolic link to nothing", _shown(path))
            if name == FILE_NAME and os.path.exists(path) and not os.path.isfile(path):
                raise ConfigError("is no regular file", _shown(path))
            if os.path.isfile(path):
                if path not in read:
                    read[path] = _read_file(_shown(path), known, pyproject=name != FILE_NAME)
                if (found := read[path]) is not None:
                    own.append(found)
        beside = real_path(os.path.join(directory, CONFIGURATIONS[1]))
        if len(own) > 1 and beside not in map(real_path, own[0].extends):
            # Whoever adds a file must not take the place of what others have declared without a word.
            raise ConfigError(
                f"is a second configuration beside [tool.trustproof] of {CONFIGURATIONS[1]}; "
                f'remove one of them, or say extends = ["{CONFIGURATIONS[1]}"]',
                _shown(os.path.join(directory, FILE_NAME)),
            )
        there += own[:1]
        parent = os.path.dirname(directory)
        if directory in (parent, top):
            break
        directory = parent
    whole = there.pop() if there else Config()
    for nearer in reversed(there):
        whole = apply_limits(nearer, whole)
    return whole._replace(is_nearest=True)


def _shown(path: str) -> str:
    """The path as a person in the working directory would write it."""
    here = os.getcwd() + os.sep
    return path.removeprefix(here)


class _Extended:
    """
    The files that one file extends, at any depth: each is read once, however many others extend it.
    """

    def __init__(self) -> None:
        #: The real paths of the files that are being read, each of which extends the next one.
        self.open: list[str] = []
        #: By real path.
        self.read: dict[str, Config] = {}


def _read_file(file: str, known: Known, *, pyproject: bool, extended: _Extended | None = None) -> Config | None:
    """
    The configuration in a file, on top of those that it extends; None for a ``pyproject.toml`` without a table of ours.
    """
    try:
        text = read_bytes(file).decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError as error:
        raise ConfigError(f"cannot be read: {reason(error)}", file) from None
    except InputError as error:
        raise ConfigError(error.message, file) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"cannot be read: {not_utf8(error)}", file) from None
    # Other people's projects have a pyproject.toml too; do not make them pay for, or answer for, a parse.
    if pyproject and "trustproof" not in text:
        return None

    document: object = parse_toml(text, file)
    prefix = ("tool", "trustproof") if pyproject else ()
    for key in prefix:
        if not isinstance(document, dict) or key not in document:
            return None
        document = document[key]
    own = ConfigReader(known, file, text, prefix).config(document)
    return _on_its_bases(own, file, text, known, extended or _Extended()) if own.extends else own


def _on_its_bases(own: Config, file: str, text: str, known: Known, extended: _Extended) -> Config:
    """The configuration of a file, on top of those that it extends: a later one wins over an earlier one."""
    whole, files = Config(), list[str]()
    line = line_of(text, ("extends",))
    if len(extended.open) >= MAX_CHAIN:
        raise ConfigError(f"{BUDGET}: files that extend each other in a row ({MAX_CHAIN})", file, line)
    extended.open.append(real_path(file))
    for name in own.extends:
        path = os.path.normpath(os.path.join(os.path.dirname(file), name))
        if real_path(path) in extended.open:
            raise ConfigError(f"extends itself, by {name}", file, line)
        if not os.path.isfile(path):
            raise ConfigError(f"extends {name}, which is no file", file, line)
        base = _base(path, known, extended)
        if base is None:
            raise ConfigError(f"extends {name}, which has no [tool.trustproof] table", file, line)
        if len(extended.read) > MAX_EXTENDED:
            raise ConfigError(f"{BUDGET}: files that a configuration extends ({MAX_EXTENDED})", file, line)
        files += (*base.extends, path)
        whole = whole.extended(base)
    extended.open.pop()
    return whole.extended(own)._replace(extends=tuple(dict.fromkeys(files)))


def _base(path: str, known: Known, extended: _Extended) -> Config | None:
    real = real_path(path)
    if real not in extended.read:
        found = _read_file(path, known, pyproject=os.path.basename(path) == "pyproject.toml", extended=extended)
        if found is None:
            return None
        extended.read[real] = found
    return extended.read[real]

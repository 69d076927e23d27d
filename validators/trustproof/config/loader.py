"""
Finds and reads the configuration file.
"""

from __future__ import annotations

import os

from trustproof.config.extended_files import ConfigFile, OrderError, merge_files, order_of
from trustproof.config.model import Config, Known
from trustproof.config.project_limits import apply_limits
from trustproof.config.reader import ConfigReader
from trustproof.config.toml import KeyPath, line_of, parse_toml
from trustproof.errors import ConfigError, InputError, reason
from trustproof.files.paths import real_path
from trustproof.files.read import not_utf8, read_bytes
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
        read: what a search has found before in each directory, in which none looks again.

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
        if directory not in read:
            read[directory] = _configuration_in(directory, known)
        if (found := read[directory]) is not None:
            there.append(found)
        parent = os.path.dirname(directory)
        if directory in (parent, top):
            break
        directory = parent
    whole = there.pop() if there else Config()
    for nearer in reversed(there):
        whole = apply_limits(nearer, whole)
    return whole._replace(is_nearest=True)


def _configuration_in(directory: str, known: Known) -> Config | None:
    """The configuration in a directory; None where it has none."""
    own: list[Config] = []
    for name in CONFIGURATIONS:
        path = os.path.join(directory, name)
        if name == FILE_NAME and os.path.islink(path) and not os.path.exists(path):
            raise ConfigError("is a symbolic link to nothing", _shown(path))
        if name == FILE_NAME and os.path.exists(path) and not os.path.isfile(path):
            raise ConfigError("is no regular file", _shown(path))
        if os.path.isfile(path) and (found := _read_file(_shown(path), known, pyproject=name != FILE_NAME)) is not None:
            own.append(found)
    if len(own) > 1 and real_path(os.path.join(directory, CONFIGURATIONS[1])) not in map(real_path, own[0].extends):
        # Whoever adds a file must not take the place of what others have declared without a word.
        raise ConfigError(
            f"is a second configuration beside [tool.trustproof] of {CONFIGURATIONS[1]}; "
            f'remove one of them, or say extends = ["{CONFIGURATIONS[1]}"]',
            _shown(os.path.join(directory, FILE_NAME)),
        )
    return own[0] if own else None


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
        self.read: dict[str, ConfigFile] = {}


def _read_file(file: str, known: Known, *, pyproject: bool) -> Config | None:
    """
    The configuration in a file, on top of those that it extends; None for a ``pyproject.toml`` without a table of ours.
    """
    extended = _Extended()
    found = _read(file, known, extended, pyproject=pyproject)
    if found is None:
        return None
    files = [extended.read[path] for path in found.order[:-1]]
    return merge_files([*files, found])._replace(extends=tuple(one.name for one in files))


def _read(file: str, known: Known, extended: _Extended, *, pyproject: bool) -> ConfigFile | None:
    """A file by itself, after those that it extends."""
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

    def line(keys: KeyPath) -> int | None:
        return line_of(text, (*prefix, *keys))

    return ConfigFile(file, own, _order(own, file, line(("extends",)), known, extended), line)


def _order(own: Config, file: str, line: int | None, known: Known, extended: _Extended) -> tuple[str, ...]:
    """The files on top of which a file stands, after each has been read."""
    real = real_path(file)
    if len(extended.open) >= MAX_CHAIN and own.extends:
        raise ConfigError(f"{BUDGET}: files that extend each other in a row ({MAX_CHAIN})", file, line)
    extended.open.append(real)
    bases: dict[str, None] = {}
    for name in own.extends:
        path = os.path.normpath(os.path.join(os.path.dirname(file), name))
        base = real_path(path)
        if base in extended.open:
            raise ConfigError(f"extends itself, by {name}", file, line)
        if not os.path.isfile(path):
            raise ConfigError(f"extends {name}, which is no file", file, line)
        if base not in extended.read:
            found = _read(path, known, extended, pyproject=os.path.basename(path) == "pyproject.toml")
            if found is None:
                raise ConfigError(f"extends {name}, which has no [tool.trustproof] table", file, line)
            extended.read[base] = found
        if len(extended.read) > MAX_EXTENDED:
            raise ConfigError(f"{BUDGET}: files that a configuration extends ({MAX_EXTENDED})", file, line)
        bases[base] = None
    extended.open.pop()
    try:
        return order_of(real, tuple(bases), {base: extended.read[base].order for base in bases})
    except OrderError as error:
        first, second = (extended.read[one].name for one in error.pair)
        said = f"extends {first} and {second} in two orders, by the lists of what it extends: a later one wins"
        raise ConfigError(f"{said}, so list them in one order everywhere", file, line) from None

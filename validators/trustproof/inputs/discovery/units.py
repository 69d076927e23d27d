"""
What there is to read, one at a time.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from trustproof.errors import InputError, PolicySyntaxError
from trustproof.files.paths import is_possible, place_of
from trustproof.files.read import is_stream
from trustproof.inputs.assembly.cdk_assembly import StackArtifact
from trustproof.inputs.nested_stacks.composition import Share, shares
from trustproof.inputs.nested_stacks.files import StackNesting
from trustproof.inputs.walk import PassedOver
from trustproof.model.policy import Path


class SkippedPath(NamedTuple):
    """A file in a directory that is no template, and why."""

    path: str
    reason: str


class Unit(NamedTuple):
    """
    What is read in one go, and has not been read yet: a file, or a stack of an assembly with those nested in it.
    """

    #: The directory that was named; empty for a file that was named itself.
    directory: str
    #: Empty at the end of a directory, where nothing is left to read.
    file: str = ""
    stack: StackArtifact | None = None
    #: Why there is nothing to read.
    error: InputError | None = None
    #: A template that a program has given, and not a file's.
    content: Mapping[str, object] | None = None
    #: What is not looked into.
    passed_over: PassedOver | None = None
    inside: Mapping[str, str] = {}  #: The real paths of the files nested in this one, to what the user calls them.
    is_nested: bool = False  #: Whether it is read with the file that it is nested in.
    #: What the user calls those of the files inside that nobody else reads: to be read by themselves if this one's
    #: nested stacks turn out to be made of others.
    left_to_it: tuple[str, ...] = ()
    share: Share = Share()  #: What the stacks nested in it may cost.
    #: What each part of the work on it may cost from the first; 0 for what all of its run may.
    units: int = 0
    #: Whether it is a directory with a root module of Terraform's.
    is_configuration: bool = False
    roots: int = 1  #: How many of these the run has, which share what they may cost.
    #: Regular expressions for the names of files that it may read, as policies.
    may_read: frozenset[str] = frozenset()

    @property
    def is_end(self) -> bool:
        """Whether it only says that a directory is at its end."""
        return not self.file and self.passed_over is None

    @property
    def is_plain_file(self) -> bool:
        """Whether it is a file of its own that can be read."""
        other = (self.stack, self.error, self.content is not None, self.passed_over, self.is_configuration)
        return self.file != "" and not any(other) and not is_stream(self.file)


def named_file(path: str) -> Unit:
    """The file that a user has named."""
    # What has no name is the end of a directory.
    if not path:
        return Unit("", "''", error=InputError("an empty path names no file or directory"))
    if not is_possible(path):
        return Unit("", path, error=InputError("cannot be read: no file has such a name", path))
    if not is_stream(path) and not os.path.lexists(path):
        return Unit("", path, error=InputError(f"cannot be read: {os.strerror(errno.ENOENT).lower()}", path))
    return Unit("", path)


#: A file or a configuration: its real path, whether it is the latter, and which stack is made of it.
_Key: TypeAlias = "tuple[str, bool, tuple[object, ...]]"


class UnitsOnce(NamedTuple):
    """
    What there is to read, and nothing twice.
    """

    units: list[Unit]
    #: Other names of files that are among them, each with the name that is.
    other_names: tuple[tuple[str, str], ...]


def once(units: Sequence[Unit]) -> UnitsOnce:
    """
    The same, and nothing twice that was named by two paths: a stack rather than its file, which does not say where it
    goes, else the file by its own name and not by that of a symbolic link, else what was named first. Several stacks
    that are made of one file are each judged.
    """
    keys = [_key(unit) for unit in units]
    are_stacks = {key[0] for key, unit in zip(keys, units, strict=True) if key is not None and unit.stack}
    kept: dict[_Key, int] = {}
    for number, (key, unit) in enumerate(zip(keys, units, strict=True)):
        if key is not None and (key not in kept or _is_nearer(unit.file, units[kept[key]].file, key[0])):
            kept[key] = number
    out: list[Unit] = []
    elsewhere: set[str] = set()
    other_names: list[tuple[str, str]] = []
    for number, (key, unit) in enumerate(zip(keys, units, strict=True)):
        if key is not None and key[1:] == (False, ()) and key[0] in are_stacks:
            elsewhere.add(unit.directory)
        elif key is not None and kept[key] != number:
            elsewhere.add(unit.directory)
            other_names.append((unit.file, units[kept[key]].file))
        elif unit.is_end and unit.directory in elsewhere:
            # It has something, though that is read as another one's.
            out.append(unit._replace(is_nested=True))
        else:
            out.append(unit)
    return UnitsOnce(out, tuple(other_names))


def _is_nearer(file: str, other: str, real: str) -> bool:
    """Whether one of two names of a file is its own, or at least no link, and the other is not."""
    mine, its = ((os.path.abspath(name) == real, not os.path.islink(name)) for name in (file, other))
    return mine > its


def _key(unit: Unit) -> _Key | None:
    """What tells a file or a configuration apart from all others; None for what is no file."""
    if not unit.file or unit.content is not None or unit.passed_over is not None or is_stream(unit.file):
        return None
    return place_of(unit.file), unit.is_configuration, unit.stack.deployment if unit.stack else ()


def with_nesting(units: Sequence[Unit], given: Mapping[str, str]) -> Iterator[Unit]:
    """
    All there is to read in a run, with what of it is nested in what.

    Args:
        given: parameters that the user has given a value.
    """
    nesting = StackNesting([unit.file for unit in units if unit.is_plain_file], given)
    parts = _parts_of_configurations(units)
    found: list[Unit] = []
    for unit in units:
        inside, nested = nesting.of(unit.file) if unit.is_plain_file else (unit.inside, unit.is_nested)
        nested = nested or place_of(unit.file) in parts
        inside = {**inside, **{real: file for real, (file, of) in parts.items() if of is unit}}
        found.append(unit._replace(inside=inside, is_nested=nested))
    roots = sum(1 for unit in found if unit.is_configuration)
    left = {place_of(unit.file): unit.file for unit in found if unit.is_nested and unit.file}
    for unit, share in zip(found, shares([() if one.is_nested else one.inside for one in found]), strict=True):
        own = () if unit.is_nested else tuple(left.pop(real) for real in unit.inside if real in left)
        yield unit._replace(share=share, left_to_it=own, roots=roots)


def _parts_of_configurations(units: Sequence[Unit]) -> dict[str, tuple[str, Unit]]:
    """
    The real paths of the files that configurations may be made of, each with what the user calls it, and with the
    configuration that is asked first: one around the file.
    """
    found: dict[str, tuple[str, Unit]] = {}
    for directory in dict.fromkeys(unit.directory for unit in units if unit.may_read):
        roots = [unit for unit in units if unit.directory == directory and unit.is_configuration]
        is_named = re.compile("|".join(sorted(roots[0].may_read)))
        for unit in units:
            if unit.is_plain_file and unit.directory == directory and is_named.fullmatch(os.path.basename(unit.file)):
                around = [one for one in roots if unit.file.startswith(os.path.join(one.file, ""))]
                found[place_of(unit.file)] = unit.file, max(around or roots[:1], key=lambda one: len(one.file))
    return found


class ReadTemplate(NamedTuple):
    """
    What is to be known of a template that was read elsewhere.
    """

    parameter_names: frozenset[str]
    errors: tuple[PolicySyntaxError, ...]
    #: See `Input.waivers`.
    waivers: tuple[tuple[Path, object], ...] = ()

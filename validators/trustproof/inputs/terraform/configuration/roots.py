"""
Which directories are root modules: those that no other one calls.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.files.paths import real_path
from trustproof.inputs.terraform.configuration.modules.files import DiskFiles, RefusedFile
from trustproof.inputs.terraform.configuration.modules.modules import LOCAL, Loader, source_of, source_text
from trustproof.inputs.terraform.configuration.reading import configuration
from trustproof.inputs.terraform.configuration.syntax import json_syntax, syntax
from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.snapshots.source_names import is_override, source_names

#: Below a root module, what stands in them is not part of it.
_NOT_PART = frozenset(("example", "examples", "test", "tests"))
#: What every call of a local module has, and few other files.
_CALL = re.compile(rb"""source"?\s*[=:]\s*"\.\.?[/\\]""")


#: One with a part that has to be evaluated: https://opentofu.org/docs/language/modules/sources/
_COMPUTED = re.compile(rb"""source"?\s*[=:]\s*(?:"[^"\n]*\$\{|[a-z])""")


class Values(NamedTuple):
    """
    What a user gives to the variables of root modules.
    """

    #: By name, without ``var.``.
    given: Mapping[str, str] = {}
    var_files: Sequence[str] = ()


class SourceDirectories(NamedTuple):
    """
    The directories of sources below one that was named.
    """

    #: Those that are called by no other one, in order.
    roots: tuple[str, ...]
    #: Those that are left out, and why: nothing of them is judged.
    aside: tuple[tuple[str, str], ...]


def root_modules(named: str, directories: Sequence[str], values: Values | None = None) -> SourceDirectories:
    """
    The directories that are called by no other one, in order; also not where the source of the call has to be
    evaluated.

    Directories whose names begin with a dot are left out, and below another module those with examples and tests.

    Args:
        named: the directory that was named.
        directories: those at and below it that hold sources, as the user would call them.
        values: of variables, which sources may be made of.
    """
    left_out = {one: why for one in sorted(directories) if (why := _aside(one, named, directories)) is not None}
    found = [directory for directory in sorted(directories) if directory not in left_out]
    files = DiskFiles(named)
    real = {directory: real_path(directory or ".") for directory in found}
    calls = {real[one]: {*map(real_path, _targets(files, one))} - {real[one]} for one in found}
    called = set[str]().union(*calls.values())
    roots = [directory for directory in found if real[directory] not in called]
    reached = _reached([real[root] for root in roots], calls)
    for directory in found:
        # Modules that call each other in a circle are called by nobody else.
        if real[directory] not in reached:
            roots.append(directory)
            reached |= _reached([real[directory]], calls)
    for directory in roots[:] if any(_computes(files, one) for one in found) else ():
        if directory in roots:
            called = {*_evaluated(directory, named, values or Values(), len(roots))} - {real[directory]}
            roots = [one for one in roots if real[one] not in called]
            reached |= called
    # What somebody calls is read as a part of the caller, wherever it is.
    aside = dict(why for one, why in left_out.items() if real_path(one or ".") not in reached)
    return SourceDirectories(tuple(sorted(roots)), tuple(aside.items()))


def _reached(roots: Sequence[str], calls: Mapping[str, set[str]]) -> set[str]:
    """What is called by some directories, by what these call and so on, and they themselves."""
    found: set[str] = set()
    waiting = [*roots]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += calls.get(one, ())
    return found


def _computes(files: DiskFiles, directory: str) -> bool:
    """Whether a directory may call a module whose source has to be evaluated."""
    return any(_COMPUTED.search(content) for content in _contents(files, directory))


def _evaluated(root: str, named: str, values: Values, roots: int) -> list[str]:
    """The real paths of the modules that a root module calls, as it is evaluated; none where it cannot be read."""
    try:
        loader = Loader(DiskFiles(named), goes_on=True)
        read = configuration(root, values.given, var_files=values.var_files, loader=loader, roots=roots)
        return [real_path(one) for one in read.called()]
    except InputError:
        # Whoever reads it says so.
        return []


def _aside(directory: str, named: str, directories: Sequence[str]) -> tuple[str, str] | None:
    """The outermost directory that is left out with a directory that is, and why; None for one that is not."""
    steps = os.path.relpath(directory, named).split(os.sep)
    for number, step in enumerate(steps):
        here = os.path.join(named, *steps[: number + 1])
        if step.startswith(".") and step not in (os.curdir, os.pardir):
            return here, "a hidden directory with sources of Terraform"
        if step in _NOT_PART and any(os.path.join(named, *steps[:end]) in directories for end in range(number + 1)):
            return here, "it is no part of the Terraform module beside it"
    return None


def _targets(files: DiskFiles, directory: str) -> Iterator[str]:
    """The directories that are called by one."""
    for source in _local_calls(files, directory):
        yield os.path.join(directory, source)


def _contents(files: DiskFiles, directory: str) -> Iterator[bytes]:
    """The contents of the sources in a directory, but for those that cannot be read."""
    for name in source_names(files.names(directory or ".") or ()):
        try:
            yield source_text(files, os.path.join(directory, name)).content
        except (InputError, RefusedFile):
            continue


def _local_calls(files: DiskFiles, directory: str) -> Iterator[str]:
    """
    The sources of the local modules that a directory calls, but for those that an override file puts another one in
    the place of. A file that is malformed calls none: whoever reads it says so.
    """
    found: list[Block] = []
    for name in source_names(files.names(directory or ".") or ()):
        try:
            source = source_text(files, os.path.join(directory, name))
            if _CALL.search(source.content) is None and not is_override(name):
                continue
            body = json_syntax.parse(source) if name.endswith(".json") else syntax.parse(source)
            calls = [one for one in body.blocks() if one.type == "module" and one.body.argument("source") is not None]
        except (InputError, RefusedFile):
            continue
        if is_override(name):
            changed = [*map(_called, calls)]
            found = [one for one in found if _called(one) not in changed]
        found += calls
    return (called for one in found if (called := source_of(one)) is not None and called.startswith(LOCAL))


def _called(call: Block) -> str:
    return "".join(call.labels)

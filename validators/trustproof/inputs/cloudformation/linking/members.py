"""
The templates of a run that speak of others, which of them are one, and what they are called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os.path import basename, dirname
from typing import NamedTuple

from trustproof.files.paths import real_path
from trustproof.inputs.cloudformation.template import Origin
from trustproof.inputs.cloudformation.values.symbols import Symbols
from trustproof.inputs.reader import Number

#: Endings of file names that say nothing.
_ENDINGS = (".template.json", ".template.yaml", ".json", ".yaml", ".yml", ".template")
#: What begins and ends what another tool, or a function, replaces in a text.
_OF_PLACEHOLDERS = str.maketrans("", "", "<>{}$%")


class Member(NamedTuple):
    """
    A template of the run.
    """

    #: Its place among the templates of the run.
    at: int
    number: Number
    names: Symbols
    origin: Origin
    #: Whether what it holds may be changed by what is not known here: then nobody else builds on it.
    in_doubt: bool
    #: What it is called in what others take from it; empty for a name that is made of its stack and its file.
    called: str = ""

    @property
    def account(self) -> str | None:
        """The account it goes to, as far as it is known."""
        return self.origin.deployment.account

    @property
    def region(self) -> str | None:
        """The Region it goes to, as far as it is known."""
        return self.origin.deployment.region


def originals(members: Iterable[Member]) -> dict[int, int]:
    """Each template to the first one that is the same: a file may be named twice, and in an assembly as well."""
    seen: dict[tuple[object, ...], list[Member]] = {}
    out: dict[int, int] = {}
    for member in members:
        origin = member.origin
        same = seen.setdefault((real_path(origin.file), member.account, member.region), [])
        first = next((m for m in same if not origin.stack or m.origin.stack in ("", origin.stack)), member)
        out[member.at] = first.at
        if first is member:
            same.append(member)
    return out


def go_together(first: Member, second: Member) -> bool:
    """
    Whether two stacks of which nobody says the account go to the same one for certain: those that one run of the CDK
    has written beside each other go to that of whoever deploys them.
    """
    stacks = [one.origin for one in (first, second) if one.account is None and one.origin.deployment.stack_name]
    return len(stacks) == 2 and len({dirname(real_path(origin.file)) for origin in stacks}) == 1


def labels(members: Sequence[Member]) -> dict[int, str]:
    """
    What the stacks are called: by their path in an assembly, else by their file; in full where that is not enough.
    """
    out = {member.at: member.called for member in members if member.called}
    for names in (_short, lambda origin: _plain(origin.file), lambda origin: f"{_plain(origin.file)} {origin.stack}"):
        left = [member for member in members if member.at not in out]
        counts: dict[str, int] = {}
        for member in left:
            counts[names(member.origin)] = counts.get(names(member.origin), 0) + 1
        taken = set(out.values())
        for member in left:
            name = names(member.origin)
            if counts[name] == 1 and name not in taken:
                out[member.at] = name
    return {member.at: out.get(member.at, f"{_plain(member.origin.file)} {member.at}") for member in members}


def _short(origin: Origin) -> str:
    if origin.stack:
        return origin.stack
    name = _plain(basename(origin.file))
    ending = next((end for end in _ENDINGS if name.endswith(end)), "")
    return name.removesuffix(ending) or name


def _plain(file: str) -> str:
    """A file's name without what would make a placeholder of it, where it stands in a text (``<template 1>``)."""
    return file.translate(_OF_PLACEHOLDERS)


def by_label(members: Sequence[Member], labels_: Mapping[int, str]) -> dict[str, int]:
    """
    The templates by what they are called; those that are given a name by the path of their stack as well, by which
    others nest them, where no other one has it.
    """
    stacks = [member.origin.stack for member in members]
    found = {
        member.origin.stack: member.at
        for member in members
        if member.called and member.origin.stack and stacks.count(member.origin.stack) == 1
    }
    return {**found, **{label: at for at, label in labels_.items()}}

"""
Reasons in lines: what is said alike of several things is said once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from trustproof.output import humanize

#: What stands for something that another tool puts in its place, and what is said of it.
_LEFT_OVER = re.compile(r"(?P<name>\S+)(?P<said> is left over in a text: .*)", re.DOTALL)
#: A policy that is put on a role of a module which is not at hand, of which a configuration may have many.
_ABOUT_ANYBODY = re.compile(r"whom (?P<name>\S+)(?P<said> is about is not known) \(.*\)(?P<rest>, and .*)", re.DOTALL)
#: So many of these are named.
_NAMED = 3


def in_lines(reasons: Iterable[str]) -> list[str]:
    """
    Reasons, each once.

    >>> in_lines(["${A} is left over in a text: b", "c", "${D} is left over in a text: b"])
    ['${A} and ${D} are left over in texts: b', 'c']
    >>> in_lines([f"whom {name} is about is not known (module.m.role), and it may be anybody" for name in "ab"])
    ['whom a and b are about is not known, and it may be anybody']
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for reason in reasons:
        match = _LEFT_OVER.fullmatch(reason) or _ABOUT_ANYBODY.fullmatch(reason)
        said = found.setdefault(match["said"] + match.groupdict().get("rest", "") if match is not None else reason, [])
        if match is not None and match["name"] not in (name for name, _ in said):
            said.append((match["name"], reason))
    return [_line(said, [name for name, _ in alike], [one for _, one in alike]) for said, alike in found.items()]


def _line(said: str, names: list[str], reasons: list[str]) -> str:
    if len(names) < 2:
        return reasons[0] if reasons else said
    if said.startswith(" is about"):
        return f"whom {humanize.names(names, _NAMED)} are{said.removeprefix(' is')}"
    return f"{humanize.names(names, len(names))} are left over in texts{said.removeprefix(' is left over in a text')}"

"""
Reasons in lines: what is said alike of several things is said once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from trustproof.output import humanize

#: What stands for something that another tool puts in its place, and what is said of it.
_LEFT_OVER = re.compile(r"(\S+) is left over in a text(: .*)", re.DOTALL)


def in_lines(reasons: Iterable[str]) -> list[str]:
    """
    Reasons, each once.

    >>> in_lines(["${A} is left over in a text: b", "c", "${D} is left over in a text: b"])
    ['${A} and ${D} are left over in texts: b', 'c']
    """
    found: dict[str, list[str]] = {}
    for reason in reasons:
        match = _LEFT_OVER.fullmatch(reason)
        said = found.setdefault(match[2] if match is not None else reason, [])
        if match is not None and match[1] not in said:
            said.append(match[1])
    return [_line(reason, names) for reason, names in found.items()]


def _line(reason: str, names: list[str]) -> str:
    if not names:
        return reason
    left = "is left over in a text" if len(names) == 1 else "are left over in texts"
    return f"{humanize.names(names, len(names))} {left}{reason}"

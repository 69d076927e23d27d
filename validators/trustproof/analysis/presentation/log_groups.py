"""
The log groups that a policy is about which is put on none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from trustproof.model.document import Document
from trustproof.model.text import Symbol, Symbolic, Text, concat

#: All log groups, and what stands for a wildcard in the ARN of some of them.
_EVERY = "arn:*:logs:*:*:log-group:*"
_WILD = re.compile(r"([*?])")
_ANYTHING = Symbol("*", "attribute")
#: What stands before the name of a log group in its ARN, which is written with and without a wildcard behind the name:
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
_BEFORE_NAME = ":log-group:"
_STREAMS = ":*"

_Parts = tuple[str | Symbol, ...]


class LogGroups(NamedTuple):
    """What is known of the log groups that a policy is about."""

    arns: tuple[Symbolic, ...] = ()
    names: tuple[Text, ...] = ()


def log_groups(document: Document) -> LogGroups:
    """
    The log groups that a policy is about.

    Returns:
        Their ARNs, whatever stands for a wildcard in them, as the policy says them and as AWS writes them, with a
        wildcard for the streams of a log group and without; and the names in which something is written and no
        wildcard.
    """
    arns: dict[Symbolic, None] = {}
    names: dict[Text, None] = {}
    for statement in document.policy.statements:
        for resource in statement.resources or ():
            parts = resource.parts if isinstance(resource, Symbolic) else (_EVERY if resource == "*" else resource,)
            found = _split(tuple(_with_wildcards(parts)))
            forms = [tuple(_with_wildcards(parts))]
            if found is not None:
                before, name = found
                forms += [(*before, *name), (*before, *name, _STREAMS)]
                if _ANYTHING not in name and any(isinstance(one, str) for one in name):
                    names[concat(one if isinstance(one, str) else Symbolic((one,)) for one in name)] = None
            arns.update((Symbolic(form), None) for form in forms)
    return LogGroups(tuple(arns), tuple(names))


def _with_wildcards(parts: Iterable[str | Symbol]) -> Iterator[str | Symbol]:
    """A text in which anything may stand for a wildcard."""
    pieces = (one for part in parts for one in (_WILD.split(part) if isinstance(part, str) else (part,)))
    return (_ANYTHING if one in ("*", "?") else one for one in pieces if one)


def _split(parts: _Parts) -> tuple[_Parts, _Parts] | None:
    """The ARN of a log group as what stands before its name and that; None where no name is written."""
    for place, part in enumerate(parts):
        if isinstance(part, str) and _BEFORE_NAME in part:
            before, _, rest = part.partition(_BEFORE_NAME)
            return (*parts[:place], before + _BEFORE_NAME), tuple(_up_to_colon((rest, *parts[place + 1 :])))
    return None


def _up_to_colon(parts: Iterable[str | Symbol]) -> Iterator[str | Symbol]:
    """What stands before the first colon of a text."""
    for part in parts:
        piece, colon, _ = part.partition(":") if isinstance(part, str) else (part, "", "")
        if piece:
            yield piece
        if colon:
            return

"""
How deep parts of texts that are filled in stand inside each other, before anything is parsed: for each of them the
parser keeps all that are around it.
"""

from __future__ import annotations

import re

#: How many may stand inside each other: as many expressions may, and few people write three.
MAX_TEMPLATES = 100
#: Comments, and what begins or ends something. A template begins in no code, and the parser takes it for one there.
_CODE = re.compile(rb'(?:#|//)[^\n]*|/\*.*?(?:\*/|\Z)|<<-?(?P<mark>[\w-]+)[^\n]*\n|[$%]?\{|["}]', re.DOTALL)
_IN_TEXT = re.compile(rb'\\.|\$\$\{|%%\{|[$%]\{|"', re.DOTALL)
_QUOTE, _TEMPLATES = b'"', (b"${", b"%{")


def too_deep(content: bytes) -> int | None:
    """Where a template begins that stands in more than `MAX_TEMPLATES`, in bytes; None where none does."""
    if sum(map(content.count, _TEMPLATES)) <= MAX_TEMPLATES:
        return None
    #: What has begun: a text by what it goes on with, code by its brace.
    inside: list[re.Pattern[bytes] | bytes] = []
    depth = at = 0
    while True:
        around = inside[-1] if inside else b""
        is_code = isinstance(around, bytes)
        found = (_CODE if isinstance(around, bytes) else around).search(content, at)
        if found is None:
            return None
        at, token = found.end(), found[0]
        if is_code and found.groupdict().get("mark"):
            inside.append(_heredoc(found["mark"]))
            # An end may stand in its first line.
            at -= 1
        elif is_code and token in (_QUOTE, b"{"):
            inside.append(_IN_TEXT if token == _QUOTE else token)
        elif is_code and token == b"}" and inside:
            depth -= inside.pop() in _TEMPLATES
        elif token in _TEMPLATES:
            inside.append(token)
            depth += 1
            if depth > MAX_TEMPLATES:
                return found.start()
        elif not is_code and (token == _QUOTE or token.startswith(b"\n")):
            inside.pop()


def _heredoc(mark: bytes) -> re.Pattern[bytes]:
    """What begins something in a heredoc, and its end."""
    return re.compile(rb"\$\$\{|%%\{|[$%]\{|\n[ \t]*" + re.escape(mark) + rb"(?=[ \t\r]*(?:\n|\Z))")

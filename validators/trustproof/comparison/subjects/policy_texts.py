"""
Policies that are written as a text, of which a statement has no place of its own in the template.
"""

from __future__ import annotations

import json
from zlib import crc32

from trustproof.inputs.reader import Input
from trustproof.model.policy import Path

#: How many steps lead to the properties of a resource.
_PROPERTIES = 3


def text_around(template: Input, path: Path) -> str:
    """
    What a template has around a statement, with the place in there: of two that are the same, so are the statements.
    Empty where nobody knows it.
    """
    for end in range(len(path) - 1, _PROPERTIES, -1):
        if (written := template.written(path[:end])) is not None:
            return f"{json.dumps(path[end:])} of {json.dumps(written, default=str)}"
    return ""


def mark_of(text: str, side: str) -> str:
    """What tells a text from others, in few words; where it is empty, from everything of the other side."""
    return f"something of its text #{crc32(text.encode()):08x}" if text else f"something of {side}"
